/// SQLite's statements that keep the index of recordings.
enum RecordingIndexSQL {
    /// Stands around each member of a set.
    static let separator = "\u{1F}"

    /// Everything that the index says of a recording, from the tables that follow from the facts.
    static let derive = """
        SELECT recordings.planned_wall, recordings.call, recordings.state, recordings.purpose,
            CASE
                WHEN recordings.frames IS NOT NULL AND recordings.rate > 0
                    THEN recordings.frames * 1000 / recordings.rate
                WHEN recordings.length IS NOT NULL THEN recordings.length / 48
                ELSE -1
            END AS length_ms,
            calls.line, calls.caller, calls.digits, coalesce(calls.outcome, '') AS outcome,
            coalesce(calls.released_by, '') AS released_by, coalesce(calls.rings, -1) AS rings,
            coalesce(
                (SELECT score FROM ratings WHERE call = calls.id ORDER BY at_wall DESC, agent DESC LIMIT 1), -1
            ) AS rating,
            coalesce(
                (SELECT char(31) || group_concat(mark, char(31)) || char(31) FROM
                    (SELECT DISTINCT mark FROM call_marks WHERE call = calls.id ORDER BY mark)), '') AS marks,
            coalesce(
                (SELECT char(31) || group_concat(category, char(31)) || char(31) FROM
                    (SELECT DISTINCT orders.category FROM order_recordings
                        JOIN orders ON orders.id = order_recordings.work_order
                        WHERE order_recordings.recording = recordings.id ORDER BY orders.category)), '') AS categories
        FROM recordings JOIN calls ON calls.id = recordings.call WHERE recordings.id = ?
        """

    static let byID = "SELECT place, facet FROM recording_index WHERE id = ?"
    static let placesByCall = "SELECT place, id FROM recording_index WHERE call = ?"

    /// The last place taken in one microsecond.
    static let lastPlace = "SELECT max(place) AS place FROM recording_index WHERE place >= ? AND place < ?"
    static let idAt = "SELECT id FROM recording_index WHERE place = ?"
    static let isTaken = "SELECT 1 FROM recording_index WHERE place = ?"

    static let insert = """
        INSERT INTO recording_index (place, id, call, facet, length, caller, digits, moment)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?1)
        """

    /// Passes over a row that would stay as it is.
    static let update = """
        UPDATE recording_index SET facet = ?1, length = ?2, caller = ?3, digits = ?4
        WHERE place = ?5 AND (facet, length, caller, digits) IS NOT (?1, ?2, ?3, ?4)
        """

    private static let facetColumns =
        "line, outcome, released_by, rings, rating, marks, categories, state, purpose, texts"

    static let facet = """
        SELECT id FROM recording_facets WHERE (\(facetColumns)) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    static let insertFacet = """
        INSERT INTO recording_facets (\(facetColumns), recordings) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
        RETURNING id
        """
    static let countFacet = "UPDATE recording_facets SET recordings = recordings + ? WHERE id = ?"

    static let agentsOfCall = """
        INSERT OR IGNORE INTO recording_agents (agent, place)
        SELECT agent_offers.agent, recording_index.place
        FROM recording_index JOIN agent_offers ON agent_offers.call = recording_index.call
        WHERE recording_index.call = ?1 AND agent_offers.answered_wall IS NOT NULL
        UNION ALL
        SELECT recording_imports.agent, recording_index.place
        FROM recording_index JOIN recording_imports ON recording_imports.recording = recording_index.id
        WHERE recording_index.call = ?1 AND recording_imports.agent IS NOT NULL
        """

    static let text = "SELECT body FROM recording_texts WHERE place = ?"
    static let notes = "SELECT text FROM recording_notes WHERE recording = ? ORDER BY chain, seq"
    static let orderFields = """
        SELECT fields FROM orders WHERE id IN (SELECT work_order FROM order_recordings WHERE recording = ?) ORDER BY id
        """
    static let insertText = "INSERT INTO recording_texts (place, body) VALUES (?, ?)"
    static let deleteText = "DELETE FROM recording_texts WHERE place = ?"
    static let updateText = "UPDATE recording_texts SET body = ?2 WHERE place = ?1"
    static let insertWords = "INSERT INTO recording_words (rowid, body) VALUES (?, ?)"
    /// FTS5 must be told what it took in, since it does not keep it.
    static let deleteWords = "INSERT INTO recording_words (recording_words, rowid, body) VALUES ('delete', ?, ?)"

    static let mergeWords = "INSERT INTO recording_words (recording_words, rank) VALUES ('merge', ?)"
    static let mergeTwo = "INSERT INTO recording_words (recording_words, rank) VALUES ('usermerge', 2)"
    static let renewWords = "INSERT INTO recording_words (recording_words) VALUES ('rebuild')"
    static let wordsStructure = "SELECT block FROM recording_words_data WHERE id = 10"
    static let pass = "SELECT erased FROM recording_index_fill"
    static let setPass = "UPDATE recording_index_fill SET erased = ?"
    static let wantPass = "UPDATE recording_index_fill SET erased = erased | ?"

    static let fill = "SELECT last, complete FROM recording_index_fill"
    static let fillBatch = "SELECT id FROM recordings WHERE id > ? ORDER BY id LIMIT ?"
    static let moveFill = "UPDATE recording_index_fill SET last = ?, complete = ?"

    /// Facets whose count is not that of their recordings.
    static let miscounted = """
        SELECT recording_facets.id FROM recording_facets
        LEFT JOIN (SELECT facet, count(*) AS n FROM recording_index GROUP BY facet) AS counted
            ON counted.facet = recording_facets.id
        WHERE recording_facets.recordings <> coalesce(counted.n, 0)
        """
}
