import AudioMeasure
import Foundation
import Media
import Testing

extension Integration {
    /// Calls placed: the agent's phone is baresip, the customer behind the gateway baresip or sipp.
    @Suite struct OutboundTests {
        private static let order = "13900000031"
        private static let caller = "13900000032"
        private static let broken = "13900000033"

        /// - Parameter gateway: the port at which the customers' telephones are.
        static func options(gateway: Int, hours: String = "00:00-24:00", conduct: String = "") -> ServerOptions {
            var options = AgentTests.options(agents: 1)
            options.flow = "desk-keys.yaml"
            options.agents = DeskFile.text(agents: 1, more: conduct.isEmpty ? "" : "conduct: {\(conduct)}")
            options.gateway = gateway
            options.more = "calls_out:\n  hours: \"\(hours)\"\n"
            return options
        }

        private func phone(at server: RunningServer, loudness: Double = 8000) async throws -> AgentPhone {
            let phone = try await AgentPhone.start(
                "1001", password: DeskFile.password(1001), at: server.sip, tone: 600, loudness: loudness,
                in: server.scratch)
            let isThere = try await eventually(within: 15, every: 100) {
                try await server.agents().first { $0.number == "1001" }?.reachable == true
            }
            #expect(isThere, "\(phone.said)")
            return phone
        }

        /// A caller who presses a key while waiting, and hangs up.
        private func press(_ key: UInt8, from number: String, at server: RunningServer) async throws {
            var pcap = Pcap()
            pcap.tone(1000, milliseconds: 1500)
            pcap.key(key)
            pcap.silence(milliseconds: 1000)
            var sipp = Sipp(scenario: "caller-speaks-and-hangs-up", target: server.sip)
            sipp.keys = ["caller": number]
            sipp.files = ["tone.pcap": Data(pcap.bytes)]
            sipp.pause = 3000
            sipp.seconds = 20
            let result = try await sipp.run(in: server.scratch)
            #expect(result.successful == 1, "\(result.said)")
        }

        /// Waits for a fact on a call's timeline.
        private func waits(_ server: RunningServer, for kind: String, in call: String) async throws -> Bool {
            try await eventually(within: 15, every: 200) {
                try await server.show(call).timeline.contains { $0.kind == kind }
            }
        }

        @Test(.timeLimit(.minutes(3))) func theAgentsPhoneRingsFirstAndBothHearTheNotice() async throws {
            let gateway = await Ports.shared.take(2)
            try await withServer(Self.options(gateway: gateway)) { server in
                // An order to call about.
                try await press(3, from: Self.order, at: server)
                let order = try #require(try await server.rows(["orders", "list"], of: OrderRow.self).first)
                // Quiet tones, so that the notice stands out where both are mixed.
                let phone = try await phone(at: server, loudness: 400)
                let customer = try await AgentPhone.customer(
                    Self.order, port: gateway, tone: 1700, loudness: 400, in: server.scratch)
                let (code, said) = try await server.ask([
                    "agents", "dial", "1001", "--order", order.number, "--role", "return_visit",
                ])
                #expect(code == 0)
                let call = try #require(Self.placed(said))
                #expect(try await waits(server, for: "recording_notice", in: call), "\(phone.said)\n\(customer.said)")
                try await Task.sleep(for: .seconds(2))
                try customer.command("/hangup")
                let rows = try await server.finishedCalls(2)
                let row = try #require(rows.first { $0.callId == call })
                #expect(row.direction == "outbound")
                #expect(row.outcome == "completed")
                #expect(row.releasedBy == "caller")
                #expect(row.legs.map(\.role).sorted() == ["agent", "customer"])
                #expect(row.answeredAt != nil)

                // The agent's phone was answered before the customer's rang.
                let timeline = try await server.show(call).timeline
                let answered = try #require(timeline.firstIndex { $0.kind == "agent_answered" })
                #expect(timeline[..<answered].allSatisfy { $0.data?["role"] != "customer" })
                let there = try #require(timeline.firstIndex { $0.data?["role"] == "customer" })
                #expect(answered < there)

                // The notice: sent to the customer, heard by the customer, heard by the agent.
                let prompt = Repository.prompts.appendingPathComponent("notice.recording_outbound.wav")
                let notice = try Signal(reading: prompt)
                let audio = try Recorded(try #require(row.recordings.first), of: server)
                #expect(audio.right.match(notice).correlation > 0.9, "on the right channel")
                #expect(audio.left.match(notice).correlation < 0.5, "not on the customer's own")
                try await phone.stop()
                try await customer.stop()
                for (who, file) in [("customer", try customer.heard().first), ("agent", try phone.heard().first)] {
                    let heard = try Signal(reading: try #require(file, "\(who) heard nothing"))
                    #expect(heard.fit(notice) > 0.8, "\(who): \(heard.fit(notice))")
                }
                // Left the customer, right the agent.
                let end = audio.left.seconds
                #expect(audio.left.part(from: end - 2, to: end - 0.3).share(of: 1700) > 0.9)
                #expect(audio.right.part(from: end - 1.5, to: end - 0.3).share(of: 600) > 0.9)
                let owners = timeline.filter { $0.kind == "segment_began" }.map { $0.data?["agent"] ?? "" }
                #expect(owners == ["1001"])

                let after = try #require(try await server.rows(["orders", "list"], of: OrderRow.self).first)
                #expect(
                    after.recordings.contains { $0.id == row.recordings.first?.id && $0.role == "return_visit" })
                #expect(try await server.agents().first { $0.number == "1001" }?.formPending == [])
            }
        }

        @Test(.timeLimit(.minutes(3))) func aCampaignCallsWhoIsDueAndNobodyTwice() async throws {
            let gateway = await Ports.shared.take(2)
            try await withServer(Self.options(gateway: gateway)) { server in
                try await press(3, from: Self.order, at: server)
                let order = try #require(try await server.rows(["orders", "list"], of: OrderRow.self).first)
                let phone = try await phone(at: server)
                let customer = try await AgentPhone.customer(
                    Self.order, port: gateway, tone: 1700, in: server.scratch)
                try await server.logIn(["1001"])
                let (code, due) = try await server.ask([
                    "campaign", "--older-than", "0", "--dry-run", "--json",
                ])
                #expect(code == 0)
                #expect(due.contains(order.number))
                // Not due yet.
                #expect(try await server.ask(["campaign", "--dry-run", "--json"]).1.contains(order.number) == false)
                async let campaign = server.ask([
                    "campaign", "--older-than", "0", "--agents", "1001", "--attempts", "1", "--json",
                ])
                var call: CallRow?
                let isAnswered = try await eventually(within: 20, every: 200) {
                    call = try await server.calls().first { $0.direction == "outbound" }
                    return call?.answeredAt != nil
                }
                #expect(isAnswered, "\(phone.said)\n\(customer.said)")
                try await Task.sleep(for: .seconds(1))
                try customer.command("/hangup")
                let (ended, report) = try await campaign
                #expect(ended == 0, "\(report)")
                #expect(report.contains(order.number) && report.contains("\"reached\""), "\(report)")
                let id = try #require(call?.callId)
                #expect(report.contains(id))
                // Linked as a return visit, so that a second campaign finds nobody.
                let isLinked = try await eventually(within: 15, every: 200) {
                    try await server.rows(["orders", "list", "--without", "return_visit"], of: OrderRow.self).isEmpty
                }
                #expect(isLinked)
                let (again, none) = try await server.ask(["campaign", "--older-than", "0", "--json"])
                #expect(again == 0)
                #expect(!none.contains(order.number))
                try await phone.stop()
                try await customer.stop()
            }
        }

        @Test(.timeLimit(.minutes(3))) func nobodyIsCalledOutsideTheHours() async throws {
            // Shanghai has no summer time: UTC + 8 h.
            let hour = (Int(Date().timeIntervalSince1970) / 3600 + 8) % 24
            let gateway = await Ports.shared.take(2)
            let options = Self.options(gateway: gateway, hours: (2...4).contains(hour) ? "12:00-13:00" : "03:00-04:00")
            try await withServer(options) { server in
                let answer = try await server.api(
                    "calls", #"{"agent":"1001","number":"13900000039","role":"contact"}"#)
                #expect(answer.status == 409)
                #expect(answer.body.contains("calls_out.hours"), "\(answer.body)")
                #expect(try await server.calls().isEmpty)
            }
        }

        @Test(.timeLimit(.minutes(3))) func busyAndNoAnswerAreToldToTheAgentAndKept() async throws {
            let gateway = await Ports.shared.take(2)
            try await withServer(Self.options(gateway: gateway)) { server in
                let phone = try await phone(at: server)
                for (scenario, outcome) in [
                    ("customer-busy-refused", "busy"), ("customer-rings-unanswered", "no_answer"),
                ] {
                    var sipp = Sipp(scenario: scenario, target: "")
                    sipp.port = gateway
                    sipp.seconds = 20
                    let running = try await sipp.start(in: server.scratch)
                    let answer = try await server.api(
                        "calls", #"{"agent":"1001","number":"13900000039","role":"contact"}"#)
                    #expect(answer.status == 200, "\(answer.body)")
                    let call = try #require(Self.placed(answer.body))
                    let result = try await running.finish(seconds: 25)
                    #expect(result.successful == 1, "\(result.said)")
                    var row: CallRow?
                    _ = try await eventually(within: 15, every: 200) {
                        row = try await server.calls().first { $0.callId == call }
                        return row?.isFinished ?? false
                    }
                    #expect(row?.outcome == outcome)
                    #expect(row?.answeredAt == nil)
                    let shown = try await server.show(call)
                    #expect(shown.timeline.contains { $0.kind == "not_reached" && $0.data?["outcome"] == outcome })
                }
                #expect(try await server.waits(for: "1001", toBe: "logged_out"))
                try await phone.stop()
                let heard = try phone.heard()
                #expect(heard.count == 2)
                // 450 Hz, 350 ms on and off; 1,000 Hz, 400 ms, twice. Of the last one the telephone's jitter buffer keeps
                // what had not been played yet when it was hung up on.
                let busy = try Signal(reading: try #require(heard.first)).stretches(of: 450)
                #expect(busy.count { (0.28...0.42).contains($0.upperBound - $0.lowerBound) } >= 4, "\(busy)")
                let beeps = try Signal(reading: try #require(heard.last)).stretches(of: 1000)
                #expect(beeps.count { (0.25...0.5).contains($0.upperBound - $0.lowerBound) } == 2, "\(beeps)")
            }
        }

        @Test(.timeLimit(.minutes(2))) func aCallBackKeptInPlaceOutlivesARestartAndIsMade() async throws {
            let gateway = await Ports.shared.take(2)
            let options = Self.options(gateway: gateway)
            let server = try await RunningServer.start(options)
            do { try await keepAndRestart(server, options, gateway: gateway) } catch {
                print("the server's last words:\n\(server.log)")
                if server.isRunning { try await server.kill() }
                throw error
            }
        }

        private func keepAndRestart(_ first: RunningServer, _ options: ServerOptions, gateway: Int) async throws {
            try await press(1, from: Self.caller, at: first)
            let place = try #require(try await first.queues().first?.waiting.first)
            #expect(place.callBack)
            let open = try #require(try await first.rows(["callbacks", "list"], of: CallBackRow.self).first)
            #expect(open.state == "open")
            #expect(open.reason == "asked")
            #expect(open.number == Self.caller)
            // The queue makes it: nobody else does.
            let second = try await first.api(
                "calls", #"{"agent":"1001","role":"call_back","asking":"\#(open.callId)"}"#)
            #expect(second.status == 409)
            #expect(try await first.stop() == 0)

            try await withServer(options, scratch: first.scratch) { server in
                let again = try #require(try await server.queues().first?.waiting.first)
                #expect(again.call == place.call)
                #expect(again.callBack)
                #expect(abs(try Moment.seconds(again.since) - Moment.seconds(place.since)) < 0.01)
                let customer = try await AgentPhone.customer(
                    Self.caller, port: gateway, tone: 1700, in: server.scratch)
                let phone = try await phone(at: server)
                try await server.logIn(["1001"])
                #expect(try await server.waits(for: "1001", toBe: "talking"), "\(phone.said)")
                var row: CallBackRow?
                var talked = false
                _ = try await eventually(within: 20, every: 200) {
                    row = try await server.rows(["callbacks", "list"], of: CallBackRow.self).first
                    let calls = try await server.calls()
                    guard let out = calls.first(where: { $0.direction == "outbound" }) else { return false }
                    if out.answeredAt != nil, !talked {
                        talked = true
                        try await Task.sleep(for: .seconds(1))
                        try customer.command("/hangup")
                    }
                    return out.isFinished && row?.state == "reached"
                }
                #expect(row?.state == "reached", "\(customer.said)")
                #expect(row?.attempts == 1)
                let out = try #require(try await server.calls().first { $0.direction == "outbound" })
                #expect(row?.made == out.callId)
                #expect(try await server.queues().first?.waiting.isEmpty == true)
                #expect(try await server.waits(for: "1001", toBe: "available"))
                try await phone.stop()
                try await customer.stop()
            }
        }

        @Test(.timeLimit(.minutes(3))) func aLineThatBreaksIsCalledBackByItself() async throws {
            let gateway = await Ports.shared.take(2)
            let options = Self.options(gateway: gateway, conduct: "callback_dropped: auto")
            try await withServer(options) { server in
                let phone = try await phone(at: server)
                try await server.logIn(["1001"])
                let customer = try await AgentPhone.customer(
                    Self.broken, port: gateway, tone: 1700, in: server.scratch)
                // The caller's packets cease; three seconds later the gateway says BYE and not why.
                var sipp = AgentTests.caller(Self.broken, milliseconds: 1500, at: server)
                sipp.pause = 4800
                let result = try await sipp.run(in: server.scratch)
                #expect(result.successful == 1, "\(result.said)")
                var task: CallBackRow?
                var out: CallRow?
                _ = try await eventually(within: 20, every: 200) {
                    out = try await server.calls().first { $0.direction == "outbound" }
                    return out?.answeredAt != nil
                }
                try await Task.sleep(for: .seconds(1))
                try customer.command("/hangup")
                _ = try await eventually(within: 15, every: 200) {
                    task = try await server.rows(["callbacks", "list"], of: CallBackRow.self).first
                    out = try await server.calls().first { $0.direction == "outbound" }
                    return task?.state == "reached" && out?.isFinished == true
                }
                let broken = try #require(try await server.calls().first { $0.direction == "inbound" })
                #expect(broken.releasedBy == "unknown")
                #expect(task?.callId == broken.callId)
                #expect(task?.reason == "dropped")
                #expect(task?.forAgent == "1001")
                #expect(task?.dueAt != nil)
                #expect(task?.state == "reached")
                let made = try #require(out?.callId)
                #expect(task?.made == made)
                #expect(out?.releasedBy == "caller")
                // No loop: the customer hung up, nothing follows.
                #expect(try await server.rows(["callbacks", "list"], of: CallBackRow.self).count == 1)
                // Both talks are to be written up, until the agent says why not.
                let pending = try #require(try await server.agents().first { $0.number == "1001" }).formPending
                #expect(pending == [broken.callId, made])
                let (code, _) = try await server.ask([
                    "agents", "no-order", "1001", "--call", broken.callId, "--reason", "见回拨",
                ])
                #expect(code == 0)
                let left = try #require(try await server.agents().first { $0.number == "1001" }).formPending
                #expect(left == [made])
                try await phone.stop()
                try await customer.stop()
            }
        }

        /// The call's id of what the API answers to a call placed; nil where it is no such answer.
        private static func placed(_ text: String) -> String? {
            struct Placed: Decodable { var call: String }
            do { return try JSONDecoder().decode(Placed.self, from: Data(text.utf8)).call } catch {
                return nil  // the test says what is missing
            }
        }
    }
}
