import Calls
import Norms
import Storage
import WorkOrders

/// A year of a hotline's life, made up: calls, agents, recordings, work orders through all their steps, penalties, duties,
/// outages, the server's own starts and stops. For benchmarks and for the comparison of audits.
///
/// The same seed and the same rules give the same facts, identifiers included. People, numbers and places are synthetic:
/// telephones 13900000000 to 13900009999.
///
/// Calls and orders are simulated in the order of time; what is drawn with which shares stands where it is drawn. Each
/// step of an order goes through `OrderLife`, so that none is written that its life refuses.
public struct YearOfLife: Sendable {
    /// Of the whole year; two of different seeds differ everywhere.
    public let seed: UInt64
    /// Calls that come in. Calls that are placed come on top, about one for every four.
    public let calls: Int
    public let orders: Int
    /// The local year.
    public let year: Int
    let rules: OrderLibrary
    let policy: OrderPolicy
    let profile: NormProfile
    let calendar: WorkingCalendar
    let zone: ZoneOffsets

    /// - Parameters:
    ///   - rules: the lives that orders go through.
    ///   - policy: one of the library's.
    ///   - profile: the policy's own: it says how limits are counted, and what penalties are proposed.
    ///   - zone: of local days.
    public init(
        seed: UInt64, calls: Int, orders: Int, year: Int, rules: OrderLibrary, policy: OrderPolicy, profile: NormProfile,
        calendar: WorkingCalendar, zone: ZoneOffsets
    ) {
        self.seed = seed
        self.calls = calls
        self.orders = orders
        self.year = year
        self.rules = rules
        self.policy = policy
        self.profile = profile
        self.calendar = calendar
        self.zone = zone
    }

    /// The year's begin and the next year's: Unix time in microseconds, UTC.
    public var period: (from: Int64, to: Int64) {
        (
            zone.instant(CivilDate(year: year, month: 1, day: 1)),
            zone.instant(CivilDate(year: year + 1, month: 1, day: 1))
        )
    }

    /// Gives all facts of the year, a few hundred units at a time, in the order of their moments. What would be told after
    /// the year's end is not: calls and orders are left open then.
    /// - Throws: `YearError` where a step that the year planned is refused by the order's life, which is a fault of the
    ///   year's; and whatever `take` throws.
    public func units(_ take: ([LifeUnit]) async throws -> Void) async throws {
        var world = LifeWorld(self)
        world.begin()
        while let units = try world.advance() { try await take(units) }
    }

    /// Writes the year into an empty store, each unit at its own moment.
    /// - Parameters:
    ///   - store: opened with `time` as its clock.
    ///   - progress: told now and then how many facts are written, and up to which moment (Unix µs, UTC).
    /// - Returns: how many facts were written.
    /// - Throws: as `units`; `StorageError`; `YearError` where the store did not take all of them.
    @discardableResult
    public func write(
        to store: Store, time: LifeTime, progress: (_ facts: Int, _ moment: Int64) -> Void = { _, _ in }
    ) async throws -> Int {
        var facts = 0
        try await units { units in
            for unit in units.dropLast() {
                time.set(unit.at)
                store.submit(unit.facts)
                facts += unit.facts.count
            }
            // The last is waited for, so that no more than this wait for the writer.
            guard let last = units.last else { return }
            time.set(last.at)
            try await store.record(last.facts)
            facts += last.facts.count
            progress(facts, last.at.wall)
        }
        let statistics = store.statistics
        guard statistics.unapplied == 0, statistics.lost == 0 else {
            throw YearError("the store took \(statistics.unapplied) facts as contradictions and lost \(statistics.lost)")
        }
        return facts
    }
}

/// Something is wrong with the year itself.
public struct YearError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
