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
        let zone = ZoneOffsets.fixed(28_800)
        let (from, to) = (zone.instant(first), zone.instant(first.adding(months: 1)))
        let reader = try Store.openForQueries(folder: folder)
        // As of the journal's last event; what has no journal is looked at half a year later.
        let later = UTCTime(microseconds: to + 180 * 86_400_000_000)
        let moment = try await reader.auditMoment(before: later)
        let context = AuditContext(
            profile: profile, clock: profile.clock(calendar: rules.calendar, zone: zone), rings: RingClock(), from: from,
            to: to, asOf: moment?.at.microseconds ?? later.microseconds)
        let clock = ContinuousClock()
        for round in 1...(try options.number("--rounds")) {
            let begin = clock.now
            let run = try await reader.audit(AuditRun(context))
            let report = AuditReport(
                run,
                basis: AuditReport.Basis(
                    event: moment.map { AuditReport.Basis.Event(chain: $0.chain, sequence: $0.sequence) },
                    calendar: rules.calendar.citation, zone: "Asia/Shanghai", mostBreaches: 1000))
            let spent = clock.now - begin
            if round == 1 { tell(run) }
            print("round \(round): \(seconds(spent)) s, \(report.document.parts.count) parts")
        }
        try reader.close()
    }

    private func tell(_ run: AuditRun) {
        print(run)
    }
}
