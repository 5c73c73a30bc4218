/// Recordings taken in from other telephone systems.
///
/// Conventions as in `Migration0001` and `Migration0003`.
enum Migration0010 {
    static let name = "0010"

    static let sql = """
        -- One row a recording that is not our own capture. A file is taken in once: its hash is a key.
        CREATE TABLE recording_imports (
            recording BLOB NOT NULL PRIMARY KEY REFERENCES recordings (id),
            call BLOB NOT NULL REFERENCES calls (id),
            system TEXT NOT NULL,
            agent TEXT,
            source_file TEXT NOT NULL,
            source_sha256 TEXT NOT NULL UNIQUE CHECK (length(source_sha256) = 64),
            source_bytes INTEGER NOT NULL CHECK (source_bytes >= 0),
            source_format TEXT NOT NULL,
            record_file TEXT NOT NULL,
            record_line INTEGER NOT NULL CHECK (record_line >= 1),
            record_sha256 TEXT NOT NULL CHECK (length(record_sha256) = 64),
            record_id TEXT,
            disposition TEXT,
            imported_wall INTEGER NOT NULL,
            imported_mono INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX recording_imports_by_call ON recording_imports (call);
        """
}
