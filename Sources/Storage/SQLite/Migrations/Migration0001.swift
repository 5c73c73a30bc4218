/// The first schema: journal, calls, legs, recordings, work orders, blocks of order numbers.
///
/// Conventions: ids are 16-byte blobs (UUIDv7, so that rows made later stand later); `*_wall` is Unix time in
/// microseconds, UTC; `*_mono` is CLOCK_MONOTONIC in nanoseconds within the row's `boot`; positions in recordings count
/// in 1/48,000 s; texts that hold structure are canonical JSON.
enum Migration0001 {
    static let name = "0001"

    static let sql = """
        -- 'hotl': says whose file this is.
        PRAGMA application_id = 1752134764;

        CREATE TABLE chains (
            name TEXT NOT NULL PRIMARY KEY,
            seq INTEGER NOT NULL CHECK (seq >= 0),
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE journal (
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            type TEXT NOT NULL,
            wall INTEGER NOT NULL,
            mono INTEGER NOT NULL,
            boot TEXT NOT NULL,
            node TEXT NOT NULL,
            call BLOB CHECK (length(call) = 16),
            recording BLOB CHECK (length(recording) = 16),
            work_order BLOB CHECK (length(work_order) = 16),
            -- Both are null once the body was erased; its hash stays.
            salt BLOB CHECK (length(salt) = 16),
            body BLOB,
            body_hash BLOB NOT NULL CHECK (length(body_hash) = 32),
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            PRIMARY KEY (chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX journal_by_call ON journal (call) WHERE call IS NOT NULL;
        CREATE INDEX journal_by_order ON journal (work_order) WHERE work_order IS NOT NULL;

        CREATE TABLE calls (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            node TEXT NOT NULL,
            boot TEXT NOT NULL,
            line TEXT NOT NULL,
            direction TEXT NOT NULL,
            caller TEXT,
            caller_raw TEXT,
            caller_source TEXT NOT NULL,
            called TEXT NOT NULL,
            diversion TEXT,
            peer TEXT NOT NULL,
            protocol_call_id TEXT NOT NULL,
            offered_wall INTEGER NOT NULL,
            offered_mono INTEGER NOT NULL,
            ringing_wall INTEGER,
            ringing_mono INTEGER,
            rings_basis TEXT,
            answered_wall INTEGER,
            answered_mono INTEGER,
            rings INTEGER,
            ring_ms INTEGER,
            flow_version TEXT,
            first_prompt_wall INTEGER,
            first_prompt_mono INTEGER,
            digits TEXT NOT NULL DEFAULT '',
            released_wall INTEGER,
            released_mono INTEGER,
            released_by TEXT,
            release_evidence TEXT,
            outcome TEXT,
            statistics TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX calls_by_offer ON calls (offered_wall, id);
        CREATE INDEX calls_by_caller ON calls (caller, offered_wall) WHERE caller IS NOT NULL;
        CREATE INDEX calls_open ON calls (id) WHERE released_wall IS NULL;

        CREATE TABLE legs (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            call BLOB NOT NULL REFERENCES calls (id),
            role TEXT NOT NULL,
            line TEXT NOT NULL,
            codec TEXT,
            rate INTEGER,
            established_wall INTEGER,
            established_mono INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX legs_by_call ON legs (call, id);

        CREATE TABLE recordings (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            call BLOB NOT NULL REFERENCES calls (id),
            node TEXT NOT NULL,
            state TEXT NOT NULL,
            planned_wall INTEGER NOT NULL,
            planned_mono INTEGER NOT NULL,
            started_wall INTEGER,
            started_mono INTEGER,
            stopped_wall INTEGER,
            stopped_mono INTEGER,
            length INTEGER,
            finished_wall INTEGER,
            finished_mono INTEGER,
            file TEXT UNIQUE,
            format TEXT,
            rate INTEGER,
            frames INTEGER,
            bytes INTEGER,
            sha256 TEXT,
            gaps TEXT,
            recovered INTEGER NOT NULL DEFAULT 0 CHECK (recovered IN (0, 1)),
            failure TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX recordings_by_call ON recordings (call, id);
        CREATE INDEX recordings_by_plan ON recordings (planned_wall, id);
        CREATE INDEX recordings_unfinished ON recordings (id) WHERE state IN ('planned', 'started', 'stopped');

        CREATE TABLE recording_channels (
            recording BLOB NOT NULL REFERENCES recordings (id),
            channel INTEGER NOT NULL CHECK (channel >= 0),
            leg BLOB NOT NULL CHECK (length(leg) = 16),
            role TEXT NOT NULL,
            tap TEXT NOT NULL,
            PRIMARY KEY (recording, channel)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE orders (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            number TEXT NOT NULL UNIQUE,
            code TEXT NOT NULL,
            category TEXT NOT NULL,
            status TEXT NOT NULL,
            caller TEXT,
            created_wall INTEGER NOT NULL,
            created_mono INTEGER NOT NULL,
            fields TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX orders_by_creation ON orders (created_wall, id);
        CREATE INDEX orders_by_caller ON orders (caller, created_wall) WHERE caller IS NOT NULL;

        -- role: 'created' for the call that made the order.
        CREATE TABLE order_calls (
            work_order BLOB NOT NULL REFERENCES orders (id),
            call BLOB NOT NULL REFERENCES calls (id),
            role TEXT NOT NULL,
            PRIMARY KEY (work_order, call, role)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX order_calls_by_call ON order_calls (call);

        -- A recording may belong to an order more than once, with different stretches; -1 stands for an open end, so
        -- that the key has no nulls.
        CREATE TABLE order_recordings (
            work_order BLOB NOT NULL REFERENCES orders (id),
            recording BLOB NOT NULL REFERENCES recordings (id),
            role TEXT NOT NULL,
            from_position INTEGER NOT NULL,
            to_position INTEGER NOT NULL,
            PRIMARY KEY (work_order, recording, role, from_position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX order_recordings_by_recording ON order_recordings (recording);

        -- Numbers up to `reserved` of that local date (YYYYMMDD) may have been given away.
        CREATE TABLE order_number_blocks (
            date TEXT NOT NULL PRIMARY KEY,
            reserved INTEGER NOT NULL CHECK (reserved >= 0)
        ) STRICT, WITHOUT ROWID;
        """
}
