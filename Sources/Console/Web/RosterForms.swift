import Access
import Calls
import HTTPTypes
import Hummingbird
import Switchboard

/// Forms by which agents, queues and key customers of the agents' file are changed.
struct RosterForms: Sendable {
    let operation: OperationPages
    let sources: ConsoleSources

    private var pages: Pages { operation.pages }

    /// Keys of a queue's entry that the form has, in its order; the word of each is `op_q_<key>`.
    private static let queueKeys = [
        "skill", "rings_per_agent", "misses_until_away", "wrap_up", "maximum_length", "maximum_wait", "announce_every",
        "service_level", "short_abandon", "apology_after_rings", "message_due", "call_back_due",
    ]
    /// The same of those with one item a line.
    private static let queueLists = ["hours", "closed", "open", "duty"]

    func add(agents: RouterGroup<ConsoleContext>, customers: RouterGroup<ConsoleContext>) {
        agents.get("operation/agents/new") { request, context in
            try await agentForm(nil, complaint: nil, nil, request, context)
        }
        agents.get("operation/agents/:number") { request, context in
            try await agentForm(try agent(context), complaint: nil, nil, request, context)
        }
        agents.post("operation/agents/new") { request, context in
            try await setAgent(try await pages.form(request, context), isNew: true, request, context)
        }
        agents.post("operation/agents/:number") { request, context in
            try await setAgent(try await pages.form(request, context), isNew: false, request, context)
        }
        agents.post("operation/agents/:number/removal") { request, context in
            _ = try await pages.form(request, context)
            let agent = try agent(context)
            do {
                try await keeper.remove(agent: agent.agent.number, by: try context.doer(nil) { $0 })
            } catch let error as SwitchboardError where Self.isTold(error) {
                return try await agentForm(agent, complaint: pages.said(error.message, context), nil, request, context)
            }
            return pages.go("/operation/agents?done=agent_gone")
        }
        agents.post("operation/roster") { request, context in
            _ = try await pages.form(request, context)
            let warnings = try await keeper.reload(by: try context.doer(nil) { $0 })
            return roster.agents(
                request, context, notes: ["read": true, "warnings": warnings.map { pages.said($0, context) }])
        }
        agents.get("operation/queues/:name") { request, context in
            let name = try context.part("name")
            return try await queueForm(
                name, complaint: nil, try await keeper.queue(name), request, context)
        }
        agents.post("operation/queues/:name") { request, context in
            let form = try await pages.form(request, context)
            let name = try context.part("name")
            do {
                try await keeper.set(
                    queue: name, try fields(form), version: Self.version(form), by: try context.doer(nil) { $0 })
            } catch let error as SwitchboardError where Self.isTold(error) && error.code != .notFound {
                return try await queueForm(
                    name, complaint: pages.said(error.message, context), form.typed(beginning: "q_"), request, context)
            }
            return pages.go("/operation/agents?done=queue")
        }
        customers.post("operation/customers") { request, context in
            let form = try await pages.form(request, context)
            do {
                try await keeper.set(
                    customer: form["number"], remark: try form.text("remark", most: 200) ?? "",
                    by: try context.doer(nil) { $0 })
            } catch let error as SwitchboardError where Self.isTold(error) {
                return try roster.customers(
                    request, context, complaint: pages.said(error.message, context),
                    entered: ["number": form.typed("number"), "remark": form.typed("remark")])
            }
            return pages.go("/operation/customers?done=customer")
        }
        customers.post("operation/customers/removal") { request, context in
            let form = try await pages.form(request, context)
            do {
                try await keeper.remove(customer: form["number"], by: try context.doer(nil) { $0 })
            } catch let error as SwitchboardError where Self.isTold(error) {
                return try roster.customers(request, context, complaint: pages.said(error.message, context))
            }
            return pages.go("/operation/customers?done=customer_gone")
        }
    }

    private var roster: RosterPages { RosterPages(operation: operation, sources: sources) }

    private var keeper: RosterKeeper { get throws { try RosterAPI.present(sources.roster) } }

    /// What whoever filled in a form is told beside it.
    private static func isTold(_ error: SwitchboardError) -> Bool {
        [.argument, .refused, .notFound, .unavailable].contains(error.code)
    }

    /// Which state of the file the form was made of; nil where it does not say.
    private static func version(_ form: Form) -> String? { form["version"].isEmpty ? nil : form["version"] }

    // MARK: - Agents

    private func agent(_ context: ConsoleContext) throws -> RosterAgent {
        let number = try context.workNumber()
        guard let agent = sources.desk?.rosterAgent(number) else {
            throw Problem(.notFound, "there is no agent \(number)")
        }
        return agent
    }

    private func setAgent(
        _ form: Form, isNew: Bool, _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        let present = isNew ? nil : try agent(context)
        do {
            let wish = try wish(form, present, context)
            let secrets = try await keeper.set(
                wish, version: Self.version(form), by: try context.doer(nil) { $0 })
            guard secrets.password != nil || secrets.pin != nil else { return pages.go("/operation/agents?done=agent") }
            // Shown in this answer alone: an address would be kept by browsers and proxies.
            return roster.agents(
                request, context,
                notes: [
                    "secrets_of": wish.number.text, "password": secrets.password?.text ?? "",
                    "pin": secrets.pin?.text ?? "",
                ])
        } catch let problem as Problem where problem.status == .badRequest {
            return try await agentForm(present, complaint: pages.said(problem.detail, context), form, request, context)
        } catch let error as SwitchboardError where Self.isTold(error) {
            return try await agentForm(present, complaint: pages.said(error.message, context), form, request, context)
        }
    }

    private func wish(_ form: Form, _ present: RosterAgent?, _ context: ConsoleContext) throws -> AgentWish {
        guard let number = present?.agent.number ?? WorkNumber(form["number"]) else {
            throw Problem(.badRequest, pages.word("op_agent_number_wrong", context))
        }
        guard let name = try form.text("name", most: 40), let role = AgentRole(rawValue: form["role"]),
            let pin = AgentWish.PIN(rawValue: form["pin"])
        else { throw Problem(.badRequest, pages.word("op_agent_incomplete", context)) }
        let further = try form.text("new_skill", most: 32)
        return AgentWish(
            number: number, isNew: present == nil, name: name, role: role,
            department: try form.text("new_department", most: 40) ?? form.text("department", most: 40) ?? "",
            skills: form.all("skill") + (further.map { [$0] } ?? []), newPassword: !form["new_password"].isEmpty,
            pin: pin)
    }

    /// - Parameter entered: what was sent; nil: as the file has it.
    private func agentForm(
        _ present: RosterAgent?, complaint: String?, _ entered: Form?, _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        let place = try await keeper.place()
        let agent = present?.agent
        let names = sources.desk?.rosterNames ?? (departments: [], skills: [])
        let role: String = entered?.typed("role") ?? agent?.role.rawValue ?? AgentRole.agent.rawValue
        let department: String = entered?.typed("department") ?? agent?.department ?? ""
        let skills: Set<String> = entered.map { Set($0.all("skill")) } ?? agent?.skills ?? []
        let pin: String = entered?.typed("pin") ?? AgentWish.PIN.keep.rawValue
        var fields: [String: Any] = [
            "read_only": !place.isWritable, "folder": place.path, "complaint": complaint ?? "", "is_new": agent == nil,
            "address": "/operation/agents/" + (agent?.number.text ?? "new"),
        ]
        fields["number"] = agent?.number.text ?? entered?.typed("number") ?? ""
        fields["name"] = entered?.typed("name") ?? agent?.name ?? ""
        fields["new_department"] = entered?.typed("new_department") ?? ""
        fields["new_skill"] = entered?.typed("new_skill") ?? ""
        fields["version"] = place.version
        fields["new_password"] = !(entered?["new_password"] ?? "").isEmpty
        fields["roles"] = AgentRole.allCases.map { other in
            option(other.rawValue, pages.word("op_role_\(other.rawValue)", context), other.rawValue == role)
        }
        fields["departments"] = names.departments.map { option($0, $0, $0 == department) }
        fields["skills"] = names.skills.map { option($0, $0, skills.contains($0)) }
        fields["pins"] = AgentWish.PIN.allCases.filter { agent != nil || $0 != .none }.map { wish in
            let word = wish == .keep && present?.pin == nil ? "op_pin_without" : "op_pin_\(wish.rawValue)"
            return option(wish.rawValue, pages.word(word, context), wish.rawValue == pin)
        }
        return operation.render(
            "operation-agent", .agents, fields, status: complaint == nil ? .ok : .badRequest, request, context)
    }

    private func option(_ value: String, _ label: String, _ isChosen: Bool) -> [String: Any] {
        ["value": value, "label": label, "chosen": isChosen]
    }

    // MARK: - Queues

    private func fields(_ form: Form) throws -> [String: String] {
        var fields: [String: String] = [:]
        for key in Self.queueKeys + Self.queueLists { fields[key] = try form.text("q_\(key)", most: 2000) ?? "" }
        return fields
    }

    private func queueForm(
        _ name: String, complaint: String?, _ fields: [String: String], _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        let place = try await keeper.place()
        func field(_ key: String) -> [String: Any] {
            ["key": key, "label": pages.word("op_q_\(key)", context), "value": fields[key] ?? ""]
        }
        return operation.render(
            "operation-queue", .agents,
            [
                "read_only": !place.isWritable, "folder": place.path, "complaint": complaint ?? "", "name": name,
                "version": place.version,
                "fields": Self.queueKeys.map(field), "lists": Self.queueLists.map(field),
            ], status: complaint == nil ? .ok : .badRequest, request, context)
    }
}
