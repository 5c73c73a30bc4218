import Glibc

/// What a recording's sound measures to, and where it is silent. Its JSON is the file `<stem>.silence.json` beside the
/// recording (docs/recordings.md).
///
/// The sound is judged in windows of 20 ms. A window whose RMS lies 45 dB or more below full scale is silent; anything
/// else counts as talk, and so do pauses of less than 300 ms between two such windows.
public struct SoundFigures: Sendable, Hashable, Codable {
    /// One channel.
    public struct Channel: Sendable, Hashable, Codable {
        /// 0: left, 1: right.
        public var index: Int
        /// Audio that never came: gaps, filled with silence.
        public var missingMilliseconds: Int64
        public var talkMilliseconds: Int64
        /// The greatest magnitude of a sample, 0…32768.
        public var peak: Int
        /// RMS of the windows that are not silent, in hundredths of a decibel, full scale 0; nil where all are silent.
        public var level: Int?
        /// The peak in decibels, full scale 0, to a tenth; nil where there is nothing but zeros.
        public var peakDecibels: Double? {
            peak > 0 ? (200 * log10(Double(peak) / 32_768)).rounded() / 10 : nil
        }
        /// Samples at full scale (a magnitude of 32,000 or more: the outermost step of A-law and µ-law).
        public var clippedSamples: Int64
        /// Stretches of at least a second without a window of sound: `[from, to)` in milliseconds.
        public var silences: [[Int64]]

        enum CodingKeys: String, CodingKey {
            case index
            case missingMilliseconds = "missing_ms"
            case talkMilliseconds = "talk_ms"
            case peak
            case level = "level_cdb"
            case clippedSamples = "clipped_samples"
            case silences
        }

        public init(
            index: Int, missingMilliseconds: Int64, talkMilliseconds: Int64, peak: Int, level: Int?,
            clippedSamples: Int64, silences: [[Int64]]
        ) {
            self.index = index
            self.missingMilliseconds = missingMilliseconds
            self.talkMilliseconds = talkMilliseconds
            self.peak = peak
            self.level = level
            self.clippedSamples = clippedSamples
            self.silences = silences
        }
    }

    /// Of this form.
    public static let version = 1
    /// Decibels below full scale.
    public static let thresholdDecibels = -45
    /// The shortest silence that is listed.
    public static let minimumMilliseconds: Int64 = 1000
    /// Shorter pauses belong to the talk around them.
    public static let pauseMilliseconds: Int64 = 300
    static let windowMilliseconds: Int64 = 20

    public var version = Self.version
    /// Samples a second, and how many in each channel.
    public var rate: Int
    public var frames: Int64
    public var thresholdDecibels = Self.thresholdDecibels
    public var minimumMilliseconds = Self.minimumMilliseconds
    /// Time in which no channel talks.
    public var silenceMilliseconds: Int64
    /// Time in which two channels or more talk at once.
    public var overtalkMilliseconds: Int64
    public var channels: [Channel]

    /// The recording's length.
    public var lengthMilliseconds: Int64 { rate > 0 ? frames * 1000 / Int64(rate) : 0 }

    /// Stretches of at least a second without a window of sound in any channel: as a channel's `silences`.
    public var commonSilences: [[Int64]] {
        guard let first = channels.first else { return [] }
        let pairs = first.silences.filter { $0.count == 2 }
        return channels.dropFirst().reduce(pairs) { silences, channel in
            Self.common(silences, channel.silences).filter { $0[1] - $0[0] >= minimumMilliseconds }
        }
    }

    /// What both lists have in common; each in order, the left one of pairs alone.
    private static func common(_ left: [[Int64]], _ right: [[Int64]]) -> [[Int64]] {
        let right = right.filter { $0.count == 2 }
        var found: [[Int64]] = []
        var (one, other) = (0, 0)
        while one < left.count, other < right.count {
            let from = max(left[one][0], right[other][0])
            let to = min(left[one][1], right[other][1])
            if from < to { found.append([from, to]) }
            if left[one][1] < right[other][1] { one += 1 } else { other += 1 }
        }
        return found
    }

    enum CodingKeys: String, CodingKey {
        case version
        case rate
        case frames
        case thresholdDecibels = "threshold_db"
        case minimumMilliseconds = "minimum_ms"
        case silenceMilliseconds = "silence_ms"
        case overtalkMilliseconds = "overtalk_ms"
        case channels
    }

    public init(
        rate: Int, frames: Int64, silenceMilliseconds: Int64, overtalkMilliseconds: Int64, channels: [Channel]
    ) {
        self.rate = rate
        self.frames = frames
        self.silenceMilliseconds = silenceMilliseconds
        self.overtalkMilliseconds = overtalkMilliseconds
        self.channels = channels
    }
}
