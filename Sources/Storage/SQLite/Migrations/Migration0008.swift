/// Holds, and what became of recordings after they were finished (docs/decisions/0011-retention.md).
///
/// Conventions as in `Migration0001` and `Migration0003`.
enum Migration0008 {
    static let name = "0008"

    static let sql = """
        CREATE TABLE holds (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            scope TEXT NOT NULL,
            recording BLOB CHECK (length(recording) = 16),
            call BLOB CHECK (length(call) = 16),
            work_order BLOB CHECK (length(work_order) = 16),
            reason TEXT NOT NULL,
            placed_by TEXT NOT NULL,
            placed_wall INTEGER NOT NULL,
            placed_mono INTEGER NOT NULL,
            released_wall INTEGER,
            released_mono INTEGER,
            released_by TEXT,
            release_reason TEXT
        ) STRICT, WITHOUT ROWID;
        -- The few in force are found by what they are about.
        CREATE INDEX holds_recording ON holds (recording) WHERE released_wall IS NULL AND scope = 'recording';
        CREATE INDEX holds_call ON holds (call) WHERE released_wall IS NULL;
        CREATE INDEX holds_order ON holds (work_order) WHERE released_wall IS NULL AND scope = 'order';

        -- A row for each recording that was archived or deleted. removal_due: files wait to be removed.
        CREATE TABLE recording_fates (
            recording BLOB NOT NULL PRIMARY KEY REFERENCES recordings (id),
            archived_wall INTEGER,
            archived_mono INTEGER,
            deleted_wall INTEGER,
            deleted_mono INTEGER,
            cause TEXT,
            rule TEXT,
            reason TEXT NOT NULL,
            deleted_by TEXT,
            removal_due INTEGER NOT NULL CHECK (removal_due IN (0, 1)),
            freed INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX recording_fates_due ON recording_fates (recording) WHERE removal_due = 1;

        CREATE INDEX carrier_records_by_caller ON carrier_records (caller);
        CREATE INDEX carrier_records_by_called ON carrier_records (called);
        """
}
