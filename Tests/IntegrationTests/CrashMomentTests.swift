import Foundation
import Testing

extension Integration {
    /// `kill -9` at the moments at which something is half done. `CrashTests` kills in the middle of ten calls; the steps
    /// of the finisher, too short to be hit from outside, are `RecordingsTests/FinishingStepTests`.
    @Suite struct CrashMomentTests {
        enum Cut: String, CaseIterable {
            case ringing, answered, talking, hungUp

            var caller: String { "1390000004\(Self.allCases.firstIndex(of: self) ?? 0)" }
        }

        private static let options = ServerOptions(answerAfter: "200ms")
        private static let tone = Data(
            (0..<8000).map { ALaw.encode(0.25 * sin(2 * Double.pi * 1000 * Double($0) / 8000)) })

        /// Two callers who speak.
        private static func call(_ server: RunningServer, _ caller: String, hangsUp: Bool = false) async throws
            -> Sipp.Running
        {
            var sipp = AgentTests.caller(caller, milliseconds: 700, at: server)
            sipp.calls = 2
            if !hangsUp {
                sipp.scenario = "caller-speaks-until-killed"
                sipp.files = ["speech.pcma": tone]
            }
            return try await sipp.start(in: server.scratch)
        }

        /// Starts a server, has it called, kills it at the moment.
        /// - Returns: Unix seconds just before it was killed.
        private static func kill(at moment: Cut, _ scratch: Scratch) async throws -> Double {
            var options = Self.options
            if moment == .ringing { options.answerAfter = "4s" }
            let server = try await RunningServer.start(options, scratch: scratch)
            let callers = try await call(server, moment.caller, hangsUp: moment == .hungUp)
            let hasCome = try await eventually(within: 20, every: 50) {
                let rows = try await server.calls().filter { $0.caller == moment.caller }
                return rows.count == 2
                    && rows.allSatisfy { row in
                        switch moment {
                        case .ringing: row.ringingAt != nil
                        case .answered, .talking: row.answeredAt != nil
                        case .hungUp: row.releasedAt != nil
                        }
                    }
            }
            #expect(hasCome, "\(moment): \(callers.child.tail())")
            if moment == .talking { try await Task.sleep(for: .milliseconds(1500)) }
            let killedAt = Date().timeIntervalSince1970
            try await server.kill()
            callers.child.signal(9)
            _ = try await callers.child.wait(seconds: 5)
            return killedAt
        }

        @Test(.timeLimit(.minutes(3))) func killedAtEachMoment() async throws {
            let scratch = try Scratch("moments")
            var killedAt: [String: Double] = [:]
            for moment in Cut.allCases { killedAt[moment.caller] = try await Self.kill(at: moment, scratch) }
            // Killed once more, with whatever it is at.
            try await RunningServer.start(Self.options, scratch: scratch).kill()

            let server = try await RunningServer.start(Self.options, scratch: scratch)
            let rows = try await server.finishedCalls(2 * Cut.allCases.count)
            #expect(rows.count == 2 * Cut.allCases.count)
            for row in rows {
                let caller = row.caller ?? ""
                let moment = Cut.allCases.first { $0.caller == caller }
                // Every call came to one end, every recording to one file, or it is told why there is none.
                #expect(row.outcome == (moment == .hungUp ? "completed" : "interrupted"), "\(caller)")
                if moment == .ringing {
                    #expect(row.recordings.allSatisfy { $0.state == "failed" })
                    continue
                }
                #expect(row.recordings.count == 1, "\(caller)")
                let recording = try #require(row.recordings.first)
                let shown = try await server.show(row.callId)
                guard let begin = shown.timeline.first(where: { $0.kind == "recording_started" }) else {
                    #expect(recording.state == "failed" && moment == .answered, "\(caller)")
                    continue
                }
                let known = try #require(killedAt[caller]) - (try Moment.seconds(begin.at))
                if recording.state == "failed" {
                    #expect(known <= 0.5, "\(caller): nothing is there of \(known) s")
                    continue
                }
                let seconds = try #require(recording.seconds)
                let cuts = shown.timeline.filter { $0.kind == "recording_cut" }
                if moment == .hungUp {
                    #expect(cuts.isEmpty)
                    continue
                }
                #expect(cuts.count == 1, "\(caller)")
                let lost = try #require(cuts.first?.data?["lost_ms_at_most"].flatMap { Double($0) }) / 1000
                #expect(cuts.first?.data?["cause"] == "process_ended")
                #expect(seconds >= known - 0.5, "\(caller): \(seconds) s of \(known) s")
                // The writer's step is late where the machine is busy, and the kill takes its time.
                #expect(seconds + lost >= known - 0.3, "\(caller): \(seconds) s of \(known) s, \(lost) s told")
                #expect(lost < 1, "\(caller): \(lost) s told")
            }
            try await server.expectVerified(
                recordings: rows.flatMap(\.recordings).count { $0.sha256 != nil })
            #expect(try await server.stop() == 0)
        }

        /// Killed, and killed again before the file could be made: there is something in its way.
        @Test(.timeLimit(.minutes(2))) func killedAgainBeforeTheFileIsMade() async throws {
            let scratch = try Scratch("again")
            _ = try await Self.kill(at: .talking, scratch)
            // A file where the year's folder has to be.
            let recordings = scratch.folder.appendingPathComponent("data/recordings")
            let obstacle = recordings.appendingPathComponent(String(Date().formatted(.iso8601).prefix(4)))
            try Data().write(to: obstacle)
            for _ in 0..<2 {
                let server = try await RunningServer.start(Self.options, scratch: scratch)
                let rows = try await server.calls()
                #expect(rows.map(\.outcome) == ["interrupted", "interrupted"])
                #expect(rows.flatMap(\.recordings).allSatisfy { $0.sha256 == nil })
                try await server.kill()
            }
            try FileManager.default.removeItem(at: obstacle)
            try await withServer(Self.options, scratch: scratch) { server in
                for row in try await server.finishedCalls(2) {
                    let recording = try #require(row.recordings.first)
                    #expect((recording.seconds ?? 0) > 1)
                    // Told once, however often it was started.
                    let shown = try await server.show(row.callId)
                    #expect(shown.timeline.count { $0.kind == "recording_cut" } == 1)
                    #expect(shown.timeline.count { $0.kind == "recording_stopped" } == 1)
                }
                try await server.expectVerified(recordings: 2)
            }
        }
    }
}
