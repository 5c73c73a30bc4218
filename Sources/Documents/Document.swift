import Yams

/// Reads YAML into nodes that keep their place. A file is one document.
public enum Document {
    /// Bounds that no data file of ours comes near; a file beyond them is refused before it can cost anything.
    public struct Limits: Sendable {
        /// Bytes of UTF-8.
        public var bytes = 1 << 20
        /// Mappings and lists within each other.
        public var depth = 32
        /// Nodes, with aliases counted as often as they are used.
        public var nodes = 100_000
        /// Aliases (`*name`). With so few, references to references cannot multiply without bound.
        public var aliases = 16

        public init() {}
    }

    /// - Parameters:
    ///   - text: the file's contents.
    ///   - file: its name, for messages.
    public static func parse(
        _ text: String, file: String, limits: Limits = Limits()
    ) throws(DocumentError) -> Node {
        guard text.utf8.count <= limits.bytes else {
            throw DocumentError(
                .limit, file: file, line: 0, column: 0, message: "larger than \(limits.bytes) bytes",
                advice: "Split the file")
        }
        try checkAliases(in: text, file: file, limits: limits)
        let root = try compose(text, file: file)
        guard let root else {
            throw DocumentError(
                .syntax, file: file, line: 1, column: 1, message: "the file is empty",
                advice: "Write a mapping of keys and values")
        }
        var converter = Converter(file: file, limits: limits, nodes: 0)
        return try converter.node(from: root, depth: 0)
    }

    private static func compose(_ text: String, file: String) throws(DocumentError) -> Yams.Node? {
        do {
            // UTF-8 always: the parser's own default reads an environment variable.
            return try Parser(yaml: text, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw DocumentError(error, file: file, text: text)
        } catch {
            throw DocumentError(.syntax, file: file, line: 0, column: 0, message: "not YAML: \(error)")
        }
    }

    /// Counts what may be an alias before anything is composed: the composer hashes the keys of mappings, and would
    /// walk an exponential tree for a key that is an alias of aliases.
    private static func checkAliases(in text: String, file: String, limits: Limits) throws(DocumentError) {
        var count = 0
        var line = 1
        var column = 0
        var mayBegin = true
        var star = false
        for scalar in text.unicodeScalars {
            column += 1
            if star, !isSeparator(scalar), scalar != "\n" {
                count += 1
                guard count <= limits.aliases else {
                    throw DocumentError(
                        .limit, file: file, line: line, column: column - 1,
                        message: "more than \(limits.aliases) aliases (`*name`)", advice: "Write the values out")
                }
            }
            star = mayBegin && scalar == "*"
            mayBegin = isSeparator(scalar) || scalar == "\n"
            if scalar == "\n" {
                line += 1
                column = 0
            }
        }
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " ", "\t", "\r", "[", "{", ",", ":", "-", "?": true
        default: false
        }
    }
}

/// The composer's nodes as ours, within the limits, with every key a text that stands once.
private struct Converter {
    let file: String
    let limits: Document.Limits
    var nodes: Int

    mutating func node(from source: Yams.Node, depth: Int) throws(DocumentError) -> Node {
        let position = Position(line: source.mark?.line ?? 0, column: source.mark?.column ?? 0)
        nodes += 1
        guard depth <= limits.depth, nodes <= limits.nodes else {
            let what =
                depth > limits.depth
                ? "nested deeper than \(limits.depth) levels" : "more than \(limits.nodes) values"
            throw DocumentError(
                .limit, file: file, position: position, message: what, advice: "Write the file more simply")
        }
        switch source {
        case .scalar(let scalar):
            let quoted = scalar.style != .plain && scalar.style != .any
            return Node(.scalar(scalar.string, quoted: quoted), file: file, position: position)
        case .sequence(let sequence):
            var items: [Node] = []
            items.reserveCapacity(sequence.count)
            for item in sequence { items.append(try node(from: item, depth: depth + 1)) }
            return Node(.sequence(items), file: file, position: position)
        case .mapping(let mapping):
            return Node(.mapping(try entries(of: mapping, depth: depth)), file: file, position: position)
        case .alias:
            throw DocumentError(.syntax, file: file, position: position, message: "an alias that names nothing")
        }
    }

    private mutating func entries(
        of mapping: Yams.Node.Mapping, depth: Int
    ) throws(DocumentError) -> [Node.Entry] {
        var entries: [Node.Entry] = []
        var lines: [String: Int] = [:]
        for (key, value) in mapping {
            let position = Position(line: key.mark?.line ?? 0, column: key.mark?.column ?? 0)
            guard case .scalar(let scalar) = key else {
                throw DocumentError(
                    .syntax, file: file, position: position, message: "a key must be a text",
                    advice: "Write `name: value`")
            }
            if let first = lines.updateValue(position.line, forKey: scalar.string) {
                throw DocumentError.duplicateKey(scalar.string, file: file, at: position, first: first)
            }
            entries.append(
                Node.Entry(
                    key: scalar.string, keyPosition: position, value: try node(from: value, depth: depth + 1)))
        }
        return entries
    }
}
