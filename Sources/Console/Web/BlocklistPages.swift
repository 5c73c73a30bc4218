import Calls
import Hummingbird
import Storage
import Switchboard

/// Numbers whose calls are not taken: looked at, put on the list, taken off.
struct BlocklistPages: Sendable {
    let operation: OperationPages
    let blocklist: Blocklist

    private var pages: Pages { operation.pages }
    private static let most = 1000
    private static let longestReason = 200
    /// A year, in hours.
    private static let mostHours = 8784

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("operation/blocklist") { request, context in
            try await show(complaint: nil, [:], request, context)
        }
        group.post("operation/blocklist") { request, context in
            let form = try await pages.form(request, context)
            do {
                try await block(form, context)
            } catch let problem as Problem where problem.status == .badRequest {
                return try await show(complaint: pages.said(problem.detail, context), entered(form), request, context)
            } catch let error as SwitchboardError where error.code == .argument {
                return try await show(
                    complaint: pages.word("op_number_wrong", context), entered(form), request, context)
            }
            return pages.go("/operation/blocklist?done=blocked")
        }
        group.post("operation/blocklist/removal") { request, context in
            let form = try await pages.form(request, context)
            do {
                try await blocklist.unblock(
                    form["number"], by: try context.doer(nil) { $0 }, reason: try reason(form, context))
            } catch let problem as Problem where problem.status == .badRequest {
                return try await show(complaint: pages.said(problem.detail, context), [:], request, context)
            } catch let error as SwitchboardError where error.code == .notFound {
                return try await show(complaint: pages.word("op_not_blocked", context), [:], request, context)
            }
            return pages.go("/operation/blocklist?done=unblocked")
        }
    }

    private func entered(_ form: Form) -> [String: String] {
        ["number": form["number"], "hours": form["hours"], "reason": form["reason"]]
    }

    private func block(_ form: Form, _ context: ConsoleContext) async throws {
        var hours: Int64?
        if !form["hours"].isEmpty {
            guard let given = Int64(form["hours"]), (1...Int64(Self.mostHours)).contains(given) else {
                throw Problem(.badRequest, pages.word("op_hours_wrong", context))
            }
            hours = given
        }
        try await blocklist.block(
            form["number"], milliseconds: hours.map { $0 * 3_600_000 }, by: try context.doer(nil) { $0 },
            reason: try reason(form, context))
    }

    private func reason(_ form: Form, _ context: ConsoleContext) throws -> String {
        guard let reason = try form.text("reason", most: Self.longestReason) else {
            throw Problem(.badRequest, pages.word("op_reason_missing", context))
        }
        return reason
    }

    private func show(
        complaint: String?, _ entered: [String: String], _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        let blocked = try await blocklist.numbers(at: nil, limit: Self.most)
        return operation.render(
            "operation-blocklist", .blocklist,
            [
                "blocked": blocked.map { row($0, context) }, "nobody": blocked.isEmpty, "complaint": complaint ?? "",
                "e_number": entered["number"] ?? "", "e_hours": entered["hours"] ?? "",
                "e_reason": entered["reason"] ?? "", "most_hours": "\(Self.mostHours)",
            ], status: complaint == nil ? .ok : .badRequest, request, context)
    }

    private func row(_ entry: BlockedNumber, _ context: ConsoleContext) -> [String: Any] {
        [
            "number": entry.number, "at": pages.site.time(entry.blockedAt),
            "until": entry.until.map { pages.site.time($0) } ?? pages.word("op_until_removed", context),
            "by": entry.by.text, "reason": entry.reason,
        ]
    }
}
