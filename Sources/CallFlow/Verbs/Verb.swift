import Documents

/// One verb of the flow language: how a step of it is written, where it leads, and how it is carried out.
///
/// A step's verb is a value. When the call enters the step it works on a fresh copy, so that what a visit counts
/// (reminders, keys) is forgotten when the step is left.
protocol Verb: Sendable {
    /// As written after `verb:`.
    static var name: String { get }

    /// Reads the step's keys. Nil after a complaint that leaves nothing to carry out.
    init?(_ step: StepReader)

    /// Every way out.
    var exits: [Exit] { get }
    /// Everything it may say.
    var speech: [Speech] { get }
    /// The variables it sets.
    var sets: [String] { get }
    /// Those that it sets anew as it is entered, before it reads any.
    var resets: [String] { get }
    /// The texts with variables that it uses, beside its speech.
    var templates: [Template] { get }
    /// What it needs of the call.
    var needs: Need { get }
    /// True while keys go to the step; otherwise they are kept for the next that asks for some.
    var listens: Bool { get }
    /// True while keys pressed are nobody's and are dropped.
    var dropsKeys: Bool { get }

    /// What the caller enters is nobody's business: the keys are noted without saying which. Also where what follows is.
    var isSecret: Bool { get }

    /// What the visit has counted so far: two visits with the same memory go on alike.
    var memory: [Int] { get }

    /// Whether a key is the step's own, ahead of a global key.
    func uses(_ key: Character) -> Bool

    mutating func enter(_ state: inout FlowState)
    mutating func handle(_ event: StepEvent, _ state: inout FlowState)
}

extension Verb {
    var speech: [Speech] { [] }
    var sets: [String] { [] }
    var resets: [String] { [] }
    var templates: [Template] { [] }
    var listens: Bool { false }
    var dropsKeys: Bool { false }
    var isSecret: Bool { false }
    var memory: [Int] { [] }
    func uses(_ key: Character) -> Bool { false }
    mutating func handle(_ event: StepEvent, _ state: inout FlowState) {}
}

/// A verb that makes what the caller left behind durable: it says nothing, and is all that can still be done once the
/// caller has hung up.
protocol KeepingVerb: Verb {
    /// Where to afterwards; on the way of a caller who hung up it is followed while it leads to further such steps.
    var next: Target { get }

    func action(_ variables: [String: String]) -> FlowAction
}

/// What a step needs of the call.
enum Need: Sendable {
    /// Nothing: it can stand before the answer.
    case nothing
    /// An answered call with media.
    case media
    /// It answers.
    case answers
}

/// What a step is told.
enum StepEvent: Sendable {
    case answered
    /// What the step said is over, heard or cut short.
    case spoken
    /// A key for a step that listens.
    case key(Character)
    /// The step's one timer ran out.
    case timer
    case messageEnded(milliseconds: Int, reason: MessageEnd)
    case orderCreated(number: String, code: String)
    case orderFailed
    case lookupFinished([String: String])
    case lookupFailed(reason: String)
    case queueEntered
    /// From 1; seconds from 0.
    case queuePosition(position: Int, seconds: Int?)
    case agentConnected(number: String)
    case queueEnded(exit: String)
    case agentLeft(agent: String, by: String)
    case messageKept
    case messageFailed
}

/// The verbs of the language: a new one is a file of its own and a line here.
enum Verbs {
    static let all: [any Verb.Type] = [
        AnswerVerb.self, PlayVerb.self, MenuVerb.self, CollectVerb.self, SayVerb.self, RecordVerb.self, OrderVerb.self,
        InboxVerb.self, QueueVerb.self, RateVerb.self, BranchVerb.self, SetVerb.self, GotoVerb.self, LookupVerb.self,
        PauseRecordingVerb.self, ResumeRecordingVerb.self, HangupVerb.self,
    ]

    static var names: [String] { all.map { $0.name } }

    static func named(_ name: String) -> (any Verb.Type)? { all.first { $0.name == name } }
}
