import Norms
import WorkOrders

// What becomes of an order, by the state it is in. Every step is one that its life allows there; when it is done is drawn.

extension OrderContext {
    /// - Returns: nil where nothing leads on: the order is over, or what it owes beside is waited for.
    func next(_ one: inout OrderCase, at now: Int64) -> NextStep? {
        if let left = one.stepsUntilForgotten, left <= 0 { return nil }
        switch one.life.rules.id {
        case "complaint": return complaint(&one)
        case "fault": return fault(&one)
        case "application": return application(&one)
        case "consultation": return consultation(&one)
        case "suggestion": return suggestion(&one)
        case "information": return information(&one)
        case "callback": return callback(&one)
        default: return nil
        }
    }

    /// - Parameter late: so many times of a thousand, where it is due.
    func step(
        _ name: String, _ one: inout OrderCase, due: OrderDue? = nil, _ usual: ClosedRange<Int64>, late: Int = 60,
        isOffice: Bool = false, _ fields: [String: String] = [:]
    ) -> NextStep {
        let moment = moment(
            from: one.since, due: due, usual: usual, late: late, isOffice: isOffice, &one.draw)
        return NextStep(step: name, happenedAt: moment.at, fields: fields, isExact: moment.isExact)
    }

    /// Somebody is called, and reached or not; who left no number cannot be.
    func call(
        _ name: String, _ one: inout OrderCase, due: OrderDue? = nil, _ usual: ClosedRange<Int64>,
        spoken: NextStep.Spoken, isOffice: Bool = true, proven: Int
    ) -> NextStep {
        var step = step(name, &one, due: due, usual, isOffice: isOffice)
        let isReachable = one.traits.isNamed || one.traits.contact != nil || one.caller != nil
        if isReachable {
            step.isReached = one.draw.chance(one.times(name) == 0 ? 860 : 700)
            step.fields["reached"] = step.isReached ? "reached" : "not_reached"
            if one.draw.chance(proven) { step.spoken = spoken }
        } else {
            step.isReached = false
            step.fields["reached"] = spoken == .visit ? "not_reached" : "no_contact"
        }
        return step
    }

    /// What the customer answers at the visit.
    func visitAnswers(_ one: inout OrderCase, bad: Int) -> [String: String] {
        let isBad = one.times("revisit") < 3 && one.draw.chance(bad)
        var fields = ["handling": isBad ? "bad" : "good"]
        if one.draw.chance(800) {
            fields["satisfaction"] =
                isBad
                ? one.draw.pick(["1", "2"])
                : one.draw.weighted(
                    [("5", 620), ("4", 250), ("3", 90), ("2", 25), ("1", 15)])
        }
        return fields
    }

    /// Nothing is owed any more that holds the end up.
    func mayEnd(_ one: OrderCase) -> Bool {
        !one.life.clocks(at: one.since, deadline: deadline).contains { one.life.rules.clock($0.id)?.isRequired == true }
    }

    func archive(_ one: inout OrderCase, isOffice: Bool = true) -> NextStep? {
        guard mayEnd(one) else { return nil }
        return step("archive", &one, 10 * Micro.minute...4 * Micro.day, isOffice: isOffice)
    }

    // MARK: - Consultations

    func consultation(_ one: inout OrderCase) -> NextStep? {
        let answer = due("answer", one) ?? due(within: Term(3, .workingDays), from: one.since)
        switch one.life.state {
        case "accepted":
            let way = one.draw.weighted([(0, 580), (1, 270), (2, 150)])
            if way == 0 {
                var next = step("answer", &one, 20 * Micro.second...6 * Micro.minute, ["answer": "已按规定解释"])
                next.spoken = .intake
                next.isAtOnce = one.draw.chance(900)
                return next
            }
            guard way == 1 else {
                return step(
                    "send_on", &one, 20 * Micro.second...20 * Micro.minute, ["call_back": contact(one)])
            }
            var next = step(
                "promise", &one, 20 * Micro.second...6 * Micro.minute,
                ["call_back": contact(one), "apologised": "yes"])
            next.isAtOnce = true
            return next
        case "to_consult", "consulted":
            if one.life.state == "to_consult", one.draw.chance(750) {
                return step("consult", &one, Micro.minute...90 * Micro.minute, ["team": "计量班"])
            }
            if one.draw.chance(60) {
                var next = step("answer", &one, due: answer, Micro.hour...Micro.day, ["answer": "已查明并答复"])
                next.spoken = .contact
                return next
            }
            return step(
                "team_answer", &one, 5 * Micro.minute...30 * Micro.hour, isOffice: true,
                ["answer": "对方班组已答复", "team": "计量班"])
        case "to_dispatch":
            guard let fields = dispatchFields(&one) else { return nil }
            return step("dispatch", &one, due: due("dispatch", one), Micro.minute...3 * Micro.hour, fields)
        case "dispatched":
            if one.times("return") == 0, one.draw.chance(60) {
                var next = step("return", &one, 20 * Micro.minute...Micro.day, isOffice: true)
                next.why = "不属于本部门职责"
                return next
            }
            let reply = due("reply", one) ?? share(of: answer, from: one.since, 700)
            return step("reply", &one, due: reply, Micro.hour...3 * Micro.day, isOffice: true, ["answer": "部门已答复"])
        case "to_relay":
            if one.times("review") == 0, one.draw.chance(50) {
                return step(
                    "review", &one, 10 * Micro.minute...6 * Micro.hour,
                    ["fault_of_reply": one.draw.pick(["incomplete", "inaccurate", "untrue", "dissatisfied"])])
            }
            if one.times("relay") >= 3 {
                var next = step("waive_contact", &one, Micro.hour...Micro.day, isOffice: true)
                next.why = "多次未接"
                return next
            }
            return call("relay", &one, due: answer, 5 * Micro.minute...Micro.day, spoken: .contact, proven: 900)
        case "answered": return archive(&one)
        default: return nil
        }
    }

    /// Where somebody wants to be called.
    func contact(_ one: OrderCase) -> String { one.traits.contact ?? one.caller ?? "13900000000" }

    /// So many thousandths of the way to what is due.
    func share(of due: OrderDue?, from: Int64, _ perMille: Int64) -> OrderDue? {
        guard let due, due.at > from else { return nil }
        return OrderDue(at: from + (due.at - from) / 1000 * perMille)
    }

    // MARK: - Suggestions, information, calls back

    func suggestion(_ one: inout OrderCase) -> NextStep? {
        switch one.life.state {
        case "accepted":
            guard let fields = dispatchFields(&one) else { return nil }
            return step(
                "dispatch", &one, due: due("dispatch", one), 10 * Micro.minute...2 * Micro.day, isOffice: true, fields)
        case "dispatched":
            if one.times("return") == 0, one.draw.chance(50) {
                var next = step("return", &one, Micro.hour...2 * Micro.day, isOffice: true)
                next.why = "不属于本部门职责"
                return next
            }
            let adopted = one.draw.chance(350) ? "yes" : "no"
            return step(
                "reply", &one, due: due("answer", one), Micro.day...20 * Micro.day, isOffice: true,
                ["adopted": adopted, "result": adopted == "yes" ? "采纳，列入计划" : "暂不采纳，已说明原因"])
        case "considered":
            if one.times("contact") >= 3 {
                var next = step("waive_contact", &one, Micro.hour...Micro.day, isOffice: true)
                next.why = "多次未接"
                return next
            }
            return call("contact", &one, Micro.hour...5 * Micro.day, spoken: .contact, proven: 850)
        case "told": return archive(&one)
        default: return nil
        }
    }

    func information(_ one: inout OrderCase) -> NextStep? {
        switch one.life.state {
        case "accepted":
            if one.draw.chance(80) { return archive(&one) }
            guard let fields = dispatchFields(&one) else { return nil }
            return step("dispatch", &one, due: due("pass_on", one), Micro.minute...8 * Micro.hour, fields)
        case "passed_on":
            if one.times("return") == 0, one.draw.chance(40) {
                var next = step("return", &one, Micro.hour...Micro.day, isOffice: true)
                next.why = "应转安监科"
                return next
            }
            return step("receive", &one, due: due("confirm", one), 10 * Micro.minute...2 * Micro.day, isOffice: true)
        case "noted": return archive(&one)
        default: return nil
        }
    }

    func callback(_ one: inout OrderCase) -> NextStep? {
        switch one.life.state {
        case "accepted":
            if one.times("contact") >= 3 {
                var next = step("waive_contact", &one, Micro.hour...Micro.day)
                next.why = "多次未接"
                return next
            }
            return call(
                "contact", &one, due: due("contact", one), 2 * Micro.minute...20 * Micro.hour, spoken: .contact,
                isOffice: false, proven: 940)
        case "called": return archive(&one, isOffice: false)
        default: return nil
        }
    }
}
