import Calls
import Foundation
import Recordings
import Storage

/// What one call left behind, asked of the store as any query command does, and told for people.
struct DemoStory: Sendable {
    private let detail: CallDetail
    private let recordings: [RecordingSummary]
    private let orders: [OrderSummary]
    private let verified: RecordingVerifier.Report
    private let evidence: EvidenceReport
    private let folder: URL

    /// Of a data folder, while its server runs.
    static func read(folder: URL) async throws -> DemoStory {
        let reader = try Store.openForQueries(folder: folder.path)
        let story = try await DemoStory(reader: reader, folder: folder)
        try reader.close()
        return story
    }

    /// Waits until the newest call is over and its recording is a file, at most 20 s.
    init(reader: StoreReader, folder: URL) async throws {
        self.folder = folder
        var found: CallSummary?
        for _ in 0..<200 {
            found = try await reader.calls(filter: CallFilter(limit: 1)).first
            if let found, found.releasedAt != nil, found.recordings.allSatisfy({ $0.sha256 != nil }) { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        guard let found, let detail = try await reader.call(found.callID) else {
            throw CommandError("the store knows of no call")
        }
        self.detail = detail
        recordings = try await reader.recordings(filter: RecordingFilter(call: found.callID))
        orders = try await reader.orders(filter: OrderFilter(call: found.callID))
        verified = try RecordingVerifier(folder: DataFolder(folder.path).recordings).verify(
            recordings.compactMap { recording in
                guard let file = recording.file, let sha256 = recording.sha256, let frames = recording.frames else {
                    return nil
                }
                return RecordingVerifier.Row(
                    id: recording.id, file: file, sha256: sha256, frames: frames, channels: recording.channels.count)
            })
        evidence = try await reader.verifyEvidence()
    }

    /// Answered, recorded, linked to an order, and proved.
    var isInOrder: Bool {
        detail.summary.answeredAt != nil && recordings.count == 1 && verified.isAllOK && verified.ok == 1
            && !orders.isEmpty && orders.allSatisfy { !$0.recordings.isEmpty } && evidence.ok
    }

    /// Head and text of each line.
    var lines: [(String, String)] {
        var lines: [(String, String)] = []
        let call = detail.summary
        lines.append(("What the hotline wrote down", ""))
        lines.append(("call", "\(call.callID), \(call.direction.rawValue) on \(call.line) from \(detail.peer)"))
        lines.append(("rang", "at \(call.ringingAt?.description ?? "never")"))
        if let rings = call.rings, let milliseconds = call.answerMilliseconds {
            lines.append(
                (
                    "answered",
                    "in ring \(rings), \(milliseconds) ms after it began (\(call.ringsBasis?.rawValue ?? ""))"
                        + (call.rawRings.map { "; the modem had said RING \($0) time\($0 == 1 ? "" : "s")" } ?? "")
                )
            )
        }
        for entry in detail.timeline { if let text = Self.told(entry) { lines.append(("", text)) } }
        lines.append(("keys", call.digits.isEmpty ? "none" : call.digits))
        lines.append(
            (
                "ended",
                "by \(call.releasedBy?.rawValue ?? "?"), \(call.outcome?.rawValue ?? "?"): "
                    + (call.releaseEvidence?.message ?? "")
            ))
        for recording in recordings {
            let channels = recording.channels.map { "\($0.index == 0 ? "left" : "right") \($0.role)" }
            lines.append(
                ("recording", folder.appendingPathComponent("recordings/\(recording.file ?? "not made")").path))
            lines.append(
                (
                    "",
                    "\(CallReport.seconds(Int64((recording.seconds ?? 0) * 1000))), \(channels.joined(separator: ", ")); "
                        + "SHA-256 \(recording.sha256?.prefix(16) ?? "")…"
                ))
        }
        for order in orders {
            lines.append(("order", "\(order.number), code \(order.code), \(order.category), \(order.status)"))
            for recording in order.recordings { lines.append(("", Self.told(recording))) }
        }
        lines.append(
            (
                "verified",
                "\(verified.ok) of \(verified.checked) recordings unaltered; "
                    + "\(evidence.chains.reduce(0) { $0 + $1.events }) events of evidence "
                    + (evidence.ok ? "chained without a break" : "DO NOT HOLD")
            ))
        return lines
    }

    /// How to look further.
    func commands(folder: String, isKept: Bool) -> [String] {
        let call = detail.summary.callID
        var lines = [
            isKept
                ? "Look further:"
                : "To look further, run it again with --keep; the folder is gone now, the commands would have been:"
        ]
        lines.append("  \(Program.name) calls list --data \(folder)")
        lines.append("  \(Program.name) calls show \(call) --data \(folder)")
        lines.append("  \(Program.name) orders list --data \(folder)")
        lines.append("  \(Program.name) recordings verify --data \(folder)")
        lines.append("  \(Program.name) evidence verify --data \(folder)")
        return lines
    }

    private static func told(_ recording: OrderSummary.Recording) -> String {
        guard let from = recording.fromMilliseconds, let to = recording.toMilliseconds else {
            return "linked to the recording as `\(recording.role)`"
        }
        return
            "linked to the recording as `\(recording.role)`, \(CallReport.seconds(from)) to \(CallReport.seconds(to))"
    }

    /// What was said, its pauses left out and numbers written as numbers: `order.number 2026 1124 0001`.
    private static func spoken(_ items: String) -> String {
        var words: [String] = []
        var isNumber = false
        for item in items.split(separator: " ") {
            if item.hasPrefix("digit."), isNumber, let last = words.indices.last {
                words[last] += item.dropFirst(6)
            } else if item.hasPrefix("digit.") {
                words.append(String(item.dropFirst(6)))
            } else if !item.hasPrefix("silence:") {
                words.append(String(item))
            }
            isNumber = item.hasPrefix("digit.")
        }
        return words.joined(separator: " ")
    }

    /// One event of the timeline in a line; nil for what only a reviewer needs.
    private static func told(_ entry: CallDetail.Entry) -> String? {
        let data = entry.data
        let what: String
        switch entry.kind {
        case "play": what = "says \(spoken(data["items"] ?? ""))"
        case "key": what = "key \(data["key"] ?? "") (\(data["source"] ?? ""))"
        case "message_started": what = "the caller's message begins"
        case "message_ended": what = "the message is over, \(data["ms"] ?? "") ms"
        case "order_created": what = "a work order is made"
        case "prompt_stopped":
            guard let key = data["key"] else { return nil }
            what = "cut short by key \(key)"
        default: return nil
        }
        guard let offset = entry.offsetMilliseconds else { return what }
        let seconds = CallReport.seconds(offset)
        return String(repeating: " ", count: max(0, 8 - seconds.count)) + "\(seconds)  \(what)"
    }
}
