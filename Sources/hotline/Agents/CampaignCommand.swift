import ArgumentParser
import Calls
import Console
import Foundation
import Media
import Storage
import Switchboard

/// Return visits to the customers of orders, one after the other.
struct CampaignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "campaign", abstract: "Calls the customers of orders whose return visit (回访) is due.",
        discussion: """
            Due are orders made before --older-than hours that no recording of a return visit is linked to, the oldest \
            first. The phone of whichever agent is free rings first, then the customer's, within calls_out.hours. \
            Whoever is not reached is called again after --again-after minutes. A campaign that was broken off is begun \
            anew: who was reached is not called again. Ctrl-C begins no further call; the one that goes on goes on.
            """)

    @OptionGroup var query: QueryOptions
    @Option(help: "Only orders of this category: fault, complaint, …")
    var category: String?
    @Option(help: "Only orders made so many hours ago or before.")
    var olderThan = 24.0
    @Option(help: "Only these agents, such as 1001,1002; without it everybody who is free.")
    var agents: String?
    @Option(help: "Calls at most for one order, 1 to 10.")
    var attempts = 3
    @Option(help: "Minutes until who was not reached is called again.")
    var againAfter = 60.0
    @Option(help: "Orders at most, 1 to 10,000.")
    var most = 1000
    @Flag(help: "Only lists who is to be called.")
    var dryRun = false

    func validate() throws {
        guard (0...87_600).contains(olderThan) else { throw ValidationError("--older-than is 0 to 87600 hours.") }
        guard (1...10).contains(attempts) else { throw ValidationError("--attempts is 1 to 10.") }
        guard (0...10_080).contains(againAfter) else { throw ValidationError("--again-after is 0 to 10080 minutes.") }
        guard (1...10_000).contains(most) else { throw ValidationError("--most is 1 to 10000.") }
    }

    func run() async throws {
        let chosen = try agents.map(Self.numbers)
        let (orders, without) = try await due()
        if dryRun { return try show(orders) }
        if !without.isEmpty {
            Self.tell("without a number that can be called: \(without.map(\.number).joined(separator: ", "))")
        }
        var campaign = VisitCampaign(
            orders: orders.map(\.number),
            rules: VisitCampaign.Rules(attempts: attempts, againMilliseconds: Int64(againAfter * 60_000)))
        let client = try ServerClient(folder: query.data.folder)
        while !campaign.isOver {
            try await step(&campaign, client, chosen)
            if !campaign.isOver { try await Task.sleep(for: .seconds(1)) }
        }
        try report(campaign)
        if let stopped = campaign.stopped { throw CommandError("the campaign stopped: \(stopped)") }
    }

    /// Orders that are due, the oldest first, and those among them whose customer has no number.
    private func due() async throws -> (orders: [OrderSummary], without: [OrderSummary]) {
        let latest = UTCTime(microseconds: UTCTime(SystemTime().now()).microseconds - Int64(olderThan * 3_600_000_000))
        let filter = OrderFilter(to: latest, category: category, limit: 100_000, withoutRecording: "return_visit")
        let all = Array(try await query.ask { try await $0.orders(filter: filter) }.reversed())
        let numbered = all.filter { $0.caller.map(PlainNumber.fits) ?? false }
        let known = Set(numbered.map(\.number))
        return (Array(numbered.prefix(most)), all.filter { !known.contains($0.number) })
    }

    private func step(_ campaign: inout VisitCampaign, _ client: ServerClient, _ chosen: Set<WorkNumber>?) async throws
    {
        for call in campaign.running {
            guard let detail = try await query.ask({ try await $0.call(call) }), detail.summary.releasedAt != nil
            else { continue }
            campaign.ended(call, isReached: detail.summary.answeredAt != nil, at: SystemTime().now())
        }
        let there = try JSONDecoder().decode([AgentView].self, from: try await client.get("agents"))
        let free = there.filter { agent in
            agent.state == .available && agent.isReachable && chosen?.contains(agent.number) ?? true
        }
        for (order, agent) in campaign.next(free: free.map(\.number), at: SystemTime().now()) {
            do {
                let answer = try await client.post(
                    "calls",
                    ["agent": .text(agent.text), "order": .text(order), "role": .text("return_visit")])
                let call = try JSONDecoder().decode(Placed.self, from: answer).call
                campaign.placed(order, as: call)
                Self.tell("\(order): agent \(agent), call \(call)")
            } catch let error as CommandError {
                campaign.refused(order, because: error.description)
                Self.tell("\(order): not placed: \(error.description)")
            }
        }
    }

    private struct Placed: Decodable {
        var call: CallID
    }

    // MARK: - What is shown

    private func show(_ orders: [OrderSummary]) throws {
        if query.json { return try query.printJSON(orders) }
        guard let newest = orders.last else { return print("No return visit is due.") }
        var table = TextTable(["NUMBER", "CATEGORY", "CALLER", "CREATED (\(ScreenTime.zone(at: newest.createdAt)))"])
        for order in orders {
            table.add([
                order.number, order.category, order.caller ?? "withheld", ScreenTime.text(order.createdAt),
            ])
        }
        print(table.text)
    }

    /// An order of the campaign (docs/json.md).
    private struct Line: Encodable {
        var order: String
        var state: VisitCampaign.Visit.State
        var calls: [CallID]
    }

    private func report(_ campaign: VisitCampaign) throws {
        let lines = campaign.visits.map { Line(order: $0.order, state: $0.state, calls: $0.calls) }
        if query.json { return try query.printJSON(lines) }
        guard !lines.isEmpty else { return print("No return visit is due.") }
        var table = TextTable(["ORDER", "STATE", "CALLS", "LAST CALL"])
        for line in lines {
            table.add([
                line.order, line.state.rawValue, String(line.calls.count), line.calls.last?.description ?? "-",
            ])
        }
        print(table.text)
    }

    /// Progress goes beside the report.
    private static func tell(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }

    private static func numbers(_ text: String) throws -> Set<WorkNumber> {
        var numbers: Set<WorkNumber> = []
        for part in text.split(separator: ",") {
            guard let number = WorkNumber(String(part)) else {
                throw CommandError("--agents: `\(part)` is no work number: 1 to 12 letters and digits")
            }
            numbers.insert(number)
        }
        return numbers
    }
}
