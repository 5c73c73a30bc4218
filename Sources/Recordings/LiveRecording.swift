import AudioLog
import Calls
import Glibc

/// Follows a call's recording while it is being made, by reading the audio log beside its writer: whoever listens
/// disturbs neither the media thread nor the writer, and needs nothing of the server but its data folder. What is said
/// is there about half a second later: the writer flushes every 200 ms.
///
/// A value with open files; used by one thread.
public struct LiveRecording {
    /// A stretch of one channel.
    public struct Piece: Sendable, Hashable {
        /// 0: left, 1: right.
        public var channel: Int
        public var position: AudioPosition
        /// Samples a second.
        public var rate: Int
        public var samples: [Int16]

        /// Where it ends.
        public var end: AudioPosition {
            position + AudioPosition(samples: Int64(samples.count), rate: Int64(rate))
        }
    }

    private struct Segment {
        var file: OpenFile
        var scanner = AudioLogScanner()
        /// For blocks that are sealed.
        var opener: SegmentOpener
    }

    private static let windowSize = 1_048_576 + AudioLogScanner.sufficientWindow

    private let folder: String
    private let call: CallID
    private let keys: RecordingKeys?
    private var segments: [UInt64: Segment] = [:]
    /// Segments below are read to their end.
    private var next: UInt64 = 0
    private var isFirst = true
    /// The call's recording has ended in the log.
    public private(set) var isOver = false

    /// - Parameters:
    ///   - dataFolder: the server's data folder.
    ///   - call: whose recording is followed; it need not have begun.
    ///   - keys: nil: there are none, and what is encrypted cannot be followed.
    public init(dataFolder: String, call: CallID, keys: RecordingKeys? = nil) {
        self.keys = keys
        folder = dataFolder + "/audio-log"
        self.call = call
    }

    /// What came since the last call, in the log's order. Of what was there before, the last
    /// `lead` alone is given.
    /// - Throws: `RecordingError` with code `.segment` where the log cannot be read, `.key` where its key is not there.
    public mutating func read(lead: AudioPosition = AudioPosition(milliseconds: 1000)) throws(RecordingError) -> [Piece]
    {
        var pieces: [Piece] = []
        var refusal: RecordingError?
        do throws(FileFailure) {
            let sequences = try Files.names(in: folder).compactMap { AudioLogSegmentHeader.sequence(fileName: $0) }
            for sequence in sequences.sorted() where sequence >= next {
                try open(sequence)
                do throws(RecordingError) {
                    try follow(sequence, into: &pieces)
                } catch {
                    refusal = error
                    throw FileFailure(path: folder, operation: "read", errno: error.errno ?? 0)
                }
                // A newer segment is there: this one is sealed, and was read to its end.
                if sequence != sequences.max() {
                    segments[sequence] = nil
                    next = sequence + 1
                }
            }
        } catch {
            throw refusal
                ?? RecordingError(.segment, "The audio log cannot be followed: \(error.text)", errno: error.errno)
        }
        guard isFirst, !pieces.isEmpty else { return pieces }
        isFirst = false
        let from = (pieces.map(\.end).max() ?? .zero) - lead
        return pieces.filter { $0.end > from }
    }

    private mutating func open(_ sequence: UInt64) throws(FileFailure) {
        guard segments[sequence] == nil else { return }
        let path = folder + "/" + AudioLogSegmentHeader.fileName(sequence: sequence)
        do throws(FileFailure) {
            segments[sequence] = Segment(
                file: try OpenFile(path, O_RDONLY), opener: SegmentOpener(keys: keys, path: path))
        } catch {
            // The finisher was done with it between the listing and now.
            if error.errno != ENOENT { throw error }
        }
    }

    private mutating func follow(_ sequence: UInt64, into pieces: inout [Piece]) throws(RecordingError) {
        guard var segment = segments[sequence] else { return }
        defer { segments[sequence] = segment }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.windowSize, alignment: 8)
        defer { buffer.deallocate() }
        while true {
            let base = segment.scanner.offset
            let count: Int
            do throws(FileFailure) {
                count = try segment.file.read(into: buffer, at: Int64(base))
            } catch {
                throw RecordingError(.segment, "The audio log cannot be followed: \(error.text)", errno: error.errno)
            }
            let window = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            scan: while true {
                switch segment.scanner.next(in: window.bytes, base: base, isFinal: false) {
                case .more: break scan
                case .header, .skipped: continue
                case .block(let block, let payload):
                    guard block.call == call else { continue }
                    guard block.flags.contains(.sealed) else {
                        take(block, UnsafeRawBufferPointer(rebasing: window[payload]), into: &pieces)
                        continue
                    }
                    // What is not what was written is told by whoever makes the recording.
                    let audio = try segment.opener.open(window, payload: payload, header: segment.scanner.header)
                    audio?.withUnsafeBytes { take(block, $0, into: &pieces) }
                }
            }
            if segment.scanner.offset == base { return }
        }
    }

    private mutating func take(_ block: AudioLogBlock, _ payload: UnsafeRawBufferPointer, into pieces: inout [Piece]) {
        switch block.kind {
        case .end: isOver = true
        case .audio:
            guard let table = G711.table(codec: block.codec) else { return }
            pieces.append(
                Piece(
                    channel: Int(block.channel), position: block.position, rate: Int(block.rate),
                    samples: payload.map { table[Int($0)] }))
        case .start, .gap: break
        }
    }
}
