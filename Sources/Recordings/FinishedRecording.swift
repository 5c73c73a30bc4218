import AudioLog
import Calls

/// A channel of a recording, as its start block named it.
public struct RecordedChannel: Sendable, Hashable, Codable {
    /// 0: left, 1: right.
    public var index: Int
    public var leg: LegID
    /// `received` or `sent`.
    public var tap: String

    public init(index: Int, leg: LegID, tap: String) {
        self.index = index
        self.leg = leg
        self.tap = tap
    }

    init(_ channel: AudioLogStart.Channel) {
        self.init(index: Int(channel.index), leg: channel.leg, tap: channel.tap == .sent ? "sent" : "received")
    }
}

/// A recording whose file is complete, named, synced and hashed.
public struct FinishedRecording: Sendable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    /// Below the data folder's `recordings/`: `YYYY/MM/DD/<UTC time>-<call id>.flac`.
    public var file: String
    /// `flac` or `wav`.
    public var format: String
    /// Samples a second.
    public var rate: Int
    /// Samples in each channel; all channels are equally long.
    public var frames: Int64
    /// The file's length.
    public var bytes: Int64
    /// Lower-case hex.
    public var sha256: String
    /// Stretches where at least one channel has no audio, `[from, to)` in 1/48,000 s; silent in the file.
    public var gaps: [[Int64]]
    /// The same, for each channel by its index.
    public var channelGaps: [[[Int64]]]
    /// True where the recording's end was never written: the process ended first, and the length is that of the audio
    /// found.
    public var recovered: Bool
    /// When sample 0 was taken. Where the start was lost: the millisecond of the recording's identifier, mono 0.
    public var startedAt: Instant
    public var length: AudioPosition
    /// As the start block named them; empty where it was lost.
    public var channels: [RecordedChannel]
    /// Talk, silence and level.
    public var figures: SoundFigures

    public init(
        recording: RecordingID, call: CallID, file: String, format: String, rate: Int, frames: Int64, bytes: Int64,
        sha256: String, gaps: [[Int64]], channelGaps: [[[Int64]]], recovered: Bool, startedAt: Instant,
        length: AudioPosition, channels: [RecordedChannel], figures: SoundFigures
    ) {
        self.recording = recording
        self.call = call
        self.file = file
        self.format = format
        self.rate = rate
        self.frames = frames
        self.bytes = bytes
        self.sha256 = sha256
        self.gaps = gaps
        self.channelGaps = channelGaps
        self.recovered = recovered
        self.startedAt = startedAt
        self.length = length
        self.channels = channels
        self.figures = figures
    }
}

/// A recording found in the audio log or among the partial files at start.
public struct RecoveredRecording: Sendable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    /// No end was written: the process ended in mid-call, and an unknown tail (at most what the writer had not yet
    /// flushed) is lost. False: only the finishing had still to be done.
    public var isInterrupted: Bool
    /// When sample 0 was taken; see `FinishedRecording.startedAt`.
    public var startedAt: Instant
    /// The length that the finished file will have.
    public var length: AudioPosition
    /// When the audio log was last written to: the process was alive then, and all that was said until then was handed
    /// to the kernel. Microseconds of Unix time; nil where no segment was left.
    public var logWrittenAt: Int64?

    public init(
        recording: RecordingID, call: CallID, isInterrupted: Bool, startedAt: Instant, length: AudioPosition,
        logWrittenAt: Int64? = nil
    ) {
        self.recording = recording
        self.call = call
        self.isInterrupted = isInterrupted
        self.startedAt = startedAt
        self.length = length
        self.logWrittenAt = logWrittenAt
    }
}

/// What the recordings' room is doing, for metrics and the doctor.
public struct RecordingStatistics: Sendable, Hashable, Codable {
    /// Segments of the audio log that still hold what no synced partial file has.
    public var segments: Int = 0
    /// Recordings begun and neither finished nor confirmed.
    public var open: Int = 0
    /// Recordings waiting for the finisher, or in its hands.
    public var finishing: Int = 0
    /// Finished and not yet confirmed.
    public var unconfirmed: Int = 0
    /// Finished since start.
    public var finished: Int = 0
    /// Reported as failed since start; each is tried again every few minutes.
    public var failed: Int = 0
    /// Bytes of audio log read since start.
    public var bytesRead: UInt64 = 0
    /// Bytes of audio log that could not be read for damage.
    public var bytesDamaged: UInt64 = 0
    /// Bytes of blocks that an earlier run began to write when it ended.
    public var bytesTorn: UInt64 = 0

    public init() {}
}
