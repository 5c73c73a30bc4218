import Calls
import Quality
import Testing

@Suite struct ReviewTests {
    private func review(isCalibration: Bool = false) -> Review {
        Review(reviewer: "wang", agent: "1001", isCalibration: isCalibration, appealUntil: 1000)
    }

    private func refusal(_ body: () throws(Review.Refusal) -> Void) -> Review.Refusal.Code? {
        do throws(Review.Refusal) {
            try body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func aLifeFromTheScoreToTheDecision() throws {
        var life = review()
        #expect(try life.amend(by: "wang", why: "听错") == 2)
        try life.appeal(by: "1001", why: "客户先挂", now: 999)
        #expect(life.state == .appealed)
        #expect(try life.decide(.changed, by: "li", workNumber: nil, why: "属实") == 3)
        #expect(life.state == .changed && life.revisions == 3)
        var other = review()
        try other.appeal(by: "1001", why: "x", now: 0)
        #expect(try other.decide(.upheld, by: "li", workNumber: nil, why: "x") == nil && other.state == .upheld)
    }

    @Test func nobodyStepsOutOfTurn() throws {
        var life = review()
        #expect(refusal { () throws(Review.Refusal) in _ = try life.amend(by: "li", why: "x") } == .notReviewer)
        #expect(refusal { () throws(Review.Refusal) in _ = try life.amend(by: "wang", why: " \n") } == .noReason)
        #expect(refusal { () throws(Review.Refusal) in try life.appeal(by: "1002", why: "x", now: 0) } == .notAgent)
        #expect(refusal { () throws(Review.Refusal) in try life.appeal(by: nil, why: "x", now: 0) } == .notAgent)
        #expect(refusal { () throws(Review.Refusal) in try life.appeal(by: "1001", why: "x", now: 1000) } == .tooLate)
        #expect(
            refusal { () throws(Review.Refusal) in
                _ = try life.decide(.upheld, by: "li", workNumber: nil, why: "x")
            } == .notAppealed)
        try life.appeal(by: "1001", why: "x", now: 0)
        #expect(
            refusal { () throws(Review.Refusal) in try life.appeal(by: "1001", why: "x", now: 0) } == .alreadyAppealed)
        #expect(refusal { () throws(Review.Refusal) in _ = try life.amend(by: "wang", why: "x") } == .alreadyAppealed)
        // Neither who scored nor who is scored decides.
        #expect(
            refusal { () throws(Review.Refusal) in
                _ = try life.decide(.upheld, by: "wang", workNumber: nil, why: "x")
            } == .ownReview)
        #expect(
            refusal { () throws(Review.Refusal) in
                _ = try life.decide(.upheld, by: "zhang", workNumber: "1001", why: "x")
            } == .ownReview)
        var calibration = review(isCalibration: true)
        #expect(
            refusal { () throws(Review.Refusal) in try calibration.appeal(by: "1001", why: "x", now: 0) }
                == .calibration)
    }

    private func candidates(_ count: UInt64) -> [Sampling.Candidate] {
        (0..<count).map {
            Sampling.Candidate(
                recording: RecordingID(high: 1, low: $0), call: CallID(high: 2, low: $0), agent: "\(1001 + $0 % 4)",
                isBreach: $0 % 5 == 0, isSevere: $0 % 10 == 0)
        }
    }

    @Test func aDrawingCanBeRepeatedAndIsNobodysChoice() {
        let all = candidates(200)
        let sampling = Sampling(kind: .random, count: 20, seed: 0x1234_5678_9ABC_DEF0)
        let drawn = sampling.draw(from: all, reviewers: ["b", "a", "c"]) { _, _ in false }
        // The same from candidates in another order.
        #expect(drawn == sampling.draw(from: all.reversed(), reviewers: ["a", "b", "c"]) { _, _ in false })
        #expect(Set(drawn.map(\.candidate)).count == 20)
        #expect(Dictionary(grouping: drawn, by: \.reviewer).mapValues(\.count) == ["a": 7, "b": 7, "c": 6])
        let other = Sampling(kind: .random, count: 20, seed: 1).draw(from: all, reviewers: ["a"]) { _, _ in false }
        #expect(other.map(\.candidate) != drawn.map(\.candidate))
        // Each candidate is as likely as the next: over 400 seeds a tenth of 200 is drawn about 40 times each.
        var counts = [Int](repeating: 0, count: 200)
        for seed in 0..<400 {
            for one in Sampling(kind: .random, count: 20, seed: UInt64(seed)).draw(
                from: all, reviewers: ["a"], isOwn: { _, _ in false })
            {
                counts[Int(one.candidate.recording.low)] += 1
            }
        }
        #expect(counts.min() ?? 0 > 15 && counts.max() ?? 0 < 70, "\(counts)")
    }

    @Test func eachWayOfDrawingTakesItsOwn() {
        let all = candidates(200)
        func draw(_ kind: Sampling.Kind, _ count: Int, _ reviewers: [String] = ["a", "b"]) -> [Sampling.Assignment] {
            Sampling(kind: kind, count: count, seed: 7).draw(from: all, reviewers: reviewers) { _, _ in false }
        }
        #expect(draw(.breaches, 0).map(\.candidate.isBreach) == [Bool](repeating: true, count: 40))
        #expect(draw(.severe, 0).count == 20 && draw(.severe, 0).allSatisfy(\.candidate.isSevere))
        let perAgent = Dictionary(grouping: draw(.perAgent, 3), by: \.candidate.agent).mapValues(\.count)
        #expect(perAgent == ["1001": 3, "1002": 3, "1003": 3, "1004": 3])
        let calibration = draw(.calibration, 2)
        #expect(calibration.count == 4 && Set(calibration.map(\.candidate)).count == 2)
        #expect(draw(.random, 10, []).isEmpty)
        // Nobody scores themselves: it goes to the next, or to nobody.
        let own = Sampling(kind: .random, count: 200, seed: 7).draw(from: all, reviewers: ["a", "b"]) { name, agent in
            name == "a" && agent == "1001"
        }
        #expect(own.count == 200 && !own.contains { $0.reviewer == "a" && $0.candidate.agent == "1001" })
        let alone = Sampling(kind: .random, count: 200, seed: 7).draw(from: all, reviewers: ["a"]) {
            $1 == "1001" && $0 == "a"
        }
        #expect(alone.count == 150)
    }

    @Test func figuresAddUpAndCalibrationsCountForNoAgent() {
        func row(
            _ agent: String, _ reviewer: String, _ score: Int?, calibration: Bool = false,
            state: Review.State = .submitted,
            value: Int? = 1, overruled: Bool = false
        ) -> QualityReport.Row {
            QualityReport.Row(
                agent: agent, reviewer: reviewer, conversation: "r/\(agent)", isCalibration: calibration, score: score,
                isFailed: (score ?? 10_000) < 8000, isCritical: false, state: state,
                answers: [
                    .init(item: "one", value: value, scale: 1, isOverruled: overruled),
                    .init(item: "two", value: 3, scale: 5, isOverruled: false),
                ])
        }
        let report = QualityReport(
            [
                row("1001", "wang", 9000), row("1001", "li", 7001, state: .changed, value: 0, overruled: true),
                row("1002", "wang", nil, value: nil), row("1003", "wang", 9000, calibration: true),
                row("1003", "li", 6000, calibration: true, value: 0),
            ], items: ["one", "two"])
        #expect(report.all.reviews == 3 && report.all.mean == 8001 && report.all.failed == 1)
        #expect(report.agents.map(\.name) == ["1001", "1002"] && report.agents[0].changed == 1)
        #expect(report.agents[1].mean == nil)
        #expect(report.reviewers.map(\.reviews) == [2, 3] && report.reviewers[0].overruled == 1)
        #expect(report.items.map(\.item) == ["one", "two"])
        #expect(report.items[0].answered == 2 && report.items[0].share == 5000 && report.items[0].failed == 1)
        #expect(report.items[1].share == 6000)
        #expect(
            report.calibrations.map { "\($0.conversation) \($0.spread) \($0.agreement) \($0.differing)" }
                == ["r/1003 3000 5000 [\"one\"]"])
    }
}
