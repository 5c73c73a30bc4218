import Calls
import Recordings
import Storage

/// `GET /api/v1/recordings/{id}/silence`: who talks when, and how loud (docs/json.md).
struct SilenceView: Encodable {
    struct Channel: Encodable {
        var index: Int
        /// Whom it carries at the beginning.
        var role: String?
        var talkMilliseconds: Int64
        var talkShare: Double?
        var missingMilliseconds: Int64
        var levelDecibels: Double?
        var peakDecibels: Double?
        var clippedSamples: Int64
        var silences: [[Int64]]

        enum CodingKeys: String, CodingKey {
            case index
            case role
            case talkMilliseconds = "talk_ms"
            case talkShare = "talk_share"
            case missingMilliseconds = "missing_ms"
            case levelDecibels = "level_dbfs"
            case peakDecibels = "peak_dbfs"
            case clippedSamples = "clipped_samples"
            case silences
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(index, forKey: .index)
            try fields.encode(role, forKey: .role)
            try fields.encode(talkMilliseconds, forKey: .talkMilliseconds)
            try fields.encode(talkShare, forKey: .talkShare)
            try fields.encode(missingMilliseconds, forKey: .missingMilliseconds)
            try fields.encode(levelDecibels, forKey: .levelDecibels)
            try fields.encode(peakDecibels, forKey: .peakDecibels)
            try fields.encode(clippedSamples, forKey: .clippedSamples)
            try fields.encode(silences, forKey: .silences)
        }
    }

    private let recording: RecordingID
    private let lengthMilliseconds: Int64
    private let thresholdDecibels: Int
    private let minimumMilliseconds: Int64
    private let silenceMilliseconds: Int64
    private let silenceShare: Double?
    private let overtalkMilliseconds: Int64
    private let overtalkShare: Double?
    private let pausedMilliseconds: Int64
    private let pauses: [RecordingPause]
    private let channels: [Channel]

    init(_ summary: RecordingSummary, _ figures: SoundFigures) {
        let length = figures.lengthMilliseconds
        let paused = summary.pauses.milliseconds(within: length)
        // What was paused is nobody's silence.
        let recorded = length - paused
        let silence = max(0, figures.silenceMilliseconds - paused)
        func share(_ milliseconds: Int64) -> Double? {
            recorded > 0 ? (Double(milliseconds) / Double(recorded) * 10_000).rounded() / 10_000 : nil
        }
        recording = summary.id
        lengthMilliseconds = length
        thresholdDecibels = figures.thresholdDecibels
        minimumMilliseconds = figures.minimumMilliseconds
        silenceMilliseconds = silence
        silenceShare = share(silence)
        pausedMilliseconds = paused
        pauses = summary.pauses
        overtalkMilliseconds = figures.overtalkMilliseconds
        overtalkShare = share(figures.overtalkMilliseconds)
        channels = figures.channels.map { channel in
            Channel(
                index: channel.index, role: summary.channels.first { $0.index == channel.index }?.role,
                talkMilliseconds: channel.talkMilliseconds, talkShare: share(channel.talkMilliseconds),
                missingMilliseconds: channel.missingMilliseconds, levelDecibels: channel.level.map { Double($0) / 100 },
                peakDecibels: channel.peakDecibels, clippedSamples: channel.clippedSamples,
                silences: summary.pauses.cut(
                    outOf: channel.silences, length: length, minimum: figures.minimumMilliseconds))
        }
    }

    enum CodingKeys: String, CodingKey {
        case recording = "recording_id"
        case lengthMilliseconds = "length_ms"
        case thresholdDecibels = "threshold_db"
        case minimumMilliseconds = "minimum_ms"
        case silenceMilliseconds = "silence_ms"
        case silenceShare = "silence_share"
        case overtalkMilliseconds = "overtalk_ms"
        case overtalkShare = "overtalk_share"
        case pausedMilliseconds = "paused_ms"
        case pauses
        case channels
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(recording, forKey: .recording)
        try fields.encode(lengthMilliseconds, forKey: .lengthMilliseconds)
        try fields.encode(thresholdDecibels, forKey: .thresholdDecibels)
        try fields.encode(minimumMilliseconds, forKey: .minimumMilliseconds)
        try fields.encode(silenceMilliseconds, forKey: .silenceMilliseconds)
        try fields.encode(silenceShare, forKey: .silenceShare)
        try fields.encode(overtalkMilliseconds, forKey: .overtalkMilliseconds)
        try fields.encode(overtalkShare, forKey: .overtalkShare)
        try fields.encode(pausedMilliseconds, forKey: .pausedMilliseconds)
        try fields.encode(pauses, forKey: .pauses)
        try fields.encode(channels, forKey: .channels)
    }
}
