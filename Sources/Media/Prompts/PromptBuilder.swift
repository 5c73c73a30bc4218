import Foundation

/// Makes prompts' files: renders what is missing with a voice, brings it and people's recordings to the common level,
/// and keeps the catalog's hashes and credits true. Blocking.
public struct PromptBuilder: Sendable {
    /// Why a prompt is to be rendered.
    public enum Reason: String, Sendable, Codable {
        /// There is no file.
        case missing
        /// The text was changed after the voice had said it.
        case textChanged = "text_changed"
        /// Asked for by name.
        case asked
    }

    /// A prompt to render.
    public struct Step: Sendable, Hashable {
        public var id: String
        public var reason: Reason

        public init(id: String, reason: Reason) {
            self.id = id
            self.reason = reason
        }
    }

    /// Lower-case hex of the bytes' SHA-256; given from outside, since this room has no cryptography.
    public var sha256: @Sendable ([UInt8]) -> String

    public init(sha256: @escaping @Sendable ([UInt8]) -> String) {
        self.sha256 = sha256
    }

    /// What `build` has to render with a voice. A person's recording is never replaced because its text was changed:
    /// `PromptCheck` reports it as stale.
    /// - Parameter asked: ids to render in any case.
    /// - Throws: `MediaError` with code `.prompt` for an id that the catalog does not have, and for one of music.
    public func plan(
        for catalog: PromptCatalog, voice: VoiceCommand, asked: Set<String> = []
    ) throws(MediaError) -> [Step] {
        if let unknown = asked.subtracting(catalog.entries.map(\.id)).min() {
            throw MediaError(.prompt, "\(catalog.path) has no prompt `\(unknown)`")
        }
        if let music = catalog.entries.first(where: { asked.contains($0.id) && $0.kind == .music }) {
            throw MediaError(
                .prompt,
                "\(music.place): prompt `\(music.id)` is music, which no voice renders; "
                    + "give a file: `hotline prompts import \(music.id) FILE`")
        }
        return catalog.entries.filter { $0.kind == .speech }.compactMap { entry in
            if asked.contains(entry.id) { return Step(id: entry.id, reason: .asked) }
            if !FileManager.default.fileExists(atPath: catalog.path(of: entry)) {
                return Step(id: entry.id, reason: .missing)
            }
            let ours = entry.voice == voice.credit
            return ours && entry.textSHA256 != sha256(Array(entry.words.utf8))
                ? Step(id: entry.id, reason: .textChanged) : nil
        }
    }

    /// Renders one prompt and writes file and catalog; each is replaced at once, the file first.
    /// - Returns: the length in milliseconds.
    /// - Throws: `MediaError` with code `.prompt` or `.audioFile`.
    public func render(
        _ id: String, of catalog: inout PromptCatalog, voice: VoiceCommand
    ) throws(MediaError) -> Int {
        let entry = try Self.entry(id, of: catalog)
        try catalog.checkEditable(entry)
        guard !entry.words.allSatisfy(\.isWhitespace) else {
            throw MediaError(.prompt, "\(entry.place): prompt `\(id)` has no text to say")
        }
        let raw = NSTemporaryDirectory() + "/hotline-prompt-\(UUID().uuidString).wav"
        defer { Self.remove(raw) }
        try voice.render(entry.words, to: raw)
        return try install(AudioFile(reading: raw), as: id, of: &catalog, voice: voice.credit, licence: voice.licence)
    }

    /// Takes a recording as a prompt: any file, rate and channels that `AudioFile` reads.
    /// - Returns: the length in milliseconds.
    /// - Throws: `MediaError` with code `.prompt` or `.audioFile`; for a rate below 8,000 and for silence too.
    public func install(
        _ audio: AudioFile, as id: String, of catalog: inout PromptCatalog, voice: String, licence: String
    ) throws(MediaError) -> Int {
        let entry = try Self.entry(id, of: catalog)
        try catalog.checkEditable(entry)
        guard audio.rate >= PromptLevel.rate else {
            throw MediaError(
                .prompt, "prompt `\(id)`: \(audio.rate) samples a second are too few; record at 8,000 or more")
        }
        let samples = PromptLevel.normalise(audio, as: entry.kind)
        guard !samples.isEmpty else {
            throw MediaError(.prompt, "prompt `\(id)`: the recording holds no sound above \(PromptLevel.silence) dBFS")
        }
        let prompt = AudioFile(samples: samples, rate: PromptLevel.rate)
        let path = catalog.path(of: entry)
        do {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        } catch {
            throw MediaError(.prompt, "\(path): its folder cannot be made: \(error.localizedDescription)")
        }
        try prompt.writeWAV(to: path)
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw MediaError(.prompt, "\(path): cannot be read back")
        }
        try catalog.update(
            id,
            [
                ("voice", voice), ("licence", licence), ("sha256", sha256(Array(bytes))),
                ("text_sha256", sha256(Array(entry.words.utf8))),
            ])
        return prompt.milliseconds
    }

    private static func entry(_ id: String, of catalog: PromptCatalog) throws(MediaError) -> PromptCatalog.Entry {
        guard let entry = catalog.entries.first(where: { $0.id == id }) else {
            throw MediaError(.prompt, "\(catalog.path) has no prompt `\(id)`")
        }
        return entry
    }

    private static func remove(_ path: String) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            // A file left in the temporary folder is the system's to clear; the prompt itself is done.
            return
        }
    }
}
