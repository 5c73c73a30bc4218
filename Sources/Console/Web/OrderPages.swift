import Access
import Calls
import Foundation
import Hummingbird
import Storage
import Switchboard
import WorkOrders

/// Work orders: the board, a department's inbox, the whole life of one with the steps that are allowed.
struct OrderPages: Sendable {
    let pages: Pages
    let reader: StoreReader
    /// Nil: orders have no lives here.
    let orders: OrderBook?

    private static let pageSize = 30

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("orders") { request, context in try await list(request, context) }
        group.get("orders/:number") { request, context in
            try await show(try context.part("number"), complaint: nil, [:], request, context)
        }
        group.post("orders/:number") { request, context in try await step(request, context) }
    }

    // MARK: the board and the inbox

    private func list(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let person = try context.person
        let query = request.uri.queryParameters
        let (status, category) = (query.get("status") ?? "", query.get("category") ?? "")
        // A department sees what is, or was, its own; others choose.
        let isInbox = Rights.reach(of: person, .seeOrders) == .department
        let unit = isInbox ? person.unit : query.get("unit").flatMap { $0.isEmpty ? nil : $0 }
        var filter = OrderFilter(limit: Self.pageSize)
        filter.ownerUnit = unit
        filter.isOpen = status.isEmpty
        if !status.isEmpty, status != "all" {
            guard OrderStatus(rawValue: status) != nil else {
                throw Problem(
                    .badRequest, "\(quoted(status)): \(OrderStatus.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            filter.status = status
        }
        if !category.isEmpty { filter.category = String(category.prefix(40)) }
        if let before = query.get("before") { filter.before = OrderID(before) }
        let found = try await reader.orders(filter: filter)
        var rows: [[String: Any]] = []
        for order in found where try await pages.gate.sees(person, order: order.number) {
            rows.append(try await row(order, context))
        }
        let more = found.count == Self.pageSize ? found.last.map { "before=\($0.orderID)" } : nil
        let kept = [("status", status), ("category", category), ("unit", isInbox ? "" : unit ?? "")]
            .filter { !$0.1.isEmpty }
            .map { "\($0.0)=\($0.1.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }
        var fields: [String: Any] = [
            "rows": rows, "is_empty": rows.isEmpty, "is_inbox": isInbox, "q_unit": unit ?? "",
            "unit_title": unit.map { title(ofDepartment: $0) } ?? "",
            "next": more.map { "/orders?" + (kept + [$0]).joined(separator: "&") } ?? "",
            "has_next": more != nil,
            "statuses": [("", "orders_open"), ("all", "orders_all")].map { choice($0.0, word: $0.1, status, context) }
                + OrderStatus.allCases.map { choice($0.rawValue, word: "status_\($0.rawValue)", status, context) },
            "categories": [choice("", word: "any", category, context)]
                + OrderCategory.allCases.map { choice($0.rawValue, word: "category_\($0.rawValue)", category, context) },
        ]
        if !isInbox {
            fields["units"] =
                [choice("", word: "any", unit ?? "", context)]
                + (orders?.rules.library.vocabulary.departments ?? [:]).sorted { $0.key < $1.key }
                .map { ["value": $0.key, "label": $0.value, "selected": $0.key == unit] as [String: Any] }
        }
        return pages.render("orders", title: isInbox ? "orders_inbox" : "orders_title", fields, request, context)
    }

    private func choice(_ value: String, word: String, _ chosen: String, _ context: ConsoleContext) -> [String: Any] {
        ["value": value, "label": pages.word(word, context), "selected": value == chosen]
    }

    private func row(_ order: OrderSummary, _ context: ConsoleContext) async throws -> [String: Any] {
        var row: [String: Any] = [
            "number": order.number, "category": pages.word("category_\(order.category)", context),
            "created": pages.site.time(order.createdAt), "status": pages.word("status_\(order.status)", context),
            "content": String((content(of: order) ?? "").prefix(80)),
            "owner": order.ownerUnit.map { title(ofDepartment: $0) } ?? order.owner.map { title(ofRole: $0) } ?? "",
        ]
        if let orders {
            do {
                let life = try orders.rules.life(of: order)
                let now = pages.time.now().wall
                row["state"] = life.rules.state(life.state)?.title ?? pages.word("state_new", context)
                if let clock = life.clocks(at: now, deadline: orders.rules.deadline).first(where: { $0.due != nil }),
                    let due = clock.due
                {
                    row["due"] = pages.site.time(UTCTime(microseconds: due.at))
                    row["clock"] = clock.title
                    row["is_late"] = due.at < now
                    row["is_near"] = due.at >= now && due.at - now < 4 * 3_600_000_000
                }
            } catch is SwitchboardError {
                // It lives by other rules: its page says which.
                row["state"] = order.state ?? ""
            }
        }
        return row
    }

    private func content(of order: OrderSummary) -> String? {
        order.steps.reversed().compactMap { $0.fields["content"] }.first ?? order.fields["content"]
    }

    private func title(ofDepartment id: String) -> String { orders?.rules.library.vocabulary.departments[id] ?? id }

    private func title(ofRole id: String) -> String { orders?.rules.library.vocabulary.roles[id]?.title ?? id }

    // MARK: one of them

    private func show(
        _ number: String, complaint: String?, _ entered: [String: String], _ request: Request,
        _ context: ConsoleContext, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let person = try context.person
        try await pages.gate.check(person, .seeOrders, order: number)
        guard let order = try await reader.order(number) else {
            throw Problem(.notFound, "there is no work order \(quoted(number))")
        }
        let seesContacts = try await may(person, .seeContacts, number)
        // Whoever sees who called is written down before they see it.
        if seesContacts, order.caller != nil {
            try await pages.people.note(.orderSeen, person.name, subject: number, address: context.address)
        }
        var fields: [String: Any] = [
            "number": order.number, "category": pages.word("category_\(order.category)", context),
            "created": pages.site.time(order.createdAt), "status": pages.word("status_\(order.status)", context),
            "caller": RecordingPages.number(order.caller, seesContacts), "contacts_hidden": !seesContacts,
            "complaint": complaint ?? "", "fields": shown(order.fields, seesContacts),
            "steps": order.steps.map { step($0, seesContacts) },
            "has_steps": !order.steps.isEmpty,
            "recordings": try await recordings(order, person, context),
            "accesses": try await reader.accesses(subject: number, limit: 20).map { access in
                [
                    "at": pages.site.time(access.at), "who": pages.people.person(access.person)?.title ?? access.person,
                ]
            },
        ]
        try await addLife(of: order, to: &fields, person, entered, context)
        return pages.render("order", title: "order_title", fields, status: status, request, context)
    }

    private func may(_ person: Person, _ right: Right, _ number: String) async throws -> Bool {
        do {
            try await pages.gate.check(person, right, order: number)
            return true
        } catch let problem as Problem where problem.status == .forbidden {
            return false
        }
    }

    /// Fields that name the caller.
    private static let contacts: Set<String> = ["contact", "customer", "account", "caller"]

    private func shown(_ fields: [String: String], _ seesContacts: Bool) -> [[String: Any]] {
        let vocabulary = orders?.rules.library.vocabulary
        return fields.sorted { $0.key < $1.key }.map { key, value in
            let isHidden = !seesContacts && Self.contacts.contains(key)
            return [
                "label": vocabulary?.fields[key]?.title ?? key, "value": isHidden ? "•••" : self.value(value, of: key),
            ]
        }
    }

    private func value(_ value: String, of key: String) -> String {
        switch orders?.rules.library.vocabulary.fields[key]?.kind {
        case .instant: Int64(value).map { pages.site.time(UTCTime(microseconds: $0)) } ?? value
        case .department: title(ofDepartment: value)
        case .departments: value.split(separator: ",").map { title(ofDepartment: String($0)) }.joined(separator: "、")
        default: value
        }
    }

    private func step(_ step: OrderSummary.Step, _ seesContacts: Bool) -> [String: Any] {
        [
            "number": step.number, "title": stepTitle(step.step), "by": step.by, "role": title(ofRole: step.role),
            "unit": step.unit.map { title(ofDepartment: $0) } ?? "", "at": pages.site.time(step.happenedAt),
            "why": step.why ?? "", "fields": shown(step.fields, seesContacts),
        ]
    }

    private func stepTitle(_ id: String) -> String {
        orders?.rules.library.lives.values.lazy.compactMap { $0.step(id)?.title }.first ?? id
    }

    /// Those that may be heard.
    private func recordings(
        _ order: OrderSummary, _ person: Person, _ context: ConsoleContext
    ) async throws -> [[String: Any]] {
        let subjects = try await reader.recordingSubjects(order.recordings.map(\.id))
        return order.recordings.filter { recording in
            guard let subject = subjects[recording.id] else { return false }
            return Rights.verdict(person, .hearRecordings, on: subject, units: pages.gate.units) == .allowed
        }.map { recording in
            ["href": "/recordings/\(recording.id)", "role": pages.word("linked_\(recording.role)", context)]
        }
    }

    // MARK: its life

    private func addLife(
        of order: OrderSummary, to fields: inout [String: Any], _ person: Person, _ entered: [String: String],
        _ context: ConsoleContext
    ) async throws {
        guard let orders else { return }
        do {
            let view = try await orders.life(of: order.number)
            fields["state"] = view.title
            fields["owner"] =
                view.ownerUnit.map { title(ofDepartment: $0) } ?? view.owner.map { title(ofRole: $0) } ?? ""
            fields["clocks"] = view.clocks.map { clock in
                [
                    "title": clock.title, "since": pages.site.time(clock.since), "due": pages.site.time(clock.dueAt),
                    "is_late": (clock.leftMilliseconds ?? 0) < 0, "clause": clock.clause ?? "",
                    "provisional": clock.provisional, "extended": clock.extended,
                ] as [String: Any]
            }
            fields["has_clocks"] = !view.clocks.isEmpty
            if let repeats = view.repeats, repeats.warning != "none" {
                fields["repeats"] =
                    ["count": repeats.count, "earlier": repeats.earlier.map { ["number": $0] }] as [String: Any]
            }
            if let route = view.route {
                fields["route"] = route.departments.map { title(ofDepartment: $0) }.joined(separator: "、")
                fields["route_clause"] = route.clause
            }
            let roles = person.stepRoles
            guard try await may(person, .stepOrders, order.number) else { return }
            let chosen = entered["step"] ?? ""
            let inputs = OrderInputs(pages: pages, library: orders.rules.library)
            fields["possible"] = view.possible.filter { $0.by.isEmpty || !roles.isDisjoint(with: $0.by) }.map { step in
                [
                    "id": step.id, "title": step.title, "is_chosen": step.id == chosen,
                    "roles": roles.filter { step.by.isEmpty || step.by.contains($0) }.sorted().map {
                        ["id": $0, "title": title(ofRole: $0)]
                    },
                    "why": step.why,
                    "inputs": (step.needs.map { ($0, true) } + step.takes.map { ($0, false) }).map { key, isNeeded in
                        input(
                            key, isNeeded, of: step, step.id == chosen ? entered["field_\(key)"] : nil, view, inputs,
                            context)
                    },
                ] as [String: Any]
            }
        } catch let error as SwitchboardError where error.code == .refused {
            fields["life_complaint"] = pages.said(error.message, context)
        }
    }

    /// A field of a step's form. Where the rules would send it stands there already; whoever dispatches decides.
    private func input(
        _ key: String, _ isNeeded: Bool, of step: OrderLifeView.Step, _ typed: String?, _ view: OrderLifeView,
        _ inputs: OrderInputs, _ context: ConsoleContext
    ) -> [String: Any] {
        inputs.fields(
            of: OrderInputs.Wanted(
                key: key, id: "\(step.id)-\(key)", isNeeded: isNeeded, typed: typed,
                preset: key == "department" ? view.route?.departments.first : nil), context.language)
    }

    private func step(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let number = try context.part("number")
        let person = try context.person
        let form = try await pages.form(request, context)
        try await pages.gate.check(person, .stepOrders, order: number)
        guard let orders else { throw Problem(.notFound, "`orders.policy` is not set: orders have no steps here") }
        guard let by = person.actor else { throw Problem(.forbidden, "`\(person.name)` has no work number") }
        do {
            let entered = try OrderInputs(pages: pages, library: orders.rules.library).values(of: form)
            _ = try await orders.step(
                number,
                OrderStepRequest(
                    step: form["step"], by: by, role: try context.role(form["role"]), unit: person.unit,
                    why: try form.text("why", most: 2000), fields: entered))
        } catch let error as SwitchboardError where [.refused, .argument].contains(error.code) {
            return try await again(number, pages.said(error.message, context), form, request, context)
        } catch let error as Problem where error.status == .badRequest {
            return try await again(number, pages.said(error.detail, context), form, request, context)
        }
        return pages.go("/orders/\(number)?done=step")
    }

    /// The page once more, with what was entered and why it was refused.
    private func again(
        _ number: String, _ complaint: String, _ form: Form, _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        var entered = ["step": form["step"]]
        for (key, value) in form.typed(beginning: "field_") { entered["field_\(key)"] = value }
        return try await show(number, complaint: complaint, entered, request, context, status: .conflict)
    }
}
