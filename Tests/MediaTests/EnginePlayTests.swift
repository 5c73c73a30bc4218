import Calls
import Media
import Testing

@Suite struct EnginePlayTests {
    /// Samples that differ from tick to tick, `count` of them.
    static func noise(_ count: Int, seed: UInt64) -> [Int16] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int16(truncatingIfNeeded: state >> 40) / 4
        }
    }

    static func encode(_ samples: [Int16], _ codec: Codec) -> [UInt8] {
        samples.map { codec == .pcma ? G711.aLaw($0) : G711.uLaw($0) }
    }

    @Test(arguments: Codec.allCases) func itemsFollowEachOtherToTheSample(codec: Codec) throws {
        let prompts = [163, 1, 159, 777, 320].enumerated().map { Self.noise($1, seed: UInt64($0 + 1)) }
        let rig = try EngineRig(prompts: prompts)
        let leg = try rig.leg(codec: codec)
        try rig.engine.play(
            leg: leg.id,
            PlayRequest(
                id: PlayID(1),
                items: [
                    .prompt(PromptIndex(0)), .prompt(PromptIndex(1)), .silence(milliseconds: 3),
                    .prompt(PromptIndex(2)), .prompt(PromptIndex(3)), .prompt(PromptIndex(4)),
                ]))
        rig.tick(12)
        let idle = G711.idle(codec)
        var expected = Self.encode(prompts[0] + prompts[1], codec) + [UInt8](repeating: idle, count: 24)
        expected += Self.encode(prompts[2] + prompts[3] + prompts[4], codec)
        let ticks = (expected.count + 159) / 160
        expected += [UInt8](repeating: idle, count: 12 * 160 - expected.count)
        let packets = try leg.peer.packets(12)
        #expect(packets.flatMap(\.payload) == expected)
        for (before, after) in zip(packets, packets.dropFirst()) {
            #expect(after.header.sequence == before.header.sequence &+ 1)
            #expect(after.header.timestamp == before.header.timestamp &+ 160)
            #expect(after.header.ssrc == before.header.ssrc)
        }
        #expect(packets.map(\.header.marker) == [true] + [Bool](repeating: false, count: 11))
        #expect(packets.allSatisfy { $0.header.payloadType == codec.rawValue && $0.payload.count == 160 })
        #expect(rig.heard.names(of: leg.id) == ["playStarted(1)", "playFinished(1)"])
        let told = rig.heard.of(leg.id).map { ($0.at.mono - 86_400_000_000_000) / 20_000_000 }
        #expect(told == [1, Int64(ticks)])
    }

    @Test func aPlayEndsTheOneBefore() throws {
        let rig = try EngineRig(prompts: [Self.noise(1600, seed: 1), Self.noise(320, seed: 2)])
        let leg = try rig.leg()
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(1), items: [.prompt(PromptIndex(0))]))
        rig.tick(3)
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(2), items: [.prompt(PromptIndex(1))]))
        try rig.engine.stopPlay(leg: leg.id, id: PlayID(1))
        rig.tick(2)
        #expect(
            rig.heard.names(of: leg.id) == [
                "playStarted(1)", "playStopped(1,-,60)", "playStarted(2)", "playFinished(2)",
            ])
        let payloads = try leg.peer.packets(5).flatMap(\.payload)
        #expect(
            payloads == Self.encode(Self.noise(1600, seed: 1).prefix(480) + Self.noise(320, seed: 2), .pcma))
    }

    @Test func anEmptyPlayIsOverAtOnce() throws {
        let rig = try EngineRig()
        let leg = try rig.leg()
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(9), items: []))
        rig.tick()
        #expect(rig.heard.names(of: leg.id) == ["playStarted(9)", "playFinished(9)"])
    }

    @Test func whatTheStoreDoesNotHaveIsRefused() throws {
        let rig = try EngineRig(prompts: [[1, 2, 3]])
        let leg = try rig.leg()
        let items: [PlayItem] = [
            .prompt(PromptIndex(1)), .prompt(PromptIndex(-1)), .silence(milliseconds: -1),
            .silence(milliseconds: .max),
        ]
        for item in items {
            #expect(throws: MediaError.self) {
                try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(1), items: [item]))
            }
        }
        #expect(throws: MediaError.self) {
            try rig.engine.play(
                leg: leg.id,
                PlayRequest(id: PlayID(1), items: [PlayItem](repeating: .silence(milliseconds: 1), count: 5000)))
        }
    }

    @Test(arguments: [("5", true), ("6", false)] as [(Character, Bool)])
    func aKeyStopsThePlayWithinItsTick(key: Character, stops: Bool) throws {
        let samples = Self.noise(8000, seed: 3)
        let rig = try EngineRig(prompts: [samples])
        let leg = try rig.leg()
        try rig.engine.play(
            leg: leg.id, PlayRequest(id: PlayID(1), items: [.prompt(PromptIndex(0))], bargeIn: KeySet("15*")))
        rig.tick(4)
        try leg.press(key)
        rig.tick(2)
        let payloads = try leg.peer.packets(6).flatMap(\.payload)
        let encoded = Self.encode(samples, .pcma)
        let silence = [UInt8](repeating: G711.idle(.pcma), count: 320)
        #expect(payloads == (stops ? Array(encoded.prefix(640)) + silence : Array(encoded.prefix(960))))
        let names = rig.heard.names(of: leg.id)
        let stopped = stops ? ["playStopped(1,\(key),80)"] : []
        #expect(
            names == ["playStarted(1)", "firstPacket", "keyDown(\(key),rfc4733)"] + stopped + ["keyUp(\(key),rfc4733)"])
        let at = rig.heard.of(leg.id)[2].at
        #expect(rig.heard.of(leg.id)[3].at == at, "all of it is one tick")
    }

    @Test func aPlayWaitsWhileTheLegIsOnHold() throws {
        let samples = Self.noise(1600, seed: 4)
        let rig = try EngineRig(prompts: [samples])
        let leg = try rig.leg(start: false)
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(1), items: [.prompt(PromptIndex(0))]))
        rig.tick(3)
        #expect(leg.peer.isQuiet)
        try rig.engine.start(leg: leg.id)
        rig.tick(4)
        leg.session.direction = .receiveOnly
        try rig.engine.configure(leg: leg.id, session: leg.session)
        rig.tick(10)
        leg.session.direction = .sendReceive
        try rig.engine.configure(leg: leg.id, session: leg.session)
        rig.tick(6)
        let packets = try leg.peer.packets(10)
        #expect(packets.flatMap(\.payload) == Self.encode(samples, .pcma))
        #expect(leg.peer.isQuiet)
        // The clock went on, the numbers did not.
        #expect(packets[4].header.sequence == packets[3].header.sequence &+ 1)
        #expect(packets[4].header.timestamp == packets[3].header.timestamp &+ 11 * 160)
        #expect(packets.map(\.header.marker) == (0..<10).map { $0 == 0 || $0 == 4 })
        #expect(rig.heard.names(of: leg.id) == ["playStarted(1)", "playFinished(1)"])
    }

    @Test func aToneSoundsAtItsFrequencyInItsCadence() throws {
        let rig = try EngineRig()
        let leg = try rig.leg()
        let tone = Tone(frequency: 450, level: -10, onMilliseconds: 100, offMilliseconds: 60, repeats: 2)
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(1), items: [.tone(tone)]))
        rig.tick(18)
        let samples = try leg.peer.packets(18).flatMap(\.payload).map { G711.linear(aLaw: $0) }
        for cycle in 0..<2 {
            let on = Array(samples[(cycle * 1280)..<(cycle * 1280 + 800)])
            #expect(abs(PromptsFolder.share(of: 450, in: on) - 0.22) < 0.01, "-10 dBm0 is 22 % of full scale")
            #expect(samples[(cycle * 1280 + 800)..<(cycle * 1280 + 1280)].allSatisfy { abs($0) <= 8 })
        }
        #expect(rig.heard.names(of: leg.id) == ["playStarted(1)", "playFinished(1)"])
    }
}
