import Norms

/// A report as one page that needs nothing beside it: no script, no address, no font of its own. It prints on A4, lying
/// where a table is wide, with the tables' heads on each sheet and no row cut in two, and says without colours what it
/// says with them.
public enum ReportHTML {
    /// - Parameter zone: of the instants.
    /// - Returns: HTML, lines ended by LF.
    public static func text(_ document: ReportDocument, zone: ZoneOffsets) -> String {
        let text = ReportText(zone: zone)
        let layout = ReportLayout(document, text)
        var page = """
            <!DOCTYPE html>
            <html lang="zh-CN">
            <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width" />
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
            <title>\(escaped(document.title))</title>
            <style>
            @page { size: A4 \(layout.isLandscape ? "landscape" : "portrait"); }
            \(style)
            </style>
            </head>
            <body>
            <h1>\(escaped(document.title))</h1>

            """
        if !document.facts.isEmpty {
            page += "<table class=\"facts\">\n"
            for fact in document.facts {
                page += "<tr><th scope=\"row\">\(escaped(fact.label))</th><td>\(content(fact.value, text))</td></tr>\n"
            }
            page += "</table>\n"
        }
        for (section, fit) in zip(document.sections, layout.fits) { add(section, fit, text, to: &page) }
        return page + "</body>\n</html>\n"
    }

    private static func add(
        _ section: ReportDocument.Section, _ fit: ReportLayout.Fit?, _ text: ReportText, to page: inout String
    ) {
        page += "<section>\n<h2>\(escaped(section.title))</h2>\n"
        if let note = section.note { page += "<p>\(escaped(note))</p>\n" }
        if let fit {
            page += "<table class=\"fit\" style=\"--size:\(fit.scale)%\">\n<colgroup>"
            for share in fit.shares { page += "<col style=\"--part:\(share / 10).\(share % 10)%\" />" }
            page += "</colgroup>\n"
        } else {
            page += "<table>\n"
        }
        let classes = section.columns.map { name($0.kind) }
        page += "<thead><tr>"
        for (column, name) in zip(section.columns, classes) {
            page += "<th scope=\"col\"\(name)>\(escaped(column.title))</th>"
        }
        page += "</tr></thead>\n<tbody>\n"
        for row in section.rows {
            page += "<tr>"
            for column in section.columns.indices {
                page += "<td\(classes[column])>\(content(section.cell(row, column), text))</td>"
            }
            page += "</tr>\n"
        }
        page += "</tbody>\n</table>\n</section>\n"
    }

    private static func name(_ kind: ReportDocument.Column.Kind) -> String {
        if kind.isTrailing { return " class=\"n\"" }
        switch kind {
        case .identifier, .phone, .instant: return " class=\"i\""
        default: return ""
        }
    }

    private static func content(_ cell: ReportDocument.Cell, _ text: ReportText) -> String {
        let shown = escaped(text.shown(cell))
        switch cell {
        case .breach: return "<strong>\(shown)</strong>"
        case .share(let part, of: let whole) where whole > 0:
            let width = ReportText.percent(min(max(part, 0), whole), of: whole) ?? "0%"
            return "<span class=\"bar\" aria-hidden=\"true\"><i style=\"width:\(width)\"></i></span>\(shown)"
        default: return shown
        }
    }

    /// Text as text: what HTML would read, and control characters other than a line's end, are taken from it.
    static func escaped(_ text: String) -> String {
        let special: (UInt8) -> Bool = { byte in
            switch byte {
            // & < > " ', and what begins a control character.
            case 0x26, 0x3C, 0x3E, 0x22, 0x27, 0..<32, 0x7F, 0xC2: true
            default: false
            }
        }
        if !text.utf8.contains(where: special) { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\n": escaped += "\n"
            default: escaped += TextTable.printable(String(scalar))
            }
        }
        return escaped
    }

    // The bar is a border, because browsers leave backgrounds out when they print.
    private static let style = """
        @page { margin: 12mm 12mm 15mm; @bottom-center { content: counter(page) " / " counter(pages); font-size: 8pt; } }
        body { font: 10pt/1.35 sans-serif; color: #000; background: #fff; margin: 1em; }
        h1 { font-size: 1.5em; margin: 0 0 .5em; }
        h2 { font-size: 1.15em; margin: 1.4em 0 .3em; break-after: avoid; }
        p { margin: 0 0 .4em; white-space: pre-line; break-after: avoid; }
        table { border-collapse: collapse; font-size: 9pt; }
        thead { display: table-header-group; }
        tr { break-inside: avoid; }
        th, td { border: 1px solid #888; padding: .15em .3em; text-align: left; vertical-align: top; \
        white-space: pre-line; overflow-wrap: break-word; unicode-bidi: isolate; }
        thead th { border-bottom: 2px solid #000; }
        .facts th { font-weight: normal; }
        .n { text-align: right; }
        .n, .i { font-variant-numeric: tabular-nums; }
        .bar { display: block; width: 100%; max-width: 6em; margin: .2em 0 .1em auto; border: 1px solid #888; \
        box-sizing: border-box; }
        .bar i { display: block; border-top: .5em solid #555; }
        strong { color: #9c0006; border-left: .3em solid; padding-left: .25em; }
        @media print {
        body { margin: 0; font-size: 9pt; }
        table { font-size: 8pt; }
        .fit { table-layout: fixed; width: 100%; }
        .fit tr { font-size: var(--size); }
        .fit col { width: var(--part); }
        .fit th, .fit td { overflow-wrap: anywhere; }
        }
        """
}
