import CallFlow
import Testing

@Suite struct FlowMachineTests {
    // MARK: - Tokens, races, keys typed ahead

    static let greeted = Samples.text(
        "  first: {verb: play, prompts: [hello], next: second}",
        "  second: {verb: play, prompts: [notice], barge_in: false, next: main}",
        Samples.menu("main", #""1": fault, "2": main, "0": person"#),
        "  fault: {verb: order, category: fault, next: bye, failed: bye}")
    static let all = "0123456789*#"

    @Test func `answers, plays, asks`() throws {
        var machine = FlowMachine(flow: try Samples.flow(Self.greeted), variables: [:])
        #expect(machine.start().done == [.answer])
        #expect(machine.start() == [])
        #expect(
            machine.handle(.answered(variables: ["call.rings": "1"])).done
                == [.play(token: 1, items: [.prompt("hello")], bargeIn: Self.all)])
        #expect(machine.variables["call.rings"] == "1")
        #expect(
            machine.handle(.playFinished(token: 1)).done
                == [.play(token: 2, items: [.prompt("notice")], bargeIn: "")])
        #expect(
            machine.handle(.playFinished(token: 2)).done == [
                .play(token: 3, items: [.prompt("ask")], bargeIn: Self.all)
            ])
        #expect(machine.handle(.playFinished(token: 3)).done == [.setTimer(id: 1, milliseconds: 5000)])
        #expect(machine.step == "main")
        #expect(
            machine.handle(.key("1")).done
                == [
                    .cancelTimer(id: 1), .createOrder(category: "fault", fields: [:]),
                    .setTimer(id: 2, milliseconds: 10_000),
                ])
    }

    @Test func `stale tokens and timers give nothing`() throws {
        var (machine, _) = try Samples.machine(Self.greeted)
        #expect(machine.handle(.playFinished(token: 7)) == [])
        #expect(machine.handle(.timer(id: 1)) == [])
        _ = machine.handle(.playFinished(token: 1))
        #expect(machine.handle(.playFinished(token: 1)) == [])
        #expect(machine.handle(.playStopped(token: 1)) == [])
        #expect(machine.step == "second")
        for event in [
            FlowEvent.orderFailed, .orderCreated(number: "1", code: "2"), .lookupFinished([:]),
            .lookupFailed(reason: ""),
            .messageEnded(milliseconds: 1, reason: .limit), .answered(variables: [:]),
        ] {
            #expect(machine.handle(event) == [])
        }
    }

    /// The key and the end of the play come in either order, and a finish may race them: the outcome is one.
    @Test(arguments: [
        [FlowEvent.key("1"), .playStopped(token: 1)],
        [.playStopped(token: 1), .key("1")],
        [.playFinished(token: 1), .key("1")],
        [.key("1"), .playFinished(token: 1)],
        [.key("1")],
    ])
    func `a key in the greeting is kept for the menu, behind the notice`(events: [FlowEvent]) throws {
        var (machine, _) = try Samples.machine(Self.greeted)
        let isLate = events == [.playFinished(token: 1), .key("1")]
        for event in events { _ = machine.handle(event) }
        #expect(machine.step == "second")
        let actions = machine.handle(.playFinished(token: 2)).done
        if isLate {
            // Pressed when the notice had begun: dropped, and the menu asks.
            #expect(machine.step == "main")
        } else {
            #expect(machine.step == "fault")
            #expect(actions.contains(.createOrder(category: "fault", fields: [:])))
        }
    }

    @Test func `keys into a notice that cannot be cut short are dropped`() throws {
        var (machine, _) = try Samples.machine(Self.greeted)
        _ = machine.handle(.playFinished(token: 1))
        #expect(machine.handle(.key("1")) == [])
        #expect(machine.handle(.key("0")) == [])
        #expect(machine.handle(.playFinished(token: 2)).done.count == 1)
        #expect(machine.step == "main")
    }

    @Test func `a key into the menu's prompt chooses, and the media is told to stop for keys it cannot see`() throws {
        var (machine, _) = try Samples.machine(Self.greeted)
        _ = machine.handle(.playFinished(token: 1))
        _ = machine.handle(.playFinished(token: 2))
        let actions = machine.handle(.key("1")).done
        #expect(actions.first == .stopPlay(token: 3))
        #expect(machine.step == "fault")
        #expect(machine.handle(.playStopped(token: 3)) == [])
    }

    @Test func `what is typed ahead is bounded, and letters are no keys`() throws {
        var (machine, _) = try Samples.machine(Self.greeted)
        for _ in 0..<10_000 { _ = machine.handle(.key("2")) }
        for key: Character in ["A", "x", "你", "１"] { #expect(machine.handle(.key(key)) == []) }
        #expect(machine.step == "second")
        _ = machine.handle(.playFinished(token: 2))
        #expect(machine.step == "main")
    }

    @Test func `wrong keys and silence are reminded of, then led on`() throws {
        var (machine, _) = try Samples.machine(Samples.text(Samples.menu("first", #""1": person"#)))
        _ = machine.handle(.playFinished(token: 1))
        #expect(
            machine.handle(.key("7")).done
                == [
                    .cancelTimer(id: 1), .play(token: 2, items: [.prompt("wrong"), .prompt("ask")], bargeIn: Self.all),
                ])
        _ = machine.handle(.playFinished(token: 2))
        #expect(
            machine.handle(.timer(id: 2)).done
                == [.play(token: 3, items: [.prompt("silence"), .prompt("ask")], bargeIn: Self.all)])
        _ = machine.handle(.playFinished(token: 3))
        _ = machine.handle(.timer(id: 3))
        #expect(machine.step == "bye")
    }

    // MARK: - Entries

    static let collecting = Samples.text(
        """
          first: {verb: collect, prompts: [ask], into: x.number, min: 2, max: 4, timeout: 5s, pause: 3s, next: told,
            no_input: {prompts: [silence], retries: 1, next: bye}, invalid: {prompts: [wrong], retries: 1, next: bye}}
        """,
        #"  told: {verb: say, items: [{digits: "${x.number}"}], next: main}"#,
        Samples.menu("main", #""1": first, "0": person"#), top: "global: {\"0\": person}\n")

    @Test(
        arguments: [
            ("12#", "told", "12"), ("1234", "told", "1234"), ("12t", "told", "12"), ("1t12#", "told", "12"),
            ("#12#", "told", "12"),
            ("1#1#", "bye", nil), ("ttt", "bye", nil), ("0t", "person", nil), ("0#", "person", nil),
            ("00#", "told", "00"),
            ("*12#", "told", "12"),
        ] as [(String, String, String?)])
    func `entries`(script: String, step: String, value: String?) throws {
        var (machine, actions) = try Samples.machine(Self.collecting)
        for character in script where machine.step == "first" {
            if case .play(let token, _, _, _) = actions.done.last {
                actions += machine.handle(.playFinished(token: token))
            }
            let timer = actions.compactMap { if case .setTimer(let id, _) = $0 { id } else { nil } }.last
            actions = machine.handle(character == "t" ? .timer(id: try #require(timer)) : .key(character))
            // Time-outs refer to the last timer set.
            if actions.done.isEmpty, let timer { actions = [.setTimer(id: timer, milliseconds: 0)] }
        }
        #expect(machine.step == step)
        #expect(machine.variables["x.number"] == value)
    }

    @Test func `the finish key after a complete entry is nobody's`() throws {
        var (machine, _) = try Samples.machine(Self.collecting)
        for key in "1234" { _ = machine.handle(.key(key)) }
        #expect(machine.step == "told")
        #expect(machine.handle(.key("#")) == [])
        #expect(machine.step == "told")
    }

    // MARK: - Messages and orders

    static let message = Samples.text(
        """
          first: {verb: record, prompts: [leave], limit: 1m, silence: 4s, minimum: 1s, on_hangup: fault, next: fault,
            too_short: {prompts: [sorry], retries: 1, next: bye}}
        """,
        #"  fault: {verb: order, category: fault, fields: {late: "${call.late}"}, next: copy, failed: bye}"#,
        #"  copy: {verb: order, category: consultation, next: told, failed: bye}"#,
        #"  told: {verb: say, items: [{digits: "${order.number}"}], next: bye}"#, top: "global: {\"0\": person}\n")

    @Test func `a message becomes an order`() throws {
        var (machine, _) = try Samples.machine(Self.message)
        #expect(machine.handle(.playFinished(token: 1)).done == [.play(token: 2, items: [.beep], bargeIn: "")])
        #expect(
            machine.handle(.playFinished(token: 2)).done
                == [.startMessage(maxMilliseconds: 60_000, silenceMilliseconds: 4000, finishKeys: "#")])
        #expect(machine.handle(.key("5")) == [])
        #expect(
            machine.handle(.messageEnded(milliseconds: 8000, reason: .finishKey)).done.first
                == .createOrder(category: "fault", fields: ["late": "false"]))
        // Pressed twice: not for the next menu.
        #expect(machine.handle(.key("#")) == [])
        _ = machine.handle(.orderCreated(number: "20261122-0007", code: "4821"))
        #expect(machine.variables["order.number"] == "20261122-0007")
        #expect(machine.variables["message.milliseconds"] == "8000")
        #expect(machine.step == "copy")
    }

    @Test func `who hangs up while speaking has left a message; the orders behind it are made, too`() throws {
        var (machine, _) = try Samples.machine(Self.message)
        _ = machine.handle(.playFinished(token: 1))
        _ = machine.handle(.playFinished(token: 2))
        #expect(
            machine.handle(.released).done == [
                .createOrder(category: "fault", fields: ["late": "false"]),
                .createOrder(category: "consultation", fields: [:]),
            ])
        #expect(machine.isFinished)
        #expect(machine.handle(.released) == [])
        #expect(machine.handle(.orderCreated(number: "1", code: "2")) == [])
    }

    @Test func `who hangs up before the beep, or once the order is on its way, makes none`() throws {
        var (early, _) = try Samples.machine(Self.message)
        #expect(early.handle(.released) == [])
        var (late, _) = try Samples.machine(Self.message)
        _ = late.handle(.playFinished(token: 1))
        _ = late.handle(.playFinished(token: 2))
        _ = late.handle(.messageEnded(milliseconds: 8000, reason: .silence))
        #expect(late.handle(.released) == [])
        #expect(late.isFinished)
    }

    @Test func `too short a message is asked for again, then given up`() throws {
        var (machine, _) = try Samples.machine(Self.message)
        _ = machine.handle(.playFinished(token: 1))
        _ = machine.handle(.playFinished(token: 2))
        #expect(
            machine.handle(.messageEnded(milliseconds: 200, reason: .silence)).done
                == [.play(token: 3, items: [.prompt("sorry"), .prompt("leave")], bargeIn: Self.all)])
        #expect(machine.handle(.released) == [])
    }

    @Test func `an order that nobody answers for is given up, and its late answer is not taken for the next`() throws {
        var (machine, _) = try Samples.machine(Self.greeted)
        _ = machine.handle(.key("1"))
        let order = machine.handle(.playFinished(token: 2)).done
        #expect(order.last == .setTimer(id: 2, milliseconds: 10_000))
        _ = machine.handle(.timer(id: 2))
        #expect(machine.step == "bye")
        #expect(machine.handle(.orderCreated(number: "1", code: "2")) == [])
        #expect(machine.variables["order.number"] == nil)
    }

    // MARK: - Look-ups, branches, the end

    static let asking = Samples.text(
        """
          first: {verb: lookup, source: account, arguments: {caller: "${call.caller}"}, timeout: 3s, prompts: [hello],
            results: [found, balance], next: known, fallback: sorry}
        """,
        #"  known: {verb: branch, cases: [{variable: account.found, equals: "true", next: told}], otherwise: sorry}"#,
        #"  told: {verb: say, items: [{money: "${account.balance}"}], next: bye}"#,
        "  sorry: {verb: play, prompts: [sorry], next: bye}", person: false)

    @Test func `a look-up waits for its prompts to end, and takes only what it asked for`() throws {
        var (machine, actions) = try Samples.machine(Self.asking, variables: ["call.caller": "13800000001"])
        #expect(
            actions.done == [
                .lookup(source: "account", arguments: ["caller": "13800000001"], timeoutMilliseconds: 3000),
                .setTimer(id: 1, milliseconds: 5000), .play(token: 1, items: [.prompt("hello")], bargeIn: ""),
            ])
        let values = ["found": "true", "balance": "12.30", "intruder": "x", "call.caller": "y"]
        #expect(machine.handle(.lookupFinished(values)).done == [.cancelTimer(id: 1)])
        actions = machine.handle(.playFinished(token: 1))
        #expect(machine.step == "told")
        #expect(machine.variables["account.intruder"] == nil)
        #expect(machine.variables["call.caller"] == "13800000001")
        #expect(
            actions.done == [
                .play(
                    token: 2,
                    items: ["num.shi", "digit.2", "unit.yuan", "digit.3", "unit.jiao"].map(SpeechItem.prompt),
                    bargeIn: Self.all)
            ])
    }

    @Test(arguments: [
        [FlowEvent.lookupFailed(reason: "timeout"), .playFinished(token: 1)],
        [.playFinished(token: 1), .timer(id: 1)],
        [.playFinished(token: 1), .lookupFinished(["found": "false"])],
        [.lookupFinished([:]), .playFinished(token: 1)],
    ])
    func `a look-up that fails, is late or finds nothing takes its branch`(events: [FlowEvent]) throws {
        var (machine, _) = try Samples.machine(Self.asking)
        for event in events { _ = machine.handle(event) }
        #expect(machine.step == "sorry")
    }

    @Test func `hostile values are cut, and what cannot be spoken is left out`() throws {
        var (machine, _) = try Samples.machine(Self.asking)
        _ = machine.handle(.playFinished(token: 1))
        let long = String(repeating: "9", count: 100_000)
        let actions = machine.handle(.lookupFinished(["found": "true", "balance": long]))
        #expect(machine.variables["account.balance"]?.count == 256)
        // Nothing to be said: the flow goes on to its end.
        #expect(machine.step == "bye")
        #expect(actions.contains { if case .note("value_unspeakable", _) = $0 { true } else { false } })
    }

    @Test(arguments: [
        (["time.minutes": "479", "time.weekday": "1"], "night"), (["time.minutes": "480", "time.weekday": "1"], "day"),
        (["time.minutes": "1079", "time.weekday": "5"], "day"),
        (["time.minutes": "1080", "time.weekday": "5"], "night"),
        (["time.minutes": "600", "time.weekday": "6"], "weekend"),
        (["time.minutes": "1380", "time.weekday": "7"], "late"),
        (["time.minutes": "10", "time.weekday": "3"], "late"), (["time.minutes": "abc", "time.weekday": "x"], "night"),
        ([:], "night"), (["call.rings": "5"], "rings"), (["call.rings": "4"], "night"),
    ])
    func `branches on times, weekdays, ranges`(variables: [String: String], step: String) throws {
        let targets = ["late", "day", "weekend", "rings", "night"]
        let flow = try Samples.flow(
            "flow: x\nstart: first\n" + """
                steps:
                  first:
                    verb: branch
                    cases:
                      - {time: "22:30-06:00", next: late}
                      - {time: "08:00-18:00", weekdays: [mon, tue, wed, thu, fri], next: day}
                      - {weekdays: [sat, sun], next: weekend}
                      - {variable: call.rings, from: 5, next: rings}
                    otherwise: night

                """ + targets.map { "  \($0): {verb: hangup}\n" }.joined())
        var machine = FlowMachine(flow: flow, variables: variables)
        #expect(machine.start().done == [.hangup(.completed)])
        #expect(machine.step == step)
    }

    @Test func `the caller is asked to hang up, waited for, warned, and released`() throws {
        var (machine, actions) = try Samples.machine(Samples.text("  first: {verb: goto, next: bye}", person: false))
        #expect(actions.done == [.play(token: 1, items: [.prompt("bye")], bargeIn: "")])
        #expect(machine.handle(.playFinished(token: 1)).done == [.setTimer(id: 1, milliseconds: 5000)])
        #expect(machine.handle(.timer(id: 1)).done == [.play(token: 2, items: [.prompt("warn")], bargeIn: "")])
        actions = machine.handle(.playFinished(token: 2))
        #expect(actions.done == [.hangup(.afterWait)])
        #expect(!machine.isFinished)
        #expect(machine.handle(.key("1")) == [])
        #expect(machine.handle(.released) == [])
        #expect(machine.isFinished)
    }

    @Test func `a global key works to the last`() throws {
        var (machine, _) = try Samples.machine(
            Samples.text("  first: {verb: goto, next: bye}", top: "global: {\"0\": person}\n"))
        _ = machine.handle(.playFinished(token: 1))
        _ = machine.handle(.key("3"))
        #expect(machine.step == "bye")
        _ = machine.handle(.key("0"))
        #expect(machine.step == "person")
    }

    @Test func `random events never break it, and the end is the end`() throws {
        let flow = try Shipped.flow()
        var state: UInt64 = 7
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for round in 0..<60 {
            var machine = FlowMachine(
                flow: flow,
                variables: ["call.caller_known": "true", "desk.agents": round % 2 == 0 ? "true" : "false"])
            var token = 0
            var timer = 0
            var actions = machine.start()
            for _ in 0..<400 {
                for action in actions {
                    switch action {
                    case .play(let next, let items, _, _):
                        #expect(next == token + 1)
                        #expect(!items.isEmpty)
                        token = next
                    case .setTimer(let next, _): timer = next
                    default: break
                    }
                }
                let event: FlowEvent =
                    switch random(13) {
                    case 10:
                        random(2) == 0 ? .queueEntered : .queuePosition(position: random(9), expectedWaitSeconds: nil)
                    case 11: random(2) == 0 ? .agentConnected(number: "1001") : .agentLeft(agent: "1001", by: "agent")
                    case 12: random(2) == 0 ? .queueEnded(exit: "timeout") : .messageKept
                    case 0: .answered(variables: ["call.late": "true"])
                    case 1, 2: .playFinished(token: max(0, token - random(2)))
                    case 3: .playStopped(token: token)
                    case 4, 5: .key(Array(Self.all)[random(12)])
                    case 6: .timer(id: max(0, timer - random(2)))
                    case 7: .messageEnded(milliseconds: random(9000) - 100, reason: .silence)
                    case 8: random(2) == 0 ? .orderCreated(number: "20261122-0007", code: "1") : .orderFailed
                    default:
                        random(2) == 0 ? .lookupFinished(["found": "true", "status": "x"]) : .lookupFailed(reason: "")
                    }
                actions = machine.handle(event)
            }
            let last = machine.handle(.released).done
            #expect(
                last.allSatisfy {
                    switch $0 {
                    case .createOrder, .leaveMessage: true
                    default: false
                    }
                })
            #expect(machine.isFinished)
        }
    }
}
