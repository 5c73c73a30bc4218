import CLinux
import Glibc
import Synchronization

/// One of the engine's threads, off the cooperative pool.
final class EngineThread: Sendable {
    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    private let thread: Mutex<pthread_t?>

    /// Starts at once.
    /// - Parameter name: at most 15 characters, for `ps -L`.
    init(_ name: String, run: @escaping @Sendable () -> Void) throws(MediaError) {
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
            throw MediaError(.limit, "A thread cannot be started: \(String(cString: strerror(status)))", errno: status)
        }
        thread = Mutex(started)
    }

    /// Waits for the end of `run`. A second call returns at once.
    func join() {
        let started = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let started { pthread_join(started, nil) }
    }

    /// Leaves the thread to itself: nobody waits for its end.
    func detach() {
        let started = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let started { pthread_detach(started) }
    }
}
