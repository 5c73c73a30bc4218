import ArgumentParser
import Audit
import Foundation
import Norms
import Storage
import Switchboard

/// `hotline audit`: was each norm of a profile kept in a period.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Judges a period by a norm profile, rule by rule, with every breach (docs/audit.md).",
        discussion: """
            The period is a month, or --from and --to; without either the present month. What was written down after --as-of is \
            not known to the audit: the same period, profile version and moment give the same bytes. Default: the last event in the \
            journal.
            """)

    /// How it is given out.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv, xlsx, html
    }

    @Option(help: "The profile: its id, such as yongqiang, or the path of a file.")
    var profile: String
    @Option(help: "A month: 2026-11.")
    var month: String?
    @Option(help: "From this time on, local in --zone unless it ends in Z or +08:00: 2026-11-01 or 2026-11-01T08:00.")
    var from: String?
    @Option(help: "Before this time.")
    var to: String?
    @Option(help: "What was written down up to this time.")
    var asOf: String?
    @Option(help: "table, json, csv, xlsx or html.")
    var format = Format.table
    @Option(help: "Into this file, which must not exist yet. xlsx needs one; the others go to the terminal without.")
    var out: String?
    @Option(help: "Breaches listed a rule, at most (0 to 1,000,000).")
    var breaches = 1000
    @Option(help: "Another folder of norms than the shipped one.")
    var folder: String?
    @Option(help: "Another calendar of working days: a YAML file.")
    var calendar: String?
    @OptionGroup var zone: ZoneOption
    @OptionGroup var data: DataOptions

    func validate() throws {
        guard (0...1_000_000).contains(breaches) else {
            throw ValidationError("--breaches must lie between 0 and 1,000,000.")
        }
        if month != nil, from != nil || to != nil {
            throw ValidationError("--month takes the place of --from and --to.")
        }
        guard format != .xlsx || out != nil else { throw ValidationError("--format xlsx needs --out FILE.") }
        if let out, FileManager.default.fileExists(atPath: out) {
            throw ValidationError("--out: \(out) exists already; name another file.")
        }
    }

    func run() async throws {
        let zone = try zone.offsets()
        let norms = NormFolder(path: try folder ?? ShareFolder().path + "/norms")
        let profile = try Self.profile(profile, norms)
        let calendar = try calendar.map { try NormFolder.calendar(at: $0) }
        let now = PeriodOptions.now
        let (from, to) = try period(zone, now: now.microseconds)
        let reader = try Store.openForQueries(folder: data.folder)
        let report: AuditReport
        do {
            report = try await AuditOffice(norms: norms, zone: zone, zoneName: self.zone.zone, reader: reader).report(
                profile, asked(zone, from: from, to: to, now: now), calendar: calendar)
        } catch {
            try reader.close()
            throw error
        }
        try reader.close()
        try write(report, zone)
    }

    private static func profile(_ name: String, _ norms: NormFolder) throws -> NormProfile {
        if name.contains("/") || name.hasSuffix(".yaml") { return try NormFolder.profile(at: name).profile }
        return try norms.profile(name)
    }

    private func asked(_ zone: ZoneOffsets, from: Int64, to: Int64, now: UTCTime) throws -> AuditOffice.Question {
        let limit = try asOf.map { UTCTime(microseconds: try Self.instant($0, "--as-of", zone)) } ?? now
        return AuditOffice.Question(from: from, to: to, asOf: limit, mostBreaches: breaches)
    }

    // MARK: - Period

    private func period(_ zone: ZoneOffsets, now: Int64) throws -> (Int64, Int64) {
        if let from, let to {
            let ends = (try Self.instant(from, "--from", zone), try Self.instant(to, "--to", zone))
            guard ends.0 < ends.1 else { throw ValidationError("--from must lie before --to.") }
            return ends
        }
        guard from == nil, to == nil else { throw ValidationError("Give --from and --to together, or --month.") }
        let first: CivilDate
        if let month {
            guard month.utf8.count == 7, let date = CivilDate(month + "-01") else {
                throw ValidationError("--month is a year and a month, such as 2026-11; not `\(month.prefix(20))`.")
            }
            first = date
        } else {
            let today = CivilDate(zone.civil(now))
            first = CivilDate(year: today.year, month: today.month, day: 1)
        }
        return (zone.instant(first), zone.instant(first.adding(months: 1)))
    }

    /// A day's begin, or a time, local in the zone unless it says its offset.
    private static func instant(_ text: String, _ option: String, _ zone: ZoneOffsets) throws -> Int64 {
        if let date = CivilDate(text) { return zone.instant(date) }
        guard let time = UTCTime(text) else {
            throw ValidationError("\(option): `\(text.prefix(40))` is no time; write 2026-11-01 or 2026-11-01T08:00.")
        }
        let clock = text.dropFirst(10)
        if clock.contains("Z") || clock.contains("+") || clock.contains("-") { return time.microseconds }
        let civil = CivilTime(wallMicroseconds: time.microseconds, offsetSeconds: 0)
        return zone.instant(CivilDate(civil), minute: civil.minuteOfDay)
            + time.microseconds % 60_000_000
    }

    // MARK: - Formats

    private func write(_ report: AuditReport, _ zone: ZoneOffsets) throws {
        let document = report.document
        switch format {
        case .json:
            let json = report.json { UTCTime(microseconds: $0).description }
            try give(Array(try QueryJSON.encode(json)) + [UInt8(ascii: "\n")])
        case .table: try give(Array(ReportTable.text(document, zone: zone).utf8))
        case .csv: try give(ReportCSV.bytes(document, zone: zone))
        case .html: try give(Array(ReportHTML.text(document, zone: zone).utf8))
        case .xlsx: try Spreadsheet.write(document, to: out ?? "", zone: zone)
        }
    }

    private func give(_ bytes: [UInt8]) throws {
        guard let out else { return FileHandle.standardOutput.write(Data(bytes)) }
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: out), options: .withoutOverwriting)
        } catch {
            throw CommandError("\(out) cannot be written: \(error.localizedDescription)")
        }
    }
}
