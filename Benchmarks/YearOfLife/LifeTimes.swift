import Calls
import Norms
import Storage
import Synchronization

/// Lengths of time in microseconds.
enum Micro {
    static let millisecond: Int64 = 1000
    static let second: Int64 = 1_000_000
    static let minute: Int64 = 60_000_000
    static let hour: Int64 = 3_600_000_000
    static let day: Int64 = 86_400_000_000
}

/// Facts that are handed to the store together.
public struct LifeUnit: Sendable {
    /// When: units come in this order. Both clocks of the one boot in which the year is written.
    public var at: Instant
    /// At least one; nothing of them lies after `at`, but for what they say is to come.
    public var facts: [Fact]
}

/// Both clocks of the year: one boot, whose monotonic clock began an hour before the first of January.
struct LifeClock: Sendable {
    /// Unix µs, UTC.
    let begin: Int64

    func instant(_ wall: Int64) -> Instant { Instant(wall: wall, mono: (wall - begin + Micro.hour) * 1000) }
}

/// The clock by which the store stamps the year's events: whoever writes sets it to each unit's moment.
public final class LifeTime: TimeSource {
    private let present: Mutex<Instant>

    public init() { present = Mutex(Instant(wall: 0, mono: 0)) }

    public func now() -> Instant { present.withLock { $0 } }

    /// Writes units, each at its own moment, and waits for the last.
    /// - Parameter store: opened with this clock.
    /// - Returns: how many facts they hold.
    /// - Throws: `StorageError`; `YearError` where the store did not take what was handed to it.
    public func write(_ units: [LifeUnit], to store: Store) async throws -> Int {
        for unit in units.dropLast() {
            set(unit.at)
            store.submit(unit.facts)
        }
        if let last = units.last {
            set(last.at)
            try await store.record(last.facts)
        }
        let statistics = store.statistics
        guard statistics.unapplied == 0, statistics.lost == 0 else {
            throw YearError(
                "the store took \(statistics.unapplied) facts as contradictions and lost \(statistics.lost)")
        }
        return units.reduce(0) { $0 + $1.facts.count }
    }

    private func set(_ instant: Instant) { present.withLock { $0 = instant } }
}

/// When departments work, and when things are done that are owed by a time.
struct OfficeHours: Sendable {
    let calendar: WorkingCalendar
    let zone: ZoneOffsets

    /// 08:30–12:00 and 14:00–17:30.
    private static let spans = [510..<720, 840..<1050]

    func isOpen(at wall: Int64) -> Bool {
        let civil = zone.civil(wall)
        return calendar.isWorkingDay(CivilDate(civil)) && Self.spans.contains { $0.contains(civil.minuteOfDay) }
    }

    /// The moment itself where somebody is in the office, or soon after the next opening.
    func next(after wall: Int64, _ draw: inout Draw) -> Int64 {
        if isOpen(at: wall) { return wall }
        let civil = zone.civil(wall)
        var date = CivilDate(civil)
        if calendar.isWorkingDay(date), let span = Self.spans.first(where: { $0.lowerBound > civil.minuteOfDay }) {
            return zone.instant(date, minute: span.lowerBound) + draw.skewed(0...90 * Micro.minute)
        }
        repeat { date = date.adding(days: 1) } while !calendar.isWorkingDay(date)
        return zone.instant(date, minute: 510) + draw.skewed(0...150 * Micro.minute)
    }
}
