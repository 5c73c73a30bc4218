/// What went wrong in the store.
public struct StorageError: Error, Sendable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        public init(_ name: String) { self.name = name }
        /// The data folder or a file in it cannot be made, read or written.
        public static let folder = Code("folder")
        /// Another server holds the data folder.
        public static let locked = Code("locked")
        /// The database is locked, full or away; what was to be written is kept and written later where that is said.
        public static let unavailable = Code("unavailable")
        /// SQLite does not keep a setting that durability rests on.
        public static let settings = Code("settings")
        /// The database's version is not one that this program knows.
        public static let version = Code("version")
        /// A fact contradicts what is stored already (an unknown call, a number given twice).
        public static let conflict = Code("conflict")
        /// Neither the database nor the spool can be written: the facts are not durable.
        public static let lost = Code("lost")
        /// A stored value cannot be read.
        public static let corrupt = Code("corrupt")
        /// An argument is outside its range.
        public static let argument = Code("argument")
        /// The store is closed, or closing.
        public static let closed = Code("closed")
    }

    public var code: Code
    /// For people: what, which file, and what to do.
    public var message: String
    /// The engine's own words, where it said something.
    public var underlying: String?

    public init(_ code: Code, _ message: String, underlying: String? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    public var description: String {
        "\(message) [storage.\(code.name)\(underlying.map { ": \($0)" } ?? "")]"
    }
}
