import AudioLog
import Calls
import Media
import Testing

/// Legs that hear each other.
@Suite struct EngineBridgeTests {
    static let idle = G711.idle(.pcma)

    static func silence(ticks: Int, _ codec: Codec = .pcma) -> [UInt8] {
        [UInt8](repeating: G711.idle(codec), count: ticks * 160)
    }

    // MARK: - One leg heard

    @Test(arguments: Codec.allCases) func aToneIsHeardByTheOtherAlone(codec: Codec) throws {
        let party = try EngineParty([codec, codec])
        try party.hear(1, [0])
        let tone = EngineParty.tone(1000, ticks: 20, codec)
        try party.talk([tone, nil], ticks: 0..<20)
        party.rig.tick(10)
        let toB = try party.legs[1].peer.packets(30).flatMap(\.payload)
        let begin = try #require(toB.firstIndex { $0 != G711.idle(codec) }) / 160 * 160
        #expect(Array(toB[begin..<begin + tone.count]) == tone, "byte for byte")
        #expect(try party.legs[0].peer.packets(30).flatMap(\.payload) == Self.silence(ticks: 30, codec))
        #expect(party.legs.allSatisfy { $0.peer.isQuiet }, "one packet a tick")
    }

    /// Whichever was opened first: tick n of the one is tick n of the other, on the wire and in the recording.
    @Test(arguments: Codec.allCases) func whatIsPlayedOutLeavesInTheSameTick(codec: Codec) throws {
        let party = try EngineParty([codec, codec])
        try party.hear(0, [1])
        try party.hear(1, [0])
        let said = [1, 2].map { EngineParty.noise(ticks: 30, seed: $0) }
        try party.talk(said, ticks: 0..<30)
        party.rig.tick(5)
        let sides = try party.sides()
        for (listener, heard) in [(0, 1), (1, 0)] {
            let wire = try party.legs[listener].peer.packets(35).flatMap(\.payload)
            #expect(sides[listener].sent == sides[heard].received)
            #expect(wire == sides[heard].received)
            // The jitter buffer's 40 ms and the packet's own 20 are all the delay there is.
            let begin = try #require(wire.firstIndex { $0 != G711.idle(codec) }) / 160
            #expect(begin <= 3)
            #expect(Array(wire[(begin * 160)...].prefix(said[heard].count)) == said[heard])
        }
        #expect(Set(said[0]).count == 256, "every code was said")
    }

    @Test(arguments: [(Codec.pcma, Codec.pcmu), (.pcmu, .pcma)])
    func theOtherLawIsHeardByTheTable(from: Codec, to: Codec) throws {
        let party = try EngineParty([from, to])
        try party.hear(0, [1])
        try party.hear(1, [0])
        let said = [EngineParty.noise(ticks: 15, seed: 3), EngineParty.tone(700, ticks: 15, to)]
        try party.talk(said, ticks: 0..<15)
        party.rig.tick(5)
        let sides = try party.sides()
        #expect(sides[1].sent == EngineParty.transcode(sides[0].received, from: from, to: to))
        #expect(sides[0].sent == EngineParty.transcode(sides[1].received, from: to, to: from))
        #expect(EngineParty.share(of: 700, in: sides[0].sent(5..<15), from) > 0.19)
        let packets = try party.legs[1].peer.packets(20)
        #expect(packets.allSatisfy { $0.header.payloadType == to.rawValue })
    }

    @Test func lossesAreHeardAsTheyArePlayedOut() throws {
        let party = try EngineParty([.pcma, .pcma])
        try party.hear(1, [0])
        let tone = EngineParty.tone(400, ticks: 30, .pcma)
        for tick in 0..<30 {
            if (12...13).contains(tick) {
                party.legs[0].lose()
            } else {
                try party.legs[0].say(Array(tone[tick * 160..<(tick + 1) * 160]))
            }
            party.rig.tick()
        }
        party.rig.tick(20)
        let sides = try party.sides()
        #expect(sides[0].flags.received.contains(.concealed))
        #expect(sides[0].flags.received.contains(.silent))
        #expect(sides[1].sent == sides[0].received)
    }

    @Test func aMutedLegIsHeardNoLongerFromTheNextTickOn() throws {
        let party = try EngineParty([.pcma, .pcma])
        let said = EngineParty.noise(ticks: 40, seed: 4)
        try party.talk([said, nil], ticks: 0..<10)
        try party.hear(1, [0])
        try party.talk([said, nil], ticks: 10..<20)
        try party.hear(1, [])
        try party.talk([said, nil], ticks: 20..<30)
        try party.hear(1, [0])
        try party.talk([said, nil], ticks: 30..<40)
        let sides = try party.sides()
        for (ticks, isHeard) in [(0..<10, false), (10..<20, true), (20..<30, false), (30..<40, true)] {
            #expect(
                Array(sides[1].sent(ticks)) == (isHeard ? Array(sides[0].received(ticks)) : Self.silence(ticks: 10)))
        }
        #expect(sides[0].sent == Self.silence(ticks: 40))
    }

    @Test func theStreamGoesOnOverEveryChange() throws {
        let party = try EngineParty([.pcma, .pcma, .pcmu], prompts: [EnginePlayTests.noise(500, seed: 5)])
        let said = (6...8).map { EngineParty.noise(ticks: 40, seed: $0) }
        let lists: [[Int]] = [[0], [0, 2], [], [2], [2, 0], [0]]
        for (number, list) in lists.enumerated() {
            try party.hear(1, list)
            if number == 3 { try party.play(1, 1, [.prompt(PromptIndex(0))]) }
            try party.talk(said, ticks: number * 6..<number * 6 + 6)
        }
        let packets = try party.legs[1].peer.packets(36)
        for (before, after) in zip(packets, packets.dropFirst()) {
            #expect(after.header.sequence == before.header.sequence &+ 1)
            #expect(after.header.timestamp == before.header.timestamp &+ 160)
            #expect(after.header.ssrc == before.header.ssrc)
        }
        #expect(packets.map(\.header.marker) == (0..<36).map { $0 == 0 })
        #expect(packets.allSatisfy { $0.payload.count == 160 && $0.header.payloadType == 8 })
    }

    // MARK: - Several heard

    /// A caller, an agent, and a supervisor whom the agent alone hears.
    @Test func aWhisperIsHeardByTheAgentAlone() throws {
        let party = try EngineParty([.pcma, .pcmu, .pcma])
        try party.hear(0, [1])
        try party.hear(1, [0, 2])
        try party.hear(2, [0, 1])
        let frequencies = [500.0, 1100, 1900]
        let codecs = party.legs.map(\.codec)
        try party.talk(
            zip(frequencies, codecs).map { EngineParty.tone($0, ticks: 25, $1) }, ticks: 0..<25)
        let sides = try party.sides()
        for (listener, heard) in [(0, [1]), (1, [0, 2]), (2, [0, 1])] {
            for (number, frequency) in frequencies.enumerated() {
                let share = EngineParty.share(of: frequency, in: sides[listener].sent(5..<25), codecs[listener])
                #expect(heard.contains(number) ? abs(share - 0.2) < 0.01 : share < 0.005)
            }
        }
    }

    /// Four legs whose lists, plays and laws change all the time, against the rule as the test writes it.
    @Test(arguments: 1...3) func everyListAtEveryTickIsMixedByTheRule(seed: UInt64) throws {
        let prompts = [EnginePlayTests.noise(1234, seed: seed), EnginePlayTests.noise(77, seed: seed + 9)]
        let party = try EngineParty([.pcma, .pcmu, .pcma, .pcmu], prompts: prompts)
        let codecs = party.legs.map(\.codec)
        let said = (0..<4).map { EngineParty.noise(ticks: 50, seed: seed * 10 + $0) }
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ bound: UInt64) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state >> 20 % 0xFFFF_FFFF % bound)
        }
        var lists = [[Int]](repeating: [], count: 4)
        var plays = [[Int]](repeating: [], count: 4)
        var expected: [[(heard: [Int], play: [Int])]] = Array(repeating: [], count: 4)
        for tick in 0..<50 {
            for listener in 0..<4 {
                if random(3) == 0 {
                    lists[listener] = (0..<4).filter { $0 != listener && random(2) == 0 }
                    try party.hear(listener, lists[listener])
                }
                if random(8) == 0 {
                    let prompt = random(2)
                    try party.play(listener, UInt32(tick), [.prompt(PromptIndex(Int32(prompt)))])
                    plays[listener] = prompts[prompt].map(Int.init)
                }
                expected[listener].append((lists[listener], Array(plays[listener].prefix(160))))
                plays[listener].removeFirst(min(160, plays[listener].count))
            }
            try party.talk(said, ticks: tick..<tick + 1)
        }
        let sides = try party.sides()
        for listener in 0..<4 {
            let own = codecs[listener]
            for (tick, (heard, play)) in expected[listener].enumerated() {
                let play = EnginePlayTests.encode(play.map { Int16($0) }, own)
                let received = heard.map { (Array(sides[$0].received(tick..<tick + 1)), codecs[$0]) }
                let right: [UInt8] =
                    if heard.isEmpty {
                        play + [UInt8](repeating: G711.idle(own), count: 160 - play.count)
                    } else if play.isEmpty, heard.count == 1 {
                        EngineParty.transcode(received[0].0, from: received[0].1, to: own)
                    } else {
                        EngineParty.mix(
                            received + [(play + [UInt8](repeating: G711.idle(own), count: 160 - play.count), own)],
                            to: own)
                    }
                #expect(Array(sides[listener].sent(tick..<tick + 1)) == right, "leg \(listener), tick \(tick)")
            }
        }
    }

    @Test(arguments: Codec.allCases) func whatIsTooLoudIsCutOffAndDoesNotTurnOver(codec: Codec) throws {
        let party = try EngineParty([codec, codec, codec])
        try party.hear(0, [1, 2])
        // Square waves of full scale, in step, then against each other.
        let loud: [UInt8] = (0..<1600).map { EngineParty.encode($0 / 8 % 2 == 0 ? 32_767 : -32_768, codec) }
        let against: [UInt8] = loud.map { EngineParty.encode(-EngineParty.linear($0, codec), codec) }
        try party.talk([nil, loud + loud, loud + against], ticks: 0..<20)
        party.rig.tick(5)
        let sides = try party.sides()
        let begin = try #require(sides[0].sent.firstIndex { $0 != G711.idle(codec) }) / 160
        #expect(Array(sides[0].sent(begin..<begin + 10)) == loud)
        let cancelled = sides[0].sent(begin + 10..<begin + 20).map { EngineParty.linear($0, codec) }
        #expect(cancelled.allSatisfy { abs($0) <= 8 })
    }

    @Test func silenceAddsNothing() throws {
        let party = try EngineParty([.pcma, .pcma, .pcma, .pcmu])
        try party.hear(0, [1, 2, 3])
        let said = EngineParty.noise(ticks: 10, seed: 11)
        try party.talk([nil, said, nil, nil], ticks: 0..<10)
        let sides = try party.sides()
        #expect(sides[0].sent == sides[1].received)
    }

    // MARK: - Plays

    @Test func aPlayIsMixedOverWhatIsHeard() throws {
        let prompt = PromptsFolder.tone(1500, seconds: 0.13)
        let party = try EngineParty([.pcma, .pcmu], prompts: [prompt])
        try party.hear(0, [1])
        try party.hear(1, [0])
        let said = [EngineParty.tone(600, ticks: 30, .pcma), EngineParty.tone(900, ticks: 30, .pcmu)]
        try party.talk(said, ticks: 0..<10)
        try party.play(1, 1, [.silence(milliseconds: 30), .prompt(PromptIndex(0)), .silence(milliseconds: 25)])
        try party.talk(said, ticks: 10..<30)
        let sides = try party.sides()
        // 240 samples of silence, 1,040 of the prompt, 200 of silence: to the middle of the twentieth tick.
        let over = [UInt8](repeating: 0xFF, count: 240) + EnginePlayTests.encode(prompt, .pcmu)
        let mixed = EngineParty.mix(
            [
                (Array(sides[0].received(10..<20)), .pcma),
                (over + [UInt8](repeating: 0xFF, count: 1600 - over.count), .pcmu),
            ], to: .pcmu)
        #expect(Array(sides[1].sent(10..<20)) == mixed)
        #expect(EngineParty.share(of: 1500, in: mixed[240..<1280], .pcmu) > 0.19)
        #expect(EngineParty.share(of: 600, in: mixed[240..<1280], .pcmu) > 0.18)
        let after = EngineParty.transcode(sides[0].received(20..<30), from: .pcma, to: .pcmu)
        #expect(Array(sides[1].sent(20..<30)) == after)
        #expect(
            sides[0].sent == EngineParty.transcode(sides[1].received, from: .pcmu, to: .pcma), "the play is not heard")
        #expect(
            party.rig.heard.names(of: party.legs[1].id).filter { $0.hasPrefix("play") } == [
                "playStarted(1)", "playFinished(1)",
            ])
    }

    @Test func aKeyEndsThePlayWithinItsTickAndWhatIsHeardGoesOn() throws {
        let party = try EngineParty([.pcma, .pcma], prompts: [EnginePlayTests.noise(8000, seed: 12)])
        try party.hear(1, [0])
        let said = EngineParty.noise(ticks: 20, seed: 13)
        try party.play(1, 1, [.prompt(PromptIndex(0))], bargeIn: KeySet("5"))
        try party.talk([said, nil], ticks: 0..<10)
        try party.legs[1].press("5")
        try party.talk([said, nil], ticks: 10..<20)
        let sides = try party.sides()
        #expect(Array(sides[1].sent(5..<10)) != Array(sides[0].received(5..<10)))
        #expect(Array(sides[1].sent(10..<20)) == Array(sides[0].received(10..<20)))
        #expect(party.rig.heard.names(of: party.legs[1].id).contains("playStopped(1,5,200)"))
    }

    @Test func keysOutTakeThePlaceOfWhatIsHeard() throws {
        let party = try EngineParty([.pcma, .pcma])
        try party.hear(1, [0])
        let said = EngineParty.noise(ticks: 30, seed: 14)
        try party.talk([said, nil], ticks: 0..<5)
        try party.rig.engine.sendKeys(leg: party.legs[1].id, [try #require(Key("4"))])
        try party.talk([said, nil], ticks: 5..<30)
        let sides = try party.sides()
        let packets = try party.legs[1].peer.packets(30)
        #expect(packets.filter { $0.header.payloadType == 101 }.count == 7)
        #expect(Array(sides[1].sent(5..<15)) == Self.silence(ticks: 10))
        let from = try #require(sides[1].sent[800...].firstIndex { $0 != Self.idle }) / 160
        #expect(from <= 17)
        #expect(Array(sides[1].sent(from + 1..<30)) == Array(sides[0].received(from + 1..<30)))
    }

    // MARK: - Hold, start, close

    @Test func onHoldNothingIsHeardAndNothingIsKeptForLater() throws {
        let party = try EngineParty([.pcma, .pcma])
        try party.hear(0, [1])
        try party.hear(1, [0])
        let said = [21, 22].map { EngineParty.noise(ticks: 40, seed: $0) }
        try party.talk(said, ticks: 0..<10)
        party.legs[1].session.direction = .receiveOnly
        try party.rig.engine.configure(leg: party.legs[1].id, session: party.legs[1].session)
        try party.talk(said, ticks: 10..<20)
        party.legs[1].session.direction = .sendReceive
        try party.rig.engine.configure(leg: party.legs[1].id, session: party.legs[1].session)
        try party.talk(said, ticks: 20..<40)
        let sides = try party.sides()
        #expect(Array(sides[1].sent(0..<10)) == Array(sides[0].received(0..<10)))
        #expect(Array(sides[1].sent(10..<20)) == Self.silence(ticks: 10))
        #expect(Array(sides[1].sent(20..<40)) == Array(sides[0].received(20..<40)))
        #expect(sides[1].flags.sent.contains(.silent))
        #expect(sides[0].sent == sides[1].received, "who holds is still heard")
        // The tick that ends the recording is one more.
        #expect(try party.legs[1].peer.packets(31).count == 31)
        #expect(party.legs[1].peer.isQuiet)
    }

    @Test func aLegIsSilentUntilItStarts() throws {
        let rig = try EngineRig()
        let first = try rig.leg()
        let second = try rig.leg(call: first.call, codec: .pcmu, start: false)
        try rig.engine.hear(leg: first.id, legs: [second.id])
        try rig.engine.hear(leg: second.id, legs: [first.id])
        let said = EngineParty.tone(800, ticks: 30, .pcmu)
        for tick in 0..<30 {
            if tick == 10 { try rig.engine.start(leg: second.id) }
            try second.say(Array(said[tick * 160..<(tick + 1) * 160]))
            rig.tick()
        }
        let toFirst = try first.peer.packets(30).flatMap(\.payload)
        let silent = EngineParty.transcode(Self.silence(ticks: 10, .pcmu), from: .pcmu, to: .pcma)
        #expect(Array(toFirst.prefix(1600)) == silent)
        #expect(EngineParty.share(of: 800, in: toFirst[2400...], .pcma) > 0.18)
        #expect(try second.peer.packets(20).count == 20)
        #expect(second.peer.isQuiet)
    }

    @Test func aClosedLegIsHeardByNobody() throws {
        let party = try EngineParty([.pcma, .pcma, .pcma])
        let rig = party.rig
        let legs = party.legs
        try party.hear(0, [1])
        try party.hear(1, [0])
        try party.hear(2, [0, 1])
        let said = (31...33).map { EngineParty.noise(ticks: 30, seed: $0) }
        try party.talk(said, ticks: 0..<10)
        rig.engine.close(leg: legs[1].id)
        // Its memory goes to the next leg, another call's.
        rig.tick()
        let stranger = try rig.leg()
        for tick in 11..<25 {
            try legs[0].say(Array(said[0][tick * 160..<(tick + 1) * 160]))
            try stranger.say(Array(said[1][tick * 160..<(tick + 1) * 160]))
            rig.tick()
        }
        let sides = try party.sides()
        #expect(Array(sides[0].sent(0..<10)) == Array(sides[1].received(0..<10)))
        #expect(Array(sides[0].sent(10..<25)) == Self.silence(ticks: 15))
        #expect(Array(sides[2].sent(10..<25)) == Array(sides[0].received(10..<25)), "the other is still heard")
        #expect(try stranger.peer.packets(14).flatMap(\.payload) == Self.silence(ticks: 14))
        #expect(rig.heard.names(of: legs[1].id).last == "closed")
        // It can no longer be named, and the list stays.
        #expect(throws: MediaError.self) { try party.hear(2, [0, 1]) }
        for leg in legs { rig.engine.close(leg: leg.id) }
        rig.tick()
        #expect(rig.engine.statistics.legs == 1)
    }

    @Test func allLegsOfACallCloseInOneTick() throws {
        let party = try EngineParty([.pcma, .pcmu, .pcma])
        for leg in 0..<3 { try party.hear(leg, (0..<3).filter { $0 != leg }) }
        party.rig.tick(3)
        try party.hear(0, [1])
        for leg in party.legs { party.rig.engine.close(leg: leg.id) }
        party.rig.tick()
        #expect(party.rig.engine.statistics.legs == 0)
        for leg in party.legs { #expect(party.rig.heard.names(of: leg.id).last == "closed") }
    }

    // MARK: - Refused

    @Test func onlyFourOthersOfTheSameCallCanBeHeard() throws {
        let rig = try EngineRig()
        let first = try rig.leg()
        let others = try (0..<5).map { _ in try rig.leg(call: first.call) }.map(\.id)
        let stranger = try rig.leg().id
        let unknown: LegID = rig.identifier()
        try rig.engine.hear(leg: first.id, legs: Array(others.prefix(4)))
        let wrong: [([LegID], String)] = [
            ([stranger], "no open leg of call"), ([others[0], unknown], "no open leg of call"),
            ([first.id], "itself"), ([others[0], others[0]], "twice"), (others, "4 others, not 5"),
        ]
        for (list, message) in wrong {
            #expect {
                try rig.engine.hear(leg: first.id, legs: list)
            } throws: {
                let error = $0 as? MediaError
                return error?.code == .limit && error?.message.contains(message) == true
            }
        }
        // Who listens and is not open is passed over, as with every command.
        let before = rig.engine.statistics.commandsWithoutLeg
        try rig.engine.hear(leg: unknown, legs: [first.id])
        #expect(rig.engine.statistics.commandsWithoutLeg == before + 1)
    }

    @Test func aRefusedListLeavesTheOldOne() throws {
        let party = try EngineParty([.pcma, .pcma])
        try party.hear(1, [0])
        let said = EngineParty.noise(ticks: 10, seed: 41)
        try party.talk([said, nil], ticks: 0..<5)
        #expect(throws: MediaError.self) { try party.hear(1, [1]) }
        try party.talk([said, nil], ticks: 5..<10)
        let sides = try party.sides()
        #expect(sides[1].sent == sides[0].received)
    }
}
