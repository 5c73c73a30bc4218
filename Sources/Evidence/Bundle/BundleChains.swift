/// The chains of a bundle, walked one after the other, and what their events say: which rows and recordings there must
/// be, which anchors were made, and over which recordings.
struct BundleChains: Sendable {
    /// A head that somebody vouches for.
    private struct Claim {
        var hash: [UInt8]
        /// Who: for people.
        var origin: String
        /// Its place among the auditor's anchors; nil for anchors inside the bundle.
        var kept: Int?
    }
    /// A recording that an event finishes.
    struct Recording: Sendable {
        /// The member.
        var name: String
        var sha256: [UInt8]
        var bytes: Int64
        /// Index of the chain.
        var chain: Int
        var sequence: Int64
    }
    /// A row that an event makes.
    struct Mark: Sendable {
        var sequence: Int64
        var chain: Int32
        /// The first bytes of the line's SHA-256: enough to point at the row, not to prove it.
        var locator: UInt32
    }
    /// A recording's leaf.
    private struct Leaf {
        var recording: String
        var hash: [UInt8]
        var wall: Int64
        var chain: Int
        var sequence: Int64
    }
    /// An anchor that an event says was made.
    private struct Made {
        var anchor: Anchor
        var leaves: [[UInt8]]
        var chain: Int
        var sequence: Int64
    }

    private var description: BundleDescription?
    private(set) var anchors: [Anchor] = []
    private(set) var recordings: [Recording] = []
    private(set) var rows: [BundleRows: RowSum] = [:]
    private var leaves: [Leaf] = []
    private var made: [Made] = []
    private var events = 0

    // The chain being walked.
    private var index = 0
    private var verifier = ChainVerifier(chain: "")
    private var walked = BundleReport.Chain(
        chain: "", start: ChainHead(emptyChain: ""), head: ChainHead(emptyChain: ""))
    private var claims: [Int64: [Claim]] = [:]
    private var met: Set<Int> = []
    private var kept: [BundleTrust.KeptAnchor] = []

    var names: [String] { description?.chains.map(\.name) ?? [] }

    mutating func describe(_ description: BundleDescription) { self.description = description }

    mutating func add(_ anchor: Anchor) { anchors.append(anchor) }

    /// All anchors inside are read: compares the auditor's with those of the same node and day, and looks whether every
    /// chain that an anchor names is there.
    mutating func compareAnchors(with trust: BundleTrust) throws(BundleFinding) {
        kept = trust.anchors
        let names = Set(self.names)
        for (index, anchor) in anchors.enumerated() {
            if let gone = Self.gone(anchor, names: names) {
                throw BundleFinding(
                    .altered, member: BundleFormat.anchors, line: Int64(index + 1),
                    "the anchor names a chain that the bundle has not", expected: "chain \(gone)")
            }
        }
        // An auditor may keep anchors of other stores as well: those share no chain with this bundle.
        for item in kept where item.anchor.heads.contains(where: { names.contains($0.chain) }) {
            if let gone = Self.gone(item.anchor, names: names) {
                throw BundleFinding(
                    .altered, member: BundleFormat.description,
                    "the auditor's anchor \(item.origin) names a chain that the bundle has not",
                    expected: "chain \(gone)")
            }
        }
        let days = Dictionary(
            anchors.enumerated().compactMap { index, anchor in
                anchor.day.map { ("\(anchor.node) \($0.date)", (index, anchor, $0)) }
            }, uniquingKeysWith: { first, _ in first })
        for item in kept {
            guard let day = item.anchor.day, let (index, inside, other) = days["\(item.anchor.node) \(day.date)"],
                inside != item.anchor, day.root != other.root || day.count != other.count
            else { continue }
            throw BundleFinding(
                .altered, member: BundleFormat.anchors, line: Int64(index + 1),
                "the anchor of \(day.date) is not the one that the auditor kept (\(item.origin))",
                expected: "\(day.count) recordings, root \(Hexadecimal.text(day.root))",
                found: "\(other.count) recordings, root \(Hexadecimal.text(other.root))")
        }
    }

    private static func gone(_ anchor: Anchor, names: Set<String>) -> String? {
        anchor.heads.first { $0.sequence > 0 && !names.contains($0.chain) }?.chain
    }

    /// A chain's member begins.
    mutating func begin(_ index: Int) throws(BundleFinding) {
        guard let description else { return }
        let chain = description.chains[index]
        self.index = index
        verifier = ChainVerifier(after: chain.start)
        walked = BundleReport.Chain(chain: chain.name, start: chain.start, head: chain.start)
        claims = [:]
        for (line, anchor) in anchors.enumerated() {
            for head in anchor.heads where head.chain == chain.name {
                let claim = Claim(
                    hash: head.hash, origin: "the anchor in \(BundleFormat.anchors) line \(line + 1)", kept: nil)
                try add(claim, head, chain: chain, isLater: false)
            }
        }
        for (number, item) in kept.enumerated() {
            for head in item.anchor.heads where head.chain == chain.name {
                let claim = Claim(hash: head.hash, origin: "the auditor's anchor \(item.origin)", kept: number)
                try add(claim, head, chain: chain, isLater: item.anchor.wall > description.exported)
            }
        }
        try meet(chain.start, line: nil)
    }

    /// - Parameter isLater: the anchor was made after the bundle, so that it may name events that came later.
    private mutating func add(
        _ claim: Claim, _ head: ChainHead, chain: BundleDescription.Chain, isLater: Bool
    ) throws(BundleFinding) {
        if head.sequence > chain.head.sequence, !isLater {
            throw BundleFinding(
                .altered, member: BundleFormat.chain(index), chain: chain.name, sequence: chain.head.sequence + 1,
                "the chain ends before an event that was anchored",
                expected: "event \(head.sequence), which \(claim.origin) names",
                found: "\(chain.head.sequence) as the last event")
        }
        // The head of an empty chain is everybody's.
        guard head.sequence > 0 else { return }
        claims[head.sequence, default: []].append(claim)
    }

    private mutating func meet(_ head: ChainHead, line: Int64?) throws(BundleFinding) {
        guard let due = claims[head.sequence] else { return }
        for claim in due {
            guard claim.hash == head.hash else {
                throw BundleFinding(
                    .altered, member: BundleFormat.chain(index), line: line, chain: head.chain,
                    sequence: head.sequence, "\(claim.origin) names another hash for this event",
                    expected: Hexadecimal.text(claim.hash), found: Hexadecimal.text(head.hash))
            }
            if let kept = claim.kept { met.insert(kept) }
        }
    }

    /// The next event of the chain.
    mutating func take(_ line: [UInt8], lineNumber: Int64, report: inout BundleReport) throws(BundleFinding) {
        guard let part = description?.chains[index] else { return }
        let member = BundleFormat.chain(index)
        events += 1
        guard events <= BundleFormat.mostEvents else {
            throw BundleFinding(.unusable, member: member, "the bundle has more than \(BundleFormat.mostEvents) events")
        }
        let event: BundleEvent
        do throws(EvidenceError) {
            event = try BundleEvent(chain: part.name, line: line)
        } catch {
            throw BundleFinding(
                .altered, member: member, line: lineNumber, chain: part.name, sequence: verifier.head.sequence + 1,
                error.message)
        }
        let sealed = event.sealed
        let before = verifier.head
        let journalled = verifier.check(sealed)
        if let found = verifier.firstBreak {
            throw Self.finding(found, sealed, before: before, member: member, line: lineNumber)
        }
        func altered(_ message: String) -> BundleFinding {
            BundleFinding(
                .altered, member: member, line: lineNumber, chain: part.name, sequence: sealed.sequence, message)
        }
        guard sealed.sequence <= part.head.sequence else {
            throw altered("bundle.json names event \(part.head.sequence) as the chain's last")
        }
        walked.events += 1
        let isInside = part.holds(sealed.sequence)
        if isInside { walked.inside += 1 }
        if event.isOmitted {
            walked.omitted += 1
            if isInside { throw altered("the event lies in the period, but its body is left out") }
        } else if sealed.body == nil {
            walked.erased += 1
        }
        try meet(verifier.head, line: lineNumber)
        guard let journalled else { return }
        do throws(EvidenceError) {
            if journalled.type == Self.anchorMade { try takeAnchor(journalled, sequence: sealed.sequence) }
            if isInside { try takeFact(journalled, sequence: sealed.sequence) }
        } catch {
            throw altered(error.message)
        }
    }

    private static func finding(
        _ found: ChainBreak, _ sealed: SealedEvent, before: ChainHead, member: String, line: Int64
    ) -> BundleFinding {
        var finding = BundleFinding(
            .altered, member: member, line: line, chain: found.chain, sequence: found.sequence, found.message)
        switch found.kind {
        case .sequence:
            finding.expected = "event \(before.sequence + 1)"
            finding.found = "event \(sealed.sequence)"
        case .body:
            finding.expected = "body hash \(Hexadecimal.text(sealed.bodyHash))"
            let hash = ChainHash.body(salt: sealed.salt ?? [], body: sealed.body ?? [])
            finding.found = "body hash \(Hexadecimal.text(hash))"
        case .hash:
            let hash = ChainHash.link(
                chain: sealed.chain, sequence: sealed.sequence, previous: before.hash, bodyHash: sealed.bodyHash)
            finding.expected = "hash \(Hexadecimal.text(hash))"
            finding.found = "hash \(Hexadecimal.text(sealed.hash))"
        case .chain, .format, .head: break
        }
        return finding
    }

    /// The chain's member was read to its end.
    mutating func end(report: inout BundleReport) throws(BundleFinding) {
        guard let part = description?.chains[index] else { return }
        guard verifier.head == part.head else {
            throw BundleFinding(
                .altered, member: BundleFormat.chain(index), chain: part.name, sequence: verifier.head.sequence + 1,
                "the chain's last events are missing or others than bundle.json names",
                expected: "event \(part.head.sequence), hash \(Hexadecimal.text(part.head.hash))",
                found: "event \(verifier.head.sequence), hash \(Hexadecimal.text(verifier.head.hash))")
        }
        walked.head = verifier.head
        report.chains.append(walked)
    }

    static let anchorMade = "anchor_made"

    private mutating func takeAnchor(_ event: JournalEvent, sequence: Int64) throws(EvidenceError) {
        guard event.unapplied == nil else { return }
        guard let text = event.data["anchor"]?.textValue, case .list(let list)? = event.data["leaves"] else {
            throw EvidenceError(.anchor, "the event lacks anchor or leaves")
        }
        var hashes: [[UInt8]] = []
        for item in list {
            guard let hash = item.textValue.flatMap(Hexadecimal.bytes), hash.count == ChainHash.length else {
                throw EvidenceError(.anchor, "a leaf is no SHA-256")
            }
            hashes.append(hash)
        }
        made.append(
            Made(anchor: try Anchor(bytes: Array(text.utf8)), leaves: hashes, chain: index, sequence: sequence))
    }

    private mutating func takeFact(_ event: JournalEvent, sequence: Int64) throws(EvidenceError) {
        if let kind = BundleRows(event: event) {
            let line = BundleRows.line(event, chain: verifier.chain, sequence: sequence)
            rows[kind, default: RowSum()].add(line, chain: index, sequence: sequence)
        }
        guard let leaf = try RecordingLeaf(event: event) else { return }
        guard let file = event.data["file"]?.textValue, let bytes = event.data["bytes"]?.integerValue,
            let sha256 = Hexadecimal.bytes(leaf.sha256), sha256.count == ChainHash.length,
            BundleFormat.isPlain(BundleFormat.recordings + file)
        else { throw EvidenceError(.syntax, "the event names no file, length or SHA-256 that a recording can have") }
        recordings.append(
            Recording(
                name: BundleFormat.recordings + file, sha256: sha256, bytes: bytes, chain: index, sequence: sequence))
        leaves.append(
            Leaf(
                recording: leaf.recording, hash: leaf.leafHash, wall: event.wall, chain: index, sequence: sequence))
    }

    /// All chains are walked: compares the anchors inside with those that events say were made, and each day's Merkle
    /// tree with the recordings.
    mutating func finish(report: inout BundleReport) throws(BundleFinding) {
        guard let description else { return }
        for number in 0..<max(anchors.count, made.count) {
            try compareAnchor(number)
        }
        leaves.sort { $0.wall < $1.wall }
        let erased = report.chains.reduce(0) { $0 + $1.erased }
        for item in made where item.anchor.day != nil {
            try compareDay(item, description, erased: erased, report: &report)
        }
        leaves = []
        report.anchorsMet = Int64(met.count)
        report.anchorsUnchecked = Int64(kept.count - met.count)
        report.anchoredUntil = met.map { kept[$0].anchor.wall }.max()
    }

    private func compareAnchor(_ number: Int) throws(BundleFinding) {
        let line = Int64(number + 1)
        guard number < made.count else {
            throw BundleFinding(
                .altered, member: BundleFormat.anchors, line: line, "no event says that this anchor was made",
                found: Self.words(anchors[number]))
        }
        let due = made[number]
        let inside = number < anchors.count ? anchors[number] : nil
        guard inside != due.anchor else { return }
        throw BundleFinding(
            .altered, member: BundleFormat.anchors, line: line, chain: names[due.chain], sequence: due.sequence,
            anchors.contains(due.anchor) ? "an anchor stands here that belongs elsewhere" : "an anchor is missing",
            expected: Self.words(due.anchor), found: inside.map(Self.words) ?? "no further anchor")
    }

    private static func words(_ anchor: Anchor) -> String {
        "the anchor of \(anchor.day?.date ?? "no day"), fingerprint \(anchor.fingerprint)"
    }

    private func compareDay(
        _ item: Made, _ description: BundleDescription, erased: Int64, report: inout BundleReport
    ) throws(BundleFinding) {
        guard let day = item.anchor.day else { return }
        let names = names
        func altered(_ message: String, expected: String?, found: String?) -> BundleFinding {
            BundleFinding(
                .altered, member: BundleFormat.chain(item.chain), chain: names[item.chain], sequence: item.sequence,
                message, expected: expected, found: found)
        }
        let tree = MerkleTree(leafHashes: item.leaves)
        guard tree.root == day.root, tree.count == day.count else {
            throw altered(
                "the leaves of the anchor of \(day.date) do not give its root",
                expected: "\(day.count) recordings, root \(Hexadecimal.text(day.root))",
                found: "\(tree.count) recordings, root \(Hexadecimal.text(tree.root))")
        }
        report.days += 1
        let heads = Dictionary(
            item.anchor.heads.map { ($0.chain, $0.sequence) }, uniquingKeysWith: { first, _ in first })
        let known = leaves[firstLeaf(from: day.from)...].prefix { $0.wall < day.to }
            .filter { $0.sequence <= heads[names[$0.chain]] ?? 0 }
            .sorted { $0.recording.utf8.lexicographicallyPrecedes($1.recording.utf8) }
        var place = item.leaves.startIndex
        for leaf in known {
            guard let found = item.leaves[place...].firstIndex(of: leaf.hash) else {
                throw altered(
                    "the anchor of \(day.date) does not name recording \(leaf.recording), which event "
                        + "\(leaf.sequence) finishes",
                    expected: "leaf \(Hexadecimal.text(leaf.hash))", found: "no such leaf")
            }
            place = found + 1
        }
        // At the period's edges events are left out, and with them their recordings.
        guard day.from >= description.from, day.to <= description.to else { return }
        let unknown = Int64(item.leaves.count - known.count)
        guard unknown <= erased else {
            throw altered(
                "the anchor of \(day.date) names recordings that no event finishes",
                expected: "\(day.count) recordings",
                found: "\(known.count), and \(erased) erased bodies")
        }
        report.recordingsErased += unknown
    }

    /// The first leaf at or after a time, by halving.
    private func firstLeaf(from wall: Int64) -> Int {
        var (low, high) = (0, leaves.count)
        while low < high {
            let middle = (low + high) / 2
            if leaves[middle].wall < wall { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
