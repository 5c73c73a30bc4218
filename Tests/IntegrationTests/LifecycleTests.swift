import Foundation
import Testing

extension Integration {
    @Suite struct LifecycleTests {
        @Test(.timeLimit(.minutes(3))) func aStopLetsTheRunningCallFinish() async throws {
            let server = try await RunningServer.start(ServerOptions(answerAfter: "200ms", drain: "15s"))
            var caller = try RawCaller(port: server.port, id: "drain")
            #expect(try caller.call(mediaPort: UInt16(await Ports.shared.take(2)), within: 10) == 200)
            server.terminate()
            #expect(try await eventually(within: 5) { server.allOutput.contains("draining") }, "\(server.log)")
            // New calls are refused for the time being; 503 turns the trunk to another machine, as it should.
            var late = try RawCaller(port: server.port, id: "toolate")
            #expect(try late.call(mediaPort: UInt16(await Ports.shared.take(2)), within: 5) == 503)
            // Words that go on while the server drains.
            try await caller.talk(milliseconds: 1000)
            #expect(server.isRunning, "the running call holds the server\n\(server.log)")
            #expect(caller.hangUp() == 200)
            #expect(try await server.wait(seconds: 15) == 0, "\(server.log)")
            let row = try #require(try await server.calls().first { $0.outcome == "completed" })
            #expect(row.releasedBy == "caller")
            #expect(row.isFinished, "the recording is finished before the server ends")
            try await server.expectVerified(recordings: 1)
        }

        @Test(.timeLimit(.minutes(3))) func aStopEndsCallsThatDoNotEnd() async throws {
            let server = try await RunningServer.start(ServerOptions(answerAfter: "200ms", drain: "1s"))
            var caller = try RawCaller(port: server.port, id: "stopped")
            #expect(try caller.call(mediaPort: UInt16(await Ports.shared.take(2)), within: 10) == 200)
            #expect(try await server.stop(seconds: 20) == 0, "\(server.log)")
            let row = try #require(try await server.calls().first)
            #expect(row.outcome == "stopped")
            #expect(row.isFinished)
        }

        @Test func aSecondServerOnTheSameDataIsRefused() async throws {
            try await withServer { server in
                let second = try await RunningServer.refused(scratch: server.scratch)
                #expect(second.code != 0)
                #expect(second.said.contains(server.data.lastPathComponent), "\(second.said)")
                // The first is not disturbed.
                let probe = try RawCaller(port: server.port, id: "undisturbed")
                #expect(probe.ask("OPTIONS", sequence: 1, branch: "1") == 200)
            }
        }

        @Test(arguments: [
            // An unknown key gets the nearest name, a wrong value what is allowed; each with its line.
            ("flows:\n  file: other.yaml\n", 1, "\"flow\""),
            ("log:\n  level: chatty\n", 2, "log.level"),
            ("rtp:\n  prots: 20000-20100\n", 2, "ports"),
            ("http: [unclosed\n", 2, "hotline.yaml"),
        ])
        func badConfigurationNamesFileLineAndKey(more: String, line: Int, word: String) async throws {
            var options = ServerOptions()
            let before = options.yaml(agentsFile: "").split(separator: "\n", omittingEmptySubsequences: false).count - 1
            options.more = more
            let scratch = try Scratch("config")
            let refused = try await RunningServer.refused(options, scratch: scratch)
            #expect(refused.code != 0)
            #expect(refused.said.contains("hotline.yaml:\(before + line):"), "\(refused.said)")
            #expect(refused.said.contains(word), "\(refused.said)")
        }

        @Test func healthAndMetricsAnswer() async throws {
            try await withServer { server in
                let health = try await server.get("/healthz")
                #expect(health.status == 200)
                let metrics = try await server.get("/metrics")
                #expect(metrics.status == 200)
                #expect(metrics.body.contains("# TYPE hotline_"), "\(metrics.body.prefix(500))")
                #expect(try await server.get("/nothing").status == 404)
            }
        }
    }
}
