import Calls
import Lines
import Media
import Testing

/// REGISTER and the proof of an INVITE, message by message, without a network.
struct PhoneDeskTests {
    static let start = Instant(wall: 0, mono: 1_000_000_000_000)

    /// A telephone that answers challenges.
    struct Phone {
        var name = "1001"
        var password = "not-a-secret-1001"
        var source = "192.0.2.1:5060"
        var host = "192.0.2.1"
        var call = "call-1"
        var sequence: UInt32 = 1

        func authorization(_ challenge: String, method: String = "REGISTER") -> String {
            let fields = SIPParameters.digest(challenge)
            let realm = fields["realm"] ?? ""
            let nonce = fields["nonce"] ?? ""
            let first = md5Hex("\(name):\(realm):\(password)")
            let response = md5Hex("\(first):\(nonce):00000001:c:auth:\(md5Hex("\(method):sip:192.0.2.9"))")
            return "Digest username=\"\(name)\", realm=\"\(realm)\", nonce=\"\(nonce)\", uri=\"sip:192.0.2.9\", "
                + "response=\"\(response)\", qop=auth, nc=00000001, cnonce=\"c\""
        }

        func message(
            _ kind: SIPMessage.Kind = .register, contacts: [PhoneContact.Received]? = nil, expires: Int? = nil,
            authorization: String = ""
        ) throws -> SIPMessage {
            var message = SIPMessage(kind)
            let peer: Endpoint = try #require(Endpoint(source))
            message.source = peer
            message.fromUser = name
            message.toUser = name
            message.callID = call
            message.sequence = sequence
            message.expiresHeader = expires
            message.contacts = contacts ?? [PhoneContact.Received(scheme: "sip", user: name, host: host)]
            message.contactCount = message.contacts.count
            message.authorization = authorization
            return message
        }
    }

    static func desk(nat: Bool = false) -> PhoneDesk {
        PhoneDesk(
            SIPPhones(
                users: ["1001", "1002"].map { SIPUser(name: $0, password: "not-a-secret-\($0)") },
                allow: ["192.0.2.0/24"].compactMap { AddressRange($0) }),
            nat: nat, secret: "s", md5: md5Hex)
    }

    /// Two rounds: asked, then proved.
    static func register(
        _ desk: inout PhoneDesk, _ phone: inout Phone, contacts: [PhoneContact.Received]? = nil, expires: Int? = nil,
        at now: Instant = start
    ) throws -> PhoneDesk.Answer {
        let asked = desk.register(try phone.message(contacts: contacts, expires: expires), at: now)
        guard let challenge = asked.challenge else { return asked }
        phone.sequence += 1
        defer { phone.sequence += 1 }
        return desk.register(
            try phone.message(contacts: contacts, expires: expires, authorization: phone.authorization(challenge)),
            at: now)
    }

    @Test func registersAndListsWhatStands() throws {
        var desk = Self.desk()
        var phone = Phone()
        let first = try Self.register(&desk, &phone, expires: 600)
        #expect(first.status == 200 && first.agent?.text == "1001" && first.isReachable == true)
        #expect(first.contact == "<sip:1001@192.0.2.1>;expires=600")
        var soft = Phone(source: "192.0.2.2:7000", call: "soft")
        let received = PhoneContact.Received(
            scheme: "sip", user: "1001", host: "192.0.2.2", port: "7000", expires: "120", q: "0.5")
        let second = try Self.register(
            &desk, &soft, contacts: [received], at: Self.start.advanced(milliseconds: 100_500))
        #expect(second.isReachable == nil)
        #expect(
            second.contact == "<sip:1001@192.0.2.1>;expires=500, <sip:1001@192.0.2.2:7000>;expires=120;q=0.500")
        let query = try Self.register(&desk, &soft, contacts: [], at: Self.start.advanced(milliseconds: 100_500))
        #expect(query.status == 200 && query.contact == second.contact)
        let star = PhoneContact.Received(scheme: "*", user: "", host: "")
        let cleared = try Self.register(&desk, &phone, contacts: [star], expires: 0)
        #expect(cleared.status == 200 && cleared.contact == nil && cleared.isReachable == false)
    }

    @Test func tellsWhoRanOut() throws {
        var desk = Self.desk()
        var phone = Phone()
        #expect(try Self.register(&desk, &phone, expires: 60).status == 200)
        #expect(desk.expire(at: Self.start.advanced(milliseconds: 59_999)).unreachable.isEmpty)
        #expect(desk.expire(at: Self.start.advanced(milliseconds: 60_000)).unreachable.map(\.text) == ["1001"])
        // A contact that ran out and is renewed before anybody looked was never away.
        phone.sequence += 1
        #expect(try Self.register(&desk, &phone, expires: 60).isReachable == true)
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var why: String
        var status: Int
        var refusal: PhoneRefusal
        var change: @Sendable (inout Phone) -> Void = { _ in }
        var contacts: [PhoneContact.Received]?
        var expires: Int?
        var testDescription: String { why }
    }

    static let star = PhoneContact.Received(scheme: "*", user: "", host: "")
    static func at(_ host: String) -> PhoneContact.Received {
        PhoneContact.Received(scheme: "sip", user: "1001", host: host)
    }

    static let refusals: [Refused] = [
        Refused(why: "foreign network", status: 403, refusal: .foreignSource) { $0.source = "203.0.113.1:5060" },
        Refused(why: "wrong password", status: 403, refusal: .badCredentials) { $0.password = "guessed" },
        Refused(why: "unknown name", status: 403, refusal: .badCredentials) { $0.name = "9999" },
        Refused(why: "a host name", status: 400, refusal: .badContact, contacts: [at("phone.example")]),
        Refused(why: "a group's address", status: 400, refusal: .badContact, contacts: [at("224.0.0.5")]),
        Refused(why: "good and bad together", status: 400, refusal: .badContact, contacts: [at("192.0.2.1"), at("x")]),
        Refused(why: "somebody else's network", status: 403, refusal: .outsideContact, contacts: [at("203.0.113.1")]),
        Refused(why: "the line itself", status: 403, refusal: .outsideContact, contacts: [at("192.0.2.9")]),
        Refused(why: "star with others", status: 400, refusal: .malformed, contacts: [star, at("192.0.2.1")]),
        Refused(why: "star that stays", status: 400, refusal: .malformed, contacts: [star], expires: 60),
        Refused(why: "too brief", status: 423, refusal: .tooBrief, expires: 59),
        Refused(
            why: "too many", status: 403, refusal: .tooMany, contacts: (1...6).map { at("192.0.2.\($0)") }),
    ]

    @Test(arguments: refusals)
    func refuses(_ refused: Refused) throws {
        var desk = Self.desk()
        var phone = Phone()
        refused.change(&phone)
        let asked = desk.register(
            try phone.message(contacts: refused.contacts, expires: refused.expires), at: Self.start)
        phone.sequence += 1
        let answer =
            try asked.challenge.map { challenge in
                desk.register(
                    try phone.message(
                        contacts: refused.contacts, expires: refused.expires,
                        authorization: phone.authorization(challenge)), at: Self.start
                ) { "\($0.address)" == "192.0.2.9" }
            } ?? asked
        #expect(answer.status == refused.status && answer.refusal == refused.refusal)
        #expect(answer.minimumExpires == (refused.status == 423 ? 60 : nil))
        #expect(answer.agent == nil && desk.registry.agents.isEmpty)
    }

    @Test func nobodyRegistersForAnother() throws {
        var desk = Self.desk()
        let phone = Phone()
        let challenge = try #require(desk.register(try phone.message(), at: Self.start).challenge)
        var message = try phone.message(authorization: phone.authorization(challenge))
        message.toUser = "1002"
        #expect(desk.register(message, at: Self.start).refusal == .foreignRecord)
        // The INVITE: the number in From must be the one proved; any other name in From stands for the one proved.
        let call = phone.authorization(challenge, method: "INVITE")
        for (from, proven) in [("1001", true), ("1002", false), ("softphone", true)] {
            var invite = try phone.message(.invite, authorization: call)
            invite.fromUser = from
            #expect(desk.claims(invite))
            let verdict = desk.judge(invite: invite, at: Self.start)
            #expect(
                verdict == (proven ? .proven(try #require(WorkNumber("1001"))) : .refused(.foreignRecord)), "\(from)")
        }
    }

    @Test func claimsAreOfThePhonesNetworksOnly() throws {
        let desk = Self.desk()
        #expect(desk.claims(try Phone().message(.invite)))
        #expect(!desk.claims(try Phone(name: "13900000001").message(.invite)))
        #expect(!desk.claims(try Phone(source: "203.0.113.1:5060").message(.invite)))
        // The answer to a trunk's challenge is no claim.
        let trunk = "Digest username=\"1001\", realm=\"hotline\", nonce=\"n\", uri=\"u\", response=\"r\""
        #expect(!desk.claims(try Phone(name: "13900000001").message(.invite, authorization: trunk)))
    }

    @Test func guessingIsLockedAndForgeryIsNot() throws {
        var desk = Self.desk()
        var guesser = Phone(password: "guessed", source: "192.0.2.66:5060")
        for _ in 0..<5 { #expect(try Self.register(&desk, &guesser).refusal == .badCredentials) }
        guesser.password = "not-a-secret-1001"
        #expect(try Self.register(&desk, &guesser).refusal == .locked)
        // The agent's own address: untouched. Answers to no challenge given there, or to another's, count for nothing.
        var phone = Phone()
        let other = desk.register(
            try Phone(source: "192.0.2.67:5060").message(), at: Self.start)
        let borrowed = try #require(other.challenge)
        for number in 0..<50 {
            let forged =
                number % 2 == 0
                ? "Digest username=\"1001\", realm=\"hotline-phones\", nonce=\"forged\", uri=\"u\", response=\"r\""
                : Phone(password: "guessed").authorization(borrowed)
            let answer = desk.register(try phone.message(authorization: forged), at: Self.start)
            #expect(answer.status == 401 && answer.challenge?.contains("stale=true") == true)
        }
        #expect(try Self.register(&desk, &phone).status == 200)
        #expect(desk.locks == 2)
    }

    @Test func aStaleChallengeIsGivenAnew() throws {
        var desk = Self.desk()
        let phone = Phone()
        let challenge = try #require(desk.register(try phone.message(), at: Self.start).challenge)
        let later = Self.start.advanced(milliseconds: SIPDigest.nonceMilliseconds + 1)
        let answer = desk.register(try phone.message(authorization: phone.authorization(challenge)), at: later)
        #expect(answer.status == 401 && answer.challenge?.contains("stale=true") == true)
    }

    @Test func usersChangeWhileItRuns() throws {
        var desk = Self.desk()
        var one = Phone()
        var two = Phone(name: "1002", password: "not-a-secret-1002", source: "192.0.2.2:5060", call: "two")
        #expect(try Self.register(&desk, &one).status == 200)
        #expect(try Self.register(&desk, &two).status == 200)
        let gone = desk.change([
            SIPUser(name: "1002", password: "changed"), SIPUser(name: "no number!", password: "x"),
        ])
        #expect(gone.map(\.text) == ["1001"])
        #expect(desk.registry.agents.map(\.text) == ["1002"])
        #expect(try Self.register(&desk, &one).refusal == .badCredentials)
        #expect(try Self.register(&desk, &two).refusal == .badCredentials)
        two.password = "changed"
        #expect(try Self.register(&desk, &two).status == 200)
    }

    @Test func behindNATTheSourceCounts() throws {
        var desk = Self.desk(nat: true)
        var phone = Phone(source: "192.0.2.1:40000", host: "phone.local")
        #expect(try Self.register(&desk, &phone).contact == "<sip:1001@phone.local>;expires=3600")
        let agent = try #require(WorkNumber("1001"))
        #expect(
            desk.registry.bindings(of: agent, at: Self.start).map(\.contact.target)
                == ["sip:1001@192.0.2.1:40000"])
    }

    /// Contacts, parameters and numbers of every wrong kind: answered, bounded, and nothing of it told back unread.
    @Test func survivesMalformedContacts() throws {
        var desk = Self.desk()
        var phone = Phone()
        var random = SIPHostileTests.Fixed(state: 0x1234_5678_9ABC_DEF1)
        let scraps = [
            "", "*", "sip", "sips", "1001", "192.0.2.1", "[::1]", "[2001:db8::1", "5060", "-1", "99999999999999999999",
            "0", "\r\n", "\0", "<>", "\"", ";;;=;=", "transport=udp", "transport=", "maddr=x", "%00%0d", "0.5", "1.001",
            String(repeating: "a", count: 300), "é", "224.0.0.1", "255.255.255.255", "0.0.0.0", ",", "@", "q=1",
        ]
        func scrap() -> String { scraps.randomElement(using: &random) ?? "" }
        var statuses: Set<Int> = []
        for _ in 0..<5000 {
            let contacts = (0..<Int.random(in: 0...9, using: &random)).map { _ in
                PhoneContact.Received(
                    scheme: Bool.random(using: &random) ? "sip" : scrap(), user: scrap(),
                    host: Bool.random(using: &random) ? "192.0.2.1" : scrap(), port: scrap(), parameters: scrap(),
                    expires: scrap(), q: scrap())
            }
            phone.call = scrap() + "x"
            let answer = try Self.register(
                &desk, &phone, contacts: contacts, expires: Int.random(in: -1...90, using: &random))
            statuses.insert(answer.status)
            let agent = try #require(WorkNumber("1001"))
            #expect(desk.registry.bindings(of: agent, at: Self.start).count <= PhoneRegistry.contactsPerAgent)
            let told = answer.contact ?? ""
            #expect(told.utf8.allSatisfy { (32...126).contains($0) && $0 != UInt8(ascii: "\"") })
        }
        #expect(statuses.isSuperset(of: [200, 400, 403, 423]))
    }
}
