/// SQLite's statements about recordings.
package enum RecordingSQL {
    static let insert = """
        INSERT INTO recordings (id, call, node, state, planned_wall, planned_mono, purpose)
        VALUES (?, ?, ?, 'planned', ?, ?, ?)
        """

    static let insertChannel = """
        INSERT INTO recording_channels (recording, channel, leg, role, tap) VALUES (?, ?, ?, ?, ?)
        """

    static let start = """
        UPDATE recordings SET state = 'started', started_wall = ?, started_mono = ?
        WHERE id = ? AND call = ? AND state = 'planned'
        """

    static let stop = """
        UPDATE recordings SET state = 'stopped', stopped_wall = ?, stopped_mono = ?, length = ?
        WHERE id = ? AND call = ? AND state IN ('planned', 'started')
        """

    static let finish = """
        UPDATE recordings SET
            state = 'finished', finished_wall = ?, finished_mono = ?, file = ?, format = ?, rate = ?, frames = ?,
            bytes = ?, sha256 = ?, gaps = ?, recovered = ?, failure = NULL
        WHERE id = ? AND call = ? AND state NOT IN ('finished', 'deleted')
        """

    static let fail = """
        UPDATE recordings SET state = 'failed', finished_wall = ?, finished_mono = ?, failure = ?
        WHERE id = ? AND call = ? AND state NOT IN ('finished', 'deleted')
        """

    static let note = """
        INSERT INTO recording_notes (chain, seq, recording, call, agent, position, text, at_wall, at_mono)
        SELECT ?, ?, id, call, ?, ?, ?, ?, ? FROM recordings WHERE id = ? AND call = ?
        """

    static let notes = "SELECT * FROM recording_notes WHERE recording = ? ORDER BY chain, seq"

    static let byID = "SELECT * FROM recordings WHERE id = ?"

    static let byCall = "SELECT * FROM recordings WHERE call = ? ORDER BY id"

    package static let unfinished = """
        SELECT * FROM recordings WHERE state IN ('planned', 'started', 'stopped') ORDER BY id
        """

    static let channels = """
        SELECT channel, leg, role, tap FROM recording_channels WHERE recording = ? ORDER BY channel
        """

    static let orders = """
        SELECT DISTINCT orders.number FROM order_recordings JOIN orders ON orders.id = order_recordings.work_order
        WHERE order_recordings.recording = ? ORDER BY orders.number
        """
}
