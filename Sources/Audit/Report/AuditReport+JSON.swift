import Norms

// The report as JSON; keys as in docs/json.md.

extension AuditReport {
    /// The whole report.
    /// - Parameter time: an instant (Unix µs, UTC) as JSON has it.
    public func json(time: (Int64) -> String) -> AuditValue {
        let statistics = run.statistics
        return .object([
            "profile": .text(profile.citation), "name": .text(profile.name), "issuer": .text(profile.issuer),
            "from": .text(time(context.from)), "to": .text(time(context.to)), "as_of": .text(time(context.asOf)),
            "event": basis.event.map { .object(["chain": .text($0.chain), "seq": .integer($0.sequence)]) } ?? .null,
            "calendar": .text(basis.calendar), "zone": .text(basis.zone), "rings": .text(profile.rings.rawValue),
            "rules": .list(run.figures.map { value($0, time) }),
            "unmeasured": .list(
                unmeasured.map { rule, because in
                    .object(["rule": .text(rule.id), "clause": .text(rule.clause), "because": .text(because)])
                }),
            "answer_times": value(run.answers.figures),
            "statistics": .object([
                "days": value(statistics, by: .day), "weeks": value(statistics, by: .week),
                "months": value(statistics, by: .month),
                "categories": .object(statistics.categories.mapValues(value)),
                "items": .counts(statistics.items), "severities": .counts(statistics.severities),
                "attitudes": .counts(statistics.attitudes), "channels": .counts(statistics.channels),
                "departments": .counts(statistics.departments), "satisfaction": .counts(statistics.satisfaction),
            ]),
            "cases": .list(statistics.cases.map { value($0, time) }),
            "penalties": .list(penaltySums.map(value)),
            "publications": .list(
                publications.map { rule, nominal, date in
                    .object([
                        "rule": .text(rule.id), "clause": .text(rule.clause), "nominal": .text(nominal.description),
                        "due": .text(date.date.description), "provisional": .integer(date.isProvisional ? 1 : 0),
                    ])
                }),
        ])
    }

    private func value(_ figure: AuditFigure, _ time: (Int64) -> String) -> AuditValue {
        let rule = figure.rule
        let listed = figure.breaches.prefix(basis.mostBreaches)
        return .object([
            "rule": .text(rule.id), "clause": .text("\(rule.source) \(rule.clause)"),
            "words": .text(rule.words.text), "measure": .text(rule.measure?.rawValue),
            "limit": .text(rule.limit?.description), "conclusion": .text(figure.conclusion.rawValue),
            "all": .integer(figure.all), "judged": .integer(figure.judged), "kept": .integer(figure.kept),
            "broken": .integer(figure.broken), "pending": .integer(figure.pending), "shown": .integer(figure.shown),
            "not_judged": .counts(figure.notJudged),
            "kept_of_judged": .share("kept_of_judged/1", Int64(figure.kept), of: Int64(figure.judged)),
            "kept_of_all": .share("kept_of_all/1", Int64(figure.kept), of: Int64(figure.all)),
            "span": figure.span.map { .share("span/1", $0.numerator, of: $0.denominator) } ?? .null,
            "measured": .spread(AuditSpread(of: figure.measured)),
            "breaches": .list(listed.map { value($0, time) }),
            "breaches_left_off": .integer(figure.breaches.count - listed.count),
        ])
    }

    private func value(_ item: AuditItem, _ time: (Int64) -> String) -> AuditValue {
        var kind = "duty"
        switch item.subject {
        case .call: kind = "call"
        case .order: kind = "order"
        case .duty: break
        }
        return .object([
            "kind": .text(kind), "subject": .text(item.subject.text), "at": .text(time(item.at)),
            "measured_ms": .integer(item.milliseconds), "due_at": .text(item.due.map(time)),
            "done_at": .text(item.done.map(time)), "agent": .text(item.agent), "unit": .text(item.unit),
            "note": .text(item.note), "recordings": .list(item.trail.recordings.map { .text($0) }),
            "orders": .list(item.trail.orders.map { .text($0) }),
        ])
    }

    private func value(_ statistics: AuditStatistics, by stretch: AuditStatistics.Stretch) -> AuditValue {
        .list(
            statistics.counts(by: stretch).map { begin, counts in
                .object([
                    "begin": .text(begin.description), "offered": .integer(counts.offered),
                    "answered": .integer(counts.answered), "abandoned": .integer(counts.abandoned),
                    "refused": .integer(counts.refused), "placed": .integer(counts.placed),
                    "orders": .integer(counts.orders), "complaints": .integer(counts.complaints),
                    "faults": .integer(counts.faults), "closed": .integer(counts.closed),
                ])
            })
    }

    private func value(_ one: AuditStatistics.Category) -> AuditValue {
        .object([
            "created": .integer(one.created), "closed": .integer(one.closed), "extended": .integer(one.extended),
            "returned": .integer(one.returned), "merged": .integer(one.merged),
            "substantiated": .integer(one.substantiated), "unsubstantiated": .integer(one.unsubstantiated),
        ])
    }

    private func value(_ one: AuditStatistics.Case, _ time: (Int64) -> String) -> AuditValue {
        .object([
            "number": .text(one.number), "category": .text(one.category), "created_at": .text(time(one.createdAt)),
            "severity": .text(one.severity), "item": .text(one.item), "department": .text(one.department),
            "finding": .text(one.finding), "breach": .text(one.breach),
        ])
    }

    private func value(_ sum: PenaltySum) -> AuditValue {
        .object([
            "penalty": .text(sum.id), "clause": .text(sum.clause), "proposed": .integer(sum.proposed),
            "confirmed": .integer(sum.confirmed), "dropped": .integer(sum.dropped), "yuan": .integer(sum.yuan),
        ])
    }

    // MARK: - Answer times

    private func value(_ figures: AnswerFigures) -> AuditValue {
        .object([
            "answer_within_ms": .integer(figures.answerWithinMilliseconds),
            "short_abandon_ms": .integer(figures.shortAbandonMilliseconds),
            "ring_limit": .text(figures.ringLimit?.description), "total": value(figures.total),
            "hours": .list(
                figures.hours.map { .object(["hour": .integer($0.hour), "passages": value($0.passages)]) }),
            "days": .list(
                figures.days.map { .object(["date": .text($0.date.description), "passages": value($0.passages)]) }),
            "agents": .list(
                figures.agents.map { .object(["agent": .text($0.agent), "answers": value($0.answers)]) }),
            "lines": .list(
                figures.lines.map { line in
                    .object([
                        "line": .text(line.line), "offered": .integer(line.offered),
                        "answered": .integer(line.answered), "ringing": value(line.ringing),
                        "passages": value(line.passages),
                    ])
                }),
        ])
    }

    private func value(_ passages: AnswerFigures.Passages) -> AuditValue {
        .object([
            "entered": .integer(passages.entered), "abandoned": .integer(passages.abandoned),
            "short_abandoned": .integer(passages.shortAbandoned), "left_otherwise": .integer(passages.leftOtherwise),
            "open": .integer(passages.open), "refused": .integer(passages.refused), "answers": value(passages.answers),
            "in_time_of_offered": value(passages.inTimeOfOffered), "abandonment": value(passages.abandonment),
            "abandonment_in_earnest": value(passages.abandonmentInEarnest),
        ])
    }

    private func value(_ answers: AnswerFigures.Answers) -> AuditValue {
        .object([
            "answered": .integer(answers.answered), "ringing": value(answers.ringing), "wait": .spread(answers.wait),
            "in_time": value(answers.inTime),
        ])
    }

    private func value(_ ringing: AnswerFigures.Ringing) -> AuditValue {
        .object([
            "spread": .spread(ringing.spread),
            "rings": .list(
                ringing.rings.map { .object(["ring": .integer($0.ring), "answers": .integer($0.answers)]) }),
            "within_limit": ringing.withinLimit.map(value) ?? .null,
        ])
    }

    private func value(_ share: AnswerFigures.Share) -> AuditValue {
        .share(share.formula, Int64(share.numerator), of: Int64(share.denominator))
    }
}

extension AuditReport {
    /// A penalty's cases together.
    struct PenaltySum: Sendable, Hashable {
        var id: String
        var clause: String
        var proposed = 0
        var confirmed = 0
        var dropped = 0
        /// Confirmed.
        var yuan = 0
    }

    /// In the profile's order; penalties without a case are left out.
    var penaltySums: [PenaltySum] {
        profile.penalties.compactMap { penalty in
            var sum = PenaltySum(id: penalty.id, clause: "\(penalty.source) \(penalty.clause)")
            for one in run.penalties where one.id == penalty.id {
                switch one.state {
                case .proposed: sum.proposed += 1
                case .confirmed:
                    sum.confirmed += 1
                    sum.yuan += one.yuan ?? 0
                case .dropped: sum.dropped += 1
                }
            }
            return sum.proposed + sum.confirmed + sum.dropped > 0 ? sum : nil
        }
    }
}
