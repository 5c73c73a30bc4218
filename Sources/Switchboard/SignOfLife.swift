/// When a quiet hotline writes down that it still runs: a crash is counted from the last event before it, and at night
/// hours may lie between two calls.
public struct SignOfLife: Sendable, Hashable {
    /// A journal that was silent for so long gets a sign, nanoseconds.
    public static let silence: Int64 = 300_000_000_000

    private var events: UInt64?
    private var since: Int64 = 0

    public init() {}

    /// Asked again and again.
    /// - Parameters:
    ///   - events: written down so far, those that wait in the spool included.
    ///   - now: monotonic, nanoseconds.
    /// - Returns: whether a sign is due; it is taken to be given.
    public mutating func isDue(events: UInt64, at now: Int64) -> Bool {
        if self.events != events {
            self.events = events
            since = now
            return false
        }
        guard now - since >= Self.silence else { return false }
        since = now
        return true
    }
}
