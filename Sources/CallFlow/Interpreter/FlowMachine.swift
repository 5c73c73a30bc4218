/// The interpreter of a flow, as a value: events go in, actions come out; it performs nothing and reads no clock.
///
/// Keys: one that may cut a play short does; kept keys are taken by the next menu or entry (at most 32), and prompts that
/// they would cut short are not begun. Keys during a play that cannot be cut short, and during a voice message, are
/// dropped. A global key works wherever keys work and the step has no use of its own for it.
///
/// Whatever the flow does, an event is answered after a bounded number of steps: a flow that goes round without the
/// caller (the checker refuses such) is ended.
public struct FlowMachine: Sendable {
    /// Steps passed within one event before the flow is taken to go round for ever.
    static let mostSteps = 256

    private let flow: Flow
    private var state: FlowState
    private var verb: (any Verb)?
    private var hasStarted = false
    private var isAnswered = false
    /// The name of the current step; empty before `start()`.
    public private(set) var step = ""
    /// The call is over: nothing more comes, whatever is fed.
    public private(set) var isFinished = false

    /// - Parameter variables: what is known of the call before it is answered: `call.caller` (empty where withheld),
    ///   `call.caller_known`, `call.called`, `time.minutes`, `time.weekday`, `time.date`, `notice.storm` (a prompt's
    ///   id, or empty), and what the configuration adds. They go before the flow's own defaults.
    public init(flow: Flow, variables: [String: String]) {
        self.flow = flow
        state = FlowState(
            variables: flow.defaults.merging(variables) { _, given in given }, prompts: flow.prompts,
            globals: flow.globals.mapValues(\.name))
    }

    /// Everything known by name, as the steps have left it.
    public var variables: [String: String] { state.variables }

    /// The current step takes keys.
    var isListening: Bool { verb?.listens ?? false }
    /// The current step's verb, with what the visit has counted.
    var current: (any Verb)? { verb }
    var hasReleased: Bool { state.hasReleased }
    var orderAfterHangup: String? { state.afterHangup }
    /// Keys typed ahead wait for a step that takes them.
    var hasKeys: Bool { state.hasKeys }

    /// - Parameter variables: those that matter.
    func standing(variables: [String]) -> FlowStanding {
        FlowStanding(
            step: step, memory: verb?.memory ?? [], isAnswered: isAnswered, isFinished: isFinished,
            state: state.standing(variables: variables))
    }

    /// For the walker: what comes from outside is this.
    mutating func assume(_ values: [String: String]) { state.variables.merge(values) { _, new in new } }

    /// For the walker: an earlier request of this kind was given up, and its result may still come.
    mutating func giveUp(_ request: FlowRequest) { state.giveUp(request) }

    /// Requests that were given up and whose results may still come.
    var lateRequests: Set<FlowRequest> { state.lateRequests }

    /// The first actions, once, when the call is offered.
    public mutating func start() -> [FlowAction] {
        guard !hasStarted, !isFinished else { return [] }
        hasStarted = true
        state.head(for: flow.start)
        settle()
        return state.takeActions()
    }

    /// Feeds what has happened. An event that no longer concerns the current step gives no action.
    public mutating func handle(_ event: FlowEvent) -> [FlowAction] {
        if case .recordingPaused(let isPaused) = event {
            state.isPaused = isPaused
            return []
        }
        guard hasStarted, !isFinished else { return [] }
        if event == .released {
            release()
            return state.takeActions()
        }
        guard !state.hasReleased else { return [] }
        switch event {
        case .answered(let variables):
            guard !isAnswered else { return [] }
            isAnswered = true
            for (name, value) in variables { state.set(name, value) }
            tell(.answered)
        case .playFinished(let token):
            if state.playEnded(token: token, byKey: false) { tell(.spoken) }
        case .playStopped(let token):
            if state.playEnded(token: token, byKey: true) { tell(.spoken) }
        case .key(let key):
            handle(key: key)
        case .timer(let id):
            if state.timerEnded(id: id) { tell(.timer) }
        case .messageEnded(let milliseconds, let reason):
            tell(.messageEnded(milliseconds: max(0, milliseconds), reason: reason))
        case .orderCreated(let number, let code):
            if state.ended(.order) { tell(.orderCreated(number: number, code: code)) }
        case .orderFailed:
            if state.ended(.order) { tell(.orderFailed) }
        case .lookupFinished(let values):
            if state.ended(.lookup) { tell(.lookupFinished(values)) }
        case .lookupFailed(let reason):
            if state.ended(.lookup) { tell(.lookupFailed(reason: reason)) }
        case .queueEntered: tell(.queueEntered)
        case .queuePosition(let position, let seconds):
            tell(.queuePosition(position: max(1, position), seconds: seconds.map { max(0, $0) }))
        case .agentConnected(let number): tell(.agentConnected(number: number))
        case .queueEnded(let exit): tell(.queueEnded(exit: exit))
        case .agentLeft(let agent, let by): tell(.agentLeft(agent: agent, by: by))
        case .messageKept:
            if state.ended(.message) { tell(.messageKept) }
        case .messageFailed:
            if state.ended(.message) { tell(.messageFailed) }
        case .recordingPaused, .released:
            break
        }
        settle()
        return state.takeActions()
    }

    // MARK: - Keys

    /// True where a key that comes now must be noted without saying which it is; to be asked before the key is fed.
    ///
    /// Such are the keys from a step on from which a secret entry (a PIN) follows without another question, until the next
    /// question that is not secret; and wherever a secret entry can still follow, keys that nothing takes at once: they are
    /// kept for a later step, or come too early. A step that pauses the recording is like a secret entry in this: what is
    /// typed ahead of it was recorded, and belongs to nothing behind it.
    public func isSecret(_ key: Character) -> Bool {
        if state.isSecret { return true }
        return flow.secrecy.ahead.contains(step) && !takesAtOnce(key)
    }

    /// The recording is paused: a key is told as `•`.
    public var isPaused: Bool { state.isPaused }

    /// The flow asks in secret somewhere, or pauses the recording.
    public var asksInSecret: Bool { !flow.secrecy.ahead.isEmpty }

    private func takesAtOnce(_ key: Character) -> Bool {
        guard isAnswered, let verb, !verb.dropsKeys, !state.spares(key) else { return false }
        return state.play.map { $0.bargeIn.contains(key) } ?? verb.listens
    }

    private mutating func handle(key: Character) {
        guard BargeIn.telephone.contains(key), isAnswered, let verb else { return }
        let kept = FlowState.Key(character: key, isSecret: isSecret(key))
        let isDue = state.takeDueKey()
        guard !state.isSpare(key), !verb.dropsKeys else { return }
        if let play = state.play {
            guard play.bargeIn.contains(key) else {
                // It has cut short the play before this one, and was only late.
                if isDue { state.keep(kept) }
                return
            }
            state.stopPlay()
            if verb.listens {
                state.keep(kept)
            } else if leavesGlobally(key) {
                state.goGlobal(key)
            } else {
                state.keep(kept)
                tell(.spoken)
            }
        } else {
            // A step that does not listen is waiting for something else; the key is for the next that does.
            state.keep(kept)
        }
    }

    /// Whether the key is global here; a global key that leads to the current step is a key like any other.
    private func leavesGlobally(_ key: Character) -> Bool {
        guard let target = flow.globals[key], let verb, !verb.uses(key) else { return false }
        return target.name != step || verb.listens
    }

    // MARK: - Steps

    private mutating func tell(_ event: StepEvent) {
        guard var current = verb else { return }
        current.handle(event, &state)
        verb = current
    }

    /// Enters steps and hands over waiting keys until everything waits for the world.
    private mutating func settle() {
        for _ in 0..<Self.mostSteps {
            guard !state.hasReleased else { return }
            if let target = state.takeTarget() {
                enter(target)
            } else if let verb, verb.listens, state.play == nil, let key = state.takeKey() {
                if leavesGlobally(key) { state.goGlobal(key) } else { tell(.key(key)) }
            } else {
                return
            }
        }
        state.note("flow_endless", ["step": step])
        state.leaveStep()
        state.release(.completed)
    }

    private mutating func enter(_ name: String) {
        state.leaveStep()
        // The checker has proved that every target is there.
        guard let next = flow.step(named: name) else { return }
        step = name
        state.note("step", ["step": name, "verb": type(of: next.verb).name])
        verb = next.verb
        guard var current = verb else { return }
        state.masks(current, isBeforeSecret: flow.secrecy.masked.contains(name))
        current.enter(&state)
        verb = current
    }

    // MARK: - The end

    /// The call is over. What the caller left behind becomes an order or lies in an inbox; nothing else can be done any
    /// more.
    private mutating func release() {
        isFinished = true
        var seen: Set<String> = []
        var next = state.afterHangup
        while let name = next, seen.insert(name).inserted, let verb = flow.step(named: name)?.verb as? any KeepingVerb {
            state.note("step", ["step": name, "verb": type(of: verb).name])
            state.perform(verb.action(state.variables))
            step = name
            next = verb.next.name
        }
    }
}
