import Calls

/// Where a recording's file stands, and how its time is written: all in UTC.
package struct RecordingName: Sendable, Hashable {
    /// `YYYY/MM/DD`.
    package let folder: String
    /// `YYYYMMDDTHHMMSSZ-<call id>`, without the ending.
    package let stem: String
    /// ISO 8601 with milliseconds.
    package let startText: String

    package init(start: Instant, call: CallID) {
        let milliseconds = Self.floorDivide(start.wall, 1000)
        let seconds = Self.floorDivide(milliseconds, 1000)
        let days = Self.floorDivide(seconds, 86_400)
        let date = Self.date(days: days)
        let rest = seconds - days * 86_400
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
        let year = Self.digits(date.year, 4)
        let month = Self.digits(date.month, 2)
        let day = Self.digits(date.day, 2)
        let time = [hour, minute, second].map { Self.digits($0, 2) }
        folder = "\(year)/\(month)/\(day)"
        stem = "\(year)\(month)\(day)T\(time.joined())Z-\(call)"
        let fraction = Self.digits(milliseconds - seconds * 1000, 3)
        startText = "\(year)-\(month)-\(day)T\(time.joined(separator: ":")).\(fraction)Z"
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-(value + 1)) / divisor) - 1
    }

    private static func digits(_ value: Int64, _ width: Int) -> String {
        let text = String(max(0, value))
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// The proleptic Gregorian date so many days after 1970-01-01, counted in eras of 400 years that begin on 1 March.
    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
