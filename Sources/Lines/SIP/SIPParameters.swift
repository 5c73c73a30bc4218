/// The few header fields that this program reads itself. All of it is hostile input: bounded by the shim, never
/// trusted to be well formed.
package enum SIPParameters {
    /// The parameters of `Digest name=value, name="value"` with lower-case names; the first of equals.
    package static func digest(_ value: String) -> [String: String] {
        guard let space = value.firstIndex(of: " "), value[..<space].lowercased() == "digest" else { return [:] }
        var fields: [String: String] = [:]
        for part in split(value[value.index(after: space)...], at: ",") {
            guard let equals = part.firstIndex(of: "=") else { continue }
            let name = trimmed(part[..<equals]).lowercased()
            let text = unquoted(trimmed(part[part.index(after: equals)...]))
            if fields[name] == nil { fields[name] = text }
        }
        return fields
    }

    /// The user part of each address in a header field of several (`"Name" <sip:user@host>;p=1, <tel:+86…>`), in
    /// order; an address without one is left out.
    package static func users(_ value: String) -> [String] {
        split(value[...], at: ",").compactMap { user(ofAddress: $0) }
    }

    /// The user part of a sip:, sips: or tel: URI, or of the address that holds one in angle brackets.
    package static func user(ofAddress address: some StringProtocol) -> String? {
        var uri = Substring(address)
        if let open = bracket(in: uri) {
            uri = uri[uri.index(after: open)...]
            if let close = uri.firstIndex(of: ">") { uri = uri[..<close] }
        }
        uri = trimmed(uri)
        guard let colon = uri.firstIndex(of: ":") else { return nil }
        let scheme = uri[..<colon].lowercased()
        let rest = uri[uri.index(after: colon)...]
        let user: Substring
        switch scheme {
        case "tel": user = rest.prefix { $0 != ";" }
        case "sip", "sips":
            guard let at = rest.firstIndex(of: "@") else { return nil }
            user = rest[..<at].prefix { $0 != ":" }
        default: return nil
        }
        return user.isEmpty ? nil : String(user)
    }

    /// The Q.850 cause in a Reason header (RFC 3326), 1…127.
    package static func q850(_ reason: String) -> Int? {
        for part in split(reason[...], at: ",") {
            let fields = split(part, at: ";")
            guard let first = fields.first, trimmed(first).lowercased() == "q.850" else { continue }
            for field in fields.dropFirst() {
                let pair = field.split(separator: "=", maxSplits: 1)
                guard pair.count == 2, trimmed(pair[0]).lowercased() == "cause",
                    let cause = Int(unquoted(trimmed(pair[1]))), (1...127).contains(cause)
                else { continue }
                return cause
            }
        }
        return nil
    }

    /// The key and its length in an INFO body: `application/dtmf-relay` (`Signal=5`, `Duration=160`) or
    /// `application/dtmf` (the key alone).
    package static func infoKey(contentType: String, body: String) -> (key: Character, milliseconds: Int)? {
        let type = contentType.split(separator: ";", maxSplits: 1).first.map { trimmed($0).lowercased() } ?? ""
        switch type {
        case "application/dtmf":
            let text = trimmed(body[...])
            return key(text).map { ($0, Self.keyMilliseconds) }
        case "application/dtmf-relay":
            var found: Character?
            var milliseconds = Self.keyMilliseconds
            for line in body.split(whereSeparator: \.isNewline).prefix(16) {
                let pair = line.split(separator: "=", maxSplits: 1)
                guard pair.count == 2 else { continue }
                let value = trimmed(pair[1])
                switch trimmed(pair[0]).lowercased() {
                case "signal": found = key(value)
                case "duration": milliseconds = min(max(Int(value) ?? Self.keyMilliseconds, 0), 60_000)
                default: break
                }
            }
            return found.map { ($0, milliseconds) }
        default: return nil
        }
    }

    /// What a key counts for where no length is told.
    private static let keyMilliseconds = 100

    /// One key; 10 and 11 stand for `*` and `#` at some gateways.
    private static func key(_ text: Substring) -> Character? {
        switch text {
        case "10": return "*"
        case "11": return "#"
        default:
            guard text.count == 1, let key = text.uppercased().first, "0123456789*#ABCD".contains(key) else {
                return nil
            }
            return key
        }
    }

    /// The `<` outside of a quoted display name.
    private static func bracket(in text: Substring) -> Substring.Index? {
        var quoted = false
        var escaped = false
        for index in text.indices {
            switch text[index] {
            case _ where escaped: escaped = false
            case "\\" where quoted: escaped = true
            case "\"": quoted.toggle()
            case "<" where !quoted: return index
            default: break
            }
        }
        return nil
    }

    /// Splits outside of quotes and angle brackets.
    private static func split(_ text: Substring, at separator: Character) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var quoted = false
        var escaped = false
        var depth = false
        for index in text.indices {
            switch text[index] {
            case _ where escaped: escaped = false
            case "\\" where quoted: escaped = true
            case "\"": quoted.toggle()
            case "<" where !quoted: depth = true
            case ">" where !quoted: depth = false
            case separator where !quoted && !depth:
                parts.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        parts.append(text[start...])
        return parts
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }

    private static func unquoted(_ text: Substring) -> String {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return String(text) }
        var plain = ""
        var escaped = false
        for character in text.dropFirst().dropLast() {
            if !escaped, character == "\\" {
                escaped = true
            } else {
                plain.append(character)
                escaped = false
            }
        }
        return plain
    }
}

extension SIPParameters {
    /// The Call-ID of a Replaces header (RFC 3891) within a URI's headers (`Replaces=id%40host%3Bto-tag%3D…`), at most
    /// 256 characters; nil where there is none.
    package static func replaces(_ headers: String) -> String? {
        for header in headers.split(separator: "&") {
            let pair = header.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].lowercased() == "replaces" else { continue }
            let value = unescaped(pair[1])
            let id = value.prefix { $0 != ";" }
            return id.isEmpty ? nil : String(SIPCaller.clean(String(id)).prefix(256))
        }
        return nil
    }

    /// `%2A` and the like undone (RFC 3986 §2.1); what is not UTF-8 is replaced.
    package static func unescaped(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2, rest.prefix(2).allSatisfy({ $0 != UInt8(ascii: "+") }),
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
