import Dispatch
import Synchronization

/// Work that waits for the disk while somebody waits for it: off the cooperative pool.
public enum DiskWork {
    private static let queue = DispatchQueue(label: "hotline.disk", qos: .userInitiated, attributes: .concurrent)

    /// Runs `work` and comes back with its result.
    public static func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }
}

/// Work that blocks on the disk and can wait, done on a thread of its own at idle priority.
public enum IdleWork {
    /// Runs `work` and comes back with its result. A task that is cancelled meanwhile waits all the same: `work` asks
    /// `isCancelled` between its pieces.
    /// - Throws: `.folder` where no thread can be started.
    public static func run<Value: Sendable>(
        _ work: @escaping @Sendable (_ isCancelled: @Sendable () -> Bool) -> Value
    ) async throws(RecordingError) -> Value {
        let cancelled = Flag()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, RecordingError>, Never>) in
                do throws(RecordingError) {
                    // The thread is not joined: nothing is left to do once the continuation is resumed.
                    _ = try WorkerThread("idle-work", isIdle: true, isDetached: true) {
                        continuation.resume(returning: .success(work { cancelled.isSet }))
                    }
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            cancelled.set()
        }
        return try result.get()
    }

    private final class Flag: Sendable {
        private let value = Atomic<Bool>(false)
        var isSet: Bool { value.load(ordering: .relaxed) }
        func set() { value.store(true, ordering: .relaxed) }
    }
}
