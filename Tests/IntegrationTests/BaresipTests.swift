import AudioMeasure
import Foundation
import Media
import Testing

extension Integration {
    @Suite(.server()) struct BaresipTests {
        /// Speech goes in, the prompt comes out: what another telephone heard is the prompt's file.
        @Test(.timeLimit(.minutes(2))) func aTelephoneIsHeardAndHearsThePrompt() async throws {
            let server = try RunningServer.shared
            let seconds = 14
            let (speech, spoken) = try Self.speech(in: server.scratch, seconds: Double(seconds + 5))
            let phone = Baresip(target: "sip:95598@\(server.sip)", speech: speech, seconds: seconds)
            let result = try await phone.run(in: server.scratch)
            let heardFile = try #require(result.heard, "\(result.said)")
            let heard = try Signal(reading: heardFile)

            let rows = try await server.finishedCalls(1)
            let row = try #require(rows.first)
            #expect(row.outcome == "completed")
            let shown = try await server.show(row.callId)
            let prompts = shown.timeline.filter { $0.kind == "prompt_started" }
            #expect(!prompts.isEmpty)

            // The first prompt as its file has it, against what the telephone wrote down.
            let template = try shown.firstPrompt()
            let match = heard.match(template)
            #expect(match.correlation > 0.9, "the prompt matches by \(match.correlation) at \(match.at) s")

            let audio = try Recorded(try #require(row.recordings.first), of: server)
            let right = audio.right.match(template)
            #expect(right.correlation > 0.95, "recorded right by \(right.correlation)")
            // A telephone that gets no processor for a moment leaves out a packet: its words are found piece by piece.
            let left = audio.left.fit(spoken)
            #expect(left > 0.85, "the caller's words are left by \(left)")
            #expect(audio.left.match(template).correlation < 0.5, "the prompt is not in the caller's channel")
        }

        /// A caller's speech and silence after it (at the file's end baresip would hang up), and the speech alone.
        private static func speech(in scratch: Scratch, seconds: Double) throws -> (URL, Signal) {
            let source = try AudioFile(reading: Repository.speech.appendingPathComponent("caller-fault.wav").path)
            #expect(source.rate == 8000)
            let words = source.channel(0)
            let pad = max(0, Int(seconds * 8000) - words.count - 8000)
            let samples = [Int16](repeating: 0, count: 8000) + words + [Int16](repeating: 0, count: pad)
            let file = scratch.folder.appendingPathComponent("caller.wav")
            try AudioFile(samples: samples, rate: 8000).writeWAV(to: file.path)
            return (file, Signal(pcm: Array(words.prefix(24_000)), rate: 8000))
        }
    }
}
