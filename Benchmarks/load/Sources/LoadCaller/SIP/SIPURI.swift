/// `sip:user@host:port;parameters`, as far as a caller needs it.
package struct SIPURI: Sendable, Hashable, CustomStringConvertible {
    package var user: String
    package var host: String
    /// 0 where none is given.
    package var port: UInt16
    /// As written, without the first `;`.
    package var parameters: String

    package init(user: String, host: String, port: UInt16 = 0, parameters: String = "") {
        self.user = user
        self.host = host
        self.port = port
        self.parameters = parameters
    }

    /// Nil for other schemes, control characters and what is too long to be meant.
    package init?(_ text: some StringProtocol) {
        let text = text.trimmingBlanks
        guard text.utf8.count <= 512, text.utf8.allSatisfy({ $0 > 32 && $0 != 127 }),
            text.prefix(4).lowercased() == "sip:"
        else { return nil }
        var rest = text.dropFirst(4)
        if let headers = rest.firstIndex(of: "?") { rest = rest[..<headers] }
        if let at = rest.lastIndex(of: "@") {
            user = String(rest[..<at].prefix { $0 != ":" && $0 != ";" })
            rest = rest[rest.index(after: at)...]
        } else {
            user = ""
        }
        if let semicolon = rest.firstIndex(of: ";") {
            parameters = String(rest[rest.index(after: semicolon)...])
            rest = rest[..<semicolon]
        } else {
            parameters = ""
        }
        // IPv6 stands in brackets; it is kept, and nobody is called there.
        let colon = rest.hasPrefix("[") ? nil : rest.lastIndex(of: ":")
        host = String(colon.map { rest[..<$0] } ?? rest)
        guard !host.isEmpty else { return nil }
        guard let colon else {
            port = 0
            return
        }
        guard let number = UInt16(rest[rest.index(after: colon)...]), number > 0 else { return nil }
        port = number
    }

    package var description: String {
        "sip:" + (user.isEmpty ? "" : user + "@") + host + (port == 0 ? "" : ":\(port)")
            + (parameters.isEmpty ? "" : ";" + parameters)
    }

    /// Where it is reached; nil where the host is no IPv4 address.
    package var endpoint: Endpoint? {
        Endpoint.address(host).map { Endpoint(address: $0, port: port == 0 ? 5060 : port) }
    }
}

/// The value of From, To, Contact or Record-Route: a URI, in angle brackets or bare, and parameters behind it.
package struct NameAddress: Sendable, Hashable {
    /// As written between the brackets.
    package var uri: String
    package var parameters: [String: String]

    package init?(_ text: some StringProtocol) {
        let text = text.trimmingBlanks
        let rest: Substring
        // A quoted name may hold brackets.
        let open = Self.outsideQuotes("<", in: text)
        if let open {
            guard let close = text[open...].firstIndex(of: ">") else { return nil }
            uri = String(text[text.index(after: open)..<close])
            rest = text[text.index(after: close)...]
        } else {
            let semicolon = text.firstIndex(of: ";") ?? text.endIndex
            uri = String(text[..<semicolon].trimmingBlanks)
            rest = text[semicolon...]
        }
        guard !uri.isEmpty else { return nil }
        parameters = [:]
        for part in rest.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = pair[0].trimmingBlanks.lowercased()
            guard !name.isEmpty, parameters[name] == nil else { continue }
            parameters[name] = pair.count == 2 ? String(pair[1].trimmingBlanks) : ""
        }
    }

    private static func outsideQuotes(_ wanted: Character, in text: Substring) -> Substring.Index? {
        var isQuoted = false
        var isEscaped = false
        for index in text.indices {
            let character = text[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if !isQuoted, character == wanted {
                return index
            }
        }
        return nil
    }

    /// The values of a header that may be several in one line; commas in quotes and brackets part nothing.
    package static func list(_ text: String) -> [String] {
        var parts: [String] = [""]
        var isQuoted = false
        var depth = 0
        for character in text {
            switch character {
            case "\"": isQuoted.toggle()
            case "<" where !isQuoted: depth += 1
            case ">" where !isQuoted: depth -= 1
            case "," where !isQuoted && depth <= 0:
                parts.append("")
                continue
            default: break
            }
            parts[parts.count - 1].append(character)
        }
        return parts.map { String($0.trimmingBlanks) }.filter { !$0.isEmpty }
    }
}

extension StringProtocol {
    /// Without blanks and tabs at either end.
    package var trimmingBlanks: Substring {
        let text = Substring(self)
        let bytes = text.utf8
        var (from, to) = (bytes.startIndex, bytes.endIndex)
        while from < to, bytes[from] == 32 || bytes[from] == 9 { from = bytes.index(after: from) }
        while from < to {
            let last = bytes.index(before: to)
            guard bytes[last] == 32 || bytes[last] == 9 else { break }
            to = last
        }
        return text[from..<to]
    }
}
