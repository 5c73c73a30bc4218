/// Agents, queues, and what callers leave behind.
///
/// Conventions as in `Migration0001`, and: a row that one event makes is keyed by that event's place in the journal
/// (`chain`, `seq`). `boot` is the boot that a row's first instant belongs to, `…_boot` that of a later one; where the two
/// differ, only the wall clock spans them. Null stands for an instant of unknown boot.
enum Migration0003 {
    static let name = "0003"

    static let sql = """
        ALTER TABLE recordings ADD COLUMN purpose TEXT NOT NULL DEFAULT 'call';

        -- One row for each entry into a queue, and for each refusal at its door (refused = 1, entered is left).
        CREATE TABLE queue_passages (
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            call BLOB NOT NULL REFERENCES calls (id),
            boot TEXT NOT NULL,
            queue TEXT NOT NULL,
            refused INTEGER NOT NULL DEFAULT 0 CHECK (refused IN (0, 1)),
            skill TEXT,
            position INTEGER,
            priority TEXT,
            entered_wall INTEGER NOT NULL,
            entered_mono INTEGER NOT NULL,
            answered_wall INTEGER,
            answered_mono INTEGER,
            agent TEXT,
            left_wall INTEGER,
            left_mono INTEGER,
            left_boot TEXT,
            exit TEXT,
            wait_ms INTEGER CHECK (wait_ms >= 0),
            offers INTEGER CHECK (offers >= 0),
            rings INTEGER CHECK (rings >= 0),
            ring_ms INTEGER CHECK (ring_ms >= 0),
            PRIMARY KEY (chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX queue_passages_by_call ON queue_passages (call, seq);
        CREATE INDEX queue_passages_by_entry ON queue_passages (entered_wall, queue);
        -- A caller waits in one queue at a time.
        CREATE UNIQUE INDEX queue_passages_open ON queue_passages (call) WHERE left_wall IS NULL;

        CREATE TABLE agent_offers (
            leg BLOB NOT NULL PRIMARY KEY CHECK (length(leg) = 16),
            call BLOB NOT NULL REFERENCES calls (id),
            node TEXT NOT NULL,
            boot TEXT NOT NULL,
            agent TEXT NOT NULL,
            purpose TEXT NOT NULL,
            queue TEXT,
            offered_wall INTEGER NOT NULL,
            offered_mono INTEGER NOT NULL,
            alerted_wall INTEGER,
            alerted_mono INTEGER,
            ended_wall INTEGER,
            ended_mono INTEGER,
            outcome TEXT,
            rings INTEGER CHECK (rings >= 0),
            ring_ms INTEGER CHECK (ring_ms >= 0),
            rings_basis TEXT,
            answered_wall INTEGER,
            answered_mono INTEGER,
            summed_rings INTEGER CHECK (summed_rings >= 0),
            summed_ring_ms INTEGER CHECK (summed_ring_ms >= 0),
            wait_ms INTEGER CHECK (wait_ms >= 0),
            left_wall INTEGER,
            left_mono INTEGER,
            left_boot TEXT,
            left_by TEXT,
            left_message TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX agent_offers_by_call ON agent_offers (call, leg);
        CREATE INDEX agent_offers_by_offer ON agent_offers (offered_wall, agent);
        CREATE INDEX agent_offers_by_agent ON agent_offers (agent, offered_wall);
        CREATE INDEX agent_offers_open ON agent_offers (leg)
            WHERE left_wall IS NULL AND (outcome IS NULL OR outcome = 'answered');

        CREATE TABLE agent_states (
            agent TEXT NOT NULL,
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            boot TEXT,
            since_wall INTEGER NOT NULL,
            since_mono INTEGER NOT NULL,
            state TEXT NOT NULL,
            reason TEXT,
            source TEXT NOT NULL,
            PRIMARY KEY (agent, chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX agent_states_by_time ON agent_states (agent, chain, since_wall);

        CREATE TABLE agent_holds (
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            call BLOB NOT NULL REFERENCES calls (id),
            leg BLOB NOT NULL REFERENCES agent_offers (leg),
            boot TEXT NOT NULL,
            held_wall INTEGER NOT NULL,
            held_mono INTEGER NOT NULL,
            held_position INTEGER,
            resumed_wall INTEGER,
            resumed_mono INTEGER,
            resumed_boot TEXT,
            resumed_position INTEGER,
            PRIMARY KEY (chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX agent_holds_by_leg ON agent_holds (leg, seq);
        CREATE UNIQUE INDEX agent_holds_open ON agent_holds (leg) WHERE resumed_wall IS NULL;

        CREATE TABLE transfers (
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            call BLOB NOT NULL REFERENCES calls (id),
            agent TEXT NOT NULL,
            target TEXT NOT NULL,
            kind TEXT NOT NULL,
            completed INTEGER NOT NULL CHECK (completed IN (0, 1)),
            position INTEGER,
            at_wall INTEGER NOT NULL,
            at_mono INTEGER NOT NULL,
            PRIMARY KEY (chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX transfers_by_call ON transfers (call, seq);
        CREATE INDEX transfers_by_time ON transfers (at_wall);

        CREATE TABLE apologies (
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            call BLOB NOT NULL REFERENCES calls (id),
            -- The queue passage it belongs to, by the event that began it; null where the caller had asked for nobody.
            passage INTEGER,
            owed INTEGER NOT NULL CHECK (owed IN (0, 1)),
            position INTEGER,
            at_wall INTEGER NOT NULL,
            at_mono INTEGER NOT NULL,
            PRIMARY KEY (chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX apologies_by_call ON apologies (call, passage);

        CREATE TABLE recording_segments (
            recording BLOB NOT NULL REFERENCES recordings (id),
            channel INTEGER NOT NULL CHECK (channel >= 0),
            from_position INTEGER NOT NULL,
            role TEXT NOT NULL,
            agent TEXT,
            PRIMARY KEY (recording, channel, from_position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE call_marks (
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            call BLOB NOT NULL REFERENCES calls (id),
            agent TEXT NOT NULL,
            mark TEXT NOT NULL,
            degree INTEGER,
            note TEXT,
            at_wall INTEGER NOT NULL,
            at_mono INTEGER NOT NULL,
            PRIMARY KEY (chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX call_marks_by_call ON call_marks (call, seq);
        CREATE INDEX call_marks_by_time ON call_marks (at_wall);

        CREATE TABLE ratings (
            call BLOB NOT NULL REFERENCES calls (id),
            agent TEXT NOT NULL,
            score INTEGER NOT NULL CHECK (score BETWEEN 1 AND 5),
            order_number TEXT,
            at_wall INTEGER NOT NULL,
            at_mono INTEGER NOT NULL,
            PRIMARY KEY (call, agent)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX ratings_by_time ON ratings (at_wall);

        CREATE TABLE messages (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            call BLOB NOT NULL REFERENCES calls (id),
            recording BLOB NOT NULL REFERENCES recordings (id),
            queue TEXT NOT NULL,
            caller TEXT,
            from_position INTEGER NOT NULL,
            to_position INTEGER NOT NULL,
            left_wall INTEGER NOT NULL,
            left_mono INTEGER NOT NULL,
            due_wall INTEGER,
            due_mono INTEGER,
            heard_wall INTEGER,
            heard_mono INTEGER,
            heard_by TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX messages_by_call ON messages (call);
        CREATE INDEX messages_by_time ON messages (left_wall, id);
        CREATE INDEX messages_unheard ON messages (due_wall, left_wall, id) WHERE heard_wall IS NULL;

        -- The latest asking of each call.
        CREATE TABLE call_backs (
            call BLOB NOT NULL PRIMARY KEY REFERENCES calls (id),
            queue TEXT NOT NULL,
            number TEXT NOT NULL,
            asked_wall INTEGER NOT NULL,
            asked_mono INTEGER NOT NULL,
            due_wall INTEGER,
            due_mono INTEGER,
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            ended_wall INTEGER,
            ended_mono INTEGER,
            reached INTEGER CHECK (reached IN (0, 1)),
            made BLOB CHECK (length(made) = 16),
            agent TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX call_backs_by_time ON call_backs (asked_wall, call);
        CREATE INDEX call_backs_open ON call_backs (due_wall, asked_wall, call) WHERE ended_wall IS NULL;

        CREATE TABLE blocked_numbers (
            number TEXT NOT NULL,
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            blocked_wall INTEGER NOT NULL,
            blocked_mono INTEGER NOT NULL,
            until_wall INTEGER,
            until_mono INTEGER,
            agent TEXT NOT NULL,
            reason TEXT NOT NULL,
            unblocked_wall INTEGER,
            unblocked_mono INTEGER,
            unblocked_by TEXT,
            PRIMARY KEY (number, chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX blocked_numbers_in_force ON blocked_numbers (number) WHERE unblocked_wall IS NULL;

        CREATE TABLE roster_loads (
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq >= 1),
            file TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            agents INTEGER NOT NULL,
            queues INTEGER NOT NULL,
            at_wall INTEGER NOT NULL,
            at_mono INTEGER NOT NULL,
            PRIMARY KEY (chain, seq)
        ) STRICT, WITHOUT ROWID;
        """
}
