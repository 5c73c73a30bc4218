import Calls
import Foundation
import Lines
import Media
import Testing

/// Who is let in, and what the others get.
@Suite(.serialized, .enabled(if: SIPp.isThere, "sipp is missing: apt-get install sip-tester"))
struct SIPAdmissionTests {
    private let elsewhere = SIPAdmission(sources: ["192.0.2.0/24"].compactMap { AddressRange($0) })

    private func refused(_ status: Int, check: String? = nil, headers: [String] = [], body: String? = Scenario.sdp())
        -> Scenario
    {
        Scenario([
            Scenario.invite(headers: headers, body: body), Scenario.maybe(100),
            Scenario.response(status, check: check), Scenario.acknowledgeRefusal(),
        ])
    }

    @Test func refusesForeignSourcesAndCountsThem() async throws {
        var configuration = try loopback()
        configuration.admission = elsewhere
        let exchange = try Exchange(configuration, behaviour: Exchange.answering)
        let sipp = try SIPp(refused(403), remote: "127.0.0.1:\(exchange.port(.udp))", calls: 50, rate: 500)
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.words.isEmpty)
        #expect(exchange.media.calls.isEmpty)
        #expect(exchange.line.statistics().rejected == ["foreign_source": 50])
        // A flood is told in part, and its rest counted.
        let told = exchange.rejections
        #expect(told.count >= 1 && told.count <= 50)
        #expect(UInt64(told.count) + exchange.line.statistics().rejectionsUntold == 50)
        #expect(told.first?.status == 403 && told.first?.caller == "13800138000")
    }

    @Test(arguments: [("right", 200), ("wrong", 403)])
    func asksUsersForTheirPassword(password: String, status: Int) async throws {
        var configuration = try loopback()
        configuration.admission = elsewhere
        configuration.admission.users = [SIPUser(name: "grid", password: "right")]
        let exchange = try Exchange(configuration, behaviour: Exchange.answering)
        let authorization = "[authentication username=grid password=\(password)]"
        let first: [Scenario.Step] = [
            Scenario.invite(), Scenario.maybe(100),
            Scenario.response(401, check: "realm=.hotline.", authenticate: true),
            Scenario.acknowledgeRefusal(), Scenario.invite(cseq: 2, headers: [authorization]), Scenario.maybe(100),
        ]
        let rest: [Scenario.Step] =
            status == 200
            ? [
                Scenario.response(180), Scenario.response(200), Scenario.within("ACK", cseq: 2), .pause(30),
                Scenario.within("BYE", cseq: 3), Scenario.response(200),
            ] : [Scenario.response(status), Scenario.acknowledgeRefusal(cseq: 2)]
        let sipp = try SIPp(Scenario(first + rest), remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        exchange.stop()
        let rejected = exchange.line.statistics().rejected
        if status == 200 {
            #expect(exchange.words.last == "released remote_bye")
            #expect(rejected == ["challenged": 1])
        } else {
            #expect(exchange.words.isEmpty)
            #expect(rejected == ["challenged": 1, "bad_credentials": 1])
        }
    }

    struct Unfit: Sendable, CustomTestStringConvertible {
        var why: String
        var status: Int
        var reason: RejectedAttempt.Reason
        var headers: [String] = []
        var body: String?
        var testDescription: String { why }
    }

    static let unfit: [Unfit] = [
        Unfit(why: "no codec of ours", status: 488, reason: .noCodec, body: Scenario.sdp(formats: "18 101")),
        Unfit(
            why: "SRTP only", status: 488, reason: .noCodec,
            body: Scenario.sdp().replacingOccurrences(of: "RTP/AVP", with: "RTP/SAVP")),
        Unfit(why: "no SDP at all", status: 400, reason: .badSDP, body: "this is not SDP"),
        Unfit(
            why: "a host name for media", status: 400, reason: .badSDP,
            body: "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 evil.example\nt=0 0\nm=audio 6000 RTP/AVP 8"),
        Unfit(
            why: "a route by name", status: 400, reason: .badAddress,
            headers: ["Record-Route: <sip:evil.example;lr>"], body: Scenario.sdp()),
        Unfit(
            why: "a body too long", status: 413, reason: .oversized,
            body: Scenario.sdp() + String(repeating: "\na=x:" + String(repeating: "y", count: 90), count: 100)),
    ]

    @Test(arguments: unfit)
    func refusesWhatCannotBecomeACall(_ unfit: Unfit) async throws {
        let exchange = try Exchange(loopback(), behaviour: Exchange.answering)
        let sipp = try SIPp(
            refused(unfit.status, headers: unfit.headers, body: unfit.body),
            remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.words.isEmpty)
        #expect(exchange.line.statistics().rejected == [unfit.reason.rawValue: 1])
        // What was opened for it is closed again.
        let opened = exchange.media.calls.count { if case .open = $0 { true } else { false } }
        let closed = exchange.media.calls.count { if case .close = $0 { true } else { false } }
        #expect(opened == closed)
    }

    @Test func drainsWithRetryAfter() async throws {
        let exchange = try Exchange(loopback(), behaviour: Exchange.answering)
        exchange.line.drain()
        let sipp = try SIPp(refused(503, check: "Retry-After: *60"), remote: "127.0.0.1:\(exchange.port(.udp))")
        await sipp.expectSuccess()
        exchange.stop()
        #expect(exchange.line.statistics().rejected == ["draining": 1])
    }

    @Test func believesTrustedPeersAboutTheCaller() async throws {
        let headers = [
            "P-Asserted-Identity: \"x\" <sip:+8657112345678@carrier.example;user=phone>",
            "Diversion: <sip:+8613900139000@carrier.example>;reason=unconditional, <sip:10086@carrier.example>",
        ]
        for trusted in [true, false] {
            var configuration = try loopback()
            if trusted { configuration.trusted = configuration.admission.sources }
            let exchange = try Exchange(configuration) { event, line in
                if case .offered = event.kind { line.refuse(leg: event.leg, .overCapacity) }
            }
            let sipp = try SIPp(refused(486, headers: headers), remote: "127.0.0.1:\(exchange.port(.udp))")
            await sipp.expectSuccess()
            exchange.stop()
            let offer = try #require(exchange.events.first?.kind.offer)
            #expect(offer.caller == (trusted ? "057112345678" : "13800138000"))
            #expect(offer.callerSource == (trusted ? "p_asserted_identity" : "from"))
            #expect(offer.diversion == "13900139000")
        }
    }

    @Test func saysWhatIsWrongWithItsConfiguration() throws {
        var nobody = try loopback()
        nobody.admission = SIPAdmission()
        #expect(throws: LineError.self) { _ = try Exchange(nobody, behaviour: Exchange.answering) }
        let first = try Exchange(loopback(), behaviour: Exchange.answering)
        defer { first.stop() }
        var taken = try loopback()
        taken.listen[0].endpoint.port = first.port(.udp)
        let error = #expect(throws: LineError.self) { _ = try Exchange(taken, behaviour: Exchange.answering) }
        #expect(error?.code.name == "start")
        #expect(error?.message.contains("127.0.0.1:\(first.port(.udp))") == true)
    }
}
