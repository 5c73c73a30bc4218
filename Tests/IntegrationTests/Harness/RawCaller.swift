import Foundation

/// A SIP caller of a few lines over UDP, for tests that must hold every byte in their own hands.
struct RawCaller {
    let socket: UDP
    let port: UInt16
    let id: String
    private(set) var toTag = ""
    /// The far end's RTP port, once answered, and our own.
    private(set) var mediaPort: UInt16 = 0
    private(set) var ownMediaPort: UInt16 = 0

    init(port: UInt16, id: String) throws {
        self.port = port
        self.id = id
        socket = try UDP(port: port)
    }

    func request(
        _ method: String, sequence: Int, branch: String, body: String = "", contentType: String = "application/sdp"
    )
        -> [UInt8]
    {
        var lines = [
            "\(method) sip:95598@127.0.0.1:\(port) SIP/2.0",
            "Via: SIP/2.0/UDP 127.0.0.1:\(socket.localPort);rport;branch=z9hG4bK\(id)\(branch)",
            "From: <sip:13800000009@127.0.0.1>;tag=\(id)",
            "To: <sip:95598@127.0.0.1>\(toTag.isEmpty ? "" : ";tag=\(toTag)")",
            "Call-ID: \(id)@127.0.0.1",
            "CSeq: \(sequence) \(method == "CANCEL" ? "CANCEL" : method)",
            "Contact: <sip:13800000009@127.0.0.1:\(socket.localPort)>",
            "Max-Forwards: 70",
        ]
        if !body.isEmpty { lines.append("Content-Type: \(contentType)") }
        lines += ["Content-Length: \(body.utf8.count)", "", body]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    /// An offer of PCMA and telephone-event at the given port of ours.
    func offer(mediaPort: UInt16) -> String {
        [
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
            "m=audio \(mediaPort) RTP/AVP 8 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000",
            "a=ptime:20", "",
        ].joined(separator: "\r\n")
    }

    /// Calls and waits for the answer.
    /// - Returns: the final status.
    mutating func call(mediaPort local: UInt16, within seconds: Int) throws -> Int {
        ownMediaPort = local
        let invite = request("INVITE", sequence: 1, branch: "1", body: offer(mediaPort: local))
        let end = ContinuousClock.now + .seconds(seconds)
        socket.send(invite)
        var heard = false
        while ContinuousClock.now < end {
            guard let bytes = socket.receive(milliseconds: 500) else {
                if !heard { socket.send(invite) }
                continue
            }
            heard = true
            let text = String(decoding: bytes, as: UTF8.self)
            guard let status = Self.status(text), status >= 200, text.contains("CSeq: 1 INVITE") else { continue }
            if let range = text.range(of: "\r\nTo: ") {
                let to = text[range.upperBound...].prefix { $0 != "\r\n" }
                if let tag = to.range(of: ";tag=") { toTag = String(to[tag.upperBound...].prefix { $0 != ";" }) }
            }
            if let range = text.range(of: "m=audio ") {
                mediaPort = UInt16(text[range.upperBound...].prefix { $0.isNumber }) ?? 0
            }
            socket.send(request("ACK", sequence: 1, branch: status < 300 ? "2" : "1"))
            return status
        }
        throw HarnessError("no final answer to INVITE within \(seconds) s")
    }

    /// Sends silence in PCMA to the far end's RTP port, packet by packet.
    func talk(milliseconds: Int) async throws {
        let rtp = try UDP(port: mediaPort, from: ownMediaPort)
        for packet in 0..<milliseconds / 20 {
            rtp.send(
                Self.rtp(
                    sequence: UInt16(truncatingIfNeeded: packet), timestamp: UInt32(packet * 160), source: 0x4854_4C33))
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Hangs up.
    /// - Returns: the status of the answer to BYE, nil where none came.
    func hangUp() -> Int? { ask("BYE", sequence: 2, branch: "3") }

    /// Sends a request and waits 3 s for its final answer.
    func ask(_ method: String, sequence: Int, branch: String) -> Int? {
        socket.drain()
        for _ in 0..<6 {
            socket.send(request(method, sequence: sequence, branch: branch))
            guard let bytes = socket.receive(milliseconds: 500) else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            if text.contains("CSeq: \(sequence) \(method)"), let status = Self.status(text), status >= 200 {
                return status
            }
        }
        return nil
    }

    /// The status of a response; nil for anything else.
    static func status(_ text: String) -> Int? {
        guard text.hasPrefix("SIP/2.0 ") else { return nil }
        return Int(text.dropFirst(8).prefix(3))
    }

    /// An RTP packet of PCMA silence.
    static func rtp(sequence: UInt16, timestamp: UInt32, source: UInt32) -> [UInt8] {
        var bytes: [UInt8] = [0x80, 8, UInt8(sequence >> 8), UInt8(sequence & 255)]
        for value in [timestamp, source] { for shift in [24, 16, 8, 0] { bytes.append(UInt8(value >> shift & 255)) } }
        return bytes + [UInt8](repeating: 0xD5, count: 160)
    }
}
