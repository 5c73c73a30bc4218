import Access
import Calls
import Foundation
import Storage
import Testing

/// The inbox in a browser: who sees it, what is heard, called back, and kept from whoever it is about.
@Suite(.serialized) struct InboxPageTests {
    /// A voice message in a call of before, which nobody answered.
    /// - Parameter report: whom the order is about that was made of it.
    private static func leave(_ bench: Bench, report: String? = nil) async throws -> MessageID {
        let past = PastCall(0)
        var facts = past.left
        if let report {
            facts += past.ordered("20261122-0001", caller: "13900000001")
            facts.append(
                .orderStepped(
                    OrderStepped(
                        order: past.order, at: past.at(9950), number: 1, step: "accept", by: "8001", role: "agent",
                        unit: nil, happened: past.at(9900).wall, why: nil,
                        fields: ["reported_person": report, "content": "态度"], life: "report@1", policy: "yongqiang@1",
                        state: "reported", status: "dispatched", owner: "department", ownerUnit: "marketing")))
        }
        try await bench.store.record(facts)
        return past.message
    }

    @Test func aMessageIsHeardTakenAndItsOrderMade() async throws {
        try await Bench.with { bench async throws in
            let id = try await Self.leave(bench)
            let agent = try await Visitor.signedIn(bench, [.agent], name: "wang", workNumber: "1001")
            for (language, word) in [("zh", "已听，我来处理"), ("en", "Heard, I deal with it")] {
                let page = try await agent.get("/inbox", language: language).text
                #expect(page.contains("13900000001") && page.contains(word) && page.contains("0:06"), "\(language)")
            }
            let form = "/desk/calls/\(PastCall(0).call)"
            #expect(try await agent.get(form).status == 403, "not before it is theirs")
            #expect(try await agent.post("/inbox/\(id)/heard", [:]).headers["location"] == "/inbox?done=heard")
            #expect(try await bench.store.reader.message(id)?.heardBy == workNumber("1001"))
            #expect(try await agent.get("/inbox").text.contains("id=\"no-messages\""))
            let all = try await agent.get("/inbox?all=1").text
            #expect(all.contains(form))
            #expect(try await agent.get(form).status == 200)
            let other = try await Visitor.signedIn(bench, [.agent], name: "li", workNumber: "1002")
            #expect(try await other.get(form).status == 403)
            #expect(try await other.post("/inbox/\(MessageID(high: 1, low: 2))/heard", [:]).status == 404)
        }
    }

    @Test func itIsForThoseWhoKeepTheInbox() async throws {
        try await Bench.with { bench async throws in
            let id = try await Self.leave(bench)
            for (index, role) in Role.allCases.enumerated() {
                let visitor = try await Visitor.signedIn(bench, [role], name: "v\(index)x")
                let may = Rights.reach(of: role, .inbox) > .none
                #expect(try await visitor.get("/inbox").status == (may ? 200 : 403), "\(role)")
                if !may { #expect(try await visitor.post("/inbox/\(id)/heard", [:]).status == 403, "\(role)") }
                #expect(try await visitor.get("/").text.contains("href=\"/inbox\"") == may, "\(role)")
            }
            #expect(try await bench.store.reader.message(id)?.heardAt == nil)
        }
    }

    /// Whoever the message is about neither sees nor hears it, by whatever address.
    @Test func whoeverItIsAboutDoesNotSeeIt() async throws {
        try await Bench.with { bench async throws in
            let id = try await Self.leave(bench, report: "1001")
            let agent = try await Visitor.signedIn(bench, [.agent], name: "wang", workNumber: "1001")
            #expect(try await !agent.get("/inbox?all=1").text.contains("13900000001"))
            #expect(try await agent.post("/inbox/\(id)/heard", [:]).status == 404)
            #expect(try await agent.get("/api/v1/recordings/\(PastCall(0).recording)").status == 404)
            let token = try await bench.people.makeToken("wang", title: "t", days: 1)
            #expect(try await !bench.get("messages", authorization: "Bearer \(token)").text.contains("13900000001"))
            let other = try await Visitor.signedIn(bench, [.agent], name: "li", workNumber: "1002")
            #expect(try await other.get("/inbox").text.contains("13900000001"))
            #expect(try await other.get("/api/v1/recordings/\(PastCall(0).recording)").status == 200)
        }
    }

    /// Who reports secretly is known to shift leaders and whoever handles it: to no agent by a message, a call-back or a call.
    @Test func aSecretReportersMessageIsNoAgents() async throws {
        try await Bench.with { bench async throws in
            let past = PastCall(0)
            try await bench.store.record(
                past.left + past.asked + [
                    .orderCreated(
                        OrderCreated(
                            order: past.order, at: past.at(9800), number: "20261122-0001", code: "4711",
                            category: "report", call: past.call, caller: "13900000001", fields: [:]))
                ])
            let agent = try await Visitor.signedIn(bench, [.agent], name: "wang", workNumber: "1001")
            let page = try await agent.get("/inbox?all=1").text
            #expect(page.contains("id=\"no-messages\"") && !page.contains("13900000001"))
            #expect(try await agent.get("/api/v1/recordings/\(past.recording)").status == 403)
            #expect(try await agent.post("/inbox/\(past.message)/heard", [:]).status == 404)
            #expect(try await agent.post("/inbox/callbacks/\(past.call)", [:]).status == 403)
            let bearer = "Bearer \(try await bench.people.makeToken("wang", title: "t", days: 1))"
            func ask(_ path: String, _ body: String) async throws -> Answer {
                try await bench.post(path, body, authorization: bearer)
            }
            #expect(try await ask("messages/\(past.message)/heard", "{}").status == 404)
            let call = #""role": "contact", "order": "20261122-0001"}"#
            #expect(try await ask("calls", #"{"agent": "1001", "# + call).status == 403)
            // Nobody has another's phone ring.
            #expect(
                try await ask("calls", #"{"agent": "1002", "role": "contact", "number": "13900000009"}"#).status == 403)
            #expect(try await !bench.get("callbacks", authorization: bearer).text.contains("13900000001"))
            let leader = try await Visitor.signedIn(bench, [.shiftLeader], name: "leader")
            #expect(try await leader.get("/inbox").text.contains("13900000001"))
        }
    }

    @Test func callersAreCalled() async throws {
        try await Bench.with { bench async throws in
            let id = try await Self.leave(bench)
            try await bench.store.record(PastCall(0).asked)
            let agent = try await Visitor.signedIn(bench, [.agent], name: "wang", workNumber: "1001")
            let page = try await agent.get("/inbox", language: "zh").text
            #expect(page.contains("id=\"callbacks\"") && page.contains("客户要求") && page.contains("class=\"late\""))
            #expect(try await agent.post("/inbox/\(id)/call", [:]).headers["location"] == "/inbox?done=calling")
            let nobody = try await Visitor.signedIn(bench, [.shiftLeader], name: "leader")
            #expect(try await nobody.post("/inbox/\(id)/call", [:]).status == 403, "without a work number, no phone")
            #expect(
                try await agent.post("/inbox/callbacks/\(CallID(high: 3, low: 4))", [:]).status == 404)
        }
    }
}
