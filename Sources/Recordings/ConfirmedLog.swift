import AudioLog
import Calls
import Glibc

/// Which recordings are finished and journalled although segments of the audio log still hold blocks of them: after a
/// crash these blocks must not be taken for a recording to be finished again, from what is left of it.
///
/// A file of 32-byte records, little-endian but for the identifier: recording (16), last segment (8), CRC-32C of these
/// 24 (4), zeros (4).
struct ConfirmedLog: Sendable {
    private static let recordSize = 32

    private let folder: String
    private let path: String
    private let calls: DiskCalls
    private var lastSegments: [RecordingID: UInt64] = [:]
    private var length: Int64 = 0

    /// - Parameter folder: holds the file `confirmed`.
    init(folder: String, calls: DiskCalls) {
        self.folder = folder
        path = folder + "/confirmed"
        self.calls = calls
    }

    func contains(_ recording: RecordingID) -> Bool { lastSegments[recording] != nil }

    /// Reads the file; a torn tail is written over, a damaged record passed over.
    mutating func load() throws(FileFailure) {
        guard try Files.kind(path) != nil else { return }
        let bytes = try Files.contents(of: path, limit: 256 * 1_048_576)
        var place = 0
        while place + Self.recordSize <= bytes.count {
            let record = bytes[place..<place + Self.recordSize]
            place += Self.recordSize
            guard Self.record(Array(record.prefix(16)), Self.word(record.dropFirst(16).prefix(8))) == Array(record),
                let recording = RecordingID(bytes: record.prefix(16))
            else { continue }
            lastSegments[recording] = Self.word(record.dropFirst(16).prefix(8))
        }
        length = Int64(place)
    }

    /// Adds recordings, durably.
    mutating func add(_ added: [(recording: RecordingID, lastSegment: UInt64)]) throws(FileFailure) {
        guard !added.isEmpty else { return }
        let bytes = added.flatMap { Self.record($0.recording.bytes, $0.lastSegment) }
        let isNew = try Files.kind(path) == nil
        let file = try OpenFile(path, O_WRONLY | O_CREAT)
        let place = length
        try bytes.span.withUnsafeBytes { (buffer) throws(FileFailure) in
            try file.write(buffer, at: place, calls: calls)
        }
        try file.sync(calls: calls)
        if isNew { try Files.syncFolder(folder, calls: calls) }
        length += Int64(bytes.count)
        for entry in added { lastSegments[entry.recording] = entry.lastSegment }
    }

    /// Forgets what no segment holds any more; the file is rewritten when most of it is of that kind.
    /// - Parameter oldest: the first segment still there; nil where there is none.
    mutating func forget(before oldest: UInt64?) throws(FileFailure) {
        if let oldest {
            lastSegments = lastSegments.filter { $0.value >= oldest }
        } else {
            lastSegments = [:]
        }
        let needed = lastSegments.count * Self.recordSize
        guard length > 65_536, needed < Int(length) / 2 else { return }
        let bytes = lastSegments.sorted { $0.key < $1.key }.flatMap { Self.record($0.key.bytes, $0.value) }
        try Files.replace(path, with: bytes, calls: calls)
        length = Int64(bytes.count)
    }

    private static func record(_ recording: [UInt8], _ lastSegment: UInt64) -> [UInt8] {
        var bytes = recording
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: lastSegment >> shift)) }
        var crc = CRC32C()
        crc.update(bytes.span.bytes)
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: crc.value >> shift)) }
        return bytes + [0, 0, 0, 0]
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
