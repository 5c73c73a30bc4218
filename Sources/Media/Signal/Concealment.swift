import CSpanDSP

/// Where a tick's audio came from.
package enum PlayoutKind: UInt8, Sendable {
    case audio
    /// At least half of it was made up.
    case concealed
    case silence
}

/// Packet-loss concealment on linear samples (spandsp's `plc`, after G.711 appendix I: the last pitch period, repeated,
/// fading out over 50 ms and blended into what comes next).
///
/// Noncopyable; allocates in `init` alone; belongs to the media thread.
package struct Concealment: ~Copyable {
    /// Samples of the past that spandsp keeps.
    private static let historyLength = Int(CORRELATION_SPAN + PLC_PITCH_MIN)

    private let state: UnsafeMutablePointer<plc_state_t>
    private let scratch: UnsafeMutablePointer<Int16>
    private var isFilling = false

    package init() {
        state = .allocate(capacity: 1)
        state.initialize(to: plc_state_t())
        plc_init(state)
        scratch = .allocate(capacity: Self.historyLength)
        scratch.initialize(repeating: 0, count: Self.historyLength)
    }

    deinit {
        plc_release(state)
        state.deallocate()
        scratch.deallocate()
    }

    /// Decodes one tick, fills in what was lost, and writes what was made up or blended back into the encoded bytes,
    /// since those are what is recorded.
    /// - Parameters:
    ///   - encoded: 160 bytes as pulled.
    ///   - linear: room for 160 samples.
    package mutating func run(
        _ pulled: Pulled, codec: Codec, encoded: UnsafeMutablePointer<UInt8>, linear: UnsafeMutablePointer<Int16>
    ) -> PlayoutKind {
        if pulled == .audio || pulled == .silence {
            G711.decode(codec, encoded, count: LegReceiver.samplesPerTick, into: linear)
            learn(linear, count: LegReceiver.samplesPerTick, codec: codec, encoded: encoded)
            return pulled == .audio ? .audio : .silence
        }
        let half = LegReceiver.samplesPerTick / 2
        runHalf(pulled.first, codec: codec, encoded: encoded, linear: linear)
        runHalf(pulled.second, codec: codec, encoded: encoded + half, linear: linear + half)
        return .concealed
    }

    /// Forgets what was heard.
    package mutating func reset() {
        state.pointee = plc_state_t()
        plc_init(state)
        isFilling = false
    }

    private mutating func runHalf(
        _ kind: Pulled.Kind, codec: Codec, encoded: UnsafeMutablePointer<UInt8>, linear: UnsafeMutablePointer<Int16>
    ) {
        let count = LegReceiver.samplesPerTick / 2
        guard kind == .lost else {
            G711.decode(codec, encoded, count: count, into: linear)
            return learn(linear, count: count, codec: codec, encoded: encoded)
        }
        if !isFilling { straightenHistory() }
        plc_fillin(state, linear, Int32(count))
        G711.encode(codec, linear, count: count, into: encoded)
        isFilling = true
    }

    /// Turns spandsp's circular history so that it begins at its beginning. spandsp 0.0.6 does the same at the start of
    /// each loss, but copies overlapping memory with `memcpy` for it; with nothing left to turn it does not.
    private mutating func straightenHistory() {
        let length = Self.historyLength
        let start = Int(state.pointee.buf_ptr)
        guard start > 0, start <= length else { return }
        withUnsafeMutablePointer(to: &state.pointee.history) { history in
            history.withMemoryRebound(to: Int16.self, capacity: length) { samples in
                scratch.update(from: samples, count: length)
                samples.update(from: scratch + start, count: length - start)
                (samples + length - start).update(from: scratch, count: start)
            }
        }
        state.pointee.buf_ptr = 0
    }

    /// What is really there goes into the history; behind a loss its beginning is blended.
    private mutating func learn(
        _ linear: UnsafeMutablePointer<Int16>, count: Int, codec: Codec, encoded: UnsafeMutablePointer<UInt8>
    ) {
        plc_rx(state, linear, Int32(count))
        guard isFilling else { return }
        isFilling = false
        G711.encode(codec, linear, count: count, into: encoded)
    }
}
