import Calls
import Media
import Testing

/// Prompts replaced while they are played.
@Suite struct EngineReplaceTests {
    private static let old = EnginePlayTests.noise(1600, seed: 1)
    private static let new = EnginePlayTests.noise(480, seed: 2)

    @Test(arguments: Codec.allCases) func aPlayUnderWayGoesOnAsItBeganAndTheNextHasTheNewSound(codec: Codec) throws {
        let rig = try EngineRig(prompts: [Self.old])
        let leg = try rig.leg(codec: codec)
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(1), items: [.prompt(PromptIndex(0))]))
        rig.tick(3)
        try rig.prompts.replace("p0", with: Self.new)
        rig.tick(7)
        #expect(rig.heard.names(of: leg.id) == ["playStarted(1)", "playFinished(1)"])
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(2), items: [.prompt(PromptIndex(0))]))
        rig.tick(3)
        #expect(
            rig.heard.names(of: leg.id) == ["playStarted(1)", "playFinished(1)", "playStarted(2)", "playFinished(2)"])
        let sent = try leg.peer.packets(13).flatMap(\.payload)
        #expect(sent == EnginePlayTests.encode(Self.old + Self.new, codec))
    }

    /// A command that was given before waits in its ring with the sound that it was given with.
    @Test func aPlayThatHasNotBegunKeepsItsSoundToo() throws {
        let rig = try EngineRig(prompts: [Self.old])
        let leg = try rig.leg()
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(1), items: [.prompt(PromptIndex(0))]))
        // Replaced again and again: what nobody plays any more is let go.
        for seed in 3..<50 { try rig.prompts.replace("p0", with: EnginePlayTests.noise(480, seed: UInt64(seed))) }
        rig.tick(10)
        #expect(try leg.peer.packets(10).flatMap(\.payload) == EnginePlayTests.encode(Self.old, .pcma))
    }

    @Test func musicGoesRoundUntilItIsStoppedWhateverReplacesIt() throws {
        let rig = try EngineRig(prompts: [Self.new])
        let leg = try rig.leg()
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(1), items: [.prompt(PromptIndex(0))], loops: true))
        rig.tick(3)
        try rig.prompts.replace("p0", with: Self.old)
        rig.tick(6)
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(2), items: [.prompt(PromptIndex(0))], loops: true))
        rig.tick(10)
        let expected = Self.new + Self.new + Self.new + Self.old
        #expect(try leg.peer.packets(19).flatMap(\.payload) == EnginePlayTests.encode(expected, .pcma))
    }
}
