import Calls
import Foundation
import Lines
import Media
import Testing

/// Agents' phones register at a real line; every message of theirs is written here.
@Suite(.serialized)
struct SIPPhoneRegistrationTests {
    @Test func aPhoneIsAskedForItsPasswordAndRegisteredForTheTimeItIsTold() async throws {
        let exchange = try exchangeWithPhones()
        defer { exchange.stop() }
        let phone = try RawPhone("1001", line: exchange.port(.udp))
        let headers = ["Contact: \(phone.contact)", "Expires: 600"]
        let challenged = try #require(phone.registerOpenly(headers: headers))
        #expect(challenged.status == 401)
        #expect(challenged["www-authenticate"].contains("realm=\"\(RawPhone.realm)\""))
        #expect(exchange.phones.isEmpty)
        let taken = try #require(phone.register(headers))
        #expect(taken.status == 200)
        #expect(taken["contact"] == "\(phone.contact);expires=600")
        // A refresh changes nothing that is told.
        let again = try #require(phone.register(headers))
        #expect(again.status == 200 && again["contact"] == "\(phone.contact);expires=600")
        // Without a Contact: what stands.
        #expect(phone.register([String]())?["contact"].hasPrefix(phone.contact) == true)
        #expect(exchange.phones == ["1001 there"])
        let gone = try #require(phone.register(expires: 0))
        #expect(gone.status == 200 && gone["contact"].isEmpty)
        #expect(exchange.phones == ["1001 there", "1001 gone"])
        #expect(exchange.line.statistics().phoneContacts.isEmpty)
    }

    @Test func starTakesAllContactsAwayAndOnlyWithExpiresZero() async throws {
        let exchange = try exchangeWithPhones()
        defer { exchange.stop() }
        let first = try RawPhone("1001", line: exchange.port(.udp))
        let second = try RawPhone("1001", line: exchange.port(.udp))
        #expect(first.register()?.status == 200)
        let both = try #require(second.register())
        #expect(both["contact"].contains(first.contact) && both["contact"].contains(second.contact))
        #expect(first.register(["Contact: *", "Expires: 60"])?.status == 400)
        #expect(first.register(["Contact: *"])?.status == 400)
        #expect(first.register(["Contact: *, \(first.contact)", "Expires: 0"])?.status == 400)
        #expect(exchange.phones == ["1001 there"])
        #expect(first.register(["Contact: *", "Expires: 0"])?.status == 200)
        #expect(exchange.phones == ["1001 there", "1001 gone"])
    }

    @Test func aSixthContactTakesTheOldestsPlaceAndSixAtOnceAreRefused() async throws {
        let exchange = try exchangeWithPhones()
        defer { exchange.stop() }
        let phones = try (0..<6).map { _ in try RawPhone("1001", line: exchange.port(.udp)) }
        for (index, phone) in phones.enumerated() { #expect(phone.register(expires: 600 + index)?.status == 200) }
        let listed = try #require(phones[5].register([String]()))["contact"]
        #expect(phones.map { listed.contains($0.contact) } == [false, true, true, true, true, true])
        let six = phones.map(\.contact).joined(separator: ", ")
        #expect(phones[5].register(["Contact: \(six)"])?.status == 403)
        #expect(exchange.line.statistics().phoneContacts == [try #require(WorkNumber("1001")): 5])
        #expect(exchange.phones == ["1001 there"])
    }

    @Test func whatIsRegisteredIsListed() async throws {
        let exchange = try exchangeWithPhones()
        let first = try RawPhone("1002", line: exchange.port(.udp))
        let second = try RawPhone("1001", line: exchange.port(.udp))
        #expect(exchange.line.phones().isEmpty)
        #expect(first.register(expires: 600)?.status == 200)
        #expect(second.register(["Contact: <sip:1001@127.0.0.1:\(second.peer.port);line=7>;expires=60"])?.status == 200)
        let listed = exchange.line.phones()
        #expect(listed.map(\.agent.text) == ["1001", "1002"])
        #expect(listed.first?.contact == "sip:1001@127.0.0.1:\(second.peer.port);line=7")
        #expect(listed.first?.reachedAt == "127.0.0.1:\(second.peer.port)" && listed.first?.transport == .udp)
        #expect((55...60).contains(listed[0].expiresSeconds) && (595...600).contains(listed[1].expiresSeconds))
        exchange.line.setPhones([SIPUser(name: "1002", password: RawPhone.password)])
        #expect(await eventually { exchange.line.phones().map(\.agent.text) == ["1002"] })
        exchange.stop()
    }

    /// Bound to every address of the machine: a phone elsewhere on the same port (5060, as a rule) is a phone; the
    /// line's own addresses are not.
    @Test func aPhoneMayHaveTheLinesOwnPort() async throws {
        var configuration = try loopback()
        configuration.listen[0].endpoint.address = .unspecified(.v4)
        configuration.phones = SIPPhones(
            users: [SIPUser(name: "1001", password: RawPhone.password)],
            allow: ["127.0.0.0/8", "192.0.2.0/24"].compactMap { AddressRange($0) })
        let exchange = try Exchange(configuration) { _, _ in }
        let phone = try RawPhone("1001", line: exchange.port(.udp))
        let port = exchange.port(.udp)
        #expect(phone.register(["Contact: <sip:1001@192.0.2.7:\(port)>"])?.status == 200)
        #expect(phone.register(["Contact: <sip:1001@127.0.0.1:\(port)>"])?.status == 403)
        #expect(exchange.line.phones().map(\.reachedAt) == ["192.0.2.7:\(port)"])
        exchange.stop()
    }

    @Test func tooShortATimeIsAnsweredWithTheLeast() async throws {
        let exchange = try exchangeWithPhones()
        defer { exchange.stop() }
        let phone = try RawPhone("1001", line: exchange.port(.udp))
        let answer = try #require(phone.register(expires: 30))
        #expect(answer.status == 423 && answer["min-expires"] == "60")
        #expect(phone.register(["Contact: \(phone.contact);expires=5", "Expires: 600"])?.status == 423)
        #expect(exchange.phones.isEmpty)
    }

    @Test func aForeignNetworkIsRefusedUnasked() async throws {
        let exchange = try exchangeWithPhones { $0.allow = ["192.0.2.0/24"].compactMap { AddressRange($0) } }
        defer { exchange.stop() }
        let phone = try RawPhone("1001", line: exchange.port(.udp))
        #expect(phone.registerOpenly(headers: ["Contact: \(phone.contact)"])?.status == 403)
        #expect(exchange.line.statistics().phonesRefused == ["foreign_source": 1])
    }

    @Test func fiveWrongPasswordsLockTheirSourceButNobodyWhoProvedHimselfThere() async throws {
        let exchange = try exchangeWithPhones()
        defer { exchange.stop() }
        let proved = try RawPhone("1002", line: exchange.port(.udp))
        #expect(proved.register()?.status == 200)
        let phone = try RawPhone("1001", line: exchange.port(.udp))
        for _ in 0..<5 { #expect(phone.register(["Contact: \(phone.contact)"], password: "guess")?.status == 403) }
        let challenge = try #require(proved.registerOpenly(headers: []))
        #expect(challenge.status == 401)
        #expect(phone.registerOpenly(headers: ["Contact: \(phone.contact)"])?.status == 403)
        // The right password helps no longer, not even as an answer to a challenge from before.
        let right = RawPhone.authorization(
            challenge["www-authenticate"], user: "1001", password: RawPhone.password, method: "REGISTER",
            uri: "sip:127.0.0.1")
        #expect(phone.registerOpenly(headers: ["Contact: \(phone.contact)", right])?.status == 403)
        #expect(proved.register()?.status == 200)
        // Another address is not concerned.
        let elsewhere = try RawPhone("1001", line: exchange.port(.udp), host: 2)
        #expect(elsewhere.register()?.status == 200)
        let statistics = exchange.line.statistics()
        // The source and the account at the source.
        #expect(statistics.phoneLocks == 2)
        #expect(statistics.phonesRefused["bad_credentials"] == 5 && statistics.phonesRefused["locked"] == 2)
    }

    @Test func nobodyRegistersForAnotherAgent() async throws {
        let exchange = try exchangeWithPhones()
        defer { exchange.stop() }
        let phone = try RawPhone("1001", line: exchange.port(.udp))
        #expect(phone.register(["Contact: \(phone.contact)"], user: "1002")?.status == 403)
        #expect(exchange.line.statistics().phonesRefused["foreign_record"] == 1)
        let nobody = try RawPhone("1009", line: exchange.port(.udp))
        #expect(nobody.register(["Contact: \(nobody.contact)"])?.status == 403)
        #expect(exchange.phones.isEmpty)
    }

    /// What the stack lets through must be caught by us, what it does not read it answers itself.
    static let nasty: [(String, Set<Int>)] = [
        ("<sip:1001@evil.example>", [400]), ("<sip:1001@127.0.0.1:0>", [400]), ("<sip:1001@127.0.0.1:99999>", [400]),
        ("<sip:1001@0.0.0.0>", [400]), ("<sip:1001@224.0.0.1>", [400]), ("<sips:1001@127.0.0.1>", [400]),
        ("<tel:1001>", [400]), ("<http://127.0.0.1/>", [400]), ("<sip:1001@127.0.0.1;transport=tls>", [400]),
        ("<sip:1001@127.0.0.1;transport=>", [400]), ("<sip:1001@127.1>", [400]), ("<sip:1001@[::1>", [400]),
        ("<sip:1001@[fe80::1%25lo]>", [400]), ("<sip:@>", [400]), ("<sip:>", [400]), ("<>", [400]), ("<", [400]),
        ("sip:1001@127.0.0.1:5070, <", [400]), ("\"open <sip:1001@127.0.0.1>", [400]),
        ("<sip:\(String(repeating: "9", count: 300))@127.0.0.1>", [400]),
        ("<sip:1001@\(String(repeating: "a", count: 400))>", [400]), ("<sip:10\u{1}01@127.0.0.1>", [400]),
        ("<sip:1001@192.0.2.7:5060>", [403]),
        (Array(repeating: "<sip:1001@127.0.0.1:5070>", count: 2000).joined(separator: ","), [400, 403, 413, 513]),
    ]

    @Test(arguments: nasty)
    func anUnusableContactIsRefusedAndTheLineServesOn(contact: String, statuses: Set<Int>) async throws {
        let exchange = try exchangeWithPhones()
        defer { exchange.stop() }
        let phone = try RawPhone("1001", line: exchange.port(.udp))
        let challenge = try #require(phone.registerOpenly(headers: ["Contact: \(phone.contact)"]))
        let right = RawPhone.authorization(
            challenge["www-authenticate"], user: "1001", password: RawPhone.password, method: "REGISTER",
            uri: "sip:127.0.0.1")
        let status = phone.registerOpenly(headers: ["Contact: \(contact)", right])?.status
        #expect(status.map(statuses.contains) == true, "\(status.map(String.init) ?? "no answer")")
        #expect(phone.peer.isServed())
        #expect(exchange.phones.isEmpty)
    }

    @Test func anExpiredPhoneIsToldGone() async throws {
        let exchange = try exchangeWithPhones {
            $0.minimumExpiresSeconds = 1
            $0.maximumExpiresSeconds = 1
        }
        defer { exchange.stop() }
        let phone = try RawPhone("1001", line: exchange.port(.udp))
        // Cut to the most that is granted.
        #expect(phone.register(expires: 600)?["contact"] == "\(phone.contact);expires=1")
        #expect(await eventually { exchange.phones == ["1001 there", "1001 gone"] })
        #expect(exchange.line.statistics().phoneContacts.isEmpty)
    }

    @Test func whoIsNoLongerAnAgentLosesTheRegistration() async throws {
        let exchange = try exchangeWithPhones()
        defer { exchange.stop() }
        let phone = try RawPhone("1001", line: exchange.port(.udp))
        #expect(phone.register()?.status == 200)
        exchange.line.setPhones([SIPUser(name: "1002", password: RawPhone.password)])
        #expect(await eventually { exchange.phones == ["1001 there", "1001 gone"] })
        #expect(phone.register()?.status == 403)
    }

    // MARK: Calls from phones

    private func invite(
        _ phone: RawPhone, from: String, user: String? = nil, password: String = RawPhone.password
    ) throws -> (first: Int, last: RawMessage) {
        let call = UUID().uuidString
        func ask(_ cseq: Int, _ headers: [String]) -> RawMessage? {
            phone.ask(
                "INVITE", uri: "sip:1002@127.0.0.1", from: "<sip:\(from)@127.0.0.1>;tag=7", to: "<sip:1002@127.0.0.1>",
                callID: call, cseq: cseq, headers: ["Contact: \(phone.contact)"] + headers, body: phone.sdp())
        }
        let first = try #require(ask(1, []))
        guard first.status == 401, let user else { return (first.status, first) }
        let right = RawPhone.authorization(
            first["www-authenticate"], user: user, password: password, method: "INVITE", uri: "sip:1002@127.0.0.1")
        return (first.status, try #require(ask(2, [right])))
    }

    /// `trunk`: the phones' network is the trunk's, too, whose calls are taken unasked.
    @Test(arguments: [true, false])
    func aCallInAnAgentsNameIsTakenFromAProvedPhoneOnly(trunk: Bool) async throws {
        let refusing: Exchange.Behaviour = { event, line in
            if case .offered = event.kind { line.refuse(leg: event.leg, .overCapacity) }
        }
        let exchange = try exchangeWithPhones(trunk: trunk, behaviour: refusing)
        defer { exchange.stop() }
        let phone = try RawPhone("1001", line: exchange.port(.udp))
        #expect(try invite(phone, from: "1001", user: "1001", password: "guess").last.status == 403)
        #expect(try invite(phone, from: "1001", user: "1002").last.status == 403)
        #expect(exchange.events.isEmpty)
        let taken = try invite(phone, from: "1001", user: "1001")
        #expect(taken.first == 401 && taken.last.status == 486)
        #expect(exchange.events.first?.kind.offer?.agent == WorkNumber("1001"))
        // The trunk's callers are neither asked nor taken for an agent.
        let other = try RawPhone("1001", line: exchange.port(.udp))
        let caller = try invite(other, from: "13900000001")
        #expect(caller.first == (trunk ? 486 : 403))
        #expect(exchange.events.count { $0.kind.offer?.caller == "13900000001" } == (trunk ? 1 : 0))
        #expect(exchange.events.allSatisfy { $0.kind.offer?.caller != "13900000001" || $0.kind.offer?.agent == nil })
    }

    // MARK: Storm

    @Test func aStormOfRegistersStaysBoundedAndCallsAreTaken() async throws {
        let exchange = try exchangeWithPhones { _ in
        } behaviour: { event, line in
            if case .offered = event.kind { line.refuse(leg: event.leg, .overCapacity) }
        }
        defer { exchange.stop() }
        let phone = try RawPhone("1001", line: exchange.port(.udp))
        let challenge = try #require(phone.registerOpenly(headers: []))["www-authenticate"]
        let right = RawPhone.authorization(
            challenge, user: "1001", password: RawPhone.password, method: "REGISTER", uri: "sip:127.0.0.1")
        let clock = ContinuousClock()
        let begin = clock.now
        for index in 0..<2000 {
            // Every second time the same contact, otherwise always another.
            let port = index % 2 == 0 ? 5070 : 10_000 + index
            phone.send([
                "REGISTER sip:127.0.0.1 SIP/2.0",
                "Via: SIP/2.0/UDP 127.0.0.1:\(phone.peer.port);branch=z9hG4bK-storm-\(index)",
                "From: <sip:1001@127.0.0.1>;tag=s\(index)", "To: <sip:1001@127.0.0.1>", "Call-ID: storm-\(index % 2)",
                "CSeq: \(index + 1) REGISTER", "Max-Forwards: 70", "Contact: <sip:1001@127.0.0.1:\(port)>", right,
            ])
            // No faster than the socket's buffer takes them: what the kernel drops tests nothing.
            guard index % 32 == 31 else { continue }
            for _ in 0..<32 where phone.peer.receive(milliseconds: 200) == nil { break }
        }
        let caller = try RawPhone("1001", line: exchange.port(.udp))
        #expect(try invite(caller, from: "13900000001").last.status == 486)
        let took = clock.now - begin
        #expect(phone.peer.isServed())
        let statistics = exchange.line.statistics()
        print("storm: \(statistics.phoneRegistrations) of 2000 taken, a call answered after \(took)")
        #expect(statistics.phoneRegistrations > 1900)
        #expect(statistics.phoneContacts == [try #require(WorkNumber("1001")): 5])
        #expect(exchange.phones == ["1001 there"])
    }
}
