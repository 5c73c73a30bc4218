/// SQLite's statements about keeping, deleting and erasing.
package enum RetentionSQL {
    // MARK: holds

    static let insertHold = """
        INSERT INTO holds (id, scope, recording, call, work_order, reason, placed_by, placed_wall, placed_mono)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    static let releaseHold = """
        UPDATE holds SET released_wall = ?, released_mono = ?, released_by = ?, release_reason = ?
        WHERE id = ? AND released_wall IS NULL
        """

    static let orderExists = "SELECT 1 FROM orders WHERE id = ?"

    /// With `?1` 0 all, otherwise those in force.
    static let holds = """
        SELECT holds.*, orders.number FROM holds LEFT JOIN orders ON orders.id = holds.work_order
        WHERE ?1 = 0 OR released_wall IS NULL ORDER BY placed_wall, holds.id
        """
    static let holdByID = """
        SELECT holds.*, orders.number FROM holds LEFT JOIN orders ON orders.id = holds.work_order WHERE holds.id = ?
        """

    /// Holds in force on a recording (`?1`) of a call (`?2`).
    static let holdsOnRecording = """
        SELECT id, reason FROM holds WHERE released_wall IS NULL AND scope = 'recording' AND recording = ?1
        UNION ALL
        SELECT id, reason FROM holds WHERE released_wall IS NULL AND scope = 'call' AND call = ?2
        UNION ALL
        SELECT id, reason FROM holds WHERE released_wall IS NULL AND scope = 'order' AND work_order IN (
            SELECT work_order FROM order_recordings WHERE recording = ?1
            UNION SELECT work_order FROM order_calls WHERE call = ?2)
        ORDER BY id
        """

    /// Holds in force on a call, one of its recordings or one of its orders.
    static let holdsOnCall = """
        SELECT id, reason FROM holds WHERE released_wall IS NULL AND call = ?1
        UNION ALL
        SELECT id, reason FROM holds WHERE released_wall IS NULL AND scope = 'order' AND work_order IN (
            SELECT work_order FROM order_calls WHERE call = ?1
            UNION SELECT work_order FROM order_recordings JOIN recordings
                ON recordings.id = order_recordings.recording WHERE recordings.call = ?1)
        ORDER BY id
        """

    static let holdsOnOrder = """
        SELECT id, reason FROM holds WHERE released_wall IS NULL AND scope = 'order' AND work_order = ? ORDER BY id
        """

    // MARK: fates

    /// From any state but that, for the reason of `markDeleted`.
    static let archive = """
        INSERT INTO recording_fates (recording, archived_wall, archived_mono, reason, removal_due)
        SELECT id, ?, ?, ?, 1 FROM recordings WHERE id = ? AND call = ? AND state <> 'deleted'
        """

    /// From any state: where the body that finished it was erased, the journal alone leads to an earlier one.
    static let markDeleted = """
        UPDATE recordings SET state = 'deleted', file = ?, frames = ?, bytes = ?, sha256 = ?
        WHERE id = ? AND call = ? AND state <> 'deleted'
        """
    static let delete = """
        INSERT INTO recording_fates (
            recording, deleted_wall, deleted_mono, cause, rule, reason, deleted_by, removal_due
        ) VALUES (?, ?, ?, ?, ?, ?, ?, 1)
        ON CONFLICT (recording) DO UPDATE SET
            deleted_wall = excluded.deleted_wall, deleted_mono = excluded.deleted_mono, cause = excluded.cause,
            rule = excluded.rule, reason = excluded.reason, deleted_by = excluded.deleted_by, removal_due = 1
        """
    static let removed = """
        UPDATE recording_fates SET removal_due = 0, freed = freed + ?
        WHERE recording = (SELECT id FROM recordings WHERE id = ? AND call = ?) AND removal_due = 1
        """
    static let fate = "SELECT * FROM recording_fates WHERE recording = ?"
    static let deleteNotes = "DELETE FROM recording_notes WHERE recording = ?"
    /// Other systems put numbers into the names of files.
    static let cleanImport = "UPDATE recording_imports SET source_file = '', record_id = NULL WHERE recording = ?"

    /// The order of the joined table is asked for by the other one's column: by its own, every recording there is would
    /// be looked at to find the few that are due.
    package static let due = """
        SELECT recordings.id, recordings.call, recordings.state, recordings.file, recordings.bytes, archived_wall
        FROM recording_fates JOIN recordings ON recordings.id = recording_fates.recording
        WHERE recording_fates.removal_due = 1 ORDER BY recording_fates.recording LIMIT ?
        """

    static let usage = """
        SELECT coalesce(sum(bytes), 0) AS bytes FROM recordings
        LEFT JOIN recording_fates ON recording_fates.recording = recordings.id
        WHERE state = 'finished' AND archived_wall IS NULL
        """

    // MARK: subjects

    private static let subject = """
        SELECT recordings.id, recordings.call, recordings.state, recordings.planned_wall, recordings.purpose,
            recordings.file, recordings.frames, recordings.bytes, recordings.sha256, recording_fates.archived_wall,
            calls.direction, calls.outcome, calls.released_wall
        FROM recordings JOIN calls ON calls.id = recordings.call
        LEFT JOIN recording_fates ON recording_fates.recording = recordings.id
        """
    static let finishedAfter = """
        \(subject) WHERE recordings.id > ? AND recordings.state = 'finished' ORDER BY recordings.id LIMIT ?
        """
    static let subjectsOfCall = "\(subject) WHERE recordings.call = ? ORDER BY recordings.id"

    static let marks = "SELECT DISTINCT mark FROM call_marks WHERE call = ? ORDER BY mark"
    static let orders = """
        SELECT number, category, status, created_wall, closed_wall FROM orders WHERE id IN (
            SELECT work_order FROM order_recordings WHERE recording = ?1
            UNION SELECT work_order FROM order_calls WHERE call = ?2) ORDER BY number
        """
    static let isUnheard = "SELECT 1 FROM messages WHERE recording = ? AND heard_wall IS NULL LIMIT 1"

    static let callSubject = "SELECT id, offered_wall, direction, outcome, released_wall FROM calls WHERE id = ?"
    static let ordersOfCall = """
        SELECT number, category, status, created_wall, closed_wall FROM orders WHERE id IN (
            SELECT work_order FROM order_calls WHERE call = ?1
            UNION SELECT work_order FROM order_recordings JOIN recordings
                ON recordings.id = order_recordings.recording WHERE recordings.call = ?1) ORDER BY number
        """
    static let isUnheardOfCall = "SELECT 1 FROM messages WHERE call = ? AND heard_wall IS NULL LIMIT 1"

    // MARK: a person

    /// Calls that a number (`?1`) has to do with: as caller, as the one called, as who diverted; by an order, a message or
    /// a wish to be called back.
    static let callsOfPerson = """
        SELECT id FROM calls WHERE caller = ?1
        UNION SELECT id FROM calls WHERE called = ?1 AND direction <> 'inbound'
        UNION SELECT id FROM calls WHERE diversion = ?1
        UNION SELECT call FROM order_calls JOIN orders ON orders.id = order_calls.work_order WHERE orders.caller = ?1
        UNION SELECT call FROM messages WHERE caller = ?1
        UNION SELECT call FROM call_backs WHERE number = ?1
        ORDER BY 1 LIMIT ?2
        """
    static let ordersOfPerson = "SELECT id, number FROM orders WHERE caller = ?1 ORDER BY number LIMIT ?2"
    static let ordersMadeInCall = """
        SELECT id, number FROM orders WHERE id IN (SELECT work_order FROM order_calls WHERE call = ?1) ORDER BY number
        """
    static let blockedOfPerson = "SELECT * FROM blocked_numbers WHERE number = ? ORDER BY chain, seq"
    static let unblockings = "SELECT chain, seq, body FROM journal WHERE type = 'number_unblocked' ORDER BY chain, seq"
    static let importsOfPerson = """
        SELECT DISTINCT chain, seq FROM carrier_records WHERE caller = ?1 OR called = ?1 ORDER BY chain, seq
        """
    static let recordsOfPerson = """
        SELECT * FROM carrier_records WHERE caller = ?1 OR called = ?1 ORDER BY began_wall, caller, called, seconds
        """
    static let recordsOfImport = """
        SELECT * FROM carrier_records WHERE chain = ?1 AND seq = ?2 ORDER BY began_wall, caller, called, seconds
        """
    static let eventBody = "SELECT type, body FROM journal WHERE chain = ? AND seq = ?"

    // MARK: erasing

    /// Types whose bodies name nobody but who works here, and no caller's words, numbers or keys. Whatever is not in this
    /// list is erased with the person it belongs to: a fact that comes later is erased until somebody looks at it.
    private static let impersonal = """
        ('call_alerted', 'call_answered', 'leg_established', 'call_released', 'recording_planned', 'recording_started',
        'recording_stopped', 'recording_failed', 'recording_measured', 'recording_replayed', 'recording_alarm',
        'order_linked', 'queue_entered', 'queue_left', 'agent_offered', 'agent_alerted', 'offer_ended',
        'agent_answered', 'agent_left', 'agent_held', 'announced', 'apology_played', 'segment_began', 'rated',
        'call_back_ended', 'form_owed', 'hold_placed', 'hold_released', 'recording_archived', 'recording_deleted',
        'recording_removed', 'personal_data_erased', 'recording_paused', 'recording_resumed')
        """

    /// Kinds of `call_noted` of which the same is true.
    private static let impersonalNotes = """
        ('prompt_started', 'prompt_finished', 'prompt_stopped', 'step', 'gap', 'held', 'resumed', 'play', 'stop',
        'first_packet', 'rtp_active', 'rtp_inactive', 'latched', 'message_started', 'message_ended',
        'media_close_timeout', 'order_failed', 'recording_refused', 'command_refused', 'lookup_failed')
        """

    /// What an order's own fact says goes only with the order.
    static let eraseCall = """
        UPDATE journal SET salt = NULL, body = NULL
        WHERE call = ? AND body IS NOT NULL AND type <> 'order_created' AND type NOT IN \(impersonal)
            AND (type <> 'call_noted'
                OR coalesce(json_extract(CAST(body AS TEXT), '$.data.kind'), '') NOT IN \(impersonalNotes))
        """
    static let eraseOrder = """
        UPDATE journal SET salt = NULL, body = NULL
        WHERE work_order = ? AND body IS NOT NULL AND type NOT IN \(impersonal)
        """

    /// What is the recording's own. Messages and reports are the call's.
    static let eraseRecording = """
        UPDATE journal SET salt = NULL, body = NULL
        WHERE call = ? AND recording = ? AND body IS NOT NULL
            AND type NOT IN ('message_left', 'call_reported') AND type NOT IN \(impersonal)
        """
    static let eraseEvent = "UPDATE journal SET salt = NULL, body = NULL WHERE chain = ? AND seq = ?"

    static let cleanCall = """
        UPDATE calls SET caller = NULL, caller_raw = NULL, diversion = NULL, protocol_call_id = '', digits = '',
            called = CASE direction WHEN 'inbound' THEN called ELSE '' END
        WHERE id = ?
        """
    static let cleanMessages = "UPDATE messages SET caller = NULL, note = NULL WHERE call = ?"
    static let cleanCallBacks = "UPDATE call_backs SET number = '' WHERE call = ?"
    static let cleanMarks = "UPDATE call_marks SET note = NULL WHERE call = ?"
    static let cleanForms = "UPDATE forms SET reason = NULL WHERE call = ?"
    /// Work numbers and queues are no person's telephone.
    static let cleanTransfers = """
        UPDATE transfers SET target = '' WHERE call = ? AND length(target) >= 7 AND target NOT GLOB '*[^0-9+]*'
        """
    static let cleanNotes = "DELETE FROM recording_notes WHERE call = ?"
    /// Scores stay; words about the conversation go.
    static let cleanReviewAnswers = "UPDATE review_answers SET note = NULL WHERE call = ?"
    static let cleanReviews = "UPDATE reviews SET appealed_why = NULL, decided_why = NULL WHERE call = ?"
    static let cleanReviewRevisions = "UPDATE review_revisions SET why = NULL WHERE call = ?"
    /// No caller keys a `-`: neither number nor code open it any more.
    static let cleanOrder = "UPDATE orders SET caller = NULL, code = '-', fields = '{}' WHERE id = ?"
    static let cleanOrderSteps = "DELETE FROM order_steps WHERE work_order = ?"
    static let forgetBlocked = "DELETE FROM blocked_numbers WHERE chain = ? AND seq = ?"
    static let forgetRecords = "DELETE FROM carrier_records WHERE chain = ? AND seq = ?"
    static let recordingsOfOrder = "SELECT recording AS id FROM order_recordings WHERE work_order = ?"
}
