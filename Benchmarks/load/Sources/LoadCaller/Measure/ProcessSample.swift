import CLoad
import Foundation

/// What the kernel says of a process at one moment.
struct ProcessSample: Sendable {
    struct Thread: Sendable, Hashable {
        var name: String
        /// Runs only where nothing else wants the processor (SCHED_IDLE).
        var isIdle: Bool
        /// CPU nanoseconds.
        var cpu: UInt64
        var voluntary: Int
        var involuntary: Int
    }

    /// CLOCK_MONOTONIC.
    var at: Int64
    var threads: [Int: Thread] = [:]
    /// User and system time of the whole process, in ticks of 10 ms; threads that have ended are in it.
    var ticks: UInt64 = 0
    /// Kilobytes.
    var resident = 0
    /// Kilobytes, shared pages by their share; nil where it was not asked for or is not told.
    var proportional: Int?

    /// - Parameter measuresPSS: takes milliseconds on a large process.
    /// - Returns: nil where there is no such process.
    init?(_ process: Int, measuresPSS: Bool = false) {
        at = load_monotonic()
        let folder = "/proc/\(process)"
        guard let stat = Self.text("\(folder)/stat"), let close = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: close)...].split(separator: " ")
        if fields.count > 12 { ticks = (UInt64(fields[11]) ?? 0) + (UInt64(fields[12]) ?? 0) }
        let status = Self.text("\(folder)/status") ?? ""
        resident = Self.number(status, "VmRSS:") ?? 0
        if measuresPSS { proportional = Self.text("\(folder)/smaps_rollup").flatMap { Self.number($0, "Pss:") } }
        // A thread may end between listing and reading: then it is none of those measured.
        let list: [String]
        do {
            list = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/task")
        } catch {
            return nil
        }
        for id in list {
            guard let number = Int(id), let name = Self.text("\(folder)/task/\(id)/comm"),
                let figures = Self.text("\(folder)/task/\(id)/schedstat"),
                let cpu = figures.split(separator: " ").first.flatMap({ UInt64($0) }),
                let status = Self.text("\(folder)/task/\(id)/status"),
                let stat = Self.text("\(folder)/task/\(id)/stat"), let close = stat.lastIndex(of: ")")
            else { continue }
            let fields = stat[stat.index(after: close)...].split(separator: " ")
            threads[number] = Thread(
                name: name.trimmingCharacters(in: .whitespacesAndNewlines),
                isIdle: fields.count > 38 && fields[38] == "5", cpu: cpu,
                voluntary: Self.number(status, "voluntary_ctxt_switches:") ?? 0,
                involuntary: Self.number(status, "nonvoluntary_ctxt_switches:") ?? 0)
        }
    }

    private static func number(_ text: String, _ name: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            return line.dropFirst(name.count).split(whereSeparator: { $0 == " " || $0 == "\t" }).first.flatMap {
                Int($0)
            }
        }
        return nil
    }

    static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Jiffies of these processors that went by, and of them those that the host took.
    static func stolen(_ cpus: [Int]) -> (total: UInt64, stolen: UInt64) {
        var sum: (total: UInt64, stolen: UInt64) = (0, 0)
        let names = Set(cpus.map { "cpu\($0)" })
        for line in (text("/proc/stat") ?? "").split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 8, names.contains(String(fields[0])) else { continue }
            let numbers = fields.dropFirst().prefix(8).compactMap { UInt64($0) }
            sum.total += numbers.reduce(0, +)
            sum.stolen += numbers.count > 7 ? numbers[7] : 0
        }
        return sum
    }
}

/// What a process took between two moments.
package struct ProcessFigures: Sendable, Codable {
    package struct Thread: Sendable, Codable {
        package var name: String
        /// How many threads have this name.
        package var threads: Int
        /// They run only where nothing else wants the processor.
        package var isIdle: Bool
        /// Per cent of a processor.
        package var cpu: Double
        package var voluntary: Double
        package var involuntary: Double

        enum CodingKeys: String, CodingKey {
            case name, threads
            case isIdle = "idle_priority"
            case cpu = "cpu_percent"
            case voluntary = "voluntary_switches_per_s"
            case involuntary = "involuntary_switches_per_s"
        }
    }

    package var seconds: Double
    /// Per cent of a processor, of all threads.
    package var cpu: Double
    /// The same without threads at idle priority, which take what is left.
    package var live: Double
    package var threads: [Thread]
    /// Kilobytes at the end.
    package var resident: Int
    package var proportional: Int?

    enum CodingKeys: String, CodingKey {
        case seconds, threads
        case cpu = "cpu_percent"
        case live = "live_cpu_percent"
        case resident = "resident_kb"
        case proportional = "proportional_kb"
    }

    init(_ first: ProcessSample, _ second: ProcessSample) {
        seconds = Double(second.at - first.at) / 1e9
        let span = max(seconds, 0.001)
        struct Sum {
            var threads = 0
            var cpu: UInt64 = 0
            var voluntary = 0
            var involuntary = 0
        }
        struct Key: Hashable {
            var name: String
            var isIdle: Bool
        }
        var byName: [Key: Sum] = [:]
        for (id, thread) in second.threads {
            let before = first.threads[id]
            let key = Key(name: thread.name, isIdle: thread.isIdle)
            var sum = byName[key] ?? Sum()
            sum.threads += 1
            sum.cpu += thread.cpu - min(thread.cpu, before?.cpu ?? 0)
            sum.voluntary += thread.voluntary - (before?.voluntary ?? 0)
            sum.involuntary += thread.involuntary - (before?.involuntary ?? 0)
            byName[key] = sum
        }
        threads = byName.map { key, sum in
            Thread(
                name: key.name, threads: sum.threads, isIdle: key.isIdle, cpu: Double(sum.cpu) / span / 1e7,
                voluntary: Double(sum.voluntary) / span, involuntary: Double(sum.involuntary) / span)
        }.sorted { ($0.cpu, $0.name) > ($1.cpu, $1.name) }
        cpu = threads.reduce(0) { $0 + $1.cpu }
        live = threads.reduce(0) { $1.isIdle ? $0 : $0 + $1.cpu }
        // Threads that ended in between are in the process's own sum alone, which counts in ticks.
        let whole = Double(second.ticks - min(second.ticks, first.ticks)) / span
        if whole > cpu + 2 { cpu = whole }
        resident = second.resident
        proportional = second.proportional
    }
}
