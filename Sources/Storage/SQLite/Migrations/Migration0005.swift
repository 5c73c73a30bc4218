/// Daily anchors, and what came of sending them off the machine.
enum Migration0005 {
    static let name = "0005"

    static let sql = """
        CREATE TABLE anchors (
            -- SHA-256 of the anchor's canonical text, hex.
            fingerprint TEXT NOT NULL PRIMARY KEY CHECK (length(fingerprint) = 64),
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            -- YYYY-MM-DD in the zone; from and to are its begin and its end.
            date TEXT NOT NULL UNIQUE,
            zone TEXT NOT NULL,
            from_wall INTEGER NOT NULL,
            to_wall INTEGER NOT NULL,
            recordings INTEGER NOT NULL CHECK (recordings >= 0),
            root TEXT NOT NULL,
            anchor TEXT NOT NULL,
            made_wall INTEGER NOT NULL,
            made_mono INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX anchors_by_event ON anchors (chain, seq);

        CREATE TABLE anchor_deliveries (
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            fingerprint TEXT NOT NULL REFERENCES anchors (fingerprint),
            way TEXT NOT NULL,
            attempt INTEGER NOT NULL CHECK (attempt >= 1),
            delivered INTEGER NOT NULL CHECK (delivered IN (0, 1)),
            message TEXT NOT NULL,
            at_wall INTEGER NOT NULL,
            at_mono INTEGER NOT NULL,
            PRIMARY KEY (chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX anchor_deliveries_by_anchor ON anchor_deliveries (fingerprint, at_wall);

        -- A day's recordings, without walking the journal.
        CREATE INDEX journal_finished ON journal (wall) WHERE type = 'recording_finished';
        """
}
