/// How the media threads come by a processor.
public enum MediaPriority: Sendable, Hashable {
    /// A nice value, -20…19: the more willing others wait, the less it does.
    case nice(Int)
    /// Before everything that is not real time (SCHED_FIFO, its lowest priority): where a core is spare, or nothing else
    /// matters there. Linux leaves others a twentieth of the time even so (`kernel.sched_rt_runtime_us`).
    case realtime
}

/// Everything about the media engine that an operator may set; the addresses to bind come with `open`.
public struct MediaConfiguration: Sendable, Hashable {
    /// RTP takes an even port of this range, RTCP the odd one above it.
    public var ports: ClosedRange<UInt16> = 16384...32767
    /// Legs open at once; memory for their rings is taken at start.
    public var maximumLegs = 512
    /// The jitter buffer's least and greatest delay, milliseconds, multiples of 20.
    public var minimumJitterMilliseconds = 40
    public var maximumJitterMilliseconds = 200
    /// `inactive` is told after so long without a packet, milliseconds; nil: never.
    public var inactivityMilliseconds: Int? = 5000
    /// Differentiated services code point of RTP and RTCP, 0…63; 46 is EF (RFC 3246).
    public var dscp: UInt8 = 46
    /// The media threads' place among what wants the processor. What the system does not allow is left out and shown in
    /// the statistics.
    public var priority = MediaPriority.nice(-10)
    /// Threads that run the legs, 1…16; all of a call's are on one of them.
    public var threads = 1
    /// Turns of a tick, 1, 2 or 4, each for a part of the calls: what a packet waits for within a tick is shorter by as
    /// much, and the threads wake as much oftener.
    public var phases = 4
    /// Legs that a phase has on each thread before the next is used: a thread with few of them wakes once a tick.
    public var phaseFill = 32
    /// Commands that may wait for a thread's next turn; besides, every close and every end of a recording has its room.
    public var commandRing = 4096
    /// Events of a thread that may wait for the sink.
    public var eventRing = 8192
    /// Frames of 20 ms that may wait for the audio log's writer; nil: four seconds of two channels a leg. A disk
    /// that stands still for longer leaves gaps in the recordings.
    public var tapRing: Int?

    public init() {}

    /// As many threads as suit a machine: half of its processors are left to signalling, store and audio log. With two
    /// processors or one there is one thread, and more than four serve nobody: each runs hundreds of calls.
    public static func threads(forProcessors count: Int) -> Int { max(1, min(4, count / 2)) }

    /// The share of their time that media threads may work before calls are refused. Everything else of a call takes a quarter of
    /// what they take, and a processor that is full delays them, too: where they leave no processor free it is six sevenths of
    /// what is wished, and of the time that there is for each where they are more than the processors.
    public static func loadLimit(_ wished: Double, forProcessors count: Int, threads: Int) -> Double {
        threads < count ? wished : wished * 6 / 7 * min(1, Double(count) / Double(threads))
    }

    /// Why the engine cannot run so; nil where it can.
    var fault: String? {
        if ports.upperBound < 2 || ports.upperBound - ports.lowerBound < 2 { return "the port range holds no pair" }
        if ports.lowerBound < 1024 { return "ports below 1024 are not for RTP" }
        if !(1...8192).contains(maximumLegs) { return "the limit of legs must be 1…8192" }
        if !(20...400).contains(minimumJitterMilliseconds) || !(20...400).contains(maximumJitterMilliseconds) {
            return "the jitter buffer's delays must be 20…400 ms"
        }
        if maximumJitterMilliseconds < minimumJitterMilliseconds { return "the jitter buffer's delays are reversed" }
        if !(1...16).contains(threads) { return "there can be 1…16 media threads" }
        if ![1, 2, 4].contains(phases) { return "a tick has 1, 2 or 4 phases" }
        if dscp > 63 { return "a DSCP is 0…63" }
        if case .nice(let value) = priority, !(-20...19).contains(value) { return "a nice value is -20…19" }
        if !(64...1_048_576).contains(commandRing) || !(64...1_048_576).contains(eventRing) {
            return "a ring must hold 64…1048576"
        }
        if let tapRing, !(64...16_777_216).contains(tapRing) { return "the tap ring must hold 64…16777216" }
        return nil
    }

    var tapFrames: Int { tapRing ?? maximumLegs * 2 * 50 * 4 }
}
