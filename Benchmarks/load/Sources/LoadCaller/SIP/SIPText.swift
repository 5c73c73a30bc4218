/// Makes SIP messages.
package enum SIPText {
    package static let agent = "hotline-load"
    package static let allow = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, NOTIFY"

    /// A message with its body; Content-Length is added.
    package static func message(
        _ start: String, _ headers: [(String, String)], body: String = "", type: String = "application/sdp"
    ) -> [UInt8] {
        var text = start + "\r\n"
        for (name, value) in headers { text += name + ": " + value + "\r\n" }
        if !body.isEmpty { text += "Content-Type: \(type)\r\n" }
        text += "Content-Length: \(body.utf8.count)\r\n\r\n" + body
        return Array(text.utf8)
    }

    /// A response to a request: its Via, From, To, Call-ID and CSeq, the tag put to To where it has none.
    package static func response(
        to request: SIPMessage, _ status: Int, _ phrase: String, tag: String, more: [(String, String)] = [],
        body: String = ""
    ) -> [UInt8] {
        var headers: [(String, String)] = request.headers.filter { $0.name == "via" }.map { ("Via", $0.value) }
        headers += request.headers.filter { $0.name == "record-route" }.map { ("Record-Route", $0.value) }
        headers.append(("From", request.header("from") ?? ""))
        let to = request.header("to") ?? ""
        headers.append(("To", request.toTag.isEmpty && status > 100 ? "\(to);tag=\(tag)" : to))
        headers.append(("Call-ID", request.callID))
        headers.append(("CSeq", request.header("cseq") ?? ""))
        headers.append(("User-Agent", agent))
        return message("SIP/2.0 \(status) \(phrase)", headers + more, body: body)
    }

    /// A random word of lower-case letters and digits.
    package static func word(_ length: Int) -> String {
        let letters: StaticString = "abcdefghijklmnopqrstuvwxyz0123456789"
        // Twelve letters from one random number: each number is a system call.
        var bits: UInt64 = 0
        var left = 0
        let bytes = (0..<length).map { _ in
            if left == 0 {
                bits = .random(in: 0...UInt64.max)
                left = 12
            }
            left -= 1
            let (rest, letter) = bits.quotientAndRemainder(dividingBy: 36)
            bits = rest
            return letters.utf8Start[Int(letter)]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    package static func branch() -> String { "z9hG4bK" + word(16) }
}
