import Foundation
import Media
import Storage
import Switchboard

/// A folder of prompts that a bench's server plays from: speech, music, and one whose file says something else than its
/// words.
struct BenchPrompts: Sendable {
    let folder: String
    let store: PromptStore

    init(_ folder: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let catalog = """
            locale: zh-CN
            prompts:
              - id: greeting.hello
                text: 您好
                voice: "a voice <b>"
                licence: "CC0-1.0"
              - id: menu.main
                text: 故障报修，请按二。
              - id: music.hold
                kind: music
                text: 等待音乐
                voice: "script"
                licence: "CC0-1.0"

            """
        try catalog.write(toFile: folder + "/catalog.yaml", atomically: true, encoding: .utf8)
        for (file, seconds, peak) in [("greeting.hello", 1, 0.178), ("menu.main", 20, 0.178), ("music.hold", 3, 0.089)]
        {
            try Self.tone(seconds: Double(seconds), peak: peak).writeWAV(to: "\(folder)/\(file).wav")
        }
        store = try PromptStore(catalog: PromptCatalog(folder: folder))
    }

    /// A tone of 500 Hz.
    static func tone(seconds: Double, peak: Double = 0.178, rate: Int = 8000, frequency: Double = 500) -> AudioFile {
        let samples = (0..<Int(seconds * Double(rate))).map {
            Int16(peak * 32_767 * sin(2 * .pi * frequency * Double($0) / Double(rate)))
        }
        return AudioFile(samples: samples, rate: rate)
    }

    /// A WAV file of it, as somebody would send it.
    static func bytes(_ audio: AudioFile) throws -> [UInt8] {
        let path = NSTemporaryDirectory() + "/bench-\(UUID().uuidString).wav"
        defer { unlink(path) }
        try audio.writeWAV(to: path)
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
