import Evidence

/// Verifies an evidence bundle, with nothing but the bundle and what the auditor brings. Blocks for as long as reading
/// the file takes.
public struct EvidenceBundleVerifier: Sendable {
    public let path: String
    public let trust: BundleTrust

    public init(path: String, trust: BundleTrust = BundleTrust()) {
        self.path = path
        self.trust = trust
    }

    /// Never throws: what cannot be judged is a finding as well.
    public func verify() -> BundleReport {
        var checker = BundleChecker(trust: trust)
        do throws(BundleFinding) {
            try read(into: &checker)
            return checker.report
        } catch {
            var report = checker.report
            report.finding = pointedOut(error)
            return report
        }
    }

    private func read(into checker: inout BundleChecker) throws(BundleFinding) {
        let archive = try unusable { () throws(RecordingError) in try ArchiveReader(path: path) }
        while let member = try unusable({ () throws(RecordingError) in try archive.next() }) {
            try checker.begin(member.name, size: member.size)
            while case let bytes = try unusable({ () throws(RecordingError) in try archive.read() }), !bytes.isEmpty {
                try checker.data(bytes)
            }
            try checker.end()
        }
        try checker.finish()
    }

    private func unusable<Answer>(
        _ work: () throws(RecordingError) -> Answer
    ) throws(BundleFinding) -> Answer {
        do throws(RecordingError) {
            return try work()
        } catch {
            throw BundleFinding(.unusable, member: "", error.message)
        }
    }

    /// For a row that is not what its event says: reads the event once more and names the field.
    private func pointedOut(_ finding: BundleFinding) -> BundleFinding {
        guard let row = finding.row, let chain = finding.chain, let sequence = finding.sequence,
            let event = event(chain: chain, sequence: sequence)
        else { return finding }
        var finding = finding
        do throws(EvidenceError) {
            let expected = try CanonicalValue(canonical: BundleRows.line(event, chain: chain, sequence: sequence))
            guard let (place, here, there) = expected.firstDifference(try CanonicalValue(canonical: row)) else {
                return finding
            }
            finding.expected = "\(place) \(String(decoding: here.bytes.prefix(500), as: UTF8.self))"
            finding.found = "\(place) \(String(decoding: there.bytes.prefix(500), as: UTF8.self))"
        } catch {
            return finding  // without the field's name
        }
        return finding
    }

    /// One event, sought from the bundle's beginning; nil where it cannot be read.
    private func event(chain: String, sequence: Int64) -> JournalEvent? {
        var seeker = BundleEventSeeker(chain: chain, sequence: sequence)
        do throws(RecordingError) {
            let archive = try ArchiveReader(path: path)
            while let member = try archive.next(), seeker.begin(member.name) {
                while case let bytes = try archive.read(), !bytes.isEmpty {
                    if let event = seeker.data(bytes) { return event }
                }
                seeker.end()
            }
        } catch {
            return nil  // it was readable a moment ago; the finding stands without the field's name
        }
        return nil
    }
}
