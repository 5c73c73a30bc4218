import Norms

/// A stretch of time in which recurring work is to be done once, and what became of it. Instants are Unix time in
/// microseconds, UTC.
public struct DutyStretch: Sendable, Hashable {
    /// Which of several; empty where there is one alone. Of an outage its id.
    public var subject: String
    /// Its first day.
    public var from: CivilDate
    /// When it begins: of work that is due so long after it was done last, that time; of an outage its own begin.
    public var at: Int64
    /// Until when; nil where the document gives no figure, or the work was never begun.
    public var due: Due?
    /// When it was done in time; of what has no limit, when it was done; of an outage, when the public was told.
    public var done: Int64?
    /// When it was done after all, before the next stretch began.
    public var doneLate: Int64?
    public var verdict: AuditItem.Verdict

    init(
        _ subject: String, from: CivilDate, at: Int64, due: Due? = nil, done: Int64? = nil, doneLate: Int64? = nil,
        _ verdict: AuditItem.Verdict
    ) {
        self.subject = subject
        self.from = from
        self.at = at
        self.due = due
        self.done = done
        self.doneLate = doneLate
        self.verdict = verdict
    }
}
