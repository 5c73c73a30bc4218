import FoundationEssentials
import Glibc
import Recordings
import Testing

/// WAV files, made by hand.
enum Wave {
    /// 16-bit PCM of these channels, all equally long.
    static func bytes(_ channels: [[Int16]], rate: Int = 8000) -> [UInt8] {
        let frames = channels.first?.count ?? 0
        let size = frames * channels.count * 2
        func word(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 255) } }
        var bytes = Array("RIFF".utf8) + word(36 + size, 4) + Array("WAVEfmt ".utf8) + word(16, 4) + word(1, 2)
        bytes += word(channels.count, 2) + word(rate, 4) + word(rate * channels.count * 2, 4)
        bytes += word(channels.count * 2, 2) + word(16, 2) + Array("data".utf8) + word(size, 4)
        bytes.reserveCapacity(44 + size)
        for frame in 0..<frames {
            for channel in channels {
                let sample = UInt16(bitPattern: channel[frame])
                bytes.append(UInt8(sample & 255))
                bytes.append(UInt8(sample >> 8))
            }
        }
        return bytes
    }

    /// A tone of an amplitude, or silence where that is 0, of so many milliseconds.
    static func tone(_ milliseconds: Int, amplitude: Double, frequency: Double = 500) -> [Int16] {
        (0..<milliseconds * 8).map { Int16(amplitude * sin(2 * Double.pi * frequency * Double($0) / 8000)) }
    }
}

@Suite struct SoundFigureTests {
    private func measured(_ channels: [[Int16]]) throws -> SoundFigures {
        let folder = try TestFolder()
        try Bytes.write(Wave.bytes(channels), to: "\(folder.path)/a.wav")
        return try DerivedFiles.measure("\(folder.path)/a.wav").figures
    }

    @Test func talkSilenceAndOvertalkAreTimed() throws {
        // Left talks 0–2 s and 5–6 s, right 1.5–4 s; both are silent 4–5 s and 6–8 s.
        let left =
            Wave.tone(2000, amplitude: 8000) + Wave.tone(3000, amplitude: 0)
            + Wave.tone(1000, amplitude: 8000) + Wave.tone(2000, amplitude: 0)
        let right = Wave.tone(1500, amplitude: 0) + Wave.tone(2500, amplitude: 4000) + Wave.tone(4000, amplitude: 0)
        let figures = try measured([left, right])
        #expect(figures.lengthMilliseconds == 8000)
        #expect(figures.channels.map(\.talkMilliseconds) == [3000, 2500])
        #expect(figures.overtalkMilliseconds == 500)
        #expect(figures.silenceMilliseconds == 3000)
        #expect(figures.channels[0].silences == [[2000, 5000], [6000, 8000]])
        #expect(figures.channels[1].silences == [[0, 1500], [4000, 8000]])
        #expect(figures.commonSilences == [[4000, 5000], [6000, 8000]])
        // A sine of amplitude 8,000: its RMS lies 3.01 dB below its peak of −12.25 dB.
        #expect(abs((figures.channels[0].level ?? 0) + 1526) <= 2)
        #expect(figures.channels[0].peak == 8000)
        #expect(figures.channels[0].peakDecibels == -12.2)
        #expect(figures.channels.map(\.clippedSamples) == [0, 0])
    }

    @Test func shortPausesBelongToTheTalk() throws {
        // 280 ms are a pause in talk, 320 ms are not.
        let talk = Wave.tone(1000, amplitude: 5000)
        let figures = try measured([
            talk + Wave.tone(280, amplitude: 0) + talk,
            talk + Wave.tone(320, amplitude: 0) + Wave.tone(960, amplitude: 5000),
        ])
        #expect(figures.channels.map(\.talkMilliseconds) == [2280, 1960])
        #expect(figures.channels.map(\.silences) == [[], []])
    }

    @Test func theThresholdIsFortyFiveDecibels() throws {
        // RMS 1 dB above and below −45 dB: amplitudes 32768·√2·10^(−44/20) and 10^(−46/20).
        let figures = try measured([Wave.tone(2000, amplitude: 292), Wave.tone(2000, amplitude: 232)])
        #expect(figures.channels.map(\.talkMilliseconds) == [2000, 0])
        #expect(figures.channels[1].silences == [[0, 2000]])
        #expect(figures.channels[1].level == nil)
    }

    @Test func samplesAtFullScaleAreCounted() throws {
        let loud =
            [Int16](repeating: 32_124, count: 50) + [Int16](repeating: -32_768, count: 30)
            + [Int16](repeating: 31_000, count: 80)
        let figures = try measured([loud, [Int16](repeating: 0, count: 160)])
        #expect(figures.channels.map(\.clippedSamples) == [80, 0])
        #expect(figures.channels.map(\.peak) == [32_768, 0])
        #expect(figures.channels[1].peakDecibels == nil)
    }

    @Test func aPartOfAWindowCounts() throws {
        let figures = try measured([Wave.tone(1010, amplitude: 9000), Wave.tone(1010, amplitude: 0)])
        #expect(figures.channels.map(\.talkMilliseconds) == [1010, 0])
        #expect(figures.channels[1].silences == [[0, 1010]])
        #expect(try measured([[], []]).channels.map(\.talkMilliseconds) == [0, 0])
    }

    @Test func theyStandBesideTheRecordingWithWhatIsMissing() throws {
        let folder = try TestFolder()
        let bench = try Bench(folder.path)
        let call = TestCall(1)
        var segment = try SegmentFile(folder.path, sequence: 1)
        try segment.start(call)
        // Left for 3 s; right only its second second.
        try segment.audio(call, channel: 0, position: 0, payload: call.tone(channel: 0, first: 0, count: 24_000))
        try segment.audio(call, channel: 1, position: 48_000, payload: call.tone(channel: 1, first: 8000, count: 8000))
        try segment.end(call, length: 3 * 48_000)
        try segment.write()
        bench.publish(segment)
        bench.settle()
        let finished = try #require(bench.finished.first)
        bench.service.stop()
        let stored = try #require(
            DerivedFiles.storedFigures(
                folder: folder.path + "/recordings", file: finished.file, frames: finished.frames))
        #expect(stored == finished.figures)
        #expect(stored.channels.map(\.missingMilliseconds) == [0, 2000])
        #expect(stored.channels.map(\.talkMilliseconds) == [3000, 1000])
        #expect(stored.channels[1].silences == [[0, 1000], [2000, 3000]])
        #expect(stored.overtalkMilliseconds == 1000)
        // Measured from the file it is the same, but for what nobody can hear.
        var heard = try DerivedFiles.measure(bench.path(finished)).figures
        heard.channels[1].missingMilliseconds = 2000
        #expect(heard == stored)
        // What does not fit the recording is not believed.
        #expect(
            DerivedFiles.storedFigures(
                folder: folder.path + "/recordings", file: finished.file, frames: finished.frames + 1) == nil)
        #expect(DerivedFiles.storedFigures(folder: folder.path, file: "../x.flac", frames: 1) == nil)
    }

    @Test func theFilesFormStandsStill() throws {
        let figures = SoundFigures(
            rate: 8000, frames: 16_000, silenceMilliseconds: 500, overtalkMilliseconds: 20,
            channels: [
                .init(
                    index: 0, missingMilliseconds: 0, talkMilliseconds: 1500, peak: 8000, level: -1526,
                    clippedSamples: 0, silences: [[0, 1000]])
            ])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(
            String(decoding: try encoder.encode(figures), as: UTF8.self) == """
                {"channels":[{"clipped_samples":0,"index":0,"level_cdb":-1526,"missing_ms":0,"peak":8000,\
                "silences":[[0,1000]],"talk_ms":1500}],"frames":16000,"minimum_ms":1000,"overtalk_ms":20,"rate":8000,\
                "silence_ms":500,"threshold_db":-45,"version":1}
                """)
    }
}

@Suite struct PeaksFileTests {
    /// Five pixels of two channels at 256 samples a pixel.
    private let fine: [UInt8] =
        [2, 0, 0, 0, 1, 0, 0, 0, 0x40, 0x1F, 0, 0, 0, 1, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0]
        + [(-1, 1), (-2, 2), (-3, 9), (0, 0), (-8, 3), (5, 6), (-1, 4), (-128, 127), (-7, 7), (1, 1)].flatMap {
            [UInt8(bitPattern: Int8($0.0)), UInt8(bitPattern: Int8($0.1))]
        }

    @Test func isReadAndMadeCoarser() throws {
        let peaks = try #require(PeaksFile(bytes: fine))
        #expect(peaks.rate == 8000 && peaks.samplesPerPixel == 256 && peaks.pixels == 5 && peaks.channels == 2)
        #expect(peaks.bytes(samplesPerPixel: 256) == fine)
        let coarse = try #require(peaks.bytes(samplesPerPixel: 512))
        #expect(Array(coarse[12..<20]) == [0, 2, 0, 0, 3, 0, 0, 0])
        #expect(
            coarse[24...].map { Int8(bitPattern: $0) } == [-3, 9, -2, 2, -8, 4, -128, 127, -7, 7, 1, 1])
        #expect(try #require(peaks.bytes(samplesPerPixel: 1 << 24)).count == 28)
    }

    @Test(arguments: [0, -256, 255, 257, 300, 1 << 25, .max]) func otherResolutionsAreRefused(samples: Int) throws {
        #expect(try #require(PeaksFile(bytes: fine)).bytes(samplesPerPixel: samples) == nil)
    }

    @Test func whatIsNoPeaksFileIsNone() {
        #expect(PeaksFile(bytes: []) == nil)
        #expect(PeaksFile(bytes: Array(fine.dropLast())) == nil)
        #expect(PeaksFile(bytes: fine + [0]) == nil)
        for (place, value) in [(0, UInt8(1)), (4, 0), (12, 0), (20, 0), (20, 200), (19, 0xFF), (16, 6)] {
            var bytes = fine
            bytes[place] = value
            if place == 12 { bytes[13] = 0 }
            #expect(PeaksFile(bytes: bytes) == nil, "\(place) \(value)")
        }
    }
}
