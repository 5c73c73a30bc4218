/// How often a modem said RING, beside the nominal rings.
enum Migration0002 {
    static let name = "0002"

    static let sql = """
        ALTER TABLE calls ADD COLUMN raw_rings INTEGER;
        """
}
