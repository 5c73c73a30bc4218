import Calls
import Testing

private let zero = Instant(wall: 1_795_000_000_000_000, mono: 50_000_000_000)
private func at(_ milliseconds: Int64) -> Instant { zero.advanced(milliseconds: milliseconds) }
private let leg = LegID(high: 1, low: 2)
private func end(_ cause: LegEnd.Cause, q850: Int? = nil) -> LegEnd {
    LegEnd(leg: leg, cause: cause, q850: q850, message: cause.rawValue)
}

/// A machine that answers a second into ring 1, brought to the named state.
private func machine(answered: Bool = false, established: Bool = false) -> CallMachine {
    var machine = CallMachine(answerDelayMilliseconds: 1000)
    _ = machine.handle(.offered, at: at(0))
    _ = machine.handle(.alerted(.nominal180), at: at(10))
    _ = machine.handle(.answerWanted, at: at(11))
    if answered || established {
        _ = machine.handle(.answerDue, at: at(1010))
        _ = machine.handle(.answered, at: at(1012))
    }
    if established { _ = machine.handle(.established, at: at(1020)) }
    return machine
}

@Suite struct CallMachineTests {
    @Test func ringsIsHeardAndThenAnswered() {
        var machine = CallMachine(answerDelayMilliseconds: 1000)
        #expect(machine.handle(.offered, at: at(0)) == [.ring])
        // The flow wants the answer before our 180 is out: the ring is still heard for its second.
        #expect(machine.handle(.answerWanted, at: at(1)) == [])
        #expect(
            machine.handle(.alerted(.nominal180), at: at(30))
                == [.noteAlerted(.nominal180), .answerAfter(milliseconds: 1000)])
        #expect(machine.handle(.answerDue, at: at(1030)) == [.answer])
        #expect(machine.handle(.answered, at: at(1034)) == [.noteAnswered(milliseconds: 1004, basis: .nominal180)])
        #expect(machine.handle(.established, at: at(1040)) == [.begin])
        #expect(machine.isEstablished)
    }

    @Test func aLateWishToAnswerIsMetAtOnce() {
        var machine = CallMachine(answerDelayMilliseconds: 1000)
        _ = machine.handle(.offered, at: at(0))
        _ = machine.handle(.alerted(.modem), at: at(0))
        #expect(machine.handle(.answerWanted, at: at(400)) == [.answerAfter(milliseconds: 600)])
        var late = CallMachine(answerDelayMilliseconds: 1000)
        _ = late.handle(.offered, at: at(0))
        _ = late.handle(.alerted(.modem), at: at(0))
        #expect(late.handle(.answerWanted, at: at(7000)) == [.answerAfter(milliseconds: 0)])
    }

    @Test func giveUpWhileRinging() throws {
        var machine = machine()
        #expect(machine.handle(.legEnded(end(.cancelled)), at: at(600)) == [.over])
        // The timer runs out as the caller gives up: nothing is answered any more.
        #expect(machine.handle(.answerDue, at: at(1010)) == [])
        #expect(machine.handle(.answered, at: at(1011)) == [])
        let termination = try #require(machine.termination(lastRTP: nil))
        #expect(termination.outcome == .abandoned)
        #expect(termination.releasedBy == .caller)
    }

    @Test func onlyTheFirstIntentCounts() throws {
        var machine = machine(established: true)
        #expect(machine.handle(.releaseWanted(.flowAfterWait), at: at(5000)) == [.release])
        #expect(machine.handle(.releaseWanted(.stopped), at: at(5001)) == [])
        _ = machine.handle(.legEnded(end(.local)), at: at(5010))
        #expect(try #require(machine.termination(lastRTP: nil)).outcome == .releasedAfterWait)
    }

    @Test func aByeThatCrossesOurReleaseIsTheCallers() throws {
        var machine = machine(established: true)
        _ = machine.handle(.releaseWanted(.flowAfterWait), at: at(5000))
        _ = machine.handle(.legEnded(end(.remoteBye)), at: at(5001))
        let termination = try #require(machine.termination(lastRTP: at(4990)))
        #expect(termination.releasedBy == .caller)
        #expect(termination.outcome == .completed)
    }

    @Test func everyEventInEveryStateIsHarmless() {
        let events: [CallMachine.Event] = [
            .offered, .alerted(.nominal180), .answerWanted, .answerDue, .answered, .established,
            .releaseWanted(.flowCompleted), .legEnded(end(.remoteBye)),
        ]
        // All sequences of four events from a new machine: it never ends twice and never answers after its end.
        for first in events {
            for second in events {
                for third in events {
                    for fourth in events {
                        var machine = CallMachine(answerDelayMilliseconds: 1000)
                        var overs = 0
                        for (index, event) in [first, second, third, fourth].enumerated() {
                            let actions = machine.handle(event, at: at(Int64(index)))
                            if overs > 0 { #expect(actions.isEmpty) }
                            overs += actions.filter { $0 == .over }.count
                        }
                        #expect(overs <= 1)
                        #expect((machine.termination(lastRTP: nil) != nil) == (overs == 1))
                    }
                }
            }
        }
    }
}

@Suite struct TerminationTests {
    struct Row: Sendable {
        var cause: LegEnd.Cause
        var q850: Int?
        var answered = true
        var established = true
        var intent: ReleaseIntent?
        /// Milliseconds between the last RTP packet and the end; nil: none ever came.
        var silence: Int64?
        var outcome: Outcome
        var by: ReleasedBy
    }

    @Test(arguments: [
        Row(cause: .cancelled, answered: false, established: false, outcome: .abandoned, by: .caller),
        Row(cause: .cancelled, q850: 16, answered: false, established: false, outcome: .abandoned, by: .caller),
        Row(cause: .cancelled, q850: 26, answered: false, established: false, outcome: .abandoned, by: .network),
        Row(cause: .remoteBye, silence: 20, outcome: .completed, by: .caller),
        Row(cause: .remoteBye, silence: 2000, outcome: .completed, by: .caller),
        Row(cause: .remoteBye, silence: 2001, outcome: .completed, by: .unknown),
        Row(cause: .remoteBye, silence: nil, outcome: .completed, by: .unknown),
        Row(cause: .remoteBye, q850: 16, silence: 9000, outcome: .completed, by: .caller),
        Row(cause: .remoteBye, q850: 41, silence: 20, outcome: .completed, by: .network),
        Row(cause: .remoteBye, q850: 27, silence: nil, outcome: .completed, by: .network),
        Row(cause: .remoteBye, established: false, silence: nil, outcome: .notEstablished, by: .unknown),
        Row(cause: .noAck, established: false, outcome: .notEstablished, by: .unknown),
        Row(cause: .sessionTimer, outcome: .networkLost, by: .network),
        Row(cause: .carrierLost, outcome: .completed, by: .unknown),
        Row(cause: .carrierLost, q850: 16, silence: 20, outcome: .completed, by: .unknown),
        Row(cause: .carrierLost, q850: 41, outcome: .networkLost, by: .network),
        Row(cause: .carrierLost, answered: false, established: false, outcome: .abandoned, by: .unknown),
        Row(cause: .carrierLost, q850: 27, answered: false, established: false, outcome: .abandoned, by: .network),
        Row(cause: .failed, outcome: .failed, by: .network),
        Row(cause: .local, intent: .flowCompleted, outcome: .completed, by: .flow),
        Row(cause: .local, intent: .flowAfterWait, outcome: .releasedAfterWait, by: .flow),
        Row(cause: .local, intent: .inactive, outcome: .inactive, by: .flow),
        Row(cause: .local, intent: .stopped, outcome: .stopped, by: .supervisor),
        Row(cause: .local, intent: .unrecordable, outcome: .unrecordable, by: .flow),
        Row(cause: .local, intent: nil, outcome: .failed, by: .unknown),
    ])
    func judges(_ row: Row) {
        let termination = Termination.classify(
            end: end(row.cause, q850: row.q850), endedAt: at(60_000), answered: row.answered,
            established: row.established, intent: row.intent, lastRTP: row.silence.map { at(60_000 - $0) })
        #expect(termination.outcome == row.outcome)
        #expect(termination.releasedBy == row.by)
        #expect(termination.evidence.firstLeg == leg)
        #expect(termination.evidence.q850 == row.q850)
    }
}
