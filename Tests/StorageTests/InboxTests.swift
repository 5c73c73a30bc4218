import Calls
import Foundation
import Storage
import Testing

/// Messages, call-backs, blocked numbers, callers' history, and what a crash leaves open.
@Suite struct InboxTests {
    /// A recorded call that leaves a message, due after so many milliseconds.
    private func message(_ index: Int, queue: String = "faults", due: Int64?) -> [Fact] {
        let one = AgentScenario(index)
        return one.opening + [
            .messageLeft(
                MessageLeft(
                    message: one.message, call: one.call, at: one.at(10_000), queue: queue, caller: one.base.caller,
                    recording: one.base.recording, from: AudioPosition(milliseconds: 2000),
                    to: AudioPosition(milliseconds: 8000), dueAt: due.map { one.at($0) }))
        ]
    }

    @Test func unheardMessagesComeFirstTheMostUrgentAtTheTop() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        // Due: 0 in an hour, 1 never, 2 in a minute, 3 in an hour (later than 0), 4 never.
        for (index, due) in [Int64?(3_600_000), nil, 60_000, 3_600_000, nil].enumerated() {
            try await store.record(message(index, queue: index == 3 ? "bills" : "faults", due: due))
        }
        let reader = store.reader
        func order(_ filter: MessageFilter = MessageFilter()) async throws -> [MessageID] {
            try await reader.messages(filter: filter).map(\.id)
        }
        let ids = (0..<5).map { AgentScenario($0).message }
        #expect(try await order() == [2, 0, 3, 1, 4].map { ids[$0] })
        #expect(try await reader.unheardMessages() == 5)

        func hear(_ index: Int, by agent: String, _ milliseconds: Int64) -> Fact {
            .messageHeard(
                MessageHeard(
                    message: ids[index], at: AgentScenario(index).at(milliseconds), by: workNumber(agent)))
        }
        try await store.record([hear(2, by: "1001", 20_000)])
        try await store.record([hear(1, by: "1001", 20_000)])
        // Heard again: the first hearing stands.
        try await store.record([hear(2, by: "1002", 30_000)])
        #expect(try await order() == [0, 3, 4, 2, 1].map { ids[$0] })
        #expect(try await order(MessageFilter(unheardOnly: true)) == [0, 3, 4].map { ids[$0] })
        #expect(try await order(MessageFilter(limit: 4)) == [0, 3, 4, 2].map { ids[$0] })
        #expect(try await order(MessageFilter(limit: 2)) == [0, 3].map { ids[$0] })
        #expect(try await order(MessageFilter(queue: "bills")) == [ids[3]])
        #expect(try await order(MessageFilter(call: AgentScenario(2).call)) == [ids[2]])
        let second = ids[1].description
        let beginning = try #require(MessageID.range(beginning: String(second.dropLast(2)).uppercased()))
        #expect(try await order(MessageFilter(ids: beginning)) == [ids[1]])
        let alike = try #require(MessageID.range(beginning: String(second.prefix(4))))
        #expect(try await order(MessageFilter(ids: alike)) == [0, 3, 4, 2, 1].map { ids[$0] })
        #expect(try await order(MessageFilter(ids: alike, limit: 2)) == [0, 3].map { ids[$0] })
        let none = try #require(MessageID.range(beginning: "ffffffff-"))
        #expect(try await order(MessageFilter(ids: none)).isEmpty)
        #expect(try await order(MessageFilter(from: UTCTime(AgentScenario(3).at(10_000)))) == [ids[3], ids[4]])
        #expect(try await order(MessageFilter(to: UTCTime(AgentScenario(1).at(10_000)))) == [ids[0]])
        #expect(try await reader.unheardMessages() == 3)
        let heard = try #require(try await reader.message(ids[2]))
        #expect(heard.heardBy == workNumber("1001"))
        #expect(heard.heardAt == UTCTime(AgentScenario(2).at(20_000)))
        #expect(heard.toMilliseconds == 8000)
        #expect(try await reader.message(AgentScenario(9).message) == nil)
        for limit in [0, 100_001] {
            await #expect(throws: StorageError.self) { try await reader.messages(filter: MessageFilter(limit: limit)) }
        }
        #expect(try await reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func callBacksAreOpenUntilTheyEnd() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        func ask(_ index: Int, number: String = "13900000001", due: Int64?, at milliseconds: Int64 = 1000) -> Fact {
            let one = Scenario(index)
            return .callBackAsked(
                CallBackAsked(
                    call: one.call, at: one.at(milliseconds), queue: "faults", number: number,
                    dueAt: due.map { one.at($0) }))
        }
        func end(_ index: Int, reached: Bool, made: Int? = nil) -> Fact {
            .callBackEnded(
                CallBackEnded(
                    call: Scenario(index).call, at: Scenario(index).at(90_000), made: made.map { Scenario($0).call },
                    reached: reached, by: workNumber("1001")))
        }
        for index in 0..<4 { try await store.record([Scenario(index).offered]) }
        try await store.record([ask(0, due: nil), ask(1, due: 50_000), ask(2, due: 10_000), ask(3, due: nil)])
        // Another number on second thoughts.
        try await store.record([ask(3, number: "13900000009", due: 5000, at: 2000)])
        let reader = store.reader
        func order(_ filter: CallBackFilter = CallBackFilter()) async throws -> [CallID] {
            try await reader.callBacks(filter: filter).map(\.callID)
        }
        #expect(try await order() == [3, 2, 1, 0].map { Scenario($0).call })
        #expect(try await reader.callBacks(filter: CallBackFilter(number: "13900000009")).count == 1)
        #expect(try await order(CallBackFilter(call: Scenario(2).call)) == [Scenario(2).call])
        #expect(try await order(CallBackFilter(call: Scenario(9).call)).isEmpty)
        try await store.record([end(2, reached: false, made: 10)])
        try await store.record([end(1, reached: true, made: 11)])
        #expect(try await order(CallBackFilter(openOnly: true)) == [3, 0].map { Scenario($0).call })
        #expect(try await order() == [3, 0, 2, 1].map { Scenario($0).call })
        #expect(try await order(CallBackFilter(limit: 3)) == [3, 0, 2].map { Scenario($0).call })
        var all = try await reader.callBacks()
        #expect(all.map(\.state) == [.open, .open, .notReached, .reached])
        #expect(all.map(\.attempts) == [0, 0, 1, 1])
        // Made up for.
        try await store.record([end(2, reached: true, made: 12)])
        all = try await reader.callBacks()
        #expect(all[2].state == .reached)
        #expect(all[2].attempts == 2)
        #expect(all[2].made == Scenario(12).call)
        #expect(try await reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func aNumberIsBlockedForItsTime() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let number = "13900000666"
        func at(_ milliseconds: Int64) -> Instant { SteppingTime.start.advanced(milliseconds: milliseconds) }
        func block(_ number: String, _ milliseconds: Int64, until: Int64?) -> Fact {
            .numberBlocked(
                NumberBlocked(
                    at: at(milliseconds), number: number, until: until.map { at($0) }, by: workNumber("1003"),
                    reason: "nuisance"))
        }
        try await store.record([block(number, 1000, until: 5000), block("13900000777", 1000, until: nil)])
        func isBlocked(_ number: String, _ milliseconds: Int64) async throws -> Bool {
            try await store.reader.isBlocked(number: number, at: UTCTime(at(milliseconds)))
        }
        let moments: [(Int64, Bool)] = [(0, false), (999, false), (1000, true), (4999, true), (5000, false)]
        for (moment, blocked) in moments {
            #expect(try await isBlocked(number, moment) == blocked, "\(moment)")
        }
        #expect(try await isBlocked("1390000066", 2000) == false)
        #expect(try await isBlocked("", 2000) == false)
        // Said anew, longer; then unblocked.
        try await store.record([block(number, 3000, until: 20_000)])
        #expect(try await isBlocked(number, 10_000))
        let listed = try await store.reader.blockedNumbers(at: UTCTime(at(10_000)))
        #expect(listed.map(\.number) == [number, "13900000777"])
        #expect(listed.map(\.until) == [UTCTime(at(20_000)), nil])
        try await store.record([
            .numberUnblocked(NumberUnblocked(at: at(12_000), number: number, by: workNumber("1003")))
        ])
        #expect(try await isBlocked(number, 11_999))
        #expect(try await isBlocked(number, 12_000) == false)
        #expect(
            try await store.reader.blockedNumbers(at: UTCTime(at(12_000)), limit: 1).map(\.number) == ["13900000777"])
        await #expect(throws: StorageError.self) { try await store.reader.blockedNumbers(at: UTCTime(at(0)), limit: 0) }
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
    }

    @Test func aCallerIsKnownByEarlierCalls() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        for index in 0..<5 {
            try await store.record([Scenario(index, caller: index == 4 ? "13900000002" : "13900000001").offered])
        }
        let reader = store.reader
        let since = UTCTime(Scenario(2).start)
        // The call that is under way does not make its caller known.
        #expect(
            try await reader.recentCalls(caller: "13900000002", since: since, except: Scenario(4).call)
                == CallerHistory(recentCalls: 0, isKnown: false, lastCallAt: nil))
        #expect(
            try await reader.recentCalls(caller: "13900000001", since: since, except: Scenario(3).call)
                == CallerHistory(recentCalls: 1, isKnown: true, lastCallAt: since))
        #expect(try await reader.recentCalls(caller: "13900000001", since: since).recentCalls == 2)
        let later = UTCTime(Scenario(10).start)
        #expect(
            try await reader.recentCalls(caller: "13900000001", since: later)
                == CallerHistory(recentCalls: 0, isKnown: true, lastCallAt: UTCTime(Scenario(3).start)))
        #expect(try await reader.recentCalls(caller: "", since: since).isKnown == false)
        await store.close()
    }

    @Test func whatACrashLeavesOpenIsFoundAndClassified() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let whole = AgentScenario(0)
        try await store.record(whole.whole)
        // 1001 is away and 1002 available since then; 1003 comes and goes.
        try await store.record([whole.changed(whole.three, .available, 1), whole.changed(whole.three, .loggedOut, 2)])
        let ringing = AgentScenario(100)
        try await store.record(
            ringing.opening + [ringing.entered]
                + [
                    ringing.offered(ringing.first, ringing.one, 12_000),
                    ringing.alerted(ringing.first, ringing.one, 12_200),
                    ringing.ended(ringing.first, ringing.one, 27_200, .noAnswer, rang: 15_000),
                    ringing.offered(ringing.second, ringing.two, 27_300),
                ])
        let talking = AgentScenario(200)
        try await store.record(
            talking.opening + [talking.entered] + talking.hunt + [talking.agentAnswered, talking.left])
        await store.close()

        let again = try Store.test(folder, seed: 2)
        let open = try await again.reader.openAgentStates()
        #expect(open.states.map(\.agent) == [whole.one, whole.two])
        #expect(open.states.map(\.state) == [.away, .available])
        #expect(open.states.map(\.node) == ["node1", "node1"])
        #expect(open.passages.map(\.call) == [ringing.call])
        #expect(open.passages.map(\.offers) == [2])
        #expect(open.passages.map(\.rings) == [4])
        #expect(open.passages.map(\.ringMilliseconds) == [15_000])
        #expect(open.legs.map(\.leg) == [ringing.second, talking.second])
        #expect(open.legs.map(\.outcome) == [nil, .answered])
        #expect(open.legs.map(\.answeredAt) == [nil, talking.at(33_400)])
        #expect(open.lastSeen["node1"] != nil)

        let end = talking.at(60_000)
        var facts: [Fact] = open.states.map { state in
            .agentChanged(AgentChanged(at: end, agent: state.agent, state: .loggedOut, source: .restart))
        }
        facts += open.passages.map { passage in
            .queueLeft(
                QueueLeft(
                    call: passage.call, at: end, queue: passage.queue, exit: .interrupted,
                    waitMilliseconds: end.milliseconds(since: passage.enteredAt), offers: passage.offers,
                    rings: passage.rings, ringMilliseconds: passage.ringMilliseconds))
        }
        for leg in open.legs {
            if leg.outcome == nil {
                facts.append(
                    .offerEnded(
                        OfferEnded(call: leg.call, leg: leg.leg, at: end, agent: leg.agent, outcome: .failed)))
            } else {
                facts.append(
                    .agentLeft(
                        AgentLeft(
                            call: leg.call, leg: leg.leg, at: end, agent: leg.agent, by: .unknown,
                            message: "program ended")))
            }
        }
        try await again.record(facts)
        #expect(try await again.reader.openAgentStates().isEmpty)
        let report = try await again.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        await again.close()
    }

    @Test func questionsAskedOftenFollowAnIndex() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        await store.close()
        let raw = try Raw(folder)
        for sql in [
            "SELECT 1 FROM blocked_numbers WHERE number = '1' AND blocked_wall <= 1",
            "SELECT * FROM queue_passages WHERE entered_wall >= 1 AND entered_wall < 2",
            "SELECT * FROM agent_offers WHERE offered_wall >= 1 AND offered_wall < 2",
            "SELECT * FROM agent_offers WHERE left_wall IS NULL AND (outcome IS NULL OR outcome = 'answered')",
            "SELECT agent, chain FROM agent_states WHERE (agent, chain) > ('1', '') ORDER BY agent, chain LIMIT 1",
            "SELECT * FROM agent_states WHERE agent = '1' AND chain = 'n' AND since_wall < 9 ORDER BY since_wall DESC, seq DESC",
            "SELECT count(*) FROM messages WHERE heard_wall IS NULL",
            "SELECT 1 FROM calls WHERE caller = '1' AND offered_wall >= 1 LIMIT 1",
            "SELECT * FROM transfers WHERE at_wall >= 1 AND at_wall < 2",
        ] {
            let plan = try raw.plan(sql)
            // A partial index read as a whole is as short as what is open.
            #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") || $0.contains("USING") }, "\(sql): \(plan)")
        }
        try raw.queue.close()
    }
}
