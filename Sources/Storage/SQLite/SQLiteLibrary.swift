import CSQLite

/// SQLite's settings for the whole process.
enum SQLiteLibrary {
    /// SQLite counts the memory it uses, behind one lock that every connection takes at each of its allocations: readers that
    /// audit side by side waited for it thousands of times a second. Nobody here reads the count.
    ///
    /// Where something in the process used the library before, it refuses, and all works as it did.
    static let countsNoMemory: Bool = hotline_sqlite_count_no_memory() == SQLITE_OK
}
