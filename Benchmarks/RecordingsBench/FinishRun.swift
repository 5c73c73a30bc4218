import Foundation
import Glibc
import Recordings
import Synchronization

/// All that a service told.
final class Told: Sendable {
    private let results = Mutex<[Result<FinishedRecording, RecordingError>]>([])

    func note(_ result: Result<FinishedRecording, RecordingError>) { results.withLock { $0.append(result) } }

    var count: Int { results.withLock { $0.count } }

    /// In the order in which they were finished.
    func recordings() throws -> [FinishedRecording] {
        try results.withLock { results in try results.map { try $0.get() } }
    }
}

/// A folder that is gone afterwards.
struct BenchFolder {
    let path: String

    init(_ parent: String) throws {
        path = "\(parent)/run-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func remove() throws { try FileManager.default.removeItem(atPath: path) }
}

/// Recordings of one length, finished at idle priority as after a crash: the log is read first, then the files are made.
struct FinishRun {
    let folder: String
    let minutes: Int
    let hours: Int
    /// Every core is wanted by a process of normal priority.
    let isBusy: Bool

    func run() throws {
        let place = try BenchFolder(folder)
        let count = max(1, hours * 60 / minutes)
        let calls = (0..<count).map { BenchCall(number: UInt64($0)) }
        let steps = minutes * 300
        let material = Material()
        let log = try LogWriter(dataFolder: place.path)
        for call in calls { try log.start(call) }
        for step in 0..<steps {
            for call in calls { try log.audio(call, step: step, material) }
        }
        for call in calls { try log.end(call, steps: steps) }
        try log.close()

        let told = Told()
        let service = try RecordingService(dataFolder: place.path, format: .flac, time: KernelTime()) { told.note($0) }
        let spinners = isBusy ? try Spinners() : nil
        let begin = KernelTime.seconds
        _ = try service.recover()
        let read = KernelTime.seconds
        let cpu = Machine.cpuSeconds
        // A busy machine leaves the finisher little: what it made in a minute is enough to tell.
        while told.count < count, !isBusy || KernelTime.seconds - read < 60 { usleep(20_000) }
        let seconds = KernelTime.seconds - read
        let used = Machine.cpuSeconds - cpu
        let made = told.count
        withExtendedLifetime(spinners) {}
        service.stop()
        let recordings = try told.recordings()
        let audio = Double(made * minutes * 60)
        let bytes = recordings.reduce(0) { $0 + $1.bytes }
        say(
            """
            finish \(count) × \(minutes) min\(isBusy ? ", beside a busy machine" : ""): \
            \(made) in \(String(format: "%.2f", seconds)) s, \(String(format: "%.0f", audio / seconds)) × real time, \
            \(String(format: "%.2f", Double(made) / seconds)) recordings/s, \
            \(String(format: "%.2f", made == 0 ? 0 : used / audio * 3600)) CPU s an hour of call, \
            \(String(format: "%.1f", made == 0 ? 0 : Double(bytes) / audio / 1000)) kB a second of call; \
            log read in \(String(format: "%.2f", read - begin)) s
            """)
        guard recordings.allSatisfy({ $0.frames == Int64(minutes) * 480_000 && $0.gaps.isEmpty }) else {
            throw BenchError("a recording is not whole")
        }
        try place.remove()
    }
}
