import AudioLog
import Calls
import Glibc
import Recordings
import Synchronization
import Testing

/// How the audio log's blocks come into the tracks' files: few writes, and no recording finished without its audio.
@Suite struct TrackWritingTests {
    /// Counts what is written to tracks.
    private final class WriteCount: Sendable {
        let writes = Mutex(0)

        var calls: DiskCalls {
            DiskCalls(
                write: { [self] file, bytes, count, offset in
                    if DiskFullTests.SmallDisk.name(file).hasSuffix(".track") { writes.withLock { $0 += 1 } }
                    return pwrite(file, bytes, count, off_t(offset))
                }, sync: { fdatasync($0) })
        }
    }

    @Test func whatAPassFindsOfATrackIsWrittenAtOnce() throws {
        let folder = try TestFolder()
        let count = WriteCount()
        let calls = (0..<10).map { TestCall($0) }
        let segment = try FinishingTests.interleaved(folder.path, calls: calls)
        let bench = try Bench(folder.path) { $0.calls = count.calls }
        try segment.write()
        bench.publish(segment)
        bench.settle()
        // 15 blocks of each of 20 tracks.
        #expect(count.writes.withLock { $0 } == 20)
        #expect(bench.finished.count == 10)
        #expect(bench.finished.allSatisfy { $0.frames == 24_000 && $0.gaps.isEmpty })
        bench.service.stop()
    }

    /// A tick that was skipped leaves a hole: what lies beyond it is a write of its own.
    @Test func aHoleStaysAHole() throws {
        let folder = try TestFolder()
        let count = WriteCount()
        let call = TestCall(1)
        var segment = try SegmentFile(folder.path, sequence: 1)
        try segment.start(call)
        for place in [0, 1600, 6400, 8000] {
            for channel in 0..<2 as Range<UInt8> {
                try segment.audio(
                    call, channel: channel, position: Int64(place) * 6,
                    payload: call.tone(channel: channel, first: place, count: 1600))
            }
        }
        try segment.end(call, length: 9600 * 6)
        let bench = try Bench(folder.path) { $0.calls = count.calls }
        try segment.write()
        bench.publish(segment)
        bench.settle()
        #expect(count.writes.withLock { $0 } == 4)
        let recording = try #require(bench.finished.first)
        #expect(recording.gaps == [[19_200, 38_400]])
        let left = try Decoded(bench.path(recording)).channels[0]
        #expect(left[3200..<6400].allSatisfy { abs(Int($0)) < 16 })
        #expect(Tone.share(left[6400...], at: call.left) > 0.99)
        bench.service.stop()
    }

    /// One file that cannot be written is that recording's trouble: the others are finished, and their segments go.
    @Test(arguments: [false, true]) func aTrackThatCannotBeWrittenHoldsUpNobodyElse(afterACrash: Bool) throws {
        let folder = try TestFolder()
        let calls = (0..<3).map { TestCall($0) }
        let segment = try FinishingTests.interleaved(folder.path, calls: calls)
        let later = try FinishingTests.interleaved(folder.path, calls: [TestCall(7)], sequence: 2)
        let bench = try Bench(folder.path)
        let track = "\(folder.path)/partials/\(calls[1].recording).0.8.8000.track"
        try #require(mkdir(track, 0o700) == 0)
        try segment.write()
        if afterACrash {
            try later.write()
            // Those that wait were found, too: nobody says of them that no audio is there.
            let found = try bench.service.recover()
            #expect(found.map(\.recording) == [0, 1, 2, 7].map { TestCall($0).recording })
            #expect(found.allSatisfy { !$0.isInterrupted && $0.length == AudioPosition(milliseconds: 3000) })
        } else {
            bench.publish(segment)
            try DiskFullTests.wait { bench.finished.count == 2 }
            try later.write()
            bench.publish(later)
        }
        try DiskFullTests.wait { bench.finished.count == 3 }
        #expect(bench.finished.map(\.recording) == [0, 2, 7].map { TestCall($0).recording })
        #expect(bench.finished.allSatisfy { $0.frames == 24_000 && $0.gaps.isEmpty })
        for recording in bench.finished { bench.service.confirm(recording.recording) }
        try DiskFullTests.wait { bench.segments.count == 1 }
        // Told once, however often it is tried.
        try DiskFullTests.wait { !bench.errors.isEmpty }
        #expect(bench.errors.map(\.code) == [.partial])
        #expect(bench.errors.first?.message.contains(calls[1].recording.description) == true)

        try #require(rmdir(track) == 0)
        try DiskFullTests.wait { bench.finished.count == 4 }
        let last = try #require(bench.finished.first { $0.recording == calls[1].recording })
        #expect(last.frames == 24_000 && last.gaps.isEmpty && last.recovered == false)
        let audio = try Decoded(bench.path(last)).channels
        #expect(
            Tone.share(audio[0][...], at: calls[1].left) > 0.99 && Tone.share(audio[1][...], at: calls[1].right) > 0.99)
        bench.confirmAll()
        try DiskFullTests.wait { bench.segments.isEmpty }
        #expect(bench.partials.isEmpty && bench.errors.count == 1)
        #expect(bench.service.statistics.bytesRead == UInt64(segment.bytes.count + later.bytes.count))
        bench.service.stop()
    }

    /// … also where the trouble is over before the call is: what was said before it is read again, what comes is read as ever.
    @Test(arguments: [false, true]) func aTrackThatCanBeWrittenAgainInMidCallLacksNothing(isSealed: Bool) throws {
        let folder = try TestFolder()
        let keys = isSealed ? try TestKeys(folder).ring : nil
        let calls = (0..<2).map { TestCall($0) }
        let whole = try FinishingTests.interleaved(folder.path, calls: calls, keys: keys)
        let half = try FinishingTests.interleaved(folder.path, calls: calls, blocks: 8, keys: keys)
        // The ends of the short one are not published.
        let flushed = half.bytes.count - 2 * AudioLogFormat.blockHeaderSize
        let bench = try Bench(folder.path) { $0.keys = keys }
        let track = "\(folder.path)/partials/\(calls[0].recording).1.8.8000.track"
        try #require(mkdir(track, 0o700) == 0)
        try whole.write()
        bench.publish(whole, upTo: flushed, sealed: false)
        try DiskFullTests.wait { !bench.errors.isEmpty }
        #expect(bench.errors.map(\.code) == [.partial])
        try #require(rmdir(track) == 0)
        bench.publish(whole)
        try DiskFullTests.wait { bench.finished.count == 2 }
        #expect(bench.finished.allSatisfy { $0.frames == 24_000 && $0.gaps.isEmpty })
        bench.confirmAll()
        try DiskFullTests.wait { bench.segments.isEmpty }
        #expect(bench.partials.isEmpty && bench.errors.count == 1)
        bench.service.stop()
    }

    /// Whoever removes the file in the way has removed what stood in it: that is missing, and not silence.
    @Test func whatStoodInARemovedTrackIsMissing() throws {
        let folder = try TestFolder()
        let call = TestCall(1)
        let first = try FinishingTests.interleaved(folder.path, calls: [call], blocks: 8)
        let whole = try FinishingTests.interleaved(folder.path, calls: [call])
        let bench = try Bench(folder.path)
        try whole.write()
        bench.publish(whole, upTo: first.bytes.count - AudioLogFormat.blockHeaderSize, sealed: false)
        let track = "\(folder.path)/partials/\(call.recording).0.8.8000.track"
        try DiskFullTests.wait { bench.partials.count == 2 }
        bench.settle()
        try #require(unlink(track) == 0)
        bench.publish(whole)
        try DiskFullTests.wait { bench.finished.count == 1 }
        let recording = bench.finished[0]
        #expect(recording.frames == 24_000)
        #expect(recording.channelGaps == [[[0, 8 * 9600]], []])
        bench.service.stop()
    }

    /// The same of the index beside the tracks: others' segments go.
    @Test func anIndexThatCannotBeWrittenHoldsUpNobodyElse() throws {
        let folder = try TestFolder()
        let calls = (0..<2).map { TestCall($0) }
        let segment = try FinishingTests.interleaved(folder.path, calls: calls)
        let later = try FinishingTests.interleaved(folder.path, calls: [TestCall(7)], sequence: 2)
        let bench = try Bench(folder.path)
        let index = "\(folder.path)/partials/\(calls[0].recording).index"
        try #require(mkdir(index, 0o700) == 0)
        try segment.write()
        try later.write()
        bench.publish(segment)
        bench.publish(later)
        try DiskFullTests.wait { bench.finished.count == 3 && bench.segments.count == 1 && !bench.errors.isEmpty }
        #expect(bench.segments.first?.contains("0000000001") == true)
        #expect(bench.errors.map(\.code) == [.partial])
        // Journalled, it needs neither log nor index any more; the others' files go, its own as soon as they can.
        for recording in bench.finished { bench.service.confirm(recording.recording) }
        try DiskFullTests.wait { bench.segments.isEmpty && bench.partials.count == 1 }
        #expect(bench.errors.map(\.code) == [.partial, .partial])
        try #require(rmdir(index) == 0)
        bench.settle()
        #expect(bench.partials.isEmpty && bench.errors.count == 2)
        bench.service.stop()
    }

    /// The end stands in a segment that could be read, the audio in one whose tracks could not be written.
    @Test func anEndIsNotBelievedBeforeWhatStandsBeforeIt() throws {
        let folder = try TestFolder()
        let disk = DiskFullTests.SmallDisk(0, suffix: ".track")
        let call = TestCall(1)
        var first = try SegmentFile(folder.path, sequence: 1)
        try first.start(call)
        for channel in 0..<2 as Range<UInt8> {
            try first.audio(
                call, channel: channel, position: 0, payload: call.tone(channel: channel, first: 0, count: 8000))
        }
        var second = try SegmentFile(folder.path, sequence: 2)
        try second.end(call, length: 48_000)
        let bench = try Bench(folder.path) { $0.calls = disk.calls }
        try first.write()
        try second.write()
        bench.publish(first)
        bench.publish(second)
        try DiskFullTests.wait { !bench.errors.isEmpty }
        #expect(bench.errors.map(\.code) == [.partial])
        #expect(bench.finished.isEmpty)
        #expect(bench.segments.count == 2)
        disk.free()
        try DiskFullTests.wait { !bench.finished.isEmpty }
        #expect(bench.finished.map(\.frames) == [8000])
        #expect(bench.finished.allSatisfy { $0.gaps.isEmpty })
        #expect(bench.errors.count == 1)
        bench.service.stop()
    }

    /// What waits to be written is bounded: a long segment is written in stretches, each track once a stretch.
    @Test func aLongSegmentIsWrittenInStretches() throws {
        let folder = try TestFolder()
        let count = WriteCount()
        let calls = (0..<2).map { TestCall($0) }
        // 5,000 blocks of 8,000 bytes: 40 MB, of which 16 MiB may wait, looked at after each MiB read.
        var segment = try SegmentFile(folder.path, sequence: 1)
        for call in calls { try segment.start(call) }
        let tone = calls[0].tone(channel: 0, first: 0, count: 8000)
        for number in 0..<1250 {
            for call in calls {
                for channel in 0..<2 as Range<UInt8> {
                    try segment.audio(call, channel: channel, position: Int64(number) * 48_000, payload: tone)
                }
            }
        }
        for call in calls { try segment.end(call, length: 1250 * 48_000) }
        let bench = try Bench(folder.path) { $0.calls = count.calls }
        try segment.write()
        bench.publish(segment)
        bench.settle()
        #expect((8...12).contains(count.writes.withLock { $0 }), "\(count.writes.withLock { $0 }) writes")
        #expect(bench.finished.map(\.frames) == [10_000_000, 10_000_000])
        #expect(bench.finished.allSatisfy { $0.gaps.isEmpty })
        bench.service.stop()
    }
}
