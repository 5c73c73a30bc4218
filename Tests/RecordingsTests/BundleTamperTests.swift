import Evidence
import Recordings
import Testing

/// Whoever has the bundle changes something, with or without the operator's key; the verification names the first thing
/// that does not hold. The table of docs/evidence.md is this one.
@Suite struct BundleTamperTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// What the forger changes in the bundle of an honest stage.
        var change: @Sendable (inout TestTar) throws -> Void = { _ in }
        /// The forger holds the operator's key: manifest and signature are made to fit.
        var isSealed = false
        /// Another history, made whole.
        var stage: @Sendable () throws -> BundleStage = { try BundleStage() }
        /// What the auditor brings, from the honest stage.
        var trust: @Sendable (BundleStage) throws -> BundleTrust = { BundleTrust(keys: [try $0.publicKey]) }
        /// Where the finding points, and words of its message; nil: the bundle passes.
        var member: String?
        var words = ""
        var sequence: Int64?
        var line: Int64?

        var testDescription: String { name }
    }

    private static let first = "recordings/\(BundleStage.file(0))"

    private static func withoutKey(_ stage: BundleStage) -> BundleTrust { BundleTrust() }

    private static func flip(_ name: String) -> @Sendable (inout TestTar) throws -> Void {
        { tar in tar[name][tar[name].count / 2] ^= 1 }
    }

    /// Changes one line.
    private static func edit(
        _ name: String, line: Int, _ from: String, _ to: String
    ) -> @Sendable (inout TestTar) throws -> Void {
        { tar in
            var lines = tar.lines(name)
            let text = String(decoding: lines[line - 1], as: UTF8.self)
            try #require(text.contains(from), "\(text)")
            lines[line - 1] = Array(text.replacing(from, with: to).utf8)
            tar.setLines(name, lines)
        }
    }

    private static func lines(
        _ name: String, _ change: @escaping @Sendable (inout [[UInt8]]) -> Void
    ) -> @Sendable (inout TestTar) throws -> Void {
        { tar in
            var lines = tar.lines(name)
            change(&lines)
            tar.setLines(name, lines)
        }
    }

    /// Cuts the chain's end off, as thoroughly as somebody with the key can: the last day never was.
    private static let cutTail: @Sendable (inout TestTar) throws -> Void = { tar in
        let stage = try BundleStage(days: 2)
        let folder = try TestFolder()
        var description = try BundleStage().description()
        description.chains[0].to = stage.head.sequence
        description.chains[0].head = stage.head
        tar = try TestTar(Bytes.read(try stage.write(folder, description: description).path))
    }

    static let table: [Case] = [
        Case(name: "nothing"),
        Case(
            name: "a bit of audio", change: flip(first), member: first, words: "not the file that was finished",
            sequence: 5),
        Case(
            name: "a recording replaced by another one, manifest and signature made to fit",
            change: { $0[first] = BundleStage.audio(3) }, isSealed: true, member: first,
            words: "not the file that was finished", sequence: 5),
        Case(
            name: "a row's value", change: edit("rows/calls.jsonl", line: 2, #""rings":1"#, #""rings":3"#),
            isSealed: true, member: "rows/calls.jsonl", words: "not what its event says", sequence: 2, line: 2),
        Case(
            name: "a row taken out", change: lines("rows/recordings.jsonl") { $0.remove(at: 1) }, isSealed: true,
            member: "rows/recordings.jsonl", words: "a row is missing", sequence: 11, line: 2),
        Case(
            name: "a row put in", change: lines("rows/orders.jsonl") { $0.append($0[0]) }, isSealed: true,
            member: "rows/orders.jsonl", words: "no event of the bundle makes this row", line: 7),
        Case(
            name: "an event's body", change: edit("chains/1.jsonl", line: 7, "13900000001", "13900000009"),
            isSealed: true, member: "chains/1.jsonl", words: "the body was changed", sequence: 7, line: 7),
        Case(
            name: "an event's body, salt and body hash",
            change: { tar in
                var lines = tar.lines("chains/1.jsonl")
                var event = try BundleEvent(chain: BundleStage.chain, line: lines[6])
                event.sealed.body = Array(
                    String(decoding: event.sealed.body ?? [], as: UTF8.self).replacing(
                        "13900000001", with: "13900000009"
                    )
                    .utf8)
                event.sealed.bodyHash = ChainHash.body(salt: event.sealed.salt ?? [], body: event.sealed.body ?? [])
                lines[6] = event.bytes
                tar.setLines("chains/1.jsonl", lines)
            }, isSealed: true, member: "chains/1.jsonl", words: "does not follow", sequence: 7, line: 7),
        Case(
            name: "an event taken out", change: lines("chains/1.jsonl") { $0.remove(at: 7) }, isSealed: true,
            member: "chains/1.jsonl", words: "event 9 stands where 8 is due", sequence: 8, line: 8),
        Case(
            name: "two events swapped", change: lines("chains/1.jsonl") { $0.swapAt(7, 8) }, isSealed: true,
            member: "chains/1.jsonl", words: "event 9 stands where 8 is due", sequence: 8, line: 8),
        Case(
            name: "two events swapped and numbered anew",
            change: lines("chains/1.jsonl") { lines in
                lines.swapAt(7, 8)
                for index in [7, 8] {
                    let other = index == 7 ? 9 : 8
                    lines[index] = Array(
                        String(decoding: lines[index], as: UTF8.self)
                            .replacing("\"seq\":\(other)}", with: "\"seq\":\(index + 1)}").utf8)
                }
            }, isSealed: true, member: "chains/1.jsonl", words: "does not follow", sequence: 8, line: 8),
        Case(
            name: "the chain's last events taken out", change: lines("chains/1.jsonl") { $0.removeLast(2) },
            isSealed: true, member: "chains/1.jsonl", words: "last events are missing", sequence: 41),
        Case(
            name: "the last day cut off with the operator's key; the auditor has its anchor", change: cutTail,
            trust: { BundleTrust(keys: [try $0.publicKey], anchors: $0.kept(2...2)) }, member: "chains/1.jsonl",
            words: "ends before an event that was anchored", sequence: 29),
        Case(name: "the last day cut off with the operator's key; the auditor has no anchor", change: cutTail),
        Case(
            name: "a recording taken out",
            change: { tar in tar.members.remove(at: try tar.index(first)) }, isSealed: true, member: first,
            words: "the recording is missing", sequence: 5),
        Case(
            name: "a recording put in",
            change: { tar in
                tar.members.insert(
                    .init(name: "recordings/2026/11/22/other.flac", bytes: [1, 2, 3]), at: try tar.index(first))
            }, isSealed: true, member: "recordings/2026/11/22/other.flac", words: "no event of the bundle finishes"),
        Case(
            name: "audio and its manifest line",
            change: { tar in
                try Self.flip(first)(&tar)
                try tar.seal(BundleStage.otherSeed)
            }, member: first, words: "not the file that was finished", sequence: 5),
        Case(
            name: "the period in bundle.json",
            change: { tar in
                var description = try BundleDescription(bytes: tar["bundle.json"])
                description.from -= 86_400_000_000
                tar["bundle.json"] = description.bytes
            }, member: "manifest.jsonl", words: "the member bundle.json differ", line: 1),
        Case(
            name: "the period in bundle.json and the manifest, signed with another key",
            change: { tar in
                var description = try BundleDescription(bytes: tar["bundle.json"])
                description.from -= 86_400_000_000
                tar["bundle.json"] = description.bytes
                try tar.seal(BundleStage.otherSeed)
            }, member: "manifest.sig", words: "a key that keys.json does not name"),
        Case(
            name: "a manifest line", change: lines("manifest.jsonl") { $0[3][9] ^= 1 }, member: "manifest.jsonl",
            words: "differ", line: 4),
        Case(name: "the signature", change: { $0["manifest.sig"][200] ^= 1 }, member: "manifest.sig"),
        Case(
            name: "everything written anew, signed with another key; the auditor has the key",
            stage: { try BundleStage(key: BundleStage.otherSeed, caller: "13900000009") }, member: "keys.json",
            words: "not the auditor's"),
        Case(
            name: "everything written anew, signed with another key; the auditor has nothing",
            stage: { try BundleStage(key: BundleStage.otherSeed, caller: "13900000009") }, trust: withoutKey),
        Case(
            name: "everything written anew with the operator's key; the auditor has earlier anchors",
            stage: { try BundleStage(caller: "13900000009") },
            trust: { BundleTrust(keys: [try $0.publicKey], anchors: $0.kept(0...0)) }, member: "chains/1.jsonl",
            words: "the auditor's anchor kept.txt:1 names another hash", sequence: 12),
        Case(
            name: "everything written anew with the operator's key; the auditor has no anchor",
            stage: { try BundleStage(caller: "13900000009") }),
        Case(
            name: "an anchor taken out", change: lines("anchors.jsonl") { $0.remove(at: 1) }, isSealed: true,
            member: "anchors.jsonl", words: "an anchor is missing", sequence: 27, line: 2),
        Case(
            name: "the last anchor taken out", change: lines("anchors.jsonl") { $0.removeLast() }, isSealed: true,
            member: "anchors.jsonl", words: "an anchor is missing", sequence: 41, line: 3),
        Case(
            name: "an anchor changed", change: edit("anchors.jsonl", line: 1, #""count":2"#, #""count":1"#),
            isSealed: true, member: "anchors.jsonl", words: "signature does not fit", line: 1),
        Case(
            name: "an anchor that leaves a recording out, written anew with the operator's key",
            stage: { try BundleStage(forgets: 3) }, member: "chains/1.jsonl",
            words: "does not name recording \(BundleStage.id("bbbb", 3))", sequence: 27),
        Case(
            name: "a recording's event held back as if outside of the period",
            change: lines("chains/1.jsonl") { lines in
                guard case .object(var fields)? = Self.object(lines[4]) else { return }
                fields["body"] = nil
                fields["salt"] = nil
                fields["omitted"] = .bool(true)
                lines[4] = CanonicalValue.object(fields).bytes
            }, isSealed: true, member: "chains/1.jsonl", words: "its body is left out", sequence: 5, line: 5),
        Case(
            name: "an erased body (personal data)",
            stage: {
                var stage = try BundleStage()
                stage.erase(1)
                return stage
            }),
        Case(
            name: "an erased recording (personal data): event and file",
            stage: {
                var stage = try BundleStage()
                stage.erase(BundleStage.finishing(3))
                stage.files.remove(at: 3)
                return stage
            }),
    ]

    private static func object(_ line: [UInt8]) -> CanonicalValue? {
        do { return try CanonicalValue(canonical: line) } catch { return nil }  // the test then fails on its finding
    }

    @Test(arguments: table)
    func theFirstThingIsNamed(_ example: Case) throws {
        let honest = try BundleStage()
        let folder = try TestFolder()
        var tar = try TestTar(Bytes.read(try example.stage().write(folder).path))
        try example.change(&tar)
        if example.isSealed { try tar.seal(BundleStage.seed) }
        // An empty folder: nothing but the bundle.
        let empty = try TestFolder()
        let path = "\(empty.path)/bundle.tar"
        try Bytes.write(tar.bytes, to: path)
        let report = EvidenceBundleVerifier(path: path, trust: try example.trust(honest)).verify()
        print("TABLE | \(example.name) | \(report.finding.map { "\($0)" } ?? "intact, \(report.standing.rawValue)") |")
        guard let member = example.member else {
            #expect(report.finding == nil, "\(report.finding.map { "\($0)" } ?? "")")
            return
        }
        let finding = try #require(report.finding)
        #expect(finding.verdict == .altered)
        #expect(finding.member == member)
        // Foundation finds an empty text nowhere.
        #expect(example.words.isEmpty || finding.message.contains(example.words), "\(finding)")
        if let sequence = example.sequence { #expect(finding.sequence == sequence, "\(finding)") }
        if let line = example.line { #expect(finding.line == line, "\(finding)") }
        #expect(TestFolder.names(empty.path) == ["bundle.tar"])
    }

    @Test func whatThePassingOnesProve() throws {
        let folder = try TestFolder()
        let stage = try BundleStage()
        let path = try stage.write(folder).path
        func report(_ trust: BundleTrust) -> BundleReport { EvidenceBundleVerifier(path: path, trust: trust).verify() }
        let bare = report(BundleTrust())
        #expect(bare.finding == nil)
        #expect(bare.standing == .selfConsistentOnly)
        #expect(report(BundleTrust(keys: [try stage.publicKey])).standing == .signed)
        let anchored = report(BundleTrust(keys: [try stage.publicKey], anchors: stage.kept()))
        #expect(anchored.standing == .anchored)
        #expect(anchored.anchorsMet == 3)
        #expect(anchored.anchorsUnchecked == 0)
        #expect(anchored.anchoredUntil == stage.anchors[2].wall)
        #expect(anchored.recordings == 6)
        #expect(anchored.days == 3)
        #expect(anchored.rows == [.calls: 18, .recordings: 6, .orders: 6])
        #expect(anchored.chains[0].events == 42)
        #expect(report(BundleTrust(anchors: stage.kept(1...1))).standing == .anchored)
    }

    @Test func anchorsMadeAfterTheBundleSayNothingOfIt() throws {
        let folder = try TestFolder()
        let young = try BundleStage(days: 2)
        var description = try young.description(to: 2)
        description.exported = young.anchors[1].wall
        let path = try young.write(folder, description: description).path
        let grown = try BundleStage()
        let report = EvidenceBundleVerifier(
            path: path, trust: BundleTrust(keys: [try grown.publicKey], anchors: grown.kept())
        ).verify()
        #expect(report.finding == nil, "\(report.finding.map { "\($0)" } ?? "")")
        #expect(report.anchorsMet == 2)
        #expect(report.anchorsUnchecked == 1)
        #expect(report.standing == .anchored)
    }

    @Test func anchorsOfAnotherStoreSayNothing() throws {
        let folder = try TestFolder()
        let stage = try BundleStage()
        let path = try stage.write(folder).path
        let other = try Anchor(
            heads: [ChainHead(chain: "elsewhere", sequence: 7, hash: [UInt8](repeating: 7, count: 32))], wall: 1,
            node: "elsewhere", privateKey: BundleStage.seed)
        let report = EvidenceBundleVerifier(
            path: path, trust: BundleTrust(anchors: [.init(other, origin: "kept.txt:1")])
        ).verify()
        #expect(report.finding == nil)
        #expect(report.standing == .selfConsistentOnly)
        #expect(report.anchorsUnchecked == 1)
    }

    @Test func aPeriodOfOneDayBeginsAtTheAnchorBefore() throws {
        let folder = try TestFolder()
        let stage = try BundleStage()
        let description = try stage.description(from: 1, to: 2)
        #expect(description.chains[0].start == stage.anchors[0].heads[0])
        let path = try stage.write(folder, description: description).path
        let report = EvidenceBundleVerifier(
            path: path, trust: BundleTrust(keys: [try stage.publicKey], anchors: stage.kept())
        ).verify()
        #expect(report.finding == nil, "\(report.finding.map { "\($0)" } ?? "")")
        #expect(report.anchorsMet == 3)
        #expect(report.recordings == 2)
        #expect(report.anchors == 3)
        // The third day has links only; its anchor's event keeps its body.
        #expect(report.chains[0].omitted == 12)
        // A forged beginning is found by the auditor's anchor that stands there.
        var forged = description
        forged.chains[0].start.hash[0] ^= 1
        var tar = try TestTar(Bytes.read(path))
        tar["bundle.json"] = forged.bytes
        try tar.seal(BundleStage.seed)
        try Bytes.write(tar.bytes, to: path)
        let finding = try #require(
            EvidenceBundleVerifier(path: path, trust: BundleTrust(anchors: stage.kept(0...0))).verify().finding)
        #expect(finding.sequence == 12, "\(finding)")
    }

    @Test func anErasedRecordingIsCounted() throws {
        let folder = try TestFolder()
        var stage = try BundleStage()
        stage.erase(BundleStage.finishing(3))
        stage.files.remove(at: 3)
        let report = EvidenceBundleVerifier(path: try stage.write(folder).path).verify()
        #expect(report.finding == nil, "\(report.finding.map { "\($0)" } ?? "")")
        #expect(report.recordingsErased == 1)
        #expect(report.recordings == 5)
        #expect(report.chains[0].erased == 1)
    }
}
