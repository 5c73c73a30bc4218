import Yams

extension DocumentError {
    static func duplicateKey(_ key: String, file: String, at position: Position, first: Int) -> DocumentError {
        DocumentError(
            .duplicateKey, file: file, position: position, message: "\"\(key)\" stands twice (first in line \(first))",
            advice: "Remove one of them")
    }

    /// The composer's complaint in one line that points.
    init(_ error: YamlError, file: String, text: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let message = context.map { "\($0.text), \(problem)" } ?? problem
            self.init(
                .syntax, file: file, line: mark.line, column: mark.column, message: "not YAML: \(message)",
                advice: "Check indentation, quotes and brackets here and in the line above")
        case .reader(let problem, _, _, _):
            self.init(
                .syntax, file: file, line: 1, column: 1, message: "not YAML: \(problem)",
                advice: "Save the file as UTF-8 without control characters")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = duplicates.first ?? ""
            let first = Position(line: context.mark.line, column: context.mark.column)
            let second = Self.secondPlace(of: key, first: first, in: text) ?? first
            self = .duplicateKey(key, file: file, at: second, first: first.line)
        default:
            self.init(.syntax, file: file, line: 0, column: 0, message: "not YAML: \(error)")
        }
    }

    /// The composer names the first of two equal keys; the author looks for the second. It stands in the same column of
    /// a later line, before the mapping ends.
    private static func secondPlace(of key: String, first: Position, in text: String) -> Position? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard first.line >= 1, first.line < lines.count else { return nil }
        for (offset, line) in lines[first.line...].enumerated() {
            let indent = line.prefix { $0 == " " }.count
            let rest = line.dropFirst(indent)
            if rest.isEmpty || rest.hasPrefix("#") { continue }
            if indent < first.column - 1 { return nil }
            let written = ["\(key):", "\"\(key)\":", "'\(key)':"]
            if indent == first.column - 1, written.contains(where: { rest.hasPrefix($0) }) {
                return Position(line: first.line + 1 + offset, column: first.column)
            }
        }
        return nil
    }
}
