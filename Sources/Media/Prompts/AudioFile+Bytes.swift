import Foundation
import Glibc

extension AudioFile {
    /// Reads a file that came over the network, through a temporary one that only we can read.
    /// - Throws: as `init(reading:within:as:)`; with code `.audioFile` also where the temporary folder is full.
    public init(bytes: [UInt8], within limits: Limits, as name: String) throws(MediaError) {
        // Without an ending: the content alone says what it is.
        var template = Array((NSTemporaryDirectory() + "/hotline-audio-XXXXXX").utf8CString)
        let file = mkstemp(&template)
        let path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard file >= 0 else {
            throw MediaError(.audioFile, "\(path): cannot be made; check the temporary folder", errno: errno)
        }
        defer { unlink(path) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        close(file)
        guard written == bytes.count else {
            throw MediaError(.audioFile, "\(path): cannot be written; is the temporary folder full?")
        }
        try self.init(reading: path, within: limits, as: name)
    }
}
