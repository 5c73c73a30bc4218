/// SQLite's statements about work orders and their numbers.
enum OrderSQL {
    static let insert = """
        INSERT INTO orders (id, number, code, category, status, caller, created_wall, created_mono, fields)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let insertCall = "INSERT INTO order_calls (work_order, call, role) VALUES (?, ?, ?)"

    static let insertRecording = """
        INSERT INTO order_recordings (work_order, recording, role, from_position, to_position) VALUES (?, ?, ?, ?, ?)
        """

    static let select = """
        SELECT orders.*,
            (SELECT call FROM order_calls WHERE work_order = orders.id AND role = 'created' LIMIT 1) AS call
        FROM orders
        """
    static let newestFirst = "ORDER BY created_wall DESC, id DESC"

    static let byNumber = select + "\nWHERE number = ?"
    static let byNumberAndCode = select + "\nWHERE number = ? AND code = ?"
    static let byCaller = select + "\nWHERE caller = ?\n" + newestFirst + " LIMIT ?"

    static let recordings = """
        SELECT order_recordings.recording, order_recordings.role, from_position, to_position, recordings.file
        FROM order_recordings JOIN recordings ON recordings.id = order_recordings.recording
        WHERE work_order = ? ORDER BY order_recordings.recording, order_recordings.role, from_position
        """

    static let calls = "SELECT call, role FROM order_calls WHERE work_order = ? ORDER BY call, role"

    /// No row: no order; 0: no step yet.
    static let lastStep = """
        SELECT coalesce((SELECT max(number) FROM order_steps WHERE work_order = orders.id), 0) AS number
        FROM orders WHERE id = ?
        """

    static let insertStep = """
        INSERT INTO order_steps
            (work_order, number, step, by_name, role, unit, happened_wall, entered_wall, why, fields, state)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let setState = """
        UPDATE orders SET life = ?, policy = ?, state = ?, status = ?, owner = ?, owner_unit = ?, closed_wall = ?
        WHERE id = ?
        """

    static let steps = "SELECT * FROM order_steps WHERE work_order = ? ORDER BY number"

    static let reserve = """
        INSERT INTO order_number_blocks (date, reserved) VALUES (?, ?)
        ON CONFLICT (date) DO UPDATE SET reserved = reserved + excluded.reserved
        RETURNING reserved
        """

    static let skipNumbers = "UPDATE order_number_blocks SET reserved = reserved + ?"
}
