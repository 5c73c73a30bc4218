import Documents
import Foundation

/// Which column of a file of comma-separated values is what: the part that all mapping files have in common.
///
///     separator: ","                 # or `tab`
///     headings: true                 # whether the first line names the columns; where not, they are numbers from 1
///     time_zone: Asia/Shanghai       # of the times in the file
///     columns: {caller: 主叫号码, …}
struct ColumnMapping: Sendable {
    /// A column, by its heading or, in a file without headings, by its number from 1.
    enum Column: Sendable, Hashable {
        case heading(String)
        case number(Int)
    }

    let separator: UInt8
    let hasHeadings: Bool
    /// Local times of the file.
    let zone: TimeZone
    private var columns: [String: Column] = [:]

    /// Reads the keys above; whatever else the mapping has is the caller's to read, and to finish.
    /// - Parameters:
    ///   - required: columns that must be named.
    ///   - optional: columns that may be.
    init(_ reader: MappingReader, required: [String], optional: [String] = []) {
        let separator = reader.string("separator", default: ",")
        self.separator = separator == "tab" ? 9 : separator.utf8.first ?? 0x2C
        if separator != "tab", separator.utf8.count != 1 || separator == "\"" {
            reader.complain(about: "separator", "separator must be one character, or `tab`")
        }
        let hasHeadings = reader.bool("headings", default: true)
        self.hasHeadings = hasHeadings
        let name = reader.string("time_zone", default: "Asia/Shanghai")
        let zone = TimeZone(identifier: name)
        if zone == nil {
            reader.complain(about: "time_zone", "time_zone must be a zone of the tz database, not \"\(name)\"")
        }
        self.zone = zone ?? .gmt
        guard let named = reader.mapping("columns") else { return }
        for key in required + optional {
            guard let text = required.contains(key) ? named.string(key) : named.optionalString(key) else { continue }
            if hasHeadings {
                columns[key] = .heading(text)
            } else if let number = Int(text), (1...1000).contains(number) {
                columns[key] = .number(number)
            } else {
                named.complain(about: key, "\(key) must be a column's number where there are no headings")
            }
        }
        named.finish()
    }

    /// Whether the mapping names this column.
    func has(_ key: String) -> Bool { columns[key] != nil }

    /// Where the columns stand in a file.
    /// - Parameter heading: the first line, where the file has headings.
    /// - Throws: for each heading that is not there, with those that are.
    func places(_ heading: CommaSeparated.Record?, file: String) throws(DocumentErrors) -> [String: Int] {
        let names = heading?.fields.map { $0.trimmingCharacters(in: .whitespaces) } ?? []
        var places: [String: Int] = [:]
        var errors: [DocumentError] = []
        for (key, column) in columns.sorted(by: { $0.key < $1.key }) {
            switch column {
            case .number(let number): places[key] = number - 1
            case .heading(let name):
                if let index = names.firstIndex(of: name) {
                    places[key] = index
                } else {
                    errors.append(
                        DocumentError(
                            .missingKey, file: file, line: heading?.line ?? 0, column: 0,
                            message: "no column \"\(name)\"",
                            advice: "There are: \(names.prefix(30).joined(separator: ", "))"))
                }
            }
        }
        guard errors.isEmpty else { throw DocumentErrors(errors) }
        return places
    }
}

/// A file of records, read line by line by a mapping.
struct MappedTable {
    private var reader: CommaSeparated
    private let places: [String: Int]
    let file: String

    /// - Parameters:
    ///   - bytes: UTF-8, or GB 18030 (which GBK files are) where this system can read it.
    ///   - file: its name, for complaints.
    init(_ bytes: [UInt8], file: String, mapping: ColumnMapping) throws(DocumentErrors) {
        self.file = file
        var reader = CommaSeparated(try Self.unicode(bytes, file: file), separator: mapping.separator, file: file)
        var heading: CommaSeparated.Record?
        if mapping.hasHeadings {
            heading = reader.next()
            guard heading != nil else {
                throw DocumentErrors([
                    reader.error
                        ?? DocumentError(.badValue, file: file, line: 0, column: 0, message: "the file is empty")
                ])
            }
        }
        places = try mapping.places(heading, file: file)
        self.reader = reader
    }

    /// What stopped the reading before the file's end.
    var error: DocumentError? { reader.error }

    /// The next line that is a record.
    mutating func next() -> MappedRow? {
        reader.next().map { MappedRow(line: $0.line, fields: $0.fields, places: places, file: file) }
    }

    private static func unicode(_ bytes: [UInt8], file: String) throws(DocumentErrors) -> [UInt8] {
        if String(validating: bytes, as: UTF8.self) != nil { return bytes }
        // kCFStringEncodingGB_18030_2000 as Foundation numbers it.
        let chinese = String.Encoding(rawValue: 0x8000_0632)
        if let text = String(data: Data(bytes), encoding: chinese) { return Array(text.utf8) }
        throw DocumentErrors([
            DocumentError(
                .unreadable, file: file, line: 0, column: 0, message: "neither UTF-8 nor GB 18030",
                advice: "Convert it first: iconv -f GB18030 -t UTF-8")
        ])
    }
}

/// One line of a mapped file.
struct MappedRow {
    let line: Int
    fileprivate let fields: [String]
    fileprivate let places: [String: Int]
    private let file: String

    fileprivate init(line: Int, fields: [String], places: [String: Int], file: String) {
        self.line = line
        self.fields = fields
        self.places = places
        self.file = file
    }

    func wrong(_ message: String) -> DocumentError {
        DocumentError(.badValue, file: file, line: line, column: 0, message: message)
    }

    /// A column's field, without spaces around it; empty where the mapping does not name the column.
    /// - Throws: where the line is too short.
    func field(_ key: String) throws(DocumentError) -> String {
        guard let place = places[key] else { return "" }
        guard fields.indices.contains(place) else {
            throw wrong("\(fields.count) fields, and number \(place + 1) is needed")
        }
        return fields[place].trimmingCharacters(in: .whitespaces)
    }

    /// A time, as `CarrierTime` reads it, in microseconds of Unix time.
    func time(_ key: String, zone: TimeZone) throws(DocumentError) -> Int64 {
        let text = try field(key)
        guard let time = CarrierTime.microseconds(text, zone: zone) else {
            throw wrong("no time: \"\(text.prefix(40))\"; 2026-11-22 08:30:00 is one")
        }
        return time
    }

    /// A length in seconds.
    func seconds(_ key: String) throws(DocumentError) -> Int {
        let text = try field(key)
        guard let seconds = CarrierTime.seconds(text) else {
            throw wrong("no length: \"\(text.prefix(40))\"; 95 and 0:01:35 are")
        }
        return seconds
    }
}
