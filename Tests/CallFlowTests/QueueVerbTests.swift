import CallFlow
import Testing

/// The verbs of agents and queues: queue, rate, inbox, set, and the secret entry.
@Suite struct QueueVerbTests {
    static let queue =
        "  first: {verb: queue, queue: service, skill: \"${want}\", prompts: [hello], music: [advert], "
        + "announce: {say: [notice, {number: \"${queue.position}\"}, {number: \"${queue.minutes}\"}]}, "
        + "announce_unknown: {say: [{number: \"${queue.position}\"}]}, bulletins: [wrong, silence], bulletin_every: 30s, "
        + "keys: {\"0\": first, \"1\": back, \"2\": person}, call_back_key: \"1\", no_number: sorry, "
        + "answered: bye, closed: sorry, otherwise: person}"
    static let back = "  back: {verb: say, items: [{phone: \"${call.caller}\"}], next: bye}"
    static let sorry = "  sorry: {verb: play, prompts: [sorry], next: bye}"
    static let text = Samples.text(
        queue, back, sorry, top: "variables: {want: \"\"}\nglobal: {\"0\": person, \"9\": person}\n")

    /// In the queue, with what is heard first.
    private func waiting(_ variables: [String: String] = [:]) throws -> (FlowMachine, [FlowAction]) {
        var (machine, _) = try Samples.machine(Self.text, variables: variables)
        let actions = machine.handle(.queueEntered)
        return (machine, actions.done)
    }

    private func plays(_ actions: [FlowAction]) -> [[SpeechItem]] {
        actions.compactMap { if case .play(_, let items, _, _) = $0 { items } else { nil } }
    }

    private func token(_ actions: [FlowAction]) -> Int {
        actions.compactMap { if case .play(let token, _, _, _) = $0 { token } else { nil } }.last ?? 0
    }

    @Test(arguments: [("", nil), ("meter", "meter")] as [(String, String?)])
    func `enters once, with the skill where one is wanted`(want: String, skill: String?) throws {
        let (_, actions) = try Samples.machine(Self.text, variables: ["want": want])
        #expect(actions.done == [.enterQueue(queue: "service", skill: skill)])
    }

    @Test func `prompts once, then music that loops; words go before music and are heard out`() throws {
        var (machine, actions) = try waiting()
        #expect(plays(actions) == [[.prompt("hello")]])
        // While words are heard, the place waits.
        #expect(machine.handle(.queuePosition(position: 3, expectedWaitSeconds: 61)).done == [])
        actions = machine.handle(.playFinished(token: token(actions))).done
        #expect(plays(actions) == [[.prompt("notice"), .prompt("digit.3"), .prompt("digit.2")]])
        actions = machine.handle(.playFinished(token: token(actions))).done
        #expect(
            actions == [.play(token: 3, items: [.prompt("advert")], bargeIn: "0129", loops: true)])
        // Now it cuts the music short.
        actions = machine.handle(.queuePosition(position: 2, expectedWaitSeconds: nil)).done
        #expect(actions.first == .stopPlay(token: 3))
        #expect(plays(actions) == [[.prompt("digit.2")]])
        #expect(machine.variables["queue.minutes"] == "")
    }

    @Test func `bulletins come in turn, as often as asked`() throws {
        var (machine, actions) = try waiting()
        let first = actions.compactMap { if case .setTimer(let id, 30_000) = $0 { id } else { nil } }
        var timer = try #require(first.first)
        _ = machine.handle(.playFinished(token: token(actions)))
        var heard: [[SpeechItem]] = []
        for _ in 0..<3 {
            actions = machine.handle(.timer(id: timer)).done
            heard += plays(actions)
            timer = try #require(actions.compactMap { if case .setTimer(let id, _) = $0 { id } else { nil } }.last)
            _ = machine.handle(.playFinished(token: token(actions)))
        }
        #expect(heard == [[.prompt("wrong")], [.prompt("silence")], [.prompt("wrong")]])
    }

    @Test func `the step's own key does nothing, another and a global one leave the queue`() throws {
        var (machine, _) = try waiting()
        #expect(!machine.handle(.key("0")).contains(.leaveQueue(exit: "key")))
        #expect(machine.step == "first")
        for key: Character in ["2", "9"] {
            var other = machine
            let actions = other.handle(.key(key)).done
            #expect(actions.contains(.leaveQueue(exit: "key")))
            #expect(other.step == "person")
            #expect(other.variables["queue.exit"] == "key")
        }
        #expect(machine.handle(.key("7")).done == [])
    }

    @Test func `the call-back key keeps the place; a number that cannot be called does not`() throws {
        var (machine, _) = try waiting(["call.caller": "13900000001"])
        let actions = machine.handle(.key("1")).done
        #expect(actions.contains(.askCallBack(number: "13900000001")))
        #expect(!actions.contains(.leaveQueue(exit: "key")))
        #expect(machine.step == "back")
        var (withheld, _) = try waiting(["call.caller": ""])
        let left = withheld.handle(.key("1")).done
        #expect(left.contains(.leaveQueue(exit: "key")))
        #expect(withheld.step == "sorry")
    }

    @Test func `an answer stops everything; only the agent's leaving goes on`() throws {
        var (machine, _) = try waiting()
        let actions = machine.handle(.agentConnected(number: "1001")).done
        #expect(actions.contains { if case .stopPlay = $0 { true } else { false } })
        #expect(actions.contains { if case .cancelTimer = $0 { true } else { false } })
        for event in [
            FlowEvent.key("2"), .key("9"), .queueEnded(exit: "timeout"),
            .queuePosition(position: 1, expectedWaitSeconds: 1), .agentConnected(number: "1002"), .queueEntered,
        ] {
            #expect(machine.handle(event) == [])
        }
        let after = machine.handle(.agentLeft(agent: "1003", by: "agent")).done
        #expect(machine.step == "bye")
        #expect(!after.contains(.leaveQueue(exit: "key")))
        #expect(machine.variables["agent.number"] == "1003")
        #expect(machine.variables["agent.left_by"] == "agent")
        #expect(machine.variables["queue.exit"] == "answered")
    }

    @Test(arguments: ["timeout", "full", "closed", "no_agents", "failed", "interrupted"], [true, false])
    func `every end has its way, before and after the entry`(exit: String, hasEntered: Bool) throws {
        var (machine, _) = try Samples.machine(Self.text)
        if hasEntered { _ = machine.handle(.queueEntered) }
        let actions = machine.handle(.queueEnded(exit: exit)).done
        #expect(!actions.contains(.leaveQueue(exit: "key")))
        #expect(machine.step == (exit == "closed" ? "sorry" : "person"))
        #expect(machine.variables["queue.exit"] == exit)
    }

    @Test func `who hangs up while waiting leaves nothing for the flow to do`() throws {
        var (machine, _) = try waiting()
        #expect(machine.handle(.released).done == [])
        #expect(machine.isFinished)
    }
}

/// What a script may say of a queue, and when.
@Suite struct QueueScriptTests {
    static let text = Samples.text(
        Samples.menu("first", #""1": desk, "0": person"#),
        "  desk: {verb: queue, queue: service, prompts: [hello], "
            + "announce_unknown: {say: [{number: \"${queue.position}\"}]}, answered: bye, otherwise: person}")

    private func run(_ script: String) throws -> FlowSimulator.Result {
        let (moves, places) = try FlowScript.read(script)
        return FlowSimulator.run(try Samples.flow(Self.text), FlowScript(moves: moves, places: places))
    }

    @Test func `place and agent come once the queue has let the caller in`() throws {
        let result = try run("1 position:3 answered:1001 left")
        #expect(result.refusal == nil)
        let queue = result.transcript.filter { ["queue", "agent"].contains($0.kind) }
        #expect(queue.map(\.text) == ["service", "place 3", "1001 answers", "1001 has left"])
        // First the words that greet who waits, then the place: as in a call.
        #expect(result.prompts.dropFirst().prefix(2) == ["hello", "digit.3"])
        #expect(queue.count == 4 && queue[1].at >= queue[0].at + 20)
    }

    @Test func `a queue that is full lets nobody in`() throws {
        let result = try run("1 full s5 h")
        #expect(result.refusal == nil)
        #expect(!result.prompts.contains("hello"))
    }

    @Test(arguments: [
        ("position:3 1", "line 1, column 1, `position:3`: wants a caller in a queue"),
        ("\n answered:1001", "line 2, column 2, `answered:1001`: wants a caller in a queue"),
        ("closed", "line 1, column 1, `closed`: wants a caller in a queue"),
        ("left", "line 1, column 1, `left`: wants an agent who talks to the caller"),
        (
            "1 timeout s5 # answered:1",
            "line 1, column 16, `answered:1`: wants a caller in a queue, but the flow waits for the caller in step bye"
        ),
        ("h 1", "line 1, column 3, `1`: could not be made before the call was over"),
    ])
    func `what cannot happen there is refused, with its place`(script: String, refusal: String) throws {
        let result = try run(script)
        #expect(result.refusal?.hasPrefix(refusal) == true, "\(result.refusal ?? "followed")")
        #expect(result.unused > 0)
    }
}

@Suite struct RateVerbTests {
    static let text = Samples.text(
        "  first: {verb: rate, prompts: [ask], timeout: 6s, wrong_key: [wrong], next: thanks, none: bye}",
        "  thanks: {verb: play, prompts: [hello], next: main}", Samples.menu("main", #""0": person"#))

    @Test(
        arguments: [
            ("1", 1, "thanks"), ("5", 5, "thanks"), ("73", 3, "thanks"), ("07", nil, "bye"), ("6*", nil, "bye"),
            ("", nil, "bye"),
        ] as [(String, Int?, String)])
    func `scores`(keys: String, score: Int?, step: String) throws {
        let moves = try FlowScript.moves(keys.isEmpty ? "w" : keys)
        let result = FlowSimulator.run(try Samples.flow(Self.text), FlowScript(moves: moves))
        #expect(result.scores == (score.map { [$0] } ?? []))
        #expect(result.steps.dropFirst(2).first == step)
        #expect(result.variables["rate.score"] == (score.map(String.init) ?? ""))
        #expect(result.prompts.filter { $0 == "ask" }.count == (keys.count > 1 ? 2 : 1) + (step == "thanks" ? 2 : 0))
    }

    @Test func `what was pressed before is no judgement`() throws {
        let text = Samples.text(
            "  first: {verb: play, prompts: [hello], next: rate}",
            "  rate: {verb: rate, prompts: [ask], timeout: 6s, next: person, none: bye}")
        var (machine, _) = try Samples.machine(text)
        _ = machine.handle(.key("1"))
        #expect(machine.step == "rate")
        #expect(machine.handle(.playFinished(token: 2)).done == [.setTimer(id: 1, milliseconds: 6000)])
        #expect(machine.handle(.key("4")).done.contains(.rate(score: 4)))
    }
}

@Suite struct InboxVerbTests {
    static let text = Samples.text(
        "  first: {verb: record, limit: 1m, minimum: 0s, on_hangup: keep, next: keep}",
        "  keep: {verb: inbox, queue: service, timeout: 3s, next: sorry, failed: made}",
        "  sorry: {verb: play, prompts: [sorry], next: main}", Samples.menu("main", #""0": person"#))

    /// With a message left, waiting for the inbox.
    private func keeping() throws -> FlowMachine {
        var (machine, _) = try Samples.machine(Self.text)
        _ = machine.handle(.playFinished(token: 1))
        let actions = machine.handle(.messageEnded(milliseconds: 4000, reason: .silence)).done
        #expect(actions == [.leaveMessage(queue: "service"), .setTimer(id: 1, milliseconds: 3000)])
        return machine
    }

    @Test func `kept, failed, late`() throws {
        var kept = try keeping()
        _ = kept.handle(.messageKept)
        #expect(kept.step == "sorry")
        var failed = try keeping()
        #expect(failed.handle(.messageFailed).done.contains(.createOrder(category: "callback", fields: [:])))
        var late = try keeping()
        #expect(late.handle(.timer(id: 1)).done.contains(.createOrder(category: "callback", fields: [:])))
        #expect(late.handle(.messageKept) == [], "of the request that was given up")
    }

    @Test func `who hangs up while speaking has left a message, once`() throws {
        var (machine, _) = try Samples.machine(Self.text)
        _ = machine.handle(.playFinished(token: 1))
        #expect(machine.handle(.released).done == [.leaveMessage(queue: "service")])
        var twice = try keeping()
        #expect(twice.handle(.released).done == [], "it is on its way already")
    }
}

@Suite struct SetAndSecretTests {
    @Test func `set works with what was known before the step`() throws {
        let text = Samples.text(
            "  first: {verb: set, values: {a: \"${b}\", b: \"${a}\", c: \"\"}, next: second}",
            "  second: {verb: branch, cases: [{variable: c, present: true, next: person}], otherwise: bye}",
            top: "variables: {a: one, b: two, c: three}\n")
        let (machine, _) = try Samples.machine(text)
        #expect(machine.variables.filter { ["a", "b", "c"].contains($0.key) } == ["a": "two", "b": "one", "c": ""])
        #expect(machine.step == "bye")
    }

    static let secret = Samples.text(
        "  first: {verb: collect, prompts: [ask], into: pin, min: 4, max: 8, secret: true, timeout: 5s, "
            + "no_input: {next: bye}, invalid: {next: bye}, next: look}",
        "  look: {verb: lookup, source: desk, arguments: {pin: \"${pin}\"}, timeout: 3s, next: main, fallback: bye}",
        Samples.menu("main", #""1": bye, "0": person"#))

    /// Presses keys; returns those that were noted as they are.
    private func told(_ keys: String, _ machine: inout FlowMachine) -> String {
        String(
            keys.filter { key in
                let isTold = !machine.isSecret(key)
                _ = machine.handle(.key(key))
                return isTold
            })
    }

    @Test func `keys are masked from the entry on, until the next step takes some`() throws {
        var (machine, _) = try Samples.machine(Self.secret)
        _ = machine.handle(.playFinished(token: 1))
        var actions: [FlowAction] = []
        for key in "2468#" {
            #expect(machine.isSecret(key))
            actions = machine.handle(.key(key)).done
        }
        #expect(actions.contains(.lookup(source: "desk", arguments: ["pin": "2468"], timeoutMilliseconds: 3000)))
        #expect(told("99", &machine) == "", "typed behind the entry")
        _ = machine.handle(.lookupFinished([:]))
        #expect(machine.step == "main")
        #expect(told("7", &machine) == "7")
    }

    /// greet, notice (not to be cut short), wait (a look-up), PIN.
    static let ahead = Samples.text(
        "  first: {verb: play, prompts: [hello], next: notice}",
        "  notice: {verb: play, prompts: [notice], barge_in: false, next: wait}",
        "  wait: {verb: lookup, source: desk, arguments: {a: b}, timeout: 3s, next: pin, fallback: pin}",
        "  pin: {verb: collect, prompts: [ask], into: pin, min: 4, max: 8, secret: true, timeout: 5s, "
            + "no_input: {next: bye}, invalid: {next: bye}, next: look}",
        "  look: {verb: lookup, source: desk, arguments: {pin: \"${pin}\"}, timeout: 3s, next: main, fallback: bye}",
        Samples.menu("main", #""1": bye, "2": again, "3": first, "0": person"#),
        "  again: {verb: lookup, source: desk, arguments: {a: b}, timeout: 3s, next: main, fallback: main}")

    @Test func `a PIN typed ahead works, and no digit of it is told`() throws {
        var (machine, _) = try Samples.machine(Self.ahead)
        #expect(told("5", &machine) == "", "in a prompt that it cuts short")
        #expect(told("6", &machine) == "", "in a prompt that drops it")
        _ = machine.handle(.playFinished(token: 2))
        #expect(machine.step == "wait")
        #expect(told("2468#", &machine) == "")
        let actions = machine.handle(.lookupFinished([:])).done
        // The first key was meant for the entry as well: it cut short what was before it.
        #expect(
            actions.contains(.lookup(source: "desk", arguments: ["pin": "52468"], timeoutMilliseconds: 3000)))
    }

    @Test func `a question between: its own key is told, what is typed behind it is not`() throws {
        var (machine, _) = try Samples.machine(Self.ahead)
        _ = machine.handle(.playFinished(token: 1))
        _ = machine.handle(.playFinished(token: 2))
        _ = machine.handle(.lookupFinished([:]))
        _ = machine.handle(.playFinished(token: 3))
        #expect(told("2468#", &machine) == "")
        _ = machine.handle(.lookupFinished([:]))
        #expect(machine.step == "main")
        // Cuts the menu short and leads on to a wait; from there a PIN can be come by again.
        #expect(told("2", &machine) == "2")
        #expect(machine.step == "again")
        #expect(told("3135790#", &machine) == "")
        _ = machine.handle(.lookupFinished([:]))
        #expect(machine.step == "notice", "3 was for the menu, and the next key cut the greeting short")
    }

    @Test func `where nothing is asked in secret every key is told`() throws {
        var (machine, _) = try Samples.machine(FlowMachineTests.greeted)
        #expect(!machine.asksInSecret)
        #expect(told("1", &machine) == "1")
        #expect(told("23", &machine) == "23", "dropped by the notice")
    }
}
