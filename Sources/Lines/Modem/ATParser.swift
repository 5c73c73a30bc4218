/// Takes apart what a modem sends, byte by byte: result codes, lines, prompts. What comes out does not depend on how
/// the bytes were cut.
///
/// A line ends at CR or LF, whichever combination of them the modem writes; empty lines are passed over. NUL and other
/// controls are left out; bytes that are no UTF-8 become U+FFFD. A line longer than `limit` is cut there.
package struct ATParser: Sendable {
    package enum Event: Sendable, Hashable {
        case result(ATResult)
        /// An echo, a line of an answer, or something unsolicited; never empty, without spaces around it.
        case line(String)
        /// The modem waits for text (`> ` at the beginning of a line).
        case prompt
    }

    /// Bytes of a line that are kept.
    package static let limit = 1024

    private var bytes: [UInt8] = []
    private var isCut = false
    /// Lines that were longer than `limit`.
    package private(set) var cut: UInt64 = 0
    /// Controls that were left out.
    package private(set) var controls: UInt64 = 0

    package init() { bytes.reserveCapacity(Self.limit) }

    /// What the bytes complete, in order.
    package mutating func feed(_ received: some Sequence<UInt8>) -> [Event] {
        var events: [Event] = []
        for byte in received {
            switch byte {
            case UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                if let event = line() { events.append(event) }
            case 0..<32, 127:
                controls &+= 1
            case UInt8(ascii: " ") where bytes == [UInt8(ascii: ">")]:
                bytes.removeAll(keepingCapacity: true)
                events.append(.prompt)
            default:
                take(byte)
            }
        }
        return events
    }

    /// Forgets a line that was begun, when the port is opened anew.
    package mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        isCut = false
    }

    private mutating func take(_ byte: UInt8) {
        guard bytes.count < Self.limit else {
            if !isCut { cut &+= 1 }
            isCut = true
            return
        }
        bytes.append(byte)
    }

    private mutating func line() -> Event? {
        defer { reset() }
        let kept = bytes.drop { $0 == UInt8(ascii: " ") }
        guard let last = kept.lastIndex(where: { $0 != UInt8(ascii: " ") }) else { return nil }
        let text = String(decoding: kept[...last], as: UTF8.self)
        // After ATV0 a call rings with a digit.
        if text == "2" { return .line("RING") }
        return ATResult(text).map(Event.result) ?? .line(text)
    }
}
