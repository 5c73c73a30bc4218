import Documents
import Foundation
import Norms
import Quality
import Testing

@Suite struct ScorecardTests {
    @Test func theShippedScorecardIsTheConductRules() throws {
        let folder = Sample.root.appendingPathComponent("norms")
        let text = try String(contentsOf: folder.appendingPathComponent("scorecards/conduct.yaml"), encoding: .utf8)
        let scorecard = try Scorecard.decode(text, file: "conduct.yaml", profiles: [try Sample.profile()])
        #expect(scorecard.items.count == 20 && scorecard.items.reduce(0) { $0 + $1.points } == 130)
        let measured = scorecard.items.filter { $0.source != nil }.map(\.id)
        #expect(
            measured == [
                "rings", "apology", "greeting", "no-interrupting", "caller-speaks", "no-dead-air", "angry", "nuisance",
                "hang-up",
            ])
        #expect(scorecard.items.filter(\.isCritical).map(\.id) == ["hang-up"])
    }

    /// Everything wrong is told at once, with its place and what to do.
    @Test(arguments: [
        ("points: 10, rule: yq-rings", "points: 0, rule: yq-rings", "points"),
        ("rule: yq-rings", "rule: yq-ring", "yq-ring\" that is judged of calls"),
        ("rule: yq-rings", "rule: yq-dispatch", "judged of calls"),
        ("figure: over_talk, at_most: 5", "figure: overtalk, at_most: 5", "over_talk"),
        ("figure: over_talk, at_most: 5", "at_most: 5", "a bound belongs to a `figure`"),
        ("figure: over_talk, at_most: 5", "figure: over_talk, at_most: 5, at_least: 1", "not both"),
        ("figure: over_talk, at_most: 5", "figure: over_talk, rule: yq-rings", "not both"),
        ("figure: over_talk, at_most: 5", "figure: longest_silence, at_least: 5", "no silence is too short"),
        ("id: tone", "id: rings", "stands twice"),
        ("scale: 5", "scale: 11", "scale"),
        ("{zh: 四声, en: Rings}", "{zh: 四声}", "en"),
        ("profile: yongqiang", "profile: yongqian", "yongqiang"),
        ("critical: true", "critcal: true", "critical"),
        ("pass: 80", "pass: 101", "pass"),
    ])
    func whatIsWrongIsTold(_ right: String, _ wrong: String, _ told: String) throws {
        let text = Sample.text.replacing(right, with: wrong, maxReplacements: 1)
        #expect(text != Sample.text)
        let error = #expect(throws: DocumentErrors.self) {
            try Scorecard.decode(text, file: "small.yaml", profiles: [try Sample.profile()])
        }
        let said = "\(try #require(error))"
        #expect(said.contains(told) && said.contains("small.yaml:"), "\(said)")
    }

    @Test func rulesAndFiguresFillInWhatTheyCan() throws {
        let good = try Sample.measured(Sample.conversation())
        #expect(good["rings"]?.verdict == .kept && good["rings"]?.amount == 3000)
        #expect(good["end"]?.verdict == .kept && good["tone"] == nil)
        #expect(good["over"] == Measured(.kept, amount: 181, unit: .share))
        #expect(good["angry"]?.verdict == .notConcerned)

        let bad = try Sample.measured(Sample.conversation(ring: 22_000, endedBy: .agent, overTalk: 5000))
        #expect(bad["rings"]?.verdict == .broken && bad["rings"]?.amount == 22_000)
        #expect(bad["end"]?.verdict == .broken && bad["end"]?.at == 1_795_363_260_000_000)
        #expect(bad["over"]?.verdict == .broken && bad["over"]?.amount == 909)

        let unknown = try Sample.measured(Sample.conversation(endedBy: .network))
        #expect(unknown["end"] == Measured(.open, at: unknown["end"]?.at, why: "who ended it is not known"))
        // Another agent's rings and hang-up are not 1002's.
        var other = Sample.conversation(endedBy: .agent)
        other.agent = "1002"
        other.sound = nil
        let of = try Sample.measured(other)
        #expect(of["end"]?.verdict == .notConcerned && of["over"]?.verdict == .open)
    }

    /// Within the agent's own talk, from 5 to 60 s after the call's begin.
    @Test func theLongestSilenceIsTheAgentsOwn() throws {
        let text = Sample.text.replacing("figure: over_talk, at_most: 5", with: "figure: longest_silence, at_most: 10")
        #expect(try Sample.scorecard(text).needsSilences)
        #expect(try !Sample.scorecard().needsSilences)
        func longest(_ silences: [ClosedRange<Int64>]?, agent: String = "1001") throws -> Measured? {
            var conversation = Sample.conversation()
            let at = conversation.call.offeredAt
            conversation.silences = silences?.map {
                Conversation.Silence(from: at + $0.lowerBound * 1000, to: at + $0.upperBound * 1000)
            }
            conversation.agent = agent
            return try Sample.measured(conversation, by: text)["over"]
        }
        let at = Sample.conversation().call.offeredAt
        #expect(
            try longest([20_000...24_500, 30_000...40_000, 50_000...52_000])
                == Measured(.kept, amount: 10_000, unit: .milliseconds, at: at + 30_000_000))
        // What lies before the answer and after the leaving is nobody's; of equal ones the first.
        #expect(
            try longest([0...17_000, 50_000...62_000])
                == Measured(.broken, amount: 12_000, unit: .milliseconds, at: at + 5_000_000))
        #expect(
            try longest([0...5999, 20_000...22_000, 30_000...32_000])
                == Measured(.kept, amount: 2000, unit: .milliseconds, at: at + 20_000_000))
        #expect(try longest([0...5999, 59_500...80_000]) == Measured(.kept, amount: 0, unit: .milliseconds))
        #expect(try longest([20_000...40_000], agent: "1002")?.amount == 0)
        #expect(
            try longest(nil) == Measured(.open, why: "the sound of this recording was not measured"))
    }

    @Test func aSheetCountsPointsExactly() throws {
        let card = try Sample.scorecard()
        let measured = try Sample.measured(Sample.conversation())
        let all = try ReviewSheet(card, answers: Sample.answers(), measured: measured)
        #expect(all.score.hundredths == 10_000 && !all.score.isFailed)
        // 10 + 20×3/5 + 10 + 10 of 50.
        let some = try ReviewSheet(
            card, answers: Sample.answers { $0["tone"]?.value = 3 }, measured: measured)
        #expect(some.score.hundredths == 8400 && !some.score.isFailed)
        let below = try ReviewSheet(card, answers: Sample.answers { $0["tone"]?.value = 2 }, measured: measured)
        #expect(below.score.hundredths == 7600 && below.score.isFailed && below.score.failedCritical.isEmpty)
        // A critical item decides everything.
        let bad = try Sample.measured(Sample.conversation(endedBy: .agent))
        let failed = try ReviewSheet(card, answers: Sample.answers { $0["end"]?.value = 0 }, measured: bad)
        #expect(failed.score.hundredths == 8000 && failed.score.isFailed && failed.score.failedCritical == ["end"])
        // What is about nothing has no score.
        let none = try ReviewSheet(
            card,
            answers: Sample.answers { all in
                for key in all.keys { all[key]?.value = nil; all[key]?.note = "掉线" }
            }, measured: measured)
        #expect(none.score.hundredths == nil && !none.score.isFailed)
    }

    @Test func whatCannotStandIsRefusedAllAtOnce() throws {
        let card = try Sample.scorecard()
        let measured = try Sample.measured(Sample.conversation())
        func reasons(_ change: (inout [String: ReviewSheet.Answer]) -> Void) -> [ReviewSheet.Problem.Reason] {
            do throws(ReviewProblems) {
                _ = try ReviewSheet(card, answers: Sample.answers(change), measured: measured)
                return []
            } catch {
                return error.all.map(\.reason)
            }
        }
        #expect(reasons { $0["tone"] = nil } == [.missing])
        #expect(reasons { $0["tone"]?.value = 6 } == [.outOfRange])
        #expect(reasons { $0["x"] = ReviewSheet.Answer(item: "x", value: 1) } == [.unknown])
        // Another answer than the measured one wants a word why; with it, it stands.
        #expect(reasons { $0["rings"]?.value = 0 } == [.unexplained])
        #expect(reasons { $0["angry"]?.value = 1 } == [.unexplained])
        #expect(reasons { $0["rings"] = .init(item: "rings", value: 0, note: "转接后又响") } == [])
        #expect(reasons { $0["end"] = .init(item: "end", value: 0, note: "坐席语气逼迫") } == [])
        #expect(reasons { $0["tone"]?.note = String(repeating: "x", count: 2001) } == [.tooLong])
        #expect(
            reasons {
                $0["tone"]?.value = -1; $0["over"] = nil
            } == [.outOfRange, .missing])
        // Where machines are silent, failing a critical item wants a word as well.
        let open = try Sample.measured(Sample.conversation(endedBy: .network))
        #expect(throws: ReviewProblems.self) {
            try ReviewSheet(card, answers: Sample.answers { $0["end"]?.value = 0 }, measured: open)
        }
    }
}
