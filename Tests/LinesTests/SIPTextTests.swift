import Calls
import Lines
import Media
import Testing

/// The header fields and texts that we read ourselves.
struct SIPTextTests {
    @Test(arguments: [
        ("<sip:+8613800138000@h;user=phone>", ["+8613800138000"]),
        ("\"a, <b> \\\" c\" <sip:1@h>, <tel:+86-1;phone-context=x>", ["1", "+86-1"]),
        ("sip:2:secret@h", ["2"]), ("<sips:3@[::1]:5061>;tag=x", ["3"]), ("<sip:host.only>", []), ("", []), ("<", []),
        ("\"open <sip:4@h>", []), ("<http://x@y>", []), ("<sip:@h>", []),
    ])
    func readsUsers(header: String, expected: [String]) {
        #expect(SIPParameters.users(header) == expected)
    }

    @Test(arguments: [
        ("Q.850;cause=16;text=\"Normal\"", 16), ("SIP;cause=200, q.850 ; cause=\"17\"", 17), ("Q.850;cause=0", nil),
        ("Q.850;cause=128", nil), ("Q.850;cause=", nil), ("SIP;cause=16", nil), ("", nil),
        ("Q.850;text=\"cause=3;\";cause=4", 4), ("Q.850;cause=99999999999999999999", nil),
    ])
    func readsQ850(reason: String, expected: Int?) {
        #expect(SIPParameters.q850(reason) == expected)
    }

    @Test(arguments: [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5", 160),
        ("Application/DTMF-Relay; x=y", "Signal= *\nDuration=x", "*", 100),
        ("application/dtmf-relay", "signal=11", "#", 100),
        ("application/dtmf-relay", "Signal=d\nDuration=-5", "D", 0), ("application/dtmf", " 7 ", "7", 100),
        ("application/dtmf-relay", "Signal=55", nil, 0), ("application/dtmf-relay", "", nil, 0),
        ("text/plain", "Signal=5", nil, 0), ("", "5", nil, 0),
        ("application/dtmf-relay", "Signal=1\nDuration=99999999", "1", 60_000),
    ])
    func readsKeys(type: String, body: String, key: Character?, milliseconds: Int) {
        let found = SIPParameters.infoKey(contentType: type, body: body)
        #expect(found?.key == key)
        if key != nil { #expect(found?.milliseconds == milliseconds) }
    }

    @Test(arguments: [
        ("sip:1001@192.0.2.1", "sip:1001@192.0.2.1:5060"),
        ("SIP:+86%231@192.0.2.1:5070;transport=TCP", "sip:+86%231@192.0.2.1:5070;transport=tcp"),
        ("sip:1@[2001:db8::1]", "sip:1@[2001:db8::1]:5060"), ("sip:1@[2001:db8::1]:7", "sip:1@[2001:db8::1]:7"),
    ])
    func readsTargets(text: String, expected: String) throws {
        #expect(try SIPTarget(text).url == expected)
    }

    @Test(arguments: [
        ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false), ("192.0.2.7", "192.0.2.7", true),
        ("0.0.0.0/0", "203.0.113.1", true), ("0.0.0.0/0", "::1", false), ("2001:db8::/32", "2001:db8:1::1", true),
        ("2001:db8::/32", "2001:db9::1", false), ("2001:db8::8/125", "2001:db8::f", true),
        ("2001:db8::8/125", "2001:db8::7", false), ("::/0", "2001:db8::1", true),
        ("192.0.2.0/24", "::ffff:192.0.2.1", true), ("::1/128", "::1", true),
    ])
    func holdsAddresses(range: String, address: String, expected: Bool) throws {
        let range = try #require(AddressRange(range))
        let address = try #require(IPAddress(address))
        #expect(range.contains(address) == expected)
    }

    @Test(arguments: [
        "", "192.0.2.0/33", "::/129", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/2 ", "host/8", "192.0.2.0/024x",
    ])
    func refusesRanges(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test func judgesDigests() {
        let digest = SIPDigest(
            users: [SIPUser(name: "grid", password: "right")], realm: "hotline", secret: "s", md5: md5Hex)
        let nonce = SIPParameters.digest(digest.challenge(milliseconds: 1000))["nonce"] ?? ""
        func answer(
            user: String = "grid", password: String = "right", nonce: String, qop: Bool = true,
            realm: String = "hotline"
        ) -> String {
            let first = md5Hex("\(user):\(realm):\(password)")
            let second = md5Hex("INVITE:sip:95598@h")
            let response = md5Hex(
                qop ? "\(first):\(nonce):00000001:abc:auth:\(second)" : "\(first):\(nonce):\(second)")
            return "Digest username=\"\(user)\", realm=\"\(realm)\", nonce=\"\(nonce)\", uri=\"sip:95598@h\", "
                + "response=\"\(response)\"" + (qop ? ", qop=auth, nc=00000001, cnonce=\"abc\"" : "")
        }
        let verdicts: [(String, Int64, SIPDigest.Verdict)] = [
            (answer(nonce: nonce), 2000, .verified("grid")),
            (answer(nonce: nonce, qop: false), 2000, .verified("grid")),
            (answer(nonce: nonce), 1000 + SIPDigest.nonceMilliseconds + 1, .stale),
            (answer(nonce: nonce), 999, .stale),
            (answer(password: "wrong", nonce: nonce), 2000, .wrong),
            (answer(user: "other", nonce: nonce), 2000, .wrong),
            // Whoever knows no user cannot use what stands in for the password of an unknown one.
            (answer(user: "other", password: "s", nonce: nonce), 2000, .wrong),
            (answer(nonce: "3e8-\(md5Hex("forged"))"), 2000, .foreign),
            (answer(nonce: "x"), 2000, .foreign),
            (answer(nonce: nonce, realm: "elsewhere"), 2000, .foreign),
            (answer(nonce: nonce).replacing("qop=auth", with: "qop=auth-int"), 2000, .wrong),
            (answer(nonce: nonce) + ", algorithm=SHA-256", 2000, .foreign),
            ("Digest", 2000, .foreign), ("Basic Z3JpZDpyaWdodA==", 2000, .foreign), ("", 2000, .foreign),
        ]
        for (authorization, now, expected) in verdicts {
            #expect(digest.judge(authorization, method: "INVITE", milliseconds: now) == expected, "\(authorization)")
        }
        #expect(digest.judge(answer(nonce: nonce), method: "BYE", milliseconds: 2000) == .wrong)
        // A challenge given to one peer is answered by that one.
        let own = SIPParameters.digest(digest.challenge(milliseconds: 1000, peer: "192.0.2.1"))["nonce"] ?? ""
        for (peer, expected) in [("192.0.2.1", SIPDigest.Verdict.verified("grid")), ("192.0.2.2", .foreign)] {
            #expect(
                digest.judge(answer(nonce: own), method: "INVITE", milliseconds: 2000, peer: peer) == expected)
        }
        #expect(digest.challenge(milliseconds: 5, stale: true).hasSuffix("stale=true"))
        // RFC 1321 §A.5.
        #expect(md5Hex("abc") == "900150983cd24fb0d6963f7d28e17f72")
    }

    @Test func findsOutWhoCalls() {
        var message = SIPMessage(.invite)
        message.fromUser = "anonymous"
        message.requestUser = "95598"
        message.asserted = "<sip:+8613800138000@h>"
        message.history = "<sip:86865598@h>;index=1, <sip:12345@h>;index=1.1, <sip:95598@h>;index=1.2"
        func caller(_ trusted: Bool) -> SIPCaller { SIPCaller(message, trusted: trusted, rules: .china) }
        #expect(caller(true).caller == "13800138000")
        #expect(caller(false).caller == nil)
        #expect(caller(true).diversion == "12345")
        message.privacy = "id;critical"
        #expect(caller(true).caller == nil)
        message.requestUser = "\u{202E}\u{0}955\u{200B}98"
        #expect(caller(true).called == "95598")
    }

    @Test func tellsRejectionsSparingly() {
        var rejections = SIPRejections()
        let start = Instant(wall: 0, mono: 5_000_000_000)
        let first = (0..<100).compactMap { _ in rejections.mayTell(at: start) }
        #expect(first.count == SIPRejections.perSecond)
        #expect(rejections.mayTell(at: start.advanced(milliseconds: 1000)) == 80)
        #expect(rejections.mayTell(at: start.advanced(milliseconds: 1000)) == 0)
    }
}
