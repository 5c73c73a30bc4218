import Media
import Testing

/// Addresses as text, as SDP and configuration write them.
@Suite struct SDPAddressTests {
    /// RFC 5952's canonical forms, and what they may be written as.
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"),
        ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("::ffff:c000:201", "::ffff:192.0.2.1"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("fe80::1", "fe80::1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
    ])
    func readsAndPrints(_ text: String, _ canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
        #expect(IPAddress(bytes: address.bytes) == address)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4", "1..3.4", "1.2.3.",
        "0x1.2.3.4", "host", "a.b.c.d", ":", ":::", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::",
        "g::", "::1%lo", "[::1]", "1:2:3:4:5:6:7:8::", "1.2.3.4::", "::1.2.3", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4",
        ":1::", "1:", "\u{FF11}.2.3.4", "1.2.3.4\u{0}",
    ])
    func refuses(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func knowsItsKinds() throws {
        #expect(try #require(IPAddress("224.0.0.1")).isGroup)
        #expect(try #require(IPAddress("239.255.255.255")).isGroup)
        #expect(try #require(IPAddress("255.255.255.255")).isGroup)
        #expect(try #require(IPAddress("ff02::1")).isGroup)
        #expect(try !#require(IPAddress("223.255.255.255")).isGroup)
        #expect(try !#require(IPAddress("fe80::1")).isGroup)
        #expect(try #require(IPAddress("127.9.9.9")).isLoopback)
        #expect(try #require(IPAddress("::1")).isLoopback)
        #expect(try #require(IPAddress("::")).isUnspecified)
        #expect(IPAddress.unspecified(.v4).description == "0.0.0.0")
        #expect(try #require(IPAddress("192.0.2.1")).v4Bits == 0xC000_0201)
        #expect(IPAddress(v4: 0xC000_0201) == IPAddress("192.0.2.1"))
        #expect(IPAddress("::ffff:192.0.2.1")?.family == .v6)
        #expect(IPAddress(bytes: [1, 2, 3]) == nil)
    }

    @Test(arguments: ["192.0.2.1:5060", "[2001:db8::1]:65535", "0.0.0.0:0"])
    func readsEndpoints(_ text: String) throws {
        #expect(try #require(Endpoint(text)).description == text)
    }

    @Test(arguments: [
        "", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:+5", "192.0.2.1: 5", "2001:db8::1:5060", "[::1]",
        "[::1]5060", "[192.0.2.1]:5060", "host:5060", "192.0.2.1:999999999999", "::1", "[::1]:",
    ])
    func refusesEndpoints(_ text: String) {
        #expect(Endpoint(text) == nil)
    }
}
