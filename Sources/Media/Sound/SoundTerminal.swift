import Calls
import Glibc
import Synchronization

/// A sound card for those who have no media engine: the modem simulator's far end, the line test. A thread of its own
/// takes and gives 160 samples every 20 ms of CLOCK_MONOTONIC, as the engine's would.
public final class SoundTerminal: Sendable {
    public let card: SoundCard
    private let thread = Mutex<EngineThread?>(nil)
    /// The thread's own copy of it: the thread does not keep its terminal alive.
    private let current = Mutex<Switch?>(nil)

    private final class Switch: Sendable {
        let isOff = Atomic<Bool>(false)
    }

    /// - Parameter events: the card's; called on its thread, must not wait.
    public init(
        configuration: SoundCardConfiguration, time: any TimeSource,
        events: @escaping @Sendable (SoundCardEvent) -> Void
    ) {
        card = SoundCard(configuration: configuration, time: time, events: events)
    }

    deinit { stop() }

    public var statistics: SoundCardStatistics { card.statistics }

    /// Opens the card and begins to tick. A second call does nothing.
    /// - Parameter frame: called every 20 ms on the terminal's thread with the 160 samples heard (nil: none in time);
    ///   returns 160 to play, of which missing ones are silence and further ones are left out. It has some
    ///   milliseconds. Ticks that were missed by more than 100 ms are left out.
    /// - Throws: `MediaError` with code `.limit` where a thread cannot be made or another user has the card.
    public func start(_ frame: @escaping @Sendable (_ heard: [Int16]?) -> [Int16]) throws(MediaError) {
        try thread.withLock { (running) throws(MediaError) in
            guard running == nil else { return }
            guard card.link.pointee.claim() else {
                throw MediaError(.limit, "the sound card `\(card.configuration.capture)` is in use by another call")
            }
            let ticking = Switch()
            do throws(MediaError) {
                running = try EngineThread("sound-terminal") { [card] in Self.tick(card, ticking, frame) }
            } catch {
                card.link.pointee.release()
                throw error
            }
            current.withLock { $0 = ticking }
            card.open()
        }
    }

    /// Ends the ticks, waits for the last one, and closes the card. Not from within `frame`.
    public func stop() {
        let running = thread.withLock { running in
            defer { running = nil }
            return running
        }
        guard let running else { return }
        current.withLock { $0?.isOff.store(true, ordering: .releasing) }
        running.join()
        card.link.pointee.release()
        card.close()
    }

    private static func tick(
        _ card: SoundCard, _ ticking: Switch, _ frame: @Sendable ([Int16]?) -> [Int16]
    ) {
        let count = LegReceiver.samplesPerTick
        let samples = UnsafeMutablePointer<Int16>.allocate(capacity: count)
        defer { samples.deallocate() }
        samples.initialize(repeating: 0, count: count)
        var schedule = TickSchedule(first: SystemTime.monotonic() + TickSchedule.interval)
        card.link.pointee.begin()
        while !ticking.isOff.load(ordering: .acquiring) {
            EngineThreads.sleep(until: schedule.next)
            let due = schedule.due(at: SystemTime.monotonic())
            if due.skipped > 0 { card.link.pointee.skip(ticks: due.skipped) }
            for _ in 0..<due.run {
                let isThere = card.link.pointee.take(into: samples)
                let answer = frame(isThere ? Array(UnsafeBufferPointer(start: samples, count: count)) : nil)
                samples.update(repeating: 0, count: count)
                for (index, sample) in answer.prefix(count).enumerated() { samples[index] = sample }
                card.link.pointee.give(samples)
            }
        }
        card.link.pointee.end()
    }
}
