/// Who hears whom within one call, and who stands on which channel of which recording, as a value.
///
/// Beside the caller a call has at most one serving party, one consultant, and two supervisors. Legs that only ring
/// are no parties; a leg becomes one when it `joined`. What follows from the parties is computed anew after every
/// event, and only the differences are told. An event that does not fit the state changes nothing; a leg for which
/// there is no use any more is told by `release`, and counts as nobody from then on.
///
/// The rules, each with a test of its name (TalkMachineTests):
/// - Who joins while nobody serves, serves. Others stand by, hearing nobody, until `consult` or `replaced` names them.
/// - Where the serving party leaves, the consultant takes over (hanging up in a consultation transfers), then who
///   stands by, in the order of joining.
/// - The caller waits with music and hears nobody during hold, consultation, and until a transfer's target answers.
/// - A supervisor is heard as his mode says, and never by a waiting caller.
/// - A muted leg is heard by nobody. Whom the caller's phone holds, the caller does not hear.
/// - The call's recording names on its right channel whom the caller hears first: serving party, consultant in a
///   conference, supervisor who barged in; otherwise the machine.
/// - While the caller waits, what the serving party says is recorded apart (left), with the consultant (right).
public struct TalkMachine: Sendable {
    public enum Event: Sendable, Hashable {
        /// A leg of this call was answered.
        case joined(LegID, TalkParty)
        /// A leg is over, also one that never joined (a transfer's target that did not answer), also the caller's.
        case left(LegID)
        /// The serving agent puts the caller on hold, or takes him back.
        case hold(Bool)
        /// A party standing by speaks with the serving agent.
        case consult(LegID)
        /// The end of a consultation, or of a conference.
        case consultEnded(ConsultEnd)
        /// Blind transfer: the leg takes the call over, at once where it has joined, else when it joins.
        case replaced(by: LegID)
        /// Nobody hears a muted leg.
        case mute(LegID, Bool)
        /// A supervisor who joined chooses, or changes, his mode.
        case supervise(LegID, SuperviseMode)
        /// The caller's own phone holds us, or takes us back.
        case callerHeld(Bool)
    }

    /// In the order of one answer: the recording apart ends, music stops, the caller's list, the others' lists in the
    /// order of joining, music begins, the segment, the recording apart begins, releases.
    public enum Action: Sendable, Hashable {
        /// All that the leg hears from now on, beside what is played to it; at most four.
        case hear(LegID, [LegID])
        /// Hold music on that leg.
        case music(LegID, Bool)
        /// Who the channel of the call's recording carries from now on. It begins as `system`.
        case segment(channel: Int, role: SegmentRole, agent: WorkNumber?)
        case apart(Apart)
        /// The leg has no purpose any more: end it. It is told once.
        case release(LegID)
    }

    /// A recording of its own ("consultation"): nothing of it belongs to the caller's recording.
    public enum Apart: Sendable, Hashable {
        /// What is received from these legs: left the serving agent, right the consultant where there is one.
        case begin([LegID])
        case end
    }

    /// The channel that holds what is sent to the caller.
    public static let rightChannel = 1
    /// Supervisors a call has room for; with them no list is longer than four.
    public static let mostSupervisors = 2

    private struct Partner: Sendable {
        var leg: LegID
        var isConference: Bool
    }

    /// What was told last.
    private struct Told: Sendable {
        var hears: [LegID: [LegID]] = [:]
        var music = false
        var role = SegmentRole.system
        var agent: WorkNumber?
        var apart: [LegID]?
    }

    private let caller: LegID
    /// Everybody who joined and has not left, the released ones too, in the order of joining; not the caller.
    private var order: [LegID] = []
    private var parties: [LegID: TalkParty] = [:]
    private var serving: LegID?
    private var partner: Partner?
    /// A transfer's target that has not joined yet.
    private var target: LegID?
    private var modes: [LegID: SuperviseMode] = [:]
    private var muted: Set<LegID> = []
    private var released: Set<LegID> = []
    /// Legs of this call that are over: crossing messages must not bring them back.
    private var gone: Set<LegID> = []
    private var isHeld = false
    private var isHeldByCaller = false
    private var isOver = false
    private var told = Told()

    /// - Parameter caller: the caller's leg, which is a party from the beginning.
    public init(caller: LegID) { self.caller = caller }

    public mutating func handle(_ event: Event) -> [Action] {
        let before = released
        apply(event)
        settle()
        return differences() + order(of: released.subtracting(before)).map { .release($0) }
    }

    // MARK: - Events

    private mutating func apply(_ event: Event) {
        switch event {
        case .joined(let leg, let party): join(leg, party)
        case .left(let leg): leave(leg)
        case .hold(let wanted): if serving != nil { isHeld = wanted }
        case .consult(let leg): consult(leg)
        case .consultEnded(let end): endConsultation(end)
        case .replaced(let leg): replace(by: leg)
        case .mute(let leg, let wanted):
            guard leg == caller || parties[leg] != nil, !gone.contains(leg) else { return }
            if wanted { muted.insert(leg) } else { muted.remove(leg) }
        case .supervise(let leg, let mode): if supervisors.contains(leg) { modes[leg] = mode }
        case .callerHeld(let wanted): isHeldByCaller = wanted
        }
    }

    private mutating func join(_ leg: LegID, _ party: TalkParty) {
        guard leg != caller, parties[leg] == nil, !gone.contains(leg) else { return }
        order.append(leg)
        parties[leg] = party
        let isSurplus = party.role == .supervisor && leg != target && supervisors.count > Self.mostSupervisors
        if isSurplus || party.role == .caller || isOver { release(leg) }
    }

    private mutating func leave(_ leg: LegID) {
        if leg == caller { isOver = true }
        if leg == target { target = nil }
        if leg == serving { serving = nil }
        if leg == partner?.leg { partner = nil }
        order.removeAll { $0 == leg }
        parties[leg] = nil
        modes[leg] = nil
        muted.remove(leg)
        released.remove(leg)
        told.hears[leg] = nil
        gone.insert(leg)
    }

    private mutating func consult(_ leg: LegID) {
        guard parties[leg] != nil, leg != serving, leg != partner?.leg, !released.contains(leg) else { return }
        guard serving != nil, partner == nil, target == nil else {
            // Nobody to speak with: the consultant would sit in silence. A supervisor has his own purpose.
            if parties[leg]?.role != .supervisor { release(leg) }
            return
        }
        modes[leg] = nil
        partner = Partner(leg: leg, isConference: false)
    }

    private mutating func endConsultation(_ end: ConsultEnd) {
        guard let partner else { return }
        switch end {
        case .completed:
            self.partner = nil
            serve(partner.leg)
        case .cancelled:
            self.partner = nil
            release(partner.leg)
        case .conference:
            self.partner?.isConference = true
            isHeld = false
        }
    }

    private mutating func replace(by leg: LegID) {
        guard !isOver, leg != caller, leg != serving, leg != target, !gone.contains(leg), !released.contains(leg)
        else { return }
        if let target { release(target) }
        target = leg
        // A consultation ends with the call's being passed on; a conference goes on with the new agent.
        if let partner, partner.leg == leg || !partner.isConference {
            self.partner = nil
            if partner.leg != leg { release(partner.leg) }
        }
    }

    // MARK: - What follows

    /// Brings in whom the parties' coming and going makes serve, and lets go whom nothing holds any more.
    private mutating func settle() {
        guard !isOver else {
            serving = nil
            partner = nil
            if let target { release(target) }
            for leg in order { release(leg) }
            return
        }
        if let target, parties[target] != nil { serve(target) }
        if serving == nil, target == nil, let heir { serve(heir) }
        if serving == nil {
            isHeld = false
            if target == nil { for leg in supervisors { release(leg) } }
        }
    }

    /// Who takes over where nobody serves.
    private var heir: LegID? {
        partner?.leg ?? order.first { !released.contains($0) && parties[$0]?.role != .supervisor }
    }

    private mutating func serve(_ leg: LegID) {
        if let serving, serving != leg { release(serving) }
        if partner?.leg == leg { partner = nil }
        if target == leg { target = nil }
        serving = leg
        modes[leg] = nil
        isHeld = false
    }

    private mutating func release(_ leg: LegID) {
        released.insert(leg)
        modes[leg] = nil
        if serving == leg { serving = nil }
        if partner?.leg == leg { partner = nil }
        if target == leg { target = nil }
    }

    /// Those who supervise, or will when they choose a mode.
    private var supervisors: [LegID] {
        order.filter {
            parties[$0]?.role == .supervisor && $0 != serving && $0 != partner?.leg && !released.contains($0)
        }
    }

    private var callerWaits: Bool {
        if target != nil { return true }
        guard serving != nil else { return false }
        return isHeld || partner?.isConference == false
    }

    private var bargedIn: [LegID] { supervisors.filter { modes[$0] == .barge } }

    private func hears(_ leg: LegID) -> [LegID] {
        guard !isOver, !released.contains(leg) else { return [] }
        let withCaller = serving == nil || callerWaits ? [] : [caller]
        let agent = serving.map { [$0] } ?? []
        let consultant = partner.map { [$0.leg] } ?? []
        let all: [LegID]
        switch leg {
        case caller: all = isHeldByCaller || withCaller.isEmpty ? [] : agent + consultant + bargedIn
        case serving:
            all = withCaller + consultant + supervisors.filter { modes[$0] == .whisper || modes[$0] == .barge }
        case partner?.leg: all = withCaller + agent + bargedIn
        default: all = modes[leg] == nil ? [] : withCaller + agent + consultant + bargedIn
        }
        return all.filter { $0 != leg && !muted.contains($0) }
    }

    // MARK: - Telling

    private mutating func differences() -> [Action] {
        let music = callerWaits && !isHeldByCaller && !isOver
        let apart = serving.flatMap { callerWaits ? [$0] + (partner.map { [$0.leg] } ?? []) : nil }
        var actions: [Action] = []
        if told.apart != nil, apart != told.apart { actions.append(.apart(.end)) }
        if told.music, !music, !isOver { actions.append(.music(caller, false)) }
        for leg in isOver ? order : [caller] + order {
            let hears = hears(leg)
            guard hears != told.hears[leg, default: []] else { continue }
            told.hears[leg] = hears
            actions.append(.hear(leg, hears))
        }
        if music, !told.music { actions.append(.music(caller, true)) }
        told.music = music
        if !isOver {
            let heard = told.hears[caller]?.first.flatMap { parties[$0] }
            let role = heard.map { SegmentRole($0.role) } ?? .system
            if role != told.role || heard?.agent != told.agent {
                actions.append(.segment(channel: Self.rightChannel, role: role, agent: heard?.agent))
            }
            told.role = role
            told.agent = heard?.agent
        }
        if let apart, apart != told.apart { actions.append(.apart(.begin(apart))) }
        told.apart = apart
        return actions
    }

    /// Joined legs in the order of joining, then those that never joined.
    private func order(of legs: Set<LegID>) -> [LegID] {
        order.filter(legs.contains) + legs.subtracting(order).sorted()
    }

    // MARK: - Live view

    public var state: TalkState {
        let phase: TalkState.Phase =
            if isOver {
                .over
            } else if target != nil {
                .transferring
            } else if serving == nil {
                .alone
            } else if partner?.isConference == false {
                .consulting
            } else if isHeld {
                .held
            } else {
                partner == nil ? .talking : .conference
            }
        return TalkState(
            phase: phase, serving: serving, agent: serving.flatMap { parties[$0]?.agent }, consultant: partner?.leg,
            supervisors: supervisors.map {
                TalkState.Supervision(leg: $0, agent: parties[$0]?.agent, mode: modes[$0])
            },
            muted: muted.sorted(), isHeldByCaller: isHeldByCaller)
    }
}
