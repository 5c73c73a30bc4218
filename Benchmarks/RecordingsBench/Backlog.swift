import AudioLog
import Calls
import Foundation
import Glibc
import Recordings

/// Many recordings wait for the finisher while calls go on: their order, what they take of memory, and whether the
/// recording of a call that runs meanwhile is whole. What is judged are counts.
struct Backlog {
    let folder: String
    let recordings: Int
    /// Of each.
    private static let seconds = 20
    /// Of the calls that run meanwhile.
    private static let live = 20

    func run() throws {
        let place = try BenchFolder(folder)
        let material = Material()
        let calls = (0..<recordings).map { BenchCall(number: UInt64($0)) }
        let steps = Self.seconds * 5
        let log = try LogWriter(dataFolder: place.path)
        // A hundred at a time, so that they end one after the other.
        for group in stride(from: 0, to: calls.count, by: 100) {
            let some = calls[group..<min(calls.count, group + 100)]
            for call in some { try log.start(call) }
            for step in 0..<steps {
                for call in some { try log.audio(call, step: step, material) }
            }
            for call in some { try log.end(call, steps: steps) }
        }
        try log.close()

        let told = Told()
        let service = try RecordingService(dataFolder: place.path, format: .flac, time: KernelTime()) { told.note($0) }
        let before = Machine.residentBytes
        let begin = KernelTime.seconds
        let found = try service.recover()
        var most = Machine.residentBytes
        // Twenty calls run on, in real time, as the media engine would write them.
        let running = (0..<Self.live).map { BenchCall(number: UInt64(1_000_000 + $0)) }
        let second = try LogWriter(dataFolder: place.path, sequence: log.sequence + 1)
        for call in running { try second.start(call) }
        let segment = second.sequence
        let alreadyRead = service.statistics.bytesRead
        let liveBegin = KernelTime.seconds
        var step = 0
        var behind = 0
        while told.count < recordings {
            for call in running { try second.audio(call, step: step, material) }
            try second.flush()
            service.progress(
                AudioLogProgress(
                    sequence: second.sequence, path: second.path, flushedBytes: second.written, isSealed: false))
            step += 1
            let due = liveBegin + Double(step) * 0.2
            let left = due - KernelTime.seconds
            if left > 0 { usleep(UInt32(left * 1e6)) }
            most = max(most, Machine.residentBytes)
            // Read to its end before the next flush: the backlog does not hold up the calls that run.
            if service.statistics.bytesRead - alreadyRead < second.written { behind += 1 }
            guard second.sequence == segment else { throw BenchError("the backlog took more than three minutes") }
        }
        let seconds = KernelTime.seconds - begin
        let finished = told.count
        for call in running { try second.end(call, steps: step) }
        try second.close()
        service.progress(
            AudioLogProgress(sequence: second.sequence, path: second.path, flushedBytes: second.written, isSealed: true)
        )
        guard service.waitUntilIdle(timeoutMilliseconds: 600_000) else { throw BenchError("the finisher stands still") }
        let made = try told.recordings()
        let order = made.prefix(recordings).map(\.recording)
        let late = made.dropFirst(recordings)
        let isInOrder = order == found.map(\.recording)
        let isWhole = late.count == Self.live && late.allSatisfy { $0.frames == Int64(step) * 1600 && $0.gaps.isEmpty }
        for recording in made { service.confirm(recording.recording) }
        guard service.waitUntilIdle(timeoutMilliseconds: 600_000) else { throw BenchError("nothing is confirmed") }
        let left = service.statistics
        service.stop()
        say(
            """
            backlog of \(recordings) × \(Self.seconds) s: \(finished) in \(String(format: "%.1f", seconds)) s \
            (\(String(format: "%.1f", Double(finished) / seconds)) recordings/s), \
            \(isInOrder ? "in order" : "OUT OF ORDER"), memory \
            \(before >> 20) MiB before, \(most >> 20) MiB at most; \(Self.live) calls ran meanwhile for \(step) flushes, \
            \(behind) of them not yet read at the next; their recordings are \(isWhole ? "whole" : "NOT WHOLE"); \
            left over: \(left.segments) segments, \(left.unconfirmed) unconfirmed
            """)
        guard isInOrder, isWhole, left.segments == 0, left.unconfirmed == 0 else {
            throw BenchError("the backlog was not worked off as it should be")
        }
        try place.remove()
    }
}
