import Calls
import Foundation
import Media
import Synchronization
import Testing

/// The engine on its own threads and the real clock. Nothing here depends on when a tick came, only on what it did.
@Suite struct EngineThreadTests {
    /// An engine with threads, stopped at the test's end.
    final class Running {
        let folder: PromptsFolder
        let engine: MediaEngine
        let heard = EngineEvents()
        let progress = EngineProgress()

        init(prompts samples: [[Int16]], threads: Int = 1) throws {
            folder = try PromptsFolder()
            let prompts = try EngineRig.store(samples, in: folder)
            let heard = heard
            let progress = progress
            let log = AudioLogSettings(folder: folder.path + "/log", node: 1, progress: { progress.note($0) })
            var configuration = MediaConfiguration()
            configuration.maximumLegs = 64
            configuration.priority = .nice(0)
            configuration.threads = threads
            engine = try MediaEngine(
                configuration: configuration, prompts: prompts, log: log, time: SystemTime(),
                events: { heard.append($0) })
        }

        deinit { engine.shutdown() }

        /// Waits as long as a busy machine may need.
        func wait(until done: () -> Bool) -> Bool {
            for _ in 0..<1500 {
                if done() { return true }
                usleep(10_000)
            }
            return false
        }
    }

    @Test func aCallFromOpenToTheSealedLog() throws {
        let samples = EnginePlayTests.noise(160 * 30 + 7, seed: 2)
        let running = try Running(prompts: [samples])
        let rig = try EngineRig()
        let id: LegID = rig.identifier()
        let call: CallID = rig.identifier()
        let recording: RecordingID = rig.identifier()
        let loopback = IPAddress(v4: 0x7F00_0001)
        let endpoint = try running.engine.open(leg: id, call: call, address: loopback)
        let leg = EngineLeg(
            id: id, call: call, endpoint: endpoint, peer: try EnginePeer(loopback), control: try EnginePeer(loopback),
            codec: .pcmu, events: 101, nat: false)
        try running.engine.configure(leg: id, session: leg.session)
        try running.engine.startRecording(recording, call: call, channels: leg.bothWays)
        try running.engine.play(leg: id, PlayRequest(id: PlayID(4), items: [.prompt(PromptIndex(0))]))
        try running.engine.start(leg: id)
        var sent: [UInt8] = []
        for _ in 0..<31 { sent += try leg.peer.packet().payload }
        #expect(Array(sent.prefix(samples.count)) == samples.map { G711.uLaw($0) })
        try leg.press("7")
        #expect(running.wait { running.heard.names(of: id).contains("keyUp(7,rfc4733)") })
        running.engine.close(leg: id)
        #expect(running.wait { running.heard.closed(id) != nil })
        running.engine.shutdown()

        let names = running.heard.names(of: id)
        #expect(names.first == "recordingStarted")
        #expect(names.suffix(2) == ["recordingStopped", "closed"])
        #expect(names.filter { $0.hasPrefix("play") } == ["playStarted(4)", "playFinished(4)"])
        let found = try #require(try EngineLog(folder: running.folder.path + "/log").recordings[recording])
        let stopped = running.heard.of(id).first { EngineEvents.name($0.kind) == "recordingStopped" }
        #expect(found.length == stopped?.position)
        let started = running.heard.of(id).first { EngineEvents.name($0.kind) == "playStarted(4)" }
        let from = Int(try #require(started?.position).samples(rate: 8000))
        let right = found.samples[1] ?? []
        // A stalled machine may leave a gap in it; what is there is the prompt.
        #expect(right[from...].compactMap(\.self).prefix(samples.count) == samples.map { G711.uLaw($0) }[...])
        #expect(running.progress.all.last?.isSealed == true)
        let statistics = running.engine.statistics
        #expect(statistics.legs == 0)
        #expect(statistics.ticks > 30)
        #expect(statistics.framesLost == 0)
    }

    @Test(arguments: [1, 3]) func manyThreadsCommandAtOnce(threads: Int) async throws {
        let running = try Running(prompts: [[0, 0, 0]], threads: threads)
        let engine = running.engine
        let heard = running.heard
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    var identifiers = IdentifierGenerator(node: UInt16(worker + 1))
                    for round in 0..<50 {
                        let leg: LegID = identifiers.next(
                            wallMicroseconds: Int64(round), random: .random(in: 0 ... .max))
                        let call: CallID = identifiers.next(
                            wallMicroseconds: Int64(round), random: .random(in: 0 ... .max))
                        let recording: RecordingID = identifiers.next(
                            wallMicroseconds: Int64(round), random: .random(in: 0 ... .max))
                        do {
                            _ = try engine.open(leg: leg, call: call, address: IPAddress(v4: 0x7F00_0001))
                            try engine.startRecording(
                                recording, call: call, channels: [RecordingChannel(index: 0, leg: leg, tap: .sent)])
                            for number in 0..<5 {
                                try engine.play(
                                    leg: leg,
                                    PlayRequest(
                                        id: PlayID(UInt32(number)), items: [.prompt(PromptIndex(0)), .tone(.beep)]))
                            }
                            // Longer than any tick, now and then: elsewhere the recording ends before it began.
                            if round % 10 == 0 { usleep(100_000) }
                            if round % 2 == 0 { try engine.stopRecording(recording) }
                            engine.close(leg: leg)
                        } catch {
                            // All legs are in use until the media thread has closed some: the next round tries again.
                            usleep(20_000)
                        }
                    }
                }
            }
        }
        engine.shutdown()
        let all = heard.all.map { EngineEvents.name($0.kind) }
        let closed = all.filter { $0 == "closed" }.count
        #expect(closed > 50)
        #expect((1...closed).contains(all.filter { $0 == "recordingStarted" }.count))
        #expect(all.filter { $0 == "recordingStopped" }.count == closed)
        #expect(engine.statistics.legs == 0)
        #expect(engine.statistics.eventsLost == 0)
    }

    @Test func aSinkThatStandsStillHoldsNothingUp() throws {
        let folder = try PromptsFolder()
        let gate = Mutex(())
        let closed = Atomic<Int>(0)
        var configuration = MediaConfiguration()
        configuration.priority = .nice(0)
        configuration.maximumLegs = 4
        let engine = try MediaEngine(
            configuration: configuration, prompts: try EngineRig.store([], in: folder),
            log: AudioLogSettings(folder: folder.path + "/log", node: 1), time: SystemTime(),
            events: { event in
                gate.withLock { _ in }
                if case .closed = event.kind { closed.add(1, ordering: .relaxed) }
            })
        let rig = try EngineRig()
        try gate.withLock { _ in
            let before = engine.statistics.ticks
            for _ in 0..<3 {
                let leg: LegID = rig.identifier()
                _ = try engine.open(leg: leg, call: rig.identifier(), address: IPAddress(v4: 0x7F00_0001))
                engine.close(leg: leg)
            }
            for _ in 0..<1500 where engine.statistics.ticks < before + 5 || engine.statistics.legs > 0 {
                usleep(10_000)
            }
            #expect(engine.statistics.ticks >= before + 5)
        }
        engine.shutdown()
        #expect(closed.load(ordering: .relaxed) == 3)
    }
}
