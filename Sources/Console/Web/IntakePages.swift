import Access
import Calls
import Foundation
import Hummingbird
import Storage
import Switchboard
import WorkOrders

/// The form of a call: an order made of it, the call linked to an order that is there, or neither with the reason.
struct IntakePages: Sendable {
    let pages: Pages
    private let reader: StoreReader
    private let orders: OrderBook?
    private let desk: AgentDesk?
    private let making: CallOrders
    private let owed: OwedWork
    private let card: CallerCard

    init(pages: Pages, sources: ConsoleSources) {
        self.pages = pages
        reader = sources.reader
        orders = sources.orders
        desk = sources.desk
        making = CallOrders(exchange: sources.exchange, orders: sources.orders)
        owed = OwedWork(exchange: sources.exchange, reader: sources.reader)
        card = CallerCard(
            pages: pages, reader: sources.reader, exchange: sources.exchange, desk: sources.desk,
            orders: sources.orders)
    }

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("desk/calls/:call") { request, context in
            let call = try await pages.gate.check(try context.person, call: try context.callID(), toWrite: false)
            return try await show(call, Kept(), request, context)
        }
        group.post("desk/calls/:call") { request, context in try await make(request, context) }
        group.post("desk/calls/:call/link") { request, context in try await link(request, context) }
        group.post("desk/calls/:call/no_order") { request, context in try await waive(request, context) }
    }

    /// What was typed and why it was refused, to be shown again.
    private struct Kept {
        var typed = IntakeForm.Typed()
        /// Of the order's form.
        var complaint: String?
        var link: [String: String] = [:]
        var linkComplaint: String?
        var reason = ""
        var reasonComplaint: String?

        var status: HTTPResponse.Status {
            complaint == nil && linkComplaint == nil && reasonComplaint == nil ? .ok : .badRequest
        }
    }

    /// What the asker could do otherwise, in words; nil where it is not theirs to mend.
    private func complaint(_ error: any Error, _ context: ConsoleContext) -> String? {
        let message: String? =
            switch error {
            case let problem as Problem
            where [.badRequest, .forbidden, .conflict, .notFound].contains(problem.status):
                problem.detail
            case let error as SwitchboardError where [.refused, .argument, .notFound].contains(error.code):
                error.message
            case let error as StorageError where error.code == .conflict: Problem(error).detail
            default: nil
            }
        return message.map { pages.said($0, context) }
    }

    // MARK: an order

    private func make(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let form = try await pages.form(request, context)
        let call = try await pages.gate.check(try context.person, call: try context.callID(), toWrite: true)
        var kept = Kept()
        kept.typed = IntakeForm.Typed(form)
        // Without scripts another category's fields come this way.
        guard form["show"].isEmpty else { return try await show(call, kept, request, context) }
        do {
            return try await made(form, call, &kept.typed, request, context)
        } catch {
            guard let complaint = complaint(error, context) else { throw error }
            kept.complaint = complaint
            return try await show(call, kept, request, context)
        }
    }

    private func made(
        _ form: Form, _ call: CallDetail, _ typed: inout IntakeForm.Typed, _ request: Request,
        _ context: ConsoleContext
    ) async throws -> Response {
        let person = try context.person
        guard let orders else { throw Problem(.notFound, pages.word("desk_no_lives", context)) }
        guard let by = person.actor else { throw Problem(.forbidden, pages.word("desk_no_number", context)) }
        let intake = IntakeForm(orders.rules, roles: person.stepRoles, pages: pages)
        guard let category = intake.category(typed.category) else {
            throw Problem(.badRequest, pages.word("desk_choose_category", context))
        }
        let values = try intake.values(of: form, for: category)
        let missing = category.life.missing(for: category.accept, in: values)
        guard missing.isEmpty else {
            typed.missing = Set(missing)
            let titles = missing.map { intake.title(of: $0) }.joined(separator: "、")
            throw Problem(.badRequest, "\(pages.word("desk_missing", context)) \(titles)")
        }
        let wish = OrderWish(
            category: category.id, call: call.summary.callID, by: by, role: try context.role(form["role"]),
            fields: values)
        guard !CallOrders.names(person, wish) else {
            throw Problem(.forbidden, pages.word("desk_about_yourself", context))
        }
        let order = try await making.make(wish, for: context.asker)
        guard try await pages.gate.sees(person, order: order.number) else {
            // A secret one about the maker's own department: number and code are told here and nowhere else.
            return pages.render(
                "intake-made", title: "desk_made", ["number": order.number, "code": order.code], request, context)
        }
        return pages.go("/desk/calls/\(call.summary.callID)?done=order")
    }

    // MARK: none, or one that is there

    private func link(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let form = try await pages.form(request, context)
        let call = try await pages.gate.check(try context.person, call: try context.callID(), toWrite: true)
        do {
            try await linked(form, call, context)
        } catch {
            guard let complaint = complaint(error, context) else { throw error }
            var kept = Kept()
            kept.linkComplaint = complaint
            for key in ["order", "other", "as", "role", "text"] { kept.link[key] = form.typed(key) }
            return try await show(call, kept, request, context)
        }
        return pages.go("/desk/calls/\(call.summary.callID)?done=linked")
    }

    private func linked(_ form: Form, _ call: CallDetail, _ context: ConsoleContext) async throws {
        let person = try context.person
        guard let orders else { throw Problem(.notFound, pages.word("desk_no_lives", context)) }
        guard let by = person.actor else { throw Problem(.forbidden, pages.word("desk_no_number", context)) }
        let given = form["other"].isEmpty ? form["order"] : form["other"]
        guard let number = OrderNumber(given)?.description else {
            throw Problem(.badRequest, pages.word("desk_link_number", context))
        }
        try await pages.gate.check(person, .stepOrders, order: number)
        let text = try form.text("text", most: 2000)
        let id = call.summary.callID
        func step(_ step: String, why: String?, _ fields: [String: String]) async throws {
            _ = try await orders.step(
                number,
                OrderStepRequest(
                    step: step, by: by, role: try context.role(form["role"]), unit: person.unit, why: why,
                    fields: fields, call: id))
        }
        switch form["as"] {
        case "remind":
            guard let text else { throw Problem(.badRequest, pages.word("desk_remind_why", context)) }
            try await step("remind", why: text, [:])
        case let word:
            guard let role = OrderCallRole(rawValue: word) else {
                throw Problem(.badRequest, pages.word("desk_link_as_needed", context))
            }
            if let text { try await step("note", why: nil, ["note": text]) }
            try await orders.link(id, to: number, as: role, by: by)
        }
    }

    private func waive(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let form = try await pages.form(request, context)
        let person = try context.person
        let call = try await pages.gate.check(person, call: try context.callID(), toWrite: true)
        do {
            guard let by = person.actor else { throw Problem(.forbidden, pages.word("desk_no_number", context)) }
            guard let reason = try form.text("reason", most: 500) else {
                throw Problem(.badRequest, pages.word("desk_reason_needed", context))
            }
            guard try await pending(call) != nil else {
                throw Problem(.conflict, pages.word("desk_nothing_owed", context))
            }
            try await owed.waive(call.summary.callID, by: by, reason: reason)
        } catch {
            guard let complaint = complaint(error, context) else { throw error }
            var kept = Kept()
            kept.reasonComplaint = complaint
            kept.reason = form.typed("reason")
            return try await show(call, kept, request, context)
        }
        return pages.go("/desk/calls/\(call.summary.callID)?done=no_order")
    }

    private func pending(_ call: CallDetail) async throws -> PendingForm? {
        try await reader.pendingForms().first { $0.call == call.summary.callID }
    }

    // MARK: the page

    private func show(
        _ call: CallDetail, _ kept: Kept, _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        let person = try context.person
        let intake = orders.map { IntakeForm($0.rules, roles: person.stepRoles, pages: pages) }
        let found = try await card.found(call, person, intake, kept.typed, context)
        let pending = try await pending(call)
        var fields = found.fields
        fields.merge(facts(call, person, context)) { $1 }
        let made = try await ordersOf(call, person, context)
        fields.merge([
            "made": made, "has_made": !made.isEmpty, "has_lives": intake != nil,
            "form_owed": pending != nil, "complaint": kept.complaint ?? "",
            "link_complaint": kept.linkComplaint ?? "", "reason_complaint": kept.reasonComplaint ?? "",
            "typed_reason": kept.reason, "is_typed": !kept.typed.category.isEmpty,
            "has_calls": (found.fields["calls"] as? [Any])?.isEmpty == false,
            "has_orders": (found.fields["orders"] as? [Any])?.isEmpty == false,
            "has_outages": (found.fields["outages"] as? [Any])?.isEmpty == false,
        ]) { $1 }
        if let intake { add(intake, found, kept, call, person, to: &fields, context) }
        return pages.render("intake", title: "desk_intake", fields, status: kept.status, request, context)
    }

    private func facts(_ call: CallDetail, _ person: Person, _ context: ConsoleContext) -> [String: Any] {
        let summary = call.summary
        let passage = call.queue.last { !$0.refused }
        let mine = call.agents.last { $0.agent.text == person.workNumber }
        var fields = DeskFacts(pages: pages, desk: desk).fields(call, passage: passage, context)
        let wait = passage?.waitMilliseconds ?? mine?.waitMilliseconds
        fields.merge([
            "id": summary.callID.description, "caller": summary.caller ?? pages.word("desk_withheld", context),
            "is_withheld": summary.caller == nil, "is_over": summary.releasedAt != nil, "is_own": mine != nil,
            "offered": pages.site.time(summary.offeredAt), "answered": pages.site.time(mine?.answeredAt),
            "queue": passage?.queue ?? "", "wait": wait.map { RecordingPages.length(Double($0 / 1000)) } ?? "",
            "by": summary.answeredBy.map(\.text).joined(separator: "、"),
        ]) { $1 }
        return fields
    }

    /// What the call belongs to already; number and code are told to the caller.
    private func ordersOf(
        _ call: CallDetail, _ person: Person, _ context: ConsoleContext
    ) async throws -> [[String: Any]] {
        var rows: [[String: Any]] = []
        for order in try await reader.orders(filter: OrderFilter(call: call.summary.callID)) {
            guard try await pages.gate.sees(person, order: order.number) else { continue }
            let roles = order.calls.filter { $0.id == call.summary.callID }.map(\.role)
            rows.append([
                "number": order.number, "category": pages.word("category_\(order.category)", context),
                // Of an order that was there the caller has the code, or has not.
                "code": roles.contains("created") ? order.code : "",
                "roles": roles.map { pages.word("linked_\($0)", context) }.joined(separator: "、"),
                "is_new": order.steps.isEmpty && orders != nil,
            ])
        }
        return rows
    }

    private func add(
        _ intake: IntakeForm, _ found: CallerCard.Found, _ kept: Kept, _ call: CallDetail, _ person: Person,
        to fields: inout [String: Any], _ context: ConsoleContext
    ) {
        let typed = kept.typed
        func choice(_ value: String, _ label: String, _ chosen: String) -> [String: Any] {
            ["value": value, "label": label, "selected": value == chosen]
        }
        let roles = intake.roles(of: person.stepRoles)
        fields["categories"] = intake.categories.map {
            choice($0.id, pages.word("category_\($0.id)", context), typed.category)
        }
        fields["roles"] = roles.map { choice($0, intake.title(ofRole: $0), typed.role) }
        fields["link_roles"] = roles.map { choice($0, intake.title(ofRole: $0), kept.link["role"] ?? "") }
        fields["has_roles"] = roles.count > 1
        fields["role"] = roles.first ?? ""
        fields["inputs"] = intake.rows(typed, presets: presets(call, found), context.language)
        fields["same_matter"] = intake.categories.compactMap { category -> [String: Any]? in
            guard let numbers = found.duplicates[category.id], !numbers.isEmpty else { return nil }
            return [
                "in": "\(category.id)=1", "is_hidden": category.id != typed.category,
                "numbers": numbers.map { ["number": $0] },
            ]
        }
        fields["link_other"] = kept.link["other"] ?? ""
        fields["link_text"] = kept.link["text"] ?? ""
        fields["link_choices"] = (["remind"] + OrderCallRole.allCases.map(\.rawValue)).map {
            choice($0, pages.word("desk_link_\($0)", context), kept.link["as"] ?? "")
        }
        if let chosen = kept.link["order"], let rows = fields["orders"] as? [[String: Any]] {
            fields["orders"] = rows.map { row in
                row.merging(["checked": row["number"] as? String == chosen]) { $1 }
            }
        }
    }

    /// What need not be asked: the utility's system says it, or the call itself.
    private func presets(_ call: CallDetail, _ found: CallerCard.Found) -> [String: String] {
        var presets = found.customer
        presets["channel"] = "telephone"
        if let caller = call.summary.caller {
            for key in ["contact", "call_back"] where presets[key] == nil { presets[key] = caller }
            if desk?.isKeyCustomer(caller) == true { presets["key_customer"] = "yes" }
        }
        return presets
    }
}
