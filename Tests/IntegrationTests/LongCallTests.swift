import Foundation
import Testing

/// A minute's call beside the other tests: what the timeline says stands in the audio where it says.
@Suite(.server(ServerOptions(flow: "listening.yaml"))) struct LongCallTests {
    @Test(.timeLimit(.minutes(3))) func aMinuteLongBothChannelsAndTheTimelineAgree() async throws {
        let server = try RunningServer.shared
        // Every 5 s half a second of tone, and the moment it ends a key.
        var pcap = Pcap()
        pcap.silence(milliseconds: 2000)
        let rounds = 11
        for _ in 0..<rounds {
            pcap.tone(1000, milliseconds: 500)
            pcap.key(9)
            pcap.silence(milliseconds: 4400)
        }
        var sipp = Sipp(scenario: "caller-marks-keys-recorded", target: server.sip)
        sipp.keys = ["caller": "13800000501"]
        sipp.files = ["marks.pcap": Data(pcap.bytes)]
        sipp.seconds = 90
        let result = try await sipp.run(in: server.scratch)
        #expect(result.code == 0, "\(result.said)")

        let row = try await server.finishedCall(from: "13800000501")
        #expect(row.digits == String(repeating: "9", count: rounds))
        let recording = try #require(row.recordings.first)
        let seconds = try #require(recording.seconds)
        #expect(seconds > 59)
        let audio = try Recorded(recording, of: server)
        #expect(audio.left.samples.count == audio.right.samples.count)
        #expect(Double(audio.frames) / 8000 == seconds)

        let shown = try await server.show(row.callId)
        let keys = shown.timeline.filter { $0.kind == "key" }
        let tones = audio.left.stretches(of: 1000).filter { $0.upperBound - $0.lowerBound > 0.3 }
        #expect(keys.count == rounds)
        #expect(tones.count == rounds, "\(tones)")
        for (key, tone) in zip(keys, tones) {
            let position = try #require(key.positionMs)
            // A key is told when its packet arrives, its audio stands behind the jitter buffer: at most 200 ms later.
            let behind = tone.upperBound - Double(position) / 1000
            #expect((-0.06...0.3).contains(behind), "key at \(position) ms, its tone ends at \(tone.upperBound) s")
        }
        // Neither end of the minute drifts against the other.
        if let first = tones.first, let last = tones.last {
            let apart = last.lowerBound - first.lowerBound
            #expect(abs(apart - Double(rounds - 1) * 5) < 0.15, "the tones are \(apart) s apart")
        }

        // Every prompt of the timeline is in the right channel at its position: there it is not silent.
        let prompts = shown.timeline.filter { $0.kind == "prompt_started" }
        #expect(prompts.count > 3)
        for prompt in prompts {
            let from = Double(try #require(prompt.positionMs)) / 1000
            guard from + 1.5 < seconds else { continue }
            #expect(audio.right.part(from: from, to: from + 1.5).rms > 0.003, "prompt at \(from) s")
        }
        try await server.expectVerified(recordings: 1)
    }
}
