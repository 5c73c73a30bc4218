import Media
import Testing

/// Offer and answer (RFC 3264) with what real peers send, and with what they should not.
@Suite struct SDPNegotiatorTests {
    static let local = Endpoint("192.0.2.1:40000")
    static let local6 = Endpoint("[2001:db8::1]:40000")
    let negotiator = SDPNegotiator()
    let id = SDPSessionID(id: 7)

    /// A description with one audio medium.
    static func audio(
        _ formats: String = "8 0 101", _ attributes: [String] = ["a=rtpmap:101 telephone-event/8000"],
        connection: String = "IN IP4 198.51.100.7", port: Int = 20_000, transport: String = "RTP/AVP"
    ) -> String {
        ([
            "v=0", "o=- 1 1 IN IP4 198.51.100.7", "s=-", "c=\(connection)", "t=0 0",
            "m=audio \(port) \(transport) \(formats)",
        ]
            + attributes).joined(separator: "\r\n") + "\r\n"
    }

    func answer(
        _ offer: String, local: Endpoint? = Self.local, willing: MediaDirection = .sendReceive
    ) throws -> (sdp: String, session: MediaSession) {
        try negotiator.answer(to: offer, local: #require(local), session: id, willing: willing)
    }

    @Test func answersASippOffer() throws {
        // sipp -sn uac.
        let offer = """
            v=0\r
            o=user1 53655765 2353687637 IN IP4 127.0.1.1\r
            s=-\r
            c=IN IP4 127.0.1.1\r
            t=0 0\r
            m=audio 6000 RTP/AVP 0\r
            a=rtpmap:0 PCMU/8000\r

            """
        let (sdp, session) = try answer(offer)
        #expect(
            sdp == """
                v=0\r
                o=- 7 1 IN IP4 192.0.2.1\r
                s=-\r
                c=IN IP4 192.0.2.1\r
                t=0 0\r
                m=audio 40000 RTP/AVP 0\r
                a=rtpmap:0 PCMU/8000\r
                a=ptime:20\r
                a=sendrecv\r

                """)
        #expect(
            session
                == MediaSession(
                    remote: try #require(Endpoint("127.0.1.1:6000")),
                    remoteRTCP: try #require(Endpoint("127.0.1.1:6001")), codec: .pcmu, payloadType: 0,
                    telephoneEventPayloadType: nil, direction: .sendReceive))
    }

    @Test func answersABaresipOffer() throws {
        // baresip 1.0.0 with G.711 and Opus.
        let offer = """
            v=0\r
            o=- 2413467892 1189354221 IN IP4 127.0.0.1\r
            s=-\r
            c=IN IP4 127.0.0.1\r
            t=0 0\r
            a=tool:baresip 1.0.0\r
            m=audio 10106 RTP/AVP 96 0 8 101\r
            a=rtpmap:96 opus/48000/2\r
            a=fmtp:96 stereo=1;sprop-stereo=1\r
            a=rtpmap:0 PCMU/8000\r
            a=rtpmap:8 PCMA/8000\r
            a=rtpmap:101 telephone-event/8000\r
            a=fmtp:101 0-15\r
            a=rtcp:10107\r
            a=sendrecv\r
            a=label:1\r
            a=rtcp-rsize\r
            a=ssrc:3012439872 cname:sip:alice@127.0.0.1\r
            a=ptime:20\r

            """
        let (sdp, session) = try answer(offer)
        #expect(session.codec == .pcmu && session.payloadType == 0)
        #expect(session.telephoneEventPayloadType == 101)
        #expect(session.remoteRTCP == Endpoint("127.0.0.1:10107"))
        #expect(sdp.contains("m=audio 40000 RTP/AVP 0 101\r\n"))
        #expect(sdp.contains("a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"))
        #expect(!sdp.contains("opus"))
    }

    @Test func answersALinphoneOfferWithVideo() throws {
        // linphone 5.1: two clocks of telephone-event, video beside the audio.
        let offer = """
            v=0\r
            o=bob 3787 2911 IN IP4 198.51.100.20\r
            s=Talk\r
            c=IN IP4 198.51.100.20\r
            t=0 0\r
            a=ice-pwd:5af9c8f0d3a1b2c4d5e6f7a8\r
            a=ice-ufrag:1f2e3d4c\r
            a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics\r
            a=record:off\r
            m=audio 7078 RTP/AVP 96 97 98 0 8 18 101 99 100\r
            a=rtpmap:96 opus/48000/2\r
            a=fmtp:96 useinbandfec=1\r
            a=rtpmap:97 speex/16000\r
            a=fmtp:97 vbr=on\r
            a=rtpmap:98 speex/8000\r
            a=fmtp:18 annexb=yes\r
            a=rtpmap:101 telephone-event/48000\r
            a=rtpmap:99 telephone-event/16000\r
            a=rtpmap:100 telephone-event/8000\r
            a=rtcp-fb:* trr-int 5000\r
            m=video 9078 RTP/AVP 96\r
            a=rtpmap:96 VP8/90000\r

            """
        let (sdp, session) = try answer(offer)
        #expect(session.codec == .pcmu)
        #expect(session.telephoneEventPayloadType == 100, "the event at the codec's clock, not the first")
        #expect(session.remote == Endpoint("198.51.100.20:7078"))
        #expect(sdp.contains("m=audio 40000 RTP/AVP 0 100\r\n"))
        #expect(sdp.contains("m=video 0 RTP/AVP 96\r\n"))
    }

    @Test func answersIPv6() throws {
        let offer = Self.audio(connection: "IN IP6 2001:DB8:0:0:0:0:0:7").replacing(
            "o=- 1 1 IN IP4 198.51.100.7", with: "o=- 1 1 IN IP6 2001:db8::7")
        let (sdp, session) = try answer(offer, local: Self.local6)
        #expect(session.remote == Endpoint("[2001:db8::7]:20000"))
        #expect(sdp.contains("o=- 7 1 IN IP6 2001:db8::1\r\n"))
        #expect(sdp.contains("c=IN IP6 2001:db8::1\r\n"))
        #expect(SDPNegotiator.family(of: offer) == .v6)
        #expect(SDPNegotiator.family(of: Self.audio()) == .v4)
        #expect(SDPNegotiator.family(of: "garbage") == nil)
        #expect(throws: MediaError.self) { try answer(offer) }
    }

    /// Offered formats and attributes, the codec, its payload type, the event's payload type.
    @Test(
        arguments: [
            ("8 0", [], Codec.pcma, 8, nil),
            ("0 8", [], .pcmu, 0, nil),
            ("18 4 8", [], .pcma, 8, nil),
            ("97 8", ["a=rtpmap:97 pcmu/8000/1"], .pcmu, 97, nil),
            ("97 8", ["a=rtpmap:97 PCMU/8000/2"], .pcma, 8, nil),
            ("97 8", ["a=rtpmap:97 PCMU/16000"], .pcma, 8, nil),
            // The map decides even over an assigned number.
            ("0 8", ["a=rtpmap:0 G729/8000"], .pcma, 8, nil),
            ("8 96", ["a=rtpmap:96 TELEPHONE-EVENT/8000"], .pcma, 8, 96),
            ("101 8", ["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16"], .pcma, 8, 101),
            ("8 101", ["a=rtpmap:101 telephone-event/16000"], .pcma, 8, nil),
            ("8 101", [], .pcma, 8, nil),
            ("8 8 300 x", ["a=rtpmap:300 telephone-event/8000", "a=rtpmap:", "a=rtpmap:8"], .pcma, 8, nil),
        ] as [(String, [String], Codec, UInt8, UInt8?)])
    func chooses(_ formats: String, _ attributes: [String], _ codec: Codec, _ type: UInt8, _ events: UInt8?) throws {
        let (sdp, session) = try answer(Self.audio(formats, attributes))
        #expect(session.codec == codec && session.payloadType == type)
        #expect(session.telephoneEventPayloadType == events)
        let line = "m=audio 40000 RTP/AVP \(type)" + (events.map { " \($0)" } ?? "") + "\r\n"
        #expect(sdp.contains(line))
        #expect(sdp.contains("a=rtpmap:\(type) \(codec.name)/8000\r\n"))
    }

    @Test func ownPreferenceDecidesWhereAsked() throws {
        let ours = SDPNegotiator(codecs: [.pcma, .pcmu], ownPreference: true)
        let local = try #require(Self.local)
        #expect(try ours.answer(to: Self.audio("0 8", []), local: local, session: id).session.codec == .pcma)
        #expect(try ours.answer(to: Self.audio("0", []), local: local, session: id).session.codec == .pcmu)
        let onlyALaw = SDPNegotiator(codecs: [.pcma], telephoneEvent: false)
        let session = try onlyALaw.answer(to: Self.audio("0 8 101"), local: local, session: id).session
        #expect(session.codec == .pcma && session.telephoneEventPayloadType == nil)
    }

    /// The offer's direction and address, what we want, what is answered.
    @Test(
        arguments: [
            ("a=sendrecv", "198.51.100.7", MediaDirection.sendReceive, MediaDirection.sendReceive),
            ("a=sendonly", "198.51.100.7", .sendReceive, .receiveOnly),
            ("a=recvonly", "198.51.100.7", .sendReceive, .sendOnly),
            ("a=inactive", "198.51.100.7", .sendReceive, .inactive),
            ("a=ptime:20", "198.51.100.7", .sendReceive, .sendReceive),
            // Hold as before RFC 3264: nothing may be sent to the unspecified address.
            ("a=sendrecv", "0.0.0.0", .sendReceive, .receiveOnly),
            ("a=sendonly", "0.0.0.0", .sendReceive, .receiveOnly),
            ("a=inactive", "0.0.0.0", .sendReceive, .inactive),
            ("a=sendrecv", "198.51.100.7", .sendOnly, .sendOnly),
            ("a=sendonly", "198.51.100.7", .sendOnly, .inactive),
            ("a=sendrecv", "198.51.100.7", .inactive, .inactive),
        ] as [(String, String, MediaDirection, MediaDirection)])
    func mirrorsDirections(
        _ attribute: String, _ address: String, _ willing: MediaDirection, _ expected: MediaDirection
    ) throws {
        let offer = Self.audio("8", [attribute], connection: "IN IP4 \(address)")
        let (sdp, session) = try answer(offer, willing: willing)
        #expect(session.direction == expected)
        #expect(sdp.contains("a=\(expected.rawValue)\r\n"))
        #expect(session.remote.address == IPAddress(address))
    }

    @Test func takesTheSessionsDirection() throws {
        let offer = Self.audio("8", []).replacing("t=0 0\r\n", with: "t=0 0\r\na=sendonly\r\n")
        #expect(try answer(offer).session.direction == .receiveOnly)
    }

    @Test(
        arguments: [
            ([], 20), (["a=ptime:30"], 30), (["a=ptime:10"], 10), (["a=ptime:25"], 20), (["a=ptime:0"], 20),
            (["a=ptime:5"], 10), (["a=ptime:240"], 60), (["a=ptime:-20"], 20), (["a=ptime:20.0"], 20),
            (["a=ptime:99999999999999999999"], 20), (["a=ptime"], 20), (["a=maxptime:10"], 10),
            (["a=ptime:40", "a=maxptime:30"], 30), (["a=maxptime:150"], 20),
        ] as [([String], Int)])
    func keepsPtime(_ attributes: [String], _ expected: Int) throws {
        let (sdp, session) = try answer(Self.audio("8", attributes))
        #expect(session.ptime == expected)
        #expect(sdp.contains("a=ptime:\(expected)\r\n"))
    }

    /// RFC 3605 values and where RTCP goes.
    @Test(arguments: [
        ("a=rtcp:53020", "198.51.100.7:53020"),
        ("a=rtcp:53020 IN IP4 203.0.113.9", "203.0.113.9:53020"),
        ("a=rtcp:53020 IN IP6 2001:db8::9", "198.51.100.7:20001"),
        ("a=rtcp:53020 IN IP4 host.example.com", "198.51.100.7:20001"),
        ("a=rtcp:53020 IN IP4 224.0.0.9", "198.51.100.7:20001"),
        ("a=rtcp:53020 IN IP4", "198.51.100.7:20001"),
        ("a=rtcp:0", "198.51.100.7:20001"),
        ("a=rtcp:70000", "198.51.100.7:20001"),
        ("a=rtcp", "198.51.100.7:20001"),
        ("a=rtcp-mux", "198.51.100.7:20001"),
    ])
    func findsRTCP(_ attribute: String, _ expected: String) throws {
        #expect(try answer(Self.audio("8", [attribute])).session.remoteRTCP == Endpoint(expected))
    }

    @Test func thereIsNoRTCPAboveTheLastPort() throws {
        #expect(try answer(Self.audio("8", [], port: 65_535)).session.remoteRTCP.port == 0)
    }

    @Test(arguments: [
        (Self.audio("18 4", []), "no_codec"),
        (Self.audio("101"), "no_codec"),
        (Self.audio(transport: "RTP/SAVP"), "no_codec"),
        (Self.audio(transport: "RTP/AVPF"), "no_codec"),
        (Self.audio(transport: "UDP/TLS/RTP/SAVPF"), "no_codec"),
        (Self.audio(port: 0), "no_codec"),
        ("v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nt=0 0\r\n", "no_codec"),
        ("v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\nm=image 5 udptl t38\r\n", "no_codec"),
        (Self.audio(connection: "IN IP4 224.2.1.1/127"), "sdp"),
        (Self.audio(connection: "IN IP4 239.1.1.1"), "sdp"),
        (Self.audio(connection: "IN IP6 ff15::101"), "sdp"),
        (Self.audio(connection: "IN IP4 media.example.com"), "sdp"),
        (Self.audio(connection: "IN IP4 255.255.255.255"), "sdp"),
        (Self.audio(connection: "IN IP6 198.51.100.7"), "sdp"),
        (Self.audio(connection: "ATM NSAP 1"), "sdp"),
        (Self.audio(connection: "IN IP6 2001:db8::7"), "sdp"),
        ("v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\nm=audio 5004 RTP/AVP 8\r\n", "sdp"),
        ("", "sdp"),
    ])
    func refuses(_ offer: String, _ code: String) {
        let error = #expect(throws: MediaError.self) { try answer(offer) }
        #expect(error?.code.name == code, "\(error?.description ?? "none")")
    }

    @Test func severalMediaKeepTheirPlaces() throws {
        let offer = """
            v=0
            o=- 1 1 IN IP4 198.51.100.7
            c=IN IP4 198.51.100.7
            m=video 30000 RTP/AVP 99
            a=rtpmap:99 H264/90000
            m=audio 30002 RTP/SAVP 8
            m=audio 30004 RTP/AVP 18
            m=audio 30006 RTP/AVP 0 8
            c=IN IP4 198.51.100.8
            m=audio 30008 RTP/AVP 8
            m=application 30010 UDP/BFCP *
            """
        let (sdp, session) = try answer(offer)
        let lines = sdp.split(separator: "\r\n").filter { $0.hasPrefix("m=") }
        #expect(
            lines == [
                "m=video 0 RTP/AVP 99", "m=audio 0 RTP/SAVP 8", "m=audio 0 RTP/AVP 18", "m=audio 40000 RTP/AVP 0",
                "m=audio 0 RTP/AVP 8", "m=application 0 UDP/BFCP *",
            ])
        #expect(session.remote == Endpoint("198.51.100.8:30006"))
    }

    @Test func everyPrefixOfAnOfferIsAnsweredOrRefused() {
        let offer = Array(
            Self.audio("8 0 101", ["a=rtpmap:101 telephone-event/8000", "a=rtcp:5 IN IP4 192.0.2.9", "a=ptime:20"]).utf8
        )
        var answered = 0
        for length in 0...offer.count {
            let text = String(decoding: offer[..<length], as: UTF8.self)
            if case .success = Result(catching: { try answer(text) }) { answered += 1 }
        }
        #expect(answered > 20)
    }

    @Test func offersInOurOrderAndTakesTheAnswer() throws {
        let local = try #require(Self.local)
        let offer = try negotiator.offer(local: local, session: id, direction: .sendReceive)
        #expect(offer.contains("m=audio 40000 RTP/AVP 8 0 101\r\n"))
        #expect(offer.contains("a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"))
        let session = try negotiator.accept(answer: Self.audio("0 101"), toOffer: offer, nat: true)
        #expect(session.codec == .pcmu && session.payloadType == 0 && session.telephoneEventPayloadType == 101)
        #expect(session.direction == .sendReceive && session.nat)
        #expect(session.remote == Endpoint("198.51.100.7:20000"))
    }

    @Test(
        arguments: [
            (Self.audio("8", ["a=recvonly"]), MediaDirection.sendReceive, MediaDirection.sendOnly),
            (Self.audio("8", ["a=recvonly"]), .sendOnly, .sendOnly),
            (Self.audio("8", []), .sendOnly, .sendOnly),
            (Self.audio("8", ["a=inactive"]), .sendOnly, .inactive),
            (Self.audio("8", [], connection: "IN IP4 0.0.0.0"), .sendReceive, .receiveOnly),
        ] as [(String, MediaDirection, MediaDirection)])
    func takesTheAnswersDirection(_ answer: String, _ offered: MediaDirection, _ expected: MediaDirection) throws {
        let offer = try negotiator.offer(local: try #require(Self.local), session: id, direction: offered)
        #expect(try negotiator.accept(answer: answer, toOffer: offer).direction == expected)
    }

    @Test(arguments: [
        (Self.audio(port: 0), "no_codec"),
        (Self.audio("18", []), "no_codec"),
        (Self.audio(transport: "RTP/SAVP"), "sdp"),
        (Self.audio() + "m=video 1 RTP/AVP 99\r\n", "sdp"),
        (Self.audio(connection: "IN IP4 media.example.com"), "sdp"),
        (Self.audio(connection: "IN IP6 2001:db8::7"), "sdp"),
        ("garbage", "sdp"),
        ("v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\n", "sdp"),
    ])
    func refusesAnswers(_ answer: String, _ code: String) throws {
        let offer = try negotiator.offer(local: try #require(Self.local), session: id)
        let error = #expect(throws: MediaError.self) { try negotiator.accept(answer: answer, toOffer: offer) }
        #expect(error?.code.name == code, "\(error?.description ?? "none")")
    }

    @Test func anAnswerMayNotBringACodecThatWasNotOffered() throws {
        let onlyALaw = SDPNegotiator(codecs: [.pcma])
        let offer = try onlyALaw.offer(local: try #require(Self.local), session: id)
        let error = #expect(throws: MediaError.self) {
            try negotiator.accept(answer: Self.audio("0", []), toOffer: offer)
        }
        #expect(error?.code == .noCodec)
    }
}
