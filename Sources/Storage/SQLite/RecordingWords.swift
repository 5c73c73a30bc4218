import GRDB

/// Takes erased words out of the index of words.
///
/// FTS5 adds to its segments and changes none: what is deleted is written down a second time, as deleted, and both go only
/// when their segments are merged into the oldest one (SQLite's documentation of FTS5, "The 'merge' Command"; its
/// `secure-delete` came with a later SQLite than Debian 12 has). A pass merges what there is when it begins, in steps that hold
/// up the writer for a moment each; it ends although new words come meanwhile.
enum RecordingWords {
    private static let wanted: Int64 = 1
    private static let passing: Int64 = 2

    /// Something was erased.
    static func want(_ db: Database) throws { try db.run(RecordingIndexSQL.wantPass, [wanted]) }

    /// One step, in a transaction of its own.
    /// - Parameter pages: pages of the index that are written at most.
    /// - Returns: whether the pass goes on. What was erased since it began is for the next one.
    static func step(_ db: Database, pages: Int) throws -> Bool {
        let stage: Int64 = try db.row(RecordingIndexSQL.pass)?["erased"] ?? 0
        guard stage != 0 else { return false }
        let isFirst = stage & passing == 0
        let before = db.totalChangesCount
        // A negative number begins: all segments are to become one. Positive ones go on with that.
        try db.securely { try db.run(RecordingIndexSQL.mergeWords, [isFirst ? -pages : pages]) }
        // A step that finds nothing to merge counts one row, its own.
        let isDone = db.totalChangesCount - before < 2
        let next = isDone ? (isFirst ? 0 : stage & wanted) : (isFirst ? passing : stage)
        if next != stage { try db.run(RecordingIndexSQL.setPass, [next]) }
        return !isDone
    }
}
