import Documents

/// Reads a file of comma-separated values (RFC 4180): quoted fields with doubled quotes, lines that end in LF or CRLF,
/// empty lines passed over. Any one-byte separator.
package struct CommaSeparated: Sequence, IteratorProtocol {
    /// A line that is a record, and where it begins.
    package struct Record: Sendable, Hashable {
        /// 1: the first.
        package var line: Int
        package var fields: [String]

        package init(line: Int, fields: [String]) {
            self.line = line
            self.fields = fields
        }
    }

    private static let longestField = 65_536

    private let bytes: [UInt8]
    private let separator: UInt8
    private let file: String
    private var place = 0
    private var line = 1
    /// What is wrong; reading ends there.
    package private(set) var error: DocumentError?

    /// - Parameters:
    ///   - bytes: UTF-8; a byte-order mark is passed over.
    ///   - file: for complaints.
    package init(_ bytes: [UInt8], separator: UInt8 = 0x2C, file: String) {
        self.bytes = bytes
        self.separator = separator
        self.file = file
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
    }

    package mutating func next() -> Record? {
        while error == nil, place < bytes.count {
            let begin = line
            let fields = record()
            if error != nil { return nil }
            if fields != [""] { return Record(line: begin, fields: fields) }
        }
        return nil
    }

    private mutating func record() -> [String] {
        var fields: [String] = []
        while true {
            var field: [UInt8] = []
            let isQuoted = place < bytes.count && bytes[place] == 0x22
            if isQuoted { quoted(into: &field) } else { plain(into: &field) }
            if error != nil { return [] }
            guard field.count <= Self.longestField else {
                complain("a field of \(field.count) bytes", "Is the separator right?")
                return []
            }
            fields.append(String(decoding: field, as: UTF8.self))
            guard place < bytes.count else { return fields }
            let byte = bytes[place]
            if byte == separator {
                place += 1
            } else if byte == 0x0A || byte == 0x0D {
                if byte == 0x0D, place + 1 < bytes.count, bytes[place + 1] == 0x0A { place += 1 }
                place += 1
                line += 1
                return fields
            } else {
                complain("text behind a closing quote", "Double the quotes within a field")
                return []
            }
        }
    }

    private mutating func plain(into field: inout [UInt8]) {
        while place < bytes.count, bytes[place] != separator, bytes[place] != 0x0A, bytes[place] != 0x0D {
            field.append(bytes[place])
            place += 1
        }
    }

    private mutating func quoted(into field: inout [UInt8]) {
        place += 1
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if byte == 0x22 {
                guard place < bytes.count, bytes[place] == 0x22 else { return }
                place += 1
            } else if byte == 0x0A {
                line += 1
            }
            field.append(byte)
        }
        complain("a quoted field that does not end", "Close the quote")
    }

    private mutating func complain(_ what: String, _ advice: String) {
        error = DocumentError(.badValue, file: file, line: line, column: 0, message: what, advice: advice)
    }
}
