import Foundation

/// Telephone audio from a file: WAV with 16-bit PCM, 8,000 Hz, one channel, or G.711 bytes as they are (`.al`, `.alaw`,
/// `.ul`, `.ulaw`).
package enum AudioFile {
    /// What a file holds.
    package enum Content: Sendable, Hashable {
        case linear([Int16])
        case encoded([UInt8], G711.Law)

        /// In a law's bytes; what is encoded in the other law goes through linear.
        package func bytes(_ law: G711.Law) -> [UInt8] {
            switch self {
            case .linear(let samples): return G711.encode(samples, law)
            case .encoded(let bytes, let own):
                return own == law ? bytes : G711.encode(bytes.map { G711.linear($0, own) }, law)
            }
        }
    }

    /// - Throws: `LoadError` with the path and what is wrong.
    package static func read(_ path: String) throws(LoadError) -> Content {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LoadError("\(path): cannot be read")
        }
        let bytes = [UInt8](data)
        let lower = path.lowercased()
        if lower.hasSuffix(".al") || lower.hasSuffix(".alaw") { return .encoded(try content(bytes, path), .pcma) }
        if lower.hasSuffix(".ul") || lower.hasSuffix(".ulaw") { return .encoded(try content(bytes, path), .pcmu) }
        return try wave(bytes, path)
    }

    private static func content(_ bytes: [UInt8], _ path: String) throws(LoadError) -> [UInt8] {
        guard !bytes.isEmpty else { throw LoadError("\(path): is empty") }
        return bytes
    }

    /// Walks the RIFF chunks; `LIST` and others may stand before `data`.
    package static func wave(_ bytes: [UInt8], _ path: String) throws(LoadError) -> Content {
        func number(_ at: Int, _ size: Int) -> Int {
            (0..<size).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
        }
        func name(_ at: Int) -> String { String(decoding: bytes[at..<at + 4], as: UTF8.self) }
        guard bytes.count >= 12, name(0) == "RIFF", name(8) == "WAVE" else {
            throw LoadError("\(path): is no WAV file; raw A-law is taken from files that end in .al")
        }
        var at = 12
        var isTelephone = false
        while at + 8 <= bytes.count {
            let size = number(at + 4, 4)
            let from = at + 8
            if name(at) == "fmt ", size >= 16, from + 16 <= bytes.count {
                let (form, channels, rate, bits) = (
                    number(from, 2), number(from + 2, 2), number(from + 4, 4), number(from + 14, 2)
                )
                guard form == 1 || form == 0xFFFE, channels == 1, rate == 8000, bits == 16 else {
                    throw LoadError(
                        "\(path): format \(form), \(channels) channels, \(rate) Hz, \(bits) bits; "
                            + "wanted are PCM, 1 channel, 8000 Hz, 16 bits")
                }
                isTelephone = true
            } else if name(at) == "data" {
                guard isTelephone else { throw LoadError("\(path): its data stand before its format") }
                let end = min(bytes.count, from + size)
                let samples = stride(from: from, to: end - 1, by: 2).map {
                    Int16(truncatingIfNeeded: number($0, 2))
                }
                guard !samples.isEmpty else { throw LoadError("\(path): holds no samples") }
                return .linear(samples)
            }
            at = from + size + size % 2
        }
        throw LoadError("\(path): holds no samples")
    }
}

/// Something that the user can mend: an option, a file, the system's limits.
package struct LoadError: Error, Sendable, Hashable, CustomStringConvertible {
    package var message: String
    package init(_ message: String) { self.message = message }
    package var description: String { message }
}
