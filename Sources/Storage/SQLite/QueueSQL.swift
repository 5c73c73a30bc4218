/// SQLite's statements about queues, apologies, the inbox, call-backs and blocked numbers.
package enum QueueSQL {
    static let enter = """
        INSERT INTO queue_passages (
            chain, seq, call, boot, queue, skill, position, priority, entered_wall, entered_mono
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let leave = """
        UPDATE queue_passages SET
            left_wall = ?, left_mono = ?, left_boot = ?, exit = ?, wait_ms = ?, offers = ?, rings = ?, ring_ms = ?
        WHERE call = ? AND queue = ? AND left_wall IS NULL
        """

    static let refuse = """
        INSERT INTO queue_passages (
            chain, seq, call, boot, queue, refused, entered_wall, entered_mono, left_wall, left_mono, left_boot, exit,
            wait_ms, offers, rings, ring_ms
        ) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?6, ?7, ?4, ?8, ?9, ?10, ?11, ?12)
        """

    /// The answer and the leaving of one passage come in either order.
    static let answer = """
        UPDATE queue_passages SET answered_wall = ?1, answered_mono = ?2, agent = ?3
        WHERE agent IS NULL AND (chain, seq) = (
            SELECT chain, seq FROM queue_passages WHERE call = ?4 AND queue = ?5 AND refused = 0
            ORDER BY seq DESC LIMIT 1)
        """

    static let byCall = "SELECT * FROM queue_passages WHERE call = ? ORDER BY seq"
    /// Sorted afterwards (the `+`): by the table's own order every passage there is would be looked at.
    package static let open = "SELECT * FROM queue_passages WHERE left_wall IS NULL ORDER BY +chain, +seq"

    /// What was offered for one wait so far.
    static let offersSince = """
        SELECT count(*) AS offers, coalesce(sum(rings), 0) AS rings, coalesce(sum(ring_ms), 0) AS ring_ms
        FROM agent_offers WHERE call = ? AND queue = ? AND offered_wall >= ?
        """

    static let report = """
        SELECT *, (
            SELECT count(*) FROM apologies
            WHERE apologies.call = queue_passages.call AND apologies.passage = queue_passages.seq) AS apologies
        FROM queue_passages WHERE entered_wall >= ? AND entered_wall < ?
        """

    static let apologise = """
        INSERT INTO apologies (chain, seq, call, passage, owed, position, at_wall, at_mono) VALUES (
            ?1, ?2, ?3,
            (SELECT seq FROM queue_passages WHERE call = ?3 AND refused = 0 ORDER BY seq DESC LIMIT 1),
            ?4, ?5, ?6, ?7)
        """

    static let apologies = "SELECT passage, owed, at_wall, at_mono FROM apologies WHERE call = ? ORDER BY seq"

    static let insertMessage = """
        INSERT INTO messages (
            id, call, recording, queue, caller, from_position, to_position, left_wall, left_mono, due_wall, due_mono
        ) SELECT ?, call, id, ?, ?, ?, ?, ?, ?, ?, ? FROM recordings WHERE id = ? AND call = ?
        """

    static let hearMessage = """
        UPDATE messages SET heard_wall = ?, heard_mono = ?, heard_by = ? WHERE id = ? AND heard_wall IS NULL
        """

    static let messageCall = "SELECT call FROM messages WHERE id = ?"

    static let selectMessages = """
        SELECT messages.*, recordings.file AS file FROM messages JOIN recordings ON recordings.id = messages.recording
        """
    static let messageByID = selectMessages + "\nWHERE messages.id = ?"
    static let mostUrgentFirst = "ORDER BY due_wall NULLS LAST, left_wall, messages.id"
    static let newestMessagesFirst = "ORDER BY left_wall DESC, messages.id DESC"
    static let unheardCount = "SELECT count(*) FROM messages WHERE heard_wall IS NULL"

    /// A second wish in the same call takes the place of the first, unless that one was fulfilled.
    static let askCallBack = """
        INSERT INTO call_backs (
            call, queue, number, asked_wall, asked_mono, due_wall, due_mono, reason, for_agent, follows
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (call) DO UPDATE SET
            queue = excluded.queue, number = excluded.number, asked_wall = excluded.asked_wall,
            asked_mono = excluded.asked_mono, due_wall = excluded.due_wall, due_mono = excluded.due_mono,
            reason = excluded.reason, for_agent = excluded.for_agent, follows = excluded.follows,
            ended_wall = NULL, ended_mono = NULL, reached = NULL, made = NULL, agent = NULL
        WHERE reached IS NOT 1
        """

    /// A call-back that did not reach the caller may be made up for later.
    static let endCallBack = """
        UPDATE call_backs SET
            ended_wall = ?1, ended_mono = ?2, reached = ?3, made = coalesce(?4, made), agent = ?5,
            attempts = attempts + (?4 IS NOT NULL)
        WHERE call = ?6 AND reached IS NOT 1
        """

    static let selectCallBacks = "SELECT * FROM call_backs"
    static let callBackOfCall = selectCallBacks + " WHERE call = ?"
    static let callBacksMostUrgentFirst = "ORDER BY due_wall NULLS LAST, asked_wall, call"
    static let newestCallBacksFirst = "ORDER BY asked_wall DESC, call DESC"

    static let block = """
        INSERT INTO blocked_numbers (
            number, chain, seq, blocked_wall, blocked_mono, until_wall, until_mono, agent, reason
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let unblock = """
        UPDATE blocked_numbers SET unblocked_wall = ?, unblocked_mono = ?, unblocked_by = ?
        WHERE number = ? AND unblocked_wall IS NULL
        """

    private static let inForce = """
        blocked_wall <= ?1 AND (until_wall IS NULL OR until_wall > ?1)
            AND (unblocked_wall IS NULL OR unblocked_wall > ?1)
        """
    static let isBlocked = "SELECT 1 FROM blocked_numbers WHERE number = ?2 AND \(inForce) LIMIT 1"
    static let blockedNumbers = "SELECT * FROM blocked_numbers WHERE \(inForce) ORDER BY number, chain, seq LIMIT ?2"

    static let insertRoster = """
        INSERT INTO roster_loads (chain, seq, file, sha256, agents, queues, at_wall, at_mono)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
}
