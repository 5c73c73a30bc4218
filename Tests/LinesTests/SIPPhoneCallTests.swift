import Calls
import Foundation
import Lines
import Media
import Testing

/// Calls to agents' phones: two telephones of one agent ring, each on a socket of the test's.
@Suite(.serialized)
struct SIPPhoneCallTests {
    static let leg = LegID(high: 0x0190_0000_0000_7101, low: 0x8000_0000_0000_0001)
    static let call = CallID(high: 0x0190_0000_0000_7102, low: 0x8000_0000_0000_0002)

    /// Two phones of agent 1001 that are called, and their INVITEs.
    struct Ringing {
        var exchange: Exchange
        var first: RawPhone
        var second: RawPhone
        var toFirst: RawMessage
        var toSecond: RawMessage
    }

    private func dial(_ exchange: Exchange, _ agent: String = "1001", timeout: Int = 20_000) throws {
        try exchange.line.dial(
            DialRequest(
                leg: Self.leg, call: Self.call, target: "agent:\(agent)", caller: "13900000001",
                timeoutMilliseconds: timeout))
    }

    private func ring(timeout: Int = 20_000, behaviour: @escaping Exchange.Behaviour = { _, _ in }) throws -> Ringing {
        let exchange = try exchangeWithPhones(behaviour: behaviour)
        let first = try RawPhone("1001", line: exchange.port(.udp))
        let second = try RawPhone("1001", line: exchange.port(.udp), host: 2)
        for phone in [first, second] { #expect(phone.register()?.status == 200) }
        try dial(exchange, timeout: timeout)
        let toFirst = try #require(first.request("INVITE"))
        let toSecond = try #require(second.request("INVITE"))
        return Ringing(exchange: exchange, first: first, second: second, toFirst: toFirst, toSecond: toSecond)
    }

    /// One phone, answered.
    private func talk(behaviour: @escaping Exchange.Behaviour = { _, _ in }) throws -> (
        exchange: Exchange, phone: RawPhone, invite: RawMessage
    ) {
        let exchange = try exchangeWithPhones(behaviour: behaviour)
        let phone = try RawPhone("1001", line: exchange.port(.udp))
        #expect(phone.register()?.status == 200)
        try dial(exchange)
        let invite = try #require(phone.request("INVITE"))
        #expect(phone.answer(invite) != nil)
        return (exchange, phone, invite)
    }

    /// The media opened for the leg is one, and its owner hears once that it may be closed.
    private func endedOnce(_ exchange: Exchange, opened: Int = 1, sourceLocation: SourceLocation = #_sourceLocation)
        async
    {
        #expect(await exchange.wait { $0.contains { $0.kind.release != nil } }, sourceLocation: sourceLocation)
        exchange.stop()
        #expect(exchange.events.count { $0.kind.release != nil } == 1, sourceLocation: sourceLocation)
        #expect(exchange.events.last?.kind.release != nil, sourceLocation: sourceLocation)
        #expect(
            exchange.events.allSatisfy { $0.leg == Self.leg && $0.call == Self.call }, sourceLocation: sourceLocation)
        let calls = exchange.media.calls
        #expect(calls.count { $0 == .open(Self.leg) } == opened, sourceLocation: sourceLocation)
        #expect(!calls.contains(.close(Self.leg)), "the leg's owner closes it", sourceLocation: sourceLocation)
    }

    // MARK: Who answers

    @Test func allPhonesOfAnAgentRingAndTheFirstAnswerWins() async throws {
        let ringing = try ring()
        #expect(ringing.toFirst["from"].contains("sip:13900000001@"))
        #expect(ringing.toFirst["call-id"] != ringing.toSecond["call-id"])
        ringing.first.reply(ringing.toFirst, "180 Ringing")
        ringing.second.reply(ringing.toSecond, "180 Ringing")
        #expect(await ringing.exchange.wait { !$0.isEmpty })
        #expect(ringing.second.answer(ringing.toSecond) != nil)
        let cancel = try #require(ringing.first.request("CANCEL"))
        // Telephones then show no missed call (RFC 3326).
        #expect(cancel["reason"].contains("SIP;cause=200"))
        ringing.first.cancelled(cancel, ringing.toFirst)
        #expect(await ringing.exchange.wait { $0.count == 2 })
        #expect(ringing.exchange.media.sessions(of: Self.leg).count == 1)
        #expect(ringing.second.within(ringing.toSecond, "BYE", cseq: 1)?.status == 200)
        await endedOnce(ringing.exchange)
        #expect(ringing.exchange.words == ["progress 180", "established", "released remote_bye"])
        #expect(ringing.second.request("CANCEL", milliseconds: 50) == nil)
    }

    @Test func aSecondAnswerThatCrossesIsEndedAtOnce() async throws {
        let ringing = try ring()
        // A CANCEL waits for a provisional response (RFC 3261 §9.1).
        ringing.first.reply(ringing.toFirst, "180 Ringing")
        #expect(await ringing.exchange.wait { !$0.isEmpty })
        #expect(ringing.second.answer(ringing.toSecond) != nil)
        let cancel = try #require(ringing.first.request("CANCEL"))
        ringing.first.reply(cancel, "200 OK")
        #expect(ringing.first.answer(ringing.toFirst) != nil)
        let bye = try #require(ringing.first.request("BYE"))
        ringing.first.reply(bye, "200 OK")
        #expect(ringing.exchange.words == ["progress 180", "established"])
        #expect(ringing.exchange.media.sessions(of: Self.leg).count == 1)
        ringing.exchange.line.release(leg: Self.leg, reason: ReleaseReason())
        let own = try #require(ringing.second.request("BYE"))
        ringing.second.reply(own, "200 OK")
        await endedOnce(ringing.exchange)
        #expect(ringing.exchange.words == ["progress 180", "established", "released local"])
    }

    @Test func nobodyAnswersInTime() async throws {
        let ringing = try ring(timeout: 300)
        for (phone, invite) in [(ringing.first, ringing.toFirst), (ringing.second, ringing.toSecond)] {
            phone.reply(invite, "180 Ringing")
            phone.cancelled(try #require(phone.request("CANCEL")), invite)
        }
        await endedOnce(ringing.exchange)
        #expect(ringing.exchange.events.last?.kind.release?.status == 408)
    }

    @Test func busyAndUnansweredIsBusy() async throws {
        let ringing = try ring(timeout: 600)
        ringing.second.reply(ringing.toSecond, "180 Ringing")
        ringing.first.reply(ringing.toFirst, "486 Busy Here")
        #expect(ringing.first.request("ACK") != nil)
        ringing.second.cancelled(try #require(ringing.second.request("CANCEL")), ringing.toSecond)
        await endedOnce(ringing.exchange)
        #expect(ringing.exchange.events.last?.kind.release?.status == 486)
    }

    @Test func aDeclineEndsTheRingingEverywhere() async throws {
        let ringing = try ring()
        ringing.second.reply(ringing.toSecond, "180 Ringing")
        #expect(await ringing.exchange.wait { !$0.isEmpty })
        ringing.first.reply(ringing.toFirst, "603 Decline")
        ringing.second.cancelled(try #require(ringing.second.request("CANCEL")), ringing.toSecond)
        await endedOnce(ringing.exchange)
        #expect(ringing.exchange.words == ["progress 180", "released rejected"])
        #expect(ringing.exchange.events.last?.kind.release?.status == 603)
    }

    @Test func aReleaseWhileRingingCancelsAllPhones() async throws {
        let ringing = try ring()
        ringing.first.reply(ringing.toFirst, "180 Ringing")
        ringing.second.reply(ringing.toSecond, "180 Ringing")
        ringing.exchange.line.release(leg: Self.leg, reason: ReleaseReason())
        for (phone, invite) in [(ringing.first, ringing.toFirst), (ringing.second, ringing.toSecond)] {
            phone.cancelled(try #require(phone.request("CANCEL")), invite)
        }
        await endedOnce(ringing.exchange)
        #expect(ringing.exchange.words.last == "released local")
    }

    @Test func aLineThatStopsCancelsRingingPhones() async throws {
        let ringing = try ring()
        ringing.first.reply(ringing.toFirst, "180 Ringing")
        ringing.second.reply(ringing.toSecond, "180 Ringing")
        // Nobody is cancelled before a provisional answer was taken in (RFC 3261 §9.1): what is answered now came after both.
        #expect(ringing.second.register()?.status == 200)
        let exchange = ringing.exchange
        let stopping = Task.detached { exchange.line.stop() }
        for (phone, invite) in [(ringing.first, ringing.toFirst), (ringing.second, ringing.toSecond)] {
            phone.cancelled(try #require(phone.request("CANCEL")), invite)
        }
        await stopping.value
        await endedOnce(exchange)
        #expect(exchange.words.last == "released local")
    }

    @Test func anUnregisteredAgentIsToldSoAndNoMediaIsOpened() async throws {
        let exchange = try exchangeWithPhones()
        try dial(exchange, "1002")
        await endedOnce(exchange, opened: 0)
        #expect(exchange.events.last?.kind.release?.status == 404)
        #expect(throws: LineError.self) { try dial(exchange, "10 02") }
    }

    @Test func aSessionThatMediaRefusesEndsThePhonesCall() async throws {
        let exchange = try exchangeWithPhones()
        exchange.media.refuseSessions()
        let phone = try RawPhone("1001", line: exchange.port(.udp))
        #expect(phone.register()?.status == 200)
        try dial(exchange)
        let invite = try #require(phone.request("INVITE"))
        #expect(phone.answer(invite) != nil)
        phone.reply(try #require(phone.request("BYE")), "200 OK")
        let clock = ContinuousClock()
        let begin = clock.now
        await endedOnce(exchange)
        #expect(exchange.words == ["released failed"])
        // Nothing is left that the stop would wait for.
        #expect(clock.now - begin < .seconds(3))
    }

    // MARK: Within the call

    @Test func aPhonesHoldIsToldAndTakenBack() async throws {
        let (exchange, phone, invite) = try talk()
        for (index, direction) in ["sendonly", "sendrecv"].enumerated() {
            let answer = try #require(
                phone.within(invite, "INVITE", cseq: index + 1, body: phone.sdp(direction, version: index + 2)))
            #expect(answer.status == 200)
            #expect(answer.body.contains(direction == "sendonly" ? "a=recvonly" : "a=sendrecv"))
            phone.acknowledge(invite, cseq: index + 1)
        }
        #expect(await exchange.wait { $0.count == 5 })
        #expect(phone.within(invite, "BYE", cseq: 3)?.status == 200)
        await endedOnce(exchange)
        #expect(
            exchange.words == [
                "established", "held", "session recvonly", "resumed", "session sendrecv", "released remote_bye",
            ])
    }

    /// The stack would look the name up, and follow the address.
    @Test(arguments: ["evil.example", "192.0.2.9:5060"])
    func aPhonesAnswerCannotSendTheCallElsewhere(host: String) async throws {
        let exchange = try exchangeWithPhones()
        let phone = try RawPhone("1001", line: exchange.port(.udp))
        // Parameters of the registered URI stay the URI's.
        #expect(phone.register(["Contact: <sip:1001@127.0.0.1:\(phone.peer.port);line=7;tag=x>"])?.status == 200)
        try dial(exchange)
        let invite = try #require(phone.request("INVITE"))
        #expect(invite.uri.hasSuffix(";line=7;tag=x"))
        #expect(invite["to"].hasSuffix(">"))
        phone.reply(invite, "200 OK", body: phone.sdp(), contact: "<sip:1001@\(host)>")
        #expect(phone.request("ACK") != nil)
        #expect(await exchange.wait { !$0.isEmpty })
        exchange.line.release(leg: Self.leg, reason: ReleaseReason())
        phone.reply(try #require(phone.request("BYE")), "200 OK")
        await endedOnce(exchange)
    }

    // MARK: Transfer

    static let transfers: [(String, String)] = [
        ("<sip:1002@127.0.0.1>", "transfer 1002"), ("<sip:*57@127.0.0.1>", "transfer *57"),
        ("<sip:1002@127.0.0.1?Replaces=a1%40h%3Bto-tag%3D1%3Bfrom-tag%3D2>", "transfer 1002 for a1@h"),
    ]

    @Test(arguments: transfers)
    func aPhonesTransferIsAskedForAndItsEndTold(target: String, word: String) async throws {
        let (exchange, phone, invite) = try talk()
        let answer = try #require(phone.within(invite, "REFER", cseq: 1, headers: ["Refer-To: \(target)"]))
        #expect(answer.status == 202)
        let trying = try #require(phone.request("NOTIFY"))
        #expect(trying.body.hasPrefix("SIP/2.0 100") && trying["subscription-state"].hasPrefix("active"))
        #expect(trying["event"].hasPrefix("refer") && trying["content-type"].hasPrefix("message/sipfrag"))
        phone.reply(trying, "200 OK")
        #expect(await exchange.wait { $0.last?.kind.word == word })
        exchange.line.transferEnded(leg: Self.leg, status: 200)
        let final = try #require(phone.request("NOTIFY"))
        #expect(final.body.hasPrefix("SIP/2.0 200") && final["subscription-state"].hasPrefix("terminated"))
        phone.reply(final, "200 OK")
        // Its end is told once.
        exchange.line.transferEnded(leg: Self.leg, status: 486)
        #expect(phone.request("NOTIFY", milliseconds: 300) == nil)
        #expect(phone.within(invite, "BYE", cseq: 2)?.status == 200)
        await endedOnce(exchange)
        #expect(exchange.words == ["established", word, "released remote_bye"])
    }

    /// One at a time, so that the end told is that of the transfer asked for; then the next.
    @Test func aSecondTransferWaitsForTheFirst() async throws {
        let (exchange, phone, invite) = try talk()
        #expect(phone.within(invite, "REFER", cseq: 1, headers: ["Refer-To: <sip:%2A9@127.0.0.1>"])?.status == 202)
        #expect(phone.within(invite, "REFER", cseq: 2, headers: ["Refer-To: <sip:1003@127.0.0.1>"])?.status == 491)
        exchange.line.transferEnded(leg: Self.leg, status: 486)
        for beginning in ["SIP/2.0 100", "SIP/2.0 486"] {
            let told = try #require(phone.next { $0.status == 0 && $0.body.hasPrefix(beginning) })
            phone.reply(told, "200 OK")
        }
        #expect(phone.within(invite, "REFER", cseq: 3, headers: ["Refer-To: <sip:1003@127.0.0.1>"])?.status == 202)
        #expect(phone.within(invite, "BYE", cseq: 4)?.status == 200)
        await endedOnce(exchange)
        #expect(exchange.words == ["established", "transfer *9", "transfer 1003", "released remote_bye"])
        // Too late: nobody is there to hear it.
        exchange.line.transferEnded(leg: Self.leg, status: 200)
    }

    /// REFER moves the call's target as a re-INVITE does (RFC 3515 §2.4.6): a name in its Contact is not looked up.
    @Test func aTransferCannotSendTheCallElsewhere() async throws {
        let (exchange, phone, invite) = try talk()
        let answer = phone.ask(
            "REFER", uri: invite.contact, from: phone.fromHere(invite), to: invite["from"], callID: invite["call-id"],
            cseq: 1, headers: ["Contact: <sip:1001@evil.example>", "Refer-To: <sip:1002@127.0.0.1>"])
        #expect(answer?.status == 400)
        exchange.line.release(leg: Self.leg, reason: ReleaseReason())
        phone.reply(try #require(phone.request("BYE")), "200 OK")
        await endedOnce(exchange)
        #expect(exchange.words == ["established", "released local"])
    }

    @Test func aTransferNowhereIsMalformed() async throws {
        let (exchange, phone, invite) = try talk()
        #expect(phone.within(invite, "REFER", cseq: 1)?.status == 400)
        #expect(phone.within(invite, "REFER", cseq: 2, headers: ["Refer-To: <sip:127.0.0.1>"])?.status == 400)
        #expect(phone.within(invite, "BYE", cseq: 3)?.status == 200)
        await endedOnce(exchange)
        #expect(exchange.words == ["established", "released remote_bye"])
    }

    @Test func nobodyButAPhoneInItsCallMayTransfer() async throws {
        let exchange = try exchangeWithPhones(behaviour: Exchange.answering)
        defer { exchange.stop() }
        let caller = try RawPhone("13900000001", line: exchange.port(.udp))
        let from = "<sip:13900000001@127.0.0.1>;tag=7"
        let answer = try #require(
            caller.ask(
                "INVITE", uri: "sip:95598@127.0.0.1", from: from, to: "<sip:95598@127.0.0.1>", callID: "t1", cseq: 1,
                headers: ["Contact: \(caller.contact)"], body: caller.sdp()))
        #expect(answer.status == 200)
        caller.send([
            "ACK \(answer.contact) SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1:\(caller.peer.port);branch=z9hG4bKt1ack",
            "From: \(from)", "To: \(answer["to"])", "Call-ID: t1", "CSeq: 1 ACK", "Max-Forwards: 70",
        ])
        func within(_ method: String, _ cseq: Int, _ headers: [String] = []) -> Int? {
            caller.ask(
                method, uri: answer.contact, from: from, to: answer["to"], callID: "t1", cseq: cseq,
                headers: ["Contact: \(caller.contact)"] + headers)?.status
        }
        #expect(within("REFER", 2, ["Refer-To: <sip:1001@127.0.0.1>"]) == 405)
        // Outside of a call, with the Contact of somebody who did not ask: the stack must not send a word there.
        let victim = try RawPeer(remote: exchange.port(.udp), host: 3)
        let outside = caller.ask(
            "REFER", uri: "sip:95598@127.0.0.1", from: from, to: "<sip:95598@127.0.0.1>", callID: "t2", cseq: 1,
            headers: ["Contact: <sip:x@127.0.0.3:\(victim.port)>", "Refer-To: <sip:1001@127.0.0.1>"])
        #expect(outside?.status == 405)
        #expect(victim.receive(milliseconds: 300) == nil)
        #expect(within("BYE", 3) == 200)
        #expect(await exchange.wait { $0.contains { $0.kind.release != nil } })
        #expect(!exchange.words.contains { $0.hasPrefix("transfer") })
        #expect(caller.peer.isServed())
    }
}
