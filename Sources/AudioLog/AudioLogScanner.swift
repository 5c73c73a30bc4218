import Calls

/// Reads a segment, in windows of any size, and steps over damage: it looks for the next block's magic, believes
/// nothing whose checksum or tag is wrong, and reports every stretch it had to leave out.
public struct AudioLogScanner: Sendable {
    /// A stretch of the segment that holds no readable block.
    public struct Skip: Sendable, Hashable {
        public enum Reason: String, Sendable {
            /// Bytes that are no block, with more of the segment behind them.
            case damaged
            /// The segment ends in a block that was never finished.
            case torn
            /// Zeros up to the segment's end: room that the file had, but nothing was written to. Zeros with a block
            /// behind them are damage: what stood there never reached the disk.
            case unwritten
        }
        /// Byte offsets in the segment.
        public var bytes: Range<UInt64>
        public var reason: Reason
    }

    /// One finding.
    public enum Step: Sendable, Hashable {
        case header(AudioLogSegmentHeader)
        /// A block; its payload's byte range within the window.
        case block(AudioLogBlock, payload: Range<Int>)
        case skipped(Skip)
        /// Nothing more can be said from this window: give one that begins at or before `offset` and reaches further,
        /// or be done, if it was the last.
        case more
    }

    /// Byte offset in the segment of the first byte not yet read.
    public private(set) var offset: UInt64 = 0
    /// The segment's header, once read and if intact.
    public private(set) var header: AudioLogSegmentHeader?
    /// Blocks known to be missing, by the numbers of those that are there.
    public private(set) var missingBlocks: UInt64 = 0

    private var tag: UInt64?
    private var nextOrdinal: UInt32 = 0
    private var skipFrom: UInt64?
    private var skippedZerosOnly = true

    /// So many bytes from `offset` always suffice for the next step.
    public static let sufficientWindow = AudioLogFormat.blockSize(payload: AudioLogFormat.maximumPayload)

    public init() {}

    /// The next finding.
    /// - Parameters:
    ///   - window: bytes of the segment.
    ///   - base: the window's place in the segment; at most `offset`.
    ///   - isFinal: the segment ends with the window.
    public mutating func next(in window: RawSpan, base: UInt64, isFinal: Bool) -> Step {
        guard offset >= base, offset - base <= UInt64(window.byteCount) else { return .more }
        if offset == 0, header == nil, skipFrom == nil {
            if window.byteCount < AudioLogFormat.segmentHeaderSize && !isFinal { return .more }
            if let read = AudioLogSegmentHeader(reading: window) {
                header = read
                tag = read.tag
                offset = UInt64(AudioLogFormat.segmentHeaderSize)
                return .header(read)
            }
            if window.byteCount == 0 { return .more }
            skip(to: searchMagic(in: window, from: 1), in: window, base: base)
        }
        while true {
            let place = Int(offset - base)
            let rest = window.byteCount - place
            if rest == 0 { return isFinal ? finishSkip(atEnd: true) : .more }
            switch AudioLogBlock.read(window.extracting(place..<window.byteCount), tag: tag) {
            case .block(let block, let payload, let found, let ordinal):
                if skipFrom != nil { return finishSkip(atEnd: false) }
                tag = found
                missingBlocks &+= UInt64(ordinal &- nextOrdinal)
                nextOrdinal = ordinal &+ 1
                offset += UInt64(AudioLogFormat.blockSize(payload: payload))
                let start = place + AudioLogFormat.blockHeaderSize
                return .block(block, payload: start..<start + payload)
            case .short where !isFinal:
                return .more
            case .short, .damaged:
                skip(to: searchMagic(in: window, from: place + 1), in: window, base: base)
            }
        }
    }

    /// The offset in `window` of the next place that may begin a block: its magic, or the part of it that fits.
    private func searchMagic(in window: RawSpan, from start: Int) -> Int {
        let count = window.byteCount
        let first = UInt8(truncatingIfNeeded: AudioLogFormat.blockMagic)
        var index = start
        while index < count {
            if window.littleEndian(UInt8.self, at: index) == first {
                if count - index < 4 || window.littleEndian(UInt32.self, at: index) == AudioLogFormat.blockMagic {
                    return index
                }
            }
            index += 1
        }
        return count
    }

    private mutating func skip(to place: Int, in window: RawSpan, base: UInt64) {
        if skipFrom == nil {
            skipFrom = offset
            skippedZerosOnly = true
        }
        skippedZerosOnly = skippedZerosOnly && window.isZero(Int(offset - base)..<place)
        offset = base + UInt64(place)
    }

    private mutating func finishSkip(atEnd: Bool) -> Step {
        guard let from = skipFrom else { return .more }
        skipFrom = nil
        let reason: Skip.Reason = !atEnd ? .damaged : skippedZerosOnly ? .unwritten : .torn
        return .skipped(Skip(bytes: from..<offset, reason: reason))
    }
}
