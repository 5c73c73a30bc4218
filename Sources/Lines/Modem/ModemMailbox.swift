import CLinux
import Glibc
import Synchronization

/// Events for a line's thread, and the descriptor that wakes it.
final class ModemMailbox: Sendable {
    private struct State {
        var events: [ModemMachine.Event] = []
        /// -1 before the start and after the end.
        var wake: Int32 = -1
        var ran = false
        var isAbandoned = false
    }

    /// Further events are passed over: so many a thread that lives never leaves.
    private static let limit = 1024
    private let state = Mutex(State())

    deinit {
        let wake = state.withLock { $0.wake }
        if wake >= 0 { close(wake) }
    }

    /// - Throws: `LineError` with code `.start`.
    func open(line: String) throws(LineError) {
        let wake = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard wake >= 0 else {
            throw LineError(.start, "line \(line): no event descriptor: \(String(cString: strerror(errno)))")
        }
        let first = state.withLock { state in
            guard !state.ran else { return false }
            state.ran = true
            state.wake = wake
            return true
        }
        guard first else {
            Glibc.close(wake)
            throw LineError(.start, "line \(line) was started before")
        }
    }

    /// - Returns: false where the thread does not run.
    @discardableResult
    func post(_ event: ModemMachine.Event) -> Bool {
        state.withLock { state in
            guard state.wake >= 0, state.events.count < Self.limit else { return false }
            state.events.append(event)
            // Only a full counter can fail, and then the thread is woken as well.
            eventfd_write(state.wake, 1)
            return true
        }
    }

    /// The thread ends with its next turn.
    func abandon() {
        state.withLock { state in
            state.isAbandoned = true
            if state.wake >= 0 { eventfd_write(state.wake, 1) }
        }
    }

    // MARK: - The line's thread

    /// To be polled.
    var descriptor: Int32 { state.withLock { $0.wake } }

    func take() -> (events: [ModemMachine.Event], isAbandoned: Bool) {
        state.withLock { state in
            var count: eventfd_t = 0
            if state.wake >= 0 { eventfd_read(state.wake, &count) }
            defer { state.events.removeAll(keepingCapacity: true) }
            return (state.events, state.isAbandoned)
        }
    }

    /// Nothing is taken any more.
    func shut() {
        state.withLock { state in
            if state.wake >= 0 { close(state.wake) }
            state.wake = -1
            state.events = []
        }
    }
}
