import Norms

/// What the things of a period come to by one rule. Values add up: `kept + broken + shown + pending + not judged` is
/// everything the rule is about.
public struct AuditFigure: Sendable, Hashable {
    public let rule: NormRule
    public private(set) var kept = 0
    public private(set) var broken = 0
    public private(set) var pending = 0
    public private(set) var shown = 0
    /// By the reason.
    public private(set) var notJudged: [String: Int] = [:]
    /// What was measured, in milliseconds, in the order in which it came.
    public private(set) var measured: [Int64] = []
    /// In the order in which they came.
    public private(set) var breaches: [AuditItem] = []
    /// Time kept and time in all, where the share is one of time (`line_open`). Milliseconds.
    public var span: Span?

    public struct Span: Sendable, Hashable {
        public var numerator: Int64
        public var denominator: Int64

        public init(numerator: Int64, denominator: Int64) {
            self.numerator = numerator
            self.denominator = denominator
        }
    }

    /// - Parameter rule: one with a measure; of others all is said by `NormRule.judgement`.
    public init(rule: NormRule) { self.rule = rule }

    public mutating func add(_ item: AuditItem) {
        switch item.verdict {
        case .kept: kept += 1
        case .broken:
            broken += 1
            breaches.append(item)
        case .pending: pending += 1
        case .shown: shown += 1
        case .notJudged(let reason): notJudged[reason, default: 0] += 1
        }
        if let milliseconds = item.milliseconds { measured.append(milliseconds) }
    }

    /// By when what was judged began, then by its name; those of one thing and moment as they came.
    mutating func sortBreaches() {
        guard breaches.count > 1 else { return }
        let keyed = breaches.enumerated().map { (at: $1.at, subject: $1.subject.text, place: $0) }
            .sorted { ($0.at, $0.subject, $0.place) < ($1.at, $1.subject, $1.place) }
        breaches = keyed.map { breaches[$0.place] }
    }

    /// What the same rule came to of other things.
    mutating func append(_ later: AuditFigure) {
        kept += later.kept
        broken += later.broken
        pending += later.pending
        shown += later.shown
        notJudged.merge(later.notJudged, uniquingKeysWith: +)
        measured += later.measured
        breaches += later.breaches
        if let span = later.span { add(span) }
    }

    /// More of a share of time or speech.
    public mutating func add(_ more: Span) {
        span = Span(
            numerator: (span?.numerator ?? 0) + more.numerator, denominator: (span?.denominator ?? 0) + more.denominator
        )
    }

    public var notJudgedCount: Int { notJudged.values.reduce(0, +) }
    /// `kept + broken`.
    public var judged: Int { kept + broken }
    /// Everything the rule is about.
    public var all: Int { judged + pending + shown + notJudgedCount }

    /// Kept of what was judged; where the rule is one of time or speech, that of its span. Nil where nothing was judged.
    public var share: Span? {
        if let span { return span.denominator > 0 ? span : nil }
        return judged > 0 ? Span(numerator: Int64(kept), denominator: Int64(judged)) : nil
    }

    /// By the field's other denominator: kept of everything the rule is about. Nil where there is nothing.
    public var shareOfAll: Span? {
        if span != nil { return share }
        return all > 0 ? Span(numerator: Int64(kept), denominator: Int64(all)) : nil
    }

    /// Whether the share reaches the least that the rule asks for; nil where it asks for none, or nothing was judged.
    public var isShareKept: Bool? {
        guard case .atLeast(let amount)? = rule.limit, amount.unit == .percent, let share else { return nil }
        return share.numerator * 100 >= Int64(amount.count) * share.denominator
    }
}
