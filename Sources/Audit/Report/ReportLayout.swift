/// How a report's tables come to lie on A4: which way the sheets stand, and how the columns of a table share a sheet that
/// is too narrow for them. Lengths are those of `TextTable.width`.
struct ReportLayout {
    /// The columns of a table that does not fit by itself.
    struct Fit: Equatable {
        /// Of the usual size of letters, per cent.
        var scale: Int
        /// Of the sheet's width, per mille, a column each.
        var shares: [Int]
    }

    /// The sheets lie on their long side.
    let isLandscape: Bool
    /// One a section; nil where the table fits.
    let fits: [Fit?]

    init(_ document: ReportDocument, _ text: ReportText) {
        let tables = document.sections.map { Self.needs($0, text) }
        let isLandscape = tables.contains { Self.sum($0.map(\.wish)) > Self.upright }
        self.isLandscape = isLandscape
        fits = tables.map { Self.fit($0, in: isLandscape ? Self.lying : Self.upright) }
    }

    /// What a column would have, and what it can do with, with the space around its cells.
    private struct Need {
        var wish: Int
        var least: Int
    }

    /// Characters of 8 points on 186 mm and on 273 mm, each 0.6 of its height wide.
    private static let upright = 110
    private static let lying = 161
    /// The space around a cell.
    private static let around = 2
    /// More is not wished for where nothing is asked for: words are broken into lines.
    private static let line = 60
    /// Longer words may be broken.
    private static let word = 13
    /// A long text becomes no narrower.
    private static let words = 22
    /// Smaller letters are not read.
    private static let smallest = 60

    private static func needs(_ section: ReportDocument.Section, _ text: ReportText) -> [Need] {
        section.columns.enumerated().map { index, column in
            var natural = TextTable.width(column.title) + 1
            // Titles are bold.
            var least = longestWord(column.title) + 1
            for row in section.rows {
                let shown = text.shown(section.cell(row, index))
                natural = max(natural, TextTable.width(shown))
                least = max(least, column.kind.isTrailing ? length(ofNumber: shown) : longestWord(shown))
            }
            if !column.kind.isTrailing { least = max(least, min(words, natural / 5)) }
            let wish = column.width ?? min(natural, max(line, least))
            return Need(wish: max(wish, least) + around, least: least + around)
        }
    }

    private static func fit(_ needs: [Need], in room: Int) -> Fit? {
        let (wish, least) = (sum(needs.map(\.wish)), sum(needs.map(\.least)))
        if wish <= room { return nil }
        // What is left above the least goes to those that wish for more.
        let widths =
            least >= room
            ? needs.map { $0.least * 1000 }
            : needs.map { $0.least * 1000 + ($0.wish - $0.least) * 1000 * (room - least) / (wish - least) }
        return Fit(
            scale: min(100, max(smallest, room * 100 / least)), shares: widths.map { $0 * 1000 / max(1, sum(widths)) })
    }

    private static func sum(_ numbers: [Int]) -> Int { numbers.reduce(0, +) }

    /// Points and colons are narrow.
    private static func length(ofNumber text: String) -> Int {
        let narrow = text.utf8.count { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }
        return TextTable.width(text) - narrow / 2
    }

    /// The longest run without a space or a wide character, up to what is not broken.
    private static func longestWord(_ text: String) -> Int {
        var (longest, run) = (0, 0)
        for scalar in text.unicodeScalars {
            let size = scalar.isASCII ? 1 : TextTable.width(String(scalar))
            run = scalar == " " ? 0 : size > 1 ? size : run + 1
            longest = max(longest, run)
            if longest >= word { return word }
        }
        return longest
    }
}
