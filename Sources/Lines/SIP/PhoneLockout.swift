import Calls
import Media

/// Who has guessed too often. Wrong answers are counted twice:
///
/// - for each *source* (an IPv4 address, an IPv6 /64), whatever accounts it tries, unknown ones too;
/// - for each *account at a source*.
///
/// So many failures within the window lock the one or the other: attempts get 403 without a look at their password,
/// for a time that doubles with every lock up to a bound. There is no lock of an account for all sources: whoever knows
/// a work number could keep its agent out with it. What is left to a guesser is a few passwords an hour from each
/// address of the phones' networks.
///
/// An account that has proved itself from a source within the last day is not touched by the source's lock (a phone
/// with a wrong password behind the same NAT, a guesser in the same office), only by its own at that source. A success
/// clears the account's count at that source and nothing else, so that one known password does not buy guesses at
/// others.
///
/// Only answers to a challenge that went to the same address are counted (`SIPDigest` binds its nonces): a forged
/// source address cannot lock its owner out. Memory is bounded; who has been idle longest is forgotten first.
package struct PhoneLockout: Sendable {
    /// Sources, and accounts at sources, remembered at most.
    package static let limit = 10_000
    /// How long a success vouches for an account at a source.
    package static let provenMilliseconds: Int64 = 86_400_000

    private struct Place: Hashable, Sendable {
        var account: WorkNumber
        var source: IPAddress
    }

    private struct Record: Sendable {
        /// Milliseconds of the failures within the window, oldest first; at most as many as lock.
        var failures: [Int64] = []
        var lockedUntil = Int64.min
        /// Locks in a row.
        var locks = 0
        var provenUntil = Int64.min
    }

    private let rules: PhoneLockoutRules
    private var sources: BoundedTable<IPAddress, Record>
    private var places: BoundedTable<Place, Record>
    /// Locks imposed so far.
    package private(set) var imposed: UInt64 = 0

    package init(_ rules: PhoneLockoutRules, limit: Int = PhoneLockout.limit) {
        self.rules = rules
        sources = BoundedTable(limit: limit)
        places = BoundedTable(limit: limit)
    }

    /// What is remembered, for the bound's test.
    package var remembered: Int { sources.count + places.count }

    /// Whether an attempt is refused without a look at its password.
    /// - Parameter account: nil where the attempt names none of ours.
    package mutating func isLocked(source: IPAddress, account: WorkNumber?, at now: Instant) -> Bool {
        let moment = now.mono / 1_000_000
        let source = Self.network(of: source)
        if let account, let place = places[Place(account: account, source: source)] {
            if moment < place.lockedUntil { return true }
            if moment < place.provenUntil { return false }
        }
        guard let record = sources[source] else { return false }
        return moment < record.lockedUntil
    }

    /// A wrong answer to a challenge of ours.
    package mutating func failed(source: IPAddress, account: WorkNumber?, at now: Instant) {
        let moment = now.mono / 1_000_000
        let source = Self.network(of: source)
        var record = sources[source] ?? Record()
        count(&record, moment)
        sources[source] = record
        guard let account else { return }
        let key = Place(account: account, source: source)
        var place = places[key] ?? Record()
        count(&place, moment)
        places[key] = place
    }

    package mutating func succeeded(source: IPAddress, account: WorkNumber, at now: Instant) {
        var record = Record()
        record.provenUntil = now.mono / 1_000_000 + Self.provenMilliseconds
        places[Place(account: account, source: Self.network(of: source))] = record
    }

    private mutating func count(_ record: inout Record, _ moment: Int64) {
        // The end of the last lock counts as its last failure: nobody serves a long lock to be new again.
        let last = max(record.failures.last ?? Int64.min, record.lockedUntil)
        if record.locks > 0, moment - last >= rules.maximumLockMilliseconds { record.locks = 0 }
        record.failures.removeAll { moment - $0 >= rules.windowMilliseconds }
        record.failures.append(moment)
        guard record.failures.count >= max(1, rules.failures) else { return }
        record.failures.removeAll()
        record.lockedUntil = moment + length(afterLocks: record.locks)
        record.locks += 1
        imposed += 1
    }

    private func length(afterLocks locks: Int) -> Int64 {
        var length = rules.lockMilliseconds
        for _ in 0..<locks where length < rules.maximumLockMilliseconds { length *= 2 }
        return min(length, rules.maximumLockMilliseconds)
    }

    /// One customer has a whole /64 of IPv6.
    private static func network(of source: IPAddress) -> IPAddress {
        let source = source.unmapped
        return source.family == .v4 ? source : IPAddress(v6High: source.high, low: 0)
    }
}
