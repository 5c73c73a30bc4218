/// SQLite's statements about samples and reviews.
enum QualitySQL {
    static let draw = """
        INSERT INTO samples (
            id, drawn_wall, drawn_mono, drawn_by, kind, scorecard, from_wall, to_wall, count, agent, seed, candidates
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    static let part = "INSERT INTO sample_parts (sample, recording, call, agent, reviewer) VALUES (?, ?, ?, ?, ?)"

    static let submit = """
        INSERT INTO reviews (
            id, recording, call, agent, scorecard, version, sample, calibration, reviewer, submitted_wall,
            submitted_mono, score, failed, critical, appeal_until_wall, revision, state
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 'submitted')
        """
    static let revise = """
        UPDATE reviews SET revision = ?, score = ?, failed = ?, critical = ? WHERE id = ? AND revision = ?
        """
    static let revision = """
        INSERT INTO review_revisions (review, revision, call, at_wall, at_mono, by_name, why, score, failed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    static let answer = """
        INSERT INTO review_answers (
            review, revision, item, call, place, value, points, scale, note, position_ms, verdict, amount, unit,
            measured_why
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    static let appeal = """
        UPDATE reviews SET state = 'appealed', appealed_wall = ?, appealed_mono = ?, appealed_by = ?, appealed_why = ?
        WHERE id = ? AND state = 'submitted'
        """
    static let decide = """
        UPDATE reviews SET state = ?, decided_wall = ?, decided_mono = ?, decided_by = ?, decided_why = ?
        WHERE id = ? AND state = 'appealed'
        """

    /// Every agent's part in the recorded calls of a period. `?1`, `?2`: calls offered; `?3`: an agent, or null.
    static let candidates = """
        SELECT DISTINCT r.id AS recording, c.id AS call, o.agent AS agent,
            EXISTS (SELECT 1 FROM norm_breaches AS b WHERE b.call = c.id AND (b.agent IS NULL OR b.agent = o.agent))
                AS breach,
            EXISTS (SELECT 1 FROM call_marks AS m WHERE m.call = c.id AND m.mark = 'angry')
                OR EXISTS (
                    SELECT 1 FROM order_calls AS l JOIN orders AS w ON w.id = l.work_order
                    WHERE l.call = c.id AND (
                        json_extract(w.fields, '$.severity') IN ('serious', 'major')
                        OR EXISTS (
                            SELECT 1 FROM order_steps AS s WHERE s.work_order = w.id
                                AND json_extract(s.fields, '$.severity') IN ('serious', 'major')))) AS severe
        FROM calls AS c CROSS JOIN recordings AS r ON r.call = c.id CROSS JOIN agent_offers AS o ON o.call = c.id
        WHERE c.offered_wall >= ?1 AND c.offered_wall < ?2 AND r.purpose = 'call' AND r.state = 'finished'
            AND o.answered_wall IS NOT NULL AND o.purpose IN ('queue', 'duty', 'transfer', 'call_back')
            AND (?3 IS NULL OR o.agent = ?3)
        ORDER BY c.offered_wall, c.id, r.id, o.agent LIMIT ?4
        """

    /// What waits for a reviewer: parts that have no review of theirs. `?1`: a reviewer, or null.
    static let openParts = """
        SELECT p.sample AS sample, p.recording AS recording, p.call AS call, p.agent AS agent, p.reviewer AS reviewer,
            s.kind AS kind, s.scorecard AS scorecard, s.drawn_wall AS drawn_wall, s.drawn_mono AS drawn_mono,
            c.offered_wall AS offered_wall, c.offered_mono AS offered_mono
        FROM sample_parts AS p JOIN samples AS s ON s.id = p.sample JOIN calls AS c ON c.id = p.call
        WHERE (?1 IS NULL OR p.reviewer = ?1)
            AND EXISTS (SELECT 1 FROM recordings AS r WHERE r.id = p.recording AND r.state = 'finished')
            AND NOT EXISTS (
                SELECT 1 FROM reviews AS v WHERE v.recording = p.recording AND v.agent = p.agent
                    AND v.scorecard = s.scorecard AND v.reviewer = p.reviewer
                    AND v.calibration = (s.kind = 'calibration'))
        ORDER BY s.drawn_wall, p.sample, c.offered_wall, p.recording, p.agent LIMIT ?2
        """

    static let samples = """
        SELECT *, (SELECT count(*) FROM sample_parts WHERE sample = samples.id) AS parts
        FROM samples ORDER BY drawn_wall DESC, id DESC LIMIT ?
        """

    static let reviews = """
        SELECT reviews.*, calls.offered_wall AS offered_wall, calls.offered_mono AS offered_mono
        FROM reviews JOIN calls ON calls.id = reviews.call
        """
    static let newestFirst = "ORDER BY submitted_wall DESC, reviews.id DESC"
    static let revisions = "SELECT * FROM review_revisions WHERE review = ? ORDER BY revision"
    static let answers = "SELECT * FROM review_answers WHERE review = ? ORDER BY revision, place"

    /// Last answers of the reviews of a period, by review. `?1`…`?2`: when submitted; `?3`: scorecard; `?4`: agent, or null.
    static let rows = """
        SELECT v.id AS id, v.agent AS agent, v.reviewer AS reviewer, v.recording AS recording,
            v.calibration AS calibration, v.score AS score, v.failed AS failed, v.critical AS critical,
            v.state AS state, a.item AS item, a.value AS value, a.scale AS scale, a.verdict AS verdict
        FROM reviews AS v JOIN review_answers AS a ON a.review = v.id AND a.revision = v.revision
        WHERE v.submitted_wall >= ?1 AND v.submitted_wall < ?2 AND v.scorecard = ?3 AND (?4 IS NULL OR v.agent = ?4)
        ORDER BY v.submitted_wall, v.id, a.place
        """

    static let recording = """
        SELECT r.call AS call, c.offered_wall AS offered_wall, r.started_wall AS started_wall, r.state AS state
        FROM recordings AS r JOIN calls AS c ON c.id = r.call WHERE r.id = ?
        """
    /// Only where the caller has a channel of their own.
    static let sound = """
        SELECT f.length_ms, f.silence_ms, f.overtalk_ms,
            (
                SELECT sum(g.talk_ms) FROM recording_channel_figures AS g JOIN recording_channels AS o
                    ON o.recording = g.recording AND o.channel = g.channel
                WHERE g.recording = f.recording AND o.role = 'caller') AS caller_ms,
            (SELECT sum(talk_ms) FROM recording_channel_figures AS g WHERE g.recording = f.recording) AS talk_ms
        FROM recording_figures AS f
        WHERE f.recording = ? AND (SELECT count(*) FROM recording_channels AS o WHERE o.recording = f.recording) > 1
        """
}
