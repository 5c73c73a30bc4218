import Calls
import Foundation
import Logging
import Storage
import Synchronization

/// What is wrong between calls and recordings just now: each alarm is opened once and cleared once, in the journal and
/// towards the webhook.
public final class RecordingAlarms: Sendable {
    private struct Name: Hashable {
        var kind: RecordingAlarmKind
        var subject: String
    }

    private let open = Mutex<[Name: RecordingAlarm]>([:])
    private let store: Store
    private let webhook: WebhookQueue?
    private let node: String
    private let time: any TimeSource
    private let log: Logger

    /// - Parameter webhook: nil: nobody is told.
    public init(store: Store, webhook: WebhookQueue?, node: String, time: any TimeSource, log: Logger) {
        self.store = store
        self.webhook = webhook
        self.node = node
        self.time = time
        self.log = log
    }

    /// Takes over what an earlier run left open, and tells it again: what waited for the webhook ended with that run.
    public func load() async throws {
        let alarms = try await store.reader.openRecordingAlarms()
        open.withLock { open in
            for alarm in alarms { open[Name(kind: alarm.kind, subject: alarm.subject)] = alarm }
        }
        for alarm in alarms { tell(alarm, isOpen: true, at: alarm.openedAt) }
    }

    /// Open ones by kind; every kind has a number.
    public var counts: [RecordingAlarmKind: Int] {
        let kinds = open.withLock { $0.keys.map(\.kind) }
        return Dictionary(RecordingAlarmKind.allCases.map { kind in (kind, kinds.count { $0 == kind }) }) { $1 }
    }

    /// Opens an alarm at once, where it is not open: a replay has met the damage before the daily check.
    public func raise(_ finding: RecordingFinding) async {
        do {
            try await change(open: [finding], clear: [])
        } catch {
            log.error("an alarm could not be journalled", metadata: ["error": "\(error)"])
        }
    }

    /// Opens what was found and is not open, and clears what is open, was examined and was not found.
    /// - Returns: how many were opened and cleared.
    public func settle(
        _ findings: [RecordingFinding], examined: (RecordingAlarm) -> Bool
    ) async throws -> (opened: Int, cleared: Int) {
        let found = Set(findings.map { Name(kind: $0.kind, subject: $0.subject) })
        let over = open.withLock { open in
            open.filter { !found.contains($0.key) && examined($0.value) }.map(\.value)
        }
        return try await change(open: findings, clear: over)
    }

    @discardableResult
    private func change(
        open findings: [RecordingFinding], clear alarms: [RecordingAlarm]
    ) async throws -> (opened: Int, cleared: Int) {
        let now = time.now()
        // Claimed before they are written, so that two who find the same write it once.
        var claimed: [RecordingAlarm] = []
        open.withLock { open in
            for finding in findings {
                let name = Name(kind: finding.kind, subject: finding.subject)
                guard open[name] == nil else { continue }
                let alarm = RecordingAlarm(
                    kind: finding.kind, subject: finding.subject, call: finding.call, recording: finding.recording,
                    message: finding.message, openedAt: UTCTime(now))
                open[name] = alarm
                claimed.append(alarm)
            }
            for alarm in alarms { open[Name(kind: alarm.kind, subject: alarm.subject)] = nil }
        }
        let changes = claimed.map { ($0, true) } + alarms.map { ($0, false) }
        var written = 0
        do {
            while written < changes.count {
                let group = changes[written..<min(written + 100, changes.count)]
                try await store.record(group.map { fact($0.0, isOpen: $0.1, at: now) })
                for (alarm, isOpen) in group { tell(alarm, isOpen: isOpen, at: UTCTime(now)) }
                written += group.count
            }
        } catch {
            open.withLock { open in
                for (alarm, isOpen) in changes[written...] {
                    open[Name(kind: alarm.kind, subject: alarm.subject)] = isOpen ? nil : alarm
                }
            }
            throw error
        }
        return (claimed.count, alarms.count)
    }

    private func fact(_ alarm: RecordingAlarm, isOpen: Bool, at now: Instant) -> Fact {
        .recordingAlarm(
            RecordingAlarmChanged(
                at: now, kind: alarm.kind, subject: alarm.subject, isOpen: isOpen, call: alarm.call,
                recording: alarm.recording, message: alarm.message))
    }

    private func tell(_ alarm: RecordingAlarm, isOpen: Bool, at time: UTCTime) {
        let level: Logger.Level = isOpen ? .error : .notice
        log.log(
            level: level, "recording alarm",
            metadata: [
                "alarm.kind": "\(alarm.kind.rawValue)", "alarm.subject": "\(alarm.subject)",
                "alarm.open": "\(isOpen)", "alarm.message": "\(alarm.message)",
            ])
        guard let webhook else { return }
        let message = AlarmMessage(
            type: "recording_alarm", state: isOpen ? "opened" : "cleared", kind: alarm.kind.rawValue,
            subject: alarm.subject, call: alarm.call, recording: alarm.recording, message: alarm.message, at: time,
            openedAt: alarm.openedAt, node: node)
        webhook.post(message.webhookMessage)
    }
}

/// What a webhook is told of an alarm; keys as in docs/json.md.
public struct AlarmMessage: Sendable, Encodable {
    /// `recording_alarm`, or `alarm` for one of the server's own.
    var type: String
    /// `opened`, `cleared`.
    var state: String
    var kind: String
    var subject: String?
    var call: CallID?
    var recording: RecordingID?
    var message: String
    var at: UTCTime
    var openedAt: UTCTime
    var node: String

    /// One of the server's own alarms.
    public init(isOpen: Bool, kind: String, message: String, at: UTCTime, openedAt: UTCTime, node: String) {
        self.init(
            type: "alarm", state: isOpen ? "opened" : "cleared", kind: kind, subject: nil, call: nil, recording: nil,
            message: message, at: at, openedAt: openedAt, node: node)
    }

    init(
        type: String, state: String, kind: String, subject: String?, call: CallID?, recording: RecordingID?,
        message: String, at: UTCTime, openedAt: UTCTime, node: String
    ) {
        self.type = type
        self.state = state
        self.kind = kind
        self.subject = subject
        self.call = call
        self.recording = recording
        self.message = message
        self.at = at
        self.openedAt = openedAt
        self.node = node
    }

    enum CodingKeys: String, CodingKey {
        case type
        case state
        case kind
        case subject
        case call = "call_id"
        case recording = "recording_id"
        case message
        case at
        case openedAt = "opened_at"
        case node
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(type, forKey: .type)
        try fields.encode(state, forKey: .state)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(subject, forKey: .subject)
        try fields.encode(call, forKey: .call)
        try fields.encode(recording, forKey: .recording)
        try fields.encode(message, forKey: .message)
        try fields.encode(at, forKey: .at)
        try fields.encode(openedAt, forKey: .openedAt)
        try fields.encode(node, forKey: .node)
    }

    /// Its id is the same whenever the same change is told.
    public var webhookMessage: WebhookMessage {
        WebhookMessage(id: "\(node)/\(kind)/\(subject ?? "")/\(openedAt.microseconds)/\(state)", of: self)
    }
}
