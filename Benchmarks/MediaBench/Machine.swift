import Foundation

/// What the kernel says of processor time.
enum Machine {
    /// CPU nanoseconds of this process's threads by name.
    static func threads() throws -> [String: UInt64] {
        var times: [String: UInt64] = [:]
        for id in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task") {
            // A thread may end between listing and reading; it is then none of those measured.
            guard let name = text("/proc/self/task/\(id)/comm"), let figures = text("/proc/self/task/\(id)/schedstat"),
                let time = figures.split(separator: " ").first.flatMap({ UInt64($0) })
            else { continue }
            times[name.trimmingCharacters(in: .whitespacesAndNewlines), default: 0] += time
        }
        return times
    }

    /// Bytes of this process in memory.
    static var residentBytes: Int {
        guard let pages = text("/proc/self/statm")?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            return 0
        }
        return pages * 4096
    }

    /// Jiffies of a core that went by, and of them those that the host took.
    static func stolen(core: Int) -> (total: UInt64, stolen: UInt64) {
        for line in (text("/proc/stat") ?? "").split(separator: "\n") where line.hasPrefix("cpu\(core) ") {
            let fields = line.split(separator: " ").dropFirst().compactMap { UInt64($0) }
            return (fields.prefix(8).reduce(0, +), fields.count > 7 ? fields[7] : 0)
        }
        return (0, 0)
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// A distribution by its sorted values.
struct Distribution {
    private let sorted: [Int64]
    init(_ values: [Int64]) { sorted = values.sorted() }

    func at(_ share: Double) -> Int64 {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
}

func milliseconds(_ nanoseconds: Int64) -> String { String(format: "%.2f ms", Double(nanoseconds) / 1e6) }

/// Prints a line at once, also into a pipe.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
