import Calls
import Evidence
import Foundation
import Media
import Recordings
import Storage
import Synchronization

/// The running server's prompts, to be looked at, heard and replaced while calls go on. Any thread; what blocks is done
/// off the cooperative pool, the long of it at idle priority.
///
/// A prompt that was replaced is heard by plays that begin from then on. What was there before is kept beside the catalog
/// and can be brought back. Each change is journalled (`server_noted` of the kind `prompt_replaced`).
public final class PromptDesk: Sendable {
    /// The most that a recording may have, in bytes: an honest one of five minutes has less.
    public static let mostBytes = 20 * 1024 * 1024
    /// And in length and samples: a small file may unpack to a great deal.
    static let limits = AudioFile.Limits(seconds: 300, rates: 1000...96_000, samples: 30_000_000)
    /// The most that the name of a voice or a licence has, in characters.
    public static let mostName = 100

    /// Where the prompts are.
    public struct Place: Sendable, Hashable {
        public var folder: String
        /// The server may change what is in there.
        public var isWritable: Bool
        /// It is the folder that came with the program: another version brings its own.
        public var isShipped: Bool
    }

    private struct Cached {
        var entry: PromptCatalog.Entry
        var stamp: FileStamp
        var prompt: DeskPrompt
    }

    private struct Memory {
        var prompts: [String: Cached] = [:]
        /// Rises with each change, so that nothing is kept that was looked at before it.
        var generation = 0
        var isBusy = false
    }

    private let folder: String
    private let isShipped: Bool
    private let prompts: PromptStore
    private let store: Store
    private let time: any TimeSource
    private let mayWrite: @Sendable (_ folder: String) -> Bool
    private let builder = PromptBuilder(sha256: PromptDesk.sha256)
    private let memory = Mutex(Memory())

    /// - Parameters:
    ///   - folder: the running server's, with its catalog.
    ///   - isShipped: it came with the program.
    ///   - prompts: what calls are played from.
    ///   - mayWrite: whether the server may change what is in a folder.
    public init(
        folder: String, isShipped: Bool, prompts: PromptStore, store: Store, time: any TimeSource,
        mayWrite: @escaping @Sendable (_ folder: String) -> Bool = { access($0, W_OK) == 0 }
    ) {
        self.folder = folder
        self.isShipped = isShipped
        self.prompts = prompts
        self.store = store
        self.time = time
        self.mayWrite = mayWrite
    }

    @Sendable static func sha256(_ bytes: [UInt8]) -> String { SHA256Stream.hex(of: bytes) }

    public func place() async -> Place {
        await DiskWork.run { [self] in
            Place(folder: folder, isWritable: mayWrite(folder), isShipped: isShipped)
        }
    }

    // MARK: - Looking

    /// All prompts, in the catalog's order.
    /// - Throws: `SwitchboardError` `.refused` where the catalog cannot be read.
    public func all() async throws(SwitchboardError) -> [DeskPrompt] {
        try await reading { catalog in catalog.entries.map { self.prompt($0, in: catalog) } }
    }

    /// - Throws: `SwitchboardError` `.notFound`, and as `all`.
    public func one(_ id: String) async throws(SwitchboardError) -> DeskPrompt {
        try await reading { catalog throws(MediaError) in
            self.prompt(try Self.entry(id, in: catalog), in: catalog)
        }
    }

    /// What the prompt was before, the last replaced first.
    /// - Throws: as `one`.
    public func versions(of id: String) async throws(SwitchboardError) -> [PromptVersion] {
        try await reading { catalog throws(MediaError) in
            let entry = try Self.entry(id, in: catalog)
            let present = FileManager.default.contents(atPath: catalog.path(of: entry)).map { Self.sha256(Array($0)) }
            // Of what is there now there is nothing to bring back.
            return PromptVersions(catalog).all(of: id).filter { $0.sha256 != present }
        }
    }

    /// A prompt's WAV file, or an earlier version's, by its name.
    /// - Throws: `SwitchboardError` `.notFound`, also where there is no such file.
    public func audio(of id: String, version name: String?) async throws(SwitchboardError) -> [UInt8] {
        try await reading { catalog throws(MediaError) in
            let entry = try Self.entry(id, in: catalog)
            if let name {
                let versions = PromptVersions(catalog)
                guard let version = versions.all(of: id).first(where: { $0.name == name }) else {
                    throw Self.unknown("there is no earlier version of `\(id)` of that name")
                }
                return try versions.bytes(of: version)
            }
            guard let data = FileManager.default.contents(atPath: catalog.path(of: entry)) else {
                throw Self.unknown("the prompt `\(id)` has no file")
            }
            return Array(data)
        }
    }

    private func prompt(_ entry: PromptCatalog.Entry, in catalog: PromptCatalog) -> DeskPrompt {
        let stamp = FileStamp(catalog.path(of: entry))
        let (known, generation) = memory.withLock { ($0.prompts[entry.id], $0.generation) }
        if let known, known.entry == entry, known.stamp == stamp { return known.prompt }
        let seen = PromptCheck(maximumSeconds: PreparedPrompt.patience, sha256: Self.sha256).examine(entry, in: catalog)
        let index = prompts.index(of: entry.id)
        let prompt = DeskPrompt(
            id: entry.id, kind: entry.kind.rawValue, text: entry.text, spoken: entry.spoken, voice: entry.voice,
            licence: entry.licence, sha256: seen.sha256, milliseconds: seen.milliseconds,
            isPlayed: index.map { index in seen.samples.map { prompts.plays($0, as: index) } ?? false } ?? false,
            findings: seen.findings.map(DeskPrompt.Finding.init))
        memory.withLock { memory in
            guard memory.generation == generation else { return }
            memory.prompts[entry.id] = Cached(entry: entry, stamp: stamp, prompt: prompt)
        }
        return prompt
    }

    // MARK: - Changing

    /// What would become of a recording as a prompt. Changes nothing.
    /// - Parameter bytes: the file; any form that libsndfile reads.
    /// - Throws: `SwitchboardError`: `.notFound`, `.argument` for too many bytes, `.unavailable` where another is at work.
    public func check(_ bytes: [UInt8], as id: String) async throws(SwitchboardError) -> PromptVerdict {
        try Self.check(count: bytes.count)
        return try await working { catalog throws(SwitchboardError) in
            guard let entry = catalog.entries.first(where: { $0.id == id }) else { throw Self.nothing(id) }
            do throws(MediaError) {
                return PromptVerdict(id: id, prepared: try Self.prepare(bytes, as: entry), kind: entry.kind)
            } catch {
                return PromptVerdict(id: id, unreadable: error, kind: entry.kind)
            }
        }
    }

    /// Takes a recording as a prompt: converted, levelled, durable, journalled, and heard by whoever calls next.
    /// - Parameters:
    ///   - voice: whose it is.
    ///   - licence: what it may be used under: an SPDX identifier, or `proprietary`.
    ///   - by: who replaces it.
    /// - Throws: as `check`; `.argument` for a recording that cannot serve, with what to do; `.refused` where the folder may
    ///   not be written.
    public func replace(
        _ id: String, with bytes: [UInt8], voice: String, licence: String, by: String
    ) async throws(SwitchboardError) -> PromptReplaced {
        try Self.check(count: bytes.count)
        let voice = try Self.name(voice, "voice", "whose voice it is")
        let licence = try Self.name(licence, "licence", "what it may be used under, such as `proprietary`")
        return try await change(id, by: by, note: ["voice": voice, "licence": licence]) {
            catalog, entry, note throws(SwitchboardError) in
            let prepared: PreparedPrompt
            do throws(MediaError) {
                prepared = try Self.prepare(bytes, as: entry)
            } catch {
                throw SwitchboardError(.argument, error.message)
            }
            if let refusal = prepared.refusal {
                throw SwitchboardError(.argument, "\(refusal.message): \(refusal.advice)")
            }
            do throws(MediaError) {
                let installed = try self.builder.install(
                    prepared, as: id, of: &catalog, voice: voice, licence: licence, keeping: note)
                return (installed, prepared.findings)
            } catch {
                throw SwitchboardError(.refused, error.message)
            }
        }
    }

    /// Gives a prompt an earlier version back.
    /// - Parameter version: its name.
    /// - Throws: `SwitchboardError`: `.notFound`; `.refused` where it cannot be brought back, or the folder not be written;
    ///   `.unavailable` where another change is at work.
    public func bringBack(
        _ id: String, version name: String, by: String
    ) async throws(SwitchboardError) -> PromptReplaced {
        try await change(id, by: by, note: ["version": String(name.prefix(200))]) {
            catalog, _, note throws(SwitchboardError) in
            guard PromptVersions(catalog).all(of: id).contains(where: { $0.name == name }) else {
                throw SwitchboardError(.notFound, "there is no earlier version of `\(id)` of that name")
            }
            do throws(MediaError) {
                return (try self.builder.bringBack(name, as: id, of: &catalog, keeping: note), [])
            } catch {
                throw SwitchboardError(.refused, error.message)
            }
        }
    }

    private typealias Change =
        @Sendable (
            inout PromptCatalog, PromptCatalog.Entry, PromptVersions.Note
        ) throws(SwitchboardError) -> (PromptBuilder.Installed, [PromptFinding])

    private func change(
        _ id: String, by: String, note: [String: String], _ change: @escaping Change
    ) async throws(SwitchboardError) -> PromptReplaced {
        let now = time.now()
        let (installed, replaced) = try await working {
            catalog throws(SwitchboardError) -> (PromptBuilder.Installed, PromptReplaced) in
            guard let entry = catalog.entries.first(where: { $0.id == id }) else { throw Self.nothing(id) }
            guard self.mayWrite(self.folder) else { throw self.readOnly }
            var catalog = catalog
            let (installed, findings) = try change(&catalog, entry, PromptVersions.Note(by: by, at: now.wall))
            let isPlayed = self.play(installed.samples, as: id)
            return (
                installed,
                PromptReplaced(
                    id: id, milliseconds: installed.milliseconds, sha256: installed.sha256,
                    formerSHA256: installed.formerSHA256, isPlayed: isPlayed,
                    findings: findings.map(DeskPrompt.Finding.init))
            )
        }
        var data = note
        data["prompt"] = id
        data["by"] = by
        data["sha256"] = installed.sha256
        data["former_sha256"] = installed.formerSHA256
        do {
            try await store.record([.serverNoted(ServerNoted(at: now, kind: "prompt_replaced", data: data))])
        } catch {
            throw SwitchboardError(
                .unavailable, "the prompt `\(id)` is replaced, but the journal could not take it: \(error.message)")
        }
        return replaced
    }

    /// From now on calls hear it.
    /// - Returns: false for a prompt that the catalog did not have at the start of the server.
    private func play(_ samples: [Int16], as id: String) -> Bool {
        defer {
            memory.withLock { memory in
                memory.generation += 1
                memory.prompts[id] = nil
            }
        }
        do {
            try prompts.replace(id, with: samples)
            return true
        } catch {
            // The file is in its place: the next start has it.
            return false
        }
    }

    // MARK: - Ways

    private var readOnly: SwitchboardError {
        SwitchboardError(
            .refused,
            "the server may not write to \(folder): copy the folder to a place where it may, name that place in "
                + "`prompts.folder`, and start the server again")
    }

    private static func nothing(_ id: String) -> SwitchboardError {
        SwitchboardError(.notFound, "there is no prompt \(shown(id)): `hotline prompts list` shows them")
    }

    private static func shown(_ id: String) -> String {
        "`\(String(String.UnicodeScalarView(id.unicodeScalars.prefix(64))))`"
    }

    private static let absent = MediaError.Code("prompt_absent")

    private static func unknown(_ message: String) -> MediaError { MediaError(absent, message) }

    private static func entry(_ id: String, in catalog: PromptCatalog) throws(MediaError) -> PromptCatalog.Entry {
        guard let entry = catalog.entries.first(where: { $0.id == id }) else { throw unknown(nothing(id).message) }
        return entry
    }

    private static func switchboard(_ error: MediaError) -> SwitchboardError {
        SwitchboardError(error.code == absent ? .notFound : .refused, error.message)
    }

    private static func check(count: Int) throws(SwitchboardError) {
        guard count > 0 else { throw SwitchboardError(.argument, "the recording is empty: choose an audio file") }
        guard count <= mostBytes else {
            throw SwitchboardError(.argument, "the recording has more than \(mostBytes) bytes: make it shorter")
        }
    }

    /// - Throws: `.argument` where it is missing, too long, or cannot be kept.
    private static func name(
        _ text: String, _ key: String, _ meaning: String
    ) throws(SwitchboardError) -> String {
        let name = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !name.isEmpty else { throw SwitchboardError(.argument, "`\(key)` must say \(meaning)") }
        guard name.unicodeScalars.count <= mostName else {
            throw SwitchboardError(.argument, "`\(key)` is longer than \(mostName) characters")
        }
        guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw SwitchboardError(.argument, "`\(key)` holds control characters")
        }
        return name
    }

    private static func prepare(
        _ bytes: [UInt8], as entry: PromptCatalog.Entry
    ) throws(MediaError) -> PreparedPrompt {
        PreparedPrompt(try AudioFile(bytes: bytes, within: limits, as: "the recording"), as: entry)
    }

    private func reading<Value: Sendable>(
        _ look: @escaping @Sendable (PromptCatalog) throws(MediaError) -> Value
    ) async throws(SwitchboardError) -> Value {
        let result = await DiskWork.run { [folder] () -> Result<Value, SwitchboardError> in
            do throws(MediaError) {
                return .success(try look(try PromptCatalog(folder: folder)))
            } catch {
                return .failure(Self.switchboard(error))
            }
        }
        return try result.get()
    }

    /// One at a time: a recording of minutes takes memory.
    private func working<Value: Sendable>(
        _ work: @escaping @Sendable (PromptCatalog) throws(SwitchboardError) -> Value
    ) async throws(SwitchboardError) -> Value {
        let isFree = memory.withLock { memory in
            defer { memory.isBusy = true }
            return !memory.isBusy
        }
        guard isFree else {
            throw SwitchboardError(.unavailable, "another recording is being looked at: try again in a few seconds")
        }
        defer { memory.withLock { $0.isBusy = false } }
        let result: Result<Value, SwitchboardError>
        do throws(RecordingError) {
            result = try await IdleWork.run { [folder] _ in
                do throws(SwitchboardError) {
                    let catalog: PromptCatalog
                    do throws(MediaError) {
                        catalog = try PromptCatalog(folder: folder)
                    } catch {
                        throw Self.switchboard(error)
                    }
                    return .success(try work(catalog))
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw SwitchboardError(.unavailable, error.message)
        }
        return try result.get()
    }
}
