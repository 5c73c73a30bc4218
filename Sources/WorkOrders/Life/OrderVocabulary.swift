/// The words in which lives are written: roles, fields, departments, options. One for all types of orders.
public struct OrderVocabulary: Sendable, Hashable {
    /// Somebody who does steps and owns states.
    public struct Role: Sendable, Hashable {
        public var id: String
        public var title: String
        /// The field that says which department or crew it is, where the role is that of a unit.
        public var unitField: String?
        /// Whether they confirm or drop proposed penalties.
        public var decidesPenalties: Bool
    }

    /// What a field's text must be.
    public enum Kind: Sendable, Hashable {
        /// At most 4,000 bytes of UTF-8, no control characters but line feeds and tabs.
        case text
        /// One of these.
        case choice([String])
        /// A department of the vocabulary.
        case department
        /// Departments of the vocabulary, with commas between.
        case departments
        /// An instant: Unix time in microseconds, UTC, as decimal digits.
        case instant
        /// A whole number, 0 to 1,000,000,000.
        case number
        /// A work order's number.
        case order
        /// `TAXONOMY/ITEM` of a taxonomy in the library.
        case item
    }

    public struct Field: Sendable, Hashable {
        public var id: String
        public var title: String
        public var kind: Kind
        /// The field names the department that a report is about, and is no address.
        public var namesReported: Bool
    }

    /// What profiles decide in different ways, besides limits.
    public struct Option: Sendable, Hashable {
        public var id: String
        public var title: String
        /// What it may be.
        public var values: [String]
        /// Where a policy does not say.
        public var preset: String
        /// Its values are roles: owners and doers may be written `$OPTION`.
        public var isRole: Bool
    }

    /// When somebody is warned about a clock, and who.
    public struct Alarm: Sendable, Hashable {
        /// Where on the clock.
        public enum Moment: Sendable, Hashable {
            /// So many hundredths of the time between start and due.
            case share(Int)
            /// So many milliseconds after the due time.
            case after(Int)
        }

        public var id: String
        public var moment: Moment
        /// A role, or `owner`: who is responsible for the clock.
        public var to: String
        /// How they are told: `console`, `phone`, `message`.
        public var channel: String
    }

    public var roles: [String: Role]
    public var fields: [String: Field]
    /// Ids to titles.
    public var departments: [String: String]
    public var options: [String: Option]
    /// Sets of alarms by name; `default` is there.
    public var alarms: [String: [Alarm]]
    /// `TAXONOMY/ITEM` of every taxonomy in the library, to the item's topic.
    public var items: [String: String]

    /// The most that a text field holds, in bytes.
    public static let mostText = 4000

    /// Why a text cannot be a field's value; nil where it can.
    public func objection(to text: String, for field: Field) -> String? {
        guard text.utf8.count <= Self.mostText else { return "is longer than \(Self.mostText) bytes" }
        guard !text.unicodeScalars.contains(where: { $0.value < 32 && $0 != "\n" && $0 != "\t" || $0.value == 127 })
        else {
            return "holds control characters"
        }
        switch field.kind {
        case .text: return text.contains(where: { !$0.isWhitespace }) ? nil : "is empty"
        case .choice(let values):
            return values.contains(text) ? nil : "must be one of \(values.joined(separator: ", "))"
        case .department: return departments[text] == nil ? "is no department of the vocabulary" : nil
        case .departments:
            let parts = Self.list(text)
            guard !parts.isEmpty else { return "names no department" }
            return parts.first { departments[$0] == nil }.map {
                "names \"\($0.prefix(40))\", no department of the vocabulary"
            }
        case .instant:
            guard let value = Int64(text), (0...253_402_300_799_000_000).contains(value) else {
                return "must be an instant: microseconds since 1970, UTC"
            }
            return nil
        case .number:
            guard let value = Int(text), (0...1_000_000_000).contains(value) else { return "must be a whole number" }
            return nil
        case .order: return OrderNumber(text) == nil ? "must be an order's number such as 20261122-0007" : nil
        case .item: return items[text] == nil ? "is no item of a taxonomy (TAXONOMY/ITEM)" : nil
        }
    }

    /// The parts of a list with commas between, without spaces around them.
    public static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { part in
            let start = part.drop { $0 == " " }
            return String(start.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }
}
