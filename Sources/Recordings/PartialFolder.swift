import AudioLog
import Calls
import FoundationEssentials
import Glibc

/// The folder of recordings not yet confirmed: for each, an index (`<recording>.index`, JSON) and a file for each track.
struct PartialFolder: Sendable {
    let path: String
    let calls: DiskCalls
    /// Nil: tracks are written in the clear.
    var keys: RecordingKeys?

    func trackPath(_ partial: Partial, _ track: Partial.Track) -> String { "\(path)/\(partial.fileName(track))" }

    private func indexPath(_ recording: RecordingID) -> String { "\(path)/\(recording).index" }

    /// Makes the recording's tracks durable, then its index, which names nothing that is not. The folder is synced by
    /// the caller, once for many.
    func save(_ partial: Partial) throws(FileFailure) {
        for track in partial.tracks {
            try OpenFile(trackPath(partial, track), O_WRONLY).sync(calls: calls)
        }
        let bytes: [UInt8]
        do {
            bytes = Array(try JSONEncoder().encode(partial))
        } catch {
            throw FileFailure(path: indexPath(partial.recording), operation: "encode", errno: EINVAL)
        }
        try Files.replace(indexPath(partial.recording), with: bytes, calls: calls)
    }

    func sync() throws(RecordingError) {
        do throws(FileFailure) {
            try Files.syncFolder(path, calls: calls)
        } catch {
            throw RecordingError(.partial, error.text, errno: error.errno)
        }
    }

    /// Removes all files of a recording.
    func remove(_ partial: Partial) throws(FileFailure) {
        for track in partial.tracks { try Files.remove(trackPath(partial, track)) }
        try Files.remove(indexPath(partial.recording))
    }

    /// What an earlier run left.
    struct Contents {
        var partials: [Partial] = []
        /// Files that cannot be used; they stay where they are.
        var errors: [RecordingError] = []
    }

    /// Reads all indexes, and removes drafts.
    func load() throws(RecordingError) -> Contents {
        var contents = Contents()
        do throws(FileFailure) {
            var tracks = Set<String>()
            for name in try Files.names(in: path) {
                if name.hasSuffix(".tmp") {
                    try Files.remove("\(path)/\(name)")
                } else if name.hasSuffix(".track") {
                    tracks.insert(name)
                } else if name.hasSuffix(".index") {
                    if let partial = try index(name, errors: &contents.errors) { contents.partials.append(partial) }
                }
            }
        } catch {
            throw RecordingError(.folder, "The partial recordings cannot be read: \(error.text)", errno: error.errno)
        }
        return contents
    }

    private func index(_ name: String, errors: inout [RecordingError]) throws(FileFailure) -> Partial? {
        let file = "\(path)/\(name)"
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try Files.contents(of: file, limit: 16 * 1_048_576)
        } catch  where error.isOfOneFile {
            errors.append(
                RecordingError(
                    .partial, "\(error.text); what stands in its recording's tracks is not used", errno: error.errno))
            return nil
        }
        let complaint: String
        do {
            let partial = try JSONDecoder().decode(Partial.self, from: Data(bytes))
            if partial.isSound, name == "\(partial.recording).index" { return partial }
            complaint = "its contents contradict themselves"
        } catch {
            complaint = "\(error)"
        }
        // Out of the way, so that what the audio log still holds of the recording can be finished.
        try Files.rename(file, to: file + ".broken")
        errors.append(
            RecordingError(
                .partial,
                "\(file) is broken (\(complaint)) and was renamed to \(name).broken; its tracks stay beside it."))
        return nil
    }
}

extension Partial {
    /// Whether an index read from disk keeps to the limits that blocks are held to.
    fileprivate var isSound: Bool {
        let longest = AudioLogFormat.maximumPosition
        return version == 1 && (0...longest).contains(reach) && (0...longest).contains(length ?? 0)
            && channels.allSatisfy { (0..<AudioLogFormat.maximumChannels).contains($0.index) }
            && tracks.allSatisfy {
                $0.channel < AudioLogFormat.maximumChannels && $0.rate > 0 && 48_000 % $0.rate == 0
                    && G711.table(codec: $0.codec) != nil && $0.present.end <= longest / $0.unit
            }
    }
}
