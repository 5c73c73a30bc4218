import ArgumentParser
import Calls
import Storage

struct AgentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents", abstract: "Agents (坐席): their states, their calls, what they did.",
        subcommands: [
            AgentsListCommand.self, AgentLogInCommand.self, AgentLogOutCommand.self, AgentReadyCommand.self,
            AgentAwayCommand.self, AgentCallCommand.self, AgentSuperviseCommand.self, AgentDialCommand.self,
            AgentNoOrderCommand.self, AgentsReportCommand.self, AgentsReloadCommand.self,
        ])
}

struct AgentsReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Each agent's calls, rings, times, ratings and marks in a period.",
        discussion: """
            Rings are those of people's phones, never the line's. An answer is within the norm where the phone rang \
            for less than --ring-limit-ms: 20000 is "before ring 5 begins", 16000 "by the end of the fourth tone". \
            Every share stands with both its numbers; docs/json.md lists the formulas.
            """)

    @OptionGroup var query: QueryOptions
    @OptionGroup var period: PeriodOptions
    @Option(help: "Rings below this many milliseconds are within the norm.")
    var ringLimitMs: Int64 = 20_000

    func validate() throws {
        guard ringLimitMs >= 0 else { throw ValidationError("--ring-limit-ms must not be below zero.") }
    }

    func run() async throws {
        let (from, to, now) = try period.resolved()
        let question = AgentReportQuestion(from: from, to: to, now: now, ringLimitMilliseconds: ringLimitMs)
        let report = try await query.ask { try await $0.agentReport(question) }
        if query.json { return try query.printJSON(report) }
        print(PeriodOptions.heading(from, to))
        guard !report.agents.isEmpty else { return print("No agents.") }
        print("\n" + Self.calls(report).text)
        print("\n" + Self.times(report).text)
    }

    private static func calls(_ report: AgentReport) -> TextTable {
        var table = TextTable([
            "AGENT", "OFFERED", "ANSWERED", "MISSED", "RING MEAN", "MAX", "IN TIME", "LATER", "CONVERSATION",
            "HUNG UP: AGENT", "CALLER", "OTHER", "TRANSFERS", "RATING", "MARKS",
        ])
        for agent in report.agents + [report.total] {
            let missed = agent.missed.filter { $0.value > 0 }
            table.add([
                agent.agent?.text ?? "all", String(agent.offered), String(agent.answered), Screen.counts(missed),
                Screen.milliseconds(agent.ring.meanMilliseconds), Screen.milliseconds(agent.ring.maximumMilliseconds),
                Screen.share(agent.withinRings), Screen.share(agent.laterRings),
                Screen.milliseconds(agent.connected.meanMilliseconds),
                String(agent.hangUps.agent)
                    + (agent.hangUps.agentExcused > 0 ? " (\(agent.hangUps.agentExcused) nuisance)" : ""),
                String(agent.hangUps.caller), String(agent.hangUps.other),
                Screen.counts(agent.transfers.mapValues(\.completed)),
                agent.ratings.mean.map { "\(Screen.decimal($0)) of \(agent.ratings.count)" } ?? "-",
                Screen.counts(agent.marks),
            ])
        }
        return table
    }

    private static func times(_ report: AgentReport) -> TextTable {
        var table = TextTable([
            "AGENT", "LOGGED IN", "AVAILABLE", "RINGING", "TALKING", "HOLD", "WRAP-UP", "AWAY", "AWAY FOR",
        ])
        for agent in report.agents + [report.total] {
            let time = agent.time
            let reasons = time.awayByReason.sorted { $0.key < $1.key }.map { reason, duration in
                "\(reason.isEmpty ? "no reason" : reason) \(Screen.clock(duration))"
            }
            table.add(
                [agent.agent?.text ?? "all"]
                    + [
                        time.loggedIn, time.available, time.ringing, time.talking, time.hold, time.wrapUp, time.away,
                    ].map(Screen.clock) + [reasons.isEmpty ? "-" : reasons.joined(separator: ", ")])
        }
        return table
    }
}

extension WorkNumber: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
