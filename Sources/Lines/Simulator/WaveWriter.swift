import Glibc

/// A WAV file that grows: 8,000 Hz, 16 bits, one channel. Its header is right after each second, so that a file that
/// was never closed can be read too. One thread at a time.
final class WaveWriter {
    /// Five hours; what comes later is left out.
    private static let mostSamples = 5 * 3600 * 8000
    private let descriptor: Int32
    private let path: String
    private var samples = 0
    private var inHeader = 0

    /// - Throws: `LineError` with code `.simulator`.
    init(path: String) throws(LineError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw LineError(.simulator, "\(path): cannot be written: \(String(cString: strerror(errno)))")
        }
        try writeHeader()
    }

    deinit { close(descriptor) }

    /// - Throws: `LineError` with code `.simulator`.
    func append(_ more: [Int16]) throws(LineError) {
        guard samples + more.count <= Self.mostSamples else { return }
        let bytes = more.flatMap { sample -> [UInt8] in
            let bits = UInt16(bitPattern: sample)
            return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
        }
        try write(bytes, at: 44 + samples * 2)
        samples += more.count
        if samples - inHeader >= 8000 { try writeHeader() }
    }

    /// The header for all that was written.
    /// - Throws: `LineError` with code `.simulator`.
    func writeHeader() throws(LineError) {
        inHeader = samples
        func number(_ value: Int, bytes: Int) -> [UInt8] {
            (0..<bytes).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        var header = Array("RIFF".utf8) + number(36 + samples * 2, bytes: 4) + Array("WAVEfmt ".utf8)
        header += number(16, bytes: 4) + number(1, bytes: 2) + number(1, bytes: 2)
        header += number(8000, bytes: 4) + number(16_000, bytes: 4) + number(2, bytes: 2) + number(16, bytes: 2)
        header += Array("data".utf8) + number(samples * 2, bytes: 4)
        try write(header, at: 0)
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws(LineError) {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw LineError(.simulator, "\(path): cannot be written: \(String(cString: strerror(errno)))")
            }
            done += count
        }
    }
}
