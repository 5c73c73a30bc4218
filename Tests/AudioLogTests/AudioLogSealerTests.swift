import AudioLog
import Calls
import Synchronization
import Testing

/// What the format does with sealed payloads; the ciphers are another room's, and stood in for by one that can be seen
/// through.
@Suite struct AudioLogSealerTests {
    /// Every seal that was asked for.
    private final class Seals: Sendable {
        let all = Mutex<[AudioLogSeal]>([])

        func sealer(longer: Int = 0) -> AudioLogSealer {
            AudioLogSealer(key: 0x0A0B_0C0D) { (payload, seal) throws(AudioLogError) in
                self.all.withLock { $0.append(seal) }
                return payload.map { $0 ^ 0xFF } + [UInt8](repeating: 0xEE, count: AudioLogSeal.overhead + longer)
            }
        }
    }

    private let seals = Seals()

    private func segment(_ sealer: AudioLogSealer?) throws -> (bytes: [UInt8], audio: [[UInt8]]) {
        var encoder = AudioLogEncoder(
            AudioLogSegmentHeader(
                node: 3, sequence: 1, created: Instant(wall: 1, mono: 2), tag: 0x1122_3344_5566_7788),
            sealer: sealer)
        var buffer = [UInt8](repeating: 0xCC, count: 4096)
        var span = buffer.mutableSpan
        var output = span.mutableBytes
        var end = try encoder.begin(into: &output, at: 0)
        end = try encoder.append(
            start: AudioLogStart(
                at: Instant(wall: 5, mono: 6), channels: [.init(index: 0, leg: SampleLog.leg(1), tap: .received)]),
            recording: SampleLog.recording(1), call: SampleLog.call(1), leg: SampleLog.leg(1), into: &output, at: end)
        var audio: [[UInt8]] = []
        for number in 0..<3 {
            let payload = (0..<40).map { UInt8($0 + number) }
            audio.append(payload)
            end = try encoder.append(
                SampleLog.audio(1, channel: 0, position: Int64(number) * 240, samples: 40),
                payload: payload.span.bytes, into: &output, at: end)
        }
        end = try encoder.append(
            endOf: SampleLog.recording(1), call: SampleLog.call(1), leg: SampleLog.leg(1),
            length: AudioPosition(units: 720), into: &output, at: end)
        #expect(encoder.bytes == UInt64(end))
        return (Array(buffer[..<end]), audio)
    }

    @Test func audioIsSealedAndNothingElse() throws {
        let (bytes, audio) = try segment(seals.sealer())
        let (plain, _) = try segment(nil)
        #expect(bytes.count == plain.count + 3 * AudioLogSeal.overhead)
        let found = Found(bytes)
        let clear = Found(plain)
        #expect(found.header?.key == 0x0A0B_0C0D && clear.header?.key == 0)
        #expect(Array(bytes[48..<52]) == [0x0D, 0x0C, 0x0B, 0x0A])
        #expect(found.skips.isEmpty && found.missingBlocks == 0)
        #expect(found.blocks.map { $0.flags.contains(.sealed) } == [false, true, true, true, false])
        // But for the flag, the headers say what they say without.
        var blocks = found.blocks
        for index in blocks.indices { blocks[index].flags.remove(.sealed) }
        #expect(blocks == clear.blocks)
        #expect(found.payloads[0] == clear.payloads[0])
        for (payload, expected) in zip(found.payloads[1...3], audio) {
            #expect(payload == expected.map { $0 ^ 0xFF } + [UInt8](repeating: 0xEE, count: 16))
        }
    }

    @Test func eachSealIsItsBlocksOwn() throws {
        let (bytes, _) = try segment(seals.sealer())
        let all = seals.all.withLock { $0 }
        #expect(all.count == 3 && Set(all.map(\.nonce)).count == 3)
        #expect(all.allSatisfy { $0.tag == 0x1122_3344_5566_7788 && $0.nonce.count == AudioLogSeal.nonceSize })
        // The number of the block in its segment, and its position.
        #expect(all[0].nonce == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(all[1].nonce == [2, 0, 0, 0, 240, 0, 0, 0, 0, 0, 0, 0])
        #expect(all[2].nonce == [3, 0, 0, 0, 0xE0, 1, 0, 0, 0, 0, 0, 0])
        // A reader finds the same beside the payload.
        var place = 64 + 96 + 48
        for seal in all {
            let read = AudioLogSeal(reading: Array(bytes[place..<place + 96]).span.bytes)
            #expect(read == seal)
            #expect(seal.header == Array(bytes[place..<place + 92]))
            place += 96 + 56
        }
        let short = AudioLogSeal(reading: Array(bytes[..<95]).span.bytes)
        #expect(short == nil)
    }

    @Test func aSealerThatGivesTheWrongLengthIsRefused() throws {
        #expect { try segment(seals.sealer(longer: 1)) } throws: { ($0 as? AudioLogError)?.code == .field }
    }

    @Test func sealedBlocksKeepToTheLimits() throws {
        var encoder = AudioLogEncoder(
            AudioLogSegmentHeader(node: 3, sequence: 1, created: Instant(wall: 1, mono: 2), tag: 1),
            sealer: seals.sealer())
        var block = SampleLog.audio(1, channel: 0, position: 0, samples: 40)
        let payload = [UInt8](repeating: 0, count: 40)
        var small = [UInt8](repeating: 0, count: 96 + 40 + 15)
        do {
            var span = small.mutableSpan
            var output = span.mutableBytes
            #expect(throws: AudioLogError.self) {
                try encoder.append(block, payload: payload.span.bytes, into: &output, at: 0)
            }
        }
        // Of what is no audio nothing is sealed, whatever its flags say.
        block.kind = .gap
        let none: [UInt8] = []
        block.flags = .sealed
        var buffer = [UInt8](repeating: 0, count: 512)
        var span = buffer.mutableSpan
        var output = span.mutableBytes
        #expect(throws: AudioLogError.self) {
            try encoder.append(block, payload: none.span.bytes, into: &output, at: 0)
        }
    }

    /// The scanner needs no key to step over damage.
    @Test func damageIsFoundWithoutAKey() throws {
        let (bytes, _) = try segment(seals.sealer())
        // A start with one channel, three times audio, the end.
        let ends = [64 + 144, 64 + 144 + 152, 64 + 144 + 304, 64 + 144 + 456, 64 + 144 + 552]
        #expect(bytes.count == ends.last)
        for cut in 64...bytes.count {
            #expect(Found(Array(bytes[..<cut])).blocks.count == ends.count { $0 <= cut }, "cut at \(cut)")
        }
        var flipped = bytes
        flipped[64 + 144 + 100] ^= 1
        #expect(Found(flipped).blocks.count == 4 && Found(flipped).skips.count == 1)
    }
}
