import Calls
import Testing

@Suite struct EntryTests {
    @Test func emergencyFaultsThenKeyCustomersThenRepeatCallersThenOthers() {
        var exchange = Exchange([person(a1)])
        exchange.feed(.away(a1, reason: "", .code))
        exchange.feed(.emergency(true))
        exchange.enter(1)
        exchange.enter(2, .repeatCaller)
        exchange.enter(3, .keyCustomer)
        exchange.enter(4, .fault)
        exchange.enter(5, [.keyCustomer, .repeatCaller])
        exchange.enter(6)
        exchange.enter(7, [.fault, .keyCustomer])
        #expect(exchange.waiting() == [4, 7, 3, 5, 2, 1, 6].map(call))
        #expect(exchange.feed(.ready(a1, .code)).offered == ["4>1001"])
    }

    @Test func aFaultComesFirstOnlyWhileAnEmergencyIsDeclared() {
        var exchange = Exchange([person(a1)])
        exchange.enter(9)
        exchange.answer(1)
        exchange.enter(1)
        exchange.enter(2, .keyCustomer)
        exchange.enter(3, .fault)
        #expect(exchange.waiting() == [2, 1, 3].map(call))
        exchange.feed(.emergency(true))
        #expect(exchange.waiting() == [3, 2, 1].map(call))
        exchange.feed(.emergency(false))
        #expect(exchange.waiting() == [2, 1, 3].map(call))
        exchange.feed(.emergency(true))
        #expect(exchange.feed(.released(a1, call(9))).offered == ["3>1001"])
    }

    @Test func priorityCountsOverAllQueuesOfAnAgent() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q"), QueueRules(name: "r")])
        exchange.feed(.away(a1, reason: "", .code))
        exchange.enter(1)
        exchange.enter(2, queue: "r")
        exchange.enter(3, queue: "r", .keyCustomer)
        var order = exchange.feed(.ready(a1, .code)).offered
        for (offer, caller) in [(1, 3), (2, 1)] as [(UInt64, UInt64)] {
            exchange.answer(offer)
            order += exchange.feed(.released(a1, call(caller))).offered
        }
        #expect(order == ["3>1001", "1>1001", "2>1001"])
    }

    @Test func positionAndExpectedWaitAreToldAtEntryAndFromTimeToTime() {
        let rules = QueueRules(name: "q", announceEveryMilliseconds: 30_000, expectedTalkMilliseconds: 60_000)
        var exchange = Exchange([person(a1), person(a2)], queues: [rules])
        // Whoever is offered at once is told nothing.
        #expect(exchange.enter(1).positions == ["entered 1 0"])
        exchange.answer(1)
        exchange.enter(2)
        exchange.answer(2)
        #expect(exchange.enter(3).positions == ["entered 1 30000", "3: 1 30000"])
        exchange.pass(10_000)
        #expect(exchange.enter(4).positions == ["entered 2 60000", "4: 2 60000"])
        #expect(exchange.pass(20_000).positions == ["3: 1 30000"])
        #expect(exchange.pass(10_000).positions == ["4: 2 60000"])
        exchange.feed(.leave(call(3), .abandoned))
        #expect(exchange.pass(60_000).positions == ["4: 1 30000", "4: 1 30000"])
    }

    @Test func theExpectedWaitFollowsTheRunningMeanOfTalkAndWrapUp() {
        let rules = QueueRules(name: "q", wrapUpMilliseconds: 10_000, expectedTalkMilliseconds: 50_000)
        var exchange = Exchange([person(a1)], queues: [rules])
        func expected() -> Int64? { exchange.distributor.status.queues.first?.meanHandlingMilliseconds }
        #expect(expected() == 60_000)
        exchange.enter(1)
        exchange.answer(1)
        exchange.pass(170_000)
        exchange.feed(.released(a1, call(1)))
        exchange.pass(10_000)
        // 180 s against an expectation of 60 s that weighs five calls.
        #expect(expected() == 80_000)
        for number in 2...200 as ClosedRange<UInt64> {
            exchange.enter(number)
            exchange.answer(number)
            exchange.pass(110_000)
            exchange.feed(.released(a1, call(number)))
            // Half the wrap-up is used.
            exchange.pass(5000)
            exchange.feed(.ready(a1, .code))
        }
        let mean = expected() ?? 0
        #expect((114_000...116_000).contains(mean))
        exchange.enter(300)
        exchange.answer(201)
        #expect(exchange.enter(301).positions == ["entered 1 \(mean)"])
    }

    @Test func thereIsNoExpectedWaitWithoutAgents() {
        var exchange = Exchange([person(a1, ["power"])])
        #expect(exchange.enter(1, skill: "gas").positions == ["entered 1 -"])
        exchange.feed(.away(a1, reason: "tea", .code))
        #expect(exchange.enter(2, skill: "power").positions == ["entered 2 -"])
        exchange.feed(.ready(a1, .code))
        exchange.feed(.phone(a1, isReachable: false))
        #expect(exchange.enter(3, skill: "power").positions == ["entered 3 -"])
    }

    @Test func afterTheMaximumWaitTheCallerLeaves() {
        var exchange = Exchange([], queues: [QueueRules(name: "q", maximumWaitMilliseconds: 90_000)])
        exchange.enter(1)
        #expect(exchange.pass(89_999) == [])
        #expect(exchange.pass(1) == [.left(call(1), queue: "q", .timeout, waitMilliseconds: 90_000, offers: [])])
        #expect(exchange.waiting() == [])
    }

    @Test func theMaximumWaitDoesNotCutOffAPhoneThatRings() {
        let rules = QueueRules(name: "q", maximumWaitMilliseconds: 30_000)
        var exchange = Exchange([person(a1)], queues: [rules])
        exchange.enter(1)
        exchange.answer(1)
        exchange.enter(2)
        exchange.enter(3)
        exchange.pass(25_000)
        exchange.feed(.released(a1, call(1)))
        exchange.feed(.rang(OfferID(2)))
        // Over for both callers at 30 s: 2's phone rings.
        #expect(exchange.pass(6000).exits == [.timeout])
        #expect(exchange.waiting() == [call(2)])
        #expect(exchange.feed(.answered(OfferID(2))).exits == [.answered])
        // If nobody takes it up, it is over when the phone stops.
        exchange.enter(4)
        exchange.pass(29_000)
        exchange.feed(.released(a1, call(2)))
        exchange.feed(.rang(OfferID(3)))
        #expect(exchange.pass(19_999).exits == [])
        #expect(exchange.pass(1).exits == [.timeout])
        #expect(exchange.state(a1) == .available)
    }

    @Test func aFullQueueRefuses() {
        var exchange = Exchange([], queues: [QueueRules(name: "q", maximumLength: 2)])
        exchange.enter(1)
        exchange.enter(2)
        #expect(exchange.enter(3) == [.refused(call(3), queue: "q", .full)])
        exchange.feed(.leave(call(1), .key))
        #expect(exchange.enter(3).exits == [])
    }

    @Test func outsideTheOpeningHoursNobodyEnters() {
        var exchange = Exchange()
        exchange.feed(.opened(queue: "q", false))
        #expect(exchange.enter(1) == [.refused(call(1), queue: "q", .closed)])
        exchange.feed(.opened(queue: "q", true))
        #expect(exchange.enter(1).offered == ["1>1001"])
    }

    @Test func whoWaitsAtClosingTimeIsStillServed() {
        var exchange = Exchange([person(a1)])
        exchange.enter(1)
        exchange.answer(1)
        exchange.enter(2)
        exchange.feed(.opened(queue: "q", false))
        #expect(exchange.feed(.released(a1, call(1))).offered == ["2>1001"])
    }

    @Test func aDrainTakesNobodyNewAndServesTheLast() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q"), QueueRules(name: "r")])
        exchange.enter(1)
        exchange.answer(1)
        exchange.enter(2)
        exchange.feed(.drain(queue: "q"))
        #expect(exchange.enter(3).exits == [.closed])
        #expect(exchange.enter(4, queue: "r").exits == [])
        exchange.feed(.opened(queue: "q", false))
        #expect(exchange.feed(.released(a1, call(1))).offered == ["2>1001"])
        exchange.feed(.opened(queue: "q", true))
        #expect(exchange.enter(5).exits == [])
        exchange.feed(.drain(queue: nil))
        #expect(exchange.enter(6).exits == [.closed])
        #expect(exchange.enter(7, queue: "r").exits == [.closed])
    }

    @Test func withNobodyLoggedInCallersAreRefusedWhereTheRulesSaySo() {
        var exchange = Exchange(
            [person(a1, ["power"])], queues: [QueueRules(name: "q", waitsWithoutAgents: false)], loggedIn: false)
        #expect(exchange.enter(1) == [.refused(call(1), queue: "q", .noAgents)])
        exchange.feed(.logIn(a1, .code))
        exchange.feed(.away(a1, reason: "tea", .code))
        // Logged in is enough; but not for another skill.
        #expect(exchange.enter(2, skill: "power").exits == [])
        #expect(exchange.enter(3, skill: "gas").exits == [.noAgents])
    }

    @Test func whenTheLastAgentLogsOutEverybodyLeaves() {
        let rules = QueueRules(name: "q", waitsWithoutAgents: false)
        var exchange = Exchange([person(a1), person(a2)], queues: [rules, QueueRules(name: "r")])
        exchange.enter(1)
        exchange.enter(2)
        exchange.enter(3)
        exchange.enter(4, queue: "r")
        #expect(exchange.feed(.logOut(a1, .code)).exits == [])
        let actions = exchange.feed(.logOut(a2, .code))
        #expect(actions.exits == [.noAgents, .noAgents, .noAgents])
        #expect(actions.ended == [.withdrawn])
        #expect(exchange.waiting("r") == [call(4)])
    }

    // MARK: Call-back

    @Test func aCallBackKeepsItsPlace() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", maximumWaitMilliseconds: 60_000)])
        exchange.enter(1)
        exchange.answer(1)
        exchange.enter(2)
        exchange.enter(3)
        exchange.pass(30_000)
        #expect(
            exchange.feed(.callBack(call(2), number: "13900000001"))
                == [.left(call(2), queue: "q", .callBack, waitMilliseconds: 30_000, offers: [])])
        // The caller hangs up, the maximum wait passes: the place stays.
        #expect(exchange.feed(.leave(call(2), .abandoned)) == [])
        exchange.feed(.ended(call(2)))
        #expect(exchange.enter(4).positions == ["entered 3 540000"])
        #expect(exchange.pass(40_000).exits == [.timeout])
        let offer = AgentOffer(id: OfferID(2), call: call(2), agent: a1, queue: "q", number: "13900000001")
        #expect(exchange.feed(.released(a1, call(1))).contains(.offer(offer)))
        #expect(offer.isCallBack && offer.purpose == .callBack)
        let record = OfferRecord(agent: a1, outcome: .answered, ringMilliseconds: 0)
        #expect(
            exchange.answer(2) == [
                .offerEnded(offer, .answered, ringMilliseconds: 0), .agent(a1, .talking, reason: nil, .call),
                .connect(offer, waitMilliseconds: 70_000, offers: [record]),
            ])
        exchange.pass(5000)
        #expect(
            exchange.feed(.callBackEnded(call(2), reached: true)) == [
                .callBackEnded(
                    call(2), queue: "q", reached: true, by: a1, waitMilliseconds: 75_000, offers: [record])
            ])
        #expect(exchange.state(a1) == .talking)
        #expect(exchange.feed(.released(a1, call(2))).offered == ["4>1001"])
    }

    @Test func aCallBackThatIsNotReachedIsOver() {
        var exchange = Exchange([person(a1)])
        exchange.feed(.away(a1, reason: "", .code))
        exchange.enter(1)
        exchange.feed(.callBack(call(1), number: "13900000001"))
        exchange.feed(.ready(a1, .code))
        exchange.answer(1)
        let told = exchange.feed(.callBackEnded(call(1), reached: false))
        guard case .callBackEnded(_, _, let reached, let by, _, _) = told.first else {
            Issue.record("not told: \(told)")
            return
        }
        #expect(!reached && by == a1)
        #expect(exchange.feed(.callBackEnded(call(1), reached: true)) == [])
        #expect(exchange.feed(.released(a1, call(1))).states == ["1001 available by call"])
        #expect(exchange.waiting() == [])
    }

    @Test func aCallBackIsOverAlsoWhereTheAgentsLegEndsFirst() {
        var exchange = Exchange([person(a1)])
        exchange.feed(.away(a1, reason: "", .code))
        exchange.enter(1)
        exchange.feed(.callBack(call(1), number: "13900000001"))
        exchange.feed(.ready(a1, .code))
        exchange.answer(1)
        // The call that is made has its own id from here on.
        #expect(exchange.feed(.engaged(a1, call(50), .callBack)) == [])
        #expect(exchange.feed(.released(a1, call(1))) == [])
        let actions = exchange.feed(.ended(call(50)))
        #expect(actions.states == ["1001 available by call"])
        #expect(actions.contains { if case .callBackEnded(call(1), _, false, a1, _, _) = $0 { true } else { false } })
    }

    @Test func askingForACallBackWhileAPhoneRingsTakesTheOfferBack() {
        var exchange = Exchange([person(a1)])
        exchange.enter(1)
        exchange.feed(.rang(OfferID(1)))
        exchange.pass(2000)
        let actions = exchange.feed(.callBack(call(1), number: "13900000001"))
        #expect(actions.ended == [.withdrawn])
        #expect(actions.exits == [.callBack])
        // Offered anew, now as what it is; and given up meanwhile.
        #expect(actions.offered == ["1>1001"])
        let over = exchange.feed(.callBackEnded(call(1), reached: false))
        #expect(over.ended == [.withdrawn])
        #expect(exchange.state(a1) == .available)
        #expect(exchange.timers.isEmpty)
    }

    @Test func aCallBackOutlivesTheShift() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", waitsWithoutAgents: false)])
        exchange.feed(.away(a1, reason: "", .code))
        exchange.enter(1)
        exchange.feed(.callBack(call(1), number: "13900000001"))
        #expect(exchange.feed(.logOut(a1, .code)).exits == [])
        exchange.feed(.opened(queue: "q", false))
        exchange.feed(.opened(queue: "q", true))
        #expect(exchange.feed(.logIn(a1, .code)).offered == ["1>1001"])
    }

    @Test func aRestoredPlaceStandsBeforeWhoComesLaterAndItsWaitIsFromTheEntry() {
        var exchange = Exchange([person(a1)], queues: [QueueRules(name: "q", skill: nil)], loggedIn: false)
        let before = exchange.now.advanced(milliseconds: -300_000)
        for number in [1, 2] as [UInt64] {
            let actions = exchange.feed(
                .restored(
                    Waiting(call: call(number), queue: "q", priority: number == 2 ? .keyCustomer : []),
                    number: "1390000000\(number)", since: before))
            #expect(actions.isEmpty)
        }
        // Neither twice, nor where there is no such queue.
        exchange.feed(.restored(Waiting(call: call(1), queue: "q"), number: "13900000009", since: before))
        exchange.feed(.restored(Waiting(call: call(3), queue: "gone"), number: "13900000009", since: before))
        exchange.enter(4)
        #expect(exchange.waiting() == [call(2), call(1), call(4)])
        #expect(
            exchange.feed(.logIn(a1, .code)).contains(
                .offer(AgentOffer(id: OfferID(1), call: call(2), agent: a1, queue: "q", number: "13900000002"))))
        let answered = exchange.answer(1)
        #expect(
            answered.contains { action in
                if case .connect(_, let wait, _) = action { wait == 300_000 } else { false }
            })
        exchange.feed(.engaged(a1, call(9), .callBack))
        let ended = exchange.feed(.callBackEnded(call(2), reached: true))
        #expect(
            ended.contains { action in
                if case .callBackEnded(_, _, true, a1, _, _) = action { true } else { false }
            })
        #expect(exchange.feed(.disengaged(a1, call(9))).offered == ["1>1001"])
    }

    // MARK: Duty

    private var nightRules: QueueRules {
        QueueRules(
            name: "q", ringsPerAgent: 2, missesUntilAway: 1, wrapUpMilliseconds: 5000, maximumWaitMilliseconds: 60_000,
            waitsWithoutAgents: false, duty: [a2, a1])
    }

    @Test func atNightTheDutyPhonesRingInTurnAgainAndAgain() {
        var exchange = Exchange([person(a1), person(a2), person(a3)], queues: [nightRules], loggedIn: false)
        exchange.feed(.opened(queue: "q", false))
        let entered = exchange.enter(1)
        #expect(
            entered.contains(.offer(AgentOffer(id: OfferID(1), call: call(1), agent: a2, queue: "q", isDuty: true))))
        var order = entered.offered
        for id in 1...4 as ClosedRange<UInt64> {
            exchange.feed(.rang(OfferID(id)))
            order += exchange.pass(10_000).offered
        }
        #expect(order == ["1>1002", "1>1001", "1>1002", "1>1001", "1>1002"])
        let actions = exchange.answer(5)
        #expect(actions.states == ["1002 talking by call"])
        #expect(actions.exits == [.answered])
        // Nobody on duty has a wrap-up, or is logged in by answering.
        #expect(exchange.feed(.released(a2, call(1))).states == ["1002 logged_out by call"])
    }

    @Test func theDutyPhonesRingUntilTheMaximumWait() {
        var exchange = Exchange([person(a1), person(a2)], queues: [nightRules], loggedIn: false)
        exchange.feed(.opened(queue: "q", false))
        exchange.enter(1)
        var exits: [QueueExit] = []
        for id in 1...6 as ClosedRange<UInt64> {
            exchange.feed(.rang(OfferID(id)))
            exits += exchange.pass(10_000).exits
        }
        #expect(exits == [.timeout])
    }

    @Test func aDutyPhoneIsTriedReachableOrNot() {
        var exchange = Exchange([person(a1), person(a2)], queues: [nightRules], loggedIn: false)
        exchange.feed(.phone(a2, isReachable: false))
        exchange.feed(.opened(queue: "q", false))
        #expect(exchange.enter(1).offered == ["1>1002"])
        #expect(exchange.feed(.failed(OfferID(1), .unreachable)).offered == ["1>1001"])
        // Both fail at once: no storm, the first is dialled again after its pause.
        #expect(exchange.feed(.failed(OfferID(2), .unreachable)).offered == [])
        #expect(exchange.pass(5000).offered == ["1>1002"])
    }

    @Test func twoCallersAtNightGetTwoPhones() {
        var exchange = Exchange([person(a1), person(a2)], queues: [nightRules], loggedIn: false)
        exchange.feed(.opened(queue: "q", false))
        #expect(exchange.enter(1).offered == ["1>1002"])
        #expect(exchange.enter(2).offered == ["2>1001"])
        #expect(exchange.enter(3).offered == [])
        exchange.answer(1)
        #expect(exchange.feed(.released(a2, call(1))).offered == ["3>1002"])
    }

    @Test func theDutyPhonesTakeOverFromTheLastAgent() {
        var exchange = Exchange([person(a1), person(a2)], queues: [nightRules], loggedIn: false)
        exchange.feed(.logIn(a1, .code))
        exchange.enter(1)
        exchange.answer(1)
        exchange.enter(2)
        // The shift ends with a drain, as every day; the night takes callers again.
        exchange.feed(.drain(queue: "q"))
        #expect(exchange.enter(3).exits == [.closed])
        #expect(exchange.feed(.opened(queue: "q", false)).offered == [])
        #expect(exchange.feed(.logOut(a1, .code)).offered == ["2>1002"])
        #expect(exchange.enter(4).exits == [])
        #expect(exchange.feed(.released(a1, call(1))).offered == ["4>1001"])
    }

    @Test func inTheMorningTheAgentsTakeOverFromTheDutyPhones() {
        var exchange = Exchange([person(a1), person(a2), person(a3)], queues: [nightRules], loggedIn: false)
        exchange.feed(.opened(queue: "q", false))
        exchange.enter(1)
        exchange.enter(2)
        exchange.enter(3)
        // Nobody has come to work yet: nobody is turned away.
        #expect(exchange.feed(.opened(queue: "q", true)).exits == [])
        #expect(exchange.feed(.logIn(a3, .code)).offered == ["3>1003"])
        exchange.answer(3)
        // Phones that ring go on ringing; after them the agents serve.
        exchange.feed(.rang(OfferID(1)))
        exchange.feed(.rang(OfferID(2)))
        #expect(exchange.pass(10_000).offered == [])
        #expect(exchange.feed(.released(a3, call(3))).states == ["1003 wrap_up by call"])
        #expect(exchange.pass(5000).offered == ["1>1003"])
    }

    @Test func missesOfADutyPhoneSetNobodyAway() {
        var exchange = Exchange([person(a1), person(a2)], queues: [nightRules])
        exchange.feed(.opened(queue: "q", false))
        exchange.enter(1)
        exchange.feed(.rang(OfferID(1)))
        #expect(exchange.pass(10_000).states == ["1002 available by call", "1001 ringing by call"])
    }
}
