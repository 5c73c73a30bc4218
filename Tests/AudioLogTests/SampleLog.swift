import AudioLog
import Calls

/// A small log in memory, with the place of every block, so that tests know what must be readable.
struct SampleLog {
    struct Entry {
        var block: AudioLogBlock
        var payload: [UInt8]
        var bytes: Range<Int>
    }

    let header = AudioLogSegmentHeader(
        node: 3, sequence: 42, created: Instant(wall: 1_795_000_000_000_000, mono: 5_000), tag: 0x1234_5678_9ABC_DEF0)
    var bytes: [UInt8] = []
    var entries: [Entry] = []
    private var encoder: AudioLogEncoder

    init() throws {
        encoder = AudioLogEncoder(header)
        var buffer = [UInt8](repeating: 0, count: AudioLogFormat.segmentHeaderSize)
        var span = buffer.mutableSpan
        var output = span.mutableBytes
        _ = try encoder.begin(into: &output, at: 0)
        bytes = buffer
    }

    static func recording(_ number: UInt64) -> RecordingID { RecordingID(high: 0x0190_0000_0000_7000, low: number) }
    static func call(_ number: UInt64) -> CallID { CallID(high: 0x0190_0000_0000_7000, low: 1000 + number) }
    static func leg(_ number: UInt64) -> LegID { LegID(high: 0x0190_0000_0000_7000, low: 2000 + number) }

    static func audio(_ recording: UInt64, channel: UInt8, position: Int64, samples: Int) -> AudioLogBlock {
        AudioLogBlock(
            kind: .audio, channel: channel, codec: 8, rate: 8000, recording: Self.recording(recording),
            call: call(recording), leg: leg(recording), position: AudioPosition(units: position),
            duration: UInt32(samples * 6))
    }

    mutating func add(_ block: AudioLogBlock, payload: [UInt8]) throws {
        var buffer = [UInt8](repeating: 0xEE, count: AudioLogFormat.blockSize(payload: payload.count))
        var span = buffer.mutableSpan
        var output = span.mutableBytes
        let end = try encoder.append(block, payload: payload.span.bytes, into: &output, at: 0)
        append(block, payload, Array(buffer[..<end]))
    }

    mutating func addStart(_ recording: UInt64, at: Instant) throws {
        let start = AudioLogStart(
            at: at,
            channels: [
                .init(index: 0, leg: Self.leg(recording), tap: .received),
                .init(index: 1, leg: Self.leg(recording), tap: .sent),
            ])
        var buffer = [UInt8](repeating: 0xEE, count: AudioLogFormat.blockSize(payload: start.size))
        var span = buffer.mutableSpan
        var output = span.mutableBytes
        let end = try encoder.append(
            start: start, recording: Self.recording(recording), call: Self.call(recording), leg: Self.leg(recording),
            into: &output, at: 0)
        let block = AudioLogBlock(
            kind: .start, channel: 0, codec: 0, rate: 0, recording: Self.recording(recording),
            call: Self.call(recording), leg: Self.leg(recording), position: .zero, duration: 0)
        append(block, Array(buffer[AudioLogFormat.blockHeaderSize..<end]), Array(buffer[..<end]))
    }

    mutating func addEnd(_ recording: UInt64, length: Int64) throws {
        var buffer = [UInt8](repeating: 0xEE, count: AudioLogFormat.blockHeaderSize)
        var span = buffer.mutableSpan
        var output = span.mutableBytes
        let end = try encoder.append(
            endOf: Self.recording(recording), call: Self.call(recording), leg: Self.leg(recording),
            length: AudioPosition(units: length), into: &output, at: 0)
        let block = AudioLogBlock(
            kind: .end, channel: 0, codec: 0, rate: 0, recording: Self.recording(recording),
            call: Self.call(recording), leg: Self.leg(recording), position: AudioPosition(units: length), duration: 0)
        append(block, [], Array(buffer[..<end]))
    }

    private mutating func append(_ block: AudioLogBlock, _ payload: [UInt8], _ encoded: [UInt8]) {
        let begin = bytes.count
        bytes += encoded
        entries.append(Entry(block: block, payload: payload, bytes: begin..<bytes.count))
    }

    /// Which of the log's blocks these are, by their numbers; -1 for one that is none of them.
    func numbers(_ found: Found) -> [Int] {
        zip(found.blocks, found.payloads).map { block, payload in
            entries.firstIndex { $0.block == block && $0.payload == payload } ?? -1
        }
    }

    /// The numbers of the blocks that keep to a condition on the bytes they take.
    func numbers(where isTaken: (Range<Int>) -> Bool) -> [Int] {
        entries.indices.filter { isTaken(entries[$0].bytes) }
    }

    /// Two recordings, interleaved, with every kind of block.
    static func small() throws -> SampleLog {
        var log = try SampleLog()
        try log.addStart(1, at: Instant(wall: 1_795_000_001_000_000, mono: 1_000))
        try log.addStart(2, at: Instant(wall: 1_795_000_002_000_000, mono: 2_000))
        for number in 0..<3 {
            for recording in 1...2 as ClosedRange<UInt64> {
                for channel in 0..<2 as Range<UInt8> {
                    let payload = (0..<40).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number &+ Int(channel) &* 31) }
                    try log.add(
                        audio(recording, channel: channel, position: Int64(number * 240), samples: 40),
                        payload: payload)
                }
            }
        }
        try log.add(
            AudioLogBlock(
                kind: .gap, channel: 0, codec: 8, rate: 8000, recording: recording(1), call: call(1), leg: leg(1),
                position: AudioPosition(units: 720), duration: 960), payload: [])
        try log.addEnd(1, length: 1680)
        try log.addEnd(2, length: 720)
        return log
    }
}

/// What a scanner found.
struct Found {
    var header: AudioLogSegmentHeader?
    var blocks: [AudioLogBlock] = []
    var payloads: [[UInt8]] = []
    var skips: [AudioLogScanner.Skip] = []
    var missingBlocks: UInt64 = 0
    var end: UInt64 = 0

    /// Reads a whole segment through windows of the given size, which only grow where the scanner needs more.
    init(_ bytes: [UInt8], window: Int = .max) {
        var scanner = AudioLogScanner()
        var size = window
        scan: while true {
            let base = Int(scanner.offset)
            let end = min(bytes.count, size > bytes.count - base ? bytes.count : base + size)
            let part = bytes[base..<end]
            let isFinal = end == bytes.count
            let span = part.span
            while true {
                let step = scanner.next(in: span.bytes, base: UInt64(base), isFinal: isFinal)
                switch step {
                case .header(let found): header = found
                case .block(let block, let payload):
                    blocks.append(block)
                    payloads.append(Array(part[(base + payload.lowerBound)..<(base + payload.upperBound)]))
                case .skipped(let skip): skips.append(skip)
                case .more:
                    if isFinal { break scan }
                    size = Int(scanner.offset) == base ? size * 2 : window
                    continue scan
                }
            }
        }
        missingBlocks = scanner.missingBlocks
        self.end = scanner.offset
    }
}

/// SplitMix64: the same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
