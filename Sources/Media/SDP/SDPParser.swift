extension SessionDescription {
    /// What is read at most; a peer's description has some hundred bytes, WebRTC's a few thousand.
    public enum Limit {
        public static let bytes = 16_384
        public static let lines = 512
        public static let lineBytes = 2048
        public static let media = 32
        public static let formats = 64
    }

    /// Reads a description (RFC 8866 §9) from hostile text. Lines may end in CRLF or LF; `s=` and `t=`, which some
    /// peers leave out, are not insisted on, nor is the order of the lines within a section.
    /// - Throws: `MediaError` with code `.sdp`, naming the line (from 1) and what is wrong with it.
    public init(parsing text: String) throws(MediaError) {
        var parser = SDPParser()
        self = try parser.parse(text)
    }
}

/// Reads one description, line by line.
struct SDPParser {
    private var origin: SessionDescription.Origin?
    private var connection: SessionDescription.Connection?
    private var attributes: [SessionDescription.Attribute] = []
    private var media: [SessionDescription.Media] = []
    private var number = 0

    mutating func parse(_ text: String) throws(MediaError) -> SessionDescription {
        let bytes = Array(text.utf8)
        guard bytes.count <= SessionDescription.Limit.bytes else {
            throw MediaError(
                .sdp, "SDP: \(bytes.count) bytes, more than the \(SessionDescription.Limit.bytes) that are read")
        }
        // Only LF ends a line, with a CR before it or not; what follows the last LF counts as a line too.
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            guard number <= SessionDescription.Limit.lines else {
                throw failure("more than \(SessionDescription.Limit.lines) lines")
            }
            let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            // Blank lines are no part of the grammar, but some peers end with one.
            guard !content.isEmpty else { continue }
            try read(content)
        }
        guard let origin else { throw MediaError(.sdp, "SDP: no o= line") }
        return SessionDescription(origin: origin, connection: connection, attributes: attributes, media: media)
    }

    private func failure(_ what: String) -> MediaError { MediaError(.sdp, "SDP line \(number): \(what)") }

    private mutating func read(_ line: ArraySlice<UInt8>) throws(MediaError) {
        guard line.count <= SessionDescription.Limit.lineBytes else {
            throw failure("longer than \(SessionDescription.Limit.lineBytes) bytes")
        }
        guard line.count >= 2, line[line.startIndex + 1] == UInt8(ascii: "=") else {
            throw failure("not <type>=<value>")
        }
        // Controls could smuggle a line into what is echoed or logged; tab is permitted by the byte-string grammar.
        guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { throw failure("control character") }
        let type = line[line.startIndex]
        let value = String(decoding: line.dropFirst(2), as: UTF8.self)
        if number == 1 {
            guard type == UInt8(ascii: "v"), value == "0" else { throw failure("does not begin with v=0") }
            return
        }
        switch type {
        case UInt8(ascii: "o"): try readOrigin(value)
        case UInt8(ascii: "c"): try readConnection(value)
        case UInt8(ascii: "m"): try readMedia(value)
        case UInt8(ascii: "a"): try readAttribute(value)
        case UInt8(ascii: "s"), UInt8(ascii: "i"), UInt8(ascii: "u"), UInt8(ascii: "e"), UInt8(ascii: "p"),
            UInt8(ascii: "b"), UInt8(ascii: "t"), UInt8(ascii: "r"), UInt8(ascii: "z"), UInt8(ascii: "k"):
            // Nothing that offer and answer depend on.
            return
        case UInt8(ascii: "v"): throw failure("a second v= line")
        default:
            // RFC 8866 §5: a description with a type letter that is not understood must be refused.
            throw failure("unknown line type")
        }
    }

    private func words(_ text: String) -> [Substring] {
        // One more than any line needs, so that too many are seen without splitting hostile text to the end.
        text.split(separator: " ", maxSplits: SessionDescription.Limit.formats + 4, omittingEmptySubsequences: true)
    }

    private mutating func readOrigin(_ value: String) throws(MediaError) {
        let words = words(value)
        guard origin == nil, media.isEmpty else { throw failure("o= out of place") }
        guard words.count == 6 else { throw failure("o= has \(words.count) fields, not 6") }
        guard Self.isNumber(words[1]), Self.isNumber(words[2]) else {
            throw failure("o= session id and version must be digits")
        }
        origin = SessionDescription.Origin(
            username: String(words[0]), sessionID: String(words[1]), version: String(words[2]),
            address: String(words[5]))
    }

    private static func isNumber(_ text: Substring) -> Bool {
        (1...20).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
    }

    private mutating func readConnection(_ value: String) throws(MediaError) {
        let words = words(value)
        guard words.count == 3 else { throw failure("c= has \(words.count) fields, not 3") }
        let connection = Self.connection(network: words[0], type: words[1], address: words[2])
        if media.isEmpty {
            guard self.connection == nil else { throw failure("a second c= line") }
            self.connection = connection
        } else if media[media.count - 1].connection == nil {
            // More c= lines of one medium are group addresses of layers (RFC 8866 §5.7); the first decides.
            media[media.count - 1].connection = connection
        }
    }

    /// Reads the three fields that `c=` and `a=rtcp` have in common.
    static func connection(
        network: Substring, type: Substring, address: Substring
    ) -> SessionDescription.Connection {
        guard network == "IN", type == "IP4" || type == "IP6" else { return .other }
        // "/ttl" and "/count" belong to group addresses alone.
        if address.utf8.contains(UInt8(ascii: "/")) { return .multicast }
        guard let ip = IPAddress(address) else { return .name(String(address)) }
        guard (ip.family == .v4) == (type == "IP4") else { return .other }
        return ip.isGroup ? .multicast : .address(ip)
    }

    private mutating func readMedia(_ value: String) throws(MediaError) {
        let words = words(value)
        guard origin != nil else { throw failure("m= before o=") }
        guard media.count < SessionDescription.Limit.media else {
            throw failure("more than \(SessionDescription.Limit.media) media")
        }
        guard words.count >= 4 else { throw failure("m= has \(words.count) fields, at least 4 are needed") }
        guard words.count <= SessionDescription.Limit.formats + 3 else {
            throw failure("more than \(SessionDescription.Limit.formats) formats")
        }
        let port = words[1].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard Self.isNumber(port[0]), let first = UInt16(port[0]), port.count == 1 || Self.isNumber(port[1]) else {
            throw failure("m= port is not 0…65535")
        }
        // Rejected media are echoed in our answer: only RFC 8866's token characters may come back out.
        guard words.dropFirst(2).allSatisfy(Self.isToken), Self.isToken(words[0]) else {
            throw failure("m= has characters that are not permitted")
        }
        media.append(
            SessionDescription.Media(
                kind: String(words[0]), port: first, transport: String(words[2]),
                formats: words.dropFirst(3).map(String.init)))
    }

    /// RFC 8866 §9 `token`, with the slash of `proto`.
    private static func isToken(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x2F, 0x30...0x39, 0x41...0x5A, 0x5E...0x7E: true
            default: false
            }
        }
    }

    private mutating func readAttribute(_ value: String) throws(MediaError) {
        let parts = value.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { throw failure("a= without a name") }
        let attribute = SessionDescription.Attribute(String(name), parts.count == 2 ? String(parts[1]) : nil)
        if media.isEmpty { attributes.append(attribute) } else { media[media.count - 1].attributes.append(attribute) }
    }
}
