import AudioMeasure
import Foundation
import Media

/// A finished recording as both its channels.
struct Recorded {
    /// The caller.
    var left: Signal
    /// What the hotline said.
    var right: Signal
    /// Samples in each channel.
    var frames: Int

    init(_ recording: CallRow.Recording, of server: RunningServer) throws {
        guard let file = recording.file else { throw HarnessError("recording \(recording.id) has no file yet") }
        try self.init(reading: server.data.appendingPathComponent("recordings").appendingPathComponent(file))
    }

    init(reading url: URL) throws {
        let audio = try AudioFile(reading: url.path)
        guard audio.channels == 2 else {
            throw HarnessError("\(url.path) has \(audio.channels) channels, a recording of a call has two")
        }
        frames = audio.frames
        left = Signal(pcm: audio.channel(0), rate: audio.rate)
        right = Signal(pcm: audio.channel(1), rate: audio.rate)
    }
}

extension Signal {
    init(pcm: [Int16], rate: Int) {
        self.init(samples: pcm.map { Double($0) / 32768 }, rate: rate)
    }

    /// The first channel of an audio file.
    init(reading url: URL) throws {
        let audio = try AudioFile(reading: url.path)
        self.init(pcm: audio.channel(0), rate: audio.rate)
    }
}

extension CallShown {
    /// A second and a half of the first long prompt that the timeline names, as its file has it.
    func firstPrompt() throws -> Signal {
        let plays: [String] = timeline.filter { $0.kind == "play" }.compactMap { $0.data?["items"] }
        let ids: [String] = plays.flatMap { $0.split(separator: " ").map(String.init) }
        for id in ids {
            let file = Repository.prompts.appendingPathComponent("\(id).wav")
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            let prompt = try Signal(reading: file)
            if prompt.seconds > 1.7 { return prompt.part(from: 0.1, to: 1.6) }
        }
        throw HarnessError("the timeline names no prompt that lasts: \(ids)")
    }
}

/// Instants as the JSON tells them (RFC 3339, UTC).
enum Moment {
    /// Seconds since 1970.
    static func seconds(_ text: String) throws -> Double {
        let parts = text.split(separator: ".")
        guard let head = parts.first else { throw HarnessError("not a time: \(text)") }
        let whole = head.hasSuffix("Z") ? String(head) : head + "Z"
        let date = try Date(whole, strategy: .iso8601)
        guard parts.count > 1 else { return date.timeIntervalSince1970 }
        let fraction = Double("0." + parts[1].prefix { $0.isNumber }) ?? 0
        return date.timeIntervalSince1970 + fraction
    }
}
