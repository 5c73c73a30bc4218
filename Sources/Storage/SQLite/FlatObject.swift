import Evidence

/// Reads a canonical JSON object whose values are all texts. Audits read hundreds of thousands of them: where no text has
/// an escape, as in nearly all, it is one pass without a tree in between.
enum FlatObject {
    /// - Returns: nil for anything else.
    static func read(_ text: String) -> [String: String]? {
        switch text.utf8.withContiguousStorageIfAvailable({ plain($0) }) {
        case .fields(let fields)?: fields
        case .escaped?, nil: tree(text)
        case .other?: nil
        }
    }

    private enum Plain {
        case fields([String: String])
        /// Some text has an escape.
        case escaped
        case other
    }

    /// Texts between quotes, which stand where canonical JSON has them: at places of the bytes, looked at once each.
    private static func plain(_ bytes: some RandomAccessCollection<UInt8>) -> Plain {
        let (quote, escape) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
        var index = bytes.startIndex
        func take(_ character: UInt8) -> Bool {
            guard index < bytes.endIndex, bytes[index] == character else { return false }
            bytes.formIndex(after: &index)
            return true
        }
        var isEscaped = false
        func quoted() -> String? {
            guard take(quote) else { return nil }
            let begin = index
            while index < bytes.endIndex, bytes[index] != quote {
                if bytes[index] == escape { isEscaped = true }
                bytes.formIndex(after: &index)
            }
            guard index < bytes.endIndex, !isEscaped else { return nil }
            defer { bytes.formIndex(after: &index) }
            return String(decoding: bytes[begin..<index], as: UTF8.self)
        }
        guard take(UInt8(ascii: "{")) else { return .other }
        var fields: [String: String] = [:]
        if take(UInt8(ascii: "}")) { return index == bytes.endIndex ? .fields(fields) : .other }
        repeat {
            guard let key = quoted(), take(UInt8(ascii: ":")), let value = quoted() else {
                return isEscaped ? .escaped : .other
            }
            guard fields.updateValue(value, forKey: key) == nil else { return .other }
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}")) && index == bytes.endIndex ? .fields(fields) : .other
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
