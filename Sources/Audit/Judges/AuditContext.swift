import Norms

/// What judges need beside the facts.
public struct AuditContext: Sendable {
    public let profile: NormProfile
    /// The profile's own counting.
    public let clock: DueClock
    public let rings: RingClock
    /// What began at this moment or later is judged …
    public let from: Int64
    /// … and before this one. Unix time in microseconds, UTC.
    public let to: Int64
    /// The moment of which the audit speaks: what was written down later is not known to it.
    public let asOf: Int64

    public init(profile: NormProfile, clock: DueClock, rings: RingClock, from: Int64, to: Int64, asOf: Int64) {
        self.profile = profile
        self.clock = clock
        self.rings = rings
        self.from = from
        self.to = to
        self.asOf = asOf
    }
}
