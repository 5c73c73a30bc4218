import Evidence
import Glibc

/// Writes an evidence bundle (docs/evidence.md) as a stream: `begin`, then for each chain of the description
/// `append` for its events in their order, then `finish`. Nothing stands under the bundle's name until all of it is
/// written and synced. Blocks; used by one task at a time.
public final class EvidenceBundleWriter {
    /// What was written.
    public struct Summary: Sendable, Hashable {
        public var members = 0
        public var events: Int64 = 0
        public var recordings: Int64 = 0
        /// The bundle's length.
        public var bytes: Int64 = 0
        /// Recordings that are not as they were finished, in words: the bundle is made all the same, and its
        /// verification will say so.
        public var faults: [String] = []
    }

    private struct Recording {
        var file: String
        var sha256: String
        var event: String
    }

    private let path: String
    private let draft: String
    private let isReplacing: Bool
    private let description: BundleDescription
    private let calls: DiskCalls
    private let file: OpenFile
    private let archive: ArchiveWriter
    private var isDone = false
    private var chain = 0
    private var lines: SpooledLines?
    private var rows: [BundleRows: SpooledLines] = [:]
    private var recordings: [Recording] = []
    private var members: [BundleMember] = []
    private var summary = Summary()

    /// Makes a file beside the bundle's name.
    /// - Parameter isReplacing: a bundle that stands there already is replaced; otherwise it is refused.
    /// - Throws: `RecordingError` with code `.bundle`.
    public convenience init(path: String, isReplacing: Bool, description: BundleDescription) throws(RecordingError) {
        try self.init(path: path, isReplacing: isReplacing, description: description, calls: .system)
    }

    package init(
        path: String, isReplacing: Bool, description: BundleDescription, calls: DiskCalls
    ) throws(RecordingError) {
        self.path = path
        self.isReplacing = isReplacing
        self.description = description
        self.calls = calls
        draft = "\(path).\(getpid()).partial"
        do throws(FileFailure) {
            if !isReplacing, try Files.kind(path) != nil {
                throw FileFailure(path: path, operation: "making", errno: EEXIST)
            }
            file = try OpenFile(draft, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
            archive = try ArchiveWriter(file: file, calls: calls)
            for kind in BundleRows.allCases {
                rows[kind] = try SpooledLines(path: "\(draft).\(kind.rawValue)", calls: calls)
            }
        } catch {
            if error.path != path, error.operation != "open" { unlink(draft) }
            throw Self.failure(path, error)
        }
    }

    /// A bundle that was not finished leaves nothing behind.
    deinit { if !isDone { unlink(draft) } }

    private static func failure(_ path: String, _ error: FileFailure) -> RecordingError {
        let advice =
            switch error.errno {
            case EEXIST: ": it exists; give another name, or --force to replace it"
            case ENOSPC: ": the disk is full; nothing was left behind"
            default: ""
            }
        return RecordingError(
            .bundle, "The bundle \(path) cannot be written: \(error.text)\(advice)", errno: error.errno)
    }

    private func attempt<Answer>(
        _ work: () throws(FileFailure) -> Answer
    ) throws(RecordingError) -> Answer {
        do throws(FileFailure) {
            return try work()
        } catch {
            throw Self.failure(path, error)
        }
    }

    /// The members before the chains.
    /// - Parameters:
    ///   - keys: public keys, 32 bytes each.
    ///   - anchors: those made for the bundle's events, in the order of the events that say so.
    public func begin(keys: [[UInt8]], anchors: [[UInt8]]) throws(RecordingError) {
        try attempt { () throws(FileFailure) in
            try add(BundleFormat.description, description.bytes)
            try add(BundleFormat.keys, BundleKeys.bytes(keys))
            try add(BundleFormat.anchors, Array(anchors.map { $0 + [10] }.joined()))
        }
    }

    /// The next events of the chain that is being written.
    /// - Parameter type: of the event, as the journal has it: outside of the period only anchors keep their bodies.
    public func append(_ sealed: SealedEvent, type: String) throws(RecordingError) {
        try attempt { () throws(FileFailure) in
            let isInside = description.chains[chain].holds(sealed.sequence)
            let isOmitted = !isInside && !BundleFormat.isAnchoring(type: type)
            let lines: SpooledLines
            if let open = self.lines {
                lines = open
            } else {
                lines = try SpooledLines(path: "\(draft).chain", calls: calls)
                self.lines = lines
            }
            try lines.add(BundleEvent(sealed, isOmitted: isOmitted).bytes)
            summary.events += 1
            if isInside, let body = sealed.body { try takeFact(body, sealed) }
        }
    }

    /// The chain's last event was appended.
    public func endChain() throws(RecordingError) {
        try attempt { () throws(FileFailure) in
            try add(BundleFormat.chain(chain), lines)
            lines = nil
            chain += 1
        }
    }

    private func takeFact(_ body: [UInt8], _ sealed: SealedEvent) throws(FileFailure) {
        let event: JournalEvent
        do throws(EvidenceError) {
            event = try JournalEvent(body: body)
        } catch {
            // The chain carries it as it is; its verification says what is wrong with it.
            summary.faults.append("chain \(sealed.chain), event \(sealed.sequence): \(error.message)")
            return
        }
        if let kind = BundleRows(event: event) {
            try rows[kind]?.add(BundleRows.line(event, chain: sealed.chain, sequence: sealed.sequence))
        }
        guard event.type == RecordingLeaf.eventType, event.unapplied == nil, let file = event.data["file"]?.textValue,
            let sha256 = event.data["sha256"]?.textValue
        else { return }
        recordings.append(
            Recording(file: file, sha256: sha256, event: "chain \(sealed.chain), event \(sealed.sequence)"))
    }

    /// Rows, recordings, manifest and signature; then the file gets its name.
    /// - Parameters:
    ///   - folder: the recordings', without a slash at its end.
    ///   - archived: of the archived ones, likewise; nil: there is none.
    ///   - keys: open encrypted recordings, which stand in the bundle in the clear; nil: there are none.
    ///   - privateKey: an Ed25519 seed, 32 bytes.
    public func finish(
        recordings folder: String, archive archived: String? = nil, keys: RecordingKeys? = nil, privateKey: [UInt8]
    ) throws(RecordingError) -> Summary {
        let places = RecordingPlaces(folder: folder, archive: archived, keys: keys)
        try attempt { () throws(FileFailure) in
            for kind in BundleRows.allCases { try add(kind.name, rows.removeValue(forKey: kind)) }
            for recording in recordings { try add(recording, in: places) }
        }
        let manifest = Array(members.map { $0.line + [10] }.joined())
        try attempt { () throws(FileFailure) in try add(BundleFormat.manifest, manifest) }
        let signature: BundleSignature
        do throws(EvidenceError) {
            signature = try BundleSignature(manifest: members.last?.sha256 ?? [], privateKey: privateKey)
        } catch {
            throw RecordingError(.bundle, error.message)
        }
        return try attempt { () throws(FileFailure) in
            try add(BundleFormat.signature, signature.bytes)
            try archive.close()
            try file.sync(calls: calls)
            try name()
            summary.members = members.count
            summary.bytes = try file.length()
            return summary
        }
    }

    private func name() throws(FileFailure) {
        if isReplacing {
            try Files.rename(draft, to: path)
        } else {
            // A link, unlike a renaming, fails where somebody made the name meanwhile.
            guard link(draft, path) == 0 else { throw FileFailure(path: path, operation: "link", errno: errno) }
            try Files.remove(draft)
        }
        isDone = true
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try Files.syncFolder(folder.isEmpty ? "/" : folder)
    }

    private func add(_ name: String, _ bytes: [UInt8]) throws(FileFailure) {
        try member(name, size: Int64(bytes.count)) { (take) throws(FileFailure) in try take(bytes) }
    }

    private func add(_ name: String, _ lines: SpooledLines?) throws(FileFailure) {
        try member(name, size: lines?.length ?? 0) { (take) throws(FileFailure) in try lines?.read(take) }
    }

    private func add(_ recording: Recording, in places: RecordingPlaces) throws(FileFailure) {
        let name = BundleFormat.recordings + recording.file
        func fault(_ what: String) { summary.faults.append("\(name) (\(recording.event)) \(what)") }
        guard BundleFormat.isPlain(name) else { return fault("has a name that leads elsewhere") }
        let path = places.path(of: recording.file)
        guard try Files.kind(path) == .file else { return fault("is missing") }
        let source: StoredFile
        do throws(FileFailure) {
            source = try StoredFile(path, keys: places.keys)
            // A member's size stands before it: what cannot be opened to its end is found before it is begun.
            if source.isSealed { try source.read(bytes: source.length) { (_) throws(FileFailure) in } }
        } catch {
            guard error.errno == EBADMSG else { throw error }
            return fault("cannot be opened: \(error.operation)")
        }
        let length = source.length
        try member(name, size: length) { (take) throws(FileFailure) in try source.read(bytes: length, take) }
        summary.recordings += 1
        if let added = members.last, Hexadecimal.text(added.sha256) != recording.sha256 {
            fault("is not the file that was finished")
        }
    }

    /// Writes one member and notes its hash.
    private func member(
        _ name: String, size: Int64, _ content: (([UInt8]) throws(FileFailure) -> Void) throws(FileFailure) -> Void
    ) throws(FileFailure) {
        try archive.begin(name, size: size, modified: description.exported / 1_000_000)
        var hash = SHA256Stream()
        try content { (bytes) throws(FileFailure) in
            hash.update(bytes: bytes)
            try bytes.span.withUnsafeBytes { (buffer) throws(FileFailure) in try archive.write(buffer) }
        }
        members.append(BundleMember(name: name, bytes: size, sha256: hash.finishBytes()))
    }
}
