import Evidence
import Glibc
import Recordings
import Synchronization
import Testing

@Suite struct BundleWriterTests {
    @Test func theSameJournalGivesTheSameBytes() throws {
        let one = try TestFolder()
        let two = try TestFolder()
        let stage = try BundleStage()
        let first = Bytes.read(try stage.write(one).path)
        #expect(first == Bytes.read(try stage.write(two).path))
        let tar = try TestTar(first)
        #expect(
            tar.members.map(\.name)
                == [
                    "bundle.json", "keys.json", "anchors.jsonl", "chains/1.jsonl", "rows/calls.jsonl",
                    "rows/recordings.jsonl", "rows/orders.jsonl",
                ] + (0..<6).map { "recordings/\(BundleStage.file($0))" } + ["manifest.jsonl", "manifest.sig"])
        for index in 0..<6 { #expect(tar["recordings/\(BundleStage.file(index))"] == BundleStage.audio(index)) }
        // The file ends with its second block of zeros.
        #expect(first.count % 512 == 0)
        #expect(first.suffix(1024).allSatisfy { $0 == 0 })
        #expect(first.dropLast(1024).suffix(512).contains { $0 != 0 })
    }

    /// What an auditor's own tool reads: tar of GNU.
    @Test func otherProgramsReadIt() throws {
        let folder = try TestFolder()
        let path = try BundleStage().write(folder).path
        let list = try #require(popen("tar -tf '\(path)' | wc -l", "r"))
        var digits = [CChar](repeating: 0, count: 32)
        let line = fgets(&digits, 32, list).map { String(cString: $0) } ?? ""
        #expect(pclose(list) == 0)
        #expect(line.split(separator: "\n").first == "15")
    }

    @Test func aFileThatIsThereIsNotReplaced() throws {
        let folder = try TestFolder()
        let stage = try BundleStage()
        let path = try stage.write(folder).path
        let before = Bytes.read(path)
        #expect { try stage.write(folder) } throws: { error in
            (error as? RecordingError)?.code == .bundle && "\(error)".contains("--force")
        }
        #expect(Bytes.read(path) == before)
        #expect(TestFolder.names(folder.path) == ["bundle.tar", "recordings"])
        _ = try EvidenceBundleWriter(path: path, isReplacing: true, description: try stage.description())
        // Given up: nothing is left behind, and nothing was replaced.
        #expect(TestFolder.names(folder.path) == ["bundle.tar", "recordings"])
        #expect(Bytes.read(path) == before)
    }

    @Test func recordingsThatAreMissingOrAlteredAreNamedAndFound() throws {
        let folder = try TestFolder()
        let stage = try BundleStage()
        let (path, summary) = try stage.write(folder, without: [2])
        #expect(summary.faults.count == 1)
        #expect(summary.faults.first?.contains("recordings/\(BundleStage.file(2))") == true)
        #expect(summary.recordings == 5)
        let finding = try #require(EvidenceBundleVerifier(path: path).verify().finding)
        #expect(finding.member == "recordings/\(BundleStage.file(2))")
        #expect(finding.message.contains("missing"))

        let other = try TestFolder()
        var altered = stage
        altered.files[1].bytes[3] ^= 1
        let (second, said) = try altered.write(other)
        #expect(said.faults.count == 1)
        #expect(EvidenceBundleVerifier(path: second).verify().finding?.member == "recordings/\(BundleStage.file(1))")
    }

    @Test func aFullDiskLeavesNothing() throws {
        let stage = try BundleStage()
        for room in stride(from: 0, through: 160_000, by: 8000) {
            let folder = try TestFolder()
            let disk = Disk(room: room)
            let calls = DiskCalls(
                write: { file, bytes, count, offset in
                    let fits = disk.takes(count)
                    guard fits else {
                        errno = ENOSPC
                        return -1
                    }
                    return pwrite(file, bytes, count, off_t(offset))
                }, sync: { fdatasync($0) })
            let path = "\(folder.path)/bundle.tar"
            var failure: RecordingError?
            do throws(RecordingError) {
                try Self.write(stage, path, folder, calls)
            } catch {
                failure = error
            }
            if failure == nil {
                #expect(room > 60_000)
                #expect(EvidenceBundleVerifier(path: path).verify().finding == nil)
            } else {
                #expect(failure?.errno == ENOSPC)
                #expect(failure?.message.contains("the disk is full") == true)
                #expect(TestFolder.names(folder.path).filter { $0.hasPrefix("bundle") } == [])
            }
        }
    }

    /// So many bytes, and no more.
    private final class Disk: Sendable {
        private let left: Mutex<Int>
        init(room: Int) { left = Mutex(room) }

        func takes(_ count: Int) -> Bool {
            left.withLock { left in
                left -= count
                return left >= 0
            }
        }
    }

    private static func write(
        _ stage: BundleStage, _ path: String, _ folder: TestFolder, _ calls: DiskCalls
    ) throws(RecordingError) {
        let description: BundleDescription
        let texts: [[UInt8]]
        let key: [UInt8]
        do {
            for file in stage.files { try TestFolder.make("\(folder.path)/recordings/\(file.name)", file.bytes) }
            description = try stage.description()
            texts = stage.anchors.map(\.bytes)
            key = try stage.publicKey
        } catch {
            throw RecordingError(.folder, "the stage cannot be set: \(error)")
        }
        let writer = try EvidenceBundleWriter(path: path, isReplacing: false, description: description, calls: calls)
        try writer.begin(keys: [key], anchors: texts)
        for item in stage.events { try writer.append(item.sealed, type: item.type) }
        try writer.endChain()
        _ = try writer.finish(recordings: "\(folder.path)/recordings", privateKey: stage.key)
    }
}
