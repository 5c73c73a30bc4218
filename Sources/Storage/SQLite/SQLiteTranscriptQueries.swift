import Calls
import Foundation
import GRDB

extension SQLiteQueries {
    func transcript(_ id: RecordingID) async throws(StorageError) -> Transcript? {
        try await read("reading a transcript") { db in
            guard let row = try db.row(TranscriptSQL.byRecording, [id.blob]) else { return nil }
            return try TranscriptReading.transcript(row, db)
        }
    }

    func pendingTranscripts(limit: Int) async throws(StorageError) -> [PendingTranscript] {
        try await read("listing transcripts to be made") { db in
            try db.rows(TranscriptSQL.pending, [try Self.checked(limit: limit)]).map { row in
                PendingTranscript(
                    recording: try row.identifier("recording"), call: try row.identifier("call"),
                    attempts: row["attempts"], askedAt: UTCTime(microseconds: row["asked_wall"]))
            }
        }
    }

    func pendingTranscriptCount() async throws(StorageError) -> Int {
        try await read("counting transcripts to be made") { db in try db.row(TranscriptSQL.pendingCount)?[0] ?? 0 }
    }
}

/// Makes transcripts of rows, and tells whose words a search found.
enum TranscriptReading {
    static func transcript(_ row: Row, _ db: Database) throws -> Transcript {
        let id: RecordingID = try row.identifier("recording")
        var channels: [Transcript.Channel] = []
        for row in try db.rows(TranscriptSQL.segments, [id.blob]) {
            let index: Int = row["channel"]
            if channels.last?.index != index { channels.append(Transcript.Channel(index: index, segments: [])) }
            channels[channels.count - 1].segments.append(
                Transcript.Segment(
                    fromMilliseconds: row["from_ms"], toMilliseconds: row["to_ms"], role: row["role"],
                    text: row["text"], confidence: row["confidence"]))
        }
        return Transcript(
            recording: id, call: try row.identifier("call"), state: try row.requiredWord("state"),
            askedAt: UTCTime(microseconds: row["asked_wall"]), attempts: row["attempts"], failure: row["failure"],
            madeAt: row.time("made"), engine: row["engine"], model: row["model"], language: row["language"],
            channels: channels, flags: try db.rows(TranscriptSQL.flags, [id.blob]).map(flag))
    }

    private static func flag(_ row: Row) throws -> Transcript.Flag {
        Transcript.Flag(
            flag: try row.requiredWord("flag"), word: row["word"], channel: row["channel"], role: row["role"],
            positionMilliseconds: AudioPosition(units: row["position"]).milliseconds,
            at: UTCTime(microseconds: row["at_wall"]))
    }

    /// Whether a recording was found by a machine's words: some phrase stands in none of the people's texts.
    static func isMachines(_ id: RecordingID, phrases: [String], _ db: Database) throws -> Bool {
        let texts = try RecordingIndexer(db: db).peoplesTexts(of: id.blob)
        let body = SearchText.body(texts) ?? ""
        return !phrases.allSatisfy { body.contains(" \($0) ") }
    }

    /// Where in the transcript the phrases stand.
    static func hits(_ id: RecordingID, phrases: [String], _ db: Database) throws -> [TranscriptHit] {
        var hits: [TranscriptHit] = []
        for row in try db.rows(TranscriptSQL.segments, [id.blob]) where hits.count < TranscriptHit.most {
            let text: String = row["text"]
            guard let body = SearchText.body([text]), phrases.contains(where: { body.contains(" \($0) ") }) else {
                continue
            }
            hits.append(
                TranscriptHit(
                    channel: row["channel"], fromMilliseconds: row["from_ms"], role: row["role"], text: text))
        }
        return hits
    }
}
