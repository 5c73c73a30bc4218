import CLinux
import Glibc
import Synchronization

/// A thread of its own, off the cooperative pool, for work that blocks on the disk.
final class WorkerThread: Sendable {
    private final class Body: Sendable {
        let name: String
        let isIdle: Bool
        let run: @Sendable () -> Void

        init(name: String, isIdle: Bool, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.isIdle = isIdle
            self.run = run
        }
    }

    /// SCHED_IDLE of `sched(7)`, which Glibc's module does not show.
    private static let idlePolicy: Int32 = 5

    private let thread: Mutex<pthread_t?>

    /// Starts at once.
    /// - Parameters:
    ///   - name: at most 15 characters, for `ps -L`.
    ///   - isIdle: runs only where nothing else wants the processor.
    ///   - isDetached: nobody will wait for its end.
    init(
        _ name: String, isIdle: Bool, isDetached: Bool = false, run: @escaping @Sendable () -> Void
    ) throws(RecordingError) {
        let body = Unmanaged.passRetained(Body(name: name, isIdle: isIdle, run: run))
        var started = pthread_t()
        let status = pthread_create(
            &started, nil,
            { context in
                guard let context else { return nil }
                let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
                hotline_name_thread(body.name)
                if body.isIdle {
                    // Lowering is always allowed; should it fail all the same, the work is only less polite.
                    var parameters = sched_param()
                    sched_setscheduler(0, WorkerThread.idlePolicy, &parameters)
                }
                body.run()
                return nil
            }, body.toOpaque())
        guard status == 0 else {
            body.release()
            throw RecordingError(.folder, "A thread cannot be started: \(Files.text(status))", errno: status)
        }
        if isDetached { pthread_detach(started) }
        thread = Mutex(isDetached ? nil : started)
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

/// Wakes threads that wait for something to change.
///
/// Unchecked: the fields are the kernel's own synchronisation objects, made and destroyed with the bell.
final class Bell: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var rung: UInt64 = 0

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// How often it was rung; ask before looking at what may change.
    var count: UInt64 {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return rung
    }

    func ring() {
        pthread_mutex_lock(mutex)
        rung &+= 1
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// CLOCK_MONOTONIC in milliseconds.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Returns when it was rung since `count` was read, or after so many milliseconds.
    func wait(since count: UInt64, milliseconds: Int64) {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let nanoseconds = Int64(deadline.tv_nsec) + milliseconds % 1000 * 1_000_000
        deadline.tv_sec += Int(milliseconds / 1000 + nanoseconds / 1_000_000_000)
        deadline.tv_nsec = Int(nanoseconds % 1_000_000_000)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while rung == count {
            if pthread_cond_timedwait(condition, mutex, &deadline) != 0 { return }
        }
    }
}

/// How a thread that is called again and again for little leaves the processor to others: after each round it rests,
/// however often it is called meanwhile, so that much is done in one round instead of little in many.
package struct Pace {
    /// Rests last so many times as long as the round before: a twentieth of a processor at most, while rounds take no
    /// more than 105 ms; behind longer ones `longest` ends the rest.
    package static let factor: Int64 = 19
    /// The longest rest, milliseconds: what was asked for is not kept waiting for longer.
    package static let longest: Int64 = 2000

    /// - Parameter took: how long the round took, milliseconds.
    /// - Returns: how long to rest, milliseconds.
    package static func rest(after took: Int64) -> Int64 { min(longest, max(0, took) * factor) }
}
