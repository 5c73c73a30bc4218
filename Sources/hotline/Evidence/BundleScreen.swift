import Evidence
import Storage

/// What was found in a bundle, for a terminal.
struct BundleScreen {
    private let report: BundleReport

    init(_ report: BundleReport) { self.report = report }

    var text: String {
        var lines: [String] = []
        if let description = report.description {
            let times = [description.from, description.to, description.exported].map { Self.time($0) }
            lines.append("period \(times[0]) to \(times[1]), exported \(times[2])")
        }
        for chain in report.chains {
            lines.append(
                "chain \(chain.chain): events \(chain.start.sequence + 1) to \(chain.head.sequence), \(chain.inside) of "
                    + "the period, \(chain.erased) bodies erased, \(chain.omitted) links")
            lines.append("  head \(chain.head.sequence) \(Hexadecimal.text(chain.head.hash))")
        }
        for key in report.keys { lines.append("signed with key \(Hexadecimal.text(key))") }
        guard report.finding == nil else { return (lines + finding).map(TextTable.printable).joined(separator: "\n") }
        let rows = BundleRows.allCases.map { "\(report.rows[$0] ?? 0) of \($0.rawValue)" }.joined(separator: ", ")
        lines.append("rows: \(rows)")
        let erased = report.recordingsErased > 0 ? ", \(report.recordingsErased) erased" : ""
        lines.append("recordings: \(report.recordings) (\(report.recordingBytes) bytes)\(erased)")
        lines.append(
            "anchors: \(report.anchors) in the bundle, the recordings of \(report.days) days compared with them")
        lines += standing
        return lines.map(TextTable.printable).joined(separator: "\n")
    }

    private var finding: [String] {
        guard let finding = report.finding else { return [] }
        var lines = [finding.verdict == .altered ? "ALTERED. The first thing that does not hold:" : "UNUSABLE:"]
        var place = finding.member.isEmpty ? "the bundle" : finding.member
        if let line = finding.line { place += ", line \(line)" }
        if let chain = finding.chain, let sequence = finding.sequence { place += ", chain \(chain), event \(sequence)" }
        lines.append("  where:    \(place)")
        lines.append("  what:     \(finding.message)")
        if let expected = finding.expected { lines.append("  expected: \(expected)") }
        if let found = finding.found { lines.append("  found:    \(found)") }
        return lines
    }

    private var standing: [String] {
        var lines: [String] = []
        if report.anchorsUnchecked > 0 {
            lines.append(
                "\(report.anchorsUnchecked) of your anchors say nothing of this bundle: made after it, before its first "
                    + "event, or of other chains")
        }
        switch report.standing {
        case .anchored:
            let until = report.anchoredUntil.map { Self.time($0) } ?? "-"
            lines.append(
                "INTACT, and proved by \(report.anchorsMet) of your anchors: nothing up to \(until) was altered.")
        case .signed:
            lines.append(
                "INTACT, and signed with your key. Whoever holds that key could have rewritten it: bring anchors that "
                    + "you kept.")
        case .selfConsistentOnly:
            lines.append(
                "INTACT, self-consistent only: without a key and anchors of your own, whoever made it could have made "
                    + "all of it up.")
        }
        return lines
    }

    private static func time(_ microseconds: Int64) -> String {
        let time = UTCTime(microseconds: microseconds)
        return "\(ScreenTime.text(time)) (\(ScreenTime.zone(at: time)))"
    }
}

/// The same as JSON; keys as in docs/json.md.
struct BundleJSON: Encodable {
    struct Chain: Encodable {
        var chain: String
        var events: Int64
        var inside: Int64
        var erased: Int64
        var omitted: Int64
        var startSequence: Int64
        var headSequence: Int64
        var headHash: String

        enum CodingKeys: String, CodingKey {
            case chain, events, inside, erased, omitted
            case startSequence = "start_seq"
            case headSequence = "head_seq"
            case headHash = "head_hash"
        }
    }
    struct Finding: Encodable {
        let finding: BundleFinding

        private enum CodingKeys: String, CodingKey { case member, line, chain, seq, message, expected, found }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(finding.member, forKey: .member)
            try fields.encode(finding.line, forKey: .line)
            try fields.encode(finding.chain, forKey: .chain)
            try fields.encode(finding.sequence, forKey: .seq)
            try fields.encode(finding.message, forKey: .message)
            try fields.encode(finding.expected, forKey: .expected)
            try fields.encode(finding.found, forKey: .found)
        }
    }

    private let report: BundleReport

    init(_ report: BundleReport) { self.report = report }

    private enum CodingKeys: String, CodingKey {
        case verdict, standing
        case exportedAt = "exported_at"
        case from, to, chains, rows, recordings
        case recordingBytes = "recording_bytes"
        case recordingsErased = "recordings_erased"
        case anchors
        case anchorsMet = "anchors_met"
        case anchorsUnchecked = "anchors_unchecked"
        case anchoredUntil = "anchored_until"
        case days, keys, finding
    }

    func encode(to encoder: any Encoder) throws {
        func time(_ microseconds: Int64?) -> UTCTime? { microseconds.map { UTCTime(microseconds: $0) } }
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(report.finding?.verdict.rawValue ?? "intact", forKey: .verdict)
        // What was not walked to its end proves nothing.
        try fields.encode(report.finding == nil ? report.standing.rawValue : nil, forKey: .standing)
        try fields.encode(time(report.description?.exported), forKey: .exportedAt)
        try fields.encode(time(report.description?.from), forKey: .from)
        try fields.encode(time(report.description?.to), forKey: .to)
        try fields.encode(
            report.chains.map { chain in
                Chain(
                    chain: chain.chain, events: chain.events, inside: chain.inside, erased: chain.erased,
                    omitted: chain.omitted, startSequence: chain.start.sequence, headSequence: chain.head.sequence,
                    headHash: Hexadecimal.text(chain.head.hash))
            }, forKey: .chains)
        try fields.encode(
            Dictionary(
                BundleRows.allCases.map { ($0.rawValue, report.rows[$0] ?? 0) }, uniquingKeysWith: { first, _ in first }
            ),
            forKey: .rows)
        try fields.encode(report.recordings, forKey: .recordings)
        try fields.encode(report.recordingBytes, forKey: .recordingBytes)
        try fields.encode(report.recordingsErased, forKey: .recordingsErased)
        try fields.encode(report.anchors, forKey: .anchors)
        try fields.encode(report.anchorsMet, forKey: .anchorsMet)
        try fields.encode(report.anchorsUnchecked, forKey: .anchorsUnchecked)
        try fields.encode(time(report.anchoredUntil), forKey: .anchoredUntil)
        try fields.encode(report.days, forKey: .days)
        try fields.encode(report.keys.map { Hexadecimal.text($0) }, forKey: .keys)
        try fields.encode(report.finding.map(Finding.init), forKey: .finding)
    }
}
