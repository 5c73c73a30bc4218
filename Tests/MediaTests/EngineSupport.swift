import AudioLog
import Calls
import Foundation
import Glibc
import Media
import Synchronization
import Testing

/// A clock that moves by hand; a day after boot.
final class EngineClock: TimeSource, Sendable {
    private let mono = Atomic<Int64>(86_400_000_000_000)

    func now() -> Instant {
        let mono = mono.load(ordering: .relaxed)
        // Far from the real wall clock, so that the kernel's stamps are not believed and arrivals are those of ticks.
        return Instant(wall: 1_000_000_000_000_000 + mono / 1000, mono: mono)
    }

    func advance(milliseconds: Int64) { mono.wrappingAdd(milliseconds * 1_000_000, ordering: .relaxed) }
}

/// An engine without threads, a folder of its own, prompts of known samples, and the events it told.
final class EngineRig {
    let folder: PromptsFolder
    let clock = EngineClock()
    let engine: MediaEngine
    let prompts: PromptStore
    let heard = EngineEvents()
    let progress = EngineProgress()
    private var identifiers = IdentifierGenerator(node: 7)
    var logFolder: String { folder.path + "/log" }

    /// - Parameter prompts: samples by index.
    init(
        prompts samples: [[Int16]] = [], disk: AudioLogDisk = .system,
        settings: (inout AudioLogSettings) -> Void = { _ in },
        configure: (inout MediaConfiguration) -> Void = { _ in }
    ) throws {
        folder = try PromptsFolder()
        prompts = try Self.store(samples, in: folder)
        var configuration = MediaConfiguration()
        configuration.maximumLegs = 16
        configure(&configuration)
        let heard = heard
        let progress = progress
        var log = AudioLogSettings(
            folder: folder.path + "/log", node: 7, progress: { progress.note($0) }, health: { progress.note($0) })
        settings(&log)
        engine = try MediaEngine(
            configuration: configuration, prompts: prompts, log: log, disk: disk, time: clock, stepped: true,
            events: { heard.append($0) })
    }

    static func store(_ samples: [[Int16]], in folder: PromptsFolder) throws -> PromptStore {
        var entries: [PromptCatalog.Entry] = []
        for (index, samples) in samples.enumerated() {
            try folder.write("\(index).wav", samples)
            entries.append(PromptCatalog.Entry(id: "p\(index)", text: "p\(index)", file: "\(index).wav"))
        }
        return try PromptStore(catalog: PromptCatalog(folder: folder.path, locale: "zh-CN", entries: entries))
    }

    func identifier<Kind>() -> Identifier<Kind> {
        identifiers.next(wallMicroseconds: clock.now().wall, random: .random(in: 0 ... .max))
    }

    /// One tick, 20 ms after the last.
    func tick(_ count: Int = 1) {
        for _ in 0..<count {
            clock.advance(milliseconds: 20)
            engine.tick(at: clock.now())
            engine.deliverEvents()
        }
    }

    /// A leg on loopback with a peer at its other end, agreed on and started with the next tick.
    /// - Parameter call: another leg's, where they are one call's.
    func leg(
        call: CallID? = nil, codec: Codec = .pcma, events: UInt8? = 101, nat: Bool = false,
        address: IPAddress = IPAddress(v4: 0x7F00_0001),
        start: Bool = true
    ) throws -> EngineLeg {
        let id: LegID = identifier()
        let call = call ?? identifier()
        let endpoint = try engine.open(leg: id, call: call, address: address)
        let leg = EngineLeg(
            id: id, call: call, endpoint: endpoint, peer: try EnginePeer(address), control: try EnginePeer(address),
            codec: codec, events: events, nat: nat)
        try engine.configure(leg: id, session: leg.session)
        if start { try engine.start(leg: id) }
        return leg
    }

    /// Everything the audio log holds, after a step of the writer.
    func log() throws -> EngineLog {
        engine.writeLog(at: clock.now())
        return try EngineLog(folder: logFolder)
    }
}

/// A leg and who is at its other end.
final class EngineLeg {
    let id: LegID
    let call: CallID
    let endpoint: Endpoint
    let peer: EnginePeer
    let control: EnginePeer
    var session: MediaSession
    private var sequence: UInt16 = 65_000
    private var timestamp: UInt32 = 0xFFFF_FE00

    init(
        id: LegID, call: CallID, endpoint: Endpoint, peer: EnginePeer, control: EnginePeer, codec: Codec,
        events: UInt8?, nat: Bool
    ) {
        self.id = id
        self.call = call
        self.endpoint = endpoint
        self.peer = peer
        self.control = control
        session = MediaSession(
            remote: peer.endpoint, remoteRTCP: control.endpoint, codec: codec, payloadType: codec.rawValue,
            telephoneEventPayloadType: events, direction: .sendReceive, nat: nat)
    }

    var codec: Codec { session.codec }
    var bothWays: [RecordingChannel] {
        [RecordingChannel(index: 0, leg: id, tap: .received), RecordingChannel(index: 1, leg: id, tap: .sent)]
    }

    /// The peer sends 20 ms, or whatever is given.
    /// - Parameter settles: false leaves it to the test to wait until it has arrived.
    func say(
        _ payload: [UInt8], from other: EnginePeer? = nil, ssrc: UInt32 = 0x5EED, settles: Bool = true
    ) throws {
        try say(
            type: session.payloadType, payload, timestamp: timestamp, marker: false, from: other, ssrc: ssrc,
            settles: settles)
        timestamp &+= UInt32(payload.count)
    }

    /// A packet of the peer's gets lost on its way.
    func lose() {
        sequence &+= 1
        timestamp &+= 160
    }

    /// The peer presses a key: `count` packets of the event, the last three its end.
    func press(_ key: Character, packets: Int = 5) throws {
        let code = try #require(Key(key)).rawValue
        for number in 1...packets {
            let duration = UInt16(number * 160)
            let end: UInt8 = number > packets - 3 ? 0x80 : 0
            try say(
                type: try #require(session.telephoneEventPayloadType),
                [code, end | 10, UInt8(duration >> 8), UInt8(truncatingIfNeeded: duration)], timestamp: timestamp,
                marker: number == 1, from: nil, ssrc: 0x5EED)
        }
        timestamp &+= UInt32(packets * 160)
    }

    private func say(
        type: UInt8, _ payload: [UInt8], timestamp: UInt32, marker: Bool, from other: EnginePeer?, ssrc: UInt32,
        settles: Bool = true
    ) throws {
        var bytes = [UInt8](repeating: 0, count: 12)
        let header = RTPPacket(
            payloadType: type, marker: marker, sequence: sequence, timestamp: timestamp, ssrc: ssrc)
        bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { header.write(to: base) } }
        sequence &+= 1
        let sender = other ?? peer
        try settles ? sender.send(bytes + payload, to: endpoint) : sender.sendAtOnce(bytes + payload, to: endpoint)
    }
}

/// The events told, in order.
final class EngineEvents: Sendable {
    private let list = Mutex<[MediaEvent]>([])

    func append(_ event: MediaEvent) { list.withLock { $0.append(event) } }
    var all: [MediaEvent] { list.withLock { $0 } }
    func of(_ leg: LegID) -> [MediaEvent] { all.filter { $0.leg == leg } }

    /// As text without instants, for comparison: `playStarted(1)`.
    func names(of leg: LegID) -> [String] { of(leg).map { Self.name($0.kind) } }

    func closed(_ leg: LegID) -> LegStatistics? {
        for event in of(leg) { if case .closed(let statistics) = event.kind { return statistics } }
        return nil
    }

    static func name(_ kind: MediaEvent.Kind) -> String {
        switch kind {
        case .firstPacket: "firstPacket"
        case .latched: "latched"
        case .keyDown(let key, let source): "keyDown(\(key.character),\(source.rawValue))"
        case .keyUp(let key, let source, _): "keyUp(\(key.character),\(source.rawValue))"
        case .playStarted(let id): "playStarted(\(id.value))"
        case .playFinished(let id): "playFinished(\(id.value))"
        case .playStopped(let id, let key, let milliseconds):
            "playStopped(\(id.value),\(key.map { String($0.character) } ?? "-"),\(milliseconds))"
        case .talkStarted: "talkStarted"
        case .silent: "silent"
        case .inactive: "inactive"
        case .active: "active"
        case .recordingStarted: "recordingStarted"
        case .recordingStopped: "recordingStopped"
        case .recordingPaused: "recordingPaused"
        case .recordingResumed: "recordingResumed"
        case .skipped(let milliseconds): "skipped(\(milliseconds))"
        case .keysSent: "keysSent"
        case .closed: "closed"
        }
    }
}

/// What the audio log's writer told.
final class EngineProgress: Sendable {
    private let list = Mutex<(progress: [AudioLogProgress], health: [String])>(([], []))

    func note(_ progress: AudioLogProgress) { list.withLock { $0.progress.append(progress) } }
    func note(_ health: AudioLogHealth) {
        list.withLock {
            switch health {
            case .failing(let error): $0.health.append("failing \(error.errno ?? 0)")
            case .recovered: $0.health.append("recovered")
            }
        }
    }
    var all: [AudioLogProgress] { list.withLock { $0.progress } }
    var health: [String] { list.withLock { $0.health } }
}

extension AudioPosition {
    static func ticks(_ count: Int64) -> AudioPosition { AudioPosition(units: count * 960) }
}
