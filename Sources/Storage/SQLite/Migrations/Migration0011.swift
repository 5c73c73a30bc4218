/// Pauses of recordings: stretches of digital silence that somebody asked for.
///
/// Conventions as before. A pause without an end is under way, or was cut off by the end of the program and is not yet told.
enum Migration0011 {
    static let name = "0011"

    static let sql = """
        CREATE TABLE recording_pauses (
            recording BLOB NOT NULL REFERENCES recordings (id),
            from_position INTEGER NOT NULL CHECK (from_position >= 0),
            call BLOB NOT NULL REFERENCES calls (id),
            began_by TEXT NOT NULL,
            began_agent TEXT,
            reason TEXT NOT NULL,
            limit_ms INTEGER NOT NULL CHECK (limit_ms > 0),
            began_wall INTEGER NOT NULL,
            began_mono INTEGER NOT NULL,
            to_position INTEGER CHECK (to_position >= from_position),
            ended_by TEXT,
            ended_agent TEXT,
            ended_wall INTEGER,
            ended_mono INTEGER,
            PRIMARY KEY (recording, from_position)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX recording_pauses_open ON recording_pauses (recording) WHERE to_position IS NULL;
        """
}
