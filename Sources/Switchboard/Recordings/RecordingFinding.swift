import Calls
import Storage

/// Something wrong between calls and recordings, as a check found it.
public struct RecordingFinding: Sendable, Hashable, Codable {
    public var kind: RecordingAlarmKind
    /// A call's or a recording's id, or a file; with the kind, the alarm's name.
    public var subject: String
    public var call: CallID?
    public var recording: RecordingID?
    /// Below the folder of recordings.
    public var file: String?
    /// For people.
    public var message: String

    public init(
        _ kind: RecordingAlarmKind, subject: String, call: CallID? = nil, recording: RecordingID? = nil,
        file: String? = nil, _ message: String
    ) {
        self.kind = kind
        self.subject = subject
        self.call = call
        self.recording = recording
        self.file = file
        self.message = message
    }

    /// About a recording.
    init(_ kind: RecordingAlarmKind, _ recording: RecordingCheck, _ message: String) {
        self.init(
            kind, subject: recording.id.description, call: recording.callID, recording: recording.id,
            file: recording.file, message)
    }

    enum CodingKeys: String, CodingKey {
        case kind
        case subject
        case call = "call_id"
        case recording = "recording_id"
        case file
        case message
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(subject, forKey: .subject)
        try fields.encode(call, forKey: .call)
        try fields.encode(recording, forKey: .recording)
        try fields.encode(file, forKey: .file)
        try fields.encode(message, forKey: .message)
    }
}

/// What a call's rows alone tell: no file is looked at. Pure.
package enum RecordingRules {
    /// How far a recording's length may lie from the talk's, and how much audio may be missing in it.
    static let toleranceMilliseconds: Int64 = 1000
    /// After so long a file must be made.
    static let finishingMilliseconds: Int64 = 1_800_000
    /// In a shorter recording, pauses left out, silence means nothing.
    static let conversationMilliseconds: Int64 = 10_000

    /// - Parameter now: wall time.
    package static func findings(_ call: CallCheck, now: UTCTime) -> [RecordingFinding] {
        // What another system did is not judged; whether its file is there and unaltered is.
        guard !call.isImported else { return [] }
        var findings = owed(call)
        for recording in call.recordings {
            switch recording.state {
            case .finished: findings += sound(recording)
            // Its end was decided, and stands in the journal.
            case .deleted: break
            case .failed:
                // One that had begun has lost audio; one that had not is judged by its call.
                if recording.startedAt != nil { findings.append(failed(recording)) }
            case .planned, .started, .stopped:
                if now.microseconds - call.releasedAt.wall > finishingMilliseconds * 1000 {
                    findings.append(
                        RecordingFinding(
                            .unfinished, recording,
                            "the call ended \(UTCTime(call.releasedAt)), and the recording is still \(recording.state.rawValue)"
                        ))
                }
            }
        }
        return findings
    }

    private static func failed(_ recording: RecordingCheck) -> RecordingFinding {
        RecordingFinding(.failed, recording, recording.failure ?? "no file could be made")
    }

    /// Has the call the recording that it had to have?
    private static func owed(_ call: CallCheck) -> [RecordingFinding] {
        let talk = call.releasedAt.milliseconds(since: call.answeredAt)
        // Without media there was nothing to record; and a talk of less than a second may end before the first sample.
        guard call.outcome != .notEstablished, talk > toleranceMilliseconds else { return [] }
        let own = call.recordings.filter { $0.purpose == RecordingPlanned.usualPurpose }
        guard !own.isEmpty else {
            return [
                RecordingFinding(
                    .missingRecording, subject: call.id.description, call: call.id,
                    "answered for \(talk) ms, and no recording was planned")
            ]
        }
        guard !own.contains(where: { $0.state == .deleted }) else { return [] }
        if own.allSatisfy({ $0.state == .failed }) { return own.filter { $0.startedAt == nil }.map(failed) }
        guard let longest = own.compactMap({ one in one.lengthMilliseconds.map { (one, $0) } }).max(by: { $0.1 < $1.1 })
        else { return [] }
        let (recording, length) = longest
        // A call that a crash cut off is known to have lasted until its last event; its recording may go on, or lack the
        // last half second.
        let isKept =
            call.outcome == .interrupted
            ? length >= talk - 2 * toleranceMilliseconds : abs(length - talk) <= toleranceMilliseconds
        if isKept { return [] }
        return [
            RecordingFinding(
                .length, subject: call.id.description, call: call.id, recording: recording.id, file: recording.file,
                "talked for \(talk) ms, and the recording lasts \(length) ms")
        ]
    }

    /// What a finished recording's own figures tell.
    private static func sound(_ recording: RecordingCheck) -> [RecordingFinding] {
        var findings: [RecordingFinding] = []
        let gaps = recording.gaps.reduce(Int64(0)) { $0 + ($1.count == 2 ? $1[1] - $1[0] : 0) }
        let missing = AudioPosition(units: gaps).milliseconds
        if missing > toleranceMilliseconds {
            findings.append(RecordingFinding(.gaps, recording, "\(missing) ms of audio are missing"))
        }
        if recording.channelCount < 2 {
            findings.append(
                RecordingFinding(.channelMissing, recording, "it has \(recording.channelCount) channels, not two"))
        }
        guard let figures = recording.figures else { return findings }
        for channel in figures.channels {
            let side = channel.index == 0 ? "left" : "right"
            if channel.missingMilliseconds >= figures.lengthMilliseconds - AudioPosition.tick.milliseconds {
                if figures.lengthMilliseconds > toleranceMilliseconds {
                    findings.append(
                        RecordingFinding(.channelMissing, recording, "the \(side) channel has no audio at all"))
                }
            } else if channel.talkMilliseconds == 0, isSilenceWrong(channel.index, figures, recording) {
                findings.append(
                    RecordingFinding(
                        .oneWay, recording,
                        "the \(side) channel is silent for all its \(figures.lengthMilliseconds) ms"))
            }
            let talkSamples = channel.talkMilliseconds * Int64(recording.rate ?? 8000) / 1000
            if channel.talkMilliseconds >= 1000, channel.clippedSamples * 100 > talkSamples {
                findings.append(
                    RecordingFinding(
                        .clipping, recording,
                        "\(channel.clippedSamples) samples of the \(side) channel are at full scale"))
            }
        }
        return findings
    }

    /// Who only listens to the machine may be silent; who talks with an agent is not, nor is the machine.
    private static func isSilenceWrong(
        _ channel: Int, _ figures: RecordingMeasured, _ recording: RecordingCheck
    ) -> Bool {
        // What was paused is silent because somebody wanted it so.
        guard figures.lengthMilliseconds - recording.pausedMilliseconds >= conversationMilliseconds else {
            return false
        }
        return channel != 0 || recording.hadAgent || recording.purpose != RecordingPlanned.usualPurpose
    }
}
