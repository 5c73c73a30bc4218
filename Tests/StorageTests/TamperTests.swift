import Calls
import Evidence
import Foundation
import Storage
import Testing

/// Whoever can write the file changes something; the verification must say where.
@Suite struct TamperTests {
    struct Case: CustomTestStringConvertible {
        let sql: String
        /// What the finding must name.
        let finding: String
        var testDescription: String { sql }
    }

    static let chainChanges: [Case] = [
        Case(
            sql: "UPDATE journal SET body = CAST(replace(CAST(body AS TEXT), '95598', '95599') AS BLOB) WHERE seq = 1",
            finding: "1 body"),
        Case(sql: "UPDATE journal SET salt = zeroblob(16) WHERE seq = 4", finding: "4 body"),
        Case(sql: "UPDATE journal SET salt = NULL WHERE seq = 4", finding: "4 body"),
        Case(sql: "UPDATE journal SET body_hash = zeroblob(32) WHERE seq = 5", finding: "5 body"),
        Case(sql: "UPDATE journal SET body_hash = zeroblob(32), body = NULL WHERE seq = 5", finding: "5 hash"),
        Case(sql: "UPDATE journal SET hash = zeroblob(32) WHERE seq = 6", finding: "6 hash"),
        Case(sql: "DELETE FROM journal WHERE seq = 7", finding: "7 sequence"),
        Case(sql: "DELETE FROM journal WHERE seq = 1", finding: "1 sequence"),
        Case(sql: "DELETE FROM journal WHERE seq = 15", finding: "15 head"),
        Case(sql: "DELETE FROM journal", finding: "1 head"),
        Case(
            sql: """
                UPDATE journal SET seq = 1000 WHERE seq = 3; UPDATE journal SET seq = 3 WHERE seq = 8;
                UPDATE journal SET seq = 8 WHERE seq = 1000
                """, finding: "3 hash"),
        Case(sql: "UPDATE journal SET chain = 'other' WHERE seq = 15", finding: "15 head"),
        Case(sql: "UPDATE chains SET seq = 14", finding: "15 head"),
        Case(sql: "UPDATE chains SET hash = zeroblob(32)", finding: "16 head"),
        Case(sql: "DELETE FROM chains", finding: "1 head"),
    ]

    @Test(arguments: chainChanges)
    func aChangedJournalIsFound(_ example: Case) async throws {
        let report = try await report(after: example.sql)
        let breaks = report.chains.compactMap(\.firstBreak).map { "\($0.sequence) \($0.kind)" }
        #expect(!report.ok)
        #expect(breaks.contains(example.finding), "\(report.chains)")
    }

    static let tableChanges: [Case] = [
        Case(sql: "UPDATE calls SET caller = '13900000002'", finding: "calls caller"),
        Case(sql: "UPDATE calls SET answered_mono = answered_mono - 1", finding: "calls answered_mono"),
        Case(
            sql: "UPDATE calls SET outcome = 'abandoned', released_by = 'network'",
            finding: "calls released_by, outcome"),
        Case(sql: "UPDATE calls SET digits = ''", finding: "calls digits"),
        Case(sql: "DELETE FROM calls", finding: "calls the row is missing"),
        Case(
            sql: """
                INSERT INTO calls SELECT zeroblob(16), node, boot, line, direction, caller, caller_raw, caller_source,
                    called, diversion, peer, protocol_call_id, offered_wall, offered_mono, ringing_wall, ringing_mono,
                    rings_basis, answered_wall, answered_mono, rings, ring_ms, flow_version, first_prompt_wall,
                    first_prompt_mono, digits, released_wall, released_mono, released_by, release_evidence, outcome,
                    statistics, raw_rings FROM calls
                """, finding: "calls does not follow from the journal"),
        Case(sql: "UPDATE legs SET codec = 'PCMU'", finding: "legs codec"),
        Case(sql: "UPDATE recordings SET sha256 = 'cd'", finding: "recordings sha256"),
        Case(sql: "UPDATE recordings SET file = '2026/11/22/other.flac'", finding: "recordings file"),
        Case(sql: "UPDATE recording_channels SET role = 'agent' WHERE channel = 1", finding: "recording_channels role"),
        Case(sql: "UPDATE orders SET category = 'consultation'", finding: "orders category"),
        Case(sql: "DELETE FROM order_recordings", finding: "order_recordings the row is missing"),
        Case(sql: "UPDATE order_recordings SET to_position = 96000", finding: "order_recordings to_position"),
        Case(sql: "DELETE FROM order_calls", finding: "order_calls the row is missing"),
        Case(sql: "UPDATE journal SET wall = wall + 1 WHERE seq = 2", finding: "journal wall"),
        Case(sql: "UPDATE journal SET call = NULL WHERE seq = 2", finding: "journal call"),
        Case(sql: "UPDATE journal SET type = 'call_noted' WHERE seq = 2", finding: "journal type"),
    ]

    @Test(arguments: tableChanges)
    func aChangedRowIsFound(_ example: Case) async throws {
        let report = try await report(after: example.sql)
        let found = report.differences.map { "\($0.table) \($0.message)" }
        let words = example.finding.split(separator: " ", maxSplits: 1).map(String.init)
        #expect(!report.ok)
        #expect(found.contains { $0.hasPrefix(words[0]) && $0.contains(words[1]) }, "\(found)")
        #expect(report.chains.allSatisfy { $0.firstBreak == nil })
    }

    private func report(after sql: String) async throws -> EvidenceReport {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record(Scenario(0).whole)
        await store.close()
        let raw = try Raw(folder)
        try raw.change(sql)
        try raw.queue.close()
        let reader = try Store.openForQueries(folder: folder.path)
        let report = try await reader.verifyEvidence()
        try reader.close()
        return report
    }

    @Test func aByteAnywhereInABodyCounts() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record([Scenario(0).offered, Scenario(0).alerted])
        let raw = try Raw(folder)
        let length = try raw.number("SELECT length(body) FROM journal WHERE seq = 2")
        let original = try raw.texts("SELECT hex(body) FROM journal WHERE seq = 2")[0]
        for index in stride(from: 0, to: length, by: 31) {
            var bytes = try #require(Hexadecimal.bytes(original))
            bytes[index] ^= 1
            try raw.change("UPDATE journal SET body = x'\(Hexadecimal.text(bytes))' WHERE seq = 2")
            let report = try await store.reader.verifyEvidence()
            #expect(report.chains.first?.firstBreak?.kind == "body")
        }
        try raw.change("UPDATE journal SET body = x'\(original)' WHERE seq = 2")
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func anErasedBodyBreaksNothing() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole)
        try await store.record(Scenario(1).whole)
        let raw = try Raw(folder)
        // The offer of the first call, with the caller's number, here and in the tables.
        try raw.change(
            "UPDATE journal SET body = NULL, salt = NULL WHERE seq = 1; UPDATE calls SET caller = NULL, caller_raw = NULL "
                + "WHERE caller_raw IS NOT NULL AND id = (SELECT call FROM journal WHERE seq = 1)")
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        #expect(report.chains.map(\.erased) == [1])
        let call = try #require(try await store.reader.call(one.call))
        #expect(call.timeline.first?.erased == true)
        #expect(call.timeline.first?.type == "call_offered")
        #expect(call.timeline.dropFirst().allSatisfy { !$0.erased })
        // The other call is still held to the journal.
        try raw.change("UPDATE calls SET caller = '1' WHERE caller IS NOT NULL")
        #expect(try await store.reader.verifyEvidence().differing == 1)
        await store.close()
    }

    @Test func aRewrittenChainIsFoundByAnAnchorAlone() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record(Scenario(0).whole)
        let heads = try await store.reader.heads()
        let anchor = try Anchor(heads: heads, wall: 1, node: "node1", privateKey: [UInt8](repeating: 7, count: 32))
        try anchor.verify(trusted: anchor.publicKey)
        try await store.record(Scenario(1).whole)
        #expect(try await store.reader.verifyEvidence(anchors: anchor.heads).standing == .anchored)
        #expect(try await store.reader.verifyEvidence(anchors: anchor.heads).ok)
        await store.close()

        // The same facts but one, sealed anew by somebody who knows how.
        let forged = try TemporaryFolder()
        let forger = try Store.test(forged, seed: 99)
        try await forger.record(Scenario(0, caller: "13900000009").whole)
        try await forger.record(Scenario(1).whole)
        #expect(try await forger.reader.verifyEvidence().ok)
        let report = try await forger.reader.verifyEvidence(anchors: anchor.heads)
        #expect(!report.ok)
        #expect(report.chains.first?.firstBreak?.kind == "head")
        #expect(report.chains.first?.firstBreak?.sequence == 15)
        await forger.close()

        // A chain that an anchor names may not be gone, nor shorter.
        let empty = try TemporaryFolder()
        let other = try Store.test(empty, identity: NodeIdentity(name: "node2", number: 2, boot: "b"))
        let missing = try await other.reader.verifyEvidence(anchors: anchor.heads)
        #expect(missing.chains.filter { $0.firstBreak != nil }.map(\.chain) == ["node1"])
        await other.close()
    }
}
