import Calls
import Foundation
import Lines
import Media
import Testing

/// What must not stop the line: malformed, contradictory and mutated messages.
@Suite(.serialized)
struct SIPHostileTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("rfc4475")

    static func message(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent("\(name).sip")))
    }

    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".sip") }.map { String($0.dropLast(4)) }.sorted()
    }

    @Test func survivesTortureMessages() async throws {
        let exchange = try Exchange(loopback(), behaviour: Exchange.answering)
        let peer = try RawPeer(remote: exchange.port(.udp))
        let names = try Self.names()
        #expect(names.count == 49)
        for name in names {
            let message = try Self.message(name)
            peer.send(message)
            RawPeer.sendTCP(message, to: exchange.port(.tcp))
            // Cut anywhere, as a datagram or a connection may be.
            for part in 1..<8 { peer.send(message.prefix(message.count * part / 8)) }
            #expect(peer.isServed(), "after \(name)")
        }
        exchange.stop()
    }

    /// The messages that RFC 4475 calls valid, and those it wants refused in a certain way. The topmost Via is made to
    /// name our socket, so that the answer can be seen; nothing else is changed.
    static let answers: [(String, Set<Int>)] = [
        ("lwsdisp", [200]), ("semiuri", [200]), ("transports", [200]), ("badaspec", [200, 400]), ("baddn", [200, 400]),
        ("escnull", [405]), ("regescrt", [405]), ("cparam01", [405]), ("cparam02", [405]), ("regbadct", [400, 405]),
        ("bext01", [420]), ("zeromf", [483, 200]), ("badvers", [400, 505]), ("unkscm", [416]), ("novelsc", [416]),
        ("mismatch01", [400]), ("mismatch02", [400, 405, 501]), ("ncl", [400]), ("clerr", [400]),
        // Contact names a host that an untrusted peer could have us look up.
        ("esc01", [400]), ("sdp01", [400]), ("baddate", [400]), ("longreq", [400]), ("inv2543", [400]),
        // An unknown body.
        ("invut", [400, 415]),
    ]

    @Test(arguments: answers)
    func answersTortureMessages(name: String, expected: Set<Int>) async throws {
        let exchange = try Exchange(loopback()) { _, _ in }
        let peer = try RawPeer(remote: exchange.port(.udp))
        var lines = String(decoding: try Self.message(name), as: UTF8.self).components(separatedBy: "\r\n")
        let via = try #require(
            lines.firstIndex {
                let head = $0.split(separator: ":", maxSplits: 1).first?.trimmingCharacters(in: .whitespaces)
                    .lowercased()
                return head == "via" || head == "v"
            })
        let version = name == "badvers" ? "7.0" : "2.0"
        lines[via] = "Via: SIP/\(version)/UDP 127.0.0.1:\(peer.port);branch=z9hG4bK-\(name)"
        peer.send(lines.joined(separator: "\r\n").utf8)
        var status: Int?
        while status == nil || status == 100, let answer = peer.receive(milliseconds: 3000) {
            status = answer.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        }
        exchange.stop()
        #expect(status.map(expected.contains) == true, "\(name) got \(status.map(String.init) ?? "no answer")")
        #expect(exchange.words.isEmpty)
    }

    /// A generator of fixed numbers, so that a failure can be repeated.
    struct Fixed: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }

    static func seeds(port: UInt16) -> [[UInt8]] {
        let sdp =
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8 101\r\n"
            + "a=rtpmap:101 telephone-event/8000\r\n"
        let methods = ["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "INFO", "PRACK", "REGISTER", "MESSAGE"]
        let requests = methods.map { method in
            let body =
                method == "INVITE" || method == "UPDATE" ? sdp : method == "INFO" ? "Signal=5\r\nDuration=9\r\n" : ""
            return
                "\(method) sip:95598@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:\(port);branch=z9hG4bKb1;rport\r\n"
                + "From: \"x\" <sip:13800138000@127.0.0.1>;tag=a1\r\nTo: <sip:95598@127.0.0.1>\r\nCall-ID: c1@h\r\n"
                + "CSeq: 1 \(method)\r\nContact: <sip:x@127.0.0.1:\(port)>\r\nMax-Forwards: 70\r\n"
                + "Supported: timer, 100rel\r\nSession-Expires: 1800;refresher=uac\r\nRAck: 1 1 INVITE\r\n"
                + "P-Asserted-Identity: <sip:+8613800138000@h>\r\nDiversion: <sip:1@h>;reason=x\r\nPrivacy: id\r\n"
                + "Reason: Q.850;cause=16\r\nAuthorization: Digest username=\"u\", realm=\"hotline\", nonce=\"n\"\r\n"
                + "Content-Type: \(method == "INFO" ? "application/dtmf-relay" : "application/sdp")\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        let response =
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKb1\r\nFrom: <sip:a@h>;tag=1\r\n"
            + "To: <sip:b@h>;tag=2\r\nCall-ID: c1@h\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
        return (requests + [response]).map { Array($0.utf8) }
    }

    static func mutated(_ seed: [UInt8], _ seeds: [[UInt8]], _ random: inout Fixed) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &random)))
            case 2: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 60)], at: at)
            case 3:
                bytes.insert(
                    contentsOf: [UInt8](repeating: 65, count: Int.random(in: 1...4000, using: &random)), at: at)
            case 4:
                let other = seeds.randomElement(using: &random) ?? seed
                bytes = Array(bytes[..<at]) + other[min(at, other.count)...]
            case 5: bytes.insert(contentsOf: Array("-99999999999999999999".utf8), at: at)
            case 6: bytes.insert(contentsOf: [0, 13, 10, 32], at: at)
            default:
                // New calls, not retransmissions of the same one.
                let id = Array("c\(UInt16.random(in: 0 ... .max, using: &random))@h".utf8)
                if let place = bytes.firstRange(of: Array("c1@h".utf8)) { bytes.replaceSubrange(place, with: id) }
                let branch = Array("z9hG4bK\(UInt32.random(in: 0 ... .max, using: &random))".utf8)
                if let place = bytes.firstRange(of: Array("z9hG4bKb1".utf8)) {
                    bytes.replaceSubrange(place, with: branch)
                }
            }
        }
        return bytes
    }

    @Test func survivesFiveThousandMutatedDatagrams() async throws {
        let exchange = try Exchange(loopback(), behaviour: Exchange.answering)
        let peer = try RawPeer(remote: exchange.port(.udp))
        let seeds = Self.seeds(port: peer.port)
        var random = Fixed(state: 0x9E37_79B9_7F4A_7C15)
        for index in 0..<5000 {
            peer.send(Self.mutated(seeds[index % seeds.count], seeds, &random))
            if index % 16 == 15 { peer.drain() }
            if index % 500 == 499 { #expect(peer.isServed(), "after \(index + 1)") }
        }
        #expect(exchange.line.statistics().offered > 0, "the seeds no longer make calls: nothing was tested")
        // Calls that nobody acknowledged are cut off: the stack must bear it.
        exchange.line.stop(limitMilliseconds: 300)
        #expect(exchange.line.statistics().legs == 0)
        // Every leg that was offered was also released, once.
        let offered = exchange.events.count { $0.kind.offer != nil }
        #expect(exchange.events.count { $0.kind.release != nil } == offered)
    }
}
