/// A value of a data file that remembers where it stands, so that every complaint can point.
public struct Node: Sendable, Hashable {
    public indirect enum Kind: Sendable, Hashable {
        /// Text as written; `quoted` tells `"12"` from `12`. Block texts (`|`, `>`) count as quoted.
        case scalar(String, quoted: Bool)
        case sequence([Node])
        /// In the file's order; no key twice.
        case mapping([Entry])
    }

    /// A key and its value.
    public struct Entry: Sendable, Hashable {
        public let key: String
        /// Where the key stands.
        public let keyPosition: Position
        public let value: Node

        public init(key: String, keyPosition: Position, value: Node) {
            self.key = key
            self.keyPosition = keyPosition
            self.value = value
        }
    }

    public let kind: Kind
    /// The file's name as given to the parser, for messages.
    public let file: String
    public let position: Position

    public init(_ kind: Kind, file: String, position: Position) {
        self.kind = kind
        self.file = file
        self.position = position
    }

    /// The text of a scalar; nil for anything else, and for nothing (`key:`, `~`, `null`).
    public var text: String? {
        guard case .scalar(let text, _) = kind, !isNull else { return nil }
        return text
    }

    /// An empty value, `~` or `null`, not in quotes.
    public var isNull: Bool {
        guard case .scalar(let text, quoted: false) = kind else { return false }
        return text.isEmpty || text == "~" || text == "null"
    }

    /// The items of a sequence; nil for anything else.
    public var items: [Node]? {
        guard case .sequence(let items) = kind else { return nil }
        return items
    }

    /// The entries of a mapping; nil for anything else.
    public var entries: [Entry]? {
        guard case .mapping(let entries) = kind else { return nil }
        return entries
    }

    /// What the value is, for messages: "a text", "a list", "a mapping", "nothing".
    public var kindName: String {
        switch kind {
        case .scalar: isNull ? "nothing" : "a text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// A complaint that points here.
    public func error(_ code: DocumentError.Code, _ message: String, advice: String = "") -> DocumentError {
        DocumentError(code, file: file, position: position, message: message, advice: advice)
    }
}
