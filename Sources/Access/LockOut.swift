/// How often passwords may be guessed: after five wrong ones in a row for a name, or thirty from an address, nothing is looked at for
/// a while, twice as long each time. A value; time comes in.
package struct LockOut: Sendable {
    private struct Count: Sendable {
        var failures = 0
        /// CLOCK_MONOTONIC nanoseconds, as all here.
        var lockedUntil: Int64 = 0
        var locks = 0
        var last: Int64 = 0
    }

    package static let mostOfName = 5
    package static let mostOfAddress = 30
    private static let minute: Int64 = 60_000_000_000
    private static let first = 5 * minute
    private static let longest = 24 * 60 * minute
    private static let mostKept = 10_000

    private var names: [String: Count] = [:]
    private var addresses: [String: Count] = [:]

    package init() {}

    /// How many names and addresses are remembered.
    package var kept: Int { names.count + addresses.count }

    /// How long nothing is looked at, in seconds; nil: it may be tried.
    package func wait(_ name: String, _ address: String, now: Int64) -> Int? {
        let until = max(names[name]?.lockedUntil ?? 0, addresses[address]?.lockedUntil ?? 0)
        return until > now ? Int((until - now) / 1_000_000_000) + 1 : nil
    }

    /// - Returns: whether the name is locked from now on.
    package mutating func failed(_ name: String, _ address: String, now: Int64) -> Bool {
        forget(now)
        Self.fail(&addresses[address, default: Count()], most: Self.mostOfAddress, now)
        return Self.fail(&names[name, default: Count()], most: Self.mostOfName, now)
    }

    package mutating func succeeded(_ name: String) { names[name] = nil }

    @discardableResult
    private static func fail(_ count: inout Count, most: Int, _ now: Int64) -> Bool {
        count.failures += 1
        count.last = now
        guard count.failures >= most else { return false }
        count.lockedUntil = now + min(first << min(count.locks, 10), longest)
        count.locks += 1
        count.failures = 0
        return true
    }

    /// Whoever invents names must not fill the memory.
    private mutating func forget(_ now: Int64) {
        guard names.count + addresses.count > Self.mostKept else { return }
        let isRecent = { (count: Count) in count.lockedUntil > now || now - count.last < Self.first }
        names = names.filter { isRecent($1) }
        addresses = addresses.filter { isRecent($1) }
        // Still too many: those are an attack's; what is locked stays so.
        guard names.count + addresses.count > Self.mostKept else { return }
        names = names.filter { $1.lockedUntil > now }
        addresses = addresses.filter { $1.lockedUntil > now }
    }
}
