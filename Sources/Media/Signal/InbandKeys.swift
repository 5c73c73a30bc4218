import CSpanDSP

/// Finds keys pressed as tones within the audio (DTMF, ITU-T Q.23/Q.24), for legs without telephone-event, by spandsp's
/// receiver. Its state is asked after each tick, so that nothing of ours is called back out of C.
///
/// Noncopyable; `init` allocates, everything else belongs to the media thread and does not.
package struct InbandKeys: ~Copyable {
    /// nil where memory ran out: then no keys are found.
    private let state: OpaquePointer?
    private var down: Key?
    private var ticksDown = 0
    /// How long the key has not been heard; a press survives a drop-out of one tick.
    private var ticksGone = 0

    package init() {
        state = dtmf_rx_init(nil, nil, nil)
        setUp()
    }

    deinit { if let state { dtmf_rx_free(state) } }

    /// Takes one tick.
    /// - Parameter concealed: the samples are made up: the receiver's state is held over them instead.
    package mutating func receive(
        _ samples: UnsafePointer<Int16>, count: Int, concealed: Bool, into events: inout ReceiveEventRing
    ) {
        guard let state else { return }
        if concealed {
            dtmf_rx_fillin(state, Int32(count))
        } else {
            dtmf_rx(state, samples, Int32(count))
        }
        var found: CChar = 0
        while dtmf_rx_get(state, &found, 1) == 1 {
            guard let key = Self.key(found) else { continue }
            if let down, down == key, ticksGone == 1 {
                // The same key a moment after it fell out: the press goes on.
                ticksGone = 0
                continue
            }
            release(into: &events)
            down = key
            ticksDown = 0
            ticksGone = 0
            events.append(.keyDown(key, .inBand))
        }
        guard let down else { return }
        let heard = Self.key(CChar(truncatingIfNeeded: dtmf_rx_status(state)))
        if heard == down {
            ticksDown += 1 + ticksGone
            ticksGone = 0
        } else {
            ticksGone += 1
            if ticksGone > 1 { release(into: &events) }
        }
    }

    /// Forgets everything heard.
    package mutating func reset() {
        down = nil
        ticksDown = 0
        ticksGone = 0
        setUp()
    }

    private mutating func release(into events: inout ReceiveEventRing) {
        guard let key = down else { return }
        down = nil
        // The receiver is sure of a key about 20 ms after its beginning, and of its end as much later.
        events.append(.keyUp(key, .inBand, milliseconds: max(1, ticksDown) * 20))
    }

    private func setUp() {
        guard let state else { return }
        dtmf_rx_init(state, nil, nil)
    }

    private static func key(_ code: CChar) -> Key? {
        switch UInt8(bitPattern: code) {
        case let digit where digit >= 0x30 && digit <= 0x39: Key(rawValue: digit - 0x30)
        case 0x2A: Key(rawValue: 10)
        case 0x23: Key(rawValue: 11)
        case let letter where letter >= 0x41 && letter <= 0x44: Key(rawValue: letter - 0x41 + 12)
        default: nil
        }
    }
}
