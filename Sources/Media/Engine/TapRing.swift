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
struct TapRing: ~Copyable {
    static let payload = LegReceiver.samplesPerTick
    private let indices: RingIndices
    private let frames: UnsafeMutablePointer<TapFrame>
    private let payloads: UnsafeMutablePointer<UInt8>

    init(capacity: Int) {
        indices = RingIndices(capacity: capacity)
        frames = .allocate(capacity: indices.capacity)
        payloads = .allocate(capacity: indices.capacity * Self.payload)
    }

    deinit {
        frames.deallocate()
        payloads.deallocate()
    }

    var count: Int { indices.count }

    /// Puts a frame in, with its bytes where it is audio; false where there is no room.
    func push(_ frame: TapFrame, payload: UnsafePointer<UInt8>?) -> Bool {
        guard let slot = indices.vacancy(keeping: 0) else { return false }
        (frames + slot).initialize(to: frame)
        if let payload { (payloads + slot * Self.payload).update(from: payload, count: Self.payload) }
        indices.publish()
        return true
    }

    /// The oldest frame and its bytes, valid until `consume`.
    func front() -> (frame: TapFrame, payload: UnsafePointer<UInt8>)? {
        guard let slot = indices.front() else { return nil }
        return (frames[slot], UnsafePointer(payloads + slot * Self.payload))
    }

    func consume() { indices.consume() }
}
