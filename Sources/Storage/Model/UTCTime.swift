import Calls

/// A moment of Unix time, UTC, that reads and writes as ISO 8601 with microseconds: `2026-11-22T03:04:05.123456Z`.
/// The form of every time in the commands' JSON.
public struct UTCTime: Sendable, Hashable, Comparable {
    /// Unix time in microseconds.
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public init(_ instant: Instant) { microseconds = instant.wall }

    public static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }
}

extension UTCTime: LosslessStringConvertible {
    /// Always 27 characters for the years 1 to 9999.
    public var description: String {
        let (seconds, micros) = Self.floorDivide(microseconds, 1_000_000)
        let (days, second) = Self.floorDivide(seconds, 86_400)
        let date = CivilDate(daysSinceEpoch: days)
        let clock = [second / 3600, second / 60 % 60, second % 60].map { Self.padded($0, 2) }.joined(separator: ":")
        return "\(date)T\(clock).\(Self.padded(micros, 6))Z"
    }

    /// Reads `YYYY-MM-DD`, `YYYY-MM-DDThh:mm`, `…:ss` or `…:ss.f` with 1 to 6 digits of fraction, each but the first
    /// with `Z` or an offset `+hh:mm`; without one the time is UTC. Nil for anything else.
    public init?(_ description: String) {
        let text = Array(description.utf8)
        guard text.count >= 10, let date = CivilDate(String(description.prefix(10))) else { return nil }
        var seconds = date.daysSinceEpoch * 86_400
        var micros: Int64 = 0
        var rest = text.dropFirst(10)

        func number(_ digits: Int, upTo limit: Int64) -> Int64? {
            guard rest.count >= digits, let value = Self.digits(rest.prefix(digits)), value <= limit else { return nil }
            rest = rest.dropFirst(digits)
            return value
        }
        func skip(_ character: Character) -> Bool {
            guard let first = rest.first, first == character.asciiValue else { return false }
            rest = rest.dropFirst()
            return true
        }

        if skip("T") || skip(" ") {
            guard let hour = number(2, upTo: 23), skip(":"), let minute = number(2, upTo: 59) else { return nil }
            seconds += hour * 3600 + minute * 60
            if skip(":") {
                guard let second = number(2, upTo: 59) else { return nil }
                seconds += second
                if skip(".") {
                    let fraction = rest.prefix { $0 >= 48 && $0 <= 57 }
                    guard (1...6).contains(fraction.count), let value = Self.digits(fraction) else { return nil }
                    micros = (fraction.count..<6).reduce(value) { sum, _ in sum * 10 }
                    rest = rest.dropFirst(fraction.count)
                }
            }
            if !skip("Z"), let sign = rest.first, sign == 43 || sign == 45 {
                rest = rest.dropFirst()
                guard let hour = number(2, upTo: 23), skip(":"), let minute = number(2, upTo: 59) else { return nil }
                seconds += (sign == 43 ? -1 : 1) * (hour * 3600 + minute * 60)
            }
        }
        guard rest.isEmpty else { return nil }
        microseconds = seconds * 1_000_000 + micros
    }

    private static func digits(_ text: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for character in text {
            guard character >= 48, character <= 57 else { return nil }
            value = value * 10 + Int64(character - 48)
        }
        return value
    }

    static func padded(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension UTCTime: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an ISO 8601 time: \(text)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A day of the proleptic Gregorian calendar, years 1 to 9999.
struct CivilDate: Hashable, Sendable, CustomStringConvertible {
    let year: Int64
    let month: Int64
    let day: Int64

    /// The days between 1970-01-01 and this one.
    var daysSinceEpoch: Int64 {
        // March-based years put the leap day at the end, so that a month's start is a linear formula.
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = UTCTime.floorDivide(shifted, 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    init(daysSinceEpoch: Int64) {
        let (era, dayOfEra) = UTCTime.floorDivide(daysSinceEpoch + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Reads `YYYY-MM-DD` or `YYYYMMDD`; nil where it is no day.
    init?(_ text: String) {
        var characters = Array(text.utf8)
        if characters.count == 10 {
            guard characters[4] == 45, characters[7] == 45 else { return nil }
            characters.remove(at: 7)
            characters.remove(at: 4)
        }
        guard characters.count == 8, characters.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        let digits = characters.map { Int64($0 - 48) }
        year = digits[0..<4].reduce(0) { $0 * 10 + $1 }
        month = digits[4] * 10 + digits[5]
        day = digits[6] * 10 + digits[7]
        guard year >= 1, (1...12).contains(month), day >= 1 else { return nil }
        // A day that does not exist (31 April) comes back as another one.
        let same = CivilDate(daysSinceEpoch: daysSinceEpoch)
        guard same.month == month, same.day == day else { return nil }
    }

    /// `YYYYMMDD`.
    var compact: String {
        UTCTime.padded(year, 4) + UTCTime.padded(month, 2) + UTCTime.padded(day, 2)
    }

    var description: String {
        "\(UTCTime.padded(year, 4))-\(UTCTime.padded(month, 2))-\(UTCTime.padded(day, 2))"
    }
}
