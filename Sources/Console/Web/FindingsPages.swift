import Access
import Calls
import Foundation
import Hummingbird
import Storage
import Switchboard

/// How the server is: what wants attention and what to do, lines, disk, clock, the configuration in force; the doctor's checks
/// when somebody asks for them.
struct FindingsPages: Sendable {
    let operation: OperationPages
    let sources: ConsoleSources
    /// One examination at a time: each reads all prompts and asks the machine's devices.
    private let examinations = OpenStreams(most: 1)
    private static let mostAlarms = 200

    private var pages: Pages { operation.pages }

    init(operation: OperationPages, sources: ConsoleSources) {
        self.operation = operation
        self.sources = sources
    }

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("operation/findings") { request, context in try await show(nil, request, context) }
        group.post("operation/findings/check") { request, context in
            _ = try await pages.form(request, context)
            guard let examine = sources.operation.examine else {
                throw Problem(.notFound, pages.word("op_no_doctor", context))
            }
            guard let place = examinations.take() else {
                throw Problem(.conflict, pages.word("op_check_busy", context))
            }
            defer { place.giveBack() }
            return try await show(try await examine(), request, context)
        }
    }

    /// - Parameter findings: what an examination found; nil where none was asked for.
    private func show(
        _ findings: [Finding]?, _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        let (health, server) = (sources.health(), sources.operation)
        let alarms = server.alarms()
        let recordingAlarms = try await sources.reader.openRecordingAlarms()
        var fields: [String: Any] = [
            "node": server.node, "version": server.version,
            "started": pages.site.time(server.startedAt.map(UTCTime.init)),
            "uptime": server.startedAt.map { uptime(since: $0, context) } ?? "",
            "status": pages.word("op_status_\(health.status)", context), "is_ok": health.status == "ok",
            "active_calls": health.activeCalls,
            "alarms": alarms.map { alarm($0, context) }, "no_alarms": alarms.isEmpty,
            "recording_alarms": try recordingAlarms.prefix(Self.mostAlarms).map { try recordingAlarm($0, context) },
            "has_recording_alarms": !recordingAlarms.isEmpty,
            "more_alarms": recordingAlarms.count > Self.mostAlarms
                ? "+ \(recordingAlarms.count - Self.mostAlarms)" : "",
            "lines": sources.lines().map { LinesPages.row($0, pages, context) },
            "disk": sources.diskFree().map { "\($0 / 1_000_000)" } ?? "",
            "settings": server.settings.map { ["key": $0.key, "value": $0.value, "origin": $0.origin] },
            "has_settings": !server.settings.isEmpty, "has_doctor": server.examine != nil,
        ]
        if let clock = server.clock() {
            fields["has_clock"] = true
            fields["clock_synchronised"] = clock.isSynchronised
            fields["clock_error"] = "\(clock.maximumErrorMilliseconds)"
        }
        if let findings {
            fields["has_findings"] = true
            fields["findings"] = findings.map { finding in
                [
                    "check": finding.check, "state": pages.word("op_finding_\(finding.state.rawValue)", context),
                    "is_error": finding.state == .error, "is_warning": finding.state == .warning,
                    "message": pages.said(finding.message, context), "next": pages.said(finding.next, context),
                ] as [String: Any]
            }
        }
        return operation.render("operation-findings", .findings, fields, request, context)
    }

    /// Days, hours and minutes, by a clock that nobody puts forward or back.
    private func uptime(since start: Instant, _ context: ConsoleContext) -> String {
        let minutes = max(0, pages.time.now().milliseconds(since: start)) / 60_000
        return [(minutes / 1440, "op_days"), (minutes / 60 % 24, "op_hours"), (minutes % 60, "op_minutes")]
            .drop { $0.0 == 0 && $0.1 != "op_minutes" }
            .map { "\($0.0) \(pages.word($0.1, context))" }.joined(separator: " ")
    }

    private func alarm(_ alarm: OperationSources.OpenAlarm, _ context: ConsoleContext) -> [String: Any] {
        // `sim1.registration`: of lines what is wrong stands behind the name.
        let kind = alarm.kind.split(separator: ".").last.map(String.init) ?? alarm.kind
        return [
            "kind": alarm.kind, "message": pages.said(alarm.message, context), "since": pages.site.time(alarm.since),
            "advice": pages.site.words[context.language]["op_do_\(kind)"] ?? "",
        ]
    }

    private func recordingAlarm(_ alarm: RecordingAlarm, _ context: ConsoleContext) throws -> [String: Any] {
        var row: [String: Any] = [
            "kind": pages.word("op_recording_\(alarm.kind.rawValue)", context),
            "message": pages.said(alarm.message, context), "since": pages.site.time(alarm.openedAt),
            "subject": alarm.subject,
        ]
        // Whoever keeps the machine running need not hear recordings.
        if let recording = alarm.recording, Rights.allows(try context.person, .hearRecordings) {
            row["href"] = "/recordings/\(recording)"
        }
        return row
    }
}
