import AudioLog
import Calls
import Recordings
import Testing

@Suite struct RecordingServiceTests {
    @Test func waitsForConfirmation() async throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let segment = try FinishingTests.interleaved(folder.path, calls: [TestCall(1), TestCall(2)], blocks: 2)
        try segment.write()
        #expect(await bench.service.waitUntilConfirmed(timeoutMilliseconds: 60_000))
        bench.publish(segment)
        bench.settle()
        #expect(await bench.service.waitUntilConfirmed(timeoutMilliseconds: 20) == false)
        #expect(bench.service.statistics.unconfirmed == 2)
        for recording in bench.finished { bench.service.confirm(recording.recording) }
        #expect(await bench.service.waitUntilConfirmed(timeoutMilliseconds: 60_000))
        #expect(bench.partials.isEmpty)
        bench.service.stop()
    }

    @Test func aThreadThatIsCalledOftenRests() {
        #expect(Pace.rest(after: 0) == 0)
        #expect(Pace.rest(after: 5) == 95)
        // At most a twentieth of a processor, and nobody waits for longer than two seconds.
        for took in Int64(1)...105 { #expect(took * 20 <= took + Pace.rest(after: took)) }
        #expect(Pace.rest(after: 60_000) == Pace.longest)
        #expect(Pace.rest(after: -1) == 0)
    }

    @Test func statisticsFollowTheWork() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let call = TestCall(1)
        var segment = try SegmentFile(folder.path, sequence: 1)
        try segment.start(call)
        try segment.audio(call, channel: 0, position: 0, payload: call.tone(channel: 0, first: 0, count: 800))
        try segment.write()
        bench.publish(segment, sealed: false)
        bench.settle()
        var statistics = bench.service.statistics
        #expect(statistics.segments == 1 && statistics.open == 1 && statistics.finished == 0)
        #expect(statistics.bytesRead == UInt64(segment.bytes.count))
        try segment.end(call, length: 4_800)
        try segment.write()
        bench.publish(segment)
        bench.settle()
        bench.confirmAll()
        statistics = bench.service.statistics
        #expect(statistics.segments == 0 && statistics.open == 0)
        #expect(statistics.finished == 1 && statistics.unconfirmed == 0 && statistics.finishing == 0)
        #expect(statistics.bytesRead == UInt64(segment.bytes.count) && statistics.bytesDamaged == 0)
        bench.service.stop()
    }

    @Test func nobodyElsesConfirmationsAreTaken() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let call = TestCall(1)
        var segment = try SegmentFile(folder.path, sequence: 1)
        try segment.start(call)
        try segment.audio(call, channel: 0, position: 0, payload: call.tone(channel: 0, first: 0, count: 800))
        try segment.write()
        bench.publish(segment, sealed: false)
        // Neither a recording that still runs nor one that was never heard of.
        bench.service.confirm(call.recording)
        bench.service.confirm(TestCall(9).recording)
        bench.settle()
        #expect(bench.partials.count == 1)
        bench.service.stop()
    }

    @Test func aSegmentThatIsNotThereIsToldOnce() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        for bytes in [100, 200, 300] as [UInt64] {
            bench.service.progress(
                AudioLogProgress(
                    sequence: 7, path: folder.path + "/audio-log/gone.hlas", flushedBytes: bytes, isSealed: false))
            bench.settle()
        }
        #expect(bench.errors.map(\.code) == [.segment])
        bench.service.stop()
    }

    @Test func stopsAndGoesOnAfterTheNextStart() throws {
        let folder = try TestFolder()
        let calls = (0..<10).map { TestCall($0) }
        let segment: SegmentFile
        do {
            let bench = try Bench(folder.path)
            segment = try FinishingTests.interleaved(folder.path, calls: calls)
            try segment.write()
            bench.publish(segment)
            // At once, with whatever is done by then.
            bench.service.stop()
        }
        let bench = try Bench(folder.path)
        #expect(try bench.service.recover().count == 10)
        bench.settle()
        #expect(bench.finished.map(\.frames) == Array(repeating: 24_000, count: 10))
        #expect(bench.finished.allSatisfy { !$0.recovered })
        bench.service.stop()
    }

    @Test func aFolderThatCannotBeMadeIsRefused() throws {
        let folder = try TestFolder()
        try Bytes.write([1], to: folder.path + "/file")
        let error = #expect(throws: RecordingError.self) { _ = try Bench(folder.path + "/file") }
        #expect(error?.code == .folder)
    }
}
