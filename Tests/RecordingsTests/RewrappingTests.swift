import AudioLog
import Glibc
import Recordings
import Synchronization
import Testing

/// A new key for what is there already.
@Suite struct RewrappingTests {
    private let folder: TestFolder
    private let keys: TestKeys
    private let data: String
    /// Each file's plain bytes.
    private let files: [String: [UInt8]]

    init() throws {
        folder = try TestFolder()
        keys = try TestKeys(folder)
        data = folder.path + "/data"
        var random = SeededGenerator(seed: 3)
        files = Dictionary(
            uniqueKeysWithValues: [0, 1, 5_000, 65_536, 140_000].enumerated().map { index, count in
                (
                    "recordings/2026/11/2\(index)/\(index).flac",
                    (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
                )
            })
        for (name, bytes) in files {
            try TestFolder.make("\(data)/\(name)", try #require(SealedFormat.file(bytes, with: keys.ring.current)))
        }
        try TestFolder.make(data + "/cache/x.opus", try #require(SealedFormat.file([9], with: keys.ring.current)))
        try TestFolder.make(data + "/archive/2026/11/20/p.flac", Array("fLaC, in the clear".utf8))
        // A draft: whoever writes it ends it with a header of its own.
        try TestFolder.make(data + "/recordings/2026/11/20/.9.flac.tmp", [UInt8](repeating: 0, count: 300))
    }

    private func work(_ ring: RecordingKeys? = nil, _ calls: DiskCalls = .system) -> Rewrapping {
        Rewrapping(
            keys: ring ?? keys.ring, dataFolder: data,
            folders: ["recordings", "archive", "cache"].map { "\(data)/\($0)" },
            calls: calls)
    }

    private func expectAll(_ ring: RecordingKeys, _ comment: Comment? = nil) async throws {
        for (name, bytes) in files {
            let file = try RecordingFile(path: "\(data)/\(name)", keys: ring)
            #expect(try await file.read(at: 0, count: Int(file.length)) == bytes, comment)
        }
    }

    @Test func afterItTheOldKeyIsNotNeeded() async throws {
        let old = keys.ring.currentID.description
        var report = try work().run()
        #expect(report.current == 6 && report.rewrapped == 0 && report.plain == 1 && report.faults.isEmpty)
        #expect(report.keys.map(\.id) == [old] && !report.keys[0].isSpare)
        let chunks = Bytes.read("\(data)/recordings/2026/11/24/4.flac")[128..<1000]
        let new = try RecordingKeys.add(to: keys.path, remark: "").description
        report = try work().run()
        #expect(report.current == 0 && report.rewrapped == 6 && report.plain == 1 && report.faults.isEmpty)
        #expect(report.keys.map(\.id) == [old, new])
        #expect(report.keys.map(\.isSpare) == [true, false])
        #expect(report.keys.map(\.files) == [0, 6])
        // The chunks are as they were, and the old key is nowhere.
        #expect(Bytes.read("\(data)/recordings/2026/11/24/4.flac")[128..<1000] == chunks)
        let alone = try keys.ring("new", [keys.lines[1]])
        try await expectAll(alone)
        report = try work().run()
        #expect(report.current == 6 && report.rewrapped == 0)
    }

    /// Ended before each of its writes and syncs, in the middle of each write, and gone on with.
    @Test(arguments: [false, true]) func endedAtEachStep(isTorn: Bool) async throws {
        var step = 0
        while true {
            _ = try RecordingKeys.add(to: keys.path, remark: "")
            let left = Mutex(step)
            @Sendable func ends() -> Bool {
                left.withLock { left in
                    left -= 1
                    return left < 0
                }
            }
            var calls = DiskCalls.system
            calls.write = { file, bytes, count, place in
                guard ends() else { return pwrite(file, bytes, count, off_t(place)) }
                if isTorn { _ = pwrite(file, bytes, count / 2, off_t(place)) }
                errno = EIO
                return -1
            }
            calls.sync = { file in
                if !ends() { return fdatasync(file) }
                errno = EIO
                return -1
            }
            do {
                let report = try work(nil, calls).run()
                #expect(report.rewrapped == 6 && step == 6 * 4)
                break
            } catch {
                #expect(error.code == .finish && error.errno == EIO)
            }
            // Whatever was cut off, every file is whole, by the keys that are in the file.
            try await expectAll(keys.ring, "ended at step \(step)")
            let rest = try work().run()
            #expect(rest.rewrapped + rest.current == 6 && rest.faults.isEmpty)
            // A file whose last sync alone was missing has both headers: it counts as done, and its second one is durable.
            #expect(rest.rewrapped == 6 - (step + 1) / 4)
            #expect(rest.keys.dropLast().allSatisfy { $0.isSpare })
            try await expectAll(try keys.ring("last", [try #require(keys.lines.last)]))
            step += 1
        }
    }

    /// The second header was durable and the first not yet when the power went; the old key has left the file meanwhile.
    @Test func aFirstHeaderUnderAKeyThatIsGoneIsMadeUpForByTheSecond() async throws {
        let before = files.keys.map { ("\(data)/\($0)", Bytes.read("\(data)/\($0)")) }
        _ = try RecordingKeys.add(to: keys.path, remark: "")
        #expect(try work().run().rewrapped == 6)
        for (path, old) in before { try Bytes.write(Array(old[..<128] + Bytes.read(path)[128...]), to: path) }
        let alone = try keys.ring("new", [keys.lines[1]])
        try await expectAll(alone)
        let report = try work(alone).run()
        #expect(report.rewrapped == 5 && report.current == 1 && report.faults.isEmpty)
        #expect(report.keys.map(\.id) == [alone.currentID.description])
        #expect(try work(alone).run().current == 6)
    }

    @Test func aFileWhoseKeyIsGoneIsAFaultAndStopsNoOther() async throws {
        let old = keys.ring.currentID.description
        let other = try TestKeys(folder, name: "other.keys")
        let name = "\(data)/recordings/2026/11/20/0.flac"
        try Bytes.write(try #require(SealedFormat.file([1, 2], with: other.ring.current)), to: name)
        let cut = "\(data)/recordings/2026/11/21/1.flac"
        try Bytes.write(Bytes.read(cut).dropLast(), to: cut)
        let new = try RecordingKeys.add(to: keys.path, remark: "").description
        let report = try work().run()
        #expect(report.rewrapped == 4)
        #expect(report.faults.count == 2)
        #expect(report.faults.contains { $0.contains(name) && $0.contains(other.ring.currentID.description) })
        #expect(report.faults.contains { $0.contains(cut) && $0.contains("bytes long") })
        // The file that was cut off still names the old key: it is not told as spare.
        #expect(report.keys.map(\.id) == [other.ring.currentID.description, old, new])
        #expect(report.keys.map(\.isThere) == [false, true, true])
        #expect(report.keys.map(\.isSpare) == [false, false, false])
    }

    /// What is on a volume that is not there may need any key.
    @Test func anArchiveThatIsNotThereIsAFault() throws {
        rename(data + "/archive", folder.path + "/elsewhere")
        symlink(folder.path + "/nowhere", data + "/archive")
        _ = try RecordingKeys.add(to: keys.path, remark: "")
        let report = try work().run()
        #expect(report.rewrapped == 6 && report.faults.count == 1)
        #expect(report.faults[0].contains(data + "/archive"))
        #expect(report.keys.allSatisfy { !$0.isSpare })
    }

    /// What is under way keeps its key until it is done.
    @Test func theAudioLogAndRecordingsUnderWayCount() throws {
        let old = keys.ring.currentID
        let bench = try Bench(data) { $0.keys = keys.ring }
        var segment = try SegmentFile(data, sequence: 1, keys: keys.ring)
        let call = TestCall(1)
        try segment.start(call)
        try segment.audio(call, channel: 0, position: 0, payload: call.tone(channel: 0, first: 0, count: 1600))
        try segment.write()
        _ = try RecordingKeys.add(to: keys.path, remark: "")
        var report = try work().run()
        #expect(report.keys[0].id == old.description)
        #expect(report.keys[0].segments == 1 && report.keys[0].recordings == 0 && !report.keys[0].isSpare)
        bench.publish(segment)
        bench.settle()
        // The segment goes when what it holds stands in the partial files, which were begun with the new key.
        #expect(bench.segments.isEmpty)
        report = try work().run()
        #expect(report.keys.map(\.recordings) == [0, 1])
        #expect(report.keys.map(\.isSpare) == [true, false])
        // Another key, while they stand there.
        _ = try RecordingKeys.add(to: keys.path, remark: "")
        report = try work().run()
        #expect(report.keys.map(\.recordings) == [0, 1, 0])
        #expect(report.keys.map(\.isSpare) == [true, false, false])
        bench.service.stop()
    }
}
