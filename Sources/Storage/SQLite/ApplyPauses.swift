import Calls
import GRDB

// Facts about pauses of recordings: one at a time in each.

extension FactApplier {
    func apply(_ fact: RecordingPaused) throws {
        if try db.row(PauseSQL.isOpen, [fact.recording.blob]) != nil {
            throw conflict("recording \(fact.recording) is paused already")
        }
        let changed = try db.run(
            PauseSQL.begin,
            [
                fact.position.units, fact.by.rawValue, fact.agent?.text, fact.reason, fact.limitMilliseconds,
                fact.at.wall, fact.at.mono, fact.recording.blob, fact.call.blob,
            ])
        if changed == 0 { throw conflict("there is no recording \(fact.recording) of call \(fact.call) to be paused") }
    }

    func apply(_ fact: RecordingResumed) throws {
        let changed = try db.run(
            PauseSQL.end,
            [
                fact.position.units, fact.by.rawValue, fact.agent?.text, fact.at.wall, fact.at.mono,
                fact.recording.blob, fact.call.blob,
            ])
        if changed == 0 { throw conflict("recording \(fact.recording) of call \(fact.call) is not paused") }
    }
}

/// Makes pauses of rows.
enum PauseReading {
    static func pauses(of recording: RecordingID, _ db: Database) throws -> [RecordingPause] {
        try db.rows(PauseSQL.ofRecording, [recording.blob]).map { row in
            let to: Int64? = row["to_position"]
            return RecordingPause(
                from: AudioPosition(units: row["from_position"]), to: to.map { AudioPosition(units: $0) },
                by: try row.requiredWord("began_by"), agent: try row.optionalWorkNumber("began_agent"),
                reason: row["reason"], endedBy: try row.word("ended_by"),
                endedAgent: try row.optionalWorkNumber("ended_agent"))
        }
    }
}
