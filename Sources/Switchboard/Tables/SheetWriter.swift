import Audit
import CXlsxWriter

/// Puts a report into a workbook: which cell goes where, as what, and how it looks.
struct SheetWriter {
    private let text: ReportText
    private let title: Int32
    private let heading: Int32
    private let headingTrailing: Int32
    private let words: Int32
    private let breach: Int32
    /// Text that stays text when somebody edits it.
    private let identifier: Int32
    private let integer: Int32
    private let yuan: Int32
    private let duration: Int32
    /// With two digits behind the point, and more.
    private let shares: [Int32]

    init(_ book: borrowing Workbook, _ text: ReportText) throws(WorkbookFailure) {
        self.text = text
        title = try book.style(nil, HOTLINE_XLSX_BOLD)
        heading = try book.style(nil, HOTLINE_XLSX_HEADING)
        headingTrailing = try book.style(nil, HOTLINE_XLSX_HEADING, HOTLINE_XLSX_TRAILING)
        words = try book.style(nil, HOTLINE_XLSX_WRAPPED)
        breach = try book.style(nil, HOTLINE_XLSX_MARKED, HOTLINE_XLSX_WRAPPED)
        identifier = try book.style("@")
        integer = try book.style("0")
        yuan = try book.style("#,##0")
        duration = try book.style("[h]:mm:ss.000")
        var shares: [Int32] = []
        for digits in 2...9 { shares.append(try book.style("0.\(String(repeating: "0", count: digits))%")) }
        self.shares = shares
    }

    func write(_ document: ReportDocument, to book: borrowing Workbook, rowsASheet: Int) throws(WorkbookFailure) {
        var names = SheetNames()
        let first = names.name(document.title)
        let sheets = document.sections.map { section in
            stride(from: 0, to: max(1, section.rows.count), by: rowsASheet).map { start in
                Sheet(
                    name: names.name(section.title), section: section,
                    rows: section.rows[start..<min(start + rowsASheet, section.rows.count)])
            }
        }.flatMap(\.self)
        try writeFacts(of: document, sheets, named: first, to: book)
        for sheet in sheets { try write(sheet, of: document, to: book) }
    }

    /// A section, or a part of a long one.
    private struct Sheet {
        let name: String
        let section: ReportDocument.Section
        let rows: ArraySlice<[ReportDocument.Cell]>
    }

    private func writeFacts(
        of document: ReportDocument, _ sheets: [Sheet], named name: String, to book: borrowing Workbook
    ) throws(WorkbookFailure) {
        try book.begin(name, header: Self.header(document.title, ""), isLandscape: false)
        let labels = document.facts.map(\.label) + sheets.map(\.name)
        try book.width(0, min(40, (labels.map(TextTable.width).max() ?? 0) + 2))
        try book.width(1, 48)
        try book.width(2, 60)
        try book.text(0, 0, Self.cleaned(document.title), title)
        var row = 2
        for fact in document.facts {
            try book.text(row, 0, Self.cleaned(fact.label), words)
            try book.text(row, 1, Self.cleaned(text.shown(fact.value)), words)
            row += 1
        }
        row += 1
        for sheet in sheets {
            try book.text(row, 0, sheet.name, words)
            try book.text(row, 1, Self.cleaned(sheet.section.title), words)
            try book.text(row, 2, Self.cleaned(sheet.section.note ?? ""), words)
            row += 1
        }
    }

    private func write(
        _ sheet: Sheet, of document: ReportDocument, to book: borrowing Workbook
    ) throws(WorkbookFailure) {
        let section = sheet.section
        try book.begin(sheet.name, header: Self.header(document.title, section.title), isLandscape: true)
        guard !section.columns.isEmpty else { return }
        let widths = section.widths(text)
        for (index, column) in section.columns.enumerated() {
            // The filter's button stands in the heading.
            try book.width(index, column.width ?? max(min(widths[index] + 1, 60), TextTable.width(column.title) + 4))
            try book.text(0, index, Self.cleaned(column.title), column.kind.isTrailing ? headingTrailing : heading)
        }
        let kinds = section.columns.map(\.kind)
        for (index, row) in sheet.rows.enumerated() {
            for column in kinds.indices {
                try write(section.cell(row, column), kinds[column], at: index + 1, column, to: book)
            }
        }
        try book.table(lastRow: sheet.rows.count, lastColumn: section.columns.count - 1)
    }

    private func write(
        _ cell: ReportDocument.Cell, _ kind: ReportDocument.Column.Kind, at row: Int, _ column: Int,
        to book: borrowing Workbook
    ) throws(WorkbookFailure) {
        switch cell {
        case .integer(let number) where kind.isTrailing && number.magnitude < Self.exact:
            try book.number(row, column, Double(number), kind == .yuan ? yuan : integer)
        // Excel shows no time below 0.
        case .milliseconds(let milliseconds) where milliseconds >= 0 && milliseconds.magnitude < Self.exact:
            try book.number(row, column, Double(milliseconds) / 86_400_000, duration)
        case .share(let part, of: let whole) where whole > 0:
            let digits = ReportText.percentDigits(part, of: whole)
            try book.number(row, column, Double(part) / Double(whole), shares[digits - 2])
        case .share, .empty: break
        case .breach(let word): try book.text(row, column, Self.cleaned(word), breach)
        case .text(let words) where kind == .text: try book.text(row, column, Self.cleaned(words), self.words)
        case .text(let words): try book.text(row, column, Self.cleaned(words), identifier)
        case .integer, .milliseconds, .instant:
            try book.text(row, column, Self.cleaned(text.shown(cell)), identifier)
        }
    }

    /// Excel keeps 15 digits of a number.
    private static let exact: UInt = 1_000_000_000_000_000

    /// Of printed pages: the report on the left, the section on the right. `&` begins a code, and `&&` is not understood
    /// by the library where certain letters follow.
    private static func header(_ left: String, _ right: String) -> String {
        func part(_ text: String) -> String {
            cleaned(text, longest: 100).replacing("&", with: "＆").replacing("\n", with: " ")
        }
        return "&L" + part(left) + (right.isEmpty ? "" : "&R" + part(right))
    }

    /// Text that XML and Excel take: no control characters but a line's end, and not too long.
    /// - Parameter longest: UTF-16 units; a cell holds 32,767.
    static func cleaned(_ text: String, longest: Int = 32_767) -> String {
        // 0xEF begins U+F000 to U+FFFF in UTF-8, and 0xC2 control characters.
        if text.utf8.count <= longest, text.utf8.allSatisfy({ $0 >= 32 && $0 != 0x7F && $0 != 0xC2 && $0 != 0xEF }) {
            return text
        }
        let cleaned = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            TextTable.printable(String(line)).replacing("\u{FFFE}", with: "\u{FFFD}")
                .replacing("\u{FFFF}", with: "\u{FFFD}")
        }.joined(separator: "\n")
        guard cleaned.utf16.count > longest else { return cleaned }
        var cut = ""
        var units = 1
        for character in cleaned {
            units += character.utf16.count
            guard units <= longest else { break }
            cut.append(character)
        }
        return cut + "…"
    }
}
