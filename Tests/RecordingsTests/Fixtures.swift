import AudioLog
import CLinux
import CSndFile
import Calls
import Glibc
import Recordings
import Synchronization
import Testing

/// A folder of its own for one test, in memory where the machine has room there; removed at the end.
final class TestFolder {
    let path: String

    init() throws {
        let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(base)/hotline-XXXXXX".utf8) + [0]
        let made = template.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { mkdtemp($0.assumingMemoryBound(to: CChar.self)) != nil } ?? false
        }
        try #require(made)
        path = String(decoding: template.dropLast(), as: UTF8.self)
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        for name in names(path) { remove("\(path)/\(name)") }
        if unlink(path) != 0 { rmdir(path) }
    }

    /// What stands in a folder; nothing where it is none.
    static func names(_ path: String) -> [String] {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, let folder = opendir(path) else {
            return []
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = String(cString: hotline_entry_name(entry))
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

/// Bytes of whole files.
enum Bytes {
    static func read(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = Glibc.read(file, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            try #require(count > 0)
            done += count
        }
    }
}

/// The kernel's clocks.
struct KernelTime: TimeSource {
    func now() -> Instant {
        var wall = timespec()
        var mono = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        clock_gettime(CLOCK_MONOTONIC, &mono)
        return Instant(
            wall: Int64(wall.tv_sec) * 1_000_000 + Int64(wall.tv_nsec) / 1000,
            mono: Int64(mono.tv_sec) * 1_000_000_000 + Int64(mono.tv_nsec))
    }
}

/// A service on a folder, and all that it told.
final class Bench: Sendable {
    let folder: String
    let service: RecordingService
    private let told: Told

    private final class Told: Sendable {
        let results = Mutex<[Result<FinishedRecording, RecordingError>]>([])
    }

    init(
        _ folder: String, format: RecordingFormat = .flac,
        settings change: (inout RecordingService.Settings) -> Void = { _ in }
    ) throws {
        var settings = RecordingService.Settings(dataFolder: folder, format: format)
        settings.segmentLifetimeMilliseconds = 0
        settings.retryMilliseconds = [1, 1]
        settings.laterRetryMilliseconds = 20
        change(&settings)
        let told = Told()
        self.folder = folder
        self.told = told
        service = try RecordingService(settings: settings, time: KernelTime()) { result in
            told.results.withLock { $0.append(result) }
        }
    }

    var finished: [FinishedRecording] {
        told.results.withLock { results in
            results.compactMap { result in
                if case .success(let recording) = result { recording } else { nil }
            }
        }.sorted { $0.recording < $1.recording }
    }

    var errors: [RecordingError] {
        told.results.withLock { results in
            results.compactMap { result in
                if case .failure(let error) = result { error } else { nil }
            }
        }
    }

    /// Publishes a segment file: the whole, or so many bytes.
    func publish(_ segment: SegmentFile, upTo bytes: Int? = nil, sealed: Bool = true) {
        service.progress(
            AudioLogProgress(
                sequence: segment.sequence, path: segment.path, flushedBytes: UInt64(bytes ?? segment.bytes.count),
                isSealed: sealed))
    }

    func settle() { #expect(service.waitUntilIdle(timeoutMilliseconds: 60_000)) }

    func confirmAll() {
        for recording in finished { service.confirm(recording.recording) }
        settle()
    }

    func path(_ recording: FinishedRecording) -> String { "\(folder)/recordings/\(recording.file)" }

    var partials: [String] { TestFolder.names(folder + "/partials").filter { $0 != "confirmed" } }
    var segments: [String] { TestFolder.names(folder + "/audio-log") }
}

/// A segment of the audio log, made in memory and written whole.
struct SegmentFile {
    let sequence: UInt64
    let path: String
    private(set) var bytes: [UInt8] = []
    private(set) var blocks: [(block: AudioLogBlock, bytes: Range<Int>)] = []
    private var encoder: AudioLogEncoder

    /// - Parameter keys: seal the audio.
    init(_ dataFolder: String, sequence: UInt64, keys: RecordingKeys? = nil) throws {
        self.sequence = sequence
        path = "\(dataFolder)/audio-log/\(AudioLogSegmentHeader.fileName(sequence: sequence))"
        let tag = 0xFEED_0000 &+ sequence &* 0x9E37_79B9_7F4A_7C15
        encoder = AudioLogEncoder(
            AudioLogSegmentHeader(
                node: 1, sequence: sequence, created: Instant(wall: 1_795_000_000_000_000, mono: 1), tag: tag),
            sealer: keys?.audioLogSealer(tag: tag))
        var buffer = [UInt8](repeating: 0, count: AudioLogFormat.segmentHeaderSize)
        var span = buffer.mutableSpan
        var output = span.mutableBytes
        _ = try encoder.begin(into: &output, at: 0)
        bytes = buffer
    }

    mutating func start(_ call: TestCall) throws {
        let start = AudioLogStart(
            at: call.startedAt,
            channels: [
                .init(index: 0, leg: call.leg, tap: .received), .init(index: 1, leg: call.leg, tap: .sent),
            ])
        var buffer = [UInt8](repeating: 0, count: AudioLogFormat.blockSize(payload: start.size))
        var span = buffer.mutableSpan
        var output = span.mutableBytes
        _ = try encoder.append(
            start: start, recording: call.recording, call: call.call, leg: call.leg, into: &output, at: 0)
        append(call.block(.start, position: 0), buffer)
    }

    /// - Parameter position: in 1/48,000 s.
    mutating func audio(
        _ call: TestCall, channel: UInt8, position: Int64, codec: UInt8 = 8, payload: [UInt8]
    ) throws {
        var block = call.block(.audio, position: position)
        block.channel = channel
        block.codec = codec
        block.rate = 8000
        block.duration = UInt32(payload.count * 6)
        var buffer = [UInt8](
            repeating: 0, count: AudioLogFormat.blockSize(payload: payload.count + AudioLogSeal.overhead))
        var span = buffer.mutableSpan
        var output = span.mutableBytes
        let end = try encoder.append(block, payload: payload.span.bytes, into: &output, at: 0)
        append(block, Array(buffer[..<end]))
    }

    mutating func end(_ call: TestCall, length: Int64) throws {
        var buffer = [UInt8](repeating: 0, count: AudioLogFormat.blockHeaderSize)
        var span = buffer.mutableSpan
        var output = span.mutableBytes
        _ = try encoder.append(
            endOf: call.recording, call: call.call, leg: call.leg, length: AudioPosition(units: length),
            into: &output, at: 0)
        append(call.block(.end, position: length), buffer)
    }

    private mutating func append(_ block: AudioLogBlock, _ encoded: [UInt8]) {
        blocks.append((block, bytes.count..<bytes.count + encoded.count))
        bytes += encoded
    }

    func write(cut: Int = .max) throws { try Bytes.write(Array(bytes.prefix(cut)), to: path) }
}

/// A call with a tone of its own in each channel.
struct TestCall {
    let number: UInt64
    /// Another than `number` where several recordings are one call's.
    var callNumber: UInt64
    var recording: RecordingID {
        RecordingID(high: 0x01A2_013D_EDBC_7000 + number, low: 0x8000_4000_0000_0000 | number)
    }
    var call: CallID { CallID(high: 0x01A2_013D_EDBC_7000 + callNumber, low: 0x8000_4000_0001_0000 | callNumber) }
    var leg: LegID { LegID(high: 0x01A2_013D_EDBC_7000 + number, low: 0x8000_4000_0002_0000 | number) }
    /// 2026-11-22 03:12:45.5 UTC.
    var startedAt: Instant { Instant(wall: 1_795_317_165_500_000, mono: 77_000_000_000) }
    var left: Double { 400 + 50 * Double(number) }
    var right: Double { 1_525 + 50 * Double(number) }

    init(_ number: UInt64) {
        self.number = number
        callNumber = number
    }

    func block(_ kind: AudioLogBlock.Kind, position: Int64) -> AudioLogBlock {
        AudioLogBlock(
            kind: kind, channel: 0, codec: 0, rate: 0, recording: recording, call: call, leg: leg,
            position: AudioPosition(units: position), duration: 0)
    }

    /// A-law of the channel's tone, `count` samples from sample `first`.
    func tone(channel: UInt8, first: Int, count: Int) -> [UInt8] {
        let frequency = channel == 0 ? left : right
        return (first..<first + count).map { index in
            Tone.aLaw(Int(8000 * sin(2 * Double.pi * frequency * Double(index) / 8000)))
        }
    }
}

enum Tone {
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

    /// How much of the samples' power is at one frequency, 0…1 (Goertzel).
    static func share(_ samples: ArraySlice<Int16>, at frequency: Double, rate: Double = 8000) -> Double {
        let coefficient = 2 * cos(2 * Double.pi * frequency / rate)
        var previous = 0.0
        var beforePrevious = 0.0
        var power = 0.0
        for sample in samples {
            let value = Double(sample)
            (previous, beforePrevious) = (value + coefficient * previous - beforePrevious, previous)
            power += value * value
        }
        guard power > 0 else { return 0 }
        let found = previous * previous + beforePrevious * beforePrevious - coefficient * previous * beforePrevious
        return 2 * found / (power * Double(samples.count))
    }
}

/// A file read back through libsndfile, its channels apart.
struct Decoded {
    var channels: [[Int16]] = []
    var rate = 0
    var comment: String?
    var title: String?

    init(_ path: String) throws {
        var info = SF_INFO()
        let handle = try #require(sf_open(path, Int32(SFM_READ), &info), "\(path)")
        defer { sf_close(handle) }
        rate = Int(info.samplerate)
        comment = sf_get_string(handle, Int32(SF_STR_COMMENT)).map { String(cString: $0) }
        title = sf_get_string(handle, Int32(SF_STR_TITLE)).map { String(cString: $0) }
        var samples = [Int16](repeating: 0, count: Int(info.frames) * Int(info.channels))
        let read = sf_readf_short(handle, &samples, info.frames)
        try #require(read == info.frames)
        let count = Int(info.channels)
        channels = (0..<count).map { channel in
            stride(from: channel, to: samples.count, by: count).map { samples[$0] }
        }
    }
}

extension Decoded {
    /// G.711 as libsndfile itself decodes it.
    init(raw codes: [UInt8], muLaw: Bool) throws {
        let folder = try TestFolder()
        let path = folder.path + "/codes.raw"
        try Bytes.write(codes, to: path)
        var info = SF_INFO()
        info.channels = 1
        info.samplerate = 8000
        info.format = Int32(SF_FORMAT_RAW | (muLaw ? SF_FORMAT_ULAW : SF_FORMAT_ALAW))
        let handle = try #require(sf_open(path, Int32(SFM_READ), &info))
        defer { sf_close(handle) }
        var samples = [Int16](repeating: 0, count: codes.count)
        try #require(sf_readf_short(handle, &samples, sf_count_t(codes.count)) == codes.count)
        channels = [samples]
        rate = 8000
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
