/// Where a walk stands: the interpreter, and what it waits for.
struct Situation {
    var machine: FlowMachine
    private(set) var play: Int?
    private(set) var timer: Int?
    private(set) var isAnswering = false
    private(set) var isRecording = false
    private(set) var isOrdering = false
    private(set) var isAsking = false
    /// In a queue, or about to be.
    private(set) var isQueued = false
    /// An agent talks to the caller.
    private(set) var isTalking = false
    private(set) var isKeeping = false
    /// What is heard goes on until it is stopped.
    private(set) var isLooping = false
    private var lastToken = 0
    private var lastTimer = 0

    init(machine: FlowMachine) { self.machine = machine }

    /// What tells two situations of one machine's standing apart.
    var pending: [Bool] {
        [
            play != nil, timer != nil, isAnswering, isRecording, isOrdering, isAsking, isQueued, isTalking, isKeeping,
            isLooping,
        ]
    }

    /// The kind of request that is being waited for.
    var awaited: FlowRequest? { isOrdering ? .order : isAsking ? .lookup : isKeeping ? .message : nil }

    /// Nothing can happen any more, though the call goes on.
    var isStuck: Bool {
        !machine.hasReleased && !machine.isFinished && play == nil && timer == nil && !isAnswering && !isRecording
            && !isOrdering && !isAsking && !isQueued && !isTalking && !isKeeping
    }

    /// What happens next if the caller does nothing.
    var passive: FlowEvent? {
        if isAnswering { return .answered(variables: [:]) }
        if let play, !isLooping { return .playFinished(token: play) }
        if isRecording { return .messageEnded(milliseconds: 0, reason: .silence) }
        if isOrdering { return .orderCreated(number: "20261122-0007", code: "4821") }
        if isAsking { return .lookupFailed(reason: "timeout") }
        if isKeeping { return .messageKept }
        if isQueued { return .queueEnded(exit: "timeout") }
        if isTalking { return .agentLeft(agent: "1001", by: "agent") }
        return timer.map { .timer(id: $0) }
    }

    /// An event is about to be fed: what it ends is no longer waited for.
    mutating func feed(_ event: FlowEvent) {
        // A result that comes late ends no waiting.
        if let request = event.answers, machine.lateRequests.contains(request) { return }
        switch event {
        case .answered: isAnswering = false
        case .playFinished, .playStopped:
            play = nil
            isLooping = false
        case .timer:
            timer = nil
            // What was asked for has taken too long, and is given up.
            isOrdering = false
            isAsking = false
            isKeeping = false
        case .messageEnded: isRecording = false
        case .orderCreated, .orderFailed: isOrdering = false
        case .lookupFinished, .lookupFailed: isAsking = false
        case .agentConnected:
            isQueued = false
            isTalking = true
        case .queueEnded: isQueued = false
        case .agentLeft: isTalking = false
        case .messageKept, .messageFailed: isKeeping = false
        case .key, .queueEntered, .queuePosition, .recordingPaused, .released: break
        }
    }

    /// False where a token or a timer's id comes a second time.
    mutating func perform(_ action: FlowAction) -> Bool {
        switch action {
        case .answer: isAnswering = true
        case .play(let token, _, _, let loops):
            play = token
            isLooping = loops
            defer { lastToken = token }
            return token > lastToken
        case .stopPlay:
            play = nil
            isLooping = false
        case .setTimer(let id, _):
            timer = id
            defer { lastTimer = id }
            return id > lastTimer
        case .cancelTimer: timer = nil
        case .startMessage: isRecording = true
        case .stopMessage: isRecording = false
        case .createOrder: isOrdering = true
        case .lookup: isAsking = true
        case .enterQueue: isQueued = true
        case .leaveQueue, .askCallBack: isQueued = false
        case .leaveMessage: isKeeping = true
        case .hangup, .note, .rate, .pauseRecording, .resumeRecording: break
        }
        return true
    }
}

extension FlowEvent {
    /// The kind of request that the event is the result of.
    var answers: FlowRequest? {
        switch self {
        case .orderCreated, .orderFailed: .order
        case .lookupFinished, .lookupFailed: .lookup
        case .messageKept, .messageFailed: .message
        default: nil
        }
    }
}
