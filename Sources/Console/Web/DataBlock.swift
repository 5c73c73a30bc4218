import Foundation

/// Data for a page's scripts, as one line of JSON that can stand in a `<script type="application/json">` and in an event stream.
enum DataBlock {
    /// `<` is escaped: no text may end the block.
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
            .replacingOccurrences(of: "<", with: "\\u003c")
    }
}
