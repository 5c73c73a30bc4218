/// The answer to a digest challenge (RFC 2617: MD5, qop=auth or none).
package enum DigestAnswer {
    /// The value of Authorization; nil where the challenge wants something else than MD5.
    package static func authorization(
        challenge: String, method: String, uri: String, user: String, password: String, cnonce: String,
        count: UInt32 = 1
    ) -> String? {
        let fields = parameters(challenge)
        guard let realm = fields["realm"], let nonce = fields["nonce"],
            (fields["algorithm"] ?? "MD5").uppercased() == "MD5"
        else { return nil }
        let first = MD5.hex("\(user):\(realm):\(password)")
        let second = MD5.hex("\(method):\(uri)")
        var parts = [
            "username=\"\(user)\"", "realm=\"\(realm)\"", "nonce=\"\(nonce)\"", "uri=\"\(uri)\"", "algorithm=MD5",
        ]
        if let opaque = fields["opaque"] { parts.append("opaque=\"\(opaque)\"") }
        if let offered = fields["qop"] {
            guard offered.split(separator: ",").contains(where: { $0.trimmingBlanks == "auth" }) else { return nil }
            let hex = String(count, radix: 16)
            let number = String(repeating: "0", count: 8 - hex.count) + hex
            let response = MD5.hex("\(first):\(nonce):\(number):\(cnonce):auth:\(second)")
            parts += ["response=\"\(response)\"", "qop=auth", "nc=\(number)", "cnonce=\"\(cnonce)\""]
        } else {
            parts.append("response=\"\(MD5.hex("\(first):\(nonce):\(second)"))\"")
        }
        return "Digest " + parts.joined(separator: ", ")
    }

    /// `Digest a="b", c=d` by names in lower case.
    package static func parameters(_ text: String) -> [String: String] {
        let text = text.trimmingBlanks
        guard text.prefix(7).lowercased() == "digest " else { return [:] }
        var fields: [String: String] = [:]
        for part in NameAddress.list(String(text.dropFirst(7))) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { continue }
            var value = pair[1].trimmingBlanks
            if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
            fields[pair[0].trimmingBlanks.lowercased()] = String(value)
        }
        return fields
    }
}
