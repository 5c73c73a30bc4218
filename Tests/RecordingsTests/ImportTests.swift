import CSndFile
import Calls
import Glibc
import Recordings
import Testing

/// Other systems' files: what is taken, and what is refused with its reason.
@Suite struct ImportTests {
    private static let start: Int64 = 1_795_316_645_000_000
    private static let call = CallID(high: 0x019A_0000_0000_8001, low: 0x8000_0000_0000_0001)
    private static let recording = RecordingID(high: 0x019A_0000_0000_8002, low: 0x8000_0000_0000_0002)

    /// Two seconds of tones in some container, as libsndfile writes it.
    private static func write(_ format: Int, channels: Int = 1, rate: Int = 8000, to path: String) throws {
        var info = SF_INFO()
        info.samplerate = Int32(rate)
        info.channels = Int32(channels)
        info.format = Int32(format)
        let file = try #require(sf_open(path, Int32(SFM_WRITE), &info), "\(path)")
        let frames = rate * 2
        let samples = (0..<frames * channels).map { place in
            let frequency = place % channels == 0 ? 500.0 : 1200.0
            return Int16(9000 * sin(2 * Double.pi * frequency * Double(place / channels) / Double(rate)))
        }
        #expect(sf_writef_short(file, samples, sf_count_t(frames)) == sf_count_t(frames))
        #expect(sf_close(file) == 0)
    }

    private static func place(_ folder: String, _ name: String) throws -> PlacedAudio {
        let source = try ImportSource(folder: folder, name: name)
        _ = try source.look()
        return try ImportPlacer(recordings: "\(folder)/recordings")
            .place(source, recording: recording, call: call, start: start)
    }

    @Test(arguments: [
        ("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 2, 8000, "wav"),
        ("a.wav", SF_FORMAT_WAV | SF_FORMAT_GSM610, 1, 8000, "wav"),
        ("a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 1, 16_000, "wav"),
        ("a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 1, 8000, "flac"),
        ("a.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 2, 48_000, "opus"),
        ("a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 1, 8000, "vorbis"),
        ("a.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 1, 8000, "mp3"),
        ("a.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 2, 44_100, "mp3"),
    ]) func whatLibsndfileReadsIsKeptAsFLAC(
        name: String, format: Int, channels: Int, rate: Int, kind: String
    ) throws {
        let folder = try TestFolder()
        try Self.write(format, channels: channels, rate: rate, to: "\(folder.path)/\(name)")
        let placed = try Self.place(folder.path, name)
        #expect(placed.sourceFormat == kind)
        #expect(placed.file == ImportPlacer.file(start: Self.start, call: Self.call))
        #expect(placed.rate == rate)
        #expect(placed.channels == channels)
        #expect(abs(placed.lengthMilliseconds - 2000) < 100)
        let path = "\(folder.path)/recordings/\(placed.file)"
        let sound = try Decoded(path)
        #expect(sound.channels.count == channels)
        let tones: [Double] = channels == 1 ? [500] : [500, 1200]
        for (channel, tone) in zip(sound.channels, tones) where rate == 8000 {
            #expect(Tone.share(channel[4000..<12_000], at: tone) > 0.95)
        }
        #expect(sound.comment?.contains("imported=") == true)
        // Peaks and figures stand beside it, and both fit.
        #expect(
            DerivedFiles.storedPeaks(
                folder: "\(folder.path)/recordings", file: placed.file, frames: placed.frames)?.channels == channels)
        #expect(
            DerivedFiles.storedFigures(
                folder: "\(folder.path)/recordings", file: placed.file, frames: placed.frames) == placed.figures)
        let verifier = RecordingVerifier(folder: "\(folder.path)/recordings")
        let row = RecordingVerifier.Row(
            id: Self.recording, file: placed.file, sha256: placed.sha256, frames: placed.frames, channels: channels)
        #expect(verifier.check(row) == .ok)
        // Made again, it is the same file.
        #expect(try Self.place(folder.path, name) == placed)
    }

    /// A file that is damaged in some way, and a word of the reason.
    private static let damage: [(name: String, format: Int, bytes: @Sendable ([UInt8]) -> [UInt8], word: String)] = [
        ("empty.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, { _ in [] }, "empty"),
        ("short.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, { Array($0.prefix($0.count * 6 / 10)) }, "cut off"),
        ("head.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, { Array($0.prefix(44)) }, "cut off"),
        ("less.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, { Array($0.prefix(20)) }, "cut off"),
        // As Asterisk leaves it when it is killed.
        (
            "open.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16,
            { bytes in Array(bytes[..<40]) + [0, 0, 0, 0] + Array(bytes[44...]) }, "did not finish it"
        ),
        (
            "none.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, { bytes in Array(bytes[..<40]) + [0, 0, 0, 0] }, "no audio"
        ),
        ("text.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, { _ in Array("this is no audio at all".utf8) }, "no audio"),
        ("short.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, { Array($0.prefix($0.count * 6 / 10)) }, "cut off"),
        ("short.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, { Array($0.prefix($0.count * 6 / 10)) }, "cut off"),
        ("short.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, { Array($0.prefix($0.count * 6 / 10)) }, "end is damaged"),
    ]

    @Test(arguments: damage.indices) func whatIsDamagedIsRefused(index: Int) throws {
        let one = Self.damage[index]
        let folder = try TestFolder()
        let path = "\(folder.path)/\(one.name)"
        try Self.write(one.format, to: path)
        try Bytes.write(one.bytes(Bytes.read(path)), to: path)
        do {
            _ = try Self.place(folder.path, one.name)
            Issue.record("\(one.name) was taken")
        } catch let error as RecordingError {
            #expect(error.code == .unusable)
            #expect(error.message.contains(one.word), "\(one.name): \(error.message)")
        }
        // Nothing of it stands under a recording's name.
        #expect(
            TestFolder.names("\(folder.path)/recordings/2026/11/22").filter { $0.hasSuffix(".flac") } == [])
    }

    @Test func manyChannelsAndOddContainersAreRefused() throws {
        let folder = try TestFolder()
        try Self.write(SF_FORMAT_WAV | SF_FORMAT_PCM_16, channels: 4, to: "\(folder.path)/four.wav")
        try Self.write(SF_FORMAT_AU | SF_FORMAT_PCM_16, to: "\(folder.path)/au.wav")
        for (name, word) in [("four.wav", "4 channels"), ("au.wav", "neither WAV")] {
            #expect { try Self.place(folder.path, name) } throws: {
                ($0 as? RecordingError)?.message.contains(word) == true
            }
        }
    }

    @Test func linksAndOddNamesAreNotFollowed() throws {
        let folder = try TestFolder()
        mkdir("\(folder.path)/2024", 0o755)
        mkdir("\(folder.path)/.hidden", 0o755)
        for name in ["b.WAV", "2024/a.wav", ".hidden/c.wav", "notes.txt", "line\nfeed.wav"] {
            try Bytes.write([1], to: "\(folder.path)/\(name)")
        }
        symlink("/etc/passwd", "\(folder.path)/link.wav")
        symlink("/etc", "\(folder.path)/etc")
        let listing = try ImportFolder(path: folder.path + "/").list()
        #expect(listing.files == ["2024/a.wav", "b.WAV"])
        #expect(listing.refused.map(\.path) == ["etc", "line\nfeed.wav", "link.wav"])
        #expect(throws: RecordingError.self) { try ImportSource(folder: folder.path, name: "link.wav") }
        #expect(throws: RecordingError.self) { try ImportFolder(path: folder.path + "/none").list() }
    }

    @Test func whatIsGivenOutIsWholeAndWritesNothingOver() throws {
        let folder = try TestFolder()
        let (source, target) = ("\(folder.path)/a.flac", "\(folder.path)/out.flac")
        try Self.write(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, to: source)
        let sha256 = try ImportSource(folder: folder.path, name: "a.flac").sha256
        #expect(try RecordingCopy.copy(source, sha256: sha256, to: target) == .written)
        #expect(Bytes.read(target) == Bytes.read(source))
        #expect(try RecordingCopy.copy(source, sha256: sha256, to: target) == .same)
        try Bytes.write([1, 2, 3], to: target)
        #expect { try RecordingCopy.copy(source, sha256: sha256, to: target) } throws: {
            ($0 as? RecordingError)?.code == .exists
        }
        #expect(Bytes.read(target) == [1, 2, 3])
        // Not what was finished: nothing of it is given out.
        let other = String(repeating: "0", count: 64)
        #expect { try RecordingCopy.copy(source, sha256: other, to: "\(folder.path)/new.flac") } throws: {
            ($0 as? RecordingError)?.code == .altered
        }
        #expect { try RecordingCopy.copy("\(folder.path)/none", sha256: other, to: "\(folder.path)/x") } throws: {
            ($0 as? RecordingError)?.code == .missing
        }
        symlink(source, "\(folder.path)/link.flac")
        #expect { try RecordingCopy.copy(source, sha256: sha256, to: "\(folder.path)/link.flac") } throws: {
            ($0 as? RecordingError)?.code == .exists
        }
        #expect(TestFolder.names(folder.path) == ["a.flac", "link.flac", "out.flac"])
        #expect(try RecordingCopy.wave(of: source, frames: 16_000, to: "\(folder.path)/a.wav") == .written)
        #expect(try Decoded("\(folder.path)/a.wav").channels[0].count == 16_000)
        #expect { try RecordingCopy.wave(of: source, frames: 16_001, to: "\(folder.path)/b.wav") } throws: {
            ($0 as? RecordingError)?.code == .altered
        }
        let bytes = try RecordingCopy.waveBytes(
            of: source, frames: 16_000, scratch: "\(folder.path)/.s", limit: 1_000_000)
        #expect(bytes == Bytes.read("\(folder.path)/a.wav"))
        #expect {
            try RecordingCopy.waveBytes(of: source, frames: 16_000, scratch: "\(folder.path)/.s", limit: 1000)
        } throws: { ($0 as? RecordingError)?.code == .busy }
    }
}
