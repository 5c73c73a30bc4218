import Calls
import Dispatch
import Evidence

// The writer's side of the store. Everything here runs on the writer's queue, unless it says otherwise.

extension Store {
    /// Commits everything that waits, a group at a time.
    func drainAll() {
        while true {
            let group = takeGroup()
            guard !group.isEmpty else { return }
            // Facts that could be kept nowhere are back in the queue; trying them again at once would spin.
            guard write(group) else { return }
            shortenLog()
        }
    }

    /// Between two groups nothing is written beside it: a checkpoint moves all, and the log begins anew. Without this the log
    /// of a busy hour would grow without end, and slow every reader down.
    private func shortenLog() {
        let isLong = state.withLock { state in
            defer { state.logIsLong = false }
            return state.logIsLong
        }
        if isLong { checkpoint { _ in } }
    }

    /// Whole requests up to the group's size, at least one where one waits.
    private func takeGroup() -> [Request] {
        state.withLock { state in
            state.drain = .idle
            var events = 0
            var count = 0
            while count < state.pending.count {
                events += state.pending[count].unit.events.count
                if count > 0, events > pace.groupSize { break }
                count += 1
            }
            let group = Array(state.pending.prefix(count))
            state.pending.removeFirst(count)
            return group
        }
    }

    /// - Returns: whether the group is durable, or was refused.
    private func write(_ group: [Request]) -> Bool {
        let isAway = state.withLock { $0.retryIsScheduled || $0.statistics.spooled > 0 }
        // What is spooled stands before what comes now: the order of facts holds across the outage.
        guard !isAway else { return spool(group) }
        do {
            let result = try engine.commit(group.map(\.unit), replay: false)
            let counts = zip(group, result.refusals).map { $1 == nil ? $0.unit.events.count : 0 }
            let committed = counts.reduce(0, +)
            state.withLock { state in
                state.statistics.commits += 1
                state.statistics.events += UInt64(committed)
                state.statistics.unapplied += UInt64(result.unapplied)
                state.statistics.largestGroup = max(state.statistics.largestGroup, committed)
                state.statistics.queueDepth -= group.reduce(0) { $0 + $1.unit.events.count }
            }
            for (request, refusal) in zip(group, result.refusals) {
                request.waiter?.resume(returning: refusal.map { .failure($0) } ?? .success(()))
            }
            scheduleCheckpoint()
            if group.contains(where: { $0.unit.events.contains { $0.fact.erases } }) { scheduleForgetting() }
            return true
        } catch {
            failed(error)
            return spool(group)
        }
    }

    /// - Returns: whether the group is durable.
    private func spool(_ group: [Request]) -> Bool {
        let events = group.flatMap(\.unit.events)
        defer { scheduleRetry() }
        do {
            try spool.append(events)
            state.withLock { state in
                state.statistics.spooled += events.count
                state.statistics.spooledTotal += UInt64(events.count)
                state.statistics.queueDepth -= events.count
            }
            for request in group { request.waiter?.resume(returning: .success(())) }
            return true
        } catch {
            failed(error)
            hold(group, because: error)
            return false
        }
    }

    /// Neither database nor spool: whoever waits is told; the rest stays in memory as long as there is room.
    private func hold(_ group: [Request], because error: StorageError) {
        state.withLock { state in
            var kept: [Request] = []
            for request in group {
                let count = request.unit.events.count
                if request.waiter == nil, state.statistics.queueDepth <= pace.heldEvents {
                    kept.append(request)
                } else {
                    state.statistics.queueDepth -= count
                    if request.waiter == nil { state.statistics.lost += UInt64(count) }
                }
            }
            state.pending.insert(contentsOf: kept, at: 0)
        }
        let failure = StorageError(
            .lost, "the facts could be written neither to the database nor to the spool: \(error.message)",
            underlying: error.underlying)
        for request in group { request.waiter?.resume(returning: .failure(failure)) }
    }

    /// Tries to bring the spool into the database, then writes what waits.
    func retry() {
        state.withLock { $0.retryIsScheduled = false }
        if replay() { drainAll() } else { scheduleRetry() }
    }

    /// - Returns: whether the spool is empty now.
    private func replay() -> Bool {
        guard state.withLock({ $0.statistics.spooled > 0 }) else { return true }
        do {
            while true {
                let page = try spool.page(from: state.withLock { $0.spoolOffset }, maximum: pace.groupSize)
                if page.events.isEmpty, page.damaged.isEmpty { break }
                if !page.damaged.isEmpty { try spool.setAside(page.damaged) }
                // The waiters were told long ago, so each fact stands for itself now.
                let units = page.events.map { JournalUnit(events: [$0], conflict: .journalOnly) }
                let result = try engine.commit(units, replay: true)
                state.withLock { state in
                    state.spoolOffset = page.next
                    state.statistics.commits += 1
                    state.statistics.events += UInt64(page.events.count)
                    state.statistics.unapplied += UInt64(result.unapplied)
                    state.statistics.damaged += UInt64(page.damaged.count)
                    state.statistics.spooled -= page.events.count + page.damaged.count
                }
                scheduleCheckpoint()
                if page.events.contains(where: { $0.fact.erases }) { scheduleForgetting() }
                shortenLog()
            }
            try spool.clear()
            state.withLock { state in
                state.spoolOffset = 0
                state.statistics.spooled = 0
            }
            return true
        } catch {
            failed(error)
            return false
        }
    }

    private func failed(_ error: StorageError) {
        state.withLock { state in
            state.statistics.errors += 1
            state.statistics.lastError = error.description
        }
    }

    private func scheduleRetry() {
        let isNew = state.withLock { state in
            defer { state.retryIsScheduled = true }
            return !state.retryIsScheduled && !state.isClosed
        }
        guard isNew else { return }
        writer.asyncAfter(deadline: .now() + .milliseconds(pace.retryMilliseconds)) { self.retry() }
    }

    private func scheduleCheckpoint() {
        let isNew = state.withLock { state in
            defer { state.checkpointIsScheduled = true }
            return !state.checkpointIsScheduled && !state.isClosed
        }
        guard isNew else { return }
        upkeep.asyncAfter(deadline: .now() + .milliseconds(pace.checkpointMilliseconds)) {
            guard
                self.state.withLock({ state in
                    state.checkpointIsScheduled = false
                    return !state.isClosed
                })
            else { return }
            self.checkpoint { length in
                if length > self.pace.logBytes { self.state.withLock { $0.logIsLong = true } }
            }
        }
    }

    /// Words that were erased leave the recordings' index a while later, all of that while together.
    /// - Parameter isOverdue: a pass could not go on: no matter how long ago the last one began.
    func scheduleForgetting(isOverdue: Bool = false) {
        let wait: Int? = state.withLock { state in
            guard !state.forgettingIsScheduled, !state.isClosed else { return nil }
            state.forgettingIsScheduled = true
            guard let last = state.forgotAt, !isOverdue else { return pace.forgetMilliseconds }
            let gone = Int(clamping: (DispatchTime.now().uptimeNanoseconds - last.uptimeNanoseconds) / 1_000_000)
            return max(pace.forgetMilliseconds, pace.forgetIntervalMilliseconds - gone)
        }
        guard let wait else { return }
        writer.asyncAfter(deadline: .now() + .milliseconds(wait)) {
            let isUnderWay = self.state.withLock { state in
                state.forgettingIsScheduled = false
                defer { state.isForgetting = true }
                return state.isForgetting
            }
            if isUnderWay { self.scheduleForgetting() } else { self.forget(isFirst: true) }
        }
    }

    /// A step, so that facts are written in between.
    private func forget(isFirst: Bool) {
        var words = ErasedWords.none
        defer { if words != .underWay { state.withLock { $0.isForgetting = false } } }
        guard !state.withLock({ $0.isClosed }) else { return }
        do {
            words = try engine.forgetWords(pages: pace.forgetPages)
        } catch {
            failed(error)
            // Locked by another program, for one.
            return scheduleForgetting(isOverdue: true)
        }
        if isFirst, words != .none { state.withLock { $0.forgotAt = .now() } }
        switch words {
        case .none, .gone: break
        case .wanted: scheduleForgetting()
        case .underWay:
            scheduleCheckpoint()
            writer.asyncAfter(deadline: .now() + .milliseconds(pace.forgetStepMilliseconds)) {
                self.forget(isFirst: false)
            }
        }
    }

    private func checkpoint(_ done: (Int) -> Void) {
        do throws(StorageError) {
            done(try engine.checkpoint())
        } catch {
            failed(error)
        }
    }

    /// The last block on the queue: nothing is handed over any more.
    func finish() {
        state.withLock { $0.retryIsScheduled = false }
        if replay() {
            drainAll()
        } else {
            while case let group = takeGroup(), !group.isEmpty, spool(group) {}
        }
        do {
            try engine.close()
        } catch {
            failed(error)
        }
        let left = state.withLock { state in
            defer { state.pending = [] }
            state.statistics.lost += UInt64(state.statistics.queueDepth)
            state.statistics.queueDepth = 0
            state.lock = nil
            return state.pending
        }
        let failure = StorageError(.lost, "the store was closed while neither database nor spool could be written")
        for request in left { request.waiter?.resume(returning: .failure(failure)) }
    }
}
