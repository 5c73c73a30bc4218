/// How a modem ends its answer to a command (ITU-T V.250 §5.7, 3GPP TS 27.007 §9).
package enum ATResult: Sendable, Hashable {
    case ok
    case error
    /// `+CME ERROR`: the number or the text that follows.
    case equipmentError(String)
    /// `+CMS ERROR`: the number or the text that follows.
    case messageError(String)
    case noCarrier
    case busy
    case noAnswer
    case noDialtone
    /// `CONNECT`, with what stands behind it.
    case connect(String)

    /// Reads a whole line; nil where it ends no answer.
    ///
    /// A line of one digit is a result code as a modem gives it after `ATV0`; 2 is RING and ends nothing.
    package init?(_ line: String) {
        switch line {
        case "OK", "0": self = .ok
        case "ERROR", "4", "COMMAND NOT SUPPORT": self = .error
        case "NO CARRIER", "3": self = .noCarrier
        case "BUSY", "7": self = .busy
        case "NO ANSWER", "8": self = .noAnswer
        case "NO DIALTONE", "NO DIAL TONE", "6": self = .noDialtone
        case "CONNECT", "1": self = .connect("")
        default:
            if let rest = Self.rest(of: line, after: "+CME ERROR:") {
                self = .equipmentError(rest)
            } else if let rest = Self.rest(of: line, after: "+CMS ERROR:") {
                self = .messageError(rest)
            } else if let rest = Self.rest(of: line, after: "CONNECT ") {
                self = .connect(rest)
            } else {
                return nil
            }
        }
    }

    /// Ends a call, or the attempt at one, and not only an answer: without a command that waits for it, it comes
    /// unsolicited.
    package var isOfCall: Bool {
        switch self {
        case .noCarrier, .busy, .noAnswer, .noDialtone, .connect: true
        case .ok, .error, .equipmentError, .messageError: false
        }
    }

    /// As the modem writes it in words.
    package var text: String {
        switch self {
        case .ok: "OK"
        case .error: "ERROR"
        case .equipmentError(let what): "+CME ERROR: \(what)"
        case .messageError(let what): "+CMS ERROR: \(what)"
        case .noCarrier: "NO CARRIER"
        case .busy: "BUSY"
        case .noAnswer: "NO ANSWER"
        case .noDialtone: "NO DIALTONE"
        case .connect(let what): what.isEmpty ? "CONNECT" : "CONNECT \(what)"
        }
    }

    private static func rest(of line: String, after prefix: String) -> String? {
        guard line.hasPrefix(prefix) else { return nil }
        return String(line.dropFirst(prefix.count).drop { $0 == " " })
    }
}
