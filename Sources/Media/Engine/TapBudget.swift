import Synchronization

/// Chunks that the tap rings of all media threads may have in use together. Each ring alone could have nearly all of them, since
/// calls need not be spread evenly; together they take no more memory than one thread's would. Its owner frees it.
struct TapBudget {
    private let free: UnsafeMutablePointer<Atomic<Int>>

    /// - Parameter frames: of all rings; besides, each has a chunk that it fills and one that is read.
    init(frames: Int, threads: Int) {
        free = .allocate(capacity: 1)
        free.initialize(to: Atomic(frames / TapRing.chunk + 2 * threads))
    }

    func deallocate() { free.deallocate() }

    /// False where all are in use; never waits.
    func take() -> Bool {
        if free.pointee.wrappingSubtract(1, ordering: .relaxed).newValue >= 0 { return true }
        giveBack()
        return false
    }

    func giveBack() { free.pointee.wrappingAdd(1, ordering: .relaxed) }
}
