import Foundation
import Testing

@Suite struct DoctorTests {
    private struct Finding: Decodable {
        var check: String
        var state: String
        var message: String
        var next: String
    }

    @Test func looksAtEverythingAndSaysWhatToDoNext() throws {
        let findings = try examine(
            ["HOTLINE_SIP_LISTEN": "127.0.0.1:0", "HOTLINE_HTTP_LISTEN": "127.0.0.1:0"], status: 0)
        let checks = Set(findings.map(\.check))
        #expect(
            checks == [
                "config", "libraries", "prompts", "flow", "data", "ports", "cards", "disk", "clock", "anchors",
                "transcripts", "drawing", "encryption", "web", "files",
            ])
        for finding in findings where finding.state != "ok" { #expect(!finding.next.isEmpty, "\(finding)") }
        let libraries = try #require(findings.first { $0.check == "libraries" })
        for name in [
            "libsofia-sip-ua", "libsndfile", "libspandsp", "libasound", "libspeexdsp", "libsqlite3", "libarchive",
        ] {
            #expect(libraries.message.contains(name))
        }
    }

    @Test func aFlowThatIsNotThereIsAnErrorWithItsName() throws {
        let findings = try examine(["HOTLINE_FLOW_FILE": "nowhere.yaml"], status: 1)
        let flow = try #require(findings.first { $0.check == "flow" })
        #expect(flow.state == "error")
        #expect(flow.message.contains("nowhere.yaml"))
    }

    @Test func anchorsThatStayAreAWarning() throws {
        func anchors(_ environment: [String: String], status: Int32) throws -> Finding? {
            try examine(
                ["HOTLINE_SIP_LISTEN": "127.0.0.1:0", "HOTLINE_HTTP_LISTEN": "127.0.0.1:0"].merging(environment) { $1 },
                status: status
            ).first { $0.check == "anchors" }
        }
        let stay = try #require(try anchors([:], status: 0))
        #expect(stay.state == "warning")
        #expect(stay.message == "anchors stay on this machine: proves only self-consistency")
        let leave = try #require(
            try anchors(
                [
                    "HOTLINE_EVIDENCE_ANCHOR_WEBHOOK": "https://audit.example.invalid/anchors",
                    "HOTLINE_EVIDENCE_ANCHOR_COMMAND": "cat,-u",
                ], status: 0))
        #expect(leave.state == "ok")
        #expect(leave.message.contains("audit.example.invalid"))
        let gone = try #require(try anchors(["HOTLINE_EVIDENCE_ANCHOR_COMMAND": "no-such-program"], status: 1))
        #expect(gone.state == "error")
        #expect(gone.message.contains("no-such-program"))
    }

    @Test func aRecogniserThatIsNotThereIsAnError() throws {
        let finding = try #require(
            try examine(["HOTLINE_TRANSCRIPTS_COMMAND": "no-such-recogniser,--fast"], status: 1)
                .first { $0.check == "transcripts" })
        #expect(finding.state == "error")
        #expect(finding.message.contains("no-such-recogniser"))
        #expect(finding.next.contains("docs/transcripts.md"))
    }

    private func examine(_ environment: [String: String], status: Int32) throws -> [Finding] {
        let data = FileManager.default.temporaryDirectory.appendingPathComponent("hotline-\(UUID().uuidString)").path
        let result = try Command.run(["doctor", "--json", "--data", data], environment: environment)
        #expect(result.status == status, "\(result.output)\(result.errors)")
        return try JSONDecoder().decode([Finding].self, from: Data(result.output.utf8))
    }
}
