import CBench
import Calls
import Foundation
import Glibc
import Media

/// A number of calls at once: each plays a prompt, hears its caller, and is recorded in both directions. Or each has two
/// legs that hear each other, the first of them recorded in both directions. The engine's threads share core 0, the
/// callers have core 1.
struct Load {
    /// Even where they are bridged.
    var legs: Int
    var seconds: Int
    var isBridged = false
    /// Turns of a tick; nil: as the engine has them.
    var phases: Int?

    struct Outcome {
        /// What was measured, with its number.
        var title: String
        var calls: Int
        var seconds: Double
        /// CPU nanoseconds by thread.
        var cpu: [String: UInt64]
        var engine: EngineStatistics
        var peers: PeerProcess.Result
        /// Over all legs.
        var callersLost: UInt64
        var concealedTicks: UInt64
        var memory: Int
        /// The host's share of core 0.
        var stolen: Double

        var total: UInt64 { cpu.values.reduce(0, +) }
        /// Per cent of a core that one call takes.
        var share: Double { Double(total) / seconds / 1e9 / Double(calls) * 100 }
        var missing: Double { Double(peers.missing) / Double(max(1, peers.missing + peers.received)) }
        /// The callers themselves kept their time; otherwise the run says nothing.
        var isFair: Bool { peers.lateRounds * 50 <= peers.rounds }
        /// Nothing of a recording is missing, and of the packets no more than one in a thousand.
        var isHeld: Bool { missing < 0.001 && engine.skippedTicks == 0 && engine.framesLost == 0 }

        func print() {
            let parts = cpu.sorted { $0.value > $1.value }.prefix(4)
                .map { "\($0.key) \(String(format: "%.2f", Double($0.value) / seconds / 1e7)) %" }
            say(
                """
                \(title), \(Int(seconds)) s: \(String(format: "%.4f", share)) % of a core a call \
                (\(String(format: "%.1f", Double(total) / seconds / 1e7)) % in all: \(parts.joined(separator: ", "))), \
                \(memory >> 20) MiB; host took \(String(format: "%.1f", stolen * 100)) %
                  packets missing \(peers.missing) of \(peers.received + peers.missing) \
                (\(peers.legsWithLoss) legs), lost of the callers' \(callersLost), concealed ticks \(concealedTicks)
                  ticks \(engine.ticks), late \(engine.lateTicks), skipped \(engine.skippedTicks), overruns \
                \(engine.overruns), latest \(milliseconds(Int64(engine.maximumLateness))), longest work \
                \(milliseconds(Int64(engine.maximumWork))), mean work \
                \(milliseconds(Int64(engine.work / max(1, engine.ticks)))); frames lost \(engine.framesLost); \
                peers late in \(peers.lateRounds) of \(peers.rounds) rounds; priority \(engine.priorityApplied ? "applied" : "refused")
                """)
        }
    }

    func run() throws -> Outcome {
        _ = hotline_pin(0)
        let studio = try Studio()
        let peers = try Peers(legs: legs, seconds: seconds)
        let tally = Tally()
        var configuration = MediaConfiguration()
        configuration.maximumLegs = legs
        configuration.ports = 20_000...63_000
        if let phases { configuration.phases = phases }
        let engine = try MediaEngine(
            configuration: configuration, prompts: studio.prompts,
            log: AudioLogSettings(folder: studio.folder + "/log", node: 1), time: SystemTime(),
            events: { tally.note($0) })
        var ports: [UInt16] = []
        var opened: [(leg: LegID, call: CallID)] = []
        for remote in peers.ports {
            let leg: LegID = studio.identifier()
            let isSecond = isBridged && opened.count % 2 == 1
            let call: CallID = isSecond ? opened[opened.count - 1].call : studio.identifier()
            ports.append(try open(leg, of: call, in: engine, remote: remote))
            if isSecond {
                let first = opened[opened.count - 1].leg
                try retry { try engine.hear(leg: first, legs: [leg]) }
                try retry { try engine.hear(leg: leg, legs: [first]) }
            } else {
                try record(leg, of: call, studio.identifier(), in: engine)
            }
            if !isBridged { try playOn(leg, in: engine) }
            opened.append((leg, call))
        }
        try peers.begin(ports)
        // The first second is for latching and the jitter buffers' filling.
        sleep(1)
        let before = try Machine.threads()
        let stealBefore = Machine.stolen(core: 0)
        let begin = TimerFloor.clock(CLOCK_MONOTONIC)
        sleep(UInt32(max(1, seconds - 2)))
        let after = try Machine.threads()
        let elapsed = Double(TimerFloor.clock(CLOCK_MONOTONIC) - begin) / 1e9
        let stealAfter = Machine.stolen(core: 0)
        let statistics = engine.statistics
        let memory = Machine.residentBytes
        let result = try peers.finish()
        engine.shutdown()
        let figures = tally.sum
        return Outcome(
            title: isBridged ? "\(legs / 2) bridged and recorded calls (\(legs) legs)" : "\(legs) recorded calls",
            calls: isBridged ? legs / 2 : legs, seconds: elapsed,
            // Threads that ended in between are left out; the engine's do not.
            cpu: after.reduce(into: [:]) { $0[$1.key] = $1.value - min($1.value, before[$1.key] ?? 0) },
            engine: statistics, peers: result, callersLost: figures.lost, concealedTicks: figures.concealed,
            memory: memory,
            stolen: Double(stealAfter.stolen - stealBefore.stolen)
                / Double(max(1, stealAfter.total - stealBefore.total)))
    }

    private func open(_ leg: LegID, of call: CallID, in engine: MediaEngine, remote: UInt16) throws -> UInt16 {
        let address = IPAddress(v4: 0x7F00_0001)
        var port: UInt16 = 0
        try retry { port = try engine.open(leg: leg, call: call, address: address).port }
        let session = MediaSession(
            remote: Endpoint(address: address, port: remote),
            remoteRTCP: Endpoint(address: address, port: remote == .max ? 1 : remote + 1), codec: .pcma,
            payloadType: 8, telephoneEventPayloadType: 101, direction: .sendReceive)
        try retry { try engine.configure(leg: leg, session: session) }
        try retry { try engine.start(leg: leg) }
        return port
    }

    private func playOn(_ leg: LegID, in engine: MediaEngine) throws {
        try retry {
            try engine.play(leg: leg, PlayRequest(id: PlayID(1), items: [.prompt(PromptIndex(0))], loops: true))
        }
    }

    private func record(_ leg: LegID, of call: CallID, _ recording: RecordingID, in engine: MediaEngine) throws {
        try retry {
            try engine.startRecording(
                recording, call: call,
                channels: [
                    RecordingChannel(index: 0, leg: leg, tap: .received),
                    RecordingChannel(index: 1, leg: leg, tap: .sent),
                ])
        }
    }

    /// A busy ring is empty again after a tick.
    private func retry(_ body: () throws -> Void) throws {
        for _ in 0..<200 {
            do {
                return try body()
            } catch let error as MediaError where error.code == .busy {
                usleep(20_000)
            }
        }
        throw BenchError("the command ring stays full")
    }
}
