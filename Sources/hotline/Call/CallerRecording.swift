import Calls
import Foundation
import Media
import Recordings
import Synchronization

/// The test caller's own recording: through the same audio log and finisher as the server's, then moved to its place.
final class CallerRecording: Sendable {
    private let folder: URL
    private let target: String?
    private let recording: RecordingID
    private let service: RecordingService?
    private let results: Results

    private final class Results: Sendable {
        let latest = Mutex<Result<FinishedRecording, RecordingError>?>(nil)
    }

    /// - Parameters:
    ///   - folder: for audio log and partial files; removed by the caller afterwards.
    ///   - target: where the WAV is wanted; nil records nothing.
    init(folder: URL, recording: RecordingID, target: String?, time: SystemTime) throws {
        self.folder = folder
        self.recording = recording
        self.target = target
        let results = Results()
        self.results = results
        service =
            target == nil
            ? nil
            : try RecordingService(
                dataFolder: folder.path, format: .wav, time: time,
                finished: { result in results.latest.withLock { $0 = result } })
    }

    /// Where the engine writes its audio log.
    var log: AudioLogSettings {
        var settings = AudioLogSettings(folder: folder.appendingPathComponent("audio-log").path, node: 0)
        if let service { settings.progress = { service.progress($0) } }
        return settings
    }

    /// Makes the file, once the engine is shut down. Blocks for as long as that takes.
    /// - Returns: nil where no recording was wanted, or the call was never answered.
    func finish() -> Result<CallReport.Recording?, any Error> { Result { try made() } }

    private func made() throws -> CallReport.Recording? {
        guard let service, let target else { return nil }
        let isIdle = service.waitUntilIdle(timeoutMilliseconds: 30_000)
        service.stop()
        switch results.latest.withLock({ $0 }) {
        case nil:
            guard isIdle else { throw CommandError("\(target): the recording was not finished within 30 s") }
            return nil
        case .failure(let error): throw error
        case .success(let finished):
            let made = folder.appendingPathComponent("recordings").appendingPathComponent(finished.file)
            let wanted = URL(fileURLWithPath: target)
            if FileManager.default.fileExists(atPath: target) { try FileManager.default.removeItem(at: wanted) }
            // Copied, not moved: the temporary folder may be another file system.
            try FileManager.default.copyItem(at: made, to: wanted)
            return CallReport.Recording(file: target, seconds: finished.length.seconds)
        }
    }
}
