import Calls
import Foundation
import Storage

/// A recording as it is given out to other programs: what a list tells of it, and of its call.
package struct ExportRow: Sendable, Hashable {
    package var found: FoundRecording
    /// Nil where the call is gone.
    package var head: CallHead?

    package init(found: FoundRecording, head: CallHead?) {
        self.found = found
        self.head = head
    }

    /// When the audio begins.
    var began: UTCTime { found.recording.startedAt ?? found.recording.plannedAt }

    /// The columns of a table of recordings (docs/exchange.md).
    package static let heading = [
        "recording_id", "call_id", "began", "seconds", "direction", "line", "caller", "called", "agents", "rings",
        "keys",
        "outcome", "released_by", "orders", "categories", "rating", "marks", "purpose", "state", "file", "sha256",
        "imported_from", "imported_file", "imported_sha256",
    ]

    /// - Parameter zone: of the times.
    package func cells(zone: TimeZone) -> [String] {
        let recording = found.recording
        func list(_ items: [String]) -> String { items.joined(separator: " ") }
        return [
            recording.id.description, recording.callID.description, ExportTime.local(began, zone: zone),
            recording.seconds.map { ExportTime.seconds($0) } ?? "", head?.direction.rawValue ?? "", found.line,
            found.caller ?? "", head?.called ?? "", list(found.answeredBy.map(\.text)),
            found.rings.map { String($0) } ?? "", found.digits, found.outcome?.rawValue ?? "",
            found.releasedBy?.rawValue ?? "", list(recording.orders), list(found.categories),
            found.rating.map { String($0) } ?? "", list(found.marks), recording.purpose, recording.state.rawValue,
            recording.file ?? "", recording.sha256 ?? "", recording.imported?.system ?? "",
            recording.imported?.file ?? "", recording.imported?.sha256 ?? "",
        ]
    }

    /// A name that people can read: local time, caller, agent, category, the end of the recording's id.
    /// `20261127-103015_13900000001_1001_fault_0123456789ab`. Fit for every file system, and at most 160 bytes.
    package func stem(zone: TimeZone) -> String {
        let digits = ExportTime.local(began, zone: zone).prefix(19).filter { $0.isASCII && $0.isNumber }
        let agent = found.answeredBy.last?.text ?? "none"
        let other = head?.direction == .outbound ? head?.called : found.caller
        let id = recordingDigits
        return [
            "\(digits.prefix(8))-\(digits.dropFirst(8))", Self.safe(other ?? "withheld"), Self.safe(agent),
            Self.safe(found.categories.first ?? "none"), id,
        ].joined(separator: "_")
    }

    /// The last twelve digits of the recording's id: the others are its time.
    private var recordingDigits: String { String(found.recording.id.description.suffix(12)) }

    /// Letters and digits of any script; everything else becomes a dash. At most 40 bytes.
    package static func safe(_ text: String) -> String {
        var safe = ""
        for scalar in text.unicodeScalars {
            let isKept = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            let kept: Unicode.Scalar = isKept ? scalar : "-"
            guard safe.utf8.count + String(kept).utf8.count <= 40 else { break }
            safe.unicodeScalars.append(kept)
        }
        return safe.isEmpty ? "none" : safe
    }
}

/// Times for other programs.
package enum ExportTime {
    /// `2026-11-27T10:30:15+08:00`.
    package static func local(_ time: UTCTime, zone: TimeZone) -> String {
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.microseconds) / 1_000_000))
        let text = UTCTime(microseconds: time.microseconds + Int64(offset) * 1_000_000).description.prefix(19)
        let minutes = abs(offset) / 60
        let parts = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(text)\(offset < 0 ? "-" : "+")\(parts.joined(separator: ":"))"
    }

    /// RFC 3339 as JMAP (RFC 8620 1.4) wants it: in UTC, without a fraction where that is zero.
    package static func date(_ time: UTCTime) -> String {
        var text = time.description
        text.removeLast()
        while text.hasSuffix("0") && text.contains(".") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text + "Z"
    }

    /// Up to three digits behind the point.
    package static func seconds(_ seconds: Double) -> String {
        let milliseconds = Int64((seconds * 1000).rounded())
        let rest = String(milliseconds % 1000 + 1000).dropFirst()
        return "\(milliseconds / 1000).\(rest)"
    }
}
