import ArgumentParser
import Documents
import Foundation
import Norms
import Storage
import Switchboard

extension Term.Unit: ExpressibleByArgument {
    public init?(argument: String) {
        guard let unit = Term.unit(argument) else { return nil }
        self = unit
    }

    public static var allValueStrings: [String] { ["working-days", "days", "hours", "minutes", "months", "years"] }
}

/// Which zone's days are counted.
struct ZoneOption: ParsableArguments {
    @Option(help: "The zone whose days are counted.")
    var zone = "Asia/Shanghai"

    func offsets() throws -> ZoneOffsets {
        guard let zone = TimeZone(identifier: zone) else {
            throw ValidationError(
                "--zone: \"\(zone)\" is no zone of the tz database; use a name such as Asia/Shanghai.")
        }
        return ZoneOffsets { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0) / 1_000_000)) }
    }
}

struct NormsDueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "due", abstract: "When is something due, counted day by day.",
        discussion: """
            The day of --from does not count, unless the profile says otherwise. Limits in days end with their last day; \
            hours and minutes run day and night, unless the profile says otherwise. With --profile and --rule the rule's own \
            limit is taken. What is counted over days that no notice has settled is provisional.
            """)

    @Option(help: "How many.")
    var count: Int?
    @Option(help: "Of what: working-days, days, hours, minutes, months, years.")
    var unit: Term.Unit?
    @Option(
        help: ArgumentHelp(
            "From this day or time, local in --zone unless it ends in Z or +08:00.", valueName: "date[time]"))
    var from: String
    @Option(help: "Count as this profile does: its id, or the path of a file.")
    var profile: String?
    @Option(help: "The limit of this rule of the profile, in place of --count and --unit.")
    var rule: String?
    @Option(help: "Another calendar of working days: a YAML file.")
    var calendar: String?
    @OptionGroup var zone: ZoneOption
    @OptionGroup var options: NormOptions

    func validate() throws {
        if rule == nil {
            guard let count, let unit else {
                throw ValidationError("Give --count and --unit, or --profile and --rule.")
            }
            guard (0...Term.most(unit)).contains(count) else {
                throw ValidationError("--count must lie between 0 and \(Term.most(unit)).")
            }
        } else {
            guard profile != nil else { throw ValidationError("--rule needs --profile.") }
            guard count == nil, unit == nil else {
                throw ValidationError("--rule takes the place of --count and --unit.")
            }
        }
    }

    private struct Answer: Encodable {
        var count: Int?
        var unit: String?
        var from: String
        var due: String
        var dueAt: String
        var endsDay: Bool
        var provisional: Bool
        var counted: [String]
        var shiftedFrom: String?
        var latest: String?
        var profile: String?
        var rule: String?
        var clause: String?
        var calendar: String
        var zone: String

        enum CodingKeys: String, CodingKey, CaseIterable {
            case count, unit, from, due, provisional, counted, latest, profile, rule, clause, calendar, zone
            case dueAt = "due_at"
            case endsDay = "ends_day"
            case shiftedFrom = "shifted_from"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(count, forKey: .count)
            try container.encode(unit, forKey: .unit)
            try container.encode(from, forKey: .from)
            try container.encode(due, forKey: .due)
            try container.encode(dueAt, forKey: .dueAt)
            try container.encode(endsDay, forKey: .endsDay)
            try container.encode(provisional, forKey: .provisional)
            try container.encode(counted, forKey: .counted)
            try container.encode(shiftedFrom, forKey: .shiftedFrom)
            try container.encode(latest, forKey: .latest)
            try container.encode(profile, forKey: .profile)
            try container.encode(rule, forKey: .rule)
            try container.encode(clause, forKey: .clause)
            try container.encode(calendar, forKey: .calendar)
            try container.encode(zone, forKey: .zone)
        }
    }

    func run() throws {
        let calendar = try calendar.map { try NormFolder.calendar(at: $0) } ?? options.norms().calendar()
        let offsets = try zone.offsets()
        let profile = try profile.map { try options.profile($0) }
        let clock = profile?.clock(calendar: calendar, zone: offsets) ?? DueClock(calendar: calendar, zone: offsets)
        let start = try start(offsets)
        var chosen: NormRule?
        if let id = rule, let profile {
            guard let rule = profile.rule(id) else {
                throw CommandError(
                    "\(profile.id) has no rule \"\(id.prefix(60))\". \(Names.advice(for: id, in: profile.rules.map(\.id)))"
                )
            }
            chosen = rule
        }
        let demand = chosen.map { DueQuestion.Demand.rule($0) } ?? .term(Term(count ?? 0, unit ?? .days))
        guard let found = DueQuestion(demand, from: start).answer(by: clock) else {
            throw CommandError(
                "\(rule ?? "") has no deadline after its start event: its limit is "
                    + "\(chosen?.limit?.description ?? "none"). `hotline norms show` says what it demands.")
        }
        let (due, latest) = (found.due, found.latest)
        let answer = Answer(
            count: count, unit: unit.map { $0.rawValue }, from: from,
            due: due.endsDay ? due.date.description : Self.local(due.at, offsets),
            dueAt: UTCTime(microseconds: due.at).description, endsDay: due.endsDay, provisional: due.isProvisional,
            counted: due.counted.map(\.description), shiftedFrom: due.shiftedFrom?.description,
            latest: latest.map { $0.endsDay ? $0.date.description : Self.local($0.at, offsets) },
            profile: profile?.citation, rule: chosen?.id, clause: chosen.map { "\($0.source) \($0.clause)" },
            calendar: calendar.citation, zone: zone.zone)
        if options.json { return try options.printJSON(answer) }
        screen(due, answer, calendar).forEach { print(TextTable.printable($0)) }
    }

    private func start(_ offsets: ZoneOffsets) throws -> DueQuestion.Start {
        if from.utf8.count == 10, let date = CivilDate(from) { return .day(date) }
        guard let time = UTCTime(from), from.utf8.count > 10 else {
            throw ValidationError("--from: \"\(from.prefix(60))\" is no time. Write 2026-02-13 or 2026-02-13T10:30.")
        }
        let clock = from.dropFirst(10)
        if clock.contains("Z") || clock.contains("+") || clock.contains("-") { return .instant(time.microseconds) }
        let civil = CivilTime(wallMicroseconds: time.microseconds, offsetSeconds: 0)
        let begun = time.microseconds - time.microseconds / 60_000_000 * 60_000_000
        return .instant(offsets.instant(CivilDate(civil), minute: civil.minuteOfDay) + begun)
    }

    /// `2026-02-14T10:30:00`, local.
    private static func local(_ wall: Int64, _ offsets: ZoneOffsets) -> String {
        let seconds = Int64(offsets.offset(at: wall))
        return String(UTCTime(microseconds: wall + seconds * 1_000_000).description.prefix(19))
    }

    private func screen(_ due: Due, _ answer: Answer, _ calendar: WorkingCalendar) -> [String] {
        var lines = [
            "due          \(answer.due)\(due.endsDay ? ", to the end of the day" : "") (\(Self.name(due.date)))"
        ]
        if let shifted = answer.shiftedFrom { lines.append("shifted from \(shifted)") }
        if let latest = answer.latest { lines.append("extended     to \(latest) at the latest") }
        lines.append("provisional  \(due.isProvisional ? "yes: no notice has settled all the days yet" : "no")")
        if let profile = answer.profile {
            lines.append("counted by   \(profile)\(answer.clause.map { ", \($0)" } ?? "")")
        }
        lines.append("calendar     \(answer.calendar), \(answer.zone)")
        for (index, day) in due.counted.enumerated() {
            var remarks: [String] = []
            if calendar.isWorkedWeekend(day) { remarks.append("worked (调休)") }
            if let holiday = calendar.holiday(day) { remarks.append(holiday) }
            if calendar.isProvisional(day) { remarks.append("provisional") }
            let number = TextTable.padded(String(index + 1), to: 4)
            lines.append(
                "  \(number) \(day) \(Self.name(day))\(remarks.isEmpty ? "" : ", \(remarks.joined(separator: ", "))")")
        }
        return lines
    }

    private static func name(_ day: CivilDate) -> String { NormLimit.weekdays[day.weekday - 1].capitalized }
}

struct NormsCalendarCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar", abstract: "Which days are worked.",
        discussion: """
            One line a day, `2026-02-14 1`: 1 is worked, 0 is off. scripts/calendar-check compares it with another calendar.
            """)

    @Option(help: ArgumentHelp("From one day to another, both among them.", valueName: "2007-01-01..2026-12-31"))
    var days: String
    @Option(help: "Another calendar of working days: a YAML file.")
    var calendar: String?
    @OptionGroup var options: NormOptions

    private struct Row: Encodable {
        let date: String
        let worked: Bool
        let holiday: String?
        let provisional: Bool

        enum CodingKeys: String, CodingKey { case date, worked, holiday, provisional }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(date, forKey: .date)
            try container.encode(worked, forKey: .worked)
            try container.encode(holiday, forKey: .holiday)
            try container.encode(provisional, forKey: .provisional)
        }
    }

    func run() throws {
        guard let ends = CivilDate.ends(of: days), ends.first <= ends.last else {
            throw ValidationError("--days: write 2026-02-14, or 2007-01-01..2026-12-31.")
        }
        let calendar = try calendar.map { try NormFolder.calendar(at: $0) } ?? options.norms().calendar()
        let list = (ends.first.dayNumber...ends.last.dayNumber).map { CivilDate(dayNumber: $0) }
        if options.json {
            return try options.printJSON(
                list.map { day in
                    Row(
                        date: day.description, worked: calendar.isWorkingDay(day), holiday: calendar.holiday(day),
                        provisional: calendar.isProvisional(day))
                })
        }
        for day in list { print("\(day) \(calendar.isWorkingDay(day) ? 1 : 0)") }
    }
}
