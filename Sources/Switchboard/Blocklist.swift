import Calls
import Storage
import Synchronization

/// Numbers whose calls are not taken, each until an instant or until it is taken off: who harasses the hotline again and
/// again (恶意骚扰). Any thread. Every change is a fact, and the list is read back from them at the start.
public final class Blocklist: Sendable {
    /// Until when, wall time in microseconds; nil: until it is taken off.
    private let numbers = Mutex<[String: Int64?]>([:])
    private let store: Store
    private let time: any TimeSource

    public init(store: Store, time: any TimeSource) {
        self.store = store
        self.time = time
    }

    /// Reads what holds now.
    /// - Throws: what the store says.
    public func load() async throws {
        let blocked = try await store.reader.blockedNumbers(at: UTCTime(time.now()), limit: 100_000)
        numbers.withLock { numbers in
            for entry in blocked { numbers[entry.number] = .some(entry.until?.microseconds) }
        }
    }

    /// The numbers that are blocked at a moment (nil: now), sorted.
    /// - Throws: what the store says.
    public func numbers(at moment: UTCTime?, limit: Int) async throws(StorageError) -> [BlockedNumber] {
        try await store.reader.blockedNumbers(at: moment ?? UTCTime(time.now()), limit: limit)
    }

    /// - Parameter caller: normalised; a caller without a number is never blocked.
    func isBlocked(_ caller: String?, at now: Instant) -> Bool {
        guard let caller else { return false }
        return numbers.withLock { numbers in
            guard let until = numbers[caller] else { return false }
            guard let until else { return true }
            if now.wall < until { return true }
            numbers[caller] = nil
            return false
        }
    }

    /// - Parameters:
    ///   - number: as callers' numbers are normalised.
    ///   - milliseconds: for so long; nil: until it is taken off.
    /// - Throws: `SwitchboardError` `.argument` for what is no number, or what the store says.
    public func block(
        _ number: String, milliseconds: Int64?, by agent: WorkNumber, reason: String
    ) async throws {
        try Self.check(number)
        let now = time.now()
        let until = milliseconds.map { now.advanced(milliseconds: $0) }
        try await store.record([
            .numberBlocked(
                NumberBlocked(at: now, number: number, until: until, by: agent, reason: String(reason.prefix(200))))
        ])
        numbers.withLock { $0[number] = .some(until?.wall) }
    }

    /// - Parameter reason: nil where none is given.
    /// - Throws: `.notFound` where it is not on the list, or what the store says.
    public func unblock(_ number: String, by agent: WorkNumber, reason: String? = nil) async throws {
        guard numbers.withLock({ $0[number] != nil }) else {
            throw SwitchboardError(.notFound, "the number is not on the blocklist")
        }
        try await store.record([
            .numberUnblocked(
                NumberUnblocked(
                    at: time.now(), number: number, by: agent, reason: reason.map { String($0.prefix(200)) }))
        ])
        numbers.withLock { $0[number] = nil }
    }

    private static func check(_ number: String) throws(SwitchboardError) {
        guard PlainNumber.fits(number) else {
            throw SwitchboardError(.argument, "a number to block has 3 to 20 digits, as calls show it")
        }
    }
}
