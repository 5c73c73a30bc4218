/// What an audit asks of every order, whether the caller had the same matter before, is answered by the index alone.
///
/// Conventions as before.
enum Migration0018 {
    static let name = "0018"

    static let sql = """
        DROP INDEX orders_by_caller;
        CREATE INDEX orders_by_caller ON orders (caller, created_wall, category) WHERE caller IS NOT NULL;
        """
}
