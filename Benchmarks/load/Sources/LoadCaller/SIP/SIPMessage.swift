/// A SIP message as read from a datagram. Whatever a server sends, reading ends with a message or with nil.
package struct SIPMessage: Sendable, Hashable {
    package enum Start: Sendable, Hashable {
        case request(method: String, uri: String)
        case response(status: Int, phrase: String)
    }

    package struct Header: Sendable, Hashable {
        /// Lower case, the long form.
        package var name: String
        package var value: String
    }

    package var start: Start
    package var headers: [Header]
    package var body: [UInt8]

    /// Longer datagrams are not read.
    package static let longest = 16_384
    static let mostHeaders = 128

    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count <= Self.longest else { return nil }
        var lines = Lines(Array(bytes))
        // Empty lines before a message are passed over (RFC 3261 §7.5); they also keep NAT open.
        guard let first = lines.nextFilled(), let start = Self.start(first) else { return nil }
        self.start = start
        headers = []
        while let line = lines.next(), !line.isEmpty {
            if line.first == 32 || line.first == 9 {
                // A folded line goes on with the one before.
                guard !headers.isEmpty else { return nil }
                headers[headers.count - 1].value += " " + String(decoding: line, as: UTF8.self).trimmingBlanks
                continue
            }
            guard headers.count < Self.mostHeaders, let colon = line.firstIndex(of: 58) else { return nil }
            let name = String(decoding: line[..<colon], as: UTF8.self).trimmingBlanks.lowercased()
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
            let value = String(decoding: line[(colon + 1)...], as: UTF8.self).trimmingBlanks
            headers.append(Header(name: Self.long[name] ?? name, value: String(value)))
        }
        let rest = lines.rest
        if let text = headers.first(where: { $0.name == "content-length" })?.value {
            guard let length = Int(text), length >= 0, length <= rest.count else { return nil }
            body = Array(rest.prefix(length))
        } else {
            body = Array(rest)
        }
    }

    private static func start(_ line: ArraySlice<UInt8>) -> Start? {
        let text = String(decoding: line, as: UTF8.self)
        let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        if parts.count >= 2, parts[0] == "SIP/2.0" {
            guard parts[1].utf8.count == 3, let status = Int(parts[1]), (100...699).contains(status) else {
                return nil
            }
            return .response(status: status, phrase: parts.count > 2 ? String(parts[2]) : "")
        }
        guard parts.count == 3, parts[2] == "SIP/2.0", !parts[0].isEmpty, !parts[1].isEmpty,
            parts[0].utf8.allSatisfy({ (65...90).contains($0) })
        else { return nil }
        return .request(method: String(parts[0]), uri: String(parts[1]))
    }

    private static let long = [
        "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
        "c": "content-type", "k": "supported", "s": "subject",
    ]

    /// Lines that end with CRLF or LF alone.
    private struct Lines {
        let bytes: [UInt8]
        var at = 0
        init(_ bytes: [UInt8]) { self.bytes = bytes }

        mutating func next() -> ArraySlice<UInt8>? {
            guard at < bytes.count else { return nil }
            let end = bytes[at...].firstIndex(of: 10) ?? bytes.count
            var line = bytes[at..<end]
            if line.last == 13 { line = line.dropLast() }
            at = min(end + 1, bytes.count)
            return line
        }

        mutating func nextFilled() -> ArraySlice<UInt8>? {
            while let line = next() { if !line.isEmpty { return line } }
            return nil
        }

        var rest: ArraySlice<UInt8> { bytes[at...] }
    }

    // MARK: What is read from it

    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// All values of a header, in their order, whether in one line or in several.
    package func values(_ name: String) -> [String] {
        headers.filter { $0.name == name }.flatMap { NameAddress.list($0.value) }
    }

    package var callID: String { header("call-id") ?? "" }
    package var fromTag: String { tag("from") }
    package var toTag: String { tag("to") }
    private func tag(_ name: String) -> String { header(name).flatMap { NameAddress($0) }?.parameters["tag"] ?? "" }

    /// Number and method of CSeq; nil where it cannot be read.
    package var sequence: (number: UInt32, method: String)? {
        guard let parts = header("cseq")?.split(separator: " "), parts.count == 2, let number = UInt32(parts[0]) else {
            return nil
        }
        return (number, String(parts[1]))
    }

    /// The branch of the topmost Via.
    package var branch: String {
        // No comma stands in a Via but between two of them.
        guard let via = header("via")?.utf8.split(separator: 44).first else { return "" }
        for part in via.split(separator: 59).dropFirst() {
            let part = Substring(part).trimmingBlanks
            if part.prefix(7).lowercased() == "branch=" { return String(part.dropFirst(7)) }
        }
        return ""
    }

    package var status: Int? {
        if case .response(let status, _) = start { return status }
        return nil
    }

    package var method: String? {
        if case .request(let method, _) = start { return method }
        return nil
    }
}
