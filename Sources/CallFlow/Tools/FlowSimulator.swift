/// Runs a flow under a virtual clock with a scripted caller: the same interpreter as in a call.
public struct FlowSimulator {
    /// One line of what happened.
    public struct Entry: Sendable, Hashable {
        /// Milliseconds since the call was answered (0 before).
        public let at: Int
        /// `step`, `play`, `key`, `timeout`, `message`, `order`, `lookup`, `queue`, `agent`, `rate`, `recording`,
        /// `hangup`, `released`, `note`.
        public let kind: String
        public let text: String
    }

    /// What came of the call.
    public struct Result: Sendable {
        public let transcript: [Entry]
        /// The names of the steps passed, in order.
        public let steps: [String]
        /// Why the flow released; nil where the caller hung up.
        public let release: FlowRelease?
        /// Categories of the orders made, in order.
        public let orders: [String]
        /// Queues entered, in order.
        public let queues: [String]
        /// Queues whose inbox got a message, in order.
        public let inboxes: [String]
        /// Numbers to be called back.
        public let callBacks: [String]
        /// Scores given, in order.
        public let scores: [Int]
        /// Prompt ids heard, at least in part, in order.
        public let prompts: [String]
        /// Moves of the script that were never made: the call was over.
        public let unused: Int
        /// Why the script was not followed to its end, with the place of the move that could not be made; nil where it was.
        public let refusal: String?
        /// The call had not ended when the simulation's bounds were reached.
        public let isCut: Bool
        public let variables: [String: String]
    }

    /// A simulated call ends here at the latest: two hours, or this many events.
    private static let longest = 7_200_000
    private static let mostEvents = 20_000
    /// Where the script says nothing of it: the longest wait in a queue, and how long an agent talks.
    private static let longestWait = 600_000
    private static let talk = 60_000

    private var machine: FlowMachine
    private var script: FlowScript
    private var now = 0
    private var queue: [(at: Int, sequence: Int, event: FlowEvent)] = []
    private var sequence = 0
    private var timers: Set<Int> = []
    private var play: (token: Int, bargeIn: String, loops: Bool)?
    private let secrets: Set<String>
    private var isQueued = false
    /// The queue has let the caller in.
    private var isEntered = false
    /// The agent who talks to the caller.
    private var agent: String?
    private var messageStart: Int?
    private var message = (limit: 0, silence: 0, keys: "")
    private var moves: ArraySlice<FlowScript.Move>
    private var transcript: [Entry] = []
    private var steps: [String] = []
    private var orders: [String] = []
    private var queues: [String] = []
    private var inboxes: [String] = []
    private var callBacks: [String] = []
    private var scores: [Int] = []
    private var prompts: [String] = []
    private var release: FlowRelease?
    private var isOver = false
    private var refusal: String?

    private init(flow: Flow, script: FlowScript) {
        machine = FlowMachine(flow: flow, variables: script.variables)
        self.script = script
        moves = script.moves[...]
        secrets = flow.secrets
    }

    public static func run(_ flow: Flow, _ script: FlowScript) -> Result {
        var simulator = FlowSimulator(flow: flow, script: script)
        return simulator.run()
    }

    private mutating func run() -> Result {
        perform(machine.start())
        var events = 0
        while !isOver, events < Self.mostEvents, now < Self.longest {
            events += 1
            if callerActs() { continue }
            guard let next = popEvent() else { break }
            now = max(now, next.at)
            deliver(next.event)
        }
        let isCut = !isOver
        if refusal == nil, let move = moves.first { refuse(move, "could not be made before the call was over") }
        if !machine.isFinished { perform(machine.handle(.released)) }
        return Result(
            transcript: transcript, steps: steps, release: release, orders: orders, queues: queues,
            inboxes: inboxes, callBacks: callBacks, scores: scores, prompts: prompts, unused: moves.count,
            refusal: refusal, isCut: isCut, variables: machine.variables)
    }

    // MARK: - The caller

    /// Makes the caller's next move where the flow is waiting for one. False where time must pass first.
    private mutating func callerActs() -> Bool {
        guard let move = moves.first else { return false }
        switch move {
        case .hangUp:
            // Hangs up whenever the flow has nothing more to do at this instant.
            guard !queue.contains(where: { $0.at <= now }) else { return false }
            moves.removeFirst()
            record("released", "the caller hangs up")
            isOver = true
            perform(machine.handle(.released))
            return true
        case .key(let key):
            if messageStart != nil {
                guard message.keys.contains(key) else { return false }
                moves.removeFirst()
                record(key)
                endMessage(.finishKey)
                return true
            }
            guard canPress(key) else { return false }
            moves.removeFirst()
            record(key)
            if let play, play.bargeIn.contains(key) {
                self.play = nil
                drop { if case .playFinished(play.token) = $0 { true } else { false } }
                perform(machine.handle(.playStopped(token: play.token)))
            }
            perform(machine.handle(.key(key)))
            return true
        case .speak(let milliseconds):
            guard messageStart != nil else { return false }
            moves.removeFirst()
            record("message", "the caller speaks for \(milliseconds) ms")
            let spoken = min(milliseconds, message.limit)
            now += spoken
            if milliseconds >= message.limit {
                endMessage(.limit)
            } else {
                // Then falls silent, where no key or hang-up follows at once.
                drop(messageEnd)
                schedule(.messageEnded(milliseconds: spoken, reason: .silence), after: message.silence)
            }
            return true
        case .nothing:
            return false
        case .position(let place, let seconds):
            guard isEntered, hearsNoWords else { return waits(for: move) }
            moves.removeFirst()
            record("queue", "place \(place)\(seconds.map { ", about \($0) s" } ?? "")")
            perform(machine.handle(.queuePosition(position: place, expectedWaitSeconds: seconds)))
            return true
        case .answered(let number):
            guard isEntered, hearsNoWords else { return waits(for: move) }
            moves.removeFirst()
            leaveQueue()
            agent = number
            record("agent", "\(number) answers")
            schedule(.agentLeft(agent: number, by: "agent"), after: Self.talk)
            perform(machine.handle(.agentConnected(number: number)))
            return true
        case .queueEnded(let exit):
            // A queue that is full, closed or without agents does not let the caller in.
            guard isQueued, isEntered || !["timeout", "failed"].contains(exit), hearsNoWords else {
                return waits(for: move)
            }
            moves.removeFirst()
            deliver(.queueEnded(exit: exit))
            return true
        case .agentLeft:
            guard let agent else { return waits(for: move) }
            moves.removeFirst()
            drop { if case .agentLeft = $0 { true } else { false } }
            deliver(.agentLeft(agent: agent, by: "agent"))
            return true
        }
    }

    /// Nothing but music is heard, and the flow has nothing more to do at this instant.
    private var hearsNoWords: Bool {
        (play.map(\.loops) ?? true) && !queue.contains { $0.at <= now }
    }

    /// What happens in a queue cannot happen where the flow asks the caller for something: the script is refused there,
    /// with its place. Where the flow is busy with itself, the move waits. False: time must pass first.
    private mutating func waits(for move: FlowScript.Move) -> Bool {
        let isTalk = if case .agentLeft = move { true } else { false }
        guard isTalk || !isQueued, agent == nil, machine.isListening, play == nil, !timers.isEmpty,
            !queue.contains(where: { $0.at <= now })
        else { return false }
        refuse(
            move,
            isTalk
                ? "wants an agent who talks to the caller, but the flow waits for the caller in step \(machine.step)"
                : "wants a caller in a queue, but the flow waits for the caller in step \(machine.step): press the key that "
                    + "leads on, or write `w` where a time-out does")
        isOver = true
        return true
    }

    private mutating func refuse(_ move: FlowScript.Move, _ why: String) {
        let made = script.moves.count - moves.count
        let place = made < script.places.count ? script.places[made] : "move \(made + 1)"
        refusal = "\(place), `\(move.text)`: \(why)"
    }

    private mutating func leaveQueue() {
        isQueued = false
        isEntered = false
        drop(queueEnd)
    }

    private func queueEnd(_ event: FlowEvent) -> Bool {
        switch event {
        case .queueEntered, .queueEnded: true
        default: false
        }
    }

    private mutating func record(_ key: Character) {
        record("key", machine.isSecret(key) || machine.isPaused ? "•" : String(key))
    }

    /// The flow waits for keys now, or the play can be cut short by this one.
    private func canPress(_ key: Character) -> Bool {
        if let play { return (play.loops || !script.isPatient) && play.bargeIn.contains(key) }
        return machine.isListening && !timers.isEmpty && !queue.contains { $0.at <= now }
    }

    private mutating func endMessage(_ reason: MessageEnd) {
        guard let start = messageStart else { return }
        drop(messageEnd)
        messageStart = nil
        record("message", "\(now - start) ms, ended by \(reason.rawValue)")
        perform(machine.handle(.messageEnded(milliseconds: now - start, reason: reason)))
    }

    private func messageEnd(_ event: FlowEvent) -> Bool {
        if case .messageEnded = event { true } else { false }
    }

    private func pauseEnd(_ event: FlowEvent) -> Bool {
        if case .recordingPaused = event { true } else { false }
    }

    // MARK: - The world

    private mutating func deliver(_ event: FlowEvent) {
        switch event {
        case .timer(let id):
            guard timers.remove(id) != nil else { return }
            record("timeout", "")
            if case .some(.nothing) = moves.first { moves.removeFirst() }
        case .playFinished(let token):
            guard play?.token == token else { return }
            play = nil
        case .messageEnded(let milliseconds, let reason):
            messageStart = nil
            record("message", "\(milliseconds) ms, ended by \(reason.rawValue)")
            if case .some(.nothing) = moves.first { moves.removeFirst() }
        case .queueEntered: isEntered = true
        case .queueEnded(let exit):
            leaveQueue()
            record("queue", exit)
            if case .some(.nothing) = moves.first { moves.removeFirst() }
        case .agentLeft(let number, _):
            agent = nil
            record("agent", "\(number) has left")
            if case .some(.nothing) = moves.first { moves.removeFirst() }
        case .recordingPaused: record("recording", "goes on: the pause was at its limit")
        default: break
        }
        perform(machine.handle(event))
    }

    private mutating func perform(_ actions: [FlowAction]) {
        for action in actions {
            switch action {
            case .answer:
                record("answer", "")
                schedule(.answered(variables: script.variables.filter { $0.key.hasPrefix("call.") }), after: 0)
            case .play(let token, let items, let bargeIn, let loops):
                play = (token, bargeIn, loops)
                record("play", items.map(Self.text).joined(separator: " "))
                prompts += items.compactMap { if case .prompt(let id) = $0 { id } else { nil } }
                if !loops { schedule(.playFinished(token: token), after: items.reduce(0) { $0 + length($1) }) }
            case .stopPlay(let token):
                if play?.token == token { play = nil }
            case .setTimer(let id, let milliseconds):
                timers.insert(id)
                schedule(.timer(id: id), after: milliseconds)
            case .cancelTimer(let id):
                timers.remove(id)
                drop { $0 == .timer(id: id) }
            case .startMessage(let limit, let silence, let keys):
                messageStart = now
                message = (limit, silence, keys)
                record("message", "begins")
                // A caller who says nothing: the stretch of silence is cut off the end.
                schedule(.messageEnded(milliseconds: 0, reason: .silence), after: silence)
            case .stopMessage:
                messageStart = nil
            case .createOrder(let category, let fields):
                orders.append(category)
                record("order", "\(category) \(Self.text(fields))")
                if let order = script.order {
                    schedule(.orderCreated(number: order.number, code: order.code), after: 20)
                } else {
                    schedule(.orderFailed, after: 20)
                }
            case .lookup(let source, let arguments, _):
                record("lookup", "\(source) \(Self.text(masked(arguments)))")
                if let values = script.lookups[source] {
                    schedule(.lookupFinished(values), after: 100)
                } else {
                    schedule(.lookupFailed(reason: "unavailable"), after: 100)
                }
            case .enterQueue(let name, let skill):
                isQueued = true
                queues.append(name)
                record("queue", "\(name)\(skill.map { ", skill \($0)" } ?? "")")
                schedule(.queueEntered, after: 20)
                schedule(.queueEnded(exit: "timeout"), after: Self.longestWait)
            case .leaveQueue(let exit):
                leaveQueue()
                record("queue", "left by \(exit)")
            case .askCallBack(let number):
                leaveQueue()
                callBacks.append(number)
                record("queue", "left, to be called back at \(number)")
            case .leaveMessage(let name):
                inboxes.append(name)
                record("message", "into the inbox of \(name)")
                schedule(script.keepsMessages ? .messageKept : .messageFailed, after: 20)
            case .rate(let score):
                scores.append(score)
                record("rate", String(score))
            case .pauseRecording(let limit, let reason):
                drop(pauseEnd)
                record("recording", "paused for \(limit) ms at most: \(reason)")
                schedule(.recordingPaused(false), after: limit)
            case .resumeRecording:
                guard queue.contains(where: { pauseEnd($0.event) }) else { continue }
                drop(pauseEnd)
                record("recording", "goes on")
            case .hangup(let why):
                release = why
                record("hangup", why.rawValue)
                isOver = true
            case .note(let kind, let data):
                if kind == "step", let name = data["step"] {
                    steps.append(name)
                    record("step", name)
                } else {
                    record("note", "\(kind) \(Self.text(data))")
                }
            }
        }
    }

    private mutating func record(_ kind: String, _ text: String) {
        transcript.append(Entry(at: now, kind: kind, text: text))
    }

    private static func text(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    /// What was entered in secret is not told.
    private func masked(_ values: [String: String]) -> [String: String] {
        let told = secrets.compactMap { machine.variables[$0] }.filter { !$0.isEmpty }
        return values.mapValues { value in told.contains(where: value.contains) ? "•" : value }
    }

    private func length(_ item: SpeechItem) -> Int {
        switch item {
        case .prompt(let id): script.lengths[id] ?? 1000
        case .silence(let milliseconds): milliseconds
        case .beep: 400
        }
    }

    private static func text(_ item: SpeechItem) -> String {
        switch item {
        case .prompt(let id): id
        case .silence(let milliseconds): "(\(milliseconds) ms)"
        case .beep: "(beep)"
        }
    }

    // MARK: - The clock

    private mutating func schedule(_ event: FlowEvent, after milliseconds: Int) {
        sequence += 1
        queue.append((now + milliseconds, sequence, event))
    }

    private mutating func drop(_ matches: (FlowEvent) -> Bool) {
        queue.removeAll { matches($0.event) }
    }

    private mutating func popEvent() -> (at: Int, sequence: Int, event: FlowEvent)? {
        guard
            let index = queue.indices.min(by: {
                (queue[$0].at, queue[$0].sequence) < (queue[$1].at, queue[$1].sequence)
            })
        else { return nil }
        return queue.remove(at: index)
    }
}
