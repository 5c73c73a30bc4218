import Access
import Calls
import Foundation
import Storage
import Switchboard
import WorkOrders

/// Who calls, beside the form: what the utility's system says, earlier calls and orders, repeats, outages.
struct CallerCard: Sendable {
    /// What was found, with what the form needs of it.
    struct Found {
        var fields: [String: Any]
        /// What the utility's system says, by name.
        var customer: [String: String]
        /// Numbers of open orders that look like the same matter, by category.
        var duplicates: [String: [String]]
    }

    private static let shownCalls = 10
    private static let shownOrders = 10
    private static let shownOutages = 5
    /// Where no file says when a caller is known again.
    private static let usualWindow = 30 * 86_400_000

    let pages: Pages
    let reader: StoreReader
    let exchange: Exchange
    let desk: AgentDesk?
    /// Nil: orders have no lives here.
    let orders: OrderBook?

    func found(
        _ call: CallDetail, _ person: Person, _ form: IntakeForm?, _ typed: IntakeForm.Typed, _ context: ConsoleContext
    ) async throws -> Found {
        let now = pages.time.now()
        let window = orders?.rules.library.repeats?.window ?? Self.usualWindow
        let since = UTCTime(microseconds: now.wall - Int64(window) * 1000)
        var fields: [String: Any] = ["window_days": window / 86_400_000]
        var customer: [String: String] = [:]
        var duplicates: [String: [String]] = [:]
        if let caller = call.summary.caller {
            let (known, isAway) = await self.customer(calling: caller, context)
            customer = known
            fields["customer"] = shown(known)
            fields["has_customer"] = !known.isEmpty
            fields["customer_away"] = isAway
            let earlier = try await earlierOrders(of: caller, call, person, since, context)
            let brief = { (category: String) in
                OrderBrief(
                    number: "", category: category, caller: caller,
                    account: typed.fields["account"] ?? known["account"],
                    place: typed.fields["place"] ?? known["place"], item: typed.fields["item"],
                    acceptedAt: now.wall, isOpen: true)
            }
            if let finding = orders?.repeats(brief(typed.category), among: earlier), finding.warning != .none {
                fields["repeats"] =
                    [
                        "count": finding.count, "is_escalated": finding.warning == .escalate,
                        "clause": orders?.rules.library.repeats?.clause ?? "",
                    ] as [String: Any]
            }
            for category in form?.categories ?? [] {
                duplicates[category.id] = orders?.repeats(brief(category.id), among: earlier)?.duplicates
            }
            fields["orders"] = try earlier.prefix(Self.shownOrders).map { try row($0, now, context) }
            fields["calls"] = try await earlierCalls(of: caller, call, person, since, context)
            fields["is_key_customer"] = desk?.isKeyCustomer(caller) == true
        }
        let area = customer["area"] ?? typed.fields["place"] ?? customer["place"] ?? ""
        fields["outages"] = try await outages(area, context)
        fields["area"] = area
        return Found(fields: fields, customer: customer, duplicates: duplicates)
    }

    // MARK: the utility's system

    private func customer(calling number: String, _ context: ConsoleContext) async -> ([String: String], Bool) {
        do {
            return (try await exchange.customer(calling: number) ?? [:], false)
        } catch {
            // The page is no poorer than without such a system, and says so.
            context.logger.warning("the look-up of a customer failed", metadata: ["error": "\(error)"])
            return ([:], true)
        }
    }

    private func shown(_ customer: [String: String]) -> [[String: Any]] {
        let vocabulary = orders?.rules.library.vocabulary
        return customer.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }.map { key, value in
            ["label": vocabulary?.fields[key]?.title ?? String(key.prefix(40)), "value": value]
        }
    }

    // MARK: orders

    /// Those that the person may know to be this caller's: who reported secretly is known to those alone who handle it. Each is
    /// written down as seen, once for each call.
    private func earlierOrders(
        of caller: String, _ call: CallDetail, _ person: Person, _ since: UTCTime, _ context: ConsoleContext
    ) async throws -> [OrderSummary] {
        var found: [OrderSummary] = []
        for order in try await reader.ordersByCaller(caller, limit: 50)
        where order.closedAt == nil || order.createdAt >= since {
            let isOfThisCall = order.calls.contains { $0.id == call.summary.callID && $0.role == "created" }
            guard !isOfThisCall, found.count < Self.shownOrders, try await shows(order.number, person) else { continue }
            try await note(order.number, person, since: call.summary.offeredAt, context)
            found.append(order)
        }
        return found
    }

    private func shows(_ number: String, _ person: Person) async throws -> Bool {
        guard let subject = try await reader.orderSubject(number) else { return false }
        return [Right.seeOrders, .seeContacts].allSatisfy { Rights.verdict(person, $0, on: subject) == .allowed }
    }

    private func note(
        _ number: String, _ person: Person, since: UTCTime, _ context: ConsoleContext
    ) async throws {
        let seen = try await reader.accesses(subject: number, limit: 50)
        guard !seen.contains(where: { $0.person == person.name && $0.at >= since }) else { return }
        try await pages.people.note(.orderSeen, person.name, subject: number, address: context.address)
    }

    private func row(_ order: OrderSummary, _ now: Instant, _ context: ConsoleContext) throws -> [String: Any] {
        let isOpen = order.closedAt == nil
        var row: [String: Any] = [
            "number": order.number, "category": pages.word("category_\(order.category)", context),
            "created": pages.site.time(order.createdAt), "is_open": isOpen, "due": "", "clock": "", "is_late": false,
            "state": pages.word("status_\(order.status)", context),
            "content": String((order.steps.last { $0.fields["content"] != nil }?.fields["content"] ?? "").prefix(60)),
        ]
        guard let orders else { return row }
        do {
            let life = try orders.rules.life(of: order)
            row["state"] = life.rules.state(life.state)?.title ?? pages.word("state_new", context)
            if let clock = life.clocks(at: now.wall, deadline: orders.rules.deadline).first(where: { $0.due != nil }),
                let due = clock.due
            {
                row["due"] = pages.site.time(UTCTime(microseconds: due.at))
                row["clock"] = clock.title
                row["is_late"] = due.at < now.wall
            }
        } catch is SwitchboardError {
            // It lives by other rules, or its steps were erased: its status says enough here.
        }
        return row
    }

    // MARK: calls

    private func earlierCalls(
        of caller: String, _ call: CallDetail, _ person: Person, _ since: UTCTime, _ context: ConsoleContext
    ) async throws -> [[String: Any]] {
        let filter = CallFilter(from: since, caller: caller, limit: Self.shownCalls + 1)
        let names = Dictionary(
            (desk?.status.agents ?? []).map { ($0.agent.number, $0.agent.name) },
            uniquingKeysWith: { first, _ in first })
        var rows: [[String: Any]] = []
        for earlier in try await reader.calls(filter: filter).filter({ $0.callID != call.summary.callID })
            .prefix(Self.shownCalls)
        {
            var made: [[String: Any]] = []
            for number in earlier.orders where try await shows(number, person) { made.append(["number": number]) }
            rows.append([
                "at": pages.site.time(earlier.offeredAt), "is_ours": earlier.direction == .outbound,
                "outcome": earlier.outcome.map { pages.word("outcome_\($0.rawValue)", context) }
                    ?? pages.word("desk_going_on", context),
                "agents": earlier.answeredBy.map { [$0.text, names[$0]].compactMap { $0 }.joined(separator: " ") }
                    .joined(separator: "、"),
                "orders": made,
            ])
        }
        return rows
    }

    private func outages(_ area: String, _ context: ConsoleContext) async throws -> [[String: Any]] {
        var filter = OutageFilter()
        filter.notOverAt = UTCTime(pages.time.now())
        return try await reader.outages(filter).filter { $0.concerns(area) }.prefix(Self.shownOutages).map { outage in
            [
                "kind": pages.word("outage_\(outage.kind)", context),
                "area": outage.area.isEmpty ? pages.word("outage_everywhere", context) : outage.area,
                "begins": pages.site.time(outage.beginsAt), "ends": pages.site.time(outage.endsAt),
                "reason": outage.reason,
            ]
        }
    }
}
