import Calls
import Foundation
import Norms

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
