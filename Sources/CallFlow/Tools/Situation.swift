/// Where a walk stands: the interpreter, and what it waits for.
struct Situation {
    var machine: FlowMachine
    private(set) var play: Int?
    private(set) var timer: Int?
    private(set) var isAnswering = false
    private(set) var isRecording = false
    private(set) var isOrdering = false
    private(set) var isAsking = false
    private var lastToken = 0
    private var lastTimer = 0
    /// The events that led here.
    var way: [String] = []

    init(machine: FlowMachine) { self.machine = machine }

    /// What tells two situations of one machine's state apart.
    var pending: String { "|\(play != nil)\(timer != nil)\(isAnswering)\(isRecording)\(isOrdering)\(isAsking)" }

    /// Nothing can happen any more, though the call goes on.
    var isStuck: Bool {
        !machine.hasReleased && !machine.isFinished && play == nil && timer == nil && !isAnswering && !isRecording
            && !isOrdering && !isAsking
    }

    /// What happens next if the caller does nothing.
    var passive: FlowEvent? {
        if isAnswering { return .answered(variables: [:]) }
        if let play { return .playFinished(token: play) }
        if isRecording { return .messageEnded(milliseconds: 0, reason: .silence) }
        if isOrdering { return .orderCreated(number: "20261122-0007", code: "4821") }
        if isAsking { return .lookupFailed(reason: "timeout") }
        return timer.map { .timer(id: $0) }
    }

    /// An event is about to be fed: what it ends is no longer waited for.
    mutating func feed(_ event: FlowEvent) {
        switch event {
        case .answered: isAnswering = false
        case .playFinished, .playStopped: play = nil
        case .timer: timer = nil
        case .messageEnded: isRecording = false
        case .orderCreated, .orderFailed: isOrdering = false
        case .lookupFinished, .lookupFailed: isAsking = false
        case .key, .released: break
        }
    }

    /// False where a token or a timer's id comes a second time.
    mutating func perform(_ action: FlowAction) -> Bool {
        switch action {
        case .answer: isAnswering = true
        case .play(let token, _, _):
            play = token
            defer { lastToken = token }
            return token > lastToken
        case .stopPlay: play = nil
        case .setTimer(let id, _):
            timer = id
            defer { lastTimer = id }
            return id > lastTimer
        case .cancelTimer: timer = nil
        case .startMessage: isRecording = true
        case .stopMessage: isRecording = false
        case .createOrder: isOrdering = true
        case .lookup: isAsking = true
        case .hangup, .note: break
        }
        return true
    }
}
