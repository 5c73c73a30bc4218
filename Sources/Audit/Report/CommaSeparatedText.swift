/// Comma-separated values for other programs (RFC 4180): CRLF, a byte-order mark in front so that spreadsheets read UTF-8,
/// and no cell that a spreadsheet would take for a formula.
public struct CommaSeparatedText: Sendable {
    private var lines: [UInt8] = [0xEF, 0xBB, 0xBF]

    public init(_ heading: [String]) { add(heading) }

    public mutating func add(_ cells: [String]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { lines.append(0x2C) }
            lines += Self.cell(cell).utf8
        }
        lines += [0x0D, 0x0A]
    }

    /// UTF-8.
    public var bytes: [UInt8] { lines }

    /// A cell that begins as a formula does gets an apostrophe in front (OWASP, CSV injection); one with a separator, a
    /// quote, a line's end or spaces at its ends is quoted.
    package static func cell(_ text: String) -> String {
        var text = text
        if let first = text.unicodeScalars.first, starts.contains(first) { text = "'" + text }
        let isQuoted =
            text.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0D || $0 == 0x0A }
            || text.hasPrefix(" ") || text.hasSuffix(" ")
        return isQuoted ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }

    private static let starts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]
}
