import Calls

/// How many refusals are told one by one: twenty a second, so that a flood fills counters instead of logs.
package struct SIPRejections: Sendable {
    package static let perSecond = 20
    private var second: Int64 = -1
    private var told = 0
    private var untold: UInt64 = 0

    package init() {}

    /// - Returns: nil where this one is only counted; otherwise how many were only counted since the last one told.
    package mutating func mayTell(at now: Instant) -> UInt64? {
        let present = now.mono / 1_000_000_000
        if present != second {
            second = present
            told = 0
        }
        guard told < Self.perSecond else {
            untold += 1
            return nil
        }
        told += 1
        defer { untold = 0 }
        return untold
    }
}
