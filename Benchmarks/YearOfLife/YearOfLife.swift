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
        seed: UInt64, calls: Int, orders: Int, year: Int, rules: OrderLibrary, policy: OrderPolicy,
        profile: NormProfile,
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

    /// The year from its first moment on.
    public func course() -> LifeCourse { LifeCourse(self) }

    /// Writes the year into an empty store, each unit at its own moment.
    /// - Parameters:
    ///   - store: opened with `time` as its clock.
    /// - Returns: how many facts were written.
    /// - Throws: as `LifeCourse.next` and `LifeTime.write`.
    @discardableResult
    public func write(to store: Store, time: LifeTime) async throws -> Int {
        var course = course()
        var facts = 0
        while let units = try course.next() { facts += try await time.write(units, to: store) }
        return facts
    }
}

/// A year that is being lived: gives its facts in the order of their moments. What would be told after the year's end is not:
/// calls and orders are left open then.
public struct LifeCourse {
    private var world: LifeWorld

    init(_ year: YearOfLife) {
        world = LifeWorld(year)
        world.begin()
    }

    /// - Returns: the next few hundred units; nil where the year is over.
    /// - Throws: `YearError` where a step that the year planned is refused by the order's life: a fault of the year's.
    public mutating func next() throws -> [LifeUnit]? { try world.advance() }
}

/// Something is wrong with the year itself.
public struct YearError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
