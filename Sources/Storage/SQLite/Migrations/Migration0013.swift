/// What orders lead to: alarms told, penalties, their place in other ticket stores; and duties that recur.
///
/// Conventions as before. Sums are in yuan. A penalty without `decided_wall` is a proposal; `yuan` is null where it was
/// dropped.
enum Migration0013 {
    static let name = "0013"

    static let sql = """
        CREATE TABLE order_alarms (
            work_order BLOB NOT NULL REFERENCES orders (id),
            clock TEXT NOT NULL,
            since_wall INTEGER NOT NULL,
            alarm TEXT NOT NULL,
            moment_wall INTEGER NOT NULL,
            due_wall INTEGER NOT NULL,
            warning INTEGER NOT NULL CHECK (warning IN (0, 1)),
            role TEXT NOT NULL,
            unit TEXT,
            channel TEXT NOT NULL,
            told_wall INTEGER NOT NULL,
            told_mono INTEGER NOT NULL,
            PRIMARY KEY (work_order, clock, since_wall, alarm)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX order_alarms_by_time ON order_alarms (told_wall);

        CREATE TABLE penalties (
            work_order BLOB NOT NULL REFERENCES orders (id),
            penalty TEXT NOT NULL,
            profile TEXT NOT NULL,
            clause TEXT NOT NULL,
            trigger TEXT NOT NULL,
            who TEXT NOT NULL,
            unit TEXT,
            least INTEGER,
            most INTEGER,
            count INTEGER NOT NULL CHECK (count > 0),
            per_person INTEGER NOT NULL CHECK (per_person IN (0, 1)),
            factor INTEGER NOT NULL CHECK (factor > 0),
            factor_penalty TEXT,
            sanction TEXT,
            anomaly TEXT,
            because TEXT NOT NULL,
            proposed_wall INTEGER NOT NULL,
            proposed_mono INTEGER NOT NULL,
            decided_wall INTEGER,
            decided_mono INTEGER,
            decided_by TEXT,
            decided_role TEXT,
            decided_unit TEXT,
            yuan INTEGER,
            persons INTEGER,
            why TEXT,
            PRIMARY KEY (work_order, penalty)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX penalties_open ON penalties (proposed_wall) WHERE decided_wall IS NULL;
        CREATE INDEX penalties_by_time ON penalties (proposed_wall);

        CREATE TABLE external_orders (
            work_order BLOB NOT NULL REFERENCES orders (id),
            store TEXT NOT NULL,
            reference TEXT NOT NULL,
            status TEXT,
            changed_wall INTEGER,
            learnt_wall INTEGER NOT NULL,
            learnt_mono INTEGER NOT NULL,
            PRIMARY KEY (work_order, store)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX external_orders_by_reference ON external_orders (store, reference);

        CREATE TABLE duty_deeds (
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            profile TEXT NOT NULL,
            rule TEXT NOT NULL,
            subject TEXT NOT NULL,
            happened_wall INTEGER NOT NULL,
            entered_wall INTEGER NOT NULL,
            entered_mono INTEGER NOT NULL,
            by_name TEXT NOT NULL,
            note TEXT NOT NULL,
            evidence TEXT,
            PRIMARY KEY (chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX duty_deeds_by_rule ON duty_deeds (rule, subject, happened_wall);

        -- What was broken when a call had ended, by the profile that was configured.
        CREATE TABLE norm_breaches (
            call BLOB NOT NULL REFERENCES calls (id),
            rule TEXT NOT NULL,
            profile TEXT NOT NULL,
            count INTEGER NOT NULL CHECK (count > 0),
            measured_ms INTEGER,
            agent TEXT,
            at_wall INTEGER NOT NULL,
            at_mono INTEGER NOT NULL,
            PRIMARY KEY (call, rule)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX norm_breaches_by_rule ON norm_breaches (rule, at_wall);

        -- Outages announced to the public. area: a place or a line, as people say it; empty: everywhere.
        CREATE TABLE outages (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            kind TEXT NOT NULL,
            area TEXT NOT NULL,
            begins_wall INTEGER NOT NULL,
            ends_wall INTEGER NOT NULL CHECK (ends_wall > begins_wall),
            reason TEXT NOT NULL,
            text TEXT NOT NULL,
            prompt TEXT,
            announced_wall INTEGER NOT NULL,
            entered_wall INTEGER NOT NULL,
            entered_mono INTEGER NOT NULL,
            by_name TEXT NOT NULL,
            withdrawn_wall INTEGER,
            withdrawn_mono INTEGER,
            withdrawn_by TEXT,
            withdrawn_why TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX outages_by_begin ON outages (begins_wall, id);
        CREATE INDEX outages_by_end ON outages (ends_wall) WHERE withdrawn_wall IS NULL;

        -- The server's own word (starts, stops, lines going down), without walking the journal.
        CREATE INDEX journal_server_noted ON journal (wall) WHERE type = 'server_noted';
        -- What the machine said when an agent came, likewise.
        CREATE INDEX journal_announced ON journal (wall) WHERE type = 'announced';
        """
}
