import Norms
import WorkOrders

// Complaints and reports.

extension OrderContext {
    func complaint(_ one: inout OrderCase) -> NextStep? {
        switch one.life.state {
        case "accepted": return audit(&one)
        case "to_amend":
            return step("amend", &one, 5 * Micro.minute...5 * Micro.hour, ["note": "已补充联系方式和地点"])
        case "audited", "to_redispatch": return sendOut(&one)
        case "dispatched":
            let left = one.draw.weighted([(0, 960), (1, 25), (2, 15)])
            if left == 1 { return giveBack(&one) }
            if left == 2, one.times("recall") == 0 { return recall(&one) }
            return step("receive", &one, due: due("receive", one), 3 * Micro.minute...7 * Micro.hour, isOffice: true)
        case "received": return firstContact(&one)
        case "contacted": return investigate(&one)
        case "rework": return reply(&one)
        case "at_discipline":
            return step(
                "discipline_result", &one, due: due("discipline", one), 5 * Micro.day...40 * Micro.day, isOffice: true,
                replyFields(&one))
        case "replied": return hear(&one)
        case "director_contacted": return review(&one)
        case "qualified": return conclude(&one)
        case "filed": return visit(&one)
        case "visited": return archive(&one)
        default: return nil
        }
    }

    // MARK: - To the department

    private func audit(_ one: inout OrderCase) -> NextStep {
        let amends = one.times("amend") == 0 && one.draw.chance(35)
        var next = step(
            "audit", &one, due: due("dispatch", one).flatMap { share(of: $0, from: one.since, 600) },
            90 * Micro.second...70 * Micro.minute, ["verdict": amends ? "amend" : "passed"])
        if !one.traits.isGravityKnown, one.traits.severity != "ordinary", one.draw.chance(500) {
            next.fields["severity"] = one.traits.severity
        }
        if one.traits.isDiscipline, one.life.fields["discipline"] == nil, one.draw.chance(850) {
            next.fields["discipline"] = "yes"
        }
        return next
    }

    /// To a department; what is a matter of discipline, and what is about everybody who could get it, goes past them all.
    private func sendOut(_ one: inout OrderCase) -> NextStep? {
        let fields = one.life.fields["discipline"] == "yes" ? nil : dispatchFields(&one)
        guard let fields else {
            let usual =
                one.draw.chance(850) ? Micro.minute...40 * Micro.minute : 4 * Micro.hour...4 * Micro.day
            var next = step("refer", &one, usual)
            next.why = "涉及违纪，移交纪检监察"
            return next
        }
        let owed = due("dispatch", one) ?? due(within: Term(1, .hours), from: one.since)
        return step("dispatch", &one, due: owed, Micro.minute...Micro.hour, late: 75, fields)
    }

    private func giveBack(_ one: inout OrderCase) -> NextStep? {
        guard one.times("return") < 2 else {
            return step("receive", &one, due: due("receive", one), 3 * Micro.minute...7 * Micro.hour, isOffice: true)
        }
        let owed = due("return", one) ?? due(within: Term(1, .workingDays), from: one.since)
        var next = step("return", &one, due: owed, Micro.hour...2 * Micro.day, late: 110, isOffice: true)
        next.why = one.draw.pick(["不属于本部门职责", "应由抢修中心处理", "重复派发"])
        return next
    }

    private func recall(_ one: inout OrderCase) -> NextStep {
        var next = step("recall", &one, 20 * Micro.minute...Micro.day)
        next.why = "派发有误"
        return next
    }

    // MARK: - With the department

    private func firstContact(_ one: inout OrderCase) -> NextStep? {
        let isWrong = isMisdirected(one)
        if one.times("return") < 2, one.draw.chance(isWrong ? 550 : 25) { return giveBack(&one) }
        if one.times("recall") == 0, one.draw.chance(8) { return recall(&one) }
        if one.times("contact") % 4 == 3 {
            var next = step("waive_contact", &one, 4 * Micro.hour...2 * Micro.day, isOffice: true)
            next.why = "三次未接"
            return next
        }
        let owed = due("contact", one) ?? due(within: Term(1, .workingDays), from: one.since)
        var next = call("contact", &one, due: owed, 30 * Micro.minute...2 * Micro.day, spoken: .contact, proven: 650)
        if one.traits.wantsExtension, next.isReached, one.draw.chance(600) { next.fields["customer_told"] = "yes" }
        return next
    }

    private func isMisdirected(_ one: OrderCase) -> Bool {
        guard let routing = policy.routing.flatMap({ library.routings[$0] }),
            let route = routing.route(
                category: one.life.category, fields: one.life.fields, vocabulary: library.vocabulary),
            let department = one.life.fields["department"]
        else { return false }
        return !route.departments.contains(department)
    }

    private func investigate(_ one: inout OrderCase) -> NextStep? {
        if one.traits.wantsExtension, one.times("ask_extension") < 2, policy.extensions[one.life.category] != nil,
            one.times("refuse_extension") == 0, one.times("grant_extension") == 0 || one.draw.chance(60),
            one.life.clocks(at: one.since, deadline: deadline).allSatisfy({ $0.id != "extension" }),
            let next = askExtension(&one)
        {
            return next
        }
        if one.life.clocks(at: one.since, deadline: deadline).contains(where: { $0.id == "extension" }),
            one.times("grant_extension") + one.times("refuse_extension") < one.times("ask_extension"),
            !one.draw.chance(80)
        {
            return decideExtension(&one)
        }
        // What only the investigation shows.
        if one.traits.isDiscipline, one.life.fields["discipline"] == nil, one.times("refer") == 0, one.draw.chance(600)
        {
            var next = step("refer", &one, Micro.day...8 * Micro.day, isOffice: true)
            next.why = "调查发现涉及违纪"
            return next
        }
        if one.times("contact") < 4, one.draw.chance(90) {
            return call("contact", &one, 4 * Micro.hour...3 * Micro.day, spoken: .contact, proven: 600)
        }
        return reply(&one)
    }

    private func reply(_ one: inout OrderCase) -> NextStep {
        let answer = due("answer", one) ?? due(within: Term(10, .workingDays), from: one.createdAt)
        let owed = due("reply", one) ?? share(of: answer, from: one.since, 750)
        return step(
            "reply", &one, due: owed, 4 * Micro.hour...5 * Micro.day, late: 70, isOffice: true, replyFields(&one))
    }

    private func replyFields(_ one: inout OrderCase) -> [String: String] {
        let isTrue = one.traits.isTrue
        var fields = [
            "result": isTrue ? "已处理并整改" : "经查不属实，已向客户说明", "finding": isTrue ? "substantiated" : "unsubstantiated",
            "customer_view": one.draw.weighted(
                [("satisfied", 560), ("accepted", 240), ("dissatisfied", 110), ("not_given", 90)]),
        ]
        if isTrue {
            fields["cause"] = one.draw.pick(["人员责任心不强", "设备老化", "流程衔接不畅"])
            fields["apologised"] = one.draw.chance(930) ? "yes" : "no"
        } else {
            fields["explained"] = one.draw.chance(940) ? "yes" : "no"
        }
        return fields
    }

    // MARK: - Extensions

    /// More time: no more than the total, sometimes all of it to the microsecond; asked for in time, or when it is over.
    private func askExtension(_ one: inout OrderCase) -> NextStep? {
        guard let allowed = policy.extensions[one.life.category] else { return nil }
        let clocks = one.life.clocks(at: one.since, deadline: deadline).filter {
            one.life.rules.clock($0.id)?.isExtendable == true && $0.due != nil
        }
        guard let clock = clocks.first, let now = clock.due else { return nil }
        var latest: Int64 = now.at + 15 * Micro.day
        for other in clocks {
            guard let due = other.due else { continue }
            let bounds = [
                allowed.total.flatMap { deadline($0, other.since) }, allowed.addition.flatMap { deadline($0, due.at) },
            ]
            for case let bound? in bounds { latest = min(latest, bound.endsDay ? bound.at - 1 : bound.at) }
        }
        guard latest > now.at + 1 else { return nil }
        let until = one.draw.chance(120) ? latest : now.at + 1 + one.draw.within(0...latest - now.at - 1)
        let isLate = one.draw.chance(90)
        let from = one.since
        let at =
            isLate
            ? now.at + one.draw.skewed(Micro.minute...2 * Micro.day)
            : from + max(1, (now.at - from) / 1000 * one.draw.within(450...980))
        var next = NextStep(step: "ask_extension", happenedAt: max(from, at), fields: ["until": String(until)])
        next.why = "需外单位调查取证"
        if !allowed.grounds.isEmpty { next.fields["ground"] = one.draw.pick(allowed.grounds) }
        if allowed.isCustomerToldFirst || one.draw.chance(500) { next.fields["customer_told"] = "yes" }
        return next
    }

    /// Granted, whole or in part, mostly in time; or refused.
    private func decideExtension(_ one: inout OrderCase) -> NextStep {
        let asked = one.life.record.last { $0.step == "ask_extension" }
        let until = asked?.fields["until"].flatMap { Int64($0) } ?? 0
        let from = max(one.since, asked?.happenedAt ?? one.since)
        let at = office.next(after: from + one.draw.skewed(20 * Micro.minute...3 * Micro.day), &one.draw)
        let clocks = one.life.clocks(at: from, deadline: deadline).filter {
            one.life.rules.clock($0.id)?.isExtendable == true
        }
        let now = clocks.compactMap(\.due?.at).min() ?? until
        guard one.draw.chance(800), until > now + 1 else {
            return NextStep(step: "refuse_extension", happenedAt: at, why: "理由不充分")
        }
        var next = NextStep(step: "grant_extension", happenedAt: at, why: "情况属实，同意延期")
        if one.draw.chance(250) { next.fields["until"] = String(now + 1 + (until - now - 1) / 2) }
        return next
    }

    // MARK: - With the hotline again

    /// The hotline's own word with the customer, where the profile wants it, and sometimes elsewhere.
    private func hear(_ one: inout OrderCase) -> NextStep {
        let isRequired = option("director_contact") == "required"
        let sinceReply = one.life.record.lastIndex { $0.step == "reply" || $0.step == "discipline_result" } ?? 0
        let tries = one.life.record[sinceReply...].filter { $0.step == "director_contact" }.count
        guard isRequired || tries > 0 || one.draw.chance(200) else { return review(&one) }
        if tries >= 3 {
            var next = step("waive_contact", &one, 4 * Micro.hour...2 * Micro.day, isOffice: true)
            next.why = "三次未接"
            return next
        }
        return call("director_contact", &one, 20 * Micro.minute...Micro.day, spoken: .contact, proven: 920)
    }

    private func review(_ one: inout OrderCase) -> NextStep {
        let bad = one.life.record.filter { $0.fields["assessment"] == "unqualified" }.count
        let isBad = one.draw.chance(bad == 0 ? 110 : bad == 1 ? 60 : 0)
        let answer = due("answer", one) ?? due(within: Term(10, .workingDays), from: one.createdAt)
        var next = step(
            "review", &one, due: isBad ? nil : answer, 20 * Micro.minute...Micro.day, late: 30, isOffice: true)
        next.fields["assessment"] = isBad ? "unqualified" : "qualified"
        if isBad {
            next.fields["fault_of_reply"] = one.draw.weighted(
                [("incomplete", 450), ("inaccurate", 250), ("untrue", 90), ("dissatisfied", 210)])
        } else if one.traits.isTrue, let breach = one.traits.breach {
            next.fields["breach"] = breach
        }
        return next
    }

    /// The visit before the archive, or the archive before the visit, as the profile has it.
    private func conclude(_ one: inout OrderCase) -> NextStep? {
        if option("archive") == "before_visit" {
            return step("archive", &one, 20 * Micro.minute...6 * Micro.hour, isOffice: true)
        }
        return visit(&one)
    }

    private func visit(_ one: inout OrderCase) -> NextStep {
        let sinceReview = one.life.record.lastIndex { $0.step == "review" } ?? 0
        let tries = one.life.record[sinceReview...].filter { $0.step == "revisit" }.count
        if tries >= 3 || one.draw.chance(25) {
            var next = step("waive_visit", &one, 2 * Micro.hour...2 * Micro.day, isOffice: true)
            next.why = tries >= 3 ? "三次未接" : "客户要求不再回访"
            return next
        }
        let reviewed = one.life.record.isEmpty ? one.since : one.life.record[sinceReview].happenedAt
        let owed = due("visit", one) ?? due(within: Term(24, .hours), from: reviewed)
        var next = call("revisit", &one, due: owed, Micro.hour...2 * Micro.day, spoken: .visit, proven: 900)
        if next.isReached {
            next.fields.merge(visitAnswers(&one, bad: one.times("dispatch") > 3 ? 0 : 55)) { _, new in new }
        }
        return next
    }
}
