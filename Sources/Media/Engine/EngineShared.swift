import CLinux
import Calls
import Glibc

/// What a media thread has in common with the engine's other threads: the rings between them and the counters. Owned by the
/// engine, which outlives its threads.
struct EngineShared: ~Copyable {
    let commands: Ring<Command>
    /// Commands beyond so many are refused; what is above is for `close` and `stopRecording`.
    let ordinaryCommands: Int
    let events: Ring<MediaEvent>
    let tap: TapRing
    let returned = ReturnStack()
    let counters: EngineCounters
    /// The event thread's, of all media threads.
    let bell: EngineBell

    /// - Parameter budget: nil where there is one media thread.
    init(_ configuration: MediaConfiguration, bell: EngineBell, budget: TapBudget?) {
        self.bell = bell
        counters = EngineCounters(phases: configuration.phases)
        // A close for each leg, a stop for each recording, the stop of all.
        commands = Ring(capacity: configuration.commandRing + 3 * configuration.maximumLegs + 1)
        ordinaryCommands = configuration.commandRing
        events = Ring(capacity: configuration.eventRing)
        tap = TapRing(capacity: configuration.tapFrames, budget: budget)
    }
}

/// Wakes the event thread when there are events: an eventfd. Its owner closes it.
struct EngineBell {
    private let descriptor: Int32

    init() throws(MediaError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw MediaError(.socket, "an eventfd cannot be made", errno: errno) }
    }

    func close() { Glibc.close(descriptor) }

    func ring() {
        var one: UInt64 = 1
        // It can only fail where it is rung already.
        _ = Glibc.write(descriptor, &one, 8)
    }

    /// Waits for the bell, at most so long.
    func wait(milliseconds: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) > 0 else { return }
        var count: UInt64 = 0
        _ = Glibc.read(descriptor, &count, 8)
    }
}
