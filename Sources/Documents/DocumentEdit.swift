/// Changes values of a YAML text in their places and leaves everything else as it was written, comments included.
///
/// Every change is proven: the text that came of it is parsed, and must mean what was there before with the one
/// difference. What is written in a way that lines cannot tell apart (anchors, nested values, several entries on a line)
/// is refused, never guessed at.
public struct DocumentEdit: Sendable {
    /// What a key is given.
    public enum Value: Sendable, Hashable {
        /// A text; in quotes wherever YAML could read it otherwise.
        case text(String)
        /// As it is typed in data files, `30s`, `4`, `true`; in quotes only where YAML wants them.
        case plain(String)
        case list([String])
    }

    /// A key with its new value; nil takes the key away.
    public struct Field: Sendable, Hashable {
        public var key: String
        public var value: Value?

        public init(_ key: String, _ value: Value?) {
            self.key = key
            self.value = value
        }
    }

    /// The text as it stands now.
    public private(set) var text: String
    private let file: String

    /// - Parameter file: its name, for messages.
    public init(_ text: String, file: String) {
        self.text = text
        self.file = file
    }

    // MARK: - Changes

    /// Gives keys of the file's own mapping their values.
    /// - Throws: what is wrong with the text, or that the place cannot be changed.
    public mutating func set(_ fields: [Field]) throws(DocumentError) {
        let root = try Document.parse(text, file: file)
        guard let entries = root.entries else { throw unchangeable(root, "the file is no mapping") }
        var lines = Lines(text)
        let block = Block(
            lines: 0..<lines.all.count, keys: try keys(entries, within: 0..<lines.all.count, of: root, lines),
            indent: 0)
        lines.apply(fields, to: block, entries)
        try adopt(lines, expecting: Meaning(root).setting(fields))
    }

    /// Gives keys of an entry their values. The entry is the one of the list whose `key` is `name`.
    /// - Throws: as `set(_:)`; `.unknownKey` where there is no such entry.
    public mutating func set(
        _ fields: [Field], where key: String, is name: String, in list: String
    ) throws(DocumentError) {
        let (root, items, index) = try entry(key, name, list)
        var lines = Lines(text)
        let (dash, extents) = try self.extents(of: items, lines)
        let entries = items[index].entries ?? []
        if let keys = try? keys(entries, within: extents[index], of: items[index], lines),  // else written anew below
            fields.allSatisfy({ $0.value != nil || $0.key != entries.first?.key })
        {
            lines.apply(fields, to: Block(lines: extents[index], keys: keys, indent: dash + 2), entries)
        } else {
            var written: [Field] = []
            for entry in entries {
                let field = fields.first { $0.key == entry.key }
                let value: Value?
                if let field { value = field.value } else { value = try Self.value(of: entry.value) }
                if let value { written.append(Field(entry.key, value)) }
            }
            written += fields.filter { field in !entries.contains { $0.key == field.key } }
            lines.replace(extents[index], with: Self.rendered(written, dash: dash))
        }
        var meanings = items.map(Meaning.init)
        meanings[index] = meanings[index].setting(fields)
        try adopt(lines, expecting: Meaning(root).setting(list, .list(meanings)))
    }

    /// Puts an entry at the end of a list of mappings that is there.
    /// - Throws: as `set(_:)`.
    public mutating func add(_ fields: [Field], to list: String) throws(DocumentError) {
        let (root, items) = try self.items(of: list)
        var lines = Lines(text)
        let (dash, extents) = try self.extents(of: items, lines)
        let end = extents[extents.count - 1].upperBound
        lines.replace(end..<end, with: Self.rendered(fields, dash: dash))
        let meanings = items.map(Meaning.init) + [Meaning.mapping([:]).setting(fields)]
        try adopt(lines, expecting: Meaning(root).setting(list, .list(meanings)))
    }

    /// Takes an entry out of a list; comments before it stay.
    /// - Throws: as `set(_:where:is:in:)`; also for the last of the list.
    public mutating func remove(where key: String, is name: String, in list: String) throws(DocumentError) {
        let (root, items, index) = try entry(key, name, list)
        guard items.count > 1 else { throw unchangeable(items[index], "it is the only one of `\(list)`") }
        var lines = Lines(text)
        lines.replace(try extents(of: items, lines).extents[index], with: [])
        var meanings = items.map(Meaning.init)
        meanings.remove(at: index)
        try adopt(lines, expecting: Meaning(root).setting(list, .list(meanings)))
    }

    // MARK: - Finding

    private func items(of list: String) throws(DocumentError) -> (root: Node, items: [Node]) {
        let root = try Document.parse(text, file: file)
        guard let node = root.entries?.first(where: { $0.key == list })?.value, let items = node.items, !items.isEmpty
        else { throw unchangeable(root, "there is no list `\(list)`") }
        return (root, items)
    }

    private func entry(
        _ key: String, _ name: String, _ list: String
    ) throws(DocumentError) -> (root: Node, items: [Node], index: Int) {
        let (root, items) = try items(of: list)
        let index = items.firstIndex { item in
            item.entries?.first { $0.key == key }?.value.text == name
        }
        guard let index else {
            throw DocumentError(
                .unknownKey, file: file, position: root.position,
                message: "no entry of `\(list)` has the \(key) \(name)")
        }
        return (root, items, index)
    }

    /// The lines of each item, without the comments and empty lines behind it, and how far the dashes stand in.
    private func extents(of items: [Node], _ lines: Lines) throws(DocumentError) -> (dash: Int, extents: [Range<Int>]) {
        var starts: [Int] = []
        for item in items {
            let start = item.position.line - 1
            guard item.entries != nil, lines.all.indices.contains(start), lines.body(start).hasPrefix("- "),
                starts.last.map({ $0 < start && lines.indent($0) == lines.indent(start) }) ?? true
            else { throw unchangeable(item, "it does not stand in lines of its own") }
            starts.append(start)
        }
        guard let last = starts.last else { return (0, []) }
        let dash = lines.indent(last)
        var end = last + 1
        while end < lines.all.count, lines.isIdle(end) || lines.indent(end) > dash { end += 1 }
        let ends = starts.dropFirst() + [end]
        return (dash, zip(starts, ends).map { lines.trimmed($0..<$1) })
    }

    /// The lines of each key of a mapping that is written as a block.
    private func keys(
        _ entries: [Node.Entry], within lines: Range<Int>, of node: Node, _ text: Lines
    ) throws(DocumentError) -> [Range<Int>] {
        let starts = entries.map { $0.keyPosition.line - 1 }
        let isOrdered = zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 }
        guard isOrdered, starts.allSatisfy(lines.contains) else {
            throw unchangeable(node, "several of its keys stand in one line")
        }
        for (entry, start) in zip(entries, starts) {
            let body = text.body(start)
            guard [entry.key, "- \(entry.key)"].contains(where: { body.hasPrefix("\($0):") }) else {
                throw unchangeable(node, "`\(entry.key)` does not begin its line")
            }
        }
        return zip(starts, starts.dropFirst() + [lines.upperBound]).map { text.trimmed($0..<$1) }
    }

    private func unchangeable(_ node: Node, _ why: String) -> DocumentError {
        node.error(.badValue, "this cannot be changed by a program: \(why)", advice: "Change it in the file")
    }

    /// What is there already, to be written anew.
    private static func value(of node: Node) throws(DocumentError) -> Value? {
        switch node.kind {
        case .scalar(let text, let isQuoted): return node.isNull ? nil : isQuoted ? .text(text) : .plain(text)
        case .sequence(let items):
            let texts = items.compactMap(\.text)
            if texts.count == items.count { return .list(texts) }
        case .mapping: break
        }
        throw node.error(
            .badValue, "this cannot be changed by a program: there are mappings within it",
            advice: "Change it in the file")
    }

    /// Takes the new text, where it means what it should.
    private mutating func adopt(_ lines: Lines, expecting wanted: Meaning) throws(DocumentError) {
        let changed = lines.text
        let root = try Document.parse(changed, file: file)
        guard Meaning(root) == wanted else {
            throw unchangeable(root, "it is written in a way that lines do not tell apart")
        }
        text = changed
    }

    // MARK: - Writing

    private static func rendered(_ fields: [Field], dash: Int) -> [String] {
        let spaces = String(repeating: " ", count: dash)
        return fields.compactMap { field in field.value.map { "\(field.key): \(rendered($0))" } }.enumerated()
            .map { index, line in spaces + (index == 0 ? "- " : "  ") + line }
    }

    fileprivate static func rendered(_ value: Value) -> String {
        switch value {
        case .text(let text): isWord(text) ? text : quoted(text)
        case .plain(let text): isPlain(text) ? text : quoted(text)
        case .list(let items): "[" + items.map { isWord($0) ? $0 : quoted($0) }.joined(separator: ", ") + "]"
        }
    }

    /// Words that YAML, of one version or another, takes for something else.
    private static let taken: Set<String> = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]

    /// Letters, with digits and underscores behind them: nothing that is read as a number, a truth or nothing.
    private static func isWord(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, first.properties.isAlphabetic, !taken.contains(text.lowercased())
        else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_"
        }
    }

    /// What a person types without quotes: `30s`, `4`, `mon-fri`.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (97...122).contains(byte | 32) || byte == UInt8(ascii: "_")
            }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case _ where scalar == "\"" || scalar == "\\": quoted += "\\\(scalar)"
            case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate:
                let hex = String(scalar.value, radix: 16)
                quoted += "\\U" + String(repeating: "0", count: 8 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// A mapping in lines of its own.
private struct Block {
    var lines: Range<Int>
    /// Of each key, in the mapping's order.
    var keys: [Range<Int>]
    /// How far its keys stand in.
    var indent: Int
}

/// A text in lines.
private struct Lines {
    /// Without their ends.
    var all: [Substring]
    private let end: String

    init(_ text: String) {
        // A carriage return and a line feed are one character, but two bytes.
        all = text.utf8.split(separator: 10, omittingEmptySubsequences: false).map { Substring($0) }
        let isDOS = all.count > 1 && all[0].utf8.last == 13
        if isDOS { all = all.map { $0.utf8.last == 13 ? Substring($0.utf8.dropLast()) : $0 } }
        end = isDOS ? "\r\n" : "\n"
        // What ends with a line's end has nothing behind it.
        if all.last?.isEmpty == true { all.removeLast() }
    }

    var text: String { all.map { $0 + end }.joined() }

    func indent(_ line: Int) -> Int { all[line].utf8.prefix { $0 == 32 }.count }

    /// A line without the spaces before it.
    func body(_ line: Int) -> Substring { Substring(all[line].utf8.dropFirst(indent(line))) }

    /// Empty, or nothing but a comment.
    func isIdle(_ line: Int) -> Bool {
        let body = body(line).utf8.first { $0 != 32 && $0 != 9 }
        return body == nil || body == UInt8(ascii: "#")
    }

    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var end = range.upperBound
        while end > range.lowerBound + 1, isIdle(end - 1) { end -= 1 }
        return range.lowerBound..<end
    }

    mutating func replace(_ range: Range<Int>, with lines: [String]) {
        all.replaceSubrange(range, with: lines.map { Substring($0) })
    }

    /// Writes fields over their keys' lines, from the last to the first, so that lines keep their numbers; new keys come
    /// behind the others.
    mutating func apply(_ fields: [DocumentEdit.Field], to block: Block, _ entries: [Node.Entry]) {
        let spaces = String(repeating: " ", count: block.indent)
        let new = fields.filter { field in field.value != nil && !entries.contains { $0.key == field.key } }
        let end = block.keys.last?.upperBound ?? block.lines.lowerBound
        replace(end..<end, with: new.map { spaces + "\($0.key): \(DocumentEdit.rendered($0.value ?? .list([])))" })
        for (entry, range) in zip(entries, block.keys).reversed() {
            guard let field = fields.first(where: { $0.key == entry.key }) else { continue }
            guard let value = field.value else {
                replace(range, with: [])
                continue
            }
            let line = all[range.lowerBound]
            let before = line[..<(line.firstRange(of: "\(entry.key):")?.lowerBound ?? line.startIndex)]
            replace(
                range,
                with: [
                    before + "\(entry.key): \(DocumentEdit.rendered(value))" + (range.count == 1 ? remark(line) : "")
                ])
        }
    }

    /// The comment at a line's end with the space before it; empty where there is none.
    private func remark(_ line: Substring) -> Substring {
        var quote: UInt8?
        var last: UInt8 = 0
        for (index, byte) in zip(line.utf8.indices, line.utf8) {
            if let open = quote {
                if byte == open, last != UInt8(ascii: "\\") || open == UInt8(ascii: "'") { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: "#"), last == 32 || last == 9 {
                let blank = line[..<index].utf8.reversed().prefix { $0 == 32 || $0 == 9 }.count
                return Substring(line.utf8.suffix(line.utf8.distance(from: index, to: line.utf8.endIndex) + blank))
            }
            last = byte
        }
        return ""
    }
}

/// What a text means, wherever it stands.
private indirect enum Meaning: Equatable {
    case nothing
    case text(String)
    case list([Meaning])
    case mapping([String: Meaning])

    init(_ node: Node) {
        switch node.kind {
        case .scalar(let text, _): self = node.isNull ? .nothing : .text(text)
        case .sequence(let items): self = .list(items.map(Meaning.init))
        case .mapping(let entries):
            self = .mapping(
                Dictionary(entries.map { ($0.key, Meaning($0.value)) }, uniquingKeysWith: { first, _ in first }))
        }
    }

    private init(_ value: DocumentEdit.Value) {
        switch value {
        case .text(let text), .plain(let text): self = .text(text)
        case .list(let items): self = .list(items.map(Meaning.text))
        }
    }

    func setting(_ key: String, _ value: Meaning?) -> Meaning {
        guard case .mapping(var entries) = self else { return self }
        entries[key] = value
        return .mapping(entries)
    }

    func setting(_ fields: [DocumentEdit.Field]) -> Meaning {
        fields.reduce(self) { $0.setting($1.key, $1.value.map(Meaning.init)) }
    }
}
