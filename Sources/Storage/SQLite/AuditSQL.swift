/// SQLite's statements of an audit: everything of a stretch of ids, each kind of row in the order of its call or order, so that
/// they are read side by side, each table from one place to another without a look-up for every call. `?1` and `?2` are the
/// first and the last id of the stretch, `?3` is the moment of which the audit speaks; `?4` and `?5`, where they stand, bound
/// the period. Ids are made when a call is offered, an order made: those of a period lie together.
///
/// How the rows of one call lie is the reader's business: SQLite would make a sorter for every call.
enum AuditSQL {
    static let idsOfCalls = """
        SELECT min(id), max(id) FROM calls WHERE offered_wall >= ?1 AND offered_wall < ?2 AND offered_wall <= ?3
        """
    static let idsOfOrders = """
        SELECT min(id), max(id) FROM orders WHERE created_wall >= ?1 AND created_wall < ?2 AND created_wall <= ?3
        """

    private static func ofCalls(_ table: String, _ columns: String, _ condition: String, join: String = "") -> String {
        """
        SELECT t.call, \(columns) FROM \(table) AS t \(join)
        WHERE t.call >= ?1 AND t.call <= ?2 AND \(condition) ORDER BY t.call
        """
    }

    /// `+` keeps the planner to the ids.
    static let allCalls = """
        SELECT c.id, c.line, c.direction, c.caller, c.caller_source, c.called, c.offered_wall, c.ringing_wall,
            c.answered_wall, c.ring_ms, c.rings, c.released_wall, c.released_by, c.outcome
        FROM calls AS c
        WHERE c.id >= ?1 AND c.id <= ?2 AND +c.offered_wall >= ?4 AND +c.offered_wall < ?5 AND +c.offered_wall <= ?3
        ORDER BY c.id
        """

    static let passages = ofCalls(
        "queue_passages",
        """
        t.queue, t.refused, t.exit, t.boot, t.entered_wall, t.entered_mono, t.answered_wall, t.answered_mono,
        t.left_wall, t.left_mono, t.left_boot, t.offers, t.ring_ms, t.agent,
        t.priority IS NOT NULL AND instr(t.priority, '"key_customer"') > 0, t.chain, t.seq
        """, "t.entered_wall <= ?3")

    static let apologies = ofCalls("apologies", "t.passage", "t.passage IS NOT NULL AND ?3 IS NOT NULL")

    static let talks = ofCalls(
        "agent_offers",
        """
        t.agent, t.answered_wall, t.left_wall, t.left_by, t.left_message, t.announced_wall, t.announced_items, t.leg
        """,
        "t.answered_wall <= ?3 AND t.purpose IN ('queue', 'duty', 'transfer', 'call_back')")

    static let transfers = ofCalls("transfers", "t.agent, t.at_wall", "t.completed = 1 AND t.at_wall <= ?3")

    static let marks = ofCalls(
        "call_marks", "t.mark, t.agent, t.degree, t.at_wall, t.chain, t.seq", "t.at_wall <= ?3")

    static let reports = ofCalls(
        "messages", "t.mark", "t.kind = 'report' AND t.mark IS NOT NULL AND t.left_wall <= ?3")

    static let callBacks = ofCalls(
        "call_backs", "t.asked_wall, t.due_wall, t.ended_wall, t.reached, t.attempts, t.agent", "t.asked_wall <= ?3")

    /// Other systems' calls.
    static let imports = ofCalls("recording_imports", "1", "?3 IS NOT NULL")

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

    /// What the orders of calls promise. Of one in several roles there is one row each.
    static let ordersOfCalls = ofCalls(
        "order_calls",
        """
        o.number, t.role, o.category,
        CASE WHEN t.role = 'created' THEN \(promised("happened_wall")) END,
        CASE WHEN t.role = 'created' THEN (
            SELECT s.happened_wall FROM order_steps AS s
            WHERE s.work_order = o.id AND s.entered_wall <= ?3 AND s.number > \(promised("number"))
                AND (s.step = 'answer' OR s.step = 'relay' AND json_extract(s.fields, '$.reached') = 'reached')
            ORDER BY s.number LIMIT 1) END,
        o.id
        """, "o.created_wall <= ?3", join: "JOIN orders AS o ON o.id = t.work_order")

    /// The degree of a caller's anger that an order notes; asked for where a caller was angry.
    static let attitude = """
        SELECT coalesce(
            (
                SELECT json_extract(s.fields, '$.attitude') FROM order_steps AS s
                WHERE s.work_order = o.id AND s.entered_wall <= ?2 AND json_extract(s.fields, '$.attitude') IS NOT NULL
                ORDER BY s.number DESC LIMIT 1),
            json_extract(o.fields, '$.attitude'))
        FROM orders AS o WHERE o.id = ?1
        """

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
        FROM orders AS o
        WHERE o.id >= ?1 AND o.id <= ?2 AND +o.created_wall >= ?4 AND +o.created_wall < ?5 AND +o.created_wall <= ?3
        ORDER BY o.id
        """

    static let steps = """
        SELECT t.work_order, t.step, t.by_name, t.role, t.unit, t.happened_wall, t.entered_wall, t.why, t.fields,
            t.number
        FROM order_steps AS t WHERE t.work_order >= ?1 AND t.work_order <= ?2 AND t.entered_wall <= ?3
        ORDER BY t.work_order
        """

    static let orderRecordings = """
        SELECT t.work_order, t.recording, t.role, t.from_position
        FROM order_recordings AS t WHERE t.work_order >= ?1 AND t.work_order <= ?2 AND ?3 IS NOT NULL
        ORDER BY t.work_order
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
