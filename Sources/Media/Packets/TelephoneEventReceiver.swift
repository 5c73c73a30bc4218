/// Turns RFC 4733 telephone-event packets into keys: each press once, whatever is lost, repeated or reordered.
///
/// A press is known by its RTP timestamp, which all its packets share, so neither marker bit nor end bit has to
/// arrive. Packets are one press also where
/// - a long event goes on in a new segment, whose timestamp follows on (§2.5.1.3),
/// - a sender lets the timestamp run with each packet (not allowed, and seen): it stays within what was reported.
/// A press ends with the end bit, with the next press, or 200 ms after its last packet.
///
/// A value; belongs to the media thread; no allocation.
package struct TelephoneEventReceiver: Sendable {
    /// A press without packets for so long has ended, nanoseconds. RFC 4733 §2.5.1.2 has an update every 50 ms or less.
    package static let timeout: Int64 = 200_000_000
    /// Between two presses lie at least 40 ms; half of it divides a press that goes on from a new one (8 kHz units).
    private static let bridge: Int64 = 160
    /// A whole press that comes behind a later one still counts within this (2 s); older ones are another clock's.
    private static let reach: Int64 = 16_000
    /// More reports in one packet than a sender would ever pack (§2.5.1.5); the rest is passed over.
    private static let reportsPerPacket = 8

    private struct Press {
        var key: Key
        /// The timestamp of its first packet, and of its newest segment.
        var first: UInt32
        var segment: UInt32
        /// What all segments before the newest lasted, timestamp units.
        var before: Int64 = 0
        /// The newest segment's reported duration.
        var duration: Int64
        var sequence: Int64
        var at: Int64
        var isDown: Bool
        /// Ended by time-out, so that a segment that comes late still belongs to it.
        var timedOut = false

        var units: Int64 { before + duration }
    }

    private var current: Press?
    /// Presses that are over, so that stragglers are known. The newest replaces the oldest.
    private var past = (Press?.none, Press?.none, Press?.none, Press?.none)
    private var pastIndex = 0
    private var isRestarted = false
    /// Event codes above 15 (flash, tones), passed over.
    package private(set) var ignored: UInt64 = 0

    package init() {}

    /// Takes one packet's payload.
    /// - Parameters:
    ///   - sequence: extended; duplicates may come.
    ///   - at: its arrival, nanoseconds.
    /// - Returns: false where the payload is not telephone-event's (shorter than, or no multiple of, four bytes).
    package mutating func receive(
        _ payload: UnsafeRawBufferPointer, timestamp: UInt32, marker: Bool, sequence: Int64, at: Int64,
        into events: inout ReceiveEventRing
    ) -> Bool {
        guard payload.count >= 4, payload.count % 4 == 0, let base = payload.baseAddress else { return false }
        var start = timestamp
        for index in 0..<min(payload.count / 4, Self.reportsPerPacket) {
            let word = base.bigEndian32(at: index * 4)
            let duration = UInt32(word & 0xFFFF)
            // Event (8), end (1), reserved (1), volume (6), duration (16): §2.3. Volume is what the far end likes.
            if let key = Key(rawValue: UInt8(truncatingIfNeeded: word >> 24)) {
                let report = Report(
                    key: key, isEnd: word & 0x80_0000 != 0, duration: Int64(duration), timestamp: start,
                    marker: marker && index == 0, sequence: sequence, at: at)
                take(report, into: &events)
            } else {
                ignored &+= 1
            }
            // Reports in one packet follow each other without a gap (§2.5.1.5).
            start = start &+ duration
        }
        return true
    }

    /// Ends a press whose packets stopped. Once a tick.
    package mutating func tick(at: Int64, into events: inout ReceiveEventRing) {
        guard let press = current, press.isDown, at &- press.at >= Self.timeout else { return }
        current?.timedOut = true
        release(into: &events)
    }

    /// Another stream begins: its clock has nothing to do with the old one's. A press under way goes on if the same
    /// key goes on.
    package mutating func restart() {
        isRestarted = true
        past = (nil, nil, nil, nil)
    }

    private struct Report {
        var key: Key
        var isEnd: Bool
        var duration: Int64
        var timestamp: UInt32
        var marker: Bool
        var sequence: Int64
        var at: Int64
    }

    private mutating func take(_ report: Report, into events: inout ReceiveEventRing) {
        guard let press = current else { return begin(report, into: &events) }
        if isRestarted {
            isRestarted = false
            guard press.isDown, press.key == report.key, !report.marker else { return begin(report, into: &events) }
            current?.before = press.units
            current?.first = report.timestamp
            current?.segment = report.timestamp
            current?.duration = 0
            current?.sequence = report.sequence
            return update(report, into: &events)
        }
        let step = Int64(Int32(bitPattern: report.timestamp &- press.segment))
        let isNewer = report.sequence > press.sequence
        if step == 0 {
            if isNewer, startsAgain(report, press) { return begin(report, into: &events) }
            if report.key == press.key { update(report, into: &events) }
        } else if step > 0 {
            if continues(report, press, step: step) {
                current?.before = press.before + step
                current?.segment = report.timestamp
                current?.duration = 0
                return update(report, into: &events)
            }
            begin(report, into: &events)
        } else if !belongs(report, to: press), !isPast(report), step > -Self.reach {
            straggle(report, into: &events)
        } else if step <= -Self.reach, isNewer {
            // Far back, and yet sent later: the sender's clock began anew.
            begin(report, into: &events)
        }
    }

    /// The same timestamp, and yet another press: a sender whose clock stands still.
    private func startsAgain(_ report: Report, _ press: Press) -> Bool {
        if report.key != press.key { return true }
        return !press.isDown && !press.timedOut && report.marker && !report.isEnd && report.duration < press.duration
    }

    /// A later timestamp, and yet the same press: the next segment of a long one, or a sender whose timestamps run.
    private func continues(_ report: Report, _ press: Press, step: Int64) -> Bool {
        guard report.key == press.key, !report.marker, press.isDown || press.timedOut else { return false }
        return step == 0xFFFF || step == 0x1_0000 || (press.isDown && step <= press.duration + Self.bridge)
    }

    /// An earlier timestamp within the press.
    private func belongs(_ report: Report, to press: Press?) -> Bool {
        guard let press, report.key == press.key else { return false }
        let fromFirst = Int64(Int32(bitPattern: report.timestamp &- press.first))
        return fromFirst >= 0 && fromFirst <= press.units + Self.bridge
    }

    private func isPast(_ report: Report) -> Bool {
        belongs(report, to: past.0) || belongs(report, to: past.1) || belongs(report, to: past.2)
            || belongs(report, to: past.3)
    }

    /// A press of which nothing was seen before a later one began: told in one, though late.
    private mutating func straggle(_ report: Report, into events: inout ReceiveEventRing) {
        events.append(.keyDown(report.key, .telephoneEvent))
        events.append(.keyUp(report.key, .telephoneEvent, milliseconds: Int(report.duration / 8)))
        remember(
            Press(
                key: report.key, first: report.timestamp, segment: report.timestamp, duration: report.duration,
                sequence: report.sequence, at: report.at, isDown: false))
    }

    private mutating func begin(_ report: Report, into events: inout ReceiveEventRing) {
        isRestarted = false
        if let press = current {
            if press.isDown { release(into: &events) }
            remember(press)
        }
        current = Press(
            key: report.key, first: report.timestamp, segment: report.timestamp, duration: report.duration,
            sequence: report.sequence, at: report.at, isDown: true)
        events.append(.keyDown(report.key, .telephoneEvent))
        if report.isEnd { release(into: &events) }
    }

    private mutating func update(_ report: Report, into events: inout ReceiveEventRing) {
        guard var press = current else { return }
        press.at = max(press.at, report.at)
        press.sequence = max(press.sequence, report.sequence)
        if press.isDown {
            if report.duration < press.duration - 0x8000 {
                // Sixteen bits were too few for a sender that knows no segments.
                press.before += 0x1_0000
                press.duration = report.duration
            } else {
                press.duration = max(press.duration, report.duration)
            }
        }
        current = press
        if report.isEnd, press.isDown { release(into: &events) }
    }

    private mutating func release(into events: inout ReceiveEventRing) {
        guard let press = current else { return }
        current?.isDown = false
        events.append(.keyUp(press.key, .telephoneEvent, milliseconds: Int(press.units / 8)))
    }

    private mutating func remember(_ press: Press) {
        switch pastIndex {
        case 0: past.0 = press
        case 1: past.1 = press
        case 2: past.2 = press
        default: past.3 = press
        }
        pastIndex = (pastIndex + 1) & 3
    }
}
