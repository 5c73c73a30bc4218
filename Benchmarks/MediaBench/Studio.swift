import Calls
import Foundation
import Media
import Synchronization

/// A folder, prompts and identifiers for a run; removed at the end.
final class Studio {
    let folder: String
    let prompts: PromptStore
    private var identifiers = IdentifierGenerator(node: 1)
    private let time = SystemTime()

    init() throws {
        folder = NSTemporaryDirectory() + "/media-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // A minute that is loud and quiet as speech is.
        let minute = Studio.speech(ticks: 3000, seed: 1).flatMap(\.self)
        try AudioFile(samples: minute, rate: 8000).writeWAV(to: folder + "/minute.wav")
        prompts = try PromptStore(
            catalog: PromptCatalog(
                folder: folder, locale: "zh-CN",
                entries: [PromptCatalog.Entry(id: "minute", text: "minute", file: "minute.wav")]))
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: folder) } catch { print("left behind: \(folder)") }
    }

    func identifier<Kind>() -> Identifier<Kind> {
        identifiers.next(wallMicroseconds: time.now().wall, random: .random(in: 0 ... .max))
    }

    /// Noise in syllables of 240 ms with pauses, by ticks of 160 samples.
    static func speech(ticks: Int, seed: UInt64) -> [[Int16]] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<ticks).map { tick in
            let loud = tick % 12 < 9
            return (0..<160).map { _ in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return Int16(truncatingIfNeeded: state >> 44) / (loud ? 8 : 512)
            }
        }
    }
}
