import AudioLog
import Calls
import Testing

@Suite struct AudioLogScannerTests {
    @Test(arguments: [1, 64, 97, 150, 1000])
    func windowsOfAnySize(window: Int) throws {
        let log = try SampleLog.small()
        let found = Found(log.bytes, window: window)
        #expect(log.numbers(found) == Array(log.entries.indices))
        #expect(found.skips.isEmpty)
    }

    @Test func cutAtEveryOffset() throws {
        let log = try SampleLog.small()
        for cut in 0...log.bytes.count {
            let found = Found(Array(log.bytes.prefix(cut)))
            let whole = log.numbers { $0.upperBound <= cut }
            #expect(log.numbers(found) == whole, "cut at \(cut)")
            #expect(found.end == UInt64(cut))
            let end = whole.last.map { log.entries[$0].bytes.upperBound } ?? (cut < 64 ? 0 : 64)
            let left = cut - end
            #expect(found.skips.map(\.bytes) == (left > 0 ? [UInt64(cut - left)..<UInt64(cut)] : []))
            #expect(found.skips.allSatisfy { $0.reason == .torn })
        }
    }

    @Test func everySingleBitFlip() throws {
        let log = try SampleLog.small()
        for bit in 0..<log.bytes.count * 8 {
            var bytes = log.bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let found = Found(bytes, window: 400)
            #expect(log.numbers(found) == log.numbers { !$0.contains(bit / 8) }, "bit \(bit)")
            #expect(found.skips.count == 1 && found.skips[0].bytes.contains(UInt64(bit / 8)), "bit \(bit)")
            // The last block's number is the only one that no later block tells is missing.
            let isLast = log.entries.last?.bytes.contains(bit / 8) ?? false
            #expect(found.missingBlocks == (bit / 8 < 64 || isLast ? 0 : 1))
        }
    }

    @Test func aPieceTakenOutAnywhere() throws {
        let log = try SampleLog.small()
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let from = Int.random(in: 0..<log.bytes.count, using: &random)
            let to = min(log.bytes.count, from + Int.random(in: 1...300, using: &random))
            let bytes = Array(log.bytes[..<from] + log.bytes[to...])
            let found = log.numbers(Found(bytes, window: 500))
            let intact = log.numbers { $0.upperBound <= from || $0.lowerBound >= to }
            // The rest of one block may complete the beginning of another where they agree; nothing else may appear.
            #expect(Set(found).isSuperset(of: intact), "cut out \(from)..<\(to)")
            #expect(found == found.sorted() && found.first != -1, "cut out \(from)..<\(to)")
        }
    }

    @Test func manyRandomFlipsNeverInventABlock() throws {
        let log = try SampleLog.small()
        var random = SeededGenerator(seed: 11)
        for _ in 0..<2_000 {
            var bytes = log.bytes
            var touched = Set<Int>()
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] ^= UInt8.random(in: 1...255, using: &random)
                touched.insert(place)
            }
            let changed = touched.filter { bytes[$0] != log.bytes[$0] }
            let intact = log.numbers { place in !changed.contains { place.contains($0) } }
            #expect(log.numbers(Found(bytes)) == intact)
        }
    }

    @Test func aBlockSpokenByACallerIsNotBelieved() throws {
        // The caller's audio holds a complete block with a right checksum, for another call's recording.
        var forger = AudioLogEncoder(
            AudioLogSegmentHeader(node: 3, sequence: 42, created: .init(wall: 0, mono: 0), tag: 0))
        var forged = [UInt8](repeating: 0, count: AudioLogFormat.blockSize(payload: 40))
        do {
            var span = forged.mutableSpan
            var output = span.mutableBytes
            let payload = [UInt8](repeating: 0, count: 40)
            _ = try forger.append(
                SampleLog.audio(9, channel: 0, position: 0, samples: 40), payload: payload.span.bytes, into: &output,
                at: 0)
        }
        var log = try SampleLog()
        try log.add(SampleLog.audio(1, channel: 0, position: 0, samples: forged.count), payload: forged)
        try log.add(SampleLog.audio(1, channel: 1, position: 0, samples: 40), payload: Array(repeating: 1, count: 40))
        #expect(Found(log.bytes).blocks == log.entries.map(\.block))
        // Even where the block around it is damaged, so that the scanner looks inside.
        var bytes = log.bytes
        bytes[70] ^= 0x40
        let found = Found(bytes)
        #expect(found.blocks == [log.entries[1].block])
        #expect(found.skips.map(\.bytes) == [64..<UInt64(log.entries[1].bytes.lowerBound)])
    }

    @Test func zerosAtTheEndAreRoomNotDamage() throws {
        let log = try SampleLog.small()
        let found = Found(log.bytes + [UInt8](repeating: 0, count: 5_000), window: 700)
        #expect(found.blocks == log.entries.map(\.block))
        #expect(found.skips.map(\.reason) == [.unwritten])
    }

    @Test func aGrowingSegmentIsReadAsFarAsItGoes() throws {
        let log = try SampleLog.small()
        var scanner = AudioLogScanner()
        var blocks: [AudioLogBlock] = []
        for flushed in stride(from: 0, through: log.bytes.count, by: 37) {
            let base = Int(scanner.offset)
            let part = log.bytes[base..<max(base, flushed)]
            while case let step = scanner.next(in: part.span.bytes, base: UInt64(base), isFinal: false), step != .more {
                if case .block(let block, _) = step { blocks.append(block) }
                if case .skipped(let skip) = step { Issue.record("skipped \(skip)") }
            }
        }
        #expect(blocks.count >= log.entries.count - 1)
        #expect(blocks == log.entries.prefix(blocks.count).map(\.block))
    }

    @Test func hostileBytesEndInBoundedTime() {
        // Nothing but magics, each of which claims the longest payload; and noise.
        let magic = Array("HLAB".utf8) + [1, 2, 0, 8]
        var claims: [UInt8] = []
        while claims.count < 200_000 { claims += magic }
        #expect(Found(claims).blocks.isEmpty)
        #expect(Found(claims).end == UInt64(claims.count))
        var random = SeededGenerator(seed: 3)
        let noise = (0..<200_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(Found(noise).blocks.isEmpty)
    }
}

/// What a power failure leaves of a segment's end.
@Suite struct AudioLogPowerLossTests {
    /// The file's length was durable before its contents were.
    @Test(arguments: [1, 64, 4096]) func zerosBehindEveryCut(zeros: Int) throws {
        let log = try SampleLog.small()
        for cut in 64...log.bytes.count {
            let found = Found(Array(log.bytes.prefix(cut)) + [UInt8](repeating: 0, count: zeros), window: 300)
            let whole = log.numbers { place in
                // A block whose own end is zeros is whole all the same.
                place.upperBound <= cut
                    || place.lowerBound < cut && place.upperBound <= cut + zeros
                        && log.bytes[cut..<place.upperBound].allSatisfy { $0 == 0 }
            }
            #expect(log.numbers(found) == whole, "cut at \(cut)")
            #expect(found.end == UInt64(cut + zeros))
            let end = whole.last.map { log.entries[$0].bytes.upperBound } ?? 64
            let rest = end < cut ? log.bytes[end..<cut] : []
            let expected: AudioLogScanner.Skip.Reason = rest.allSatisfy { $0 == 0 } ? .unwritten : .torn
            #expect(found.skips.map(\.reason) == [expected], "cut at \(cut)")
        }
    }

    /// Pages reach the disk in any order: one that did not is zeros, with blocks behind it.
    @Test(arguments: [32, 256]) func aPageThatNeverReachedTheDisk(size: Int) throws {
        let log = try SampleLog.small()
        for from in stride(from: 64, to: log.bytes.count, by: size / 2) {
            var bytes = log.bytes
            let page = from..<min(bytes.count, from + size)
            for place in page { bytes[place] = 0 }
            let found = Found(bytes, window: 500)
            let intact = log.numbers { place in bytes[place] == log.bytes[place] }
            #expect(log.numbers(found) == intact, "page at \(from)")
            guard intact.count < log.entries.count else { continue }
            let isInside = (intact.last ?? -1) == log.entries.count - 1
            let isZero = found.skips.allSatisfy { skip in
                bytes[Int(skip.bytes.lowerBound)..<Int(skip.bytes.upperBound)].allSatisfy { $0 == 0 }
            }
            let reason: AudioLogScanner.Skip.Reason = isInside ? .damaged : isZero ? .unwritten : .torn
            #expect(found.skips.map(\.reason) == [reason], "page at \(from)")
        }
    }
}
