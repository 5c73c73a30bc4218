import Calls
import Foundation
import GRDB

// Facts about keeping, moving, deleting and erasing. They change earlier events' bodies, too: in a scratch database that
// verifies the journal there are none, and the statements find nothing.

extension FactApplier {
    func apply(_ fact: HoldPlaced) throws {
        switch fact.scope {
        case .recording:
            guard let recording = fact.recording, let call = fact.call,
                try db.row(RecordingCheckSQL.exists, [recording.blob, call.blob]) != nil
            else { throw conflict("hold \(fact.hold) is on a recording that is not there") }
        case .call:
            guard let call = fact.call, fact.recording == nil else {
                throw conflict("hold \(fact.hold) is on a call that is not named")
            }
            try requireCall(call)
        case .order:
            guard let order = fact.order, fact.call == nil, fact.recording == nil,
                try db.row(RetentionSQL.orderExists, [order.blob]) != nil
            else { throw conflict("hold \(fact.hold) is on an order that is not there") }
        }
        try db.run(
            RetentionSQL.insertHold,
            [
                fact.hold.blob, fact.scope.rawValue, fact.recording?.blob, fact.call?.blob, fact.order?.blob,
                fact.reason, fact.by.text, fact.at.wall, fact.at.mono,
            ])
    }

    func apply(_ fact: HoldReleased) throws {
        let changed = try db.run(
            RetentionSQL.releaseHold, [fact.at.wall, fact.at.mono, fact.by.text, fact.reason, fact.hold.blob])
        if changed == 0 { throw conflict("there is no hold \(fact.hold) in force") }
    }

    func apply(_ fact: RecordingArchived) throws {
        let changed = try db.run(
            RetentionSQL.archive,
            [fact.at.wall, fact.at.mono, fact.reason, fact.recording.blob, fact.call.blob])
        if changed == 0 { throw conflict("recording \(fact.recording) is not finished, and cannot be archived") }
    }

    func apply(_ fact: RecordingDeleted) throws {
        // The last word is the store's: a hold may have been placed since it was decided.
        if let hold = try db.row(RetentionSQL.holdsOnRecording, [fact.recording.blob, fact.call.blob]) {
            throw try held("recording \(fact.recording)", hold)
        }
        try db.securely {
            let changed = try db.run(
                RetentionSQL.markDeleted,
                [fact.file, fact.frames, fact.bytes, fact.sha256, fact.recording.blob, fact.call.blob])
            if changed == 0 { throw conflict("recording \(fact.recording) is not there, or deleted already") }
            try db.run(
                RetentionSQL.delete,
                [
                    fact.recording.blob, fact.at.wall, fact.at.mono, fact.cause.rawValue, fact.rule, fact.reason,
                    fact.by?.text,
                ])
            try db.run(RetentionSQL.deleteNotes, [fact.recording.blob])
            try db.run(RetentionSQL.cleanImport, [fact.recording.blob])
            try forgetTranscript(of: fact.recording)
            try db.run(RetentionSQL.eraseRecording, [fact.call.blob, fact.recording.blob])
            try RecordingWords.want(db)
        }
    }

    func apply(_ fact: RecordingRemoved) throws {
        let changed = try db.run(RetentionSQL.removed, [fact.bytes, fact.recording.blob, fact.call.blob])
        if changed == 0 { throw conflict("no file of recording \(fact.recording) was to be removed") }
    }

    func apply(_ fact: PersonalDataErased) throws {
        if let call = fact.call, let hold = try db.row(RetentionSQL.holdsOnCall, [call.blob]) {
            throw try held("call \(call)", hold)
        }
        for order in fact.orders {
            if let hold = try db.row(RetentionSQL.holdsOnOrder, [order.blob]) { throw try held("order \(order)", hold) }
        }
        try db.securely {
            if let call = fact.call {
                try requireCall(call)
                for statement in [
                    RetentionSQL.cleanCall, RetentionSQL.cleanMessages, RetentionSQL.cleanCallBacks,
                    RetentionSQL.cleanMarks, RetentionSQL.cleanForms, RetentionSQL.cleanTransfers,
                    RetentionSQL.cleanNotes, RetentionSQL.cleanReviewAnswers, RetentionSQL.cleanReviews,
                    RetentionSQL.cleanReviewRevisions, RetentionSQL.eraseCall,
                ] {
                    try db.run(statement, [call.blob])
                }
                for row in try db.rows(RecordingSQL.byCall, [call.blob]) {
                    let recording: RecordingID = try row.identifier("id")
                    try db.run(RetentionSQL.cleanImport, [recording.blob])
                    try forgetTranscript(of: recording)
                }
            }
            for order in fact.orders {
                try db.run(RetentionSQL.cleanOrder, [order.blob])
                try db.run(RetentionSQL.cleanOrderSteps, [order.blob])
                try db.run(RetentionSQL.eraseOrder, [order.blob])
            }
            for event in fact.events {
                try db.run(RetentionSQL.forgetBlocked, [event.chain, event.sequence])
                try db.run(RetentionSQL.forgetRecords, [event.chain, event.sequence])
                try db.run(RetentionSQL.eraseEvent, [event.chain, event.sequence])
            }
            // At once, while SQLite writes zeros over what is taken out: the index has the orders' texts, too.
            for recording in try recordingsTouched(by: fact) { stale.mark(recording, texts: true) }
            try stale.refresh(db)
            try RecordingWords.want(db)
        }
    }

    /// The recordings whose texts or numbers a fact has erased.
    private func recordingsTouched(by fact: PersonalDataErased) throws -> [Data] {
        var ids: [Data] = []
        if let call = fact.call { ids += try db.rows(RecordingSQL.byCall, [call.blob]).map { $0["id"] } }
        for order in fact.orders {
            ids += try db.rows(RetentionSQL.recordingsOfOrder, [order.blob]).map { $0["id"] }
        }
        return ids
    }

    private func held(_ what: String, _ hold: Row) throws -> StorageError {
        let id: HoldID = try hold.identifier("id")
        return conflict("\(what) is held (\(id)): \(hold["reason"] as String)")
    }
}
