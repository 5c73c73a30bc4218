import CBench
import Foundation
import Glibc

/// A thread that does nothing but wake every 20 ms: what the machine adds before any work of ours.
struct TimerFloor {
    var lateness: Distribution
    /// CPU nanoseconds a tick.
    var cpu: Int64

    static func measure(seconds: Int) -> TimerFloor {
        var late: [Int64] = []
        late.reserveCapacity(seconds * 50)
        let begin = clock(CLOCK_MONOTONIC)
        let cpuBegin = clock(CLOCK_THREAD_CPUTIME_ID)
        for tick in 1...Int64(seconds * 50) {
            let due = begin + tick * 20_000_000
            var deadline = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
            while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nil) == EINTR {}
            late.append(clock(CLOCK_MONOTONIC) - due)
        }
        return TimerFloor(
            lateness: Distribution(late), cpu: (clock(CLOCK_THREAD_CPUTIME_ID) - cpuBegin) / Int64(seconds * 50))
    }

    static func clock(_ which: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(which, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    func print() {
        say(
            "timer floor: late by p50 \(milliseconds(lateness.at(0.5))), p99 \(milliseconds(lateness.at(0.99))), "
                + "max \(milliseconds(lateness.at(1))); \(cpu / 1000) µs of CPU a tick")
    }
}
