import Calls
import Media
import Testing

/// Plays that begin again.
@Suite struct EngineLoopTests {
    @Test(arguments: Codec.allCases) func itBeginsAgainToTheSampleUntilItIsStopped(codec: Codec) throws {
        let prompts = [EnginePlayTests.noise(163, seed: 1), EnginePlayTests.noise(1, seed: 2)]
        let rig = try EngineRig(prompts: prompts)
        let leg = try rig.leg(codec: codec)
        try rig.engine.play(
            leg: leg.id,
            PlayRequest(
                id: PlayID(1),
                items: [
                    .prompt(PromptIndex(0)), .silence(milliseconds: 0), .silence(milliseconds: 2),
                    .prompt(PromptIndex(1)),
                ], loops: true))
        rig.tick(20)
        try rig.engine.stopPlay(leg: leg.id, id: PlayID(1))
        rig.tick(2)
        let once =
            EnginePlayTests.encode(prompts[0], codec) + [UInt8](repeating: G711.idle(codec), count: 16)
            + EnginePlayTests.encode(prompts[1], codec)
        let endless = (0..<20).flatMap { _ in once }
        let sent = try leg.peer.packets(22).flatMap(\.payload)
        #expect(Array(sent.prefix(3200)) == Array(endless.prefix(3200)))
        #expect(sent.suffix(320).allSatisfy { $0 == G711.idle(codec) })
        #expect(rig.heard.names(of: leg.id) == ["playStarted(1)", "playStopped(1,-,400)"])
    }

    @Test func aShortestLoopFillsItsTicks() throws {
        let rig = try EngineRig(prompts: [[1000]])
        let leg = try rig.leg()
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(1), items: [.prompt(PromptIndex(0))], loops: true))
        rig.tick(3)
        #expect(try leg.peer.packets(3).flatMap(\.payload) == [UInt8](repeating: G711.aLaw(1000), count: 480))
    }

    @Test func aToneBeginsAfreshEachTime() throws {
        let rig = try EngineRig()
        let leg = try rig.leg()
        let tone = Tone(frequency: 450, level: -10, onMilliseconds: 30, offMilliseconds: 10, repeats: 2)
        try rig.engine.play(
            leg: leg.id, PlayRequest(id: PlayID(1), items: [.tone(tone), .silence(milliseconds: 40)], loops: true))
        rig.tick(30)
        let sent = try leg.peer.packets(30).flatMap(\.payload)
        let once = Array(sent.prefix(960))
        #expect(sent == (0..<5).flatMap { _ in once })
        let samples = once.map { G711.linear(aLaw: $0) }
        for begin in [0, 320] {
            #expect(PromptsFolder.share(of: 450, in: Array(samples[begin..<begin + 240])) > 0.2)
            #expect(samples[begin + 240..<begin + 320].allSatisfy { abs($0) <= 8 })
        }
        #expect(samples[640...].allSatisfy { abs($0) <= 8 })
    }

    @Test func anotherPlayOrAKeyEndsIt() throws {
        let rig = try EngineRig(prompts: [EnginePlayTests.noise(100, seed: 3), EnginePlayTests.noise(160, seed: 4)])
        let leg = try rig.leg()
        let music = [PlayItem.prompt(PromptIndex(0))]
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(1), items: music, loops: true))
        rig.tick(5)
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(2), items: [.prompt(PromptIndex(1))]))
        rig.tick(2)
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(3), items: music, bargeIn: .all, loops: true))
        rig.tick(5)
        try leg.press("#")
        rig.tick()
        #expect(
            rig.heard.names(of: leg.id).filter { $0.hasPrefix("play") } == [
                "playStarted(1)", "playStopped(1,-,100)", "playStarted(2)", "playFinished(2)", "playStarted(3)",
                "playStopped(3,#,100)",
            ])
    }

    @Test func musicIsMixedOverWhatIsHeard() throws {
        let music = PromptsFolder.tone(1700, seconds: 0.05)
        let party = try EngineParty([.pcma, .pcma], prompts: [music])
        try party.hear(1, [0])
        try party.rig.engine.play(
            leg: party.legs[1].id, PlayRequest(id: PlayID(1), items: [.prompt(PromptIndex(0))], loops: true))
        try party.talk([EngineParty.tone(600, ticks: 30, .pcma), nil], ticks: 0..<30)
        let sides = try party.sides()
        let endless = (0..<12).flatMap { _ in EnginePlayTests.encode(music, .pcma) }
        #expect(sides[1].sent == EngineParty.mix([(sides[0].received, .pcma), (endless, .pcma)], to: .pcma))
    }

    @Test func aLoopWithoutALengthIsRefused() throws {
        let rig = try EngineRig(prompts: [[1, 2, 3]])
        let leg = try rig.leg()
        let nothing = Tone(frequency: 450, level: -10, onMilliseconds: 0, offMilliseconds: 0, repeats: 0)
        for items in [[], [.silence(milliseconds: 0)], [.tone(nothing), .silence(milliseconds: 0)]] as [[PlayItem]] {
            #expect {
                try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(1), items: items, loops: true))
            } throws: {
                ($0 as? MediaError)?.code == .limit
            }
            // Without the loop it is over at once.
            try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(2), items: items))
        }
        rig.tick()
        #expect(rig.heard.names(of: leg.id).filter { $0 == "playStarted(2)" }.count == 1)
        #expect(rig.heard.names(of: leg.id).last == "playFinished(2)")
        #expect(PlayRequest(id: PlayID(1), items: []).loops == false)
    }
}
