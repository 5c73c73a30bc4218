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

    /// Renders one prompt and writes file and catalog; each is replaced at once, the file first. What the file held is not
    /// kept: a voice can say it again.
    /// - Throws: `MediaError` with code `.prompt` or `.audioFile`.
    public func render(
        _ id: String, of catalog: inout PromptCatalog, voice: VoiceCommand
    ) throws(MediaError) -> Installed {
        let entry = try Self.entry(id, of: catalog)
        try catalog.checkEditable(entry)
        guard !entry.words.allSatisfy(\.isWhitespace) else {
            throw MediaError(.prompt, "\(entry.place): prompt `\(id)` has no text to say")
        }
        let raw = NSTemporaryDirectory() + "/hotline-prompt-\(UUID().uuidString).wav"
        defer { Self.remove(raw) }
        try voice.render(entry.words, to: raw)
        let prepared = PreparedPrompt(try AudioFile(reading: raw), as: entry, toleratesClipping: true)
        return try install(prepared, as: id, of: &catalog, voice: voice.credit, licence: voice.licence)
    }

    /// A prompt's file replaced.
    public struct Installed: Sendable {
        /// What the file holds, 8,000 samples a second.
        public var samples: [Int16]
        /// Of the file.
        public var sha256: String
        /// Of the file that was there; nil where there was none.
        public var formerSHA256: String?

        /// The length in milliseconds, rounded to the nearest.
        public var milliseconds: Int { AudioFile(samples: samples, rate: PromptLevel.rate).milliseconds }
    }

    /// Takes a recording as a prompt. The file that was there is kept aside where `keeping` says who replaces it; then
    /// file and catalog are replaced, each at once and onto the disk, the file first.
    /// - Parameter keeping: nil: what was there is not kept.
    /// - Throws: `MediaError` with code `.prompt` or `.audioFile`; for a recording that cannot serve with the reason.
    public func install(
        _ prepared: PreparedPrompt, as id: String, of catalog: inout PromptCatalog, voice: String, licence: String,
        keeping note: PromptVersions.Note? = nil
    ) throws(MediaError) -> Installed {
        if let refusal = prepared.refusal {
            throw MediaError(.prompt, "prompt `\(id)`: \(refusal.message); \(refusal.advice)")
        }
        guard !prepared.samples.isEmpty else { throw MediaError(.prompt, "prompt `\(id)`: there is nothing to play") }
        let prompt = AudioFile(samples: prepared.samples, rate: PromptLevel.rate)
        return try put(prompt, as: id, of: &catalog, keeping: note) { path throws(MediaError) in
            try prompt.writeWAV(to: path)
        } credit: { words, hash in
            [
                ("voice", voice), ("licence", licence), ("sha256", hash),
                ("text_sha256", sha256(Array(words.utf8))),
            ]
        }
    }

    /// Gives a prompt the file back that it had before, as it was, with its credit. The file that is there is kept aside.
    /// - Throws: `MediaError` with code `.prompt`: there is no such version, or it is not as it was kept.
    public func bringBack(
        _ name: String, as id: String, of catalog: inout PromptCatalog, keeping note: PromptVersions.Note
    ) throws(MediaError) -> Installed {
        let versions = PromptVersions(catalog)
        guard let version = versions.all(of: id).first(where: { $0.name == name }) else {
            throw MediaError(.prompt, "there is no earlier version of the prompt `\(id)` of that name")
        }
        let bytes = try versions.bytes(of: version)
        guard sha256(bytes) == version.sha256 else {
            throw MediaError(
                .prompt, "\(versions.path(of: version)): it is not as it was kept; look for it in a backup")
        }
        let audio = try AudioFile(reading: versions.path(of: version))
        guard audio.rate == PromptLevel.rate, audio.channels == 1, !audio.samples.isEmpty else {
            throw MediaError(
                .prompt, "\(versions.path(of: version)): a prompt has 8,000 Hz, one channel; this one never served")
        }
        return try put(audio, as: id, of: &catalog, keeping: note) { path throws(MediaError) in
            try DurableFile.write(bytes, to: path)
        } credit: { _, hash in
            [
                ("voice", version.voice), ("licence", version.licence), ("sha256", hash),
                ("text_sha256", version.textSHA256),
            ]
        }
    }

    private func put(
        _ prompt: AudioFile, as id: String, of catalog: inout PromptCatalog, keeping note: PromptVersions.Note?,
        write: (_ path: String) throws(MediaError) -> Void,
        credit: (_ words: String, _ sha256: String) -> [(key: String, value: String?)]
    ) throws(MediaError) -> Installed {
        let folder = catalog.folder
        return try DurableFile.alone(in: folder) { () throws(MediaError) in
            // Somebody may have changed it since it was read.
            catalog = try PromptCatalog(folder: folder)
            let entry = try Self.entry(id, of: catalog)
            let path = catalog.path(of: entry)
            try catalog.checkEditable(entry, credit(entry.words, ""))
            do {
                try FileManager.default.createDirectory(
                    atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            } catch {
                throw MediaError(.prompt, "\(path): its folder cannot be made: \(error.localizedDescription)")
            }
            let former = FileManager.default.contents(atPath: path).map { Array($0) }
            let formerHash = former.map(sha256)
            guard former != nil || note == nil || !FileManager.default.fileExists(atPath: path) else {
                throw MediaError(.prompt, "\(path): cannot be read, and so not kept; check its permissions")
            }
            if let note, let former, let formerHash {
                try PromptVersions(catalog).keep(former, sha256: formerHash, of: entry, note)
            }
            try write(path)
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw MediaError(.prompt, "\(path): cannot be read back")
            }
            let hash = sha256(Array(bytes))
            do throws(MediaError) {
                try catalog.update(id, credit(entry.words, hash))
            } catch {
                // The two belong together: a catalog that could not be written keeps its file.
                Self.giveBack(former, to: path)
                throw error
            }
            return Installed(samples: prompt.samples, sha256: hash, formerSHA256: formerHash)
        }
    }

    private static func entry(_ id: String, of catalog: PromptCatalog) throws(MediaError) -> PromptCatalog.Entry {
        guard let entry = catalog.entries.first(where: { $0.id == id }) else {
            throw MediaError(.prompt, "\(catalog.path) has no prompt `\(id)`")
        }
        return entry
    }

    private static func giveBack(_ former: [UInt8]?, to path: String) {
        guard let former else { return remove(path) }
        do throws(MediaError) {
            try DurableFile.write(former, to: path)
        } catch {
            // The disk takes neither: the first fault is told, and `prompts check` finds the file altered.
            return
        }
    }

    private static func remove(_ path: String) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            // What is left behind does no harm: in the temporary folder it is the system's to clear, beside a catalog
            // `prompts check` finds it.
            return
        }
    }
}
