import Calls
import Testing

@Suite struct ShiftTests {
    // MARK: Shift change

    @Test func whoLogsOutWhileTalkingFinishesTheCallFirst() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", wrapUpMilliseconds: 20_000)])
        exchange.enter(1)
        exchange.answer(1)
        #expect(exchange.feed(.logOut(a1, .code)) == [])
        #expect(exchange.distributor.status.agents.first?.next == .loggedOut)
        exchange.enter(2)
        // No wrap-up, no further caller.
        #expect(exchange.feed(.released(a1, call(1))) == [.agent(a1, .loggedOut, reason: nil, .code)])
        #expect(exchange.timers.isEmpty)
    }

    @Test func whoGoesAwayWhileTalkingFinishesTheCallFirst() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", wrapUpMilliseconds: 20_000)])
        exchange.enter(1)
        exchange.answer(1)
        #expect(exchange.feed(.away(a1, reason: "meal", .api)) == [])
        #expect(exchange.feed(.released(a1, call(1))) == [.agent(a1, .away, reason: "meal", .api)])
        // Taken back in time, the call ends as usual.
        exchange.feed(.ready(a1, .code))
        exchange.enter(2)
        exchange.answer(2)
        exchange.feed(.away(a1, reason: "meal", .api))
        exchange.feed(.ready(a1, .code))
        #expect(exchange.feed(.released(a1, call(2))).states == ["1001 wrap_up by call"])
    }

    @Test(arguments: [true, false])
    func whoLeavesWhileRingingLosesTheOfferAndTheCallerKeepsThePlace(logsOut: Bool) {
        var exchange = Exchange([person(a1), person(a2)], queues: [QueueRules(name: "q", missesUntilAway: 1)])
        exchange.feed(.engaged(a2, call(90), .outbound))
        exchange.enter(1)
        exchange.enter(2)
        exchange.feed(.rang(OfferID(1)))
        let actions = exchange.feed(logsOut ? .logOut(a1, .code) : .away(a1, reason: "tea", .code))
        #expect(actions.first == .withdraw(OfferID(1)))
        #expect(actions.ended == [.withdrawn])
        #expect(actions.states == [logsOut ? "1001 logged_out by code" : "1001 away(tea) by code"])
        #expect(exchange.waiting() == [call(1), call(2)])
        #expect(exchange.feed(.disengaged(a2, call(90))).offered == ["1>1002"])
    }

    // MARK: The roster read anew

    @Test func whoWaitsForAQueuesSkillWaitsForItsNewOne() {
        var exchange = Exchange([person(a1, ["gas"])], queues: [QueueRules(name: "q", skill: "nobody_has_it")])
        #expect(exchange.enter(1).offered == [])
        let actions = exchange.feed(
            .roster(agents: [person(a1, ["gas"])], queues: [QueueRules(name: "q", skill: "gas")]))
        #expect(actions.offered == ["1>1001"])
    }

    // MARK: Wrap-up

    @Test func wrapUpEndsByItselfToTheMillisecondAndTheNextCallerRingsAtOnce() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", wrapUpMilliseconds: 30_000)])
        exchange.enter(1)
        exchange.answer(1)
        exchange.feed(.released(a1, call(1)))
        #expect(exchange.enter(2).offered == [])
        #expect(exchange.pass(29_999) == [])
        #expect(exchange.pass(1).offered == ["2>1001"])
    }

    @Test func wrapUpEndsWhenTheAgentIsReady() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", wrapUpMilliseconds: 30_000)])
        exchange.enter(1)
        exchange.answer(1)
        // While talking it says nothing about the wrap-up to come.
        exchange.feed(.ready(a1, .code))
        #expect(exchange.feed(.released(a1, call(1))).states == ["1001 wrap_up by call"])
        #expect(exchange.feed(.ready(a1, .code)).states == ["1001 available by code"])
        #expect(exchange.pass(60_000) == [])
    }

    /// asterisk#1006 ended early, OpenSIPS#2679 late.
    @Test func noOtherEventMovesTheEndOfWrapUp() {
        let rules = QueueRules(name: "q", wrapUpMilliseconds: 30_000)
        var exchange = Exchange([person(a1), person(a2)], queues: [rules])
        exchange.enter(1)
        exchange.answer(1)
        exchange.pass(8000)
        exchange.feed(.released(a1, call(1)))
        let events: [Distributor.Event] = [
            .phone(a1, isReachable: false), .phone(a1, isReachable: true), .logIn(a2, .code), .held(a1, true),
            .released(a1, call(1)), .answered(OfferID(1)), .failed(OfferID(1), .busy), .leave(call(1), .abandoned),
            .ended(call(1)), .engaged(a1, call(90), .outbound), .held(a1, true), .disengaged(a1, call(90)),
            .enter(Waiting(call: call(2), queue: "q")), .emergency(true), .opened(queue: "q", false),
            .drain(queue: nil), .roster(agents: [person(a1), person(a2)], queues: [rules]),
        ]
        for event in events {
            exchange.pass(1000)
            exchange.feed(event)
        }
        #expect(exchange.state(a1) == .wrapUp)
        exchange.pass(29_999 - Int64(events.count) * 1000)
        #expect(exchange.state(a1) == .wrapUp)
        #expect(exchange.pass(1).states.first == "1001 available by call")
    }

    @Test func aWrapUpThatRunsOutDuringAnotherCallIsOverAfterIt() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", wrapUpMilliseconds: 30_000)])
        exchange.enter(1)
        exchange.answer(1)
        exchange.feed(.released(a1, call(1)))
        exchange.feed(.engaged(a1, call(90), .outbound))
        #expect(exchange.pass(40_000) == [])
        #expect(exchange.feed(.disengaged(a1, call(90))).states == ["1001 available by call"])
    }

    @Test func aTimerThatCrossedItsCancellingDoesNotEndTheNextWrapUp() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", wrapUpMilliseconds: 30_000)])
        exchange.enter(1)
        exchange.answer(1)
        exchange.feed(.released(a1, call(1)))
        exchange.feed(.ready(a1, .code))
        let old = exchange.cancelled.last
        exchange.enter(2)
        exchange.answer(2)
        exchange.feed(.released(a1, call(2)))
        guard let old, old.purpose == .wrapUp(a1) else {
            Issue.record("no wrap-up was cancelled")
            return
        }
        #expect(exchange.feed(.timer(old)) == [])
        #expect(exchange.state(a1) == .wrapUp)
    }

    @Test func theTargetOfATransferHasTheWrapUpOfTheQueue() {
        let rules = QueueRules(name: "q", wrapUpMilliseconds: 30_000)
        var exchange = Exchange([person(a1), person(a2)], queues: [rules])
        exchange.enter(1)
        exchange.answer(1)
        exchange.feed(.engaged(a2, call(1), .consultation))
        exchange.feed(.engaged(a2, call(1), .transfer))
        #expect(exchange.feed(.released(a1, call(1))).states == ["1001 wrap_up by call"])
        #expect(exchange.feed(.released(a2, call(1))).states == ["1002 wrap_up by call"])
        // Who was only consulted has none.
        exchange.feed(.engaged(a1, call(91), .consultation))
        exchange.pass(30_000)
        #expect(exchange.feed(.disengaged(a1, call(91))).states == ["1001 available by call"])
    }

    // MARK: No stuck agents

    @Test func aCallerWhoLeavesWhileThePhoneRingsFreesTheAgent() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", missesUntilAway: 1)])
        exchange.enter(1)
        exchange.feed(.rang(OfferID(1)))
        exchange.pass(3000)
        let actions = exchange.feed(.leave(call(1), .abandoned))
        #expect(actions.first == .withdraw(OfferID(1)))
        #expect(actions.ended == [.withdrawn])
        #expect(actions.states == ["1001 available by call"])
        #expect(
            actions.last
                == .left(
                    call(1), queue: "q", .abandoned, waitMilliseconds: 3000,
                    offers: [OfferRecord(agent: a1, outcome: .withdrawn, ringMilliseconds: 3000)]))
        #expect(exchange.timers.isEmpty)
    }

    /// IssabelFoundation/callcenter#41 showed the answered as abandoned; here neither becomes the other.
    @Test func anAnswerThatCrossesTheCallersLeavingIsReleased() {
        var exchange = Exchange([person(a1)])
        exchange.enter(1)
        exchange.feed(.rang(OfferID(1)))
        exchange.feed(.leave(call(1), .abandoned))
        #expect(exchange.feed(.answered(OfferID(1))) == [.withdraw(OfferID(1))])
        #expect(exchange.state(a1) == .available)
        #expect(exchange.enter(2).offered == ["2>1001"])
        // The other way round the answer counts; the hang-up comes as the leg's end.
        #expect(exchange.answer(2).exits == [.answered])
        #expect(exchange.feed(.leave(call(2), .abandoned)) == [])
        #expect(exchange.feed(.released(a1, call(2))).states == ["1001 available by call"])
    }

    @Test func anAnswerThatCrossesTheEndOfTheRingsIsReleased() {
        var exchange = Exchange([person(a1), person(a2)])
        exchange.enter(1)
        exchange.feed(.rang(OfferID(1)))
        #expect(exchange.pass(20_000).offered == ["1>1002"])
        #expect(exchange.feed(.answered(OfferID(1))) == [.withdraw(OfferID(1))])
        #expect(exchange.answer(2).exits == [.answered])
        // Told twice: nothing happens to the call.
        #expect(exchange.feed(.answered(OfferID(2))) == [])
        #expect(exchange.feed(.failed(OfferID(2), .failed)) == [])
        #expect(exchange.state(a2) == .talking)
    }

    @Test func theEndOfAWholeCallFreesEveryAgentInIt() {
        var exchange = Exchange([person(a1), person(a2), person(a3)])
        exchange.enter(1)
        exchange.answer(1)
        exchange.feed(.engaged(a2, call(1), .consultation))
        #expect(exchange.feed(.ended(call(1))).states == ["1001 available by call", "1002 available by call"])
        exchange.enter(2)
        #expect(exchange.feed(.ended(call(2))).exits == [.abandoned])
        #expect([a1, a2, a3].allSatisfy { exchange.state($0) == .available })
    }

    @Test func whatIsUnknownIsIgnored() {
        let stranger = agent("9999")
        var exchange = Exchange([person(a1)])
        let before = exchange.distributor.status
        let events: [Distributor.Event] = [
            .logIn(stranger, .code), .logOut(stranger, .code), .ready(stranger, .code),
            .away(stranger, reason: "", .code), .engaged(stranger, call(1), .outbound), .disengaged(stranger, call(1)),
            .held(stranger, true), .leave(call(1), .abandoned), .callBack(call(1), number: "13900000001"),
            .callBackEnded(call(1), reached: true), .rang(OfferID(77)), .answered(OfferID(77)),
            .failed(OfferID(77), .busy), .released(a1, call(1)), .released(stranger, call(1)), .ended(call(1)),
            .opened(queue: "nowhere", false), .drain(queue: "nowhere"), .disengaged(a1, call(1)),
        ]
        for event in events { #expect(exchange.feed(event) == [], "\(event)") }
        #expect(exchange.distributor.status == before)
        // Somebody who asks is answered all the same.
        #expect(exchange.enter(1, queue: "nowhere") == [.refused(call(1), queue: "nowhere", .failed)])
    }

    @Test func enteringTwiceIsEnteringOnce() {
        var exchange = Exchange([])
        exchange.enter(1)
        #expect(exchange.enter(1) == [])
        #expect(exchange.waiting() == [call(1)])
    }

    // MARK: Roster

    @Test func aReloadKeepsTheStates() {
        var exchange = Exchange([person(a1), person(a2)])
        exchange.enter(1)
        exchange.answer(1)
        exchange.feed(.away(a2, reason: "tea", .code))
        exchange.enter(2, skill: "gas")
        // An agent who gets a skill, one who is new with a phone that is registered already.
        exchange.feed(.phone(a3, isReachable: true))
        exchange.feed(
            .roster(agents: [person(a1, ["gas"]), person(a2), person(a3)], queues: [QueueRules(name: "q")]))
        #expect([a1, a2, a3].map(exchange.state) == [.talking, .away, .loggedOut])
        #expect(exchange.feed(.released(a1, call(1))).offered == ["2>1001"])
        exchange.enter(3)
        #expect(exchange.feed(.logIn(a3, .code)).offered == ["3>1003"])
    }

    @Test func aRemovedAgentIsDroppedAtOnceOrAfterTheCall() {
        var exchange = Exchange(queues: [QueueRules(name: "q", wrapUpMilliseconds: 10_000)])
        exchange.enter(1)
        exchange.answer(1)
        exchange.enter(2)
        exchange.feed(.rang(OfferID(2)))
        let actions = exchange.feed(
            .roster(agents: [person(a3)], queues: [QueueRules(name: "q", wrapUpMilliseconds: 10_000)]))
        #expect(actions.contains(.withdraw(OfferID(2))))
        #expect(actions.ended == [.withdrawn])
        #expect(actions.states == ["1002 logged_out by roster", "1003 ringing by call"])
        #expect(exchange.state(a2) == nil)
        #expect(exchange.state(a1) == .talking)
        #expect(exchange.feed(.logIn(a1, .code)) == [])
        #expect(exchange.feed(.released(a1, call(1))).states == ["1001 logged_out by roster"])
        #expect(exchange.state(a1) == nil)
    }

    @Test func aRemovedQueueServesThoseWaitingByItsOldRules() {
        var exchange = Exchange(
            [person(a1)],
            queues: [QueueRules(name: "q"), QueueRules(name: "old", ringsPerAgent: 1, missesUntilAway: 0)])
        exchange.enter(1, queue: "old")
        exchange.answer(1)
        exchange.enter(2, queue: "old")
        exchange.feed(.roster(agents: [person(a1)], queues: [QueueRules(name: "q")]))
        #expect(exchange.enter(3, queue: "old") == [.refused(call(3), queue: "old", .closed)])
        #expect(exchange.feed(.released(a1, call(1))).offered == ["2>1001"])
        exchange.feed(.rang(OfferID(2)))
        #expect(exchange.pass(5000).offered == ["2>1001"])
        exchange.answer(3)
        #expect(exchange.distributor.status.queues.map(\.name) == ["q"])
        #expect(exchange.enter(4, queue: "old").exits == [.failed])
    }

    // MARK: Words

    @Test(arguments: [("1001", true), ("A7z", true), ("123456789012", true), ("", false), ("1234567890123", false)])
    func workNumbersAreLettersAndDigits(text: String, isGood: Bool) {
        #expect((WorkNumber(text) != nil) == isGood)
        #expect(["10 1", "１００１", "工号", "10-1", "1\n", "é1"].allSatisfy { WorkNumber($0) == nil })
    }

    @Test func theStatusShowsWhoWaitsAndForHowLong() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q")])
        exchange.enter(1)
        exchange.feed(.rang(OfferID(1)))
        exchange.pass(4000)
        exchange.enter(2, .keyCustomer)
        exchange.pass(1000)
        let queue = exchange.distributor.status.queues[0]
        #expect(queue.waiting.map(\.position) == [1, 2])
        #expect(queue.waiting.map(\.offeredTo) == [nil, a1])
        #expect(queue.longestWaitMilliseconds(at: exchange.now) == 5000)
        let one = exchange.distributor.status.agents[0]
        #expect(one.state == .ringing && one.call == call(1) && one.queue == "q" && one.purpose == .queue)
    }
}
