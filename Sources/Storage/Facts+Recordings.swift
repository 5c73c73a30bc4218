import Calls

// What is written down about recordings once they are files, by the rules of Facts.swift.

/// What a recording's sound measures to (see `SoundFigures` of the recordings' room): made with the file, or later for
/// recordings that had none. A later measuring takes the place of an earlier one.
public struct RecordingMeasured: Sendable, Codable, Hashable {
    public struct Channel: Sendable, Codable, Hashable {
        /// 0: left, 1: right.
        public var index: Int
        public var missingMilliseconds: Int64
        public var talkMilliseconds: Int64
        /// The greatest magnitude of a sample, 0…32768.
        public var peak: Int
        /// RMS of the talk in hundredths of a decibel, full scale 0; nil where there is none.
        public var level: Int?
        public var clippedSamples: Int64

        public init(
            index: Int, missingMilliseconds: Int64, talkMilliseconds: Int64, peak: Int, level: Int?,
            clippedSamples: Int64
        ) {
            self.index = index
            self.missingMilliseconds = missingMilliseconds
            self.talkMilliseconds = talkMilliseconds
            self.peak = peak
            self.level = level
            self.clippedSamples = clippedSamples
        }
    }

    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    public var lengthMilliseconds: Int64
    public var silenceMilliseconds: Int64
    public var overtalkMilliseconds: Int64
    /// Decibels below full scale where silence begins, negative.
    public var thresholdDecibels: Int
    public var channels: [Channel]

    public init(
        recording: RecordingID, call: CallID, at: Instant, lengthMilliseconds: Int64, silenceMilliseconds: Int64,
        overtalkMilliseconds: Int64, thresholdDecibels: Int, channels: [Channel]
    ) {
        self.recording = recording
        self.call = call
        self.at = at
        self.lengthMilliseconds = lengthMilliseconds
        self.silenceMilliseconds = silenceMilliseconds
        self.overtalkMilliseconds = overtalkMilliseconds
        self.thresholdDecibels = thresholdDecibels
        self.channels = channels
    }
}

/// Somebody listened to a recording, or fetched it. One fact stands for all requests of a minute.
public struct RecordingReplayed: Sendable, Codable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    /// What opened it: the name of the token.
    public var token: String
    /// Who, where the request says so.
    public var by: WorkNumber?
    /// `flac`, `wav`, `opus`.
    public var format: String
    /// `both`, `left`, `right`.
    public var channel: String
    public var reason: String?

    public init(
        recording: RecordingID, call: CallID, at: Instant, token: String, by: WorkNumber? = nil, format: String,
        channel: String, reason: String? = nil
    ) {
        self.recording = recording
        self.call = call
        self.at = at
        self.token = token
        self.by = by
        self.format = format
        self.channel = channel
        self.reason = reason
    }
}

/// What can be wrong between calls and recordings.
public enum RecordingAlarmKind: String, Sendable, Codable, CaseIterable {
    /// An answered call has no recording.
    case missingRecording = "missing_recording"
    /// The recording is not as long as the talk, to a second.
    case length
    /// No file could be made.
    case failed
    /// The call ended, and the file is not made long after.
    case unfinished
    /// More than a second of audio is missing in it.
    case gaps
    /// A channel is missing, or has no audio at all.
    case channelMissing = "channel_missing"
    /// One side is silent for the whole conversation.
    case oneWay = "one_way"
    /// More than one sample in a hundred of a side is at full scale.
    case clipping
    /// The file is gone.
    case missingFile = "missing_file"
    /// The file is not as it was finished.
    case altered
    /// A file that no recording names.
    case strayFile = "stray_file"
}

/// Something between calls and recordings is wrong, or is so no longer: `opened` once, `cleared` once.
public struct RecordingAlarmChanged: Sendable, Codable, Hashable {
    public var at: Instant
    public var kind: RecordingAlarmKind
    /// What it is about, together with the kind the alarm's name: a call's or a recording's id, or a file.
    public var subject: String
    public var isOpen: Bool
    public var call: CallID?
    public var recording: RecordingID?
    /// For people.
    public var message: String

    public init(
        at: Instant, kind: RecordingAlarmKind, subject: String, isOpen: Bool, call: CallID? = nil,
        recording: RecordingID? = nil, message: String
    ) {
        self.at = at
        self.kind = kind
        self.subject = subject
        self.isOpen = isOpen
        self.call = call
        self.recording = recording
        self.message = message
    }
}

/// Some of the carrier's own records of calls (话单) were taken in; what was known before is left out.
public struct CarrierImported: Sendable, Codable, Hashable {
    public struct Record: Sendable, Codable, Hashable {
        /// Normalised number; nil where withheld.
        public var caller: String?
        public var called: String
        /// Unix time in microseconds, by the carrier's clock.
        public var began: Int64
        /// As the carrier counts.
        public var seconds: Int

        public init(caller: String?, called: String, began: Int64, seconds: Int) {
            self.caller = caller
            self.called = called
            self.began = began
            self.seconds = seconds
        }
    }

    public var at: Instant
    /// The file's name, without its folder.
    public var file: String
    public var records: [Record]

    public init(at: Instant, file: String, records: [Record]) {
        self.at = at
        self.file = file
        self.records = records
    }
}
