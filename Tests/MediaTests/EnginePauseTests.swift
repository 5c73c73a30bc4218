import AudioLog
import Calls
import Foundation
import Media
import Testing

/// Pauses of recordings: zero in the audio log, nothing changed for those who talk.
@Suite struct EnginePauseTests {
    private static let noise = EngineParty.noise(ticks: 60, seed: 11)
    private static let prompt = EnginePlayTests.noise(160 * 60, seed: 12)

    /// A leg that says noise and is sent other noise for 60 ticks, recorded in both directions; commands come between
    /// ticks.
    private struct Talk {
        let rig: EngineRig
        let leg: EngineLeg
        let recording: RecordingID

        init(codec: Codec = .pcma, _ commands: (Int, MediaEngine, CallID) throws -> Void = { _, _, _ in }) throws {
            rig = try EngineRig(prompts: [EnginePauseTests.prompt])
            leg = try rig.leg(codec: codec)
            recording = rig.identifier()
            try rig.engine.startRecording(recording, call: leg.call, channels: leg.bothWays)
            try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(1), items: [.prompt(PromptIndex(0))]))
            for tick in 0..<60 {
                try commands(tick, rig.engine, leg.call)
                try leg.say(Array(EnginePauseTests.noise[tick * 160..<(tick + 1) * 160]))
                rig.tick()
            }
            try rig.engine.stopRecording(recording)
            rig.tick()
        }

        func recorded() throws -> EngineLog.Recording { try #require(try rig.log().recordings[recording]) }

        /// Ticks at which the recording was told to pause and to go on.
        var told: [String] {
            rig.heard.of(leg.id).compactMap { event in
                let name = EngineEvents.name(event.kind)
                return name.hasPrefix("recording") ? "\(name) \((event.position?.units ?? -960) / 960)" : nil
            }
        }
    }

    @Test(arguments: Codec.allCases)
    func theStretchIsExactlyZeroAndTheRestAsItWouldHaveBeen(codec: Codec) throws {
        let plain = try Talk(codec: codec)
        let paused = try Talk(codec: codec) { tick, engine, call throws in
            if tick == 20 { try engine.pauseRecordings(of: call, true) }
            if tick == 35 { try engine.pauseRecordings(of: call, false) }
        }
        let (whole, cut) = (try plain.recorded(), try paused.recorded())
        #expect(cut.length == .ticks(60))
        #expect(cut.gaps.isEmpty)
        for channel: UInt8 in [0, 1] {
            let (all, kept) = (try #require(whole.linear[channel]), try #require(cut.linear[channel]))
            #expect(kept.count == 60 * 160)
            #expect(kept[20 * 160..<35 * 160].allSatisfy { $0 == 0 }, "channel \(channel)")
            #expect(all[20 * 160..<35 * 160].contains { $0 != 0 }, "there was something to be heard")
            #expect(kept[..<(20 * 160)] == all[..<(20 * 160)])
            #expect(kept[(35 * 160)...] == all[(35 * 160)...])
            #expect(cut.paused[channel] == [20..<35])
        }
        #expect(
            paused.told == ["recordingStarted 0", "recordingPaused 20", "recordingResumed 35", "recordingStopped 60"])
        // Who is called hears what was played, paused or not.
        let sent = try paused.leg.peer.packets(60).flatMap { $0.payload }
        #expect(sent == EnginePlayTests.encode(Self.prompt, codec))
    }

    @Test func nothingOfItIsInAnyFile() throws {
        let talk = try Talk { tick, engine, call throws in
            if tick == 20 { try engine.pauseRecordings(of: call, true) }
            if tick == 35 { try engine.pauseRecordings(of: call, false) }
        }
        _ = try talk.recorded()
        var bytes = Data()
        for name in try FileManager.default.contentsOfDirectory(atPath: talk.rig.logFolder) {
            bytes += try #require(FileManager.default.contents(atPath: talk.rig.logFolder + "/" + name))
        }
        let sent = Self.prompt.map { G711.aLaw($0) }
        func isKept(_ audio: [UInt8], _ tick: Int) -> Bool {
            bytes.range(of: Data(audio[tick * 160..<tick * 160 + 32])) != nil
        }
        #expect((0..<20).allSatisfy { isKept(sent, $0) } && (35..<60).allSatisfy { isKept(sent, $0) })
        #expect((20..<35).allSatisfy { !isKept(sent, $0) })
        // What the caller said comes behind the jitter buffer's delay of some ticks.
        #expect((0..<14).allSatisfy { isKept(Self.noise, $0) } && (36..<50).allSatisfy { isKept(Self.noise, $0) })
        #expect((20..<29).allSatisfy { !isKept(Self.noise, $0) })
    }

    @Test func keysInAPauseAreStillTold() throws {
        let rig = try EngineRig()
        let leg = try rig.leg()
        let recording: RecordingID = rig.identifier()
        try rig.engine.startRecording(recording, call: leg.call, channels: leg.bothWays)
        rig.tick(5)
        try rig.engine.pauseRecordings(of: leg.call, true)
        try leg.press("7")
        rig.tick(10)
        #expect(rig.heard.names(of: leg.id).contains("keyDown(7,rfc4733)"))
    }

    @Test func aRecordingThatBeginsInThePauseBeginsWithSilence() throws {
        let rig = try EngineRig(prompts: [Self.prompt])
        let leg = try rig.leg()
        let (one, two): (RecordingID, RecordingID) = (rig.identifier(), rig.identifier())
        let other = try rig.leg()
        let stranger: RecordingID = rig.identifier()
        try rig.engine.startRecording(one, call: leg.call, channels: leg.bothWays)
        try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(1), items: [.prompt(PromptIndex(0))]))
        rig.tick(5)
        try rig.engine.pauseRecordings(of: leg.call, true)
        rig.tick(5)
        try rig.engine.startRecording(two, call: leg.call, channels: [leg.bothWays[1]])
        try rig.engine.startRecording(stranger, call: other.call, channels: other.bothWays)
        rig.tick(5)
        try rig.engine.pauseRecordings(of: leg.call, false)
        rig.tick(5)
        for recording in [one, two, stranger] { try rig.engine.stopRecording(recording) }
        rig.tick()
        let log = try rig.log()
        #expect(log.recordings[one]?.paused[1] == [5..<15])
        #expect(log.recordings[two]?.paused[1] == [0..<5])
        #expect(log.recordings[two]?.linear[1]?[800...].contains { $0 != 0 } == true)
        #expect(log.recordings[stranger]?.paused.isEmpty == true)
        // A call without a recording is passed over.
        try rig.engine.pauseRecordings(of: rig.identifier(), true)
        rig.tick()
    }

    @Test func aRecordingMayEndInItsPause() throws {
        let talk = try Talk { tick, engine, call throws in
            if tick == 50 { try engine.pauseRecordings(of: call, true) }
        }
        let found = try talk.recorded()
        #expect(found.length == .ticks(60))
        #expect(found.paused[0] == [50..<60])
        #expect(talk.told == ["recordingStarted 0", "recordingPaused 50", "recordingStopped 60"])
    }

    @Test func aPauseIsNotHeldUpByARingThatIsFullAndGoesOnUntilItCanBeTold() throws {
        let rig = try EngineRig(prompts: [Self.prompt], configure: { $0.eventRing = 64 })
        let leg = try rig.leg()
        let recording: RecordingID = rig.identifier()
        try rig.engine.startRecording(recording, call: leg.call, channels: leg.bothWays)
        rig.tick(2)
        func tickUnheard(_ count: Int) {
            for _ in 0..<count {
                rig.clock.advance(milliseconds: 20)
                rig.engine.tick(at: rig.clock.now())
            }
        }
        // Each play stops the one before, which is told: so many fill the ring.
        for id: UInt32 in 1...66 {
            try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(id), items: [.prompt(PromptIndex(0))]))
        }
        tickUnheard(3)
        try rig.engine.pauseRecordings(of: leg.call, true)
        tickUnheard(4)
        try rig.engine.pauseRecordings(of: leg.call, false)
        tickUnheard(3)
        rig.engine.deliverEvents()
        rig.tick(8)
        try rig.engine.stopRecording(recording)
        rig.tick()
        let found = try #require(try rig.log().recordings[recording])
        #expect(found.paused[1] == [5..<12])
        let told = rig.heard.of(leg.id).filter { EngineEvents.name($0.kind).hasPrefix("recording") }
        #expect(
            told.map { EngineEvents.name($0.kind) } == [
                "recordingStarted", "recordingPaused", "recordingResumed", "recordingStopped",
            ])
        #expect(told.map(\.position) == [.ticks(0), .ticks(5), .ticks(12), .ticks(20)])
    }
}
