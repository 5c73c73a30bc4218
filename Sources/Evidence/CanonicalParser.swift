extension CanonicalValue {
    /// How deep lists and objects may nest in what is read.
    public static let maximumDepth = 32

    /// Reads canonical bytes, and nothing else: another spelling of the same value is refused, so that reading and
    /// writing give the same bytes.
    /// - Throws: `EvidenceError` with code `.syntax`, naming the byte's offset.
    public init(canonical bytes: [UInt8]) throws(EvidenceError) {
        var parser = CanonicalParser(bytes: bytes)
        let value = try parser.value(depth: 0)
        guard parser.index == bytes.count else { throw parser.failure("text after the value") }
        guard value.bytes == bytes else {
            throw EvidenceError(.syntax, "the JSON text is not in canonical form (order of keys, escapes or digits)")
        }
        self = value
    }
}

/// Recursive descent over untrusted bytes: every step is bounded by their count and by the depth.
private struct CanonicalParser {
    let bytes: [UInt8]
    var index = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    func failure(_ what: String) -> EvidenceError {
        EvidenceError(.syntax, "not canonical JSON: \(what) at byte \(index)")
    }

    mutating func value(depth: Int) throws(EvidenceError) -> CanonicalValue {
        guard depth <= CanonicalValue.maximumDepth else { throw failure("nested too deep") }
        guard index < bytes.count else { throw failure("the text ends early") }
        switch bytes[index] {
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "{"): return try object(depth: depth)
        default: return .integer(try integer())
        }
    }

    private mutating func literal(_ word: String, _ value: CanonicalValue) throws(EvidenceError) -> CanonicalValue {
        guard bytes[index...].starts(with: word.utf8) else { throw failure("an unknown word") }
        index += word.utf8.count
        return value
    }

    private mutating func integer() throws(EvidenceError) -> Int64 {
        var end = index
        if end < bytes.count, bytes[end] == UInt8(ascii: "-") { end += 1 }
        while end < bytes.count, bytes[end] >= 48, bytes[end] <= 57, end - index <= 20 { end += 1 }
        guard let value = Int64(String(decoding: bytes[index..<end], as: UTF8.self)) else {
            throw failure("not a 64-bit integer")
        }
        index = end
        return value
    }

    private mutating func expect(_ character: Character) throws(EvidenceError) {
        guard take(character) else { throw failure("'\(character)' is missing") }
    }

    private mutating func take(_ character: Character) -> Bool {
        guard index < bytes.count, bytes[index] == character.asciiValue else { return false }
        index += 1
        return true
    }

    private mutating func list(depth: Int) throws(EvidenceError) -> CanonicalValue {
        try expect("[")
        var values: [CanonicalValue] = []
        if take("]") { return .list(values) }
        repeat { values.append(try value(depth: depth + 1)) } while take(",")
        try expect("]")
        return .list(values)
    }

    private mutating func object(depth: Int) throws(EvidenceError) -> CanonicalValue {
        try expect("{")
        var fields: [String: CanonicalValue] = [:]
        if take("}") { return .object(fields) }
        repeat {
            let key = try text()
            try expect(":")
            guard fields.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
                throw failure("the key '\(key)' stands twice")
            }
        } while take(",")
        try expect("}")
        return .object(fields)
    }

    private mutating func text() throws(EvidenceError) -> String {
        try expect("\"")
        var content: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else { throw failure("not UTF-8") }
                return text
            case UInt8(ascii: "\\"): content.append(try escape())
            case 0..<0x20: throw failure("a control character")
            default: content.append(byte)
            }
        }
        throw failure("a text without an end")
    }

    private mutating func escape() throws(EvidenceError) -> UInt8 {
        guard index < bytes.count else { throw failure("an escape without an end") }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "u"):
            guard index + 4 <= bytes.count, bytes[index] == 48, bytes[index + 1] == 48,
                let high = Hexadecimal.value(bytes[index + 2]), let low = Hexadecimal.value(bytes[index + 3]), high < 2
            else { throw failure("an escape that canonical JSON does not use") }
            index += 4
            return high << 4 | low
        default: throw failure("an unknown escape")
        }
    }
}
