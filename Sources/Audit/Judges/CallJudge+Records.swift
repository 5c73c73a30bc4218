import Norms

// What is left of a call: its record, its speech, the calls back that it owes.

extension CallJudge {
    /// Caller, called, instants, direction and outcome. A withheld number is written down as such: its source is named.
    func record(_ call: AuditCall, _ body: (AuditItem) -> Void) {
        var item = AuditItem(.call(call.id), .pending, at: call.offeredAt, done: call.releasedAt)
        if call.outcome == "interrupted" {
            item.verdict = .notJudged(Reason.interrupted)
        } else if !call.isRunning {
            let lacks = call.lacks
            item.verdict = lacks.isEmpty ? .kept : .broken
            if !lacks.isEmpty { item.note = "without \(lacks.joined(separator: ", "))" }
        }
        body(item)
    }

    func talkShare(_ call: AuditCall, _ body: (AuditItem) -> Void) {
        guard let talk = call.talks.first else { return }
        var item = AuditItem(.call(call.id), .pending, at: talk.answeredAt, agent: talk.agent)
        if !call.isRunning {
            switch call.speech {
            case .none: item.verdict = .notJudged(Reason.noRecording)
            case .unmeasured: item.verdict = .notJudged(Reason.noFigures)
            case .measured(_, all: 0): item.verdict = .notJudged(Reason.silence)
            case .measured(let caller, _):
                item.verdict = .shown
                item.milliseconds = caller
            }
        }
        body(item)
    }

    /// Of `caller_talk_share`: the caller's speech, and all speech, of a call that is shown; nil for any other call or
    /// measure.
    public func span(of call: AuditCall) -> AuditFigure.Span? {
        guard basis.rule.measure == .callerTalkShare, call.isInbound, basis.scope.admits(call), !basis.scope.isUnknown,
            !call.talks.isEmpty, !call.isRunning, case .measured(let caller, let all) = call.speech, all > 0
        else { return nil }
        return AuditFigure.Span(numerator: caller, denominator: all)
    }

    /// The call back that was asked for, or is owed because the line broke; and what orders of the call promised.
    func callBacks(_ call: AuditCall, _ body: (AuditItem) -> Void) {
        if let asked = call.callBack {
            var item = AuditItem(.call(call.id), .pending, at: start(asked.askedAt, in: call), agent: asked.agent)
            if let ended = asked.endedAt {
                item.note =
                    asked.isReached == true ? nil : asked.attempts > 0 ? "not reached" : "closed without a call"
                judge(&item, calledAt: asked.isReached == true ? ended : nil, isTried: true)
            } else {
                judge(&item, calledAt: nil, isTried: false)
            }
            body(item)
        }
        for order in call.orders where basis.scope.admits(order) {
            guard let promised = order.promisedAt else { continue }
            var item = AuditItem(.call(call.id), .pending, at: start(promised, in: call))
            judge(&item, calledAt: order.calledAt, isTried: false)
            body(item)
        }
    }

    /// The rule counts from the call's end, or from the promise; what is promised after the call counts from there.
    private func start(_ promised: Int64, in call: AuditCall) -> Int64 {
        basis.rule.start == .callEnded ? max(promised, call.releasedAt ?? promised) : promised
    }

    private func judge(_ item: inout AuditItem, calledAt: Int64?, isTried: Bool) {
        if let calledAt {
            item.done = calledAt
            item.milliseconds = max(0, calledAt - item.at) / 1000
        }
        guard let limit = callBackLimit(from: item.at) else {
            // No figure: what was done is shown, and what was tried in vain; the rest is open.
            if calledAt != nil || isTried { item.verdict = .shown }
            return
        }
        item.due = limit.due
        if let calledAt {
            item.verdict = limit.isMet(calledAt) ? .kept : .broken
        } else {
            item.verdict = limit.isMet(basis.context.asOf) ? .pending : .broken
        }
    }

    /// Until when, where the rule has a figure.
    private func callBackLimit(from start: Int64) -> (due: Int64, isMet: (Int64) -> Bool)? {
        if case .within(let amount)? = basis.rule.limit, amount.unit == .seconds {
            let due = start + Int64(amount.count) * 1_000_000
            return (due, { $0 <= due })
        }
        guard let due = basis.rule.due(from: start, by: basis.context.clock) else { return nil }
        return (due.at, due.isMet(at:))
    }
}

extension AuditCall {
    /// Outcomes of calls that were answered.
    private static let answeredOutcomes: Set<String> = [
        "completed", "released_after_wait", "inactive", "not_established", "network_lost",
    ]

    /// What the record of a call that is over does not say.
    fileprivate var lacks: [String] {
        // Nearly every record is complete: no list is made for it.
        if caller != nil, !called.isEmpty, outcome != nil, answeredAt != nil { return [] }
        var parts: [String] = []
        if caller == nil, callerSource.isEmpty { parts.append("caller") }
        if called.isEmpty { parts.append("called") }
        if answeredAt == nil, let outcome, Self.answeredOutcomes.contains(outcome) { parts.append("answer") }
        if outcome == nil { parts.append("outcome") }
        return parts
    }

    fileprivate enum Speech {
        case none
        case unmeasured
        /// Milliseconds, over all recordings of the call.
        case measured(caller: Int64, all: Int64)
    }

    fileprivate var speech: Speech {
        guard !recordings.isEmpty else { return .none }
        var (caller, all): (Int64, Int64) = (0, 0)
        for recording in recordings {
            guard let own = recording.callerTalkMilliseconds, let both = recording.talkMilliseconds else {
                return .unmeasured
            }
            caller += own
            all += both
        }
        return .measured(caller: caller, all: all)
    }
}
