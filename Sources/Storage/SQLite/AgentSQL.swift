/// SQLite's statements about agents: their legs, states and what is said of their calls.
package enum AgentSQL {
    static let offer = """
        INSERT INTO agent_offers (leg, call, node, boot, agent, purpose, queue, offered_wall, offered_mono)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let exists = "SELECT 1 FROM agent_offers WHERE leg = ? AND call = ? AND agent = ?"

    static let alert = """
        UPDATE agent_offers SET alerted_wall = ?, alerted_mono = ?
        WHERE leg = ? AND call = ? AND agent = ? AND alerted_wall IS NULL
        """

    /// What an answer says of the rings stands, whether it comes before or after.
    static let end = """
        UPDATE agent_offers SET
            ended_wall = ?, ended_mono = ?, outcome = ?, rings = coalesce(rings, ?), ring_ms = coalesce(ring_ms, ?)
        WHERE leg = ? AND call = ? AND agent = ? AND outcome IS NULL
        """

    static let answer = """
        UPDATE agent_offers SET
            answered_wall = ?, answered_mono = ?, rings = ?, ring_ms = ?, summed_rings = ?, summed_ring_ms = ?,
            wait_ms = ?, rings_basis = ?
        WHERE leg = ? AND call = ? AND agent = ? AND answered_wall IS NULL
        """

    /// The first time after the answer.
    static let announce = """
        UPDATE agent_offers SET announced_wall = ?1, announced_items = ?2
        WHERE call = ?3 AND agent = ?4 AND answered_wall <= ?1 AND announced_wall IS NULL
        """

    static let leave = """
        UPDATE agent_offers SET left_wall = ?, left_mono = ?, left_boot = ?, left_by = ?, left_message = ?
        WHERE leg = ? AND call = ? AND agent = ? AND left_wall IS NULL
        """

    static let byCall = "SELECT * FROM agent_offers WHERE call = ? ORDER BY offered_wall, leg"

    static let answeredBy = """
        SELECT agent FROM (
            SELECT agent, answered_wall, leg FROM agent_offers WHERE call = ?1 AND answered_wall IS NOT NULL
            UNION ALL
            SELECT agent, imported_wall, recording FROM recording_imports WHERE call = ?1 AND agent IS NOT NULL
        ) ORDER BY answered_wall, leg
        """

    /// The condition is the partial index's.
    package static let open = """
        SELECT * FROM agent_offers WHERE left_wall IS NULL AND (outcome IS NULL OR outcome = 'answered') ORDER BY leg
        """

    /// A nuisance call excuses an agent who hangs up first; who handed the caller over did not hang up.
    static let report = """
        SELECT *,
            EXISTS (
                SELECT 1 FROM call_marks WHERE call_marks.call = agent_offers.call AND mark = 'nuisance') AS nuisance,
            EXISTS (
                SELECT 1 FROM transfers
                WHERE transfers.call = agent_offers.call AND transfers.agent = agent_offers.agent AND completed = 1
                    AND at_wall >= answered_wall) AS transferred
        FROM agent_offers WHERE offered_wall >= ? AND offered_wall < ?
        """

    static let change = """
        INSERT INTO agent_states (agent, chain, seq, boot, since_wall, since_mono, state, reason, source)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// The next agent and chain that have states: a step of a walk that does not read them all.
    static let agentAfter = """
        SELECT agent, chain FROM agent_states WHERE (agent, chain) > (?, ?) ORDER BY agent, chain LIMIT 1
        """

    static let lastState = "SELECT * FROM agent_states WHERE agent = ? AND chain = ? ORDER BY seq DESC LIMIT 1"

    static let stateBefore = """
        SELECT * FROM agent_states WHERE agent = ? AND chain = ? AND since_wall < ?
        ORDER BY since_wall DESC, seq DESC LIMIT 1
        """

    static let statesWithin = """
        SELECT * FROM agent_states WHERE agent = ? AND chain = ? AND since_wall >= ? AND since_wall < ?
        ORDER BY since_wall, seq
        """

    /// The first change after a period: where the last span within it ended.
    static let stateAfter = """
        SELECT * FROM agent_states WHERE agent = ? AND chain = ? AND since_wall >= ? ORDER BY since_wall, seq LIMIT 1
        """

    static let hold = """
        INSERT INTO agent_holds (chain, seq, call, leg, boot, held_wall, held_mono, held_position)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let resume = """
        UPDATE agent_holds SET resumed_wall = ?, resumed_mono = ?, resumed_boot = ?, resumed_position = ?
        WHERE leg = ? AND resumed_wall IS NULL
        """

    static let isHeld = "SELECT 1 FROM agent_holds WHERE leg = ? AND resumed_wall IS NULL"

    static let holds = "SELECT * FROM agent_holds WHERE leg = ? ORDER BY seq"

    static let transfer = """
        INSERT INTO transfers (chain, seq, call, agent, target, kind, completed, position, at_wall, at_mono)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let transfers = "SELECT * FROM transfers WHERE call = ? ORDER BY seq"

    static let transferCounts = """
        SELECT agent, kind, completed, count(*) AS count FROM transfers WHERE at_wall >= ? AND at_wall < ?
        GROUP BY agent, kind, completed
        """

    static let mark = """
        INSERT INTO call_marks (chain, seq, call, agent, mark, degree, note, at_wall, at_mono)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let marks = "SELECT * FROM call_marks WHERE call = ? ORDER BY seq"

    static let markCounts = """
        SELECT agent, mark, count(*) AS count FROM call_marks WHERE at_wall >= ? AND at_wall < ? GROUP BY agent, mark
        """

    static let rate = """
        INSERT INTO ratings (call, agent, score, order_number, at_wall, at_mono) VALUES (?, ?, ?, ?, ?, ?)
        """

    static let ratings = "SELECT * FROM ratings WHERE call = ? ORDER BY at_wall, agent"

    static let ratingCounts = """
        SELECT agent, score, count(*) AS count FROM ratings WHERE at_wall >= ? AND at_wall < ? GROUP BY agent, score
        """

    /// At one place on a channel the later word stands.
    static let segment = """
        INSERT INTO recording_segments (recording, channel, from_position, role, agent)
        SELECT id, ?, ?, ?, ? FROM recordings WHERE id = ? AND call = ?
        ON CONFLICT (recording, channel, from_position) DO UPDATE SET role = excluded.role, agent = excluded.agent
        """

    static let segments = """
        SELECT recording_segments.* FROM recording_segments JOIN recordings ON recordings.id = recording_segments.recording
        WHERE recordings.call = ? ORDER BY recordings.id, channel, from_position
        """
}
