import Calls
import Console
import Lines
import Logging
import Media
import Storage
import Switchboard
import Synchronization

/// What wants a person's attention now: raised once, journalled, shown by `/healthz`, cleared when it is over.
final class Alarms: Sendable {
    private struct Open {
        var message: String
        var since: UTCTime
    }

    private let open = Mutex<[String: Open]>([:])
    private let store: Store
    private let webhook: WebhookQueue?
    private let time: SystemTime
    private let log: Logger

    /// - Parameter webhook: told of each alarm, too.
    init(store: Store, webhook: WebhookQueue?, time: SystemTime, log: Logger) {
        self.store = store
        self.webhook = webhook
        self.time = time
        self.log = log
    }

    /// What is open, by kind.
    var findings: [String] {
        open.withLock { open in open.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.message)" } }
    }

    /// The same with since when.
    var all: [OperationSources.OpenAlarm] {
        open.withLock { open in
            open.sorted { $0.key < $1.key }.map {
                OperationSources.OpenAlarm(kind: $0.key, message: $0.value.message, since: $0.value.since)
            }
        }
    }

    func raise(_ kind: String, _ message: String) {
        let now = UTCTime(time.now())
        let isNew = open.withLock { open in
            let since = open[kind]?.since
            open[kind] = Open(message: message, since: since ?? now)
            return since == nil
        }
        guard isNew else { return }
        log.critical("alarm", metadata: ["alarm.kind": "\(kind)", "alarm.message": "\(message)"])
        note("alarm", kind, Open(message: message, since: now))
    }

    func clear(_ kind: String) {
        guard let over = open.withLock({ $0.removeValue(forKey: kind) }) else { return }
        log.notice("alarm over", metadata: ["alarm.kind": "\(kind)"])
        note("alarm_over", kind, over)
    }

    /// What a line tells of itself.
    func take(_ alarm: LineAlarm) {
        let kind = "\(alarm.line).\(alarm.kind.rawValue)"
        if let message = alarm.message { raise(kind, message) } else { clear(kind) }
    }

    private func note(_ what: String, _ kind: String, _ alarm: Open) {
        let now = time.now()
        store.submit([
            .serverNoted(ServerNoted(at: now, kind: what, data: ["kind": kind, "message": alarm.message]))
        ])
        webhook?.post(
            AlarmMessage(
                isOpen: what == "alarm", kind: kind, message: alarm.message, at: UTCTime(now), openedAt: alarm.since,
                node: store.node
            ).webhookMessage)
    }
}
