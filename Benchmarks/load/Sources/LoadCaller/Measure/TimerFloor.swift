import CLoad
import Synchronization

/// A thread that does nothing but wake every 20 ms at absolute times: what the machine adds before any work of anybody.
final class TimerFloor: @unchecked Sendable {
    private let shouldStop = Atomic<Bool>(false)
    private let histogram = Histogram()

    /// Blocks for so many seconds.
    static func measure(seconds: Double) -> Spread {
        let floor = TimerFloor()
        floor.run(ticks: Int(seconds * 50))
        return floor.spread
    }

    /// Until `stop`.
    func run() {
        _ = load_name_thread("load-floor")
        run(ticks: .max)
    }

    private func run(ticks: Int) {
        let begin = load_monotonic()
        var tick: Int64 = 1
        while tick <= ticks, !shouldStop.load(ordering: .acquiring) {
            let due = begin + tick * 20_000_000
            load_sleep_until(due)
            histogram.add(load_monotonic() - due)
            tick += 1
        }
    }

    func stop() { shouldStop.store(true, ordering: .releasing) }

    /// After its thread has ended.
    var spread: Spread { Spread(histogram) }
}
