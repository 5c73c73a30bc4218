import Calls
import Foundation
import Storage
import Testing

/// Reports: a hand-made day whose figures anybody can check, and a drawn one whose figures are found by another way.
@Suite struct ReportTests {
    private func store(_ folder: TemporaryFolder, _ day: ReportDay) async throws -> Store {
        let store = try Store.test(folder)
        try await store.record(day.facts)
        return store
    }

    private static let one = workNumber("1001")
    private static let two = workNumber("1002")

    /// Six callers of one morning.
    private static var morning: ReportDay {
        var day = ReportDay()
        day.calls = [
            // Answered at once.
            .init(
                start: 0, queue: "faults", lead: 1000, offers: [.init(agent: one, ring: 3000, outcome: .answered)],
                exit: .answered, talk: 60_000, score: 5),
            // 1001 lets it ring, 1002 answers: 25 s of ringing, an apology is owed and spoken.
            .init(
                start: 100_000, queue: "faults", lead: 0,
                offers: [
                    .init(agent: one, ring: 15_000, outcome: .noAnswer),
                    .init(agent: two, ring: 10_000, outcome: .answered),
                ],
                exit: .answered, talk: 120_000, by: .agent, isApologised: true, score: 2),
            // Waited 30 s until somebody was free; rang 22 s; the apology was forgotten; the agent hung up on a nuisance.
            .init(
                start: 200_000, queue: "faults", lead: 30_000,
                offers: [.init(agent: two, ring: 22_000, outcome: .answered)],
                exit: .answered, talk: 10_000, by: .agent, isNuisance: true),
            // Gave up at once, and after a minute.
            .init(start: 300_000, queue: "faults", lead: 2000, offers: [], exit: .abandoned),
            .init(start: 310_000, queue: "faults", lead: 60_000, offers: [], exit: .abandoned),
            // Another queue, full; and one who waits still.
            .init(start: 320_000, queue: "bills", lead: 0, offers: [], exit: .full, isRefused: true),
            .init(start: 330_000, queue: "bills", lead: 0, offers: [], exit: nil),
        ]
        day.changes = [
            .init(agent: one, at: -60_000, state: .available), .init(agent: one, at: 4000, state: .talking),
            .init(agent: one, at: 64_000, state: .wrapUp), .init(agent: one, at: 94_000, state: .available),
            .init(agent: one, at: 115_000, state: .away, reason: "missed"),
            .init(agent: two, at: 10_000, state: .available), .init(agent: two, at: 300_000, state: .loggedOut),
        ]
        return day
    }

    @Test func aHandMadeMorningOfQueues() async throws {
        let folder = try TemporaryFolder()
        let store = try await store(folder, Self.morning)
        let report = try await store.reader.queueReport(
            QueueReportQuestion(
                from: ReportDay.time(0), to: ReportDay.time(400_000), answerWithinMilliseconds: 20_000,
                shortAbandonMilliseconds: 5000, ringLimitMilliseconds: 20_000))
        #expect(report.queues.map(\.queue) == ["bills", "faults"])
        let faults = report.queues[1]
        #expect(faults.entered == 5)
        #expect(faults.answered == 3)
        #expect(faults.abandoned == 2)
        #expect(faults.shortAbandoned == 1)
        #expect(faults.waiting == 0)
        #expect(faults.exits.filter { $0.value > 0 } == ["answered": 3, "abandoned": 2])
        #expect(faults.exits.count == QueueExit.allCases.count)
        // Waits: 4 s, 25 s, 52 s. One of three within 20 s; one of four who were offered in earnest.
        #expect(faults.serviceLevelOfAnswered.numerator == 1)
        #expect(faults.serviceLevelOfAnswered.denominator == 3)
        #expect(faults.serviceLevelOfOffered.numerator == 1)
        #expect(faults.serviceLevelOfOffered.denominator == 4)
        #expect(faults.serviceLevelOfOffered.value == 0.25)
        #expect(faults.answeredWait.meanMilliseconds == 27_000)
        #expect(faults.answeredWait.maximumMilliseconds == 52_000)
        #expect(faults.answeredWait.p50Milliseconds == 25_000)
        #expect(faults.answeredWait.p90Milliseconds == 52_000)
        #expect(faults.abandonedWait.meanMilliseconds == 31_000)
        // 3 s is ring 1; 15 s and 10 s are 4 + 3 rings; 22 s is ring 5.
        #expect(faults.summedRings.map { [$0.rings, $0.calls] } == [[1, 1], [5, 1], [7, 1]])
        #expect(faults.summedRingsWithin?.numerator == 1)
        #expect(faults.summedRingsWithin?.denominator == 3)
        #expect(faults.apologies.owed == 2)
        #expect(faults.apologies.played == 1)
        #expect(faults.apologies.whenOwed?.numerator == 1)
        let bills = report.queues[0]
        #expect(bills.entered == 1)
        #expect(bills.waiting == 1)
        #expect(bills.refused == ["full": 1, "closed": 0, "no_agents": 0, "failed": 0])
        #expect(bills.serviceLevelOfAnswered.value == nil)
        #expect(bills.answeredWait.meanMilliseconds == nil)
        #expect(report.total.entered == 6)
        #expect(report.total.answeredWait == faults.answeredWait)
        await store.close()
    }

    @Test func aHandMadeMorningOfAgents() async throws {
        let folder = try TemporaryFolder()
        let store = try await store(folder, Self.morning)
        let report = try await store.reader.agentReport(
            AgentReportQuestion(
                from: ReportDay.time(0), to: ReportDay.time(400_000), ringLimitMilliseconds: 20_000))
        #expect(report.agents.map(\.agent) == [Self.one, Self.two])
        let one = report.agents[0]
        #expect(one.offered == 2)
        #expect(one.answered == 1)
        #expect(one.missed["no_answer"] == 1)
        #expect(one.missed.values.reduce(0, +) == 1)
        #expect(one.ring.meanMilliseconds == 3000)
        #expect(one.withinRings?.numerator == 1)
        #expect(one.withinRings?.denominator == 1)
        #expect(one.connected.meanMilliseconds == 60_000)
        #expect(one.hangUps == .init(caller: 1))
        #expect(one.ratings.mean == 5)
        // Logged in since a minute before the period, away since 115 s and still so.
        #expect(one.time.loggedIn == 400_000)
        #expect(one.time.available == 4000 + 21_000)
        #expect(one.time.talking == 60_000)
        #expect(one.time.wrapUp == 30_000)
        #expect(one.time.away == 285_000)
        #expect(one.time.awayByReason == ["missed": 285_000])
        let two = report.agents[1]
        #expect(two.offered == 2)
        #expect(two.answered == 2)
        #expect(two.ring.meanMilliseconds == 16_000)
        #expect(two.ring.maximumMilliseconds == 22_000)
        #expect(two.withinRings?.numerator == 1)
        #expect(two.laterRings?.numerator == 1)
        #expect(two.laterRings?.denominator == 2)
        #expect(two.hangUps == .init(agent: 2, agentExcused: 1))
        #expect(two.marks == ["nuisance": 1])
        #expect(two.time.loggedIn == 290_000)
        #expect(report.total.offered == 4)
        #expect(report.total.ratings == .init(count: 2, sum: 7))
        #expect(report.total.time.loggedIn == 690_000)

        // What lasts is counted up to now, where now is known.
        let early = try await store.reader.agentReport(
            AgentReportQuestion(from: ReportDay.time(0), to: ReportDay.time(86_400_000), now: ReportDay.time(215_000)))
        #expect(early.agents[0].time.away == 100_000)
        #expect(early.agents[0].withinRings == nil)
        // Without anything but a state that began before.
        let late = try await store.reader.agentReport(
            AgentReportQuestion(from: ReportDay.time(500_000), to: ReportDay.time(600_000)))
        #expect(late.agents.map(\.agent) == [Self.one])
        #expect(late.agents[0].time.awayByReason == ["missed": 100_000])
        await store.close()
    }

    // MARK: - Another way

    /// The smallest value that at least so many in a hundred do not exceed.
    private func percentile(_ percent: Int, _ values: [Int64]) -> Int64? {
        values.filter { value in values.count { $0 <= value } * 100 >= percent * values.count }.min()
    }

    private func check(_ spread: Spread, _ values: [Int64], _ what: String) {
        let mean = values.isEmpty ? nil : (Double(values.reduce(0, +)) / Double(values.count)).rounded()
        #expect(spread.count == values.count, "\(what)")
        #expect(spread.meanMilliseconds.map(Double.init) == mean, "\(what)")
        #expect(spread.maximumMilliseconds == values.max(), "\(what)")
        #expect(spread.p50Milliseconds == percentile(50, values), "\(what)")
        #expect(spread.p90Milliseconds == percentile(90, values), "\(what)")
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func aDrawnDayOfQueues(_ seed: UInt64) async throws {
        let folder = try TemporaryFolder()
        let day = ReportDay.drawn(seed: seed, calls: 400)
        let store = try await store(folder, day)
        let (from, to): (Int64, Int64) = (1_000_000, 7_000_000)
        let report = try await store.reader.queueReport(
            QueueReportQuestion(
                from: ReportDay.time(from), to: ReportDay.time(to), answerWithinMilliseconds: 15_000,
                shortAbandonMilliseconds: 4000, ringLimitMilliseconds: 16_000))
        let within = day.calls.filter { $0.start >= from && $0.start < to }
        #expect(within.count > 250)
        for figures in report.queues + [report.total] {
            let calls = within.filter { figures.queue == nil || $0.queue == figures.queue }
            let admitted = calls.filter { !$0.isRefused }
            let answered = admitted.filter { $0.exit == .answered }
            let abandoned = admitted.filter { $0.exit == .abandoned }
            let short = abandoned.filter { $0.wait < 4000 }
            let late = answered.filter { $0.ring >= 16_000 }
            #expect(figures.entered == admitted.count)
            #expect(figures.answered == answered.count)
            #expect(figures.abandoned == abandoned.count)
            #expect(figures.shortAbandoned == short.count)
            #expect(figures.waiting == admitted.count { $0.exit == nil })
            for exit in QueueExit.allCases {
                #expect(figures.exits[exit.rawValue] == admitted.count { $0.exit == exit })
            }
            #expect(figures.refused.values.reduce(0, +) == calls.count - admitted.count)
            #expect(figures.entered == figures.exits.values.reduce(0, +) + figures.waiting)
            let inTime = answered.count { $0.wait <= 15_000 }
            #expect(figures.serviceLevelOfAnswered.numerator == inTime)
            #expect(figures.serviceLevelOfAnswered.denominator == answered.count)
            #expect(figures.serviceLevelOfOffered.numerator == inTime)
            #expect(figures.serviceLevelOfOffered.denominator == admitted.count - short.count)
            check(figures.answeredWait, answered.map(\.wait), "answered")
            check(figures.abandonedWait, abandoned.map(\.wait), "abandoned")
            let histogram = Dictionary(grouping: answered, by: \.rings).mapValues(\.count)
            #expect(figures.summedRings.map(\.rings) == histogram.keys.sorted())
            #expect(figures.summedRings.allSatisfy { histogram[$0.rings] == $0.calls })
            #expect(figures.summedRingsWithin?.numerator == answered.count - late.count)
            #expect(figures.apologies.owed == late.count)
            #expect(figures.apologies.played == answered.count { $0.isApologised })
            #expect(figures.apologies.whenOwed?.numerator == late.count { $0.isApologised })
        }
        #expect(report.queues.map(\.queue) == ["bills", "faults"])
        await store.close()
    }

    @Test(arguments: [UInt64(4), 5, 6])
    func aDrawnDayOfAgents(_ seed: UInt64) async throws {
        let folder = try TemporaryFolder()
        let day = ReportDay.drawn(seed: seed, calls: 300)
        let store = try await store(folder, day)
        // An hour and a half, beginning and ending within states.
        let (from, to): (Int64, Int64) = (600_000, 5_500_000)
        let report = try await store.reader.agentReport(
            AgentReportQuestion(from: ReportDay.time(from), to: ReportDay.time(to), ringLimitMilliseconds: 16_000))
        #expect(report.agents.map(\.agent) == ["1001", "1002", "1003", "A7"].map { workNumber($0) })
        for figures in report.agents + [report.total] {
            // An offer belongs to the period in which it was made, not to that of its call.
            var offers: [(offer: ReportDay.Offer, call: ReportDay.Call)] = []
            for call in day.calls {
                var clock = call.start + call.lead
                for offer in call.offers {
                    if clock >= from, clock < to, figures.agent == nil || offer.agent == figures.agent {
                        offers.append((offer, call))
                    }
                    clock += offer.ring ?? 0
                }
            }
            let answered = offers.filter { $0.offer.outcome == .answered }
            #expect(figures.offered == offers.count)
            #expect(figures.answered == answered.count)
            for outcome in OfferOutcome.allCases where outcome != .answered {
                #expect(figures.missed[outcome.rawValue] == offers.count { $0.offer.outcome == outcome })
            }
            check(figures.ring, answered.compactMap(\.offer.ring), "ring")
            let inTime = answered.count { ($0.offer.ring ?? 0) < 16_000 }
            #expect(figures.withinRings?.numerator == inTime)
            #expect(figures.laterRings?.numerator == answered.count - inTime)
            #expect(figures.laterRings?.denominator == answered.count)
            check(figures.connected, answered.map(\.call.talk), "connected")
            let stayed = answered.filter { !$0.call.isTransferred }
            #expect(figures.hangUps.transferred == answered.count - stayed.count)
            #expect(figures.hangUps.agent == stayed.count { $0.call.by == .agent })
            #expect(figures.hangUps.agentExcused == stayed.count { $0.call.by == .agent && $0.call.isNuisance })
            #expect(figures.hangUps.caller == stayed.count { $0.call.by == .caller })

            let ended = day.calls.filter { call in
                let end = call.start + call.wait + call.talk
                return end >= from && end < to && (figures.agent == nil || call.answeredBy == figures.agent)
            }
            let scores = ended.compactMap(\.score)
            #expect(figures.ratings.count == scores.count)
            #expect(figures.ratings.sum == scores.reduce(0, +))
            let handed = ended.count { $0.answeredBy != nil && $0.isTransferred }
            #expect(figures.transfers["blind"] == (handed > 0 ? .init(attempted: handed, completed: handed) : nil))
            checkTime(figures, day, from: from, to: to)
        }
        await store.close()
    }

    /// Looks at every second what each agent was doing.
    private func checkTime(_ figures: AgentFigures, _ day: ReportDay, from: Int64, to: Int64) {
        var seconds: [AgentState: Int64] = [:]
        var away: [String: Int64] = [:]
        for agent in Set(day.changes.map(\.agent)) where figures.agent == nil || agent == figures.agent {
            let own = day.changes.filter { $0.agent == agent }
            for second in stride(from: from, to: to, by: 1000) {
                guard let now = own.last(where: { $0.at <= second }) else { continue }
                seconds[now.state, default: 0] += 1000
                if now.state == .away { away[now.reason ?? "", default: 0] += 1000 }
            }
        }
        #expect(figures.time.loggedIn == seconds.filter { $0.key != .loggedOut }.values.reduce(0, +))
        #expect(figures.time.available == seconds[.available] ?? 0)
        #expect(figures.time.ringing == seconds[.ringing] ?? 0)
        #expect(figures.time.talking == seconds[.talking] ?? 0)
        #expect(figures.time.hold == seconds[.hold] ?? 0)
        #expect(figures.time.wrapUp == seconds[.wrapUp] ?? 0)
        #expect(figures.time.away == seconds[.away] ?? 0)
        #expect(figures.time.awayByReason == away)
    }

    // MARK: - Bounds

    @Test func periodsAndLimitsOutOfRangeAreRefused() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let year: Int64 = 366 * 86_400_000
        for (from, to) in [(Int64(0), Int64(0)), (1, 0), (0, year + 1)] {
            let agents = AgentReportQuestion(from: ReportDay.time(from), to: ReportDay.time(to))
            let queues = QueueReportQuestion(from: ReportDay.time(from), to: ReportDay.time(to))
            await #expect { try await store.reader.agentReport(agents) } throws: {
                ($0 as? StorageError)?.code == .argument
            }
            await #expect { try await store.reader.queueReport(queues) } throws: {
                ($0 as? StorageError)?.code == .argument
            }
        }
        let negative = QueueReportQuestion(
            from: ReportDay.time(0), to: ReportDay.time(1), answerWithinMilliseconds: -1)
        await #expect { try await store.reader.queueReport(negative) } throws: {
            ($0 as? StorageError)?.code == .argument
        }
        let empty = try await store.reader.queueReport(
            QueueReportQuestion(from: ReportDay.time(0), to: ReportDay.time(year)))
        #expect(empty.queues.isEmpty)
        #expect(empty.total.entered == 0)
        await store.close()
    }

    @Test func timesOfTwoBootsAreSpannedByTheWallClock() async throws {
        let folder = try TemporaryFolder()
        let one = AgentScenario(0)
        var store = try Store.test(folder)
        try await store.record(
            one.opening + [
                one.entered, one.offered(one.first, one.one, 12_000), one.changed(one.one, .available, 0),
            ])
        await store.close()

        // The machine starts anew: its monotonic clock begins at little more than nothing.
        let boot = NodeIdentity(name: "node1", number: 1, boot: "b0000000-0000-4000-8000-000000000002")
        store = try Store.test(folder, seed: 2, identity: boot)
        func now(_ milliseconds: Int64) -> Instant {
            Instant(wall: one.at(milliseconds).wall, mono: 1_000_000 * (milliseconds - 100_000))
        }
        let open = try await store.reader.openAgentStates()
        #expect(open.states.map(\.agent) == [one.one])
        #expect(open.states.first?.boot == NodeIdentity.test.boot)
        try await store.record([
            .queueLeft(
                QueueLeft(
                    call: one.call, at: now(110_000), queue: "faults", exit: .interrupted, waitMilliseconds: 100_000,
                    offers: 1, rings: 0, ringMilliseconds: 0)),
            .agentChanged(
                AgentChanged(at: now(110_000), agent: one.one, state: .loggedOut, source: .restart)),
            .agentChanged(AgentChanged(at: now(120_000), agent: one.one, state: .available, source: .command)),
            .agentChanged(AgentChanged(at: now(150_000), agent: one.one, state: .loggedOut, source: .command)),
        ])
        let call = try #require(try await store.reader.call(one.call))
        #expect(call.queue.map(\.waitMilliseconds) == [100_000])
        let report = try await store.reader.agentReport(
            AgentReportQuestion(from: UTCTime(one.at(-1)), to: UTCTime(one.at(1_000_000))))
        #expect(report.total.time.loggedIn == 110_000 + 30_000)
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }
}
