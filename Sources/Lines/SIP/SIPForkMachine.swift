import Media

/// One leg that rings several telephones at once (parallel forking, RFC 3261 §16.7, done by the caller itself): a dialog
/// for each contact, of which the first to answer becomes the leg. A value that performs nothing, like `SIPLegMachine`.
///
/// What the leg is told: each provisional status once, without early media (several would be mixed up); `established`
/// once; or `released` once, when all have failed, the time is up or we released it. The others are cancelled; a 200
/// that crosses is acknowledged by the stack and ended with BYE by its own dialog.
///
/// A telephone's 6xx means the person, not the device: the others stop ringing, too. Of several failures busy counts
/// most (486, 600), then a refusal (6xx), then whatever else a telephone said, silence least.
package struct SIPForkMachine: Sendable {
    package enum Event: Sendable, Hashable {
        case dial
        case release(ReleaseReason)
        case timedOut(milliseconds: Int)
        /// Something on the dialog with this index.
        case branch(Int, SIPLegMachine.Event)
    }

    package enum Action: Sendable {
        case branch(Int, SIPLegMachine.Action)
        /// This dialog is the leg from now on; events of it go to the machine given, no longer here.
        case win(Int, SIPLegMachine)
        /// To be done by the leg that has just won.
        case leg(SIPLegMachine.Action)
        case tell(SIPLegMachine.Told)
    }

    /// RFC 3326: telephones show no missed call for it.
    package static let elsewhere = "SIP;cause=200;text=\"Call completed elsewhere\""

    /// nil: has won, or the stack let go of it.
    private var branches: [SIPLegMachine?]
    private var told: Set<Int> = []
    private var failures: [LineRelease] = []
    /// Somebody answered, or the release was told.
    package private(set) var isDecided = false

    package init(_ branches: [SIPLegMachine]) { self.branches = branches }

    /// Nothing is left that events could be for.
    package var isDone: Bool { branches.allSatisfy { $0 == nil } }
    package var isAwaitingAnswer: Bool { !isDecided }

    package mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .dial: return branches.indices.flatMap { feed($0, .dial) }
        case .release(let reason): return end(.release(reason), cancel: nil)
        case .timedOut(let milliseconds): return end(.timedOut(milliseconds: milliseconds), cancel: nil)
        case .branch(let index, let event):
            guard branches.indices.contains(index) else { return [] }
            guard case .response(let status, _, let reason) = event, status < 200 else { return feed(index, event) }
            return feed(index, .response(status: status, sdp: nil, reason: reason))
        }
    }

    private mutating func feed(_ index: Int, _ event: SIPLegMachine.Event) -> [Action] {
        guard var machine = branches[index] else { return [] }
        let actions = machine.handle(event)
        let isAnswer = actions.contains { if case .tell(.established) = $0 { true } else { false } }
        if isAnswer {
            branches[index] = nil
            isDecided = true
            // The others stop ringing before media is touched.
            return [.win(index, machine)] + stopRinging(cancel: Self.elsewhere) + actions.map(Action.leg)
        }
        branches[index] = machine
        return actions.flatMap { action -> [Action] in
            switch action {
            case .tell(.progress(let status, _)):
                guard !isDecided, told.insert(status).inserted else { return [] }
                return [.tell(.progress(status: status, early: false))]
            case .tell(.released(let release)): return failed(release)
            case .tell, .configure: return []
            case .forget:
                branches[index] = nil
                return [.branch(index, .forget)]
            default: return [.branch(index, action)]
            }
        }
    }

    private mutating func failed(_ release: LineRelease) -> [Action] {
        guard !isDecided else { return [] }
        failures.append(release)
        let isFinal = (600..<700).contains(release.status ?? 0)
        guard isFinal || branches.allSatisfy({ $0?.isOver ?? true }) else { return [] }
        isDecided = true
        return stopRinging(cancel: nil) + [.tell(.released(best(release)))]
    }

    /// What the leg is told where nobody answered; the earlier of two alike.
    private func best(_ last: LineRelease) -> LineRelease {
        (failures + [last]).min { Self.rank($0) < Self.rank($1) } ?? last
    }

    /// Ends all dialogs for one reason, and tells it once.
    private mutating func end(_ event: SIPLegMachine.Event, cancel: String?) -> [Action] {
        guard !isDecided else { return [] }
        isDecided = true
        var release: LineRelease?
        var actions: [Action] = []
        for index in branches.indices {
            guard var machine = branches[index], !machine.isOver else { continue }
            for action in machine.handle(event) {
                if case .tell(let told) = action {
                    if case .released(let own) = told, release == nil { release = own }
                } else {
                    actions.append(.branch(index, Self.replaced(action, cancel)))
                }
            }
            branches[index] = machine
        }
        // Those that spoke before the time was up have said more than those that kept silent.
        if case .timedOut = event, let silent = release { release = best(silent) }
        return actions + [.tell(.released(release ?? LineRelease(cause: .local, message: "not yet dialled")))]
    }

    private mutating func stopRinging(cancel: String?) -> [Action] {
        var actions: [Action] = []
        for index in branches.indices {
            guard var machine = branches[index], !machine.isOver else { continue }
            for action in machine.handle(.release(ReleaseReason(cause: 26, text: "Answered elsewhere"))) {
                if case .tell = action { continue }
                actions.append(.branch(index, Self.replaced(action, cancel)))
            }
            branches[index] = machine
        }
        return actions
    }

    private static func replaced(_ action: SIPLegMachine.Action, _ reason: String?) -> SIPLegMachine.Action {
        if case .cancel = action, let reason { return .cancel(reason: reason) }
        return action
    }

    private static func rank(_ release: LineRelease) -> Int {
        switch release.status {
        case 486, 600: 0
        case .some(600..<700): 1
        case 480: 2
        case 408, nil: 6
        case .some(400..<500): 3
        case .some(300..<400): 4
        default: 5
        }
    }
}
