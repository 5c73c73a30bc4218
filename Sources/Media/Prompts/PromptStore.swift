import Synchronization

/// Every prompt of a catalog, encoded to A-law and µ-law and held in memory, so that the media thread copies bytes and
/// nothing else. Made once at start. A prompt's sound can be replaced while calls go on: plays that begin later get the
/// new one, those under way go on with what they began with. Any thread but the media's, which never looks in here.
public final class PromptStore: Sendable {
    /// What to do about a prompt whose file is missing or cannot be used.
    public enum Missing: Sendable {
        /// The store is not made: the error names the catalog's line (start, `prompts check`).
        case refuse
        /// A short tone stands in for it, and the fault is kept in `faults` (a running server that loads anew).
        case fallbackTone
    }

    /// A prompt played as a tone because its file cannot be used.
    public struct Fault: Sendable, Hashable {
        public var id: String
        /// What should have been said: the operator is shown it.
        public var text: String
        /// Names the catalog's line and the file, and says what to do.
        public var message: String
    }

    /// The catalog's ids, in its order; a `PromptIndex` counts in this list.
    public let ids: [String]
    /// Empty unless made with `.fallbackTone`.
    public let faults: [Fault]
    private let indices: [String: PromptIndex]
    private let texts: [String]
    /// In the order of `ids`.
    private let sounds: Mutex<[PromptSound]>

    /// Reads and encodes every file of the catalog. Blocking.
    /// - Throws: `MediaError` with code `.prompt` or `.audioFile`.
    public init(catalog: PromptCatalog, missing: Missing = .refuse) throws(MediaError) {
        var sounds: [PromptSound] = []
        var faults: [Fault] = []
        for entry in catalog.entries {
            do throws(MediaError) {
                sounds.append(PromptSound(encoding: try Self.load(entry, of: catalog)))
            } catch {
                guard missing == .fallbackTone else { throw error }
                sounds.append(PromptSound(encoding: Self.fallback))
                faults.append(Fault(id: entry.id, text: entry.text, message: error.message))
            }
        }
        ids = catalog.entries.map(\.id)
        texts = catalog.entries.map(\.text)
        self.faults = faults
        indices = Dictionary(
            zip(ids, ids.indices.map { PromptIndex(Int32(truncatingIfNeeded: $0)) }),
            uniquingKeysWith: { first, _ in first })
        self.sounds = Mutex(sounds)
    }

    /// Where a prompt stands; nil for an id that the catalog did not have at the start.
    public func index(of id: String) -> PromptIndex? { indices[id] }

    /// A prompt as it is at this moment; nil for an index that is none of ours.
    func sound(_ index: PromptIndex) -> PromptSound? {
        sounds.withLock { $0.indices.contains(Int(index.value)) ? $0[Int(index.value)] : nil }
    }

    /// The prompt in a codec's bytes, 8 a millisecond; empty for an index that is none of ours.
    public func bytes(_ index: PromptIndex, codec: Codec) -> [UInt8] { sound(index)?.copied(codec) ?? [] }

    /// A prompt's length in milliseconds, rounded up.
    public func milliseconds(of index: PromptIndex) -> Int { ((sound(index)?.view.count ?? 0) + 7) / 8 }

    /// Whether plays that begin now have these samples.
    public func plays(_ samples: [Int16], as index: PromptIndex) -> Bool {
        guard let sound = sound(index), sound.view.count == samples.count else { return false }
        return sound.copied(.pcma) == samples.map(G711.aLaw) && sound.copied(.pcmu) == samples.map(G711.uLaw)
    }

    /// Gives a prompt another sound: plays that begin from now on have it, whatever is being played goes on as it began.
    /// Encodes, so that it takes a moment.
    /// - Parameter samples: 8,000 a second, one at least.
    /// - Throws: `MediaError` with code `.prompt` for an id that the catalog did not have at the start, and for nothing.
    public func replace(_ id: String, with samples: [Int16]) throws(MediaError) {
        guard let index = indices[id] else {
            throw MediaError(.prompt, "the server did not have the prompt `\(id)` at its start; start it again")
        }
        // A play that loops relies on each of its prompts having a length.
        guard !samples.isEmpty else { throw MediaError(.prompt, "prompt `\(id)`: there is nothing to play") }
        let sound = PromptSound(encoding: samples)
        // The former one is let go behind the lock, by whoever holds it last: here, or where plays are taken back.
        _ = sounds.withLock { sounds in
            let former = sounds[Int(index.value)]
            sounds[Int(index.value)] = sound
            return former
        }
    }

    /// What a prompt says; nil for an index that is none of ours.
    public func text(of index: PromptIndex) -> String? {
        texts.indices.contains(Int(index.value)) ? texts[Int(index.value)] : nil
    }

    /// What all prompts say, by id.
    public var textsByID: [String: String] {
        Dictionary(zip(ids, texts), uniquingKeysWith: { first, _ in first })
    }

    private static func load(_ entry: PromptCatalog.Entry, of catalog: PromptCatalog) throws(MediaError) -> [Int16] {
        let path = catalog.path(of: entry)
        let file: AudioFile
        do throws(MediaError) {
            file = try AudioFile(reading: path)
        } catch {
            throw MediaError(
                .prompt, "\(entry.place): prompt `\(entry.id)`: \(error.message); or run `hotline prompts build`")
        }
        guard file.rate == PromptLevel.rate, file.channels == 1, !file.samples.isEmpty else {
            throw MediaError(
                .prompt,
                "\(entry.place): prompt `\(entry.id)`: \(path) has \(file.frames) frames at \(file.rate) Hz in "
                    + "\(file.channels) channels; a prompt has 8,000 Hz, one channel. "
                    + "`hotline prompts import \(entry.id) FILE` converts a recording")
        }
        return file.samples
    }

    /// 425 Hz at about -18 dBm0 for 300 ms: heard as "something should be here", never taken for the message beep.
    private static let fallback: [Int16] = ToneSamples.sine(
        frequency: 425, amplitude: 4000, milliseconds: 300, rate: PromptLevel.rate)
}
