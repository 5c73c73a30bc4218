import Access
import HTTPTypes
import Hummingbird

/// The pages of the hotline's operation: an index, and a page each, which whoever has its right may open.
struct OperationPages: Sendable {
    /// One of the pages.
    enum Tab: String, CaseIterable {
        case findings, lines, calendar, duties, blocklist, customers, agents, retention

        var href: String { "/operation/\(rawValue)" }

        var right: Right {
            switch self {
            case .findings, .lines: .operate
            case .calendar, .agents: .wallboard
            // Key customers are whom duties are about: visits, notices, surveys.
            case .duties, .customers: .noteDuties
            case .blocklist: .blockNumbers
            case .retention: .keepRecordings
            }
        }
    }

    let pages: Pages

    /// - Parameter group: the routes of whoever has a right.
    static func add(
        _ pages: Pages, _ sources: ConsoleSources, to group: (Right?) -> RouterGroup<ConsoleContext>
    ) {
        let operation = OperationPages(pages: pages)
        group(.wallboard).get("operation") { request, context in try operation.index(request, context) }
        FindingsPages(operation: operation, sources: sources).add(to: group(Tab.findings.right))
        LinesPages(operation: operation, sources: sources).add(to: group(Tab.lines.right))
        CalendarPages(operation: operation, norms: sources.audits?.norms).add(to: group(Tab.calendar.right))
        DutyPages(operation: operation, sources: sources).add(to: group(.audit), group(.noteDuties))
        BlocklistPages(operation: operation, blocklist: sources.blocklist).add(to: group(Tab.blocklist.right))
        RosterPages(operation: operation, sources: sources).add(
            customers: group(Tab.customers.right), agents: group(Tab.agents.right))
        RosterForms(operation: operation, sources: sources).add(
            agents: group(.operate), customers: group(.keyCustomers))
        RetentionPages(operation: operation, sources: sources).add(to: group(Tab.retention.right))
    }

    /// A page of the operation, with the way to the others.
    /// - Parameters:
    ///   - tab: nil for the index.
    ///   - fields: what its template wants.
    func render(
        _ template: String, _ tab: Tab?, _ fields: [String: Any], status: HTTPResponse.Status = .ok,
        _ request: Request, _ context: ConsoleContext
    ) -> Response {
        var fields = fields
        fields["tabs"] = tabs(context, here: tab)
        // Where a form was sent to is no page to come back to.
        if request.method == .post, let tab { fields["here"] = tab.href }
        return pages.render(
            template, title: tab.map { "op_\($0.rawValue)" } ?? "nav_operation", fields, status: status, request,
            context)
    }

    private func index(_ request: Request, _ context: ConsoleContext) throws -> Response {
        render("operation", nil, [:], request, context)
    }

    /// Those that this person may open.
    private func tabs(_ context: ConsoleContext, here: Tab?) -> [[String: Any]] {
        guard let person = context.asker?.person else { return [] }
        return Tab.allCases.filter { Rights.allows(person, $0.right) }.map { tab in
            [
                "href": tab.href, "label": pages.word("op_\(tab.rawValue)", context),
                "about": pages.word("op_about_\(tab.rawValue)", context), "here": tab == here,
            ]
        }
    }
}
