import AudioMeasure
import Foundation
import Testing

extension Integration {
    /// A nuisance caller, from the warning to the shift leader's acknowledgement.
    @Suite struct ConductTests {
        @Test(.timeLimit(.minutes(3))) func aNuisanceCallIsWarnedEndedAndReported() async throws {
            try await withServer(AgentTests.options(agents: 1)) { server in
                let phone = try await AgentPhone.start(
                    "1001", password: DeskFile.password(1001), at: server.sip, tone: 600, in: server.scratch)
                let leader = try await AgentPhone.start(
                    "8001", password: DeskFile.password(8001), at: server.sip, tone: 1700, in: server.scratch)
                try await server.logIn(["1001", "8001"])
                // The caller stays until the hotline ends the call.
                var sipp = Sipp(scenario: "hotline-hangs-up-released", target: server.sip)
                sipp.keys = ["caller": "13900000041"]
                sipp.seconds = 40
                let running = try await sipp.start(in: server.scratch)
                #expect(try await server.waits(for: "1001", toBe: "talking"))
                let mark = #"{"action":"mark","mark":"nuisance","note":"辱骂"}"#
                #expect(try await server.api("agents/1001/call", mark).status == 202)
                // The agent hangs up at once: the caller hears the warning to its end, and no goodbye.
                #expect(try await server.api("agents/1001/call", #"{"action":"hang_up"}"#).status == 202)
                let result = try await running.finish(seconds: 40)
                #expect(result.successful == 1, "\(result.said)")
                let row = try await server.finishedCall(from: "13900000041")
                #expect(row.outcome == "completed")
                #expect(row.releasedBy == "agent")
                let shown = try await server.show(row.callId)
                #expect(!shown.timeline.contains { $0.kind == "play" && $0.data?["items"] == "bye.thanks" })
                let warning = try Signal(reading: Repository.prompts.appendingPathComponent("agent.nuisance.wav"))
                let audio = try Recorded(try #require(row.recordings.first { $0.purpose == "call" }), of: server)
                #expect(audio.right.fit(warning) > 0.6, "\(audio.right.fit(warning))")

                let reports = try await server.rows(["messages", "list", "--kind", "report"], of: MessageRow.self)
                let report = try #require(reports.first)
                #expect(reports.count == 1)
                #expect(report.callId == row.callId)
                #expect(report.role == "shift_leader")
                #expect(report.agent == "1001")
                #expect(report.caller == "13900000041")
                #expect(report.mark == "nuisance")
                #expect(report.note == "辱骂")
                #expect(report.heardAt == nil)
                // Whoever leads the shift sees it; who does not cannot put it away.
                let agents = try await server.agents()
                #expect(agents.first { $0.number == "8001" }?.unheardReports == 1)
                #expect(agents.first { $0.number == "1001" }?.unheardReports == nil)
                #expect(agents.first { $0.number == "1001" }?.formPending == [])
                #expect(try await server.api("messages?kind=report").body.contains(report.messageId))
                let path = "messages/\(report.messageId)/heard"
                #expect(try await server.api(path, #"{"by":"1001"}"#).status == 409)
                #expect(try await server.api(path, #"{"by":"7777"}"#).status == 404)
                let (code, _) = try await server.ask(["messages", "heard", report.messageId, "--by", "8001"])
                #expect(code == 0)
                #expect(try await server.agents().first { $0.number == "8001" }?.unheardReports == 0)
                #expect(
                    try await server.rows(["messages", "list", "--unheard"], of: MessageRow.self).isEmpty)
                // Nobody was blocked: that is a person's decision.
                let (_, blocked) = try await server.ask(["blocklist", "list", "--json"])
                #expect(!blocked.contains("13900000041"))
                try await phone.stop()
                try await leader.stop()
            }
        }
    }
}
