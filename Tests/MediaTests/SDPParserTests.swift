import Media
import Testing

/// Reading descriptions: RFC 8866's form, and what hostile or careless peers send instead.
@Suite struct SDPParserTests {
    static let plain = """
        v=0\r
        o=alice 2890844526 2890844527 IN IP4 host.example.com\r
        s=a talk\r
        c=IN IP4 192.0.2.10\r
        b=AS:64\r
        t=0 0\r
        a=sendonly\r
        m=audio 49170 RTP/AVP 8 0 101\r
        a=rtpmap:101 telephone-event/8000\r
        a=fmtp:101 0-15\r
        m=video 51372/2 RTP/AVP 99\r
        c=IN IP6 2001:db8::5\r
        a=rtpmap:99 h263-1998/90000\r
        a=recvonly\r

        """

    @Test func readsEveryPart() throws {
        let description = try SessionDescription(parsing: Self.plain)
        #expect(
            description.origin
                == .init(
                    username: "alice", sessionID: "2890844526", version: "2890844527", address: "host.example.com"))
        #expect(description.connection == .address(try #require(IPAddress("192.0.2.10"))))
        #expect(description.media.count == 2)
        let audio = description.media[0]
        #expect(audio.kind == "audio" && audio.port == 49170 && audio.transport == "RTP/AVP")
        #expect(audio.formats == ["8", "0", "101"])
        #expect(audio.value(of: "fmtp") == "101 0-15")
        #expect(description.direction(of: audio) == .sendOnly)
        let video = description.media[1]
        #expect(video.port == 51372)
        #expect(description.connection(of: video) == .address(try #require(IPAddress("2001:db8::5"))))
        #expect(description.direction(of: video) == .receiveOnly)
    }

    @Test func readsBareLineFeedsAndAMissingLastLineEnd() throws {
        let text = Self.plain.split(separator: "\r\n").joined(separator: "\n")
        #expect(try SessionDescription(parsing: text) == SessionDescription(parsing: Self.plain))
    }

    @Test func printsWhatItReadsBackTheSame() throws {
        let description = try SessionDescription(parsing: Self.plain)
        let text = description.description
        #expect(text.hasPrefix("v=0\r\no=alice "))
        #expect(text.hasSuffix("a=recvonly\r\n"))
        #expect(try SessionDescription(parsing: text) == description)
    }

    @Test(arguments: [
        ("", "no o= line"),
        ("garbage", "line 1"),
        ("o=- 1 1 IN IP4 192.0.2.1\n", "does not begin with v=0"),
        ("v=1\no=- 1 1 IN IP4 192.0.2.1\n", "does not begin with v=0"),
        ("v=0\nv=0\n", "a second v= line"),
        ("v=0\ns=-\n", "no o= line"),
        ("v=0\no=- 1 IN IP4 192.0.2.1\n", "5 fields"),
        ("v=0\no=- one 1 IN IP4 192.0.2.1\n", "must be digits"),
        ("v=0\no=- 123456789012345678901 1 IN IP4 192.0.2.1\n", "must be digits"),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\no=- 1 1 IN IP4 192.0.2.1\n", "out of place"),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\nc=IN IP4\n", "2 fields"),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\nc=IN IP4 192.0.2.1\nc=IN IP4 192.0.2.2\n", "a second c= line"),
        ("v=0\nm=audio 1 RTP/AVP 0\n", "m= before o="),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\nm=audio 5004 RTP/AVP\n", "3 fields"),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\nm=audio 65536 RTP/AVP 0\n", "port"),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\nm=audio -4 RTP/AVP 0\n", "port"),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\nm=audio 99999999999999999999999 RTP/AVP 0\n", "port"),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\nm=audio 5004/x RTP/AVP 0\n", "port"),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\nm=au\"dio 5004 RTP/AVP 0\n", "not permitted"),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\nm=audio 5004 RTP/AVP \u{4F60}\n", "not permitted"),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\ny=what\n", "unknown line type"),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\nab=c\n", "not <type>=<value>"),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\na=\n", "without a name"),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\na=:x\n", "without a name"),
        ("v=0\no=- 1 1 IN IP4 192.0.2.1\na=x\u{0}y\n", "control character"),
        ("v=0\ro=- 1 1 IN IP4 192.0.2.1\r", "control character"),
    ])
    func refuses(_ text: String, _ reason: String) {
        let error = #expect(throws: MediaError.self) { try SessionDescription(parsing: text) }
        #expect(error?.code == .sdp)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "none")")
    }

    @Test func boundsWhatItReads() {
        let head = "v=0\no=- 1 1 IN IP4 192.0.2.1\n"
        let tooMuch = [
            head + String(repeating: "a=x\n", count: 600),
            head + "a=" + String(repeating: "x", count: 3000) + "\n",
            head + String(repeating: "a=" + String(repeating: "y", count: 1000) + "\n", count: 20),
            head + String(repeating: "m=audio 1 RTP/AVP 0\n", count: 33),
            head + "m=audio 1 RTP/AVP" + String(repeating: " 0", count: 65) + "\n",
        ]
        for text in tooMuch {
            let error = #expect(throws: MediaError.self) { try SessionDescription(parsing: text) }
            #expect(error?.message.contains("than") == true, "\(error?.message ?? "none")")
        }
    }

    @Test func everyPrefixIsReadOrRefused() {
        // A prefix that ends in mid-line may still be a description; what matters is that none stops the program,
        // and that what is read prints and reads again.
        let scalars = Array(Self.plain.unicodeScalars)
        var accepted = 0
        for length in 0...scalars.count {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars[..<length])
            guard case .success(let description) = Result(catching: { try SessionDescription(parsing: String(text)) })
            else { continue }
            accepted += 1
            #expect(throws: Never.self) { try SessionDescription(parsing: description.description) }
        }
        #expect(accepted > 100 && accepted < scalars.count)
    }

    @Test func everyByteChangedIsReadOrRefused() {
        let bytes = Array(Self.plain.utf8)
        for index in bytes.indices {
            for byte in [0, 9, 10, 13, 32, 47, 58, 61, 127, 255] as [UInt8] {
                var changed = bytes
                changed[index] = byte
                let text = String(decoding: changed, as: UTF8.self)
                if case .failure(let error) = Result(catching: { try SessionDescription(parsing: text) }) {
                    #expect((error as? MediaError)?.code == .sdp)
                }
            }
        }
    }
}
