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
            #expect(first.hangUp() == 200)
            let row = try await server.finishedCall(from: "13800000202")
            #expect(row.outcome == "over_capacity")
            #expect(row.answeredAt == nil)
            #expect(row.recordings.isEmpty)
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
