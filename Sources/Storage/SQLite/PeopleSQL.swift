/// SQLite's statements about people and their rights.
enum PeopleSQL {
    static let set = """
        INSERT INTO persons (
            person, title, roles, order_roles, unit, work_number, active, changed_wall, changed_mono, changed_by
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (person) DO UPDATE SET
            title = excluded.title, roles = excluded.roles, order_roles = excluded.order_roles, unit = excluded.unit,
            work_number = excluded.work_number, active = excluded.active, changed_wall = excluded.changed_wall,
            changed_mono = excluded.changed_mono, changed_by = excluded.changed_by
        """
    static let all = "SELECT * FROM persons ORDER BY person"

    static let note = """
        INSERT INTO accesses (chain, seq, wall, mono, kind, person, subject, address) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    static let accessesOfSubject = "SELECT * FROM accesses WHERE subject = ? ORDER BY wall DESC, seq DESC LIMIT ?"
    static let latestAccesses = "SELECT * FROM accesses ORDER BY wall DESC, seq DESC LIMIT ?"

    static let orderSubject = "SELECT id, number, category, owner_unit, fields FROM orders WHERE number = ?"
    static let ordersOfRecording = """
        SELECT DISTINCT o.id, o.number, o.category, o.owner_unit, o.fields
        FROM order_recordings AS l JOIN orders AS o ON o.id = l.work_order
        WHERE l.recording = ?1
        UNION
        SELECT o.id, o.number, o.category, o.owner_unit, o.fields
        FROM recordings AS r JOIN order_calls AS l ON l.call = r.call JOIN orders AS o ON o.id = l.work_order
        WHERE r.id = ?1
        ORDER BY 2
        """
    static let ordersOfCall = """
        SELECT DISTINCT o.id, o.number, o.category, o.owner_unit, o.fields
        FROM order_calls AS l JOIN orders AS o ON o.id = l.work_order
        WHERE l.call = ? ORDER BY 2
        """
    static let steps = "SELECT step, unit, fields FROM order_steps WHERE work_order = ? ORDER BY number"
    static let callOfRecording = "SELECT call FROM recordings WHERE id = ?"
    static let holdsMessage = "SELECT 1 FROM messages WHERE call = ? AND recording = ? AND kind = 'voice' LIMIT 1"
    static let agents = """
        SELECT DISTINCT agent FROM agent_offers WHERE call = ? AND answered_wall IS NOT NULL ORDER BY agent
        """
}
