import Console
import Foundation
import Switchboard

/// Looks whether transcripts can be made.
struct TranscriptDoctor {
    /// Nil: none are to be made.
    let settings: TranscriptSettings?

    func examine() -> Finding {
        switch settings?.engine {
        case nil:
            return Finding(
                check: "transcripts", state: .ok, message: "none are made: no recogniser is configured", next: "")
        case .url(let text):
            return Finding(
                check: "transcripts", state: .ok, message: "by POST to \(URL(string: text)?.host ?? text)", next: "")
        case .command(let arguments):
            let program = arguments.first ?? ""
            guard AnchorDoctor.isThere(program) else {
                return Finding(
                    check: "transcripts", state: .error, message: "transcripts.command: no program `\(program)`",
                    next: "Install it, or give its path (docs/transcripts.md)")
            }
            return Finding(check: "transcripts", state: .ok, message: "by the program \(program)", next: "")
        }
    }
}
