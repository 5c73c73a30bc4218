import Norms

/// What happened in a period, counted: the daily, weekly and monthly statistics that the documents ask for, the complaints by
/// what they are about, and the cases of which a bulletin tells (docs/audit.md, Statistics). No name and no number of a
/// customer stands in it.
public struct AuditStatistics: Sendable {
    /// Calls and orders of a stretch of time.
    public struct Counts: Sendable, Hashable {
        /// Inbound calls.
        public var offered = 0
        public var answered = 0
        /// Offered, not answered, and gone by themselves.
        public var abandoned = 0
        /// Not taken: over capacity, while stopping, or because it could not have been recorded.
        public var refused = 0
        /// Outgoing calls.
        public var placed = 0
        public var orders = 0
        public var complaints = 0
        public var faults = 0
        public var closed = 0
    }

    /// Orders of a category.
    public struct Category: Sendable, Hashable {
        public var created = 0
        public var closed = 0
        public var extended = 0
        public var returned = 0
        public var merged = 0
        public var substantiated = 0
        public var unsubstantiated = 0
    }

    /// A case of which a bulletin tells (通报): a complaint or report that was found true, or is serious or major.
    public struct Case: Sendable, Hashable {
        public var number: String
        public var category: String
        public var createdAt: Int64
        public var severity: String
        public var item: String?
        public var department: String?
        public var finding: String?
        public var breach: String?
    }

    /// By local day; days without anything are left out.
    public private(set) var days: [CivilDate: Counts] = [:]
    public private(set) var categories: [String: Category] = [:]
    /// Complaints and reports by class and item, by severity, by the customer's attitude, by channel; `-`: not said.
    public private(set) var items: [String: Int] = [:]
    public private(set) var severities: [String: Int] = [:]
    public private(set) var attitudes: [String: Int] = [:]
    public private(set) var channels: [String: Int] = [:]
    /// Orders by the department that had them last.
    public private(set) var departments: [String: Int] = [:]
    /// What customers answered at return visits, 1…5.
    public private(set) var satisfaction: [String: Int] = [:]
    /// In the order in which the orders were made.
    public private(set) var cases: [Case] = []

    private let zone: ZoneOffsets

    init(zone: ZoneOffsets) { self.zone = zone }

    private static let refusals: Set<String> = ["over_capacity", "draining", "unrecordable", "blocked"]

    mutating func add(_ call: AuditCall) {
        let date = CivilDate(zone.civil(call.offeredAt))
        // One look at the table a call: there are many.
        var counts = days[date] ?? Counts()
        defer { days[date] = counts }
        guard call.isInbound else {
            counts.placed += 1
            return
        }
        counts.offered += 1
        if call.answeredAt != nil {
            counts.answered += 1
        } else if let outcome = call.outcome {
            if Self.refusals.contains(outcome) { counts.refused += 1 } else { counts.abandoned += 1 }
        }
    }

    mutating func add(_ timeline: OrderTimeline) {
        let order = timeline.order
        let known = timeline.known
        let date = CivilDate(zone.civil(order.createdAt))
        let isComplaint = order.category == "complaint" || order.category == "report"
        days[date, default: Counts()].orders += 1
        if isComplaint { days[date, default: Counts()].complaints += 1 }
        if order.category == "fault" { days[date, default: Counts()].faults += 1 }
        if let closed = order.closedAt { days[CivilDate(zone.civil(closed)), default: Counts()].closed += 1 }

        var one = categories[order.category] ?? Category()
        one.created += 1
        if order.closedAt != nil { one.closed += 1 }
        if timeline.isExtended { one.extended += 1 }
        if timeline.has(.giveBack) { one.returned += 1 }
        if timeline.isMerged { one.merged += 1 }
        let finding = known["finding"]
        if finding == "substantiated" { one.substantiated += 1 }
        if finding == "unsubstantiated" { one.unsubstantiated += 1 }
        categories[order.category] = one

        if let department = known["department"] ?? known["crew"] {
            departments[department, default: 0] += 1
        }
        if let score = known["satisfaction"] { satisfaction[score, default: 0] += 1 }
        guard isComplaint else { return }
        let severity = known["severity"] ?? "ordinary"
        items[known["item"] ?? "-", default: 0] += 1
        severities[severity, default: 0] += 1
        attitudes[known["attitude"] ?? "-", default: 0] += 1
        channels[known["channel"] ?? "-", default: 0] += 1
        guard finding == "substantiated" || severity != "ordinary" else { return }
        // A confidential case is told without the department that it is about (000-J 9).
        cases.append(
            Case(
                number: order.number, category: order.category, createdAt: order.createdAt, severity: severity,
                item: known["item"], department: timeline.isConfidential ? nil : known["department"],
                finding: finding, breach: known["breach"]))
    }

    /// What happened in the time right after.
    mutating func append(_ later: AuditStatistics) {
        for (date, counts) in later.days { days[date, default: Counts()].add(counts) }
        for (category, counts) in later.categories { categories[category, default: Category()].add(counts) }
        items.merge(later.items, uniquingKeysWith: +)
        severities.merge(later.severities, uniquingKeysWith: +)
        attitudes.merge(later.attitudes, uniquingKeysWith: +)
        channels.merge(later.channels, uniquingKeysWith: +)
        departments.merge(later.departments, uniquingKeysWith: +)
        satisfaction.merge(later.satisfaction, uniquingKeysWith: +)
        cases += later.cases
    }

    /// The days' counts together, by a stretch that each day belongs to: its ISO week's Monday, its month's first.
    public func counts(by stretch: Stretch) -> [(begin: CivilDate, counts: Counts)] {
        var sums: [CivilDate: Counts] = [:]
        for (date, counts) in days { sums[stretch.begin(of: date), default: Counts()].add(counts) }
        return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    public enum Stretch: String, Sendable, Hashable, CaseIterable {
        case day, week, month

        func begin(of date: CivilDate) -> CivilDate {
            switch self {
            case .day: date
            case .week: date.adding(days: 1 - date.weekday)
            case .month: CivilDate(year: date.year, month: date.month, day: 1)
            }
        }
    }
}

extension AuditStatistics.Counts {
    mutating func add(_ other: Self) {
        offered += other.offered
        answered += other.answered
        abandoned += other.abandoned
        refused += other.refused
        placed += other.placed
        orders += other.orders
        complaints += other.complaints
        faults += other.faults
        closed += other.closed
    }
}

extension AuditStatistics.Category {
    mutating func add(_ other: Self) {
        created += other.created
        closed += other.closed
        extended += other.extended
        returned += other.returned
        merged += other.merged
        substantiated += other.substantiated
        unsubstantiated += other.unsubstantiated
    }
}
