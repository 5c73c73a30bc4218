import Lines
import Media
import Testing

/// Contacts of a REGISTER, as hostile as they come.
struct PhoneContactTests {
    typealias Received = PhoneContact.Received

    struct Row: Sendable, CustomTestStringConvertible {
        var received: Received
        /// nil: refused.
        var target: String?
        var uri: String?
        var testDescription: String { "\(received.scheme):\(received.user)@\(received.host):\(received.port)" }

        init(
            _ user: String, _ host: String, _ port: String = "", _ parameters: String = "", scheme: String = "sip",
            target: String? = nil, uri: String? = nil
        ) {
            received = Received(scheme: scheme, user: user, host: host, port: port, parameters: parameters)
            self.target = target
            self.uri = uri
        }
    }

    static let rows: [Row] = [
        Row("1001", "192.0.2.7", "5070", target: "sip:1001@192.0.2.7:5070", uri: "sip:1001@192.0.2.7:5070"),
        Row("1001", "192.0.2.7", target: "sip:1001@192.0.2.7:5060", uri: "sip:1001@192.0.2.7"),
        Row("", "192.0.2.7", target: "sip:192.0.2.7:5060", uri: "sip:192.0.2.7"),
        Row("1001", "[2001:DB8::7]", "5070", target: "sip:1001@[2001:db8::7]:5070"),
        Row("1001", "192.0.2.7", "", "transport=TCP;line=x", target: "sip:1001@192.0.2.7:5060;transport=tcp;line=x"),
        // What would have us send elsewhere or otherwise is dropped.
        Row(
            "1001", "192.0.2.7", "", "maddr=203.0.113.9;lr;method=BYE;ttl=1;x=1", target: "sip:1001@192.0.2.7:5060;x=1"),
        Row("1001", "192.0.2.7", "", "x=\"y\";z=<>;ok", target: "sip:1001@192.0.2.7:5060;ok"),
        Row("1001", "phone.example"), Row("1001", "localhost"), Row("1001", "192.0.2.7", "0"),
        Row("1001", "192.0.2.7", "65536"), Row("1001", "192.0.2.7", "99999999999"), Row("1001", "192.0.2.7", "-1"),
        Row("1001", "192.0.2.7", "+5"), Row("1001", "0.0.0.0"), Row("1001", "[::]"), Row("1001", "224.0.0.1"),
        Row("1001", "[ff02::1]"), Row("1001", "2001:db8::7"), Row("1001", "[192.0.2.7"), Row("1001", "192.0.2.7]"),
        Row("1001", ""), Row("1001", "192.0.2.7 "), Row("1001", "192.0.2.7\r\nRoute: <sip:x>"),
        Row("1001", "0300.1.1.1"),
        Row("1001", "127.1"), Row("1001", "192.0.2.7", "", "transport=ws"), Row("1001", "192.0.2.7", "", "transport"),
        Row("10\r\n01", "192.0.2.7"), Row("10 01", "192.0.2.7"), Row("10>01", "192.0.2.7"), Row("10\"01", "192.0.2.7"),
        Row("10@01", "192.0.2.7"), Row("电话", "192.0.2.7"), Row("\u{0}", "192.0.2.7"),
        Row(String(repeating: "9", count: 65), "192.0.2.7"), Row("1001", String(repeating: "a", count: 129)),
        Row("1001", "192.0.2.7", scheme: "sips"), Row("1001", "192.0.2.7", scheme: "tel"),
        Row("1001", "192.0.2.7", scheme: ""), Row("1001", "192.0.2.7", scheme: "*"),
    ]

    @Test(arguments: rows)
    func isCalledWhereItIsSafe(_ row: Row) {
        let contact = PhoneContact(row.received, transport: .udp, behindNAT: nil)
        #expect(contact?.target == row.target)
        if let uri = row.uri { #expect(contact?.uri == uri) }
        if let target = contact?.target {
            #expect(target.utf8.allSatisfy { (33...126).contains($0) && $0 != 60 && $0 != 62 })
        }
    }

    @Test func behindNATItIsReachedWhereItCameFrom() throws {
        let source = try #require(Endpoint("203.0.113.9:40000"))
        let other = try #require(Endpoint("203.0.113.10:40000"))
        let received = Received(scheme: "sip", user: "1001", host: "phone.invalid", port: "5070")
        let contact = try #require(PhoneContact(received, transport: .tcp, behindNAT: source))
        #expect(contact.endpoint == source && contact.target == "sip:1001@203.0.113.9:40000;transport=tcp")
        #expect(contact.uri == "sip:1001@phone.invalid:5070")
        // The same private address in another home is another phone; another mapping of the same home is not.
        let moved = try #require(Endpoint("203.0.113.9:40001"))
        #expect(PhoneContact(received, transport: .tcp, behindNAT: other)?.key != contact.key)
        #expect(PhoneContact(received, transport: .tcp, behindNAT: moved)?.key == contact.key)
    }

    @Test func theSameContactIsOneWhateverItsParameters() throws {
        let plain = PhoneContact(Received(scheme: "sip", user: "1", host: "192.0.2.7"), transport: .udp, behindNAT: nil)
        let same = PhoneContact(
            Received(scheme: "SIP", user: "1", host: "192.0.2.7", port: "5060", parameters: "line=2;transport=udp"),
            transport: .udp, behindNAT: nil)
        #expect(plain?.key == same?.key && plain != nil)
    }

    @Test(arguments: [
        ("Replaces=a1%40h%3Bto-tag%3D1%3Bfrom-tag%3D2", "a1@h"), ("x=1&replaces=b", "b"), ("Replaces=", nil),
        ("Replaces=%3Bto-tag%3D1", nil), ("", nil), ("Replaces", nil), ("&&=&", nil), ("Replaces=a%", "a%"),
        ("Replaces=a%+f", "a%+f"), ("Replaces=a%zz%4", "a%zz%4"), ("Replaces=a%00%0d%0ab", "ab"),
        ("Replaces=\(String(repeating: "a", count: 900))", String(repeating: "a", count: 256)),
    ])
    func readsTheDialogToBeReplaced(headers: String, id: String?) {
        #expect(SIPParameters.replaces(headers) == id)
    }

    @Test func aBoundedTableForgetsTheIdleFirst() {
        var table = BoundedTable<Int, Int>(limit: 10)
        for key in 0..<1000 {
            table[key] = key
            #expect(table[0] == 0, "touched every time")
            #expect(table.count <= 10)
        }
        #expect(table[1] == nil && table[999] == 999)
        table[999] = nil
        #expect(table[999] == nil)
    }
}
