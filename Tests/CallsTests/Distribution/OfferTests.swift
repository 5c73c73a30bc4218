import Calls
import Testing

private func waiting(_ number: UInt64, skill: String? = nil) -> Waiting {
    Waiting(call: call(number), queue: "q", skill: skill)
}

private func offer(_ id: UInt64, _ number: UInt64, _ agent: WorkNumber) -> AgentOffer {
    AgentOffer(id: OfferID(id), call: call(number), agent: agent, queue: "q")
}

@Suite struct OfferTests {
    @Test func aCallFromEntryToWrapUpActionByAction() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", wrapUpMilliseconds: 20_000)])
        #expect(
            exchange.enter(1) == [
                .entered(waiting(1), position: 1, expectedWaitMilliseconds: 0), .offer(offer(1, 1, a1)),
                .agent(a1, .ringing, reason: nil, .call),
            ])
        exchange.pass(700)
        #expect(exchange.feed(.rang(OfferID(1))) == [])
        exchange.pass(3300)
        let record = OfferRecord(agent: a1, outcome: .answered, ringMilliseconds: 3300)
        #expect(
            exchange.feed(.answered(OfferID(1))) == [
                .offerEnded(offer(1, 1, a1), .answered, ringMilliseconds: 3300),
                .agent(a1, .talking, reason: nil, .call),
                .connect(offer(1, 1, a1), waitMilliseconds: 4000, offers: [record]),
                .left(call(1), queue: "q", .answered, waitMilliseconds: 4000, offers: [record]),
            ])
        exchange.pass(60_000)
        #expect(exchange.feed(.released(a1, call(1))) == [.agent(a1, .wrapUp, reason: nil, .call)])
        #expect(exchange.pass(20_000) == [.agent(a1, .available, reason: nil, .call)])
        #expect(exchange.timers.isEmpty && exchange.timerFaults.isEmpty)
    }

    @Test func theLongestIdleAgentIsOfferedFirst() {
        var exchange = Exchange()
        #expect(exchange.enter(1).offered == ["1>1001"])
        #expect(exchange.enter(2).offered == ["2>1002"])
        #expect(exchange.enter(3).offered == ["3>1003"])
        for offer in 1...3 as ClosedRange<UInt64> { exchange.answer(offer) }
        // They become idle in another order.
        for (number, caller) in [(a2, 2), (a3, 3), (a1, 1)] as [(WorkNumber, UInt64)] {
            exchange.pass(1000)
            exchange.feed(.released(number, call(caller)))
        }
        #expect(exchange.enter(4).offered == ["4>1002"])
        #expect(exchange.enter(5).offered == ["5>1003"])
        #expect(exchange.enter(6).offered == ["6>1001"])
    }

    @Test func idleIsSinceTheLastCallNotSinceTheLastChangeOfState() {
        var exchange = Exchange()
        exchange.feed(.away(a1, reason: "tea", .code))
        exchange.pass(60_000)
        exchange.feed(.ready(a1, .code))
        exchange.feed(.phone(a1, isReachable: false))
        exchange.feed(.phone(a1, isReachable: true))
        // The first to log in, and no call since.
        #expect(exchange.enter(1).offered == ["1>1001"])
        // A caller who gave up is no call either.
        exchange.feed(.leave(call(1), .abandoned))
        #expect(exchange.enter(2).offered == ["2>1001"])
    }

    @Test func theSkillIsTheEntrysOwnElseTheQueues() {
        var exchange = Exchange(
            [person(a1), person(a2, ["power"]), person(a3, ["power", "english"])],
            queues: [QueueRules(name: "q", skill: "power"), QueueRules(name: "any")])
        #expect(exchange.enter(1, skill: "english").offered == ["1>1003"])
        #expect(exchange.enter(2).offered == ["2>1002"])
        // Nobody else has it, though an agent is free; who needs no skill is served past them.
        #expect(exchange.enter(3).offered == [])
        #expect(exchange.enter(4, queue: "any").offered == ["4>1001"])
        #expect(exchange.waiting() == [call(1), call(2), call(3)])
    }

    @Test func thePhoneRingsItsRingsAndThenTheNextAgents() {
        var exchange = Exchange(queues: [QueueRules(name: "q", ringsPerAgent: 3)])
        exchange.enter(1)
        exchange.pass(400)
        exchange.feed(.rang(OfferID(1)))
        #expect(exchange.pass(14_999) == [])
        #expect(
            exchange.pass(1) == [
                .withdraw(OfferID(1)), .offerEnded(offer(1, 1, a1), .noAnswer, ringMilliseconds: 15_000),
                .agent(a1, .available, reason: nil, .call), .offer(offer(2, 1, a2)),
                .agent(a2, .ringing, reason: nil, .call),
            ])
    }

    @Test func everyOfferOfTheHuntIsInTheRecord() {
        var exchange = Exchange()
        exchange.enter(1)
        exchange.feed(.rang(OfferID(1)))
        exchange.pass(20_000)
        exchange.feed(.failed(OfferID(2), .busy))
        exchange.feed(.rang(OfferID(3)))
        exchange.pass(2000)
        exchange.feed(.failed(OfferID(3), .rejected))
        // All were tried: the first again.
        exchange.feed(.rang(OfferID(4)))
        exchange.pass(1500)
        let records = [
            OfferRecord(agent: a1, outcome: .noAnswer, ringMilliseconds: 20_000),
            OfferRecord(agent: a2, outcome: .busy, ringMilliseconds: nil),
            OfferRecord(agent: a3, outcome: .rejected, ringMilliseconds: 2000),
            OfferRecord(agent: a1, outcome: .answered, ringMilliseconds: 1500),
        ]
        let actions = exchange.feed(.answered(OfferID(4)))
        #expect(actions.contains(.connect(offer(4, 1, a1), waitMilliseconds: 23_500, offers: records)))
        #expect(
            actions.contains(.left(call(1), queue: "q", .answered, waitMilliseconds: 23_500, offers: records)))
    }

    @Test(arguments: [OfferOutcome.busy, .rejected, .unreachable, .failed])
    func whateverHappensAtThePhoneTheNextAgentIsTried(outcome: OfferOutcome) {
        var exchange = Exchange()
        exchange.enter(1)
        let actions = exchange.feed(.failed(OfferID(1), outcome))
        #expect(actions.ended == [outcome])
        #expect(actions.offered == ["1>1002"])
        #expect(exchange.state(a1) == .available)
        #expect(exchange.waiting() == [call(1)])
    }

    @Test func aPhoneThatDoesNotRingIsUnreachable() {
        var exchange = Exchange(queues: [QueueRules(name: "q", reachMilliseconds: 4000)])
        exchange.enter(1)
        #expect(exchange.pass(3999) == [])
        let actions = exchange.pass(1)
        #expect(actions.first == .withdraw(OfferID(1)))
        #expect(actions.ended == [.unreachable])
        #expect(actions.offered == ["1>1002"])
    }

    @Test func agentsTriedInThisHuntComeAgainOnlyAfterAllOthers() {
        var exchange = Exchange(queues: [QueueRules(name: "q", missesUntilAway: 0)])
        exchange.feed(.engaged(a3, call(90), .outbound))
        var order = exchange.enter(1).offered
        for id in 1...3 as ClosedRange<UInt64> {
            exchange.feed(.rang(OfferID(id)))
            order += exchange.pass(20_000).offered
        }
        #expect(order == ["1>1001", "1>1002", "1>1001", "1>1002"])
        // The third comes free: not tried yet, so next, though idle for the shortest time.
        exchange.feed(.disengaged(a3, call(90)))
        exchange.feed(.rang(OfferID(4)))
        #expect(exchange.pass(20_000).offered == ["1>1003"])
        // Another caller's hunt begins with the longest idle.
        #expect(exchange.enter(2).offered == ["2>1001"])
    }

    @Test func theCallerKeepsThePlaceThroughTheHunt() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", missesUntilAway: 0)])
        exchange.enter(1)
        exchange.enter(2)
        exchange.feed(.rang(OfferID(1)))
        #expect(exchange.pass(20_000).offered == ["1>1001"])
        #expect(exchange.feed(.failed(OfferID(2), .busy)).offered == [])
        #expect(exchange.waiting() == [call(1), call(2)])
        #expect(exchange.pass(5000).offered == ["1>1001"])
    }

    @Test func anAgentWhoMissesOnceTooOftenIsSetAway() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", missesUntilAway: 3)])
        exchange.enter(1)
        exchange.feed(.rang(OfferID(1)))
        #expect(exchange.pass(20_000).offered == ["1>1001"])
        exchange.feed(.failed(OfferID(2), .rejected))
        #expect(exchange.pass(5000).offered == ["1>1001"])
        // The phone that never rings.
        let actions = exchange.pass(5000)
        #expect(actions.ended == [.unreachable])
        #expect(actions.states == ["1001 away(missed) by missed"])
        #expect(exchange.pass(600_000) == [])
        #expect(exchange.feed(.ready(a1, .code)).offered == ["1>1001"])
    }

    @Test func anAnswerForgetsTheMissesAndBusyIsNone() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", missesUntilAway: 2)])
        exchange.enter(1)
        exchange.feed(.failed(OfferID(1), .rejected))
        exchange.pass(5000)
        exchange.answer(2)
        exchange.feed(.released(a1, call(1)))
        exchange.enter(2)
        exchange.feed(.failed(OfferID(3), .rejected))
        exchange.pass(5000)
        exchange.feed(.failed(OfferID(4), .busy))
        exchange.pass(5000)
        exchange.feed(.failed(OfferID(5), .failed))
        #expect(exchange.state(a1) == .available)
        exchange.pass(5000)
        #expect(exchange.feed(.failed(OfferID(6), .rejected)).states == ["1001 away(missed) by missed"])
    }

    @Test func aPhoneThatFailsAtOnceIsLeftAloneForAMoment() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", missesUntilAway: 0)])
        exchange.enter(1)
        #expect(exchange.feed(.failed(OfferID(1), .busy)).offered == [])
        #expect(exchange.enter(2).offered == [])
        #expect(exchange.pass(4999) == [])
        #expect(exchange.pass(1).offered == ["1>1001"])
    }

    @Test func anAgentWhosePhoneIsNotRegisteredIsNotOffered() {
        var exchange = Exchange()
        exchange.feed(.phone(a1, isReachable: false))
        #expect(exchange.enter(1).offered == ["1>1002"])
        exchange.enter(2)
        #expect(exchange.enter(3).offered == [])
        #expect(exchange.feed(.phone(a1, isReachable: true)).offered == ["3>1001"])
    }

    @Test func agentsEngagedOtherwiseAreNotOffered() {
        var exchange = Exchange()
        #expect(exchange.feed(.engaged(a1, call(90), .outbound)).states == ["1001 talking by call"])
        #expect(exchange.enter(1).offered == ["1>1002"])
        #expect(exchange.feed(.disengaged(a1, call(90))).states == ["1001 available by call"])
    }

    @Test func anAgentEngagedWhileRingingLosesTheOfferWithoutAMiss() {
        var exchange = Exchange(queues: [QueueRules(name: "q", missesUntilAway: 1)])
        exchange.enter(1)
        exchange.feed(.rang(OfferID(1)))
        let actions = exchange.feed(.engaged(a1, call(90), .consultation))
        #expect(actions.first == .withdraw(OfferID(1)))
        #expect(actions.ended == [.withdrawn])
        #expect(actions.states == ["1001 talking by call", "1002 ringing by call"])
        #expect(exchange.feed(.disengaged(a1, call(90))).states == ["1001 available by call"])
    }

    @Test func holdIsAStateOfTheCall() {
        var exchange = Exchange([person(a1)])
        #expect(exchange.feed(.held(a1, true)) == [])
        exchange.enter(1)
        exchange.answer(1)
        #expect(exchange.feed(.held(a1, true)).states == ["1001 hold by call"])
        #expect(exchange.feed(.held(a1, false)).states == ["1001 talking by call"])
        exchange.feed(.held(a1, true))
        exchange.feed(.released(a1, call(1)))
        exchange.enter(2)
        #expect(exchange.answer(2).states == ["1001 talking by call"])
    }

    @Test func twoCallersAreNeverOfferedToOneAgent() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q"), QueueRules(name: "r")])
        #expect(exchange.enter(1).offered == ["1>1001"])
        #expect(exchange.enter(2, queue: "r").offered == [])
        exchange.answer(1)
        #expect(exchange.enter(3).offered == [])
        #expect(exchange.feed(.released(a1, call(1))).offered == ["2>1001"])
    }
}
