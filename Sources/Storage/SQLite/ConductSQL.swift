/// SQLite's statements about reports and about the forms that agents owe.
enum ConductSQL {
    static let report = """
        INSERT INTO messages (
            id, call, recording, queue, caller, from_position, to_position, left_wall, left_mono, kind, role, agent,
            mark, note
        ) SELECT ?, call, id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM recordings WHERE id = ? AND call = ?
        """

    static let unheardReports = "SELECT count(*) FROM messages WHERE heard_wall IS NULL AND kind = 'report'"

    /// A caller who was served twice in one call is written up by the agent who served last.
    static let oweForm = """
        INSERT INTO forms (call, agent, owed_wall, owed_mono)
        SELECT id, ?2, ?3, ?4 FROM calls
        WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM order_calls WHERE call = ?1)
            AND NOT EXISTS (
                SELECT 1 FROM recordings JOIN order_recordings ON order_recordings.recording = recordings.id
                WHERE recordings.call = ?1)
        ON CONFLICT (call) DO UPDATE SET
            agent = excluded.agent, owed_wall = excluded.owed_wall, owed_mono = excluded.owed_mono,
            closed_wall = NULL, closed_mono = NULL, closed_by = NULL, reason = NULL
        """

    static let waiveForm = """
        UPDATE forms SET closed_wall = ?, closed_mono = ?, closed_by = ?, reason = ?
        WHERE call = ? AND closed_wall IS NULL
        """

    static let fillForm = """
        UPDATE forms SET closed_wall = ?, closed_mono = ? WHERE call = ? AND closed_wall IS NULL
        """

    static let fillFormOfRecording = """
        UPDATE forms SET closed_wall = ?, closed_mono = ?
        WHERE call = (SELECT call FROM recordings WHERE id = ?) AND closed_wall IS NULL
        """

    static let pendingForms = """
        SELECT call, agent, owed_wall, owed_mono FROM forms WHERE closed_wall IS NULL ORDER BY owed_wall, call LIMIT ?
        """

    /// Call-backs that callers asked for and that wait, in the order of entering the queue.
    static let keptPlaces = """
        SELECT call_backs.call AS call, call_backs.queue AS queue, call_backs.number AS number, calls.caller AS caller,
            passage.skill AS skill, passage.priority AS priority, calls.node AS node,
            coalesce(passage.entered_wall, call_backs.asked_wall) AS entered_wall,
            coalesce(passage.entered_mono, call_backs.asked_mono) AS entered_mono
        FROM call_backs JOIN calls ON calls.id = call_backs.call
        LEFT JOIN queue_passages AS passage ON (passage.chain, passage.seq) = (
            SELECT chain, seq FROM queue_passages AS stay
            WHERE stay.call = call_backs.call AND stay.queue = call_backs.queue AND stay.refused = 0
            ORDER BY seq DESC LIMIT 1)
        WHERE call_backs.ended_wall IS NULL AND call_backs.reason = 'asked'
        ORDER BY entered_wall, call_backs.call
        """
}
