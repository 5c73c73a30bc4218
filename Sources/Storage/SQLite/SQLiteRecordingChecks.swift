import Calls
import Foundation
import GRDB

extension SQLiteQueries {
    func callChecks(
        from: UTCTime, to: UTCTime, after: CallID?, limit: Int
    ) async throws(StorageError) -> [CallCheck] {
        try await read("reading calls to be checked") { db in
            let arguments: StatementArguments = [
                from.microseconds, to.microseconds, after?.blob, try Self.checked(limit: limit),
            ]
            return try db.rows(RecordingCheckSQL.callPage, arguments).map { try CheckReading.call($0, db) }
        }
    }

    func callCheck(_ id: CallID) async throws(StorageError) -> CallCheck? {
        try await read("reading a call to be checked") { db in
            try db.row(RecordingCheckSQL.callByID, [id.blob]).map { try CheckReading.call($0, db) }
        }
    }

    func recordingCheck(_ id: RecordingID) async throws(StorageError) -> RecordingCheck? {
        try await read("reading a recording to be checked") { db in
            try db.row(RecordingCheckSQL.recordingByID, [id.blob]).map { try CheckReading.recording($0, db) }
        }
    }

    func finishedRecordings(
        after: RecordingID?, limit: Int
    ) async throws(StorageError) -> [RecordingCheck] {
        try await read("reading recordings to be hashed") { db in
            let begin = after?.blob ?? Data()
            return try db.rows(RecordingCheckSQL.finishedAfter, [begin, try Self.checked(limit: limit)])
                .map { try CheckReading.recording($0, db) }
        }
    }

    func knownFiles(_ files: [String]) async throws(StorageError) -> Set<String> {
        try await read("looking for files") { db in
            Set(try files.filter { try db.row(RecordingCheckSQL.hasFile, [$0]) != nil })
        }
    }

    func openRecordingAlarms() async throws(StorageError) -> [RecordingAlarm] {
        try await read("listing open alarms") { db in
            try db.rows(RecordingCheckSQL.openAlarms).map { row in
                RecordingAlarm(
                    kind: try row.requiredWord("kind"), subject: row["subject"],
                    call: try row.optionalIdentifier("call"), recording: try row.optionalIdentifier("recording"),
                    message: row["message"], openedAt: UTCTime(microseconds: row["opened_wall"]))
            }
        }
    }

    func carrierRecords(from: UTCTime, to: UTCTime) async throws(StorageError) -> [CarrierImported.Record] {
        try await read("reading the carrier's records") { db in
            try db.rows(RecordingCheckSQL.carrierRecords, [from.microseconds, to.microseconds]).map { row in
                let caller: String = row["caller"]
                return CarrierImported.Record(
                    caller: caller.isEmpty ? nil : caller, called: row["called"], began: row["began_wall"],
                    seconds: row["seconds"])
            }
        }
    }

    func unknownCarrierRecords(
        _ records: [CarrierImported.Record]
    ) async throws(StorageError) -> [CarrierImported.Record] {
        try await read("looking for the carrier's records") { db in
            try records.filter { record in
                try db.row(
                    RecordingCheckSQL.hasCarrierRecord,
                    [record.began, record.caller ?? "", record.called, record.seconds]) == nil
            }
        }
    }

    func carrierCalls(from: UTCTime, to: UTCTime) async throws(StorageError) -> [CarrierCall] {
        try await read("reading calls beside the carrier's records") { db in
            try db.rows(RecordingCheckSQL.carrierCalls, [from.microseconds, to.microseconds]).map { row in
                let (answered, released): (Int64?, Int64?) = (row["answered_wall"], row["released_wall"])
                return CarrierCall(
                    id: try row.identifier("id"), caller: row["caller"], called: row["called"],
                    offeredAt: UTCTime(microseconds: row["offered_wall"]),
                    answeredAt: answered.map { UTCTime(microseconds: $0) },
                    releasedAt: released.map { UTCTime(microseconds: $0) })
            }
        }
    }
}

/// Makes what is checked of rows.
private enum CheckReading {
    static func call(_ row: Row, _ db: Database) throws -> CallCheck {
        let id: CallID = try row.identifier("id")
        guard let answered = row.instant("answered"), let released = row.instant("released") else {
            throw StorageError(.corrupt, "call \(id) has half an instant: run 'hotline evidence verify'")
        }
        return CallCheck(
            id: id, offeredAt: UTCTime(microseconds: row["offered_wall"]), answeredAt: answered, releasedAt: released,
            outcome: try row.word("outcome"),
            recordings: try db.rows(RecordingCheckSQL.recordingsOfCall, [id.blob]).map { try recording($0, db) },
            isImported: try db.row(ImportSQL.ofCall, [id.blob]) != nil)
    }

    static func recording(_ row: Row, _ db: Database) throws -> RecordingCheck {
        let id: RecordingID = try row.identifier("id")
        let call: CallID = try row.identifier("call")
        var check = RecordingCheck(
            id: id, callID: call, purpose: row["purpose"], state: try row.requiredWord("state"),
            startedAt: row.time("started"), file: row["file"],
            rate: row["rate"], frames: row["frames"], bytes: row["bytes"], sha256: row["sha256"],
            gaps: try row.json("gaps") ?? [], recovered: row["recovered"] == 1, failure: row["failure"],
            channelCount: try db.rows(RecordingSQL.channels, [id.blob]).count, figures: try figures(id, call, db),
            hadAgent: row["had_agent"] == 1)
        if let length = check.lengthMilliseconds {
            check.pausedMilliseconds = try PauseReading.pauses(of: id, db).milliseconds(within: length)
        }
        return check
    }

    private static func figures(_ id: RecordingID, _ call: CallID, _ db: Database) throws -> RecordingMeasured? {
        guard let row = try db.row(RecordingCheckSQL.figures, [id.blob]) else { return nil }
        return RecordingMeasured(
            recording: id, call: call, at: Instant(wall: 0, mono: 0), lengthMilliseconds: row["length_ms"],
            silenceMilliseconds: row["silence_ms"], overtalkMilliseconds: row["overtalk_ms"],
            thresholdDecibels: row["threshold_db"],
            channels: try db.rows(RecordingCheckSQL.channelFigures, [id.blob]).map { row in
                RecordingMeasured.Channel(
                    index: row["channel"], missingMilliseconds: row["missing_ms"], talkMilliseconds: row["talk_ms"],
                    peak: row["peak"], level: row["level_cdb"], clippedSamples: row["clipped"])
            })
    }
}
