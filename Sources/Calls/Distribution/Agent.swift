/// An agent's work number (工号): 1…12 ASCII letters and digits, as spoken to callers and keyed on phones.
///
/// Upper and lower case differ. Sorted as text.
public struct WorkNumber: Sendable, Hashable, Comparable, LosslessStringConvertible {
    public let text: String

    /// nil where the text is not a work number.
    public init?(_ text: String) {
        guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.text = text
    }

    public var description: String { text }

    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}

extension WorkNumber: Codable {
    /// Decodes a plain string.
    /// - Throws: `DecodingError.dataCorrupted` where the string is not a work number.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a work number (1 to 12 letters and digits): \(text)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// What an agent may do besides taking calls.
public enum AgentRole: String, Sendable, Codable, CaseIterable {
    /// Takes calls (坐席).
    case agent
    /// Takes over calls that agents hand up, and sees their own shift (值长, 班长).
    case shiftLeader = "shift_leader"
    /// Listens in, and sees every queue (主管).
    case supervisor
}

/// One person of the roster who can be offered calls (坐席, 座席).
public struct Agent: Sendable, Hashable {
    public var number: WorkNumber
    public var name: String
    public var role: AgentRole
    /// The department's name as the roster has it; empty where it has none.
    public var department: String
    /// What the agent can be asked to do (技能): names that queues and flows use.
    public var skills: Set<String>

    public init(
        number: WorkNumber, name: String, role: AgentRole = .agent, department: String = "", skills: Set<String> = []
    ) {
        self.number = number
        self.name = name
        self.role = role
        self.department = department
        self.skills = skills
    }
}

/// What an agent is doing (坐席状态).
public enum AgentState: String, Sendable, Codable, CaseIterable {
    /// Not at work (签出).
    case loggedOut = "logged_out"
    /// Logged in and idle (空闲).
    case available
    /// The phone rings for a caller (振铃).
    case ringing
    /// In a call, of whatever purpose (通话).
    case talking
    /// In a call, and the other party hears music (保持).
    case hold
    /// After a call, writing it up (话后处理).
    case wrapUp = "wrap_up"
    /// Logged in, not to be offered calls (小休, 示忙).
    case away
}

/// Who or what changed an agent's state.
public enum AgentChangeSource: String, Sendable, Codable, CaseIterable {
    /// The command line.
    case command
    /// The console or another program.
    case api
    /// A feature code dialled on the agent's phone.
    case code
    /// The call's own course.
    case call
    /// Calls that rang in vain.
    case missed
    /// The roster was reloaded.
    case roster
    /// The program started anew.
    case restart
}

/// Why a caller left a queue (排队).
public enum QueueExit: String, Sendable, Codable, CaseIterable {
    /// An agent answered and was connected.
    case answered
    /// The caller hung up while waiting (排队放弃).
    case abandoned
    /// The maximum wait was over.
    case timeout
    /// The queue had its maximum length: refused at entry.
    case full
    /// Outside the opening hours, or the queue takes nobody new before the shift's end: refused at entry.
    case closed
    /// Nobody is logged in, and the queue's rules say not to wait then.
    case noAgents = "no_agents"
    /// The caller pressed the key that leaves the queue, or the flow took the caller out of it.
    case key
    /// The caller asked to be called back (预约回拨): the kept place ended, reached or not, or was given up.
    case callBack = "call_back"
    /// Something of ours failed.
    case failed
    /// The program ended meanwhile.
    case interrupted
}

/// What became of one offer to one agent.
public enum OfferOutcome: String, Sendable, Codable, CaseIterable {
    case answered
    /// It rang for the whole ring time.
    case noAnswer = "no_answer"
    /// The phone was engaged.
    case busy
    /// The agent refused it.
    case rejected
    /// The phone did not ring at all.
    case unreachable
    /// Taken back: the caller left, or the agent logged out or went away.
    case withdrawn
    /// Something of ours failed.
    case failed
}

/// What an agent's leg is for.
public enum AgentPurpose: String, Sendable, Codable, CaseIterable {
    /// A caller from a queue.
    case queue
    /// A call handed over by another agent.
    case transfer
    /// Asked by another agent while the caller waits (咨询).
    case consultation
    /// A call outside the opening hours (值班).
    case duty
    /// Listening in, whispering or taking part (监听).
    case supervision
    /// A caller who asked to be called back.
    case callBack = "call_back"
    /// The agent's own outgoing call.
    case outbound
}
