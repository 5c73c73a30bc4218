/// SQLite's statements about calls and legs.
package enum CallSQL {
    static let insert = """
        INSERT INTO calls (
            id, node, boot, line, direction, caller, caller_raw, caller_source, called, diversion, peer,
            protocol_call_id, offered_wall, offered_mono
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let exists = "SELECT 1 FROM calls WHERE id = ?"

    static let alert = """
        UPDATE calls SET ringing_wall = ?, ringing_mono = ?, rings_basis = ?
        WHERE id = ? AND ringing_wall IS NULL
        """

    static let answer = """
        UPDATE calls SET answered_wall = ?, answered_mono = ?, rings = ?, ring_ms = ?, rings_basis = ?, flow_version = ?,
            raw_rings = ?
        WHERE id = ? AND answered_wall IS NULL
        """

    static let firstPrompt = """
        UPDATE calls SET first_prompt_wall = ?, first_prompt_mono = ? WHERE id = ? AND first_prompt_wall IS NULL
        """

    static let key = "UPDATE calls SET digits = digits || ? WHERE id = ?"

    static let release = """
        UPDATE calls SET
            released_wall = ?, released_mono = ?, released_by = ?, release_evidence = ?, outcome = ?, statistics = ?,
            raw_rings = coalesce(raw_rings, ?)
        WHERE id = ? AND released_wall IS NULL
        """

    static let insertLeg = "INSERT INTO legs (id, call, role, line) VALUES (?, ?, ?, ?)"

    static let establishLeg = """
        INSERT INTO legs (id, call, role, line, codec, rate, established_wall, established_mono)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET
            role = excluded.role, line = excluded.line, codec = excluded.codec, rate = excluded.rate,
            established_wall = coalesce(established_wall, excluded.established_wall),
            established_mono = coalesce(established_mono, excluded.established_mono)
        WHERE call = excluded.call
        """

    /// The filter's conditions and a limit are put in between by `SQLiteQueries`.
    static let select = "SELECT * FROM calls"
    static let newestFirst = "ORDER BY offered_wall DESC, id DESC"

    static let byID = "SELECT * FROM calls WHERE id = ?"

    static let legs = "SELECT id, role, codec, rate FROM legs WHERE call = ? ORDER BY id"

    static let orders = """
        SELECT orders.number FROM order_calls JOIN orders ON orders.id = order_calls.work_order
        WHERE order_calls.call = ? AND order_calls.role = 'created' ORDER BY orders.id
        """

    /// The call's own events, and the links of its recordings to work orders, which name no call.
    static let timeline = """
        SELECT chain, seq, id, type, wall, mono, boot, body FROM journal WHERE call = ?1
        UNION ALL
        SELECT chain, seq, id, type, wall, mono, boot, body FROM journal
        WHERE call IS NULL AND work_order IN (SELECT work_order FROM order_calls WHERE call = ?1)
            AND recording IN (SELECT id FROM recordings WHERE call = ?1)
        ORDER BY chain, seq
        """

    /// A call lives on one node, so that its events' sequence is their order in time.
    static let lastEvent = "SELECT wall, mono FROM journal WHERE call = ? ORDER BY seq DESC LIMIT 1"

    static let recent = """
        SELECT count(*) FROM (
            SELECT 1 FROM calls WHERE caller = ? AND offered_wall >= ? AND direction = 'inbound' AND id <> ? LIMIT ?)
        """

    static let latest = """
        SELECT offered_wall FROM calls WHERE caller = ? AND direction = 'inbound' AND id <> ?
        ORDER BY offered_wall DESC LIMIT 1
        """

    package static let unreleased = "SELECT * FROM calls WHERE released_wall IS NULL ORDER BY id"
}
