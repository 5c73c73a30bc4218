import Calls
import Foundation
import Lines
import Media
import Testing

/// Real calls over loopback with sipp.
@Suite(.serialized, .enabled(if: SIPp.isThere, "sipp is missing: apt-get install sip-tester"))
struct SIPCallTests {
    @Test(arguments: [(SIPTransport.udp, IPAddress.Family.v4), (.tcp, .v4), (.udp, .v6), (.tcp, .v6)])
    func answersAndHearsBye(transport: SIPTransport, family: IPAddress.Family) async throws {
        let exchange = try Exchange(loopback([family]), behaviour: Exchange.answering)
        let host = family == .v4 ? "127.0.0.1" : "[::1]"
        let sipp = try SIPp(
            Scenario(
                Scenario.answered + [
                    .pause(50),
                    Scenario.within("BYE", cseq: 2, headers: ["Reason: Q.850;cause=16;text=\"Normal\""]),
                    Scenario.response(200),
                ]),
            remote: "\(host):\(exchange.port(transport, family))", local: family == .v4 ? "127.0.0.1" : "::1",
            tcp: transport == .tcp)
        await sipp.expectSuccess()
        #expect(await exchange.wait { $0.contains { $0.kind.release != nil } })
        exchange.stop()
        #expect(exchange.words == ["offered", "alerted nominal_180", "answered", "established", "released remote_bye"])
        let release = exchange.events.last?.kind.release
        #expect(release?.message == "BYE received")
        #expect(release?.q850 == 16)
        let offer = exchange.events.first?.kind.offer
        #expect(offer?.caller == "13800138000")
        #expect(offer?.called == "95598")
        #expect(offer?.peer.hasPrefix(host) == true)
    }

    @Test func endsTheCallItselfWithItsReason() async throws {
        let exchange = try Exchange(loopback()) { event, line in
            Exchange.answering(event, line)
            if case .established = event.kind {
                line.release(leg: event.leg, reason: ReleaseReason(cause: 31, text: "Normal, unspecified"))
            }
        }
        let sipp = try SIPp(
            Scenario(
                Scenario.answered + [
                    .request("BYE", check: "Reason: *Q.850;cause=31;text="), Scenario.reply("200 OK"),
                ]),
            remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.words.suffix(2) == ["established", "released local"])
        #expect(exchange.events.last?.kind.release?.message == "BYE sent")
        #expect(exchange.line.statistics().legs == 0)
    }

    /// Bound to every local address, the line tells each peer the one by which it is reached, or the advertised one.
    @Test(arguments: [IPAddress.Family.v4, .v6], [false, true])
    func tellsAnAddressThatCanBeReached(family: IPAddress.Family, advertised: Bool) async throws {
        var configuration = try loopback([family])
        configuration.listen[0].endpoint.address = .unspecified(family)
        let host = family == .v4 ? "127.0.0.1" : "[::1]"
        var told = host
        if advertised {
            let address = try #require(IPAddress(family == .v4 ? "192.0.2.7" : "2001:db8::7"))
            configuration.advertised = [address]
            told = family == .v4 ? "192.0.2.7" : "[2001:db8::7]"
        }
        let pattern = told.map { "[].".contains($0) ? "\\\($0)" : "\($0)" }.joined()
        let exchange = try Exchange(configuration) { event, line in
            Exchange.answering(event, line)
            if case .established = event.kind { line.release(leg: event.leg, reason: ReleaseReason()) }
        }
        let port = exchange.port(.udp, family)
        let sipp = try SIPp(
            Scenario([
                Scenario.invite(), Scenario.maybe(100), Scenario.response(180),
                Scenario.response(200, check: "Contact: *&lt;sip:hotline@\(pattern):\(port)"),
                Scenario.within("ACK", cseq: 1),
                .request("BYE", check: "Via: *SIP/2.0/UDP \(pattern):\(port)"), Scenario.reply("200 OK"),
            ]), remote: "\(host):\(port)", local: family == .v4 ? "127.0.0.1" : "::1")
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.words.last == "released local")
    }

    @Test func hearsCancelWhileRinging() async throws {
        let exchange = try Exchange(loopback()) { event, line in
            if case .offered = event.kind { line.ring(leg: event.leg, alerting: .ringing) }
        }
        let sipp = try SIPp(
            Scenario([
                Scenario.invite(), Scenario.maybe(100), Scenario.response(180),
                Scenario.cancel(headers: ["Reason: SIP;cause=200;text=\"elsewhere\""]), Scenario.response(200),
                Scenario.response(487), Scenario.acknowledgeRefusal(),
            ]), remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        #expect(await exchange.wait { $0.contains { $0.kind.release != nil } })
        exchange.stop()
        #expect(exchange.words == ["offered", "alerted nominal_180", "released cancelled"])
        #expect(exchange.events.last?.kind.release?.reason?.contains("elsewhere") == true)
    }

    @Test func refusesAsCommanded() async throws {
        let exchange = try Exchange(loopback()) { event, line in
            if case .offered = event.kind { line.refuse(leg: event.leg, .overCapacity) }
        }
        let sipp = try SIPp(
            Scenario([
                Scenario.invite(), Scenario.maybe(100), Scenario.response(486, check: "Reason: *Q.850;cause=17"),
                Scenario.acknowledgeRefusal(),
            ]), remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.words == ["offered", "released refused"])
        #expect(exchange.events.last?.kind.release?.status == 486)
    }

    @Test func ringsWithOurOwnTone() async throws {
        let exchange = try Exchange(loopback()) { event, line in
            switch event.kind {
            case .offered: line.ring(leg: event.leg, alerting: .earlyMedia)
            case .alerted: line.answer(leg: event.leg)
            default: break
            }
        }
        let sipp = try SIPp(
            Scenario([
                Scenario.invite(), Scenario.maybe(100), Scenario.response(183, check: "m=audio"),
                Scenario.response(200, check: "m=audio"), Scenario.within("ACK", cseq: 1), .pause(20),
                Scenario.within("BYE", cseq: 2), Scenario.response(200),
            ]), remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.words == ["offered", "alerted emitted_183", "answered", "established", "released remote_bye"])
        let leg = try #require(exchange.events.first?.leg)
        #expect(exchange.media.sessions(of: leg).count == 2)
    }

    /// RFC 3262: the 183 goes out reliably, the answer waits for the PRACK.
    @Test func waitsForPrack() async throws {
        let exchange = try Exchange(loopback()) { event, line in
            switch event.kind {
            case .offered: line.ring(leg: event.leg, alerting: .earlyMedia)
            case .alerted: line.answer(leg: event.leg)
            default: break
            }
        }
        let sipp = try SIPp(
            Scenario([
                Scenario.invite(headers: ["Require: 100rel"]), Scenario.maybe(100),
                Scenario.reliable(183), .pause(100),
                Scenario.within("PRACK", cseq: 2, headers: ["RAck: [$rseq] 1 INVITE"]),
                Scenario.response(200, check: "CSeq: *2 PRACK"), Scenario.response(200, check: "CSeq: *1 INVITE"),
                Scenario.within("ACK", cseq: 1), .pause(20), Scenario.within("BYE", cseq: 3), Scenario.response(200),
            ]), remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.words == ["offered", "alerted emitted_183", "answered", "established", "released remote_bye"])
    }

    /// An INVITE without a description: we offer in the 200, the answer comes in the ACK.
    @Test func offersLate() async throws {
        let exchange = try Exchange(loopback(), behaviour: Exchange.answering)
        let sipp = try SIPp(
            Scenario([
                Scenario.invite(body: nil), Scenario.maybe(100), Scenario.response(180),
                Scenario.response(200, check: "m=audio 2[0-9]+ RTP/AVP 8 0 101"),
                Scenario.within("ACK", cseq: 1, body: Scenario.sdp(formats: "0 101")), .pause(50),
                Scenario.within("BYE", cseq: 2), Scenario.response(200),
            ]), remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.words == ["offered", "alerted nominal_180", "answered", "established", "released remote_bye"])
        let leg = try #require(exchange.events.first?.leg)
        #expect(exchange.media.sessions(of: leg).map(\.codec) == [.pcmu])
    }

    @Test func givesUpOnALateOfferWithoutAnswer() async throws {
        let exchange = try Exchange(loopback(), behaviour: Exchange.answering)
        let sipp = try SIPp(
            Scenario([
                Scenario.invite(body: nil), Scenario.maybe(100), Scenario.response(180), Scenario.response(200),
                Scenario.within("ACK", cseq: 1), .request("BYE", check: "cause=88"), Scenario.reply("200 OK"),
            ]), remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.words == ["offered", "alerted nominal_180", "answered", "released failed"])
    }

    @Test func isHeldAndResumedByReinviteAndUpdate() async throws {
        let exchange = try Exchange(loopback(), behaviour: Exchange.answering)
        let sipp = try SIPp(
            Scenario(
                Scenario.answered + [
                    Scenario.within("INVITE", cseq: 2, body: Scenario.sdp("sendonly", version: 2)), Scenario.maybe(100),
                    Scenario.response(200, check: "a=recvonly"), Scenario.within("ACK", cseq: 2), .pause(50),
                    Scenario.within("INVITE", cseq: 3, body: Scenario.sdp("sendrecv", version: 3)), Scenario.maybe(100),
                    Scenario.response(200, check: "a=sendrecv"), Scenario.within("ACK", cseq: 3), .pause(50),
                    Scenario.within("UPDATE", cseq: 4, body: Scenario.sdp("inactive", version: 4)),
                    Scenario.response(200, check: "a=inactive"),
                    Scenario.within("UPDATE", cseq: 5, body: Scenario.sdp("sendrecv", version: 5)),
                    Scenario.response(200, check: "a=sendrecv"),
                    // A refresh, and a change that cannot be taken: the call goes on.
                    Scenario.within("UPDATE", cseq: 6), Scenario.response(200),
                    Scenario.within("UPDATE", cseq: 7, body: Scenario.sdp(formats: "18", version: 6)),
                    Scenario.response(488), Scenario.within("INVITE", cseq: 8, body: "nonsense"), Scenario.maybe(100),
                    Scenario.response(400), Scenario.within("ACK", cseq: 8),
                    // An offer asked from us within the call.
                    Scenario.within("INVITE", cseq: 9), Scenario.maybe(100),
                    Scenario.response(200, check: "m=audio 2[0-9]+ RTP/AVP 8 101"),
                    Scenario.within("ACK", cseq: 9, body: Scenario.sdp("sendonly", formats: "8 101", version: 7)),
                    .pause(50), Scenario.within("BYE", cseq: 10), Scenario.response(200),
                ]), remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        exchange.stop()
        #expect(
            exchange.words == [
                "offered", "alerted nominal_180", "answered", "established", "held", "session recvonly", "resumed",
                "session sendrecv", "held", "session inactive", "resumed", "session sendrecv", "held",
                "session recvonly", "released remote_bye",
            ])
    }

    @Test func takesKeysFromInfo() async throws {
        let exchange = try Exchange(loopback(), behaviour: Exchange.answering)
        let sipp = try SIPp(
            Scenario(
                Scenario.answered + [
                    Scenario.within(
                        "INFO", cseq: 2, body: "Signal=5\nDuration=160", type: "application/dtmf-relay"),
                    Scenario.response(200),
                    Scenario.within("INFO", cseq: 3, body: "#", type: "application/dtmf"), Scenario.response(200),
                    Scenario.within("INFO", cseq: 4, body: "Signal=99", type: "application/dtmf-relay"),
                    Scenario.response(200), Scenario.within("BYE", cseq: 5), Scenario.response(200),
                ]), remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.words.filter { $0.hasPrefix("key") } == ["key 5 info 160", "key # info 100"])
    }

    @Test func answersOptions() async throws {
        let exchange = try Exchange(loopback(), behaviour: Exchange.answering)
        let options = Scenario.Step.send(
            """
            OPTIONS sip:[remote_ip]:[remote_port] SIP/2.0
            Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
            From: <sip:probe@[local_ip]:[local_port]>;tag=[pid]T[call_number]
            To: <sip:[remote_ip]:[remote_port]>
            Call-ID: [call_id]
            CSeq: 1 OPTIONS
            Max-Forwards: 70
            Content-Length: 0

            """, retransmit: true)
        let remote = "127.0.0.1:\(exchange.port(.udp))"
        var sipp = try SIPp(Scenario([options, Scenario.response(200, check: "Allow:.*UPDATE")]), remote: remote)
        await sipp.expectSuccess()
        exchange.line.drain()
        sipp = try SIPp(Scenario([options, Scenario.response(503)]), remote: remote)
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.line.statistics().requests["OPTIONS"] == 2)
        #expect(exchange.words.isEmpty)
    }
}
