import CLinux
import Calls
import Glibc

/// What the engine's threads have in common: the rings between them and the counters. Owned by the engine, which
/// outlives its threads.
struct EngineShared: ~Copyable {
    let commands: Ring<Command>
    /// Commands beyond so many are refused; what is above is for `close` and `stopRecording`.
    let ordinaryCommands: Int
    let events: Ring<MediaEvent>
    let tap: TapRing
    let returned = ReturnStack()
    let counters = EngineCounters()
    /// An eventfd, written when there are events.
    let bell: Int32

    init(_ configuration: MediaConfiguration) throws(MediaError) {
        bell = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard bell >= 0 else { throw MediaError(.socket, "an eventfd cannot be made", errno: errno) }
        // A close for each leg, a stop for each recording, the stop of all.
        commands = Ring(capacity: configuration.commandRing + 3 * configuration.maximumLegs + 1)
        ordinaryCommands = configuration.commandRing
        events = Ring(capacity: configuration.eventRing)
        tap = TapRing(capacity: configuration.tapFrames)
    }

    deinit { Glibc.close(bell) }

    func ring() {
        var one: UInt64 = 1
        // It can only fail where it is rung already.
        _ = Glibc.write(bell, &one, 8)
    }

    /// Waits for the bell, at most so long.
    func wait(milliseconds: Int32) {
        var entry = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) > 0 else { return }
        var count: UInt64 = 0
        _ = Glibc.read(bell, &count, 8)
    }
}
