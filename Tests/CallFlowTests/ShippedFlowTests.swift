import CallFlow
import Testing

@Suite struct ShippedFlowTests {
    @Test func `loads, with the norm's advice about menus as its only warning`() throws {
        let prompts = try Shipped.prompts()
        let loaded = Flow.load(
            text: try Shipped.text("flows/power-hotline.yaml"), file: "power-hotline.yaml", prompts: Set(prompts.keys),
            texts: prompts)
        #expect(loaded.diagnostics.errors.map(\.description) == [])
        #expect(loaded.diagnostics.warnings.map(\.code) == [FlowProblem.norm])
    }

    @Test func `greets, names the unit, gives the notice, and offers the menu`() throws {
        let result = FlowSimulator.run(try Shipped.flow(), FlowScript(moves: [.hangUp]))
        #expect(result.prompts.first == "greeting.hello")
        let full = FlowSimulator.run(try Shipped.flow(), FlowScript())
        #expect(
            full.prompts.prefix(6) == [
                "greeting.hello", "unit.name", "greeting.automatic", "notice.recording", "menu.outage", "menu.fault",
            ])
        #expect(full.release == .inactive)
    }

    @Test(arguments: [
        ("2", "fault"), ("31", "complaint"), ("32", "report"), ("4", "consultation"), ("0", "callback"),
        ("10", "callback"), ("30", "callback"),
    ])
    func `a message becomes an order whose number and code are spoken`(keys: String, category: String) throws {
        let moves = try FlowScript.moves(keys + " s8 # 9 *")
        let result = FlowSimulator.run(try Shipped.flow(), FlowScript(moves: moves))
        #expect(result.orders == [category])
        #expect(result.steps.filter { $0 == "tell_order" }.count == 2)
        // 2026-1122-0007, then 4821.
        let spoken = result.prompts.filter { $0.hasPrefix("digit.") }.prefix(16).map { String($0.dropFirst(6)) }
        #expect(spoken.joined() == "2026112200074821")
        #expect(result.unused == 0)
    }

    @Test(arguments: ["2", "31", "32", "4", "0"])
    func `who speaks and just hangs up has left a message, too`(keys: String) throws {
        let result = FlowSimulator.run(
            try Shipped.flow(), FlowScript(moves: try FlowScript.moves(keys + " s8 h")))
        #expect(result.orders.count == 1)
        #expect(result.release == nil)
    }

    @Test func `a late answer is apologised for after the greeting, a storm is told of`() throws {
        let script = FlowScript(
            moves: [.hangUp], variables: ["call.late": "true", "notice.storm": "notice.storm"])
        let result = FlowSimulator.run(try Shipped.flow(), FlowScript(variables: script.variables))
        #expect(
            result.prompts.prefix(6) == [
                "greeting.hello", "unit.name", "greeting.automatic", "greeting.late", "notice.storm",
                "notice.recording",
            ])
    }

    @Test func `the progress of an order by number and code`() throws {
        let script = FlowScript(
            moves: try FlowScript.moves("5 202611220007# 4821"), variables: ["call.caller_known": "false"],
            lookups: ["orders": ["found": "true", "number": "20261122-0007", "status": "dispatched"]])
        let result = FlowSimulator.run(try Shipped.flow(), script)
        #expect(result.prompts.contains("progress.dispatched"))
        #expect(result.variables["asked.number"] == "202611220007")
        #expect(result.release == .afterWait)
    }

    @Test func `the account's balance, or a way on where the source is away`() throws {
        let moves = try FlowScript.moves("6 1 12345678#")
        let told = FlowSimulator.run(
            try Shipped.flow(),
            FlowScript(
                moves: moves, variables: ["time.date": "20261122"],
                lookups: ["account": ["found": "true", "balance": "102.30"]]))
        #expect(
            told.transcript.contains {
                $0.text.hasSuffix(
                    "account.balance num.1 num.bai digit.0 digit.2 unit.yuan digit.3 unit.jiao")
            })
        let away = FlowSimulator.run(try Shipped.flow(), FlowScript(moves: moves))
        #expect(away.prompts.contains("lookup.failed"))
        #expect(away.steps.contains("other_ways"))
    }

    @Test func `zero alone, then a pause, reaches a person from an entry of digits`() throws {
        let result = FlowSimulator.run(
            try Shipped.flow(), FlowScript(moves: try FlowScript.moves("6 1 0 w s5 #")))
        #expect(result.orders == ["callback"])
    }

    @Test func `key one tells what was announced`() throws {
        let flow = try Shipped.flow()
        func prompts(_ speech: String?) throws -> [String] {
            let answers = speech.map { ["outages": ["speech": $0]] } ?? [:]
            return FlowSimulator.run(flow, FlowScript(moves: try FlowScript.moves("1"), lookups: answers)).prompts
        }
        let told = try prompts("outage.planned outage.from date:20261210 time:480 outage.until time:1020 outage.sorry")
        let place = try #require(told.firstIndex(of: "outage.planned"))
        #expect(told[place...].starts(with: ["outage.planned", "outage.from", "digit.2", "digit.0"]))
        #expect(told.contains("outage.sorry") && told.contains("outage.report"))
        // A word that is no prompt and no value is passed over, and the call goes on.
        let odd = try prompts("nothing date:soon colour:red outage.sorry")
        #expect(odd.contains("outage.sorry") && odd.contains("outage.report"))
        #expect(try prompts(nil).contains("lookup.failed"))
    }

    @Test func `the recording notice is heard to its end, the greeting need not be`() throws {
        let result = FlowSimulator.run(
            try Shipped.flow(), FlowScript(moves: try FlowScript.moves("2 s5 #"), isPatient: false))
        #expect(result.orders == ["fault"])
        #expect(result.prompts.contains("notice.recording"))
        #expect(!result.prompts.contains("menu.outage"))
        #expect(
            result.transcript.contains { $0.kind == "note" && $0.text == "recording_notice prompts=notice.recording" })
    }

    @Test func `every prompt is used by a flow or the exchange, and every fragment is in the catalog`() throws {
        let prompts = Set(try Shipped.prompts().keys)
        let used = try ["power-hotline", "agent-phone", "outbound"].reduce(into: Set<String>()) {
            $0.formUnion(try Shipped.flow($1).promptsUsed)
        }
        #expect(MandarinSpeech.fragments.subtracting(prompts) == [])
        let fromConfiguration: Set = ["notice.storm", "outage.cause"]
        // Said by the exchange itself: with an agent, and to whom we called.
        let exchange: Set = [
            "agent.number_is", "agent.serves_you", "agent.transferring", "agent.consulting", "agent.nuisance",
            "call_back.greeting", "notice.recording_outbound", "outage.none", "outage.planned", "outage.temporary",
            "outage.fault", "outage.from", "outage.until", "outage.sorry",
        ]
        #expect(
            prompts.subtracting(used).subtracting(MandarinSpeech.fragments)
                == fromConfiguration.union(exchange))
    }
}

/// The same flow where there are agents.
@Suite struct ShippedFlowDeskTests {
    private func run(_ keys: String, caller: String = "13900000001", keeps: Bool = true) throws -> FlowSimulator.Result
    {
        FlowSimulator.run(
            try Shipped.flow(),
            FlowScript(
                moves: try FlowScript.moves(keys), variables: ["desk.agents": "true", "call.caller": caller],
                keepsMessages: keeps))
    }

    @Test func `waits with music and place, is served, rates, and is asked to hang up first`() throws {
        let result = try run("0 position:2/90 answered:1001 left 5")
        #expect(result.queues == ["service"])
        #expect(result.scores == [5])
        #expect(result.release == .afterWait)
        #expect(result.unused == 0)
        #expect(result.variables["agent.number"] == "1001")
        let heard = try #require(result.prompts.firstIndex(of: "queue.please_wait"))
        #expect(
            Array(result.prompts[heard...]) == [
                "queue.please_wait", "queue.choice", "music.hold", "queue.you_are", "digit.2", "queue.in_line",
                "queue.expected", "num.liang", "queue.minutes", "music.hold", "rate.question", "rate.thanks",
                "bye.thanks", "bye.hang_up", "bye.warning",
            ])
        #expect(result.transcript.contains { $0.kind == "queue" && $0.text == "service" }, "no skill is asked for")
    }

    @Test func `who gives no score hears the goodbye all the same`() throws {
        let result = try run("0 answered:1001 left w")
        #expect(result.scores == [])
        #expect(result.prompts.suffix(3) == ["bye.thanks", "bye.hang_up", "bye.warning"])
        #expect(!result.prompts.contains("rate.thanks"))
    }

    @Test(arguments: [
        ("timeout", "queue.all_busy"), ("full", "queue.all_busy"), ("no_agents", "queue.all_busy"),
        ("failed", "queue.all_busy"), ("closed", "queue.closed"),
    ])
    func `who cannot be served is told why, and leaves a message for the agents`(exit: String, why: String) throws {
        let result = try run("0 \(exit) s8 #")
        let told = try #require(result.prompts.firstIndex(of: why))
        #expect(Array(result.prompts[told...].prefix(3)) == [why, "message.leave", "message.kept"])
        #expect(result.inboxes == ["service"])
        #expect(result.orders == [])
        #expect(result.variables["queue.exit"] == exit)
        #expect(result.release == .afterWait)
        #expect(try run("0 \(exit) s8 h").inboxes == ["service"], "hung up after speaking")
    }

    @Test func `a message that no inbox takes becomes an order`() throws {
        let result = try run("0 2 s8 #", keeps: false)
        #expect(result.inboxes == ["service"])
        #expect(result.orders == ["callback"])
        #expect(result.steps.contains("tell_order"))
    }

    @Test func `one is called back, with the number repeated; a withheld number leaves a message`() throws {
        let result = try run("0 1")
        #expect(result.callBacks == ["13900000001"])
        #expect(result.variables["queue.exit"] == "call_back")
        #expect(result.prompts.contains("call_back.accepted"))
        #expect(result.release == .afterWait)
        let withheld = try run("0 1 s5 #", caller: "")
        #expect(withheld.callBacks == [])
        #expect(withheld.inboxes == ["service"])
    }

    @Test func `zero again does not lose the place`() throws {
        let result = try run("0 0 0 answered:1001 left 4")
        #expect(result.queues == ["service"])
        #expect(result.scores == [4])
    }

    @Test func `a fault: a message, a person, and a person for who does nothing`() throws {
        #expect(try run("2 1 s8 #").orders == ["fault"])
        #expect(try run("2 0 answered:1001 left 3").scores == [3])
        #expect(try run("2 w w answered:1002 left w").queues == ["service"])
    }

    @Test func `any other value of desk.agents is none`() throws {
        for value in ["", "false", "TRUE", "1"] {
            let result = FlowSimulator.run(
                try Shipped.flow(),
                FlowScript(moves: try FlowScript.moves("0 s8 #"), variables: ["desk.agents": value]))
            #expect(result.queues == [])
            #expect(result.orders == ["callback"])
        }
    }
}
