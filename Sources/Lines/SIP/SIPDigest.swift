/// Digest authentication of callers (RFC 3261 §22, RFC 2617: MD5, qop=auth) without any state for each challenge, so
/// that a flood of challenges costs nothing: a nonce carries its own time and a keyed hash that proves it ours.
package struct SIPDigest: Sendable {
    package enum Verdict: Sendable, Hashable {
        /// The user's name.
        case verified(String)
        /// A good answer to a challenge that has grown old: challenge again with stale=true.
        case stale
        /// No answer to a challenge of ours: not of this realm, not to this peer, not since our start, or not whole.
        /// The password was not looked at, and the source may be forged.
        case foreign
        case wrong
    }

    /// How long a nonce may be used.
    package static let nonceMilliseconds: Int64 = 60_000

    let users: [String: String]
    let realm: String
    private let secret: String
    private let md5: @Sendable (String) -> String

    /// - Parameter secret: random for each start; whoever knows it can make nonces.
    package init(users: [SIPUser], realm: String, secret: String, md5: @escaping @Sendable (String) -> String) {
        self.users = Dictionary(users.map { ($0.name, $0.password) }, uniquingKeysWith: { first, _ in first })
        self.realm = realm
        self.secret = secret
        self.md5 = md5
    }

    /// The value of WWW-Authenticate.
    /// - Parameters:
    ///   - milliseconds: the present moment on a monotonic clock.
    ///   - peer: whose answer alone will count; empty: anybody's.
    package func challenge(milliseconds: Int64, peer: String = "", stale: Bool = false) -> String {
        "Digest realm=\"\(realm)\", nonce=\"\(nonce(milliseconds, peer))\", algorithm=MD5, qop=\"auth\""
            + (stale ? ", stale=true" : "")
    }

    /// Judges the value of an Authorization header.
    package func judge(_ authorization: String, method: String, milliseconds: Int64, peer: String = "") -> Verdict {
        let fields = SIPParameters.digest(authorization)
        guard let user = fields["username"], let nonce = fields["nonce"], let uri = fields["uri"],
            let response = fields["response"], fields["realm"] == realm, !uri.isEmpty,
            (fields["algorithm"] ?? "MD5").uppercased() == "MD5", let made = time(of: nonce, peer)
        else { return .foreign }
        // An unknown name takes the same way as a wrong password, and as long.
        let password = users[user]
        let first = md5("\(user):\(realm):\(password ?? secret)")
        let second = md5("\(method):\(uri)")
        let expected: String
        if let qop = fields["qop"] {
            guard qop == "auth", let count = fields["nc"], let client = fields["cnonce"] else { return .wrong }
            expected = md5("\(first):\(nonce):\(count):\(client):\(qop):\(second)")
        } else {
            expected = md5("\(first):\(nonce):\(second)")
        }
        guard Self.same(expected, response.lowercased()), password != nil else { return .wrong }
        guard milliseconds >= made, milliseconds - made <= Self.nonceMilliseconds else { return .stale }
        return .verified(user)
    }

    private func nonce(_ milliseconds: Int64, _ peer: String) -> String {
        let time = String(milliseconds, radix: 16)
        return "\(time)-\(md5("\(time):\(peer):\(secret)"))"
    }

    private func time(of nonce: String, _ peer: String) -> Int64? {
        let parts = nonce.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, parts[0].utf8.count <= 15, let time = Int64(parts[0], radix: 16), time >= 0,
            Self.same(md5("\(parts[0]):\(peer):\(secret)"), String(parts[1]))
        else { return nil }
        return time
    }

    /// Takes as long wherever the first difference is.
    private static func same(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
