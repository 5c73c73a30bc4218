import Glibc

/// A thread that is waited for.
final class Worker {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private var thread = pthread_t()

    /// - Throws: `LoadError` where the system gives no thread.
    init(_ run: @escaping @Sendable () -> Void) throws(LoadError) {
        let body = Unmanaged.passRetained(Body(run))
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard status == 0 else {
            body.release()
            throw LoadError("no thread: error \(status)")
        }
    }

    func join() { pthread_join(thread, nil) }
}
