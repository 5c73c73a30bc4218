import CLinux
import Calls
import Glibc

/// A media thread's own: every leg and every recording of its shard, and one method that runs a phase's turn of a tick.
///
/// A tick's work lies in as many turns as there are phases, evenly over its 20 ms: what leaves last in a turn waits for a
/// part of the others alone, and is as late as they are many by a part as much. All of a call is of one phase.
///
/// All memory is there before the first tick; what legs, plays and recordings need comes with their commands and goes
/// back by the return stack. Nothing here waits, allocates, locks or counts references. It has no clock either: the
/// thread, or a test, tells the time.
struct EngineCore: ~Copyable {
    let shared: UnsafeMutablePointer<EngineShared>
    private let phases: UnsafeMutablePointer<EnginePhase>
    let phaseCount: Int
    /// The one whose turn it is, or whose leg a command is for.
    private var phase: UnsafeMutablePointer<EnginePhase>
    let datagrams = DatagramBatch()
    let control: ControlPort
    let scratch = Scratch()
    /// The running turn's moment.
    var now = Instant(wall: 0, mono: 0)
    var figures = TickFigures()
    /// RTP datagrams sent in the last turn.
    private(set) var sent: UInt64 = 0

    /// - Parameter shared: outlives this value.
    init(shared: UnsafeMutablePointer<EngineShared>, configuration: MediaConfiguration) throws(MediaError) {
        self.shared = shared
        control = try ControlPort()
        phaseCount = configuration.phases
        phases = .allocate(capacity: phaseCount)
        for index in 0..<phaseCount {
            (phases + index).initialize(to: EnginePhase(maximumLegs: configuration.maximumLegs))
        }
        phase = phases
    }

    deinit {
        phases.deinitialize(count: phaseCount)
        phases.deallocate()
    }

    // MARK: - The phase at hand

    /// What follows is about the legs and recordings of this phase.
    mutating func enter(_ index: Int) { phase = phases + index }

    var legs: UnsafeMutablePointer<LegPointer> { phase.pointee.legs }
    var recordings: UnsafeMutablePointer<RecordingPointer> { phase.pointee.recordings }

    var legCount: Int {
        get { phase.pointee.legCount }
        nonmutating set { phase.pointee.legCount = newValue }
    }

    var recordingCount: Int {
        get { phase.pointee.recordingCount }
        nonmutating set { phase.pointee.recordingCount = newValue }
    }

    var hasClosed: Bool {
        get { phase.pointee.hasClosed }
        nonmutating set { phase.pointee.hasClosed = newValue }
    }

    // MARK: - Turns

    /// A phase's turn: 20 ms of its legs. All legs are played out before any is sent to that hears another: what one says
    /// leaves to those who hear it within the turn, whatever their order. Who hears nobody is sent to as soon as it is
    /// played out: how far into the turn a caller's packets leave depends on those before it in the list alone, not on how
    /// many came after. Commands are obeyed in every turn, whichever phase they are for.
    mutating func turn(_ index: Int, at instant: Instant) {
        now = instant
        obey()
        enter(index)
        settleRecordings()
        dropClosing()
        // RTCP is in no hurry.
        if index == 0 { receiveControl() }
        for index in 0..<legCount {
            receive(legs[index])
            if legs[index].pointee.hears.count == 0 { send(legs[index]) }
        }
        for index in 0..<legCount where legs[index].pointee.hears.count > 0 { send(legs[index]) }
        tap()
        finishLegs()
        publish()
    }

    /// Leaves out a phase's turns that are too long ago to be made up for: clocks and positions go on, audio does not.
    mutating func skip(_ index: Int, ticks: Int, at instant: Instant) {
        guard ticks > 0 else { return }
        now = instant
        enter(index)
        for index in 0..<legCount {
            let leg = legs[index]
            tell(leg, .skipped(milliseconds: ticks &* 20))
            leg.pointee.receiver.skip(ticks: ticks)
            if leg.pointee.isStarted, let link = leg.pointee.sound { link.pointee.skip(ticks: ticks) }
            leg.pointee.stream.advance(ticks: ticks)
            leg.pointee.stream.spurtBegins = true
        }
        for index in 0..<recordingCount {
            let live = recordings[index].pointee.live
            if live.pointee.isRunning { live.pointee.position &+= Int64(ticks) &* AudioPosition.tick.units }
        }
        shared.pointee.counters.skippedTurns.add(UInt64(ticks))
    }

    /// Nothing is left to be told about or handed back.
    var isEmpty: Bool {
        let all = totals
        return all.legs == 0 && all.recordings == 0 && shared.pointee.commands.count == 0
    }

    /// A phase has no leg and no recording.
    func isIdle(_ index: Int) -> Bool { phases[index].legCount == 0 && phases[index].recordingCount == 0 }

    /// Of all phases.
    private var totals: (legs: Int, recordings: Int) {
        var all = (legs: 0, recordings: 0)
        for index in 0..<phaseCount {
            all.legs += phases[index].legCount
            all.recordings += phases[index].recordingCount
        }
        return all
    }

    // MARK: - Events

    /// Puts an event about a leg into the ring; one that does not fit is counted. A quarter of the ring is kept for
    /// what calls cannot go on without.
    mutating func tell(_ leg: LegPointer, _ kind: MediaEvent.Kind) {
        var position: AudioPosition?
        if let recording = leg.pointee.recording {
            let live = recording.pointee.live
            position = AudioPosition(units: live.pointee.position)
        }
        let event = MediaEvent(
            leg: leg.pointee.id, call: leg.pointee.call, at: now, position: position, kind: kind)
        if !post(event, keeping: Self.isEssential(kind) ? 0 : shared.pointee.events.capacity / 4) {
            figures.eventsLost &+= 1
        }
    }

    private static func isEssential(_ kind: MediaEvent.Kind) -> Bool {
        switch kind {
        case .keyDown, .playFinished, .playStopped, .recordingStarted, .recordingStopped, .recordingPaused,
            .recordingResumed, .keysSent, .closed:
            true
        case .firstPacket, .latched, .keyUp, .playStarted, .talkStarted, .silent, .inactive, .active, .skipped: false
        }
    }

    /// Puts an event into the ring; false where it does not fit.
    mutating func post(_ event: MediaEvent, keeping reserve: Int = 0) -> Bool {
        guard shared.pointee.events.push(event, keeping: reserve) else { return false }
        figures.events &+= 1
        return true
    }

    // MARK: - The end of a turn

    /// Legs that were closed leave the list once their last event has found room.
    private mutating func finishLegs() {
        var index = 0
        while index < legCount {
            let leg = legs[index]
            guard leg.pointee.isClosing else {
                index += 1
                continue
            }
            var statistics = LegStatistics()
            leg.pointee.receiver.fill(&statistics)
            statistics.packetsSent = leg.pointee.stream.packets
            statistics.sendErrors = leg.pointee.sendErrors
            let event = MediaEvent(
                leg: leg.pointee.id, call: leg.pointee.call, at: now, position: nil, kind: .closed(statistics))
            guard post(event) else {
                index += 1
                continue
            }
            figures.foreignSource &+= statistics.foreignSource
            legCount -= 1
            legs[index] = legs[legCount]
            legs[index].pointee.index = index
            shared.pointee.returned.push(leg.pointee.link)
        }
    }

    private mutating func publish() {
        let counters = UnsafePointer(shared)
        sent = figures.sent
        let all = totals
        figures.publish(to: counters)
        counters.pointee.counters.turns.add()
        counters.pointee.counters.legs.set(UInt64(all.legs))
        counters.pointee.counters.recordings.set(UInt64(all.recordings))
        // The pump looks after what is returned too.
        if figures.events > 0 || !counters.pointee.returned.isEmpty { counters.pointee.bell.ring() }
        figures = TickFigures()
    }
}

/// Memory that a turn works in, and bytes that never change.
struct Scratch: ~Copyable {
    /// 160 samples.
    let linear: UnsafeMutablePointer<Int16>
    let mixer = Mixer()
    /// Our canonical name in RTCP: random, new with each start, nothing of the machine or a person (RFC 7022).
    let cname: UnsafeRawBufferPointer
    private let silences: UnsafeMutablePointer<UInt8>

    init() {
        linear = .allocate(capacity: Leg.tick)
        linear.initialize(repeating: 0, count: Leg.tick)
        silences = .allocate(capacity: 2 * Leg.tick)
        silences.initialize(repeating: G711.idle(.pcma), count: Leg.tick)
        (silences + Leg.tick).initialize(repeating: G711.idle(.pcmu), count: Leg.tick)
        let name = UnsafeMutableRawBufferPointer.allocate(byteCount: 20, alignment: 1)
        let digits: StaticString = "abcdefghijklmnopqrstuvwxyz234567"
        for index in 0..<name.count { name[index] = digits.utf8Start[Int.random(in: 0..<32)] }
        cname = UnsafeRawBufferPointer(name)
    }

    deinit {
        linear.deallocate()
        silences.deallocate()
        cname.deallocate()
    }

    /// A tick of silence.
    func silence(_ codec: Codec) -> UnsafePointer<UInt8> {
        UnsafePointer(codec == .pcma ? silences : silences + Leg.tick)
    }
}

/// What one turn counted, so that the shared counters are touched once a turn.
struct TickFigures {
    var received: UInt64 = 0
    var sent: UInt64 = 0
    var controlReceived: UInt64 = 0
    var controlSent: UInt64 = 0
    var oversized: UInt64 = 0
    var floods: UInt64 = 0
    var sendErrors: UInt64 = 0
    var foreignSource: UInt64 = 0
    var commands: UInt64 = 0
    var events: UInt64 = 0
    var eventsLost: UInt64 = 0
    var frames: UInt64 = 0
    var framesLost: UInt64 = 0

    func publish(to shared: UnsafePointer<EngineShared>) {
        shared.pointee.counters.datagramsReceived.add(received)
        shared.pointee.counters.datagramsSent.add(sent)
        shared.pointee.counters.controlReceived.add(controlReceived)
        shared.pointee.counters.controlSent.add(controlSent)
        shared.pointee.counters.oversized.add(oversized)
        shared.pointee.counters.floods.add(floods)
        shared.pointee.counters.sendErrors.add(sendErrors)
        shared.pointee.counters.foreignSource.add(foreignSource)
        shared.pointee.counters.commands.add(commands)
        shared.pointee.counters.events.add(events)
        shared.pointee.counters.eventsLost.add(eventsLost)
        shared.pointee.counters.frames.add(frames)
        shared.pointee.counters.framesLost.add(framesLost)
    }
}
