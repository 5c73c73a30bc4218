import Documents

/// A text with variables in it: `${call.caller}`. `$` anywhere else stands for itself.
struct Template: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        case text(String)
        case variable(String)
    }

    private let parts: [Part]
    /// For complaints.
    let node: Node

    /// Nil after a complaint: a brace that is never closed, or a name that is none.
    init?(_ text: String, _ node: Node, _ diagnostics: Diagnostics) {
        var parts: [Part] = []
        var rest = Substring(text)
        while let open = rest.firstRange(of: "${") {
            if open.lowerBound > rest.startIndex { parts.append(.text(String(rest[..<open.lowerBound]))) }
            let after = rest[open.upperBound...]
            guard let close = after.firstIndex(of: "}"), Self.isName(after[..<close]) else {
                diagnostics.add(
                    error: node.error(
                        .badValue, "\"\(text.prefix(60))\" has no variable after `${`",
                        advice: "Write ${name}, of lower-case letters, digits, `_` and dots"))
                return nil
            }
            parts.append(.variable(String(after[..<close])))
            rest = after[after.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
        self.node = node
    }

    var variables: [String] {
        parts.compactMap { part in
            if case .variable(let name) = part { name } else { nil }
        }
    }

    /// The name where the text is one variable and nothing else.
    var loneVariable: String? {
        guard parts.count == 1, case .variable(let name) = parts[0] else { return nil }
        return name
    }

    /// Unset variables are empty. The result is cut at 256 characters.
    func text(_ variables: [String: String]) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .variable(let name): result += variables[name] ?? ""
            }
        }
        return String(result.prefix(256))
    }

    /// Lower-case letters, digits, `_` and dots; 1…64 characters.
    static func isName(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (97...122).contains(byte) || (48...57).contains(byte) || byte == 95 || byte == 46
            }
    }
}
