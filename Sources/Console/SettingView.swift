import Foundation

/// A key of the configuration with the value in force, as people may see it: no secret is in it, whatever stood in the file.
public struct SettingView: Sendable, Hashable {
    /// What the key holds.
    public enum Value: Sendable, Hashable {
        case text(String)
        case list([String])
        case records([[String: String]])
    }

    /// `http.listen`.
    public let key: String
    /// For a screen; empty where nothing is set.
    public let value: String
    /// `default`, `hotline.yaml:12`, `environment HOTLINE_HTTP_LISTEN`, `flag`.
    public let origin: String

    /// Takes out what must not be shown: what a key holds that is a secret by its name (the path of the file it lies in is none),
    /// all of a URL but where it leads, and the arguments of a program.
    public init(key: String, value: Value, origin: String) {
        self.key = key
        self.origin = origin
        switch value {
        case .text(let text): self.value = Self.shown(text, key)
        case .list(let items):
            self.value =
                Self.isCommand(key)
                ? items.first.map { $0 + (items.count > 1 ? " …" : "") } ?? ""
                : items.map { Self.shown($0, key) }.joined(separator: ", ")
        case .records(let records):
            self.value = records.map { record in
                record.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.shown($0.value, $0.key))" }
                    .joined(separator: " ")
            }.joined(separator: "; ")
        }
    }

    private static let secrets = ["password", "secret", "token", "pin", "key", "credential"]
    private static let hidden = "•••"

    private static func isCommand(_ key: String) -> Bool { last(key).hasSuffix("command") }

    private static func last(_ key: String) -> Substring { key.split(separator: ".").last ?? "" }

    private static func shown(_ text: String, _ key: String) -> String {
        guard !text.isEmpty else { return "" }
        let words = last(key).lowercased().split(separator: "_")
        if words.last != "file", words.contains(where: { secrets.contains(String($0)) }) { return hidden }
        return address(text)
    }

    /// Of a URL where it leads, no more: who signs in, the path and the query may each hold a secret. Any other text as it is.
    private static func address(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text }
        let rest = text[scheme.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return "\(text[..<scheme.upperBound])\(host)\(rest.count > authority.count + 1 ? "/…" : "")"
    }
}
