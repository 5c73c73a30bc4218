import Access
import Calls
import Foundation
import Storage
import Testing

/// Every form of the pages with hostile text in every field: nothing breaks, nothing runs, what is shown again is text.
@Suite(.serialized) struct FormFuzzTests {
    private static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; DROP TABLE persons; --", "' OR '1'='1",
        "../../../../etc/passwd", "..%2f..%2fapi.token", "=HYPERLINK(\"http://example.invalid\",\"x\")", "@SUM(A1:A9)",
        "+cmd|' /C calc'!A0", "\u{202E}gnp.exe\u{202C}", "\u{2066}a\u{2069}", "{{words.password}}", "{{{csrf}}}",
        "\"\u{301} onfocus=alert(1) x=", "\u{600}\"\u{200D} onfocus=alert(1) x=",
        "<\u{301}script>", "a\u{0}b", "\r\nSet-Cookie: hotline_session=x", "%00%ff",
        "💥" + String(repeating: "é", count: 300),
        String(repeating: "A", count: 5000), "-1", "99999999999999999999", "2026-02-31T25:61", "\u{FEFF}\u{200B}",
    ]

    /// What a field gets: markup always, of the rest a third, so that every three fields of a form take all of it; everything where
    /// there are fewer.
    private static func hostile(for place: Int, of count: Int) -> [String] {
        if count < 3 { return hostile }
        return hostile.indices.filter { $0 < 2 || ($0 + place).isMultiple(of: 3) }.map { hostile[$0] }
    }

    /// A page's form: where it is sent, its fields, whether it wants a session.
    private struct Form {
        var path: String
        var fields: [String]
        var needsSession = true
        /// What a usual one holds, where that is not as in the others.
        var own: [String: String] = [:]
    }

    private static func forms(_ order: String) -> [Form] {
        [
            Form(path: "/sign-in", fields: ["name", "password", "next"], needsSession: false),
            Form(path: "/welcome/{}", fields: ["password", "again"], needsSession: false),
            Form(path: "/language", fields: ["language", "next"], needsSession: false),
            Form(path: "/public", fields: ["number", "code"], needsSession: false),
            Form(path: "/account", fields: ["old", "password", "again"]),
            Form(path: "/outages", fields: ["kind", "area", "begins", "ends", "reason", "text"]),
            Form(path: "/outages/{}/withdrawal", fields: ["why"]),
            Form(path: "/outages/notice", fields: ["prompt", "until", "why"]),
            Form(path: "/outages/notice/end", fields: ["why"]),
            Form(
                path: "/people",
                fields: ["name", "title", "role", "order_role", "unit", "work_number", "is_new", "inactive"]),
            Form(path: "/people/{}/invitation", fields: ["x"]),
            Form(path: "/inbox/{}/heard", fields: ["x"]),
            Form(path: "/inbox/callbacks/{}", fields: ["x"]),
            Form(
                path: "/operation/agents/new",
                fields: ["number", "name", "role", "department", "new_department", "skill", "new_skill", "pin"],
                own: ["role": "agent", "pin": "keep"]),
            Form(
                path: "/operation/agents/1002",
                fields: ["name", "role", "department", "skill", "new_skill", "new_password", "pin"],
                own: ["role": "agent", "pin": "keep", "new_password": ""]),
            Form(path: "/operation/agents/{}/removal", fields: ["x"]),
            Form(
                path: "/operation/queues/night_service",
                fields: ["q_skill", "q_wrap_up", "q_maximum_length", "q_hours", "q_closed", "q_duty", "q_name"]),
            Form(path: "/operation/customers", fields: ["number", "remark"]),
            Form(path: "/operation/customers/removal", fields: ["number"]),
            Form(path: "/prompts/greeting.hello/version", fields: ["version"]),
            Form(path: "/prompts/{}/version", fields: ["version"]),
            Form(
                path: "/orders/\(order)",
                fields: [
                    "step", "role", "why", "field_content", "field_channel", "field_identity", "field_occurred_at",
                ]),
            Form(path: "/orders/{}", fields: ["step", "role"]),
            Form(path: "/desk/state", fields: ["state", "reason"]),
            Form(path: "/desk/mark", fields: ["mark", "degree", "note", "hand_over"]),
            Form(
                path: "/desk/calls/\(PastCall(0).call)",
                fields: [
                    "category", "role", "show", "field_content", "field_channel", "field_place", "field_item",
                    "field_occurred_at", "field_reported_person",
                ]),
            Form(path: "/desk/calls/\(PastCall(0).call)/link", fields: ["order", "other", "as", "role", "text"]),
            Form(path: "/desk/calls/\(PastCall(0).call)/no_order", fields: ["reason"]),
            Form(path: "/desk/calls/{}", fields: ["category"]),
            Form(path: "/audit/evidence", fields: ["x"]),
            Form(
                path: "/quality/samples",
                fields: ["kind", "scorecard", "from_day", "to_day", "count", "agent", "reviewer"]),
            Form(
                path: "/quality/score/\(PastCall(0).recording)",
                fields: ["agent", "scorecard", "sample", "v_manner", "n_manner", "p_manner"]),
            Form(path: "/quality/score/{}", fields: ["agent"]),
            Form(path: "/quality/reviews/{}/appeal", fields: ["why"]),
            Form(path: "/quality/reviews/{}/decision", fields: ["outcome", "why"]),
            Form(path: "/account/tokens", fields: ["title", "days"], own: ["title": "月报", "days": "30"]),
            Form(path: "/account/tokens/removal", fields: ["title"]),
            Form(path: "/operation/findings/check", fields: ["x"]),
            Form(
                path: "/operation/blocklist", fields: ["number", "hours", "reason"],
                own: ["number": "13900000666", "hours": "24"]),
            Form(path: "/operation/blocklist/removal", fields: ["number", "reason"], own: ["number": "13900000666"]),
            Form(
                path: "/operation/retention/holds", fields: ["kind", "id", "reason"],
                own: ["kind": "order", "id": order]),
            Form(path: "/operation/retention/holds/{}/release", fields: ["reason"]),
            Form(
                path: "/operation/duties/gds-box", fields: ["subject", "happened", "evidence", "note"],
                own: ["happened": "2024-06-17T10:00", "note": "无信件"]),
            Form(path: "/operation/duties/{}", fields: ["note"]),
        ]
    }

    /// What a usual form would hold, so that one hostile field is looked at by itself.
    private static let usual = [
        "name": "li", "title": "李", "role": "agent", "step": "accept", "kind": "planned", "begins": "2027-01-01T08:00",
        "ends": "2027-01-01T12:00", "reason": "检修", "text": "停电", "area": "东门路", "field_content": "停电",
        "field_channel": "telephone", "field_identity": "anonymous", "is_new": "1", "next": "/",
        "prompt": "notice.storm", "category": "fault",
        "field_place": "东门路", "as": "call", "order": "20261122-0001", "mark": "angry", "degree": "1", "state": "away",
    ]

    private struct Browser {
        let bench: Bench
        var cookie: String
        var csrf: String

        func get(_ path: String) async throws -> Answer {
            let text = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: \(cookie)\r\n\r\n"
            return try #require(Answer(try await bench.client.exchange(Array(text.utf8))))
        }

        func post(_ path: String, _ body: String, session: Bool = true) async throws -> Answer {
            var text = "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            if session { text += "Cookie: \(cookie)\r\n" }
            text +=
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            let bytes = try await bench.client.exchange(Array(text.utf8))
            return try #require(Answer(bytes), "\(path) \(body.prefix(200)): no answer")
        }
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// Somebody of every role, signed in.
    private static func signedIn(_ bench: Bench) async throws -> Browser {
        try await bench.people.set(
            Person(name: "boss", title: "王", roles: Set(Role.allCases), unit: "power_station", workNumber: "1001"),
            by: nil)
        let link = try await bench.people.invite("boss")
        var browser = Browser(bench: bench, cookie: "", csrf: "")
        let answer = try await browser.post(
            "/welcome/\(link)", "password=Quagga+horse+77&again=Quagga+horse+77", session: false)
        #expect(answer.status == 303)
        let set = try #require(answer.headers["set-cookie"])
        #expect(set.contains("HttpOnly") && set.contains("SameSite=Lax") && !set.contains("Secure"))
        browser.cookie = String(set.prefix { $0 != ";" })
        let page = try await browser.get("/account").text
        browser.csrf = String(try #require(page.firstMatch(of: #/name="csrf" content="([0-9a-f]{64})"/#)).1)
        return browser
    }

    @Test func everyFieldOfEveryFormTakesWhatIsHostile() async throws {
        try await Bench.with { bench async throws in
            let past = PastCall(0)
            let order = "20261122-0001"
            try await bench.store.record(past.left + past.ordered(order, caller: "13900000001"))
            let browser = try await Self.signedIn(bench)
            var asked = 0
            for form in Self.forms(order) {
                for (place, field) in form.fields.enumerated() {
                    for text in Self.hostile(for: place, of: form.fields.count) {
                        var values = Self.usual.filter { form.fields.contains($0.key) }.merging(form.own) { $1 }
                        values[field] = text
                        if form.needsSession { values["csrf"] = browser.csrf }
                        let body = values.map { "\($0.key)=\(Self.escaped($0.value))" }.joined(separator: "&")
                        let path = form.path.replacing("{}", with: String(Self.escaped(text).prefix(1000)))
                        // A step that was done, or a password that fits nothing, is an answer too.
                        let answer = try await browser.post(path, body, session: form.needsSession)
                        asked += 1
                        let what = "\(form.path) \(field)=\(text.prefix(40))"
                        #expect(answer.status < 500 || answer.status == 503, "\(what): \(answer.status)")
                        #expect(answer.headers["x-content-type-options"] == "nosniff", "\(what)")
                        #expect(
                            answer.headers["content-security-policy"]?.contains("default-src 'self'") == true, "\(what)"
                        )
                        #expect(!answer.headers.keys.contains("hotline_session"))
                        if let location = answer.headers["location"] {
                            #expect(location.hasPrefix("/") && !location.hasPrefix("//"), "\(what): \(location)")
                        }
                        for bad in ["<script>alert", "<img src=x", "onerror=alert(1)>", "\"\u{301}", "<\u{301}"] {
                            #expect(!answer.text.contains(bad), "\(what) is shown as markup")
                        }
                    }
                }
            }
            #expect(asked > 500)
            let call = "/desk/calls/\(past.call)"
            for page in [
                "/people", "/outages", "/flow", "/orders", "/orders/\(order)", "/recordings", "/public", "/", "/desk",
                call,
                "/account",
                "/operation/blocklist", "/operation/retention", "/operation/duties?month=2024-06&profile=",
            ] {
                let answer = try await browser.get(page)
                #expect(answer.status == 200, "\(page)")
                #expect(!answer.text.contains("<script>alert") && !answer.text.contains("<img src=x"), "\(page)")
            }
            #expect(try await bench.reader.verifyEvidence().ok)
        }
    }

    @Test func aFormOfAnotherSiteIsRefused() async throws {
        try await Bench.with { bench async throws in
            let browser = try await Self.signedIn(bench)
            for csrf in ["", "x", String(repeating: "0", count: 64), String(browser.csrf.dropLast()) + "g"] {
                for path in [
                    "/sign-out", "/outages", "/outages/notice", "/outages/notice/end", "/people", "/account",
                    "/audit/evidence", "/desk/state", "/desk/mark",
                    "/account/tokens",
                    "/account/tokens/removal", "/operation/findings/check", "/operation/blocklist",
                    "/operation/blocklist/removal", "/operation/retention/holds", "/operation/duties/gds-box",
                ] {
                    #expect(try await browser.post(path, "csrf=\(csrf)").status == 403, "\(path) \(csrf)")
                }
            }
            // Still signed in; the API wants the token of the session as well.
            #expect(try await browser.get("/account").status == 200)
            let text =
                "POST /api/v1/emergency HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: \(browser.cookie)\r\n"
                + "Content-Type: application/json\r\nContent-Length: 18\r\n\r\n{\"declared\": false}"
            let answer = try #require(Answer(try await bench.client.exchange(Array(text.utf8))))
            #expect(answer.status == 403 && answer.text.contains("页面已过期"))
        }
    }

    @Test func theWayBackLeadsNowhereElse() async throws {
        try await Bench.with { bench async throws in
            let browser = try await Self.signedIn(bench)
            for next in [
                "https://example.invalid/", "//example.invalid", "/\\example.invalid", "javascript:alert(1)",
                "/a\u{0}b", "\r\n",
            ] {
                let answer = try await browser.post(
                    "/language", "language=en&next=\(Self.escaped(next))", session: false)
                #expect(answer.status == 303 && answer.headers["location"] == "/", "\(next)")
            }
            let kept = try await browser.post("/language", "language=en&next=%2Forders%3Fstatus%3Dall", session: false)
            #expect(kept.headers["location"] == "/orders?status=all")
        }
    }

    /// Hostile searches: an answer, and never the server's failure.
    @Test func searchesTakeWhatIsHostile() async throws {
        try await Bench.with { bench async throws in
            let browser = try await Self.signedIn(bench)
            let fields = [
                (
                    "/recordings",
                    [
                        "text", "caller", "agent", "order", "from_day", "to_day", "category", "mark", "norm_broken",
                        "length", "sort", "cursor", "at",
                    ]
                ),
                ("/orders", ["status", "category", "unit", "before"]), ("/quality", ["agent", "reviewer", "state"]),
                ("/quality/report", ["from_day", "to_day", "scorecard", "agent"]),
                ("/quality/report.csv", ["from_day", "to_day", "scorecard", "agent"]),
                ("/audit", ["profile", "from", "to", "format"]),
                ("/prompts", ["text"]), ("/prompts/greeting.hello/audio", ["version"]),
                ("/sign-in", ["next"]), ("/", ["done"]), ("/flow", ["flow"]),
                ("/flow/drawing.svg", ["flow", "language"]),
                ("/operation/calendar", ["year", "count", "unit", "from", "time", "profile"]),
                ("/audit/calendar", ["month", "profile"]), ("/operation/duties", ["month", "profile", "done"]),
                ("/operation/duties/gds-box", ["subject"]), ("/operation/retention", ["plan"]),
            ]
            for (path, names) in fields {
                for (place, name) in names.enumerated() {
                    for text in Self.hostile(for: place, of: names.count) {
                        let answer = try await browser.get("\(path)?\(name)=\(Self.escaped(text))")
                        #expect(answer.status < 500, "\(path) \(name)=\(text.prefix(40)): \(answer.status)")
                        #expect(
                            !answer.text.contains("<script>alert") && !answer.text.contains("<img src=x"),
                            "\(path) \(name)")
                    }
                }
            }
        }
    }
}
