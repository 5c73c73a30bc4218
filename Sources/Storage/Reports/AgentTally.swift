import Calls

/// Adds up one agent's rows. The arithmetic of the report stands here, whatever engine reads the rows.
struct AgentTally {
    /// What the report needs of one agent's leg.
    struct Leg {
        var purpose: AgentPurpose
        var outcome: OfferOutcome?
        var isAnswered: Bool
        /// Of this phone; nil where it never rang.
        var ringMilliseconds: Int64?
        /// Nil while it lasts, or where it was never answered.
        var connectedMilliseconds: Int64?
        /// Nil while it lasts.
        var leftBy: ReleasedBy?
        /// The call is marked as nuisance.
        var isNuisance: Bool
        /// The agent handed the caller over.
        var isTransferred: Bool
    }

    /// Purposes in which a caller hears the phone ring: what norms about people's rings speak of.
    private static let waitedFor: Set<AgentPurpose> = [.queue, .duty, .transfer]
    /// Purposes in which the agent speaks with a caller.
    private static let conversations = waitedFor.union([.callBack])

    private var offered = 0
    private var answered = 0
    private var open = 0
    private var missed: [OfferOutcome: Int] = [:]
    private var purposes: [AgentPurpose: AgentFigures.Purpose] = [:]
    private var rings: [Int64] = []
    private var connected: [Int64] = []
    /// Microseconds, so that rounding does not add up.
    private var states: [AgentState: Int64] = [:]
    private var away: [String: Int64] = [:]
    private var transfers: [String: AgentFigures.Transfers] = [:]
    private var hangUps = AgentFigures.HangUps()
    private var ratings = AgentFigures.Ratings()
    private var marks: [String: Int] = [:]

    mutating func add(_ leg: Leg) {
        purposes[leg.purpose, default: .init()].offered += 1
        if leg.isAnswered { purposes[leg.purpose, default: .init()].answered += 1 }
        if Self.waitedFor.contains(leg.purpose) {
            offered += 1
            if leg.isAnswered {
                answered += 1
                if let ring = leg.ringMilliseconds { rings.append(ring) }
            } else if let outcome = leg.outcome {
                missed[outcome, default: 0] += 1
            } else {
                open += 1
            }
        }
        guard leg.isAnswered, Self.conversations.contains(leg.purpose) else { return }
        if let duration = leg.connectedMilliseconds { connected.append(duration) }
        switch leg.leftBy {
        case nil: break
        case _ where leg.isTransferred: hangUps.transferred += 1
        case .caller: hangUps.caller += 1
        case .agent:
            hangUps.agent += 1
            if leg.isNuisance { hangUps.agentExcused += 1 }
        case .flow, .supervisor, .network, .unknown: hangUps.other += 1
        }
    }

    /// - Parameter microseconds: the part of the state that lies within the period.
    mutating func add(_ state: AgentState, reason: String?, microseconds: Int64) {
        states[state, default: 0] += microseconds
        if state == .away { away[reason ?? "", default: 0] += microseconds }
    }

    mutating func addTransfers(kind: String, completed: Bool, count: Int) {
        transfers[kind, default: .init()].attempted += count
        if completed { transfers[kind, default: .init()].completed += count }
    }

    mutating func addRatings(score: Int, count: Int) {
        ratings.count += count
        ratings.sum += score * count
    }

    mutating func addMarks(_ mark: String, count: Int) { marks[mark, default: 0] += count }

    /// Neither logged in nor named by anything.
    var isEmpty: Bool {
        purposes.isEmpty && transfers.isEmpty && ratings.count == 0 && marks.isEmpty
            && states.allSatisfy { $0.key == .loggedOut || $0.value == 0 }
    }

    func figures(agent: WorkNumber?, ringLimitMilliseconds limit: Int64?) -> AgentFigures {
        let inTime = limit.map { limit in rings.count { $0 < limit } }
        var missed: [String: Int] = [:]
        for outcome in OfferOutcome.allCases where outcome != .answered {
            missed[outcome.rawValue] = self.missed[outcome] ?? 0
        }
        func milliseconds(_ state: AgentState) -> Int64 { (states[state] ?? 0) / 1000 }
        let time = AgentFigures.Time(
            loggedIn: states.reduce(0) { $1.key == .loggedOut ? $0 : $0 + $1.value } / 1000,
            available: milliseconds(.available), ringing: milliseconds(.ringing), talking: milliseconds(.talking),
            hold: milliseconds(.hold), wrapUp: milliseconds(.wrapUp), away: milliseconds(.away),
            awayByReason: away.mapValues { $0 / 1000 })
        return AgentFigures(
            agent: agent, offered: offered, answered: answered, missed: missed, open: open,
            purposes: Dictionary(uniqueKeysWithValues: purposes.map { ($0.key.rawValue, $0.value) }),
            ring: Spread(of: rings),
            withinRings: inTime.map {
                Share("agent_rings_within/1", $0, of: rings.count, limitMilliseconds: limit)
            },
            laterRings: inTime.map {
                Share("agent_rings_later/1", rings.count - $0, of: rings.count, limitMilliseconds: limit)
            },
            connected: Spread(of: connected), time: time, transfers: transfers, hangUps: hangUps, ratings: ratings,
            marks: marks)
    }
}
