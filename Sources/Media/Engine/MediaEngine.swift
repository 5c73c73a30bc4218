import AudioLog
import Calls
import Synchronization

/// The media engine: threads that run the legs in ticks of 20 ms, one that writes the audio log, one that hands events to
/// the sink.
///
/// Every method may be called from any thread and returns at once, but for `init` and `shutdown`. Commands take effect
/// in the leg's next tick, in the order in which they were given.
///
/// - A play waits while its leg sends nothing: before `start`, and on hold. What must be heard is heard.
/// - A command for a leg that is not open is passed over, and counted: the leg's `closed` is on its way.
public final class MediaEngine: MediaControl {
    let configuration: MediaConfiguration
    let receive: ReceiveConfiguration
    let parts: EngineParts
    private let threads: EngineThreads?

    /// Makes the audio log's folder, takes the memory, starts the threads.
    /// - Parameters:
    ///   - prompts: kept as long as the engine lives.
    ///   - time: tells the instants of events; ticks are kept by CLOCK_MONOTONIC.
    ///   - events: called on the event thread, one event after the other, a call's in the order in which they happened.
    ///     While it works, events wait in their ring; what does not fit is counted.
    /// - Throws: `.limit` where the configuration cannot be, `.audioLog`, `.socket`.
    public convenience init(
        configuration: MediaConfiguration, prompts: PromptStore, log: AudioLogSettings, time: any TimeSource,
        events: @escaping @Sendable (MediaEvent) -> Void
    ) throws(MediaError) {
        try self.init(
            configuration: configuration, prompts: prompts, log: log, disk: .system, time: time, stepped: false,
            events: events)
    }

    /// - Parameters:
    ///   - disk: the system calls by which the audio log is written.
    ///   - stepped: without threads: nothing happens but by `tick`, `run`, `writeLog` and `deliverEvents`.
    package init(
        configuration: MediaConfiguration, prompts: PromptStore, log: AudioLogSettings, disk: AudioLogDisk,
        time: any TimeSource, stepped: Bool, events: @escaping @Sendable (MediaEvent) -> Void
    ) throws(MediaError) {
        if let fault = configuration.fault { throw MediaError(.limit, "The media engine cannot run: \(fault)") }
        self.configuration = configuration
        var receive = ReceiveConfiguration()
        receive.minimumDelay = configuration.minimumJitterMilliseconds
        receive.maximumDelay = configuration.maximumJitterMilliseconds
        receive.inactivityMilliseconds = configuration.inactivityMilliseconds
        self.receive = receive
        // The tables are made here rather than in the first tick that needs them.
        G711.prepare()
        parts = try EngineParts(
            configuration: configuration, prompts: prompts, log: log, disk: disk, time: time, sink: events)
        threads =
            stepped
            ? nil
            : try EngineThreads(parts, priority: configuration.priority, flushMilliseconds: log.flushMilliseconds)
    }

    deinit { shutdown() }

    /// What the engine went through so far. Any thread.
    public var statistics: EngineStatistics {
        var all = figures(of: 0)
        for thread in 0..<parts.count where thread > 0 { all.add(figures(of: thread)) }
        return all
    }

    private func figures(of thread: Int) -> EngineStatistics {
        var figures = parts.shards[thread].counters.snapshot
        figures.tapBytes = UInt64(parts.shards[thread].tap.touchedBytes)
        return figures
    }

    /// How much of their time the media threads work. Any thread; a few loads, cheap enough for every offer.
    public var load: MediaLoad {
        var all = MediaLoad(threads: parts.count)
        for thread in 0..<parts.count {
            let load = parts.shards[thread].counters.mediaLoad
            all.share += load.share / Double(parts.count)
            all.busiest = max(all.busiest, load.share)
            all.legs += load.legs
            all.sending += load.sending
        }
        return all
    }

    /// Closes all legs, ends all recordings, writes and seals the audio log, hands out the last events, joins the
    /// threads. Not from the event sink. A second call returns at once.
    public func shutdown() {
        let isFirst = parts.registry.withLock { registry in
            guard !registry.isShutDown else { return false }
            registry.isShutDown = true
            // Legs and recordings have their room in the ring.
            for id in Array(registry.legs.keys) {
                if let entry = registry.close(id) { post(.close(entry.leg), to: entry.place.thread) }
            }
            return true
        }
        guard isFirst else { return }
        if let threads {
            threads.stop()
        } else {
            // Twice, should the first have left something in a full ring.
            for _ in 0..<2 {
                tick(at: parts.time.now())
                _ = parts.writer.pointee.finish(at: parts.time.now())
                parts.deliver()
            }
        }
        parts.reap()
        parts.registry.withLock { $0.freeSpare() }
    }
}
