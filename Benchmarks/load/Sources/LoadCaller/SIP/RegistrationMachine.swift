/// Keeps one phone registered (RFC 3261 §10) with digest authentication, and lets go of it at the end. A value like
/// `CallerMachine`.
package struct RegistrationMachine: Sendable {
    package struct Parameters: Sendable {
        package var server: Endpoint
        /// `127.0.0.1` or a name: the registrar's domain.
        package var domain: String
        package var user: String
        package var password: String
        package var local: Endpoint
        /// Seconds asked for.
        package var expires: Int

        package init(
            server: Endpoint, domain: String, user: String, password: String, local: Endpoint, expires: Int = 600
        ) {
            self.server = server
            self.domain = domain
            self.user = user
            self.password = password
            self.local = local
            self.expires = expires
        }
    }

    package enum State: Sendable, Hashable {
        case idle, asking, registered, removing, removed
        case failed(String)
    }

    package private(set) var state = State.idle
    package let callID: String
    private let parameters: Parameters
    private let tag = SIPText.word(10)
    private var sequence: UInt32 = 0
    private var branch = ""
    private var request: [UInt8] = []
    private var timer: Retransmission?
    private var refreshAt: Int64?
    /// A challenge was answered in this round: the next one is a refusal, unless it says stale.
    private var hasAnswered = false
    private var expires: Int
    private var challenge: (value: String, isProxy: Bool)?
    private var nonceCount: UInt32 = 0

    package init(_ parameters: Parameters) {
        self.parameters = parameters
        callID = SIPText.word(20)
        expires = parameters.expires
    }

    package var user: String { parameters.user }
    package var next: Int64? { timer?.next ?? refreshAt }

    package mutating func begin(at now: Int64) -> [SIPAction] {
        state = .asking
        hasAnswered = false
        return ask(at: now)
    }

    package mutating func remove(at now: Int64) -> [SIPAction] {
        guard state == .registered || state == .asking else { return [] }
        state = .removing
        expires = 0
        hasAnswered = false
        refreshAt = nil
        return ask(at: now)
    }

    private mutating func ask(at now: Int64) -> [SIPAction] {
        sequence += 1
        branch = SIPText.branch()
        let uri = "sip:\(parameters.domain)"
        let record = "<sip:\(parameters.user)@\(parameters.domain)>"
        var headers: [(String, String)] = [
            ("Via", "SIP/2.0/UDP \(parameters.local);branch=\(branch);rport"), ("Max-Forwards", "70"),
            ("From", "\(record);tag=\(tag)"), ("To", record), ("Call-ID", callID),
            ("CSeq", "\(sequence) REGISTER"), ("Contact", "<sip:\(parameters.user)@\(parameters.local)>"),
            ("Expires", String(expires)), ("User-Agent", SIPText.agent),
        ]
        if let challenge {
            nonceCount += 1
            let value = DigestAnswer.authorization(
                challenge: challenge.value, method: "REGISTER", uri: uri, user: parameters.user,
                password: parameters.password, cnonce: SIPText.word(16), count: nonceCount)
            guard let value else { return fail("the challenge cannot be answered: \(challenge.value)") }
            headers.append((challenge.isProxy ? "Proxy-Authorization" : "Authorization", value))
        }
        request = SIPText.message("REGISTER \(uri) SIP/2.0", headers)
        timer = Retransmission(from: now, isInvite: false)
        return [.send(request, to: parameters.server)]
    }

    private mutating func fail(_ reason: String) -> [SIPAction] {
        state = .failed(reason)
        timer = nil
        refreshAt = nil
        return []
    }

    package mutating func tick(at now: Int64) -> [SIPAction] {
        if var running = timer {
            let due = running.due(at: now)
            timer = running
            switch due {
            case .nothing: return []
            case .again: return [.send(request, to: parameters.server)]
            case .giveUp: return fail("REGISTER got no answer in 32 s")
            }
        }
        guard let refreshAt, now >= refreshAt else { return [] }
        self.refreshAt = nil
        return begin(at: now)
    }

    package mutating func take(_ message: SIPMessage, at now: Int64) -> [SIPAction] {
        guard let status = message.status, status >= 200, message.branch == branch, timer != nil else { return [] }
        timer = nil
        switch status {
        case 200..<300:
            guard state != .removing else {
                state = .removed
                return []
            }
            state = .registered
            refreshAt = now + Int64(granted(message)) * 500_000_000
            return []
        case 401, 407:
            let isProxy = status == 407
            guard let value = message.header(isProxy ? "proxy-authenticate" : "www-authenticate") else {
                return fail("\(status) without a challenge")
            }
            let isStale = DigestAnswer.parameters(value)["stale"]?.lowercased() == "true"
            guard !hasAnswered || isStale else { return fail("\(status): wrong user or password") }
            hasAnswered = true
            challenge = (value, isProxy)
            nonceCount = 0
            return ask(at: now)
        case 423:
            guard let least = message.header("min-expires").flatMap({ Int($0) }), least > expires, least < 86_400 else {
                return fail("423 without a Min-Expires that can be kept")
            }
            expires = least
            return ask(at: now)
        default: return fail("REGISTER got \(status)")
        }
    }

    /// Seconds, from our own Contact in the answer.
    private func granted(_ message: SIPMessage) -> Int {
        let own = "sip:\(parameters.user)@\(parameters.local)"
        for value in message.values("contact") {
            guard let contact = NameAddress(value), contact.uri.hasPrefix(own) else { continue }
            if let seconds = contact.parameters["expires"].flatMap({ Int($0) }), (1...86_400).contains(seconds) {
                return seconds
            }
        }
        return message.header("expires").flatMap { Int($0) }.map { min(max(1, $0), 86_400) } ?? expires
    }
}
