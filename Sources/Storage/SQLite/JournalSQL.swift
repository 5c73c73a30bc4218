/// SQLite's statements about the journal.
enum JournalSQL {
    static let head = "SELECT name, seq, hash FROM chains WHERE name = ?"
    static let heads = "SELECT name, seq, hash FROM chains ORDER BY name"

    static let newChain = "INSERT INTO chains (name, seq, hash) VALUES (?, ?, ?)"

    static let moveHead = "UPDATE chains SET seq = ?, hash = ? WHERE name = ?"

    static let insert = """
        INSERT INTO journal (
            chain, seq, id, type, wall, mono, boot, node, call, recording, work_order, salt, body, body_hash, hash
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let has = "SELECT 1 FROM journal WHERE id = ?"

    static let page = "SELECT * FROM journal WHERE chain = ? AND seq > ? ORDER BY seq LIMIT ?"

    static let lastOfChain = "SELECT wall, mono FROM journal WHERE chain = ? ORDER BY seq DESC LIMIT 1"

    static let chainAfter = "SELECT min(chain) FROM journal WHERE chain > ?"
}
