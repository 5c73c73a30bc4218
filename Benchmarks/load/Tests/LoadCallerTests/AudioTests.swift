import LoadCaller
import Testing

@Suite struct AudioTests {
    private let law = G711.Law.pcma

    /// Speech-like prompts that differ; `seed` says where they begin.
    private func prompt(_ seed: Int, milliseconds: Int) -> [UInt8] {
        let all = Voice.noise(seconds: 20, law: law)
        return Array(all[(seed * 16_000)..<(seed * 16_000 + milliseconds * 8)])
    }

    private func silence(_ samples: Int) -> [UInt8] { [UInt8](repeating: law.idle, count: samples) }

    private func judge(
        _ steps: [ExpectedPrompts.Step], _ heard: [UInt8], keys: [Int64] = [], isWhole: Bool = true
    ) -> PromptJudge.Verdict {
        PromptJudge(ExpectedPrompts(steps: steps, law: law)).judge(Timeline(heard), keys: keys, isWhole: isWhole)
    }

    @Test func promptsInTheirTurnAreFoundAndEqual() {
        let (first, second) = (prompt(0, milliseconds: 900), prompt(1, milliseconds: 1500))
        let heard = silence(333) + first + silence(77) + second + silence(500)
        let verdict = judge([.init(name: "a", prompt: first), .init(name: "b", prompt: second)], heard)
        #expect(verdict.complaint == nil)
        #expect(verdict.keysLed == nil)
        #expect(verdict.steps.map(\.compared) == [7200, 12_000])
        #expect(verdict.steps.map(\.differing) == [0, 0])
        #expect(verdict.steps[1].atMs == Double(333 + 7200 + 77) / 8)
    }

    @Test func theFirstDifferenceIsTold() {
        let first = prompt(0, milliseconds: 900)
        var heard = silence(100) + first
        heard[100 + 5000] ^= 0x01
        heard[100 + 5100] ^= 0x80
        let verdict = judge([.init(name: "a", prompt: first)], heard)
        #expect(verdict.complaint == "a differs in 2 of 7200 samples, first in sample 5000")
        #expect(verdict.steps[0].firstDifference == 5000)
    }

    @Test func wrongOrderForeignSoundAndAnEarlyEndAreTold() {
        let (first, second, third) = (
            prompt(0, milliseconds: 900), prompt(1, milliseconds: 900), prompt(2, milliseconds: 900)
        )
        let steps = [ExpectedPrompts.Step(name: "a", prompt: first), .init(name: "b", prompt: second)]
        #expect(judge(steps, second + first).complaint?.hasSuffix("ms of other sound before a") == true)
        #expect(judge(steps, first + silence(9000)).complaint == "b is not heard in its turn")
        #expect(judge(steps, first + third + second).complaint?.hasSuffix("ms of other sound before b") == true)
        #expect(judge(steps, first + second.prefix(4000)).complaint == "b ends after 500 of 900 ms")
        // What was not kept is not held against the server.
        #expect(judge(steps, first + second.prefix(4000), isWhole: false).complaint == nil)
        #expect(judge(steps, silence(8000)).complaint == "a is not heard")
    }

    @Test func lostPacketsAreNotDifferences() {
        let first = prompt(0, milliseconds: 2000)
        let heard = silence(160) + first
        // The packets of the prompt's beginning are among those lost.
        let notes = (0..<heard.count / 160).map { index in
            PacketNote(
                arrival: Int64(index) * 20 * milliseconds, timestamp: UInt32(index * 160), ssrc: 1,
                sequence: UInt16(index))
        }.filter { ![1, 2, 3, 40].contains($0.sequence) }
        let audio = notes.flatMap { heard[Int($0.timestamp)..<Int($0.timestamp) + 160] }
        let timeline = notes.withUnsafeBufferPointer { notes in
            audio.withUnsafeBufferPointer { Timeline(notes, audio: $0) }
        }
        let verdict = PromptJudge(ExpectedPrompts(steps: [.init(name: "a", prompt: first)], law: law)).judge(
            timeline, keys: [], isWhole: true)
        #expect(verdict.complaint == nil)
        #expect(verdict.steps[0].absent == 640)
        #expect(verdict.steps[0].compared == 16_000 - 640)
    }

    @Test func packetsOutOfOrderAreHeardInOrder() {
        let first = prompt(0, milliseconds: 400)
        let order = [0, 2, 1, 3, 4, 5, 6, 9, 8, 7] + Array(10..<20)
        let notes = order.map {
            PacketNote(
                arrival: Int64($0) * 20 * milliseconds, timestamp: 5 &+ UInt32($0 * 160), ssrc: 1, sequence: UInt16($0))
        }
        let audio = order.flatMap { first[$0 * 160..<$0 * 160 + 160] }
        let timeline = notes.withUnsafeBufferPointer { notes in
            audio.withUnsafeBufferPointer { Timeline(notes, audio: $0) }
        }
        #expect(timeline.bytes == first)
        #expect(timeline.present.allSatisfy { $0 == 1 })
        #expect(timeline.arrival(of: 0) == 0)
        #expect(timeline.arrival(of: 1300) == 160 * milliseconds)
        #expect(timeline.place(at: 10) == 160)
    }

    @Test func aKeyMayCutAPromptShortAndLeadsToTheNext() {
        let (menu, after) = (prompt(0, milliseconds: 4000), prompt(3, milliseconds: 800))
        let steps = [ExpectedPrompts.Step(name: "menu", prompt: menu), .init(name: "after", prompt: after, key: 0)]
        // The key at 2 s is taken by the server 60 ms later.
        let heard = Array(menu.prefix(16_480)) + silence(160) + after
        let verdict = judge(steps, heard, keys: [2000 * milliseconds])
        #expect(verdict.complaint == nil)
        #expect(verdict.keysLed == true)
        // What lies behind the cut may be silent in the prompt, too.
        #expect((2060...2140).contains(verdict.steps[0].cutAtMs ?? 0))
        #expect(verdict.steps[1].afterKeyMs == 80)
        // Without the key's effect the menu goes on.
        let deaf = judge(steps, menu + silence(8000), keys: [2000 * milliseconds])
        #expect(deaf.keysLed == false)
        #expect(deaf.complaint == "after is not heard")
        #expect(judge(steps, heard, keys: []).keysLed == false)
        // A prompt that is cut before the key is not cut by it.
        let early = judge(steps, Array(menu.prefix(8000)) + silence(8160) + after, keys: [2000 * milliseconds])
        #expect(early.complaint?.hasPrefix("menu differs in ") == true)
    }

    @Test func aLoopIsComparedRoundAfterRound() {
        let music = prompt(1, milliseconds: 1000)
        let steps = [ExpectedPrompts.Step(name: "music", prompt: music, loops: true)]
        let heard = silence(160) + music + silence(80) + music + music.prefix(3000)
        let verdict = judge(steps, heard)
        #expect(verdict.complaint == nil)
        #expect(verdict.steps[0].rounds == 3)
        #expect(verdict.steps[0].compared == 19_000)
        let stopped = judge(steps, silence(160) + music + silence(24_000))
        #expect(stopped.complaint == "music does not go on")
    }

    @Test func aPlainToneIsFoundWhereItIsEqual() {
        let tone = G711.encode((0..<8000).map { $0 / 8 % 2 == 0 ? 5000 : -5000 }, law)
        #expect(judge([.init(name: "tone", prompt: tone)], silence(100) + tone).complaint == nil)
    }

    @Test func marksNameLegAndMoment() {
        let voice = Voice(speech: Voice.noise(seconds: 3, law: law), law: law)
        for leg in [0, 1, 77, 3999] {
            for period in [0, 1, 500] {
                let said = voice.bytes(leg: leg, period * Voice.period..<period * Voice.period + 200)
                let read = Mark.read(said[...])
                #expect(read?.leg == leg)
                #expect(read?.period == period)
                #expect(said == (0..<200).map { voice.byte(leg: leg, number: period * Voice.period + $0) })
            }
        }
        var spoilt = Mark.bytes(leg: 5, period: 9)
        spoilt[20] = Mark.bytes(leg: 0xF00_0000, period: 9)[17]
        #expect(Mark.read(spoilt[...]) == nil)
        #expect(Mark.read(spoilt[30...]) == nil)
    }

    @Test func aBridgeIsJudgedByWhatWasSaid() {
        let voice = Voice(speech: Voice.noise(seconds: 3, law: law), law: law)
        let said = voice.bytes(leg: 12, 0..<24_000)
        let judge = BridgeJudge(voice: voice)
        func sent(_ leg: Int, _ number: Int) -> Int64? { leg == 12 ? Int64(number) * 125_000 : nil }
        let good = judge.judge(Timeline(silence(480) + said), sent: sent)
        #expect(good.legs == [12])
        #expect(good.marks == 6)
        #expect((good.compared, good.differing, good.shifts) == (20_000, 0, 0))
        #expect(good.delayMs == 60)
        // A jitter buffer left out a packet, or put one in; then a sample is spoilt in a stretch that is otherwise whole.
        for shifted in [Array(said[..<6000] + said[6160...]), Array(said[..<6000] + said[5000..<5160] + said[6000...])]
        {
            var shifted = shifted
            let one = judge.judge(Timeline(shifted), sent: sent)
            #expect(one.shifts == 160)
            #expect(one.differing <= 160)
            shifted[10_000] ^= 0x40
            #expect(judge.judge(Timeline(shifted), sent: sent).differing == one.differing + 1)
        }
        #expect(judge.judge(Timeline(silence(8000)), sent: sent).legs.isEmpty)
    }
}
