/// Columns for a terminal, two spaces apart. Chinese characters count two columns, and control characters that came
/// with somebody's message are not sent to the terminal.
struct TextTable {
    private let heading: [String]
    private var rows: [[String]] = []

    init(_ heading: [String]) { self.heading = heading }

    mutating func add(_ row: [String]) { rows.append(row.map(Self.printable)) }

    var text: String {
        let all = [heading] + rows
        let widths = heading.indices.map { column in
            all.map { $0.indices.contains(column) ? Self.width($0[column]) : 0 }.max() ?? 0
        }
        return all.map { row in
            let cells = row.indices.map { column in
                column == row.count - 1 ? row[column] : Self.padded(row[column], to: widths[column])
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - Self.width(text)))
    }

    /// Columns on a terminal (Unicode Standard Annex 11: wide and full-width characters take two).
    static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { sum, scalar in
            switch scalar.value {
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
                0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
                sum + 2
            default: sum + 1
            }
        }
    }

    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar.value < 32 || (0x7F...0x9F).contains(scalar.value) ? "\u{FFFD}" : scalar
                }))
    }
}
