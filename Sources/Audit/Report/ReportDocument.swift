/// A report before it has a format: what it is about, and tables. It holds all that is given out, so that one document
/// gives the same bytes in a format whenever and wherever it is written.
public struct ReportDocument: Sendable, Hashable {
    /// What the report is about: its period, profile, version.
    public struct Fact: Sendable, Hashable {
        public var label: String
        public var value: Cell

        public init(_ label: String, _ value: Cell) {
            self.label = label
            self.value = value
        }
    }

    /// What stands in a place of a table.
    public enum Cell: Sendable, Hashable {
        case text(String)
        case integer(Int)
        case milliseconds(Int64)
        /// A part of a whole, shown as a percentage; of a whole of 0 there is none.
        case share(Int64, of: Int64)
        /// Unix time in microseconds, UTC; shown in the zone of whoever writes the report.
        case instant(Int64)
        /// The word that says that a norm was broken. Formats that can do so make it stand out.
        case breach(String)
        /// Nothing is known, or there is nothing to say.
        case empty
    }

    public struct Column: Sendable, Hashable {
        /// What its cells mean: where they stand, and how a spreadsheet takes them.
        public enum Kind: Sendable, Hashable, CaseIterable {
            /// Words; may be long.
            case text
            /// A number of an order, a call, a recording, a clause, an agent: never a quantity.
            case identifier
            /// A telephone number: never a quantity.
            case phone
            case integer
            case duration
            case share
            case instant
            /// Whole yuan.
            case yuan
        }

        public var title: String
        public var kind: Kind
        /// Characters of the alphabet beside each other, where a format wants to know beforehand; nil: as its cells need.
        public var width: Int?

        public init(_ title: String, _ kind: Kind = .text, width: Int? = nil) {
            self.title = title
            self.kind = kind
            self.width = width
        }
    }

    /// A table with its title.
    public struct Section: Sendable, Hashable {
        public var title: String
        /// What a reader has to know of it.
        public var note: String?
        public var columns: [Column]
        /// As many cells each as there are columns; what is missing is empty, and more are not shown.
        public var rows: [[Cell]]

        public init(title: String, note: String? = nil, columns: [Column], rows: [[Cell]] = []) {
            self.title = title
            self.note = note
            self.columns = columns
            self.rows = rows
        }
    }

    public var title: String
    /// The moment of which the report speaks, which is also what a file says of its making. Unix time in microseconds, UTC.
    public var asOf: Int64
    public var facts: [Fact]
    public var sections: [Section]

    public init(title: String, asOf: Int64, facts: [Fact] = [], sections: [Section] = []) {
        self.title = title
        self.asOf = asOf
        self.facts = facts
        self.sections = sections
    }
}

extension ReportDocument.Column.Kind {
    /// Quantities end below each other.
    package var isTrailing: Bool {
        switch self {
        case .integer, .duration, .share, .yuan: true
        case .text, .identifier, .phone, .instant: false
        }
    }
}

extension ReportDocument.Section {
    /// The cell of a column, in a row that may be too short.
    package func cell(_ row: [ReportDocument.Cell], _ column: Int) -> ReportDocument.Cell {
        row.indices.contains(column) ? row[column] : .empty
    }

    /// The widths of the columns, as their titles and cells need or as asked for: characters of the alphabet.
    package func widths(_ text: ReportText) -> [Int] {
        columns.indices.map { column in
            columns[column].width
                ?? rows.reduce(TextTable.width(columns[column].title)) {
                    max($0, TextTable.width(text.shown(cell($1, column))))
                }
        }
    }
}
