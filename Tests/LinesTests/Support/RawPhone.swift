import Foundation
import Lines

/// A SIP message as text, split far enough for the tests.
struct RawMessage {
    let text: String
    let start: String
    let headers: [(name: String, value: String)]
    let body: String

    init(_ text: String) {
        self.text = text
        let halves = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = halves[0].split(separator: "\r\n").map(String.init)
        start = lines.first ?? ""
        headers = lines.dropFirst().map { line in
            let pair = line.split(separator: ":", maxSplits: 1)
            return (
                pair[0].lowercased(), pair.count == 2 ? pair[1].trimmingCharacters(in: .whitespaces) : ""
            )
        }
        body = halves.count == 2 ? String(halves[1]) : ""
    }

    /// 0 for a request.
    var status: Int { start.hasPrefix("SIP/2.0 ") ? Int(start.dropFirst(8).prefix(3)) ?? 0 : 0 }
    /// Of a request, or of the request that a response is for.
    var method: String { self["cseq"].split(separator: " ").last.map(String.init) ?? "" }
    var uri: String { start.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
    /// Several of one name joined, as RFC 3261 §7.3.1 has it.
    subscript(name: String) -> String { headers.filter { $0.name == name }.map(\.value).joined(separator: ", ") }
    /// What makes it the same message sent again.
    var identity: String { "\(start)|\(self["via"])|\(self["cseq"])|\(body)" }
    /// The URI in Contact.
    var contact: String {
        String(self["contact"].drop { $0 != "<" }.dropFirst().prefix { $0 != ">" })
    }
}

/// An agent's telephone on a plain UDP socket: each message is the test's own.
final class RawPhone {
    static let password = "not-a-secret-1"
    static let realm = "hotline-phones"

    let peer: RawPeer
    let number: String
    private let remote: UInt16
    private let callID = UUID().uuidString
    private(set) var sequence = 0
    private var inbox: [RawMessage] = []
    private var seen: Set<String> = []
    private let tag = String(UInt32.random(in: 1 ... .max), radix: 16)

    init(_ number: String, line: UInt16, host: UInt8 = 1) throws {
        self.number = number
        remote = line
        peer = try RawPeer(remote: line, host: host)
    }

    var contact: String { "<sip:\(number)@\(peer.host):\(peer.port)>" }

    // MARK: Messages

    func send(_ lines: [String], body: String = "") {
        peer.send(
            (lines + (body.isEmpty ? [] : ["Content-Type: application/sdp"])
                + ["Content-Length: \(body.utf8.count)", "", body]).joined(separator: "\r\n").utf8)
    }

    /// The next message that fits, others kept; what is sent again is passed over. Nil where none comes.
    func next(milliseconds: Int = 5000, where fits: (RawMessage) -> Bool) -> RawMessage? {
        if let index = inbox.firstIndex(where: fits) { return inbox.remove(at: index) }
        let clock = ContinuousClock()
        let limit = clock.now + .milliseconds(milliseconds)
        while clock.now < limit {
            guard let text = peer.receive(milliseconds: 50) else { continue }
            let message = RawMessage(text)
            guard seen.insert(message.identity).inserted else { continue }
            if fits(message) { return message }
            inbox.append(message)
        }
        return nil
    }

    func request(_ method: String, milliseconds: Int = 5000) -> RawMessage? {
        next(milliseconds: milliseconds) { $0.status == 0 && $0.method == method }
    }

    /// Sends a request, again where it was lost, and waits for its final answer.
    func ask(
        _ method: String, uri: String, from: String, to: String, callID: String, cseq: Int, headers: [String] = [],
        body: String = ""
    ) -> RawMessage? {
        let branch = "z9hG4bK\(UInt64.random(in: 0 ... .max))"
        let lines =
            [
                "\(method) \(uri) SIP/2.0", "Via: SIP/2.0/UDP \(peer.host):\(peer.port);branch=\(branch)",
                "From: \(from)", "To: \(to)", "Call-ID: \(callID)", "CSeq: \(cseq) \(method)", "Max-Forwards: 70",
            ] + headers
        for _ in 0..<10 {
            send(lines, body: body)
            let answer = next(milliseconds: 1000) {
                $0.status >= 200 && $0.method == method && $0["via"].contains(branch)
            }
            if let answer {
                if method == "INVITE", answer.status >= 300 {
                    send([
                        "ACK \(uri) SIP/2.0", "Via: SIP/2.0/UDP \(peer.host):\(peer.port);branch=\(branch)",
                        "From: \(from)", "To: \(answer["to"])", "Call-ID: \(callID)", "CSeq: \(cseq) ACK",
                        "Max-Forwards: 70",
                    ])
                }
                return answer
            }
        }
        return nil
    }

    // MARK: Registering

    static func field(_ name: String, in challenge: String) -> String {
        guard let range = challenge.range(of: "\(name)=\"") else { return "" }
        return String(challenge[range.upperBound...].prefix { $0 != "\"" })
    }

    static func authorization(
        _ challenge: String, user: String, password: String, method: String, uri: String
    ) -> String {
        let nonce = field("nonce", in: challenge)
        let realm = field("realm", in: challenge)
        let first = md5Hex("\(user):\(realm):\(password)")
        let second = md5Hex("\(method):\(uri)")
        let response = md5Hex("\(first):\(nonce):00000001:c0ffee:auth:\(second)")
        return "Authorization: Digest username=\"\(user)\", realm=\"\(realm)\", nonce=\"\(nonce)\", uri=\"\(uri)\", "
            + "response=\"\(response)\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"c0ffee\""
    }

    /// The answer to a REGISTER without a password.
    func registerOpenly(headers: [String]) -> RawMessage? {
        sequence += 1
        return ask(
            "REGISTER", uri: "sip:127.0.0.1", from: "<sip:\(number)@127.0.0.1>;tag=\(tag)",
            to: "<sip:\(number)@127.0.0.1>", callID: callID, cseq: sequence, headers: headers)
    }

    /// REGISTER, and again with the password where it is asked for; the last answer.
    func register(
        _ headers: [String], password: String = RawPhone.password, user: String? = nil
    ) -> RawMessage? {
        guard let answer = registerOpenly(headers: headers), answer.status == 401 else { return nil }
        return registerOpenly(
            headers: headers + [
                Self.authorization(
                    answer["www-authenticate"], user: user ?? number, password: password, method: "REGISTER",
                    uri: "sip:127.0.0.1")
            ])
    }

    func register(expires: Int = 600) -> RawMessage? { register(["Contact: \(contact)", "Expires: \(expires)"]) }

    // MARK: Called

    private func toTag(_ invite: RawMessage) -> String {
        invite["to"].contains(";tag=") ? invite["to"] : invite["to"] + ";tag=\(tag)"
    }

    /// Our end of the dialog that an INVITE made.
    func fromHere(_ invite: RawMessage) -> String { toTag(invite) }

    func reply(
        _ request: RawMessage, _ status: String, headers: [String] = [], body: String = "", cseq: String? = nil,
        contact: String? = nil
    ) {
        let vias = request.headers.filter { $0.name == "via" }.map { "Via: \($0.value)" }
        send(
            ["SIP/2.0 \(status)"] + vias
                + [
                    "From: \(request["from"])", "To: \(toTag(request))", "Call-ID: \(request["call-id"])",
                    "CSeq: \(cseq ?? request["cseq"])", "Contact: \(contact ?? self.contact)",
                ] + headers, body: body)
    }

    func sdp(_ direction: String = "sendrecv", version: Int = 1) -> String {
        "v=0\r\no=phone 1 \(version) IN IP4 \(peer.host)\r\ns=-\r\nc=IN IP4 \(peer.host)\r\nt=0 0\r\n"
            + "m=audio 6000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=\(direction)\r\n"
    }

    /// Answers with 200 and waits for the ACK.
    func answer(_ invite: RawMessage) -> RawMessage? {
        reply(invite, "200 OK", body: sdp())
        return request("ACK")
    }

    /// A request of the phone's own within the call that `invite` made.
    func within(
        _ invite: RawMessage, _ method: String, cseq: Int, headers: [String] = [], body: String = ""
    ) -> RawMessage? {
        ask(
            method, uri: invite.contact, from: toTag(invite), to: invite["from"], callID: invite["call-id"], cseq: cseq,
            headers: ["Contact: \(contact)"] + headers, body: body)
    }

    /// The ACK to the 200 for a re-INVITE of `within`.
    func acknowledge(_ invite: RawMessage, cseq: Int) {
        send([
            "ACK \(invite.contact) SIP/2.0",
            "Via: SIP/2.0/UDP \(peer.host):\(peer.port);branch=z9hG4bK\(UInt64.random(in: 0 ... .max))",
            "From: \(toTag(invite))", "To: \(invite["from"])", "Call-ID: \(invite["call-id"])", "CSeq: \(cseq) ACK",
            "Max-Forwards: 70",
        ])
    }

    /// Answers a CANCEL and ends its INVITE with 487, as RFC 3261 has it.
    func cancelled(_ cancel: RawMessage, _ invite: RawMessage) {
        reply(cancel, "200 OK")
        reply(invite, "487 Request Terminated")
    }
}

/// A loopback line with agents' phones 1001 and 1002.
func exchangeWithPhones(
    trunk: Bool = true, change: (inout SIPPhones) throws -> Void = { _ in },
    behaviour: @escaping Exchange.Behaviour = { _, _ in }
) throws -> Exchange {
    var configuration = try loopback()
    if !trunk { configuration.admission = SIPAdmission(sources: ["192.0.2.0/24"].compactMap { AddressRange($0) }) }
    var phones = SIPPhones(
        users: ["1001", "1002"].map { SIPUser(name: $0, password: RawPhone.password) },
        allow: ["127.0.0.0/8"].compactMap { AddressRange($0) })
    try change(&phones)
    configuration.phones = phones
    return try Exchange(configuration, behaviour: behaviour)
}
