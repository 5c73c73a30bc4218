import Calls
import Foundation
import Glibc

/// What the kernel says.
enum Machine {
    /// Of the last minute.
    static var load: String {
        text("/proc/loadavg").split(separator: " ").first.map(String.init) ?? "unknown"
    }

    /// Bytes of this process in memory.
    static var residentBytes: Int {
        let fields = text("/proc/self/statm").split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * 4096
    }

    /// CPU seconds of this process.
    static var cpuSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// The kernel's clocks.
struct KernelTime: TimeSource {
    func now() -> Instant {
        var wall = timespec()
        var mono = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        clock_gettime(CLOCK_MONOTONIC, &mono)
        return Instant(
            wall: Int64(wall.tv_sec) * 1_000_000 + Int64(wall.tv_nsec) / 1000,
            mono: Int64(mono.tv_sec) * 1_000_000_000 + Int64(mono.tv_nsec))
    }

    static var seconds: Double { Double(KernelTime().now().mono) / 1e9 }
}

/// Processes of normal priority that want every core.
final class Spinners {
    private var processes: [Process] = []

    init() throws {
        for _ in 0..<ProcessInfo.processInfo.processorCount {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/\(getpid())/exe")
            process.arguments = ["spin"]
            try process.run()
            processes.append(process)
        }
    }

    deinit {
        for process in processes {
            process.terminate()
            process.waitUntilExit()
        }
    }

    static func spin() -> Never {
        // Not longer than its parent.
        let parent = getppid()
        var word: UInt64 = 1
        while true {
            for _ in 0..<10_000_000 { word = word &* 6_364_136_223_846_793_005 &+ 1 }
            if word == 0 || getppid() != parent { exit(0) }
        }
    }
}
