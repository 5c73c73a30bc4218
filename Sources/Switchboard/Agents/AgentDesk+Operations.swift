import Calls
import Storage

/// What people ask of the desk: by command, by API, by feature code.
extension AgentDesk {
    /// A change of state that an agent, or somebody for them, asks for.
    public enum Wish: Sendable, Hashable {
        case logIn, logOut, ready
        case away(reason: String)
    }

    /// Something asked for a call that an agent is in.
    public enum TalkWish: Sendable, Hashable {
        case hold(Bool)
        case mute(Bool)
        /// A work number, or a telephone's number where calls out are allowed.
        case consult(String)
        case consultEnded(ConsultEnd)
        case transfer(String)
        case shiftLeader
        /// With `handOver` an angry caller goes to a shift leader in the same step.
        case mark(CallMark, degree: Int?, note: String?, handOver: Bool)
        /// Silence in the recording, for what is not to be kept.
        case pauseRecording(reason: String?)
        case resumeRecording
        case hangUp
    }

    /// How queues and agents stand now.
    public var status: DistributorStatus { state.withLock { $0.distributor.status } }

    /// A key customer (重要客户) of the agents' file.
    public struct KeyCustomer: Sendable, Hashable {
        /// As calls show it.
        public var number: String
        /// Whose it is; empty where the file does not say.
        public var remark: String
    }

    /// Sorted by number.
    public var keyCustomers: [KeyCustomer] {
        state.withLock { state in
            state.roster.keyCustomers.sorted().map {
                KeyCustomer(number: $0, remark: state.roster.keyCustomerRemarks[$0] ?? "")
            }
        }
    }

    /// Takes over a roster that was read anew. Agents and queues that stay keep their states; whoever is gone from it is
    /// logged out, and a call that they are in goes on.
    package func adopt(_ roster: Roster, at now: Instant) {
        state.withLock { state in
            for entry in roster.agents where state.roster.agent(entry.agent.number)?.pin != entry.pin {
                state.guesses[entry.agent.number] = nil
            }
            state.roster = roster
            handle(
                .roster(agents: roster.agents.map(\.agent), queues: roster.queues.map(\.rules)), at: now, &state)
        }
        keepHours(at: now)
    }

    /// What agents may be given, in the file's order.
    public var rosterNames: (departments: [String], skills: [String]) {
        state.withLock { ($0.roster.departments, $0.roster.skills) }
    }

    /// The agent of the file, by work number; nil for a stranger.
    public func rosterAgent(_ number: WorkNumber) -> RosterAgent? { state.withLock { $0.roster.agent(number) } }

    /// The queues as the agents' file has them, in its order.
    public var rosterQueues: [RosterQueue] { state.withLock { $0.roster.queues } }

    /// The agent with a work number.
    /// - Throws: `SwitchboardError` `.notFound` for a number that is not on the roster.
    public func agent(_ number: WorkNumber) throws(SwitchboardError) -> Agent {
        guard let entry = state.withLock({ $0.roster.agent(number) }) else { throw unknown(number) }
        return entry.agent
    }

    /// - Throws: `SwitchboardError` `.notFound` for a number that is not on the roster.
    public func change(_ agent: WorkNumber, _ wish: Wish, source: AgentChangeSource) throws(SwitchboardError) {
        let now = around.time.now()
        try state.withLock { state throws(SwitchboardError) in
            guard state.roster.agent(agent) != nil else { throw unknown(agent) }
            let event: Distributor.Event =
                switch wish {
                case .logIn: .logIn(agent, source)
                case .logOut: .logOut(agent, source)
                case .ready: .ready(agent, source)
                case .away(let reason): .away(agent, reason: String(reason.prefix(100)), source)
                }
            handle(event, at: now, &state)
        }
    }

    /// - Throws: `.notFound` for an agent or target that is not there, `.refused` where the agent is in no call.
    public func talk(_ agent: WorkNumber, _ wish: TalkWish) throws(SwitchboardError) {
        let call = try self.call(of: agent)
        let command: TalkCommand
        switch wish {
        case .hold(let held): command = .hold(held)
        case .mute(let muted): command = .mute(agent, muted)
        case .consult(let text): command = .consult(try found(text, by: call), leg: around.identifiers.next())
        case .consultEnded(let end): command = .consultEnded(end)
        case .transfer(let text):
            command = .transfer(try found(text, by: call), leg: around.identifiers.next(), kind: .blind)
        case .shiftLeader:
            guard let target = target("", leader: true, by: call) else {
                throw SwitchboardError(.notFound, "no shift leader is free and reachable")
            }
            command = .transfer(target, leg: around.identifiers.next(), kind: .shiftLeader)
        case .mark(let mark, let degree, let note, let handOver):
            if handOver { try checkHandOver(mark, degree: degree) }
            try post(.mark(mark, by: agent, degree: degree, note: note.map { String($0.prefix(500)) }), to: call)
            guard handOver else { return }
            guard let target = target("", leader: true, by: call) else {
                throw SwitchboardError(.notFound, "the mark is noted, but no shift leader is free and reachable")
            }
            command = .transfer(target, leg: around.identifiers.next(), kind: .shiftLeader)
        case .pauseRecording(let reason):
            command = .pauseRecording(agent, reason: reason.map { String($0.prefix(100)) })
        case .resumeRecording: command = .resumeRecording(agent)
        case .hangUp: command = .hangUp
        }
        try post(command, to: call)
    }

    private func checkHandOver(_ mark: CallMark, degree: Int?) throws(SwitchboardError) {
        let from = state.withLock { $0.roster.conduct.handOverFrom }
        guard mark == .angry, let degree, degree >= from else {
            throw SwitchboardError(
                .refused,
                "an angry caller is handed over from degree \(from) (`conduct.hand_over_from`); "
                    + "any other by `shift_leader`")
        }
    }

    /// What somebody of the agents' file may do; nil for a stranger.
    public func role(of agent: WorkNumber) -> AgentRole? {
        state.withLock { $0.roster.agent(agent)?.agent.role }
    }

    /// Lets a supervisor into an agent's call, or changes how he takes part; nil ends it.
    /// - Throws: `.notFound`, `.refused` where there is no call or the role does not allow it.
    public func supervise(
        _ agent: WorkNumber, by supervisor: WorkNumber, mode: SuperviseMode?
    ) throws(SwitchboardError) {
        let role = state.withLock { $0.roster.agent(supervisor)?.agent.role }
        guard let role else { throw unknown(supervisor) }
        guard role != .agent else {
            throw SwitchboardError(.refused, "\(supervisor) is neither supervisor nor shift leader")
        }
        let call = try self.call(of: agent)
        let command: TalkCommand =
            mode.map { .supervise(supervisor, $0, leg: around.identifiers.next()) } ?? .unsupervise(supervisor)
        try post(command, to: call)
    }

    /// A fault goes before everything while an emergency is declared.
    public func declareEmergency(_ holds: Bool) {
        state.withLock { state in
            state.isEmergency = holds
            handle(.emergency(holds), at: around.time.now(), &state)
        }
    }

    /// Takes nobody new into the queue (nil: into any); those who wait are served.
    /// - Throws: `.notFound` for a queue that is not there.
    public func drain(queue: String?) throws(SwitchboardError) {
        try state.withLock { state throws(SwitchboardError) in
            if let queue, state.roster.queue(queue) == nil {
                throw SwitchboardError(.notFound, "there is no queue `\(queue.prefix(40))` in the agents' file")
            }
            handle(.drain(queue: queue), at: around.time.now(), &state)
        }
    }

    /// Opens and closes queues as their hours say; asked often.
    public func keepHours(at now: Instant) {
        let local = around.clock.civil(now)
        state.withLock { state in
            for queue in state.roster.queues {
                let isOpen = queue.hours.isOpen(local)
                guard state.openQueues[queue.rules.name, default: true] != isOpen else { continue }
                state.openQueues[queue.rules.name] = isOpen
                handle(.opened(queue: queue.rules.name, isOpen), at: now, &state)
            }
        }
    }

    /// After a start: whoever was at work when the program ended is at work again, and what was cut off is told as such.
    /// - Throws: what the store says.
    public func resume(at now: Instant) async throws {
        let left = try await around.store.reader.openAgentStates()
        var facts: [Fact] = []
        for passage in left.passages {
            // The program was alive at its last event; nobody waited longer than that in here.
            let ended = left.lastSeen[passage.node] ?? now
            let wait = max(0, (ended.wall - passage.enteredAt.wall) / 1000)
            facts.append(
                .queueLeft(
                    QueueLeft(
                        call: passage.call, at: now, queue: passage.queue, exit: .interrupted, waitMilliseconds: wait,
                        offers: passage.offers, rings: passage.rings, ringMilliseconds: passage.ringMilliseconds)))
        }
        for leg in left.legs {
            if leg.outcome == nil {
                facts.append(
                    .offerEnded(
                        OfferEnded(call: leg.call, leg: leg.leg, at: now, agent: leg.agent, outcome: .failed)))
            }
            if leg.answeredAt != nil {
                facts.append(
                    .agentLeft(
                        AgentLeft(
                            call: leg.call, leg: leg.leg, at: now, agent: leg.agent, by: .unknown,
                            message: "the program ended in mid-call; found at the next start")))
            }
        }
        facts += try await brokenTalks(left.legs, at: now)
        for stood in left.states {
            // The time in which the program did not run is nobody's working time.
            facts.append(
                .agentChanged(
                    AgentChanged(
                        at: left.lastSeen[stood.node] ?? now, agent: stood.agent, state: .loggedOut, source: .restart)))
        }
        around.store.submit(facts)
        keepHours(at: now)
        state.withLock { state in
            restore(left.places, at: now, &state)
            for stood in left.states {
                guard state.roster.agent(stood.agent) != nil else { continue }
                handle(.logIn(stood.agent, .restart), at: now, &state)
                if stood.state == .away {
                    handle(.away(stood.agent, reason: stood.reason ?? "", .restart), at: now, &state)
                }
            }
        }
    }

    /// A phone registered, or is gone. On the line's thread.
    public func phone(_ agent: WorkNumber, isReachable: Bool) {
        handle(.phone(agent, isReachable: isReachable), at: around.time.now())
    }

    private func call(of agent: WorkNumber) throws(SwitchboardError) -> CallID {
        let stands = state.withLock { $0.distributor.status.agents.first { $0.agent.number == agent } }
        guard let stands else { throw unknown(agent) }
        guard let call = stands.call else {
            throw SwitchboardError(.refused, "agent \(agent) is in no call (\(stands.state.rawValue))")
        }
        return call
    }

    private func found(_ text: String, by call: CallID) throws(SwitchboardError) -> TalkTarget {
        guard let target = target(text, leader: false, by: call) else {
            throw SwitchboardError(.notFound, "there is no agent with the work number `\(text.prefix(20))`")
        }
        return target
    }

    private func post(_ command: TalkCommand, to call: CallID) throws(SwitchboardError) {
        guard around.post(call, .desk(.command(command), at: around.time.now())) else {
            throw SwitchboardError(.refused, "the call is over")
        }
    }

    private func unknown(_ agent: WorkNumber) -> SwitchboardError {
        SwitchboardError(.notFound, "there is no agent \(agent) in the agents' file")
    }

    // MARK: - For calls

    /// Who is meant by a number: a work number of the roster. With `leader`, a shift leader who is free, the longest
    /// idle first.
    func target(_ text: String, leader: Bool, by call: CallID) -> TalkTarget? {
        state.withLock { state in
            // The shift leaders' code is a target like a number.
            if leader || state.roster.codes.match(text)?.code == .shiftLeader {
                let free = state.distributor.status.agents.filter {
                    $0.agent.role == .shiftLeader && $0.isReachable && $0.call == nil && $0.state != .loggedOut
                }
                let first = free.min { ($0.since?.mono ?? 0) < ($1.since?.mono ?? 0) }
                return first.map { .agent($0.agent.number) }
            }
            guard let number = WorkNumber(text), state.roster.agent(number) != nil else { return nil }
            return .agent(number)
        }
    }

    /// Whether a calling number is that of a key customer of the agents' file.
    public func isKeyCustomer(_ caller: String) -> Bool {
        state.withLock { $0.roster.keyCustomers.contains(caller) }
    }

    /// Who called before within so long is a repeat caller.
    static let repeatWithinMilliseconds: Int64 = 86_400_000

    /// What raises a caller above the order of coming.
    func priority(of caller: String, call: CallID, at now: Instant) async -> QueuePriority {
        var priority: QueuePriority = []
        if isKeyCustomer(caller) { priority.insert(.keyCustomer) }
        do {
            let since = UTCTime(now.advanced(milliseconds: -Self.repeatWithinMilliseconds))
            if try await around.store.reader.recentCalls(caller: caller, since: since, except: call).recentCalls > 0 {
                priority.insert(.repeatCaller)
            }
        } catch {
            // The caller is served in the order of coming.
            around.log.warning("earlier calls could not be looked up", metadata: ["error": "\(error)"])
        }
        return priority
    }

    /// Until when a voice message must have been heard.
    func messageDue(queue: String, at now: Instant) -> Instant? {
        state.withLock { state in
            state.roster.queue(queue)?.messageDueMilliseconds
                .map { now.advanced(milliseconds: $0) }
        }
    }

    // MARK: - Feature codes

    /// Carries out a feature code dialled on an agent's phone; the flow of agents' phones asks for it.
    /// - Parameter arguments: `code`, `agent` (whose phone it is, proved by digest), `pin`.
    /// - Returns: `ok` (`true`, `false`), `state` (the state now), `reason` (`code`, `pin`, `locked`, `agent`); once the code
    ///   is carried out, `code` (`log_in`, `log_out`, `ready`, `away`) and `was` (the state before).
    func code(_ arguments: [String: String]) -> [String: String] {
        let now = around.time.now()
        return state.withLock { state in codes(arguments, at: now, &state) }
    }

    private func codes(
        _ arguments: [String: String], at now: Instant, _ state: inout State
    ) -> [String: String] {
        guard let number = WorkNumber(arguments["agent"] ?? ""), let entry = state.roster.agent(number)
        else { return ["ok": "false", "state": "", "reason": "agent"] }
        func stands() -> String {
            state.distributor.status.agents.first { $0.agent.number == number }?.state.rawValue ?? ""
        }
        func answer(_ ok: Bool, _ reason: String) -> [String: String] {
            ["ok": ok ? "true" : "false", "state": stands(), "reason": reason]
        }
        guard let match = state.roster.codes.match(arguments["code"] ?? "") else { return answer(false, "code") }
        var guesses = state.guesses[number] ?? PINGuesses()
        let verdict = guesses.judge(arguments["pin"] ?? "", against: entry.pin?.text, at: now)
        state.guesses[number] = guesses
        switch verdict {
        case .right: break
        case .wrong: return answer(false, "pin")
        case .locked: return answer(false, "locked")
        }
        let was = stands()
        switch match.code {
        case .logIn: handle(.logIn(number, .code), at: now, &state)
        case .logOut: handle(.logOut(number, .code), at: now, &state)
        case .away: handle(.away(number, reason: "code", .code), at: now, &state)
        case .ready: handle(.ready(number, .code), at: now, &state)
        // Supervision and transfers want a call: they are asked for within it, or by command.
        case .listen, .whisper, .barge, .shiftLeader: return answer(false, "code")
        }
        return answer(true, "").merging(["code": match.code.rawValue, "was": was]) { first, _ in first }
    }
}

/// Wrong PINs in a row, and the time without any that follows.
struct PINGuesses: Sendable {
    enum Verdict: Sendable, Hashable {
        case right, wrong, locked
    }

    static let mostWrong = 5
    static let lockMilliseconds: Int64 = 300_000

    private var wrong = 0
    private var lockedUntil: Instant?

    /// - Parameter pin: nil: the agent has none, and cannot use feature codes.
    mutating func judge(_ given: String, against pin: String?, at now: Instant) -> Verdict {
        if let lockedUntil, now.mono < lockedUntil.mono { return .locked }
        guard let pin, Self.same(given, pin) else {
            wrong += 1
            if wrong >= Self.mostWrong {
                wrong = 0
                lockedUntil = now.advanced(milliseconds: Self.lockMilliseconds)
            }
            return .wrong
        }
        wrong = 0
        lockedUntil = nil
        return .right
    }

    /// Takes as long wherever the first difference is.
    private static func same(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
