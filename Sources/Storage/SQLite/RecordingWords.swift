import Foundation
import GRDB

/// Takes erased words out of the index of words.
///
/// FTS5 adds to its segments and changes none: what is deleted is written down a second time, as deleted, and both go only
/// when their segments are merged into the oldest one (SQLite's documentation of FTS5, "The 'merge' Command"; its
/// `secure-delete` came with a later SQLite than Debian 12 has). A pass merges what there is when it begins, in steps that hold
/// up the writer for a moment each; it ends although new words come meanwhile.
///
/// Each pass leaves two levels more than there were, and FTS5 reads no more than 2,000: an index with many is made anew when
/// the store is opened, and grows by no pass where that never happens.
package enum RecordingWords {
    /// How many levels are many.
    package struct Limits: Sendable {
        /// Made anew at the next opening.
        package var renewed = 1000
        /// No pass begins.
        package var most = 1800
        package init() {}
    }

    /// What FTS5 says of its segments, in the record with the id 10.
    package struct Structure: Equatable {
        package var levels: Int
        /// A merge has begun and not ended.
        package var isMerging: Bool

        /// - Returns: nil where it is not what FTS5 of SQLite 3.40 writes: four bytes, then numbers of SQLite's variable length:
        ///   levels, segments, a counter; of each level the inputs of its merge and its segments, of each of these its id, first
        ///   and last page.
        package init?(reading record: Data) {
            var bytes = Array(record).dropFirst(4)
            func number() -> UInt64? {
                var value: UInt64 = 0
                for place in 0..<9 {
                    guard let byte = bytes.popFirst() else { return nil }
                    if place == 8 { return value << 8 | UInt64(byte) }
                    value = value << 7 | UInt64(byte & 0x7F)
                    if byte < 0x80 { break }
                }
                return value
            }
            guard record.count > 4, let levels = number(), levels <= 2000, number() != nil, number() != nil else {
                return nil
            }
            self.levels = Int(levels)
            isMerging = false
            for _ in 0..<levels {
                guard let inputs = number(), let segments = number(), segments <= 2000 else { return nil }
                if inputs > 0 { isMerging = true }
                for _ in 0..<segments * 3 { guard number() != nil else { return nil } }
            }
        }
    }

    private static let wanted: Int64 = 1
    private static let passing: Int64 = 2

    /// Something was erased.
    static func want(_ db: Database) throws { try db.run(RecordingIndexSQL.wantPass, [wanted]) }

    /// One step, in a transaction of its own.
    /// - Parameter pages: pages of the index that are written at most.
    /// - Throws: `StorageError` with code `.corrupt` where what FTS5 keeps is not understood; nothing is done then.
    static func step(_ db: Database, pages: Int, limits: Limits) throws -> ErasedWords {
        let stage: Int64 = try db.row(RecordingIndexSQL.pass)?["erased"] ?? 0
        guard stage != 0 else { return .none }
        let isFirst = stage & passing == 0
        if isFirst {
            guard try understood(db).levels < limits.most else { return .none }
            // By itself FTS5 merges four at once, and lets a merge wait for the fourth.
            try db.run(RecordingIndexSQL.mergeTwo, [])
        }
        // A negative number begins: all segments are to become one. Positive ones go on with that.
        try db.securely { try db.run(RecordingIndexSQL.mergeWords, [isFirst ? -pages : pages]) }
        // Not by how much was written: that is never nothing while new words come.
        let isDone = try !understood(db).isMerging
        let next = isDone ? (isFirst ? 0 : stage & wanted) : (isFirst ? passing : stage)
        if next != stage { try db.run(RecordingIndexSQL.setPass, [next]) }
        return isDone ? (next == 0 ? .gone : .wanted) : .underWay
    }

    /// Makes an index of too many levels anew: seconds to half a minute with a million recordings, once in some hundred passes.
    static func renew(_ db: Database, limits: Limits) throws {
        guard let structure = try structure(db), structure.levels >= limits.renewed else { return }
        try db.securely { try db.run(RecordingIndexSQL.renewWords, []) }
        try db.run(RecordingIndexSQL.setPass, [0])
    }

    private static func structure(_ db: Database) throws -> Structure? {
        let record: Data? = try db.row(RecordingIndexSQL.wordsStructure)?["block"]
        return record.flatMap { Structure(reading: $0) }
    }

    private static func understood(_ db: Database) throws -> Structure {
        guard let structure = try structure(db) else {
            throw StorageError(.corrupt, "the index of words is not what SQLite 3.40 makes: erased words stay in it")
        }
        return structure
    }
}

/// How far it is with words that were erased and stand in the index's older segments.
package enum ErasedWords: Sendable {
    /// There was nothing to be done.
    case none
    /// A pass has ended, and nothing was erased since it began.
    case gone
    /// A pass has begun: another step.
    case underWay
    /// A pass has ended; since it began something was erased, which is for the next one.
    case wanted
}
