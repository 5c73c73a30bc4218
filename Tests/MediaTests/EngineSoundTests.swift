import AudioLog
import Calls
import Media
import Testing

/// A card without a device: the test stands where the card's thread would.
private final class Card {
    let card: SoundCard
    private var heard: [Int16] = []

    init(_ rig: EngineRig) {
        card = SoundCard(
            configuration: SoundCardConfiguration(capture: "none", playback: "none"), time: rig.clock, events: { _ in })
    }

    /// The card captured this.
    func capture(_ samples: [Int16]) {
        samples.withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { card.link.pointee.capture.write(base, count: buffer.count) }
        }
    }

    /// How far the media thread stands behind the card, and the card behind the media thread.
    var distances: [Int64?] { [card.link.pointee.capture.distance, card.link.pointee.playback.distance] }

    var target: Int { Int(card.link.pointee.capture.target) }

    var jumps: UInt64 { card.link.pointee.capture.jumps + card.link.pointee.playback.jumps }

    /// What the card plays next.
    func playback(_ count: Int = 160) -> [Int16]? {
        var out = [Int16](repeating: 0, count: count)
        let isThere = out.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { card.link.pointee.playback.read(into: $0, count: count) } ?? false
        }
        return isThere ? out : nil
    }
}

@Suite struct EngineSoundTests {
    private func leg(_ rig: EngineRig, _ card: Card, keysInBand: Bool = true) throws -> (LegID, CallID) {
        let leg: LegID = rig.identifier()
        let call: CallID = rig.identifier()
        try rig.engine.open(leg: leg, call: call, card: card.card)
        try rig.engine.configure(leg: leg, session: .sound(keysInBand: keysInBand))
        return (leg, call)
    }

    @Test func whatTheCardHearsIsLeftWhatItPlaysIsRight() throws {
        let prompt = PromptsFolder.tone(1000, seconds: 0.6)
        let rig = try EngineRig(prompts: [prompt])
        let card = Card(rig)
        let (leg, call) = try leg(rig, card)
        try rig.engine.start(leg: leg)
        let recording: RecordingID = rig.identifier()
        try rig.engine.startRecording(
            recording, call: call,
            channels: [
                RecordingChannel(index: 0, leg: leg, tap: .received), RecordingChannel(index: 1, leg: leg, tap: .sent),
            ])
        try rig.engine.play(leg: leg, PlayRequest(id: PlayID(1), items: [.prompt(PromptIndex(0))]))
        let spoken = PromptsFolder.tone(400, seconds: 1)
        var played: [Int16] = []
        for tick in 0..<50 {
            card.capture(Array(spoken[tick * 160..<(tick + 1) * 160]))
            rig.tick()
            played += card.playback() ?? []
        }
        try rig.engine.stopRecording(recording)
        rig.tick(2)
        let found = try #require(try rig.log().recordings[recording])
        let left = try found.bytes(0).map { G711.linear(aLaw: $0) }
        let right = try found.bytes(1)
        #expect(left.count == right.count)
        #expect(left.count == 50 * 160)
        // The caller's tone stands behind the timeline's distance, to the sample.
        let begin = try #require(left.firstIndex { abs($0) > 200 })
        #expect(abs(begin - card.target) < 160 + 8)
        #expect(PromptsFolder.share(of: 400, in: Array(left[begin..<begin + 4000])) > 0.19)
        #expect(Array(right[..<4800]) == prompt.map { G711.aLaw($0) })
        // The card was given what was recorded of it.
        let first = try #require(played.firstIndex { abs($0) > 200 })
        #expect(PromptsFolder.share(of: 1000, in: Array(played[first..<first + 3000])) > 0.19)
        #expect(
            rig.heard.names(of: leg) == ["recordingStarted", "playStarted(1)", "playFinished(1)", "recordingStopped"])
    }

    @Test func keysAreFoundInTheAudioUnlessTheModemTellsThem() throws {
        for inBand in [true, false] {
            let rig = try EngineRig()
            let card = Card(rig)
            let (leg, _) = try leg(rig, card, keysInBand: inBand)
            try rig.engine.start(leg: leg)
            let low = PromptsFolder.tone(770, seconds: 0.2)
            let high = PromptsFolder.tone(1336, seconds: 0.2)
            let five = zip(low, high).map { $0 + $1 } + [Int16](repeating: 0, count: 1600)
            for tick in 0..<five.count / 160 {
                card.capture(Array(five[tick * 160..<(tick + 1) * 160]))
                rig.tick()
            }
            for _ in 0..<10 {
                card.capture([Int16](repeating: 0, count: 160))
                rig.tick()
            }
            #expect(
                rig.heard.names(of: leg)
                    == (inBand ? ["keyDown(5,in_band)", "keyUp(5,in_band)"] : []))
        }
    }

    @Test func aCardThatStopsIsConcealedThenSilentThenTold() throws {
        let rig = try EngineRig(configure: { $0.inactivityMilliseconds = 1000 })
        let card = Card(rig)
        let (leg, _) = try leg(rig, card)
        try rig.engine.start(leg: leg)
        for _ in 0..<20 {
            card.capture(PromptsFolder.tone(500, seconds: 0.02))
            rig.tick()
        }
        rig.tick(60)
        #expect(rig.heard.names(of: leg) == ["inactive"])
        // What was late is passed over: the next tick is heard where it belongs, not behind a second of old audio.
        card.capture([Int16](repeating: 0, count: 60 * 160))
        card.capture(PromptsFolder.tone(500, seconds: 0.02))
        rig.tick()
        #expect(rig.heard.names(of: leg) == ["inactive", "active"])
        rig.engine.close(leg: leg)
        rig.tick(2)
        let statistics = try #require(rig.heard.closed(leg))
        #expect(statistics.concealedTicks == 5)
        #expect(statistics.packetsReceived == 21)
        #expect(statistics.packetsSent == 20 + 60 + 1)
    }

    @Test func skippedTicksPassOnBothTimelines() throws {
        let rig = try EngineRig(configure: { $0.phases = 1 })
        let card = Card(rig)
        let (leg, _) = try leg(rig, card)
        try rig.engine.start(leg: leg)
        for _ in 0..<20 {
            card.capture([Int16](repeating: 0, count: 160))
            rig.tick()
            _ = card.playback()
        }
        let distances = card.distances
        #expect(!distances.contains(nil))
        // The machine stands still for 30 ticks, the card does not.
        for _ in 0..<30 {
            card.capture([Int16](repeating: 0, count: 160))
            _ = card.playback()
        }
        var schedule = TickSchedule(first: rig.clock.now().mono + 20_000_000)
        rig.clock.advance(milliseconds: 30 * 20)
        rig.engine.run(schedule.due(at: rig.clock.now().mono))
        #expect(card.distances == distances)
        #expect(card.jumps == 0)
    }

    @Test func aCardServesOneLegAtATimeAndIsGivenBack() throws {
        let rig = try EngineRig()
        let card = Card(rig)
        let (first, _) = try leg(rig, card)
        let second: LegID = rig.identifier()
        do {
            try rig.engine.open(leg: second, call: rig.identifier(), card: card.card)
            Issue.record("the card was given twice")
        } catch {
            #expect(error.code == .device)
            #expect(error.message.contains("none"))
        }
        rig.engine.close(leg: first)
        rig.tick(2)
        try rig.engine.open(leg: second, call: rig.identifier(), card: card.card)
        rig.tick()
        // The same memory serves a leg with sockets, and the other way round.
        rig.engine.close(leg: second)
        rig.tick(2)
        let third = try rig.leg()
        rig.tick(2)
        #expect(third.endpoint.port > 0)
    }

    @Test func aCardAndALegHearEachOther() throws {
        let rig = try EngineRig()
        let card = Card(rig)
        let (leg, call) = try leg(rig, card)
        try rig.engine.start(leg: leg)
        let agent = try rig.leg(call: call, codec: .pcmu)
        try rig.engine.hear(leg: leg, legs: [agent.id])
        try rig.engine.hear(leg: agent.id, legs: [leg])
        let spoken = PromptsFolder.tone(400, seconds: 0.6)
        let answered = EngineParty.tone(1300, ticks: 30, .pcmu)
        var played: [Int16] = []
        for tick in 0..<30 {
            card.capture(Array(spoken[tick * 160..<(tick + 1) * 160]))
            try agent.say(Array(answered[tick * 160..<(tick + 1) * 160]))
            rig.tick()
            played += card.playback() ?? []
        }
        let sent = try agent.peer.packets(30).flatMap(\.payload)
        #expect(EngineParty.share(of: 400, in: sent[1600...], .pcmu) > 0.18)
        #expect(EngineParty.share(of: 1300, in: sent, .pcmu) < 0.01)
        #expect(played.count > 3200)
        #expect(PromptsFolder.share(of: 1300, in: Array(played.suffix(1600))) > 0.18)
        #expect(PromptsFolder.share(of: 400, in: Array(played.suffix(1600))) < 0.01)
    }
}
