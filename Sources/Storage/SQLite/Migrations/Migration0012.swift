/// The life of work orders: their steps, and where they stand.
///
/// Conventions as before. `happened_wall` is when a step was done, `entered_wall` when it was written down. An order without
/// a life has had no step since it was made; `closed_wall` is null while it is open.
enum Migration0012 {
    static let name = "0012"

    static let sql = """
        ALTER TABLE orders ADD COLUMN life TEXT;
        ALTER TABLE orders ADD COLUMN policy TEXT;
        ALTER TABLE orders ADD COLUMN state TEXT;
        ALTER TABLE orders ADD COLUMN owner TEXT;
        ALTER TABLE orders ADD COLUMN owner_unit TEXT;
        ALTER TABLE orders ADD COLUMN closed_wall INTEGER;

        CREATE TABLE order_steps (
            work_order BLOB NOT NULL REFERENCES orders (id),
            number INTEGER NOT NULL CHECK (number > 0),
            step TEXT NOT NULL,
            by_name TEXT NOT NULL,
            role TEXT NOT NULL,
            unit TEXT,
            happened_wall INTEGER NOT NULL,
            entered_wall INTEGER NOT NULL,
            why TEXT,
            fields TEXT NOT NULL,
            state TEXT NOT NULL,
            PRIMARY KEY (work_order, number)
        ) STRICT, WITHOUT ROWID;
        """
}
