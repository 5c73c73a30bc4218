import Calls
import Foundation
import GRDB

/// Keeps the index of recordings: derives a recording's row anew from the tables, in the transaction of the fact that
/// changed them. Facts and the filling of an older store go the same way, so that there is one derivation.
struct RecordingIndexer {
    let db: Database

    /// `place` of the first recording of a microsecond. Clocks that are centuries off keep their order at the ends.
    static func place(wall: Int64) -> Int64 { min(max(wall, -(1 << 52)), 1 << 52) * 1024 }

    /// - Parameter texts: notes, orders or the transcript changed.
    func update(_ recording: Data, texts: Bool = false) throws {
        guard let row = try db.row(RecordingIndexSQL.derive, [recording]) else { return }
        let old = try db.row(RecordingIndexSQL.byID, [recording])
        let known: Int64? = old?["place"]
        let place = try known ?? freePlace(wall: row["planned_wall"])
        let before: String? = try known == nil ? nil : db.row(RecordingIndexSQL.text, [place])?["body"]
        let body = try known == nil || texts ? text(of: recording) : before
        let facet = try facet(row, hasTexts: body != nil)
        let oldFacet: Int64? = old?["facet"]
        if oldFacet != facet {
            if let oldFacet { try db.run(RecordingIndexSQL.countFacet, [-1, oldFacet]) }
            try db.run(RecordingIndexSQL.countFacet, [1, facet])
        }
        let call: Data = row["call"]
        let length: Int64 = row["length_ms"]
        let caller: String? = row["caller"]
        let digits: String = row["digits"]
        if known == nil {
            try db.run(
                RecordingIndexSQL.insert, [place, recording, call, facet, length, caller, digits])
            try db.run(RecordingIndexSQL.agentsOfCall, [call])
            try db.run(TranscriptSQL.indexFlags, [place, recording])
        } else {
            try db.run(RecordingIndexSQL.update, [facet, length, caller, digits, place])
        }
        try keep(body, insteadOf: before, at: place)
    }

    /// Those of a call that are in the index.
    func recordings(of call: Data) throws -> [Data] {
        try db.rows(RecordingIndexSQL.placesByCall, [call]).map { $0["id"] }
    }

    /// An agent answered.
    func addAgents(call: Data) throws { try db.run(RecordingIndexSQL.agentsOfCall, [call]) }

    private func freePlace(wall: Int64) throws -> Int64 {
        let first = Self.place(wall: wall)
        let last: Int64? = try db.row(RecordingIndexSQL.lastPlace, [first, first + 1024])?["place"]
        var place = last.map { $0 + 1 } ?? first
        // More than 1,024 in one microsecond happen with a clock that stands still; order among them is by arrival.
        while try db.row(RecordingIndexSQL.isTaken, [place]) != nil { place += 1 }
        return place
    }

    private func facet(_ row: Row, hasTexts: Bool) throws -> Int64 {
        let values: StatementArguments = [
            row["line"] as String, row["outcome"] as String, row["released_by"] as String, row["rings"] as Int64,
            row["rating"] as Int64, row["marks"] as String, row["categories"] as String, row["state"] as String,
            row["purpose"] as String, hasTexts ? 1 : 0,
        ]
        if let known = try db.row(RecordingIndexSQL.facet, values) { return known["id"] }
        guard let made = try db.row(RecordingIndexSQL.insertFacet, values) else {
            throw StorageError(.unavailable, "the index of recordings could not be written")
        }
        return made["id"]
    }

    /// Which flags a recording has, to be found by.
    func updateFlags(of recording: Data) throws {
        guard let place: Int64 = try db.row(RecordingIndexSQL.byID, [recording])?["place"] else { return }
        try db.run(TranscriptSQL.unindexFlags, [place])
        try db.run(TranscriptSQL.indexFlags, [place, recording])
    }

    private func text(of recording: Data) throws -> String? {
        let heard: [String] = try db.rows(TranscriptSQL.texts, [recording]).map { $0["text"] }
        return SearchText.body(try peoplesTexts(of: recording) + heard)
    }

    /// What people wrote: notes, and the orders' fields.
    func peoplesTexts(of recording: Data) throws -> [String] {
        var texts: [String] = try db.rows(RecordingIndexSQL.notes, [recording]).map { $0["text"] }
        for row in try db.rows(RecordingIndexSQL.orderFields, [recording]) {
            let fields: [String: String] = try row.json("fields") ?? [:]
            texts += fields.sorted { $0.key < $1.key }.map(\.value)
        }
        return texts
    }

    private func keep(_ body: String?, insteadOf old: String?, at place: Int64) throws {
        guard body != old else { return }
        // What people wrote may have to go one day: no earlier state of it stays behind in a page.
        guard old != nil else { return try write(body, insteadOf: nil, at: place) }
        try db.securely { try write(body, insteadOf: old, at: place) }
    }

    private func write(_ body: String?, insteadOf old: String?, at place: Int64) throws {
        if let old { try db.run(RecordingIndexSQL.deleteWords, [place, old]) }
        guard let body else {
            try db.run(RecordingIndexSQL.deleteText, [place])
            return
        }
        try db.run(old == nil ? RecordingIndexSQL.insertText : RecordingIndexSQL.updateText, [place, body])
        try db.run(RecordingIndexSQL.insertWords, [place, body])
    }
}

extension FactApplier {
    /// Marks what the index of recordings says no longer, after a fact was applied.
    func index(_ fact: Fact) throws {
        switch fact {
        case .callAnswered(let fact): stale.mark(call: fact.call.blob)
        case .callReleased(let fact): stale.mark(call: fact.call.blob)
        case .callMarked(let fact): stale.mark(call: fact.call.blob)
        case .rated(let fact): stale.mark(call: fact.call.blob)
        case .callNoted(let fact): if fact.kind == "key" { stale.mark(call: fact.call.blob) }
        case .agentAnswered(let fact): stale.markAgents(call: fact.call.blob)
        case .recordingPlanned(let fact): stale.mark(fact.recording.blob)
        case .recordingStarted(let fact): stale.mark(fact.recording.blob)
        case .recordingStopped(let fact): stale.mark(fact.recording.blob)
        case .recordingFinished(let fact): stale.mark(fact.recording.blob)
        case .recordingFailed(let fact): stale.mark(fact.recording.blob)
        case .orderLinked(let fact): stale.mark(fact.recording.blob, texts: true)
        case .recordingNoted(let fact): stale.mark(fact.recording.blob, texts: true)
        case .recordingImported(let fact): stale.mark(fact.recording.blob)
        case .transcriptMade(let fact):
            stale.mark(fact.recording.blob, texts: true)
            stale.markFlags(fact.recording.blob)
        case .qaFlagged(let fact): stale.markFlags(fact.recording.blob)
        case .normBroken(let fact): stale.markFlags(call: fact.call.blob)
        case .recordingDeleted(let fact): stale.mark(fact.recording.blob, texts: true)
        default: break
        }
    }
}

/// Fills the index of a store that an older version wrote: in batches, each in a transaction of its own with how far it
/// got, so that an end in between costs one batch.
enum RecordingIndexFill {
    /// - Parameter batch: recordings a transaction.
    /// - Returns: how many recordings were put into the index.
    @discardableResult
    static func run(_ writer: some DatabaseWriter, batch: Int, stopAfter: Int = .max) throws -> Int {
        var done = 0
        var batches = 0
        while batches < stopAfter {
            let count: Int? = try writer.write { db in
                guard let state = try db.row(RecordingIndexSQL.fill), state["complete"] == 0 else { return nil }
                let last: Data = state["last"]
                let ids: [Data] = try db.rows(RecordingIndexSQL.fillBatch, [last, batch]).map { $0["id"] }
                let indexer = RecordingIndexer(db: db)
                for id in ids { try indexer.update(id) }
                try db.run(RecordingIndexSQL.moveFill, [ids.last ?? last, ids.count < batch ? 1 : 0])
                return ids.count
            }
            guard let count else { break }
            done += count
            batches += 1
        }
        return done
    }

    /// - Throws: `StorageError` with code `.version` while the index has gaps.
    static func check(_ db: Database, file: String) throws {
        let state = try db.row(RecordingIndexSQL.fill)
        guard state?["complete"] == 1 else {
            throw StorageError(
                .version,
                "\(file) is being brought up to date: start the server with this version and let it finish")
        }
    }
}
