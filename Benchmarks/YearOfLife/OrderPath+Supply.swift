import Norms
import WorkOrders

// Faults and applications.

extension OrderContext {
    // MARK: - Faults

    /// From the report: what the provincial and the southern documents give where the policy gives nothing.
    private static let arrival = ["urban": 45, "rural": 90, "remote": 120]
    private static let repair = ["urban": 4, "rural": 5, "remote": 6]

    func fault(_ one: inout OrderCase) -> NextStep? {
        let traits = one.traits
        switch one.life.state {
        case "reported":
            var fields = ["responsibility": traits.responsibility]
            if traits.responsibility != "customer" { fields["area"] = traits.area }
            var next = step("triage", &one, 20 * Micro.second...8 * Micro.minute, fields)
            next.isAtOnce = one.draw.chance(920)
            return next
        case "guiding": return guide(&one)
        case "to_notify":
            let usual =
                one.draw.chance(930)
                ? 20 * Micro.second...9 * Micro.minute : 10 * Micro.minute...90 * Micro.minute
            var next = step("notify_crew", &one, due: due("notify", one), usual, ["crew": crew(&one)])
            if one.draw.chance(40) { next.fields["copies"] = "dispatching" }
            next.isAtOnce = one.draw.chance(850)
            return next
        case "notified":
            if one.times("return") == 0, one.draw.chance(18) {
                var next = step("return", &one, 3 * Micro.minute...40 * Micro.minute)
                next.why = "不在本班管辖范围"
                return next
            }
            let area = one.life.fields["area"] ?? traits.area
            // From the report, or from the visit that showed it was not mended.
            let bad = one.life.record.last { $0.fields["handling"] == "bad" }?.happenedAt
            let reported = min(one.createdAt, one.life.record.first?.happenedAt ?? one.createdAt)
            let arrive = due(within: Term(Self.arrival[area] ?? 90, .minutes), from: bad ?? reported)
            return step("arrive", &one, due: arrive, 10 * Micro.minute...2 * Micro.hour, late: 65)
        case "on_site":
            if one.times("find_customer_side") == 0, one.life.fields["responsibility"] != "customer",
                one.draw.chance(50)
            {
                return step("find_customer_side", &one, 5 * Micro.minute...40 * Micro.minute, ["price_told": "yes"])
            }
            if one.life.fields["responsibility"] == "customer", one.draw.chance(250) {
                var next = step("leave", &one, 5 * Micro.minute...50 * Micro.minute)
                next.why = "客户自行处理"
                return next
            }
            let area = one.life.fields["area"] ?? traits.area
            let restore =
                due("restore", one) ?? due(within: Term(Self.repair[area] ?? 5, .hours), from: one.since)
            return step(
                "restore", &one, due: restore, 20 * Micro.minute...8 * Micro.hour, late: 55,
                ["cause": one.draw.pick(["熔丝熔断", "树枝压线", "电缆击穿", "变压器烧毁"])])
        case "restored":
            if one.life.fields["visit"] == "done" || one.times("revisit") >= 3
                || one.times("revisit") == 0 && one.draw.chance(170)
            {
                return archive(&one, isOffice: false)
            }
            var next = call(
                "revisit", &one, due: due("visit", one), 20 * Micro.minute...2 * Micro.day, spoken: .visit, proven: 900)
            if next.isReached { next.fields.merge(visitAnswers(&one, bad: 25)) { _, new in new } }
            return next
        case "left_to_customer": return archive(&one, isOffice: false)
        default: return nil
        }
    }

    private func guide(_ one: inout OrderCase) -> NextStep? {
        if one.times("guide") == 0 {
            var next = step(
                "guide", &one, Micro.minute...9 * Micro.minute, ["solved": one.draw.chance(520) ? "yes" : "no"])
            next.spoken = .intake
            next.isAtOnce = true
            return next
        }
        switch one.draw.weighted([(0, 480), (1, 420), (2, 100)]) {
        case 0:
            var next = step(
                "offer_paid", &one, 20 * Micro.second...5 * Micro.minute,
                ["price_told": "yes", "area": one.traits.area])
            next.spoken = .intake
            return next
        case 1:
            var next = step("leave", &one, 20 * Micro.second...5 * Micro.minute)
            next.why = "客户自行联系电工"
            if one.draw.chance(500) { next.fields["price_told"] = "yes" }
            return next
        default:
            return step(
                "triage", &one, Micro.minute...20 * Micro.minute,
                ["responsibility": "utility", "area": one.traits.area])
        }
    }

    private func crew(_ one: inout OrderCase) -> String {
        one.draw.weighted([("repair_centre", 600), ("power_station", 340), ("customer_centre", 60)])
    }

    // MARK: - Applications

    /// Working days for the plan, by the supply: as the provincial document has them.
    private static let plan = [
        "residential": 3, "low_voltage": 7, "ten_kilovolt": 7, "high_voltage_single": 15, "high_voltage_dual": 30,
    ]

    /// Two homes of three are not kept waiting: some documents give five days for all of it.
    private func hurried(_ due: OrderDue?, _ one: OrderCase) -> OrderDue? {
        one.traits.supply == "residential" && one.plan.index % 3 != 0 ? share(of: due, from: one.since, 400) : due
    }

    func application(_ one: inout OrderCase) -> NextStep? {
        let supply = one.life.fields["supply"] ?? "residential"
        let isWithdrawn = one.times("withdraw") == 0 && one.draw.chance(8)
        if isWithdrawn, !["energised", "withdrawn"].contains(one.life.state) {
            var next = step("withdraw", &one, Micro.hour...5 * Micro.day, isOffice: true)
            next.why = "客户取消申请"
            return next
        }
        switch one.life.state {
        case "accepted", "to_redispatch":
            guard let fields = dispatchFields(&one) else { return nil }
            return step("dispatch", &one, due: due("dispatch", one), Micro.minute...5 * Micro.hour, fields)
        case "dispatched":
            if one.times("return") == 0, one.draw.chance(50) {
                var next = step("return", &one, Micro.hour...Micro.day, isOffice: true)
                next.why = "资料不全，退回补充"
                return next
            }
            let plan = hurried(
                due("plan", one) ?? due(within: Term(Self.plan[supply] ?? 7, .workingDays), from: one.createdAt), one)
            return step(
                "answer_plan", &one, due: plan, Micro.day...9 * Micro.day, late: 55, isOffice: true,
                ["plan": "就近接入，客户产权分界点在表箱"])
        case "plan_answered":
            if one.times("contact") == 0, one.draw.chance(120) {
                return call("contact", &one, Micro.hour...3 * Micro.day, spoken: .contact, proven: 500)
            }
            // The customer builds.
            return step(
                "ask_inspection", &one, 6 * Micro.hour...(supply == "residential" ? 6 : 60) * Micro.day, isOffice: true)
        case "inspecting":
            let inspect = hurried(
                due("inspect", one)
                    ?? due(within: Term(supply == "residential" ? 3 : 5, .workingDays), from: one.since), one)
            let isPassed = one.times("inspect") > 1 || one.draw.chance(900)
            return step(
                "inspect", &one, due: inspect, Micro.day...4 * Micro.day, isOffice: true,
                ["inspection": isPassed ? "passed" : "failed"])
        case "inspected":
            return step("complete_formalities", &one, 2 * Micro.hour...8 * Micro.day, isOffice: true)
        case "ready":
            let owed = ["energise", "meter", "energise_key"].compactMap { due($0, one) }.min { $0.at < $1.at }
            let energise = hurried(
                owed ?? due(within: Term(supply == "residential" ? 3 : 5, .workingDays), from: one.since), one)
            return step("energise", &one, due: energise, Micro.day...4 * Micro.day, late: 55, isOffice: true)
        case "energised":
            if one.life.fields["visit"] == "done" || one.times("revisit") >= 3
                || one.times("revisit") == 0 && one.draw.chance(150)
            {
                return archive(&one)
            }
            var next = call(
                "revisit", &one, due: due("visit", one), Micro.hour...4 * Micro.day, spoken: .visit, proven: 900)
            if next.isReached { next.fields.merge(visitAnswers(&one, bad: 30)) { _, new in new } }
            return next
        case "withdrawn": return archive(&one)
        default: return nil
        }
    }
}
