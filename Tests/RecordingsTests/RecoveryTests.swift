import AudioLog
import Calls
import Glibc
import Recordings
import Testing

/// What is found at start after the process was killed.
@Suite struct RecoveryTests {
    /// Calls of one second in blocks of 100 ms, interleaved; the even ones have ended.
    static func log(
        _ folder: String, sequence: UInt64 = 1, calls count: UInt64 = 10
    ) throws -> (SegmentFile, [TestCall]) {
        let calls = (0..<count).map { TestCall($0) }
        var segment = try SegmentFile(folder, sequence: sequence)
        for call in calls { try segment.start(call) }
        for number in 0..<10 {
            for call in calls {
                for channel in 0..<2 as Range<UInt8> {
                    try segment.audio(
                        call, channel: channel, position: Int64(number) * 4_800,
                        payload: call.tone(channel: channel, first: number * 800, count: 800))
                }
            }
        }
        for call in calls where call.number % 2 == 0 { try segment.end(call, length: 48_000) }
        return (segment, calls)
    }

    /// Samples of a recording that a set of intact blocks makes: its length, and what each channel has.
    private static func expected(
        _ call: TestCall, intact: [AudioLogBlock]
    ) -> (frames: Int, present: [Set<Int>], ended: Bool)? {
        let mine = intact.filter { $0.recording == call.recording }
        guard !mine.isEmpty else { return nil }
        var present: [Set<Int>] = [[], []]
        for block in mine where block.kind == .audio {
            present[Int(block.channel)].insert(Int(block.position.units) / 4_800)
        }
        let end = mine.first { $0.kind == .end }
        let frames = end.map { Int($0.position.units) / 6 } ?? mine.map { Int($0.end.units) / 6 }.max() ?? 0
        return (frames, present, end != nil)
    }

    /// Every recording of which a block is left is finished; it has exactly the blocks that are left.
    static func check(_ bench: Bench, _ calls: [TestCall], intact: [AudioLogBlock], note: String) throws {
        let finished = bench.finished
        for call in calls {
            let found = finished.first { $0.recording == call.recording }
            guard let expected = expected(call, intact: intact) else {
                #expect(found == nil, "\(note)")
                continue
            }
            let recording = try #require(found, "\(note)")
            #expect(recording.frames == Int64(expected.frames), "\(note)")
            #expect(recording.recovered == !expected.ended, "\(note)")
            let decoded = try Decoded(bench.path(recording))
            #expect(decoded.channels.map(\.count) == [expected.frames, expected.frames], "\(note)")
            for channel in 0..<2 {
                for number in 0..<(expected.frames / 800) {
                    let part = decoded.channels[channel][(number * 800)..<(number * 800 + 800)]
                    if expected.present[channel].contains(number) {
                        let tone = channel == 0 ? call.left : call.right
                        #expect(Tone.share(part, at: tone) > 0.95, "\(note)")
                    } else {
                        #expect(part.allSatisfy { $0 == 0 }, "\(note)")
                        let gap = recording.channelGaps[channel]
                        #expect(gap.contains { $0[0] <= number * 4_800 && $0[1] >= (number + 1) * 4_800 }, "\(note)")
                    }
                }
            }
        }
    }

    /// The log cut at random offsets: at most the cut part is missing.
    @Test(arguments: 0..<8)
    func cutAnywhere(group: Int) throws {
        var random = SeededGenerator(seed: UInt64(1_000 + group))
        for _ in 0..<26 {
            let folder = try TestFolder()
            let bench = try Bench(folder.path, format: .wav)
            let (segment, calls) = try Self.log(folder.path)
            let cut = Int.random(in: 0...segment.bytes.count, using: &random)
            try segment.write(cut: cut)
            let intact = segment.blocks.filter { $0.bytes.upperBound <= cut }.map(\.block)
            let recovered = try bench.service.recover()
            #expect(Set(recovered.map(\.recording)) == Set(intact.map(\.recording)))
            bench.settle()
            #expect(bench.errors.isEmpty)
            try Self.check(bench, calls, intact: intact, note: "cut at \(cut)")
            for found in recovered {
                let recording = bench.finished.first { $0.recording == found.recording }
                #expect(recording?.length == found.length && recording?.recovered == found.isInterrupted)
            }
            #expect(bench.segments.isEmpty)
            bench.service.stop()
        }
    }

    /// Damage in the middle: what is hit is a gap, everything else is there, and the segment is kept.
    @Test func damagedAnywhere() throws {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<40 {
            let folder = try TestFolder()
            let bench = try Bench(folder.path, format: .wav)
            let (segment, calls) = try Self.log(folder.path)
            var bytes = segment.bytes
            var hit: [Int] = []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 64..<bytes.count - 200, using: &random)
                bytes[place] ^= UInt8.random(in: 1...255, using: &random)
                hit.append(place)
            }
            try Bytes.write(bytes, to: segment.path)
            let intact = segment.blocks.filter { block in
                !hit.contains { block.bytes.contains($0) && bytes[$0] != segment.bytes[$0] }
            }
            _ = try bench.service.recover()
            bench.settle()
            try Self.check(bench, calls, intact: intact.map(\.block), note: "hit at \(hit)")
            if intact.count < segment.blocks.count {
                #expect(bench.errors.contains { $0.code == .segment })
                #expect(bench.segments == [AudioLogSegmentHeader.fileName(sequence: 1) + ".damaged"])
            }
            bench.service.stop()
        }
    }

    @Test func damagedSegmentsOfOneNumberAreAllKept() throws {
        let folder = try TestFolder()
        for _ in 0..<3 {
            let bench = try Bench(folder.path, format: .wav)
            let (segment, _) = try Self.log(folder.path)
            var bytes = segment.bytes
            bytes[5_000] ^= 1
            try Bytes.write(bytes, to: segment.path)
            _ = try bench.service.recover()
            bench.service.stop()
        }
        let name = AudioLogSegmentHeader.fileName(sequence: 1) + ".damaged"
        #expect(TestFolder.names(folder.path + "/audio-log") == [name, name + "-2", name + "-3"])
    }

    @Test func recoveringTwiceMakesTheSameFiles() throws {
        let folder = try TestFolder()
        let (segment, _) = try Self.log(folder.path)
        var runs: [[FinishedRecording]] = []
        for run in 0..<3 {
            let bench = try Bench(folder.path)
            if run == 0 { try segment.write() }
            // The second run finds partial files only; the third also a segment that a crash left behind.
            if run == 2 { try segment.write() }
            #expect(try bench.service.recover().count == 10)
            bench.settle()
            runs.append(bench.finished)
            #expect(bench.partials.count == 30)
            // No confirmation: the process is killed before anything was journalled.
            bench.service.stop()
        }
        #expect(runs[0].count == 10)
        #expect(runs[0] == runs[1])
        #expect(runs[0] == runs[2])
    }

    /// A finished and journalled recording is not made again from what a segment still holds of it.
    @Test func confirmedRecordingsStayAsTheyAre() throws {
        let folder = try TestFolder()
        let call = TestCall(1)
        var first = try SegmentFile(folder.path, sequence: 1)
        try first.start(call)
        try first.audio(call, channel: 0, position: 0, payload: call.tone(channel: 0, first: 0, count: 1600))
        var second = try SegmentFile(folder.path, sequence: 2)
        try second.audio(call, channel: 0, position: 9_600, payload: call.tone(channel: 0, first: 1600, count: 1600))
        try second.end(call, length: 19_200)
        var sha256: String?
        do {
            let bench = try Bench(folder.path)
            try first.write()
            bench.publish(first)
            bench.settle()
            try second.write()
            bench.publish(second, sealed: false)
            bench.settle()
            sha256 = bench.finished.first?.sha256
            bench.confirmAll()
            #expect(bench.partials.isEmpty)
            #expect(bench.segments == [AudioLogSegmentHeader.fileName(sequence: 2)])
            bench.service.stop()
        }
        let bench = try Bench(folder.path)
        #expect(try bench.service.recover().isEmpty)
        bench.settle()
        #expect(bench.finished.isEmpty)
        #expect(bench.segments.isEmpty)
        let file = "2026/11/22/20261122T031245Z-\(call.call).flac"
        let row = RecordingVerifier.Row(
            id: call.recording, file: file, sha256: try #require(sha256), frames: 3200, channels: 2)
        #expect(try RecordingVerifier(folder: folder.path + "/recordings").verify([row]).isAllOK)
        bench.service.stop()
    }

    /// The first segments are gone, their audio is in partial files; the process dies; the last segment is cut.
    @Test func partialFilesAndTheLogTogether() throws {
        let folder = try TestFolder()
        let call = TestCall(4)
        do {
            let bench = try Bench(folder.path)
            for sequence in 0..<3 as Range<UInt64> {
                var segment = try SegmentFile(folder.path, sequence: sequence)
                if sequence == 0 { try segment.start(call) }
                for channel in 0..<2 as Range<UInt8> {
                    try segment.audio(
                        call, channel: channel, position: Int64(sequence) * 9_600,
                        payload: call.tone(channel: channel, first: Int(sequence) * 1600, count: 1600))
                }
                try segment.write()
                if sequence < 2 { bench.publish(segment) }
                bench.settle()
            }
            bench.service.stop()
            #expect(bench.segments.count == 1)
        }
        let bench = try Bench(folder.path)
        let recovered = try bench.service.recover()
        #expect(recovered.map(\.isInterrupted) == [true])
        #expect(recovered.first?.startedAt == call.startedAt)
        bench.settle()
        let recording = try #require(bench.finished.first)
        #expect(recording.frames == 4_800 && recording.gaps.isEmpty && recording.recovered)
        #expect(Tone.share(try Decoded(bench.path(recording)).channels[0][...], at: call.left) > 0.99)
        bench.confirmAll()
        #expect(bench.partials.isEmpty)
        bench.service.stop()
    }

    @Test func aRecordingWhoseStartIsLostIsDatedByItsIdentifier() throws {
        let folder = try TestFolder()
        let call = TestCall(1)
        var segment = try SegmentFile(folder.path, sequence: 1)
        try segment.audio(call, channel: 1, position: 4_800, payload: call.tone(channel: 1, first: 0, count: 800))
        let bench = try Bench(folder.path)
        try segment.write()
        _ = try bench.service.recover()
        bench.settle()
        let recording = try #require(bench.finished.first)
        #expect(recording.startedAt == Instant(wall: 1_795_317_165_500_000, mono: 0))
        #expect(recording.file.hasPrefix("2026/11/22/20261122T031245Z-"))
        #expect(recording.frames == 1600)
        #expect(recording.channelGaps == [[[0, 9_600]], [[0, 4_800]]])
        #expect(recording.channels.isEmpty)
        bench.service.stop()
    }

    @Test func brokenIndexesAreSetAsideAndTold() throws {
        let folder = try TestFolder()
        let call = TestCall(1)
        var segment = try SegmentFile(folder.path, sequence: 1)
        try segment.start(call)
        try segment.audio(call, channel: 0, position: 0, payload: call.tone(channel: 0, first: 0, count: 800))
        try segment.end(call, length: 4_800)
        let bench = try Bench(folder.path)
        try segment.write()
        let index = folder.path + "/partials/\(call.recording).index"
        for text in [
            "", "{", "[]", "null", #"{"version":9}"#,
            #"{"version":1,"recording":"\#(call.recording)","call":"\#(call.call)","channels":[],"tracks":"#
                + #"[{"channel":0,"codec":8,"rate":7,"present":[[0,9]]}],"reach":1,"lastSegment":1}"#,
            #"{"version":1,"recording":"\#(call.recording)","call":"\#(call.call)","channels":[],"tracks":"#
                + #"[{"channel":0,"codec":8,"rate":8000,"present":[[0,9223372036854775807]]}],"reach":1,"lastSegment":1}"#,
        ] {
            try Bytes.write(Array(text.utf8), to: index)
            let again = try Bench(folder.path)
            try segment.write()
            #expect(try again.service.recover().map(\.isInterrupted) == [false], "\(text)")
            again.settle()
            #expect(again.errors.map(\.code) == [.partial], "\(text)")
            #expect(again.finished.map(\.frames) == [800], "\(text)")
            again.service.stop()
        }
        bench.service.stop()
    }

    /// A folder under a segment's name stands for a segment on a bad sector: it opens, and cannot be read.
    @Test func aSegmentThatCannotBeReadHoldsBackWhatMayBeInIt() throws {
        let folder = try TestFolder()
        let first = try Bench(folder.path)
        let (segment, calls) = try Self.log(folder.path, calls: 2)
        try segment.write()
        let bad = folder.path + "/audio-log/" + AudioLogSegmentHeader.fileName(sequence: 2)
        try #require(mkdir(bad, 0o700) == 0)
        #expect(try first.service.recover().isEmpty)
        first.settle()
        #expect(first.errors.map(\.code) == [.segment])
        #expect(first.errors.first?.errno == EISDIR)
        #expect(first.finished.isEmpty)
        // What could be read is durable elsewhere.
        #expect(first.segments == [AudioLogSegmentHeader.fileName(sequence: 2)])
        first.service.stop()
        // Moved away: the next start goes on without it.
        try #require(rename(bad, folder.path + "/beyond-help") == 0)
        let second = try Bench(folder.path, format: .wav)
        #expect(try second.service.recover().map(\.recording) == calls.map(\.recording))
        second.settle()
        try Self.check(second, calls, intact: segment.blocks.map(\.block), note: "moved away")
        #expect(second.errors.isEmpty)
        second.service.stop()
    }

    @Test func foreignFilesInTheLogsFolderAreLeftAlone() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        for name in ["readme.txt", "1.hlas", "00000000000000000001.hlas.damaged"] {
            try Bytes.write([1, 2, 3], to: folder.path + "/audio-log/" + name)
        }
        #expect(try bench.service.recover().isEmpty)
        bench.settle()
        #expect(bench.segments.count == 3)
        bench.service.stop()
    }
}
