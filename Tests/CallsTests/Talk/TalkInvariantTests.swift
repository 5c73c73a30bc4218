import Calls
import Testing

/// SplitMix64: the same stream on every run, so that what failed once fails again.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }
}

/// What an owner knows of a call from the machine's actions alone, and of the events it gave.
private struct Mirror {
    let caller: LegID
    var parties: [LegID: TalkParty] = [:]
    var modes: [LegID: SuperviseMode] = [:]
    var muted: Set<LegID> = []
    var gone: Set<LegID> = []
    var isHeldByCaller = false
    var hears: [LegID: [LegID]] = [:]
    var music = false
    var segment: (role: SegmentRole, agent: WorkNumber?) = (.system, nil)
    var apart: [LegID]?
    var released: Set<LegID> = []
    var begins = 0
    var ends = 0

    init(caller: LegID) { self.caller = caller }

    mutating func note(_ event: TalkMachine.Event) {
        switch event {
        case .joined(let leg, let party): if !gone.contains(leg), parties[leg] == nil { parties[leg] = party }
        case .left(let leg):
            gone.insert(leg)
            parties[leg] = nil
            // The engine drops a closed leg's own list; those that name it are the machine's to tell anew.
            hears[leg] = nil
            muted.remove(leg)
        case .mute(let leg, let wanted):
            guard leg == caller || parties[leg] != nil, !gone.contains(leg) else { return }
            if wanted { muted.insert(leg) } else { muted.remove(leg) }
        case .supervise(let leg, let mode): modes[leg] = mode
        case .callerHeld(let wanted): isHeldByCaller = wanted
        default: break
        }
    }

    /// - Returns: what is wrong with an action by itself, or its place among the others.
    mutating func perform(_ actions: [TalkMachine.Action]) -> [String] {
        var wrong: [String] = []
        var last = 0
        for action in actions {
            let rank: Int
            switch action {
            case .apart(.end):
                rank = 0
                if apart == nil { wrong.append("an end without a beginning") }
                apart = nil
                ends += 1
            case .music(let leg, false):
                rank = 1
                if leg != caller || !music { wrong.append("no music to stop") }
                music = false
            case .hear(let leg, let legs):
                rank = leg == caller ? 2 : 3
                if hears[leg, default: []] == legs { wrong.append("told twice: \(action)") }
                if gone.contains(leg) || !gone.isDisjoint(with: legs) { wrong.append("a left leg: \(action)") }
                hears[leg] = legs
            case .music(let leg, true):
                rank = 4
                if leg != caller || music { wrong.append("music twice") }
                music = true
            case .segment(let channel, let role, let agent):
                rank = 5
                if channel != 1 || (role, agent) == segment { wrong.append("no new segment: \(action)") }
                segment = (role, agent)
            case .apart(.begin(let legs)):
                rank = 6
                if apart != nil { wrong.append("two recordings apart") }
                if !gone.isDisjoint(with: legs) { wrong.append("a left leg: \(action)") }
                apart = legs
                begins += 1
            case .release(let leg):
                rank = 7
                if gone.contains(leg) || !released.insert(leg).inserted { wrong.append("released twice: \(leg)") }
            }
            if rank < last { wrong.append("out of order: \(action)") }
            last = rank
        }
        return wrong
    }

    /// - Returns: the invariants that do not hold.
    func broken(_ state: TalkState) -> [String] {
        var wrong: [String] = []
        func must(_ holds: Bool, _ what: String) { if !holds { wrong.append(what) } }
        let isOver = gone.contains(caller)
        let callerHears = hears[caller] ?? []
        let waits = [.held, .consulting, .transferring].contains(state.phase)

        must((state.phase == .over) == isOver, "over without the caller's leaving")
        for leg in callerHears where leg != state.serving && leg != state.consultant {
            must(parties[leg]?.role == .supervisor && modes[leg] == .barge, "the caller hears \(leg)")
        }
        must(!waits || callerHears.isEmpty, "a waiting caller hears somebody")
        must(!isHeldByCaller || callerHears.isEmpty, "the caller's phone holds us, and he hears somebody")
        must(music == (waits && !isHeldByCaller) || isOver, "music")
        if let serving = state.serving {
            let hearsCaller = hears[serving, default: []].contains(caller)
            must(hearsCaller == (!waits && !muted.contains(caller)), "the agent's hearing of the caller")
            must(!released.contains(serving) && !gone.contains(serving), "a left leg serves")
            must(
                waits || isHeldByCaller || muted.contains(serving) || callerHears.contains(serving),
                "the caller does not hear the agent")
        }
        for (leg, legs) in hears {
            must(legs.count <= 4 && Set(legs).count == legs.count, "a list of \(legs.count)")
            must(!legs.contains(leg), "somebody hears himself")
            must(muted.isDisjoint(with: legs), "a muted leg is heard")
            must(gone.isDisjoint(with: legs) && !gone.contains(leg), "a left leg is in a list")
            must(released.isDisjoint(with: legs), "a released leg is heard")
            must(!released.contains(leg) || legs.isEmpty, "a released leg hears")
            for other in legs where parties[other]?.role == .supervisor && other != state.serving {
                guard other != state.consultant else { continue }
                must(modes[other] != .listen, "a listening supervisor is heard")
                must(modes[other] != .whisper || leg == state.serving, "a whisper is heard by another")
            }
        }
        let heard = callerHears.first.flatMap { parties[$0] }
        must(isOver || segment.role == (heard.map { SegmentRole($0.role) } ?? .system), "the segment's role")
        must(isOver || segment.agent == heard?.agent, "the segment's agent")
        must((apart != nil) == (waits && state.serving != nil), "the recording apart")
        must(apart == nil || apart?.first == state.serving, "the recording apart is of another")
        must(apart == nil || apart?.dropFirst().first == state.consultant, "the consultant's channel")
        must(begins - ends == (apart == nil ? 0 : 1), "beginnings and ends")
        must(state.supervisors.count <= 2, "more than two supervisors")
        let named = state.muted + state.supervisors.map(\.leg) + [state.serving, state.consultant].compactMap(\.self)
        must(gone.isDisjoint(with: named), "a left leg in the live view")
        return wrong
    }
}

@Suite struct TalkInvariantTests {
    private static let roles: [LegRole] = [
        .agent, .agent, .agent, .department, .customer, .supervisor, .supervisor, .caller,
    ]

    private static func event(
        _ random: inout Seeded, legs: [LegID], caller: LegID, mayEnd: Bool
    ) -> TalkMachine.Event {
        let leg = legs[Int.random(in: 1..<legs.count, using: &random)]
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<28:
            let role = roles[Int.random(in: 0..<roles.count, using: &random)]
            let number = role == .agent || role == .supervisor ? WorkNumber("\(leg.low + 1000)") : nil
            return .joined(leg, TalkParty(role: role, agent: number))
        case 28..<42: return .left(leg)
        case 42..<50: return .hold(Bool.random(using: &random))
        case 50..<60: return .consult(leg)
        case 60..<70:
            return .consultEnded(ConsultEnd.allCases[Int.random(in: 0..<3, using: &random)])
        case 70..<76: return .replaced(by: leg)
        case 76..<82:
            return .mute(Int.random(in: 0..<5, using: &random) == 0 ? caller : leg, Bool.random(using: &random))
        case 82..<94: return .supervise(leg, SuperviseMode.allCases[Int.random(in: 0..<3, using: &random)])
        case 94..<98: return .callerHeld(Bool.random(using: &random))
        default: return mayEnd ? .left(caller) : .hold(false)
        }
    }

    /// 100,000 events in 1,000 calls. Legs are few at a time, so that the events meet; a leg that left is followed by
    /// a new one in its place, and still named now and then, as messages cross.
    @Test func nothingBreaksTheRules() throws {
        var phases: [TalkState.Phase: Int] = [:]
        var apart = 0
        var releases = 0
        for seed in UInt64(1)...1000 {
            var random = Seeded(state: seed)
            let caller = talkLeg(1)
            var legs = (1...8).map { talkLeg(UInt64($0)) }
            var next: UInt64 = 9
            var machine = TalkMachine(caller: caller)
            var mirror = Mirror(caller: caller)
            var history: [TalkMachine.Event] = []
            for index in 0..<100 {
                let event = Self.event(&random, legs: legs, caller: caller, mayEnd: index > 80)
                history.append(event)
                if case .left(let leg) = event, leg != caller, Bool.random(using: &random),
                    let place = legs.firstIndex(of: leg)
                {
                    legs[place] = talkLeg(next)
                    next += 1
                }
                mirror.note(event)
                let actions = machine.handle(event)
                let wrong = mirror.perform(actions) + mirror.broken(machine.state)
                try #require(wrong.isEmpty, "seed \(seed): \(wrong) after \(history.suffix(12)): \(actions)")
                phases[machine.state.phase, default: 0] += 1
            }
            // The end of the call ends what was begun.
            mirror.note(.left(caller))
            _ = mirror.perform(machine.handle(.left(caller)))
            try #require(mirror.begins == mirror.ends, "seed \(seed)")
            try #require(mirror.broken(machine.state).isEmpty, "seed \(seed)")
            apart += mirror.begins
            releases += mirror.released.count
        }
        // The stream met every state, and often: an idle machine would keep every rule too.
        for phase in TalkState.Phase.allCases { #expect(phases[phase, default: 0] > 1000, "\(phase)") }
        #expect(apart > 1000)
        #expect(releases > 1000)
    }
}
