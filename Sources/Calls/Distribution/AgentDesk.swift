/// An agent and how they stand: what they said (present, away, logged out) and what the phone does are kept apart, and
/// the state that is told follows from both. So nothing that happens meanwhile can lose the other.
struct AgentDesk {
    enum Presence: Hashable {
        case loggedOut
        case present
        case away(reason: String)
    }

    /// A call that the agent is in.
    struct Engagement {
        var call: CallID
        var purpose: AgentPurpose
        /// The offer that was answered; nil where the queue did not offer it.
        var offer: OfferID?
        /// The queue whose call it is; nil for consultations and the agent's own calls.
        var queue: String?
        var wrapUpMilliseconds: Int64 = 0
        let since: Instant
        /// The call-back (its asking call) that the agent carries out.
        var ticket: CallID?
    }

    /// Wrap-up has its own end, which no other event moves.
    struct WrapUp {
        let until: Instant
        let queue: String?
        /// The begin of the call that is written up.
        let from: Instant
    }

    var agent: Agent
    /// No longer on the roster; goes when the call is over.
    var isRemoved = false
    var presence = Presence.loggedOut
    /// Who asked for being away or logged out, as long as that has not come true.
    var askedBy: AgentChangeSource?
    /// The offer that rings; never together with an engagement.
    var offer: OfferID?
    var engagements: [Engagement] = []
    var isHeld = false
    var wrapUp: WrapUp?
    /// The phone was busy, refused or was not reached a moment ago.
    var isResting = false
    /// Misses in a row.
    var misses = 0
    /// The order of becoming idle: the end of the last call or the log-in. The lowest is the longest idle.
    var idleOrder: UInt64 = 0
    var idleSince: Instant?
    /// The state as last told, since when, and the reason.
    var told = AgentState.loggedOut
    var toldReason: String?
    var since: Instant?

    init(_ agent: Agent) { self.agent = agent }

    var state: AgentState {
        if !engagements.isEmpty { return isHeld ? .hold : .talking }
        if offer != nil { return .ringing }
        switch presence {
        case .loggedOut: return .loggedOut
        case .away: return .away
        case .present: return wrapUp == nil ? .available : .wrapUp
        }
    }

    /// Why the agent is away; nil in every other state.
    var reason: String? {
        guard state == .away, case .away(let reason) = presence else { return nil }
        return reason
    }

    /// What the agent becomes when the call is over, where that was asked for during the call.
    var next: AgentState? {
        guard !engagements.isEmpty || offer != nil else { return nil }
        switch presence {
        case .loggedOut: return .loggedOut
        case .away: return .away
        case .present: return nil
        }
    }

    /// Nothing rings and nobody is talked to.
    var isIdle: Bool { offer == nil && engagements.isEmpty }

    func has(_ skill: String?) -> Bool {
        guard let skill else { return true }
        return agent.skills.contains(skill)
    }
}

/// An agent who can be offered a call.
struct FreeAgent {
    /// `AgentDesk.idleOrder`, which does not change while the agent is free.
    let order: UInt64
    let number: WorkNumber
    let skills: Set<String>
}

/// The free agents, the longest idle first.
struct FreeAgents {
    private(set) var agents: [FreeAgent] = []

    var isEmpty: Bool { agents.isEmpty }

    /// Adds the agent, or takes their skills anew.
    mutating func insert(_ one: FreeAgent) {
        let index = index(of: one.order)
        if index < agents.count, agents[index].order == one.order {
            agents[index] = one
        } else {
            agents.insert(one, at: index)
        }
    }

    mutating func remove(_ order: UInt64) {
        let index = index(of: order)
        if index < agents.count, agents[index].order == order { agents.remove(at: index) }
    }

    private func index(of order: UInt64) -> Int {
        var low = 0
        var high = agents.count
        while low < high {
            let middle = (low + high) / 2
            if agents[middle].order < order { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
