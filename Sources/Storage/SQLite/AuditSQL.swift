/// SQLite's statements of an audit: everything of a period, each kind of row in the order of its call or order, so that
/// they are read side by side. `?1` and `?2` bound the period, `?3` is the moment of which the audit speaks.
///
/// How the rows of one call lie is the reader's business: SQLite would make a sorter for every call.
enum AuditSQL {
    /// The calls first: their index bounds the period, and their children are looked up by the call.
    private static func ofCalls(
        _ table: String, _ columns: String, _ condition: String, join: String = ""
    ) -> String {
        """
        SELECT c.id, \(columns) FROM calls AS c CROSS JOIN \(table) AS t ON t.call = c.id \(join)
        WHERE c.offered_wall >= ?1 AND c.offered_wall < ?2 AND c.offered_wall <= ?3 AND \(condition)
        ORDER BY c.offered_wall, c.id
        """
    }

    static let allCalls = """
        SELECT c.id, c.line, c.direction, c.caller, c.caller_source, c.called, c.offered_wall, c.ringing_wall,
            c.answered_wall, c.ring_ms, c.rings, c.released_wall, c.released_by, c.outcome,
            EXISTS (SELECT 1 FROM recording_imports WHERE recording_imports.call = c.id)
        FROM calls AS c WHERE c.offered_wall >= ?1 AND c.offered_wall < ?2 AND c.offered_wall <= ?3
        ORDER BY c.offered_wall, c.id
        """

    static let passages = ofCalls(
        "queue_passages",
        """
        t.queue, t.refused, t.exit, t.boot, t.entered_wall, t.entered_mono, t.answered_wall, t.answered_mono,
        t.left_wall, t.left_mono, t.left_boot, t.offers, t.ring_ms, t.agent,
        EXISTS (SELECT 1 FROM apologies WHERE apologies.call = t.call AND apologies.passage = t.seq),
        t.priority IS NOT NULL AND instr(t.priority, '"key_customer"') > 0, t.chain, t.seq
        """, "t.entered_wall <= ?3")

    static let talks = ofCalls(
        "agent_offers",
        """
        t.agent, t.answered_wall, t.left_wall, t.left_by, t.left_message,
        EXISTS (
            SELECT 1 FROM transfers WHERE transfers.call = t.call AND transfers.agent = t.agent AND completed = 1
                AND at_wall >= t.answered_wall AND at_wall <= ?3),
        t.announced_wall, t.announced_items, t.leg
        """,
        "t.answered_wall <= ?3 AND t.purpose IN ('queue', 'duty', 'transfer', 'call_back')")

    static let marks = ofCalls(
        "call_marks", "t.mark, t.agent, t.degree, t.at_wall, t.chain, t.seq", "t.at_wall <= ?3")

    static let reports = ofCalls(
        "messages", "t.mark", "t.kind = 'report' AND t.mark IS NOT NULL AND t.left_wall <= ?3")

    static let callBacks = ofCalls(
        "call_backs", "t.asked_wall, t.due_wall, t.ended_wall, t.reached, t.attempts, t.agent", "t.asked_wall <= ?3")

    /// Of one call, for what it broke.
    static let recordingsOfCall = """
        SELECT id FROM recordings WHERE call = ?1 AND purpose = 'call' AND planned_wall <= ?2 ORDER BY id
        """

    /// With the speech in them, which few rules ask for. The caller's channel is that whose first owner is the caller.
    static let recordings = ofCalls(
        "recordings",
        """
        t.id, t.state, t.length,
        (
            SELECT sum(talk_ms) FROM recording_channel_figures AS f JOIN recording_channels AS o
                ON o.recording = f.recording AND o.channel = f.channel
            WHERE f.recording = t.id AND o.role = 'caller'),
        (SELECT sum(talk_ms) FROM recording_channel_figures AS f WHERE f.recording = t.id)
        """, "t.purpose = 'call' AND t.planned_wall <= ?3")

    /// What the orders of calls note of them, and promise. Of one in several roles there is one row each. The attitude is asked
    /// for where a caller was angry.
    static let ordersOfCalls = ofCalls(
        "order_calls",
        """
        o.number, t.role, o.category,
        CASE WHEN EXISTS (SELECT 1 FROM call_marks AS m WHERE m.call = t.call AND m.mark = 'angry') THEN coalesce(
            (
                SELECT json_extract(s.fields, '$.attitude') FROM order_steps AS s
                WHERE s.work_order = o.id AND s.entered_wall <= ?3 AND json_extract(s.fields, '$.attitude') IS NOT NULL
                ORDER BY s.number DESC LIMIT 1),
            json_extract(o.fields, '$.attitude')) END,
        CASE WHEN t.role = 'created' THEN \(promised("happened_wall")) END,
        CASE WHEN t.role = 'created' THEN (
            SELECT s.happened_wall FROM order_steps AS s
            WHERE s.work_order = o.id AND s.entered_wall <= ?3 AND s.number > \(promised("number"))
                AND (s.step = 'answer' OR s.step = 'relay' AND json_extract(s.fields, '$.reached') = 'reached')
            ORDER BY s.number LIMIT 1) END
        """, "o.created_wall <= ?3", join: "JOIN orders AS o ON o.id = t.work_order")

    private static func promised(_ column: String) -> String {
        """
        (
            SELECT p.\(column) FROM order_steps AS p
            WHERE p.work_order = o.id AND p.entered_wall <= ?3 AND p.step IN ('promise', 'send_on')
            ORDER BY p.number LIMIT 1)
        """
    }

    /// The first offered of the calls that were released in a stretch of time.
    static let firstReleased = """
        SELECT min(offered_wall) AS first FROM calls
        WHERE offered_wall >= ? AND released_wall >= ? AND released_wall < ?
        """

    private static let orders = """
        FROM orders AS o WHERE o.created_wall >= ?1 AND o.created_wall < ?2 AND o.created_wall <= ?3
        """

    static let allOrders = """
        SELECT o.id, o.number, o.category, o.created_wall, o.caller, o.status, o.state, o.owner, o.owner_unit,
            o.closed_wall, o.fields,
            (
                SELECT min(n.created_wall) FROM orders AS n
                WHERE n.caller = o.caller AND n.category = o.category AND n.created_wall > o.created_wall
                    AND n.created_wall <= ?3),
            (
                SELECT count(*) FROM orders AS n
                WHERE n.caller = o.caller AND n.created_wall < o.created_wall
                    AND n.created_wall >= o.created_wall - 2592000000000)
        \(orders) ORDER BY o.created_wall, o.id
        """

    static let steps = """
        SELECT o.id, t.step, t.by_name, t.role, t.unit, t.happened_wall, t.entered_wall, t.why, t.fields, t.number
        FROM orders AS o CROSS JOIN order_steps AS t ON t.work_order = o.id
        WHERE o.created_wall >= ?1 AND o.created_wall < ?2 AND o.created_wall <= ?3 AND t.entered_wall <= ?3
        ORDER BY o.created_wall, o.id
        """

    static let orderRecordings = """
        SELECT o.id, t.recording, t.role, t.from_position
        FROM orders AS o CROSS JOIN order_recordings AS t ON t.work_order = o.id
        WHERE o.created_wall >= ?1 AND o.created_wall < ?2 AND o.created_wall <= ?3
        ORDER BY o.created_wall, o.id
        """

    /// Each chain with its last event's number.
    static let chains = "SELECT name, seq FROM chains ORDER BY name"

    static let moment = "SELECT wall FROM journal WHERE chain = ?1 AND seq = ?2"

    static let deeds = """
        SELECT rule, subject, happened_wall, by_name, evidence FROM duty_deeds
        WHERE entered_wall <= ? ORDER BY rule, subject, happened_wall, chain, seq
        """

    static let outages = """
        SELECT id, kind, announced_wall, begins_wall, withdrawn_wall FROM outages
        WHERE begins_wall >= ?1 AND begins_wall < ?2 AND entered_wall <= ?3 ORDER BY begins_wall, id
        """

    /// With the instant of the event before it in its chain: after a crash, the last that is known of the run before.
    static let server = """
        SELECT j.wall, j.body, (SELECT p.wall FROM journal AS p WHERE p.chain = j.chain AND p.seq = j.seq - 1)
        FROM journal AS j WHERE j.type = 'server_noted' AND j.wall < ?1 AND j.wall <= ?2 ORDER BY j.wall, j.chain, j.seq
        """

    static let penalties = """
        SELECT penalty, clause, yuan, decided_wall FROM penalties AS t JOIN orders AS o ON o.id = t.work_order
        WHERE o.created_wall >= ?1 AND o.created_wall < ?2 AND t.proposed_wall <= ?3 ORDER BY t.penalty, o.number
        """
}
