import Norms
import WorkOrders

/// By what rules the year's orders live, and when things are done.
struct OrderContext: Sendable {
    let library: OrderLibrary
    let policy: OrderPolicy
    let profile: NormProfile
    let deadline: OrderDeadline
    let office: OfficeHours

    func option(_ id: String) -> String { policy.options[id] ?? library.vocabulary.options[id]?.preset ?? "" }

    /// When a running clock of the order is due; nil where it does not run or has no limit.
    func due(_ clock: String, _ one: OrderCase) -> OrderDue? {
        one.life.clocks(at: one.since, deadline: deadline).first { $0.id == clock }?.due
    }

    /// A limit of a document other than the policy's.
    func due(within term: Term, from: Int64) -> OrderDue? { deadline(OrderLimit(term, clause: ""), from) }

    /// When something was done.
    struct Moment {
        var at: Int64
        /// On a limit's edge.
        var isExact: Bool
    }

    /// When something is done that is owed: mostly in time, sometimes late, now and then in the last microsecond or the first
    /// that is too late.
    /// - Parameters:
    ///   - usual: how long it takes where nothing is due.
    ///   - late: so many times of a thousand.
    ///   - isOffice: nobody does it at night or on holidays.
    func moment(
        from start: Int64, due: OrderDue?, usual: ClosedRange<Int64>, late: Int, isOffice: Bool, _ draw: inout Draw
    ) -> Moment {
        let roll = draw.below(1000)
        guard let due, due.at > start + 2 else {
            let at = start + draw.skewed(usual)
            return Moment(at: isOffice ? office.next(after: at, &draw) : at, isExact: false)
        }
        if roll < 6 { return Moment(at: due.endsDay ? due.at - 1 : due.at, isExact: true) }
        if roll < 12 { return Moment(at: due.endsDay ? due.at : due.at + 1, isExact: true) }
        let length = due.at - start
        if roll < 12 + late {
            let most = max(2 * Micro.minute, min(length, 12 * Micro.day))
            let at = due.at + draw.skewed(Micro.minute...most)
            return Moment(at: isOffice ? office.next(after: at, &draw) : at, isExact: false)
        }
        for _ in 0..<6 {
            let at = start + max(1, draw.chance(500) ? draw.skewed(0...length - 1) : draw.within(0...length - 1))
            let opened = isOffice ? office.next(after: at, &draw) : at
            if opened < due.at { return Moment(at: opened, isExact: false) }
        }
        return Moment(at: start + max(1, draw.within(0...length - 1)), isExact: false)
    }

    /// When what was done is written down: mostly at once, sometimes days later.
    func entry(of happened: Int64, isHotline: Bool, _ draw: inout Draw) -> Int64 {
        switch draw.below(1000) {
        case 0..<(isHotline ? 900 : 700): happened + draw.within(2...150) * Micro.second
        case 0..<(isHotline ? 975 : 905): happened + draw.skewed(3 * Micro.minute...8 * Micro.hour)
        case 0..<985: happened + draw.skewed(8 * Micro.hour...3 * Micro.day)
        default: happened + draw.within(3 * Micro.day...14 * Micro.day)
        }
    }

    // MARK: - Who

    /// Who does a step: a role that the life lets, mostly the first named.
    func actor(for step: String, role wanted: String?, _ one: inout OrderCase) -> OrderActor? {
        guard let rule = one.life.rules.step(step) else { return nil }
        var roles = rule.by.isEmpty ? ["agent", "supervisor"] : one.life.doers(of: rule)
        roles = roles.filter { role in
            guard let field = library.vocabulary.roles[role]?.unitField else { return true }
            guard let unit = one.life.fields[field] else { return false }
            return one.life.fields["confidential"] != "yes" || one.life.fields["reported_department"] != unit
        }
        guard let first = roles.first else { return nil }
        var role = one.draw.chance(880) ? first : one.draw.pick(roles)
        if let wanted, roles.contains(wanted) { role = wanted }
        let unit = library.vocabulary.roles[role]?.unitField.flatMap { one.life.fields[$0] }
        return OrderActor(name: Staff.number(role: role, unit: unit, &one.draw), role: role, unit: unit)
    }

    // MARK: - Where to

    private static let topics = [
        "conduct": "party_office", "theft": "inspection", "power_quality": "production",
        "facility_protection": "safety", "fault": "repair_centre", "connection": "customer_centre",
        "outage": "dispatching", "other": "marketing",
    ]

    /// Where an order goes: as the routing says, or by mistake elsewhere; and who gets copies, if nobody forgot.
    func destination(_ one: inout OrderCase) -> (department: String, copies: [String])? {
        let words = library.vocabulary
        let secret = one.life.fields["confidential"] == "yes" ? one.life.fields["reported_department"] : nil
        var departments: [String]
        var copies: [String] = []
        if let routing = policy.routing.flatMap({ library.routings[$0] }) {
            let fields = one.life.fields
            guard let route = routing.route(category: one.life.category, fields: fields, vocabulary: words) else {
                return nil
            }
            departments = route.departments
            copies = route.copies
        } else {
            departments = [Self.topics[one.traits.topic] ?? "marketing"].filter { $0 != secret }
        }
        if one.draw.chance(60) || departments.isEmpty {
            departments = words.departments.keys.sorted().filter { $0 != secret && $0 != "hotline" }
        }
        guard !departments.isEmpty else { return nil }
        let department = one.draw.chance(750) ? departments[0] : one.draw.pick(departments)
        if one.draw.chance(110) { copies = [] }
        return (department, copies.filter { $0 != department && $0 != secret })
    }

    func dispatchFields(_ one: inout OrderCase) -> [String: String]? {
        guard let (department, copies) = destination(&one) else { return nil }
        var fields = ["department": department]
        // A copy once named goes with every dispatch; a new department's own name among them would be refused.
        let known = OrderVocabulary.list(one.life.fields["copies"] ?? "")
        if !copies.isEmpty, known != copies { fields["copies"] = copies.joined(separator: ",") }
        return fields
    }
}
