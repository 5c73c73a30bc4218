import Foundation

/// How the commands and the console write what they found: keys sorted, two spaces of indentation, slashes as they
/// are. What the keys mean stands in docs/json.md.
public enum QueryJSON {
    /// - Throws: `EncodingError` for values that have no JSON form (a fraction that is not finite).
    public static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}
