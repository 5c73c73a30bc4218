/// Walks every path of a flow: from each situation everything that the caller and the world can do next, until nothing
/// new comes up. It is the interpreter itself that walks.
///
/// Three things keep the number of situations small without leaving any out:
/// - Variables that nothing to come reads before it is set anew do not tell two situations apart (`FlowLiveness`).
/// - What comes from outside the flow (the call's facts, the configuration) is not settled at the call's beginning but
///   tried with every value whenever a step reads it. So its combinations do not multiply; a walk may see it change in
///   mid-call, which a call does not: more is walked than can happen, never less.
/// - The result of a request that was given up does something only where the result of another of its kind is waited
///   for: there it is always taken to be possible, and elsewhere it comes at once.
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
        /// Steps in which, in some situation, no way leads to a person any more.
        public internal(set) var withoutPerson: Set<String> = []
        /// What should never happen, with the way to it; at most 20.
        public internal(set) var problems: [String] = []
        /// The bound on situations was reached before everything was seen.
        public internal(set) var isCut = false
    }

    /// What tells situations apart.
    private struct Signature: Hashable {
        let machine: FlowStanding
        let pending: [Bool]
    }

    /// Nothing but what is told of a situation once it was walked on from.
    private struct Place {
        let step: String
        /// Where it was first come from, and what happened there.
        let parent: Int?
        let move: [FlowEvent]
        /// A person is reached here, or by the next move.
        var isPerson: Bool
        /// A next move ends the call.
        var isEnd = false
        /// Where a caller who does nothing comes to.
        var passive: [Int] = []
        /// From where one comes here.
        var sources: [Int] = []
    }

    /// Combinations of what a call begins with and the flow changes; beyond these, one thing is varied at a time.
    private static let mostBeginnings = 8
    /// The answer's own facts: they come with it.
    private static let answerFacts = ["call.late", "call.rings"]

    private let flow: Flow
    private let samples: FlowSamples
    private let liveness: FlowLiveness
    private let persons: Set<String>
    /// By step: the variables that it reads and no step sets.
    private let outside: [String: Set<String>]
    /// By step: the other variables that matter there.
    private let inside: [String: [String]]
    private var report = Report()
    private var passages: Set<WalkTrace.Passage> = []
    private var places: [Place] = []
    private var indices: [Signature: Int] = [:]
    private var open: [(index: Int, situation: Situation)] = []

    private init(_ flow: Flow) {
        self.flow = flow
        samples = FlowSamples(flow)
        let liveness = FlowLiveness(flow)
        self.liveness = liveness
        persons = Set(flow.steps.filter(\.isPerson).map(\.name))
        let own = Set(flow.steps.flatMap(\.verb.sets)).union(Self.answerFacts)
        outside = Dictionary(
            flow.steps.map { ($0.name, liveness.reads(at: $0.name).subtracting(own)) },
            uniquingKeysWith: { first, _ in first })
        inside = Dictionary(
            flow.steps.map { ($0.name, liveness.variables(at: $0.name).intersection(own).sorted()) },
            uniquingKeysWith: { first, _ in first })
    }

    /// - Parameter most: situations after which to stop; a flow of 80 steps has some thousands.
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
        let begun = liveness.variables(before: flow.start).intersection(flow.steps.flatMap(\.verb.sets))
        for variables in samples.combinations(of: begun.sorted(), most: Self.mostBeginnings) {
            follow([], in: Situation(machine: FlowMachine(flow: flow, variables: variables)), from: nil)
        }
        while let (index, situation) = open.popLast() {
            guard report.situations < most else {
                report.isCut = true
                break
            }
            hangUp(situation, at: index)
            let passive = situation.passive
            for move in moves(in: situation) {
                let isPassive =
                    if case .answered? = move.first { true } else { move.count == 1 && move.first == passive }
                follow(move, in: situation, from: index, isPassive: isPassive)
            }
        }
        report.passages.formUnion(passages.map { "\($0.from) → \($0.to)" })
        if !report.isCut { judge() }
    }

    // MARK: - What comes of a move

    /// Takes the move with every value of what is read from outside; without events it is the call's beginning.
    private mutating func follow(
        _ move: [FlowEvent], in situation: Situation, from index: Int?, isPassive: Bool = false
    ) {
        var assumptions = samples.combinations(of: (outside[situation.machine.step] ?? []).sorted())
        while let assumed = assumptions.popLast() {
            var next = situation
            next.machine.assume(assumed)
            var trace = WalkTrace(flow: flow, step: situation.machine.step)
            take(move, to: &next, &trace)
            let unknown = trace.steps.reduce(into: Set<String>()) { $0.formUnion(outside[$1] ?? []) }
                .subtracting(assumed.keys)
            guard unknown.isEmpty else {
                assumptions += samples.combinations(of: unknown.sorted()).map {
                    assumed.merging($0) { known, _ in known }
                }
                continue
            }
            keep(trace, of: move, from: index)
            guard let index else {
                _ = visit(next, from: nil, move)
                continue
            }
            if next.machine.hasReleased { places[index].isEnd = true }
            if !trace.steps.isDisjoint(with: persons) { places[index].isPerson = true }
            guard let reached = visit(next, from: index, move) else { continue }
            places[reached].sources.append(index)
            if isPassive { places[index].passive.append(reached) }
        }
    }

    private func take(_ move: [FlowEvent], to situation: inout Situation, _ trace: inout WalkTrace) {
        guard !move.isEmpty else {
            trace.take(situation.machine.start(), &situation)
            return
        }
        for event in move {
            guard !situation.machine.hasReleased else { return }
            situation.feed(event)
            trace.take(situation.machine.handle(event), &situation)
            // A call that is over takes nothing any more.
            guard !situation.machine.hasReleased else { return }
            for request in FlowRequest.allCases where request != situation.awaited {
                while situation.machine.lateRequests.contains(request) {
                    trace.takeLate(situation.machine.handle(Self.result(of: request)))
                }
            }
        }
    }

    private static func result(of request: FlowRequest) -> FlowEvent {
        switch request {
        case .order: .orderCreated(number: "20261122-0008", code: "1357")
        case .lookup: .lookupFinished([:])
        case .message: .messageKept
        }
    }

    private mutating func keep(_ trace: WalkTrace, of move: [FlowEvent], from index: Int?) {
        report.events += max(1, move.count)
        report.steps.formUnion(trace.entered)
        passages.formUnion(trace.passages)
        report.releases.formUnion(trace.releases)
        report.orders.formUnion(trace.orders)
        report.queues.formUnion(trace.queues)
        report.inboxes.formUnion(trace.inboxes)
        for problem in trace.problems { complain(problem, at: index, move) }
    }

    /// The situation's place, new or known; nil once the flow has released the call.
    private mutating func visit(_ situation: Situation, from parent: Int?, _ move: [FlowEvent]) -> Int? {
        guard !situation.machine.hasReleased else { return nil }
        let step = situation.machine.step
        let signature = Signature(
            machine: situation.machine.standing(variables: inside[step] ?? []), pending: situation.pending)
        if let known = indices[signature] { return known }
        let index = places.count
        indices[signature] = index
        places.append(Place(step: step, parent: parent, move: move, isPerson: persons.contains(step)))
        report.situations += 1
        open.append((index, situation))
        if let request = situation.awaited, !situation.machine.lateRequests.contains(request) {
            var late = situation
            late.machine.giveUp(request)
            _ = visit(late, from: parent, move)
        }
        return index
    }

    /// Whoever hangs up leaves nothing behind: no sound, no question, and an order or a message kept where one
    /// was left.
    private mutating func hangUp(_ situation: Situation, at index: Int) {
        var machine = situation.machine
        let wantsMore = machine.orderAfterHangup != nil
        var trace = WalkTrace(flow: flow, step: machine.step)
        trace.takeAfterHangUp(machine.handle(.released), wantsMore: wantsMore)
        if !machine.isFinished || !machine.handle(.key("1")).isEmpty {
            trace.problems.append("not over after the hang-up")
        }
        keep(trace, of: [.released], from: index)
    }

    // MARK: - What can happen

    private func moves(in situation: Situation) -> [[FlowEvent]] {
        var moves: [[FlowEvent]] = []
        if situation.isAnswering {
            moves += samples.combinations(of: Self.answerFacts).map { [.answered(variables: $0)] }
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
        if situation.isAsking, let lookup = situation.machine.current as? LookupVerb {
            moves.append([.lookupFailed(reason: "timeout")])
            moves += samples.answers(to: lookup).map { [.lookupFinished(lookup.answer($0))] }
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

    // MARK: - What all of it comes to

    private mutating func judge() {
        if let held = placeWithoutEnd() { complain("a silent caller is held for ever", at: held) }
        let reachingPerson = reaching { $0.isPerson }
        let reachingEither = reaching { $0.isPerson || $0.isEnd }
        for index in places.indices {
            if !reachingPerson[index] { report.withoutPerson.insert(places[index].step) }
            if !reachingEither[index] { complain("no way leads to a person or to the end", at: index) }
        }
    }

    /// The places from which one of those can be reached that count, themselves among them.
    private func reaching(_ counts: (Place) -> Bool) -> [Bool] {
        var result = places.map(counts)
        var open = places.indices.filter { result[$0] }
        while let index = open.popLast() {
            for source in places[index].sources where !result[source] {
                result[source] = true
                open.append(source)
            }
        }
        return result
    }

    /// A place to which a caller who does nothing comes again and again; nil where there is none.
    private func placeWithoutEnd() -> Int? {
        enum Mark { case new, passing, done }
        var marks = Array(repeating: Mark.new, count: places.count)
        for start in places.indices where marks[start] == .new {
            var stack = [(start, false)]
            while let (index, isLeft) = stack.popLast() {
                if isLeft {
                    marks[index] = .done
                    continue
                }
                guard marks[index] == .new else { continue }
                marks[index] = .passing
                stack.append((index, true))
                for next in places[index].passive {
                    if marks[next] == .passing { return next }
                    if marks[next] == .new { stack.append((next, false)) }
                }
            }
        }
        return nil
    }

    private mutating func complain(_ what: String, at index: Int?, _ move: [FlowEvent] = []) {
        guard report.problems.count < 20 else { return }
        var way = move.map { "\($0)" }
        var place = index
        while let here = place, way.count < 12 {
            way.insert(contentsOf: places[here].move.map { "\($0)" }, at: 0)
            place = places[here].parent
        }
        let step = index.map { places[$0].step } ?? flow.start
        report.problems.append("step \(step): \(what), after \(way.joined(separator: ", "))")
    }
}
