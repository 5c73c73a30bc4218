import Calls
import Norms
import Storage
import WorkOrders

/// How an order comes to be made.
struct OrderIntake {
    var plan: OrderPlan
    /// It is made of a call back that turned out to be something else.
    var isConverted = false
    var caller: String?
    var call: CallID?
    var recording: RecordingID?
    /// The stretch of the recording in which the caller speaks after the tone.
    var message: (from: AudioPosition, to: AudioPosition)?
    var agent: Int?
    var attitude: String?
}

extension LifeWorld {
    // MARK: - Making

    mutating func makeOrder(_ intake: OrderIntake, at: Int64) throws {
        var draw = Draw(seed: year.seed, .order, intake.plan.index)
        var intake = intake
        var converted: Int?
        if intake.isConverted {
            converted = openCallbacks.last { cases[$0]?.life.isFinal == false && cases[$0]?.caller != nil }
        }
        if let converted { intake.caller = cases[converted]?.caller }
        if intake.call == nil, converted == nil, draw.chance(700) { intake.caller = Words.telephone(&draw) }
        let category = intake.plan.category
        guard let rules = year.rules.life(of: category),
            let life = OrderLife(rules: rules, policy: year.policy, category: category)
        else { throw YearError("the library has no life for orders of the category \(category)") }
        let date = year.zone.civil(at).compactDate
        let serial = serials[date, default: 0] + 1
        serials[date] = serial
        guard let number = OrderNumber(date: date, serial: serial)?.description else {
            throw YearError("\(date) and \(serial) make no order's number")
        }
        let traits = traits(of: intake, &draw)
        let recording = open.isKnown(intake.recording) ? intake.recording : nil
        var one = OrderCase(
            plan: intake.plan, id: LifeID.make(at: at, &draw), number: number, createdAt: at, caller: intake.caller,
            call: intake.call, recording: recording, life: life, draw: draw, traits: traits, since: at)
        if one.draw.chance(25) { one.stepsUntilForgotten = 1 + one.draw.below(7) }
        tell(created(&one, intake, at: at), at: at)
        // A few are never looked at.
        if !one.draw.chance(3) { one.main = accept(&one, intake, at: at) }
        let index = intake.plan.index
        if let main = one.main { agenda.put(.step(index), at: main.enteredAt) }
        setBeside(&one, index, at: at)
        knowAgain(&one, index, converted, at: at)
        cases[index] = one
        if let caller = one.caller {
            ordersOfCaller[caller, default: []].append(index)
            if lastCallers.count >= 300 { lastCallers.removeFirst() }
            lastCallers.append(caller)
        }
        if category == "fault" { openFaults.append(index) }
        if category == "callback" { openCallbacks.append(index) }
    }

    private mutating func created(_ one: inout OrderCase, _ intake: OrderIntake, at: Int64) -> [Fact] {
        var fields = ["district": String(one.traits.place.prefix(2)), "account": one.traits.account]
        if intake.call == nil { fields = ["account": one.traits.account] }
        var facts: [Fact] = [
            .orderCreated(
                OrderCreated(
                    order: one.id, at: clock.instant(at), number: one.number,
                    code: OrderCode.make(random: one.draw.next()),
                    category: one.plan.category, call: one.call, caller: one.caller, fields: fields))
        ]
        if let call = one.call { one.links.insert("\(call) created") }
        if let recording = one.recording, let message = intake.message {
            one.links.insert("\(recording) message")
            facts.append(
                .orderLinked(
                    OrderLinked(
                        order: one.id, at: clock.instant(at), recording: recording, role: "message", from: message.from,
                        to: message.to)))
        }
        return facts
    }

    private static let taxonomies: [String: [String]] = [
        "dazu": [
            "attitude", "conduct", "charging", "metering", "connection", "fault_handling", "power_quality",
            "outage_notice",
        ],
        "zhejiang": ["i1", "i2", "i5", "i11", "i13", "i15", "i19"],
    ]

    private func traits(of intake: OrderIntake, _ draw: inout Draw) -> OrderTraits {
        let category = intake.plan.category
        let isComplaint = category == "complaint" || category == "report"
        let isNamed = draw.chance(category == "report" ? 350 : isComplaint ? 640 : 850)
        let topic: String
        switch category {
        case "fault": topic = "fault"
        case "business": topic = "connection"
        case "report": topic = draw.pick(["conduct", "conduct", "theft", "theft", "facility_protection"])
        default:
            topic = draw.pick(
                [
                    "conduct", "conduct", "power_quality", "fault", "connection", "outage", "other", "other",
                    "facility_protection",
                ])
        }
        // The policy's own list where it has one; sometimes another's.
        var item: String?
        let own = year.rules.taxonomies[year.policy.id] == nil ? "dazu" : year.policy.id
        if isComplaint, draw.chance(870) {
            let list = draw.chance(920) ? own : own == "dazu" ? "zhejiang" : "dazu"
            item = (Self.taxonomies[list]?.filter { year.rules.vocabulary.items["\(list)/\($0)"] != nil }).flatMap {
                $0.isEmpty ? nil : "\(list)/\(draw.pick($0))"
            }
        }
        let severity = draw.weighted(
            [("ordinary", isComplaint ? 915 : 995), ("serious", isComplaint ? 60 : 3), ("major", isComplaint ? 25 : 2)])
        let departments = year.rules.vocabulary.departments.keys.sorted()
        let contact = isNamed || draw.chance(450) ? intake.caller ?? Words.telephone(&draw) : nil
        return OrderTraits(
            customer: Words.name(&draw), contact: contact, isNamed: isNamed, place: Words.place(&draw),
            account: Words.account(&draw), topic: topic, item: item, severity: severity,
            isGravityKnown: draw.chance(550),
            attitude: intake.attitude
                ?? (draw.chance(350) ? draw.pick(["calm", "calm", "dissatisfied", "angry", "determined"]) : nil),
            isDiscipline: isComplaint && topic == "conduct" && draw.chance(130),
            reported: category == "report" && draw.chance(620) || category == "complaint" && draw.chance(35)
                ? draw.pick(departments) : nil,
            isTrue: draw.chance(440),
            breach: draw.weighted(
                [
                    (nil, 600), ("work_fault", 150), ("cold_attitude", 90), ("rude_attitude", 50), ("ten_promises", 40),
                    ("promised_service", 30), ("ten_donts", 20), ("work_fault_loss", 10), ("extortion", 10),
                ] as [(String?, Int)]),
            wantsExtension: isComplaint && draw.chance(severity == "ordinary" ? 120 : 400),
            area: draw.weighted([("urban", 520), ("rural", 400), ("remote", 80)]),
            responsibility: draw.weighted([("utility", 770), ("customer", 160), ("unknown", 70)]),
            supply: draw.weighted(
                [
                    ("residential", 560), ("low_voltage", 250), ("ten_kilovolt", 90), ("high_voltage_single", 70),
                    ("high_voltage_dual", 30),
                ]), isKeyCustomer: draw.chance(60),
            body: draw.pick(["12398热线", "12345政府热线", "国家电网公司", "能源局派出机构"]))
    }

    /// The first step: with the call, when somebody has heard the message, or when a letter was looked at.
    private mutating func accept(_ one: inout OrderCase, _ intake: OrderIntake, at: Int64) -> PlannedStep? {
        var role = "agent"
        var happened = at + one.draw.within(0...20) * Micro.second
        if intake.agent == nil {
            role = one.plan.channel == "external_body" ? "marketing" : "agent"
            let due = context.due(within: Term(7, .days), from: at)
            let moment = context.moment(
                from: at, due: one.plan.channel == "external_body" ? due : nil,
                usual: 2 * Micro.minute...14 * Micro.hour,
                late: 40, isOffice: intake.call == nil, &one.draw)
            happened = moment.at
        } else if one.draw.chance(15) {
            // It was taken on paper first.
            happened = at - one.draw.skewed(5 * Micro.minute...9 * Micro.hour)
        }
        guard var by = context.actor(for: "accept", role: role, &one) else { return nil }
        if let agent = intake.agent { by.name = String(agent) }
        var entered = max(at, happened) + one.draw.within(1...40) * Micro.second
        if one.draw.chance(35) { entered = max(at, context.entry(of: happened, isHotline: false, &one.draw)) }
        var planned = PlannedStep(
            step: "accept", by: by, happenedAt: happened, enteredAt: entered, fields: acceptFields(&one))
        // Some recordings are forgotten, and given later.
        if let recording = one.recording, one.draw.chance(930) {
            planned.recording = recording
            planned.call = one.call
        }
        return planned
    }

    /// What the step needs and takes by the life's own rules, as far as it is known of this order.
    private func acceptFields(_ one: inout OrderCase) -> [String: String] {
        let traits = one.traits
        let isComplaint = one.life.rules.id == "complaint"
        var known: [String: String] = [
            "content": Words.matter(one.plan.category, &one.draw), "question": Words.matter("consultation", &one.draw),
            "channel": one.plan.channel, "topic": traits.topic, "place": traits.place, "account": traits.account,
            "identity": traits.isNamed ? "named" : "anonymous", "area": traits.area, "supply": traits.supply,
            "customer": traits.customer, "contact": traits.contact ?? Words.telephone(&one.draw),
        ]
        known["item"] = traits.item
        known["attitude"] = traits.attitude
        known["external_body"] = one.plan.channel == "external_body" ? traits.body : nil
        known["reported_department"] = traits.reported
        if traits.isGravityKnown, traits.severity != "ordinary" { known["severity"] = traits.severity }
        if traits.isDiscipline, one.draw.chance(500) { known["discipline"] = "yes" }
        if traits.reported != nil, one.plan.category == "complaint" { known["confidential"] = "yes" }
        if traits.isKeyCustomer { known["key_customer"] = "yes" }
        guard let step = one.life.rules.step("accept") else { return [:] }
        let state = one.life
        let needed = Set(
            step.needs.filter { need in
                need.condition.holds { $0 == "category" ? state.category : known[$0] }
            }.flatMap(\.fields))
        var fields: [String: String] = [:]
        for name in needed { fields[name] = known[name] }
        for name in step.takes where !needed.contains(name) {
            guard let value = known[name] else { continue }
            let share: Int
            switch name {
            case "severity", "discipline", "reported_department", "confidential", "item", "attitude", "external_body":
                share = 1000
            case "contact", "customer": share = traits.isNamed ? 900 : traits.contact == nil ? 0 : 700
            case "identity": share = isComplaint ? 1000 : 700
            case "content": share = 900
            case "key_customer": share = 1000
            default: share = 650
            }
            if one.draw.chance(share) { fields[name] = value }
        }
        return fields
    }

    // MARK: - Leading on

    /// Writes the step that was planned down, and plans the next.
    mutating func doStep(_ index: Int, at: Int64) throws {
        guard var one = cases[index], let planned = one.main else { return }
        one.main = nil
        if !one.life.isFinal {
            try perform(planned, &one, index, at: at)
            if let left = one.stepsUntilForgotten { one.stepsUntilForgotten = left - 1 }
        }
        try lead(&one, index, at: at)
        keep(one, index)
    }

    /// A closed order is not looked at any more.
    mutating func keep(_ one: OrderCase, _ index: Int) {
        guard one.life.isFinal else {
            cases[index] = one
            return
        }
        cases[index] = nil
        if let caller = one.caller { ordersOfCaller[caller]?.removeAll { $0 == index } }
        openFaults.removeAll { $0 == index }
        openCallbacks.removeAll { $0 == index }
    }

    /// Plans what leads on, where nothing is planned yet.
    mutating func lead(_ one: inout OrderCase, _ index: Int, at now: Int64) throws {
        guard !one.life.isFinal, one.main == nil, one.life.state != OrderLifeRules.unborn,
            let next = context.next(&one, at: now)
        else { return }
        guard let by = context.actor(for: next.step, role: next.role, &one) else {
            throw YearError("nobody can do \(next.step) of \(one.number) in state \(one.life.state)")
        }
        let isHotline = ["agent", "shift_leader", "crew"].contains(by.role)
        var happened = max(next.happenedAt, one.since)
        // Tries in vain come after each other.
        if !next.isExact, let last = one.life.record.last(where: { $0.step == next.step })?.happenedAt, happened <= last
        {
            happened = last + one.draw.skewed(10 * Micro.minute...5 * Micro.hour)
        }
        var planned = PlannedStep(
            step: next.step, by: by, happenedAt: happened, enteredAt: happened, why: next.why, fields: next.fields)
        switch next.spoken {
        case nil: break
        case .intake:
            planned.call = one.call
            planned.recording = one.recording
        case .contact?, .visit?:
            speak(next, &planned, &one, after: now)
            happened = planned.happenedAt
        }
        planned.enteredAt =
            next.isAtOnce
            ? max(now, happened) + one.draw.within(1...25) * Micro.second
            : max(now + 1, context.entry(of: happened, isHotline: isHotline, &one.draw))
        one.main = planned
        agenda.put(.step(index), at: planned.enteredAt)
    }

    /// Places the call by which a step is done. Where its moment is over, or stands, it was made by another telephone.
    private mutating func speak(
        _ next: NextStep, _ planned: inout PlannedStep, _ one: inout OrderCase, after now: Int64
    ) {
        let seconds = one.draw.skewed(25...420)
        var begin = planned.happenedAt - (seconds + 45) * Micro.second
        if begin <= now {
            guard !next.isExact else { return }
            begin = now + one.draw.within(1...120) * Micro.second
        }
        guard let number = one.traits.contact ?? one.caller, let line = server.line(&one.draw) else { return }
        callsPlaced += 1
        let role = next.spoken == .visit ? "return_visit" : "contact"
        var builder = CallBuilder(
            Draw(seed: year.seed, .outgoing, callsPlaced), clock, line: line, direction: .outbound, caller: number,
            begin: begin)
        let placed = builder.place(
            by: Staff.workNumber(planned.by.name), role: role, isReached: next.isReached, seconds: seconds,
            recording: one.draw.chance(985) ? .measured : nil)
        if let recording = builder.recording, next.step != "answer" {
            // The call itself is linked at its end.
            one.links.insert("\(recording) \(role)")
            let order = one.id
            builder.add(placed.to + 4000) {
                .orderLinked(OrderLinked(order: order, at: $0, recording: recording, role: role))
            }
        }
        put(builder)
        planned.call = builder.call
        planned.recording = builder.recording
        if !next.isExact { planned.happenedAt = placed.to }
    }
}
