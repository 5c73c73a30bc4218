/// Every prompt of a catalog, encoded once to A-law and µ-law and held in memory, so that the media thread copies
/// bytes and nothing else. Made once at start; immutable; any thread.
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
    /// What the media thread reads from; valid as long as the store lives.
    public let table: PromptTable
    private let indices: [String: PromptIndex]
    private let texts: [String]

    /// Reads and encodes every file of the catalog. Blocking.
    /// - Throws: `MediaError` with code `.prompt` or `.audioFile`.
    public init(catalog: PromptCatalog, missing: Missing = .refuse) throws(MediaError) {
        var audio: [[Int16]] = []
        var faults: [Fault] = []
        for entry in catalog.entries {
            do throws(MediaError) {
                audio.append(try Self.load(entry, of: catalog))
            } catch {
                guard missing == .fallbackTone else { throw error }
                audio.append(Self.fallback)
                faults.append(Fault(id: entry.id, text: entry.text, message: error.message))
            }
        }
        ids = catalog.entries.map(\.id)
        texts = catalog.entries.map(\.text)
        self.faults = faults
        indices = Dictionary(
            zip(ids, ids.indices.map { PromptIndex(Int32(truncatingIfNeeded: $0)) }),
            uniquingKeysWith: { first, _ in first })
        table = PromptTable(encoding: audio)
    }

    deinit { table.deallocate() }

    /// Where a prompt stands; nil for an id that the catalog does not have. Not for the media thread.
    public func index(of id: String) -> PromptIndex? { indices[id] }

    /// The prompt in a codec's bytes, 8 a millisecond; empty for an index that is none of ours. Neither allocates nor
    /// waits. Valid as long as the store lives.
    public func bytes(_ index: PromptIndex, codec: Codec) -> UnsafeBufferPointer<UInt8> {
        table.bytes(index, codec: codec)
    }

    /// A prompt's length in milliseconds, rounded up.
    public func milliseconds(of index: PromptIndex) -> Int {
        (table.bytes(index, codec: .pcma).count + 7) / 8
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

/// A view of a prompt store's memory without reference count, for the media thread. Whoever holds it keeps the store
/// alive longer.
public struct PromptTable: Sendable {
    /// How many prompts there are.
    public let count: Int
    // Written once in `init`, before any other thread can see them, and only read from then on.
    nonisolated(unsafe) private let aLaw: UnsafeMutablePointer<UInt8>
    nonisolated(unsafe) private let uLaw: UnsafeMutablePointer<UInt8>
    /// `count` + 1 offsets: prompt `n` lies in `offsets[n]..<offsets[n + 1]`.
    nonisolated(unsafe) private let offsets: UnsafeMutablePointer<Int>

    fileprivate init(encoding audio: [[Int16]]) {
        let total = audio.reduce(0) { $0 + $1.count }
        count = audio.count
        aLaw = .allocate(capacity: max(1, total))
        uLaw = .allocate(capacity: max(1, total))
        offsets = .allocate(capacity: audio.count + 1)
        var offset = 0
        for (index, samples) in audio.enumerated() {
            (offsets + index).initialize(to: offset)
            for sample in samples {
                (aLaw + offset).initialize(to: G711.aLaw(sample))
                (uLaw + offset).initialize(to: G711.uLaw(sample))
                offset += 1
            }
        }
        (offsets + audio.count).initialize(to: offset)
    }

    fileprivate func deallocate() {
        aLaw.deallocate()
        uLaw.deallocate()
        offsets.deallocate()
    }

    /// The prompt in a codec's bytes, 8 a millisecond; empty for an index that is none of the table's. Neither
    /// allocates nor waits.
    public func bytes(_ index: PromptIndex, codec: Codec) -> UnsafeBufferPointer<UInt8> {
        let index = Int(index.value)
        guard index >= 0, index < count else { return UnsafeBufferPointer(start: nil, count: 0) }
        let from = offsets[index]
        return UnsafeBufferPointer(start: (codec == .pcma ? aLaw : uLaw) + from, count: offsets[index + 1] - from)
    }
}
