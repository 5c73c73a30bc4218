import CallFlow
import Testing

/// The shipped flows beside the callers' own: agents' phones, and calls placed.
@Suite struct PhoneFlowTests {
    private func run(_ keys: String, _ answer: [String: String]?) throws -> FlowSimulator.Result {
        FlowSimulator.run(
            try Shipped.flow("agent-phone"),
            FlowScript(
                moves: try FlowScript.moves(keys), variables: ["call.called": "*11", "agent.number": "1001"],
                lookups: answer.map { ["agents": $0] } ?? [:]))
    }

    @Test(arguments: [
        (["ok": "true", "state": "available", "code": "log_in"], "phone.logged_in"),
        (["ok": "true", "state": "available", "code": "ready", "was": "away"], "phone.ready"),
        (["ok": "true", "state": "available", "code": "ready"], "phone.ready"),
        (["ok": "true", "state": "available", "code": "ready", "was": "wrap_up"], "phone.wrapped_up"),
        (["ok": "true", "state": "available", "code": "log_in", "was": "wrap_up"], "phone.logged_in"),
        (["ok": "true", "state": "available"], "phone.logged_in"),
        (["ok": "true", "state": "logged_out", "code": "log_out"], "phone.logged_out"),
        (["ok": "true", "state": "away", "code": "away"], "phone.away"),
        (["ok": "false", "reason": "pin"], "phone.wrong_pin"),
        (["ok": "false", "reason": "locked", "state": "away"], "phone.wrong_pin"),
        (["ok": "false", "reason": "code", "state": "available"], "phone.unavailable"),
        (["ok": "false", "reason": "agent"], "phone.unavailable"),
        ([:], "phone.failed"),
    ])
    func `what a feature code did is said`(answer: [String: String], prompt: String) throws {
        let result = try run("2468#", answer)
        #expect(result.prompts == ["phone.enter_pin", prompt])
        #expect(result.release == .completed)
        #expect(result.unused == 0)
    }

    @Test func `the exchange is asked, and the PIN is told to nobody else`() throws {
        let result = try run("2468#", ["ok": "true", "state": "available"])
        #expect(result.transcript.contains { $0.kind == "lookup" && $0.text == "agents agent=1001 code=*11 pin=•" })
        #expect(result.transcript.filter { $0.kind == "key" }.map(\.text) == ["•", "•", "•", "•", "•"])
        #expect(!result.transcript.contains { $0.text.contains("2468") })
    }

    @Test func `no desk, no PIN, a short PIN`() throws {
        #expect(try run("2468#", nil).prompts.last == "phone.failed")
        #expect(try run("", [:]).prompts == ["phone.enter_pin", "phone.enter_pin"])
        #expect(try run("12#12#", [:]).prompts.last == "phone.wrong_pin")
    }

    @Test func `an internal flow needs no person, and knows who dials; another does not`() throws {
        let steps =
            "steps:\n  begin: {verb: answer, next: first}\n" + Samples.menu("first", #""1": told"#)
            + "\n  told: {verb: say, items: [{digits: \"${agent.number}\"}], next: bye}\n" + Samples.bye + "\n"
        let allowed = Samples.load(Samples.begin + "internal: true\n" + steps)
        #expect(allowed.diagnostics.errors.map(\.description) == [])
        #expect(allowed.diagnostics.warnings.isEmpty)
        #expect(allowed.flow?.isInternal == true)
        let refused = Samples.load(Samples.begin + steps)
        #expect(refused.diagnostics.errors.map(\.code) == [FlowProblem.unknownVariable])
        let known = Samples.load(Samples.begin + steps.replacing("agent.number", with: "call.called"))
        #expect(known.diagnostics.errors.map(\.code) == [FlowProblem.noPerson])
        #expect(Samples.load(Samples.begin + "internal: maybe\n" + steps).flow == nil)
    }
}
