import Audit
import Calls
import Norms
import Testing

/// The spread of durations, by nearest rank.
@Suite struct AuditSpreadTests {
    @Test func nothingHasNoSpread() {
        let spread = AuditSpread(of: [])
        #expect(spread.count == 0)
        #expect(
            [spread.mean, spread.max, spread.p50, spread.p90, spread.p95, spread.p99] == Array(repeating: nil, count: 6)
        )
    }

    @Test func oneIsAllOfThem() {
        let spread = AuditSpread(of: [7])
        #expect(
            [spread.mean, spread.max, spread.p50, spread.p90, spread.p95, spread.p99] == Array(repeating: 7, count: 6))
    }

    @Test func ranksAreTheNearestAbove() {
        let hundred = AuditSpread(of: (1...100).reversed().map(Int64.init))
        #expect([hundred.p50, hundred.p90, hundred.p95, hundred.p99, hundred.max] == [50, 90, 95, 99, 100])
        let more = AuditSpread(of: (1...101).map(Int64.init))
        #expect([more.p50, more.p90, more.p95, more.p99, more.max] == [51, 91, 96, 100, 101])
        let two = AuditSpread(of: [20, 10])
        #expect([two.p50, two.p90, two.p99] == [10, 20, 20])
    }

    @Test func theMeanIsRoundedHalfUp() {
        #expect(AuditSpread(of: [1, 2]).mean == 2)
        #expect(AuditSpread(of: [1, 1, 2]).mean == 1)
        #expect(AuditSpread(of: [1, 2, 2]).mean == 2)
        #expect(AuditSpread(of: [0, 0, 0, 1]).mean == 0)
    }

    /// Against the definition itself, written another way.
    @Test func everyPercentileIsTheSmallestThatEnoughDoNotExceed() {
        for count in 1...60 {
            let values = (0..<count).map { Int64($0 * 37 % 23) }
            let spread = AuditSpread(of: values)
            for (percent, found) in [(50, spread.p50), (90, spread.p90), (95, spread.p95), (99, spread.p99)] {
                let least = values.filter { value in values.count { $0 <= value } * 100 >= count * percent }.min()
                #expect(found == least, "\(percent) of \(count)")
            }
        }
    }
}

/// Answer times by hour, day, agent and line.
@Suite struct AnswerTimesTests {
    private typealias Facts = CallFacts

    private func figures(_ calls: [AuditCall], profile name: String = "yongqiang") throws -> AnswerFigures {
        var times = AnswerTimes(Facts.context(try Facts.profile(name)))
        for call in calls { times.add(call) }
        return times.figures
    }

    private func call(
        line: String = "trunk", at offered: Int64 = Facts.offered, _ passages: AuditCall.Passage...
    ) -> AuditCall {
        Facts.call {
            $0.line = line
            $0.offeredAt = offered
            $0.passages = passages
        }
    }

    @Test func theLimitsAreTheProfiles() throws {
        let own = try figures([])
        #expect(own.answerWithinMilliseconds == 20_000)
        #expect(own.shortAbandonMilliseconds == 5000)
        #expect(own.ringLimit == .within(NormAmount(4, .rings)))
        #expect(try figures([], profile: "gbt-33358").ringLimit == .within(NormAmount(15, .seconds)))
        #expect(try figures([], profile: "answer-rates").ringLimit == nil)
        var profile = try Facts.profile("answer-rates")
        for index in profile.rules.indices where profile.rules[index].limit != nil {
            profile.rules[index].limit = .within(NormAmount(15, .seconds))
        }
        #expect(AnswerTimes(Facts.context(profile)).figures.answerWithinMilliseconds == 15_000)
    }

    @Test func exitsAddUpAndBothDenominatorsAreShown() throws {
        let refused = Facts.passage(.full, ring: 0, wait: 0, offers: 0) { $0.isRefused = true }
        let figures = try figures([
            call(Facts.passage(wait: 20_000)), call(Facts.passage(wait: 20_001)), call(Facts.passage(wait: 1000)),
            // Short is what ends before 5 s.
            call(Facts.passage(.abandoned, wait: 4999)), call(Facts.passage(.abandoned, wait: 5000)),
            call(Facts.passage(.timeout, wait: 60_000), Facts.passage(.key, wait: 2000)), call(refused),
            call(Facts.passage(nil, ring: nil, wait: nil, offers: nil)),
        ]).total
        #expect(figures.entered == 8)
        #expect(figures.refused == 1)
        #expect((figures.abandoned, figures.shortAbandoned) == (2, 1))
        #expect((figures.leftOtherwise, figures.open, figures.answers.answered) == (2, 1, 3))
        #expect(figures.answers.inTime == .init("service_level_of_answered/1", 2, of: 3))
        #expect(figures.inTimeOfOffered == .init("service_level_of_offered/1", 2, of: 7))
        #expect(figures.abandonment == .init("abandonment/1", 2, of: 8))
        #expect(
            figures.abandonmentInEarnest == .init("abandonment_in_earnest/1", 1, of: 7))
        #expect(figures.answers.wait == AuditSpread(of: [20_000, 20_001, 1000]))
    }

    @Test func ringsAreCountedAgainstTheLimit() throws {
        let rings: [Int64] = [0, 4999, 5000, 14_999, 15_000, 19_999, 20_000, 52_000]
        let calls = rings.map { call(Facts.passage(ring: $0)) } + [call(Facts.passage(ring: 0, offers: 0))]
        let ringing = try figures(calls).total.answers.ringing
        #expect(ringing.spread == AuditSpread(of: rings))
        #expect(ringing.rings.map(\.ring) == [1, 2, 3, 4, 5, 11])
        #expect(ringing.rings.map(\.answers) == [2, 1, 1, 2, 1, 1])
        // Nobody's phone rang in the ninth.
        #expect(ringing.withinLimit == .init("rings_within/1", 6, of: 8))
        #expect(try figures(calls, profile: "dazu").total.answers.ringing.withinLimit?.numerator == 7)
        #expect(try figures(calls, profile: "gbt-33358").total.answers.ringing.withinLimit?.numerator == 5)
        #expect(try figures(calls, profile: "answer-rates").total.answers.ringing.withinLimit == nil)
    }

    /// What is in time here is kept by the judge of the same rule.
    @Test func theJudgeAgrees() throws {
        let calls = (0..<200).map { index in
            call(Facts.passage(index % 7 == 0 ? .abandoned : .answered, ring: Int64(index) * 173))
        }
        for name in ["yongqiang", "dazu", "gbt-33358"] {
            let profile = try Facts.profile(name)
            let rule = try #require(profile.rules(on: .agentAnswerRings).first)
            let judge = try #require(CallJudge(rule, Facts.context(profile)))
            let kept = calls.flatMap(judge.verdicts).count { $0 == .kept }
            #expect(try figures(calls, profile: name).total.answers.ringing.withinLimit?.numerator == kept)
        }
    }

    @Test func hoursAndDaysAreLocalAndTheOffers() throws {
        let midnight = Facts.midnight
        // The wait may begin in the next day: the call is counted where it was offered.
        let late = Facts.passage { $0.enteredAt = midnight + 1 }
        let figures = try figures([
            call(at: midnight - 1, late), call(at: midnight, Facts.passage(), Facts.passage(.abandoned)),
            call(at: midnight + 3_599_999_999, Facts.passage()), call(at: midnight + 3_600_000_000, Facts.passage()),
            call(at: midnight + 2 * 86_400_000_000),
        ])
        #expect(figures.hours.map(\.hour) == Array(0..<24))
        #expect(figures.hours.map(\.passages.entered) == [3, 1] + Array(repeating: 0, count: 21) + [1])
        #expect(figures.days.map(\.date.description) == ["2026-11-22", "2026-11-23"])
        #expect(figures.days.map(\.passages.entered) == [1, 4])
        #expect(figures.hours.map(\.passages.entered).reduce(0, +) == figures.total.entered)
    }

    @Test func agentsAreThoseWhoAnswered() throws {
        let other = Facts.passage(ring: 12_000, wait: 30_000) { $0.agent = "1000" }
        let figures = try figures([
            call(Facts.passage()), call(other), call(Facts.passage(.abandoned)), call(Facts.passage { $0.agent = nil }),
        ])
        #expect(figures.agents.map(\.agent) == ["1000", "1001"])
        #expect(figures.agents.map(\.answers.answered) == [1, 1])
        #expect(figures.agents.map(\.answers.ringing.spread.max) == [12_000, 3000])
        #expect(figures.agents.map(\.answers.inTime.numerator) == [0, 1])
        #expect(figures.total.answers.answered == 3)
    }

    @Test func linesHaveTheirOwnRinging() throws {
        func unanswered(_ outcome: String) -> AuditCall {
            Facts.call { ($0.answeredAt, $0.ringMilliseconds, $0.outcome) = (nil, nil, outcome) }
        }
        let figures = try figures([
            call(line: "modem", Facts.passage()), call(), Facts.call { $0.ringMilliseconds = 21_000 },
            unanswered("abandoned"), unanswered("over_capacity"), unanswered("blocked"),
            Facts.call { $0.isInbound = false },
        ])
        #expect(figures.lines.map(\.line) == ["modem", "trunk"])
        #expect(figures.lines.map(\.offered) == [1, 4])
        #expect(figures.lines.map(\.answered) == [1, 2])
        #expect(figures.lines.map(\.passages.entered) == [1, 0])
        let trunk = try #require(figures.lines.last)
        #expect(trunk.ringing.spread == AuditSpread(of: [1000, 21_000]))
        #expect(trunk.ringing.rings.map(\.ring) == [1, 5])
        #expect(trunk.ringing.withinLimit?.numerator == 1)
    }

    @Test func theOrderOfTheCallsChangesNothing() throws {
        var calls: [AuditCall] = []
        for index in 0..<60 {
            let passage = Facts.passage(index % 5 == 0 ? .abandoned : .answered, ring: Int64(index) * 700) {
                $0.agent = "\(1000 + index % 4)"
            }
            let offered = Facts.offered + Int64(index) * 4_000_000_000
            calls.append(call(line: ["b", "a", "c"][index % 3], at: offered, passage))
        }
        #expect(try figures(calls) == figures(calls.reversed()))
    }
}
