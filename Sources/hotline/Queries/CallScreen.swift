import Calls
import Storage

/// One call for a terminal.
struct CallScreen {
    private let call: CallDetail

    init(_ call: CallDetail) { self.call = call }

    var text: String {
        ([head] + [legs, queue, agents, remarks, recordings, timeline].filter { !$0.isEmpty }).joined(separator: "\n\n")
    }

    private var head: String {
        let summary = call.summary
        var lines: [(String, String)] = [
            ("call", summary.callID.description),
            ("line", "\(summary.line), \(summary.direction.rawValue), from \(call.peer), node \(summary.node)"),
            ("caller", "\(summary.caller ?? "withheld") (\(call.callerSource), as received: \(call.callerRaw ?? "-"))"),
            ("called", summary.called + (call.diversion.map { ", diverted from \($0)" } ?? "")),
            ("SIP Call-ID", call.protocolCallID),
            ("offered", "\(ScreenTime.text(summary.offeredAt)) \(ScreenTime.zone(at: summary.offeredAt))"),
        ]
        if summary.ringingAt != nil {
            let rings = summary.rings.map { "\($0) ring\($0 == 1 ? "" : "s"), " } ?? ""
            let basis = summary.ringsBasis.map { " (\($0.rawValue))" } ?? ""
            lines.append(("rang", "\(rings)\(Screen.milliseconds(summary.ringMilliseconds))\(basis)"))
        }
        if let answered = summary.answeredAt {
            lines.append(("answered", "\(ScreenTime.text(answered)), flow \(summary.flowVersion ?? "-")"))
        }
        if let prompt = summary.firstPromptAt { lines.append(("first prompt", ScreenTime.text(prompt))) }
        if !summary.digits.isEmpty { lines.append(("keys", summary.digits)) }
        if let released = summary.releasedAt {
            lines.append(("released", "\(ScreenTime.text(released)) by \(summary.releasedBy?.rawValue ?? "unknown")"))
        }
        if let evidence = summary.releaseEvidence { lines.append(("evidence", Self.text(evidence))) }
        lines.append(("outcome", summary.outcome?.rawValue ?? "running"))
        if !summary.orders.isEmpty { lines.append(("orders", summary.orders.joined(separator: ", "))) }
        return lines.map { TextTable.padded($0.0, to: 14) + TextTable.printable($0.1) }.joined(separator: "\n")
    }

    private static func text(_ evidence: StoredReleaseEvidence) -> String {
        var parts = [evidence.message]
        if let status = evidence.sipStatus { parts.append("SIP \(status)") }
        if let cause = evidence.q850 { parts.append("Q.850 \(cause)") }
        if let reason = evidence.reason { parts.append("Reason: \(reason)") }
        if let last = evidence.lastRTPAt { parts.append("last RTP \(ScreenTime.text(last))") }
        return parts.joined(separator: ", ")
    }

    private var legs: String {
        var table = TextTable(["LEG", "ROLE", "CODEC", "COUNTERS"])
        for leg in call.summary.legs {
            table.add([
                leg.id.description, leg.role.rawValue, leg.codec.map { "\($0)/\(leg.rate ?? 0)" } ?? "-",
                call.statistics[leg.id.description] ?? "-",
            ])
        }
        return table.text
    }

    private var queue: String {
        guard !call.queue.isEmpty else { return "" }
        var table = TextTable(["QUEUE", "ENTERED", "PLACE", "WAIT", "EXIT", "AGENT", "TRIED", "RINGS", "APOLOGY"])
        for stay in call.queue {
            table.add([
                stay.queue, ScreenTime.text(stay.enteredAt), stay.position.map(String.init) ?? "-",
                Screen.milliseconds(stay.waitMilliseconds),
                (stay.exit?.rawValue ?? "waiting") + (stay.refused ? " (refused)" : ""), stay.agent?.text ?? "-",
                stay.offers.map(String.init) ?? "-",
                stay.rings.map { "\($0) (\(Screen.milliseconds(stay.ringMilliseconds)))" } ?? "-",
                ScreenTime.text(stay.apologisedAt),
            ])
        }
        return table.text
    }

    private var agents: String {
        guard !call.agents.isEmpty else { return "" }
        var table = TextTable([
            "AGENT", "FOR", "OFFERED", "OUTCOME", "RINGS", "SUMMED", "CONNECTED", "HOLD", "LEFT BY", "LEG",
        ])
        for agent in call.agents {
            table.add([
                agent.agent.text, agent.purpose.rawValue, ScreenTime.text(agent.offeredAt),
                agent.outcome?.rawValue ?? "ringing",
                agent.rings.map { "\($0) (\(Screen.milliseconds(agent.ringMilliseconds)))" } ?? "-",
                agent.summedRings.map { "\($0) (\(Screen.milliseconds(agent.summedRingMilliseconds)))" } ?? "-",
                Screen.milliseconds(agent.connectedMilliseconds), Screen.milliseconds(agent.holdMilliseconds),
                agent.leftBy?.rawValue ?? "-", agent.leg.description,
            ])
        }
        return table.text
    }

    /// Transfers, marks and the rating, a line each.
    private var remarks: String {
        var lines = call.transfers.map { transfer in
            let end = transfer.completed ? "" : ", not completed"
            return ("transfer", "\(transfer.from) to \(transfer.to), \(transfer.kind)\(end)")
        }
        lines += call.marks.map { mark in
            let degree = mark.degree.map { " (degree \($0))" } ?? ""
            return ("mark", "\(mark.mark)\(degree) by \(mark.by)\(mark.note.map { ": \($0)" } ?? "")")
        }
        if let rating = call.rating { lines.append(("rating", "\(rating.score) of 5 for \(rating.agent)")) }
        return lines.map { TextTable.padded($0.0, to: 14) + TextTable.printable($0.1) }.joined(separator: "\n")
    }

    private var recordings: String {
        guard !call.summary.recordings.isEmpty else { return "" }
        var table = TextTable(["RECORDING", "LENGTH", "CHANNELS", "FILE"])
        for recording in call.summary.recordings {
            table.add([
                recording.id.description, Screen.seconds(recording.seconds),
                recording.channels.map { "\($0.index): \($0.role)" }.joined(separator: ", "),
                recording.file ?? "unfinished",
            ])
        }
        return table.text
    }

    /// Legs, channels and counters have tables of their own.
    private static func isShownAbove(_ field: String) -> Bool {
        field.hasPrefix("channels.") || field.hasPrefix("statistics.") || field.hasPrefix("evidence.")
    }

    private var timeline: String {
        var table = TextTable(["EVENT", "AT", "MS", "RECORDING", "WHAT", "FIELDS"])
        for entry in call.timeline {
            let fields = entry.data.filter { !Self.isShownAbove($0.key) }.sorted { $0.key < $1.key }
                .map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            table.add([
                String(entry.sequence), ScreenTime.text(entry.at), entry.offsetMilliseconds.map { "+\($0)" } ?? "-",
                entry.position.map { Screen.milliseconds($0.milliseconds) } ?? "-", entry.kind,
                entry.erased ? "(erased)" : fields,
            ])
        }
        return table.text
    }
}
