import Console
import Foundation

/// Looks whether anchors leave the machine.
struct AnchorDoctor {
    let ways: AnchorWays

    func examine() -> Finding {
        guard !ways.ways.isEmpty else {
            return Finding(
                check: "anchors", state: .warning,
                message: "anchors stay on this machine: proves only self-consistency",
                next: "Set `evidence.anchor_webhook` or `evidence.anchor_command` (docs/evidence.md)")
        }
        if let program = ways.command.first, !Self.isThere(program) {
            return Finding(
                check: "anchors", state: .error, message: "evidence.anchor_command: no program `\(program)`",
                next: "Install it, or give its path")
        }
        var places: [String] = []
        if let host = ways.webhook?.host { places.append("POST to \(host)") }
        if let program = ways.command.first { places.append("program \(program)") }
        return Finding(check: "anchors", state: .ok, message: "sent daily: " + places.joined(separator: ", "), next: "")
    }

    /// Whether `env` will find a program.
    static func isThere(_ program: String) -> Bool {
        let files = FileManager.default
        if program.contains("/") { return files.isExecutableFile(atPath: program) }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").contains { files.isExecutableFile(atPath: "\($0)/\(program)") }
    }
}
