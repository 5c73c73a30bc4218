import Calls
import Foundation
import Logging
import Norms
import Quality
import Recordings
import Storage
import Switchboard
import Testing

/// Conversations drawn, scored, appealed and decided over a real store with the shipped scorecard.
@Suite struct ReviewDeskTests {
    private static let wang = ReviewDesk.Actor(name: "wang", workNumber: nil)
    private static let li = ReviewDesk.Actor(name: "li", workNumber: nil)
    private static let agent = ReviewDesk.Actor(name: "zhang", workNumber: "1001")

    private func reviews(_ desk: OrderDesk, replay: Replay? = nil) throws -> ReviewDesk {
        let norms = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "norms")
        return try ReviewDesk(
            norms: NormFolder(path: norms.path), zone: .fixed(28_800), store: desk.store, replay: replay,
            identifiers: Identifiers(node: 1, time: desk.clock), time: desk.clock)
    }

    private func replay(_ desk: OrderDesk) throws -> Replay {
        Replay(
            store: desk.store, folder: "\(desk.folder.path)/recordings",
            cache: try AudioCache(
                folder: "\(desk.folder.path)/cache", limitBytes: 1_000_000, minimumFreeBytes: 0),
            alarms: RecordingAlarms(
                store: desk.store, webhook: nil, node: "test", time: desk.clock, log: Logger(label: "test")),
            time: desk.clock)
    }

    /// A recorded call that 1001 took and somebody ended; the recording is finished and measured.
    private func call(
        _ desk: OrderDesk, _ serial: UInt64, agent: String = "1001", endedBy: ReleasedBy = .caller,
        isBreach: Bool = false
    ) async throws -> RecordingID {
        let (call, recording) = (CallID(high: 7, low: serial), RecordingID(high: 8, low: serial))
        let (leg, phone) = (LegID(high: 9, low: serial), LegID(high: 10, low: serial))
        let now = desk.clock.now()
        func at(_ seconds: Int64) -> Instant { now.advanced(milliseconds: seconds * 1000 + Int64(serial)) }
        let message = endedBy == .agent ? "BYE received" : "BYE sent"
        var facts: [Fact] = [
            .callOffered(
                CallOffered(
                    call: call, leg: leg, at: at(0), line: "trunk1", direction: .inbound, caller: "1390000000\(serial)",
                    callerRaw: nil, callerSource: "from", called: "95598", diversion: nil, peer: "",
                    protocolCallID: "x\(serial)")),
            .callAnswered(
                CallAnswered(
                    call: call, at: at(1), rings: 1, ringMilliseconds: 1000, basis: .nominal180, flowVersion: "test")),
            .recordingPlanned(
                RecordingPlanned(
                    recording: recording, call: call, at: at(1),
                    channels: [
                        .init(index: 0, leg: leg, role: "caller", tap: "received"),
                        .init(index: 1, leg: leg, role: "system", tap: "sent"),
                    ])),
            .recordingStarted(RecordingStarted(recording: recording, call: call, at: at(1))),
            .agentOffered(
                AgentOffered(
                    call: call, leg: phone, at: at(2), agent: workNumber(agent), purpose: .queue, queue: "service")),
            .agentAnswered(
                AgentAnswered(
                    call: call, leg: phone, at: at(4), agent: workNumber(agent), purpose: .queue, queue: "service",
                    rings: 1, ringMilliseconds: 1000, summedRings: 1, summedRingMilliseconds: 1000,
                    waitMilliseconds: 3000, basis: .nominal180)),
            .agentLeft(
                AgentLeft(
                    call: call, leg: phone, at: at(60), agent: workNumber(agent), by: endedBy, message: message)),
            .recordingStopped(
                RecordingStopped(
                    recording: recording, call: call, at: at(60), length: AudioPosition(milliseconds: 59_000))),
            .callReleased(
                CallReleased(
                    call: call, at: at(60), releasedBy: endedBy,
                    evidence: ReleaseEvidence(firstLeg: nil, message: message), outcome: .completed, statistics: [:])),
            .recordingFinished(
                RecordingFinished(
                    recording: recording, call: call, at: at(61), file: "2026/02/13/\(serial).flac", format: "flac",
                    rate: 8000, frames: 472_000, bytes: 1000, sha256: String(repeating: "a", count: 64), gaps: [],
                    recovered: false)),
            .recordingMeasured(
                RecordingMeasured(
                    recording: recording, call: call, at: at(61), lengthMilliseconds: 59_000, silenceMilliseconds: 5900,
                    overtalkMilliseconds: 590, thresholdDecibels: -50,
                    channels: [
                        .init(
                            index: 0, missingMilliseconds: 0, talkMilliseconds: 30_000, peak: 1000, level: -2000,
                            clippedSamples: 0),
                        .init(
                            index: 1, missingMilliseconds: 0, talkMilliseconds: 20_000, peak: 1000, level: -2000,
                            clippedSamples: 0),
                    ])),
        ]
        if isBreach {
            facts.append(
                .normBroken(
                    NormBroken(
                        call: call, at: at(70), rule: "yq-hang-up", profile: "yongqiang@1", count: 1, measured: nil,
                        agent: agent)))
        }
        try await desk.store.record(facts)
        desk.clock.pass(minutes: 2)
        return recording
    }

    /// Good answers to everything machines leave open; the others as they were measured.
    private func answers(
        _ sheet: ReviewDesk.Sheet, _ change: (inout ReviewSheet.Answer) -> Void = { _ in }
    ) -> [ReviewSheet.Answer] {
        sheet.scorecard.items.map { item in
            let usual = sheet.measured[item.id].flatMap { Scorecard.usualAnswer(to: $0.verdict, scale: item.scale) }
            var answer = ReviewSheet.Answer(item: item.id, value: usual.map(\.value) ?? item.scale)
            change(&answer)
            return answer
        }
    }

    @Test func aConversationIsFilledInAndScored() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let reviews = try reviews(desk)
        let recording = try await call(desk, 1, endedBy: .agent)
        let sheet = try await reviews.sheet(recording, agent: "1001", scorecard: "conduct")
        #expect(sheet.measured["hang-up"]?.verdict == .broken)
        // Where the agent hung up: 59 s after the recording's begin.
        #expect(sheet.position(of: "hang-up") == 59_000)
        #expect(sheet.measured["no-interrupting"] == Measured(.open, amount: 100, unit: .share))
        #expect(sheet.measured["caller-speaks"]?.amount == 6000)
        #expect(sheet.measured["no-dead-air"] == Self.unheard)
        #expect(sheet.measured["angry"]?.verdict == .notConcerned)

        let id = try await reviews.submit(
            recording, agent: "1001", scorecard: "conduct", answers: answers(sheet), by: Self.wang)
        let detail = try #require(try await desk.store.reader.review(id))
        #expect(detail.summary.isFailed && detail.summary.isCritical && detail.summary.agent == "1001")
        // Everything but the hang-up's ten points of those that were about this conversation.
        let concerned = sheet.scorecard.items.filter { item in
            sheet.measured[item.id]?.verdict != .notConcerned
        }.reduce(0) { $0 + $1.points }
        let wanted = ((concerned - 10) * 20_000 + concerned) / (2 * concerned)
        #expect(detail.summary.score == wanted)
        // Five working days: the Spring Festival of 2026 lies between, 15 to 23 February, the 14th and the 28th are worked.
        let due = Date(timeIntervalSince1970: Double(detail.summary.appealUntil.microseconds) / 1_000_000)
        #expect(ISO8601DateFormatter().string(from: due) == "2026-02-27T16:00:00Z")
        #expect(detail.revisions.map(\.number) == [1] && detail.revisions[0].answers.count == 20)
        #expect(detail.measured["hang-up"]?.verdict == .broken)

        // Once a reviewer; nobody scores themselves; an unknown agent or scorecard is told with what there is.
        let again = try await refusal {
            _ = try await reviews.submit(
                recording, agent: "1001", scorecard: "conduct", answers: answers(sheet), by: Self.wang)
        }
        #expect(again?.contains("amend review \(id)") == true)
        let own = try await refusal {
            _ = try await reviews.submit(
                recording, agent: "1001", scorecard: "conduct", answers: answers(sheet), by: Self.agent)
        }
        #expect(own == "nobody scores their own conversations")
        let nobody = try await refusal { _ = try await reviews.sheet(recording, agent: "1009", scorecard: "conduct") }
        #expect(nobody == "agent 1009 has no part in that call; 1001 have")
        let none = try await refusal { _ = try await reviews.sheet(recording, agent: "1001", scorecard: "condct") }
        #expect(none?.contains("conduct") == true)
        await #expect(throws: ReviewProblems.self) {
            try await reviews.submit(recording, agent: "1001", scorecard: "conduct", answers: [], by: Self.li)
        }
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }

    private static let unheard = Measured(.open, why: "the sound of this recording was not measured")

    @Test func theLongestSilenceIsReadBesideTheRecording() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let reviews = try reviews(desk, replay: try replay(desk))
        let recording = try await call(desk, 1)
        func channel(_ index: Int, _ silences: [[Int64]]) -> SoundFigures.Channel {
            SoundFigures.Channel(
                index: index, missingMilliseconds: 0, talkMilliseconds: 20_000, peak: 1000, level: -2000,
                clippedSamples: 0, silences: silences)
        }
        let figures = SoundFigures(
            rate: 8000, frames: 472_000, silenceMilliseconds: 14_000, overtalkMilliseconds: 590,
            channels: [
                // The agent answered 3 s after the recording's begin.
                channel(0, [[0, 8000], [20_000, 45_000]]),
                channel(1, [[0, 5000], [30_000, 41_000], [50_000, 53_000]]),
            ])
        let folder = desk.folder.appending(path: "recordings/2026/02/13")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try JSONEncoder().encode(figures).write(to: folder.appending(path: "1.silence.json"))
        let sheet = try await reviews.sheet(recording, agent: "1001", scorecard: "conduct")
        let measured = try #require(sheet.measured["no-dead-air"])
        #expect(measured.verdict == .open && measured.amount == 11_000 && measured.unit == .milliseconds)
        #expect(sheet.position(of: "no-dead-air") == 30_000)
        let id = try await reviews.submit(
            recording, agent: "1001", scorecard: "conduct", answers: answers(sheet), by: Self.wang)
        #expect(try await desk.store.reader.review(id)?.measured["no-dead-air"]?.amount == 11_000)

        // Without its file a recording is scored all the same.
        let gone = try await call(desk, 2)
        let other = try await reviews.sheet(gone, agent: "1001", scorecard: "conduct")
        #expect(other.measured["no-dead-air"] == Self.unheard)
        try await desk.close()
    }

    @Test func whatIsChangedStandsBesideWhatItWas() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let reviews = try reviews(desk)
        let recording = try await call(desk, 1)
        let sheet = try await reviews.sheet(recording, agent: "1001", scorecard: "conduct")
        let harsh = answers(sheet) { if $0.item == "manner" { $0.value = 1 } }
        let id = try await reviews.submit(recording, agent: "1001", scorecard: "conduct", answers: harsh, by: Self.wang)
        let milder = answers(sheet) { if $0.item == "manner" { $0.value = 3 } }
        #expect(
            try await refusal { try await reviews.amend(id, answers: milder, why: "x", by: Self.li) }?
                .contains("only wang") == true)
        try await reviews.amend(id, answers: milder, why: "重听后更正", by: Self.wang)
        try await reviews.appeal(id, why: "语气正常", by: Self.agent)
        #expect(
            try await refusal { try await reviews.decide(id, answers: nil, why: "x", by: Self.wang) }?
                .contains("neither scored nor is scored") == true)
        try await reviews.decide(id, answers: answers(sheet), why: "申诉成立", by: Self.li)
        let detail = try #require(try await desk.store.reader.review(id))
        #expect(detail.summary.state == .changed && detail.summary.score == 10_000 && detail.summary.revision == 3)
        #expect(detail.revisions.map(\.by) == ["wang", "wang", "li"])
        #expect(detail.revisions.map { $0.answers.first { $0.item == "manner" }?.value } == [1, 3, 5])
        #expect(detail.revisions[1].why == "重听后更正" && detail.summary.appealedWhy == "语气正常")
        #expect(try await refusal { try await reviews.appeal(id, why: "再诉", by: Self.agent) } != nil)

        let report = try await reviews.report(
            from: UTCTime(microseconds: 0), to: UTCTime(desk.clock.now().advanced(milliseconds: 1)),
            scorecard: "conduct")
        #expect(report.all.reviews == 1 && report.all.mean == 10_000 && report.all.changed == 1)
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }

    @Test func anAppealThatComesTooLateIsRefused() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let reviews = try reviews(desk)
        let recording = try await call(desk, 1)
        let sheet = try await reviews.sheet(recording, agent: "1001", scorecard: "conduct")
        let id = try await reviews.submit(
            recording, agent: "1001", scorecard: "conduct", answers: answers(sheet), by: Self.wang)
        desk.clock.pass(minutes: 15 * 24 * 60)
        #expect(
            try await refusal { try await reviews.appeal(id, why: "x", by: Self.agent) }
                == "the time for an appeal is over")
        try await desk.close()
    }

    @Test func drawingsAreWrittenDownAndCanBeRepeated() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let reviews = try reviews(desk)
        var recordings: [RecordingID] = []
        for serial in 1...6 {
            recordings.append(
                try await call(
                    desk, UInt64(serial), agent: serial % 2 == 0 ? "1002" : "1001", isBreach: serial == 3))
        }
        desk.clock.pass(minutes: 10)
        let (from, to) = (UTCTime(microseconds: 0), UTCTime(desk.clock.now()))
        func drawing(_ kind: Sampling.Kind, _ count: Int = 0, _ reviewers: [ReviewDesk.Actor]) -> ReviewDesk.Drawing {
            ReviewDesk.Drawing(
                kind: kind, scorecard: "conduct", from: UTCTime(microseconds: to.microseconds - 86_400_000_000), to: to,
                count: count, agent: nil, reviewers: reviewers)
        }
        #expect(from < to)
        let breaches = try await reviews.draw(drawing(.breaches, 0, [Self.wang]), by: Self.wang)
        #expect(breaches.parts == 1 && breaches.candidates == 6)
        let mine = try await desk.store.reader.reviewTasks(reviewer: "wang")
        #expect(mine.map(\.recording) == [recordings[2]] && mine.map(\.agent) == ["1001"])

        let random = try await reviews.draw(drawing(.random, 4, [Self.wang, Self.li]), by: Self.wang)
        #expect(random.parts == 4)
        // Drawn again from what was written down.
        let sample = try #require(try await desk.store.reader.samples().first { $0.kind == .random })
        let seed = try #require(UInt64(sample.seed, radix: 16))
        let candidates = try await desk.store.reader.reviewCandidates(from: sample.from, to: sample.to)
        let again = Sampling(kind: .random, count: 4, seed: seed).draw(
            from: candidates, reviewers: ["wang", "li"], isOwn: { _, _ in false })
        let tasks = try await desk.store.reader.reviewTasks().filter { $0.sample == sample.id }
        #expect(
            Set(again.map { "\($0.candidate.recording) \($0.reviewer)" })
                == Set(tasks.map { "\($0.recording) \($0.reviewer)" }))

        // A calibration is scored by each, and goes from the list of whoever has done it.
        let calibration = try await reviews.draw(drawing(.calibration, 1, [Self.wang, Self.li]), by: Self.wang)
        #expect(calibration.parts == 2)
        let task = try #require(
            try await desk.store.reader.reviewTasks(reviewer: "li").first { $0.kind == .calibration })
        let sheet = try await reviews.sheet(task.recording, agent: task.agent, scorecard: "conduct")
        let id = try await reviews.submit(
            task.recording, agent: task.agent, scorecard: "conduct", answers: answers(sheet), sample: task.sample,
            by: Self.li)
        #expect(try await desk.store.reader.review(id)?.summary.isCalibration == true)
        let left = try await desk.store.reader.reviewTasks().filter { $0.sample == task.sample }
        #expect(left.map(\.reviewer) == ["wang"])
        #expect(
            try await refusal { try await reviews.appeal(id, why: "x", by: Self.agent) }?.contains("calibration")
                == true)

        // What cannot be drawn.
        #expect(
            try await refusal { _ = try await reviews.draw(drawing(.severe, 0, [Self.wang]), by: Self.wang) } != nil)
        await #expect(throws: SwitchboardError.self) {
            try await reviews.draw(drawing(.random, 0, [Self.wang]), by: Self.wang)
        }
        await #expect(throws: SwitchboardError.self) {
            try await reviews.draw(drawing(.random, 1, []), by: Self.wang)
        }
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }
}
