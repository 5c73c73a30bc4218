/// What audits of a large store read without looking into the journal or into whole rows of calls.
///
/// Conventions as before.
enum Migration0014 {
    static let name = "0014"

    static let sql = """
        -- What the machine said in the agent's stead, the first time after the answer: a JSON list, as in the event.
        ALTER TABLE agent_offers ADD COLUMN announced_wall INTEGER;
        ALTER TABLE agent_offers ADD COLUMN announced_items TEXT;
        UPDATE agent_offers SET (announced_wall, announced_items) = (
            SELECT at, items FROM (
                SELECT
                    j.chain, j.seq, json_extract(CAST(j.body AS TEXT), '$.data.agent') AS agent,
                    json_extract(CAST(j.body AS TEXT), '$.data.at.wall') AS at,
                    json_extract(CAST(j.body AS TEXT), '$.data.items') AS items
                FROM journal AS j
                WHERE j.call = agent_offers.call AND j.type = 'announced' AND j.body IS NOT NULL) AS said
            WHERE said.agent = agent_offers.agent AND said.at >= agent_offers.answered_wall
            ORDER BY chain, seq LIMIT 1)
        WHERE answered_wall IS NOT NULL;
        DROP INDEX journal_announced;

        -- Whatever an audit asks of a call, in the order of the offers.
        DROP INDEX calls_by_offer;
        CREATE INDEX calls_by_offer ON calls (
            offered_wall, id, line, direction, caller, caller_source, called, ringing_wall, answered_wall, ring_ms,
            rings, released_wall, released_by, outcome);
        """
}
