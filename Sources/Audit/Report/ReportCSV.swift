import Norms

/// A report as comma-separated values for other programs, in one file: the title and the facts, then each section behind
/// an empty line, with its title, its note, and the columns' titles above the rows.
public enum ReportCSV {
    /// - Parameter zone: whose offset the instants have.
    /// - Returns: UTF-8 with a byte-order mark, lines ended by CRLF.
    public static func bytes(_ document: ReportDocument, zone: ZoneOffsets) -> [UInt8] {
        let text = ReportText(zone: zone)
        var csv = CommaSeparatedText([document.title])
        for fact in document.facts { csv.add([fact.label, text.plain(fact.value)]) }
        for section in document.sections {
            csv.add([])
            csv.add([section.title])
            if let note = section.note { csv.add([note]) }
            csv.add(section.columns.map(\.title))
            for row in section.rows {
                csv.add(section.columns.indices.map { text.plain(section.cell(row, $0)) })
            }
        }
        return csv.bytes
    }
}
