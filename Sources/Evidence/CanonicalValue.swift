/// A JSON value that has exactly one spelling: no fractions, 64-bit integers, keys sorted by their UTF-8 bytes, no
/// space between tokens. What is hashed and signed is always these bytes (docs/decisions/0003-journal.md).
public enum CanonicalValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case text(String)
    case list([CanonicalValue])
    case object([String: CanonicalValue])

    /// The one spelling, in UTF-8.
    public var bytes: [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    private func write(to output: inout [UInt8]) {
        switch self {
        case .null: CanonicalText.writeNull(to: &output)
        case .bool(let value): CanonicalText.write(value, to: &output)
        case .integer(let value): CanonicalText.write(value, to: &output)
        case .text(let value): CanonicalText.write(value, to: &output)
        case .list(let values): CanonicalText.writeList(values, to: &output) { $0.write(to: &$1) }
        case .object(let fields):
            let sorted = fields.sorted { CanonicalText.precedes($0.key, $1.key) }
            CanonicalText.writeObject(sorted, key: \.key, to: &output) { $0.value.write(to: &$1) }
        }
    }
}

extension CanonicalValue {
    /// The field of an object; nil where this is none or has no such field.
    public subscript(_ key: String) -> CanonicalValue? {
        if case .object(let fields) = self { fields[key] } else { nil }
    }

    public var textValue: String? { if case .text(let value) = self { value } else { nil } }

    public var integerValue: Int64? { if case .integer(let value) = self { value } else { nil } }
}
