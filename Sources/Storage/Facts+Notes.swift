import Calls

/// Somebody wrote a note to a recording.
public struct RecordingNoted: Sendable, Codable, Hashable {
    public var recording: RecordingID
    public var call: CallID
    public var at: Instant
    public var by: WorkNumber
    /// What in the recording it is about; nil: the whole.
    public var position: AudioPosition?
    public var text: String

    public init(
        recording: RecordingID, call: CallID, at: Instant, by: WorkNumber, position: AudioPosition? = nil, text: String
    ) {
        self.recording = recording
        self.call = call
        self.at = at
        self.by = by
        self.position = position
        self.text = text
    }

    /// UTF-8 bytes of a note at most.
    public static let maximumLength = 6000

    /// What is wrong with a note's text; nil where it may be kept.
    public static func complaint(about text: String) -> String? {
        if text.utf8.count > maximumLength { return "a note has at most \(maximumLength) bytes of UTF-8" }
        let isBlank = text.unicodeScalars.allSatisfy { $0.properties.isWhitespace }
        if isBlank { return "a note needs a text" }
        let isForbidden = text.unicodeScalars.contains { scalar in
            scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
        }
        return isForbidden ? "a note has no control characters but line feeds and tabs" : nil
    }
}
