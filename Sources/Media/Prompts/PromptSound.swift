/// One prompt's audio in both laws of G.711. Immutable: who replaces a prompt makes another, and whoever plays this one
/// holds it until they are done. Never made or let go on the media thread.
final class PromptSound: Sendable {
    /// What the media thread reads: pointers without a reference count. Whoever holds it keeps the sound alive longer.
    struct View: Sendable {
        // Written once in `init`, before any other thread can see them, and only read from then on.
        nonisolated(unsafe) fileprivate let aLaw: UnsafePointer<UInt8>
        nonisolated(unsafe) fileprivate let uLaw: UnsafePointer<UInt8>
        /// Bytes in each law: samples.
        let count: Int

        /// Neither allocates nor waits.
        func bytes(_ codec: Codec) -> UnsafePointer<UInt8> { codec == .pcma ? aLaw : uLaw }
    }

    let view: View
    // As in the view.
    nonisolated(unsafe) private let memory: UnsafeMutablePointer<UInt8>

    /// - Parameter samples: 8,000 a second.
    init(encoding samples: [Int16]) {
        let count = samples.count
        memory = .allocate(capacity: max(1, 2 * count))
        for (index, sample) in samples.enumerated() {
            (memory + index).initialize(to: G711.aLaw(sample))
            (memory + count + index).initialize(to: G711.uLaw(sample))
        }
        view = View(aLaw: UnsafePointer(memory), uLaw: UnsafePointer(memory + count), count: count)
    }

    deinit { memory.deallocate() }

    /// The bytes in a law, copied.
    func copied(_ codec: Codec) -> [UInt8] {
        Array(UnsafeBufferPointer(start: view.bytes(codec), count: view.count))
    }
}
