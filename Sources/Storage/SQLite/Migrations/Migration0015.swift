/// Who may use the console, and what they saw; orders by whom they wait for.
///
/// Conventions as before. Lists are JSON.
enum Migration0015 {
    static let name = "0015"

    static let sql = """
        CREATE TABLE persons (
            person TEXT NOT NULL PRIMARY KEY,
            title TEXT NOT NULL,
            roles TEXT NOT NULL,
            order_roles TEXT NOT NULL,
            unit TEXT,
            work_number TEXT,
            active INTEGER NOT NULL CHECK (active IN (0, 1)),
            changed_wall INTEGER NOT NULL,
            changed_mono INTEGER NOT NULL,
            changed_by TEXT
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE accesses (
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL,
            wall INTEGER NOT NULL,
            mono INTEGER NOT NULL,
            kind TEXT NOT NULL,
            person TEXT NOT NULL,
            subject TEXT,
            address TEXT,
            PRIMARY KEY (chain, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX accesses_by_time ON accesses (wall);
        CREATE INDEX accesses_by_subject ON accesses (subject, wall) WHERE subject IS NOT NULL;

        CREATE INDEX orders_open ON orders (owner_unit, created_wall) WHERE closed_wall IS NULL;
        """
}
