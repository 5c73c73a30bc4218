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
    private let channels: [Channel]

    init(_ summary: RecordingSummary, _ figures: SoundFigures) {
        let length = figures.lengthMilliseconds
        func share(_ milliseconds: Int64) -> Double? {
            length > 0 ? (Double(milliseconds) / Double(length) * 10_000).rounded() / 10_000 : nil
        }
        recording = summary.id
        lengthMilliseconds = length
        thresholdDecibels = figures.thresholdDecibels
        minimumMilliseconds = figures.minimumMilliseconds
        silenceMilliseconds = figures.silenceMilliseconds
        silenceShare = share(figures.silenceMilliseconds)
        overtalkMilliseconds = figures.overtalkMilliseconds
        overtalkShare = share(figures.overtalkMilliseconds)
        channels = figures.channels.map { channel in
            Channel(
                index: channel.index, role: summary.channels.first { $0.index == channel.index }?.role,
                talkMilliseconds: channel.talkMilliseconds, talkShare: share(channel.talkMilliseconds),
                missingMilliseconds: channel.missingMilliseconds, levelDecibels: channel.level.map { Double($0) / 100 },
                peakDecibels: channel.peakDecibels, clippedSamples: channel.clippedSamples, silences: channel.silences)
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
        try fields.encode(channels, forKey: .channels)
    }
}
