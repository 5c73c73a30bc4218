import LoadCaller
import Testing

@Suite struct SIPTextTests {
    @Test func aResponseIsRead() throws {
        let read = try #require(
            message(
                "", "SIP/2.0 180 Ringing here", "v: SIP/2.0/UDP 127.0.0.1:6000;branch=z9hG4bKa;rport=6000,",
                " SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKb", "f: \"A, <b>\" <sip:a@x>;tag=1", "To: <sip:b@y>;tag=2",
                "i: abc@def", "CSeq: 7 INVITE", "Contact: <sip:b@10.1.1.1:5080;transport=udp>", "l: 2", "", "hi", "more"
            ))
        #expect(read.start == .response(status: 180, phrase: "Ringing here"))
        #expect(read.values("via").count == 2)
        #expect(read.branch == "z9hG4bKa")
        #expect((read.fromTag, read.toTag, read.callID) == ("1", "2", "abc@def"))
        #expect(read.sequence?.number == 7)
        #expect(read.body == Array("hi".utf8))
        #expect(SIPURI("sip:b@10.1.1.1:5080;transport=udp")?.endpoint == Endpoint(address: 0x0A01_0101, port: 5080))
    }

    @Test(arguments: [
        "", "\r\n\r\n", "SIP/2.0", "SIP/2.0 99 Low\r\n\r\n", "SIP/2.0 1000 High\r\n\r\n", "SIP/2.0 2x0 OK\r\n\r\n",
        "INVITE sip:a SIP/3.0\r\n\r\n", "invite sip:a SIP/2.0\r\n\r\n", "SIP/2.0 200 OK\r\nNo colon\r\n\r\n",
        "SIP/2.0 200 OK\r\n: nothing\r\n\r\n", "SIP/2.0 200 OK\r\n folded\r\n\r\n",
        "SIP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhi", "SIP/2.0 200 OK\r\nContent-Length: -1\r\n\r\nhi",
        "SIP/2.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhi",
    ])
    func rubbishIsNoMessage(_ text: String) { #expect(SIPMessage(Array(text.utf8)) == nil) }

    @Test func mutatedMessagesAreReadOrRefused() throws {
        let good = SIPText.message(
            "SIP/2.0 200 OK",
            [
                ("Via", "SIP/2.0/UDP 127.0.0.1:6000;branch=z9hG4bKa"), ("From", "<sip:a@x>;tag=1"),
                ("To", "\"q\\\"\" <sip:b@y>;tag=2"), ("Call-ID", "c"), ("CSeq", "1 INVITE"),
                ("Contact", "<sip:b@127.0.0.1:5060>"), ("Record-Route", "<sip:p@127.0.0.1;lr>, <sip:q@127.0.0.1;lr>"),
                ("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n,m\", qop=\"auth,auth-int\""),
            ], body: SDP.offer(local: loopback(4000), laws: [.pcma, .pcmu]))
        var random = SeededRandom(state: 3261)
        let laws: [G711.Law] = [.pcma, .pcmu]
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0...Int.random(in: 0..<6, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: at)
                case 2: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: at)
                default: bytes.removeLast(min(bytes.count - 1, Int.random(in: 0..<40, using: &random)))
                }
            }
            guard let read = SIPMessage(bytes) else { continue }
            _ = (read.branch, read.fromTag, read.toTag, read.sequence?.number, read.values("record-route"))
            _ = SDP.session(read.body, laws: laws)
            _ = read.header("www-authenticate").map { DigestAnswer.parameters($0) }
            _ = read.values("contact").compactMap { NameAddress($0) }.compactMap { SIPURI($0.uri)?.endpoint }
        }
    }

    @Test func urisAndNamesAreRead() {
        #expect(SIPURI("sip:95598@127.0.0.1")?.endpoint == loopback(5060))
        #expect(SIPURI("sip:a:b@h:70000") == nil)
        #expect(SIPURI("sips:a@h") == nil)
        #expect(SIPURI("sip:") == nil)
        #expect(SIPURI("sip:a@[::1]:5060")?.endpoint == nil)
        #expect(NameAddress("<sip:a@b") == nil)
        #expect(NameAddress("sip:a@b;tag=x")?.parameters == ["tag": "x"])
        #expect(NameAddress.list("<sip:a,b@c>, \"d,e\" <sip:f@g>;q=1") == ["<sip:a,b@c>", "\"d,e\" <sip:f@g>;q=1"])
        #expect(Endpoint.address("1.2.3.256") == nil)
        #expect(Endpoint.address("1.2.3") == nil)
        #expect(loopback(9).description == "127.0.0.1:9")
    }

    @Test func answersInSDPAreRead() {
        let laws: [G711.Law] = [.pcma, .pcmu]
        let own = SDP.session(Array(SDP.offer(local: loopback(4000), laws: laws).utf8), laws: laws)
        #expect(own == SDP.Session(remote: loopback(4000), law: .pcma, eventType: 101))
        let text = """
            v=0
            c=IN IP4 10.0.0.1
            m=video 5000 RTP/AVP 96
            m=audio 6000/2 RTP/AVP 18 0 8 97
            c=IN IP4 10.0.0.2/127
            a=rtpmap:97 telephone-event/8000
            m=audio 7000 RTP/AVP 8
            c=IN IP4 10.0.0.3
            """
        let expected = SDP.Session(remote: Endpoint(address: 0x0A00_0002, port: 6000), law: .pcmu, eventType: 97)
        #expect(SDP.session(Array(text.utf8), laws: laws) == expected)
        #expect(SDP.session(Array("m=audio 0 RTP/AVP 8\nc=IN IP4 1.1.1.1".utf8), laws: laws) == nil)
        #expect(SDP.session(Array("m=audio 9 RTP/AVP 18\nc=IN IP4 1.1.1.1".utf8), laws: laws) == nil)
        #expect(SDP.session([], laws: laws) == nil)
    }

    /// RFC 1321 A.5 and RFC 2617 §3.5.
    @Test func digestsAreThoseOfTheStandards() {
        #expect(MD5.hex("") == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(MD5.hex("abc") == "900150983cd24fb0d6963f7d28e17f72")
        #expect(
            MD5.hex("12345678901234567890123456789012345678901234567890123456789012345678901234567890")
                == "57edf4a22be3c955ac49da2e2107b67a")
        let challenge =
            "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
            + "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""
        let answer = DigestAnswer.authorization(
            challenge: challenge, method: "GET", uri: "/dir/index.html", user: "Mufasa", password: "Circle Of Life",
            cnonce: "0a4f113b")
        #expect(answer?.contains("response=\"6629fae49393a05397450978507c4ef1\"") == true)
        #expect(answer?.contains("nc=00000001") == true)
        #expect(
            DigestAnswer.authorization(
                challenge: "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256", method: "REGISTER", uri: "sip:x",
                user: "u", password: "p", cnonce: "c") == nil)
    }
}
