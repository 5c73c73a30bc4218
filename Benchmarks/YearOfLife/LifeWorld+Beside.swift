import Norms
import WorkOrders

// What is done beside an order's own way: what a clock asks for, reminders, notices, notes, links, merging.

extension LifeWorld {
    /// - Parameter at: now.
    private mutating func put(
        _ step: String, _ one: inout OrderCase, _ index: Int, happened: Int64, at: Int64, role: String? = nil,
        why: String? = nil, _ fields: [String: String] = [:], kind: PlannedStep.Kind = .plain
    ) {
        // Who does it shows when it is done; until then anybody's name stands for them.
        let entered = max(at + 1, context.entry(of: happened, isHotline: true, &one.draw))
        one.side.append(
            PlannedStep(
                step: step, by: OrderActor(name: "", role: role ?? ""), happenedAt: happened, enteredAt: entered,
                why: why, fields: fields, kind: kind))
        one.side.sort { $0.enteredAt < $1.enteredAt }
        agenda.put(.beside(index), at: entered)
    }

    // MARK: - What a clock asks for

    mutating func setOwed(
        _ clock: String, since: Int64, due: OrderDue?, _ one: inout OrderCase, _ index: Int, at: Int64
    ) {
        switch clock {
        case "brief":
            let owed = due ?? context.deadline(OrderLimit(Term(0, .days), clause: ""), since)
            guard !one.draw.chance(40) else { return }
            let moment = context.moment(
                from: since, due: owed, usual: Micro.hour...8 * Micro.hour, late: 110, isOffice: false, &one.draw)
            put("brief", &one, index, happened: moment.at, at: at, ["note": "已将初步情况上报"])
        case "major_report":
            let owed = due ?? context.due(within: Term(1, .hours), from: since)
            guard !one.draw.chance(40) else { return }
            let moment = context.moment(
                from: since, due: owed, usual: 10 * Micro.minute...2 * Micro.hour, late: 130, isOffice: false, &one.draw
            )
            put("report_major", &one, index, happened: moment.at, at: at, ["note": "已向上级主管部门汇报"])
        case "supervised":
            guard !one.draw.chance(60) else { return }
            let moment = context.moment(
                from: since, due: due, usual: Micro.day...5 * Micro.day, late: 150, isOffice: true, &one.draw)
            put("answer_notice", &one, index, happened: moment.at, at: at, ["note": "已按督办要求处理"])
        case "reminded":
            guard one.draw.chance(720) else { return }
            let happened = since + one.draw.skewed(20 * Micro.minute...2 * Micro.day)
            put("answer_reminder", &one, index, happened: happened, at: at, ["note": "已联系客户说明进度"])
        case "order_correction":
            guard !one.draw.chance(50) else { return }
            let happened = context.office.next(after: since + one.draw.skewed(Micro.hour...6 * Micro.day), &one.draw)
            let until = happened + one.draw.within(5...40) * Micro.day
            put(
                "order_correction", &one, index, happened: happened, at: at,
                [
                    "corrective_action": "完善制度并培训", "corrective_owner": one.life.fields["department"] ?? "marketing",
                    "corrective_due": String(until),
                ])
        case "correction":
            guard !one.draw.chance(50) else { return }
            let moment = context.moment(
                from: since, due: due, usual: 5 * Micro.day...40 * Micro.day, late: 160, isOffice: true, &one.draw)
            let isDone = one.times("check_correction") > 0 || one.draw.chance(880)
            put(
                "check_correction", &one, index, happened: moment.at, at: at,
                ["correction": isDone ? "done" : "not_done"])
        case "written_result":
            guard !one.draw.chance(40) else { return }
            put("write_result", &one, index, happened: letter(since, &one), at: at, ["document": "答复函"])
        case "visit":
            // Some write to the customer though their rules do not ask for it.
            let rules = one.life.rules
            guard rules.step("write_result") != nil, one.traits.isNamed, one.times("write_result") == 0,
                context.option("written_result") != "yes", one.draw.chance(120)
            else { return }
            put("write_result", &one, index, happened: letter(since, &one), at: at, ["document": "答复函"])
        default: break
        }
    }

    private func letter(_ since: Int64, _ one: inout OrderCase) -> Int64 {
        context.office.next(after: since + one.draw.skewed(4 * Micro.hour...12 * Micro.day), &one.draw)
    }

    // MARK: - What happens to some

    mutating func setBeside(_ one: inout OrderCase, _ index: Int, at: Int64) {
        let isComplaint = one.life.rules.id == "complaint"
        if one.draw.chance(isComplaint ? 90 : 35) {
            let happened = at + one.draw.skewed(40 * Micro.minute...12 * Micro.day)
            put("remind", &one, index, happened: happened, at: at, why: "客户来电催办", ["channel": "telephone"])
        }
        if one.draw.chance(isComplaint ? 40 : 8) {
            let happened = at + one.draw.skewed(Micro.day...10 * Micro.day)
            let until = happened + one.draw.within(1...7) * Micro.day
            put("supervise", &one, index, happened: happened, at: at, why: "超期风险", ["notice_due": String(until)])
        }
        if one.draw.chance(60) {
            let happened = at + one.draw.skewed(10 * Micro.minute...6 * Micro.day)
            put("note", &one, index, happened: happened, at: at, ["note": "客户补充说明"])
        }
        if one.draw.chance(20) {
            put("acknowledge", &one, index, happened: at + one.draw.skewed(Micro.hour...9 * Micro.day), at: at)
        }
        if one.draw.chance(one.recording == nil ? 0 : 70) {
            put("prove", &one, index, happened: at + one.draw.skewed(Micro.hour...4 * Micro.day), at: at)
        }
        guard isComplaint else { return }
        if !one.traits.isGravityKnown, one.traits.severity != "ordinary" {
            let happened = at + one.draw.skewed(30 * Micro.minute...5 * Micro.day)
            put("grade", &one, index, happened: happened, at: at, why: "影响扩大", ["severity": one.traits.severity])
        }
        if one.draw.chance(10) {
            put(
                "protect", &one, index, happened: at + one.draw.skewed(Micro.hour...3 * Micro.day), at: at,
                ["reported_department": one.draw.pick(["power_station", "customer_centre", "repair_centre"])])
        }
    }

    /// An earlier order of the same customer, or the same fault in a storm: linked, merged, or not noticed.
    mutating func knowAgain(_ one: inout OrderCase, _ index: Int, _ converted: Int?, at: Int64) {
        if let converted, var other = cases[converted] {
            let happened = at + one.draw.within(2...20) * Micro.minute
            put("convert", &other, converted, happened: happened, at: at, why: "客户诉求另有所指", kind: .other(index))
            cases[converted] = other
        }
        let category = one.plan.category
        var earlier = one.caller.flatMap { ordersOfCaller[$0]?.last { cases[$0]?.life.isFinal == false } }
        var merges = 300
        if earlier == nil, category == "fault", one.draw.chance(60) {
            // A fault is one, whoever reports it.
            earlier = openFaults.last { cases[$0].map { at - $0.createdAt < 2 * Micro.hour } ?? false }
            merges = 1000
        }
        guard let earlier, earlier != converted, let other = cases[earlier] else { return }
        let happened = at + one.draw.skewed(3 * Micro.minute...6 * Micro.hour)
        if other.plan.category == category, one.draw.chance(merges) {
            put("merge", &one, index, happened: happened, at: at, why: "同一诉求", kind: .other(earlier))
        } else if one.draw.chance(600) {
            put("link", &one, index, happened: happened, at: at, why: "同一客户", kind: .other(earlier))
        }
    }

    // MARK: - Doing it

    mutating func doBeside(_ index: Int, at: Int64) throws {
        guard var one = cases[index], let planned = one.side.first, planned.enteredAt <= at else { return }
        one.side.removeFirst()
        // What does not fit any more, because the order went another way meanwhile, is not done.
        if !one.life.isFinal, one.life.state != OrderLifeRules.unborn {
            switch planned.kind {
            case .plain: beside(planned, &one, index, at: at)
            case .other(let other): try together(planned, &one, index, other, at: at)
            }
        }
        try lead(&one, index, at: at)
        keep(one, index)
    }

    private mutating func beside(_ planned: PlannedStep, _ one: inout OrderCase, _ index: Int, at: Int64) {
        var planned = planned
        guard let rule = one.life.rules.step(planned.step), one.life.openSteps.contains(where: { $0.id == rule.id }),
            let by = context.actor(for: planned.step, role: planned.by.role, &one),
            let first = one.life.record.first
        else { return }
        planned.by = by
        planned.happenedAt = max(planned.happenedAt, first.happenedAt)
        switch planned.step {
        case "acknowledge":
            guard let alarm = one.life.alarms(at: planned.happenedAt, deadline: context.deadline).first else { return }
            planned.fields = ["clock": alarm.key.clock, "alarm": alarm.key.alarm]
        case "prove":
            guard let step = one.life.unproven.first(where: { $0.event.step == "accept" }) else { return }
            planned.fields = ["proves": String(step.number)]
            (planned.recording, planned.call) = (one.recording, one.call)
            guard open.isKnown(one.recording) else { return }
        case "grade", "protect":
            if one.life.fields["severity"] == planned.fields["severity"], planned.step == "grade" { return }
        default: break
        }
        do throws(OrderRefusal) {
            try attempt(planned, &one, index, at: at)
        } catch {
            // The order went another way meanwhile: an answer, not a fault.
            return
        }
    }

    /// Both orders say so, or neither does.
    private mutating func together(
        _ planned: PlannedStep, _ one: inout OrderCase, _ index: Int, _ otherIndex: Int, at: Int64
    ) throws {
        guard var other = cases[otherIndex], !other.life.isFinal, let first = other.life.record.first,
            let own = one.life.record.first
        else { return }
        let isLink = planned.step == "link"
        guard !isLink || !one.life.linked.contains(other.number) && !other.life.linked.contains(one.number),
            let by = context.actor(for: planned.step, role: nil, &one)
        else { return }
        var mine = planned
        mine.by = by
        mine.fields = [isLink ? "link" : "into": other.number]
        mine.happenedAt = max(planned.happenedAt, one.since, own.happenedAt)
        guard mine.happenedAt <= at else { return }
        var theirs = mine
        theirs.step = isLink ? "link" : "absorb"
        theirs.fields = [isLink ? "link" : "duplicate": one.number]
        theirs.happenedAt = max(mine.happenedAt, first.happenedAt)
        guard theirs.happenedAt <= at else { return }
        try perform(mine, &one, index, at: at)
        try perform(theirs, &other, otherIndex, at: at)
        cases[otherIndex] = other
    }
}
