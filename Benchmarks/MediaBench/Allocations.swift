import CBench
import Calls
import Foundation
import Glibc
import Media

/// Runs ticks by hand, with everything in them that a tick can hold, and counts what they ask of the allocator.
enum Allocations {
    static func run() throws {
        let studio = try Studio()
        let time = SystemTime()
        var configuration = MediaConfiguration()
        configuration.maximumLegs = 32
        let engine = try MediaEngine(
            configuration: configuration, prompts: studio.prompts,
            log: AudioLogSettings(folder: studio.folder + "/log", node: 1), disk: .system, time: time, stepped: true,
            events: { _ in })
        // Four calls of five legs, in both laws.
        let calls: [CallID] = (0..<4).map { _ in studio.identifier() }
        let callers = try (0..<20).map {
            try Caller(engine, studio, call: calls[$0 / 5], codec: $0 % 3 == 0 ? .pcmu : .pcma, inBand: $0 % 4 == 0)
        }
        let speech = Studio.speech(ticks: 120, seed: 7).map { $0.map { G711.aLaw($0) } }
        var counted: UInt64 = 0
        for tick in 0..<2000 {
            for (index, caller) in callers.enumerated() {
                // Lost packets, for the concealment; keys, plays, recordings, reports; legs that hear others.
                if (tick + index) % 37 != 0 { caller.say(speech[tick % speech.count]) }
                if tick % 50 == index { try caller.command(engine, studio, tick) }
                if tick % 20 == index, tick < 1980 {
                    let others = callers.filter { $0.call == caller.call && $0 !== caller }.map(\.leg).shuffled()
                    try engine.hear(leg: caller.leg, legs: Array(others.prefix((tick / 20 + index) % 5)))
                }
            }
            // Each call's recordings paused for a while, and again.
            if tick % 90 == 45 { try engine.pauseRecordings(of: calls[tick / 90 % 4], tick / 90 % 8 < 4) }
            // A leg that others hear, closed before them.
            if tick == 1980 { engine.close(leg: callers[2].leg) }
            if tick == 1999 { for caller in callers { engine.close(leg: caller.leg) } }
            let now = time.now()
            let before = hotline_allocations()
            hotline_watch_allocations(1)
            engine.tick(at: Instant(wall: now.wall, mono: now.mono + Int64(tick) * 20_000_000))
            hotline_watch_allocations(0)
            counted += hotline_allocations() - before
            engine.deliverEvents()
            if tick % 10 == 0 { engine.writeLog(at: now) }
        }
        engine.shutdown()
        say("allocations: \(counted) calls of the allocator in 2000 ticks of 20 legs")
        guard counted == 0 else { throw BenchError("a tick must not call the allocator") }
    }

    private final class Caller {
        let leg: LegID
        let call: CallID
        private let codec: Codec
        private let descriptor: Int32
        private var remote = sockaddr_in()
        private var sequence: UInt16 = 0
        private var timestamp: UInt32 = 0
        private var recording: RecordingID?

        init(_ engine: MediaEngine, _ studio: Studio, call: CallID, codec: Codec, inBand: Bool) throws {
            leg = studio.identifier()
            self.call = call
            self.codec = codec
            descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            let loopback = IPAddress(v4: 0x7F00_0001)
            let endpoint = try engine.open(leg: leg, call: call, address: loopback)
            remote.sin_family = sa_family_t(AF_INET)
            remote.sin_port = endpoint.port.bigEndian
            remote.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var own = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let (descriptor, target) = (descriptor, remote)
            withUnsafeBytes(of: target) { target in
                guard let base = target.bindMemory(to: sockaddr.self).baseAddress else { return }
                _ = connect(descriptor, base, length)
            }
            withUnsafeMutableBytes(of: &own) { own in
                guard let base = own.bindMemory(to: sockaddr.self).baseAddress else { return }
                _ = getsockname(descriptor, base, &length)
            }
            let port = UInt16(bigEndian: own.sin_port)
            try engine.configure(
                leg: leg,
                session: MediaSession(
                    remote: Endpoint(address: loopback, port: port),
                    remoteRTCP: Endpoint(address: loopback, port: port + 1), codec: codec,
                    payloadType: codec.rawValue,
                    telephoneEventPayloadType: inBand ? nil : 101, direction: .sendReceive))
            try engine.start(leg: leg)
            try engine.watchSilence(leg: leg, afterMilliseconds: 500)
        }

        deinit { close(descriptor) }

        func say(_ payload: [UInt8]) {
            var packet = [UInt8](repeating: 0, count: 12)
            let header = RTPPacket(payloadType: codec.rawValue, sequence: sequence, timestamp: timestamp, ssrc: 1)
            packet.withUnsafeMutableBytes { if let base = $0.baseAddress { header.write(to: base) } }
            packet += payload
            _ = send(descriptor, packet, packet.count, 0)
            sequence &+= 1
            timestamp &+= 160
        }

        func command(_ engine: MediaEngine, _ studio: Studio, _ tick: Int) throws {
            // Every third begins again and again.
            let loops = tick % 3 == 0
            let items: [PlayItem] =
                loops
                ? [.silence(milliseconds: 35), .tone(.beep)]
                : [.prompt(PromptIndex(0)), .silence(milliseconds: 35), .tone(.ringBack)].shuffled()
            try engine.play(
                leg: leg, PlayRequest(id: PlayID(UInt32(tick)), items: items, bargeIn: .all, loops: loops))
            try engine.sendKeys(leg: leg, [Key(rawValue: UInt8(tick % 16))].compactMap(\.self))
            if let running = recording {
                try engine.stopRecording(running)
                recording = nil
            } else {
                let fresh: RecordingID = studio.identifier()
                recording = fresh
                try engine.startRecording(
                    fresh, call: call,
                    channels: [
                        RecordingChannel(index: 0, leg: leg, tap: .received),
                        RecordingChannel(index: 1, leg: leg, tap: .sent),
                    ])
            }
        }
    }
}
