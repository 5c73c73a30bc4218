import Calls

/// What the media thread hands to the audio log's writer; audio has 160 bytes beside it.
struct TapFrame {
    enum Kind: UInt8 {
        /// The recording begins; `position` is 0, `at` its first sample's moment.
        case start
        /// 20 ms of one channel.
        case audio
        /// The recording is over; `position` is its length.
        case end
    }
    var kind: Kind
    /// Which of the recording's channels, counted as they were given.
    var channel: UInt8 = 0
    var codec: UInt8 = 0
    /// `AudioLogBlock.Flags`.
    var flags: UInt8 = 0
    var recording: RecordingPointer
    /// 1/48,000 s.
    var position: Int64
    var at = Instant(wall: 0, mono: 0)
}

/// The bounded queue of frames between the media thread and the audio log's writer; bytes are copied once, in place.
///
/// Frames lie in chunks, and the chunk that the writer was done with last is the next to be filled: what is touched is what
/// waits, and not, round by round, all the room that there is for a slow disk.
struct TapRing: ~Copyable {
    static let payload = LegReceiver.samplesPerTick
    /// Frames of a chunk, a power of two; 50 KiB.
    static let chunk = 256
    private let indices: RingIndices
    private let chunks: ChunkStack
    /// Which chunk holds the slots of an index of `chunk` slots: written by the producer before the first of them is
    /// published, read by the consumer after.
    private let places: UnsafeMutablePointer<UInt32>
    private let frames: UnsafeMutablePointer<TapFrame>
    private let payloads: UnsafeMutablePointer<UInt8>
    /// Frames that may wait.
    private let limit: Int
    /// What all rings of an engine may hold together; nil where there is one.
    private let budget: TapBudget?

    /// - Parameters:
    ///   - capacity: frames that may wait; rounded up to a power of two.
    ///   - budget: outlives this value.
    init(capacity: Int, budget: TapBudget? = nil) {
        self.budget = budget
        var limit = 2
        while limit < capacity { limit *= 2 }
        self.limit = limit
        // A round longer than what may wait by a chunk at least: the place of a chunk that is still read is never written.
        indices = RingIndices(capacity: max(limit, Self.chunk) + Self.chunk)
        // What waits may begin and end within chunks.
        let count = limit / Self.chunk + 2
        chunks = ChunkStack(count: count)
        places = .allocate(capacity: indices.capacity / Self.chunk)
        frames = .allocate(capacity: count * Self.chunk)
        payloads = .allocate(capacity: count * Self.chunk * Self.payload)
    }

    deinit {
        places.deallocate()
        frames.deallocate()
        payloads.deallocate()
    }

    var count: Int { indices.count }

    /// Bytes that held frames at some time: what the queue takes of memory.
    var touchedBytes: Int { chunks.touched * Self.chunk * (Self.payload + MemoryLayout<TapFrame>.stride) }

    /// Puts a frame in, with its bytes where it is audio; false where there is no room.
    func push(_ frame: TapFrame, payload: UnsafePointer<UInt8>?) -> Bool {
        guard let slot = indices.vacancy(keeping: indices.capacity - limit) else { return false }
        if slot & (Self.chunk - 1) == 0 {
            if let budget, !budget.take() { return false }
            guard let chunk = chunks.take() else {
                budget?.giveBack()
                return false
            }
            places[slot / Self.chunk] = chunk
        }
        let place = place(of: slot)
        (frames + place).initialize(to: frame)
        if let payload { (payloads + place * Self.payload).update(from: payload, count: Self.payload) }
        indices.publish()
        return true
    }

    /// The oldest frame and its bytes, valid until `consume`.
    func front() -> (frame: TapFrame, payload: UnsafePointer<UInt8>)? {
        guard let slot = indices.front() else { return nil }
        let place = place(of: slot)
        return (frames[place], UnsafePointer(payloads + place * Self.payload))
    }

    /// The oldest frame is done with; there is one.
    func consume() {
        guard let slot = indices.front() else { return }
        if slot & (Self.chunk - 1) == Self.chunk - 1 {
            chunks.give(places[slot / Self.chunk])
            budget?.giveBack()
        }
        indices.consume()
    }

    private func place(of slot: Int) -> Int { Int(places[slot / Self.chunk]) * Self.chunk + slot % Self.chunk }
}
