/// Words that were erased are taken out of the index's older segments, too; what earlier versions left there, once.
///
/// Conventions as before.
enum Migration0019 {
    static let name = "0019"

    static let sql = """
        -- 1: since the last pass began something was erased; 2: a pass is under way; 3: both.
        ALTER TABLE recording_index_fill ADD COLUMN erased INTEGER NOT NULL DEFAULT 1 CHECK (erased BETWEEN 0 AND 3);
        """
}
