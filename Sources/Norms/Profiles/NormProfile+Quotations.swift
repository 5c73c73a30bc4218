extension NormProfile {
    /// The quotations that do not stand in the documents.
    /// - Parameter texts: what the documents say, by the source's key; sources that are missing are passed over. White space
    ///   is passed over on both sides: where a line ends is not the document's doing.
    /// - Returns: how many were compared, and the ids of the rules and penalties whose words were not found.
    public func quotations(in texts: [String: String]) -> (compared: Int, missing: [String]) {
        let packed = texts.mapValues(Self.packed)
        var compared = 0
        var missing: [String] = []
        func compare(_ id: String, _ source: String, _ words: NormRule.Words) {
            guard case .quote(let quote) = words, let text = packed[source] else { return }
            compared += 1
            if !text.contains(Self.packed(quote)) { missing.append(id) }
        }
        for rule in rules { compare(rule.id, rule.source, rule.words) }
        for penalty in penalties { compare(penalty.id, penalty.source, penalty.words) }
        return (compared, missing)
    }

    private static func packed(_ text: String) -> String { String(text.filter { !$0.isWhitespace }) }
}
