/// What is measured and checked of recordings, and the carrier's own records of calls.
///
/// Conventions as in `Migration0001` and `Migration0003`.
enum Migration0007 {
    static let name = "0007"

    static let sql = """
        -- The latest measuring of each recording.
        CREATE TABLE recording_figures (
            recording BLOB NOT NULL PRIMARY KEY REFERENCES recordings (id),
            length_ms INTEGER NOT NULL CHECK (length_ms >= 0),
            silence_ms INTEGER NOT NULL CHECK (silence_ms >= 0),
            overtalk_ms INTEGER NOT NULL CHECK (overtalk_ms >= 0),
            threshold_db INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE recording_channel_figures (
            recording BLOB NOT NULL REFERENCES recording_figures (recording),
            channel INTEGER NOT NULL CHECK (channel >= 0),
            missing_ms INTEGER NOT NULL CHECK (missing_ms >= 0),
            talk_ms INTEGER NOT NULL CHECK (talk_ms >= 0),
            peak INTEGER NOT NULL CHECK (peak BETWEEN 0 AND 32768),
            -- Hundredths of a decibel below full scale.
            level_cdb INTEGER,
            clipped INTEGER NOT NULL CHECK (clipped >= 0),
            PRIMARY KEY (recording, channel)
        ) STRICT, WITHOUT ROWID;

        -- Keyed by the event that opened it. Call and recording may be what is missing: no references.
        CREATE TABLE recording_alarms (
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            call BLOB CHECK (length(call) = 16),
            recording BLOB CHECK (length(recording) = 16),
            message TEXT NOT NULL,
            opened_wall INTEGER NOT NULL,
            opened_mono INTEGER NOT NULL,
            cleared_wall INTEGER,
            cleared_mono INTEGER,
            PRIMARY KEY (chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX recording_alarms_open ON recording_alarms (kind, subject) WHERE cleared_wall IS NULL;

        -- An empty caller stands for a withheld number. The import that brought it first.
        CREATE TABLE carrier_records (
            began_wall INTEGER NOT NULL,
            caller TEXT NOT NULL,
            called TEXT NOT NULL,
            seconds INTEGER NOT NULL CHECK (seconds >= 0),
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            PRIMARY KEY (began_wall, caller, called, seconds)
        ) STRICT, WITHOUT ROWID;
        """
}
