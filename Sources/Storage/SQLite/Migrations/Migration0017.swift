/// Notices that callers hear in the flow: each time that one was switched.
///
/// Conventions as before.
enum Migration0017 {
    static let name = "0017"

    static let sql = """
        CREATE TABLE notices (
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL,
            notice TEXT NOT NULL,
            prompt TEXT,
            until_wall INTEGER,
            set_wall INTEGER NOT NULL,
            set_mono INTEGER NOT NULL,
            by_name TEXT NOT NULL,
            why TEXT NOT NULL,
            PRIMARY KEY (chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX notices_by_notice ON notices (notice, set_wall);
        """
}
