import AudioLog
import Calls
import Glibc
import Recordings
import Synchronization
import Testing

/// The process ends after each step of the finisher; the next run makes the same file, once.
@Suite struct FinishingStepTests {
    private static func ended(_ recording: RecordingID?) -> RecordingError {
        RecordingError(.finish, "the process ends here", recording: recording)
    }

    /// All files below a folder, by their path in it.
    private static func files(_ folder: String, _ below: String = "") -> [String] {
        TestFolder.names(folder + below).flatMap { name -> [String] in
            let inside = files(folder, "\(below)/\(name)")
            return inside.isEmpty ? ["\(below)/\(name)"] : inside
        }
    }

    /// One call of three seconds, finished without interruption.
    private static func reference(_ format: RecordingFormat) throws -> FinishedRecording {
        let folder = try TestFolder()
        let bench = try Bench(folder.path, format: format)
        try FinishingTests.interleaved(folder.path, calls: [TestCall(1)]).write()
        _ = try bench.service.recover()
        bench.settle()
        bench.service.stop()
        return try #require(bench.finished.first)
    }

    /// A run that ends when so many steps are done.
    private static func interrupted(
        _ folder: String, format: RecordingFormat, after steps: Int, keys: RecordingKeys?
    ) throws {
        let bench = try Bench(folder, format: format) {
            $0.keys = keys
            $0.retryMilliseconds = []
            $0.laterRetryMilliseconds = 3_600_000
            $0.finish = { (work) throws(RecordingError) in
                for _ in 0..<steps { try work.advance() }
                throw Self.ended(nil)
            }
        }
        #expect(try bench.service.recover().count == 1)
        bench.settle()
        #expect(bench.finished.isEmpty)
        bench.service.stop()
    }

    @Test(arguments: RecordingFormat.allCases, 0...Finishing.Step.allCases.count)
    func endedAfterEachStep(format: RecordingFormat, steps: Int) throws {
        try Self.endedAfterEachStep(format: format, steps: steps, isEncrypted: false)
    }

    /// The bytes on the disk are others each time; what was encrypted is the same.
    @Test(arguments: 0...Finishing.Step.allCases.count) func endedAfterEachStepEncrypted(steps: Int) throws {
        try Self.endedAfterEachStep(format: .flac, steps: steps, isEncrypted: true)
    }

    private static func endedAfterEachStep(format: RecordingFormat, steps: Int, isEncrypted: Bool) throws {
        let reference = try Self.reference(format)
        var random = SeededGenerator(seed: UInt64(steps))
        // As the step left the disk, and with the drafts torn, as a step that was cut off leaves them.
        for isTorn in [false, true] {
            let folder = try TestFolder()
            try Bench(folder.path).service.stop()
            let keys = isEncrypted ? try TestKeys(folder).ring : nil
            try FinishingTests.interleaved(folder.path, calls: [TestCall(1)], keys: keys).write()
            try Self.interrupted(folder.path, format: format, after: steps, keys: keys)
            let recordings = folder.path + "/recordings"
            for draft in Self.files(recordings) where isTorn && draft.hasSuffix(".tmp") {
                let bytes = Bytes.read(recordings + draft)
                try Bytes.write(
                    Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))), to: recordings + draft)
            }
            // Twice: the second run, too, ends before it is confirmed.
            for _ in 0..<2 {
                let bench = try Bench(folder.path, format: format) { $0.keys = keys }
                #expect(try bench.service.recover().map(\.recording) == [reference.recording])
                bench.settle()
                #expect(bench.errors.isEmpty)
                #expect(bench.finished == [reference])
                let stem = "/" + reference.file.prefix { $0 != "." }
                let expected = [".dat", "." + reference.format, ".silence.json"].map { stem + $0 }.sorted()
                #expect(Self.files(recordings) == expected)
                bench.service.stop()
            }
            // Journalled, and nothing is left to do.
            let last = try Bench(folder.path, format: format) { $0.keys = keys }
            _ = try last.service.recover()
            last.settle()
            last.confirmAll()
            #expect(last.partials.isEmpty)
            #expect(last.segments.isEmpty)
            last.service.stop()
            let row = RecordingVerifier.Row(
                id: reference.recording, file: reference.file, sha256: reference.sha256, frames: reference.frames,
                channels: 2)
            #expect(try RecordingVerifier(folder: recordings, keys: keys).verify([row]).isAllOK)
        }
    }

    /// The journal has the recording; the process ended before it was confirmed, or while its partial files went.
    @Test(arguments: 0...3) func endedBetweenJournalAndConfirmation(filesGone: Int) async throws {
        let folder = try TestFolder()
        let finished: FinishedRecording
        do {
            let bench = try Bench(folder.path)
            try FinishingTests.interleaved(folder.path, calls: [TestCall(1), TestCall(2)]).write()
            _ = try bench.service.recover()
            bench.settle()
            bench.service.stop()
            finished = try #require(bench.finished.first)
        }
        let mine = TestFolder.names(folder.path + "/partials").filter { $0.hasPrefix("\(finished.recording)") }
        #expect(mine.count == 3)
        for name in mine.prefix(filesGone) { unlink("\(folder.path)/partials/\(name)") }
        let bytes = Bytes.read("\(folder.path)/recordings/\(finished.file)")

        let bench = try Bench(folder.path)
        let found = Mutex<[RecordingID]>([])
        try await bench.service.recover { recovered in
            found.withLock { $0 = recovered.map(\.recording) }
            // Nothing is made before the owner has answered.
            #expect(bench.finished.isEmpty)
            return [finished.recording]
        }
        bench.settle()
        // Without its index, the last of its files, nothing tells of it any more.
        let isKnown = mine.prefix(filesGone).allSatisfy { !$0.hasSuffix(".index") }
        #expect(found.withLock { $0 } == (isKnown ? [1, 2] : [2]).map { TestCall($0).recording })
        #expect(bench.finished.map(\.recording) == [TestCall(2).recording])
        #expect(bench.errors.isEmpty)
        bench.confirmAll()
        #expect(bench.partials.filter { isKnown || !$0.hasPrefix("\(finished.recording)") }.isEmpty)
        #expect(Bytes.read("\(folder.path)/recordings/\(finished.file)") == bytes)
        bench.service.stop()
    }

    /// What a segment still holds of a finished recording must not take the place of its file, whatever was lost.
    @Test func aShorterCopyDoesNotReplaceAFile() throws {
        let folder = try TestFolder()
        let call = TestCall(1)
        var file = ""
        do {
            let bench = try Bench(folder.path)
            try FinishingTests.interleaved(folder.path, calls: [call]).write()
            _ = try bench.service.recover()
            bench.settle()
            file = bench.path(try #require(bench.finished.first))
            bench.confirmAll()
            bench.service.stop()
        }
        let bytes = Bytes.read(file)
        // The list of what is confirmed is gone, and a segment with the first blocks is there.
        unlink(folder.path + "/partials/confirmed")
        let bench = try Bench(folder.path) { $0.laterRetryMilliseconds = 3_600_000 }
        let segment = try FinishingTests.interleaved(folder.path, calls: [call])
        try segment.write(cut: segment.blocks[10].bytes.upperBound)
        _ = try bench.service.recover()
        bench.settle()
        #expect(bench.finished.isEmpty)
        #expect(bench.errors.map(\.recording) == [call.recording])
        #expect(bench.errors.first?.errno == EEXIST)
        #expect(Bytes.read(file) == bytes)
        bench.service.stop()
    }

    /// A record of the confirmed that is damaged hides none of the others.
    @Test func aDamagedRecordOfTheConfirmedHidesNoOther() throws {
        let folder = try TestFolder()
        let calls = (0..<3).map { TestCall($0) }
        let path = folder.path + "/partials/confirmed"
        var segment = try SegmentFile(folder.path, sequence: 1)
        for call in calls {
            try segment.start(call)
            try segment.audio(call, channel: 0, position: 0, payload: call.tone(channel: 0, first: 0, count: 800))
            try segment.end(call, length: 4_800)
        }
        do {
            let bench = try Bench(folder.path)
            try segment.write()
            bench.publish(segment, sealed: false)
            bench.settle()
            bench.confirmAll()
            bench.service.stop()
        }
        var records = Bytes.read(path)
        try #require(records.count == 96)
        let damaged = try #require(
            (0..<3).first { Array(records[($0 * 32)..<($0 * 32 + 16)]) == calls[1].recording.bytes })
        records[damaged * 32 + 20] ^= 1
        try Bytes.write(records, to: path)
        let bench = try Bench(folder.path)
        #expect(try bench.service.recover().map(\.recording) == [calls[1].recording])
        bench.settle()
        #expect(bench.finished.map(\.recording) == [calls[1].recording])
        bench.service.stop()
    }

    /// A power failure takes what is not synced: before a recording is told as finished, its file, its names and every
    /// folder made for them are durable.
    @Test func everythingIsDurableBeforeItIsTold() throws {
        let folder = try TestFolder()
        let synced = Mutex<[String]>([])
        let root = folder.path.count
        let note: @Sendable (Int32) -> Void = { descriptor in
            let name = String(DiskFullTests.SmallDisk.name(descriptor).dropFirst(root))
            synced.withLock { $0.append(name) }
        }
        let bench = try Bench(folder.path) {
            $0.calls = DiskCalls(
                write: { pwrite($0, $1, $2, off_t($3)) },
                sync: {
                    note($0)
                    return fdatasync($0)
                },
                syncFolder: {
                    note($0)
                    return fsync($0)
                })
        }
        let before = synced.withLock { $0 }
        #expect(before == ["", "", ""])
        let segment = try FinishingTests.interleaved(folder.path, calls: [TestCall(1)])
        try segment.write()
        bench.publish(segment, sealed: false)
        bench.settle()
        let stem = try #require(bench.finished.first?.file.split(separator: "/").last?.prefix { $0 != "." })
        let day = "/recordings/2026/11/22"
        #expect(
            synced.withLock { Array($0.dropFirst(3)) } == [
                "/recordings", "/recordings/2026", "/recordings/2026/11", "\(day)/.\(stem).flac.tmp",
                "\(day)/.\(stem).dat.tmp.tmp", "\(day)/.\(stem).silence.json.tmp.tmp", day,
            ])
        synced.withLock { $0 = [] }
        bench.confirmAll()
        #expect(synced.withLock { $0 } == ["/partials/confirmed", "/partials"])
        bench.service.stop()
    }
}
