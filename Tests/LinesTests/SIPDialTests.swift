import Calls
import Foundation
import Lines
import Media
import Testing

/// Calls that we place, against sipp as the called party.
@Suite(.serialized, .enabled(if: SIPp.isThere, "sipp is missing: apt-get install sip-tester"))
struct SIPDialTests {
    static let leg = LegID(high: 0x0190_0000_0000_7001, low: 0x8000_0000_0000_0001)
    static let call = CallID(high: 0x0190_0000_0000_7002, low: 0x8000_0000_0000_0002)

    /// Runs a called party and calls it.
    private func dial(
        _ steps: [Scenario.Step], timeout: Int = 8000, password: String? = nil,
        behaviour: @escaping Exchange.Behaviour = { _, _ in }
    ) async throws -> Exchange {
        let port = try SIPp.freePort()
        let sipp = try SIPp(Scenario(steps), remote: nil, port: port)
        #expect(await eventually { SIPp.listens(port) })
        let exchange = try Exchange(loopback(), behaviour: behaviour)
        try exchange.line.dial(
            DialRequest(
                leg: Self.leg, call: Self.call, target: "sip:1001@127.0.0.1:\(port)", caller: "95598",
                username: password.map { _ in "grid" }, password: password, timeoutMilliseconds: timeout))
        await sipp.expectSuccess()
        #expect(await exchange.wait { $0.contains { $0.kind.release != nil } })
        exchange.stop()
        #expect(exchange.events.allSatisfy { $0.leg == Self.leg && $0.call == Self.call })
        return exchange
    }

    @Test func callsRingsTalksAndHangsUp() async throws {
        let exchange = try await dial(
            [
                .request("INVITE", check: "From:.*sip:95598@127.0.0.1"), Scenario.reply("180 Ringing", tag: true),
                Scenario.reply("200 OK", body: Scenario.sdp(formats: "8 101"), tag: true), .request("ACK", check: nil),
                .request("BYE", check: "Q.850;cause=16"), Scenario.reply("200 OK"),
            ]
        ) { event, line in
            if case .established = event.kind { line.release(leg: event.leg, reason: ReleaseReason()) }
        }
        #expect(exchange.words == ["progress 180", "established", "released local"])
        let session = try #require(exchange.media.sessions(of: Self.leg).first)
        #expect(session.codec == .pcma && session.telephoneEventPayloadType == 101 && session.remote.port == 6000)
    }

    @Test func hearsEarlyMediaAndBye() async throws {
        let exchange = try await dial([
            .invited, Scenario.reply("183 Session Progress", body: Scenario.sdp(), tag: true),
            .pause(20), Scenario.reply("200 OK", body: Scenario.sdp(), tag: true), .request("ACK", check: nil),
            .pause(20), Scenario.calledBye, Scenario.response(200),
        ])
        #expect(exchange.words == ["progress 183 early", "established", "released remote_bye"])
    }

    @Test(arguments: ["secret", "mistaken"])
    func givesItsPassword(password: String) async throws {
        let challenge = "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"abc\", algorithm=MD5, qop=\"auth\""
        let right = password == "secret"
        let exchange = try await dial(
            [
                .request("INVITE", check: nil), Scenario.reply("401 Unauthorized", headers: [challenge], tag: true),
                .request("ACK", check: nil),
            ]
                + (right
                    ? [
                        .authenticated("INVITE", user: "grid", password: "secret"),
                        Scenario.reply("200 OK", body: Scenario.sdp(), tag: true), .request("ACK", check: nil),
                        .request("BYE", check: nil), Scenario.reply("200 OK"),
                    ]
                    : [
                        .request("INVITE", check: "Authorization: *Digest"),
                        Scenario.reply("401 Unauthorized", headers: [challenge], tag: true),
                        .request("ACK", check: nil),
                    ]),
            password: password
        ) { event, line in
            if case .established = event.kind { line.release(leg: event.leg, reason: ReleaseReason()) }
        }
        #expect(exchange.words == (right ? ["established", "released local"] : ["released rejected"]))
        if !right { #expect(exchange.events.last?.kind.release?.status == 401) }
    }

    @Test func tellsBusy() async throws {
        let exchange = try await dial([
            .request("INVITE", check: nil),
            Scenario.reply("486 Busy Here", headers: ["Reason: Q.850;cause=17"], tag: true),
            .request("ACK", check: nil),
        ])
        let release = try #require(exchange.events.last?.kind.release)
        #expect(exchange.words == ["released rejected"])
        #expect(release.status == 486 && release.q850 == 17)
    }

    @Test(arguments: [true, false])
    func givesUp(byCommand: Bool) async throws {
        let exchange = try await dial(
            [
                .request("INVITE", check: nil), Scenario.reply("180 Ringing", tag: true),
                .request("CANCEL", check: nil), Scenario.reply("200 OK"), Scenario.cancelled,
                .request("ACK", check: nil),
            ], timeout: byCommand ? 8000 : 300
        ) { event, line in
            if byCommand, case .progress = event.kind { line.release(leg: event.leg, reason: ReleaseReason()) }
        }
        #expect(exchange.words == ["progress 180", byCommand ? "released local" : "released rejected"])
        #expect(exchange.events.last?.kind.release?.message.hasPrefix("CANCEL sent") == true)
    }

    @Test(arguments: [
        "tel:1001", "sip:1001@host.example", "sip:1001", "sip:1001@127.0.0.1:99999", "sip:a b@127.0.0.1",
        "sip:1001@127.0.0.1;transport=tls", "sip:1001@[::1]:5060", "",
    ])
    func refusesTargetsItCannotCall(target: String) throws {
        let exchange = try Exchange(loopback()) { _, _ in }
        defer { exchange.stop() }
        let error = #expect(throws: LineError.self) {
            try exchange.line.dial(DialRequest(leg: Self.leg, call: Self.call, target: target))
        }
        #expect(error?.code.name == "target")
    }

    @Test func registersAtACarrier() async throws {
        let port = try SIPp.freePort()
        let challenge = "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"abc\", algorithm=MD5"
        let sipp = try SIPp(
            Scenario([
                .request("REGISTER", check: "Contact:.*sip:86865598@127.0.0.1"),
                Scenario.reply("401 Unauthorized", headers: [challenge], tag: true),
                .authenticated("REGISTER", user: "grid", password: "secret"),
                Scenario.reply("200 OK", headers: ["Expires: 600"], tag: true),
                .request("REGISTER", check: "Expires: *0"), Scenario.reply("200 OK", tag: true),
            ]), remote: nil, port: port)
        #expect(await eventually { SIPp.listens(port) })
        var configuration = try loopback()
        configuration.registrations = [
            SIPRegistration(
                registrar: "sip:127.0.0.1:\(port)", addressOfRecord: "sip:86865598@127.0.0.1",
                credentials: SIPUser(name: "grid", password: "secret"))
        ]
        let exchange = try Exchange(configuration) { _, _ in }
        #expect(await eventually { exchange.line.statistics().registered["sip:86865598@127.0.0.1"] == true })
        exchange.stop()
        await sipp.expectSuccess()
        #expect(exchange.line.statistics().registered["sip:86865598@127.0.0.1"] == false)
    }
}
