/// SQLite's statements about anchors.
enum AnchorSQL {
    static let insert = """
        INSERT INTO anchors (
            fingerprint, chain, seq, date, zone, from_wall, to_wall, recordings, root, anchor, made_wall, made_mono
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let insertDelivery = """
        INSERT INTO anchor_deliveries (
            chain, seq, fingerprint, way, attempt, delivered, message, at_wall, at_mono
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let select = "SELECT * FROM anchors"
    static let newestFirst = "ORDER BY date DESC"
    static let ofChain = "SELECT seq, anchor FROM anchors WHERE chain = ? AND seq > ? AND seq <= ? ORDER BY seq"

    static let deliveries = """
        SELECT way, attempt, delivered, message, at_wall, at_mono FROM anchor_deliveries
        WHERE fingerprint = ? ORDER BY at_wall, chain, seq
        """

    /// The events that finish recordings, as they were written down on a day.
    static let finished = """
        SELECT chain, seq, body FROM journal
        WHERE type = 'recording_finished' AND wall >= ? AND wall < ? AND body IS NOT NULL
        ORDER BY wall, chain, seq
        """

    static let eventsThrough = """
        SELECT chain, seq, type, salt, body, body_hash, hash FROM journal
        WHERE chain = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?
        """

    /// Of the next events of a chain: the last one looked at, and the first and last of a period.
    static let spanOfPeriod = """
        SELECT max(seq) AS last, min(CASE WHEN wall >= ? AND wall < ? THEN seq END) AS first_inside,
            max(CASE WHEN wall >= ? AND wall < ? THEN seq END) AS last_inside
        FROM (SELECT seq, wall FROM journal WHERE chain = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?)
        """

    static let hashOf = "SELECT hash FROM journal WHERE chain = ? AND seq = ?"
}
