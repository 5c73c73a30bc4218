import Synchronization

/// How often an address may give a wrong code: twenty times in ten minutes.
final class GuessLimit: Sendable {
    private static let most = 20
    private static let span: Int64 = 600_000_000_000
    private static let mostKept = 10_000
    private let failures = Mutex<[String: [Int64]]>([:])

    /// - Parameter now: CLOCK_MONOTONIC nanoseconds, as below.
    func mayTry(_ address: String, now: Int64) -> Bool {
        failures.withLock { $0[address, default: []].filter { now - $0 < Self.span }.count < Self.most }
    }

    func failed(_ address: String, now: Int64) {
        failures.withLock { failures in
            if failures.count > Self.mostKept {
                failures = failures.filter { $1.contains { now - $0 < Self.span } }
                // Still too many: somebody has many addresses; the counts begin anew.
                if failures.count > Self.mostKept { failures = [:] }
            }
            failures[address, default: []] = failures[address, default: []].filter { now - $0 < Self.span } + [now]
        }
    }
}
