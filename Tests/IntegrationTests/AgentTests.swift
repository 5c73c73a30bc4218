import AudioMeasure
import Foundation
import Media
import Testing

extension Integration {
    /// Callers by sipp, agents' phones by baresip and linphone, a tone of its own for each: who is heard where is found by
    /// spectrum.
    @Suite struct AgentTests {
        static func options(agents: Int, queue: String = "rings_per_agent: 4, announce: none") -> ServerOptions {
            var options = ServerOptions(flow: "desk.yaml", answerAfter: "200ms")
            options.agents = DeskFile.text(agents: agents, queue: queue)
            return options
        }

        /// A caller who says 1,000 Hz and hangs up after so long.
        static func caller(_ number: String, milliseconds: Int, at server: RunningServer) -> Sipp {
            var pcap = Pcap()
            pcap.tone(1000, milliseconds: milliseconds)
            var sipp = Sipp(scenario: "caller-speaks-and-hangs-up", target: server.sip)
            sipp.keys = ["caller": number]
            sipp.files = ["tone.pcap": Data(pcap.bytes)]
            sipp.pause = milliseconds
            sipp.seconds = Double(milliseconds) / 1000 + 30
            return sipp
        }

        @Test(.timeLimit(.minutes(2))) func aCallerIsBroughtToAnAgentAndEachIsRecordedOnTheirSide() async throws {
            try await withServer(Self.options(agents: 1)) { server in
                let phone = try await AgentPhone.start(
                    "1001", password: DeskFile.password(1001), at: server.sip, tone: 600, in: server.scratch)
                try await server.logIn(["1001"])
                let result = try await Self.caller("13900000001", milliseconds: 9000, at: server).run(
                    in: server.scratch)
                #expect(result.successful == 1, "\(result.said)")
                let row = try await server.finishedCall(from: "13900000001")
                #expect(row.outcome == "completed")
                #expect(row.releasedBy == "caller")
                #expect(row.legs.map(\.role).sorted() == ["agent", "caller"])
                let shown = try await server.show(row.callId)
                let answered = try #require(shown.timeline.first { $0.kind == "agent_answered" }, "\(phone.said)")
                #expect(answered.data?["agent"] == "1001")
                // A person's rings stand apart from the line's.
                #expect(answered.data?["summedRings"] == "1")
                #expect(row.rings == 1)
                let audio = try Recorded(try #require(row.recordings.first { $0.sha256 != nil }), of: server)
                let left = audio.left.part(from: 2, to: 8)
                let right = audio.right.part(from: 2, to: 8)
                #expect(left.share(of: 1000) > 0.9)
                #expect(left.share(of: 600) < 0.01)
                #expect(right.share(of: 600) > 0.9)
                #expect(right.share(of: 1000) < 0.01)
                try await phone.stop()
                let heard = try Signal(reading: try #require(try phone.heard().first))
                #expect(heard.part(from: 1, to: 6).share(of: 1000) > 0.9, "the agent hears the caller")
                #expect(try await server.waits(for: "1001", toBe: "available"))
            }
        }

        @Test(.timeLimit(.minutes(2))) func whoDoesNotAnswerIsPassedOverAndTheRingsAreSummed() async throws {
            let options = Self.options(agents: 2, queue: "rings_per_agent: 1, announce: none")
            try await withServer(options) { server in
                let deaf = try await AgentPhone.start(
                    "1001", password: DeskFile.password(1001), at: server.sip, tone: 600, answers: false,
                    in: server.scratch)
                let phone = try await LinphonePhone.start(
                    "1002", password: DeskFile.password(1002), at: server.sip, tone: 1700, in: server.scratch)
                try await server.logIn(["1001", "1002"])
                let result = try await Self.caller("13900000002", milliseconds: 11_000, at: server)
                    .run(in: server.scratch)
                #expect(result.successful == 1, "\(result.said)")
                let row = try await server.finishedCall(from: "13900000002")
                let shown = try await server.show(row.callId)
                let ends = shown.timeline.filter { $0.kind == "offer_ended" }.map {
                    "\($0.data?["agent"] ?? "") \($0.data?["outcome"] ?? "") \($0.data?["rings"] ?? "")"
                }
                #expect(ends == ["1001 no_answer 1", "1002 answered 1"], "\(phone.said)")
                let answered = try #require(shown.timeline.first { $0.kind == "agent_answered" })
                #expect(answered.data?["rings"] == "1")
                #expect(answered.data?["summedRings"] == "2")
                let audio = try Recorded(try #require(row.recordings.first), of: server)
                #expect(audio.right.part(from: 7, to: 10).share(of: 1700) > 0.8)
                try await phone.stop()
                try await deaf.stop()
            }
        }

        @Test(.timeLimit(.minutes(2))) func sidesStayAcrossHoldAndTransferAndWhatIsSaidMeanwhileIsApart() async throws {
            try await withServer(Self.options(agents: 2)) { server in
                let first = try await AgentPhone.start(
                    "1001", password: DeskFile.password(1001), at: server.sip, tone: 600, in: server.scratch)
                try await server.logIn(["1001"])
                let second = try await AgentPhone.start(
                    "1002", password: DeskFile.password(1002), at: server.sip, tone: 1700, codec: "PCMU",
                    in: server.scratch)
                let running = try await Self.caller("13900000003", milliseconds: 20_000, at: server)
                    .start(in: server.scratch)
                #expect(try await server.waits(for: "1001", toBe: "talking"))
                try await Task.sleep(for: .seconds(3))
                #expect(try await server.api("agents/1001/call", #"{"action":"hold"}"#).status == 202)
                #expect(try await server.waits(for: "1001", toBe: "hold"))
                try await Task.sleep(for: .seconds(3))
                #expect(try await server.api("agents/1001/call", #"{"action":"resume"}"#).status == 202)
                #expect(try await server.waits(for: "1001", toBe: "talking"))
                try await Task.sleep(for: .seconds(3))
                #expect(try await server.api("agents/1001/call", #"{"action":"transfer","to":"7777"}"#).status == 404)
                #expect(
                    try await server.api("agents/1001/call", #"{"action":"transfer","to":"1002"}"#).status == 202)
                #expect(try await server.waits(for: "1002", toBe: "talking"))
                let result = try await running.finish(seconds: 60)
                #expect(result.successful == 1, "\(result.said)")
                let row = try await server.finishedCall(from: "13900000003")
                let main = try #require(row.recordings.first { $0.purpose == "call" })
                let audio = try Recorded(main, of: server)
                #expect(audio.left.part(from: 1, to: 18).share(of: 1000) > 0.9, "the caller is left throughout")
                let own = audio.right.stretches(of: 600).filter { $0.upperBound - $0.lowerBound > 1 }
                #expect(own.count == 2, "the first agent, a hold, the first agent: \(own)")
                let next = audio.right.stretches(of: 1700).filter { $0.upperBound - $0.lowerBound > 1 }
                #expect(next.count == 1, "then the second: \(next)")
                if let last = own.last, let begin = next.first { #expect(begin.lowerBound > last.upperBound - 0.1) }
                let apart = try #require(row.recordings.first { $0.purpose == "consultation" && $0.sha256 != nil })
                let aside = try AudioFile(
                    reading: server.data.appendingPathComponent("recordings").appendingPathComponent(apart.file ?? "")
                        .path)
                #expect(Signal(pcm: aside.channel(0), rate: aside.rate).share(of: 600) > 0.8)
                let shown = try await server.show(row.callId)
                let owners = shown.timeline.filter { $0.kind == "segment_began" }.map {
                    $0.data?["agent"] ?? $0.data?["role"] ?? ""
                }
                #expect(owners == ["1001", "system", "1001", "system", "1002"])
                try await first.stop()
                try await second.stop()
            }
        }

        @Test(.timeLimit(.minutes(2))) func aWhisperIsOnNoChannelOfTheCallersRecording() async throws {
            try await withServer(Self.options(agents: 1)) { server in
                let phone = try await AgentPhone.start(
                    "1001", password: DeskFile.password(1001), at: server.sip, tone: 600, in: server.scratch)
                let supervisor = try await AgentPhone.start(
                    "9001", password: DeskFile.password(9001), at: server.sip, tone: 1700, in: server.scratch)
                try await server.logIn(["1001", "9001"])
                let running = try await Self.caller("13900000004", milliseconds: 12_000, at: server)
                    .start(in: server.scratch)
                #expect(try await server.waits(for: "1001", toBe: "talking"))
                let whisper = #"{"by":"9001","mode":"whisper"}"#
                #expect(try await server.api("agents/1001/supervision", whisper).status == 202)
                #expect(try await server.waits(for: "9001", toBe: "talking"))
                // An agent may not listen to others.
                let agent = #"{"by":"1001","mode":"listen"}"#
                #expect(try await server.api("agents/1001/supervision", agent).status == 409)
                let result = try await running.finish(seconds: 40)
                #expect(result.successful == 1, "\(result.said)")
                let row = try await server.finishedCall(from: "13900000004")
                let audio = try Recorded(try #require(row.recordings.first), of: server)
                #expect(audio.right.stretches(of: 1700, atLeast: 0.003).isEmpty)
                #expect(audio.left.stretches(of: 1700, atLeast: 0.003).isEmpty)
                try await phone.stop()
                try await supervisor.stop()
                let heard = try Signal(reading: try #require(try phone.heard().first)).part(from: 4, to: 10)
                #expect(heard.share(of: 1700) > 0.2, "the agent hears the whisper")
                #expect(heard.share(of: 1000) > 0.2, "and the caller")
            }
        }

        @Test(.timeLimit(.minutes(2))) func theAgentHangsUpFirstAndTheCallerIsNotCutOff() async throws {
            try await withServer(Self.options(agents: 1)) { server in
                let phone = try await AgentPhone.start(
                    "1001", password: DeskFile.password(1001), at: server.sip, tone: 600, in: server.scratch)
                try await server.logIn(["1001"])
                let running = try await Self.caller("13900000005", milliseconds: 7000, at: server)
                    .start(in: server.scratch)
                #expect(try await server.waits(for: "1001", toBe: "talking"))
                try await Task.sleep(for: .seconds(2))
                try phone.command("/hangup")
                let result = try await running.finish(seconds: 40)
                // The caller's own BYE ended the dialog: the scenario ran to its end.
                #expect(result.successful == 1, "\(result.said)")
                let row = try await server.finishedCall(from: "13900000005")
                #expect(row.releasedBy == "agent")
                let shown = try await server.show(row.callId)
                #expect(shown.timeline.contains { $0.kind == "play" && $0.data?["items"] == "bye.thanks" })
                try await phone.stop()
            }
        }
    }
}
