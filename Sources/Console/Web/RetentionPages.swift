import Calls
import Hummingbird
import Norms
import Storage
import Switchboard

/// How long recordings are kept and by which clause, what the next run would do, and the legal holds that stand above all.
struct RetentionPages: Sendable {
    let operation: OperationPages
    let sources: ConsoleSources

    private var pages: Pages { operation.pages }
    /// Recordings that a plan lists.
    private static let mostListed = 100
    private static let kinds = ["order", "call", "recording"]

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("operation/retention") { request, context in
            try await show(complaint: nil, [:], request, context)
        }
        group.post("operation/retention/holds") { request, context in
            let form = try await pages.form(request, context)
            return try await told(form, request, context) {
                _ = try await here(context).place(
                    on: try target(form, context), reason: form["reason"], by: try context.doer(nil) { $0 })
                return "held"
            }
        }
        group.post("operation/retention/holds/:id/release") { request, context in
            let form = try await pages.form(request, context)
            guard let id = HoldID(try context.part("id")) else {
                throw Problem(.notFound, pages.word("op_no_hold", context))
            }
            return try await told(form, request, context) {
                _ = try await here(context).release(id, reason: form["reason"], by: try context.doer(nil) { $0 })
                return "released"
            }
        }
    }

    private func here(_ context: ConsoleContext) throws -> Retention {
        guard let retention = sources.retention else {
            throw Problem(.notFound, pages.word("op_no_retention", context))
        }
        return retention
    }

    /// Does something, and tells what came of it; what it complains about stands beside what was entered.
    /// - Parameter work: the word of what was done.
    private func told(
        _ form: Form, _ request: Request, _ context: ConsoleContext, _ work: () async throws -> String
    ) async throws -> Response {
        do {
            return pages.go("/operation/retention?done=\(try await work())")
        } catch let problem as Problem where problem.status == .badRequest {
            return try await show(complaint: pages.said(problem.detail, context), entered(form), request, context)
        } catch let error as SwitchboardError where [.argument, .refused, .notFound].contains(error.code) {
            return try await show(complaint: pages.said(error.message, context), entered(form), request, context)
        }
    }

    private func entered(_ form: Form) -> [String: String] {
        ["kind": form["kind"], "id": form["id"], "reason": form["reason"]]
    }

    private func target(_ form: Form, _ context: ConsoleContext) throws -> Retention.HoldTarget {
        let text = form["id"]
        switch form["kind"] {
        case "order" where !text.isEmpty && text.utf8.count <= 40: return .order(text)
        case "call": if let id = CallID(text) { return .call(id) }
        case "recording": if let id = RecordingID(text) { return .recording(id) }
        default: break
        }
        throw Problem(.badRequest, pages.word("op_target_wrong", context))
    }

    // MARK: the page

    private func show(
        complaint: String?, _ entered: [String: String], _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        let retention = try here(context)
        let holds = try await sources.reader.holds()
        let settings = retention.settings
        var fields: [String: Any] = [
            "complaint": complaint ?? "", "e_id": entered["id"] ?? "", "e_reason": entered["reason"] ?? "",
            "kinds": Self.kinds.map { kind in
                [
                    "value": kind, "label": pages.word("op_hold_\(kind)", context),
                    "selected": kind == entered["kind"],
                ] as [String: Any]
            },
            "holds": holds.map { row($0, context) }, "no_holds": holds.isEmpty,
            "last_run": retention.lastDay().map(Self.day) ?? "", "budget": settings.bytesPerDay / 1_000_000,
            "at": settings.minuteOfDay >= 1440 ? "" : Self.clock(settings.minuteOfDay),
            "quota": settings.quotaBytes > 0 ? "\(settings.quotaBytes / 1_000_000)" : "",
            "floor": settings.floorBytes > 0 ? "\(settings.floorBytes / 1_000_000)" : "",
        ]
        if let policy = settings.policy {
            fields.merge(self.policy(policy, context)) { $1 }
            // Each recording is decided about: asked for by whoever wants to know.
            if request.uri.queryParameters.get("plan") != nil {
                fields.merge(plan(try await retention.plan(), context)) { $1 }
            }
        }
        return operation.render(
            "operation-retention", .retention, fields, status: complaint == nil ? .ok : .badRequest, request, context)
    }

    private func row(_ hold: HoldSummary, _ context: ConsoleContext) -> [String: Any] {
        let subject = hold.orderNumber ?? hold.recording?.description ?? hold.call?.description ?? ""
        return [
            "id": hold.id.description, "scope": pages.word("op_hold_\(hold.scope.rawValue)", context),
            "subject": subject, "reason": hold.reason, "by": hold.placedBy.text, "at": pages.site.time(hold.placedAt),
        ]
    }

    /// `2026-11-27` of `20261127`.
    private static func day(_ compact: String) -> String {
        guard compact.utf8.count == 8 else { return compact }
        return "\(compact.prefix(4))-\(compact.dropFirst(4).prefix(2))-\(compact.suffix(2))"
    }

    private static func clock(_ minute: Int) -> String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(two(minute / 60)):\(two(minute % 60))"
    }

    private func policy(_ policy: RetentionPolicy, _ context: ConsoleContext) -> [String: Any] {
        let least = policy.minima.map { rule($0, "op_minimum", context) }
        let rules = policy.rules.map { rule($0, "op_rule", context) }
        return [
            "has_policy": true, "policy": policy.citation,
            "rules": least + rules + [rule(policy.otherwise, "op_otherwise", context)],
            "assumed": period(policy.assumeClosedAfter, context),
            "archive_after": policy.archiveAfter.map { period($0, context) } ?? "",
            "call_data": pages.word("op_call_data_\(policy.callData.rawValue)", context),
        ]
    }

    private func rule(_ rule: RetentionPolicy.Rule, _ kind: String, _ context: ConsoleContext) -> [String: Any] {
        let conditions = rule.conditions
        let words = [
            conditions.categories.map { pages.word("category_\($0)", context) },
            conditions.outcomes.map { pages.word("outcome_\($0)", context) },
            conditions.marks.map { pages.word("mark_\($0)", context) }, conditions.purposes, conditions.directions,
        ]
        return [
            "id": rule.id, "kind": pages.word(kind, context),
            "conditions": words.filter { !$0.isEmpty }.map { $0.joined(separator: "、") }.joined(separator: "; "),
            "keep": period(rule.keep, context), "clause": rule.clause,
            "start": pages.word("op_from_\(rule.start.rawValue)", context),
        ]
    }

    private func period(_ period: CalendarPeriod, _ context: ConsoleContext) -> String {
        let parts = [
            (period.months / 12, "unit_years"), (period.months % 12, "unit_months"), (period.days, "unit_days"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0) \(pages.word($0.1, context))" }.joined(separator: " ")
    }

    // MARK: what the next run would do

    private func plan(_ plan: RetentionPlan, _ context: ConsoleContext) -> [String: Any] {
        let counts = [("kept", plan.kept), ("held", plan.held), ("archive", plan.archive), ("delete", plan.delete)]
        let listed = plan.items.prefix(Self.mostListed)
        let all = plan.archive.recordings + plan.delete.recordings
        return [
            "has_plan": true, "plan_recordings": plan.recordings,
            "plan_counts": counts.map { name, count in
                [
                    "title": pages.word("op_plan_\(name)", context), "recordings": count.recordings,
                    "megabytes": (count.bytes + 999_999) / 1_000_000,
                ] as [String: Any]
            },
            "plan_kept_by": plan.keptBy.sorted { $0.key < $1.key }.map { rule, count in
                ["rule": rule, "count": count] as [String: Any]
            },
            "plan_items": listed.map { item in
                [
                    "action": pages.word("op_plan_\(item.action.rawValue)", context), "file": item.file,
                    "rule": item.rule, "reason": pages.said(item.reason, context),
                    "until": pages.site.time(item.keepUntil),
                ] as [String: Any]
            },
            "has_plan_items": !listed.isEmpty, "plan_more": all > listed.count ? "+ \(all - listed.count)" : "",
        ]
    }
}
