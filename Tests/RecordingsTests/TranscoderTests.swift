import Glibc
import Recordings
import Testing

@Suite struct TranscoderTests {
    /// Two seconds: 500 Hz left, 1,200 Hz right.
    private func source(_ folder: TestFolder) throws -> String {
        let path = "\(folder.path)/source.wav"
        let channels = [
            Wave.tone(2000, amplitude: 9000), Wave.tone(2000, amplitude: 5000, frequency: 1200),
        ]
        try Bytes.write(Wave.bytes(channels), to: path)
        return path
    }

    @Test(arguments: ReplayForm.Format.allCases, ReplayForm.Side.allCases)
    func everyFormSoundsAsTheRecording(format: ReplayForm.Format, side: ReplayForm.Side) throws {
        let folder = try TestFolder()
        let target = "\(folder.path)/target"
        try Transcoder.write(
            try source(folder), frames: 16_000, as: ReplayForm(format: format, channel: side), to: target)
        let magic = Array(Bytes.read(target).prefix(4))
        #expect(
            String(decoding: magic, as: UTF8.self) == ["flac": "fLaC", "wav": "RIFF", "opus": "OggS"][format.rawValue])
        let sound = try Decoded(target)
        #expect(sound.rate == 8000)
        let tones: [Double] = side == .both ? [500, 1200] : side == .left ? [500] : [1200]
        #expect(sound.channels.count == tones.count)
        for (channel, tone) in zip(sound.channels, tones) {
            #expect(abs(channel.count - 16_000) <= (format == .opus ? 320 : 0))
            #expect(Tone.share(channel[4000..<12_000], at: tone) > 0.98)
        }
        if format != .opus { #expect(sound.channels[0][2] == (side == .right ? 4755 : 6363)) }
    }

    @Test func opusIsSmall() throws {
        let folder = try TestFolder()
        let path = "\(folder.path)/long.wav"
        try Bytes.write(
            Wave.bytes([Wave.tone(60_000, amplitude: 9000), Wave.tone(60_000, amplitude: 0)]), to: path)
        try Transcoder.write(path, frames: 480_000, as: ReplayForm(format: .opus), to: path + ".opus")
        // 24 kbit/s a channel is 360 kB a minute at most; WAV takes 1,920.
        #expect(Bytes.read(path + ".opus").count < 400_000)
    }

    @Test func aFileCutShortIsNotPassedOnAsWhole() throws {
        let folder = try TestFolder()
        let whole = try source(folder)
        let flac = "\(folder.path)/whole.flac"
        try Transcoder.write(whole, frames: 16_000, as: ReplayForm(format: .flac), to: flac)
        let bytes = Bytes.read(flac)
        try Bytes.write(Array(bytes.prefix(bytes.count / 2)), to: flac)
        #expect {
            try Transcoder.write(flac, frames: 16_000, as: ReplayForm(format: .wav), to: flac + ".wav")
        } throws: {
            ($0 as? RecordingError)?.code == .altered
        }
        #expect {
            try Transcoder.write(
                "\(folder.path)/none.flac", frames: 1, as: ReplayForm(format: .wav), to: "\(folder.path)/x")
        } throws: { ($0 as? RecordingError)?.code == .read }
    }

    @Test func noRightChannelNoRightSide() throws {
        let folder = try TestFolder()
        let path = "\(folder.path)/mono.wav"
        try Bytes.write(Wave.bytes([Wave.tone(100, amplitude: 1000)]), to: path)
        #expect {
            try Transcoder.write(path, frames: 800, as: ReplayForm(format: .wav, channel: .right), to: path + ".r")
        } throws: { ($0 as? RecordingError)?.code == .altered }
    }
}
