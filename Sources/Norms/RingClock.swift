/// Counts nominal rings from the first alerting at our edge.
///
/// The cadence is GB/T 3380's ring-back: 1 s of tone, 4 s of pause. Ring *n* begins at `cycle × (n − 1)` after the
/// alerting. What the network rang before it reached us is not known, and no count here pretends to.
public struct RingClock: Sendable, Hashable {
    /// How a limit of *n* rings is read.
    public enum Reading: String, Sendable, Codable, CaseIterable {
        /// Kept when answered before ring *n* + 1 begins (4 rings: before 20,000 ms).
        case beforeNextRing = "before_next_ring"
        /// Kept when answered by the end of the *n*th tone (4 rings: before 16,000 ms).
        case byEndOfTone = "by_end_of_tone"
    }

    /// Milliseconds from the beginning of one ring to that of the next; at least 1.
    public let cycleMilliseconds: Int64
    /// Milliseconds of tone within the cycle.
    public let toneMilliseconds: Int64

    public init(cycleMilliseconds: Int64 = 5000, toneMilliseconds: Int64 = 1000) {
        self.cycleMilliseconds = max(1, cycleMilliseconds)
        self.toneMilliseconds = min(max(0, toneMilliseconds), self.cycleMilliseconds)
    }

    /// Which ring is going on `milliseconds` after the alerting began: 1 for the first; 0 before it.
    public func ring(atMilliseconds milliseconds: Int64) -> Int {
        milliseconds < 0 ? 0 : Int(milliseconds / cycleMilliseconds) + 1
    }

    /// A ring of which less was heard than this is not counted where a phone rang in vain: our own time-out comes a
    /// moment after the ring it was meant for.
    public static let unheardMilliseconds: Int64 = 250

    /// How many rings a phone rang that was not answered: those begun, but for the last where it had hardly begun.
    public func rings(inVain milliseconds: Int64) -> Int {
        milliseconds < 0 ? 0 : max(1, ring(atMilliseconds: milliseconds - Self.unheardMilliseconds))
    }

    /// When ring `number` (1…) begins, in milliseconds after the alerting.
    public func start(ofRing number: Int) -> Int64 { cycleMilliseconds * Int64(max(1, number) - 1) }

    /// When to answer: so many milliseconds into ring `onRing`, so that a ring is heard.
    public func answerDelay(onRing number: Int, afterMilliseconds: Int64) -> Int64 {
        start(ofRing: number) + max(0, afterMilliseconds)
    }

    /// Whether an answer `milliseconds` after the alerting keeps a limit of `rings`.
    public func isWithin(rings: Int, milliseconds: Int64, reading: Reading) -> Bool {
        switch reading {
        case .beforeNextRing: milliseconds < start(ofRing: rings + 1)
        case .byEndOfTone: milliseconds < start(ofRing: rings) + toneMilliseconds
        }
    }
}
