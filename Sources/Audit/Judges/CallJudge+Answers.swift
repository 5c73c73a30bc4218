import Norms

// How soon callers were answered: by the line, by people; and whether a late answer was apologised for.

extension CallJudge {
    func lineRings(_ call: AuditCall, _ body: (AuditItem) -> Void) {
        guard !call.isTurnedAway else { return }
        let at = call.ringingAt ?? call.offeredAt
        var item = AuditItem(.call(call.id), .pending, at: at)
        if let answered = call.answeredAt {
            item.verdict = call.ringMilliseconds.map(verdict(answeredAfter:)) ?? .notJudged(Reason.ringing)
            item.milliseconds = call.ringMilliseconds
            item.done = answered
        } else if let ringing = call.ringingAt {
            let rang = max(0, (call.releasedAt ?? basis.context.asOf) - ringing) / 1000
            leave(&item, unansweredFor: rang, isOver: !call.isRunning)
        } else if !call.isRunning {
            item.verdict = .notJudged(Reason.noRing)
        }
        body(item)
    }

    func agentRings(_ call: AuditCall, _ body: (AuditItem) -> Void) {
        for passage in call.passages where basis.scope.admits(passage) {
            var item = AuditItem(.call(call.id), .pending, at: passage.enteredAt, agent: passage.agent)
            if passage.exit == nil {
                if !call.isRunning { item.verdict = .notJudged(Reason.waitEnd) }
            } else if passage.offers ?? 0 == 0 {
                item.verdict = .notJudged(Reason.noAgent)
            } else if let ring = passage.ringMilliseconds {
                if passage.exit == .answered {
                    item.verdict = verdict(answeredAfter: ring)
                    item.milliseconds = ring
                    item.done = passage.answeredAt
                } else {
                    leave(&item, unansweredFor: ring, isOver: true)
                }
            } else {
                item.verdict = .notJudged(Reason.ringing)
            }
            body(item)
        }
    }

    /// Judged whether or not a phone rang: the caller waits all the same.
    func agentTime(_ call: AuditCall, _ body: (AuditItem) -> Void) {
        for passage in call.passages where basis.scope.admits(passage) {
            var item = AuditItem(.call(call.id), .pending, at: passage.enteredAt, agent: passage.agent)
            if passage.exit == nil {
                if call.isRunning {
                    leave(&item, unansweredFor: max(0, basis.context.asOf - passage.enteredAt) / 1000, isOver: false)
                } else {
                    item.verdict = .notJudged(Reason.waitEnd)
                }
            } else if let wait = passage.waitMilliseconds {
                if passage.exit == .answered {
                    item.verdict = verdict(answeredAfter: wait)
                    item.milliseconds = wait
                    item.done = passage.answeredAt
                } else {
                    leave(&item, unansweredFor: wait, isOver: true)
                }
            } else {
                item.verdict = .notJudged(Reason.wait)
            }
            body(item)
        }
    }

    func apology(_ call: AuditCall, _ body: (AuditItem) -> Void) {
        for passage in call.passages where passage.exit == .answered && basis.scope.admits(passage) {
            guard passage.offers ?? 0 > 0, let ring = passage.ringMilliseconds,
                !basis.context.rings.isWithin(
                    rings: basis.apologyRings, milliseconds: ring, reading: basis.context.profile.rings)
            else { continue }
            body(
                AuditItem(
                    .call(call.id), passage.isApologised ? .kept : .broken, at: passage.enteredAt, milliseconds: ring,
                    done: passage.answeredAt, agent: passage.agent))
        }
    }

    /// Whether the caller was put through at all, to the machine or to a person.
    func connection(_ call: AuditCall, _ body: (AuditItem) -> Void) {
        guard !call.isTurnedAway else { return }
        var item = AuditItem(.call(call.id), .pending, at: call.offeredAt)
        if let answered = call.answeredAt, call.outcome != "not_established" {
            item.verdict = .kept
            item.done = answered
        } else if !call.isRunning {
            item.verdict = .broken
            item.note = call.outcome
        }
        body(item)
    }

    private func verdict(answeredAfter milliseconds: Int64) -> AuditItem.Verdict {
        switch isKept(milliseconds) {
        case true?: .kept
        case false?: .broken
        case nil: .shown
        }
    }

    /// Nobody answered. Beyond the limit that is late; who left before it may have been about to be answered.
    private func leave(_ item: inout AuditItem, unansweredFor milliseconds: Int64, isOver: Bool) {
        let kept = isKept(milliseconds)
        if kept == false {
            item.verdict = .broken
            item.milliseconds = milliseconds
        } else {
            item.verdict = isOver ? .notJudged(kept == nil ? Reason.noFigure : Reason.notAnswered) : .pending
        }
    }

    private func isKept(_ milliseconds: Int64) -> Bool? {
        basis.rule.isKept(answeredAfter: milliseconds, rings: basis.context.rings, reading: basis.context.profile.rings)
    }
}

extension AuditCall.Passage {
    /// Of one that was answered.
    var answeredAt: Int64? { waitMilliseconds.map { enteredAt + $0 * 1000 } }
}
