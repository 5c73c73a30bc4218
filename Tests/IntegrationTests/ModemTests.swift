import AudioMeasure
import Foundation
import Media
import Testing

extension Integration {
    /// The modem as a line, over a simulated modem and real ALSA devices.
    @Suite(.serialized) struct ModemTests {
        /// Through the shipped flow: greeting and notice heard, 2, a message, #, the order's number heard out.
        private static let report = """
            script: report
            modem: {kind: quectel}
            calls:
              - after: 2s
                from: "13800001234"
                ring_every: 3500ms
                rings: 9
                record: heard.wav
                talk:
                  - wait: 9s
                  - key: "2"
                  - wait: 1s
                  - hear_out: {quiet: 700ms, at_most: 20s}
                  - say: FIXTURES/caller-fault.wav
                  - wait: 200ms
                  - key: "#"
                  - wait: 17s
                  - hang_up
                expect: {answered_within: 4s, hung_up_by: caller}
            """

        @Test(.timeLimit(.minutes(3))) func aVillagersCallIsAsGoodAsTheTrunks() async throws {
            try await withModems([Self.report]) { server, modems in
                #expect(try await modems.finished(within: 120) == 0, "\(modems.log)")
                let row = try await server.finishedCall(from: "13800001234")
                #expect(row.line == "m1")
                #expect(row.called == "13900000001")
                #expect(row.rings == 1)
                #expect(row.rawRings == 1)
                #expect(row.ringsBasis == "modem")
                #expect((1000..<3000).contains(row.answerMs ?? 0), "\(row.answerMs ?? 0) ms")
                #expect(row.outcome == "completed")
                // NO CARRIER names nobody.
                #expect(row.releasedBy == "unknown")
                #expect(row.digits == "2#")
                #expect(row.orders.count == 1)
                let recording = try #require(row.recordings.first)
                #expect(row.recordings.count == 1)
                #expect(recording.channels.map(\.role) == ["caller", "system"])

                let shown = try await server.show(row.callId)
                let words = try Signal(reading: Repository.speech.appendingPathComponent("caller-fault.wav"))
                let audio = try Recorded(recording, of: server)
                let left = audio.left.fit(words.part(from: 0.2, to: 3))
                #expect(left > 0.65, "the caller's words are left by \(left)")
                let prompt = try shown.firstPrompt()
                let right = audio.right.match(prompt)
                #expect(right.correlation > 0.95, "recorded right by \(right.correlation)")
                let heard = try Signal(reading: modems.folder.appendingPathComponent("heard.wav"))
                let far = heard.fit(prompt)
                #expect(far > 0.65, "the far end heard the prompt by \(far)")
                #expect(audio.left.fit(prompt) < 0.4, "the prompt is not in the caller's channel")
                try await server.expectVerified(recordings: 1)
            }
        }

        @Test(.timeLimit(.minutes(4))) func theDemoOverAModemTellsItsStoryAndEnds() async throws {
            let scratch = try Scratch("demo-modem")
            let (code, child) = try await Child.run(
                "demo", program: Repository.program,
                arguments: ["demo", "--modem", "--data", scratch.folder.appendingPathComponent("data").path],
                folder: scratch.folder, seconds: 200)
            #expect(code == 0, "\(child.tail())")
            for word in ["modem", "sound", "rang", "answered", "in ring 1", "recording", "order", "evidence"] {
                #expect(child.output.contains(word), "the demo says nothing of `\(word)`\n\(child.tail())")
            }
        }

        /// Raw rings are the modem's, nominal ones the time's: at an interval of 3.5 s they are not the same.
        @Test(.timeLimit(.minutes(3)), arguments: [(2, 2, 6000), (4, 5, 16_000)])
        func answersInTheRingAsked(ring: Int, raw: Int, milliseconds: Int) async throws {
            let script = """
                script: rings
                modem: {kind: quectel}
                calls:
                  - after: 1s
                    from: "13800001234"
                    ring_every: 3500ms
                    rings: 9
                    talk: [{wait: 3s}, hang_up]
                """
            try await withModems([script], options: ServerOptions(answerOnRing: ring)) { server, _ in
                let row = try await server.finishedCall(from: "13800001234", within: 60)
                #expect(row.rings == ring)
                #expect(row.rawRings == raw)
                // Never early; late by what the modem and a busy machine take.
                #expect((milliseconds..<milliseconds + 2000).contains(row.answerMs ?? 0), "\(row.answerMs ?? 0) ms")
                #expect(row.recordings.count == 1)
            }
        }

        /// One line after the other is asked for, all stand at the same time, each is recorded by itself.
        @Test(.timeLimit(.minutes(3))) func twoModemsAndATrunkServeCallsAtTheSameTime() async throws {
            func script(_ caller: String, _ frequency: Int) -> String {
                """
                script: busy
                modem: {kind: quectel}
                calls:
                  - after: 1s
                    from: "\(caller)"
                    talk:
                      - wait: 2s
                      - tone: {frequency: \(frequency), level: -12, for: 3s}
                      - wait: 15s
                      - hang_up
                """
            }
            let scripts = [script("13800000001", 700), script("13800000002", 1300)]
            try await withModems(scripts) { server, modems in
                let there = try await eventually(within: 30) {
                    modems.said("answered", modem: "m1") && modems.said("answered", modem: "m2")
                }
                #expect(there, "\(modems.log)")
                let (code, caller) = try await Child.run(
                    "caller", program: Repository.program,
                    arguments: [
                        "call", "sip:95598@\(server.sip)", "--from", "13800000003", "--digits", "wwwwwwh",
                    ], folder: server.scratch.folder, seconds: 60)
                #expect(code == 0, "\(caller.tail())")
                let rows = try await server.finishedCalls(3, within: 60)
                #expect(Set(rows.map(\.line)) == ["m1", "m2", "trunk1"])
                #expect(rows.allSatisfy { $0.outcome == "completed" && $0.recordings.count == 1 })
                // Each stood while the others did.
                let spans = try rows.map { row in
                    try (
                        from: Moment.seconds(row.answeredAt ?? ""), to: Moment.seconds(row.releasedAt ?? "")
                    )
                }
                let begin = spans.map(\.from).max() ?? .infinity
                let end = spans.map(\.to).min() ?? 0
                #expect(begin < end, "no moment at which all three stood")
                for (caller, own, other) in [("13800000001", 700.0, 1300.0), ("13800000002", 1300.0, 700.0)] {
                    let row = try #require(rows.first { $0.caller == caller })
                    let left = try Recorded(try #require(row.recordings.first), of: server).left
                    #expect(left.stretches(of: own).contains { $0.upperBound - $0.lowerBound > 2.5 })
                    #expect(left.stretches(of: other).isEmpty)
                }
                try await server.expectVerified(recordings: 3)
            }
        }

        @Test(.timeLimit(.minutes(2))) func aCallerWhoGivesUpAndASecondOneAreWrittenDown() async throws {
            let script = """
                script: missed
                modem: {kind: quectel}
                calls:
                  - after: 1s
                    from: "13800000001"
                    ring_every: 2s
                    rings: 2
                    expect: {no_answer: true}
                  - after: 6s
                    from: withheld
                    talk:
                      - wait: 2s
                      - waiting_call: {from: "13800000003"}
                      - wait: 4s
                      - hang_up
                """
            try await withModems([script], options: ServerOptions(answerOnRing: 2)) { server, modems in
                #expect(try await modems.finished(within: 90) == 0, "\(modems.log)")
                let rows = try await server.finishedCalls(3, within: 30)
                let missed = try #require(rows.first { $0.caller == "13800000001" })
                #expect(missed.outcome == "abandoned")
                #expect(missed.releasedBy == "unknown")
                #expect(missed.answeredAt == nil)
                #expect(missed.rawRings == 2)
                #expect(missed.recordings.isEmpty)
                let withheld = try #require(rows.first { $0.caller == nil })
                #expect(withheld.outcome == "completed")
                let second = try #require(rows.first { $0.caller == "13800000003" })
                #expect(second.outcome == "over_capacity")
                #expect(modems.said("the second caller is refused"))
            }
        }
    }
}
