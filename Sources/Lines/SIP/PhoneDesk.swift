import Calls
import Media

/// Agents' phones at one line: proves who asks and keeps what is registered. A value: messages and time come in, the
/// answer goes out.
package struct PhoneDesk: Sendable {
    package enum Verdict: Sendable, Hashable {
        case proven(WorkNumber)
        /// 401 with this WWW-Authenticate.
        case challenge(String)
        /// 403.
        case refused(PhoneRefusal)
    }

    /// What a REGISTER is answered with.
    package struct Answer: Sendable, Hashable {
        package var status: Int
        package var refusal: PhoneRefusal?
        package var challenge: String?
        /// The value of Contact: all that stands.
        package var contact: String?
        /// Of Min-Expires, seconds.
        package var minimumExpires: Int?
        /// Whose contacts were asked for or changed.
        package var agent: WorkNumber?
        /// The agent has the first contact now, or lost the last one.
        package var isReachable: Bool?

        init(_ status: Int, _ refusal: PhoneRefusal? = nil) {
            self.status = status
            self.refusal = refusal
        }
    }

    private let allow: [AddressRange]
    private let minimum: Int
    private let realm: String
    private let nat: Bool
    private let secret: String
    private let md5: @Sendable (String) -> String
    private var agents: [String: WorkNumber] = [:]
    private var digest: SIPDigest
    private var lockout: PhoneLockout
    private(set) package var registry: PhoneRegistry
    /// Agents last told to be reachable: a contact may run out unseen between two looks at the clock.
    private var reachable: Set<WorkNumber> = []

    /// - Parameters:
    ///   - nat: contacts are reached where their REGISTER came from.
    ///   - secret: random for each start (`SIPDigest`).
    package init(_ phones: SIPPhones, nat: Bool, secret: String, md5: @escaping @Sendable (String) -> String) {
        allow = phones.allow
        minimum = phones.minimumExpiresSeconds
        realm = phones.realm
        self.nat = nat
        self.secret = secret
        self.md5 = md5
        digest = SIPDigest(users: [], realm: phones.realm, secret: secret, md5: md5)
        lockout = PhoneLockout(phones.lockout)
        registry = PhoneRegistry(
            minimum: phones.minimumExpiresSeconds, maximum: phones.maximumExpiresSeconds)
        _ = change(phones.users)
    }

    /// Locks imposed so far.
    package var locks: UInt64 { lockout.imposed }

    /// Takes other users from now on. Bindings of those who stay are kept, also where a password changed: it is asked
    /// for at the next refresh.
    /// - Parameter users: names that are no work numbers are passed over.
    /// - Returns: the agents who lost their contacts by it.
    package mutating func change(_ users: [SIPUser]) -> [WorkNumber] {
        agents = Dictionary(
            users.compactMap { user in WorkNumber(user.name).map { (user.name, $0) } }, uniquingKeysWith: { $1 })
        digest = SIPDigest(users: users.filter { agents[$0.name] != nil }, realm: realm, secret: secret, md5: md5)
        let gone = registry.agents.filter { agents[$0.text] == nil }
        for agent in gone { registry.remove(agent) }
        let told = reachable.filter { agents[$0.text] == nil }
        reachable.subtract(told)
        return told.sorted()
    }

    /// - Returns: the agents without a contact from now on, and those that lost one of several.
    package mutating func expire(at now: Instant) -> (unreachable: [WorkNumber], changed: [WorkNumber]) {
        let changed = registry.expire(at: now)
        return (changed.filter { note($0, at: now) == false }, changed)
    }

    /// - Returns: whether the agent can be reached, where that is another than last told.
    private mutating func note(_ agent: WorkNumber, at now: Instant) -> Bool? {
        let isReachable = !registry.bindings(of: agent, at: now).isEmpty
        guard isReachable != reachable.contains(agent) else { return nil }
        if isReachable { reachable.insert(agent) } else { reachable.remove(agent) }
        return isReachable
    }

    // MARK: Who is it

    /// Whether an INVITE claims to come from an agent's phone: from the phones' networks, under an agent's number or with
    /// an agent's name in its answer to our challenge.
    package func claims(_ message: SIPMessage) -> Bool {
        guard let source = message.source, admits(source.address) else { return false }
        return agents[message.fromUser] != nil || account(message.authorization) != nil
    }

    /// Proves an INVITE that `claims`. One that proved another agent than the one it calls itself is refused, too.
    package mutating func judge(invite message: SIPMessage, at now: Instant) -> Verdict {
        let verdict = judge(message, claimed: message.fromUser, method: "INVITE", at: now)
        if case .proven(let agent) = verdict, let claimed = agents[message.fromUser], claimed != agent {
            return .refused(.foreignRecord)
        }
        return verdict
    }

    private func admits(_ source: IPAddress) -> Bool { allow.contains { $0.contains(source) } }

    private func account(_ authorization: String) -> WorkNumber? {
        guard !authorization.isEmpty else { return nil }
        let fields = SIPParameters.digest(authorization)
        return fields["realm"] == realm ? fields["username"].flatMap { agents[$0] } : nil
    }

    private mutating func judge(
        _ message: SIPMessage, claimed: String, method: String, at now: Instant
    ) -> Verdict {
        guard let source = message.source?.address, admits(source) else { return .refused(.foreignSource) }
        let account = account(message.authorization)
        guard !lockout.isLocked(source: source, account: account ?? agents[claimed], at: now) else {
            return .refused(.locked)
        }
        let milliseconds = now.mono / 1_000_000
        let peer = "\(source.unmapped)"
        guard !message.authorization.isEmpty else {
            return .challenge(digest.challenge(milliseconds: milliseconds, peer: peer))
        }
        switch digest.judge(message.authorization, method: method, milliseconds: milliseconds, peer: peer) {
        case .verified(let name):
            guard let agent = agents[name] else { return .refused(.badCredentials) }
            lockout.succeeded(source: source, account: agent, at: now)
            return .proven(agent)
        // Telephones answer the last challenge they know, from before our restart too.
        case .stale, .foreign:
            return .challenge(digest.challenge(milliseconds: milliseconds, peer: peer, stale: true))
        case .wrong:
            lockout.failed(source: source, account: account, at: now)
            return .refused(.badCredentials)
        }
    }

    // MARK: REGISTER

    /// - Parameter isOurs: whether an address is the line's own: a contact there would have us call ourselves.
    package mutating func register(
        _ message: SIPMessage, at now: Instant, isOurs: (Endpoint) -> Bool = { _ in false }
    ) -> Answer {
        let agent: WorkNumber
        switch judge(message, claimed: message.toUser, method: "REGISTER", at: now) {
        case .proven(let proven): agent = proven
        case .challenge(let challenge):
            var answer = Answer(401, .challenged)
            answer.challenge = challenge
            return answer
        case .refused(let refusal): return Answer(403, refusal)
        }
        guard let source = message.source, agents[message.toUser] == agent else { return Answer(403, .foreignRecord) }
        // A Call-ID that was cut would be taken for another one.
        guard !message.cut, !message.callID.isEmpty else { return Answer(400, .malformed) }
        let wishes: PhoneRegistry.Wishes
        switch read(message, source, isOurs) {
        case .success(let read): wishes = read
        case .failure(let refused): return refused.answer
        }
        let refusal = registry.register(
            agent, wishes, expires: message.expiresHeader, callID: message.callID, sequence: message.sequence,
            source: source, listener: message.listener, at: now)
        switch refusal {
        case .malformed: return Answer(400, .malformed)
        case .outOfOrder: return Answer(500, .outOfOrder)
        case .tooMany: return Answer(403, .tooMany)
        case .tooBrief:
            var answer = Answer(423, .tooBrief)
            answer.minimumExpires = minimum
            return answer
        case nil: break
        }
        let after = registry.bindings(of: agent, at: now)
        var answer = Answer(200)
        answer.agent = agent
        answer.contact = after.isEmpty ? nil : after.map { Self.text($0, at: now) }.joined(separator: ", ")
        answer.isReachable = note(agent, at: now)
        return answer
    }

    private struct Refused: Error { var answer: Answer }

    private func read(
        _ message: SIPMessage, _ source: Endpoint, _ isOurs: (Endpoint) -> Bool
    ) -> Result<PhoneRegistry.Wishes, Refused> {
        guard message.contactCount > 0 else { return .success(.list) }
        if message.contacts.contains(where: { $0.scheme == "*" }) {
            return message.contactCount == 1 ? .success(.clear) : .failure(Refused(answer: Answer(400, .malformed)))
        }
        guard message.contactCount == message.contacts.count, message.contactCount <= PhoneRegistry.contactsPerAgent
        else { return .failure(Refused(answer: Answer(403, .tooMany))) }
        var wishes: [PhoneRegistry.Wish] = []
        for received in message.contacts {
            guard
                let contact = PhoneContact(
                    received, transport: message.transport, behindNAT: nat ? source : nil)
            else { return .failure(Refused(answer: Answer(400, .badContact))) }
            guard admits(contact.endpoint.address), !isOurs(contact.endpoint) else {
                return .failure(Refused(answer: Answer(403, .outsideContact)))
            }
            wishes.append(
                PhoneRegistry.Wish(contact, expires: Self.seconds(received.expires), q: Self.preference(received.q)))
        }
        return .success(.contacts(wishes))
    }

    /// What cannot be read means an hour (RFC 3261 §10.2.1.1); nil: nothing was said.
    private static func seconds(_ text: String) -> Int? {
        guard !text.isEmpty else { return nil }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }) else { return 3600 }
        return text.utf8.count <= 10 ? Int(text) ?? 3600 : Int(UInt32.max)
    }

    /// `0.7` in thousandths (RFC 3261 §25.1: at most three digits behind the point); nil for anything else.
    private static func preference(_ text: String) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, whole == "0" || whole == "1" else { return nil }
        let places = parts.count == 2 ? parts[1] : ""
        guard places.utf8.count <= 3, places.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let value = (whole == "1" ? 1000 : 0) + (Int(places + String(repeating: "0", count: 3 - places.count)) ?? 0)
        return value <= 1000 ? value : nil
    }

    private static func text(_ binding: PhoneRegistry.Binding, at now: Instant) -> String {
        let left = max(1, (binding.until.milliseconds(since: now) + 999) / 1000)
        let q = binding.q.map { $0 >= 1000 ? ";q=1" : ";q=0." + String("00\($0)".suffix(3)) } ?? ""
        return "<\(binding.contact.uri)>;expires=\(left)\(q)"
    }
}

/// Why a phone's REGISTER or INVITE was not taken.
public enum PhoneRefusal: String, Sendable, Codable, CaseIterable {
    /// Not from the phones' networks: 403.
    case foreignSource = "foreign_source"
    /// Asked for its password: 401; the usual first half.
    case challenged
    /// Wrong password or unknown name: 403.
    case badCredentials = "bad_credentials"
    /// Locked out after too many wrong passwords: 403, unread.
    case locked
    /// Proved one agent, claimed another: 403.
    case foreignRecord = "foreign_record"
    /// A contact that cannot be called: a host name without NAT, another scheme or transport, a group's address: 400.
    case badContact = "bad_contact"
    /// A contact outside of the phones' networks, or the line itself: 403.
    case outsideContact = "outside_contact"
    /// More contacts at once than an agent may have: 403.
    case tooMany = "too_many"
    /// For less than the minimum: 423.
    case tooBrief = "too_brief"
    /// An older request of the same phone came late: 500.
    case outOfOrder = "out_of_order"
    /// Cannot be read: 400.
    case malformed
    /// The line is stopping: 503.
    case stopping
}
