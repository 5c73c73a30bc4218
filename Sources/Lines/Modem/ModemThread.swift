import CLinux
import Glibc
import Synchronization

/// A line's thread, off the cooperative pool.
final class ModemThread: Sendable {
    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    private let thread: Mutex<pthread_t?>

    private init(_ thread: pthread_t) { self.thread = Mutex(thread) }

    /// - Parameter name: at most 15 characters, for `ps -L`.
    /// - Throws: `LineError` with code `.start`.
    static func start(name: String, run: @escaping @Sendable () -> Void) throws(LineError) -> ModemThread {
        let body = Unmanaged.passRetained(Body(name: name, run: run))
        var started = pthread_t()
        let status = pthread_create(
            &started, nil,
            { context in
                guard let context else { return nil }
                let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
                hotline_name_thread(body.name)
                body.run()
                return nil
            }, body.toOpaque())
        guard status == 0 else {
            body.release()
            throw LineError(.start, "a thread cannot be started: \(String(cString: strerror(status)))")
        }
        return ModemThread(started)
    }

    /// Waits for the end of `run`. A second call returns at once.
    func join() {
        let started = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let started { pthread_join(started, nil) }
    }
}
