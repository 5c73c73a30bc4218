/// What an unsolicited line looks like: fields between commas, `*` at the end of one for anything.
///
/// `^DSCI: *,*,6` fits `^DSCI: 1,1,6,0,13800138000,129`: further fields are not looked at. `RING` fits `RING` alone,
/// `VOICE CALL: END*` also what goes on after END. Spaces behind colons and commas do not count.
package struct ModemPattern: Sendable, Hashable {
    package let text: String
    private let parts: [(start: String, isOpen: Bool)]

    package init(_ text: String) {
        self.text = text
        parts = Self.split(text).map { part in
            part.hasSuffix("*") ? (String(part.dropLast()), true) : (part, false)
        }
    }

    package func fits(_ line: String) -> Bool {
        let fields = Self.split(line)
        guard fields.count >= parts.count else { return false }
        return zip(parts, fields).allSatisfy { part, field in
            part.isOpen ? field.hasPrefix(part.start) : field == part.start
        }
    }

    /// What every line that fits begins with.
    package var prefix: String {
        String(text.prefix { $0 != "*" && $0 != "," && $0 != " " })
    }

    package static func == (left: Self, right: Self) -> Bool { left.text == right.text }
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }

    private static func split(_ line: String) -> [String] {
        var fields = [""]
        var afterMark = false
        for character in line {
            if character == "," {
                fields.append("")
                afterMark = true
            } else if !(character == " " && afterMark) {
                fields[fields.count - 1].append(character)
                afterMark = character == ":"
            }
        }
        return fields
    }
}
