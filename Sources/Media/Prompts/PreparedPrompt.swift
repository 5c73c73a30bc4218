/// A recording made ready to be a prompt, with what is to be said of it first. One way for people's recordings
/// (`prompts import`, the console) and for what a voice has rendered.
public struct PreparedPrompt: Sendable {
    /// What would be played, 8,000 samples a second; empty where nothing can be made of it.
    public let samples: [Int16]
    /// What is wrong with the recording. An error keeps it from being taken.
    public let findings: [PromptFinding]
    /// The recording's, samples a second.
    public let rate: Int
    /// The recording's.
    public let channels: Int
    /// Of the speech in the recording's loudest channel before it was levelled, dBFS; nil where there is none.
    public let level: Double?

    /// Lengths that a caller is patient with, seconds: longer ones are reported.
    public static let patience = 60

    /// Of what would be played, rounded to the nearest.
    public var milliseconds: Int { AudioFile(samples: samples, rate: PromptLevel.rate).milliseconds }

    /// Nil where it can be taken.
    public var refusal: PromptFinding? { findings.first { $0.severity == .error } }

    /// Converts, trims and levels, in a time that grows with the length: seconds for a recording of minutes.
    /// - Parameters:
    ///   - entry: the prompt that it is to be.
    ///   - toleratesClipping: what a voice renders touches full scale now and then; a person can say it again.
    public init(_ audio: AudioFile, as entry: PromptCatalog.Entry, toleratesClipping: Bool = false) {
        rate = audio.rate
        channels = audio.channels
        guard audio.rate >= PromptLevel.rate else {
            (samples, level) = ([], nil)
            findings = [
                Self.error(
                    entry, .wrongRate, "\(audio.rate) samples a second are too few", "record at 8,000 or more")
            ]
            return
        }
        let ready = PromptLevel.normalise(audio, as: entry.kind)
        guard !ready.isEmpty else {
            (samples, level) = ([], nil)
            findings = [
                Self.error(
                    entry, .silent, "the recording holds no sound above \(Int(PromptLevel.silence)) dBFS",
                    "look at the microphone, and record it anew")
            ]
            return
        }
        var found: [PromptFinding] = []
        // Three samples on end at 8,000 a second; at higher rates as long a stretch.
        let run = (0..<audio.channels).map { PromptCheck.longestFullScaleRun(audio.channel($0)) }.max() ?? 0
        if run >= max(3, audio.rate / 4000), !toleratesClipping {
            found.append(
                Self.error(
                    entry, .clipped, "the recording is clipped: \(run) samples on end at full scale",
                    "record it at a lower level"))
        }
        let prompt = AudioFile(samples: ready, rate: PromptLevel.rate)
        for (kind, message, advice, severity) in PromptCheck.audioFaults(
            prompt, of: entry, maximumSeconds: Self.patience)
        {
            found.append(
                PromptFinding(
                    kind: kind, severity: severity, id: entry.id, file: entry.file, place: entry.place,
                    message: "the prompt \(message)", advice: advice ?? "listen to it"))
        }
        samples = ready
        findings = found
        level = (0..<audio.channels).map { PromptLevel.speechLevel(audio.channel($0)) }.max()
    }

    private static func error(
        _ entry: PromptCatalog.Entry, _ kind: PromptFinding.Kind, _ message: String, _ advice: String
    ) -> PromptFinding {
        PromptFinding(
            kind: kind, severity: .error, id: entry.id, file: entry.file, place: entry.place, message: message,
            advice: advice)
    }
}
