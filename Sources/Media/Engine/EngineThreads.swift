import CLinux
import Calls
import Glibc
import Synchronization

/// The engine's threads, from start to join.
final class EngineThreads: Sendable {
    private final class Switches: Sendable {
        let media = Atomic<Bool>(false)
        let writer = Atomic<Bool>(false)
        let pump = Atomic<Bool>(false)
    }

    /// After a stop, ticks in which a media thread still tries to get rid of the last events.
    private static let graceTicks: Int64 = 50
    /// After a stop, steps of 100 ms in which the writer still tries a disk that refuses.
    private static let graceSteps = 20

    private let switches: Switches
    private let parts: EngineParts
    private let media: [EngineThread]
    private let writer: EngineThread
    private let pump: EngineThread

    init(_ parts: EngineParts, priority: MediaPriority, flushMilliseconds: Int) throws(MediaError) {
        let switches = Switches()
        self.switches = switches
        self.parts = parts
        let pump = try EngineThread("media-events") { Self.deliver(parts, switches) }
        let writer: EngineThread
        do throws(MediaError) {
            writer = try EngineThread("audio-log") { Self.write(parts, switches, every: flushMilliseconds) }
        } catch {
            switches.pump.store(true, ordering: .releasing)
            pump.join()
            throw error
        }
        let begin = SystemTime.monotonic() + TickSchedule.interval
        var media: [EngineThread] = []
        do throws(MediaError) {
            for thread in 0..<parts.count {
                let name = thread == 0 ? "media" : "media-\(thread + 1)"
                media.append(try EngineThread(name) { Self.tick(parts, thread, switches, priority, from: begin) })
            }
        } catch {
            switches.media.store(true, ordering: .releasing)
            for thread in media { thread.join() }
            switches.writer.store(true, ordering: .releasing)
            writer.join()
            switches.pump.store(true, ordering: .releasing)
            pump.join()
            throw error
        }
        self.media = media
        self.pump = pump
        self.writer = writer
    }

    /// Stops and joins, in the order in which work flows; what is in the rings is worked off.
    func stop() {
        switches.media.store(true, ordering: .releasing)
        for thread in media { thread.join() }
        switches.writer.store(true, ordering: .releasing)
        writer.join()
        switches.pump.store(true, ordering: .releasing)
        parts.bell.ring()
        pump.join()
    }

    // MARK: - A media thread

    private static func tick(
        _ parts: EngineParts, _ thread: Int, _ switches: Switches, _ priority: MediaPriority, from begin: Int64
    ) {
        let status =
            switch priority {
            case .nice(let value): hotline_set_nice(Int32(value))
            case .realtime: hotline_set_realtime(1)
            }
        parts.shards[thread].counters.priorityApplied.store(status == 0, ordering: .relaxed)
        // Better than nothing, and perhaps not allowed either.
        if status != 0, priority == .realtime { _ = hotline_set_nice(-10) }
        // Threads that share a processor are not to want it at the same moment.
        let turn = TickSchedule.interval / Int64(parts.phases)
        let shift = turn * Int64(thread) / Int64(parts.count)
        var schedule = TickSchedule(first: begin + shift, phases: parts.phases)
        var last: Int64?
        while true {
            parts.pass(thread, &schedule)
            sleep(until: schedule.next)
            parts.run(thread, schedule.due(at: SystemTime.monotonic()))
            if switches.media.load(ordering: .acquiring) {
                let now = SystemTime.monotonic()
                let end = last ?? now + graceTicks * TickSchedule.interval
                last = end
                if parts.isEmpty(thread) || now >= end { return }
            }
        }
    }

    /// - Parameter nanoseconds: CLOCK_MONOTONIC.
    static func sleep(until nanoseconds: Int64) {
        var deadline = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        // Interrupted by a signal, it goes on to sleep until the same moment.
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nil) == EINTR {}
    }

    // MARK: - The writer's thread

    private static func write(_ parts: EngineParts, _ switches: Switches, every milliseconds: Int) {
        let interval = Int64(max(10, milliseconds)) * 1_000_000
        var next = SystemTime.monotonic() + interval
        while !switches.writer.load(ordering: .acquiring) {
            // Short sleeps, so that a stop is not kept waiting.
            let now = SystemTime.monotonic()
            if now < next {
                sleep(until: min(next, now + 50_000_000))
                continue
            }
            parts.writer.pointee.step(at: parts.time.now())
            next = max(next + interval, SystemTime.monotonic() + interval / 2)
        }
        for _ in 0..<graceSteps {
            if parts.writer.pointee.finish(at: parts.time.now()) { return }
            sleep(until: SystemTime.monotonic() + 100_000_000)
        }
    }

    // MARK: - The event thread

    private static func deliver(_ parts: EngineParts, _ switches: Switches) {
        while !switches.pump.load(ordering: .acquiring) {
            parts.bell.wait(milliseconds: 1000)
            parts.deliver()
        }
        parts.deliver()
    }
}
