import CallFlow
import Calls
import Lines
import Media
import Storage
import Switchboard
import Testing

private let bye = LineRelease(cause: .remoteBye, message: "BYE received")

/// What agents say of callers' conduct, lines that break, and the form owed after a call.
@Suite struct ConductTests {
    private func mark(
        _ call: inout AgentStage, _ mark: Switchboard.CallMark, degree: Int? = nil, note: String? = nil,
        at milliseconds: Int64
    ) -> [CallSession.Action] {
        call.desk(.command(.mark(mark, by: workNumber("1001"), degree: degree, note: note)), at: milliseconds)
    }

    private func reports(_ actions: [CallSession.Action]) -> [CallSession.ReportRequest] {
        actions.compactMap { action in
            if case .report(let request) = action { return request }
            return nil
        }
    }

    private func tasks(_ actions: [CallSession.Action]) -> [CallBackAsked] {
        actions.compactMap { action in
            if case .keepCallBack(let asked) = action { return asked }
            return nil
        }
    }

    private func forms(_ actions: [CallSession.Action]) -> [String] {
        actions.flatMap(\.facts).compactMap { fact in
            if case .formOwed(let form) = fact { return form.agent.text }
            return nil
        }
    }

    private func releases(_ actions: [CallSession.Action], _ leg: LegID) -> Bool {
        actions.contains { if case .release(leg, _) = $0 { true } else { false } }
    }

    private func keys(_ text: String, of call: inout AgentStage, from milliseconds: Int64) throws {
        for (index, character) in text.enumerated() {
            let key = try #require(Key(character))
            call.phone(agentLeg, .key(key, .info, milliseconds: 100), at: milliseconds + Int64(index) * 300)
        }
    }

    // MARK: - Nuisance

    @Test func aNuisanceCallIsWarnedAndReportedToTheShiftLeader() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        try keys("*7", of: &call, from: 20_000)
        #expect(call.plays(on: callerLeg).last?.items == [.prompt("agent.nuisance")])
        let report = try #require(reports(call.stage.actions).first)
        #expect(report.mark == .nuisance)
        #expect(report.by == workNumber("1001"))
        #expect(report.queue == "service")
        #expect(report.caller == "13800001234")
        #expect(report.recording == stageRecording)
        // The recording began at 1,040 ms.
        #expect(report.from == .zero)
        #expect(report.to == AudioPosition(milliseconds: 19_260))
        let marks = call.stage.facts.compactMap { fact in
            if case .callMarked(let marked) = fact { return marked.mark }
            return nil
        }
        #expect(marks == ["nuisance"])
        // Warned again, not reported again; with something to add it is.
        #expect(reports(mark(&call, .nuisance, at: 25_000)).isEmpty)
        #expect(reports(mark(&call, .nuisance, note: "第三次来电", at: 26_000)).map(\.note) == ["第三次来电"])
    }

    @Test func afterTheWarningTheAgentHangsUpAndNothingIsWaitedFor() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        _ = mark(&call, .nuisance, at: 20_000)
        let warning = try #require(call.plays(on: callerLeg).last)
        call.stage.media(.playFinished(warning.id), at: 24_000, position: 22_960)
        let plays = call.plays(on: callerLeg).count
        let actions = call.phone(agentLeg, .released(by: bye), at: 30_000)
        #expect(releases(actions, callerLeg))
        call.stage.line(.released(by: LineRelease(cause: .local, message: "BYE sent")), at: 30_020)
        call.stage.feed(closed(agentLeg, at: 30_030))
        call.stage.feed(closed(callerLeg, at: 30_040))
        // No goodbye; the agent went first, and the mark that allows it stands in the call.
        #expect(call.plays(on: callerLeg).count == plays)
        #expect(call.stage.session.isFinished)
        #expect(call.stage.released?.releasedBy == .agent)
        #expect(call.stage.released?.outcome == .completed)
        #expect(call.stage.released?.evidence.firstLeg == agentLeg)
        #expect(tasks(call.stage.actions).isEmpty)
        #expect(forms(call.stage.actions).isEmpty)
    }

    @Test func whoHangsUpDuringTheWarningLetsItBeHeardToItsEnd() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        _ = mark(&call, .nuisance, at: 20_000)
        let warning = try #require(call.plays(on: callerLeg).last)
        #expect(!releases(call.phone(agentLeg, .released(by: bye), at: 20_500), callerLeg))
        #expect(call.plays(on: callerLeg).last?.id == warning.id)
        // Some other play's end is none of the warning's.
        #expect(!releases(call.stage.media(.playFinished(PlayID(7)), at: 21_000, position: 0), callerLeg))
        #expect(releases(call.stage.media(.playFinished(warning.id), at: 24_000, position: 0), callerLeg))
    }

    @Test func anAgentsCommandToHangUpIsTheAgentsHangingUp() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        #expect(releases(call.desk(.command(.hangUp), at: 20_000), agentLeg))
        call.phone(agentLeg, .released(by: LineRelease(cause: .local, message: "BYE sent")), at: 20_030)
        let left = call.stage.facts.compactMap { fact in
            if case .agentLeft(let left) = fact { return left.by }
            return nil
        }
        #expect(left == [.agent])
        // Nobody was marked: the caller hears goodbye.
        #expect(call.plays(on: callerLeg).last?.items == [.prompt("thanks")])
    }

    // MARK: - Angry, wrong number

    @Test func anAngryCallersDegreeAndAWrongNumberAreKeyed() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        try keys("*83", of: &call, from: 20_000)
        try keys("*89", of: &call, from: 30_000)
        try keys("*6", of: &call, from: 40_000)
        let marks = call.stage.facts.compactMap { fact in
            if case .callMarked(let marked) = fact { return "\(marked.mark) \(marked.degree ?? 0) \(marked.by)" }
            return nil
        }
        #expect(marks == ["angry 3 1001", "wrong_number 0 1001"])
        #expect(reports(call.stage.actions).isEmpty)
        // What was keyed wrongly left nothing behind: the next code works.
        try keys("*1", of: &call, from: 50_000)
        #expect(call.hearing[callerLeg] == [])
        // A wrong number's end is polite, and needs neither form nor call-back.
        call.phone(agentLeg, .released(by: bye), at: 60_000)
        #expect(call.plays(on: callerLeg).last?.items == [.prompt("thanks")])
        #expect(forms(call.stage.actions).isEmpty)
    }

    @Test func nobodyIsMarkedBeforeTheCallStands() throws {
        var call = AgentStage(stage: try Stage(flow: queueFlow))
        let actions = mark(&call, .nuisance, at: 500)
        #expect(reports(actions).isEmpty)
        #expect(actions.flatMap(\.facts).map(\.noted) == ["command_refused"])
    }

    // MARK: - Broken lines

    /// The caller's line ends at 40 s, the last packet so long before.
    private func end(
        _ call: inout AgentStage, _ release: LineRelease = bye, silentFor milliseconds: Int64
    ) {
        call.stage.line(.released(by: release), at: 40_000)
        call.phone(agentLeg, .released(by: LineRelease(cause: .local, message: "BYE sent")), at: 40_010)
        call.stage.feed(closed(agentLeg, at: 40_020))
        call.stage.feed(closed(callerLeg, at: 40_030, LegStatistics(lastPacketAt: at(40_000 - milliseconds))))
    }

    @Test func aLineThatBreaksWhileTalkingIsACallBackOfTheAgent() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        end(&call, silentFor: 6000)
        #expect(call.stage.released?.releasedBy == .unknown)
        #expect(
            tasks(call.stage.actions) == [
                CallBackAsked(
                    call: stageCall, at: at(40_000), queue: "service", number: "13800001234",
                    dropped: CallBackAsked.Dropped(agent: workNumber("1001")))
            ])
        // What was said so far is written up.
        #expect(forms(call.stage.actions) == ["1001"])

        var timed = try AgentStage()
        try timed.connect(after: 3000)
        end(&timed, LineRelease(cause: .sessionTimer, message: "session timer expired"), silentFor: 0)
        #expect(timed.stage.released?.releasedBy == .network)
        #expect(tasks(timed.stage.actions).map(\.dropped?.agent) == [workNumber("1001")])
    }

    @Test func anAgentsOwnLineThatBreaksIsTheCallersLoss() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        call.phone(
            agentLeg, .released(by: LineRelease(cause: .sessionTimer, message: "session timer expired")), at: 30_000)
        // The flow says goodbye, the caller goes.
        call.stage.line(.released(by: bye), at: 33_000)
        call.stage.feed(closed(agentLeg, at: 33_020))
        call.stage.feed(closed(callerLeg, at: 33_030, LegStatistics(lastPacketAt: at(32_990))))
        #expect(call.stage.released?.releasedBy == .network)
        #expect(tasks(call.stage.actions).map(\.dropped?.agent) == [workNumber("1001")])
        #expect(tasks(call.stage.actions).map(\.queue) == ["service"])
    }

    @Test func whoHangsUpIsNotCalledBack() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        end(&call, silentFor: 10)
        #expect(call.stage.released?.releasedBy == .caller)
        #expect(tasks(call.stage.actions).isEmpty)

        // Nor one who breaks off while waiting, having talked to nobody.
        var waiting = try AgentStage()
        waiting.stage.line(.released(by: bye), at: 40_000)
        waiting.stage.feed(closed(callerLeg, at: 40_030, LegStatistics(lastPacketAt: at(30_000))))
        #expect(waiting.stage.released?.releasedBy == .unknown)
        #expect(tasks(waiting.stage.actions).isEmpty)
        #expect(forms(waiting.stage.actions).isEmpty)

        // Nor a nuisance caller.
        var nuisance = try AgentStage()
        try nuisance.connect(after: 3000)
        _ = mark(&nuisance, .nuisance, at: 20_000)
        end(&nuisance, silentFor: 6000)
        #expect(tasks(nuisance.stage.actions).isEmpty)

        // But whoever the agent says was broken off.
        var marked = try AgentStage()
        try marked.connect(after: 3000)
        _ = mark(&marked, .dropped, at: 20_000)
        end(&marked, silentFor: 10)
        #expect(tasks(marked.stage.actions).count == 1)
    }

    @Test func aCallBackThatBreaksIsFollowedByOneMoreAtMost() throws {
        let first = CallID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0099)
        for isLast in [false, true] {
            var call = try Outgoing(
                OutboundCall(
                    agent: workNumber("1001"), number: "13900000001", role: .callBack, order: nil, asking: first,
                    isLast: isLast))
            try call.connect()
            call.end(.released(by: bye), silentFor: 6000)
            #expect(call.stage.released?.releasedBy == .unknown)
            let followers = tasks(call.stage.actions).map(\.dropped)
            #expect(followers == (isLast ? [] : [CallBackAsked.Dropped(agent: workNumber("1001"), follows: first)]))
            // The first one was made: they spoke.
            let ended = call.stage.facts.compactMap { fact in
                if case .callBackEnded(let ended) = fact { return ended }
                return nil
            }
            #expect(ended.map(\.reached) == [true])
            #expect(ended.map(\.call) == [first])
        }
    }

    // MARK: - The form

    @Test func whoServedTheCallerLastOwesTheForm() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        let target = TalkTarget.agent(workNumber("1002"))
        call.desk(.command(.transfer(target, leg: secondLeg, kind: .blind)), at: 20_000)
        call.phone(secondLeg, .established(call.stage.session(.pcmu)), at: 24_000)
        call.phone(agentLeg, .released(by: LineRelease(cause: .local, message: "BYE sent")), at: 24_100)
        #expect(forms(call.stage.actions).isEmpty)
        call.phone(secondLeg, .released(by: bye), at: 40_000)
        #expect(forms(call.stage.actions) == ["1002"])
    }

    @Test func aConsultantWhoTakesOverOwesTheFormAndIsRated() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        call.desk(.command(.consult(.agent(workNumber("1002")), leg: secondLeg)), at: 20_000)
        call.phone(secondLeg, .established(call.stage.session(.pcmu)), at: 24_000)
        // Hanging up in a consultation transfers.
        call.phone(agentLeg, .released(by: bye), at: 30_000)
        #expect(forms(call.stage.actions).isEmpty)
        end(&call, silentFor: 10)
        call.phone(secondLeg, .released(by: LineRelease(cause: .local, message: "BYE sent")), at: 40_050)
        #expect(forms(call.stage.actions) == ["1002"])
    }

    @Test func aCallAboutAnOrderHasItsForm() throws {
        for role in OutboundRole.allCases {
            for order in [nil, OrderID(high: 1, low: 1)] {
                var call = try Outgoing(
                    OutboundCall(agent: workNumber("1001"), number: "13900000001", role: role, order: order))
                try call.connect()
                call.end(.released(by: bye), silentFor: 10)
                #expect(forms(call.stage.actions) == (role == .callBack && order == nil ? ["1001"] : []), "\(role)")
            }
        }
    }

    // MARK: - Calls placed

    @Test func whoIsBusyIsToldByTheBusyToneAndThenTheAgentIsReleased() throws {
        for (status, tone, outcome) in [
            (486, CallSession.LineTone.busy, Outcome.busy), (404, .congestion, .unreachable),
            (603, .congestion, .rejected),
        ] {
            var call = try Outgoing(
                OutboundCall(agent: workNumber("1001"), number: "13900000001", role: .contact, order: nil))
            try call.ring()
            let actions = call.stage.line(
                .released(by: LineRelease(cause: .rejected, status: status, message: "\(status) received")), at: 9000)
            let tones = actions.compactMap { action -> PlayID? in
                if case .playTone(agentLeg, let id, tone) = action { return id }
                return nil
            }
            let id = try #require(tones.first)
            // Not cut off: the leg ends with the tone.
            #expect(!releases(actions, agentLeg))
            #expect(releases(call.finished(id, at: 12_500), agentLeg))
            call.close(at: 12_600)
            #expect(call.stage.session.isFinished)
            #expect(call.stage.released?.outcome == outcome)
        }
    }

    @Test func whoDoesNotAnswerIsToldByTwoBeeps() throws {
        var call = try Outgoing(
            OutboundCall(agent: workNumber("1001"), number: "13900000001", role: .contact, order: nil))
        try call.ring()
        let actions = call.stage.line(
            .released(by: LineRelease(cause: .rejected, status: 480, message: "480 received")), at: 9000)
        let plays = actions.compactMap { action -> CallSession.Play? in
            if case .play(agentLeg, let play) = action { return play }
            return nil
        }
        #expect(plays.map(\.items) == [[.beep, .silence(milliseconds: 200), .beep]])
        // The agent hangs up first: nothing is left open.
        call.stage.feed(.line(agentLeg, .released(by: bye), at: at(9200)))
        call.close(at: 9300, agentIsThere: false)
        #expect(call.stage.session.isFinished)
        #expect(call.stage.released?.outcome == .noAnswer)
    }
}

/// A call that we place, with both phones.
private struct Outgoing {
    var stage: Stage

    init(_ wish: OutboundCall) throws {
        stage = try Stage(
            outbound: wish, agentLeg: agentLeg,
            flow: """
                flow: test
                start: begin
                steps:
                  begin: {verb: answer, next: bye}
                  bye: {verb: hangup, prompts: [thanks], wait: 2s, warning: [warn]}
                """)
    }

    /// The agent is there, the other phone rings.
    mutating func ring() throws {
        stage.feed(.line(agentLeg, .progress(status: 180, early: false), at: at(100)))
        stage.feed(.line(agentLeg, .established(stage.session(.pcma)), at: at(2000)))
        stage.feed(.recordingPlanned(at: at(2010)))
        stage.line(.progress(status: 180, early: false), at: 3000)
    }

    mutating func connect() throws {
        try ring()
        stage.line(.established(stage.session(.pcma)), at: 6000)
        stage.media(.recordingStarted(stageRecording), at: 6010, position: 0)
    }

    /// The other party's line ends at 40 s, the last packet so long before.
    mutating func end(_ kind: LineEvent.Kind, silentFor milliseconds: Int64) {
        stage.line(kind, at: 40_000)
        stage.feed(
            .line(agentLeg, .released(by: LineRelease(cause: .local, message: "BYE sent")), at: at(40_010)))
        stage.feed(closed(agentLeg, at: 40_020))
        stage.feed(closed(callerLeg, at: 40_030, LegStatistics(lastPacketAt: at(40_000 - milliseconds))))
    }

    /// A play of the agent's leg came to its end.
    mutating func finished(_ id: PlayID, at milliseconds: Int64) -> [CallSession.Action] {
        stage.feed(
            .media(
                MediaEvent(
                    leg: agentLeg, call: stageCall, at: at(milliseconds), position: nil, kind: .playFinished(id))))
    }

    /// Both legs' media end; the agent's leg before, where it is still there.
    mutating func close(at milliseconds: Int64, agentIsThere: Bool = true) {
        if agentIsThere {
            stage.feed(
                .line(
                    agentLeg, .released(by: LineRelease(cause: .local, message: "BYE sent")), at: at(milliseconds)))
        }
        stage.feed(closed(agentLeg, at: milliseconds + 10))
        stage.feed(closed(callerLeg, at: milliseconds + 20))
    }
}
