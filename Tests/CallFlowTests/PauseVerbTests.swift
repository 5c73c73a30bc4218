import CallFlow
import Testing

/// The verbs of the recording: pause_recording, resume_recording.
@Suite struct PauseVerbTests {
    /// greet, silence, card, and the recording goes on with the menu.
    static let card = Samples.text(
        Samples.menu("first", #""1": hello, "0": person"#),
        "  hello: {verb: play, prompts: [hello], next: quiet}",
        "  quiet: {verb: pause_recording, limit: 30s, reason: card, next: card}",
        "  card: {verb: collect, prompts: [ask], into: card, min: 4, max: 19, timeout: 8s, "
            + "no_input: {prompts: [silence], retries: 1, next: heard}, "
            + "invalid: {prompts: [wrong], retries: 1, next: heard}, next: heard}",
        "  heard: {verb: resume_recording, next: main}",
        Samples.menu("main", #""1": bye, "0": person"#))

    @Test func `the pause comes before the question, and its end behind the entry`() throws {
        var (machine, _) = try Samples.machine(Self.card)
        _ = machine.handle(.playFinished(token: 1))
        _ = machine.handle(.key("1"))
        #expect(machine.step == "hello")
        #expect(!machine.isPaused)
        let asked = machine.handle(.playFinished(token: 2)).done
        #expect(asked.first == .pauseRecording(limitMilliseconds: 30_000, reason: "card"))
        #expect(
            asked.dropFirst().contains { if case .play(3, [.prompt("ask")], _, _) = $0 { true } else { false } })
        #expect(machine.isPaused)
        _ = machine.handle(.playFinished(token: 3))
        for key in "6222" { _ = machine.handle(.key(key)) }
        #expect(machine.isPaused)
        let entered = machine.handle(.key("#")).done
        #expect(entered.contains(.resumeRecording))
        #expect(machine.step == "main")
        #expect(!machine.isPaused)
        #expect(machine.variables["card"] == "6222")
    }

    @Test func `keys on the way into a pause are told to nobody, and those that were told are not its entry`() throws {
        var (machine, _) = try Samples.machine(Self.card)
        #expect(machine.asksInSecret)
        #expect(!machine.isSecret("1"), "the menu's own key")
        _ = machine.handle(.key("1"))
        #expect(machine.step == "hello")
        for key in "62" { #expect(machine.isSecret(key), "on the way to the pause: \(key)") }
        // A question's own keys are told as they are, unless the recording is paused.
        _ = machine.handle(.playFinished(token: 2))
        #expect(!machine.isSecret("6"))
        #expect(machine.isPaused)
    }

    @Test func `somebody else's pause masks, too`() throws {
        var (machine, _) = try Samples.machine(FlowMachineTests.greeted)
        #expect(machine.handle(.recordingPaused(true)).isEmpty)
        #expect(machine.isPaused)
        #expect(machine.handle(.recordingPaused(false)).isEmpty)
        #expect(!machine.isPaused)
    }

    @Test func `a global key pressed in a pause is noted as a dot`() throws {
        var (machine, _) = try Samples.machine(
            Samples.text(
                "  first: {verb: pause_recording, next: said}", "  said: {verb: say, items: [hello], next: card}",
                "  card: {verb: collect, prompts: [ask], into: card, min: 4, max: 19, timeout: 8s, "
                    + "no_input: {next: bye}, invalid: {next: bye}, next: bye}",
                top: "global: {\"0\": person}\n"))
        _ = machine.handle(.playFinished(token: 1))
        _ = machine.handle(.playFinished(token: 2))
        let noted = machine.handle(.key("0")) + machine.handle(.key("#"))
        let keys = noted.compactMap { action -> [String: String]? in
            if case .note("global_key", let data) = action { data } else { nil }
        }
        #expect(keys == [["key": "•"]])
        #expect(machine.step == "person")
    }

    @Test func `the simulator shows dots, and the limit`() throws {
        let flow = try Samples.flow(Self.card)
        let result = FlowSimulator.run(flow, FlowScript(moves: try FlowScript.moves("1 6222# 1")))
        let lines = result.transcript.filter { ["key", "recording"].contains($0.kind) }.map { "\($0.kind) \($0.text)" }
        #expect(
            lines == [
                "key 1", "recording paused for 30000 ms at most: card", "key •", "key •", "key •", "key •", "key •",
                "recording goes on", "key 1",
            ])
        // Who waits for longer than the limit is recorded again.
        let slow = FlowSimulator.run(
            try Samples.flow(Self.card.replacing("limit: 30s", with: "limit: 5s")),
            FlowScript(moves: try FlowScript.moves("1 w 6222# 1")))
        let told = slow.transcript.filter { ["key", "recording"].contains($0.kind) }.map { "\($0.kind) \($0.text)" }
        #expect(
            told.prefix(3) == [
                "key 1", "recording paused for 5000 ms at most: card", "recording goes on: the pause was at its limit",
            ])
        #expect(told.contains("key 6"))
    }

    @Test func `every path is walked`() throws {
        let report = FlowWalker.walk(try Samples.flow(Self.card))
        #expect(report.problems == [])
        #expect(FlowWalker.passages(of: try Samples.flow(Self.card)).subtracting(report.passages) == [])
    }

    @Test(arguments: [
        ("{verb: pause_recording, limit: 1s, next: bye}", "from 5s to 10m"),
        ("{verb: pause_recording, limit: 1h, next: bye}", "from 5s to 10m"),
        ("{verb: pause_recording, limit: 30, next: bye}", "a duration"),
        ("{verb: pause_recording, limt: 30s, next: bye}", "unknown key \"limt\""),
        ("{verb: pause_recording, limit: 30s}", "\"next\" is missing"),
        ("{verb: pause_recording, reason: \"\(String(repeating: "x", count: 101))\", next: bye}", "longer than 100"),
        ("{verb: resume_recording, limit: 30s, next: bye}", "unknown key \"limit\""),
    ])
    func `what is written wrong is refused with its place`(step: String, complaint: String) {
        let loaded = Samples.load(Samples.text("  first: \(step)"))
        #expect(loaded.flow == nil)
        #expect(
            loaded.diagnostics.errors.contains { $0.description.contains(complaint) },
            "\(loaded.diagnostics.errors.map(\.description))")
    }

    @Test func `calls that are not recorded have no pause, and none comes before the answer`() throws {
        let steps = "steps:\n  begin: {verb: answer, next: first}\n  first: {verb: pause_recording, next: bye}\n"
        let unrecorded = Samples.load(Samples.begin + "internal: true\n" + steps + Samples.bye + "\n")
        #expect(unrecorded.diagnostics.errors.map(\.code) == [FlowProblem.notRecorded])
        let early = Samples.load(
            Samples.text("  first: {verb: play, prompts: [hello], next: bye}", person: false).replacing(
                "  begin: {verb: answer, next: first}",
                with: "  begin: {verb: pause_recording, next: answered}\n  answered: {verb: answer, next: first}"))
        #expect(early.diagnostics.errors.map(\.code) == [FlowProblem.notAnswered])
    }

    @Test func `the page's example is sound, and as it says`() throws {
        let page = try Shipped.text("docs/flows.md")
        let section = try #require(page.split(separator: "### pause_recording").last)
        let example = try #require(
            section.split(separator: "```yaml\n").dropFirst().first?.split(separator: "```").first)
        let prompts = try Shipped.prompts()
        let text =
            "flow: page\nstart: begin\nsteps:\n  begin: {verb: answer, next: card_quiet}\n"
            + example.split(separator: "\n").map { "  \($0)\n" }.joined()
            + "  card_bill: {verb: branch, cases: [{variable: card.bound, equals: \"true\", next: person}], otherwise: person}\n"
            + "  person: {verb: record, person: true, prompts: [message.fault], limit: 1m, minimum: 0s, "
            + "on_hangup: made, next: made}\n"
            + "  made: {verb: order, category: callback, next: bye, failed: bye}\n"
            + "  bye: {verb: hangup, prompts: [bye.thanks], wait: 5s, warning: [bye.warning]}\n"
        let loaded = Flow.load(text: text, file: "docs/flows.md", prompts: Set(prompts.keys), texts: prompts)
        #expect(loaded.diagnostics.errors.map(\.description) == [])
        let flow = try #require(loaded.flow)
        #expect(FlowWalker.walk(flow).problems == [])
        let result = FlowSimulator.run(
            flow,
            FlowScript(
                moves: try FlowScript.moves("622202001111222233#"), lookups: ["card": ["bound": "true"]]))
        let lines = result.transcript.filter { ["key", "recording", "lookup"].contains($0.kind) }
        #expect(lines.first?.text.hasPrefix("paused for 90000 ms at most") == true)
        #expect(!result.transcript.contains { $0.text.contains("6222") })
        #expect(lines.last?.text == "goes on")
    }
}
