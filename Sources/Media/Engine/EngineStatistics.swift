/// How much the media threads have to do.
public struct MediaLoad: Sendable, Hashable {
    /// The work of a tick as a share of its 20 ms, over some sixteen ticks, of all threads on average; above 1 they cannot
    /// keep up.
    public var share: Double
    /// The same of the busiest thread.
    public var busiest: Double
    /// Legs open: those that ring cost nothing yet.
    public var legs: Int
    /// Legs sent to, on average over the same ticks.
    public var sending: Int
    /// Media threads that share the work.
    public var threads: Int

    /// - Parameter busiest: nil: as the others.
    public init(share: Double = 0, busiest: Double? = nil, legs: Int = 0, sending: Int = 0, threads: Int = 1) {
        self.busiest = busiest ?? share
        self.share = share
        self.threads = threads
        self.legs = legs
        self.sending = sending
    }
}

/// What the engine as a whole went through since its start; counters are named after decisions.
public struct EngineStatistics: Sendable, Codable, Hashable {
    /// Legs open, and recordings under way.
    public var legs: UInt64 = 0
    public var recordings: UInt64 = 0
    /// Ticks run, by all media threads.
    public var ticks: UInt64 = 0
    /// Ticks that began after their successor was due, and were run at once.
    public var lateTicks: UInt64 = 0
    /// Ticks left out because a thread was more than five behind, for some of its legs or for all.
    public var skippedTicks: UInt64 = 0
    /// Turns whose own work took longer than their part of 20 ms (`MediaConfiguration.phases`).
    public var overruns: UInt64 = 0
    /// The latest beginning of a turn, and the longest work of one, nanoseconds.
    public var maximumLateness: UInt64 = 0
    public var maximumWork: UInt64 = 0
    /// All work of all ticks, nanoseconds of the wall clock.
    public var work: UInt64 = 0
    /// RTP datagrams read and sent, RTCP datagrams read and sent.
    public var datagramsReceived: UInt64 = 0
    public var datagramsSent: UInt64 = 0
    public var controlReceived: UInt64 = 0
    public var controlSent: UInt64 = 0
    /// Datagrams longer than any RTP packet of ours, and sockets that had more to read than a tick takes.
    public var oversized: UInt64 = 0
    public var floods: UInt64 = 0
    /// Sends that the socket refused.
    public var sendErrors: UInt64 = 0
    /// From sources that were not ours to listen to, on legs that are closed.
    public var foreignSource: UInt64 = 0
    /// Commands done, refused because the ring was full, and passed over because their leg was not open.
    public var commands: UInt64 = 0
    public var commandsRefused: UInt64 = 0
    public var commandsWithoutLeg: UInt64 = 0
    /// Events told, and lost because the ring was full (never `closed` and `recordingStopped`).
    public var events: UInt64 = 0
    public var eventsLost: UInt64 = 0
    /// Frames handed to the audio log, and lost because its ring was full: gaps in recordings.
    public var frames: UInt64 = 0
    public var framesLost: UInt64 = 0
    /// Bytes of that ring that held frames at some time: what a slow disk ever made of it.
    public var tapBytes: UInt64 = 0
    /// Blocks and bytes in the audio log; segments begun.
    public var logBlocks: UInt64 = 0
    public var logBytes: UInt64 = 0
    public var logSegments: UInt64 = 0
    /// Writes, syncs and openings of the audio log that failed; all were tried again.
    public var logErrors: UInt64 = 0
    /// The longest write and sync, nanoseconds.
    public var maximumLogStall: UInt64 = 0
    /// How much of its time the busiest media thread works, in thousandths, over some sixteen ticks.
    public var load: UInt64 = 0
    /// Whether all media threads have the priority asked for.
    public var priorityApplied = false

    public init() {}

    /// Takes in another media thread's.
    mutating func add(_ other: EngineStatistics) {
        for field in Self.sums { self[keyPath: field] += other[keyPath: field] }
        for field in Self.maxima { self[keyPath: field] = max(self[keyPath: field], other[keyPath: field]) }
        priorityApplied = priorityApplied && other.priorityApplied
    }

    private static var sums: [WritableKeyPath<EngineStatistics, UInt64>] {
        [
            \.legs, \.recordings, \.ticks, \.lateTicks, \.skippedTicks, \.overruns, \.work, \.datagramsReceived,
            \.datagramsSent, \.controlReceived, \.controlSent, \.oversized, \.floods, \.sendErrors, \.foreignSource,
            \.commands, \.commandsRefused, \.commandsWithoutLeg, \.events, \.eventsLost, \.frames, \.framesLost,
            \.tapBytes, \.logBlocks, \.logBytes, \.logSegments, \.logErrors,
        ]
    }

    private static var maxima: [WritableKeyPath<EngineStatistics, UInt64>] {
        [\.maximumLateness, \.maximumWork, \.maximumLogStall, \.load]
    }
}
