import Foundation
import Testing

extension Integration {
    /// `hotline call` and `hotline demo`, the program's own telephone.
    @Suite(.server()) struct CallerTests {
        private struct Report: Decodable {
            struct Keys: Decodable {
                var keys: String
                var atMs: Int
            }
            struct Packets: Decodable {
                var received: Int
                var lost: Int
            }
            struct Recording: Decodable {
                var file: String
                var seconds: Double
            }
            var outcome: String
            var ringStatus: Int?
            var ringMs: Int?
            var rings: Int?
            var firstPacketMs: Int?
            var firstAudioMs: Int?
            var keys: [Keys]
            var endedBy: String
            var status: Int?
            var packets: Packets?
            var recording: Recording?
        }

        private func call(_ arguments: [String]) async throws -> (code: Int32, report: Report) {
            let server = try RunningServer.shared
            let (code, child) = try await Child.run(
                "call-\(UUID().uuidString.prefix(4))", program: Repository.program,
                arguments: ["call"] + arguments + ["--json"], folder: server.scratch.folder, seconds: 60)
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            do { return (code, try decoder.decode(Report.self, from: Data(child.output.utf8))) } catch {
                throw HarnessError("hotline call exit \(code): \(error)\n\(child.tail())")
            }
        }

        @Test(.timeLimit(.minutes(3)), arguments: ["udp", "tcp"]) func aCallWithKeysAndATone(transport: String)
            async throws
        {
            let server = try RunningServer.shared
            let from = transport == "udp" ? "13800000601" : "13800000602"
            let heard = server.scratch.folder.appendingPathComponent("heard-\(transport).wav")
            let (code, report) = try await call([
                "sip:95598@\(server.sip)", "--from", from, "--digits", "wwwt9wh", "--tone", "1000", "--record",
                heard.path,
                "--transport", transport,
            ])
            #expect(code == 0)
            #expect(report.outcome == "answered")
            #expect(report.ringStatus == 180)
            #expect(report.rings == 1)
            #expect((900..<5000).contains(try #require(report.ringMs)))
            #expect(try #require(report.firstPacketMs) < 2000)
            #expect(report.firstAudioMs != nil)
            #expect(report.keys.map(\.keys) == ["9"])
            #expect(report.endedBy == "caller")
            let packets = try #require(report.packets)
            #expect(packets.received > 100)
            let row = try await server.finishedCall(from: from)
            #expect(row.digits == "9")
            let ours = try Recorded(try #require(row.recordings.first), of: server)
            #expect(ours.left.stretches(of: 1000).contains { $0.upperBound - $0.lowerBound > 0.7 })
            // Both ends recorded the same call: what the caller heard is what the hotline said.
            let theirs = try Recorded(reading: heard)
            let said = ours.right.part(from: 1, to: 3)
            #expect(theirs.left.match(said).correlation > 0.9)
        }

        @Test(.timeLimit(.minutes(3))) func aRefusedCallSaysSoAndFails() async throws {
            let port = await Ports.shared.take(2)
            let (code, report) = try await call(["sip:95598@127.0.0.1:\(port)", "--duration", "2"])
            #expect(code != 0)
            #expect(report.outcome != "answered")
        }

        @Test(.timeLimit(.minutes(2))) func theDemoTellsItsStoryAndEnds() async throws {
            let scratch = try Scratch("demo")
            let (code, child) = try await Child.run(
                "demo", program: Repository.program,
                arguments: ["demo", "--data", scratch.folder.appendingPathComponent("data").path],
                folder: scratch.folder, seconds: 60)
            #expect(code == 0, "\(child.tail())")
            for word in ["rang", "answered", "in ring 1", "recording", "order", "evidence", "hotline calls show"] {
                #expect(child.output.contains(word), "the demo says nothing of `\(word)`\n\(child.tail())")
            }
        }
    }
}
