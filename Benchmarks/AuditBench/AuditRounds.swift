import Audit
import Foundation
import Norms
import Storage
import WorkOrders
import YearOfLife

/// Audits one month again and again, as `hotline audit` does, and tells how long each round took.
struct AuditRounds {
    let folder: String
    let options: Options

    func run() async throws {
        let rules = try YearRules(folder: options["--norms"], policy: options["--policy"])
        guard let profile = rules.profiles[options["--profile"]] else {
            throw BenchError("there is no profile \(options["--profile"]) in \(options["--norms"])")
        }
        guard let first = CivilDate(options["--month"] + "-01") else {
            throw BenchError("--month is a year and a month, such as 2026-06")
        }
        let policies = rules.library.policies.values.filter { $0.profile == profile.citation }.sorted { $0.id < $1.id }
        let knowledge = OrderKnowledge(
            routing: policies.compactMap(\.routing).first.flatMap { rules.library.routings[$0] },
            vocabulary: rules.library.vocabulary, repeats: rules.library.repeats)
        let zone = ZoneOffsets.fixed(28_800)
        let (from, to) = (zone.instant(first), zone.instant(first.adding(months: Int(options["--months"]) ?? 1)))
        let reader = try Store.openForQueries(folder: folder)
        // As of the journal's last event; what has no journal is looked at half a year later.
        let later = UTCTime(microseconds: to + 180 * 86_400_000_000)
        let clock = ContinuousClock()
        let looked = clock.now
        let moment = try await reader.auditMoment(before: later)
        print("the last event: \(seconds(clock.now - looked)) s")
        let context = AuditContext(
            profile: profile, clock: profile.clock(calendar: rules.calendar, zone: zone), rings: RingClock(),
            from: from, to: to, asOf: moment?.at.microseconds ?? later.microseconds)
        var times: [Duration] = []
        for round in 1...(try options.number("--rounds")) {
            let begin = clock.now
            let run = try await reader.audit(AuditRun(context, knowledge: knowledge))
            times.append(clock.now - begin)
            if round == 1 { tell(run) }
            print("round \(round): \(seconds(times[round - 1])) s")
        }
        times.sort()
        print("median \(seconds(times[times.count / 2])) s, worst \(seconds(times[times.count - 1])) s")
        try reader.close()
    }

    private func tell(_ run: AuditRun) {
        for figure in run.figures where figure.all > 0 {
            let counts = [
                ("kept", figure.kept), ("broken", figure.broken), ("shown", figure.shown), ("pending", figure.pending),
                ("not judged", figure.notJudgedCount),
            ].filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
            print("\(figure.rule.id): \(counts.joined(separator: ", "))")
            for (reason, count) in figure.notJudged.sorted(by: { $0.key < $1.key }) { print("    \(count) \(reason)") }
        }
        let items = run.figures.reduce(0) { $0 + $1.all }
        let days = run.statistics.days.values
        let calls = days.reduce(0) { $0 + $1.offered + $1.placed }
        let orders = days.reduce(0) { $0 + $1.orders }
        print("\(items) items of \(calls) calls and \(orders) orders by \(run.figures.count) rules")
    }
}
