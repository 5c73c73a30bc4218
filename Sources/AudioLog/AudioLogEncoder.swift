import Calls

/// Writes one segment of the audio log into the caller's buffers. Allocates only where it throws, or seals.
///
/// The order in a segment: `begin`, then blocks. A recording's start block comes before its audio and its end block
/// after it; its blocks may run over several segments. After a buffer is written to the file, the next begins at 0.
public struct AudioLogEncoder: Sendable {
    public let header: AudioLogSegmentHeader
    /// Bytes encoded so far: the segment file's length once all of them are written.
    public private(set) var bytes: UInt64 = 0
    /// Blocks encoded so far; each carries its number, so that a reader can count the missing ones.
    public private(set) var blocks: UInt32 = 0
    private let sealer: AudioLogSealer?

    /// - Parameter sealer: seals the audio's payloads, and is named in the header; nil: they stand in the clear.
    public init(_ header: AudioLogSegmentHeader, sealer: AudioLogSealer? = nil) {
        var header = header
        header.key = sealer?.key ?? 0
        self.header = header
        self.sealer = sealer
    }

    /// Writes the segment's header.
    /// - Returns: the offset behind it.
    /// - Throws: `.room`.
    public mutating func begin(into output: inout MutableRawSpan, at offset: Int) throws(AudioLogError) -> Int {
        try need(AudioLogFormat.segmentHeaderSize, in: output, at: offset)
        header.write(into: &output, at: offset)
        bytes += UInt64(AudioLogFormat.segmentHeaderSize)
        return offset + AudioLogFormat.segmentHeaderSize
    }

    /// Writes a block with a payload from elsewhere.
    /// - Returns: the offset behind it.
    /// - Throws: `.room`; `.field` where the block breaks the format's limits.
    public mutating func append(
        _ block: AudioLogBlock, payload: RawSpan, into output: inout MutableRawSpan, at offset: Int
    ) throws(AudioLogError) -> Int {
        try need(AudioLogFormat.blockSize(payload: payload.byteCount), in: output, at: offset)
        output.copy(payload, to: offset + AudioLogFormat.blockHeaderSize)
        return try seal(block, payload: payload.byteCount, in: &output, at: offset)
    }

    /// Writes the header of a block whose payload already stands `AudioLogFormat.blockHeaderSize` bytes behind `offset`;
    /// a sealed one is written over it.
    /// - Parameter payload: bytes of it.
    /// - Returns: the offset behind the block.
    /// - Throws: `.room`; `.field`.
    public mutating func seal(
        _ block: AudioLogBlock, payload: Int, in output: inout MutableRawSpan, at offset: Int
    ) throws(AudioLogError) -> Int {
        var block = block
        var stored = payload
        if sealer != nil, block.kind == .audio {
            block.flags.insert(.sealed)
            stored += AudioLogSeal.overhead
        }
        if let fault = block.fault(payload: stored) { throw AudioLogError(.field, fault) }
        let size = AudioLogFormat.blockSize(payload: stored)
        try need(size, in: output, at: offset)
        block.writeHeader(payload: stored, tag: header.tag, ordinal: blocks, in: &output, at: offset)
        if let sealer, block.kind == .audio {
            let sealed = try Self.sealed(output.bytes.extracting(offset..<offset + size), payload, sealer)
            guard sealed.count == stored else {
                throw AudioLogError(.field, "\(sealed.count) bytes were sealed in place of \(stored)")
            }
            output.copy(sealed.span.bytes, to: offset + AudioLogFormat.blockHeaderSize)
        }
        AudioLogBlock.writeChecksum(payload: stored, in: &output, at: offset)
        blocks &+= 1
        bytes += UInt64(size)
        return offset + size
    }

    /// The payload, sealed, of a block that stands in the clear with its header before it.
    private static func sealed(
        _ block: RawSpan, _ payload: Int, _ sealer: AudioLogSealer
    ) throws(AudioLogError) -> [UInt8] {
        guard let seal = AudioLogSeal(reading: block) else {
            throw AudioLogError(.room, "the buffer has no room for a header")
        }
        let first = AudioLogFormat.blockHeaderSize
        return try sealer.seal((first..<first + payload).map { block.littleEndian(UInt8.self, at: $0) }, seal)
    }

    /// Writes a recording's start block.
    /// - Returns: the offset behind it.
    /// - Throws: `.room`; `.field`.
    public mutating func append(
        start: AudioLogStart, recording: RecordingID, call: CallID, leg: LegID, into output: inout MutableRawSpan,
        at offset: Int
    ) throws(AudioLogError) -> Int {
        guard start.channels.count <= AudioLogFormat.maximumChannels,
            start.channels.allSatisfy({ $0.index < AudioLogFormat.maximumChannels })
        else { throw AudioLogError(.field, "a recording has at most \(AudioLogFormat.maximumChannels) channels") }
        try need(AudioLogFormat.blockSize(payload: start.size), in: output, at: offset)
        start.write(into: &output, at: offset + AudioLogFormat.blockHeaderSize)
        let block = AudioLogBlock(
            kind: .start, channel: 0, codec: 0, rate: 0, recording: recording, call: call, leg: leg, position: .zero,
            duration: 0)
        return try seal(block, payload: start.size, in: &output, at: offset)
    }

    /// Writes a recording's end block.
    /// - Parameter length: the recording's final length.
    /// - Returns: the offset behind it.
    /// - Throws: `.room`; `.field`.
    public mutating func append(
        endOf recording: RecordingID, call: CallID, leg: LegID, length: AudioPosition,
        into output: inout MutableRawSpan, at offset: Int
    ) throws(AudioLogError) -> Int {
        let block = AudioLogBlock(
            kind: .end, channel: 0, codec: 0, rate: 0, recording: recording, call: call, leg: leg, position: length,
            duration: 0)
        return try seal(block, payload: 0, in: &output, at: offset)
    }

    private func need(_ size: Int, in output: borrowing MutableRawSpan, at offset: Int) throws(AudioLogError) {
        guard offset >= 0, output.byteCount - offset >= size else {
            throw AudioLogError(.room, "the buffer has no room for \(size) bytes")
        }
    }
}
