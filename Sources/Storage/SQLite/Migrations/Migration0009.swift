/// Machines' transcripts of recordings, and the flags that words in them raise.
///
/// Conventions as in `Migration0001`, `Migration0003` and `Migration0006`.
enum Migration0009 {
    static let name = "0009"

    static let sql = """
        -- The latest of each recording; asked for again, it keeps what it has until the new one is made.
        CREATE TABLE transcripts (
            recording BLOB NOT NULL PRIMARY KEY REFERENCES recordings (id),
            call BLOB NOT NULL REFERENCES calls (id),
            state TEXT NOT NULL CHECK (state IN ('asked', 'made', 'given_up')),
            asked_wall INTEGER NOT NULL,
            asked_mono INTEGER NOT NULL,
            -- Failed tries since it was asked for.
            attempts INTEGER NOT NULL CHECK (attempts >= 0),
            failure TEXT,
            made_wall INTEGER,
            made_mono INTEGER,
            engine TEXT,
            model TEXT,
            language TEXT
        ) STRICT, WITHOUT ROWID;
        -- The queue: what failed stands behind what was never tried.
        CREATE INDEX transcripts_asked ON transcripts (attempts, asked_wall, recording) WHERE state = 'asked';

        CREATE TABLE transcript_segments (
            recording BLOB NOT NULL REFERENCES transcripts (recording),
            channel INTEGER NOT NULL CHECK (channel >= 0),
            -- From 0 within the channel, in the order of time.
            number INTEGER NOT NULL CHECK (number >= 0),
            from_ms INTEGER NOT NULL CHECK (from_ms >= 0),
            to_ms INTEGER NOT NULL CHECK (to_ms >= from_ms),
            role TEXT NOT NULL,
            text TEXT NOT NULL,
            confidence INTEGER CHECK (confidence BETWEEN 0 AND 1000),
            PRIMARY KEY (recording, channel, number)
        ) STRICT, WITHOUT ROWID;

        -- Of the latest transcript.
        CREATE TABLE qa_flags (
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            recording BLOB NOT NULL REFERENCES recordings (id),
            call BLOB NOT NULL REFERENCES calls (id),
            flag TEXT NOT NULL,
            word TEXT NOT NULL,
            channel INTEGER NOT NULL CHECK (channel >= 0),
            role TEXT NOT NULL,
            position INTEGER NOT NULL CHECK (position >= 0),
            at_wall INTEGER NOT NULL,
            at_mono INTEGER NOT NULL,
            PRIMARY KEY (chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX qa_flags_by_recording ON qa_flags (recording, chain, seq);

        -- Which recordings are flagged, in the order of time.
        CREATE TABLE recording_flags (
            flag TEXT NOT NULL,
            place INTEGER NOT NULL REFERENCES recording_index (place),
            PRIMARY KEY (flag, place)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX recording_flags_by_place ON recording_flags (place);
        """
}
