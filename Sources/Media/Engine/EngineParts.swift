import Calls
import Glibc
import Synchronization

/// The engine's memory, and what runs on each of its threads. It outlives the threads: each holds it.
final class EngineParts: Sendable {
    // Allocated in `init`, freed in `deinit`; what is within is made for sharing between threads.
    nonisolated(unsafe) let shared: UnsafeMutablePointer<EngineShared>
    // The media thread's alone, or of the test that steps the engine.
    nonisolated(unsafe) let core: UnsafeMutablePointer<EngineCore>
    // The writer's thread's alone, or of the test that steps the engine.
    nonisolated(unsafe) let writer: UnsafeMutablePointer<AudioLogWriter>
    let registry: Mutex<LegRegistry>
    let sink: @Sendable (MediaEvent) -> Void
    let time: any TimeSource
    /// Where plays get their prompts from, off the media thread.
    let prompts: PromptStore

    init(
        configuration: MediaConfiguration, prompts: PromptStore, log: AudioLogSettings, disk: AudioLogDisk,
        time: any TimeSource, sink: @escaping @Sendable (MediaEvent) -> Void
    ) throws(MediaError) {
        let shared = UnsafeMutablePointer<EngineShared>.allocate(capacity: 1)
        let core = UnsafeMutablePointer<EngineCore>.allocate(capacity: 1)
        let writer = UnsafeMutablePointer<AudioLogWriter>.allocate(capacity: 1)
        var made = 0
        do throws(MediaError) {
            shared.initialize(to: try EngineShared(configuration))
            made = 1
            core.initialize(to: try EngineCore(shared: shared, configuration: configuration))
            made = 2
            writer.initialize(to: try AudioLogWriter(shared: shared, settings: log, disk: disk))
        } catch {
            if made > 1 { core.deinitialize(count: 1) }
            if made > 0 { shared.deinitialize(count: 1) }
            shared.deallocate()
            core.deallocate()
            writer.deallocate()
            throw error
        }
        self.shared = shared
        self.core = core
        self.writer = writer
        self.prompts = prompts
        self.time = time
        self.sink = sink
        var generator = SystemRandomNumberGenerator()
        registry = Mutex(LegRegistry(ports: PortPool(configuration.ports, using: &generator)))
    }

    deinit {
        registry.withLock {
            $0.reap(shared.pointee.returned)
            $0.freeSpare()
        }
        writer.deinitialize(count: 1)
        core.deinitialize(count: 1)
        shared.deinitialize(count: 1)
        writer.deallocate()
        core.deallocate()
        shared.deallocate()
    }

    /// Frees what came back, and hands the events that wait to the sink.
    func deliver() {
        if !shared.pointee.returned.isEmpty { registry.withLock { $0.reap(shared.pointee.returned) } }
        while let event = shared.pointee.events.pop() { sink(event) }
    }

    /// One tick, measured.
    func tick(at now: Instant) {
        let begin = SystemTime.monotonic()
        core.pointee.tick(at: now)
        let work = UInt64(max(0, SystemTime.monotonic() - begin))
        shared.pointee.counters.work.add(work)
        shared.pointee.counters.average(work: work)
        shared.pointee.counters.maximumWork.raise(to: work)
        if work > UInt64(TickSchedule.interval) { shared.pointee.counters.overruns.add() }
    }

    /// Everything that is due.
    func run(_ due: TickSchedule.Due) {
        guard due.run > 0 else { return }
        shared.pointee.counters.maximumLateness.raise(to: UInt64(max(0, due.lateness)))
        shared.pointee.counters.lateTicks.add(UInt64(due.run - 1))
        if due.skipped > 0 { core.pointee.skip(ticks: due.skipped, at: time.now()) }
        for _ in 0..<due.run { tick(at: time.now()) }
    }
}
