import Lines
import Logging
import Media
import Storage
import Synchronization

/// What wants a person's attention now: raised once, journalled, shown by `/healthz`, cleared when it is over.
final class Alarms: Sendable {
    private let open = Mutex<[String: String]>([:])
    private let store: Store
    private let time: SystemTime
    private let log: Logger

    init(store: Store, time: SystemTime, log: Logger) {
        self.store = store
        self.time = time
        self.log = log
    }

    /// What is open, by kind.
    var findings: [String] {
        open.withLock { open in open.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" } }
    }

    func raise(_ kind: String, _ message: String) {
        let isNew = open.withLock { $0.updateValue(message, forKey: kind) } == nil
        guard isNew else { return }
        log.critical("alarm", metadata: ["alarm.kind": "\(kind)", "alarm.message": "\(message)"])
        note("alarm", kind, message)
    }

    func clear(_ kind: String) {
        guard let message = open.withLock({ $0.removeValue(forKey: kind) }) else { return }
        log.notice("alarm over", metadata: ["alarm.kind": "\(kind)"])
        note("alarm_over", kind, message)
    }

    /// What a line tells of itself.
    func take(_ alarm: LineAlarm) {
        let kind = "\(alarm.line).\(alarm.kind.rawValue)"
        if let message = alarm.message { raise(kind, message) } else { clear(kind) }
    }

    private func note(_ what: String, _ kind: String, _ message: String) {
        store.submit([
            .serverNoted(ServerNoted(at: time.now(), kind: what, data: ["kind": kind, "message": message]))
        ])
    }
}
