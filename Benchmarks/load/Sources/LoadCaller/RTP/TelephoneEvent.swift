/// One key as RFC 4733 sends it: a packet every 20 ms with the time since its beginning, the last one three times with
/// the end bit. All packets carry the beginning's timestamp. A value without memory of its own: it lives on the sending
/// thread.
package struct TelephoneEvent: Sendable, Hashable {
    /// The packet of one tick.
    package struct Packet: Sendable, Hashable {
        package var marker: Bool
        package var timestamp: UInt32
        /// Event, end bit and volume, duration in samples.
        package var payload: (UInt8, UInt8, UInt8, UInt8) { (event, isEnd ? 0x8A : 0x0A, high, low) }
        var event: UInt8
        package var isEnd: Bool
        package var duration: UInt16
        private var high: UInt8 { UInt8(truncatingIfNeeded: duration >> 8) }
        private var low: UInt8 { UInt8(truncatingIfNeeded: duration) }
    }

    package static let ends = 3

    let event: UInt8
    let timestamp: UInt32
    let ticks: Int
    private var sent = 0

    /// - Parameters:
    ///   - event: 0 to 9, 10 for `*`, 11 for `#`, 12 to 15 for A to D.
    ///   - ticks: of 20 ms, that the key is held; at least 1.
    package init(event: UInt8, timestamp: UInt32, ticks: Int) {
        self.event = event
        self.timestamp = timestamp
        self.ticks = max(1, min(ticks, 400))
    }

    package var isOver: Bool { sent >= ticks + Self.ends - 1 }

    package mutating func next() -> Packet {
        defer { sent += 1 }
        return Packet(
            marker: sent == 0, timestamp: timestamp, event: event, isEnd: sent >= ticks - 1,
            duration: UInt16(min(sent + 1, ticks) * 160))
    }

    /// The event's number of a key; nil for what is none.
    package static func number(of key: Character) -> UInt8? {
        switch key {
        case "*": 10
        case "#": 11
        case "A", "B", "C", "D": key.asciiValue.map { $0 - 53 }
        default: key.isASCII ? key.wholeNumberValue.map { UInt8($0) } : nil
        }
    }
}
