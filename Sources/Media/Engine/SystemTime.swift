import Calls
import Glibc

/// The kernel's clocks: CLOCK_REALTIME and CLOCK_MONOTONIC.
public struct SystemTime: TimeSource {
    public init() {}

    public func now() -> Instant {
        var wall = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        return Instant(wall: Int64(wall.tv_sec) * 1_000_000 + Int64(wall.tv_nsec) / 1000, mono: Self.monotonic())
    }

    /// CLOCK_MONOTONIC, nanoseconds.
    static func monotonic() -> Int64 {
        var mono = timespec()
        clock_gettime(CLOCK_MONOTONIC, &mono)
        return Int64(mono.tv_sec) * 1_000_000_000 + Int64(mono.tv_nsec)
    }
}
