/// What part of a file a request asks for (RFC 9110 14).
public enum ByteRange: Sendable, Hashable {
    case whole
    /// Not empty.
    case part(Range<Int64>)
    /// It asks for what is not there: 416.
    case unsatisfiable

    /// Reads a Range header.
    ///
    /// What is no byte range, is malformed, or asks for several ranges at once is answered with the whole, as RFC 9110
    /// 14.2 allows; nobody needs several parts of a recording at once, and many of them are an attack.
    /// - Parameters:
    ///   - header: nil: none came.
    ///   - length: of the file.
    public init(_ header: String?, length: Int64) {
        self = header.flatMap { Self.parse($0, length: length) } ?? .whole
    }

    private static func parse(_ header: String, length: Int64) -> ByteRange? {
        guard header.utf8.count <= 100, let equals = header.firstIndex(of: "="),
            header[..<equals].lowercased() == "bytes"
        else { return nil }
        let bounds = header[header.index(after: equals)...].trimmed.split(
            separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard bounds.count == 2 else { return nil }
        if bounds[0].isEmpty {
            guard let count = number(bounds[1]) else { return nil }
            return count == 0 || length == 0 ? .unsatisfiable : .part(max(0, length - count)..<length)
        }
        guard let first = number(bounds[0]) else { return nil }
        var end = length
        if !bounds[1].isEmpty {
            guard let last = number(bounds[1]), last >= first else { return nil }
            if last < length { end = last + 1 }
        }
        return first < length ? .part(first..<end) : .unsatisfiable
    }

    /// Digits only; a number beyond all files is as good as the greatest.
    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(text) ?? .max
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
