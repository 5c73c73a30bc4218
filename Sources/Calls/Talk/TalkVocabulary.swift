/// Somebody on a leg that was answered, beside the caller.
public struct TalkParty: Sendable, Hashable {
    /// What the leg is for in this call: `agent`, `supervisor`, `department` or `customer` (an outside number).
    public let role: LegRole
    /// Nil where the leg has no work number, such as a department's telephone.
    public let agent: WorkNumber?

    public init(role: LegRole, agent: WorkNumber?) {
        self.role = role
        self.agent = agent
    }
}

/// How a supervisor takes part in a call.
public enum SuperviseMode: String, Sendable, Codable, CaseIterable {
    /// Hears all, is heard by nobody.
    case listen
    /// Hears all, is heard by the serving agent alone.
    case whisper
    /// Hears all, is heard by all who talk.
    case barge
}

/// How a consultation ends.
public enum ConsultEnd: String, Sendable, Codable, CaseIterable {
    /// The attended transfer: the consultant takes the caller over, the agent leaves.
    case completed
    /// The consultant leaves, the agent takes the caller back.
    case cancelled
    /// All three talk.
    case conference
}

/// Who one channel of a recording carries: a role of the call, or the machine itself.
public enum SegmentRole: String, Sendable, Codable, CaseIterable {
    case caller, agent, supervisor, department, customer
    /// Prompts, music, tones, silence: what no person says.
    case system

    public init(_ role: LegRole) {
        self =
            switch role {
            case .caller: .caller
            case .agent: .agent
            case .supervisor: .supervisor
            case .department: .department
            case .customer: .customer
            }
    }
}

/// How a call's talk stands, for a live view.
public struct TalkState: Sendable, Hashable {
    public enum Phase: String, Sendable, Codable, CaseIterable {
        /// Nobody serves the caller: flow, queue, or the end after the agent.
        case alone
        case talking
        /// The agent put the caller on hold.
        case held
        /// The agent speaks with a consultant; the caller hears music.
        case consulting
        /// A blind transfer waits for its target; the caller hears music.
        case transferring
        /// Caller, agent and consultant talk.
        case conference
        /// The caller has left.
        case over
    }

    public struct Supervision: Sendable, Hashable {
        public let leg: LegID
        public let agent: WorkNumber?
        /// Nil until a mode was chosen.
        public let mode: SuperviseMode?

        public init(leg: LegID, agent: WorkNumber?, mode: SuperviseMode?) {
            self.leg = leg
            self.agent = agent
            self.mode = mode
        }
    }

    public let phase: Phase
    /// The leg that serves the caller.
    public let serving: LegID?
    /// Its work number, where it has one.
    public let agent: WorkNumber?
    /// The consultant's leg, in a consultation or conference.
    public let consultant: LegID?
    /// In the order of joining.
    public let supervisors: [Supervision]
    /// Muted legs, sorted.
    public let muted: [LegID]
    /// The caller's own phone holds us.
    public let isHeldByCaller: Bool

    public init(
        phase: Phase, serving: LegID?, agent: WorkNumber?, consultant: LegID?, supervisors: [Supervision],
        muted: [LegID], isHeldByCaller: Bool
    ) {
        self.phase = phase
        self.serving = serving
        self.agent = agent
        self.consultant = consultant
        self.supervisors = supervisors
        self.muted = muted
        self.isHeldByCaller = isHeldByCaller
    }
}
