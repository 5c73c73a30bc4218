import Calls

// Duties that recur (定期工作): who did what, when, with what evidence. By the rules of Facts.swift.

/// A piece of recurring work was done, as a rule of a norm profile asks for it (docs/duties.md).
public struct DutyDone: Sendable, Codable, Hashable {
    /// When it was written down.
    public var at: Instant
    /// `guangde`.
    public var profile: String
    /// The rule's id, unique among all profiles.
    public var rule: String
    /// Which of several: one suggestion box, one customer; empty where there is one alone.
    public var subject: String
    /// When it was done: Unix time in microseconds, UTC.
    public var happened: Int64
    /// A work number.
    public var by: String
    /// What came of it.
    public var note: String
    /// A recording's id, an order's number, or the name of a document; nil: shown as unproven.
    public var evidence: String?

    public init(
        at: Instant, profile: String, rule: String, subject: String, happened: Int64, by: String, note: String,
        evidence: String?
    ) {
        self.at = at
        self.profile = profile
        self.rule = rule
        self.subject = subject
        self.happened = happened
        self.by = by
        self.note = note
        self.evidence = evidence
    }
}

/// A call broke a rule of the norm profile by which this hotline is judged, as it was known when the call had ended. Audits know
/// more: what came later, and other profiles.
public struct NormBroken: Sendable, Codable, Hashable {
    public var call: CallID
    /// When it was judged.
    public var at: Instant
    /// The rule's id, unique among all profiles.
    public var rule: String
    /// `yongqiang@1`.
    public var profile: String
    /// How often in this call.
    public var count: Int
    /// The worst of what was measured, in milliseconds; nil where it is a yes or no.
    public var measured: Int64?
    /// A work number.
    public var agent: String?

    public init(
        call: CallID, at: Instant, rule: String, profile: String, count: Int, measured: Int64?, agent: String?
    ) {
        self.call = call
        self.at = at
        self.rule = rule
        self.profile = profile
        self.count = count
        self.measured = measured
        self.agent = agent
    }
}

/// An outage is announced to the public (停电公告): callers from its area hear of it while it is in force (docs/duties.md).
public struct OutageAnnounced: Sendable, Codable, Hashable {
    public var outage: OutageID
    /// When it was written down.
    public var at: Instant
    /// `planned`, `temporary`, `fault`: norms differ by it.
    public var kind: String
    /// A place or a line as people say it; empty: everywhere.
    public var area: String
    /// Unix time in microseconds, UTC, as the next two.
    public var begins: Int64
    public var ends: Int64
    /// When the public was told.
    public var announced: Int64
    public var reason: String
    /// What the public was told.
    public var text: String
    /// The recorded prompt that callers hear; nil: they hear the times.
    public var prompt: String?
    /// A work number.
    public var by: String

    public init(
        outage: OutageID, at: Instant, kind: String, area: String, begins: Int64, ends: Int64, announced: Int64,
        reason: String, text: String, prompt: String?, by: String
    ) {
        self.prompt = prompt
        self.outage = outage
        self.at = at
        self.kind = kind
        self.area = area
        self.begins = begins
        self.ends = ends
        self.announced = announced
        self.reason = reason
        self.text = text
        self.by = by
    }
}

/// A notice that callers hear in the flow was switched on, changed, or taken back (docs/duties.md). What was set last holds;
/// one with an end is over then without a further fact.
public struct NoticeSet: Sendable, Codable, Hashable {
    /// When it was switched.
    public var at: Instant
    /// The flow's variable: `notice.storm`.
    public var notice: String
    /// What callers hear, a prompt's id; nil: it was taken back.
    public var prompt: String?
    /// Unix time in microseconds, UTC; nil: until it is taken back.
    public var until: Int64?
    /// A work number.
    public var by: String
    /// Empty where nobody said.
    public var why: String

    public init(at: Instant, notice: String, prompt: String?, until: Int64?, by: String, why: String) {
        self.at = at
        self.notice = notice
        self.prompt = prompt
        self.until = until
        self.by = by
        self.why = why
    }
}

/// An outage that was announced does not take place, or is over early.
public struct OutageWithdrawn: Sendable, Codable, Hashable {
    public var outage: OutageID
    public var at: Instant
    public var by: String
    public var why: String

    public init(outage: OutageID, at: Instant, by: String, why: String) {
        self.outage = outage
        self.at = at
        self.by = by
        self.why = why
    }
}
