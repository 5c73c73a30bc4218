import Access
import Calls
import Console
import Foundation
import Media
import Storage
import Testing

/// The pages of the operation in a browser: who may open which, what they show, what their forms do.
@Suite(.serialized) struct OperationPageTests {
    private static let pages: [(path: String, right: Right)] = [
        ("/operation", .wallboard), ("/operation/findings", .operate), ("/operation/lines", .operate),
        ("/operation/calendar", .wallboard), ("/operation/duties", .noteDuties),
        ("/operation/duties/gds-box", .noteDuties), ("/operation/blocklist", .blockNumbers),
        ("/operation/customers", .noteDuties), ("/operation/agents", .wallboard),
        ("/operation/agents/new", .operate), ("/operation/agents/1001", .operate),
        ("/operation/queues/night_service", .operate),
        ("/operation/retention", .keepRecordings), ("/audit/calendar", .audit),
    ]
    private static let forms: [(path: String, right: Right)] = [
        ("/operation/findings/check", .operate), ("/operation/blocklist", .blockNumbers),
        ("/operation/blocklist/removal", .blockNumbers), ("/operation/retention/holds", .keepRecordings),
        ("/operation/retention/holds/019a0000-0000-7000-8000-0000000000ff/release", .keepRecordings),
        ("/operation/duties/gds-box", .noteDuties), ("/account/tokens", .ownTokens),
        ("/account/tokens/removal", .ownTokens), ("/operation/roster", .operate), ("/operation/agents/new", .operate),
        ("/operation/agents/1001", .operate), ("/operation/agents/1001/removal", .operate),
        ("/operation/queues/night_service", .operate), ("/operation/customers", .keyCustomers),
        ("/operation/customers/removal", .keyCustomers),
    ]

    @Test func eachPageIsForWhoeverHasItsRight() async throws {
        try await Bench.with { bench async throws in
            for (index, role) in Role.allCases.enumerated() {
                let visitor = try await Visitor.signedIn(bench, [role], name: "v\(index)x")
                let list = try await visitor.get("/operation").text
                for (path, right) in Self.pages {
                    let may = Rights.reach(of: role, right) > .none
                    let answer = try await visitor.get(path)
                    #expect(answer.status == (may ? 200 : 403), "\(role) \(path): \(answer.status)")
                    if path.split(separator: "/").count == 2, path != "/audit/calendar" {
                        #expect(list.contains("href=\"\(path)\"") == may, "\(role) \(path)")
                    }
                    // A template's word that is not there is shown by its key.
                    if may { #expect(!answer.text.contains(">op_") && !answer.text.contains(">duty_"), "\(path)") }
                }
                for (path, right) in Self.forms where Rights.reach(of: role, right) == .none {
                    #expect(try await visitor.post(path, ["reason": "x"]).status == 403, "\(role) \(path)")
                }
            }
            for (path, _) in Self.pages {
                let answer = try await bench.client.ask("GET", path)
                #expect(answer.status == 303 && answer.headers["location"]?.hasPrefix("/sign-in") == true, "\(path)")
            }
            #expect(try await bench.reader.blockedNumbers(at: UTCTime(SystemTime().now())).isEmpty)
            #expect(try await bench.reader.holds().isEmpty)
        }
    }

    @Test func whatWantsAttentionIsShownAndNoSecret() async throws {
        try await Bench.with { bench async throws in
            try await bench.store.record(
                PastCall(0).left + [
                    .recordingAlarm(
                        RecordingAlarmChanged(
                            at: PastCall(0).at(20_000), kind: .oneWay, subject: "\(PastCall(0).recording)",
                            isOpen: true,
                            call: PastCall(0).call, recording: PastCall(0).recording, message: "the caller is silent"))
                ])
            let visitor = try await Visitor.signedIn(bench, [.operator])
            for language in ["en", "zh"] {
                let page = try await visitor.get("/operation/findings", language: language).text
                for text in [
                    "node1", "0.0.0-test", "12 MB free in /data &lt;b&gt;", "sim1.registration", "2026-11-22 11:04:05",
                    "searching -97 dBm", "the caller is silent", "http.listen", "/etc/hotline/carrier", "±7 ms",
                    "https://hooks.example.invalid/…", "mail …",
                ] { #expect(page.contains(text), "\(language) \(text)") }
                #expect(!page.contains(OperationSample.secret))
                // Operators do not hear recordings: no link leads to one.
                #expect(!page.contains("href=\"/recordings/"))
            }
            let english = try await visitor.get("/operation/findings").text
            #expect(english.contains("Make room, move recordings") && english.contains("Look at antenna and signal"))
            #expect(english.contains("1 d 1 h 1 min") && english.contains("one side is silent"))
            // Examined when somebody asks.
            #expect(!english.contains("id=\"findings\""))
            let checked = try await visitor.post("/operation/findings/check", [:])
            #expect(checked.status == 200 && checked.text.contains("id=\"findings\""))
            #expect(checked.text.contains("Make room") && checked.text.contains("warning"))
            #expect(checked.text.contains("&lt;script&gt;alert(1)") && !checked.text.contains("<script>alert"))
            // The way to the other language leads to a page, not to where the form was sent.
            #expect(checked.text.contains("name=\"next\" value=\"/operation/findings\""))
        }
    }

    @Test func linesHaveTheirCounters() async throws {
        try await Bench.with { bench async throws in
            let visitor = try await Visitor.signedIn(bench, [.operator])
            let page = try await visitor.get("/operation/lines").text
            for text in ["trunk1", "sim1", "INVITE", "41", "Rings heard", "12", "RTP packets received", "5005"] {
                #expect(page.contains(text), "\(text)")
            }
            let chinese = try await visitor.get("/operation/lines", language: "zh").text
            #expect(chinese.contains("振铃次数") && chinese.contains("收到的SIP请求"))
        }
    }

    @Test func keyCustomersAreMaskedForWhoeverNeedNotKnowThem() async throws {
        try await Bench.with { bench async throws in
            let leader = try await Visitor.signedIn(bench, [.shiftLeader], name: "leader")
            let full = try await leader.get("/operation/customers").text
            #expect(full.contains("13900000077") && full.contains("人民医院 &lt;急诊&gt;") && full.contains("key_customers"))
            #expect(!full.contains("/etc/hotline/agents.yaml"))
            for role in [Role.operator, .handler] {
                let visitor = try await Visitor.signedIn(bench, [role], name: "v\(role.rawValue.prefix(4))")
                let masked = try await visitor.get("/operation/customers").text
                #expect(!masked.contains("13900000077") && masked.contains("•••0077"), "\(role)")
                #expect(masked.contains("/etc/hotline/agents.yaml") == (role == .operator))
            }
        }
        try await Bench.with(agents: false) { bench async throws in
            let leader = try await Visitor.signedIn(bench, [.shiftLeader])
            #expect(try await leader.get("/operation/customers").status == 200)
            #expect(try await leader.get("/operation/agents").text.contains("There are no agents"))
        }
    }

    @Test func agentsAndQueuesStandAsTheyAre() async throws {
        try await Bench.with { bench async throws in
            #expect(try await bench.post("agents/1001/state", #"{"state": "available"}"#).status == 200)
            let visitor = try await Visitor.signedIn(bench, [.agent])
            let page = try await visitor.get("/operation/agents").text
            for text in ["坐席一", "free", "not at work", "night_service", "8001 值长", "9001 主管", "1001、1002"] {
                #expect(page.contains(text), "\(text)")
            }
            #expect(!page.contains("test-only-"))
        }
    }

    @Test func numbersAreBlockedAndTakenOff() async throws {
        try await Bench.with { bench async throws in
            let visitor = try await Visitor.signedIn(bench, [.shiftLeader], workNumber: "8001")
            for (number, hours, reason) in [
                ("139-0000", "24", "骚扰"), ("", "24", "骚扰"), ("<b>", "", "骚扰"), ("13900000666", "0", "骚扰"),
                ("13900000666", "9999999999999999999", "骚扰"), ("13900000666", "24", "  "),
                ("13900000666", "24", "a\u{0}b"),
            ] {
                let refused = try await visitor.post(
                    "/operation/blocklist", ["number": number, "hours": hours, "reason": reason])
                #expect(refused.status == 400 && refused.text.contains("id=\"complaint\""), "\(number) \(hours)")
                if !number.isEmpty, number != "<b>" { #expect(refused.text.contains("value=\"\(number)\"")) }
            }
            #expect(try await bench.reader.blockedNumbers(at: UTCTime(SystemTime().now())).isEmpty)
            let done = try await visitor.post(
                "/operation/blocklist", ["number": "13900000666", "hours": "24", "reason": "骚扰 <i>"])
            #expect(done.status == 303 && done.headers["location"] == "/operation/blocklist?done=blocked")
            let page = try await visitor.get("/operation/blocklist?done=blocked").text
            #expect(page.contains("13900000666") && page.contains("骚扰 &lt;i&gt;") && page.contains("8001"))
            #expect(page.contains("Calls of this number are not taken any more."))
            let noReason = try await visitor.post("/operation/blocklist/removal", ["number": "13900000666"])
            #expect(noReason.status == 400)
            let unknown = try await visitor.post(
                "/operation/blocklist/removal", ["number": "13900000667", "reason": "已致歉"])
            #expect(unknown.status == 400 && unknown.text.contains("is not blocked"))
            let off = try await visitor.post(
                "/operation/blocklist/removal", ["number": "13900000666", "reason": "已致歉"])
            #expect(off.status == 303)
            #expect(!(try await visitor.get("/operation/blocklist").text.contains("13900000666")))
            // By the API the reason may be left out.
            #expect(
                try await bench.post("blocklist", #"{"number": "13900000666", "by": "1001", "reason": ""}"#).status
                    == 204)
            #expect(
                try await bench.post(
                    "blocklist/13900000666/removal", #"{"by": "1001", "reason": "apologised"}"#
                ).status == 204)
            #expect(try await bench.reader.verifyEvidence().ok)
        }
    }

    /// To whoever looks at whole characters, a quotation mark with an accent is none.
    @Test func aMarkThatClingsToAQuotationMarkEndsNoAttribute() async throws {
        try await Bench.with { bench async throws in
            let visitor = try await Visitor.signedIn(bench, [.shiftLeader])
            for clinging in ["\"\u{301}", "\"\u{200D}", "\"\u{FE0F}", "\u{600}\"", "<\u{301}b>", "'\u{20E3}"] {
                let page = try await visitor.post(
                    "/operation/blocklist", ["number": "x", "reason": "急\(clinging) onfocus=alert(1) x="])
                #expect(page.status == 400)
                let bytes = Data(page.body)
                #expect(bytes.range(of: Data(clinging.utf8)) == nil, "\(clinging.unicodeScalars.map(\.value))")
                #expect(page.text.contains("onfocus=alert(1)"))
            }
        }
    }

    @Test func holdsArePlacedAndReleased() async throws {
        try await Bench.with { bench async throws in
            let past = PastCall(0)
            try await bench.store.record(past.left + past.ordered("20261122-0001", caller: nil))
            let visitor = try await Visitor.signedIn(bench, [.administrator])
            for (kind, id, reason) in [
                ("order", "20261122-0009", "法院来函"), ("order", "", "法院来函"), ("call", "20261122-0001", "法院来函"),
                ("recording", "../x", "法院来函"), ("planned", "20261122-0001", "法院来函"), ("order", "20261122-0001", " "),
                ("order", "20261122-0001", "a\u{7}"), ("call", "019a0000-0000-7000-8000-0000000000ff", "法院来函"),
            ] {
                let refused = try await visitor.post(
                    "/operation/retention/holds", ["kind": kind, "id": id, "reason": reason])
                #expect(refused.status == 400 && refused.text.contains("id=\"complaint\""), "\(kind) \(id)")
            }
            #expect(try await bench.reader.holds().isEmpty)
            for (kind, id) in [
                ("order", "20261122-0001"), ("call", "\(past.call)"), ("recording", "\(past.recording)"),
            ] {
                let done = try await visitor.post(
                    "/operation/retention/holds", ["kind": kind, "id": id, "reason": "法院来函 <b>"])
                #expect(done.status == 303, "\(kind): \(done.text)")
            }
            let holds = try await bench.reader.holds()
            #expect(holds.count == 3 && holds.allSatisfy { $0.placedBy.text == "visitor" })
            let page = try await visitor.get("/operation/retention").text
            #expect(page.contains("20261122-0001") && page.contains("法院来函 &lt;b&gt;") && page.contains("365 days"))
            for hold in holds {
                let path = "/operation/retention/holds/\(hold.id)/release"
                #expect(try await visitor.post(path, ["reason": ""]).status == 400)
                #expect(try await visitor.post(path, ["reason": "结案"]).status == 303)
                #expect(try await visitor.post(path, ["reason": "结案"]).status == 400)
            }
            #expect(try await bench.reader.holds().isEmpty)
            #expect(try await visitor.post("/operation/retention/holds/1/release", ["reason": "x"]).status == 404)
            let plan = try await visitor.get("/operation/retention?plan=1")
            #expect(plan.status == 200 && plan.text.contains("id=\"plan-counts\""))
            #expect(try await bench.reader.verifyEvidence().ok)
        }
    }

    @Test func oneMakesTokensForOneselfAlone() async throws {
        try await Bench.with { bench async throws in
            let li = try await Visitor.signedIn(bench, [.qa, .apiUser], name: "li")
            let wang = try await Visitor.signedIn(bench, [.apiUser], name: "wang")
            let without = try await Visitor.signedIn(bench, [.qa], name: "zhao")
            #expect(!(try await without.get("/account").text.contains("/account/tokens")))
            for (title, days) in [("", "30"), ("a\u{202E}b", "30"), ("月报", "0"), ("月报", "401"), ("月报", "x")] {
                let refused = try await li.post("/account/tokens", ["title": title, "days": days])
                #expect(refused.status == 400 && refused.text.contains("id=\"token-complaint\""), "\(title) \(days)")
            }
            let made = try await li.post("/account/tokens", ["title": "月报", "days": "30", "name": "wang"])
            #expect(made.status == 200)
            let token = String(try #require(made.text.firstMatch(of: #/id="token">(hl_[0-9a-f]{64})</#)).1)
            #expect(bench.people.person(withToken: token)?.name == "li")
            let page = try await li.get("/account").text
            #expect(page.contains("月报") && !page.contains(token))
            #expect(try await li.post("/account/tokens", ["title": "月报", "days": "30"]).status == 400)
            #expect(try await bench.get("wallboard", authorization: "Bearer \(token)").status == 200)
            #expect(!(try await li.get("/account").text.contains("not since the server")))
            // Another's is not there for them.
            #expect(!(try await wang.get("/account").text.contains("月报")))
            #expect(try await wang.post("/account/tokens/removal", ["title": "月报"]).status == 400)
            #expect(try await bench.get("wallboard", authorization: "Bearer \(token)").status == 200)
            #expect(try await li.post("/account/tokens/removal", ["title": "月报"]).status == 303)
            #expect(try await bench.get("wallboard", authorization: "Bearer \(token)").status == 401)
            for index in 0..<20 {
                #expect(try await wang.post("/account/tokens", ["title": "t\(index)", "days": "1"]).status == 200)
            }
            let many = try await wang.post("/account/tokens", ["title": "t20", "days": "1"])
            #expect(many.status == 400 && many.text.contains("20 tokens"))
        }
    }

    @Test func anAuditIsGivenOutAsAWorkbook() async throws {
        try await Bench.with { bench async throws in
            let visitor = try await Visitor.signedIn(bench, [.auditor])
            let address = "/audit?profile=yongqiang&from=2026-11-01&to=2026-11-30"
            #expect(try await visitor.get(address).text.contains("format=xlsx"))
            let book = try await visitor.get("\(address)&format=xlsx")
            #expect(book.status == 200 && book.body.starts(with: Array("PK\u{3}\u{4}".utf8)))
            #expect(
                book.headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
            #expect(book.headers["content-disposition"]?.contains("audit-yongqiang-2026-11-01.xlsx") == true)
            #expect(try await visitor.get("\(address)&format=pdf").status == 400)
        }
    }
}
