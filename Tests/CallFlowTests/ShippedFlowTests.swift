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

    @Test func `the recording notice is heard to its end, the greeting need not be`() throws {
        let result = FlowSimulator.run(
            try Shipped.flow(), FlowScript(moves: try FlowScript.moves("2 s5 #"), isPatient: false))
        #expect(result.orders == ["fault"])
        #expect(result.prompts.contains("notice.recording"))
        #expect(!result.prompts.contains("menu.outage"))
        #expect(
            result.transcript.contains { $0.kind == "note" && $0.text == "recording_notice prompts=notice.recording" })
    }

    @Test func `every prompt of the flow is used, and every fragment is in the catalog`() throws {
        let prompts = Set(try Shipped.prompts().keys)
        let flow = try Shipped.flow()
        #expect(MandarinSpeech.fragments.subtracting(prompts) == [])
        let fromConfiguration: Set = ["notice.storm", "outage.cause"]
        #expect(prompts.subtracting(flow.promptsUsed).subtracting(MandarinSpeech.fragments) == fromConfiguration)
    }
}

@Suite struct ShippedFlowWalkTests {
    @Test func `every path is walked, and none goes wrong`() throws {
        let flow = try Shipped.flow()
        let report = FlowWalker.walk(flow)
        #expect(report.problems == [])
        #expect(!report.isCut)
        #expect(report.steps == Set(flow.stepNames))
        #expect(FlowWalker.passages(of: flow).subtracting(report.passages) == [])
        #expect(report.orders == ["fault", "complaint", "report", "consultation", "callback"])
        #expect(report.releases == [.afterWait, .inactive])
    }
}
