/// A UUID of version 7 (RFC 9562 §5.7), typed by what it names, so that a leg's id cannot be given where a call's is meant.
///
/// Layout: 48 bits Unix milliseconds, 4 bits version, 12 bits counter, 2 bits variant, 16 bits node number,
/// 46 bits random. Identifiers of one node sort by the moment they were made.
public struct Identifier<Kind>: Hashable, Comparable, Sendable {
    /// The first eight bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The identifier in 16 bytes, as the store and the audio log keep it; nil where the count is not 16.
    public init?(bytes: some Collection<UInt8>) {
        // Rows are read by the hundred thousand: what lies in one piece is gone through as such.
        guard let words = bytes.withContiguousStorageIfAvailable({ Self.words($0) }) ?? Self.words(bytes) else {
            return nil
        }
        self.init(high: words.high, low: words.low)
    }

    @inline(__always)
    private static func words(_ bytes: some Collection<UInt8>) -> (high: UInt64, low: UInt64)? {
        guard bytes.count == 16 else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for byte in bytes {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(byte)
        }
        return (high, low)
    }

    /// Sixteen bytes, big-endian (network order).
    public var bytes: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> UInt64(56 - 8 * ($0 % 8))) }
    }

    /// The millisecond (Unix, UTC) at which the identifier was made.
    public var milliseconds: Int64 { Int64(high >> 16) }

    /// The number of the node that made it.
    public var node: UInt16 { UInt16(truncatingIfNeeded: low >> 46) }

    public static func < (left: Self, right: Self) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}

extension Identifier: LosslessStringConvertible {
    /// The 36 characters of RFC 9562 §4, lower case.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 { text.append(UInt8(ascii: "-")) }
            let word = index < 16 ? high : low
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (index % 16))) & 15
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the 36-character form, in either case; nil where the text is anything else.
    public init?(_ description: String) {
        let characters = Array(description.utf8)
        guard characters.count == 36 else { return nil }
        var bytes: [UInt8] = []
        var half: UInt8?
        for (index, character) in characters.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
            default: return nil
            }
            if let first = half {
                bytes.append(first << 4 | digit)
                half = nil
            } else {
                half = digit
            }
        }
        self.init(bytes: bytes)
    }

    /// All identifiers whose 36 characters begin with a text; nil where it is the beginning of none.
    public static func range(beginning text: String) -> ClosedRange<Self>? {
        let given = text.utf8.count
        guard (1...36).contains(given) else { return nil }
        let (least, most) = ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff")
        guard let first = Self(text + least.dropFirst(given)), let last = Self(text + most.dropFirst(given)) else {
            return nil
        }
        return first...last
    }
}

extension Identifier: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID: \(text)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

public enum CallKind: Sendable {}
public enum LegKind: Sendable {}
public enum RecordingKind: Sendable {}
public enum EventKind: Sendable {}
public enum OrderKind: Sendable {}
public enum MessageKind: Sendable {}
public enum OutageKind: Sendable {}
public enum ReviewKind: Sendable {}
public enum SampleKind: Sendable {}

/// One call: everything from the offer to the last leg's end.
public typealias CallID = Identifier<CallKind>
/// One party's connection within a call (RFC 3261 dialog, or the modem's connection).
public typealias LegID = Identifier<LegKind>
public typealias RecordingID = Identifier<RecordingKind>
public typealias EventID = Identifier<EventKind>
public typealias OrderID = Identifier<OrderKind>
/// A caller's voice message.
public typealias MessageID = Identifier<MessageKind>
/// An outage announced to the public.
public typealias OutageID = Identifier<OutageKind>
/// A reviewer's scoring of one agent's part in a recorded call.
public typealias ReviewID = Identifier<ReviewKind>
/// Conversations that were drawn to be scored.
public typealias SampleID = Identifier<SampleKind>

/// Makes identifiers that rise strictly within one node, also when the wall clock stands still or steps back.
public struct IdentifierGenerator: Sendable {
    /// 1…65,535 in a cluster; 0 where only one machine is.
    public let node: UInt16
    private var milliseconds: UInt64 = 0
    private var counter: UInt64 = 0

    public init(node: UInt16) { self.node = node }

    /// The next identifier.
    /// - Parameters:
    ///   - wallMicroseconds: Unix time, UTC.
    ///   - random: fresh random bits; the lowest 46 are used, the next 8 seed the counter.
    public mutating func next<Kind>(
        _: Kind.Type = Kind.self, wallMicroseconds: Int64, random: UInt64
    ) -> Identifier<Kind> {
        let now = UInt64(max(0, wallMicroseconds)) / 1000
        if now > milliseconds {
            milliseconds = now
            counter = random >> 46 & 0xFF
        } else {
            counter += 1
            // The counter borrows from the future rather than repeat itself.
            if counter > 0xFFF {
                milliseconds += 1
                counter = 0
            }
        }
        return Identifier(
            high: milliseconds << 16 | 0x7000 | counter,
            low: 0x8000_0000_0000_0000 | UInt64(node) << 46 | random & 0x3FFF_FFFF_FFFF)
    }
}
