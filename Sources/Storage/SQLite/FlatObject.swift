import Evidence

/// Reads a canonical JSON object whose values are all texts. Audits read hundreds of thousands of them: where no text has
/// an escape, as in nearly all, it is one pass without a tree in between.
enum FlatObject {
    /// - Returns: nil for anything else.
    static func read(_ text: String) -> [String: String]? {
        text.utf8.contains(UInt8(ascii: "\\")) ? tree(text) : plain(text)
    }

    private static func plain(_ text: String) -> [String: String]? {
        let bytes = text.utf8
        var index = bytes.startIndex
        func take(_ character: UInt8) -> Bool {
            guard index < bytes.endIndex, bytes[index] == character else { return false }
            index = bytes.index(after: index)
            return true
        }
        func quoted() -> String? {
            guard take(UInt8(ascii: "\"")), let end = bytes[index...].firstIndex(of: UInt8(ascii: "\"")) else {
                return nil
            }
            defer { index = bytes.index(after: end) }
            return String(text[index..<end])
        }
        guard take(UInt8(ascii: "{")) else { return nil }
        var fields: [String: String] = [:]
        if take(UInt8(ascii: "}")) { return index == bytes.endIndex ? fields : nil }
        repeat {
            guard let key = quoted(), take(UInt8(ascii: ":")), let value = quoted(),
                fields.updateValue(value, forKey: key) == nil
            else { return nil }
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}")) && index == bytes.endIndex ? fields : nil
    }

    private static func tree(_ text: String) -> [String: String]? {
        do throws(EvidenceError) {
            guard case .object(let members) = try CanonicalValue(canonical: Array(text.utf8)) else { return nil }
            var fields: [String: String] = [:]
            for (name, value) in members {
                guard case .text(let text) = value else { return nil }
                fields[name] = text
            }
            return fields
        } catch {
            return nil
        }
    }
}
