import AudioLog
import Calls
import Media
import Testing

@Suite struct EngineRecordingTests {
    static let idle = G711.idle(.pcma)

    static func tone(_ frequency: Double, ticks: Int) -> [UInt8] {
        PromptsFolder.tone(frequency, seconds: Double(ticks) * 0.02).map { G711.aLaw($0) }
    }

    @Test func theCallerIsLeftThePromptIsRight() throws {
        let prompt = PromptsFolder.tone(1000, seconds: 0.5)
        let rig = try EngineRig(prompts: [prompt])
        let leg = try rig.leg()
        rig.tick(2)
        let recording: RecordingID = rig.identifier()
        try rig.engine.startRecording(recording, call: leg.call, channels: leg.bothWays)
        try rig.engine.play(
            leg: leg.id, PlayRequest(id: PlayID(1), items: [.silence(milliseconds: 105), .prompt(PromptIndex(0))]))
        let spoken = Self.tone(400, ticks: 50)
        for tick in 0..<50 {
            try leg.say(Array(spoken[tick * 160..<(tick + 1) * 160]))
            rig.tick()
        }
        rig.tick(10)
        try rig.engine.stopRecording(recording)
        rig.tick(2)

        let log = try rig.log()
        let found = try #require(log.recordings[recording])
        #expect(found.length == .ticks(60))
        #expect(found.gaps.isEmpty)
        #expect(found.start?.channels.map(\.tap) == [.received, .sent])
        #expect(found.start?.channels.map(\.leg) == [leg.id, leg.id])
        let left = try found.bytes(0)
        let right = try found.bytes(1)
        #expect(left.count == 60 * 160)
        #expect(right.count == 60 * 160)
        // To the right, the prompt's very bytes, where the play put them.
        let encoded = prompt.map { G711.aLaw($0) }
        #expect(Array(right[840..<840 + encoded.count]) == encoded)
        #expect(right[..<840].allSatisfy { $0 == Self.idle })
        #expect(right[(840 + encoded.count)...].allSatisfy { $0 == Self.idle })
        // To the left, the caller's very bytes behind the jitter buffer's delay.
        let begin = try #require(left.firstIndex { $0 != Self.idle })
        #expect(begin <= 5 * 160)
        let shift = begin / 160 * 160
        #expect(Array(left[shift..<shift + spoken.count]) == spoken)

        let events = rig.heard.of(leg.id)
        let positions = events.compactMap { event -> String? in
            guard let position = event.position else { return nil }
            return "\(EngineEvents.name(event.kind)) \(position.units / 960)"
        }
        #expect(
            positions == [
                "recordingStarted 0", "firstPacket 0", "playStarted(1) 0", "playFinished(1) 30", "recordingStopped 60",
            ])
        #expect(found.start?.at == events.first { EngineEvents.name($0.kind) == "recordingStarted" }?.at)
    }

    @Test func aStallLeavesAGapOfItsLength() throws {
        let prompt = EnginePlayTests.noise(160 * 40, seed: 8)
        let rig = try EngineRig(prompts: [prompt], configure: { $0.phases = 1 })
        let leg = try rig.leg()
        let recording: RecordingID = rig.identifier()
        try rig.engine.startRecording(recording, call: leg.call, channels: leg.bothWays)
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(1), items: [.prompt(PromptIndex(0))]))
        var schedule = TickSchedule(first: rig.clock.now().mono + 20_000_000)
        // A stall of so many ticks each, then single ones.
        for stall in [1, 1, 4, 5, 6, 1, 31, 1] {
            rig.clock.advance(milliseconds: Int64(stall * 20))
            rig.engine.run(schedule.due(at: rig.clock.now().mono))
            rig.engine.deliverEvents()
        }
        try rig.engine.stopRecording(recording)
        rig.tick()
        let found = try #require(try rig.log().recordings[recording])
        // 1 + 26 ticks are more than five behind: they are gaps where the machine stood still.
        #expect(found.length == .ticks(50))
        #expect(found.gaps == [0: [11..<12, 18..<44], 1: [11..<12, 18..<44]])
        let right = found.samples[1] ?? []
        #expect(right.count == 50 * 160)
        #expect(right[11 * 160..<12 * 160].allSatisfy { $0 == nil })
        // Nothing of the prompt is lost: it goes on behind the gap.
        #expect(right.compactMap(\.self) == prompt.prefix(23 * 160).map { G711.aLaw($0) })
        let skipped = rig.heard.of(leg.id).filter { EngineEvents.name($0.kind).hasPrefix("skipped") }
        #expect(skipped.map { EngineEvents.name($0.kind) } == ["skipped(20)", "skipped(520)"])
        #expect(skipped.map(\.position) == [.ticks(11), .ticks(18)])
        #expect(rig.engine.statistics.skippedTicks == 27)
        // The far end's clock goes on as ours does.
        let packets = try leg.peer.packets(23)
        #expect(packets[22].header.timestamp &- packets[0].header.timestamp == 49 * 160)
        #expect(packets[22].header.sequence &- packets[0].header.sequence == 22)
    }

    @Test func closingTheLastLegEndsTheRecording() throws {
        let rig = try EngineRig()
        let leg = try rig.leg()
        let other: LegID = rig.identifier()
        _ = try rig.engine.open(leg: other, call: leg.call, address: leg.endpoint.address)
        let recording: RecordingID = rig.identifier()
        try rig.engine.startRecording(
            recording, call: leg.call,
            channels: [
                RecordingChannel(index: 0, leg: leg.id, tap: .received),
                RecordingChannel(index: 1, leg: other, tap: .received),
            ])
        rig.tick(10)
        rig.engine.close(leg: leg.id)
        rig.tick(10)
        #expect(rig.heard.names(of: leg.id).last == "closed")
        rig.engine.close(leg: other)
        rig.tick(3)
        let found = try #require(try rig.log().recordings[recording])
        #expect(found.length == .ticks(20))
        #expect(found.gaps.isEmpty)
        #expect(try found.bytes(0).count == 20 * 160)
        let told = rig.heard.of(leg.id) + rig.heard.of(other)
        #expect(
            told.filter { EngineEvents.name($0.kind) == "recordingStopped" }.map(\.position) == [.ticks(20)])
        // Once more is passed over.
        try rig.engine.stopRecording(recording)
        rig.tick()
        #expect(rig.engine.statistics.commandsWithoutLeg == 1)
    }

    @Test func onlyOpenLegsOfTheCallCanBeRecorded() throws {
        let rig = try EngineRig()
        let leg = try rig.leg()
        let other = try rig.leg()
        let wrong: [(CallID, [RecordingChannel])] = [
            (other.call, leg.bothWays), (leg.call, other.bothWays), (leg.call, []),
            (leg.call, [leg.bothWays[0], leg.bothWays[0]]),
            (leg.call, [RecordingChannel(index: 8, leg: leg.id, tap: .sent)]),
            (leg.call, [RecordingChannel(index: 0, leg: rig.identifier(), tap: .sent)]),
        ]
        for (call, channels) in wrong {
            #expect(throws: MediaError.self) {
                try rig.engine.startRecording(rig.identifier(), call: call, channels: channels)
            }
        }
    }

    @Test func aCodecChangeBeginsAnotherBlock() throws {
        let rig = try EngineRig(prompts: [EnginePlayTests.noise(160 * 10, seed: 5)])
        let leg = try rig.leg()
        let recording: RecordingID = rig.identifier()
        try rig.engine.startRecording(recording, call: leg.call, channels: [leg.bothWays[1]])
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(1), items: [.prompt(PromptIndex(0))]))
        rig.tick(5)
        leg.session.codec = .pcmu
        leg.session.payloadType = 0
        try rig.engine.configure(leg: leg.id, session: leg.session)
        rig.tick(5)
        try rig.engine.stopRecording(recording)
        rig.tick()
        let samples = EnginePlayTests.noise(160 * 10, seed: 5)
        let found = try #require(try rig.log().recordings[recording])
        // Start, two blocks of audio, end.
        #expect(found.blocks == 4)
        #expect(
            try found.bytes(1)
                == samples.prefix(800).map { G711.aLaw($0) } + samples.suffix(800).map { G711.uLaw($0) })
    }

    @Test func aBlockLastsASecondAtMost() throws {
        let rig = try EngineRig()
        let leg = try rig.leg()
        let recording: RecordingID = rig.identifier()
        try rig.engine.startRecording(recording, call: leg.call, channels: leg.bothWays)
        rig.tick(125)
        let found = try #require(try rig.log().recordings[recording])
        #expect(found.longestBlock == 8000)
        // Without an end: as a crash leaves it, with all that was written.
        #expect(found.length == nil)
        #expect(try found.bytes(0).count == 125 * 160)
        #expect(found.flags[0] == .silent)
        #expect(found.flags[1] == [])
    }
}
