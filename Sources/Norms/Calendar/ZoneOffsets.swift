/// What local time is ahead of UTC, and when. The rules of the zone come from outside; what follows from them for local
/// days (where a day ends, what a time means that does not exist or exists twice) is decided here.
public struct ZoneOffsets: Sendable {
    private let seconds: @Sendable (Int64) -> Int

    /// - Parameter seconds: of an instant (Unix time in microseconds, UTC), what local time is ahead of UTC then.
    public init(_ seconds: @escaping @Sendable (Int64) -> Int) { self.seconds = seconds }

    /// A zone whose clock is never put forward or back (Asia/Shanghai since 1991: 28,800).
    public static func fixed(_ seconds: Int) -> ZoneOffsets { ZoneOffsets { _ in seconds } }

    public func offset(at wall: Int64) -> Int { min(max(seconds(wall), -93_600), 93_600) }

    public func civil(_ wall: Int64) -> CivilTime {
        CivilTime(wallMicroseconds: wall, offsetSeconds: offset(at: wall))
    }

    /// The instant at which a local time is read first. One that the clock leaps over counts from the leap on as if it
    /// had not been made, so that a midnight which is leapt over is the instant of the leap.
    /// - Parameter minute: since midnight; 1440 is the next day's begin.
    public func instant(_ date: CivilDate, minute: Int = 0) -> Int64 {
        let local = Int64(date.dayNumber) * Self.day + Int64(minute) * 60_000_000
        // Every offset that may hold at the time is one that holds a day before or after it.
        let before = offset(at: local - Self.day - Int64(offset(at: local)) * 1_000_000)
        let after = offset(at: local + Self.day - Int64(offset(at: local)) * 1_000_000)
        let candidates = [before, after].map { local - Int64($0) * 1_000_000 }.sorted()
        for candidate in candidates where candidate + Int64(offset(at: candidate)) * 1_000_000 == local {
            return candidate
        }
        return local - Int64(before) * 1_000_000
    }

    /// The first instant after a local day: the next day's begin.
    public func end(of date: CivilDate) -> Int64 { instant(date.adding(days: 1)) }

    private static let day: Int64 = 86_400_000_000
}
