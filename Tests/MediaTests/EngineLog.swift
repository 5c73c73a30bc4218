import AudioLog
import Calls
import Foundation
import Media
import Testing

/// An audio log's folder, read as the finisher reads it.
struct EngineLog {
    struct Recording {
        var start: AudioLogStart?
        /// Encoded bytes of each channel by sample; nil where there is none.
        var samples: [UInt8: [UInt8?]] = [:]
        /// Gap blocks of each channel, in ticks.
        var gaps: [UInt8: [Range<Int64>]] = [:]
        var flags: [UInt8: AudioLogBlock.Flags] = [:]
        /// Decoded, of each channel by sample; nil where there is none.
        var linear: [UInt8: [Int16?]] = [:]
        /// The blocks that say so, by channel, in ticks.
        var paused: [UInt8: [Range<Int64>]] = [:]
        var length: AudioPosition?
        var blocks = 0
        var longestBlock = 0

        /// A channel's bytes; a hole in it fails the test.
        func bytes(_ channel: UInt8) throws -> [UInt8] {
            try (samples[channel] ?? []).map { try #require($0, "channel \(channel) has a hole") }
        }
    }

    var recordings: [RecordingID: Recording] = [:]
    var segments: [AudioLogSegmentHeader] = []
    var skips: [AudioLogScanner.Skip] = []

    init(folder: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let data = try #require(FileManager.default.contents(atPath: folder + "/" + name))
            read([UInt8](data))
        }
    }

    private mutating func read(_ bytes: [UInt8]) {
        var scanner = AudioLogScanner()
        bytes.withUnsafeBytes { buffer in
            while true {
                switch scanner.next(in: buffer.bytes, base: 0, isFinal: true) {
                case .header(let header): segments.append(header)
                case .block(let block, let payload): take(block, Array(buffer[payload]))
                case .skipped(let skip): skips.append(skip)
                case .more: return
                }
            }
        }
    }

    private mutating func take(_ block: AudioLogBlock, _ payload: [UInt8]) {
        var recording = recordings[block.recording] ?? Recording()
        recording.blocks += 1
        switch block.kind {
        case .start: recording.start = payload.withUnsafeBytes { AudioLogStart(reading: $0.bytes) }
        case .end: recording.length = block.position
        case .gap:
            recording.gaps[block.channel, default: []].append(block.position.units / 960..<block.end.units / 960)
        case .audio:
            let from = Int(block.position.samples(rate: 8000))
            var samples = recording.samples[block.channel] ?? []
            while samples.count < from + payload.count { samples.append(nil) }
            for (index, byte) in payload.enumerated() { samples[from + index] = byte }
            recording.samples[block.channel] = samples
            var linear = recording.linear[block.channel] ?? []
            while linear.count < samples.count { linear.append(nil) }
            for (index, byte) in payload.enumerated() {
                linear[from + index] =
                    block.codec == Codec.pcma.rawValue ? G711.linear(aLaw: byte) : G711.linear(uLaw: byte)
            }
            recording.linear[block.channel] = linear
            if block.flags.contains(.paused) {
                recording.paused[block.channel, default: []].append(
                    block.position.units / 960..<block.end.units / 960)
            }
            recording.flags[block.channel, default: []].formUnion(block.flags)
            recording.longestBlock = max(recording.longestBlock, payload.count)
        }
        recordings[block.recording] = recording
    }
}
