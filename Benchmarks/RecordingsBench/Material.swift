import AudioLog
import Calls
import Foundation
import Glibc

/// What is said: two sides that talk in turn, tones under noise with pauses, in A-law. A minute of it, again and again.
struct Material {
    static let seconds = 60
    /// Encoded, by side.
    let sides: [[UInt8]]

    init() {
        sides = (0..<2).map { side in
            var noise = UInt32(side + 1)
            return (0..<Self.seconds * 8000).map { index in
                noise = noise &* 1_664_525 &+ 1_013_904_223
                // Each side has 3 s of 6, in syllables of a fifth of a second.
                let isTalking = index / 24_000 % 2 == side && index % 1600 < 1300
                let hiss = Double(Int(noise >> 20) - 2048) / 2048
                guard isTalking else { return Self.aLaw(Int(30 * hiss)) }
                let time = Double(index) / 8000
                let pitch = 130 + 70 * Double(side) + 20 * sin(2 * Double.pi * 0.7 * time)
                let voice = (1...5).reduce(0.0) { $0 + sin(2 * Double.pi * pitch * Double($1) * time) / Double($1) }
                return Self.aLaw(Int(3000 * voice + 900 * hiss))
            }
        }
    }

    /// G.711 A-law of a 16-bit sample.
    static func aLaw(_ sample: Int) -> UInt8 {
        let magnitude = min(sample < 0 ? -sample - 1 : sample, 32_767) >> 4
        var code = magnitude
        if magnitude >= 32 {
            let exponent = Int.bitWidth - magnitude.leadingZeroBitCount - 4
            code = exponent << 4 | (magnitude >> (exponent - 1) & 15)
        }
        return UInt8(code | (sample < 0 ? 0 : 0x80)) ^ 0x55
    }

    /// The sample of a code.
    static func sample(_ code: UInt8) -> Int16 {
        let bits = Int(code ^ 0x55)
        var value = ((bits & 15) << 4) + 8
        let segment = bits >> 4 & 7
        if segment > 0 { value = (value + 0x100) << (segment - 1) }
        return Int16(bits & 0x80 != 0 ? value : -value)
    }
}

/// Writes segments of the audio log as the media engine does: blocks of 200 ms, many recordings side by side.
final class LogWriter {
    private let folder: String
    private(set) var sequence: UInt64
    private var encoder: AudioLogEncoder
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    private var filled = 0
    private var file: FileHandle?
    private(set) var path = ""

    /// Bytes of the current segment in the file.
    private(set) var written: UInt64 = 0

    init(dataFolder: String, sequence: UInt64 = 1) throws {
        folder = dataFolder + "/audio-log"
        self.sequence = sequence
        encoder = Self.encoder(sequence)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try open()
    }

    deinit { buffer.deallocate() }

    private static func encoder(_ sequence: UInt64) -> AudioLogEncoder {
        AudioLogEncoder(
            AudioLogSegmentHeader(
                node: 1, sequence: sequence, created: KernelTime().now(), tag: .random(in: 0 ... .max)))
    }

    private func open() throws {
        path = folder + "/" + AudioLogSegmentHeader.fileName(sequence: sequence)
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let opened = FileHandle(forWritingAtPath: path)
        else { throw BenchError("\(path) cannot be written") }
        file = opened
        written = 0
        try encode { encoder, span, offset in try encoder.begin(into: &span, at: offset) }
    }

    private func encode(
        _ body: (inout AudioLogEncoder, inout MutableRawSpan, Int) throws -> Int
    ) throws {
        if buffer.count - filled < 65_536 { try flush() }
        var bytes = buffer.mutableBytes
        filled = try body(&encoder, &bytes, filled)
    }

    func flush() throws {
        try file?.write(contentsOf: Data(UnsafeRawBufferPointer(rebasing: buffer[..<filled])))
        written += UInt64(filled)
        filled = 0
    }

    /// Ends the segment and begins the next.
    func rotate() throws {
        try flush()
        try file?.close()
        sequence += 1
        encoder = Self.encoder(sequence)
        try open()
    }

    func close() throws {
        try flush()
        try file?.close()
        file = nil
    }

    func start(_ call: BenchCall) throws {
        let start = AudioLogStart(
            at: call.startedAt,
            channels: [
                .init(index: 0, leg: call.leg, tap: .received), .init(index: 1, leg: call.leg, tap: .sent),
            ])
        try encode { encoder, span, offset in
            try encoder.append(
                start: start, recording: call.recording, call: call.call, leg: call.leg, into: &span, at: offset)
        }
    }

    /// Both channels of the fifth of a second with this number.
    func audio(_ call: BenchCall, step: Int, _ material: Material) throws {
        let first = step * 1600 % (Material.seconds * 8000)
        for channel in 0..<2 {
            let block = AudioLogBlock(
                kind: .audio, channel: UInt8(channel), codec: 8, rate: 8000, recording: call.recording, call: call.call,
                leg: call.leg, position: AudioPosition(units: Int64(step) * 9_600), duration: 9_600)
            let payload = material.sides[channel]
            try encode { encoder, span, offset in
                try encoder.append(
                    block, payload: payload.span.bytes.extracting(first..<first + 1600), into: &span, at: offset)
            }
        }
        if written + UInt64(filled) >= UInt64(AudioLogFormat.segmentSize) { try rotate() }
    }

    func end(_ call: BenchCall, steps: Int) throws {
        try encode { encoder, span, offset in
            try encoder.append(
                endOf: call.recording, call: call.call, leg: call.leg,
                length: AudioPosition(units: Int64(steps) * 9_600),
                into: &span, at: offset)
        }
    }
}

/// A call by its number.
struct BenchCall {
    let number: UInt64
    private var high: UInt64 { 0x01A2_013D_EDBC_7000 }
    var recording: RecordingID { RecordingID(high: high, low: 0x8000_4000_0000_0000 | number) }
    var call: CallID { CallID(high: high, low: 0x8000_4000_1000_0000 | number) }
    var leg: LegID { LegID(high: high, low: 0x8000_4000_2000_0000 | number) }
    /// 2026-11-22 03:12:45.5 UTC.
    var startedAt: Instant { Instant(wall: 1_795_317_165_500_000, mono: 77_000_000_000) }
}
