import Foundation

/// Something about a catalog or one of its files that a person should look at.
public struct PromptFinding: Sendable, Hashable, Codable {
    /// An error keeps a server from starting, or a caller from hearing what was meant; a warning does not.
    public enum Severity: String, Sendable, Codable {
        case error, warning
    }

    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// The file is not there.
        case missing
        /// There, but no audio.
        case unreadable
        /// Not 8,000 samples a second.
        case wrongRate = "wrong_rate"
        /// More than one channel.
        case wrongChannels = "wrong_channels"
        /// Holds no sound.
        case silent
        /// Full scale for several samples on end.
        case clipped
        /// Speech is more than 4 dB from the common level.
        case level
        /// Longer than a caller is patient with.
        case tooLong = "too_long"
        /// Far shorter or longer than its text takes to say: cut off, or another text.
        case length
        /// Not the file that the catalog's SHA-256 names.
        case altered
        /// No SHA-256 in the catalog.
        case unhashed
        /// The text was changed after the file was made.
        case stale
        /// Nothing to say.
        case emptyText = "empty_text"
        /// No voice or no licence named.
        case uncredited
        /// A WAV file beside the catalog that it does not name.
        case unlisted
    }

    public var kind: Kind
    public var severity: Severity
    /// Nil for an unlisted file.
    public var id: String?
    public var file: String
    /// `<catalog>:<line>`; nil for an unlisted file.
    public var place: String?
    /// What is wrong.
    public var message: String
    /// What to do.
    public var advice: String
}

/// Looks through a catalog and its files. Blocking: reads every file.
public struct PromptCheck: Sendable {
    /// Lower-case hex of the bytes' SHA-256; given from outside, since this room has no cryptography.
    public var sha256: @Sendable ([UInt8]) -> String
    /// Longer prompts are reported, seconds.
    public var maximumSeconds: Int

    public init(maximumSeconds: Int = 60, sha256: @escaping @Sendable ([UInt8]) -> String) {
        self.maximumSeconds = maximumSeconds
        self.sha256 = sha256
    }

    /// Everything found, in the catalog's order, unlisted files last.
    public func findings(in catalog: PromptCatalog) -> [PromptFinding] {
        catalog.entries.flatMap { examine($0, in: catalog).findings } + unlisted(in: catalog)
    }

    /// One prompt of a catalog looked through.
    public struct Examination: Sendable {
        public var findings: [PromptFinding]
        /// The file's samples of its first channel; nil where it cannot be read.
        public var samples: [Int16]?
        /// The file's length; nil where it cannot be read.
        public var milliseconds: Int?
        /// Of the file; nil where it cannot be read.
        public var sha256: String?
    }

    /// Everything found about one prompt, and what its file holds.
    public func examine(_ entry: PromptCatalog.Entry, in catalog: PromptCatalog) -> Examination {
        var found: [PromptFinding] = []
        func report(
            _ kind: PromptFinding.Kind, _ message: String, _ advice: String,
            severity: PromptFinding.Severity = .error
        ) {
            found.append(
                PromptFinding(
                    kind: kind, severity: severity, id: entry.id, file: entry.file, place: entry.place,
                    message: message, advice: advice))
        }
        let render =
            entry.kind == .music
            ? "give a file: `hotline prompts import \(entry.id) FILE`"
            : "run `hotline prompts build`, or `hotline prompts import \(entry.id) FILE` with a recording"

        if entry.text.allSatisfy(\.isWhitespace) {
            report(.emptyText, "prompt `\(entry.id)` has no text", "write in `text` what it says")
        }
        let path = catalog.path(of: entry)
        guard FileManager.default.fileExists(atPath: path) else {
            report(.missing, "\(path) is not there", render)
            return Examination(findings: found)
        }
        let audio: AudioFile
        do throws(MediaError) {
            audio = try AudioFile(reading: path)
        } catch {
            report(.unreadable, error.message, render)
            return Examination(findings: found)
        }
        for (kind, message, advice, severity) in Self.audioFaults(audio, of: entry, maximumSeconds: maximumSeconds) {
            report(kind, "\(path) \(message)", advice ?? render, severity: severity)
        }
        let hash = sha256(FileManager.default.contents(atPath: path).map(Array.init) ?? [])
        credit(entry, path: path, hash: hash, render: render) { report($0, $1, $2, severity: $3) }
        return Examination(
            findings: found, samples: audio.channel(0), milliseconds: audio.milliseconds, sha256: hash)
    }

    private func credit(
        _ entry: PromptCatalog.Entry, path: String, hash actual: String, render: String,
        report: (PromptFinding.Kind, String, String, PromptFinding.Severity) -> Void
    ) {
        if let expected = entry.sha256 {
            if actual != expected.lowercased() {
                report(
                    .altered, "\(path) has SHA-256 \(actual), the catalog says \(expected)",
                    "if the change was meant, `hotline prompts import \(entry.id) \(path)`; else restore the file",
                    .error)
            }
        } else {
            report(.unhashed, "prompt `\(entry.id)` has no SHA-256 in the catalog", render, .warning)
        }
        if let made = entry.textSHA256, made != sha256(Array(entry.words.utf8)) {
            report(
                .stale, "the text of `\(entry.id)` was changed after \(path) was made",
                "run `hotline prompts build`, or record it anew", .warning)
        }
        if entry.voice == nil || entry.licence == nil {
            report(
                .uncredited, "prompt `\(entry.id)` names no voice or no licence",
                "add `voice` and `licence` to the entry", .warning)
        }
    }

    typealias Fault = (PromptFinding.Kind, String, String?, PromptFinding.Severity)

    /// What is wrong with a file of the telephone's shape, in words that follow its name.
    static func audioFaults(
        _ audio: AudioFile, of entry: PromptCatalog.Entry, maximumSeconds: Int
    ) -> [Fault] {
        let convert = "`hotline prompts import \(entry.id) FILE` converts a recording"
        var faults: [Fault] = []
        if audio.channels != 1 {
            faults.append((.wrongChannels, "has \(audio.channels) channels, not 1", convert, .error))
        }
        guard audio.rate == PromptLevel.rate else {
            faults.append((.wrongRate, "has \(audio.rate) samples a second, not 8,000", convert, .error))
            return faults
        }
        let level = PromptLevel.speechLevel(audio.channel(0))
        if level <= PromptLevel.silence {
            faults.append((.silent, "holds no sound above \(Int(PromptLevel.silence)) dBFS", nil, .error))
            return faults
        }
        let run = longestFullScaleRun(audio.samples)
        if run >= 3 {
            faults.append(
                (.clipped, "is clipped: \(run) samples on end at full scale", "record it at a lower level", .error))
        }
        let target = PromptLevel.target(of: entry.kind)
        if abs(level - target) > 4 {
            let text = String(format: "%.1f", level)
            faults.append(
                (.level, "has \(entry.kind.rawValue) at \(text) dBFS, not at \(Int(target))", convert, .warning))
        }
        if audio.milliseconds > maximumSeconds * 1000 {
            faults.append(
                (
                    .tooLong, "lasts \(audio.milliseconds / 1000) s, more than \(maximumSeconds)", "say it shorter",
                    .warning
                ))
        }
        guard entry.kind == .speech else { return faults }
        // Mandarin is spoken at three to seven characters a second; the bounds leave slow single digits room.
        let characters = entry.words.filter(\.isLetterOrNumber).count
        let seconds = Double(audio.milliseconds) / 1000
        if characters > 0, seconds < Double(characters) * 0.09 || seconds > Double(characters) * 0.6 + 1.5 {
            faults.append(
                (
                    .length, String(format: "lasts %.1f s for %d characters", seconds, characters),
                    "listen to it: it may be cut off, or say something else", .warning
                ))
        }
        return faults
    }

    static func longestFullScaleRun(_ samples: [Int16]) -> Int {
        var longest = 0
        var run = 0
        for sample in samples {
            run = sample >= 32_760 || sample <= -32_760 ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }

    private func unlisted(in catalog: PromptCatalog) -> [PromptFinding] {
        let listed = Set(catalog.entries.map(\.file))
        let enumerator = FileManager.default.enumerator(atPath: catalog.folder)
        var files: [String] = []
        while let file = enumerator?.nextObject() as? String, files.count < 10_000 {
            let hidden = file.split(separator: "/").contains { $0.hasPrefix(".") }
            if !hidden, file.lowercased().hasSuffix(".wav"), !listed.contains(file) { files.append(file) }
        }
        return files.sorted().map {
            PromptFinding(
                kind: .unlisted, severity: .warning, id: nil, file: $0, place: nil,
                message: "\(catalog.folder)/\($0) is not in the catalog",
                advice: "add an entry that names it, or delete the file")
        }
    }
}

extension Character {
    fileprivate var isLetterOrNumber: Bool { isLetter || isNumber }
}
