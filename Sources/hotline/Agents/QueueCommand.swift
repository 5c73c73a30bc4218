import ArgumentParser
import Storage

struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Queues (排队): how callers fared.",
        subcommands: [
            QueueStatusCommand.self, QueueDrainCommand.self, QueueEmergencyCommand.self, QueueReportCommand.self,
        ])
}

struct QueueReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Each queue's callers, waits, service levels and people's rings in a period.",
        discussion: """
            The service level stands with both denominators in use: answered in time ÷ answered, and answered in time ÷ \
            (entered − given up early). Every share stands with both its numbers; docs/json.md lists the formulas.
            """)

    @OptionGroup var query: QueryOptions
    @OptionGroup var period: PeriodOptions
    @Option(help: "An answer after at most so many milliseconds is in time.")
    var answerWithinMs: Int64 = 20_000
    @Option(help: "Who gives up before so many milliseconds gave up early.")
    var shortMs: Int64 = 5_000
    @Option(help: "People's rings, summed over all agents tried, below this many milliseconds are within the norm.")
    var ringLimitMs: Int64 = 20_000

    func validate() throws {
        guard answerWithinMs >= 0, shortMs >= 0, ringLimitMs >= 0 else {
            throw ValidationError("limits in milliseconds must not be below zero.")
        }
    }

    func run() async throws {
        let (from, to, _) = try period.resolved()
        let question = QueueReportQuestion(
            from: from, to: to, answerWithinMilliseconds: answerWithinMs, shortAbandonMilliseconds: shortMs,
            ringLimitMilliseconds: ringLimitMs)
        let report = try await query.ask { try await $0.queueReport(question) }
        if query.json { return try query.printJSON(report) }
        print(PeriodOptions.heading(from, to))
        guard !report.queues.isEmpty else { return print("Nobody came to a queue.") }
        print("\n" + Self.callers(report).text)
        print("\n" + Self.waits(report).text)
    }

    private static func callers(_ report: QueueReport) -> TextTable {
        var table = TextTable([
            "QUEUE", "ENTERED", "ANSWERED", "GAVE UP", "EARLY", "WAITING", "OTHER EXITS", "REFUSED",
            "IN TIME ÷ ANSWERED",
            "IN TIME ÷ OFFERED",
        ])
        for queue in report.queues + [report.total] {
            let others = queue.exits.filter { $0.value > 0 && $0.key != "answered" && $0.key != "abandoned" }
            table.add([
                queue.queue ?? "all", String(queue.entered), String(queue.answered), String(queue.abandoned),
                String(queue.shortAbandoned), String(queue.waiting), Screen.counts(others),
                Screen.counts(queue.refused.filter { $0.value > 0 }), Screen.share(queue.serviceLevelOfAnswered),
                Screen.share(queue.serviceLevelOfOffered),
            ])
        }
        return table
    }

    private static func waits(_ report: QueueReport) -> TextTable {
        var table = TextTable([
            "QUEUE", "WAIT MEAN", "MAX", "P50", "P90", "GAVE UP AFTER", "RINGS: CALLS", "RINGS WITHIN",
            "APOLOGIES OWED",
            "SPOKEN WHEN OWED",
        ])
        for queue in report.queues + [report.total] {
            let rings = queue.summedRings.map { "\($0.rings): \($0.calls)" }
            table.add([
                queue.queue ?? "all", Screen.milliseconds(queue.answeredWait.meanMilliseconds),
                Screen.milliseconds(queue.answeredWait.maximumMilliseconds),
                Screen.milliseconds(queue.answeredWait.p50Milliseconds),
                Screen.milliseconds(queue.answeredWait.p90Milliseconds),
                Screen.milliseconds(queue.abandonedWait.meanMilliseconds),
                rings.isEmpty ? "-" : rings.joined(separator: ", "), Screen.share(queue.summedRingsWithin),
                queue.apologies.owed.map(String.init) ?? "-", Screen.share(queue.apologies.whenOwed),
            ])
        }
        return table
    }
}
