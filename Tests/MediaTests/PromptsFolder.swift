import Foundation
import Media

/// A folder of its own for one test, with a catalog and files; removed at the end.
final class PromptsFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/prompts-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("left behind: \(path)") }
    }

    func write(catalog: String) throws {
        try catalog.write(toFile: path + "/catalog.yaml", atomically: true, encoding: .utf8)
    }

    func catalogText() throws -> String { try String(contentsOfFile: path + "/catalog.yaml", encoding: .utf8) }

    func catalog() throws -> PromptCatalog { try PromptCatalog(folder: path) }

    func write(_ file: String, _ samples: [Int16], rate: Int = 8000, channels: Int = 1) throws {
        try AudioFile(samples: samples, rate: rate, channels: channels).writeWAV(to: path + "/" + file)
    }

    /// A stand-in for SHA-256: 64 digits that differ with the bytes.
    static let digest: @Sendable ([UInt8]) -> String = { bytes in
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(repeating: String(format: "%016llx", hash), count: 4)
    }

    /// A tone in 16-bit samples; `level` is its peak as a share of full scale.
    static func tone(
        _ frequency: Double = 500, seconds: Double = 0.5, level: Double = 0.2, rate: Int = 8000
    ) -> [Int16] {
        (0..<Int(seconds * Double(rate))).map {
            Int16(level * 32_767 * sin(2 * .pi * frequency * Double($0) / Double(rate)))
        }
    }

    /// How much of one frequency samples hold: 1 for a pure full-scale sine of it (Goertzel).
    static func share(of frequency: Double, in samples: [Int16], rate: Int = 8000) -> Double {
        var real = 0.0
        var imaginary = 0.0
        for (index, sample) in samples.enumerated() {
            let angle = 2 * .pi * frequency * Double(index) / Double(rate)
            real += Double(sample) / 32_767 * cos(angle)
            imaginary += Double(sample) / 32_767 * sin(angle)
        }
        return 2 * (real * real + imaginary * imaginary).squareRoot() / Double(max(1, samples.count))
    }
}
