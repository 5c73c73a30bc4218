import Norms

/// A report for a terminal: facts, then each section's table, with empty lines between them.
public enum ReportTable {
    /// Words that are longer than the width asked for go on in further lines.
    /// - Parameter zone: of the instants.
    /// - Returns: lines, the last one with its end.
    public static func text(_ document: ReportDocument, zone: ZoneOffsets) -> String {
        let text = ReportText(zone: zone)
        var blocks = [TextTable.printable(document.title)]
        let labels = document.facts.map { TextTable.printable($0.label) }
        let width = labels.map(TextTable.width).max() ?? 0
        if !labels.isEmpty {
            blocks.append(
                zip(labels, document.facts).map { label, fact in
                    TextTable.padded(label, to: width) + "  " + TextTable.printable(text.shown(fact.value))
                }.joined(separator: "\n"))
        }
        for section in document.sections { blocks.append(block(section, text)) }
        return blocks.joined(separator: "\n\n") + "\n"
    }

    private static func block(_ section: ReportDocument.Section, _ text: ReportText) -> String {
        var lines = [TextTable.printable(section.title)]
        if let note = section.note {
            lines += note.split(separator: "\n").map { TextTable.printable(String($0)) }
        }
        var table = TextTable(
            section.columns.map(\.title),
            trailing: Set(section.columns.indices.filter { section.columns[$0].kind.isTrailing }))
        for row in section.rows {
            let cells = section.columns.indices.map { column in
                let shown = TextTable.printable(text.shown(section.cell(row, column)))
                return section.columns[column].width.map { TextTable.wrapped(shown, to: $0) } ?? [shown]
            }
            for line in 0..<(cells.map(\.count).max() ?? 0) {
                table.add(cells.map { $0.indices.contains(line) ? $0[line] : "" })
            }
        }
        return (lines + [table.text]).joined(separator: "\n")
    }
}
