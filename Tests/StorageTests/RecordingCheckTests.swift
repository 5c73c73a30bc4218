import Calls
import Evidence
import Foundation
import Storage
import Testing

/// What is measured, replayed and found wanting of recordings, and the carrier's records.
@Suite struct RecordingCheckTests {
    static func measured(_ one: Scenario, level: Int? = -1800) -> RecordingMeasured {
        RecordingMeasured(
            recording: one.recording, call: one.call, at: one.at(21_500), lengthMilliseconds: 20_000,
            silenceMilliseconds: 4000, overtalkMilliseconds: 500, thresholdDecibels: -45,
            channels: [
                .init(
                    index: 0, missingMilliseconds: 20, talkMilliseconds: 9000, peak: 12_000, level: level,
                    clippedSamples: 3),
                .init(
                    index: 1, missingMilliseconds: 0, talkMilliseconds: 7500, peak: 9000, level: -2010,
                    clippedSamples: 0),
            ])
    }

    static func alarm(
        _ one: Scenario, _ kind: RecordingAlarmKind = .altered, isOpen: Bool, _ milliseconds: Int64 = 30_000
    ) -> Fact {
        .recordingAlarm(
            RecordingAlarmChanged(
                at: one.at(milliseconds), kind: kind, subject: one.recording.description, isOpen: isOpen,
                call: one.call, recording: one.recording, message: "SHA-256 is another"))
    }

    static func records(_ count: Int, from: Int = 0) -> [CarrierImported.Record] {
        (from..<from + count).map { index in
            CarrierImported.Record(
                caller: index % 3 == 0 ? nil : "1390000\(1000 + index)", called: "95598",
                began: SteppingTime.start.wall + Int64(index) * 60_000_000, seconds: 30 + index)
        }
    }

    static func facts(_ one: Scenario) -> [Fact] {
        [
            .recordingMeasured(measured(one)),
            .recordingReplayed(
                RecordingReplayed(
                    recording: one.recording, call: one.call, at: one.at(40_000), token: "api",
                    by: WorkNumber("1001"), format: "wav", channel: "left", reason: "complaint 质检")),
            alarm(one, isOpen: true), alarm(one, .oneWay, isOpen: true), alarm(one, isOpen: false, 50_000),
            .carrierImported(CarrierImported(at: one.at(60_000), file: "2026-11.csv", records: records(3))),
        ]
    }

    @Test func everyFactReadsBackAsItWas() throws {
        for (index, fact) in Self.facts(Scenario(0)).enumerated() {
            let pending = PendingEvent(
                id: EventID(high: 1, low: UInt64(index)), fact: fact, at: SteppingTime.start, boot: "b", node: "n")
            #expect(try Fact(event: try JournalEvent(body: try pending.body())) == fact)
        }
    }

    @Test func aCallIsCheckedWithItsRecordingsAndFigures() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole + Self.facts(one))
        try await store.record([Scenario(1).offered, Scenario(1).alerted])
        let running = Scenario(2)
        try await store.record([running.offered, running.alerted, running.answered])
        let (from, to) = (UTCTime(one.at(0)), UTCTime(one.at(10_000)))
        // Neither who was not answered nor who still talks.
        let calls = try await store.reader.callChecks(from: from, to: to)
        #expect(calls.map(\.id) == [one.call])
        let call = try #require(calls.first)
        #expect(call.releasedAt.milliseconds(since: call.answeredAt) == 20_040)
        let recording = try #require(call.recordings.first)
        #expect(recording.lengthMilliseconds == 20_000)
        #expect(recording.gaps == [[48_000, 48_960]])
        #expect(recording.channelCount == 2 && !recording.hadAgent)
        var expected = Self.measured(one)
        expected.at = Instant(wall: 0, mono: 0)
        #expect(recording.figures == expected)
        #expect(try await store.reader.callCheck(one.call) == call)
        #expect(try await store.reader.callCheck(running.call) == nil)
        #expect(try await store.reader.recordingCheck(one.recording) == recording)
        #expect(try await store.reader.finishedRecordings() == [recording])
        #expect(try await store.reader.finishedRecordings(after: one.recording).isEmpty)
        #expect(try await store.reader.callChecks(from: from, to: to, after: one.call).isEmpty)
        #expect(
            try await store.reader.knownFiles(["2026/11/22/110405-\(one.call).flac", "x.flac"])
                == ["2026/11/22/110405-\(one.call).flac"])
        // A later measuring takes its place.
        var later = Self.measured(one, level: nil)
        later.channels.removeLast()
        try await store.record([.recordingMeasured(later)])
        let again = try #require(try await store.reader.recordingCheck(one.recording)?.figures)
        #expect(again.channels.map(\.level) == [nil])
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func anAlarmIsOpenedAndClearedOnce() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole + [Self.alarm(one, isOpen: true)])
        await #expect { try await store.record([Self.alarm(one, isOpen: true)]) } throws: {
            ($0 as? StorageError)?.code == .conflict
        }
        try await store.record([Self.alarm(one, .gaps, isOpen: true, 31_000)])
        #expect(try await store.reader.openRecordingAlarms().map(\.kind) == [.altered, .gaps])
        try await store.record([Self.alarm(one, isOpen: false)])
        await #expect { try await store.record([Self.alarm(one, isOpen: false)]) } throws: {
            ($0 as? StorageError)?.code == .conflict
        }
        // The same may go wrong again.
        try await store.record([Self.alarm(one, isOpen: true, 90_000)])
        #expect(try await store.reader.openRecordingAlarms().map(\.kind) == [.gaps, .altered])
        #expect(try await store.reader.verifyEvidence().ok)
        let timeline = try #require(try await store.reader.call(one.call)).timeline
        #expect(timeline.count { $0.kind == "recording_alarm" } == 4)
        await store.close()
    }

    @Test func whatIsMeasuredOrReplayedMustBeThere() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record([Scenario(0).offered])
        for fact in Self.facts(Scenario(0)).prefix(2) {
            await #expect { try await store.record([fact]) } throws: { ($0 as? StorageError)?.code == .conflict }
        }
        await store.close()
    }

    @Test func theCarriersRecordsStandOnce() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let records = Self.records(5)
        #expect(try await store.reader.unknownCarrierRecords(records) == records)
        for group in [records.prefix(3), records.prefix(5)] {
            try await store.record([
                .carrierImported(CarrierImported(at: SteppingTime.start, file: "a.csv", records: Array(group)))
            ])
        }
        let (from, to) = (
            UTCTime(microseconds: records[1].began), UTCTime(microseconds: records[4].began)
        )
        #expect(try await store.reader.carrierRecords(from: from, to: to) == Array(records[1..<4]))
        #expect(try await store.reader.unknownCarrierRecords(Self.records(6)) == [Self.records(6)[5]])
        #expect(try await store.reader.verifyEvidence().ok)
        try await store.record(Scenario(0).whole)
        let calls = try await store.reader.carrierCalls(from: UTCTime(microseconds: 0), to: to)
        #expect(calls.map(\.caller) == ["13900000001"])
        #expect(calls[0].answeredAt == UTCTime(Scenario(0).at(1020)))
        await store.close()
    }

    @Test(arguments: [
        ("UPDATE recording_figures SET silence_ms = 0", "recording_figures silence_ms"),
        ("UPDATE recording_channel_figures SET clipped = 9 WHERE channel = 1", "recording_channel_figures clipped"),
        ("DELETE FROM recording_channel_figures", "recording_channel_figures missing"),
        ("UPDATE recording_alarms SET cleared_wall = 1", "recording_alarms cleared_wall"),
        ("DELETE FROM recording_alarms", "recording_alarms missing"),
        ("UPDATE carrier_records SET seconds = 1 WHERE caller <> ''", "carrier_records missing"),
        ("DELETE FROM carrier_records", "carrier_records missing"),
    ]) func aChangedRowIsFound(sql: String, finding: String) async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.record(Scenario(0).whole + Self.facts(Scenario(0)))
        await store.close()
        let raw = try Raw(folder)
        #expect(try raw.change(sql) > 0)
        try raw.queue.close()
        let reader = try Store.openForQueries(folder: folder.path)
        let report = try await reader.verifyEvidence()
        try reader.close()
        let words = finding.split(separator: " ").map(String.init)
        #expect(!report.ok)
        #expect(report.differences.contains { $0.table == words[0] && $0.message.contains(words[1]) }, "\(report)")
    }

    @Test func aStoreOfTheVersionBeforeIsBroughtUpToDate() async throws {
        let folder = try TemporaryFolder()
        var store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record(one.whole)
        await store.close()
        let raw = try Raw(folder)
        for table in ["carrier_records", "recording_alarms", "recording_channel_figures", "recording_figures"] {
            try raw.change("DROP TABLE \(table)")
        }
        try raw.change("DELETE FROM grdb_migrations WHERE identifier = '0007'")
        try raw.queue.close()
        #expect { try Store.openForQueries(folder: folder.path) } throws: { ($0 as? StorageError)?.code == .version }
        store = try Store.test(folder, seed: 2)
        #expect(try await store.reader.recordingCheck(one.recording)?.figures == nil)
        try await store.record(Self.facts(one))
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func eventsAreLaidBesideTheAudio() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        let segments: [Fact] = [(0, 0, "caller", nil), (1, 0, "system", nil), (1, 9000, "agent", "1001")].map {
            channel, from, role, agent in
            .segmentBegan(
                SegmentBegan(
                    recording: one.recording, call: one.call, at: one.at(1060 + from),
                    position: AudioPosition(milliseconds: from), channel: channel, role: role,
                    agent: agent.flatMap { WorkNumber($0) }))
        }
        try await store.record(one.whole + segments)
        let summary = try #require(try await store.reader.recording(one.recording))
        let detail = try #require(try await store.reader.call(one.call))
        let timeline = RecordingTimeline(summary, of: detail)
        #expect(timeline.lengthMilliseconds == 20_000)
        #expect(timeline.startedAt == UTCTime(one.at(1060)))
        func event(_ kind: String) throws -> RecordingTimeline.Event {
            try #require(timeline.events.first { $0.kind == kind }, "\(kind)")
        }
        // It says so itself; it follows from the clock; it lies before sample 0; it lies behind the end.
        #expect(try event("key").positionMilliseconds == 4940)
        #expect(try event("key").basis == "recorded")
        #expect(try event("order_created").positionMilliseconds == 13_940)
        #expect(try event("order_created").basis == "clock")
        #expect(try event("call_answered").positionMilliseconds == nil)
        #expect(try event("call_answered").basis == nil)
        #expect(try event("recording_started").positionMilliseconds == 0)
        #expect(try event("call_released").positionMilliseconds == 20_000)
        #expect(try event("recording_finished").positionMilliseconds == nil)
        #expect(timeline.events.count == detail.timeline.count)
        #expect(
            timeline.segments.map { "\($0.channel) \($0.fromMilliseconds)-\($0.toMilliseconds ?? -1) \($0.role)" }
                == ["0 0-20000 caller", "1 0-9000 system", "1 9000-20000 agent"])
        #expect(timeline.segments.last?.agent == WorkNumber("1001"))
        #expect(timeline.gaps == [.init(fromMilliseconds: 1000, toMilliseconds: 1020)])
        let text = try JSONTests.json(timeline)
        for key in [
            "recording_id", "call_id", "started_at", "length_ms", "events", "segments", "gaps", "position_ms",
            "position_basis", "from_ms", "to_ms", "agent",
        ] { #expect(text.contains("\"\(key)\" :"), "\(key)") }
        await store.close()
    }
}
