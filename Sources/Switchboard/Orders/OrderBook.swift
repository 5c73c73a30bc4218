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
            event.fields["recording"] = try await recording(of: call, for: event.step, known)?.description
        }
        let actions = try apply(event, to: &known)
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

    private func apply(_ event: OrderEvent, to known: inout Known) throws -> [OrderAction] {
        do throws(OrderRefusal) {
            return try known.life.apply(event, deadline: rules.deadline)
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
        _ = try apply(event, to: &known)
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
    private func recording(of call: CallID, for step: String, _ known: Known) async throws -> RecordingID? {
        guard let rule = known.life.rules.step(step),
            (rule.takes + rule.needs.flatMap(\.fields)).contains("recording")
        else { return nil }
        guard let detail = try await store.reader.call(call) else {
            throw SwitchboardError(.notFound, "there is no call \(call)")
        }
        return detail.summary.recordings.first { $0.purpose == "call" }?.id
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
