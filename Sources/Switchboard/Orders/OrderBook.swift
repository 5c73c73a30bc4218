import Calls
import Storage
import WorkOrders

/// What somebody wants to do to an order.
public struct OrderStepRequest: Sendable {
    public var step: String
    public var by: WorkNumber
    public var role: String
    public var unit: String?
    /// When it was done; nil: now.
    public var happenedAt: UTCTime?
    public var why: String?
    public var fields: [String: String]
    /// The call in which it was done: it is linked to the order in the step's role, and so is its recording.
    public var call: CallID?

    public init(
        step: String, by: WorkNumber, role: String, unit: String? = nil, happenedAt: UTCTime? = nil,
        why: String? = nil, fields: [String: String] = [:], call: CallID? = nil
    ) {
        self.call = call
        self.step = step
        self.by = by
        self.role = role
        self.unit = unit
        self.happenedAt = happenedAt
        self.why = why
        self.fields = fields
    }
}

/// The lives of stored orders: each step is checked by the rules, and is one fact. What another order must be told of
/// (merging, links) is written in the same transaction, or neither is.
public struct OrderBook: Sendable {
    public let rules: OrderRulebook
    private let store: Store
    private let time: any TimeSource
    private let penalties: PenaltyBook
    private let stepped: @Sendable (_ number: String) -> Void
    private let underWay = OrdersUnderWay()

    /// - Parameter stepped: told of each order that a step has changed, after the step is durable.
    public init(
        rules: OrderRulebook, store: Store, time: any TimeSource,
        stepped: @escaping @Sendable (_ number: String) -> Void = { _ in }
    ) {
        self.rules = rules
        self.store = store
        self.time = time
        self.stepped = stepped
        penalties = PenaltyBook(rules: rules, store: store, time: time)
    }

    /// An order with its life made again from its steps.
    private struct Known {
        var order: OrderSummary
        var life: OrderLife
    }

    /// Does a step: durable when this returns.
    /// - Parameter number: the order's.
    /// - Throws: `SwitchboardError`: `.notFound`; `.refused` with the reason, the order unchanged; `StorageError`,
    ///   `.conflict` where somebody else did a step at the same moment.
    public func step(_ number: String, _ request: OrderStepRequest) async throws -> OrderLifeView {
        var known = try await order(number)
        let now = time.now()
        var event = event(of: request, now, known)
        if let call = request.call, event.fields["recording"] == nil {
            event.fields["recording"] = try await recording(of: call, for: event.step, known.life)?.description
        }
        let actions = try apply(event, to: &known.life)
        var facts = try await links(of: event, call: request.call, to: known, at: now)
        facts.append(fact(of: known, event, now))
        facts += try await penalties.proposals(for: known.life, of: known.order, at: now)
        for case .tell(let other, let step) in actions {
            facts.append(try await tell(other, step, about: number, event, now, category: known.order.category))
        }
        try await store.record(facts)
        stepped(number)
        return try await view(try await order(number), at: now)
    }

    /// Where an order stands.
    /// - Throws: as `step`.
    public func life(of number: String) async throws -> OrderLifeView {
        try await view(try await order(number), at: time.now())
    }

    // MARK: - Orders of a call

    /// Makes an order of a call, with the first step of its life, in one transaction. The same form sent twice makes one.
    func make(_ wish: OrderWish, in workshop: Workshop) async throws -> OrderMade {
        await underWay.begin(wish.call)
        do {
            let made = try await made(wish, in: workshop)
            await underWay.end(wish.call)
            return made
        } catch {
            await underWay.end(wish.call)
            throw error
        }
    }

    private func made(_ wish: OrderWish, in workshop: Workshop) async throws -> OrderMade {
        let call = try await detail(of: wish.call)
        guard let lifeRules = rules.library.life(of: wish.category),
            let accept = lifeRules.acceptance,
            var life = OrderLife(rules: lifeRules, policy: rules.policy, category: wish.category)
        else {
            throw SwitchboardError(.argument, "there is no life for orders of category `\(wish.category.prefix(40))`")
        }
        if let same = try await same(as: wish, accept.id) { return try await told(same) }
        // Refused before a number is spent.
        let now = time.now()
        var event = OrderEvent(
            step: accept.id, by: OrderActor(name: wish.by.text, role: wish.role, unit: nil),
            happenedAt: wish.happenedAt?.microseconds ?? now.wall, enteredAt: now.wall, why: nil, fields: wish.fields)
        if event.fields["recording"] == nil {
            event.fields["recording"] = try await recording(of: wish.call, for: accept.id, life)?.description
        }
        var trial = life
        try apply(event, to: &trial)
        let created = try await workshop.newOrder(
            wish.category, call: wish.call, caller: call.summary.caller, fields: [:])
        // Not earlier than the order that it begins.
        event.enteredAt = max(event.enteredAt, created.at.wall)
        if wish.happenedAt == nil { event.happenedAt = event.enteredAt }
        try apply(event, to: &life)
        let known = Known(order: OrderSummary(created), life: life)
        var facts: [Fact] = [.orderCreated(created)]
        facts += try await links(of: event, call: wish.call, to: known, at: created.at)
        if let recording = call.recording, event.fields["recording"] == nil {
            facts.append(
                .orderLinked(
                    OrderLinked(order: created.order, at: created.at, recording: recording, role: "call")))
        }
        facts.append(fact(of: known, event, created.at))
        facts += try await penalties.proposals(for: life, of: known.order, at: created.at)
        try await store.record(facts)
        workshop.counters.orderCreated(category: wish.category)
        stepped(created.number)
        return try await told(created.number)
    }

    private func told(_ number: String) async throws -> OrderMade {
        let known = try await order(number)
        return OrderMade(
            number: number, code: known.order.code, life: try await view(known, at: time.now()))
    }

    /// The order that this form has made of the call already.
    private func same(as wish: OrderWish, _ accept: String) async throws -> String? {
        try await store.reader.orders(filter: OrderFilter(category: wish.category, call: wish.call)).first { order in
            guard let first = order.steps.first, first.step == accept, first.by == wish.by.text else { return false }
            var fields = first.fields
            if wish.fields["recording"] == nil { fields["recording"] = nil }
            return order.calls.contains { $0.id == wish.call && $0.role == "created" } && fields == wish.fields
        }?.number
    }

    /// Says that a call belongs to an order that is there: the call and its recording are linked to it, and the agent's form
    /// is filled in.
    /// - Throws: `SwitchboardError` `.notFound`; `.refused` where it is linked in that role already.
    public func link(_ call: CallID, to number: String, as role: OrderCallRole, by: WorkNumber) async throws {
        let detail = try await detail(of: call)
        guard let order = try await store.reader.order(number) else {
            throw SwitchboardError(.notFound, "there is no work order \(number.prefix(40))")
        }
        guard !order.calls.contains(where: { $0.id == call && $0.role == role.rawValue }) else {
            throw SwitchboardError(
                .refused, "the call is linked to order \(order.number) as `\(role.rawValue)` already")
        }
        let now = time.now()
        var facts: [Fact] = [
            .orderCallLinked(
                OrderCallLinked(order: order.orderID, at: now, call: call, role: role.rawValue, by: by.text))
        ]
        if let recording = detail.recording {
            if !order.recordings.contains(where: { $0.id == recording && $0.role == role.rawValue }) {
                facts.append(
                    .orderLinked(
                        OrderLinked(order: order.orderID, at: now, recording: recording, role: role.rawValue)))
            }
        } else if try await store.reader.pendingForms().contains(where: { $0.call == call }) {
            // It is the recording's link that closes a form.
            facts.append(.formWaived(FormWaived(call: call, at: now, by: by, reason: "order \(order.number)")))
        }
        try await store.record(facts)
    }

    /// Which earlier orders of a caller a new one repeats.
    /// - Parameter new: as it would be made.
    /// - Returns: nil where nothing says when a caller is known again.
    public func repeats(_ new: OrderBrief, among earlier: [OrderSummary]) -> RepeatFinding? {
        rules.library.repeats?.find(new, among: earlier.map(OrderBrief.init))
    }

    // MARK: - Steps

    private func order(_ number: String) async throws -> Known {
        guard let order = try await store.reader.order(number) else {
            throw SwitchboardError(.notFound, "there is no work order \(number)")
        }
        return Known(order: order, life: try rules.life(of: order))
    }

    private func event(of request: OrderStepRequest, _ now: Instant, _ known: Known) -> OrderEvent {
        // A clock that was put back shall not stop the order: what comes later is written down later.
        let entered = max(now.wall, known.life.record.last?.enteredAt ?? now.wall)
        return OrderEvent(
            step: request.step, by: OrderActor(name: request.by.text, role: request.role, unit: request.unit),
            happenedAt: request.happenedAt?.microseconds ?? entered, enteredAt: entered, why: request.why,
            fields: request.fields)
    }

    @discardableResult
    private func apply(_ event: OrderEvent, to life: inout OrderLife) throws -> [OrderAction] {
        do throws(OrderRefusal) {
            return try life.apply(event, deadline: rules.deadline)
        } catch {
            throw SwitchboardError(.refused, "\(error) [\(error.code.name)]")
        }
    }

    /// What the other order is told, as a fact of its own.
    private func tell(
        _ other: String, _ step: String, about number: String, _ cause: OrderEvent, _ now: Instant, category: String
    ) async throws -> Fact {
        guard other != number else {
            throw SwitchboardError(.refused, "order \(number) is not merged into, or linked to, itself")
        }
        var known = try await order(other)
        guard cause.step != "merge" || known.order.category == category else {
            throw SwitchboardError(
                .refused, "a \(category) is not merged into a \(known.order.category): convert it, or link the two")
        }
        let event = OrderEvent(
            step: step, by: cause.by, happenedAt: max(cause.happenedAt, known.life.record.first?.happenedAt ?? 0),
            enteredAt: max(cause.enteredAt, known.life.record.last?.enteredAt ?? 0), why: cause.why,
            fields: [step == "absorb" ? "duplicate" : "link": number])
        try apply(event, to: &known.life)
        return fact(of: known, event, now)
    }

    private func fact(of known: Known, _ event: OrderEvent, _ now: Instant) -> Fact {
        let life = known.life
        return .orderStepped(
            OrderStepped(
                order: known.order.orderID, at: Instant(wall: event.enteredAt, mono: now.mono),
                number: life.record.count, step: event.step, by: event.by.name, role: event.by.role,
                unit: event.by.unit, happened: event.happenedAt, why: event.why, fields: event.fields,
                life: "\(life.rules.id)@\(life.rules.version)", policy: "\(life.policy.id)@\(life.policy.version)",
                state: life.state, status: life.status.rawValue, owner: life.owner?.role, ownerUnit: life.owner?.unit))
    }

    // MARK: - Calls and recordings

    /// The recording of a call, for a step that takes one; nil where the call has none, or the step takes none.
    private func recording(of call: CallID, for step: String, _ life: OrderLife) async throws -> RecordingID? {
        guard let rule = life.rules.step(step),
            (rule.takes + rule.needs.flatMap(\.fields)).contains("recording")
        else { return nil }
        return try await detail(of: call).recording
    }

    private func detail(of call: CallID) async throws -> CallDetail {
        guard let detail = try await store.reader.call(call) else {
            throw SwitchboardError(.notFound, "there is no call \(call)")
        }
        return detail
    }

    /// What a step's call or recording is to the order: in the role of the step, or of the step that it proves.
    private func role(of event: OrderEvent, in life: OrderLife) -> String {
        var step = event.step
        if life.rules.step(step)?.effect == .prove, let number = event.fields["proves"].flatMap({ Int($0) }),
            life.record.indices.contains(number - 1)
        {
            step = life.record[number - 1].step
        }
        switch step {
        case "accept": return "call"
        case "revisit": return "return_visit"
        case "contact", "director_contact", "relay": return "contact"
        default: return step
        }
    }

    /// A recording that a step names is there, and is linked to the order in the step's role; so is its call, and a call
    /// named by itself.
    private func links(
        of event: OrderEvent, call named: CallID?, to known: Known, at now: Instant
    ) async throws -> [Fact] {
        let order = known.order
        let role = role(of: event, in: known.life)
        var facts: [Fact] = []
        var call = named
        if let text = event.fields["recording"] {
            guard let id = RecordingID(text), let recording = try await store.reader.recording(id) else {
                throw SwitchboardError(.notFound, "there is no recording `\(text.prefix(60))`")
            }
            if let named, named != recording.callID {
                throw SwitchboardError(.refused, "recording \(id) is not of call \(named)")
            }
            call = recording.callID
            if !order.recordings.contains(where: { $0.id == id && $0.role == role }) {
                facts.append(.orderLinked(OrderLinked(order: order.orderID, at: now, recording: id, role: role)))
            }
        }
        if let call, !order.calls.contains(where: { $0.id == call && ($0.role == role || role == "call") }) {
            guard try await store.reader.call(call) != nil else {
                throw SwitchboardError(.notFound, "there is no call \(call)")
            }
            facts.append(
                .orderCallLinked(
                    OrderCallLinked(order: order.orderID, at: now, call: call, role: role, by: event.by.name)))
        }
        return facts
    }

    private func view(_ known: Known, at now: Instant) async throws -> OrderLifeView {
        var view = OrderLifeView(
            order: known.order, life: known.life, now: now.wall, deadline: rules.deadline)
        view.route = route(of: known.life)
        view.repeats = try await repeats(of: known.order)
        return view
    }

    private func route(of life: OrderLife) -> OrderLifeView.Route? {
        guard let routing = rules.policy.routing.flatMap({ rules.library.routings[$0] }),
            life.openSteps.contains(where: { $0.id == "dispatch" || $0.id == "notify_crew" }),
            let route = routing.route(
                category: life.category, fields: life.fields, vocabulary: life.rules.vocabulary)
        else { return nil }
        return OrderLifeView.Route(
            rule: route.rule, departments: route.departments, copies: route.copies, withheld: route.withheld,
            duty: route.duty, clause: route.clause)
    }

    /// More orders of one caller than this are not looked at: who has so many is warned of in any case.
    private static let mostOfCaller = 200

    private func repeats(of order: OrderSummary) async throws -> OrderLifeView.Repeats? {
        guard let repeats = rules.library.repeats, let caller = order.caller else { return nil }
        let others = try await store.reader.ordersByCaller(caller, limit: Self.mostOfCaller)
        let finding = repeats.find(OrderBrief(order), among: others.map(OrderBrief.init))
        return OrderLifeView.Repeats(
            count: finding.count, warning: finding.warning.rawValue, earlier: finding.earlier,
            duplicates: finding.duplicates)
    }
}

extension CallDetail {
    /// Of the whole call; nil where it has none.
    fileprivate var recording: RecordingID? { summary.recordings.first { $0.purpose == "call" }?.id }
}

extension OrderBrief {
    /// What stands in steps counts before what the flow collected.
    init(_ order: OrderSummary) {
        func field(_ name: String) -> String? {
            order.steps.last { $0.fields[name] != nil }?.fields[name] ?? order.fields[name]
        }
        self.init(
            number: order.number, category: order.category, caller: order.caller, account: field("account"),
            place: field("place"), item: field("item"), acceptedAt: order.createdAt.microseconds,
            isOpen: order.status != OrderStatus.closed.rawValue)
    }
}

extension OrderEvent {
    init(_ step: OrderSummary.Step) {
        self.init(
            step: step.step, by: OrderActor(name: step.by, role: step.role, unit: step.unit),
            happenedAt: step.happenedAt.microseconds, enteredAt: step.enteredAt.microseconds, why: step.why,
            fields: step.fields)
    }
}
