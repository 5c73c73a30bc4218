/// SQLite's statements about the checking of recordings.
package enum RecordingCheckSQL {
    static let exists = "SELECT 1 FROM recordings WHERE id = ? AND call = ?"

    static let forgetChannelFigures = "DELETE FROM recording_channel_figures WHERE recording = ?"

    static let setFigures = """
        INSERT INTO recording_figures (recording, length_ms, silence_ms, overtalk_ms, threshold_db)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (recording) DO UPDATE SET
            length_ms = excluded.length_ms, silence_ms = excluded.silence_ms, overtalk_ms = excluded.overtalk_ms,
            threshold_db = excluded.threshold_db
        """

    static let insertChannelFigures = """
        INSERT INTO recording_channel_figures (recording, channel, missing_ms, talk_ms, peak, level_cdb, clipped)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """

    static let figures = "SELECT * FROM recording_figures WHERE recording = ?"

    static let channelFigures = "SELECT * FROM recording_channel_figures WHERE recording = ? ORDER BY channel"

    static let openAlarm = """
        INSERT INTO recording_alarms (chain, seq, kind, subject, call, recording, message, opened_wall, opened_mono)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let clearAlarm = """
        UPDATE recording_alarms SET cleared_wall = ?, cleared_mono = ?
        WHERE kind = ? AND subject = ? AND cleared_wall IS NULL
        """

    package static let openAlarms =
        "SELECT * FROM recording_alarms WHERE cleared_wall IS NULL ORDER BY opened_wall, chain, seq"

    /// The first record of its key stays.
    static let insertCarrierRecord = """
        INSERT INTO carrier_records (began_wall, caller, called, seconds, chain, seq) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (began_wall, caller, called, seconds) DO NOTHING
        """

    static let hasCarrierRecord = """
        SELECT 1 FROM carrier_records WHERE began_wall = ? AND caller = ? AND called = ? AND seconds = ?
        """

    static let carrierRecords = """
        SELECT * FROM carrier_records WHERE began_wall >= ? AND began_wall < ?
        ORDER BY began_wall, caller, called, seconds
        """

    static let carrierCalls = """
        SELECT id, caller, called, offered_wall, answered_wall, released_wall FROM calls
        WHERE offered_wall >= ? AND offered_wall < ? AND direction = 'inbound'
            AND NOT EXISTS (SELECT 1 FROM recording_imports WHERE recording_imports.call = calls.id)
        ORDER BY offered_wall, id
        """

    private static let hadAgent = """
        EXISTS (SELECT 1 FROM agent_offers WHERE agent_offers.call = calls.id AND answered_wall IS NOT NULL) AS had_agent
        """

    /// Answered and over; from agents' phones to feature codes nothing is recorded.
    private static let owed = """
        answered_wall IS NOT NULL AND released_wall IS NOT NULL AND direction <> 'internal'
        """

    static let callPage = """
        SELECT calls.*, \(hadAgent) FROM calls
        WHERE offered_wall >= ?1 AND offered_wall < ?2 AND \(owed)
            AND (?3 IS NULL OR (offered_wall, id) > (SELECT offered_wall, id FROM calls WHERE id = ?3))
        ORDER BY offered_wall, id LIMIT ?4
        """

    static let callByID = "SELECT calls.*, \(hadAgent) FROM calls WHERE id = ? AND \(owed)"

    private static let recording = """
        SELECT recordings.*, \(hadAgent) FROM recordings JOIN calls ON calls.id = recordings.call
        """

    static let recordingByID = "\(recording) WHERE recordings.id = ?"

    static let recordingsOfCall = "\(recording) WHERE recordings.call = ? ORDER BY recordings.id"

    static let finishedAfter = """
        \(recording) WHERE recordings.id > ? AND recordings.state = 'finished' ORDER BY recordings.id LIMIT ?
        """

    static let hasFile = "SELECT 1 FROM recordings WHERE file = ?"
}
