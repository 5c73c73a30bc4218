import Calls
import Documents
import Foundation
import Hummingbird
import Norms
import Storage
import Switchboard

/// The calendar of working days in use: a year's twelve months, and "when is it due", counted as `hotline norms due` does.
struct CalendarPages: Sendable {
    let operation: OperationPages
    /// Nil: there are no norms here.
    let norms: NormFolder?

    private static let years = 2000...2199
    /// Counted days that are listed.
    private static let mostCounted = 200

    private var pages: Pages { operation.pages }

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("operation/calendar") { request, context in try show(request, context) }
    }

    private func show(_ request: Request, _ context: ConsoleContext) throws -> Response {
        guard let norms else { throw Problem(.notFound, pages.word("op_no_norms", context)) }
        let calendar = try norms.calendar()
        let query = request.uri.queryParameters
        let today = pages.site.today(pages.time.now())
        var year = Int(today.prefix(4)) ?? Self.years.lowerBound
        var complaint: String?
        if let text = query.get("year"), !text.isEmpty {
            if text.utf8.count == 4, let asked = Int(text), Self.years.contains(asked) {
                year = asked
            } else {
                complaint = pages.word("op_year_wrong", context)
            }
        }
        var fields = self.year(year, calendar, context)
        fields.merge(form(query, today, try norms.profiles().map(\.profile), context)) { $1 }
        if query.get("count") != nil {
            do {
                fields.merge(try due(query, norms, calendar, context)) { $1 }
            } catch let problem as Problem where problem.status == .badRequest {
                complaint = pages.said(problem.detail, context)
            }
        }
        fields["complaint"] = complaint ?? ""
        return operation.render(
            "operation-calendar", .calendar, fields, status: complaint == nil ? .ok : .badRequest, request, context)
    }

    // MARK: a year

    private func year(_ year: Int, _ calendar: WorkingCalendar, _ context: ConsoleContext) -> [String: Any] {
        let notice = calendar.years.first { $0.year == year }
        let days =
            CivilDate(year: year, month: 1, day: 1).dayNumber...CivilDate(year: year, month: 12, day: 31).dayNumber
        let worked = days.count { calendar.isWorkingDay(CivilDate(dayNumber: $0)) }
        return [
            "year": "\(year)", "previous": Self.years.contains(year - 1) ? "\(year - 1)" : "",
            "next": Self.years.contains(year + 1) ? "\(year + 1)" : "",
            "citation": calendar.citation, "provisional_from": calendar.provisionalFrom.description,
            "is_provisional": days.contains { calendar.isProvisional(CivilDate(dayNumber: $0)) },
            "is_wholly_provisional": notice == nil,
            "sources": (notice?.sources ?? []).map { ["address": $0] },
            "holidays": (notice?.holidays ?? []).map { holiday in
                ["name": holiday.name, "days": Self.span(holiday.days)]
            },
            "worked_weekends": (notice?.worked ?? []).map(\.description).joined(separator: "、"),
            "working_days": worked,
            "weekdays": (1...7).map { ["name": pages.word("weekday_\($0)", context)] },
            "months": (1...12).map { month(year, $0, calendar, context) },
        ]
    }

    /// `2026-10-01 – 2026-10-07`.
    private static func span(_ days: [CivilDate]) -> String {
        guard let first = days.min(), let last = days.max() else { return "" }
        return first == last ? first.description : "\(first) – \(last)"
    }

    private func month(
        _ year: Int, _ month: Int, _ calendar: WorkingCalendar, _ context: ConsoleContext
    ) -> [String: Any] {
        let first = CivilDate(year: year, month: month, day: 1)
        let last = first.adding(months: 1).adding(days: -1)
        let days = (first.dayNumber...last.dayNumber).map { CivilDate(dayNumber: $0) }
        let isProvisional = days.allSatisfy(calendar.isProvisional)
        // Said of the empty ones as well: a template looks further out for what it does not find.
        let blank: [String: Any] = [
            "day": "", "date": "", "kind": "none", "mark": "", "holiday": "", "provisional": false,
        ]
        var cells = (1..<first.weekday).map { _ in blank }
        cells += days.map { cell($0, calendar, isMonthProvisional: isProvisional, context) }
        while !cells.count.isMultiple(of: 7) { cells.append(blank) }
        return [
            "title": pages.word("month_\(month)", context), "working_days": days.count(where: calendar.isWorkingDay),
            "provisional": isProvisional,
            "weeks": stride(from: 0, to: cells.count, by: 7).map { start in
                ["cells": Array(cells[start..<start + 7])] as [String: Any]
            },
        ]
    }

    private func cell(
        _ day: CivilDate, _ calendar: WorkingCalendar, isMonthProvisional: Bool, _ context: ConsoleContext
    ) -> [String: Any] {
        let kind = Self.kind(of: day, calendar)
        return [
            "day": "\(day.day)", "date": day.description, "kind": kind,
            "mark": kind == "work" ? "" : pages.word("day_\(kind)", context), "holiday": calendar.holiday(day) ?? "",
            "provisional": !isMonthProvisional && calendar.isProvisional(day),
        ]
    }

    /// `work`; `worked`: a weekend day that is worked; `holiday`; `off`: an ordinary weekend.
    private static func kind(of day: CivilDate, _ calendar: WorkingCalendar) -> String {
        if calendar.isWorkedWeekend(day) { return "worked" }
        if calendar.isHoliday(day) { return "holiday" }
        return calendar.isWorkingDay(day) ? "work" : "off"
    }

    // MARK: when it is due

    /// What was entered, and what can be chosen.
    private func form(
        _ query: Parameters, _ today: String, _ profiles: [NormProfile], _ context: ConsoleContext
    ) -> [String: Any] {
        func entered(_ key: String, orElse usual: String = "") -> String {
            String((query.get(key) ?? usual).prefix(40))
        }
        let (unit, profile) = (entered("unit", orElse: Term.Unit.workingDays.rawValue), entered("profile"))
        return [
            "e_count": entered("count"), "e_from": entered("from", orElse: today), "e_time": entered("time"),
            "units": Term.Unit.allCases.map { one in
                [
                    "value": one.rawValue, "label": pages.word("unit_\(one.rawValue)", context),
                    "selected": one.rawValue == unit,
                ] as [String: Any]
            },
            "profiles": profiles.map { one in
                ["value": one.id, "label": one.name, "selected": one.id == profile] as [String: Any]
            },
        ]
    }

    /// - Throws: `Problem` 400 for what cannot be counted.
    private func due(
        _ query: Parameters, _ norms: NormFolder, _ calendar: WorkingCalendar, _ context: ConsoleContext
    ) throws -> [String: Any] {
        func wrong(_ word: String) -> Problem { Problem(.badRequest, pages.word(word, context)) }
        guard let unit = Term.Unit(rawValue: query.get("unit") ?? "") else { throw wrong("op_unit_wrong") }
        guard let text = query.get("count"), text.utf8.count <= 8, let count = Int(text),
            (0...Term.most(unit)).contains(count)
        else { throw wrong("op_count_wrong") }
        let (day, time) = (query.get("from") ?? "", query.get("time") ?? "")
        guard let date = CivilDate(day) else { throw wrong("op_from_wrong") }
        let start: DueQuestion.Start
        if time.isEmpty {
            start = .day(date)
        } else {
            guard let moment = pages.site.moment("\(day)T\(time)") else { throw wrong("op_from_wrong") }
            start = .instant(moment.microseconds)
        }
        let zone = pages.site.zone
        var clock = DueClock(calendar: calendar, zone: zone)
        var profile: NormProfile?
        if let id = query.get("profile"), !id.isEmpty {
            profile = try norms.profiles().map(\.profile).first { $0.id == id }
            guard let profile else { throw wrong("op_profile_wrong") }
            clock = profile.clock(calendar: calendar, zone: zone)
        }
        // Of a term there is always an answer.
        guard let answer = DueQuestion(.term(Term(count, unit)), from: start).answer(by: clock) else {
            throw wrong("op_count_wrong")
        }
        let due = answer.due
        return [
            "has_due": true, "due_weekday": weekday(due.date, context), "due_provisional": due.isProvisional,
            "due": due.endsDay ? due.date.description : pages.site.time(UTCTime(microseconds: due.at)),
            "due_ends_day": due.endsDay, "due_shifted_from": due.shiftedFrom?.description ?? "",
            "due_by": profile?.citation ?? "",
            "counted": due.counted.prefix(Self.mostCounted).enumerated().map { index, day in
                [
                    "number": "\(index + 1)", "date": day.description, "weekday": weekday(day, context),
                    "remark": remark(day, calendar, context),
                ]
            },
            "more_counted": due.counted.count > Self.mostCounted ? "+ \(due.counted.count - Self.mostCounted)" : "",
        ]
    }

    private func weekday(_ day: CivilDate, _ context: ConsoleContext) -> String {
        pages.word("weekday_\(day.weekday)", context)
    }

    private func remark(_ day: CivilDate, _ calendar: WorkingCalendar, _ context: ConsoleContext) -> String {
        let kind = Self.kind(of: day, calendar)
        let words = [
            kind == "work" ? nil : pages.word("day_\(kind)", context), calendar.holiday(day),
            calendar.isProvisional(day) ? pages.word("provisional", context) : nil,
        ]
        return words.compactMap(\.self).joined(separator: "、")
    }
}
