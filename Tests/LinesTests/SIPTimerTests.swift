import Calls
import Foundation
import Lines
import Media
import Testing

/// Session timers (RFC 4028): the shortest that can be told apart, for the sake of fast tests.
@Suite(.serialized, .enabled(if: SIPp.isThere, "sipp is missing: apt-get install sip-tester"))
struct SIPTimerTests {
    private func configuration() throws -> SIPLineConfiguration {
        var configuration = try loopback()
        configuration.sessionTimer = SIPSessionTimer(expiresSeconds: 1800, minimumSeconds: 2)
        return configuration
    }

    private func invite(_ expires: String, allow: String = "INVITE, ACK, BYE, CANCEL, UPDATE") -> Scenario.Step {
        Scenario.invite(headers: ["Supported: timer", "Allow: \(allow)", "Session-Expires: \(expires)"])
    }

    @Test func refreshesWhereThePeerAsksUsTo() async throws {
        let exchange = try Exchange(configuration(), behaviour: Exchange.answering)
        let sipp = try SIPp(
            Scenario([
                invite("3;refresher=uas"), Scenario.maybe(100), Scenario.response(180),
                .keepingTo(check: "Session-Expires: *3;refresher=uas"), Scenario.within("ACK", cseq: 1),
                .request("UPDATE", check: "Session-Expires: *3"),
                Scenario.reply("200 OK", headers: ["Require: timer", "Session-Expires: 3;refresher=uac"]),
                .request("UPDATE", check: nil),
                Scenario.reply("200 OK", headers: ["Require: timer", "Session-Expires: 3;refresher=uac"]),
                Scenario.within("BYE", cseq: 2, to: "To: [$callee]"), Scenario.response(200),
            ]), remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.words == ["offered", "alerted nominal_180", "answered", "established", "released remote_bye"])
    }

    @Test func endsWhatThePeerDoesNotRefresh() async throws {
        let exchange = try Exchange(configuration(), behaviour: Exchange.answering)
        let sipp = try SIPp(
            Scenario([
                invite("3;refresher=uac"), Scenario.maybe(100), Scenario.response(180),
                Scenario.response(200, check: "Session-Expires: *3;refresher=uac"), Scenario.within("ACK", cseq: 1),
                .request("BYE", check: "Reason: *SIP;cause=408"), Scenario.reply("200 OK"),
            ]), remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        #expect(await exchange.wait { $0.contains { $0.kind.release != nil } })
        exchange.stop()
        #expect(exchange.words.last == "released session_timer")
    }

    @Test func refusesATimerTooShort() async throws {
        let exchange = try Exchange(configuration(), behaviour: Exchange.answering)
        let sipp = try SIPp(
            Scenario([
                invite("1"), Scenario.maybe(100), Scenario.response(422, check: "Min-SE:"),
                Scenario.acknowledgeRefusal(),
            ]), remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.words.isEmpty)
    }

    /// We refresh by UPDATE alone: where the peer takes none and will not refresh itself, no timer is agreed on.
    @Test func agreesOnNoTimerThatItCannotKeep() async throws {
        let exchange = try Exchange(configuration(), behaviour: Exchange.answering)
        let sipp = try SIPp(
            Scenario([
                invite("3;refresher=uas", allow: "INVITE, ACK, BYE, CANCEL"), Scenario.maybe(100),
                Scenario.response(180), Scenario.response(200, check: "CSeq: *1 INVITE"),
                Scenario.within("ACK", cseq: 1),
                .pause(3500), Scenario.within("BYE", cseq: 2), Scenario.response(200),
            ]), remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.words.last == "released remote_bye")
    }
}
