/// How canonical values are spelled; `CanonicalValue` and `CanonicalEncoder` write by it.
enum CanonicalText {
    static func writeNull(to output: inout [UInt8]) { output.append(contentsOf: "null".utf8) }

    static func write(_ value: Bool, to output: inout [UInt8]) {
        output.append(contentsOf: (value ? "true" : "false").utf8)
    }

    static func write(_ value: Int64, to output: inout [UInt8]) {
        if value < 0 { output.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        let start = output.count
        repeat {
            output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        output[start...].reverse()
    }

    /// Escapes as RFC 8785 §3.2.2.2: the two-character forms where JSON has them, `\u00xx` for the other controls,
    /// everything else as it is.
    static func write(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        // Nearly no text has anything to escape, and what has nothing is copied at once.
        let isCopied = text.utf8.withContiguousStorageIfAvailable { bytes in
            guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) else { return false }
            output.append(contentsOf: bytes)
            return true
        }
        if isCopied != true { for byte in text.utf8 { write(escaping: byte, to: &output) } }
        output.append(UInt8(ascii: "\""))
    }

    private static func write(escaping byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case 0x22: output.append(contentsOf: [0x5C, 0x22])
        case 0x5C: output.append(contentsOf: [0x5C, 0x5C])
        case 0x08: output.append(contentsOf: [0x5C, UInt8(ascii: "b")])
        case 0x09: output.append(contentsOf: [0x5C, UInt8(ascii: "t")])
        case 0x0A: output.append(contentsOf: [0x5C, UInt8(ascii: "n")])
        case 0x0C: output.append(contentsOf: [0x5C, UInt8(ascii: "f")])
        case 0x0D: output.append(contentsOf: [0x5C, UInt8(ascii: "r")])
        case 0..<0x20:
            output.append(contentsOf: "\\u00".utf8)
            output.append(Hexadecimal.digit(byte >> 4))
            output.append(Hexadecimal.digit(byte & 15))
        default: output.append(byte)
        }
    }

    static func writeList<Element>(
        _ elements: some Collection<Element>, to output: inout [UInt8], write: (Element, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            write(element, &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    /// - Parameter fields: in the order of their keys, each key once.
    static func writeObject<Field>(
        _ fields: some Collection<Field>, key: (Field) -> String, to output: inout [UInt8],
        write: (Field, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: "{"))
        for (index, field) in fields.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            Self.write(key(field), to: &output)
            output.append(UInt8(ascii: ":"))
            write(field, &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    /// The order of keys. Strings compare by Unicode equivalence in Swift; bytes compare the same everywhere.
    static func precedes(_ first: String, _ second: String) -> Bool {
        first.utf8.lexicographicallyPrecedes(second.utf8)
    }
}
