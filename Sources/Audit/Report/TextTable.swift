/// Columns for a terminal, two spaces apart. Chinese characters count two columns, and control characters that came
/// with somebody's message are not sent to the terminal.
public struct TextTable: Sendable {
    private let heading: [String]
    private let trailing: Set<Int>
    private var rows: [[String]] = []

    /// - Parameter trailing: columns whose text ends below each other, as numbers do. From 0.
    public init(_ heading: [String], trailing: Set<Int> = []) {
        self.heading = heading.map(Self.printable)
        self.trailing = trailing
    }

    public mutating func add(_ row: [String]) { rows.append(row.map(Self.printable)) }

    /// The heading and the rows, a line each; no line's end after the last.
    public var text: String {
        let all = [heading] + rows
        let widths = heading.indices.map { column in
            all.map { $0.indices.contains(column) ? Self.width($0[column]) : 0 }.max() ?? 0
        }
        return all.map { row in
            let cells = row.indices.map { column in
                if trailing.contains(column), widths.indices.contains(column) {
                    return String(repeating: " ", count: max(0, widths[column] - Self.width(row[column])))
                        + row[column]
                }
                return column == row.count - 1 ? row[column] : Self.padded(row[column], to: widths[column])
            }
            let line = cells.joined(separator: "  ")
            return line.lastIndex { $0 != " " }.map { String(line[...$0]) } ?? ""
        }.joined(separator: "\n")
    }

    public static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - Self.width(text)))
    }

    /// Lines of at most so many columns, broken at spaces, or between characters that take two, or where there is no
    /// such place anywhere.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        let width = max(2, width)
        if Self.width(text) <= width { return [text] }
        let characters = Array(text)
        let sizes = characters.map { Self.width(String($0)) }
        var lines: [String] = []
        var (start, index, used) = (0, 0, 0)
        var place: Int?
        while index < characters.count {
            let isPlace =
                index > start && (characters[index] == " " || sizes[index] > 1 || sizes[index - 1] > 1)
            if used + sizes[index] > width, index > start {
                let end = isPlace ? index : place ?? index
                lines.append(String(characters[start..<end]))
                start = characters[end...].firstIndex { $0 != " " } ?? characters.count
                (index, used, place) = (start, 0, nil)
                continue
            }
            if isPlace { place = index }
            used += sizes[index]
            index += 1
        }
        if start < characters.count { lines.append(String(characters[start...])) }
        return lines
    }

    /// Columns on a terminal (Unicode Standard Annex 11: wide and full-width characters take two).
    public static func width(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.unicodeScalars.reduce(0) { sum, scalar in
            switch scalar.value {
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
                0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
                sum + 2
            default: sum + 1
            }
        }
    }

    /// Without control characters.
    public static func printable(_ text: String) -> String {
        // 0xC2 begins U+0080 to U+00BF in UTF-8. Most text has none of these.
        if text.utf8.allSatisfy({ $0 >= 32 && $0 != 0x7F && $0 != 0xC2 }) { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar.value < 32 || (0x7F...0x9F).contains(scalar.value) ? "\u{FFFD}" : scalar
                }))
    }
}
