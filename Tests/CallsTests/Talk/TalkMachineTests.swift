import Calls
import Testing

func talkLeg(_ number: UInt64) -> LegID { LegID(high: 7, low: number) }

private let caller = talkLeg(1)
private let first = talkLeg(2)
private let second = talkLeg(3)
private let third = talkLeg(4)
private let boss = talkLeg(5)
private let fourth = talkLeg(6)
private let n1001 = WorkNumber("1001")
private let n1002 = WorkNumber("1002")
private let n1003 = WorkNumber("1003")
private let n9001 = WorkNumber("9001")
private let agent1 = TalkParty(role: .agent, agent: n1001)
private let agent2 = TalkParty(role: .agent, agent: n1002)
private let agent3 = TalkParty(role: .agent, agent: n1003)
private let workshop = TalkParty(role: .department, agent: nil)
private let supervisor = TalkParty(role: .supervisor, agent: n9001)

/// A call that the events have been given to.
private func call(_ events: TalkMachine.Event...) -> TalkMachine {
    var machine = TalkMachine(caller: caller)
    for event in events { _ = machine.handle(event) }
    return machine
}

private func right(_ role: SegmentRole, _ agent: WorkNumber? = nil) -> TalkMachine.Action {
    .segment(channel: 1, role: role, agent: agent)
}

/// Each rule of docs/queue-rules.md and docs/agents.md that is about who hears whom, by its name.
@Suite struct TalkMachineTests {
    @Test func theFirstAgentToJoinServes() {
        var machine = TalkMachine(caller: caller)
        #expect(machine.state.phase == .alone)
        #expect(
            machine.handle(.joined(first, agent1)) == [
                .hear(caller, [first]), .hear(first, [caller]), right(.agent, n1001),
            ])
        #expect(machine.state.phase == .talking)
        #expect(machine.state.agent == n1001)
    }

    @Test func whoJoinsLaterStandsByAndHearsNobody() {
        var machine = call(.joined(first, agent1))
        #expect(machine.handle(.joined(second, agent2)) == [])
        #expect(machine.state.serving == first)
    }

    @Test func anEventThatDoesNotFitChangesNothing() {
        var machine = call(.joined(first, agent1))
        let events: [TalkMachine.Event] = [
            .joined(first, agent2), .joined(caller, agent2), .left(third), .consult(third), .consult(first),
            .consult(caller), .consultEnded(.completed), .consultEnded(.cancelled), .consultEnded(.conference),
            .hold(false), .replaced(by: first), .replaced(by: caller), .mute(third, true), .supervise(first, .barge),
            .supervise(third, .barge), .callerHeld(false), .joined(third, agent3),
        ]
        for event in events { #expect(machine.handle(event) == [], "\(event)") }
        // A leg that is over does not come back by a crossing message.
        #expect(machine.handle(.left(third)) == [])
        #expect(machine.handle(.joined(third, agent3)) == [])
        #expect(machine.handle(.consult(third)) == [])
    }

    // MARK: - Hold

    @Test func aCallerOnHoldHearsMusicAndNobody() {
        var machine = call(.joined(first, agent1))
        #expect(
            machine.handle(.hold(true)) == [
                .hear(caller, []), .hear(first, []), .music(caller, true), right(.system), .apart(.begin([first])),
            ])
        #expect(machine.state.phase == .held)
        #expect(machine.handle(.hold(true)) == [])
        #expect(
            machine.handle(.hold(false)) == [
                .apart(.end), .music(caller, false), .hear(caller, [first]), .hear(first, [caller]),
                right(.agent, n1001),
            ])
    }

    @Test func theNextAgentDoesNotInheritTheHold() {
        var machine = call(.joined(first, agent1), .hold(true))
        #expect(machine.handle(.left(first)) == [.apart(.end), .music(caller, false)])
        #expect(machine.state.phase == .alone)
        #expect(
            machine.handle(.joined(second, agent2)) == [
                .hear(caller, [second]), .hear(second, [caller]), right(.agent, n1002),
            ])
    }

    @Test func holdWithoutAnAgentIsNothing() {
        var machine = call()
        #expect(machine.handle(.hold(true)) == [])
        #expect(machine.handle(.joined(first, agent1)).count == 3)
    }

    // MARK: - Consultation and attended transfer

    @Test func aConsultationIsRecordedApart() {
        var machine = call(.joined(first, agent1), .joined(second, workshop))
        #expect(
            machine.handle(.consult(second)) == [
                .hear(caller, []), .hear(first, [second]), .hear(second, [first]), .music(caller, true),
                right(.system), .apart(.begin([first, second])),
            ])
        #expect(machine.state.phase == .consulting)
        #expect(machine.state.consultant == second)
    }

    @Test func aConsultationFromHoldBeginsARecordingWithBoth() {
        var machine = call(.joined(first, agent1), .joined(second, agent2), .hold(true))
        #expect(
            machine.handle(.consult(second)) == [
                .apart(.end), .hear(first, [second]), .hear(second, [first]), .apart(.begin([first, second])),
            ])
        // The caller stays on hold until the agent takes him back.
        #expect(
            machine.handle(.consultEnded(.cancelled)) == [
                .apart(.end), .hear(first, []), .hear(second, []), .apart(.begin([first])), .release(second),
            ])
        #expect(machine.state.phase == .held)
    }

    @Test func aCancelledConsultationReleasesTheConsultant() {
        var machine = call(.joined(first, agent1), .joined(second, agent2), .consult(second))
        #expect(
            machine.handle(.consultEnded(.cancelled)) == [
                .apart(.end), .music(caller, false), .hear(caller, [first]), .hear(first, [caller]),
                .hear(second, []), right(.agent, n1001), .release(second),
            ])
        #expect(machine.handle(.left(second)) == [])
    }

    @Test func aConsultantWhoHangsUpGivesTheCallerBack() {
        var machine = call(.joined(first, agent1), .joined(second, agent2), .consult(second))
        #expect(
            machine.handle(.left(second)) == [
                .apart(.end), .music(caller, false), .hear(caller, [first]), .hear(first, [caller]),
                right(.agent, n1001),
            ])
    }

    @Test func anAttendedTransferHandsTheCallerOver() {
        var machine = call(.joined(first, agent1), .joined(second, agent2), .consult(second))
        #expect(
            machine.handle(.consultEnded(.completed)) == [
                .apart(.end), .music(caller, false), .hear(caller, [second]), .hear(first, []),
                .hear(second, [caller]), right(.agent, n1002), .release(first),
            ])
        #expect(machine.handle(.left(first)) == [])
        #expect(machine.state.agent == n1002)
    }

    @Test func aDepartmentThatTakesOverIsNamedOnTheRecording() {
        var machine = call(.joined(first, agent1), .joined(second, workshop), .consult(second))
        #expect(machine.handle(.consultEnded(.completed)).contains(right(.department)))
        #expect(machine.state.serving == second)
        #expect(machine.state.agent == nil)
    }

    @Test func hangingUpInAConsultationTransfers() {
        var machine = call(.joined(first, agent1), .joined(second, agent2), .consult(second))
        #expect(
            machine.handle(.left(first)) == [
                .apart(.end), .music(caller, false), .hear(caller, [second]), .hear(second, [caller]),
                right(.agent, n1002),
            ])
    }

    @Test func hangingUpAsTheConsultantAnswersTransfersToo() {
        var early = call(.joined(first, agent1), .left(first), .joined(second, agent2))
        var late = call(.joined(first, agent1), .joined(second, agent2), .left(first))
        #expect(early.state == late.state)
        #expect(late.state.serving == second)
        // The late wish to consult meets the one who serves.
        #expect(early.handle(.consult(second)) == [])
        #expect(late.handle(.consult(second)) == [])
    }

    @Test func aConsultantForWhomThereIsNoRoomIsReleased() {
        var machine = call(.joined(first, agent1), .joined(second, agent2), .consult(second))
        #expect(machine.handle(.joined(third, agent3)) == [])
        #expect(machine.handle(.consult(third)) == [.release(third)])
    }

    // MARK: - Conference

    @Test func inAConferenceAllThreeTalk() {
        var machine = call(.joined(first, agent1), .joined(second, workshop), .hold(true), .consult(second))
        #expect(
            machine.handle(.consultEnded(.conference)) == [
                .apart(.end), .music(caller, false), .hear(caller, [first, second]), .hear(first, [caller, second]),
                .hear(second, [caller, first]), right(.agent, n1001),
            ])
        #expect(machine.state.phase == .conference)
    }

    @Test func holdInAConferenceLeavesTheTwoTalking() {
        var machine = call(
            .joined(first, agent1), .joined(second, agent2), .consult(second), .consultEnded(.conference))
        #expect(
            machine.handle(.hold(true)) == [
                .hear(caller, []), .hear(first, [second]), .hear(second, [first]), .music(caller, true),
                right(.system), .apart(.begin([first, second])),
            ])
        #expect(machine.handle(.hold(false)).contains(.hear(caller, [first, second])))
    }

    @Test func anAgentMayLeaveAConference() {
        var hangsUp = call(
            .joined(first, agent1), .joined(second, workshop), .consult(second), .consultEnded(.conference))
        #expect(
            hangsUp.handle(.left(first)) == [
                .hear(caller, [second]), .hear(second, [caller]), right(.department),
            ])
        var passesOn = call(
            .joined(first, agent1), .joined(second, workshop), .consult(second), .consultEnded(.conference))
        #expect(
            passesOn.handle(.consultEnded(.completed)) == [
                .hear(caller, [second]), .hear(first, []), .hear(second, [caller]), right(.department),
                .release(first),
            ])
    }

    // MARK: - Blind transfer

    @Test func aBlindTransferPlaysMusicUntilTheTargetAnswers() {
        var machine = call(.joined(first, agent1))
        #expect(
            machine.handle(.replaced(by: second)) == [
                .hear(caller, []), .hear(first, []), .music(caller, true), right(.system), .apart(.begin([first])),
            ])
        #expect(machine.state.phase == .transferring)
        #expect(machine.handle(.left(first)) == [.apart(.end)])
        // Others who join meanwhile are not the target.
        #expect(machine.handle(.joined(third, agent3)) == [])
        #expect(
            machine.handle(.joined(second, agent2)) == [
                .music(caller, false), .hear(caller, [second]), .hear(second, [caller]), right(.agent, n1002),
            ])
    }

    @Test func theTransferringAgentIsReleasedWhenTheTargetAnswers() {
        var machine = call(.joined(first, agent1), .replaced(by: second))
        #expect(
            machine.handle(.joined(second, agent2)) == [
                .apart(.end), .music(caller, false), .hear(caller, [second]), .hear(second, [caller]),
                right(.agent, n1002), .release(first),
            ])
    }

    @Test func aTargetThatDoesNotAnswerGivesTheCallerBack() {
        var stays = call(.joined(first, agent1), .replaced(by: second))
        #expect(
            stays.handle(.left(second)) == [
                .apart(.end), .music(caller, false), .hear(caller, [first]), .hear(first, [caller]),
                right(.agent, n1001),
            ])
        var left = call(.joined(first, agent1), .replaced(by: second), .left(first))
        #expect(left.handle(.left(second)) == [.music(caller, false)])
        #expect(left.state.phase == .alone)
    }

    @Test func aTargetThatHasJoinedTakesOverAtOnce() {
        var machine = call(.joined(first, agent1), .joined(second, agent2))
        #expect(
            machine.handle(.replaced(by: second)) == [
                .hear(caller, [second]), .hear(first, []), .hear(second, [caller]), right(.agent, n1002),
                .release(first),
            ])
    }

    @Test func aSecondTargetReleasesTheFirst() {
        var machine = call(.joined(first, agent1), .replaced(by: second))
        #expect(machine.handle(.replaced(by: third)) == [.release(second)])
        // The first target answers as it is released: it is nobody.
        #expect(machine.handle(.joined(second, agent2)) == [])
        #expect(machine.handle(.joined(third, agent3)).contains(right(.agent, n1003)))
    }

    @Test func aBlindTransferEndsAConsultation() {
        var machine = call(.joined(first, agent1), .joined(second, agent2), .consult(second))
        #expect(
            machine.handle(.replaced(by: third)) == [
                .apart(.end), .hear(first, []), .hear(second, []), .apart(.begin([first])), .release(second),
            ])
    }

    // MARK: - Supervision

    @Test func aListeningSupervisorIsHeardByNobody() {
        var machine = call(.joined(first, agent1))
        #expect(machine.handle(.joined(boss, supervisor)) == [])
        #expect(machine.handle(.supervise(boss, .listen)) == [.hear(boss, [caller, first])])
    }

    @Test func aWhisperReachesTheAgentAlone() {
        var machine = call(
            .joined(first, agent1), .joined(second, workshop), .consult(second), .consultEnded(.conference),
            .joined(boss, supervisor))
        #expect(
            machine.handle(.supervise(boss, .whisper)) == [
                .hear(first, [caller, second, boss]), .hear(boss, [caller, first, second]),
            ])
    }

    @Test func bargingInReachesAll() {
        var machine = call(.joined(first, agent1), .joined(boss, supervisor), .supervise(boss, .whisper))
        #expect(machine.handle(.supervise(boss, .barge)) == [.hear(caller, [first, boss])])
        #expect(machine.handle(.supervise(boss, .listen)) == [.hear(caller, [first]), .hear(first, [caller])])
    }

    @Test func aWaitingCallerDoesNotHearWhoBargedIn() {
        var machine = call(.joined(first, agent1), .joined(boss, supervisor), .supervise(boss, .barge))
        #expect(
            machine.handle(.hold(true)) == [
                .hear(caller, []), .hear(first, [boss]), .hear(boss, [first]), .music(caller, true), right(.system),
                .apart(.begin([first])),
            ])
    }

    @Test func supervisorsAreReleasedWithTheLastAgent() {
        var machine = call(.joined(first, agent1), .joined(boss, supervisor), .supervise(boss, .listen))
        #expect(
            machine.handle(.left(first)) == [.hear(caller, []), .hear(boss, []), right(.system), .release(boss)])
        // And one who comes too late.
        #expect(machine.handle(.joined(third, supervisor)) == [.release(third)])
    }

    @Test func supervisionOutlivesATransfer() {
        var machine = call(
            .joined(first, agent1), .joined(boss, supervisor), .supervise(boss, .listen), .replaced(by: second),
            .left(first))
        #expect(machine.handle(.joined(second, agent2)).contains(.hear(boss, [caller, second])))
    }

    @Test func twoSupervisorsAtMost() {
        var machine = call(.joined(first, agent1), .joined(boss, supervisor), .joined(second, supervisor))
        #expect(machine.handle(.joined(third, supervisor)) == [.release(third)])
        #expect(machine.state.supervisors.map(\.leg) == [boss, second])
    }

    @Test func theFullestCallHasListsOfFour() {
        var machine = call(
            .joined(first, agent1), .joined(second, workshop), .consult(second), .consultEnded(.conference),
            .joined(boss, supervisor), .joined(fourth, supervisor), .supervise(boss, .barge))
        #expect(
            machine.handle(.supervise(fourth, .barge)) == [
                .hear(caller, [first, second, boss, fourth]), .hear(first, [caller, second, boss, fourth]),
                .hear(second, [caller, first, boss, fourth]), .hear(boss, [caller, first, second, fourth]),
                .hear(fourth, [caller, first, second, boss]),
            ])
    }

    @Test func aSupervisorMayTakeTheCallOver() {
        var machine = call(.joined(first, agent1), .joined(boss, supervisor), .supervise(boss, .barge))
        #expect(
            machine.handle(.replaced(by: boss)) == [
                .hear(caller, [boss]), .hear(first, []), .hear(boss, [caller]), right(.supervisor, n9001),
                .release(first),
            ])
        // He serves now: his mode is gone, and the call ends with him.
        #expect(machine.handle(.supervise(boss, .listen)) == [])
        #expect(machine.handle(.left(boss)) == [.hear(caller, []), right(.system)])
    }

    // MARK: - Mute, the caller's own hold, the end

    @Test func aMutedLegIsHeardByNobody() {
        var machine = call(.joined(first, agent1), .joined(boss, supervisor), .supervise(boss, .barge))
        #expect(
            machine.handle(.mute(first, true)) == [
                .hear(caller, [boss]), .hear(boss, [caller]), right(.supervisor, n9001),
            ])
        #expect(machine.state.muted == [first])
        #expect(
            machine.handle(.mute(first, false)) == [
                .hear(caller, [first, boss]), .hear(boss, [caller, first]), right(.agent, n1001),
            ])
        #expect(machine.handle(.mute(caller, true)) == [.hear(first, [boss]), .hear(boss, [first])])
    }

    @Test func whomTheCallersPhoneHoldsHeDoesNotHear() {
        var machine = call(.joined(first, agent1))
        // The agent goes on hearing what comes from there; there is no music of ours, and no recording apart.
        #expect(machine.handle(.callerHeld(true)) == [.hear(caller, []), right(.system)])
        #expect(machine.handle(.hold(true)) == [.hear(first, []), .apart(.begin([first]))])
        #expect(machine.handle(.callerHeld(false)) == [.music(caller, true)])
        #expect(machine.state.phase == .held)
    }

    @Test func theCallersLeavingReleasesEverybody() {
        var machine = call(
            .joined(first, agent1), .joined(second, agent2), .consult(second), .joined(boss, supervisor),
            .supervise(boss, .listen))
        #expect(
            machine.handle(.left(caller)) == [
                .apart(.end), .hear(first, []), .hear(second, []), .hear(boss, []), .release(first),
                .release(second), .release(boss),
            ])
        #expect(machine.state.phase == .over)
        // Who answers as the caller hangs up is let go at once, once.
        #expect(machine.handle(.joined(third, agent3)) == [.release(third)])
        #expect(machine.handle(.replaced(by: fourth)) == [])
        #expect(machine.handle(.left(third)) == [])
    }

    @Test func theCallersLeavingReleasesATransfersTarget() {
        var machine = call(.joined(first, agent1), .replaced(by: second), .left(first))
        #expect(machine.handle(.left(caller)) == [.release(second)])
        #expect(machine.handle(.joined(second, agent2)) == [])
    }
}
