import Synchronization

/// The counters of a media thread and of what belongs to it, written by the engine's threads and read by any.
struct EngineCounters: ~Copyable {
    /// Turns of a tick.
    private let phases: UInt64
    let legs = Atomic<UInt64>(0)
    let recordings = Atomic<UInt64>(0)
    let turns = Atomic<UInt64>(0)
    let lateTurns = Atomic<UInt64>(0)
    let skippedTurns = Atomic<UInt64>(0)
    let overruns = Atomic<UInt64>(0)
    let maximumLateness = Atomic<UInt64>(0)
    let maximumWork = Atomic<UInt64>(0)
    let work = Atomic<UInt64>(0)
    let datagramsReceived = Atomic<UInt64>(0)
    let datagramsSent = Atomic<UInt64>(0)
    let controlReceived = Atomic<UInt64>(0)
    let controlSent = Atomic<UInt64>(0)
    let oversized = Atomic<UInt64>(0)
    let floods = Atomic<UInt64>(0)
    let sendErrors = Atomic<UInt64>(0)
    let foreignSource = Atomic<UInt64>(0)
    let commands = Atomic<UInt64>(0)
    let commandsRefused = Atomic<UInt64>(0)
    let commandsWithoutLeg = Atomic<UInt64>(0)
    let events = Atomic<UInt64>(0)
    let eventsLost = Atomic<UInt64>(0)
    let frames = Atomic<UInt64>(0)
    let framesLost = Atomic<UInt64>(0)
    let logBlocks = Atomic<UInt64>(0)
    let logBytes = Atomic<UInt64>(0)
    let logSegments = Atomic<UInt64>(0)
    let logErrors = Atomic<UInt64>(0)
    let maximumLogStall = Atomic<UInt64>(0)
    let priorityApplied = Atomic<Bool>(false)

    init(phases: Int) { self.phases = UInt64(phases) }

    var mediaLoad: MediaLoad {
        // Both of as many turns, so that one can be divided by the other; a leg is sent to in one turn of each tick.
        let share = Double(loads.now) / Double(Self.part * window)
        let sending = Double(sendings.now) / Double(Self.part * window) * Double(phases)
        return MediaLoad(share: share, legs: Int(legs.now), sending: Int(sending.rounded()))
    }

    /// Turns in some sixteen ticks.
    private var window: UInt64 { 16 * phases }

    /// Takes in one more turn.
    /// - Parameters:
    ///   - work: nanoseconds.
    ///   - sent: RTP datagrams.
    func note(work spent: UInt64, sent: UInt64) {
        work.add(spent)
        maximumWork.raise(to: spent)
        sendings.set(sendings.now - sendings.now / window + sent * Self.part)
        let time = UInt64(TickSchedule.interval) / phases
        if spent > time { overruns.add() }
        loads.set(loads.now - loads.now / window + min(spent, 10 * time) * Self.part / time)
    }

    /// The sums over some sixteen ticks are in millionths of a turn and of a datagram, so that small changes are not rounded
    /// away.
    private static let part: UInt64 = 1_000_000
    private let loads = Atomic<UInt64>(0)
    private let sendings = Atomic<UInt64>(0)

    var snapshot: EngineStatistics {
        var figures = EngineStatistics()
        figures.legs = legs.now
        figures.recordings = recordings.now
        figures.ticks = turns.now / phases
        // A part of the legs counts as all: nothing is late or lost unseen.
        figures.lateTicks = (lateTurns.now + phases - 1) / phases
        figures.skippedTicks = (skippedTurns.now + phases - 1) / phases
        figures.overruns = overruns.now
        figures.maximumLateness = maximumLateness.now
        figures.maximumWork = maximumWork.now
        figures.work = work.now
        figures.datagramsReceived = datagramsReceived.now
        figures.datagramsSent = datagramsSent.now
        figures.controlReceived = controlReceived.now
        figures.controlSent = controlSent.now
        figures.oversized = oversized.now
        figures.floods = floods.now
        figures.sendErrors = sendErrors.now
        figures.foreignSource = foreignSource.now
        figures.commands = commands.now
        figures.commandsRefused = commandsRefused.now
        figures.commandsWithoutLeg = commandsWithoutLeg.now
        figures.events = events.now
        figures.eventsLost = eventsLost.now
        figures.frames = frames.now
        figures.framesLost = framesLost.now
        figures.logBlocks = logBlocks.now
        figures.logBytes = logBytes.now
        figures.logSegments = logSegments.now
        figures.logErrors = logErrors.now
        figures.maximumLogStall = maximumLogStall.now
        figures.load = loads.now / window / (Self.part / 1000)
        figures.priorityApplied = priorityApplied.load(ordering: .relaxed)
        return figures
    }
}

extension Atomic where Value == UInt64 {
    var now: UInt64 { load(ordering: .relaxed) }

    func add(_ count: UInt64 = 1) {
        guard count > 0 else { return }
        wrappingAdd(count, ordering: .relaxed)
    }

    func raise(to value: UInt64) { _ = max(value, ordering: .relaxed) }

    func set(_ value: UInt64) { store(value, ordering: .relaxed) }
}
