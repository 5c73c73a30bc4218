/// SQLite's statements about transcripts and the flags that rest on them.
enum TranscriptSQL {
    static let ask = """
        INSERT INTO transcripts (recording, call, state, asked_wall, asked_mono, attempts)
        SELECT id, call, 'asked', ?, ?, 0 FROM recordings WHERE id = ? AND call = ?
        ON CONFLICT (recording) DO UPDATE SET
            state = 'asked', asked_wall = excluded.asked_wall, asked_mono = excluded.asked_mono, attempts = 0,
            failure = NULL
        """

    /// Of a recording without a file no transcript is kept: what was erased does not come back.
    static let make = """
        UPDATE transcripts SET
            state = 'made', made_wall = ?, made_mono = ?, engine = ?, model = ?, language = ?, failure = NULL
        WHERE recording = ? AND call = ?
            AND EXISTS (SELECT 1 FROM recordings WHERE id = transcripts.recording AND state = 'finished')
        """

    static let fail = """
        UPDATE transcripts SET state = ?, attempts = ?, failure = ? WHERE recording = ? AND call = ? AND state = 'asked'
        """

    static let insertSegment = """
        INSERT INTO transcript_segments (recording, channel, number, from_ms, to_ms, role, text, confidence)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let forgetSegments = "DELETE FROM transcript_segments WHERE recording = ?"
    static let forgetFlags = "DELETE FROM qa_flags WHERE recording = ?"
    static let forget = "DELETE FROM transcripts WHERE recording = ?"

    /// A flag needs its transcript.
    static let flag = """
        INSERT INTO qa_flags (chain, seq, recording, call, flag, word, channel, role, position, at_wall, at_mono)
        SELECT ?, ?, recording, call, ?, ?, ?, ?, ?, ?, ? FROM transcripts
        WHERE recording = ? AND call = ? AND made_wall IS NOT NULL
        """

    static let byRecording = "SELECT * FROM transcripts WHERE recording = ?"

    static let segments = "SELECT * FROM transcript_segments WHERE recording = ? ORDER BY channel, number"

    static let texts = "SELECT text FROM transcript_segments WHERE recording = ? ORDER BY channel, number"

    static let flags = "SELECT * FROM qa_flags WHERE recording = ? ORDER BY position, chain, seq"

    static let flagNames = "SELECT DISTINCT flag FROM qa_flags WHERE recording = ? ORDER BY flag"

    static let pending = """
        SELECT recording, call, attempts, asked_wall, asked_mono FROM transcripts WHERE state = 'asked'
        ORDER BY attempts, asked_wall, recording LIMIT ?
        """

    static let pendingCount = "SELECT count(*) FROM transcripts WHERE state = 'asked'"

    static let unindexFlags = "DELETE FROM recording_flags WHERE place = ?"

    /// Flags of its transcript by their names; rules that its call broke as `norm:RULE`, and `norm` for any.
    static let indexFlags = """
        INSERT INTO recording_flags (flag, place)
        SELECT flag, ?1 FROM qa_flags WHERE recording = ?2
        UNION
        SELECT 'norm:' || rule, ?1 FROM norm_breaches WHERE call = (SELECT call FROM recordings WHERE id = ?2)
        UNION
        SELECT 'norm', ?1 FROM norm_breaches WHERE call = (SELECT call FROM recordings WHERE id = ?2)
        """
}
