/// SQLite's statements about pauses of recordings.
enum PauseSQL {
    static let begin = """
        INSERT INTO recording_pauses
            (recording, from_position, call, began_by, began_agent, reason, limit_ms, began_wall, began_mono)
        SELECT id, ?, call, ?, ?, ?, ?, ?, ? FROM recordings WHERE id = ? AND call = ?
        """

    static let end = """
        UPDATE recording_pauses SET to_position = ?, ended_by = ?, ended_agent = ?, ended_wall = ?, ended_mono = ?
        WHERE recording = ? AND call = ? AND to_position IS NULL
        """

    static let isOpen = "SELECT 1 FROM recording_pauses WHERE recording = ? AND to_position IS NULL"

    static let ofRecording = "SELECT * FROM recording_pauses WHERE recording = ? ORDER BY from_position"
}
