import Calls
import Foundation
import Storage
import Testing

/// A work number that the test knows to be one.
func workNumber(_ text: String) -> WorkNumber {
    guard let number = WorkNumber(text) else { preconditionFailure("\(text) is no work number") }
    return number
}

/// A call that goes through a queue to a second agent after the first did not answer, with everything that can be said
/// of such a call. Milliseconds are those since the call's offer.
struct AgentScenario {
    let base: Scenario
    let first: LegID
    let second: LegID
    let colleague: LegID
    let message: MessageID
    let consultation: RecordingID
    let report: MessageID
    let one = workNumber("1001")
    let two = workNumber("1002")
    let three = workNumber("1003")

    init(_ index: Int, caller: String = "13900000001", start: Instant = SteppingTime.start) {
        base = Scenario(index, caller: caller, start: start)
        let random = SteppingRandom(seed: UInt64(index) &+ 9000)
        var identifiers = IdentifierGenerator(node: 1)
        let wall = base.start.wall
        first = identifiers.next(wallMicroseconds: wall, random: random.next())
        second = identifiers.next(wallMicroseconds: wall, random: random.next())
        colleague = identifiers.next(wallMicroseconds: wall, random: random.next())
        message = identifiers.next(wallMicroseconds: wall, random: random.next())
        consultation = identifiers.next(wallMicroseconds: wall, random: random.next())
        report = identifiers.next(wallMicroseconds: wall, random: random.next())
    }

    var call: CallID { base.call }
    func at(_ milliseconds: Int64) -> Instant { base.at(milliseconds) }
    private func position(_ milliseconds: Int64) -> AudioPosition { AudioPosition(milliseconds: milliseconds) }

    /// Answered, recorded, greeted.
    var opening: [Fact] {
        [
            base.offered, base.alerted, base.answered, base.established, base.planned, base.recordingStarted,
        ]
    }

    var entered: Fact {
        .queueEntered(
            QueueEntered(
                call: call, at: at(10_000), queue: "faults", skill: "fault", position: 2, priority: ["repeat_caller"]))
    }

    func offered(_ leg: LegID, _ agent: WorkNumber, _ milliseconds: Int64, _ purpose: AgentPurpose = .queue) -> Fact {
        .agentOffered(
            AgentOffered(
                call: call, leg: leg, at: at(milliseconds), agent: agent, purpose: purpose,
                queue: purpose == .queue ? "faults" : nil))
    }

    func alerted(_ leg: LegID, _ agent: WorkNumber, _ milliseconds: Int64) -> Fact {
        .agentAlerted(AgentAlerted(call: call, leg: leg, at: at(milliseconds), agent: agent))
    }

    func ended(
        _ leg: LegID, _ agent: WorkNumber, _ milliseconds: Int64, _ outcome: OfferOutcome, rang: Int64?
    ) -> Fact {
        .offerEnded(
            OfferEnded(
                call: call, leg: leg, at: at(milliseconds), agent: agent, outcome: outcome, ringMilliseconds: rang,
                rings: rang.map { Int($0 / 5000) + 1 }))
    }

    /// Agent 1001 rings 15 s in vain; agent 1002 answers in the second ring.
    var hunt: [Fact] {
        [
            offered(first, one, 12_000), alerted(first, one, 12_200),
            ended(first, one, 27_200, .noAnswer, rang: 15_000),
            offered(second, two, 27_300), alerted(second, two, 27_400),
            ended(second, two, 33_400, .answered, rang: 6000),
        ]
    }

    var agentAnswered: Fact {
        .agentAnswered(
            AgentAnswered(
                call: call, leg: second, at: at(33_400), agent: two, purpose: .queue, queue: "faults", rings: 2,
                ringMilliseconds: 6000, summedRings: 5, summedRingMilliseconds: 21_000, waitMilliseconds: 23_400,
                basis: .nominal180))
    }

    var left: Fact {
        .queueLeft(
            QueueLeft(
                call: call, at: at(33_450), queue: "faults", exit: .answered, waitMilliseconds: 23_450, offers: 2,
                rings: 5, ringMilliseconds: 21_000))
    }

    func held(_ isHeld: Bool, _ milliseconds: Int64) -> Fact {
        .agentHeld(
            AgentHeld(
                call: call, leg: second, at: at(milliseconds), agent: two, isHeld: isHeld,
                position: position(milliseconds - 1060)))
    }

    /// Announcement, apology, hold, a word with a colleague, a transfer that comes back, a mark, a rating, a message.
    var conversation: [Fact] {
        [
            .announced(
                Announced(
                    call: call, at: at(33_500), agent: two, items: ["greeting", "unit", "work_number"], by: "system",
                    position: position(32_440))),
            .apologyPlayed(ApologyPlayed(call: call, at: at(36_000), position: position(34_940), owed: true)),
            .segmentBegan(
                SegmentBegan(
                    recording: base.recording, call: call, at: at(33_450), position: position(32_390), channel: 1,
                    role: "agent", agent: two)),
            held(true, 40_000),
            .recordingPlanned(
                RecordingPlanned(
                    recording: consultation, call: call, at: at(40_500),
                    channels: [
                        .init(index: 0, leg: second, role: "agent", tap: "received"),
                        .init(index: 1, leg: colleague, role: "agent", tap: "received"),
                    ], purpose: "consultation")),
            offered(colleague, three, 41_000, .consultation), alerted(colleague, three, 41_100),
            ended(colleague, three, 43_000, .answered, rang: 1900),
            .agentAnswered(
                AgentAnswered(
                    call: call, leg: colleague, at: at(43_000), agent: three, purpose: .consultation, rings: 1,
                    ringMilliseconds: 1900, summedRings: 1, summedRingMilliseconds: 1900, basis: .nominal180)),
            .agentLeft(
                AgentLeft(
                    call: call, leg: colleague, at: at(48_000), agent: three, by: .agent, message: "BYE received")),
            held(false, 50_000),
            .transferred(
                Transferred(
                    call: call, at: at(52_000), from: two, to: "1003", kind: "attended", completed: false,
                    position: position(50_940))),
            .callMarked(CallMarked(call: call, at: at(60_000), by: two, mark: "angry", degree: 2, note: "停电三天")),
            .agentLeft(
                AgentLeft(call: call, leg: second, at: at(63_400), agent: two, by: .caller, message: "BYE received")),
            .rated(Rated(call: call, at: at(64_000), agent: two, score: 4, order: base.number)),
            .messageLeft(
                MessageLeft(
                    message: message, call: call, at: at(65_000), queue: "faults", caller: base.caller,
                    recording: base.recording, from: position(60_000), to: position(63_500),
                    dueAt: at(3_600_000))),
            .callBackAsked(
                CallBackAsked(call: call, at: at(65_500), queue: "faults", number: base.caller, dueAt: at(7_200_000))),
        ]
    }

    var released: Fact {
        .callReleased(
            CallReleased(
                call: call, at: at(66_000), releasedBy: .caller,
                evidence: ReleaseEvidence(firstLeg: base.leg, message: "BYE received"), outcome: .completed,
                statistics: [:]))
    }

    /// What is said of no call: states, hearing, numbers, roster.
    var around: [Fact] {
        [
            .rosterLoaded(
                RosterLoaded(
                    at: at(0), file: "roster.yaml", sha256: String(repeating: "cd", count: 32), agents: 3, queues: 1)),
            changed(one, .available, 100, source: .command), changed(two, .available, 200, source: .code),
            changed(one, .away, 27_200, reason: "missed", source: .missed),
            .messageHeard(MessageHeard(message: message, at: at(70_000), by: one)),
            .callBackEnded(CallBackEnded(call: call, at: at(80_000), reached: false, by: one)),
            .numberBlocked(
                NumberBlocked(
                    at: at(81_000), number: "13900000666", until: at(86_400_000), by: three, reason: "nuisance")),
            .numberUnblocked(NumberUnblocked(at: at(82_000), number: "13900000666", by: three)),
        ]
    }

    /// A nuisance call reported, a broken line, a form said to be needless. After `whole`.
    var conduct: [Fact] {
        [
            .callReported(
                CallReported(
                    message: report, call: call, at: at(61_000), role: .shiftLeader, by: two, mark: "nuisance",
                    queue: "faults", caller: base.caller, note: "辱骂", recording: base.recording, from: .zero,
                    to: position(59_940))),
            .callBackAsked(
                CallBackAsked(
                    call: call, at: at(66_000), queue: "faults", number: base.caller, dueAt: at(366_000),
                    dropped: CallBackAsked.Dropped(agent: two, follows: Scenario(50).call))),
            .formOwed(FormOwed(call: call, at: at(63_400), agent: two)),
            .formWaived(FormWaived(call: call, at: at(90_000), by: two, reason: "骚扰电话")),
        ]
    }

    func changed(
        _ agent: WorkNumber, _ state: AgentState, _ milliseconds: Int64, reason: String? = nil,
        source: AgentChangeSource = .call
    ) -> Fact {
        .agentChanged(
            AgentChanged(at: at(milliseconds), agent: agent, state: state, reason: reason, source: source))
    }

    var whole: [Fact] {
        opening + [entered] + hunt + [agentAnswered, left] + conversation + [released] + around
    }
}
