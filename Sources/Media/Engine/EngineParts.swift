import Calls
import Glibc
import Synchronization

/// The engine's memory, and what runs on each of its threads. It outlives the threads: each holds it.
final class EngineParts: Sendable {
    /// Media threads.
    let count: Int
    /// Turns of each tick.
    let phases: Int
    // Both allocated in `init`, freed in `deinit`; what is within the first is made for sharing between threads, of the
    // second each is one media thread's alone, or of the test that steps the engine.
    nonisolated(unsafe) let shards: UnsafeMutablePointer<EngineShared>
    nonisolated(unsafe) private let cores: UnsafeMutablePointer<EngineCore>
    // The writer's thread's alone, or of the test that steps the engine.
    nonisolated(unsafe) let writer: UnsafeMutablePointer<AudioLogWriter>
    let bell: EngineBell
    nonisolated(unsafe) private let budget: TapBudget?
    let registry: Mutex<LegRegistry>
    let sink: @Sendable (MediaEvent) -> Void
    let time: any TimeSource
    /// Where plays get their prompts from, off the media threads.
    let prompts: PromptStore

    init(
        configuration: MediaConfiguration, prompts: PromptStore, log: AudioLogSettings, disk: AudioLogDisk,
        time: any TimeSource, sink: @escaping @Sendable (MediaEvent) -> Void
    ) throws(MediaError) {
        let count = configuration.threads
        let bell = try EngineBell()
        let shards = UnsafeMutablePointer<EngineShared>.allocate(capacity: count)
        let cores = UnsafeMutablePointer<EngineCore>.allocate(capacity: count)
        let writer = UnsafeMutablePointer<AudioLogWriter>.allocate(capacity: 1)
        let budget = count > 1 ? TapBudget(frames: configuration.tapFrames, threads: count) : nil
        for index in 0..<count {
            (shards + index).initialize(to: EngineShared(configuration, bell: bell, budget: budget))
        }
        var made = 0
        do throws(MediaError) {
            for index in 0..<count {
                (cores + index).initialize(to: try EngineCore(shared: shards + index, configuration: configuration))
                made += 1
            }
            writer.initialize(to: try AudioLogWriter(shards: shards, count: count, settings: log, disk: disk))
        } catch {
            cores.deinitialize(count: made)
            shards.deinitialize(count: count)
            shards.deallocate()
            cores.deallocate()
            writer.deallocate()
            budget?.deallocate()
            bell.close()
            throw error
        }
        self.count = count
        phases = configuration.phases
        self.bell = bell
        self.budget = budget
        self.shards = shards
        self.cores = cores
        self.writer = writer
        self.prompts = prompts
        self.time = time
        self.sink = sink
        var generator = SystemRandomNumberGenerator()
        let places = LegPlaces(threads: count, phases: configuration.phases, fill: configuration.phaseFill)
        registry = Mutex(LegRegistry(ports: PortPool(configuration.ports, using: &generator), places: places))
    }

    deinit {
        reap()
        registry.withLock { $0.freeSpare() }
        writer.deinitialize(count: 1)
        cores.deinitialize(count: count)
        shards.deinitialize(count: count)
        writer.deallocate()
        cores.deallocate()
        shards.deallocate()
        budget?.deallocate()
        bell.close()
    }

    /// Takes back what the media threads and the writer are done with.
    func reap() { registry.withLock { reap(&$0) } }

    /// The same under the registry's lock.
    func reap(_ registry: inout LegRegistry) {
        for index in 0..<count where !shards[index].returned.isEmpty { registry.reap(shards[index].returned) }
    }

    /// Frees what came back, and hands the events that wait to the sink.
    func deliver() {
        if (0..<count).contains(where: { !shards[$0].returned.isEmpty }) { reap() }
        for index in 0..<count { while let event = shards[index].events.pop() { sink(event) } }
    }

    /// One tick of everything, all turns at one moment.
    func tick(at now: Instant) {
        for shard in 0..<count { for phase in 0..<phases { turn(shard, phase, at: now) } }
    }

    /// A media thread has nothing left to be told about or to hand back.
    func isEmpty(_ shard: Int) -> Bool { cores[shard].isEmpty }

    /// Turns of phases that have nothing to do are passed over, as far as the thread need not wake for them: the first
    /// phase's takes in commands.
    func pass(_ shard: Int, _ schedule: inout TickSchedule) {
        while schedule.phase != 0, cores[shard].isIdle(schedule.phase) {
            schedule.pass()
            shards[shard].counters.turns.add()
            shards[shard].counters.note(work: 0, sent: 0)
        }
    }

    /// Everything that is due of a media thread.
    func run(_ shard: Int, _ due: TickSchedule.Due) {
        guard due.run > 0 else { return }
        let counters = UnsafePointer(shards + shard)
        counters.pointee.counters.maximumLateness.raise(to: UInt64(max(0, due.lateness)))
        // Those of whose phase the next is due, too.
        counters.pointee.counters.lateTurns.add(UInt64(max(0, due.run - phases)))
        let now = time.now()
        for turn in 0..<min(phases, due.skipped) {
            // Of those that were left out the phases have every so manieth.
            cores[shard].skip(
                (due.phase + turn) % phases, ticks: (due.skipped - turn + phases - 1) / phases, at: now)
        }
        for index in 0..<due.run { turn(shard, (due.phase + due.skipped + index) % phases, at: time.now()) }
    }

    /// One turn, measured.
    private func turn(_ shard: Int, _ phase: Int, at now: Instant) {
        let begin = SystemTime.monotonic()
        cores[shard].turn(phase, at: now)
        shards[shard].counters.note(
            work: UInt64(max(0, SystemTime.monotonic() - begin)), sent: cores[shard].sent)
    }
}
