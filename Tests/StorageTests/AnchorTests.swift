import Calls
import Evidence
import Foundation
import Recordings
import Storage
import Testing

/// Daily anchors in the store, and bundles made from it.
@Suite struct AnchorTests {
    static let seed: [UInt8] = (0..<32).map { UInt8($0) }
    /// The day of the tests' clock, 2026-11-22 in UTC.
    static let from = UTCTime(microseconds: 1_795_305_600_000_000)
    static let to = UTCTime(microseconds: from.microseconds + 86_400_000_000)

    /// Makes the anchor of the tests' day.
    private func makeAnchor(_ store: Store, date: String = "2026-11-22") async throws -> Anchor {
        let basis = try await store.reader.anchorBasis(from: Self.from, to: Self.to)
        let anchor = try Anchor(
            heads: basis.heads,
            day: AnchoredDay(
                date: date, zone: "UTC", from: Self.from.microseconds, to: Self.to.microseconds,
                leafHashes: basis.leafHashes),
            wall: Self.to.microseconds, node: "node1", privateKey: Self.seed)
        try await store.record([
            .anchorMade(AnchorMade(at: SteppingTime.start, anchor: anchor, leafHashes: basis.leafHashes))
        ])
        return anchor
    }

    private func sent(_ anchor: Anchor, attempt: Int, delivered: Bool, way: AnchorWay = .webhook) -> Fact {
        .anchorSent(
            AnchorSent(
                at: SteppingTime.start.advanced(milliseconds: Int64(attempt)), fingerprint: anchor.fingerprint,
                way: way,
                attempt: attempt, delivered: delivered, message: delivered ? "status 200" : "status 503"))
    }

    @Test func anAnchorCoversTheDaysRecordings() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        for index in 0..<3 { try await store.record(Scenario(index).whole) }
        try await store.record([Scenario(3).offered, Scenario(3).planned])
        let anchor = try await makeAnchor(store)
        let day = try #require(anchor.day)
        #expect(day.count == 3)
        let expected = (0..<3).map { index in
            let scenario = Scenario(index)
            return RecordingLeaf(
                recording: scenario.recording.description, call: scenario.call.description,
                sha256: String(repeating: "ab", count: 32), frames: 160_000)
        }
        #expect(day.root == MerkleTree(leafHashes: RecordingLeaf.hashes(expected)).root)
        #expect(anchor.heads == [try await heads(store, before: 1)])

        try await store.record([sent(anchor, attempt: 1, delivered: false), sent(anchor, attempt: 2, delivered: true)])
        try await store.record([sent(anchor, attempt: 1, delivered: false, way: .command)])
        let summary = try #require(try await store.reader.anchors().first)
        #expect(summary.fingerprint == anchor.fingerprint)
        #expect(summary.anchor == String(decoding: anchor.bytes, as: UTF8.self))
        #expect(summary.recordings == 3)
        #expect(summary.delivered == [.webhook])
        #expect(summary.deliveries.map(\.attempt) == [1, 1, 2])
        #expect(try await store.reader.verifyEvidence(anchors: anchor.heads).ok)
        await store.close()

        // docs/json.md.
        let json = try #require(
            try JSONSerialization.jsonObject(with: try QueryJSON.encode(summary)) as? [String: Any])
        #expect(
            json.keys.sorted() == [
                "anchor", "date", "deliveries", "fingerprint", "from", "made_at", "recordings", "root", "to", "zone",
            ])
        let delivery = try #require((json["deliveries"] as? [[String: Any]])?.first)
        #expect(delivery.keys.sorted() == ["at", "attempt", "delivered", "message", "way"])
        #expect(json["from"] as? String == "2026-11-22T00:00:00.000000Z")
    }

    /// The head before the last so many events.
    private func heads(_ store: Store, before events: Int64) async throws -> ChainHead {
        let head = try await store.reader.heads()[0]
        let record = try #require(
            try await store.reader.journal(
                chain: head.chain, after: head.sequence - events - 1, through: head.sequence - events
            ).first)
        return record.sealed.head
    }

    @Test func onlyTheDaysRecordingsAreCovered() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record(Scenario(0).whole)
        let before = try await store.reader.anchorBasis(
            from: UTCTime(microseconds: Self.from.microseconds - 86_400_000_000), to: Self.from)
        #expect(before.leafHashes.isEmpty)
        let after = try await store.reader.anchorBasis(
            from: Self.to, to: UTCTime(microseconds: Self.to.microseconds + 1))
        #expect(after.leafHashes.isEmpty)
        await store.close()
    }

    @Test func anchorsAreFoundByDayAndFingerprint() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record(Scenario(0).whole)
        let first = try await makeAnchor(store, date: "2026-11-22")
        let second = try await makeAnchor(store, date: "2026-11-23")
        let reader = store.reader
        func dates(_ filter: AnchorFilter) async throws -> [String] {
            try await reader.anchors(filter: filter).map(\.date)
        }
        #expect(try await dates(AnchorFilter()) == ["2026-11-23", "2026-11-22"])
        #expect(try await dates(AnchorFilter(limit: 1)) == ["2026-11-23"])
        #expect(try await dates(AnchorFilter(from: "2026-11-23")) == ["2026-11-23"])
        #expect(try await dates(AnchorFilter(to: "2026-11-23")) == ["2026-11-22"])
        #expect(try await dates(AnchorFilter(name: "2026-11-22")) == ["2026-11-22"])
        #expect(try await dates(AnchorFilter(name: first.fingerprint)) == ["2026-11-22"])
        #expect(
            try await dates(AnchorFilter(name: String(second.fingerprint.prefix(12)).uppercased())) == ["2026-11-23"])
        #expect(try await dates(AnchorFilter(name: "%")) == [])
        await store.close()
    }

    @Test func aDayHasOneAnchorAndWhatIsNoneIsRefused() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let anchor = try await makeAnchor(store)
        await #expect { try await makeAnchor(store) } throws: { ($0 as? StorageError)?.code == .conflict }
        let old = try Anchor(heads: [], wall: 1, node: "node1", privateKey: Self.seed)
        for text in ["{}", String(decoding: old.bytes, as: UTF8.self)] {
            await #expect {
                try await store.record([.anchorMade(AnchorMade(at: SteppingTime.start, anchor: text, leaves: []))])
            } throws: { ($0 as? StorageError)?.code == .conflict }
        }
        var unknown = anchor
        unknown.wall += 1
        await #expect { try await store.record([sent(unknown, attempt: 1, delivered: true)]) } throws: {
            ($0 as? StorageError)?.code == .conflict
        }
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func theFactsReadBackAsTheyWere() throws {
        let anchor = try Anchor(heads: [], wall: 1, node: "node1", privateKey: Self.seed)
        let facts: [Fact] = [
            .anchorMade(
                AnchorMade(at: SteppingTime.start, anchor: anchor, leafHashes: [[UInt8](repeating: 7, count: 32)])),
            sent(anchor, attempt: 3, delivered: false, way: .command),
        ]
        for fact in facts {
            let pending = PendingEvent(
                id: EventID(high: 1, low: 1), fact: fact, at: SteppingTime.start, boot: "b", node: "n")
            let event = try JournalEvent(body: try pending.body())
            #expect(try Fact(event: event) == fact)
            #expect(event.type == fact.typeName)
        }
        #expect(facts.map(\.typeName) == ["anchor_made", "anchor_sent"])
    }

    @Test(arguments: [
        "UPDATE anchors SET root = '00'", "UPDATE anchors SET date = '2026-11-21'", "DELETE FROM anchors",
        "UPDATE anchor_deliveries SET delivered = 1 WHERE delivered = 0", "DELETE FROM anchor_deliveries",
    ])
    func aChangedRowIsFound(_ sql: String) async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let anchor = try await makeAnchor(store)
        try await store.record([sent(anchor, attempt: 1, delivered: false)])
        await store.close()
        let raw = try Raw(folder)
        #expect(try raw.change(sql) > 0)
        try raw.queue.close()
        let reader = try Store.openForQueries(folder: folder.path)
        let report = try await reader.verifyEvidence()
        try reader.close()
        #expect(report.differences.first?.table.hasPrefix("anchor") == true)
    }

    @Test func theDaysRecordingsAreLookedUpAlongAnIndex() throws {
        let folder = try TemporaryFolder()
        let raw: Raw
        do {
            _ = try Store.test(folder)
            raw = try Raw(folder)
        }
        let plan = try raw.plan(
            """
            SELECT chain, seq, body FROM journal
            WHERE type = 'recording_finished' AND wall >= 1 AND wall < 2 AND body IS NOT NULL
            """)
        #expect(plan.contains { $0.contains("journal_finished") }, "\(plan)")
    }

    @Test func fromTheSchemaBefore() async throws {
        let folder = try TemporaryFolder()
        var store = try Store.test(folder)
        try await store.record(Scenario(0).whole)
        await store.close()
        let raw = try Raw(folder)
        for table in ["anchor_deliveries", "anchors"] { try raw.change("DROP TABLE \(table)") }
        try raw.change("DROP INDEX journal_finished")
        try raw.change("DELETE FROM grdb_migrations WHERE identifier = '0005'")
        try raw.queue.close()
        store = try Store.test(folder, seed: 2)
        _ = try await makeAnchor(store)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    // MARK: Bundles

    /// Recordings whose bytes are those that the facts name.
    private func fill(_ folder: TemporaryFolder, _ store: Store, _ indices: Range<Int>) async throws {
        for index in indices {
            let scenario = Scenario(index)
            let audio = Array("audio of call \(index)".utf8)
            let file = "2026/11/22/\(scenario.call).flac"
            let path = "\(DataFolder(folder.path).recordings)/\(file)"
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(audio).write(to: URL(fileURLWithPath: path))
            var hash = SHA256Stream()
            hash.update(bytes: audio)
            try await store.record(scenario.whole.dropLast().map { $0 })
            try await store.record([
                .recordingFinished(
                    RecordingFinished(
                        recording: scenario.recording, call: scenario.call, at: scenario.at(21_500), file: file,
                        format: "flac", rate: 8000, frames: 160_000, bytes: Int64(audio.count), sha256: hash.finish(),
                        gaps: [], recovered: false))
            ])
        }
    }

    private func write(_ reader: StoreReader, _ plan: BundlePlan, _ folder: TemporaryFolder) async throws -> String {
        let path = folder.file("bundle.tar")
        let writer = try EvidenceBundleWriter(path: path, isReplacing: true, description: plan.description)
        try writer.begin(
            keys: [try BundleSignature(manifest: [], privateKey: Self.seed).key],
            anchors: plan.anchors.map { Array($0.utf8) })
        for chain in plan.description.chains {
            var after = chain.start.sequence
            while after < chain.head.sequence {
                // Small pages, so that several are read.
                let page = try await reader.journal(
                    chain: chain.name, after: after, through: chain.head.sequence, limit: 7)
                for record in page { try writer.append(record.sealed, type: record.type) }
                after = try #require(page.last).sealed.sequence
            }
            try writer.endChain()
        }
        let summary = try writer.finish(recordings: DataFolder(folder.path).recordings, privateKey: Self.seed)
        #expect(summary.faults == [])
        return path
    }

    @Test func aBundleOfTheStoreIsIntact() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await fill(folder, store, 0..<3)
        let anchor = try await makeAnchor(store)
        try await store.record([sent(anchor, attempt: 1, delivered: true)])
        let plan = try await store.reader.bundlePlan(
            from: Self.from, to: Self.to, exported: UTCTime(microseconds: Self.to.microseconds + 1))
        #expect(plan.anchors == [String(decoding: anchor.bytes, as: UTF8.self)])
        let path = try await write(store.reader, plan, folder)
        let report = EvidenceBundleVerifier(
            path: path, trust: BundleTrust(keys: [anchor.publicKey], anchors: [.init(anchor, origin: "a")])
        ).verify()
        #expect(report.finding == nil, "\(report.finding.map { "\($0)" } ?? "")")
        #expect(report.standing == .anchored)
        #expect(report.recordings == 3)
        #expect(report.days == 1)
        #expect(report.rows[.calls, default: 0] > 20)
        #expect(report.rows[.recordings] == 12)
        #expect(report.rows[.orders] == 6)
        await store.close()
    }

    @Test func aPeriodWithinTheJournal() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await fill(folder, store, 0..<2)
        let head = try await store.reader.heads()[0]
        let events = try await store.reader.journal(chain: head.chain, after: 0, through: head.sequence)
        let walls = try events.map { try JournalEvent(body: $0.sealed.body ?? []).wall }
        #expect(walls == walls.sorted())
        // What is handed over together is written down at the same moment.
        let moments = Set(walls).sorted()
        try #require(moments.count == 4)
        let exported = UTCTime(microseconds: Self.to.microseconds + 1)
        let plan = try await store.reader.bundlePlan(
            from: UTCTime(microseconds: moments[1]), to: UTCTime(microseconds: moments[3]), exported: exported)
        let first = try #require(walls.firstIndex { $0 >= moments[1] })
        let last = try #require(walls.lastIndex { $0 < moments[3] })
        #expect(plan.description.chains.map(\.from) == [Int64(first + 1)])
        #expect(plan.description.chains.map(\.to) == [Int64(last + 1)])
        #expect(EvidenceBundleVerifier(path: try await write(store.reader, plan, folder)).verify().finding == nil)
        // A period without events is a bundle without rows, whose links still lead to the head.
        let empty = try await store.reader.bundlePlan(
            from: UTCTime(microseconds: 1), to: UTCTime(microseconds: 2), exported: exported)
        let report = EvidenceBundleVerifier(path: try await write(store.reader, empty, folder)).verify()
        #expect(report.finding == nil, "\(report.finding.map { "\($0)" } ?? "")")
        #expect(report.chains.first?.inside == 0)
        #expect(report.chains.first?.omitted == head.sequence)
        await #expect { try await store.reader.bundlePlan(from: Self.to, to: Self.from, exported: exported) } throws: {
            ($0 as? StorageError)?.code == .argument
        }
        await #expect {
            try await store.reader.bundlePlan(from: Self.from, to: exported, exported: Self.to)
        } throws: { ($0 as? StorageError)?.code == .argument }
        await store.close()
    }

    @Test func aBundleBeginsAtTheAnchorBeforeItsPeriod() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await fill(folder, store, 0..<2)
        let anchor = try await makeAnchor(store)
        try await fill(folder, store, 2..<3)
        let head = try await store.reader.heads()[0]
        let events = try await store.reader.journal(
            chain: head.chain, after: anchor.heads[0].sequence + 1, through: head.sequence)
        let begin = try JournalEvent(body: try #require(events.first?.sealed.body)).wall
        let exported = UTCTime(microseconds: Self.to.microseconds + 1)
        let plan = try await store.reader.bundlePlan(
            from: UTCTime(microseconds: begin), to: Self.to, exported: exported)
        #expect(plan.description.chains.map(\.start) == anchor.heads)
        #expect(plan.anchors.count == 1)
        let report = EvidenceBundleVerifier(
            path: try await write(store.reader, plan, folder),
            trust: BundleTrust(anchors: [.init(anchor, origin: "a")])
        ).verify()
        #expect(report.finding == nil, "\(report.finding.map { "\($0)" } ?? "")")
        #expect(report.standing == .anchored)
        #expect(report.recordings == 1)
        let whole = try await store.reader.bundlePlan(
            from: UTCTime(microseconds: begin), to: Self.to, exported: exported, isWhole: true)
        #expect(whole.description.chains.map(\.start.sequence) == [0])
        #expect(EvidenceBundleVerifier(path: try await write(store.reader, whole, folder)).verify().finding == nil)
        await store.close()
    }

    @Test func anAlteredStoreMakesABundleThatSaysSo() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await fill(folder, store, 0..<2)
        await store.close()
        let raw = try Raw(folder)
        try raw.change(
            "UPDATE journal SET body = CAST(replace(CAST(body AS TEXT), '95598', '95599') AS BLOB) WHERE seq = 1")
        try raw.queue.close()
        let reader = try Store.openForQueries(folder: folder.path)
        let plan = try await reader.bundlePlan(
            from: Self.from, to: Self.to, exported: UTCTime(microseconds: Self.to.microseconds + 1))
        let finding = try #require(EvidenceBundleVerifier(path: try await write(reader, plan, folder)).verify().finding)
        try reader.close()
        #expect(finding.verdict == .altered)
        #expect(finding.sequence == 1)
        #expect(finding.message.contains("body"))
    }
}
