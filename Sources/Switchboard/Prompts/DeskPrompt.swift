import Foundation
import Media

/// A prompt as those who look after it see it.
public struct DeskPrompt: Sendable, Hashable {
    /// Something about a prompt that a person should look at.
    public struct Finding: Sendable, Hashable {
        /// As `hotline prompts check` names it: `missing`, `clipped`, `stale`, …
        public var kind: String
        /// An error keeps a server from starting, or callers from hearing what was meant.
        public var isError: Bool
        /// What is wrong.
        public var message: String
        /// What to do.
        public var advice: String

        init(_ finding: PromptFinding) {
            kind = finding.kind.rawValue
            isError = finding.severity == .error
            message = finding.message
            advice = finding.advice
        }

        init(kind: PromptFinding.Kind, message: String, advice: String) {
            self.kind = kind.rawValue
            isError = true
            self.message = message
            self.advice = advice
        }
    }

    /// What flows call it.
    public var id: String
    /// `speech` or `music`.
    public var kind: String
    /// What it says, or, of music, what it is.
    public var text: String
    /// What a voice is given to say; nil: the text.
    public var spoken: String?
    /// Whose it is; nil: the catalog does not say.
    public var voice: String?
    public var licence: String?
    /// Of the file; nil where it cannot be read as audio.
    public var sha256: String?
    /// The file's length; nil where it cannot be read as audio.
    public var milliseconds: Int?
    /// Plays that begin now have this file's sound. False where the file was changed otherwise than by the server: then it
    /// is heard after the next start.
    public var isPlayed: Bool
    public var findings: [Finding]
}

/// What would become of a recording as a prompt.
public struct PromptVerdict: Sendable, Hashable {
    public var id: String
    /// It would be taken.
    public var isAccepted: Bool
    /// Of the recording: samples a second, channels; nil where it cannot be read.
    public var rate: Int?
    public var channels: Int?
    /// Of the speech in the recording, dBFS with one digit after the point; nil where there is none.
    public var level: Double?
    /// What speech, or music, is brought to, dBFS.
    public var target: Double
    /// Of what would be played; nil where nothing can be made of it.
    public var milliseconds: Int?
    public var findings: [DeskPrompt.Finding]

    init(id: String, prepared: PreparedPrompt, kind: PromptCatalog.Kind) {
        self.id = id
        isAccepted = prepared.refusal == nil
        rate = prepared.rate
        channels = prepared.channels
        level = prepared.level.map { ($0 * 10).rounded() / 10 }
        target = PromptLevel.target(of: kind)
        milliseconds = prepared.samples.isEmpty ? nil : prepared.milliseconds
        findings = prepared.findings.map(DeskPrompt.Finding.init)
    }

    init(id: String, unreadable error: MediaError, kind: PromptCatalog.Kind) {
        self.id = id
        isAccepted = false
        target = PromptLevel.target(of: kind)
        let what: PromptFinding.Kind =
            switch error.code {
            case .audioLength: .tooLong
            case .audioShape: .wrongRate
            default: .unreadable
            }
        findings = [
            DeskPrompt.Finding(
                kind: what, message: error.message,
                advice: "give a WAV or FLAC file of at most 5 minutes, 8,000 to 48,000 samples a second")
        ]
    }
}

/// A prompt was replaced.
public struct PromptReplaced: Sendable, Hashable {
    public var id: String
    public var milliseconds: Int
    /// Of the file that is there now.
    public var sha256: String
    /// Of the file that was there; nil where there was none.
    public var formerSHA256: String?
    /// Whoever calls next hears it; false for a prompt that the catalog did not have at the start of the server.
    public var isPlayed: Bool
    /// Warnings: of errors there are none.
    public var findings: [DeskPrompt.Finding]
}

/// Tells one state of a file from another without reading it.
struct FileStamp: Hashable {
    private var device: UInt64 = 0
    private var node: UInt64 = 0
    private var size: Int64 = 0
    /// Nanoseconds.
    private var changed: Int64 = 0

    /// All zeros where there is no such file.
    init(_ path: String) {
        var info = stat()
        guard stat(path, &info) == 0 else { return }
        device = UInt64(info.st_dev)
        node = UInt64(info.st_ino)
        size = Int64(info.st_size)
        changed = Int64(info.st_mtim.tv_sec) * 1_000_000_000 + Int64(info.st_mtim.tv_nsec)
    }
}
