import Audit
import Foundation
import Norms
import Testing
import WorkOrders

/// Orders, rules and the calendar for the tests of judges of orders.
enum OrderFacts {
    private static let norms = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("norms")

    private static func files(_ folder: URL) throws -> [(name: String, text: String)] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }.sorted()
            .map { ($0, try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)) }
    }

    private static let readProfiles = Result {
        let others: Set<String> = ["calendar-cn.yaml", "items.yaml", "retention.yaml"]
        return try files(norms).filter { !others.contains($0.name) }
            .map { try NormProfile.decode($0.text, file: $0.name).profile }
    }
    private static let readLibrary = Result {
        try OrderLibrary.decode(
            files(norms.appendingPathComponent("orders")).map { OrderFile(name: $0.name, text: $0.text) },
            profiles: readProfiles.get())
    }
    private static let readCalendar = Result {
        let file = norms.appendingPathComponent("calendar-cn.yaml")
        return try WorkingCalendar.decode(String(contentsOf: file, encoding: .utf8), file: "calendar-cn.yaml")
    }

    /// All that are shipped, each read once.
    static func profiles() throws -> [NormProfile] { try readProfiles.get() }
    static func library() throws -> OrderLibrary { try readLibrary.get() }
    static func calendar() throws -> WorkingCalendar { try readCalendar.get() }
    static func profile(_ id: String) throws -> NormProfile { try #require(profiles().first { $0.id == id }) }

    static let zone = ZoneOffsets.fixed(28_800)
    static let minute: Int64 = 60_000_000
    static let hour: Int64 = 60 * minute
    static let day: Int64 = 24 * hour

    /// An instant of Shanghai's clock: `2026-02-13 10:30`, `2026-02-13`.
    static func at(_ text: String) -> Int64 {
        let parts = text.split(separator: " ")
        guard let date = parts.first.flatMap({ CivilDate($0) }) else {
            Issue.record("\(text) is no time")
            return 0
        }
        let clock = parts.count > 1 ? parts[1].split(separator: ":").compactMap { Int($0) } : [0, 0]
        return zone.instant(date, minute: clock[0] * 60 + clock[1])
    }

    /// Of all that was made since 2020, as of a moment.
    static func context(_ profile: NormProfile, asOf: Int64) throws -> AuditContext {
        AuditContext(
            profile: profile, clock: profile.clock(calendar: try readCalendar.get(), zone: zone), rings: RingClock(),
            from: at("2020-01-01"), to: at("2027-01-01"), asOf: asOf)
    }

    /// What a profile's judges know of the library.
    static func knowledge(_ profile: String) throws -> OrderKnowledge {
        let library = try library()
        return OrderKnowledge(
            routing: library.routings[profile], vocabulary: library.vocabulary, repeats: library.repeats)
    }

    /// The judge of a shipped rule, perhaps changed first.
    static func judge(
        _ profile: String, _ id: String, asOf: String = "2026-12-31", _ change: (inout NormRule) -> Void = { _ in }
    ) throws -> OrderJudge {
        let profile = try self.profile(profile)
        var rule = try #require(profile.rule(id))
        change(&rule)
        return try #require(OrderJudge(rule, context(profile, asOf: at(asOf)), knowledge(profile.id)))
    }

    /// What a shipped rule says of an order.
    static func items(
        _ profile: String, _ id: String, _ order: AuditOrder, asOf: String = "2026-12-31",
        _ change: (inout NormRule) -> Void = { _ in }
    ) throws -> [AuditItem] {
        try judge(profile, id, asOf: asOf, change).items(for: OrderTimeline(order, knowledge(profile)))
    }

    /// The same of the verdicts alone.
    static func verdicts(
        _ profile: String, _ id: String, _ order: AuditOrder, asOf: String = "2026-12-31",
        _ change: (inout NormRule) -> Void = { _ in }
    ) throws -> [AuditItem.Verdict] {
        try items(profile, id, order, asOf: asOf, change).map(\.verdict)
    }
}

/// An order on its way through a shipped life: whatever the life refuses fails the test.
struct OrderTrail {
    var life: OrderLife
    var order: AuditOrder
    /// By the minute, or as a step says.
    var now: Int64
    private let deadline: OrderDeadline

    static let people: [String: OrderActor] = [
        "agent": OrderActor(name: "1001", role: "agent"),
        "leader": OrderActor(name: "1002", role: "shift_leader"),
        "supervisor": OrderActor(name: "1003", role: "supervisor"),
        "director": OrderActor(name: "1004", role: "hotline_director"),
        "station": OrderActor(name: "1101", role: "department", unit: "power_station"),
        "party": OrderActor(name: "1102", role: "department", unit: "party_office"),
        "centre": OrderActor(name: "1103", role: "department", unit: "customer_centre"),
        "crew": OrderActor(name: "1201", role: "crew", unit: "repair_centre"),
        "marketing": OrderActor(name: "1301", role: "marketing"),
        "boss": OrderActor(name: "1401", role: "leader"),
        "company": OrderActor(name: "1501", role: "company"),
        "discipline": OrderActor(name: "1601", role: "discipline"),
    ]

    /// - Parameter created: when it is made; its first step follows a minute later.
    init(_ category: String, _ policy: String, created: String = "2026-02-13 10:00") throws {
        let library = try OrderFacts.library()
        let profile = try OrderFacts.profile(policy)
        let rules = try #require(library.life(of: category))
        let policy = try #require(library.policies[policy])
        life = try #require(OrderLife(rules: rules, policy: policy, category: category))
        now = OrderFacts.at(created)
        deadline = try OrderFacts.context(profile, asOf: now).clock.orderDeadline
        order = AuditOrder(
            number: "20260213-0001", category: category, createdAt: now, caller: "13900000001", status: "created",
            state: nil, owner: nil, ownerUnit: nil, closedAt: nil, fields: ["source": "ivr"], steps: [])
    }

    /// - Parameter when: an instant; nil: a minute after the last.
    mutating func step(
        _ step: String, _ who: String, _ fields: [String: String] = [:], why: String? = nil, when: Int64? = nil
    ) throws {
        let by = try #require(Self.people[who])
        try self.step(step, by: by, fields, why: why, when: when ?? now + OrderFacts.minute)
    }

    mutating func step(
        _ step: String, by actor: OrderActor, _ fields: [String: String], why: String?, when: Int64
    ) throws {
        let event = OrderEvent(
            step: step, by: actor, happenedAt: when, enteredAt: when, why: why, fields: fields)
        try life.apply(event, deadline: deadline)
        now = when
        order.steps.append(event)
        order.state = life.state
        if life.isFinal { order.closedAt = now }
    }

    mutating func step(
        _ step: String, _ who: String, _ fields: [String: String] = [:], why: String? = nil, at time: String
    ) throws {
        try self.step(step, who, fields, why: why, when: OrderFacts.at(time))
    }

    // MARK: - Complaints

    static let named = [
        "content": "抄表员两个月没有来", "channel": "telephone", "identity": "named", "customer": "王女士",
        "contact": "13900001234", "topic": "conduct", "recording": "r",
    ]

    /// A complaint, or report, that a department has signed for.
    static func received(
        _ policy: String, _ category: String = "complaint", _ fields: [String: String] = [:],
        created: String = "2026-02-13 10:00"
    ) throws -> OrderTrail {
        var trail = try OrderTrail(category, policy, created: created)
        try trail.step("accept", "agent", named.merging(fields) { _, new in new })
        try trail.step("audit", "leader", ["verdict": "passed"])
        try trail.step("dispatch", "leader", ["department": "power_station"])
        try trail.step("receive", "station")
        return trail
    }

    /// The department has spoken with the customer and replies.
    mutating func reply(_ who: String = "station", finding: String = "unsubstantiated", at time: Int64? = nil) throws {
        if life.state == "received" { try step("contact", who, ["reached": "reached", "recording": "r"]) }
        var fields = ["result": "已核实", "finding": finding, "customer_view": "accepted"]
        fields["cause"] = finding == "substantiated" ? "抄表员生病" : nil
        fields["apologised"] = finding == "substantiated" ? "yes" : nil
        fields["explained"] = finding == "substantiated" ? nil : "yes"
        try step("reply", who, fields, when: time)
    }

    /// The hotline finds the reply good, or not.
    mutating func review(_ assessment: String = "qualified", fault: String? = nil, when: Int64? = nil) throws {
        if life.policy.options["director_contact"] == "required" {
            try step("director_contact", "director", ["reached": "reached", "recording": "r"])
        }
        var fields = ["assessment": assessment]
        fields["fault_of_reply"] = fault
        try step("review", "supervisor", fields, when: when)
    }

    /// The visit, in the policy's order of archive and visit.
    mutating func visit(_ handling: String = "good", when: Int64? = nil) throws {
        if life.policy.options["archive"] == "before_visit" { try step("archive", "director") }
        try step("revisit", "director", ["reached": "reached", "handling": handling, "recording": "r"], when: when)
    }

    /// All that is left after a good reply.
    mutating func close() throws {
        try visit()
        try step("archive", "director")
    }

    /// A complaint from its beginning to its end.
    static func closed(
        _ policy: String, _ category: String = "complaint", _ fields: [String: String] = [:],
        created: String = "2026-02-13 10:00"
    ) throws -> OrderTrail {
        var trail = try received(policy, category, fields, created: created)
        try trail.reply()
        try trail.review()
        try trail.close()
        return trail
    }

    // MARK: - Others

    static func fault(_ fields: [String: String] = [:], created: String = "2026-02-13 10:00") throws -> OrderTrail {
        var trail = try OrderTrail("fault", "zhejiang", created: created)
        try trail.step(
            "accept", "agent",
            ["content": "没电", "channel": "telephone", "place": "公用路 1 号", "recording": "r"]
                .merging(fields) { _, new in new }, when: trail.now)
        return trail
    }

    static func application(
        _ supply: String = "low_voltage", _ fields: [String: String] = [:], created: String = "2026-02-13 10:00"
    ) throws -> OrderTrail {
        var trail = try OrderTrail("business", "zhejiang", created: created)
        try trail.step(
            "accept", "agent",
            [
                "content": "新装", "channel": "telephone", "supply": supply, "customer": "李先生", "contact": "13900001235",
                "place": "公用路 2 号",
            ].merging(fields) { _, new in new }, when: trail.now)
        return trail
    }
}
