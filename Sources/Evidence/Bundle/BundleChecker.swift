import Crypto

/// Checks a bundle while it is read from its first byte to its last, once: fed with members and bytes, it throws the
/// first thing that does not hold. It keeps lines' positions and members' hashes, never their contents.
///
/// Every byte is untrusted. What it holds is bounded by `BundleFormat`'s limits and by the bytes that were really read,
/// never by what a header promises.
public struct BundleChecker: Sendable {
    /// What is due next.
    enum Stage: Sendable, Hashable {
        case description, keys, anchors
        case chain(Int)
        case rows(BundleRows)
        case recordings
        case manifest, signature, done
    }

    /// The member being read.
    struct Current: Sendable {
        var name: String
        var stage: Stage
        var hash = SHA256()
        var bytes: Int64 = 0
        /// The beginning of a line, or the whole of an object.
        var text: [UInt8] = []
        var lines: Int64 = 0
    }

    let trust: BundleTrust
    public internal(set) var report = BundleReport()
    var stage = Stage.description
    var current: Current?
    /// Members that were read to their end, in their order.
    var members: [BundleMember] = []
    var names: Set<String> = []
    var chains = BundleChains()
    /// Recordings that were read.
    var recordings = 0

    public init(trust: BundleTrust = BundleTrust()) { self.trust = trust }

    /// A member begins.
    /// - Parameter size: as its header says, bytes.
    public mutating func begin(_ name: String, size: Int64) throws(BundleFinding) {
        guard members.count < BundleFormat.mostMembers else {
            throw BundleFinding(.unusable, member: "", "it has more than \(BundleFormat.mostMembers) members")
        }
        guard BundleFormat.isPlain(name) else {
            throw BundleFinding(
                .unusable, member: "",
                "a member has a name that no bundle has: \(Self.quoted(name)); nothing is read from it")
        }
        guard names.insert(name).inserted else {
            throw BundleFinding(.unusable, member: name, "the member stands twice")
        }
        if stage == .description, name != BundleFormat.description {
            throw BundleFinding(
                .unusable, member: "", "it is no evidence bundle: its first member is \(name), not bundle.json")
        }
        let here = try place(name)
        switch here {
        case .description, .keys, .signature:
            guard size <= BundleFormat.largestObject else {
                throw BundleFinding(.unusable, member: name, "\(size) bytes are more than such a member may have")
            }
        case .chain(let index): try chains.begin(index)
        case .anchors, .rows, .recordings, .manifest, .done: break
        }
        if here == .rows(.calls) { try chains.finish(report: &report) }
        stage = here
        current = Current(name: name, stage: here)
    }

    /// Where in the order a member belongs; moves on over recordings that may follow or not.
    private func place(_ name: String) throws(BundleFinding) -> Stage {
        let due = dueName
        if stage == .recordings {
            if name.hasPrefix(BundleFormat.recordings) {
                try checkIsNextRecording(name)
                return .recordings
            }
            if name == BundleFormat.manifest {
                if recordings < chains.recordings.count { throw missing(chains.recordings[recordings]) }
                return .manifest
            }
        } else if name == due {
            return stage
        }
        if stage == .done {
            throw BundleFinding(.altered, member: name, "the member stands after the bundle's end")
        }
        throw BundleFinding(
            .altered, member: name, "the member does not belong here", expected: due, found: name)
    }

    private var dueName: String {
        switch stage {
        case .description: BundleFormat.description
        case .keys: BundleFormat.keys
        case .anchors: BundleFormat.anchors
        case .chain(let index): BundleFormat.chain(index)
        case .rows(let kind): kind.name
        case .recordings:
            recordings < chains.recordings.count ? chains.recordings[recordings].name : BundleFormat.manifest
        case .manifest: BundleFormat.manifest
        case .signature: BundleFormat.signature
        case .done: "the end"
        }
    }

    /// The next bytes of the member.
    public mutating func data(_ bytes: [UInt8]) throws(BundleFinding) {
        guard var member = current else { return }
        current = nil  // so that its text is not copied when it grows
        member.hash.update(data: bytes)
        member.bytes += Int64(bytes.count)
        switch member.stage {
        case .description, .keys, .signature:
            member.text += bytes
            guard member.text.count <= BundleFormat.largestObject else {
                throw BundleFinding(.unusable, member: member.name, "the member is longer than such a one may be")
            }
        case .recordings, .done: break
        case .anchors, .chain, .rows, .manifest:
            var start = bytes.startIndex
            while let end = bytes[start...].firstIndex(of: 10) {
                member.text += bytes[start..<end]
                member.lines += 1
                try take(member.text, member)
                member.text.removeAll(keepingCapacity: true)
                start = end + 1
            }
            member.text += bytes[start...]
            guard member.text.count <= BundleFormat.longestLine else {
                throw BundleFinding(
                    .unusable, member: member.name, line: member.lines + 1, "the line is longer than any line may be")
            }
        }
        current = member
    }

    /// The member was read to its end.
    public mutating func end() throws(BundleFinding) {
        guard let member = current else { return }
        current = nil
        let whole = BundleMember(name: member.name, bytes: member.bytes, sha256: Array(member.hash.finalize()))
        switch member.stage {
        case .description, .keys, .signature: break
        case .recordings, .done: break
        case .anchors, .chain, .rows, .manifest:
            guard member.text.isEmpty else {
                throw BundleFinding(
                    .altered, member: member.name, line: member.lines + 1, "the last line has no end")
            }
        }
        switch member.stage {
        case .description: try describe(member.text)
        case .keys: try takeKeys(member.text)
        case .anchors:
            try chains.compareAnchors(with: trust)
            next(chain: 0)
        case .chain(let index):
            try chains.end(report: &report)
            next(chain: index + 1)
        case .rows(let kind):
            report.rows[kind] = try BundleRowCheck.finish(kind, marks: chains.rows[kind], member: member)
            let following = BundleRows.allCases.drop { $0 != kind }.dropFirst().first
            stage = following.map { .rows($0) } ?? .recordings
        case .recordings: try compare(whole)
        case .manifest:
            guard member.lines == members.count else {
                throw BundleFinding(
                    .altered, member: member.name, line: member.lines + 1, "the manifest ends early",
                    expected: members[Int(member.lines)].name)
            }
            stage = .signature
        case .signature: try sign(member.text, manifest: members.last?.sha256 ?? [])
        case .done: break
        }
        members.append(whole)
        report.members += 1
    }

    /// The bundle was read to its end.
    public mutating func finish() throws(BundleFinding) {
        guard stage == .done, current == nil else {
            throw BundleFinding(.unusable, member: "", "it ends early: it was cut off", expected: dueName)
        }
        if report.anchorsMet > 0 {
            report.standing = .anchored
        } else if !trust.keys.isEmpty {
            report.standing = .signed
        }
    }

    private mutating func next(chain index: Int) {
        let count = report.description?.chains.count ?? 0
        stage = index < count ? .chain(index) : .rows(.calls)
    }

    private mutating func take(_ line: [UInt8], _ member: Current) throws(BundleFinding) {
        switch member.stage {
        case .anchors: try takeAnchor(line, member)
        case .chain: try chains.take(line, lineNumber: member.lines, report: &report)
        case .rows(let kind):
            try BundleRowCheck.take(line, kind, marks: chains.rows[kind], names: chains.names, member: member)
        case .manifest: try takeManifest(line, member)
        case .description, .keys, .recordings, .signature, .done: break
        }
    }

    /// Text from a hostile file for a terminal: printable ASCII, bounded.
    static func quoted(_ text: String) -> String {
        let plain = text.unicodeScalars.prefix(100).map { (32..<127).contains($0.value) ? Character($0) : "?" }
        return "`\(String(plain))`"
    }
}

/// The members that are one object, and the manifest.
extension BundleChecker {
    private mutating func describe(_ text: [UInt8]) throws(BundleFinding) {
        do throws(EvidenceError) {
            let description = try BundleDescription(bytes: text)
            report.description = description
            chains.describe(description)
        } catch {
            throw BundleFinding(.unusable, member: BundleFormat.description, error.message)
        }
        stage = .keys
    }

    private mutating func takeKeys(_ text: [UInt8]) throws(BundleFinding) {
        do throws(EvidenceError) {
            report.keys = try BundleKeys.read(text)
        } catch {
            throw BundleFinding(.altered, member: BundleFormat.keys, error.message)
        }
        if !trust.keys.isEmpty, let foreign = report.keys.first(where: { !trust.keys.contains($0) }) {
            throw BundleFinding(
                .altered, member: BundleFormat.keys, "the bundle names a key that is not the auditor's",
                expected: trust.keys.map { Hexadecimal.text($0) }.joined(separator: " or "),
                found: Hexadecimal.text(foreign))
        }
        stage = .anchors
    }

    private mutating func takeAnchor(_ line: [UInt8], _ member: Current) throws(BundleFinding) {
        guard chains.anchors.count < BundleFormat.mostAnchors else {
            throw BundleFinding(.unusable, member: member.name, "it has more than \(BundleFormat.mostAnchors) anchors")
        }
        do throws(EvidenceError) {
            let anchor = try Anchor(bytes: line)
            guard report.keys.contains(anchor.publicKey) else {
                throw EvidenceError(
                    .signature,
                    "the anchor is signed with key \(Hexadecimal.text(anchor.publicKey)), which keys.json "
                        + "does not name")
            }
            try anchor.verify(trusted: anchor.publicKey)
            chains.add(anchor)
            report.anchors += 1
        } catch {
            throw BundleFinding(.altered, member: member.name, line: member.lines, error.message)
        }
    }

    private func takeManifest(_ line: [UInt8], _ member: Current) throws(BundleFinding) {
        let index = Int(member.lines) - 1
        guard index < members.count else {
            throw BundleFinding(
                .altered, member: member.name, line: member.lines, "the manifest names a member that is not there",
                found: Self.quoted(String(decoding: line, as: UTF8.self)))
        }
        guard line == members[index].line else {
            throw BundleFinding(
                .altered, member: member.name, line: member.lines,
                "the manifest and the member \(members[index].name) differ",
                expected: String(decoding: members[index].line, as: UTF8.self),
                found: String(decoding: line.prefix(1000), as: UTF8.self))
        }
    }

    private mutating func sign(_ text: [UInt8], manifest: [UInt8]) throws(BundleFinding) {
        let name = BundleFormat.signature
        let signature: BundleSignature
        do throws(EvidenceError) {
            signature = try BundleSignature(bytes: text)
        } catch {
            throw BundleFinding(.altered, member: name, error.message)
        }
        guard signature.manifest == manifest else {
            throw BundleFinding(
                .altered, member: BundleFormat.manifest, "its SHA-256 is not the signed one",
                expected: Hexadecimal.text(signature.manifest), found: Hexadecimal.text(manifest))
        }
        guard report.keys.contains(signature.key) else {
            throw BundleFinding(
                .altered, member: name, "the manifest is signed with a key that keys.json does not name",
                found: Hexadecimal.text(signature.key))
        }
        guard signature.holds else {
            throw BundleFinding(
                .altered, member: name, "the signature does not fit the manifest: one of them was changed")
        }
        stage = .done
    }
}

/// Recordings.
extension BundleChecker {
    private func checkIsNextRecording(_ name: String) throws(BundleFinding) {
        guard recordings < chains.recordings.count else {
            throw BundleFinding(.altered, member: name, "no event of the bundle finishes this recording")
        }
        let due = chains.recordings[recordings]
        guard due.name != name else { return }
        let isLater = chains.recordings[recordings...].contains { $0.name == name }
        guard isLater else {
            throw BundleFinding(
                .altered, member: name, "no event of the bundle finishes this recording", expected: due.name)
        }
        throw missing(due)
    }

    private func missing(_ recording: BundleChains.Recording) -> BundleFinding {
        BundleFinding(
            .altered, member: recording.name, chain: chains.names[recording.chain], sequence: recording.sequence,
            "the recording is missing", expected: "SHA-256 \(Hexadecimal.text(recording.sha256))", found: "no file")
    }

    private mutating func compare(_ member: BundleMember) throws(BundleFinding) {
        let due = chains.recordings[recordings]
        guard member.sha256 == due.sha256 else {
            throw BundleFinding(
                .altered, member: member.name, chain: chains.names[due.chain], sequence: due.sequence,
                "the recording is not the file that was finished",
                expected: "SHA-256 \(Hexadecimal.text(due.sha256)), \(due.bytes) bytes",
                found: "SHA-256 \(Hexadecimal.text(member.sha256)), \(member.bytes) bytes")
        }
        guard member.bytes == due.bytes else {
            throw BundleFinding(
                .altered, member: member.name, chain: chains.names[due.chain], sequence: due.sequence,
                "the event names another length", expected: "\(due.bytes) bytes", found: "\(member.bytes) bytes")
        }
        recordings += 1
        report.recordings += 1
        report.recordingBytes += member.bytes
    }
}
