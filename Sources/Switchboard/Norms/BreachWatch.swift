import Audit
import Calls
import Norms
import Storage

/// Judges each call a little after its end by the profile of this hotline's policy, and writes down what it broke: so that its
/// recording is found by it, and other programs are told (`WebhookFeed`). Audits know more: what came later, and other profiles.
public actor BreachWatch {
    /// Facts about a call come in for a moment after its end. Microseconds.
    private static let patience: Int64 = 10_000_000
    /// No call is looked for that was offered so long before its end.
    private static let longestCall: Int64 = 86_400_000_000
    /// At the start the last hour before the last event is looked at again: what was judged is known.
    private static let overlap: Int64 = 3_600_000_000

    private let profile: NormProfile
    private let clock: DueClock
    private let store: Store
    private let time: any TimeSource
    /// Calls released before this are judged.
    private var through: Int64?

    public init(rules: OrderRulebook, store: Store, time: any TimeSource) {
        profile = rules.profile
        clock = rules.clock
        self.store = store
        self.time = time
    }

    /// One look at the calls that have ended since the last. To be called every few seconds.
    /// - Returns: how many breaches were written down.
    /// - Throws: `StorageError` where the store is away: the next look begins where this one did.
    @discardableResult
    public func look() async throws -> Int {
        let now = time.now()
        let to = now.wall - Self.patience
        let from: Int64
        if let through {
            from = through
        } else {
            let last = try await store.reader.auditMoment(before: UTCTime(now))
            from = (last?.at.microseconds ?? now.wall) - Self.overlap
        }
        guard from < to else { return 0 }
        let context = AuditContext(
            profile: profile, clock: clock, rings: RingClock(), from: from - Self.longestCall, to: now.wall,
            asOf: now.wall)
        let (run, known) = try await store.reader.judged(
            AuditRun(context), releasedFrom: UTCTime(microseconds: from), to: UTCTime(microseconds: to))
        let breaches = run.figures.flatMap { Self.breaches(of: $0, profile.citation, at: now) }.filter { breach in
            known[breach.call]?.contains(breach.rule) == false
        }
        if !breaches.isEmpty { try await store.record(breaches.map { .normBroken($0) }) }
        through = to
        return breaches.count
    }

    /// One a call.
    private static func breaches(of figure: AuditFigure, _ profile: String, at now: Instant) -> [NormBroken] {
        var found: [NormBroken] = []
        var places: [CallID: Int] = [:]
        for item in figure.breaches {
            guard case .call(let call) = item.subject else { continue }
            if let place = places[call] {
                found[place].count += 1
                found[place].measured = [found[place].measured, item.milliseconds].compactMap(\.self).max()
            } else {
                places[call] = found.count
                found.append(
                    NormBroken(
                        call: call, at: now, rule: figure.rule.id, profile: profile, count: 1,
                        measured: item.milliseconds, agent: item.agent))
            }
        }
        return found
    }
}
