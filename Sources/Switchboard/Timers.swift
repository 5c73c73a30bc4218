import Calls
import Synchronization

/// One call's timers: each puts its input into the mailbox when it is due. A timer that was set anew or cancelled may
/// still fire once; its generation tells the session that it is stale.
final class Timers: Sendable {
    private let running = Mutex<[CallSession.Timer: Task<Void, Never>]>([:])
    private let time: any TimeSource

    init(time: any TimeSource) { self.time = time }

    /// - Parameter due: a time that is past already is due at once.
    func set(_ timer: CallSession.Timer, generation: Int, due: Instant, into mailbox: CallMailbox) {
        let task = Task { [time] in
            do {
                let nanoseconds = max(0, due.mono - time.now().mono)
                try await Task.sleep(for: .nanoseconds(nanoseconds), tolerance: .zero)
            } catch {
                return  // cancelled: nothing is due
            }
            mailbox.post(.timer(timer, generation: generation, at: time.now()))
        }
        running.withLock { $0.updateValue(task, forKey: timer) }?.cancel()
    }

    func cancel(_ timer: CallSession.Timer) {
        running.withLock { $0.removeValue(forKey: timer) }?.cancel()
    }

    func cancelAll() {
        let tasks = running.withLock { running in
            defer { running.removeAll() }
            return Array(running.values)
        }
        for task in tasks { task.cancel() }
    }
}
