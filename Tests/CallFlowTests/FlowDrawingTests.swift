import CallFlow
import Documents
import Testing

/// A flow told and drawn.
@Suite struct FlowDrawingTests {
    private static let text = """
        flow: test
        start: begin
        variables: {notice.storm: ""}
        global: {"0": person}
        steps:
          begin: {verb: answer, next: main}
          main:
            verb: menu
            prompts: [hello, "${notice.storm}", {silence: 300ms}, {number: "${call.rings}"}, hello]
            keys: {"1": person, "9": main}
            timeout: 5s
            no_input: {prompts: [silence], retries: 1, next: open}
            wrong_key: {prompts: [hello, wrong], retries: 1, next: again}
          open:
            verb: branch
            cases:
              - {variable: call.caller, equals: "\\"x\\\\y&lt;z", next: bye}
            otherwise: bye
          again: {verb: goto, next: main, limit: 3, exceeded: bye}
        """

    private func flow() throws -> Flow {
        let (flow, diagnostics) = Flow.load(
            text: Self.text + "\n" + Samples.person + "\n" + Samples.bye + "\n", file: "test.yaml",
            prompts: Samples.prompts)
        try diagnostics.throwErrors()
        return try #require(flow)
    }

    @Test func eachStepIsToldWithItsLine() throws {
        let outline = FlowOutline(try flow(), texts: ["hello": "您好", "wrong": "按键错误"])
        #expect(outline.start == "begin")
        #expect(outline.globals.map(\.label) == ["0"] && outline.globals.map(\.step) == ["person"])
        #expect(outline.steps.map(\.name) == ["begin", "main", "open", "again", "person", "made", "bye"])
        let main = outline.steps[1]
        #expect(main.verb == "menu" && !main.isPerson)
        #expect(
            main.says == [
                .prompt(id: "hello", words: "您好"), .variable("notice.storm"), .value(.number, "${call.rings}"),
            ])
        // What was told already is not told again.
        #expect(main.saysToo == [.prompt(id: "silence", words: ""), .prompt(id: "wrong", words: "按键错误")])
        #expect(main.ways.map(\.label) == ["1", "9", "no input", "wrong key"])
        #expect(main.ways.map(\.step) == ["person", "main", "open", "again"])
        #expect(outline.steps[3].ways.map(\.label) == ["up to 3 times", "then"])
        let person = outline.steps[4]
        #expect(person.isPerson && person.ways.map(\.isHangup) == [false, true])
        #expect(outline.steps[6].ways.isEmpty)

        #expect(outline.step(atLine: main.line) == "main" && outline.step(atLine: main.line + 3) == "main")
        #expect(outline.step(atLine: 1) == nil && outline.step(atLine: 0) == nil)
        #expect(outline.step(atLine: 10_000) == "bye")
    }

    @Test func whatTheFlowReads() throws {
        let flow = try flow()
        #expect(flow.reads("notice.storm") && flow.reads("call.caller") && flow.reads("call.rings"))
        #expect(!flow.reads("notice.outage") && !flow.reads(""))
        let shipped = try Shipped.flow()
        #expect(shipped.reads("notice.storm"))
    }

    @Test func nothingInATextIsTakenForGraphviz() throws {
        let hostile = ["hello": "\"]; evil [label=\"<script>", "leave": "\\N &amp; \u{202E}\u{7}\n换行"]
        let drawn = FlowDrawing.dot.text(of: try flow(), FlowDrawing.Captions(texts: hostile, link: "/flow#step-"))
        #expect(!drawn.contains("evil [label=\"<"))
        #expect(drawn.contains(#"\"]; evil [label=\"<script>"#))
        #expect(drawn.contains(#"\\N &amp;amp;"#) && drawn.contains("换行"))
        #expect(!drawn.contains("\u{202E}") && !drawn.contains("\u{7}"))
        #expect(drawn.contains(#"call.caller is \"x\\y&amp;lt;z"#))
        #expect(drawn.contains("URL=\"/flow#step-main\""))
        // One statement a line, each at its end.
        for line in drawn.split(separator: "\n").dropFirst().dropLast() { #expect(line.hasSuffix(";"), "\(line)") }
    }

    @Test func wordsStandInTheDrawingInShortLines() throws {
        let flow = try flow()
        let plain = FlowDrawing.dot.text(of: flow)
        #expect(plain.contains(#"label="main\nmenu""#) && plain.contains(#"label="no input""#))
        let long = String(repeating: "停电信息请按一，", count: 20)
        let drawn = FlowDrawing.dot.text(
            of: flow,
            FlowDrawing.Captions(
                texts: ["hello": long], words: ["menu": "菜单", "no input": "无按键", "from anywhere": "全程有效"]))
        let label = try #require(drawn.firstMatch(of: #/"main" \[shape=hexagon, label="([^"]*)"/#)).1
        let lines = label.components(separatedBy: "\\n")
        #expect(lines.count == 5 && lines[0] == "main" && lines[1] == "菜单" && lines[4].hasSuffix("…"))
        #expect(lines.dropFirst(2).allSatisfy { $0.count <= 15 && !$0.hasPrefix("，") }, "\(lines)")
        #expect(drawn.contains(#"label="无按键""#) && drawn.contains(#"label="0 全程有效""#))
        #expect(FlowDrawing.mermaid.text(of: flow).contains("s1{{\"main<br/>menu\"}}"))
    }

    @Test(arguments: ["power-hotline", "agent-phone", "outbound"])
    func theShippedFlowsAreDrawnWhole(_ name: String) throws {
        let flow = try Shipped.flow(name)
        let drawn = FlowDrawing.dot.text(of: flow, FlowDrawing.Captions(texts: try Shipped.prompts()))
        for step in flow.stepNames { #expect(drawn.contains("    \"\(step)\" [shape=")) }
        let outline = FlowOutline(flow)
        let ways = outline.steps.flatMap(\.ways).count + outline.globals.count
        #expect(drawn.split(separator: "\n").count { $0.contains("\" -> \"") } == ways)
    }
}
