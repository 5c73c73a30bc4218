import Calls
import Norms
import Storage
import WorkOrders

/// What a person decides of a proposed penalty.
public struct PenaltyDecisionRequest: Sendable {
    /// The order's number.
    public var order: String
    /// The penalty's id.
    public var penalty: String
    /// Nil: dropped. In yuan, within the document's figures.
    public var yuan: Int?
    /// For how many people; counts where the penalty is per person.
    public var persons: Int
    public var by: WorkNumber
    public var role: String
    public var unit: String?
    public var why: String

    public init(
        order: String, penalty: String, yuan: Int?, persons: Int = 1, by: WorkNumber, role: String, unit: String? = nil,
        why: String
    ) {
        self.order = order
        self.penalty = penalty
        self.yuan = yuan
        self.persons = persons
        self.by = by
        self.role = role
        self.unit = unit
        self.why = why
    }
}

/// Penalties (考核) of orders: proposed with every step that gives reason to, decided by a person.
public struct PenaltyBook: Sendable {
    private let rules: OrderRulebook
    private let store: Store
    private let time: any TimeSource

    public init(rules: OrderRulebook, store: Store, time: any TimeSource) {
        self.rules = rules
        self.store = store
        self.time = time
    }

    /// What an order comes to now and has not been written down yet.
    func proposals(for life: OrderLife, of order: OrderSummary, at now: Instant) async throws -> [Fact] {
        let found = PenaltyRules(rules.profile).proposals(
            for: life, number: order.number, now: now.wall, deadline: rules.deadline)
        guard !found.isEmpty else { return [] }
        let known = try await store.reader.penalties(PenaltyFilter(order: order.number, limit: 1000))
        return found.compactMap { proposal in
            let earlier = known.first { $0.penalty == proposal.penalty }
            if let earlier, earlier.state != "proposed" || earlier.isSame(as: proposal) { return nil }
            return .penaltyProposed(PenaltyProposed(proposal, order: order.orderID, at: now))
        }
    }

    /// Decides; durable when this returns.
    /// - Throws: `SwitchboardError` `.notFound`, `.refused` with the reason; `StorageError` `.conflict` where somebody else
    ///   decided at the same moment.
    public func decide(_ request: PenaltyDecisionRequest) async throws -> PenaltySummary {
        let filter = PenaltyFilter(order: request.order, limit: 1000)
        guard let known = try await store.reader.penalties(filter).first(where: { $0.penalty == request.penalty })
        else {
            throw SwitchboardError(
                .notFound,
                "no penalty `\(request.penalty.prefix(60))` of order \(request.order.prefix(30)) was proposed")
        }
        guard known.state == "proposed" else {
            throw SwitchboardError(
                .refused, "it was \(known.state) by \(known.decidedBy ?? "-") already, and stays so")
        }
        guard let role = rules.library.vocabulary.roles[request.role] else {
            throw SwitchboardError(.refused, "there is no role `\(request.role.prefix(60))`")
        }
        guard role.decidesPenalties else {
            let who = rules.library.vocabulary.roles.values.filter(\.decidesPenalties).map(\.id).sorted()
            throw SwitchboardError(
                .refused, "\(role.title) decides no penalties; these do: \(who.joined(separator: ", "))")
        }
        let now = time.now()
        var one = PenaltyCase(known.proposal)
        let actor = OrderActor(name: request.by.text, role: request.role, unit: request.unit)
        do throws(PenaltyCase.Refusal) {
            if let yuan = request.yuan {
                try one.confirm(yuan: yuan, persons: request.persons, by: actor, at: now.wall, why: request.why)
            } else {
                try one.drop(by: actor, at: now.wall, why: request.why)
            }
        } catch {
            throw SwitchboardError(.refused, error.words)
        }
        try await store.record([
            .penaltyDecided(
                PenaltyDecided(
                    order: known.orderID, at: now, penalty: known.penalty, by: request.by.text, role: request.role,
                    unit: request.unit, yuan: request.yuan, persons: request.yuan == nil ? nil : request.persons,
                    why: request.why))
        ])
        guard let decided = try await store.reader.penalties(filter).first(where: { $0.penalty == request.penalty })
        else { throw SwitchboardError(.notFound, "the penalty is gone") }
        return decided
    }
}

extension PenaltyCase.Refusal {
    var words: String {
        switch self {
        case .decidedAlready(let verdict): return "it was decided already by \(verdict.by.name)"
        case .sum(let bounds):
            let most = bounds.most.map { $0 == bounds.least ? "exactly \($0)" : "\(bounds.least) to \($0)" }
            return "the document's figure is \(most ?? "at least \(bounds.least)") yuan"
        case .party(let unit): return "whoever belongs to \(unit), which pays, does not decide"
        case .reasonMissing: return "a decision needs a reason"
        }
    }
}

extension PenaltyProposed {
    init(_ proposal: PenaltyProposal, order: OrderID, at: Instant) {
        let (least, most) = proposal.amount.ends
        self.init(
            order: order, at: at, penalty: proposal.penalty, profile: proposal.profile, clause: proposal.clause,
            trigger: proposal.trigger.rawValue, who: proposal.who, unit: proposal.unit, least: least, most: most,
            count: proposal.count, isPerPerson: proposal.isPerPerson, factor: proposal.factor,
            factorPenalty: proposal.factorPenalty, sanction: proposal.sanction, anomaly: proposal.anomaly,
            because: proposal.because)
    }
}

extension NormPenalty.Amount {
    /// The document's figure for one time: equal where it is exact, no `most` for a floor, neither where there is none.
    var ends: (least: Int?, most: Int?) {
        switch self {
        case .exactly(let yuan): (yuan, yuan)
        case .atLeast(let yuan): (yuan, nil)
        case .range(let least, let most): (least, most)
        case .times, .unstated: (nil, nil)
        }
    }

    init(least: Int?, most: Int?) {
        switch (least, most) {
        case (let least?, let most?): self = least == most ? .exactly(least) : .range(least, most)
        case (let least?, nil): self = .atLeast(least)
        default: self = .unstated
        }
    }
}

extension PenaltySummary {
    var proposal: PenaltyProposal {
        PenaltyProposal(
            order: order, penalty: penalty, profile: profile, clause: clause,
            trigger: NormPenalty.Trigger(rawValue: trigger) ?? .other, who: who, unit: unit,
            amount: NormPenalty.Amount(least: least, most: most), count: count, isPerPerson: perPerson, factor: factor,
            factorPenalty: factorPenalty, sanction: sanction, anomaly: anomaly, because: because)
    }

    /// What the sum may be for so many people; nil where the document gives no figure.
    public func bounds(persons: Int) -> PenaltyProposal.Bounds? { proposal.bounds(persons: persons) }

    fileprivate func isSame(as other: PenaltyProposal) -> Bool {
        count == other.count && factor == other.factor && unit == other.unit && because == other.because
            && profile == other.profile
    }
}
