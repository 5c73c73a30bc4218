import Foundation

/// Makes lines for people of what goes over a serial port, each way. Telephone numbers and PINs are masked.
struct ConversationTrace: Sendable {
    private var incoming: [UInt8] = []
    private var outgoing: [UInt8] = []
    private static let longest = 400

    /// Lines that the driver has sent: `> AT+CSQ`.
    mutating func received(_ bytes: [UInt8]) -> [String] { Self.lines(bytes, &incoming, "> ") }

    /// Lines that the modem has sent: `< +CSQ: 23,99`.
    mutating func sent(_ bytes: [UInt8]) -> [String] { Self.lines(bytes, &outgoing, "< ") }

    private static func lines(_ bytes: [UInt8], _ rest: inout [UInt8], _ head: String) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == 13 || byte == 10 || rest.count >= longest {
                if !rest.isEmpty { lines.append(head + masked(rest)) }
                rest = []
            }
            guard byte != 13, byte != 10 else { continue }
            rest.append(byte)
        }
        return lines
    }

    /// Seven digits and more are a number, except the IMEI's 15.
    private static func masked(_ bytes: [UInt8]) -> String {
        let text = String(
            decoding: bytes.flatMap { (32..<127).contains($0) ? [$0] : Array("\\x\(String($0, radix: 16))".utf8) },
            as: UTF8.self)
        // What stands behind the PIN is left out with it.
        if let pin = text.range(of: "+CPIN=") ?? text.range(of: "+cpin=") { return text[..<pin.upperBound] + "****" }
        var result = ""
        var digits = ""
        for character in text + "\n" {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            result += digits.count >= 7 ? SimulatorEvent.masked(digits) : digits
            digits = ""
            if character != "\n" { result.append(character) }
        }
        return result
    }
}
