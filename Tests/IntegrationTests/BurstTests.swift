import Foundation
import Testing

extension Integration {
    @Suite(.server(ServerOptions(answerAfter: "200ms"))) struct BurstTests {
        @Test(.timeLimit(.minutes(2)))
        func twoHundredCallsAtFiftyASecondAreAllAnsweredAndRecorded() async throws {
            let server = try RunningServer.shared
            var sipp = Sipp(scenario: "caller-burst-completed", target: server.sip)
            sipp.calls = 200
            sipp.rate = 50
            sipp.keys = ["caller": "13800000201"]
            let result = try await sipp.run(in: server.scratch)
            #expect(result.code == 0, "\(result.said)")
            #expect(result.successful == 200)
            #expect(result.failed == 0)

            let rows = try await server.finishedCalls(200, within: 60)
            #expect(rows.count == 200)
            #expect(Set(rows.map(\.callId)).count == 200)
            // They sent neither a Reason nor RTP: nothing proves that it was the caller who hung up.
            #expect(rows.allSatisfy { $0.outcome == "completed" && $0.releasedBy == "unknown" })
            #expect(rows.allSatisfy { $0.recordings.count == 1 })
            #expect(Set(rows.flatMap(\.recordings).map(\.id)).count == 200)
            #expect(Set(rows.flatMap(\.recordings).compactMap(\.file)).count == 200)
            for row in rows {
                let recording = try #require(row.recordings.first)
                let seconds = try #require(recording.seconds)
                // The file holds exactly the samples that the timeline says were taken.
                let frames = try Recorded(recording, of: server).frames
                #expect(Double(frames) / 8000 == seconds)
                let answered = try Moment.seconds(try #require(row.answeredAt))
                let talked = try Moment.seconds(try #require(row.releasedAt)) - answered
                #expect(abs(seconds - talked) < 0.5, "call \(row.callId): \(seconds) s recorded of \(talked) s")
            }
            try await server.expectVerified(recordings: 200)
        }
    }

    @Suite(.server(ServerOptions(maxCalls: 1))) struct CapacityTests {
        @Test func aCallBeyondTheLastPlaceIsBusyAndJournalled() async throws {
            let server = try RunningServer.shared
            var first = try RawCaller(port: server.port, id: "capacity")
            let status = try first.call(mediaPort: UInt16(await Ports.shared.take(2)), within: 10)
            #expect(status == 200)
            var second = Sipp(scenario: "caller-over-capacity-refused", target: server.sip)
            second.keys = ["caller": "13800000202"]
            let result = try await second.run(in: server.scratch)
            #expect(result.code == 0, "\(result.said)")
            // The refused call's ports are free again.
            let isClosed = try await eventually(within: 10, every: 100) {
                try await server.metric("hotline_media_legs") == 1
            }
            #expect(isClosed)
            #expect(first.hangUp() == 200)
            let row = try await server.finishedCall(from: "13800000202")
            #expect(row.outcome == "over_capacity")
            #expect(row.answeredAt == nil)
            #expect(row.recordings.isEmpty)
        }
    }

    /// More calls than the media thread has time for.
    @Suite struct LoadLimitTests {
        @Test(.timeLimit(.minutes(3))) func thoseInsideAreServedAndTheOthersHearBusy() async throws {
            // A fortieth of a machine, so that a few dozen calls are too many.
            try await withServer(ServerOptions(answerAfter: "200ms", loadLimit: 3)) { server in
                var sipp = Sipp(scenario: "caller-burst-completed", target: server.sip)
                sipp.calls = 300
                sipp.rate = 50
                sipp.keys = ["caller": "13800000204"]
                let running = try await sipp.start(in: server.scratch)
                let told = try await eventually(within: 40, every: 100) {
                    try await server.get("/healthz").body.contains("load: ")
                }
                #expect(told)
                let result = try await running.finish(seconds: 90)
                let rows = try await server.finishedCalls(300, within: 60)
                let served = rows.filter { $0.outcome == "completed" }
                let refused = rows.filter { $0.outcome == "over_capacity" }
                #expect(served.count + refused.count == 300)
                #expect(served.count >= 10 && refused.count >= 10, "\(served.count) served, \(refused.count) refused")
                #expect(result.successful == served.count && result.failed == refused.count, "\(result.said)")
                #expect(refused.allSatisfy { $0.answeredAt == nil && $0.recordings.isEmpty })
                #expect(try await server.metric("hotline_calls_refused_load_total") == Double(refused.count))
                try await server.expectVerified(recordings: served.count)
                // Nothing of those refused is left.
                let isClosed = try await eventually(within: 10, every: 100) {
                    try await server.metric("hotline_media_legs") == 0
                }
                #expect(isClosed)
                // It is over, and told so.
                let isOver = try await eventually(within: 40, every: 200) {
                    try await !server.get("/healthz").body.contains("load: ")
                }
                #expect(isOver)
                var later = Sipp(scenario: "caller-hangs-up-completed", target: server.sip)
                later.keys = ["caller": "13800000205"]
                let last = try await later.run(in: server.scratch)
                #expect(last.code == 0, "\(last.said)")
            }
        }
    }

    @Suite(.server(ServerOptions(sip: "[::1]:0"))) struct IPv6Tests {
        @Test func aCallOverIPv6IsAnsweredAndHeard() async throws {
            let server = try RunningServer.shared
            var sipp = Sipp(scenario: "caller-hangs-up-completed", target: server.sip)
            sipp.local = "::1"
            sipp.keys = ["caller": "13800000203"]
            let result = try await sipp.run(in: server.scratch)
            #expect(result.code == 0, "\(result.said)")
            let row = try await server.finishedCall(from: "13800000203")
            #expect(row.outcome == "completed")
            let audio = try Recorded(try #require(row.recordings.first), of: server)
            #expect(audio.right.rms > 0.001)
        }
    }
}
