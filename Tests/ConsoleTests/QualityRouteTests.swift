import Access
import Calls
import Console
import Foundation
import Quality
import Storage
import Testing

/// Scorecards and reviews over HTTP: who may score, see, appeal and decide what; pages from the task to the figures.
@Suite(.serialized) struct QualityRouteTests {
    /// A finished recording of a call that an agent took and the caller ended.
    private static func scored(_ index: UInt64, _ agent: String) -> (PastCall, [Fact]) {
        let past = PastCall(index)
        let facts =
            past.left + past.answered(by: workNumber(agent)) + [
                .callAnswered(
                    CallAnswered(
                        call: past.call, at: past.at(1000), rings: 1, ringMilliseconds: 1000, basis: .nominal180,
                        flowVersion: "test")),
                .agentLeft(
                    AgentLeft(
                        call: past.call, leg: LegID(high: 0x019A_0000_0000_7000, low: past.leg.low + 0x100),
                        at: past.at(10_000), agent: workNumber(agent), by: .caller, message: "BYE sent")),
                .recordingStopped(
                    RecordingStopped(
                        recording: past.recording, call: past.call, at: past.at(10_000),
                        length: AudioPosition(milliseconds: 9980))),
                .callReleased(
                    CallReleased(
                        call: past.call, at: past.at(10_000), releasedBy: .caller,
                        evidence: ReleaseEvidence(firstLeg: nil, message: "BYE received"), outcome: .completed,
                        statistics: [:])),
                .recordingFinished(
                    RecordingFinished(
                        recording: past.recording, call: past.call, at: past.at(11_000),
                        file: "2026/11/22/\(past.call).flac", format: "flac", rate: 8000, frames: 79_840, bytes: 1000,
                        sha256: String(repeating: "ab", count: 32), gaps: [], recovered: false)),
            ]
        return (past, facts)
    }

    /// By name: who has which roles, and a token of theirs.
    private static func people(_ bench: Bench) async throws -> [String: String] {
        var tokens: [String: String] = [:]
        for (name, roles, number, unit) in [
            ("wang", Set([Role.qa]), nil, nil), ("li", [.qa], nil, nil), ("agent1", [.agent], "1001", "power_station"),
            ("agent2", [.agent], "1002", "marketing"), ("leader", [.shiftLeader], nil, "power_station"),
            ("audit", [.auditor], nil, nil),
        ] as [(String, Set<Role>, String?, String?)] {
            try await bench.people.set(
                Person(name: name, title: name, roles: roles, unit: unit, workNumber: number), by: nil)
            tokens[name] = "Bearer \(try await bench.people.makeToken(name, title: "test", days: 1))"
        }
        return tokens
    }

    private struct Sheet: Decodable {
        struct Card: Decodable {
            struct Group: Decodable { var items: [Item] }
            struct Item: Decodable {
                var id: String
                var scale: Int
            }
            var groups: [Group]
        }
        struct Measured: Decodable {
            var item: String
            var verdict: String
        }
        var scorecard: Card
        var measured: [Measured]
    }

    /// Answers that machines agree with; the rest as good as can be.
    private static func answers(_ text: String, _ manner: Int = 5) throws -> String {
        let sheet = try JSONDecoder().decode(Sheet.self, from: Data(text.utf8))
        let verdicts = Dictionary(uniqueKeysWithValues: sheet.measured.map { ($0.item, $0.verdict) })
        let all = sheet.scorecard.groups.flatMap(\.items).map { item -> String in
            let value =
                switch verdicts[item.id] {
                case "broken": "0"
                case "not_concerned": "null"
                default: item.id == "manner" ? "\(manner)" : "\(item.scale)"
                }
            return #"{"item": "\#(item.id)", "value": \#(value)}"#
        }
        return "[\(all.joined(separator: ", "))]"
    }

    @Test func aReviewGoesFromTheSheetToTheDecision() async throws {
        try await Bench.with { bench async throws in
            let (past, facts) = Self.scored(0, "1001")
            try await bench.store.record(facts)
            let tokens = try await Self.people(bench)
            func get(_ path: String, _ who: String) async throws -> Answer {
                try await bench.get(path, authorization: tokens[who])
            }
            func post(_ path: String, _ body: String, _ who: String) async throws -> Answer {
                try await bench.post(path, body, authorization: tokens[who])
            }
            let path = "recordings/\(past.recording)"
            let sheet = try await get("\(path)/scorecards/conduct", "wang")
            #expect(sheet.status == 200 && sheet.text.contains("\"hang-up\""))
            let good = try Self.answers(sheet.text, 2)
            let body = #"{"scorecard": "conduct", "answers": \#(good)}"#
            // A leader of another department, an agent, an auditor: none of them scores.
            for who in ["agent1", "audit"] { #expect(try await post("\(path)/reviews", body, who).status == 403) }
            let bad = try await post("\(path)/reviews", #"{"scorecard": "conduct", "answers": []}"#, "wang")
            #expect(bad.status == 400 && bad.text.contains("manner has no answer"))
            let strict = try await post(
                "\(path)/reviews", #"{"scorecard": "conduct", "answers": [{"item": "manner", "valu": 1}]}"#, "wang")
            #expect(strict.status == 400 && strict.text.contains("valu"), "\(strict.text)")
            let made = try await post("\(path)/reviews", body, "wang")
            #expect(made.status == 200, "\(made.text)")
            let id = String(try #require(made.text.firstMatch(of: #/[0-9a-f-]{36}/#)).output)
            #expect(try await post("\(path)/reviews", body, "wang").status == 409)

            // Whose it is to see.
            for (who, status) in [
                ("wang", 200), ("li", 200), ("audit", 200), ("leader", 200), ("agent1", 200), ("agent2", 403),
            ] {
                #expect(try await get("reviews/\(id)", who).status == status, "\(who)")
                let listed = try await get("reviews", who).text.contains(id)
                #expect(listed == (status == 200), "\(who)")
            }
            #expect(try await get("reviews?agent=1001", "agent2").status == 403)
            #expect(try await post("reviews/\(id)/appeal", #"{"why": "x"}"#, "agent2").status == 403)
            #expect(try await post("reviews/\(id)/appeal", #"{"why": "x"}"#, "wang").status == 403)
            #expect(try await post("reviews/\(id)/appeal", #"{"why": "语气正常"}"#, "agent1").status == 204)
            let better = #"{"outcome": "changed", "why": "成立", "answers": \#(try Self.answers(sheet.text))}"#
            #expect(try await post("reviews/\(id)/decision", better, "wang").status == 409)
            #expect(
                try await post("reviews/\(id)/decision", #"{"outcome": "upheld", "why": "x", "answers": []}"#, "li")
                    .status == 400)
            #expect(try await post("reviews/\(id)/decision", better, "li").status == 204)
            let shown = try await get("reviews/\(id)", "agent1").text
            #expect(shown.contains(#""state" : "changed""#) && shown.contains("语气正常"))

            let period = "from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
            let report = try await get("quality?\(period)", "agent1")
            #expect(report.status == 200 && report.text.contains(#""mean" : 10000"#), "\(report.text)")
            #expect(try await get("quality?\(period)&agent=1001", "agent2").status == 403)
            #expect(try await get("quality?\(period)", "agent2").text.contains(#""agents" : ["#))
            #expect(!(try await get("quality?\(period)", "agent2").text.contains("1001")))
            #expect(try await bench.reader.verifyEvidence().ok)
        }
    }

    @Test func nobodySeesACalibrationBeforeTheyHaveScored() async throws {
        try await Bench.with { bench async throws in
            let (past, facts) = Self.scored(0, "1001")
            try await bench.store.record(facts)
            let tokens = try await Self.people(bench)
            let sample = """
                {"kind": "calibration", "scorecard": "conduct", "from": "2026-11-22T00:00:00Z", \
                "to": "2026-11-23T00:00:00Z", "count": 1, "reviewers": ["wang", "li"]}
                """
            for who in ["leader", "agent1"] {
                #expect(try await bench.post("samples", sample, authorization: tokens[who]).status == 403, "\(who)")
            }
            let drawn = try await bench.post("samples", sample, authorization: tokens["wang"])
            #expect(drawn.status == 200 && drawn.text.contains(#""parts" : 2"#), "\(drawn.text)")
            // Li scores it in the usual way too: wang, who has still to score it in the calibration, does not see that.
            let usual = try Self.answers(
                try await bench.get(
                    "recordings/\(past.recording)/scorecards/conduct", authorization: tokens["li"]
                ).text)
            let plain = try await bench.post(
                "recordings/\(past.recording)/reviews", #"{"scorecard": "conduct", "answers": \#(usual)}"#,
                authorization: tokens["li"])
            let first = String(try #require(plain.text.firstMatch(of: #/[0-9a-f-]{36}/#)).output)
            func sees(_ who: String) async throws -> Set<String> {
                var ways: Set<String> = []
                if try await bench.get("reviews/\(first)", authorization: tokens[who]).status == 200 {
                    ways.insert("review")
                }
                if try await bench.get("reviews", authorization: tokens[who]).text.contains(first) {
                    ways.insert("list")
                }
                let events = "recordings/\(past.recording)/events"
                if try await bench.get(events, authorization: tokens[who]).text.contains("review_submitted") {
                    ways.insert("events")
                }
                let figures = "quality?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
                if try await bench.get(figures, authorization: tokens[who]).text.contains(#""name" : "li""#) {
                    ways.insert("figures")
                }
                return ways
            }
            #expect(try await sees("wang").isEmpty)
            #expect(try await bench.get("reviews/\(first)", authorization: tokens["wang"]).status == 404)
            for who in ["li", "audit", "leader", "agent1"] {
                #expect(try await sees(who) == Set(["review", "list", "figures"]), "\(who)")
            }
            let pages = try await Visitor.signedIn(bench, [.qa], name: "wang")
            for path in ["/quality", "/recordings/\(past.recording)"] {
                #expect(!(try await pages.get(path).text.contains(first)), "\(path)")
            }
            #expect(try await pages.get("/quality/reviews/\(first)").status == 404)
            let tasks = try await bench.get("review_tasks", authorization: tokens["wang"]).text
            let id = String(try #require(tasks.firstMatch(of: #/"sample_id" : "([0-9a-f-]{36})"/#)).1)
            let path = "recordings/\(past.recording)"
            let answers = try Self.answers(
                try await bench.get("\(path)/scorecards/conduct", authorization: tokens["wang"]).text)
            let body = #"{"scorecard": "conduct", "sample_id": "\#(id)", "answers": \#(answers)}"#
            #expect(try await bench.post("\(path)/reviews", body, authorization: tokens["wang"]).status == 200)
            let mine = #""reviewer" : "wang""#
            for (who, sees) in [("wang", true), ("li", false), ("audit", true), ("agent1", false)] {
                let list = try await bench.get("reviews", authorization: tokens[who]).text
                #expect(list.contains(mine) == sees, "\(who)")
            }
            #expect(try await sees("wang") == Set(["review", "list", "figures"]))
            #expect(try await pages.get("/quality").text.contains(first))
            #expect(try await bench.post("\(path)/reviews", body, authorization: tokens["li"]).status == 200)
            let list = try await bench.get("reviews", authorization: tokens["li"]).text
            #expect(list.contains(mine))
            let figures = try await bench.get(
                "quality?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z", authorization: tokens["li"]
            ).text
            #expect(figures.contains(#""agreement" : 10000"#) && figures.contains(#""agents" : ["#), "\(figures)")
        }
    }

    @Test func thePagesLeadFromTheTaskToTheFigures() async throws {
        try await Bench.with { bench async throws in
            let (past, facts) = Self.scored(0, "1001")
            let (other, more) = Self.scored(1, "1002")
            try await bench.store.record(facts + more)
            _ = try await Self.people(bench)
            let qa = try await Visitor.signedIn(bench, [.qa], name: "wang")
            var form = [
                "kind": "per_agent", "scorecard": "conduct", "from_day": "2026-11-22", "to_day": "2026-11-22",
                "count": "1", "reviewer": "wang",
            ]
            #expect(try await qa.post("/quality/samples", form.merging(["count": "0"]) { $1 }).status == 400)
            #expect(try await qa.post("/quality/samples", form).status == 303)
            form["kind"] = "severe"
            #expect(try await qa.post("/quality/samples", form).status == 400)
            let page = try await qa.get("/quality").text
            let task = String(try #require(page.firstMatch(of: #/href="(\/quality\/score\/[^"]+)"/#)).1)
                .replacing("&amp;", with: "&")
            let sheet = try await qa.get(task)
            #expect(sheet.status == 200 && sheet.text.contains("id=\"v-manner-5\""))
            // What machines measured is filled in.
            #expect(sheet.text.contains("id=\"v-hang-up-1\" value=\"1\" required checked"))
            var answers: [String: String] = ["agent": "1001", "scorecard": "conduct", "sample": ""]
            for match in sheet.text.matches(of: #/name="v_([a-z-]+)" id="[^"]+" value="(\w+)" required( checked)?/#) {
                let name = "v_\(match.1)"
                if match.3 != nil || answers[name] == nil { answers[name] = String(match.2) }
            }
            #expect(answers.count == 23)
            let score = "/quality/score/\(past.recording)"
            let missing = try await qa.post(score, answers.merging(["v_manner": ""]) { $1 })
            #expect(missing.status == 400 && missing.text.contains("id=\"complaint\""))
            let wrong = answers.merging(["v_hang-up": "0", "n_manner": "<script>alert(1)</script>"]) { $1 }
            let kept = try await qa.post(score, wrong)
            #expect(kept.status == 400 && kept.text.contains("&lt;script&gt;") && !kept.text.contains("<script>alert"))
            let done = try await qa.post(score, answers)
            #expect(done.status == 303, "\(done.text)")
            let address = try #require(done.headers["location"])
            let review = try await qa.get(address)
            #expect(review.status == 200 && review.text.contains("id=\"amend\""))
            #expect(try await qa.get("/recordings/\(past.recording)").text.contains(address.prefix { $0 != "?" }))

            let agent = try await Visitor.signedIn(bench, [.agent], name: "agent1", workNumber: "1001")
            let mine = try await agent.get(address)
            #expect(mine.status == 200 && mine.text.contains("id=\"appeal\"") && !mine.text.contains("id=\"amend\""))
            #expect(try await agent.get("/quality/score/\(past.recording)").status == 403)
            let appeal = "\(address.prefix { $0 != "?" })/appeal"
            #expect(try await agent.post(appeal, ["why": " "]).status == 400)
            #expect(try await agent.post(appeal, ["why": "语气正常"]).status == 303)
            let other2 = try await Visitor.signedIn(bench, [.agent], name: "agent2", workNumber: "1002")
            #expect(try await other2.get(address).status == 403)
            #expect(try await other2.post(appeal, ["why": "x"]).status == 403)

            let second = try await Visitor.signedIn(bench, [.qa], name: "li")
            #expect(try await second.get("/quality").text.contains("id=\"appeals\""))
            #expect(try await second.get(address).text.contains("id=\"uphold\""))
            let decision = "\(address.prefix { $0 != "?" })/decision"
            #expect(try await second.post(decision, ["outcome": "upheld", "why": "重听无误"]).status == 303)
            for (path, told) in [
                ("/quality/report?from_day=2020-01-01&to_day=2099-01-01", "id=\"by-agent\""),
                ("/quality/report.csv?from_day=2020-01-01&to_day=2099-01-01", "agent,1001,1,"),
            ] {
                let answer = try await second.get(path)
                #expect(answer.status == 200 && answer.text.contains(told), "\(path)")
            }
            #expect(try await bench.reader.verifyEvidence().ok && other.recording != past.recording)
        }
    }
}
