import Calls
import Foundation
import Storage
import Testing

/// Recordings of other systems in the store: found as ours are, and never taken for ours.
@Suite struct ImportTests {
    static func fact(_ index: UInt64, agent: String? = "1001", direction: Direction = .inbound) -> RecordingImported {
        let leg = LegID(high: 9, low: index)
        return RecordingImported(
            recording: RecordingID(high: 7, low: index), call: CallID(high: 8, low: index),
            at: SteppingTime.start, system: "asterisk", direction: direction, caller: "13900000001", called: "95598",
            agent: agent.flatMap { WorkNumber($0) }, began: 1_715_473_800_000_000, answered: 1_715_473_807_000_000,
            seconds: 95, channels: [.init(index: 0, leg: leg, role: "mixed", tap: "imported")],
            file: "2024/05/12/x-\(index).flac", format: "flac", rate: 44_100, frames: 4_189_500, bytes: 1000,
            sha256: String(repeating: "a", count: 64),
            source: .init(
                file: "2024/x-\(index).mp3", sha256: String(repeating: "0", count: 63) + String(index), bytes: 500,
                format: "mp3"),
            record: .init(
                file: "Master.csv", line: Int(index), sha256: String(repeating: "c", count: 64), id: "1715473800.1",
                disposition: "ANSWERED"))
    }

    @Test func anImportedRecordingIsARowThatSaysSo() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record(Scenario(0).whole)
        try await store.record([.recordingImported(Self.fact(1))])
        try await store.record([.recordingImported(Self.fact(2, agent: nil, direction: .outbound))])
        let found = try await store.reader.recordingPage(RecordingFilter()).recordings
        #expect(found.count == 3)
        #expect(found.first?.recording.imported == nil)
        let one = try #require(found.first { $0.recording.id.low == 1 })
        #expect(one.line == "imported")
        #expect(one.rings == nil)
        #expect(one.answeredBy.map(\.text) == ["1001"])
        #expect(one.recording.startedAt?.description == "2024-05-12T00:30:07.000000Z")
        // 44,100 does not divide 48,000.
        #expect(one.recording.length == AudioPosition(milliseconds: 95_000))
        #expect(one.recording.seconds == 95)
        let origin = try #require(one.recording.imported)
        #expect(origin.file == "2024/x-1.mp3")
        #expect(origin.recordLine == 1)
        let call = try #require(try await store.reader.call(one.recording.callID))
        #expect(call.summary.outcome == .completed)
        #expect(call.summary.releasedBy == .unknown)
        #expect(call.summary.rings == nil)
        #expect(call.summary.legs.map(\.role) == [.caller])
        #expect(call.timeline.map(\.type) == ["recording_imported"])
        #expect(call.timeline.first?.offsetMilliseconds == nil)
        var filter = RecordingFilter()
        filter.agent = WorkNumber("1001")
        #expect(try await store.reader.recordingCount(filter).count == 1)
        let heads = try await store.reader.callHeads([one.recording.callID, CallID(high: 1, low: 1)])
        #expect(heads == [one.recording.callID: CallHead(direction: .inbound, called: "95598")])
        let known = try await store.reader.knownImports([Self.fact(1).source.sha256, String(repeating: "9", count: 64)])
        #expect(known.mapValues(\.recording) == [Self.fact(1).source.sha256: Self.fact(1).recording])

        // Not ours: no figures of agents, no day's root, nothing to lay beside the carrier's records.
        let period = (UTCTime(microseconds: 1_715_000_000_000_000), UTCTime(microseconds: 1_716_000_000_000_000))
        let agents = try await store.reader.agentReport(AgentReportQuestion(from: period.0, to: period.1))
        #expect(agents.agents.isEmpty)
        #expect(try await store.reader.carrierCalls(from: period.0, to: period.1).isEmpty)
        let checks = try await store.reader.callChecks(from: period.0, to: period.1)
        #expect(checks.map(\.isImported) == [true, true])
        let basis = try await store.reader.anchorBasis(
            from: UTCTime(microseconds: 0), to: UTCTime(microseconds: 1_900_000_000_000_000))
        #expect(basis.leafHashes.count == 1)
        let report = try await store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        await store.close()
    }

    @Test func oneFileIsOneRecording() async throws {
        let folder = try TemporaryFolder()
        var store = try Store.test(folder)
        try await store.record([.recordingImported(Self.fact(1))])
        var twice = Self.fact(2)
        twice.source.sha256 = Self.fact(1).source.sha256
        for again in [Self.fact(1), twice] {
            do {
                try await store.record([.recordingImported(again)])
                Issue.record("taken twice")
            } catch {
                #expect(error.code == .conflict)
            }
        }
        #expect(try await store.reader.recordings().count == 1)
        await store.close()
        let raw = try Raw(folder)
        try raw.change("UPDATE recording_imports SET source_file = 'other.mp3'")
        try raw.queue.close()
        store = try Store.test(folder, seed: 2)
        let report = try await store.reader.verifyEvidence()
        #expect(!report.ok)
        #expect(report.differences.map(\.table) == ["recording_imports"])
        await store.close()
    }
}
