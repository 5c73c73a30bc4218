import Calls
import Foundation
import Norms
import Storage

/// Local time for people: order numbers carry the local date, flows branch on local hours.
public struct LocalClock: Sendable {
    private let zone: TimeZone

    /// - Parameter name: a zone of the tz database, `Asia/Shanghai`.
    public init(zone name: String) throws(SwitchboardError) {
        guard let zone = TimeZone(identifier: name) else {
            throw SwitchboardError(
                .timeZone, "time_zone: `\(name)` is not a zone of the tz database; use a name such as Asia/Shanghai")
        }
        self.zone = zone
    }

    public func civil(_ instant: Instant) -> CivilTime {
        let date = Date(timeIntervalSince1970: Double(instant.wall) / 1_000_000)
        return CivilTime(wallMicroseconds: instant.wall, offsetSeconds: zone.secondsFromGMT(for: date))
    }

    /// What local time is ahead of UTC at a moment.
    func offsetSeconds(at time: UTCTime) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.microseconds) / 1_000_000))
    }

    /// For counting deadlines.
    public var offsets: ZoneOffsets {
        ZoneOffsets { [zone] in zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0) / 1_000_000)) }
    }

    /// The name of the zone.
    public var zoneName: String { zone.identifier }

    /// The local day that holds an instant, or one so many days before it.
    public func day(of instant: Instant, daysBefore: Int = 0) -> LocalDay {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let date = Date(timeIntervalSince1970: Double(instant.wall) / 1_000_000)
        // A day of another length than 24 hours has its noon still within itself.
        let noon = calendar.startOfDay(for: date).addingTimeInterval(43_200 - Double(daysBefore) * 86_400)
        let begin = calendar.startOfDay(for: noon)
        let end = calendar.startOfDay(for: begin.addingTimeInterval(129_600))
        let from = Int64(begin.timeIntervalSince1970) * 1_000_000
        let civil = civil(Instant(wall: from, mono: 0))
        let digits = Array(civil.compactDate)
        return LocalDay(
            date: String(digits[0..<4]) + "-" + String(digits[4..<6]) + "-" + String(digits[6..<8]), from: from,
            to: Int64(end.timeIntervalSince1970) * 1_000_000)
    }

    /// Days that are over, oldest first: those after one whose work is done, or the latest alone where none is.
    /// - Parameters:
    ///   - date: `2026-11-22`.
    ///   - grace: a day counts as over so long after its end, ms.
    ///   - limit: so many days are looked back at most.
    public func finishedDays(
        after date: String?, at now: Instant, graceMilliseconds grace: Int64, atMost limit: Int
    ) -> [LocalDay] {
        var days: [LocalDay] = []
        for back in 1...limit {
            let day = day(of: now, daysBefore: back)
            guard day.to + grace * 1000 <= now.wall else { continue }
            if let date, day.date <= date { break }
            days.append(day)
            if date == nil { break }
        }
        return days.reversed()
    }

    /// The variables of a flow that tell the time: `time.minutes` since midnight, `time.weekday` (1 Monday … 7),
    /// `time.date` (YYYYMMDD).
    func variables(at instant: Instant) -> [String: String] {
        let time = civil(instant)
        return [
            "time.minutes": String(time.minuteOfDay), "time.weekday": String(time.weekday),
            "time.date": time.compactDate,
        ]
    }
}

/// A day of the local calendar.
public struct LocalDay: Sendable, Hashable {
    /// `2026-11-22`.
    public var date: String
    /// Its begin: Unix time in microseconds, UTC.
    public var from: Int64
    /// The next day's begin.
    public var to: Int64

    public init(date: String, from: Int64, to: Int64) {
        self.date = date
        self.from = from
        self.to = to
    }
}
