import Foundation
import Media
import Testing

@Suite struct PromptsAudioFileTests {
    @Test(arguments: [(8000, 1), (8000, 2), (48_000, 2), (44_100, 1)])
    func writesWhatItReads(_ rate: Int, _ channels: Int) throws {
        let folder = try PromptsFolder()
        let samples = (0..<40_000 * channels).map { Int16(truncatingIfNeeded: $0 &* 7919) }
        try folder.write("a.wav", samples, rate: rate, channels: channels)
        let file = try AudioFile(reading: folder.path + "/a.wav")
        let same = file == AudioFile(samples: samples, rate: rate, channels: channels)
        #expect(same, "not the samples that were written")
        #expect(file.frames == 40_000 && file.milliseconds == (40_000_000 + rate / 2) / rate)
        for channel in 0..<channels {
            let wanted = (0..<3).map { samples[$0 * channels + channel] }
            #expect(Array(file.channel(channel).prefix(3)) == wanted)
        }
        #expect(file.channel(channels).isEmpty == true && file.channel(-1).isEmpty == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.wav"])
    }

    @Test func everyPrefixIsReadOrRefused() throws {
        let folder = try PromptsFolder()
        try folder.write("a.wav", PromptsFolder.tone(seconds: 0.02))
        let bytes = try #require(FileManager.default.contents(atPath: folder.path + "/a.wav"))
        var read = 0
        for length in 0..<bytes.count {
            let path = folder.path + "/b.wav"
            try bytes.prefix(length).write(to: URL(fileURLWithPath: path))
            guard case .success(let file) = Result(catching: { try AudioFile(reading: path) }) else { continue }
            read += 1
            #expect(file.samples.count <= 160)
        }
        #expect(read > 0 && read < bytes.count)
    }

    @Test func aFolderThatIsNotThereIsNamed() {
        let audio = AudioFile(samples: [1, 2, 3], rate: 8000)
        let error = #expect(throws: MediaError.self) { try audio.writeWAV(to: "/nonexistent-folder/a.wav") }
        #expect(error?.code == .audioFile && error?.message.contains("/nonexistent-folder/a.wav") == true)
    }

    /// What is more than the limits let through, and the complaint.
    @Test(arguments: [
        (AudioFile.Limits(seconds: 1), MediaError.Code.audioLength, "1 s or shorter"),
        (AudioFile.Limits(seconds: 10, samples: 47_999), .audioLength, "one or two channels"),
        (AudioFile.Limits(seconds: 10, rates: 8001...48_000), .audioShape, "8001 to 48000"),
        (AudioFile.Limits(seconds: 10, rates: 1000...7999), .audioShape, "8000 samples a second in 2 channels"),
    ])
    func moreThanTheLimitsIsRefused(_ limits: AudioFile.Limits, _ code: MediaError.Code, _ complaint: String) throws {
        let folder = try PromptsFolder()
        try folder.write("a.wav", PromptsFolder.tone(seconds: 6), channels: 2)
        let error = #expect(throws: MediaError.self) {
            try AudioFile(reading: folder.path + "/a.wav", within: limits, as: "the recording")
        }
        #expect(error?.code == code && error?.message.contains(complaint) == true, "\(error?.message ?? "none")")
        #expect(error?.message.hasPrefix("the recording:") == true)
        let just = AudioFile.Limits(seconds: 3, rates: 8000...8000, samples: 48_000)
        let bytes = Array(try #require(FileManager.default.contents(atPath: folder.path + "/a.wav")))
        #expect(try AudioFile(bytes: bytes, within: just, as: "x").frames == 24_000)
        #expect(throws: MediaError.self) { try AudioFile(bytes: [], within: just, as: "x") }
    }
}
