import CallFlow
import Calls
import Lines
import Media
import Storage
import Switchboard
import Testing

@Suite struct AgentCallTests {
    @Test func aCallerAsksForAPersonAndStandsInTheQueue() throws {
        let call = try AgentStage()
        guard case .enter(let waiting) = call.deskEvents.first else {
            Issue.record("nothing was asked of the desk: \(call.deskEvents)")
            return
        }
        #expect(waiting.queue == "service")
        #expect(waiting.call == stageCall)
        #expect(waiting.caller == "13800001234")
    }

    @Test func theOfferedPhoneIsALegOfTheCallAndItsRingsAreItsOwn() throws {
        var call = try AgentStage()
        try call.connect(after: 12_300)
        let dialled = call.stage.actions.compactMap { action in
            if case .dial(let request) = action { return request }
            return nil
        }
        #expect(dialled.map(\.target) == ["agent:1001"])
        #expect(dialled.first?.call == stageCall)
        #expect(dialled.first?.caller == "13800001234")
        #expect(call.deskEvents.contains(.rang(OfferID(1))))
        #expect(call.deskEvents.contains(.answered(OfferID(1))))
        let answers = call.stage.facts.compactMap { fact in
            if case .agentAnswered(let answered) = fact { return answered }
            return nil
        }
        let answered = try #require(answers.first)
        #expect(answered.ringMilliseconds == 12_300)
        #expect(answered.rings == 3)
        #expect(answered.summedRings == 3)
        #expect(answered.waitMilliseconds == 21_300)
        // The line's own rings stand apart.
        #expect(call.stage.facts.contains { if case .callAnswered(let line) = $0 { line.rings == 1 } else { false } })
        #expect(call.hearing[callerLeg] == [agentLeg])
        #expect(call.hearing[agentLeg] == [callerLeg])
    }

    @Test func bothHearGreetingUnitAndWorkNumberInThisOrder() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        let said: [SpeechItem] = [
            .prompt("greeting.hello"), .prompt("unit.name"), .prompt("agent.number_is"), .prompt("digit.1"),
            .prompt("digit.0"), .prompt("digit.0"), .prompt("digit.1"), .prompt("agent.serves_you"),
        ]
        #expect(call.plays(on: callerLeg).last?.items == said)
        #expect(call.plays(on: agentLeg).last?.items == said)
        let announced = call.stage.facts.compactMap { fact in
            if case .announced(let announced) = fact { return announced }
            return nil
        }
        #expect(announced.map(\.by) == ["system"])
    }

    @Test func aWorkNumberWithLettersIsSpokenWhole() throws {
        var call = try AgentStage()
        try call.connect(after: 3000, number: "Kf07")
        #expect(
            call.plays(on: callerLeg).last?.items.dropFirst(3) == [
                .prompt("letter.k"), .prompt("letter.f"), .prompt("digit.0"), .prompt("digit.7"),
                .prompt("agent.serves_you"),
            ])
    }

    @Test func ringsSummedOverHuntingOweTheApologyFirst() throws {
        var call = try AgentStage()
        let missed = OfferRecord(
            agent: try #require(WorkNumber("1002")), outcome: .noAnswer, ringMilliseconds: 15_000)
        try call.connect(after: 6000, earlier: [missed])
        #expect(call.plays(on: callerLeg).last?.items.first == .prompt("greeting.late"))
        #expect(call.stage.facts.contains { if case .apologyPlayed(let played) = $0 { played.owed } else { false } })
    }

    @Test func fourRingsOweNone() throws {
        var call = try AgentStage()
        try call.connect(after: 19_999)
        #expect(call.plays(on: callerLeg).last?.items.first == .prompt("greeting.hello"))
    }

    @Test func theAgentHangsUpFirstAndTheFlowSaysGoodbye() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        call.phone(agentLeg, .released(by: LineRelease(cause: .remoteBye, message: "BYE received")), at: 40_000)
        #expect(call.deskEvents.contains(.released(try #require(call.agent), stageCall)))
        #expect(call.plays(on: callerLeg).last?.items == [.prompt("thanks")])
        #expect(!call.stage.session.isFinished)
        // The caller hangs up while the goodbye is said: the first to go was the agent.
        call.stage.line(.released(by: LineRelease(cause: .remoteBye, message: "BYE received")), at: 42_000)
        call.stage.feed(closed(agentLeg, at: 42_010))
        call.stage.feed(closed(callerLeg, at: 42_020))
        #expect(call.stage.session.isFinished)
        #expect(call.stage.released?.releasedBy == .agent)
        #expect(call.stage.released?.evidence.firstLeg == agentLeg)
        #expect(call.stage.released?.outcome == .completed)
    }

    @Test func theCallerHangsUpFirstAndTheAgentIsReleased() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        let last = LegStatistics(lastPacketAt: at(39_990))
        let actions = call.stage.line(
            .released(by: LineRelease(cause: .remoteBye, message: "BYE received")), at: 40_000)
        #expect(actions.contains { if case .release(agentLeg, _) = $0 { true } else { false } })
        call.stage.feed(closed(callerLeg, at: 40_010, last))
        // The call waits for the agent's leg.
        #expect(!call.stage.session.isFinished)
        call.phone(agentLeg, .released(by: LineRelease(cause: .local, message: "BYE sent")), at: 40_020)
        call.stage.feed(closed(agentLeg, at: 40_030))
        #expect(call.stage.session.isFinished)
        #expect(call.stage.released?.releasedBy == .caller)
        #expect(call.deskEvents.contains(.released(try #require(call.agent), stageCall)))
    }

    @Test func aCallerWhoGivesUpWaitingLeavesTheQueueAndThePhoneStopsRinging() throws {
        var call = try AgentStage()
        call.desk(.offer(try call.offer(1), leg: agentLeg), at: 10_000)
        call.phone(agentLeg, .progress(status: 180, early: false), at: 10_050)
        let actions = call.stage.line(
            .released(by: LineRelease(cause: .remoteBye, message: "BYE received")), at: 14_000)
        #expect(call.deskEvents.contains(.leave(stageCall, .abandoned)))
        #expect(actions.contains { if case .release(agentLeg, _) = $0 { true } else { false } })
        // The answer crosses the hanging up: nobody is connected, the leg is released all the same.
        call.phone(agentLeg, .established(call.stage.session(.pcma)), at: 14_010)
        #expect(call.hearing[callerLeg, default: []].isEmpty)
    }

    @Test func noAnswerGoesBackToTheDesk() throws {
        var call = try AgentStage()
        call.desk(.offer(try call.offer(1), leg: agentLeg), at: 10_000)
        call.phone(agentLeg, .progress(status: 180, early: false), at: 10_050)
        call.phone(
            agentLeg, .released(by: LineRelease(cause: .rejected, status: 486, message: "486 received")), at: 12_000)
        #expect(call.deskEvents.contains(.failed(OfferID(1), .busy)))
        #expect(!call.stage.session.isFinished)
    }

    @Test func onHoldTheCallerHearsMusicAndTheAgentIsRecordedApart() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        let held = call.phone(agentLeg, .held(true), at: 20_000)
        #expect(call.hearing[callerLeg] == [])
        #expect(call.plays(on: callerLeg).last?.loops == true)
        #expect(call.deskEvents.contains(.held(try #require(call.agent), true)))
        let planned = held.compactMap { action -> Int? in
            if case .planApart(let number, let channels) = action {
                #expect(channels.map(\.leg) == [agentLeg])
                return number
            }
            return nil
        }
        let started = call.stage.feed(
            .apartPlanned(apartRecording, number: try #require(planned.first), at: at(20_010)))
        #expect(started.contains { if case .startRecording(apartRecording, _) = $0 { true } else { false } })
        let resumed = call.phone(agentLeg, .held(false), at: 30_000)
        #expect(resumed.contains { if case .stopRecording(apartRecording) = $0 { true } else { false } })
        #expect(call.hearing[callerLeg] == [agentLeg])
        let owners = call.stage.facts.compactMap { fact -> String? in
            if case .segmentBegan(let segment) = fact { return segment.agent?.text ?? segment.role }
            return nil
        }
        #expect(owners == ["1001", "system", "1001"])
    }

    @Test func whoAnswersBeforeTheFirstSampleOwnsTheRecordingFromItsStart() throws {
        var call = AgentStage(stage: try Stage(flow: queueFlow))
        call.stage.line(.alerted(.nominal180), at: 20)
        call.stage.fire(.answer, at: 1020)
        _ = call.stage.feed(.recordingPlanned(at: at(1024)))
        call.stage.line(.answered, at: 1026)
        call.stage.line(.established(call.stage.session(.pcma)), at: 1030)
        try call.connect(after: 1000)
        let owners = { (call: AgentStage) in
            call.stage.facts.compactMap { fact -> String? in
                if case .segmentBegan(let segment) = fact {
                    return "\(segment.agent?.text ?? segment.role) \(segment.position.units)"
                }
                return nil
            }
        }
        #expect(owners(call).isEmpty)
        call.stage.media(.recordingStarted(stageRecording), at: 12_000, position: 0)
        #expect(owners(call) == ["1001 0"])
    }

    @Test func aCallersPhoneTransfersNobody() throws {
        var call = try AgentStage()
        try call.connect(after: 1000)
        let actions = call.stage.line(.transferAsked(target: "13900009999", replaces: nil), at: 20_000)
        #expect(actions.contains { if case .transferEnded(callerLeg, 403) = $0 { true } else { false } })
        #expect(!actions.contains { $0.name == "dial" || $0.name == "resolveTransfer" })
    }

    @Test func aBlindTransferKeepsTheAgentUntilTheTargetAnswers() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        let target = TalkTarget.agent(try #require(WorkNumber("1002")))
        call.desk(.command(.transfer(target, leg: secondLeg, kind: .blind)), at: 20_000)
        #expect(call.hearing[callerLeg] == [])
        call.phone(secondLeg, .progress(status: 180, early: false), at: 20_100)
        let answered = call.phone(secondLeg, .established(call.stage.session(.pcmu)), at: 24_000)
        #expect(call.hearing[callerLeg] == [secondLeg])
        #expect(answered.contains { if case .release(agentLeg, _) = $0 { true } else { false } })
        call.phone(agentLeg, .released(by: LineRelease(cause: .local, message: "BYE sent")), at: 24_100)
        // Somebody serves: the flow does not go on.
        #expect(call.plays(on: callerLeg).last?.items != [.prompt("thanks")])
        let transfers = call.stage.facts.compactMap { fact -> Bool? in
            if case .transferred(let transferred) = fact { return transferred.completed }
            return nil
        }
        #expect(transfers == [true])
    }

    @Test func aTransferThatNobodyAnswersGivesTheCallBack() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        let target = TalkTarget.agent(try #require(WorkNumber("1002")))
        call.desk(.command(.transfer(target, leg: secondLeg, kind: .blind)), at: 20_000)
        call.phone(
            secondLeg, .released(by: LineRelease(cause: .rejected, status: 486, message: "486 received")), at: 21_000)
        #expect(call.hearing[callerLeg] == [agentLeg])
        #expect(call.deskEvents.contains(.disengaged(try #require(WorkNumber("1002")), stageCall)))
    }

    @Test func aWhisperIsNeverHeardByTheCaller() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        let supervisor = try #require(WorkNumber("9001"))
        call.desk(.command(.supervise(supervisor, .whisper, leg: secondLeg)), at: 20_000)
        call.phone(secondLeg, .established(call.stage.session(.pcma)), at: 21_000)
        #expect(call.hearing[agentLeg]?.contains(secondLeg) == true)
        #expect(call.hearing[callerLeg] == [agentLeg])
        #expect(call.hearing[secondLeg].map(Set.init) == [callerLeg, agentLeg])
        call.desk(.command(.supervise(supervisor, .barge, leg: LegID(high: 9, low: 9))), at: 22_000)
        #expect(call.hearing[callerLeg].map(Set.init) == [agentLeg, secondLeg])
    }
}
