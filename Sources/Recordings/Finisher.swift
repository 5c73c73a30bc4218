import Evidence
import Glibc

/// Makes the files of recordings, one after the other: see `Finishing`.
struct Finisher: Sendable {
    let recordings: String
    let partials: PartialFolder
    let format: RecordingFormat
    /// Nil: files are made in the clear.
    let keys: RecordingKeys?
    let calls: DiskCalls
    /// Takes a recording through its steps.
    let run: @Sendable (inout Finishing) throws(RecordingError) -> Void

    func finish(_ ended: Demultiplexer.Ended) throws(RecordingError) -> FinishedRecording {
        var work = try Finishing(
            ended, recordings: recordings, partials: partials, format: format, keys: keys, calls: calls)
        try run(&work)
        guard let finished = work.finished else {
            throw RecordingError(
                .finish, "Recording \(ended.partial.recording) was left before its last step.",
                recording: ended.partial.recording, call: ended.partial.call)
        }
        return finished
    }
}

/// Decodes a recording's tracks and interleaves its channels; what is missing is silence.
struct TrackDecoder {
    private static let chunkFrames: Int64 = 32_768

    let partial: Partial
    let partials: PartialFolder

    /// Gives the interleaved samples of the whole recording, chunk by chunk.
    func decode(
        frames: Int64, to sink: (UnsafeBufferPointer<Int16>) throws(FileFailure) -> Void
    ) throws(FileFailure) {
        struct Source {
            var file: OpenFile
            var cipher: TrackCipher?
            var table: [Int16]
            var track: Partial.Track
        }
        var sources: [Source] = []
        for track in partial.tracks {
            guard let table = G711.table(codec: track.codec) else { continue }
            let file = try OpenFile(partials.trackPath(partial, track), O_RDONLY)
            sources.append(
                Source(file: file, cipher: try partials.cipher(partial, track), table: table, track: track))
        }
        let channels = partial.channelCount
        let chunk = Int(Self.chunkFrames)
        let samples = UnsafeMutableBufferPointer<Int16>.allocate(capacity: chunk * channels)
        let encoded = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 8)
        defer {
            samples.deallocate()
            encoded.deallocate()
        }
        var first: Int64 = 0
        while first < frames {
            let count = min(Self.chunkFrames, frames - first)
            samples.update(repeating: 0)
            for source in sources {
                let intervals = source.track.present.intervals
                var index = source.track.present.firstIndex(reaching: first)
                while index < intervals.count, intervals[index].from < first + count {
                    let from = max(first, intervals[index].from)
                    let to = min(first + count, intervals[index].to)
                    index += 1
                    guard from < to else { continue }
                    let bytes = UnsafeMutableRawBufferPointer(rebasing: encoded[..<Int(to - from)])
                    guard try source.file.read(into: bytes, at: from) == bytes.count else {
                        // The index never names what was not made durable: somebody shortened the file.
                        throw FileFailure(path: source.file.path, operation: "read to the end", errno: EIO)
                    }
                    try source.cipher?.apply(to: bytes, at: from)
                    var place = Int(from - first) * channels + Int(source.track.channel)
                    source.table.withUnsafeBufferPointer { table in
                        for byte in bytes {
                            samples[place] = table[Int(byte)]
                            place &+= channels
                        }
                    }
                }
            }
            try sink(UnsafeBufferPointer(rebasing: samples[..<(Int(count) * channels)]))
            first += count
        }
    }
}

/// SHA-256 of files.
enum FileHash {
    /// Of a file of the store, as it was before it was encrypted: 64 characters, lower-case hex.
    static func sha256(_ path: String, keys: RecordingKeys?) throws(FileFailure) -> String {
        var hash = SHA256Stream()
        try StoredFile(path, keys: keys).readAll { (bytes) throws(FileFailure) in hash.update(bytes: bytes) }
        return hash.finish()
    }

    /// As it lies on the disk.

    static func sha256(of file: OpenFile) throws(FileFailure) -> String {
        var hash = SHA256Stream()
        var bytes = [UInt8](repeating: 0, count: 262_144)
        var place: Int64 = 0
        while true {
            var span = bytes.mutableSpan
            let count = try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in
                try file.read(into: buffer, at: place)
            }
            if count == 0 { return hash.finish() }
            hash.update(bytes: bytes[..<count])
            place += Int64(count)
        }
    }
}
