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
        #expect(await sipp.complaint() == nil)
        #expect(await exchange.wait { $0.contains { $0.kind.release != nil } })
        exchange.stop()
        #expect(exchange.words == ["offered", "alerted 180", "answered", "established", "released remote_bye"])
        let release = exchange.events.last?.kind.release
        #expect(release?.message == "BYE received")
        #expect(release?.q850 == 16)
        let offer = exchange.events.first?.kind.offer
        #expect(offer?.caller == "13800138000")
        #expect(offer?.called == "95598")
        #expect(offer?.peer.hasPrefix(host) == true)
    }
}
