import Access
import CallFlow
import Calls
import Console
import Documents
import Foundation
import Media
import Storage
import Switchboard
import Synchronization
import Testing

/// The storm notice in the browser and by the API.
@Suite(.serialized) struct NoticePageTests {
    private static func notices(_ bench: Bench) async throws -> [NoticeRecord] {
        try JSONDecoder().decode([NoticeRecord].self, from: Data(try await bench.get("notices").body))
    }

    @Test func aShiftLeaderSwitchesItOnAndOff() async throws {
        try await Bench.with { bench async throws in
            let leader = try await Visitor.signedIn(bench, [.shiftLeader], name: "v8001", workNumber: "8001")
            let off = try await leader.get("/outages").text
            #expect(off.contains("id=\"notice-off\"") && !off.contains("id=\"notice-facts\""))
            #expect(off.contains("value=\"notice.storm\"") && off.contains("value=\"notice.flood\""))
            #expect(off.contains("因&lt;洪水&gt;停电。") && !off.contains("notice.recording") && !off.contains("\"thanks\""))

            let on = try await leader.post(
                "/outages/notice", ["prompt": "notice.storm", "until": "", "why": "台风<b>"])
            #expect(on.status == 303 && on.headers["location"] == "/outages?done=notice_on")
            let page = try await leader.get("/outages?done=notice_on").text
            #expect(page.contains("role=\"status\"") && page.contains("id=\"notice-on\""))
            #expect(page.contains("台风&lt;b&gt;") && page.contains("<dd>8001</dd>"))
            #expect(try await bench.get("wallboard").text.contains("受恶劣天气影响"))
            let known = try #require(try await Self.notices(bench).first)
            #expect(known.isOn && known.by == "8001" && known.prompt == "notice.storm" && known.until == nil)

            // Changed, it keeps its end: the form has it.
            let later = UTCTime(microseconds: SystemTime().now().wall + 2 * 3_600_000_000)
            let body = #"{"prompt": "notice.storm", "by": "8001", "until": "\#(later)"}"#
            #expect(try await bench.ask("PUT", "notices/storm", body).status == 204)
            let form = try await leader.get("/outages").text
            #expect(
                form.firstMatch(of: #/name="until" value="\d{4}-\d\d-\d\dT\d\d:\d\d"/#) != nil)

            let end = try await leader.post("/outages/notice/end", ["why": "抢修完毕"])
            #expect(end.status == 303 && end.headers["location"] == "/outages?done=notice_off")
            let after = try await leader.get("/outages").text
            #expect(after.contains("id=\"notice-off\"") && after.contains("抢修完毕"))
            #expect(try await bench.reader.verifyEvidence().ok)
        }
    }

    @Test func whatIsRefusedIsToldOnThePageAndKeptInTheForm() async throws {
        try await Bench.with { bench async throws in
            let leader = try await Visitor.signedIn(bench, [.shiftLeader], name: "v8001", workNumber: "8001")
            func refused(_ fields: [String: String], _ says: String, path: String = "/outages/notice") async throws {
                let answer = try await leader.post(path, fields)
                #expect(answer.status == 400, "\(fields)")
                #expect(answer.text.contains("id=\"notice-complaint\"") && answer.text.contains(says), "\(fields)")
                #expect(answer.text.components(separatedBy: "role=\"alert\"").count == 2, "one complaint, in the card")
            }
            try await refused(["prompt": "notice.none", "why": "x"], "notice.flood, notice.storm")
            try await refused(["prompt": "thanks", "why": "x"], "notice.flood, notice.storm")
            try await refused(
                ["prompt": "notice.flood", "until": "2020-01-01T00:00", "why": "洪水&"], "value=\"notice.flood\" selected"
            )
            try await refused(["prompt": "notice.flood", "until": "2020-01-01T00:00", "why": "洪水&"], "洪水&amp;")
            try await refused(["prompt": "notice.storm", "until": "soon", "why": "x"], "soon")
            try await refused(["prompt": "notice.storm", "why": ""], "journal")
            try await refused(["why": "x"], "not on", path: "/outages/notice/end")
            #expect(try await Self.notices(bench).isEmpty)
        }
    }

    @Test func whoseRightItIs() async throws {
        try await Bench.with { bench async throws in
            let agent = try await Visitor.signedIn(bench, [.agent], name: "v1001", workNumber: "1001")
            #expect(try await agent.get("/outages").status == 403)
            #expect(try await agent.get("/flow").status == 403)
            #expect(try await agent.get("/flow/drawing.svg").status == 403)
            #expect(try await agent.post("/outages/notice", ["prompt": "notice.storm", "why": "x"]).status == 403)
            #expect(try await agent.post("/outages/notice/end", ["why": "x"]).status == 403)
            let operations = try await Visitor.signedIn(bench, [.operator], name: "v9009", workNumber: "9009")
            #expect(try await operations.get("/flow").status == 200)
            #expect(
                try await operations.post("/outages/notice", ["prompt": "notice.storm", "why": "x"]).status == 303)
            // Everybody sees on the wallboard that it is on.
            let board = try await agent.get("/").text
            #expect(board.contains("受恶劣天气影响"))
            let forged = try await operations.post("/outages/notice/end", ["csrf": "0"])
            #expect(forged.status == 403)
        }
    }

    @Test func byTheAPI() async throws {
        try await Bench.with { bench async throws in
            func put(_ body: String, name: String = "storm") async throws -> Answer {
                try await bench.ask("PUT", "notices/\(name)", body)
            }
            let year = UTCTime(microseconds: SystemTime().now().wall + 365 * 86_400_000_000)
            let later = UTCTime(microseconds: SystemTime().now().wall + 3_600_000_000)
            #expect(try await Self.notices(bench).isEmpty)
            #expect(try await put(#"{"prompt": "notice.storm"}"#).problem().detail.contains("`by`"))
            #expect(try await put(#"{"prompt": "notice.storm", "by": "7777"}"#).status == 404)
            let unknown = try await put(#"{"prompt": "hello", "by": "8001"}"#).problem()
            #expect(unknown.status == 404 && unknown.detail.contains("notice.flood, notice.storm"))
            #expect(try await put(#"{"prompt": "notice.storm", "by": "8001"}"#, name: "rain").problem().status == 404)
            #expect(
                try await put(#"{"prompt": "notice.storm", "by": "8001"}"#, name: "..%2Fpeople").problem().status
                    == 404)
            #expect(try await put(#"{"prompt": "notice.storm", "by": "8001", "text": ""}"#).problem().status == 400)
            #expect(
                try await put(#"{"prompt": "notice.storm", "by": "8001", "why": "a\u0007"}"#).problem().status == 400)
            #expect(
                try await put(#"{"prompt": "notice.storm", "by": "8001", "until": "soon"}"#).problem().status == 400)
            let long = #"{"prompt": "notice.storm", "by": "8001", "until": "\#(year)"}"#
            #expect(try await put(long).problem().status == 409)
            let good = #"{"prompt": "notice.storm", "by": "8001", "until": "\#(later)", "why": "台风"}"#
            #expect(try await put(good).status == 204)
            let known = try #require(try await Self.notices(bench).first)
            #expect(known.isOn && known.name == "storm" && known.variable == "notice.storm" && known.until == later)
            #expect(known.why == "台风")
            let onBoard = try await bench.get("wallboard").text
            #expect(onBoard.contains("\"until\"") && onBoard.contains("notice.storm"))

            func delete(_ query: String) async throws -> Answer {
                try await bench.ask("DELETE", "notices/storm\(query)", nil)
            }
            #expect(try await delete("").problem().status == 400)
            #expect(try await delete("?by=8001&x=1").problem().status == 400)
            #expect(try await delete("?by=%27--").problem().status == 400)
            #expect(try await delete("?by=8001&why=%00").problem().status == 400)
            #expect(try await delete("?by=8001&why=%E5%AE%8C%E6%AF%95").status == 204)
            #expect(try await delete("?by=8001").problem().status == 404)
            #expect(try await Self.notices(bench).map(\.why) == ["完毕"])
            #expect(try await bench.ask("POST", "notices/storm", "{}").problem().status == 405)

            // A person is who they are.
            let tokens = try await RightsTableTests.tokens(bench)
            let leader = "Bearer \(try #require(tokens[.shiftLeader]))"
            let own = try await bench.ask("PUT", "notices/storm", #"{"prompt": "notice.flood"}"#, authorization: leader)
            #expect(own.status == 204)
            let forged = try await bench.ask(
                "PUT", "notices/storm", #"{"prompt": "notice.flood", "by": "8001"}"#, authorization: leader)
            #expect(forged.status == 403)
        }
    }

    @Test func aFlowThatDoesNotSayItIsTold() async throws {
        let flow = Bench.flow.replacing("    bulletins: [\"${notice.storm}\"]\n", with: "")
        try await Bench.with(flow: flow) { bench async throws in
            let answer = try await bench.ask("PUT", "notices/storm", #"{"prompt": "notice.storm", "by": "8001"}"#)
            #expect(try answer.problem().status == 409 && answer.text.contains("does not say"))
            let leader = try await Visitor.signedIn(bench, [.shiftLeader], name: "v8001", workNumber: "8001")
            #expect(try await leader.get("/outages").text.contains("id=\"notice-not-heard\""))
        }
    }

    /// From the switch to what a caller's call plays.
    @Test func theNextCallHearsItAndTheLastDidNot() async throws {
        let flow = """
            flow: test
            start: begin
            variables: {notice.storm: ""}
            steps:
              begin: {verb: answer, next: storm}
              storm: {verb: play, prompts: ["${notice.storm}"], next: person}
              person: {verb: queue, queue: night_service, music: music.hold, answered: bye, otherwise: bye}
              bye: {verb: hangup, prompts: [thanks], wait: 2s, warning: [warn]}
            """
        try await Bench.with(flow: flow) { bench async throws in
            /// The notices that a call played before it came to the queue.
            func heard(_ number: UInt64) async throws -> [String] {
                let call = CallID(high: 0x019B_0000_0000_7000, low: 0x8000_0000_0000_0100 + number)
                bench.trunk.call(
                    call, leg: LegID(high: 0x019B_0000_0000_7000, low: 0x8000_0000_0000_0200 + number),
                    from: "1390000000\(number)")
                let isThere = try await eventually {
                    try await bench.reader.call(call)?.queue.isEmpty == false
                }
                #expect(isThere)
                return try await bench.reader.call(call)?.timeline.filter { $0.kind == "play" }
                    .compactMap { $0.data["items"] }.filter { $0.hasPrefix("notice.") } ?? []
            }
            #expect(try await heard(1) == [])
            let on = #"{"prompt": "notice.flood", "by": "8001", "why": "洪水"}"#
            #expect(try await bench.ask("PUT", "notices/storm", on).status == 204)
            #expect(try await heard(2) == ["notice.flood"])
            #expect(try await bench.ask("DELETE", "notices/storm?by=8001", nil).status == 204)
            #expect(try await heard(3) == [])
        }
    }
}

/// The flow drawn and told.
@Suite(.serialized) struct FlowPageTests {
    private static let hasGraphviz = FileManager.default.isExecutableFile(atPath: "/usr/bin/dot")

    @Test func everyStepStandsInTheTable() async throws {
        try await Bench.with { bench async throws in
            for language in ["zh", "en"] {
                let number = language == "zh" ? "8001" : "8002"
                let visitor = try await Visitor.signedIn(bench, [.shiftLeader], name: "v\(number)", workNumber: number)
                let answer = try await visitor.get("/flow", language: language)
                let page = answer.text
                #expect(answer.status == 200)
                #expect(page.contains("href=\"/flow\" aria-current=\"page\""))
                #expect(page.contains(language == "zh" ? "话务流程" : "Call flow"))
                let rows = page.matches(of: #/<tr id="step-([a-z0-9_.]+)">/#).map { String($0.1) }
                #expect(rows.count > 70 && Set(rows).count == rows.count)
                // Every link within the page leads somewhere.
                for link in page.matches(of: #/href="#step-([^"]+)"/#) { #expect(rows.contains(String(link.1))) }
                #expect(page.contains("${notice.storm}"))
                #expect(page.contains("为保证服务质量，本次通话将被录音。"))
                // The norm's advice about menus, with its line.
                #expect(page.contains("power-hotline.yaml:") && page.contains("GB/T 33358"))
                // No word is missing.
                #expect(page.firstMatch(of: #/>\s*(flow|notice)_[a-z_]+/#) == nil)
                #expect(!page.contains("{{"))
                if Self.hasGraphviz {
                    #expect(page.contains("tabindex=\"0\" role=\"region\"") && page.contains("id=\"drawing\""))
                    #expect(page.contains("/flow/drawing.svg?flow=callers&amp;language=\(language)"))
                } else {
                    #expect(page.contains("id=\"no-drawing\"") && page.contains("graphviz"))
                }
            }
        }
    }

    @Test(.enabled(if: hasGraphviz, "Graphviz is not there")) func theDrawingIsAnAddressOfItsOwn() async throws {
        try await Bench.with { bench async throws in
            let visitor = try await Visitor.signedIn(bench, [.shiftLeader], name: "v8001", workNumber: "8001")
            for (language, word) in [("zh", "按键菜单"), ("en", "offers choices")] {
                let answer = try await visitor.get("/flow/drawing.svg?flow=callers&language=\(language)")
                #expect(answer.status == 200 && answer.headers["content-type"] == "image/svg+xml")
                let policy = answer.headers["content-security-policy"] ?? ""
                #expect(policy.hasPrefix("default-src 'none'") && policy.contains("sandbox"))
                #expect(answer.headers["x-content-type-options"] == "nosniff")
                let drawing = answer.text
                #expect(drawing.contains("<svg") && drawing.contains(word) && drawing.contains("storm_notice"))
                #expect(drawing.contains("font-family=\"sans-serif\"") && drawing.contains("为保证服务质量"))
                #expect(drawing.contains("xlink:href=\"/flow?flow=callers#step-main\""))
                #expect(!drawing.contains("<script") && !drawing.contains("<!DOCTYPE") && !drawing.contains("style="))
            }
            // As the visitor's pages are.
            #expect(try await visitor.get("/flow/drawing.svg").text.contains("offers choices"))
        }
    }

    @Test func whatIsNotThereIsNotFound() async throws {
        try await Bench.with { bench async throws in
            let visitor = try await Visitor.signedIn(bench, [.shiftLeader], name: "v8001", workNumber: "8001")
            for path in ["/flow", "/flow/drawing.svg"] {
                for name in ["outbound", "%3Cscript%3E", "..%2F..%2Fetc%2Fpasswd", "%E2%80%AE"] {
                    let answer = try await visitor.get("\(path)?flow=\(name)")
                    #expect(answer.status == 404 && !answer.text.contains("<script>"), "\(path) \(name)")
                }
            }
            #expect(try await bench.client.ask("GET", "/flow/drawing.svg").status == 303)
        }
    }
}

/// Drawings by programs that do not do as they should.
@Suite struct FlowPictureTests {
    private final class HandTime: TimeSource {
        private let mono = Mutex<Int64>(1_000_000_000)

        func now() -> Instant { Instant(wall: 1_795_000_000_000_000, mono: mono.withLock { $0 }) }
        func pass(seconds: Int64) { mono.withLock { $0 += seconds * 1_000_000_000 } }
    }

    private static func flow() throws -> Flow {
        let (flow, diagnostics) = Flow.load(
            text: Bench.flow, file: "test.yaml", prompts: ["thanks", "warn", "music.hold"])
        try diagnostics.throwErrors()
        return try #require(flow)
    }

    private static func drawn(
        _ program: [String], seconds: Int = 20, bytes: Int = 1_000_000
    ) async throws -> Result<FlowPictures.Picture, FlowPictures.Failure> {
        await FlowPictures(program: program, timeoutSeconds: seconds, mostBytes: bytes, time: HandTime())
            .picture("x", of: try flow(), FlowDrawing.Captions())
    }

    private static func why(_ result: Result<FlowPictures.Picture, FlowPictures.Failure>) -> String {
        if case .failure(.failed(let why)) = result { why } else { "\(result)" }
    }

    @Test func eachFailureHasItsWords() async throws {
        func isNotThere(_ program: [String]) async throws -> Bool {
            if case .failure(.noProgram) = try await Self.drawn(program) { true } else { false }
        }
        #expect(try await isNotThere(["no-such-program-of-graphviz"]))
        #expect(try await isNotThere(["nice", "-n", "19", "no-such-program-of-graphviz"]))
        #expect(Self.why(try await Self.drawn(["sleep", "60"], seconds: 1)).contains("1 s"))
        #expect(Self.why(try await Self.drawn(["yes"], bytes: 1000)).contains("1000 bytes"))
        #expect(Self.why(try await Self.drawn(["echo", "hello"])).contains("no SVG"))
        #expect(Self.why(try await Self.drawn(["printf", "<svg\\377"])).contains("no SVG"))
        let failed = Self.why(try await Self.drawn(["sh", "-c", "echo went wrong >&2; exit 3"]))
        #expect(failed.contains("status 3") && failed.contains("went wrong"))
    }

    @Test func theFlowComesInAndTheDrawingOut() async throws {
        let made = try await Self.drawn([
            "sh", "-c",
            "echo '<?xml version=\"1.0\"?><!DOCTYPE svg PUBLIC \"x\" \"http://example.invalid/x.dtd\">'; "
                + "printf '<svg width=\"300pt\" height=\"151pt\"><text>'; grep -c person; echo '</text></svg>'",
        ])
        let picture = try made.get()
        let text = String(decoding: picture.bytes, as: UTF8.self)
        #expect(text.hasPrefix("<?xml") && !text.contains("example.invalid"))
        #expect(picture.width == 400 && picture.height == 202)
        // The queue's step itself, and its edges.
        let lines = try #require(text.firstMatch(of: #/<text>(\d+)/#)).1
        #expect(Int(lines) ?? 0 >= 2)
    }

    @Test func itIsDrawnOnceAndAFailureAgainAfterAMinute() async throws {
        let folder = try TemporaryFolder()
        let count = "\(folder.path)/count"
        func runs() throws -> Int {
            try String(contentsOfFile: count, encoding: .utf8).split(separator: "\n").count
        }
        let flow = try Self.flow()
        let time = HandTime()
        let good = FlowPictures(program: ["sh", "-c", "echo x >> \(count); echo '<svg></svg>'"], time: time)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = await good.picture("a", of: flow, FlowDrawing.Captions()) } }
        }
        time.pass(seconds: 100_000)
        _ = try await good.picture("a", of: flow, FlowDrawing.Captions()).get()
        #expect(try runs() == 1)
        _ = try await good.picture("b", of: flow, FlowDrawing.Captions()).get()
        #expect(try runs() == 2)

        let bad = FlowPictures(program: ["sh", "-c", "echo x >> \(count); exit 1"], time: time)
        for _ in 0..<3 { _ = await bad.picture("a", of: flow, FlowDrawing.Captions()) }
        #expect(try runs() == 3)
        time.pass(seconds: 61)
        for _ in 0..<3 { _ = await bad.picture("a", of: flow, FlowDrawing.Captions()) }
        #expect(try runs() == 4)
    }
}
