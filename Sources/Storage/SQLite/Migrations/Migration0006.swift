/// The index of the recordings, their texts, and notes (docs/decisions/0010-recordings-index.md).
///
/// Conventions as before, and: `place` is where a recording stands in time: its `planned_wall` times 1,024, and the next
/// free number where others were planned in the same microsecond. Every index on a table whose key is `place` ends in it,
/// and so runs in time. Unknown lengths and rings, and absent ratings, are -1, so that rows can be told apart by a
/// unique index.
enum Migration0006 {
    static let name = "0006"

    static let sql = """
        CREATE TABLE recording_notes (
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            recording BLOB NOT NULL REFERENCES recordings (id),
            call BLOB NOT NULL REFERENCES calls (id),
            agent TEXT NOT NULL,
            position INTEGER,
            text TEXT NOT NULL,
            at_wall INTEGER NOT NULL,
            at_mono INTEGER NOT NULL,
            PRIMARY KEY (chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX recording_notes_by_recording ON recording_notes (recording, chain, seq);

        -- What recordings have in common: one row a combination that occurs, with how many recordings have it. Sets
        -- (`marks`, `categories`) are sorted, each member between two U+001F. `texts`: there is something to search in.
        CREATE TABLE recording_facets (
            id INTEGER NOT NULL PRIMARY KEY,
            line TEXT NOT NULL,
            outcome TEXT NOT NULL,
            released_by TEXT NOT NULL,
            rings INTEGER NOT NULL,
            rating INTEGER NOT NULL,
            marks TEXT NOT NULL,
            categories TEXT NOT NULL,
            state TEXT NOT NULL,
            purpose TEXT NOT NULL,
            texts INTEGER NOT NULL CHECK (texts IN (0, 1)),
            recordings INTEGER NOT NULL CHECK (recordings >= 0),
            UNIQUE (line, outcome, released_by, rings, rating, marks, categories, state, purpose, texts)
        ) STRICT;

        CREATE TABLE recording_index (
            place INTEGER NOT NULL PRIMARY KEY,
            id BLOB NOT NULL UNIQUE REFERENCES recordings (id),
            call BLOB NOT NULL REFERENCES calls (id),
            facet INTEGER NOT NULL REFERENCES recording_facets (id),
            -- Milliseconds.
            length INTEGER NOT NULL,
            caller TEXT,
            digits TEXT NOT NULL,
            -- `place` once more: SQLite finds a pair of values along an index, but none with the row's number in it.
            moment INTEGER NOT NULL CHECK (moment = place)
        ) STRICT;
        CREATE INDEX recording_index_by_call ON recording_index (call, place);
        CREATE INDEX recording_index_by_facet ON recording_index (facet, place);
        CREATE INDEX recording_index_by_facet_length ON recording_index (facet, length, moment);
        CREATE INDEX recording_index_by_length ON recording_index (length, moment, facet);
        CREATE INDEX recording_index_by_caller ON recording_index (caller, place, facet, length)
            WHERE caller IS NOT NULL;
        CREATE INDEX recording_index_by_digits ON recording_index (digits, place, facet, length);

        CREATE TABLE recording_agents (
            agent TEXT NOT NULL,
            place INTEGER NOT NULL REFERENCES recording_index (place),
            PRIMARY KEY (agent, place)
        ) STRICT, WITHOUT ROWID;

        -- Notes, and the texts of the orders' fields, as words between single spaces; a Chinese character is a word.
        CREATE TABLE recording_texts (
            place INTEGER NOT NULL PRIMARY KEY REFERENCES recording_index (place),
            body TEXT NOT NULL
        ) STRICT;
        CREATE VIRTUAL TABLE recording_words USING fts5 (
            body, content = 'recording_texts', content_rowid = 'place', columnsize = 0,
            tokenize = 'unicode61 remove_diacritics 0');

        -- How far the index is filled from the recordings of before; one row.
        CREATE TABLE recording_index_fill (
            only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
            last BLOB NOT NULL,
            complete INTEGER NOT NULL CHECK (complete IN (0, 1))
        ) STRICT;
        INSERT INTO recording_index_fill SELECT 1, x'', NOT EXISTS (SELECT 1 FROM recordings);
        """
}
