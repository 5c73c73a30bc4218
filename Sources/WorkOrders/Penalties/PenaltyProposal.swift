import Norms

/// A penalty that a document's rule comes to for one order. Nothing more than a proposal: a person confirms or drops it
/// (`PenaltyCase`), and nothing is deducted before.
public struct PenaltyProposal: Sendable, Hashable {
    /// The order's number.
    public var order: String
    /// The penalty's id in the norm profile.
    public var penalty: String
    /// `yongqiang@1`.
    public var profile: String
    public var clause: String
    public var trigger: NormPenalty.Trigger
    /// Who pays, in the document's words.
    public var who: String
    /// The department that had the order; nil where none had.
    public var unit: String?
    /// The document's own figure, untouched.
    public var amount: NormPenalty.Amount
    /// How many times it is due: days late, cases, times.
    public var count: Int
    /// For each of them once more.
    public var isPerPerson: Bool
    /// 2 where the document doubles it (加倍考核).
    public var factor: Int
    /// The penalty by which it is multiplied.
    public var factorPenalty: String?
    /// What comes beside the money.
    public var sanction: String?
    /// What is wrong in the document, and kept as written.
    public var anomaly: String?
    /// For people: what happened.
    public var because: String

    public init(
        order: String, penalty: String, profile: String, clause: String, trigger: NormPenalty.Trigger, who: String,
        unit: String?, amount: NormPenalty.Amount, count: Int, isPerPerson: Bool, factor: Int, factorPenalty: String?,
        sanction: String?, anomaly: String?, because: String
    ) {
        self.order = order
        self.penalty = penalty
        self.profile = profile
        self.clause = clause
        self.trigger = trigger
        self.who = who
        self.unit = unit
        self.amount = amount
        self.count = count
        self.isPerPerson = isPerPerson
        self.factor = factor
        self.factorPenalty = factorPenalty
        self.sanction = sanction
        self.anomaly = anomaly
        self.because = because
    }

    /// What the sum may be, in yuan.
    public struct Bounds: Sendable, Hashable {
        public var least: Int
        /// Nil: the document bounds it below alone (不少于).
        public var most: Int?

        public init(least: Int, most: Int?) {
            self.least = least
            self.most = most
        }

        public func contains(_ yuan: Int) -> Bool { yuan >= least && (most.map { yuan <= $0 } ?? true) }
    }

    /// - Parameter persons: how many it is for; counts only where it is per person; 1…10,000.
    /// - Returns: nil where the document gives no figure.
    public func bounds(persons: Int) -> Bounds? {
        let times = count * factor * (isPerPerson ? min(max(persons, 1), 10_000) : 1)
        switch amount {
        case .exactly(let yuan): return Bounds(least: yuan * times, most: yuan * times)
        case .atLeast(let yuan): return Bounds(least: yuan * times, most: nil)
        case .range(let least, let most): return Bounds(least: least * times, most: most * times)
        case .times, .unstated: return nil
        }
    }
}

/// Proposals for one order by one profile.
public struct PenaltyRules: Sendable {
    public let profile: NormProfile

    public init(_ profile: NormProfile) { self.profile = profile }

    /// - Parameters:
    ///   - number: the order's.
    ///   - now: Unix µs, UTC: how late what still runs is.
    /// - Returns: in the profile's order; none for an order that goes on under another number, and none for what this
    ///   profile has no penalty for.
    public func proposals(
        for life: OrderLife, number: String, now: Int64, deadline: OrderDeadline
    ) -> [PenaltyProposal] {
        guard life.record.last.map({ life.rules.step($0.step)?.effect != .merge }) == true else { return [] }
        let reasons = reasons(life, now, deadline)
        let double = reasons[.outsideChannel] == nil ? nil : profile.penalties.first { $0.trigger == .outsideChannel }
        var factor = 1
        if case .times(let times) = double?.amount { factor = times }
        return profile.penalties.compactMap { penalty in
            // What multiplies others is no sum of its own.
            guard penalty.trigger != .outsideChannel, let reason = reasons[penalty.trigger] else { return nil }
            if let only = reason.penalties, !only.contains(penalty.id) { return nil }
            let isPerPerson = penalty.per == .personDay || penalty.per == .person || penalty.per == .personTime
            return PenaltyProposal(
                order: number, penalty: penalty.id, profile: profile.citation,
                clause: "\(penalty.source) \(penalty.clause)", trigger: penalty.trigger, who: penalty.who,
                unit: life.fields["department"] ?? life.fields["crew"], amount: penalty.amount, count: reason.count,
                isPerPerson: isPerPerson, factor: factor, factorPenalty: factor > 1 ? double?.id : nil,
                sanction: penalty.sanction, anomaly: penalty.anomaly, because: reason.because)
        }
    }

    /// Why a trigger is pulled.
    private struct Reason {
        var count = 1
        /// These penalties alone; nil: any with the trigger.
        var penalties: Set<String>?
        var because: String
    }

    private func reasons(
        _ life: OrderLife, _ now: Int64, _ deadline: OrderDeadline
    ) -> [NormPenalty.Trigger: Reason] {
        var reasons: [NormPenalty.Trigger: Reason] = [:]
        reasons[.late] = late(life, now, deadline)
        let reviews = life.record.indices.filter {
            life.record[$0].step == "review"
                && (life.record[$0].fields["assessment"] == "unqualified" || life.category == "consultation")
        }
        if let first = reviews.first {
            reasons[.unqualified] = Reason(count: reviews.count, because: "found unqualified \(reviews.count) times")
            let later = life.record[first...].filter { ["link", "absorb"].contains($0.step) }.count
            if later > 0 {
                reasons[.repeated] = Reason(count: later, because: "\(later) orders of the customer after it")
            }
            let untrue = reviews.filter { life.record[$0].fields["fault_of_reply"] == "untrue" }.count
            if untrue > 0 { reasons[.falseReply] = Reason(count: untrue, because: "the reply was found untrue") }
        }
        guard ["complaint", "report"].contains(life.category) else { return reasons }
        reasons[.anyComplaint] = Reason(because: "a complaint was accepted")
        // What is not found true is nobody's fault (000-G 第九条).
        guard life.fields["finding"] == "substantiated",
            life.status == .closed || life.fields["assessment"] == "qualified"
        else { return reasons }
        reasons[.validComplaint] = Reason(because: "found true")
        if life.fields["severity"] == "major" { reasons[.majorEvent] = Reason(because: "a major event, found true") }
        if life.fields["severity"] == "serious" {
            reasons[.seriousEvent] = Reason(because: "a serious event, found true")
        }
        if let breach = life.fields["breach"], let trigger = NormPenalty.Trigger(rawValue: breach) {
            reasons[trigger] = Reason(because: "found true: \(breach)")
        }
        if life.fields["channel"] == "external_body" {
            reasons[.outsideChannel] = Reason(because: "brought to \(life.fields["external_body"] ?? "a body outside")")
        }
        return reasons
    }

    /// Days begun since the due times of clocks whose rules name a penalty for each; the longest counts once.
    private func late(_ life: OrderLife, _ now: Int64, _ deadline: OrderDeadline) -> Reason? {
        var worst: Reason?
        func look(_ clock: String, _ due: OrderDue?, _ at: Int64) {
            guard let due, !due.isMet(at: at), let rule = life.rules.clock(clock).flatMap({ life.limit(of: $0)?.rule }),
                let penalties = profile.rule(rule)?.penalties
            else { return }
            let days = Int((at - due.at) / 86_400_000_000) + 1
            guard days > worst?.count ?? 0 else { return }
            worst = Reason(count: days, penalties: Set(penalties), because: "\(clock) \(days) days late")
        }
        for clock in life.stoppedClocks where life.kept(clock) == false {
            look(clock.id, clock.stoppedDue, clock.stoppedAt ?? now)
        }
        for clock in life.clocks(at: now, deadline: deadline) { look(clock.id, clock.due, now) }
        return worst
    }
}
