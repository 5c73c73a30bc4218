/// What one move of a walk did, and what of it should never happen.
struct WalkTrace {
    struct Passage: Hashable {
        let from: String
        let to: String
    }

    private let flow: Flow
    private var step: String
    /// Steps entered, in order.
    private(set) var entered: [String] = []
    private(set) var passages: [Passage] = []
    private(set) var releases: [FlowRelease] = []
    private(set) var orders: [String] = []
    private(set) var queues: [String] = []
    private(set) var inboxes: [String] = []
    var problems: [String] = []
    /// Steps that had a part in it: the one it began in, and those entered.
    private(set) var steps: Set<String>

    /// - Parameter step: where the move begins; empty before the call.
    init(flow: Flow, step: String) {
        self.flow = flow
        self.step = step
        steps = step.isEmpty ? [] : [step]
    }

    /// Performs what an event has brought.
    mutating func take(_ actions: [FlowAction], _ situation: inout Situation) {
        for action in actions {
            switch action {
            case .note(let kind, let data): note(kind, data)
            case .play(_, let items, _, _):
                for case .prompt(let id) in items where !flow.prompts.contains(id) {
                    problems.append("prompt \(id) is not in the catalog")
                }
            case .hangup(let why): releases.append(why)
            case .createOrder(let category, _): orders.append(category)
            case .enterQueue(let queue, _):
                if situation.isQueued { problems.append("a queue was entered from another") }
                queues.append(queue)
            case .leaveMessage(let queue): inboxes.append(queue)
            default: break
            }
            if !situation.perform(action) { problems.append("a token or timer was used twice") }
        }
        if situation.isQueued || situation.isTalking, !(situation.machine.current is QueueVerb) {
            problems.append("the queue was not left")
        }
        if situation.isStuck { problems.append("nothing is waited for") }
    }

    /// A result came that was no longer waited for.
    mutating func takeLate(_ actions: [FlowAction]) {
        if !actions.isEmpty { problems.append("a late result was taken for another") }
    }

    /// The caller has hung up.
    /// - Parameter wantsMore: something was left that is to be kept.
    mutating func takeAfterHangUp(_ actions: [FlowAction], wantsMore: Bool) {
        var kept = 0
        for action in actions {
            switch action {
            case .note(let kind, let data): note(kind, data)
            case .createOrder, .leaveMessage: kept += 1
            default: problems.append("\(action) after the hang-up")
            }
        }
        if wantsMore != (kept > 0) { problems.append("\(kept) orders or messages after the hang-up") }
    }

    private mutating func note(_ kind: String, _ data: [String: String]) {
        if kind == "flow_endless" { problems.append("the flow goes round for ever") }
        guard kind == "step", let next = data["step"] else { return }
        entered.append(next)
        steps.insert(next)
        if !step.isEmpty { passages.append(Passage(from: step, to: next)) }
        step = next
    }
}
