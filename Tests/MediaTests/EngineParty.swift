import AudioLog
import Calls
import Media
import Testing

/// Legs of one call, all recorded in both directions from the first tick on.
final class EngineParty {
    /// What one leg's recording holds.
    struct Side {
        var received: [UInt8]
        var sent: [UInt8]
        var flags: (received: AudioLogBlock.Flags, sent: AudioLogBlock.Flags)

        func received(_ ticks: Range<Int>) -> ArraySlice<UInt8> {
            received[ticks.lowerBound * 160..<ticks.upperBound * 160]
        }
        func sent(_ ticks: Range<Int>) -> ArraySlice<UInt8> { sent[ticks.lowerBound * 160..<ticks.upperBound * 160] }
    }

    let rig: EngineRig
    let legs: [EngineLeg]
    private let recording: RecordingID

    init(_ codecs: [Codec], prompts: [[Int16]] = []) throws {
        rig = try EngineRig(prompts: prompts)
        var legs: [EngineLeg] = []
        for codec in codecs { legs.append(try rig.leg(call: legs.first?.call, codec: codec)) }
        self.legs = legs
        recording = rig.identifier()
        try rig.engine.startRecording(
            recording, call: legs[0].call,
            channels: legs.enumerated().flatMap { number, leg in
                [
                    RecordingChannel(index: 2 * number, leg: leg.id, tap: .received),
                    RecordingChannel(index: 2 * number + 1, leg: leg.id, tap: .sent),
                ]
            })
    }

    /// From the next tick on.
    func hear(_ listener: Int, _ heard: [Int]) throws {
        try rig.engine.hear(leg: legs[listener].id, legs: heard.map { legs[$0].id })
    }

    func play(_ listener: Int, _ id: UInt32, _ items: [PlayItem], bargeIn: KeySet = .none) throws {
        try rig.engine.play(
            leg: legs[listener].id, PlayRequest(id: PlayID(id), items: items, bargeIn: bargeIn))
    }

    /// Runs ticks in each of which every peer says its next 160 bytes; nil is said by nobody.
    func talk(_ said: [[UInt8]?], ticks: Range<Int>) throws {
        for tick in ticks {
            for (leg, bytes) in zip(legs, said) {
                if let bytes { try leg.say(Array(bytes[tick * 160..<(tick + 1) * 160]), settles: false) }
            }
            EnginePeer.settle(zip(legs, said).filter { $0.1 != nil }.map(\.0.endpoint))
            rig.tick()
        }
    }

    /// Ends the recording and reads it.
    func sides() throws -> [Side] {
        try rig.engine.stopRecording(recording)
        rig.tick()
        let found = try #require(try rig.log().recordings[recording])
        #expect(found.gaps.isEmpty)
        return try legs.indices.map { number in
            let (received, sent) = (UInt8(2 * number), UInt8(2 * number + 1))
            return Side(
                received: try found.bytes(received), sent: try found.bytes(sent),
                flags: (found.flags[received] ?? [], found.flags[sent] ?? []))
        }
    }

    // MARK: - What ought to be

    static func linear(_ code: UInt8, _ codec: Codec) -> Int {
        if code == G711.idle(codec) { return 0 }
        return Int(codec == .pcma ? G711.linear(aLaw: code) : G711.linear(uLaw: code))
    }

    static func encode(_ sample: Int, _ codec: Codec) -> UInt8 {
        let sample = Int16(clamping: sample)
        return codec == .pcma ? G711.aLaw(sample) : G711.uLaw(sample)
    }

    /// Sources of one length, mixed by the rule.
    static func mix(_ sources: [(bytes: [UInt8], codec: Codec)], to codec: Codec) -> [UInt8] {
        (0..<(sources.first?.bytes.count ?? 0)).map { index in
            encode(sources.reduce(0) { $0 + linear($1.bytes[index], $1.codec) }, codec)
        }
    }

    /// From one law to the other.
    static func transcode(_ bytes: some Sequence<UInt8>, from: Codec, to: Codec) -> [UInt8] {
        from == to
            ? Array(bytes)
            : bytes.map { to == .pcma ? G711.aLaw(G711.linear(uLaw: $0)) : G711.uLaw(G711.linear(aLaw: $0)) }
    }

    /// Bytes that hold every code.
    static func noise(ticks: Int, seed: UInt64) -> [UInt8] {
        EnginePlayTests.noise(ticks * 160, seed: seed).map { UInt8(truncatingIfNeeded: $0 >> 3) }
    }

    static func tone(_ frequency: Double, ticks: Int, _ codec: Codec) -> [UInt8] {
        EnginePlayTests.encode(PromptsFolder.tone(frequency, seconds: Double(ticks) * 0.02), codec)
    }

    static func share(of frequency: Double, in bytes: some Sequence<UInt8>, _ codec: Codec) -> Double {
        PromptsFolder.share(of: frequency, in: bytes.map { Int16(linear($0, codec)) })
    }
}
