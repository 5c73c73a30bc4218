import Calls
import Console
import Foundation
import Storage
import Testing

/// What every route does when it is asked rightly.
@Suite(.serialized) struct RouteTests {
    // MARK: - Lists

    @Test func messagesReadAsTheCommandPrintsThem() async throws {
        try await Bench.with { bench async throws in
            #expect(try await bench.get("messages").text == "[\n\n]")
            let (one, two) = (PastCall(0), PastCall(1))
            try await bench.store.record(one.left + two.left)
            let answer = try await bench.get("messages")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
            #expect(answer.body == Array(try QueryJSON.encode(try await bench.reader.messages())))
            #expect(answer.text.contains(one.message.description))

            func ids(_ query: String) async throws -> [String] {
                struct Row: Decodable { var messageId: String }
                let answer = try await bench.get("messages?\(query)")
                #expect(answer.status == 200, "\(answer.text)")
                let decoder = JSONDecoder()
                decoder.keyDecodingStrategy = .convertFromSnakeCase
                return try decoder.decode([Row].self, from: Data(answer.body)).map(\.messageId)
            }
            #expect(try await ids("") == [one, two].map(\.message.description))
            #expect(try await ids("limit=1") == [one.message.description])
            #expect(try await ids("from=\(UTCTime(two.at(9000)))") == [two.message.description])
            #expect(try await ids("to=2026-11-22T11:05:00%2B08:00") == [one.message.description])
            #expect(try await ids("to=2026-11-22T11:05:00+08:00&queue=night_service") == [one.message.description])
            #expect(try await ids("queue=bills") == [])
            #expect(try await bench.post("messages/\(one.message)/heard", #"{"by": "1001"}"#).status == 204)
            #expect(try await ids("unheard=true") == [two.message.description])
            #expect(try await ids("unheard=false").count == 2)
        }
    }

    @Test func aMessageIsHeardByItsIdOrTheBeginningOfIt() async throws {
        try await Bench.with { bench async throws in
            let calls = (0..<5).map { PastCall(UInt64($0)) }
            for call in calls { try await bench.store.record(call.left) }
            let heard = try await bench.post("messages/\(calls[0].message)/heard", #"{"by": "8001"}"#)
            #expect(heard.status == 204)
            #expect(heard.body.isEmpty)
            #expect(try await bench.reader.message(calls[0].message)?.heardBy == workNumber("8001"))

            // All begin alike but for the last digit.
            for beginning in ["019a", "019AABCD", String(calls[1].message.description.dropLast())] {
                let problem = try await bench.post("messages/\(beginning)/heard", #"{"by": "1001"}"#).problem()
                #expect(problem.status == 409)
                #expect(problem.detail.contains("several messages"))
                #expect(problem.detail.contains("\(calls[1].message), ") && problem.detail.contains(", …)"))
            }
            #expect(try await bench.reader.unheardMessages() == 4)
            let other = MessageID(high: 0x019A_ABCE_0000_7000, low: 0x8000_0000_0000_0001)
            try await bench.store.record([
                .messageLeft(
                    MessageLeft(
                        message: other, call: calls[0].call, at: calls[0].at(9900), queue: "night_service",
                        recording: calls[0].recording, from: AudioPosition(milliseconds: 8000),
                        to: AudioPosition(milliseconds: 9000)))
            ])
            #expect(try await bench.post("messages/019AABCE-/heard", #"{"by": "1001"}"#).status == 204)
            #expect(try await bench.reader.message(other)?.heardBy == workNumber("1001"))
            // Heard again: the first hearing stands, and it is no error.
            #expect(try await bench.post("messages/019aabce/heard", #"{"by": "1002"}"#).status == 204)
            #expect(try await bench.reader.message(other)?.heardBy == workNumber("1001"))
        }
    }

    @Test func callBacksReadAsTheCommandPrintsThem() async throws {
        try await Bench.with { bench async throws in
            let (one, two) = (PastCall(0), PastCall(1))
            try await bench.store.record(one.left + one.asked + two.left + two.asked + two.reached(by: "1001"))
            let answer = try await bench.get("callbacks")
            #expect(answer.status == 200)
            #expect(answer.body == Array(try QueryJSON.encode(try await bench.reader.callBacks())))
            #expect(answer.text.contains(two.call.description))
            let open = try await bench.get("callbacks?open=true&number=13900000001&queue=night_service&limit=5")
            #expect(open.text.contains(one.call.description) && !open.text.contains(two.call.description))
            let late = try await bench.get("callbacks?from=\(UTCTime(two.at(0)))&to=2027-01-01")
            #expect(late.text.contains(two.call.description) && !late.text.contains(one.call.description))
        }
    }

    @Test func numbersAreBlockedListedAndTakenOff() async throws {
        try await Bench.with { bench async throws in
            let block = #"{"number": "13900000666", "hours": 24, "by": "1001", "reason": "骚扰\n三次"}"#
            #expect(try await bench.post("blocklist", block).status == 204)
            let forever = #"{"number": "13900000777", "hours": null, "by": "8001", "reason": ""}"#
            #expect(try await bench.post("blocklist", forever).status == 204)
            let answer = try await bench.get("blocklist")
            #expect(answer.status == 200)
            struct Row: Decodable {
                var number: String
                var until: String?
                var by: String
                var reason: String
            }
            let rows = try JSONDecoder().decode([Row].self, from: Data(answer.body))
            #expect(rows.map(\.number) == ["13900000666", "13900000777"])
            #expect(rows.map(\.by) == ["1001", "8001"])
            #expect(rows.map(\.reason) == ["骚扰\n三次", ""])
            #expect(rows.map { $0.until == nil } == [false, true])
            #expect(try await bench.get("blocklist?limit=1").text.contains("13900000777") == false)
            #expect(try await bench.get("blocklist?at=2026-01-01").text == "[\n\n]")
            #expect(try await bench.post("blocklist/13900000666/removal", #"{"by": "9001"}"#).status == 204)
            #expect(try await bench.get("blocklist").text.contains("13900000666") == false)
            let again = try await bench.post("blocklist/13900000666/removal", #"{"by": "9001"}"#)
            #expect(try again.problem().status == 404)
        }
    }

    // MARK: - Agents and queues

    @Test func anAgentsStateIsSetAndRead() async throws {
        try await Bench.with { bench async throws in
            let answer = try await bench.post("agents/1001/state", #"{"state": "available", "by": "command"}"#)
            #expect(answer.status == 200)
            let changed = try JSONDecoder().decode([AgentView].self, from: Data(answer.body))
            #expect(changed.map(\.number) == [workNumber("1001")])
            #expect(changed.map(\.state) == [.available])
            let agents = try await bench.get("agents")
            #expect(agents.status == 200)
            let rows = try JSONDecoder().decode([AgentView].self, from: Data(agents.body))
            #expect(rows.map(\.number.text) == ["1001", "1002", "8001", "9001"])
            #expect(rows.map(\.state) == [.available, .loggedOut, .loggedOut, .loggedOut])
            for (body, state) in [
                (#"{"state": "away", "reason": "午饭"}"#, AgentState.away),
                (#"{"state": "ready", "by": "api"}"#, .available),
                (#"{"state": "logged_out"}"#, .loggedOut),
            ] {
                #expect(try await bench.post("agents/1001/state", body).status == 200)
                #expect(try await bench.agent("1001")?.state == state)
            }
        }
    }

    @Test func aCallIsPlacedSteeredAndEnded() async throws {
        try await Bench.with { bench async throws in
            let agent = try await bench.talking()
            let call = try #require(agent.call)
            #expect(agent.purpose == .outbound)
            for body in [
                #"{"action": "hold"}"#, #"{"action": "resume"}"#, #"{"action": "mute"}"#, #"{"action": "unmute"}"#,
                #"{"action": "mark", "mark": "angry", "degree": 3, "note": "停电三天"}"#,
                #"{"action": "consult", "to": "1002"}"#, #"{"action": "cancel"}"#,
            ] {
                let answer = try await bench.post("agents/1001/call", body)
                #expect(answer.status == 202, "\(body): \(answer.text)")
                #expect(answer.body.isEmpty)
            }
            let isMarked = try await eventually {
                let marks = try await bench.reader.call(call)?.marks ?? []
                return marks.map(\.degree) == [3]
            }
            #expect(isMarked)
            #expect(try await bench.hangsUp("1001"))
            let isOver = try await eventually { try await bench.reader.call(call)?.summary.releasedAt != nil }
            #expect(isOver)
        }
    }

    @Test func aConsultationIsJoinedAndHandsOver() async throws {
        try await Bench.with { bench async throws in
            _ = try await bench.talking()
            #expect(
                try await bench.post("agents/1001/call", #"{"action": "consult", "to": "1002"}"#).status == 202)
            let isAsked = try await eventually { try await bench.agent("1002")?.state == .talking }
            #expect(isAsked)
            #expect(try await bench.post("agents/1001/call", #"{"action": "conference"}"#).status == 202)
            #expect(try await bench.post("agents/1001/call", #"{"action": "complete"}"#).status == 202)
        }
    }

    @Test func aCallIsHandedOn() async throws {
        try await Bench.with { bench async throws in
            _ = try await bench.talking()
            #expect(try await bench.post("agents/8001/state", #"{"state": "available"}"#).status == 200)
            #expect(try await bench.post("agents/1001/call", #"{"action": "shift_leader"}"#).status == 202)
            let isHandedUp = try await eventually { try await bench.agent("8001")?.state == .talking }
            #expect(isHandedUp)
            let isLetGo = try await eventually { try await bench.agent("1001")?.call == nil }
            #expect(isLetGo)
            #expect(
                try await bench.post("agents/8001/call", #"{"action": "transfer", "to": "1002"}"#).status == 202)
            let isHandedDown = try await eventually { try await bench.agent("1002")?.state == .talking }
            #expect(isHandedDown)
        }
    }

    @Test func aSupervisorListensIn() async throws {
        try await Bench.with { bench async throws in
            _ = try await bench.talking()
            for mode in [#""listen""#, #""whisper""#, #""barge""#, "null"] {
                let answer = try await bench.post(
                    "agents/1001/supervision", "{\"by\": \"9001\", \"mode\": \(mode)}")
                #expect(answer.status == 202, "\(answer.text)")
            }
            #expect(bench.trunk.dialled.filter { $0 == "agent:9001" }.count <= 1)
        }
    }

    @Test func aCallIsPlacedForAnOrderAndForAWish() async throws {
        try await Bench.with { bench async throws in
            let one = PastCall(0)
            try await bench.store.record(one.left + one.asked + one.ordered("20261122-0001", caller: "13900000001"))
            let body = """
                {"agent": "1001", "order": "20261122-0001", "role": "call_back", "asking": "\(one.call)"}
                """
            let answer = try await bench.post("calls", body)
            #expect(answer.status == 200, "\(answer.text)")
            struct Placed: Decodable { var call: CallID }
            let placed = try JSONDecoder().decode(Placed.self, from: Data(answer.body)).call
            let isDialled = try await eventually {
                bench.trunk.dialled.contains("sip:13900000001@192.0.2.9:5060")
            }
            #expect(isDialled)
            #expect(try await bench.hangsUp("1001"))
            let isEnded = try await eventually { try await bench.reader.callBacks().first?.made == placed }
            #expect(isEnded)
        }
    }

    @Test func queuesShowWhoWaitsAndAreDrained() async throws {
        try await Bench.with { bench async throws in
            let call = CallID(high: 0x019B_0000_0000_7000, low: 0x8000_0000_0000_0001)
            bench.trunk.call(
                call, leg: LegID(high: 0x019B_0000_0000_7000, low: 0x8000_0000_0000_0002), from: "13900000001")
            var queues: [QueueView] = []
            let waits = try await eventually {
                let answer = try await bench.get("queues")
                queues = try JSONDecoder().decode([QueueView].self, from: Data(answer.body))
                return queues.first?.waiting.isEmpty == false
            }
            #expect(waits)
            #expect(queues.map(\.name) == ["night_service"])
            #expect(queues.map(\.isOpen) == [true])
            #expect(queues.first?.waiting.map(\.call) == [call])
            #expect(queues.first?.waiting.map(\.position) == [1])
            #expect(try await bench.post("emergency", #"{"declared": true}"#).status == 204)
            let desk = try #require(bench.desk)
            #expect(desk.status.isEmergency)
            #expect(try await bench.post("emergency", #"{"declared": false}"#).status == 204)
            #expect(desk.status.isEmergency == false)
            // With the escapes of the command line, and with or without an empty object.
            #expect(try await bench.post("queues/night%5Fservice/drain", "", type: nil).status == 204)
            #expect(try await bench.post("queues/night_service/drain", "{}").status == 204)
            #expect(desk.status.queues.map(\.isDraining) == [true])
        }
    }

    @Test func withoutAnAgentsFileTheInboxIsThereAndAgentsAreNot() async throws {
        try await Bench.with(agents: false) { bench in
            for (method, path) in [
                ("GET", "agents"), ("GET", "queues"), ("POST", "agents/1001/state"), ("POST", "agents/1001/call"),
                ("POST", "agents/1001/supervision"), ("POST", "emergency"), ("POST", "queues/x/drain"),
            ] {
                let answer = method == "GET" ? try await bench.get(path) : try await bench.post(path, "{}")
                let problem = try answer.problem()
                #expect(problem.status == 404)
                #expect(problem.detail.contains("agents.file"))
            }
            let one = PastCall(0)
            try await bench.store.record(one.left)
            // There is no roster to look the number up in.
            #expect(try await bench.post("messages/\(one.message)/heard", #"{"by": "7777"}"#).status == 204)
            let placed = try await bench.post(
                "calls", #"{"agent": "1001", "number": "13900000009", "role": "contact"}"#)
            #expect(try placed.problem().status == 409)
        }
    }
}
