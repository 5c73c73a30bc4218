import Access
import Calls
import Foundation
import Storage
import Switchboard
import Testing

/// An agent's desk in the browser, and the form of a call.
@Suite(.serialized) struct DeskTests {
    private static let complaint = [
        "category": "complaint", "role": "agent", "field_content": "抄表员态度恶劣", "field_channel": "telephone",
        "field_identity": "anonymous", "field_topic": "conduct", "field_item": "dazu/attitude",
        "field_severity": "serious",
    ]

    private func agent(_ bench: Bench) async throws -> Visitor {
        try await Visitor.signedIn(
            bench, [.agent], name: "li", workNumber: "1001", title: "李", unit: nil, language: "zh")
    }

    // MARK: - The desk

    @Test func theDeskShowsTheStateAndTheCallOfTheMoment() async throws {
        try await Bench.with { bench async throws in
            let li = try await agent(bench)
            let out = try await li.get("/desk")
            #expect(
                out.status == 200 && out.text.contains("id=\"wish-available\"") && out.text.contains("id=\"no-call\""))
            // The menu begins with it.
            #expect(out.text.firstMatch(of: #/<ul class="menu">\s*<li><a href="/desk" aria-current="page">/#) != nil)
            #expect(try await li.post("/desk/state", ["state": "available"]).status == 303)
            #expect(try await bench.agent("1001")?.state == .available)
            let call = try await bench.served(0)
            let page = try await li.get("/desk").text
            #expect(page.contains("13900000001") && page.contains("/desk/calls/\(call)"))
            #expect(page.contains("night_service") && page.contains("data-state=\"talking\""))
            let live = try await li.firstEvent("/live/desk")
            #expect(live.contains("text/event-stream") && live.contains("\"call\":\"\(call)\""), "\(live)")
            #expect(live.contains("\"state\":\"talking\"") && live.contains("\"call_ms\":"))

            // In a call a pause is asked for; it comes true after it.
            #expect(try await li.post("/desk/state", ["state": "away", "reason": "午饭<b>"]).status == 303)
            let asked = try await li.get("/desk").text
            #expect(asked.contains("小休") && !asked.contains("<b>"))
            for (fields, words) in [
                (["mark": "angry"], "1至3"), (["mark": "dance"], "请选择标记"),
                (["mark": "angry", "degree": "4", "note": "停电三天"], "停电三天"),
            ] {
                let refused = try await li.post("/desk/mark", fields)
                #expect(refused.status == 400 && refused.text.contains(words), "\(fields)")
            }
            #expect(try await li.post("/desk/mark", ["mark": "angry", "degree": "2", "note": "停电三天"]).status == 303)
            let isMarked = try await eventually { try await bench.reader.call(call)?.marks.map(\.degree) == [2] }
            #expect(isMarked)
            #expect(try await li.post("/desk/state", ["state": "asleep"]).status == 400)
        }
    }

    @Test func aDeskIsForThoseWhoTakeCalls() async throws {
        try await Bench.with { bench async throws in
            let qa = try await Visitor.signedIn(
                bench, [.qa], name: "qa1", workNumber: nil, title: "李", unit: nil, language: "zh")
            for path in ["/desk", "/live/desk", "/desk/calls/\(PastCall(0).call)"] {
                #expect(try await qa.get(path).status == 403, "\(path)")
            }
            #expect(!(try await qa.get("/account").text.contains("href=\"/desk\"")))
            let stranger = try await Visitor.signedIn(
                bench, [.agent], name: "wang", workNumber: nil, title: "李", unit: nil, language: "zh")
            let page = try await stranger.get("/desk")
            #expect(page.status == 200 && page.text.contains("id=\"no-desk\""))
            #expect(try await stranger.post("/desk/state", ["state": "ready"]).status == 403)
            #expect(try await stranger.get("/live/desk").status == 404)
        }
    }

    // MARK: - The form

    @Test func theFormMakesTheOrderOfTheCall() async throws {
        try await Bench.with { bench async throws in
            let li = try await agent(bench)
            let call = try await bench.served(0)
            let page = try await li.get("/desk/calls/\(call)").text
            // Fields and what is needed are the lives': `question` of a consultation, `supply` of an application.
            for place in ["complaint=1n", "consultation=1n", "business=3n", "fault=3n"] {
                #expect(page.contains(place), "\(place)")
            }
            #expect(page.contains("name=\"field_question\"") && page.contains("name=\"field_supply\""))
            #expect(page.contains("zhejiang/i2") && page.contains("dazu/attitude"))
            #expect(!page.contains("name=\"field_recording\"") && !page.contains("id=\"repeats\""))
            // Without scripts another category's fields come by a reload, with what was typed.
            let shown = try await li.post(
                "/desk/calls/\(call)", ["category": "fault", "show": "1", "field_place": "东门路12号"])
            #expect(shown.status == 200 && shown.text.contains("东门路12号"))

            let answer = try await li.post("/desk/calls/\(call)", Self.complaint)
            #expect(answer.status == 303, "\(answer.text)")
            #expect(answer.headers["location"] == "/desk/calls/\(call)?done=order")
            let order = try #require(try await bench.reader.orders(filter: OrderFilter(call: call)).first)
            #expect(order.category == "complaint" && order.caller == "13900000001" && order.callID == call)
            #expect(order.calls.map(\.role) == ["created"] && order.recordings.map(\.role) == ["call"])
            #expect(order.steps.map(\.step) == ["accept"] && order.steps.map(\.by) == ["1001"])
            #expect(order.steps.map(\.role) == ["agent"] && order.state == "accepted")
            #expect(order.steps.first?.fields["recording"] == order.recordings.first?.id.description)
            let made = try await li.get("/desk/calls/\(call)?done=order").text
            #expect(made.contains(order.number) && made.contains("<strong>\(order.code)</strong>"))

            // Sent again, it is the same one; another matter is another.
            #expect(try await li.post("/desk/calls/\(call)", Self.complaint).status == 303)
            #expect(try await bench.reader.orders(filter: OrderFilter(call: call)).count == 1)
            var other = Self.complaint
            other["field_content"] = "电费算错"
            #expect(try await li.post("/desk/calls/\(call)", other).status == 303)
            #expect(try await bench.reader.orders(filter: OrderFilter(call: call)).count == 2)
            // A call that has an order owes no form.
            try await bench.hangUp(call)
            #expect(try await bench.reader.pendingForms() == [])
            #expect(try await bench.reader.verifyEvidence().ok)
        }
    }

    @Test func whatIsMissingIsNamedAndWhatWasTypedStays() async throws {
        try await Bench.with { bench async throws in
            let li = try await agent(bench)
            let call = try await bench.served(0)
            var fields = Self.complaint
            fields["field_topic"] = nil
            fields["field_content"] = "<script>alert(1)</script>停电"
            fields["field_identity"] = "named"
            fields["field_contact"] = ""
            fields["field_severity"] = "serious"
            let answer = try await li.post("/desk/calls/\(call)", fields)
            #expect(answer.status == 400)
            // By the life's own conditions: whoever gives a name is asked for it.
            #expect(answer.text.contains("尚未填写： 业务主题、客户姓名、联系方式"))
            #expect(answer.text.contains("&lt;script&gt;") && !answer.text.contains("<script>alert"))
            #expect(answer.text.contains("<option value=\"serious\" selected>"))
            #expect(answer.text.contains("aria-invalid=\"true\"") && answer.text.contains("data-typed"))
            var wrong = Self.complaint
            for (key, value, words) in [
                ("field_topic", "dance", "topic"), ("field_content", String(repeating: "长", count: 2001), "content"),
                ("category", "dance", "请选择类别"), ("role", "crew", "crew"),
                ("field_occurred_at", "gestern", "occurred_at"),
                ("field_reported_department", "nowhere", "reported_department"),
            ] {
                wrong = Self.complaint
                wrong[key] = value
                let refused = try await li.post("/desk/calls/\(call)", wrong)
                #expect(refused.status == 400 && refused.text.contains(words), "\(key): \(refused.status)")
                if key != "field_content" { #expect(refused.text.contains("抄表员态度恶劣"), "\(key)") }
            }
            #expect(try await bench.reader.orders(filter: OrderFilter(call: call)).isEmpty)
            // No number was spent on what was refused.
            #expect(try await li.post("/desk/calls/\(call)", Self.complaint).status == 303)
            #expect(try await bench.reader.orders().first?.number.hasSuffix("-0001") == true)
        }
    }

    @Test func whoCallsAgainIsKnownAndRemindsRatherThanBegins() async throws {
        try await Bench.with { bench async throws in
            let li = try await agent(bench)
            let first = try await bench.served(0)
            #expect(try await li.post("/desk/calls/\(first)", Self.complaint).status == 303)
            let order = try #require(try await bench.reader.orders(filter: OrderFilter(call: first)).first)
            try await bench.hangUp(first)
            let second = try await bench.served(1)
            let page = try await li.get("/desk/calls/\(second)").text
            #expect(page.contains("id=\"repeats\"") && page.contains("003 2.2"))
            #expect(page.contains("id=\"order-\(order.number)\"") && page.contains("id=\"earlier-calls\""))
            #expect(page.contains("data-priority=\"repeat_caller\""))
            // For its own category it looks like the same matter.
            #expect(page.firstMatch(of: #/<p class="alert alert-warning" data-in="complaint=1" hidden>/#) != nil)
            #expect(page.firstMatch(of: #/<p class="alert alert-warning" data-in="fault=1"/#) == nil)
            // Who saw whose order it is, is written down once for the call.
            _ = try await li.get("/desk/calls/\(second)")
            let seen = try await bench.reader.accesses(subject: order.number).filter { $0.kind == "order_seen" }
            #expect(seen.map(\.person) == ["li"])

            let link = "/desk/calls/\(second)/link"
            for (fields, words) in [
                (["as": "remind", "role": "agent", "text": "催"], "20261122-0007"),
                (["as": "remind", "role": "agent", "order": order.number], "客户诉求"),
                (["as": "dance", "role": "agent", "order": order.number], "关联方式"),
            ] {
                let refused = try await li.post(link, fields)
                #expect(refused.status == 400 && refused.text.contains(words), "\(fields)")
            }
            #expect(
                try await li.post(
                    link, ["as": "remind", "role": "agent", "order": order.number, "text": "三天没有答复"]
                ).status == 303)
            var now = try #require(try await bench.reader.order(order.number))
            #expect(now.steps.map(\.step) == ["accept", "remind"] && now.steps.last?.why == "三天没有答复")
            #expect(now.calls.contains { $0.id == second && $0.role == "remind" })
            #expect(
                try await li.post(link, ["as": "contact", "role": "agent", "other": order.number]).status == 303)
            #expect(
                try await li.post(link, ["as": "contact", "role": "agent", "other": order.number]).status == 400)
            now = try #require(try await bench.reader.order(order.number))
            #expect(now.calls.contains { $0.id == second && $0.role == "contact" })
            // What is linked owes no form.
            try await bench.hangUp(second)
            #expect(try await bench.reader.pendingForms() == [])
        }
    }

    @Test func aSecretReportIsNotGivenAwayByItsCaller() async throws {
        try await Bench.with { bench async throws in
            let li = try await agent(bench)
            let first = try await bench.served(0)
            var report = Self.complaint
            report["category"] = "report"
            report["field_item"] = nil
            #expect(try await li.post("/desk/calls/\(first)", report).status == 303)
            let order = try #require(try await bench.reader.orders(filter: OrderFilter(call: first)).first)
            try await bench.hangUp(first)
            let second = try await bench.served(1)
            let page = try await li.get("/desk/calls/\(second)").text
            #expect(!page.contains(order.number) && !page.contains("id=\"repeats\""))
            let leader = try await Visitor.signedIn(
                bench, [.shiftLeader], name: "leader", workNumber: "8001", title: "值", unit: nil, language: "zh")
            #expect(try await leader.get("/desk/calls/\(second)").text.contains(order.number))
        }
    }

    @Test func noOrderIsNeededForAReason() async throws {
        try await Bench.with { bench async throws in
            let li = try await agent(bench)
            let call = try await bench.served(0)
            let path = "/desk/calls/\(call)/no_order"
            let early = try await li.post(path, ["reason": "打错"])
            #expect(early.status == 400 && early.text.contains("通话尚未结束"))
            try await bench.hangUp(call)
            let isOwed = try await eventually { try await bench.reader.pendingForms().map(\.call) == [call] }
            #expect(isOwed)
            #expect(try await li.get("/desk").text.contains("/desk/calls/\(call)"))
            #expect(try await li.get("/desk/calls/\(call)").text.contains("id=\"no-order\""))
            #expect(try await li.post(path, ["reason": "  "]).status == 400)
            #expect(try await li.post(path, ["reason": "打错"]).status == 303)
            #expect(try await bench.reader.pendingForms() == [])
            #expect(try await li.post(path, ["reason": "打错"]).status == 400)
        }
    }

    // MARK: - Rights

    @Test func anotherAgentsCallIsRefused() async throws {
        try await Bench.with { bench async throws in
            let li = try await agent(bench)
            let other = try await Visitor.signedIn(
                bench, [.agent], name: "zhao", workNumber: "1002", title: "赵", unit: nil, language: "zh")
            let leader = try await Visitor.signedIn(
                bench, [.shiftLeader], name: "leader", workNumber: nil, title: "值", unit: nil, language: "zh")
            let call = try await bench.served(0)
            for path in ["/desk/calls/\(call)", "/desk/calls/\(call)?done=order"] {
                let answer = try await other.get(path)
                #expect(answer.status == 403 && !answer.text.contains("13900000001"))
                #expect(try await leader.get(path).status == 200)
            }
            for path in ["/desk/calls/\(call)", "/desk/calls/\(call)/link", "/desk/calls/\(call)/no_order"] {
                let answer = try await other.post(path, Self.complaint.merging(["reason": "x"]) { $1 })
                #expect(answer.status == 403, "\(path)")
            }
            #expect(try await bench.reader.orders().isEmpty)
            #expect(try await li.get("/desk/calls/019b0000-0000-7000-8000-00000000ffff").status == 404)
            #expect([400, 404].contains(try await li.get("/desk/calls/..%2f..%2fapi.token").status))

            // Whoever is reported makes no order of it, and sees no call of which there is one.
            var about = Self.complaint
            about["field_reported_person"] = "工号1001"
            let refused = try await li.post("/desk/calls/\(call)", about)
            #expect(refused.status == 400 && refused.text.contains("请转交值长") && refused.text.contains("抄表员态度恶劣"))
            about["role"] = "shift_leader"
            // In no one else's name: the leader has one of their own.
            #expect(try await leader.post("/desk/calls/\(call)", about).status == 303)
            #expect(try await bench.reader.orders().first?.steps.map(\.by) == ["leader"])
            #expect(try await li.get("/desk/calls/\(call)").status == 404)
            #expect(try await li.post("/desk/calls/\(call)", Self.complaint).status == 404)
            #expect(try await leader.get("/desk/calls/\(call)").status == 200)
        }
    }

    @Test func whatIsSecretFromTheMakersDepartmentIsToldOnce() async throws {
        try await Bench.with { bench async throws in
            let li = try await Visitor.signedIn(
                bench, [.agent], name: "li", workNumber: "1001", title: "李", unit: "hotline", language: "zh")
            let call = try await bench.served(0)
            var report = Self.complaint
            report["category"] = "report"
            report["field_reported_department"] = "hotline"
            let made = try await li.post("/desk/calls/\(call)", report)
            let order = try #require(try await bench.reader.orders().first)
            #expect(made.status == 200 && made.text.contains(order.number) && made.text.contains(order.code))
            #expect(try await li.get("/desk/calls/\(call)").status == 404)
            #expect(try await li.get("/orders/\(order.number)").status == 404)
        }
    }

    // MARK: - The API

    @Test func aProgramMakesAnOrderOfACall() async throws {
        try await Bench.with { bench async throws in
            let call = try await bench.served(0)
            let path = "calls/\(call)/orders"
            let body = """
                {"category": "fault", "by": "1001", "role": "agent",
                "fields": {"content": "停电", "channel": "telephone", "place": "东门路"}}
                """
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<4 { group.addTask { try await bench.post(path, body) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let made = try answers.map { answer in
                #expect(answer.status == 200, "\(answer.text)")
                return try JSONDecoder().decode(OrderMade.self, from: Data(answer.body))
            }
            // Sent four times at once it is one order.
            #expect(Set(made.map(\.number)).count == 1 && made.first?.life.state == "reported")
            let order = try #require(try await bench.reader.orders().first)
            #expect(order.number == made.first?.number && order.code == made.first?.code)
            #expect(try await bench.reader.orders().count == 1)
            for (body, status, words) in [
                (#"{"category": "dance", "by": "1001", "role": "agent", "fields": {}}"#, 400, "dance"),
                (#"{"category": "fault", "by": "1001", "role": "agent", "fields": {}}"#, 409, "content"),
                (#"{"category": "fault", "by": "1001", "role": "crew", "fields": {}}"#, 409, "role"),
                (#"{"category": "fault", "role": "agent", "fields": {}}"#, 400, "by"),
                (#"{"category": "fault", "by": "7777", "role": "agent", "fields": {}}"#, 404, "7777"),
                (#"{"category": "fault", "by": "1001", "role": "agent"}"#, 400, "fields"),
            ] {
                let problem = try await bench.post(path, body).problem()
                #expect(problem.status == status && problem.detail.contains(words), "\(body): \(problem.detail)")
            }
            #expect(try await bench.post("calls/x/orders", body).status == 400)
            #expect(try await bench.post("calls/019b0000-0000-7000-8000-00000000ffff/orders", body).status == 404)
            #expect(try await bench.reader.verifyEvidence().ok)
        }
    }
}
