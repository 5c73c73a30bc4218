import Calls
import FoundationEssentials
import Glibc
import Recordings
import Testing

@Suite struct RecordingVerifierTests {
    /// Four finished recordings and their rows.
    private func four(_ folder: TestFolder) throws -> [RecordingVerifier.Row] {
        let bench = try Bench(folder.path)
        let segment = try FinishingTests.interleaved(folder.path, calls: (0..<4).map { TestCall($0) }, blocks: 2)
        try segment.write()
        bench.publish(segment)
        bench.settle()
        bench.service.stop()
        return bench.finished.map {
            RecordingVerifier.Row(id: $0.recording, file: $0.file, sha256: $0.sha256, frames: $0.frames, channels: 2)
        }
    }

    @Test func findsWhatIsNotAsItWas() throws {
        let folder = try TestFolder()
        let verifier = RecordingVerifier(folder: folder.path + "/recordings")
        var rows = try four(folder)
        #expect(try verifier.verify(rows).isAllOK)
        #expect(try verifier.verify(rows).ok == 4)

        // One byte changed, one file gone, one row that tells another length, one file that no row names.
        var bytes = Bytes.read("\(folder.path)/recordings/\(rows[0].file)")
        bytes[bytes.count / 2] ^= 1
        try Bytes.write(bytes, to: "\(folder.path)/recordings/\(rows[0].file)")
        unlink("\(folder.path)/recordings/\(rows[1].file)")
        rows[2].frames += 1
        try Bytes.write([1], to: "\(folder.path)/recordings/2026/11/stray.flac")
        try Bytes.write([1], to: "\(folder.path)/recordings/2026/11/.draft.flac.tmp")
        let report = try verifier.verify(rows)
        #expect(report.checked == 4)
        #expect(report.ok == 1)
        #expect(report.missing.map(\.id) == [rows[1].id])
        #expect(report.altered.map(\.id) == [rows[0].id, rows[2].id])
        #expect(report.unlinked == ["2026/11/stray.flac"])
        #expect(!report.isAllOK)
    }

    @Test func aFileThatNoRowNamesIsToldWithItsPeaksAndFigures() throws {
        let folder = try TestFolder()
        let rows = try four(folder)
        let report = try RecordingVerifier(folder: folder.path + "/recordings").verify(rows.dropFirst())
        let peaks = rows[0].file.replacing(".flac", with: ".dat")
        let figures = rows[0].file.replacing(".flac", with: ".silence.json")
        #expect(report.unlinked == [peaks, rows[0].file, figures])
        #expect(report.ok == 3)
    }

    @Test(arguments: ["../../etc/passwd", "/etc/passwd", "a//b.flac", "./a.flac", "2026/../../x.flac"])
    func namesLeadNowhereElse(file: String) throws {
        let folder = try TestFolder()
        let row = RecordingVerifier.Row(id: TestCall(1).recording, file: file, sha256: "", frames: 0, channels: 2)
        let report = try RecordingVerifier(folder: folder.path).verify([row])
        #expect(report.altered.map(\.reason) == ["the file's name leads out of the folder"])
    }

    @Test func theReportsKeysStandStill() throws {
        let report = RecordingVerifier.Report()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(
            String(decoding: try encoder.encode(report), as: UTF8.self)
                == #"{"altered":[],"checked":0,"missing":[],"ok":0,"unlinked":[]}"#)
    }

    @Test func noFolderNoFiles() throws {
        let folder = try TestFolder()
        #expect(try RecordingVerifier(folder: folder.path + "/nothing").verify([]).isAllOK)
    }
}
