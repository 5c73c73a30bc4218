import AudioLog
import Calls
import Glibc
import Recordings
import Testing

/// The power fails, simulated: a power failure leaves any prefix of what was not yet synced, with its last block torn,
/// flipped, or followed by zeros. Here the log is cut at every block's edge, and recovered.
@Suite struct PowerLossTests {
    /// What the disk made of the end.
    enum End: String, CaseIterable {
        case cut, zeros, torn, tornThenZeros, flipped

        /// The segment's bytes with its end at `edge`, and how many bytes of them are a torn block.
        func bytes(_ segment: SegmentFile, edge: Int, random: inout SeededGenerator) -> (bytes: [UInt8], torn: Int) {
            let whole = Array(segment.bytes.prefix(edge))
            let next = segment.blocks.first { $0.bytes.lowerBound == edge }?.bytes ?? edge..<edge
            let zeros = [UInt8](repeating: 0, count: Int.random(in: 1...9_000, using: &random))
            // The first bytes of a block are its magic: what begins with them is no room that nobody wrote to.
            let part =
                next.isEmpty ? [] : segment.bytes[edge..<Int.random(in: edge + 1..<next.upperBound, using: &random)]
            switch self {
            case .cut: return (whole, 0)
            case .zeros: return (whole + zeros, 0)
            case .torn: return (whole + part, part.count)
            case .tornThenZeros: return (whole + part + zeros, part.isEmpty ? 0 : part.count + zeros.count)
            case .flipped:
                var last = Array(segment.bytes[next])
                if !last.isEmpty { last[Int.random(in: 0..<last.count, using: &random)] ^= 0x10 }
                return (whole + last, last.count)
            }
        }
    }

    @Test(arguments: End.allCases) func atEveryBlocksEdge(end: End) throws {
        var random = SeededGenerator(seed: 31)
        let before = KernelTime().now().wall
        let plan = try RecoveryTests.log("", calls: 2).0
        for edge in [64] + plan.blocks.map(\.bytes.upperBound) {
            let folder = try TestFolder()
            let bench = try Bench(folder.path, format: .wav)
            let (segment, calls) = try RecoveryTests.log(folder.path, calls: 2)
            let (bytes, torn) = end.bytes(segment, edge: edge, random: &random)
            try Bytes.write(bytes, to: segment.path)
            let intact = segment.blocks.filter { $0.bytes.upperBound <= edge }.map(\.block)
            let recovered = try bench.service.recover()
            bench.settle()
            try RecoveryTests.check(bench, calls, intact: intact, note: "\(end) at \(edge)")
            #expect(bench.errors.isEmpty, "\(end) at \(edge)")
            #expect(bench.service.statistics.bytesTorn == UInt64(torn), "\(end) at \(edge)")
            // When it was last alive is known: what may be missing can be told.
            #expect(recovered.allSatisfy { ($0.logWrittenAt ?? 0) >= before - 1_000_000 })
            bench.service.stop()
        }
    }

    /// Pages reach the disk in any order. What is missing in the middle is told, and is a gap.
    @Test func aHoleOfZerosIsTold() throws {
        for hole in [4_096..<8_192, 2_000..<2_010, 9_000..<13_000] {
            let folder = try TestFolder()
            let bench = try Bench(folder.path, format: .wav)
            let (segment, calls) = try RecoveryTests.log(folder.path, calls: 2)
            var bytes = segment.bytes
            for place in hole { bytes[place] = 0 }
            try Bytes.write(bytes, to: segment.path)
            let intact = segment.blocks.filter { bytes[$0.bytes] == segment.bytes[$0.bytes] }
            try #require(intact.count < segment.blocks.count)
            _ = try bench.service.recover()
            bench.settle()
            try RecoveryTests.check(bench, calls, intact: intact.map(\.block), note: "hole \(hole)")
            #expect(bench.errors.map(\.code) == [.segment], "hole \(hole)")
            #expect(bench.service.statistics.bytesDamaged >= UInt64(hole.count))
            #expect(bench.segments == [AudioLogSegmentHeader.fileName(sequence: 1) + ".damaged"])
            bench.service.stop()
        }
    }

    /// Whole blocks cut out leave no byte out of place; their numbers tell.
    @Test func blocksThatAreGoneWithoutATraceAreTold() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path, format: .wav)
        let (segment, calls) = try RecoveryTests.log(folder.path, calls: 2)
        let gone = 10..<13
        let cut = segment.blocks[gone.lowerBound].bytes.lowerBound..<segment.blocks[gone.upperBound].bytes.lowerBound
        try Bytes.write(Array(segment.bytes[..<cut.lowerBound] + segment.bytes[cut.upperBound...]), to: segment.path)
        _ = try bench.service.recover()
        bench.settle()
        let intact = segment.blocks.enumerated().filter { !gone.contains($0.offset) }.map(\.element.block)
        try RecoveryTests.check(bench, calls, intact: intact, note: "cut out")
        #expect(bench.errors.map(\.code) == [.segment])
        #expect(bench.errors.first?.message.contains("3 blocks are missing") == true)
        bench.service.stop()
    }

    /// Three segments of one call, each of 0.2 s.
    private static func segments(_ folder: String, _ call: TestCall) throws -> [SegmentFile] {
        try (1...3).map { sequence in
            var segment = try SegmentFile(folder, sequence: UInt64(sequence))
            if sequence == 1 { try segment.start(call) }
            for channel in 0..<2 as Range<UInt8> {
                try segment.audio(
                    call, channel: channel, position: Int64(sequence - 1) * 9_600,
                    payload: call.tone(channel: channel, first: (sequence - 1) * 1600, count: 1600))
            }
            if sequence == 3 { try segment.end(call, length: 28_800) }
            return segment
        }
    }

    @Test(arguments: [1, 2, 3]) func aSegmentThatIsGoneIsAGapOfItsLength(gone: Int) throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let call = TestCall(1)
        for segment in try Self.segments(folder.path, call) where segment.sequence != UInt64(gone) {
            try segment.write()
        }
        let recovered = try bench.service.recover()
        bench.settle()
        let recording = try #require(bench.finished.first)
        #expect(recovered.map(\.isInterrupted) == [gone == 3])
        // With the last one the end is gone: the recording is as long as what was found, and marked as cut off.
        let expected: [[Int64]] = gone == 3 ? [] : [[Int64(gone - 1) * 9_600, Int64(gone) * 9_600]]
        #expect(recording.gaps == expected)
        #expect(recording.frames == (gone == 3 ? 3200 : 4800))
        #expect(recording.recovered == (gone == 3))
        bench.service.stop()
    }

    @Test func segmentsUnderEachOthersNamesOrTwiceAreTheSameRecording() throws {
        let call = TestCall(1)
        var hashes: Set<String> = []
        for (order, copies) in [([1, 2, 3], 0), ([3, 1, 2], 0), ([2, 3, 1], 3)] {
            let folder = try TestFolder()
            let bench = try Bench(folder.path)
            let segments = try Self.segments(folder.path, call)
            for (index, segment) in segments.enumerated() {
                try Bytes.write(segment.bytes, to: segments[order[index] - 1].path)
                guard copies > 0 else { continue }
                let name = AudioLogSegmentHeader.fileName(sequence: segment.sequence + UInt64(copies))
                try Bytes.write(segment.bytes, to: "\(folder.path)/audio-log/\(name)")
            }
            #expect(try bench.service.recover().map(\.isInterrupted) == [false])
            bench.settle()
            #expect(bench.errors.isEmpty)
            #expect(bench.finished.map(\.frames) == [4800])
            #expect(bench.finished.first?.gaps.isEmpty == true)
            hashes.formUnion(bench.finished.map(\.sha256))
            bench.service.stop()
        }
        #expect(hashes.count == 1)
    }
}
