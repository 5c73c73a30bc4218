import Foundation
import Testing

extension Integration {
    /// The power is cut in the middle of ten calls. What was on disk is then started again: as it was, and with the
    /// audio log cut at random places.
    @Suite struct CrashTests {
        /// A tone that never ends, as raw A-law for sipp: 2 s, played round and round.
        private static var tone: Data {
            Data((0..<16_000).map { ALaw.encode(0.25 * sin(2 * Double.pi * 1000 * Double($0) / 8000)) })
        }

        @Test(.timeLimit(.minutes(3))) func tenCallsSurviveAKill() async throws {
            let server = try await RunningServer.start(ServerOptions(answerAfter: "200ms"))
            do { try await judge(server) } catch {
                print("the killed server's last words:\n\(server.log)")
                if server.isRunning { try await server.kill() }
                throw error
            }
        }

        private func judge(_ server: RunningServer) async throws {
            var sipp = Sipp(scenario: "caller-speaks-until-killed", target: server.sip)
            sipp.calls = 10
            sipp.rate = 20
            sipp.keys = ["caller": "13800000301"]
            sipp.files = ["speech.pcma": Self.tone]
            let callers = try await sipp.start(in: server.scratch)
            var answered = 0
            let running = try await eventually(within: 20, every: 200) {
                answered = try await server.calls().filter { $0.answeredAt != nil }.count
                return answered == 10
            }
            #expect(running, "\(answered) of 10 calls were answered\n\(callers.child.tail())")
            try await Task.sleep(for: .seconds(4))
            let killedAt = Date().timeIntervalSince1970
            try await server.kill()
            callers.child.signal(9)
            _ = try await callers.child.wait(seconds: 5)

            // Copies first: a restart changes what it finds.
            var generator = SeededGenerator(seed: 4475)
            let copies = try (1...3).map { number in
                let scratch = try Scratch("cut\(number)")
                try FileManager.default.copyItem(
                    at: server.data, to: scratch.folder.appendingPathComponent("data"))
                return scratch
            }
            try await restart(server.scratch, killedAt: killedAt, lost: 0)
            for scratch in copies {
                let cut = try cutAudioLog(in: scratch, with: &generator)
                try await restart(scratch, killedAt: killedAt, lost: cut)
            }
        }

        /// - Parameter lost: the seconds that the cut may have taken away.
        private func restart(_ scratch: Scratch, killedAt: Double, lost: Double) async throws {
            let server = try await RunningServer.start(ServerOptions(answerAfter: "200ms"), scratch: scratch)
            let rows = try await server.finishedCalls(10, within: 30)
            #expect(rows.count == 10)
            for row in rows {
                #expect(row.outcome == "interrupted")
                #expect(row.releasedBy == "unknown")
                #expect(row.recordings.count == 1)
                guard let recording = row.recordings.first, let seconds = recording.seconds else { continue }
                let shown = try await server.show(row.callId)
                let started = try #require(
                    shown.timeline.first { $0.kind == "recording_started" }, "call \(row.callId) was never recorded")
                let known = killedAt - (try Moment.seconds(started.at))
                #expect(seconds <= known + 0.1, "\(seconds) s recorded of \(known) s")
                #expect(seconds >= known - 0.5 - lost, "\(seconds) s recorded of \(known) s, \(lost) s cut away")
                let audio = try Recorded(recording, of: server)
                #expect(Double(audio.frames) / 8000 == seconds)
                if lost == 0 {
                    let tail = audio.left.part(from: audio.left.seconds - 1, to: audio.left.seconds)
                    #expect(tail.share(of: 1000) > 0.5, "the caller's tone goes on to the end")
                }
            }
            try await server.expectVerified(recordings: 10)
            #expect(try await server.stop() == 0)
        }

        /// Cuts the newest segment somewhere in its second half.
        /// - Returns: how many seconds of audio that can be, at the mean rate of the calls.
        private func cutAudioLog(in scratch: Scratch, with generator: inout SeededGenerator) throws -> Double {
            let folder = scratch.folder.appendingPathComponent("data").appendingPathComponent("audio-log")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            let newest = folder.appendingPathComponent(try #require(names.last))
            let bytes = try Data(contentsOf: newest)
            // Segments are laid out in full beforehand: what counts is what was written.
            let written = (bytes.lastIndex { $0 != 0 } ?? -1) + 1
            let keep = Int.random(in: written / 2..<written, using: &generator)
            let cut = Double(written - keep) / (10 * 2 * 8000)
            let handle = try FileHandle(forWritingTo: newest)
            try handle.truncate(atOffset: UInt64(keep))
            try handle.close()
            return cut + 1
        }
    }
}
