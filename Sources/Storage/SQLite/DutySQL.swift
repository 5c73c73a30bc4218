/// SQLite's statements about what orders lead to (alarms, penalties, other ticket stores) and about duties.
enum DutySQL {
    static let insertAlarm = """
        INSERT INTO order_alarms (
            work_order, clock, since_wall, alarm, moment_wall, due_wall, warning, role, unit, channel, told_wall,
            told_mono
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let alarmsOfOrder = "SELECT * FROM order_alarms WHERE work_order = ? ORDER BY told_wall, clock, alarm"

    static let propose = """
        INSERT INTO penalties (
            work_order, penalty, profile, clause, trigger, who, unit, least, most, count, per_person, factor,
            factor_penalty, sanction, anomaly, because, proposed_wall, proposed_mono
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (work_order, penalty) DO UPDATE SET
            profile = excluded.profile, clause = excluded.clause, trigger = excluded.trigger, who = excluded.who,
            unit = excluded.unit, least = excluded.least, most = excluded.most, count = excluded.count,
            per_person = excluded.per_person, factor = excluded.factor, factor_penalty = excluded.factor_penalty,
            sanction = excluded.sanction, anomaly = excluded.anomaly, because = excluded.because,
            proposed_wall = excluded.proposed_wall, proposed_mono = excluded.proposed_mono
        WHERE decided_wall IS NULL
        """

    static let decide = """
        UPDATE penalties SET
            decided_wall = ?, decided_mono = ?, decided_by = ?, decided_role = ?, decided_unit = ?, yuan = ?,
            persons = ?, why = ?
        WHERE work_order = ? AND penalty = ? AND decided_wall IS NULL
        """

    static let selectPenalties = """
        SELECT penalties.*, orders.number AS number, orders.category AS category
        FROM penalties JOIN orders ON orders.id = penalties.work_order
        """
    static let newestPenaltiesFirst = "ORDER BY proposed_wall DESC, number DESC, penalty"

    static let refer = """
        INSERT INTO external_orders (work_order, store, reference, status, changed_wall, learnt_wall, learnt_mono)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (work_order, store) DO UPDATE SET
            reference = excluded.reference, status = excluded.status, changed_wall = excluded.changed_wall,
            learnt_wall = excluded.learnt_wall, learnt_mono = excluded.learnt_mono
        """

    static let externalOfOrder = "SELECT * FROM external_orders WHERE work_order = ? ORDER BY store"

    static let insertDeed = """
        INSERT INTO duty_deeds (
            chain, seq, profile, rule, subject, happened_wall, entered_wall, entered_mono, by_name, note, evidence
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let insertOutage = """
        INSERT INTO outages (
            id, kind, area, begins_wall, ends_wall, reason, text, prompt, announced_wall, entered_wall, entered_mono,
            by_name
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let withdraw = """
        UPDATE outages SET withdrawn_wall = ?, withdrawn_mono = ?, withdrawn_by = ?, withdrawn_why = ?
        WHERE id = ? AND withdrawn_wall IS NULL
        """

    static let selectOutages = "SELECT * FROM outages"
    static let soonestFirst = "ORDER BY begins_wall, id"

    static let setNotice = """
        INSERT INTO notices (chain, seq, notice, prompt, until_wall, set_wall, set_mono, by_name, why)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let notices = "SELECT * FROM notices ORDER BY set_wall DESC, chain DESC, seq DESC LIMIT ?"
    static let lastNotices = """
        SELECT * FROM (
            SELECT *, row_number() OVER (PARTITION BY notice ORDER BY set_wall DESC, chain DESC, seq DESC) AS place
            FROM notices)
        WHERE place = 1 ORDER BY notice
        """

    static let insertBreach = """
        INSERT INTO norm_breaches (call, rule, profile, count, measured_ms, agent, at_wall, at_mono)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (call, rule) DO UPDATE SET
            profile = excluded.profile, count = excluded.count, measured_ms = excluded.measured_ms,
            agent = excluded.agent, at_wall = excluded.at_wall, at_mono = excluded.at_mono
        """

    static let breachesOfCall = "SELECT * FROM norm_breaches WHERE call = ? ORDER BY rule"

    static let deeds = """
        SELECT * FROM duty_deeds WHERE happened_wall >= ? AND happened_wall < ? AND entered_wall <= ?
        ORDER BY rule, subject, happened_wall, chain, seq
        """
}
