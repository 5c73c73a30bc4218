import CallFlow
import Documents
import Testing

@Suite struct FlowCheckerTests {
    struct Broken: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let line: Int
        let code: String
        /// Part of the message or the advice.
        let says: String

        init(_ name: String, _ text: String, line: Int, _ code: String, _ says: String) {
            testDescription = name
            self.text = text
            self.line = line
            self.code = code
            self.says = says
        }
    }

    /// A step given on line 5 is wrong in one way.
    static func step(
        _ name: String, _ step: String, _ code: String, _ says: String, line: Int = 5, more: [String] = []
    ) -> Broken {
        let head = Samples.begin + "steps:\n  begin: {verb: answer, next: first}\n  first: \(step)\n"
        let rest = (more + [Samples.bye]).joined(separator: "\n")
        return Broken(name, head + rest + "\n", line: line, code, says)
    }

    static let menuTail = "no_input: {next: bye}, wrong_key: {next: bye}}"

    static let broken: [Broken] = [
        step("unknown verb", "{verb: plya, prompts: [hello], next: bye}", "unknown_verb", #"Did you mean "play"?"#),
        step("no verb", "{prompts: [hello], next: bye}", "missing_key", "Add `verb: …`"),
        step("unknown key", "{verb: play, promts: [hello], next: bye}", "unknown_key", #"Did you mean "prompts"?"#),
        step("duplicate key", "{verb: play, prompts: [hello], next: bye, next: bye}", "duplicate_key", "Remove one"),
        step("unknown target", "{verb: play, prompts: [hello], next: bey}", "unknown_step", #"Did you mean "bye"?"#),
        step("missing prompt", "{verb: play, prompts: [helo], next: bye}", "unknown_prompt", #"Did you mean "hello"?"#),
        step("no target", "{verb: play, prompts: [hello]}", "missing_key", "next"),
        step("a value in play", "{verb: play, prompts: [{digits: \"1\"}], next: bye}", "bad_value", "the verb `say`"),
        step("mixed prompt", #"{verb: play, prompts: ["a${call.late}"], next: bye}"#, "bad_value", "one variable"),
        step("open brace", #"{verb: say, items: [{digits: "${x"}], next: bye}"#, "bad_value", "Write ${name}"),
        step(
            "unknown variable", #"{verb: say, items: [{digits: "${order.numbr}"}], next: bye}"#, "unknown_variable",
            "order.numbr"),
        step(
            "menu without time-out", "{verb: menu, prompts: [ask], keys: {\"1\": bye}, \(menuTail)", "missing_branch",
            "timeout: 6s"),
        step(
            "menu without no_input",
            "{verb: menu, prompts: [ask], keys: {\"1\": bye}, timeout: 5s, wrong_key: {next: bye}}", "missing_branch",
            "no_input"),
        step(
            "menu without wrong_key",
            "{verb: menu, prompts: [ask], keys: {\"1\": bye}, timeout: 5s, no_input: {next: bye}}", "missing_branch",
            "wrong_key"),
        step(
            "menu with no key of a telephone",
            "{verb: menu, prompts: [ask], keys: {\"12\": bye}, timeout: 5s, \(menuTail)", "bad_value", "0–9"),
        step(
            "duration without a unit", "{verb: menu, prompts: [ask], keys: {\"1\": bye}, timeout: 5, \(menuTail)",
            "bad_value", "500ms, 2s or 1m"),
        step(
            "menu without a person", "{verb: menu, prompts: [ask], keys: {\"1\": bye}, timeout: 5s, \(menuTail)",
            "no_person", "person: true"),
        step("loop without an exit", "{verb: play, prompts: [hello], next: first}", "endless_loop", "first → first"),
        step(
            "a silent caller goes round", "{verb: goto, next: other}", "endless_loop", "goto",
            more: ["  other: {verb: branch, cases: [{variable: call.late, equals: x, next: bye}], otherwise: first}"]),
        step(
            "unreachable step", "{verb: goto, next: bye}", "unreachable_step", "alone", line: 6,
            more: ["  alone: {verb: goto, next: bye}"]),
        step("hangup unreachable", "{verb: goto, next: begin}", "no_end", "hangup"),
        step("unknown category", "{verb: order, category: faul, next: bye, failed: bye}", "unknown_category", "fault"),
        step(
            "lookup without a fallback", "{verb: lookup, source: x, timeout: 2s, next: bye}", "missing_branch",
            "fallback: step"),
        step(
            "lookup without a time-out", "{verb: lookup, source: x, next: bye, fallback: bye}", "missing_key", "timeout"
        ),
        step(
            "record without too_short", "{verb: record, limit: 1m, next: bye}", "missing_branch",
            "A caller may say nothing"
        ),
        step(
            "after a hang-up, no order",
            "{verb: record, limit: 1m, minimum: 0s, on_hangup: bye, next: bye}", "after_hangup", "verb: order"),
        step("hangup waits without a warning", "{verb: hangup, wait: 5s}", "missing_key", "warning: [bye.warning]"),
        step("answered twice", "{verb: play, prompts: [hello], next: begin}", "not_answered", "once", line: 4),
        step(
            "collect without its branches", "{verb: collect, prompts: [ask], into: x, max: 4, timeout: 5s, next: bye}",
            "missing_branch", "A caller may press nothing"),
        step(
            "collect with a digit to finish",
            "{verb: collect, prompts: [ask], into: x, max: 4, timeout: 5s, finish: \"1\", next: bye, no_input: {next: bye}, invalid: {next: bye}}",
            "bad_value", "Write \"#\""),
        step(
            "collect with more than it takes",
            "{verb: collect, prompts: [ask], into: x, min: 5, max: 4, timeout: 5s, next: bye, no_input: {next: bye}, invalid: {next: bye}}",
            "bad_value", "less than min"),
        step("goto with half a limit", "{verb: goto, next: bye, limit: 3}", "bad_value", "both"),
        step(
            "branch without otherwise", "{verb: branch, cases: [{time: \"08:00-18:00\", next: bye}]}", "missing_key",
            "otherwise"),
        step(
            "branch with a bad time", "{verb: branch, cases: [{time: \"8-18\", next: bye}], otherwise: bye}",
            "bad_value",
            "08:00-18:00"),
        step(
            "branch with a bad weekday", "{verb: branch, cases: [{weekdays: [monday], next: bye}], otherwise: bye}",
            "bad_value", "mon, tue"),
        step(
            "branch that tests nothing", "{verb: branch, cases: [{variable: call.late, next: bye}], otherwise: bye}",
            "missing_key", "equals"),
        step(
            "branch with an empty case", "{verb: branch, cases: [{next: bye}], otherwise: bye}", "bad_value",
            "Name a `variable`"),
        step(
            "bad keys to barge in", "{verb: play, prompts: [hello], barge_in: maybe, next: bye}", "bad_value", "\"9*\""),
        step(
            "queue without ends", "{verb: queue, queue: a, answered: bye, timeout: bye}", "missing_branch",
            "full, closed"),
        step("queue without a name", "{verb: queue, answered: bye, otherwise: bye}", "missing_key", "queue"),
        step(
            "queue named by a variable", #"{verb: queue, queue: "${call.called}", answered: bye, otherwise: bye}"#,
            "bad_value", "no queue's name"),
        step("queue that nobody leaves", "{verb: queue, queue: a, otherwise: bye}", "missing_key", "answered"),
        step(
            "queue with no key of a telephone",
            "{verb: queue, queue: a, keys: {x: bye}, answered: bye, otherwise: bye}", "bad_value", "0–9"),
        step(
            "call-back without no_number",
            #"{verb: queue, queue: a, keys: {"1": bye}, call_back_key: "1", answered: bye, otherwise: bye}"#,
            "missing_branch", "withheld"),
        step(
            "call-back key that leads nowhere",
            #"{verb: queue, queue: a, call_back_key: "1", no_number: bye, answered: bye, otherwise: bye}"#, "bad_value",
            "goodbye"),
        step(
            "no_number without a call-back key",
            "{verb: queue, queue: a, no_number: bye, answered: bye, otherwise: bye}", "bad_value", "call_back_key"),
        step(
            "bulletins too often",
            "{verb: queue, queue: a, bulletins: [hello], bulletin_every: 1s, answered: bye, otherwise: bye}",
            "bad_value", "bulletin_every"),
        step(
            "rate without none", "{verb: rate, prompts: [ask], timeout: 5s, next: bye}", "missing_branch", "none: step"),
        step("rate without a time-out", "{verb: rate, prompts: [ask], next: bye, none: bye}", "missing_key", "timeout"),
        step("inbox without failed", "{verb: inbox, queue: a, next: bye}", "missing_key", "failed"),
        step("set that sets nothing", "{verb: set, values: {}, next: bye}", "bad_value", "sets nothing"),
        step("set with a bad name", "{verb: set, values: {A b: x}, next: bye}", "bad_value", "is no name"),
        step(
            "a secret that is said",
            "{verb: collect, prompts: [ask], into: pin, max: 4, secret: true, timeout: 5s, next: told, no_input: {next: bye}, invalid: {next: bye}}",
            "secret_told", "`arguments` of a `lookup`", line: 6,
            more: [#"  told: {verb: say, items: [{digits: "${pin}"}], next: bye}"#]),
        step(
            "a secret that is copied",
            "{verb: collect, prompts: [ask], into: pin, max: 4, secret: true, timeout: 5s, next: told, no_input: {next: bye}, invalid: {next: bye}}",
            "secret_told", "heard or written down", line: 6,
            more: [#"  told: {verb: set, values: {x: "${pin}"}, next: bye}"#]),
        Broken(
            "unknown start", "flow: x\nstart: begn\nsteps:\n  begin: {verb: answer, next: bye}\n\(Samples.bye)\n",
            line: 2,
            "unknown_step", #"Did you mean "begin"?"#),
        Broken(
            "spoken before the answer",
            "flow: x\nstart: first\nsteps:\n  first: {verb: play, prompts: [hello], next: bye}\n\(Samples.bye)\n",
            line: 4, "not_answered", "Begin with"),
        Broken(
            "no hangup at all", "flow: x\nstart: begin\nsteps:\n  begin: {verb: answer, next: begin}\n", line: 1,
            "no_end",
            "no step hangs up"),
        Broken("no steps", "flow: x\nstart: a\n", line: 1, "missing_key", "steps"),
        Broken("steps are a list", "flow: x\nstart: a\nsteps: [a]\n", line: 3, "bad_value", "mapping"),
        Broken("unknown key at the top", "flow: x\nstart: a\nstpes: {}\nsteps: {}\n", line: 3, "unknown_key", "steps"),
        Broken(
            "bad global key", "flow: x\nstart: b\nglobal: {\"00\": b}\nsteps: {b: {verb: hangup}}\n", line: 3,
            "bad_value",
            "0–9"),
        Broken(
            "unknown global target", "flow: x\nstart: b\nglobal: {\"0\": c}\nsteps: {b: {verb: hangup}}\n", line: 3,
            "unknown_step", "global"),
        Broken(
            "unknown locale", "flow: x\nstart: b\nlocale: en\nsteps: {b: {verb: hangup}}\n", line: 3, "bad_value",
            "zh-CN"),
        Broken("not YAML", "flow: [x\n", line: 2, "syntax", "brackets"),
    ]

    @Test(arguments: broken)
    func `refused with file, line and advice`(_ broken: Broken) {
        let loaded = Samples.load(broken.text)
        #expect(loaded.flow == nil)
        let matching = loaded.diagnostics.errors.filter {
            $0.code.name == broken.code && $0.line == broken.line && $0.description.contains(broken.says)
        }
        #expect(!matching.isEmpty, "\(loaded.diagnostics.errors.map { "\($0.code.name): \($0)" })")
        #expect(loaded.diagnostics.errors.allSatisfy { $0.file == "t.yaml" })
    }

    @Test func `several complaints at once, in the file's order`() {
        let loaded = Samples.load(
            Samples.text(
                "  first: {verb: play, prompts: [helo], next: bey}", "  second: {verb: order, category: x, next: bye}"))
        #expect(loaded.diagnostics.errors.map(\.line) == [5, 5, 6])
    }

    @Test func `a loop with a limit, or through the caller, is allowed`() throws {
        _ = try Samples.flow(
            Samples.text(
                "  first: {verb: play, prompts: [hello], next: again}",
                "  again: {verb: goto, next: first, limit: 3, exceeded: main}",
                Samples.menu("main", #""1": first, "0": person"#)))
    }

    @Test func `warnings: menus, advertising, messages that may be lost`() {
        let loaded = Samples.load(
            Samples.text(
                Samples.menu("first", #""1": second, "0": person"#),
                "  second: {verb: play, prompts: [advert], next: third}",
                "  third: {verb: record, limit: 1m, minimum: 0s, next: bye}"))
        #expect(loaded.diagnostics.errors.map(\.description) == [])
        #expect(
            loaded.diagnostics.warnings.map(\.code) == [
                FlowProblem.norm, FlowProblem.norm, FlowProblem.messageWithoutOrder, FlowProblem.messageWithoutOrder,
            ])
    }

    @Test func `queues are checked where the agents' file is known`() throws {
        let text = Samples.text(
            "  first: {verb: queue, queue: servce, answered: bye, otherwise: left}",
            "  left: {verb: record, limit: 1m, minimum: 0s, on_hangup: keep, next: keep}",
            "  keep: {verb: inbox, queue: nights, next: bye, failed: bye}", person: false)
        func load(_ queues: Set<String>?) -> [String] {
            Flow.load(text: text, file: "t.yaml", prompts: Samples.prompts, queues: queues).diagnostics.errors
                .map { "\($0.line) \($0.code.name) \($0.advice)" }
        }
        #expect(load(nil) == [])
        #expect(load(["servce", "nights"]) == [])
        #expect(
            load(["service", "nights"]).map { $0.contains("unknown_queue") && $0.contains("\"service\"") } == [true])
        #expect(load([]).count == 2)
        #expect(Samples.load(text).flow?.queuesUsed == ["servce", "nights"])
    }

    @Test func `a global key that would lose the place is warned of`() {
        func warnings(_ keys: String) -> [DocumentError.Code] {
            let text = Samples.text(
                "  first: {verb: play, prompts: [hello], next: way}",
                "  way: {verb: goto, next: wait}",
                "  wait: {verb: queue, queue: a, keys: {\(keys)}, answered: bye, otherwise: bye}",
                top: "global: {\"0\": way}\n", person: false)
            return Samples.load(text).diagnostics.warnings.map(\.code)
        }
        #expect(warnings("") == [FlowProblem.placeLost])
        #expect(warnings(#""0": wait"#) == [])
    }

    @Test func `the flow of the integration tests is sound`() throws {
        let prompts = try Shipped.prompts()
        let loaded = Flow.load(
            text: try Shipped.text("Tests/IntegrationTests/Flows/desk.yaml"), file: "desk.yaml",
            prompts: Set(prompts.keys), texts: prompts, queues: ["service"])
        #expect(loaded.diagnostics.errors.map(\.description) == [])
        #expect(try FlowWalker.walk(#require(loaded.flow)).problems == [])
    }

    @Test(arguments: [
        ("position:3/90 answered:1001 left", 3), ("timeout full closed no_agents failed", 5), ("0s5h", 3),
    ])
    func `script words`(text: String, count: Int) throws { #expect(try FlowScript.moves(text).count == count) }

    @Test func `a script that cannot be read is told with its line`() throws {
        let error = #expect(throws: FlowScriptError.self) { try FlowScript.moves("2 s8 #\n9  x") }
        #expect(error?.message.hasPrefix("line 2, column 4: `x` is no move") == true)
        #expect(
            try FlowScript.read("1\n\n w, left").places == ["line 1, column 1", "line 3, column 2", "line 3, column 5"])
    }

    @Test(arguments: ["position", "position:", "position:0", "position:1/2/3", "position:x", "answered", "soon"])
    func `script words that mean nothing`(text: String) {
        #expect(throws: FlowScriptError.self) { try FlowScript.moves(text) }
    }

    @Test func `garbage is refused, and never stops the program`() throws {
        let text = try Shipped.text("flows/power-hotline.yaml")
        var state: UInt64 = 42
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var loaded = 0
        for _ in 0..<150 {
            var bytes = Array(text.utf8)
            for _ in 0...random(4) {
                switch random(3) {
                case 0: bytes[random(bytes.count)] = UInt8(32 + random(95))
                case 1: bytes.remove(at: random(bytes.count))
                default:
                    let from = random(bytes.count)
                    bytes.removeSubrange(from..<min(bytes.count, from + random(200)))
                }
            }
            if Samples.load(String(decoding: bytes, as: UTF8.self)).flow != nil { loaded += 1 }
        }
        // Prompts of the shipped flow are not in the samples' catalog.
        #expect(loaded == 0)
    }
}
