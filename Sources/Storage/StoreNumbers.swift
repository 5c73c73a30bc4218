import Calls
import WorkOrders

// Work orders' spoken numbers: date and serial, from blocks that are reserved durably before the first of them is
// spoken. A restart leaves the rest of a block unused: numbers may have gaps, and are never given twice.

extension Store {
    /// The next number of a local date: `20261122` gives `20261122-0007`; beyond 9999 it grows a digit.
    /// - Parameter localDate: `YYYYMMDD` in the hotline's time zone.
    /// - Throws: `StorageError`: `.argument` for what is no date, `.unavailable` where the database is away and the
    ///   reserved block is used up, `.closed`.
    public func reserveOrderNumber(localDate: String) async throws(StorageError) -> String {
        try await prepareOrderNumbers(localDate: localDate)
        // Another caller may take the last number between the two steps; then a new block is fetched.
        while true {
            if let number = takeNumber(localDate) { return number }
            try await fill(localDate, atLeast: 1)
        }
    }

    /// Makes sure that a date has numbers reserved, and the day after it too, so that a database that is away at
    /// midnight holds nobody up. Worth calling at the start.
    public func prepareOrderNumbers(localDate: String) async throws(StorageError) {
        guard let date = CivilDate(localDate), date.compact == localDate else {
            throw StorageError(.argument, "'\(localDate)' is no date of the form YYYYMMDD")
        }
        let count = state.withLock { $0.numbers[localDate]?.count ?? 0 }
        if count == 0 { try await fill(localDate, atLeast: 1) }
        if count <= pace.numberBlock / 2 { fillLater(localDate) }
        fillLater(CivilDate(daysSinceEpoch: date.daysSinceEpoch + 1).compact)
    }

    private func takeNumber(_ date: String) -> String? {
        state.withLock { state in
            guard !state.isClosed, let block = state.numbers[date], let serial = block.first else { return nil }
            state.numbers[date] = (serial + 1)..<block.upperBound
            return OrderNumber(date: date, serial: serial)?.description
        }
    }

    private func fill(_ date: String, atLeast: Int) async throws(StorageError) {
        let result = await withCheckedContinuation { continuation in
            writer.async { continuation.resume(returning: self.fillNow(date, atLeast: atLeast)) }
        }
        try result.get()
    }

    /// Fills in the background; a failure shows when the numbers are used up.
    private func fillLater(_ date: String) {
        let isDue = state.withLock { state in
            let low = (state.numbers[date]?.count ?? 0) <= pace.numberBlock / 2
            return low && !state.isClosed && state.numberRefills.insert(date).inserted
        }
        guard isDue else { return }
        writer.async {
            let result = self.fillNow(date, atLeast: self.pace.numberBlock / 2 + 1)
            self.state.withLock { state in
                state.numberRefills.remove(date)
                if case .failure(let error) = result {
                    state.statistics.errors += 1
                    state.statistics.lastError = error.description
                }
            }
        }
    }

    /// On the writer's queue.
    private func fillNow(_ date: String, atLeast: Int) -> Result<Void, StorageError> {
        let held = state.withLock { $0.isClosed ? nil : $0.numbers[date]?.count ?? 0 }
        guard let held else { return .failure(StorageError(.closed, "the store is closed")) }
        guard held < atLeast else { return .success(()) }
        do {
            let block = try engine.reserveNumbers(date: date, count: pace.numberBlock)
            state.withLock { state in
                // Blocks of one server follow each other unless a restore skipped some; then the old rest is left.
                if let old = state.numbers[date], !old.isEmpty, old.upperBound == block.lowerBound {
                    state.numbers[date] = old.lowerBound..<block.upperBound
                } else {
                    state.numbers[date] = block
                }
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }
}
