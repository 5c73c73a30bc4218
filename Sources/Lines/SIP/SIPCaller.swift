/// Who calls whom, read from the header fields of an INVITE.
package struct SIPCaller: Sendable, Hashable {
    package var caller: String?
    package var callerRaw: String?
    /// `p_asserted_identity` or `from`.
    package var source: String
    package var called: String
    package var diversion: String?

    /// - Parameter trusted: whether the peer's P-Asserted-Identity is believed (RFC 3325 §5).
    package init(_ message: SIPMessage, trusted: Bool, rules: NumberRules) {
        let asserted = trusted ? SIPParameters.users(message.asserted).first : nil
        let raw = asserted ?? message.fromUser
        source = asserted == nil ? "from" : "p_asserted_identity"
        callerRaw = raw.isEmpty ? nil : Self.clean(raw)
        // RFC 3323 §4.2, RFC 3325 §9.3: the number is known, but must not be shown.
        let withheld = message.privacy.lowercased().split { $0 == ";" || $0 == "," || $0 == " " }
            .contains { $0 == "id" || $0 == "user" || $0 == "header" }
        caller = withheld ? nil : rules.normalise(raw)
        called =
            rules.normalise(message.requestUser.isEmpty ? message.toUser : message.requestUser)
            ?? Self.clean(message.requestUser)
        // Diversion is written newest first (RFC 5806 §4); in History-Info the newest is the present target, the one
        // before it was diverted (RFC 7044 §10.1).
        let history = SIPParameters.users(message.history)
        diversion = (SIPParameters.users(message.diversion).first ?? history.dropLast().last)
            .flatMap { rules.normalise($0) }
    }

    /// Printable, at most 256 characters: what came in may be shown and stored, never more.
    package static func clean(_ text: String) -> String {
        // Nearly every text is this; the tables of Unicode are asked for the others.
        if text.utf8.count <= 256, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        return String(
            text.unicodeScalars.prefix(256).filter { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
                default: true
                }
            }.map(Character.init))
    }
}
