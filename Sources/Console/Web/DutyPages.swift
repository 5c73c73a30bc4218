import Access
import Calls
import Foundation
import Hummingbird
import Norms
import Storage
import Switchboard

/// The publication calendar: what falls due in a month by the norms' duties and what was done of it; and writing down that
/// something was done.
struct DutyPages: Sendable {
    let operation: OperationPages
    let sources: ConsoleSources

    private var pages: Pages { operation.pages }
    /// From so many entries of a rule and subject on they stand in one row.
    private static let mostRows = 8
    private static let inputs = ["subject", "happened", "evidence", "note"]

    /// - Parameters:
    ///   - auditors: the routes of those who audit.
    ///   - doers: of those who write down what was done.
    func add(to auditors: RouterGroup<ConsoleContext>, _ doers: RouterGroup<ConsoleContext>) {
        auditors.get("audit/calendar") { request, context in
            try await show("audit-calendar", nil, "/audit/calendar", request, context)
        }
        doers.get("operation/duties") { request, context in
            try await show("operation-duties", .duties, OperationPages.Tab.duties.href, request, context)
        }
        doers.get("operation/duties/:rule") { request, context in
            let query = request.uri.queryParameters
            let entered = ["subject": String((query.get("subject") ?? "").prefix(200))]
            return try form(try context.part("rule"), complaint: nil, entered, request, context)
        }
        doers.post("operation/duties/:rule") { request, context in
            let form = try await pages.form(request, context)
            let rule = try context.part("rule")
            do {
                try await note(rule, form, context)
            } catch let problem as Problem where problem.status == .badRequest {
                return try self.form(
                    rule, complaint: pages.said(problem.detail, context), entered(form), request, context)
            } catch let error as SwitchboardError where error.code == .refused || error.code == .notFound {
                return try self.form(
                    rule, complaint: pages.said(error.message, context), entered(form), request, context)
            }
            return pages.go("/operation/duties?done=duty")
        }
    }

    // MARK: a month

    private func show(
        _ template: String, _ tab: OperationPages.Tab?, _ address: String, _ request: Request,
        _ context: ConsoleContext
    ) async throws -> Response {
        guard let norms = sources.audits?.norms else { throw Problem(.notFound, pages.word("op_no_norms", context)) }
        let query = request.uri.queryParameters
        let profiles = try norms.profiles().map(\.profile)
        let today = pages.site.today(pages.time.now())
        var complaint: String?
        var profile = query.get("profile") ?? sources.orders?.rules.profile.id ?? ""
        if !profile.isEmpty, !profiles.contains(where: { $0.id == profile }) {
            complaint = pages.word("op_profile_wrong", context)
            profile = ""
        }
        let asked = query.get("month") ?? String(today.prefix(7))
        var first = CivilDate("\(asked)-01")
        if first == nil {
            complaint = pages.word("op_month_wrong", context)
            first = CivilDate("\(today.prefix(7))-01")
        }
        guard let first else { throw Problem.unexpected }
        let entries = try await DutyCalendar(norms: norms, zone: pages.site.zone, reader: sources.reader).month(
            first, profile: profile.isEmpty ? nil : profile, now: UTCTime(pages.time.now()))
        func month(_ date: CivilDate) -> String { String(date.description.prefix(7)) }
        let choice = profile.isEmpty ? "&profile=" : "&profile=\(profile)"
        var fields: [String: Any] = [
            "address": address, "month": month(first), "complaint": complaint ?? "",
            "previous": "\(address)?month=\(month(first.adding(months: -1)))\(choice)",
            "next": "\(address)?month=\(month(first.adding(months: 1)))\(choice)",
            "profiles": [["value": "", "label": pages.word("op_all_profiles", context), "selected": profile.isEmpty]]
                + profiles.map { one in
                    ["value": one.id, "label": one.name, "selected": one.id == profile] as [String: Any]
                },
            "nothing": entries.isEmpty,
        ]
        fields["rows"] = rows(entries, try context.person, context)
        let status: HTTPResponse.Status = complaint == nil ? .ok : .badRequest
        guard tab != nil else {
            return pages.render(template, title: "audit_calendar_title", fields, status: status, request, context)
        }
        return operation.render(template, tab, fields, status: status, request, context)
    }

    /// Entries of what is due almost every day stand together, in the row of the first.
    private func rows(
        _ entries: [DutyCalendar.Entry], _ person: Person, _ context: ConsoleContext
    ) -> [[String: Any]] {
        struct Name: Hashable {
            var rule: String
            var subject: String
        }
        let groups = Dictionary(grouping: entries) { Name(rule: $0.rule.id, subject: $0.subject) }
        var seen: Set<Name> = []
        return entries.compactMap { entry in
            let name = Name(rule: entry.rule.id, subject: entry.subject)
            let group = groups[name] ?? []
            guard group.count > Self.mostRows else { return row(entry, person, context) }
            guard seen.insert(name).inserted else { return nil }
            var row = row(entry, person, context)
            row["many"] = true
            row["dates"] = group.map { entry in self.row(entry, person, context) }
            row["counts"] = DutyCalendar.State.allCases.compactMap { state -> String? in
                let count = group.count { $0.state == state }
                return count == 0 ? nil : "\(pages.word("duty_\(state.rawValue)", context)) \(count)"
            }.joined(separator: " · ")
            return row
        }
    }

    private func row(_ entry: DutyCalendar.Entry, _ person: Person, _ context: ConsoleContext) -> [String: Any] {
        let rule = entry.rule
        var row: [String: Any] = [
            "rule": rule.id, "clause": "\(rule.source) \(rule.clause)", "words_text": rule.words.text,
            "limit": rule.limit?.description ?? "", "subject": entry.subject, "many": false,
            "due": entry.due.map { $0.endsDay ? $0.date.description : pages.site.time(UTCTime(microseconds: $0.at)) }
                ?? "",
            "weekday": entry.due.map { pages.word("weekday_\($0.date.weekday)", context) } ?? "",
            "shifted_from": entry.due?.shiftedFrom?.description ?? "",
            "provisional": entry.due?.isProvisional ?? false,
            "state": pages.word("duty_\(entry.state.rawValue)", context), "state_id": entry.state.rawValue,
            "is_late": entry.state == .late || entry.state == .doneLate, "is_done": entry.state == .done,
            "done_at": "", "by": "", "note": "", "evidence": "", "unproven": false, "outage": "",
        ]
        if let deed = entry.deed {
            row["done_at"] = pages.site.time(deed.happenedAt)
            (row["by"], row["note"], row["evidence"]) = (deed.by, deed.note, deed.evidence ?? "")
            row["unproven"] = deed.evidence == nil
        }
        if let outage = entry.outage {
            (row["outage"], row["by"]) = (outage.text, outage.by)
            row["done_at"] = pages.site.time(outage.announcedAt)
            row["begins"] = pages.site.time(outage.beginsAt)
        }
        if entry.canBeNoted, Rights.allows(person, .noteDuties) {
            let subject = entry.subject.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            row["note_href"] = "/operation/duties/\(rule.id)" + (subject.isEmpty ? "" : "?subject=\(subject)")
        } else {
            row["note_href"] = ""
        }
        return row
    }

    // MARK: something was done

    private var book: DutyBook {
        get throws {
            guard let duties = sources.duties else {
                throw Problem(.notFound, "there are no norms here, and no duties")
            }
            return duties
        }
    }

    private func entered(_ form: Form) -> [String: String] {
        Dictionary(uniqueKeysWithValues: Self.inputs.map { ($0, form[$0]) })
    }

    private func note(_ rule: String, _ form: Form, _ context: ConsoleContext) async throws {
        var happened: UTCTime?
        if !form["happened"].isEmpty {
            happened = pages.site.moment(form["happened"])
            guard happened != nil else { throw Problem(.badRequest, pages.word("op_from_wrong", context)) }
        }
        try await book.done(
            DutyBook.Deed(
                rule: rule, subject: try form.text("subject", most: 200) ?? "", happenedAt: happened,
                by: try context.doer(nil) { $0 }, note: try form.text("note", most: 500) ?? "",
                evidence: try form.text("evidence", most: 200)))
    }

    private func form(
        _ id: String, complaint: String?, _ entered: [String: String], _ request: Request, _ context: ConsoleContext
    ) throws -> Response {
        guard let norms = sources.audits?.norms else { throw Problem(.notFound, pages.word("op_no_norms", context)) }
        let known = DutyBook.recurring(try norms.profiles().map(\.profile))
        guard let (profile, rule) = known.first(where: { $0.rule.id == id }) else {
            throw Problem(.notFound, pages.word("op_rule_wrong", context))
        }
        var fields: [String: Any] = [
            "rule": rule.id, "profile": profile.name, "clause": "\(rule.source) \(rule.clause)",
            "words_text": rule.words.text, "limit": rule.limit?.description ?? "", "complaint": complaint ?? "",
        ]
        for name in Self.inputs { fields["e_\(name)"] = entered[name] ?? "" }
        return operation.render(
            "operation-duty", .duties, fields, status: complaint == nil ? .ok : .badRequest, request, context)
    }
}
