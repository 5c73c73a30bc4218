import AudioLog
import Calls
import Foundation
import Media
import Testing

/// The audio log's writer seals what it writes, with what comes from outside.
@Suite struct EngineSealTests {
    /// XOR with the segment's tag and the nonce: enough to see that each block got what is its own.
    private static func sealer(_ tag: UInt64) -> AudioLogSealer {
        AudioLogSealer(key: 77) { (payload, seal) throws(AudioLogError) in
            apply(seal, payload) + [UInt8](repeating: UInt8(truncatingIfNeeded: tag), count: AudioLogSeal.overhead)
        }
    }

    private static func apply(_ seal: AudioLogSeal, _ bytes: [UInt8]) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            byte ^ seal.nonce[index % seal.nonce.count] ^ UInt8(truncatingIfNeeded: seal.tag >> UInt64(index % 8 * 8))
                ^ 0xA5
        }
    }

    /// Runs of a leg's two seconds in segments of half a second.
    private func run(_ sealer: (@Sendable (UInt64) -> AudioLogSealer?)?) throws -> (rig: EngineRig, RecordingID) {
        let rig = try EngineRig(settings: {
            if let sealer { $0.sealer = sealer }
            $0.segmentMilliseconds = 500
        })
        let (leg, recording) = try EngineAudioLogTests.begin(rig)
        EngineAudioLogTests.run(rig, leg, steps: 10)
        try rig.engine.stopRecording(recording)
        rig.tick()
        rig.engine.writeLog(at: rig.clock.now())
        return (rig, recording)
    }

    @Test func everySegmentIsSealed() throws {
        let (sealed, recording) = try run(Self.sealer)
        let (plain, plainRecording) = try run(nil)
        let expected = try #require(try EngineLog(folder: plain.logFolder).recordings[plainRecording])
        var audio: [UInt8: [Int: [UInt8]]] = [:]
        var segments = 0
        var isOver = false
        for name in try FileManager.default.contentsOfDirectory(atPath: sealed.logFolder).sorted() {
            let bytes = [UInt8](try #require(FileManager.default.contents(atPath: sealed.logFolder + "/" + name)))
            var scanner = AudioLogScanner()
            scan: while true {
                switch scanner.next(in: bytes.span.bytes, base: 0, isFinal: true) {
                case .header(let header):
                    segments += 1
                    #expect(header.key == 77)
                case .skipped(let skip): Issue.record("\(skip) was skipped")
                case .more: break scan
                case .block(let block, let payload):
                    #expect(block.recording == recording)
                    #expect(block.flags.contains(.sealed) == (block.kind == .audio))
                    if block.kind == .end { isOver = true }
                    guard block.kind == .audio else { continue }
                    let header = Array(bytes[payload.lowerBound - AudioLogFormat.blockHeaderSize..<payload.lowerBound])
                    let read = AudioLogSeal(reading: header.span.bytes)
                    let seal = try #require(read)
                    #expect(bytes[payload.upperBound - 1] == UInt8(truncatingIfNeeded: seal.tag))
                    audio[block.channel, default: [:]][Int(block.position.samples(rate: 8000))] = Self.apply(
                        seal, bytes[payload].dropLast(AudioLogSeal.overhead))
                }
            }
        }
        #expect(segments >= 3 && isOver)
        for channel in 0..<2 as Range<UInt8> {
            let pieces = try #require(audio[channel]).sorted { $0.key < $1.key }
            #expect(pieces.flatMap(\.value) == (try expected.bytes(channel)))
        }
    }
}
