import Synchronization

/// The two indices of a bounded queue between one producing and one consuming thread. Each side writes only its own
/// index; neither ever waits.
struct RingIndices: ~Copyable {
    /// A power of two.
    let capacity: Int
    // Each index has a cache line (and its prefetched neighbour) to itself: the sides do not take it from each other.
    private let memory: UnsafeMutableRawPointer
    private let head: UnsafeMutablePointer<Atomic<Int>>
    private let tail: UnsafeMutablePointer<Atomic<Int>>
    private static let line = 128

    /// - Parameter capacity: rounded up to a power of two.
    init(capacity: Int) {
        var size = 2
        while size < capacity { size *= 2 }
        self.capacity = size
        memory = .allocate(byteCount: 2 * Self.line, alignment: Self.line)
        head = memory.bindMemory(to: Atomic<Int>.self, capacity: 1)
        tail = (memory + Self.line).bindMemory(to: Atomic<Int>.self, capacity: 1)
        head.initialize(to: Atomic(0))
        tail.initialize(to: Atomic(0))
    }

    deinit { memory.deallocate() }

    /// How many elements there are, or a moment ago were.
    var count: Int {
        tail.pointee.load(ordering: .acquiring) &- head.pointee.load(ordering: .acquiring)
    }

    /// The slot that the producer may fill, where at least `reserve` + 1 are free; nil where not.
    func vacancy(keeping reserve: Int) -> Int? {
        let tail = tail.pointee.load(ordering: .relaxed)
        let used = tail &- head.pointee.load(ordering: .acquiring)
        return used &+ reserve < capacity ? tail & (capacity - 1) : nil
    }

    /// The producer's slot is filled.
    func publish() {
        tail.pointee.store(tail.pointee.load(ordering: .relaxed) &+ 1, ordering: .releasing)
    }

    /// The slot that the consumer may read; nil where there is none.
    func front() -> Int? {
        let head = head.pointee.load(ordering: .relaxed)
        return head == tail.pointee.load(ordering: .acquiring) ? nil : head & (capacity - 1)
    }

    /// The consumer's slot is read.
    func consume() {
        head.pointee.store(head.pointee.load(ordering: .relaxed) &+ 1, ordering: .releasing)
    }
}

/// A bounded queue of plain values between one producing and one consuming thread; several producers guard themselves
/// with a lock of their own.
struct Ring<Element>: ~Copyable {
    private let indices: RingIndices
    private let slots: UnsafeMutablePointer<Element>

    /// - Parameter capacity: rounded up to a power of two.
    init(capacity: Int) {
        indices = RingIndices(capacity: capacity)
        slots = .allocate(capacity: indices.capacity)
    }

    // What is left within is plain values: nothing to release.
    deinit { slots.deallocate() }

    var capacity: Int { indices.capacity }
    var count: Int { indices.count }

    /// Whether the producer's next push finds room.
    var hasRoom: Bool { indices.vacancy(keeping: 0) != nil }

    /// Puts one in; false where fewer than `reserve` + 1 slots are free.
    func push(_ element: Element, keeping reserve: Int = 0) -> Bool {
        guard let slot = indices.vacancy(keeping: reserve) else { return false }
        (slots + slot).initialize(to: element)
        indices.publish()
        return true
    }

    /// Takes the oldest; nil where there is none.
    func pop() -> Element? {
        guard let slot = indices.front() else { return nil }
        let element = slots[slot]
        indices.consume()
        return element
    }
}
