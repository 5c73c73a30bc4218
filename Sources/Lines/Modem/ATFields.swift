/// The fields of a line such as `+CLIP: "13800138000",129,,,,0`: what stands behind the colon, between commas that
/// stand in no quotes.
package struct ATFields: Sendable, Hashable {
    package struct Field: Sendable, Hashable {
        /// Without the quotes.
        package var text: String
        package var isQuoted: Bool
        /// The number, where an unquoted field is one.
        package var number: Int? { isQuoted ? nil : Int(text) }
    }

    /// Further ones are not read.
    package static let limit = 32
    package private(set) var fields: [Field] = []

    /// - Parameters:
    ///   - line: a whole line.
    ///   - prefix: what it begins with, such as `+CLIP:`; nil is returned where it does not.
    package init?(_ line: String, after prefix: String) {
        guard line.hasPrefix(prefix) else { return nil }
        self.init(String(line.dropFirst(prefix.count)))
    }

    /// - Parameter text: the fields alone.
    package init(_ text: String) {
        var field = ""
        var isQuoted = false
        var inQuotes = false
        func finished() -> Field {
            let trimmed = field.drop { $0 == " " }
            let end = trimmed.lastIndex { $0 != " " }.map { trimmed.index(after: $0) } ?? trimmed.startIndex
            return Field(text: isQuoted ? field : String(trimmed[..<end]), isQuoted: isQuoted)
        }
        for character in text {
            switch character {
            case "\"":
                // What stands before an opening quote is space, or broken.
                if !inQuotes { field = "" }
                inQuotes.toggle()
                isQuoted = true
            case "," where !inQuotes:
                fields.append(finished())
                guard fields.count < Self.limit else { return }
                field = ""
                isQuoted = false
            default:
                // What stands behind a closing quote is space, or broken.
                if inQuotes || !isQuoted { field.append(character) }
            }
        }
        fields.append(finished())
    }

    /// Counted from 1, as manuals do; nil where it is missing.
    package subscript(_ position: Int) -> Field? {
        fields.indices.contains(position - 1) ? fields[position - 1] : nil
    }
}
