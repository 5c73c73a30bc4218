import CallFlow
import Testing

/// Random keys, hang-ups, queue events, late and stale events over the shipped flows, seeded.
@Suite struct FlowFuzzTests {
    @Test(
        arguments: [
            ("power-hotline", ["desk.agents": "true"], 55_000), ("power-hotline", [:], 60_000),
            ("agent-phone", [:], 15_000),
            ("outbound", [:], 5_000),
        ] as [(String, [String: String], Int)])
    func `something is always waited for, and who does nothing more is let go of`(
        name: String, variables: [String: String], events: Int
    ) throws {
        let flow = try Shipped.flow(name)
        var dice = Dice(seed: 20_261_127)
        var seen: Set<String> = []
        var total = 0
        while total < events {
            var call = FuzzCall(flow, variables, &dice)
            let length = 1 + dice.roll(120)
            for _ in 0..<length where !call.isOver {
                call.happens(&dice)
                total += 1
            }
            seen.formUnion(call.steps)
            if !call.isOver { call.runsOut() }
            guard call.problems.isEmpty else {
                Issue.record("\(call.problems) after \(call.way.suffix(15))")
                return
            }
        }
        // The dice go everywhere: what is not come by is not tested.
        #expect(Set(flow.stepNames).subtracting(seen) == Self.unreached(name, hasAgents: !variables.isEmpty))
    }

    /// Without agents nobody comes to the desk, with them nobody to the message instead.
    private static func unreached(_ name: String, hasAgents: Bool) -> Set<String> {
        guard name == "power-hotline" else { return [] }
        return hasAgents
            ? ["person_message"]
            : [
                "fault_choice", "desk", "desk_call_back", "desk_closed", "desk_busy", "desk_message", "desk_inbox",
                "desk_kept",
                "rate", "rated",
            ]
    }
}

/// A linear congruential generator: the same on every machine.
private struct Dice {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func roll(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[roll(values.count)] }
}

/// A call with the world around it, which keeps what the interpreter asked for.
private struct FuzzCall {
    private enum Place { case outside, entering, waiting, talking }

    private var machine: FlowMachine
    private var play: Int?
    private var isLooping = false
    private var timer: Int?
    private var isAnswering = false
    private var isRecording = false
    private var orders = 0
    private var messages = 0
    private var lookups: [String] = []
    private var place = Place.outside
    private var lastToken = 0
    private var lastTimer = 0
    private(set) var isOver = false
    private(set) var problems: [String] = []
    private(set) var way: [String] = []
    private(set) var steps: Set<String> = []

    init(_ flow: Flow, _ variables: [String: String], _ dice: inout Dice) {
        let notices = ["", "notice.storm", "no.such.prompt"]
        let own = [
            "call.caller": dice.pick(["", "13900000001", "x"]), "call.caller_known": dice.pick(["true", "false"]),
            "call.called": "*13", "agent.number": "A1001", "time.date": "20261127", "notice.storm": dice.pick(notices),
            "notice.outage": dice.pick(notices), "notice.cause": dice.pick(["", "outage.cause"]),
        ]
        machine = FlowMachine(flow: flow, variables: own.merging(variables) { _, given in given })
        perform(machine.start())
    }

    /// Something that can happen now, or a key, or something that comes too late.
    mutating func happens(_ dice: inout Dice) {
        var events = expected(&dice)
        events.append(.key(dice.pick(Array("0123456789*#"))))
        events.append(.key(dice.pick(Array("0123456789*#"))))
        switch dice.roll(40) {
        case 0: feed(.released)
        case 1:
            feed(
                dice.pick([
                    .playFinished(token: max(0, lastToken - 1)), .playStopped(token: lastToken + 1),
                    .timer(id: max(0, lastTimer - 1)), .timer(id: lastTimer + 1), .answered(variables: [:]), .key("x"),
                    .queuePosition(position: -1, expectedWaitSeconds: -5), .queueEntered,
                    .messageEnded(milliseconds: -1, reason: .limit),
                ]))
        case 2...5:
            // An order's number, an account, a PIN.
            for _ in 0..<(4 + dice.roll(15)) where !isOver { feed(.key(dice.pick(Array("0123456789")))) }
            if !isOver { feed(.key("#")) }
        default: feed(dice.pick(events))
        }
    }

    /// The caller does nothing more: the call must come to its end.
    mutating func runsOut() {
        for _ in 0..<300 where !isOver {
            guard let event = passive else {
                problems.append("nothing is waited for in step \(machine.step)")
                return
            }
            feed(event)
        }
        if !isOver { problems.append("held for ever in step \(machine.step)") }
    }

    private func expected(_ dice: inout Dice) -> [FlowEvent] {
        var events: [FlowEvent] = []
        if isAnswering { events.append(.answered(variables: ["call.late": dice.pick(["true", "false"])])) }
        if let play {
            if !isLooping { events.append(.playFinished(token: play)) }
            events.append(.playStopped(token: play))
        }
        if let timer { events.append(.timer(id: timer)) }
        if isRecording {
            events.append(
                .messageEnded(milliseconds: dice.pick([0, 400, 8000]), reason: dice.pick(MessageEnd.allCases)))
        }
        // Also of requests that were given up.
        if orders > 0 { events += [.orderCreated(number: "20261127-0001", code: "4821"), .orderFailed] }
        if messages > 0 { events += [.messageKept, .messageFailed] }
        if let source = lookups.first { events += [.lookupFailed(reason: "timeout"), answer(of: source, &dice)] }
        switch place {
        case .outside: break
        case .entering, .waiting:
            events += [
                .queueEntered,
                .queuePosition(position: 1 + dice.roll(30), expectedWaitSeconds: dice.pick([nil, 0, 700])),
                .agentConnected(number: "1001"),
                .queueEnded(exit: dice.pick(["timeout", "full", "closed", "no_agents", "failed", "unheard_of"])),
            ]
        case .talking: events.append(.agentLeft(agent: "1001", by: dice.pick(["agent", "network"])))
        }
        return events
    }

    private func answer(of source: String, _ dice: inout Dice) -> FlowEvent {
        // Mostly what leads on, so that what comes behind it is come by.
        .lookupFinished([
            "found": dice.pick(["true", "true", "true", "false", ""]),
            "number": dice.pick(["20261127-0001", "?"]),
            "status": dice.pick(["created", "dispatched", "replied", "closed", "checked", ""]),
            "balance": dice.pick(["", "102.30", "much"]), "owed": dice.pick(["", "12.00"]),
            "ok": dice.pick(["true", "true", "true", "false", ""]),
            "reason": dice.pick(["", "", "", "pin", "locked", "code", "agent"]),
            "state": dice.pick(["available", "logged_out", "away", ""]), "code": dice.pick(["log_in", "ready", ""]),
            "was": dice.pick(["wrap_up", "away"]),
        ])
    }

    private var passive: FlowEvent? {
        if isAnswering { return .answered(variables: [:]) }
        if let play, !isLooping { return .playFinished(token: play) }
        if isRecording { return .messageEnded(milliseconds: 0, reason: .silence) }
        if place == .talking { return .agentLeft(agent: "1001", by: "agent") }
        if place != .outside { return .queueEnded(exit: "timeout") }
        return timer.map { .timer(id: $0) }
    }

    private mutating func feed(_ event: FlowEvent) {
        way.append("\(machine.step): \(event)")
        switch event {
        case .answered: isAnswering = false
        case .playFinished(let token), .playStopped(let token):
            if token == play { stopped() }
        case .timer(let id): if id == timer { timer = nil }
        case .messageEnded: isRecording = false
        case .orderCreated, .orderFailed: orders -= 1
        case .messageKept, .messageFailed: messages -= 1
        case .lookupFinished, .lookupFailed: if !lookups.isEmpty { lookups.removeFirst() }
        case .queueEntered: if place == .entering { place = .waiting }
        case .agentConnected: place = .talking
        case .queueEnded, .agentLeft: place = .outside
        case .released: isOver = true
        default: break
        }
        if case .key(let key) = event { checkSecret(key) }
        perform(machine.handle(event))
        if event == .released, !machine.isFinished { problems.append("not over after the hang-up") }
        guard !isOver else { return }
        // Requests have a timer each.
        let isWaited = play != nil || timer != nil || isAnswering || isRecording || place != .outside
        if !isWaited { problems.append("stuck in step \(machine.step)") }
    }

    private mutating func stopped() {
        play = nil
        isLooping = false
    }

    /// No key of a PIN is told, whenever it is pressed.
    private mutating func checkSecret(_ key: Character) {
        if ["begin", "pin", "ask"].contains(machine.step), machine.asksInSecret, !machine.isSecret(key) {
            problems.append("the key \(key) is told in step \(machine.step)")
        }
    }

    private mutating func perform(_ actions: [FlowAction]) {
        for action in actions {
            switch action {
            case .answer: isAnswering = true
            case .play(let token, let items, _, let loops):
                if token <= lastToken || items.isEmpty { problems.append("play \(token)") }
                lastToken = token
                play = token
                isLooping = loops
            case .stopPlay(let token): if token == play { stopped() }
            case .setTimer(let id, let milliseconds):
                if id <= lastTimer || milliseconds <= 0 { problems.append("timer \(id)") }
                lastTimer = id
                timer = id
            case .cancelTimer(let id): if timer == id { timer = nil }
            case .startMessage: isRecording = true
            case .stopMessage: isRecording = false
            case .createOrder: orders += 1
            case .lookup(let source, _, _): lookups.append(source)
            case .enterQueue:
                if place != .outside { problems.append("two queues") }
                place = .entering
            case .leaveQueue, .askCallBack: place = .outside
            case .leaveMessage: messages += 1
            case .rate(let score): if !(1...5).contains(score) { problems.append("score \(score)") }
            case .pauseRecording, .resumeRecording: break
            case .hangup: isOver = true
            case .note("flow_endless", _): problems.append("goes round for ever")
            case .note("step", let data): steps.insert(data["step"] ?? "")
            case .note: break
            }
        }
    }
}
