/// Conversations drawn to be scored, and their reviews: every revision with its answers, appeals and what became of them.
///
/// Conventions as before. Scores are hundredths of a per cent; `value` is null where an item is not about the conversation;
/// `verdict`, `amount`, `unit` and `measured_why` are what machines said.
enum Migration0016 {
    static let name = "0016"

    static let sql = """
        CREATE TABLE samples (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            drawn_wall INTEGER NOT NULL,
            drawn_mono INTEGER NOT NULL,
            drawn_by TEXT NOT NULL,
            kind TEXT NOT NULL,
            scorecard TEXT NOT NULL,
            from_wall INTEGER NOT NULL,
            to_wall INTEGER NOT NULL,
            count INTEGER NOT NULL CHECK (count >= 0),
            agent TEXT,
            seed TEXT NOT NULL,
            candidates INTEGER NOT NULL CHECK (candidates >= 0)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX samples_by_time ON samples (drawn_wall);

        CREATE TABLE sample_parts (
            sample BLOB NOT NULL REFERENCES samples (id),
            recording BLOB NOT NULL,
            call BLOB NOT NULL,
            agent TEXT NOT NULL,
            reviewer TEXT NOT NULL,
            PRIMARY KEY (sample, recording, agent, reviewer)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sample_parts_by_reviewer ON sample_parts (reviewer, sample);

        CREATE TABLE reviews (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            recording BLOB NOT NULL REFERENCES recordings (id),
            call BLOB NOT NULL REFERENCES calls (id),
            agent TEXT NOT NULL,
            scorecard TEXT NOT NULL,
            version TEXT NOT NULL,
            sample BLOB,
            calibration INTEGER NOT NULL CHECK (calibration IN (0, 1)),
            reviewer TEXT NOT NULL,
            submitted_wall INTEGER NOT NULL,
            submitted_mono INTEGER NOT NULL,
            revision INTEGER NOT NULL CHECK (revision > 0),
            score INTEGER CHECK (score BETWEEN 0 AND 10000),
            failed INTEGER NOT NULL CHECK (failed IN (0, 1)),
            critical INTEGER NOT NULL CHECK (critical IN (0, 1)),
            appeal_until_wall INTEGER NOT NULL,
            state TEXT NOT NULL,
            appealed_wall INTEGER,
            appealed_mono INTEGER,
            appealed_by TEXT,
            appealed_why TEXT,
            decided_wall INTEGER,
            decided_mono INTEGER,
            decided_by TEXT,
            decided_why TEXT
        ) STRICT, WITHOUT ROWID;
        -- One grade a reviewer, scorecard and conversation; a calibration stands beside it.
        CREATE UNIQUE INDEX reviews_once ON reviews (recording, agent, scorecard, reviewer, calibration);
        CREATE INDEX reviews_by_time ON reviews (submitted_wall, id);
        CREATE INDEX reviews_by_agent ON reviews (agent, submitted_wall);
        CREATE INDEX reviews_appealed ON reviews (appealed_wall) WHERE state = 'appealed';

        CREATE TABLE review_revisions (
            review BLOB NOT NULL REFERENCES reviews (id),
            revision INTEGER NOT NULL CHECK (revision > 0),
            call BLOB NOT NULL,
            at_wall INTEGER NOT NULL,
            at_mono INTEGER NOT NULL,
            by_name TEXT NOT NULL,
            why TEXT,
            score INTEGER,
            failed INTEGER NOT NULL,
            PRIMARY KEY (review, revision)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE review_answers (
            review BLOB NOT NULL,
            revision INTEGER NOT NULL,
            item TEXT NOT NULL,
            call BLOB NOT NULL,
            place INTEGER NOT NULL,
            value INTEGER,
            points INTEGER NOT NULL,
            scale INTEGER NOT NULL CHECK (scale > 0),
            note TEXT,
            position_ms INTEGER,
            verdict TEXT,
            amount INTEGER,
            unit TEXT,
            measured_why TEXT,
            PRIMARY KEY (review, revision, item),
            FOREIGN KEY (review, revision) REFERENCES review_revisions (review, revision)
        ) STRICT, WITHOUT ROWID;
        """
}
