import Synchronization

/// Chunks that are free, the last given on top; one thread takes, one gives, neither ever waits.
package struct ChunkStack: ~Copyable {
    private static let none = UInt32.max
    private let memory: UnsafeMutableRawPointer
    /// The chunk on top.
    private let top: UnsafeMutablePointer<Atomic<UInt32>>
    /// Chunks taken for the first time so far; written by the taker alone.
    private let used: UnsafeMutablePointer<Atomic<UInt32>>
    /// Below each chunk of the stack.
    private let below: UnsafeMutablePointer<UInt32>
    private let count: UInt32

    /// - Parameter count: how many chunks there are, all free.
    package init(count: Int) {
        self.count = UInt32(count)
        memory = .allocate(byteCount: 256, alignment: 128)
        top = memory.bindMemory(to: Atomic<UInt32>.self, capacity: 1)
        used = (memory + 128).bindMemory(to: Atomic<UInt32>.self, capacity: 1)
        top.initialize(to: Atomic(Self.none))
        used.initialize(to: Atomic(0))
        below = .allocate(capacity: count)
    }

    deinit {
        memory.deallocate()
        below.deallocate()
    }

    /// Chunks that were taken at some time.
    package var touched: Int { Int(used.pointee.load(ordering: .relaxed)) }

    /// Nil where all are in use.
    package func take() -> UInt32? {
        var head = top.pointee.load(ordering: .acquiring)
        // Nobody else takes: a chunk that is seen on top stays in the stack until this thread takes it, whatever is put
        // upon it meanwhile.
        while head != Self.none {
            let (isTaken, now) = top.pointee.compareExchange(
                expected: head, desired: below[Int(head)], successOrdering: .acquiring, failureOrdering: .acquiring)
            if isTaken { return head }
            head = now
        }
        let fresh = used.pointee.load(ordering: .relaxed)
        guard fresh < count else { return nil }
        used.pointee.store(fresh + 1, ordering: .relaxed)
        return fresh
    }

    /// A chunk that was taken is free again.
    package func give(_ chunk: UInt32) {
        var head = top.pointee.load(ordering: .relaxed)
        while true {
            below[Int(chunk)] = head
            let (isGiven, now) = top.pointee.compareExchange(
                expected: head, desired: chunk, successOrdering: .releasing, failureOrdering: .relaxed)
            if isGiven { return }
            head = now
        }
    }
}
