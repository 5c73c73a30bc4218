import Documents
import Foundation

/// How a carrier's file of call records (话单) is to be read: which column is what. Read from a mapping file
/// (packaging/carrier-columns.yaml shows one).
public struct CarrierColumns: Sendable {
    /// A column, by its heading or, in a file without headings, by its number from 1.
    enum Column: Sendable, Hashable {
        case heading(String)
        case number(Int)
    }

    let separator: UInt8
    let hasHeadings: Bool
    let caller: Column
    let called: Column
    let begin: Column
    let seconds: Column
    /// Local times of the file.
    let zone: TimeZone
    /// The file has calls that nobody answered, too.
    public let listsUnanswered: Bool

    /// - Parameters:
    ///   - text: YAML.
    ///   - file: its name, for complaints.
    /// - Throws: everything that is wrong, with its place.
    public init(_ text: String, file: String) throws(DocumentErrors) {
        let root: Node
        do {
            root = try Document.parse(text, file: file)
        } catch {
            throw DocumentErrors([error])
        }
        let diagnostics = Diagnostics()
        let reader = MappingReader(root, "the mapping", diagnostics)
        let separator = reader.string("separator", default: ",")
        self.separator = separator == "tab" ? 9 : separator.utf8.first ?? 0x2C
        if separator != "tab", separator.utf8.count != 1 || separator == "\"" {
            reader.complain(about: "separator", "separator must be one character, or `tab`")
        }
        let hasHeadings = reader.bool("headings", default: true)
        self.hasHeadings = hasHeadings
        listsUnanswered = reader.bool("lists_unanswered", default: false)
        let name = reader.string("time_zone", default: "Asia/Shanghai")
        let zone = TimeZone(identifier: name)
        if zone == nil {
            reader.complain(about: "time_zone", "time_zone must be a zone of the tz database, not \"\(name)\"")
        }
        self.zone = zone ?? .gmt
        let columns = reader.mapping("columns")
        func column(_ key: String) -> Column {
            guard let columns, let text = columns.string(key) else { return .number(1) }
            if hasHeadings { return .heading(text) }
            if let number = Int(text), (1...1000).contains(number) { return .number(number) }
            columns.complain(about: key, "\(key) must be a column's number where there are no headings")
            return .number(1)
        }
        caller = column("caller")
        called = column("called")
        begin = column("begin")
        seconds = column("seconds")
        columns?.finish()
        reader.finish()
        try diagnostics.throwErrors()
    }
}
