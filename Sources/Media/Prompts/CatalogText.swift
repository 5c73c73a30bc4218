/// A catalog's YAML as text, for setting keys of entries in place: comments, order and all other lines stay as people
/// wrote them. Knows block style alone (one key a line), which the loader's marks lead it to.
struct CatalogText {
    private var lines: [String]
    private let path: String

    init(_ text: String, path: String) {
        // By bytes: a CR before the line feed stays with its line.
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        self.path = path
    }

    /// The whole text again.
    var text: String { lines.joined(separator: "\n") }

    /// Sets keys of the entry whose first key stands at `line` and `column` (both from 1): replaces a key's line where
    /// it has one, else adds it after the entry's last. A key without a value is taken out.
    /// - Throws: `MediaError` with code `.prompt` where the entry is not written in block style, or begins with a key that
    ///   is to be taken out.
    mutating func set(_ values: [(key: String, value: String?)], line: Int, column: Int) throws(MediaError) {
        let first = line - 1
        let indent = column - 1
        guard lines.indices.contains(first), indent >= 0, lines[first].utf8.count > indent,
            lines[first].prefix(indent).allSatisfy({ $0 == " " || $0 == "-" }),
            Self.key(in: lines[first], indent: indent, first: true) != nil
        else {
            throw MediaError(
                .prompt, "\(path):\(line): this entry cannot be edited in place; write it with one `key: value` a line")
        }
        var end = first + 1
        var last = first
        while end < lines.count {
            let content = lines[end].drop { $0 == " " || $0 == "\r" }
            // Blank lines and comments belong to the entry only when more of it follows.
            if !content.isEmpty, !content.hasPrefix("#") {
                guard Self.indentation(lines[end]) >= indent else { break }
                last = end
            }
            end += 1
        }
        for (key, value) in values {
            let own = (first...last).first { Self.key(in: lines[$0], indent: indent, first: $0 == first) == key }
            guard let value else {
                guard let own else { continue }
                guard own > first else {
                    throw MediaError(
                        .prompt, "\(path):\(line): `\(key)` cannot be taken out; begin the entry with `id`")
                }
                var next = own + 1
                while next <= last, Self.indentation(lines[next]) > indent { next += 1 }
                lines.removeSubrange(own..<next)
                last -= next - own
                continue
            }
            let content = "\(key): \(Self.quoted(value))"
            if let own {
                // The old value may go on over deeper lines.
                var next = own + 1
                while next <= last, Self.indentation(lines[next]) > indent { next += 1 }
                lines[own] = String(lines[own].prefix(indent)) + content
                lines.removeSubrange(own + 1..<next)
                last -= next - own - 1
            } else {
                lines.insert(String(repeating: " ", count: indent) + content, at: last + 1)
                last += 1
            }
        }
    }

    private static func indentation(_ line: String) -> Int { line.prefix { $0 == " " }.count }

    /// The plain key that begins at `indent`; on an entry's first line a dash may stand before it.
    private static func key(in line: String, indent: Int, first: Bool) -> String? {
        guard first || indentation(line) == indent else { return nil }
        let content = line.dropFirst(indent)
        guard let colon = content.firstIndex(of: ":") else { return nil }
        let key = content[..<colon]
        guard !key.isEmpty, key.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" || $0 == "." }) else {
            return nil
        }
        return String(key)
    }

    /// Double-quoted, so that nothing is taken for a number or a truth. What cannot be seen is escaped: some of it YAML
    /// takes for the end of a line, and some makes the whole file unreadable.
    private static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\" + String(scalar)
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20: text += " "
            default:
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
                    let digits = String(scalar.value, radix: 16, uppercase: true)
                    text += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
                default: text += String(scalar)
                }
            }
        }
        return text + "\""
    }
}
