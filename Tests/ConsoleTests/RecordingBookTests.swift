import Calls
import Foundation
import Recordings
import Storage
import Switchboard
import Testing

/// What an import hands over, and what an export writes down, by the API.
@Suite(.serialized) struct RecordingBookTests {
    /// A recording of another system, placed in the bench's data folder.
    private static func placed(_ bench: Bench) async throws -> ImportedRecording {
        let folder = try TemporaryFolder()
        var bytes = Array("RIFF".utf8) + [36, 31, 0, 0] + Array("WAVEfmt ".utf8) + [16, 0, 0, 0, 1, 0, 1, 0]
        bytes += [0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0] + Array("data".utf8) + [0, 31, 0, 0]
        bytes += (0..<0x1F00).map { UInt8($0 % 7) }
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder.path)/a.wav"))
        let mapping = """
            system: test
            columns: {file: file, caller: src, called: dst, begin: start, seconds: billsec}
            """
        let table = "file,src,dst,start,billsec\na.wav,13900000001,95598,2024-05-12 08:30:00,0\n"
        let now = UTCTime(microseconds: 1_795_316_645_000_000)
        let columns = try CallRecordMapping(mapping, file: "map.yaml")
        let records = try CallRecordFile(Array(table.utf8), file: "cdr.csv", mapping: columns, now: now)
        let (stream, made) = AsyncStream.makeStream(of: ImportedRecording.self)
        _ = try await RecordingImporter(
            folder: ImportFolder(path: folder.path), recordings: DataFolder(bench.folder.path).recordings,
            mapping: columns, recordFile: "cdr.csv", minimumFreeBytes: 0, known: { _ in [:] },
            hand: { recordings in
                for recording in recordings { made.yield(recording) }
                return recordings.map { TakenRecording(recording: $0.imported.recording, state: .new) }
            }
        ).run(records) { _ in }
        made.finish()
        return try #require(await stream.first { _ in true })
    }

    private static func body(_ recordings: [ImportedRecording]) throws -> String {
        String(decoding: try JSONEncoder().encode(["recordings": recordings]), as: UTF8.self)
    }

    @Test func anImportedRecordingIsTakenAndGivenOut() async throws {
        try await Bench.with(agents: false) { bench async throws in
            let one = try await Self.placed(bench)
            for state in ["new", "known"] {
                let answer = try await bench.post("recordings/imports", try Self.body([one]))
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer.text.contains("\"state\" : \"\(state)\""), "\(answer.text)")
            }
            let id = one.imported.recording
            let audio = try await bench.get("recordings/\(id)/audio")
            #expect(audio.status == 200)
            #expect(audio.body.count == Int(one.imported.bytes))
            let noted = try await bench.post(
                "recordings/exports", #"{"recordings": ["\#(id)"], "format": "flac", "by": "8001", "reason": "x"}"#)
            #expect(noted.status == 204, "\(noted.text)")
            let call = try #require(try await bench.reader.call(one.imported.call))
            #expect(call.timeline.contains { $0.type == "recording_replayed" && $0.data["reason"] == "export: x" })
        }
    }

    @Test func whatIsWrongIsTold() async throws {
        try await Bench.with(agents: false) { bench async throws in
            var one = try await Self.placed(bench)
            let none = "0193523b-7c00-7000-8000-000000000001"
            let wrong: [(String, String, Int)] = [
                ("recordings/imports", "{}", 400), ("recordings/imports", #"{"recordings": []}"#, 400),
                ("recordings/imports", #"{"recordings": [{}]}"#, 400), ("recordings/imports", "[]", 400),
                ("recordings/imports", try Self.body(Array(repeating: one, count: 21)), 400),
                ("recordings/exports", #"{"recordings": ["\#(none)"], "format": "flac"}"#, 404),
                ("recordings/exports", #"{"recordings": ["x"], "format": "flac"}"#, 400),
                ("recordings/exports", #"{"recordings": [], "format": "flac"}"#, 400),
                ("recordings/exports", #"{"recordings": ["\#(none)"], "format": "mp3"}"#, 400),
                ("recordings/exports", #"{"recordings": ["\#(none)"], "format": "flac", "more": 1}"#, 400),
            ]
            for (path, body, status) in wrong {
                let problem = try await bench.post(path, body).problem()
                #expect(problem.status == status, "\(path) \(body.prefix(80)): \(problem)")
            }
            #expect(try await bench.post("recordings/imports", "{}", authorization: nil).problem().status == 401)
            one.imported.file = "../hotline.sqlite"
            let answer = try await bench.post("recordings/imports", try Self.body([one]))
            #expect(answer.text.contains("refused"))
            #expect(try await bench.reader.recordings().isEmpty)
        }
    }
}
