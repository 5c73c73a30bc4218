/// Walks every path of a flow: from each situation everything that the caller and the world can do next, until nothing
/// new comes up. It is the interpreter itself that walks.
public struct FlowWalker {
    /// What was found.
    public struct Report: Sendable {
        /// Situations that differ in what can come of them.
        public internal(set) var situations = 0
        /// Things that happened in them.
        public internal(set) var events = 0
        /// Steps that were entered.
        public internal(set) var steps: Set<String> = []
        /// Pairs of steps, `from → to`, that followed each other.
        public internal(set) var passages: Set<String> = []
        /// How calls were ended by the flow.
        public internal(set) var releases: Set<FlowRelease> = []
        /// Categories of orders that were made.
        public internal(set) var orders: Set<String> = []
        /// Queues that callers were brought to, and queues whose inbox got a message.
        public internal(set) var queues: Set<String> = []
        public internal(set) var inboxes: Set<String> = []
        /// What should never happen, with the way to it; at most 20.
        public internal(set) var problems: [String] = []
        /// The bound on situations was reached before everything was seen.
        public internal(set) var isCut = false
    }

    /// Events without the caller's doing after which a call must be over.
    private static let patience = 400
    /// Combinations of what is known of a call beforehand; beyond these, one thing is varied at a time.
    private static let mostBeginnings = 8

    private let flow: Flow
    private let samples: FlowSamples
    private let liveness: FlowLiveness
    private var report = Report()
    private var seen: Set<String> = []
    /// Situations from which a call is known to end by itself.
    private var ending: Set<String> = []
    private var open: [Situation] = []

    private init(_ flow: Flow) {
        self.flow = flow
        samples = FlowSamples(flow)
        liveness = FlowLiveness(flow)
    }

    /// - Parameter most: situations after which to stop; a flow of 60 steps has some thousands.
    public static func walk(_ flow: Flow, most: Int = 100_000) -> Report {
        var walker = FlowWalker(flow)
        walker.walk(most: most)
        return walker.report
    }

    /// The steps that lead to each other by the file, `from → to`: what a complete walk has passed.
    public static func passages(of flow: Flow) -> Set<String> {
        // A caller who hangs up has no next step: the order is made, and that is all.
        Set(flow.steps.flatMap { step in step.verb.exits.map { "\(step.name) → \($0.target.name)" } })
    }

    private mutating func walk(most: Int) {
        let known = liveness.variables(at: flow.start).filter { $0 != "call.late" && $0 != "call.rings" }
        for variables in samples.combinations(of: known.sorted(), most: Self.mostBeginnings) {
            var situation = Situation(machine: FlowMachine(flow: flow, variables: variables))
            let before = situation.machine.step
            let actions = situation.machine.start()
            take(&situation, actions, from: before, "offered")
            visit(situation)
        }
        while let situation = open.popLast() {
            guard report.situations < most else {
                report.isCut = true
                return
            }
            hangUp(situation)
            waitOut(situation)
            for move in moves(in: situation) {
                var next = situation
                apply(move, to: &next)
                visit(next)
            }
        }
    }

    private mutating func visit(_ situation: Situation) {
        guard !situation.machine.hasReleased else { return }
        guard seen.insert(signature(of: situation)).inserted else { return }
        report.situations += 1
        open.append(situation)
    }

    // MARK: - What can happen

    private func moves(in situation: Situation) -> [[FlowEvent]] {
        var moves: [[FlowEvent]] = []
        if situation.isAnswering {
            for facts in samples.combinations(of: ["call.late", "call.rings"]) {
                moves.append([.answered(variables: facts)])
            }
        }
        if let token = situation.play {
            if !situation.isLooping { moves.append([.playFinished(token: token)]) }
            // A key that cuts short comes before or after the end of the play.
            // One key typed ahead stands for many.
            if !situation.machine.hasKeys {
                for key in keys(for: situation) { moves.append([.key(key)]) }
                moves.append([.playStopped(token: token), .key("5")])
            }
        } else if situation.machine.isListening {
            if let collect = situation.machine.current as? CollectVerb {
                moves += entries(for: collect)
            } else {
                moves += BargeIn.telephone.map { [.key($0)] }
            }
        } else if !situation.machine.hasKeys {
            moves.append([.key("5")])
        }
        if let timer = situation.timer { moves.append([.timer(id: timer)]) }
        if situation.isRecording {
            moves.append([.messageEnded(milliseconds: 5000, reason: .finishKey)])
            moves.append([.messageEnded(milliseconds: 0, reason: .silence)])
            moves.append([.messageEnded(milliseconds: 600_000, reason: .limit)])
        }
        if situation.isOrdering {
            moves.append([.orderCreated(number: "20261122-0007", code: "4821")])
            moves.append([.orderFailed])
        }
        if situation.isAsking {
            moves.append([.lookupFailed(reason: "timeout")])
            if let lookup = situation.machine.current as? LookupVerb {
                let (into, results) = lookup.asked
                for values in samples.combinations(of: results.map { "\(into).\($0)" }) {
                    let answer = Dictionary(
                        values.map { (String($0.key.dropFirst(into.count + 1)), $0.value) },
                        uniquingKeysWith: { first, _ in first })
                    moves.append([.lookupFinished(answer)])
                }
            }
        }
        if situation.isKeeping { moves += [[.messageKept], [.messageFailed]] }
        if situation.isQueued {
            moves += [[.queueEntered], [.queuePosition(position: 12, expectedWaitSeconds: 700)]]
            moves += [[.queuePosition(position: 12, expectedWaitSeconds: nil)], [.agentConnected(number: "1001")]]
            moves += QueueVerb.ends.map { [.queueEnded(exit: $0)] }
        }
        if situation.isTalking { moves.append([.agentLeft(agent: "1001", by: "agent")]) }
        return moves
    }

    /// While something is heard: every global key, the step's own, and one that is neither.
    private func keys(for situation: Situation) -> [Character] {
        guard let verb = situation.machine.current else { return [] }
        if verb is CollectVerb { return ["1", "*"] + flow.globals.keys.filter { !$0.isNumber } }
        let own = BargeIn.telephone.filter { verb.uses($0) || flow.globals[$0] != nil }
        let other = BargeIn.telephone.first { !own.contains($0) }
        return Array(own) + (other.map { [$0] } ?? [])
    }

    /// The shortest and the longest entry, with and without the finish key; one too short; a key that is no digit; a
    /// global key alone.
    private func entries(for verb: CollectVerb) -> [[FlowEvent]] {
        let finish = FlowEvent.key(verb.finishKey)
        var result: [[FlowEvent]] = [
            Array(repeating: .key("1"), count: verb.counts.lowerBound) + [finish],
            Array(repeating: .key("1"), count: verb.counts.upperBound), [finish], [.key("1")], [.key("*")],
        ]
        for key in flow.globals.keys { result.append([.key(key), finish]) }
        return result
    }

    // MARK: - What comes of it

    private mutating func apply(_ move: [FlowEvent], to situation: inout Situation) {
        for event in move {
            guard !situation.machine.hasReleased else { return }
            situation.feed(event)
            let before = situation.machine.step
            let actions = situation.machine.handle(event)
            take(&situation, actions, from: before, "\(event)")
        }
    }

    private mutating func take(
        _ situation: inout Situation, _ actions: [FlowAction], from before: String, _ event: String
    ) {
        report.events += 1
        situation.way.append(event)
        var step = before
        for action in actions {
            switch action {
            case .note("step", let data):
                guard let next = data["step"] else { continue }
                report.steps.insert(next)
                if !step.isEmpty { report.passages.insert("\(step) → \(next)") }
                step = next
            case .note("flow_endless", _): complain("the flow goes round for ever", situation)
            case .play(_, let items, _, _):
                for case .prompt(let id) in items where !flow.prompts.contains(id) {
                    complain("prompt \(id) is not in the catalog", situation)
                }
            case .hangup(let why): report.releases.insert(why)
            case .createOrder(let category, _): report.orders.insert(category)
            case .enterQueue(let queue, _):
                if situation.isQueued { complain("a queue was entered from another", situation) }
                report.queues.insert(queue)
            case .leaveMessage(let queue): report.inboxes.insert(queue)
            default: break
            }
            if !situation.perform(action) { complain("a token or timer was used twice", situation) }
        }
        if situation.isQueued || situation.isTalking, !(situation.machine.current is QueueVerb) {
            complain("the queue was not left", situation)
        }
        if situation.isStuck { complain("nothing is waited for", situation) }
    }

    /// Whoever hangs up leaves nothing behind: no sound, no question, and an order or a message kept where one
    /// was left.
    private mutating func hangUp(_ situation: Situation) {
        var machine = situation.machine
        let wantsMore = machine.orderAfterHangup != nil
        let before = machine.step
        let actions = machine.handle(.released)
        var kept = 0
        var step = before
        for action in actions {
            switch action {
            case .note("step", let data):
                guard let next = data["step"] else { continue }
                report.passages.insert("\(step) → \(next)")
                step = next
            case .note: break
            case .createOrder, .leaveMessage: kept += 1
            default: complain("\(action) after the hang-up", situation)
            }
        }
        if wantsMore != (kept > 0) { complain("\(kept) orders or messages after the hang-up", situation) }
        if !machine.isFinished || !machine.handle(.key("1")).isEmpty {
            complain("not over after the hang-up", situation)
        }
        report.events += 1
    }

    /// A caller who does nothing more is not held for ever.
    private mutating func waitOut(_ situation: Situation) {
        var situation = situation
        var passed: [String] = []
        for _ in 0..<Self.patience {
            let signature = signature(of: situation)
            if situation.machine.hasReleased || ending.contains(signature) {
                ending.formUnion(passed)
                return
            }
            passed.append(signature)
            guard let event = situation.passive else { break }
            situation.feed(event)
            for action in situation.machine.handle(event) { _ = situation.perform(action) }
        }
        complain("a silent caller is held for ever", situation)
    }

    private func signature(of situation: Situation) -> String {
        let live = liveness.variables(at: situation.machine.step)
        return situation.machine.signature(variables: live) + situation.pending
    }

    private mutating func complain(_ what: String, _ situation: Situation) {
        guard report.problems.count < 20 else { return }
        let way = situation.way.suffix(12).joined(separator: ", ")
        report.problems.append("step \(situation.machine.step): \(what), after \(way)")
    }
}
