/// What is wrong in a data file, where, and what to do about it.
public struct DocumentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Open-ended: readers of data files add their own (`Code("unknown_step")`).
    public struct Code: Sendable, Hashable {
        public let name: String
        public init(_ name: String) { self.name = name }
        /// The file cannot be read at all.
        public static let unreadable = Code("unreadable")
        /// Not YAML.
        public static let syntax = Code("syntax")
        /// Larger, deeper or with more aliases than a data file of ours ever is.
        public static let limit = Code("limit")
        public static let duplicateKey = Code("duplicate_key")
        public static let unknownKey = Code("unknown_key")
        public static let missingKey = Code("missing_key")
        /// The value is of the wrong kind or out of its range.
        public static let badValue = Code("bad_value")
    }

    public let code: Code
    public let file: String
    /// From 1; 0 where the complaint is about the file as a whole.
    public let line: Int
    /// From 1, in Unicode scalars; 0 likewise.
    public let column: Int
    /// What is wrong, without a full stop at the end.
    public let message: String
    /// What to do; empty where the message says it all.
    public let advice: String

    public init(_ code: Code, file: String, line: Int, column: Int, message: String, advice: String = "") {
        self.code = code
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.advice = advice
    }

    public init(_ code: Code, file: String, position: Position, message: String, advice: String = "") {
        self.init(
            code, file: file, line: position.line, column: position.column, message: message, advice: advice)
    }

    /// `file:line:column: message. advice`
    public var description: String {
        let place = line > 0 ? "\(file):\(line):\(column)" : file
        return advice.isEmpty ? "\(place): \(message)" : "\(place): \(message). \(advice)"
    }
}

/// All complaints about one file, where a caller wants one error to throw.
public struct DocumentErrors: Error, Sendable, CustomStringConvertible {
    /// In the file's order; never empty.
    public let errors: [DocumentError]

    public init(_ errors: [DocumentError]) { self.errors = errors }

    /// One complaint a line.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}
