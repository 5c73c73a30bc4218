import Access
import Calls
import Hummingbird
import Storage
import Switchboard

/// What stands in the agents' file: key customers; agents, queues and who leads where, with how they stand now. `RosterForms`
/// changes it.
struct RosterPages: Sendable {
    let operation: OperationPages
    let sources: ConsoleSources

    private var pages: Pages { operation.pages }

    func add(customers: RouterGroup<ConsoleContext>, agents: RouterGroup<ConsoleContext>) {
        customers.get("operation/customers") { request, context in try self.customers(request, context) }
        agents.get("operation/agents") { request, context in self.agents(request, context) }
    }

    /// The path of the agents' file, for those who keep the machine.
    private func file(_ context: ConsoleContext) -> String {
        guard let person = context.asker?.person, Rights.allows(person, .operate) else { return "" }
        return sources.operation.settings.first { $0.key == "agents.file" }?.value ?? ""
    }

    // MARK: key customers

    /// - Parameter entered: what was sent and refused.
    func customers(
        _ request: Request, _ context: ConsoleContext, complaint: String? = nil, entered: [String: String] = [:]
    ) throws -> Response {
        let person = try context.person
        let isShown = Rights.reach(of: person, .seeContacts) == .all
        let customers = sources.desk?.keyCustomers ?? []
        return operation.render(
            "operation-customers", .customers,
            [
                "customers": customers.map { customer in
                    [
                        "number": isShown ? customer.number : "•••" + customer.number.suffix(4),
                        "remark": customer.remark,
                    ]
                },
                "nobody": customers.isEmpty, "masked": !isShown, "file": file(context),
                "may_change": sources.roster != nil && isShown && Rights.allows(person, .keyCustomers),
                "complaint": complaint ?? "", "e_number": entered["number"] ?? "", "e_remark": entered["remark"] ?? "",
            ], status: complaint == nil ? .ok : .badRequest, request, context)
    }

    // MARK: agents and queues

    /// - Parameter notes: what was just done, to be told above.
    func agents(_ request: Request, _ context: ConsoleContext, notes: [String: Any] = [:]) -> Response {
        let status = sources.desk?.status
        let agents = status?.agents ?? []
        let queues = sources.desk?.rosterQueues ?? []
        let fields: [String: Any] = [
            "has_desk": sources.desk != nil, "file": file(context),
            "may_change": sources.roster != nil
                && (context.asker?.person.map { Rights.allows($0, .operate) } ?? false),
            "agents": agents.map { row($0, context) },
            "queues": queues.map { queue in
                row(queue, status?.queues.first { $0.name == queue.rules.name }, agents, context)
            },
            "departments": leaders(agents, context),
        ]
        return operation.render("operation-agents", .agents, fields.merging(notes) { $1 }, request, context)
    }

    private func row(_ status: DistributorStatus.AgentStatus, _ context: ConsoleContext) -> [String: Any] {
        let agent = status.agent
        return [
            "number": agent.number.text, "name": agent.name, "department": agent.department,
            "role": pages.word("op_role_\(agent.role.rawValue)", context),
            "skills": agent.skills.sorted().joined(separator: "、"),
            "state": pages.word("agent_\(status.state.rawValue)", context),
            "since": pages.site.time(status.since.map { UTCTime($0) }), "reason": status.reason ?? "",
            "reachable": status.isReachable,
        ]
    }

    /// - Parameter status: nil where the distributor does not have it.
    private func row(
        _ queue: RosterQueue, _ status: DistributorStatus.Queue?, _ agents: [DistributorStatus.AgentStatus],
        _ context: ConsoleContext
    ) -> [String: Any] {
        let rules = queue.rules
        let able = agents.map(\.agent).filter { agent in rules.skill.map { agent.skills.contains($0) } ?? true }
        let isOpen = status.map { $0.isOpen && !$0.isDraining } ?? false
        return [
            "name": rules.name, "skill": rules.skill ?? "", "open": isOpen,
            "state": pages.word(
                isOpen ? "op_queue_open" : status?.isDraining == true ? "op_queue_draining" : "board_closed", context),
            "waiting": status?.callers ?? 0, "serving": status?.serving ?? 0,
            "able": able.map(\.number.text).joined(separator: "、"), "rings": rules.ringsPerAgent,
            "duty": rules.duty.map(\.text).joined(separator: "、"),
        ]
    }

    /// Departments with the shift leaders and supervisors in them.
    private func leaders(
        _ agents: [DistributorStatus.AgentStatus], _ context: ConsoleContext
    ) -> [[String: Any]] {
        Dictionary(grouping: agents.map(\.agent), by: \.department).sorted { $0.key < $1.key }.map { name, members in
            func named(_ role: AgentRole) -> String {
                members.filter { $0.role == role }.map { "\($0.number.text) \($0.name)" }.joined(separator: "、")
            }
            return [
                "name": name, "members": members.count, "leaders": named(.shiftLeader),
                "supervisors": named(.supervisor),
            ]
        }
    }
}
