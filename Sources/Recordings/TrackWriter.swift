import Calls
import Glibc

/// Audio on its way from the audio log into the tracks' files: what a pass finds of one track is written at once, since a
/// write, and the opening of its file, cost more than the fifth of a second that a block holds.
///
/// What waits here is in no file, and no recording counts it as present, before `flush`.
struct TrackWriter {
    private struct TrackKey: Hashable {
        var recording: RecordingID
        var track: Int
    }

    /// A stretch of one track.
    private struct Piece {
        var track: TrackKey
        /// The first sample's number; a byte each.
        var place: Int64
        var bytes: [UInt8]

        var end: Int64 { place + Int64(bytes.count) }
    }

    private let folder: PartialFolder
    /// In the order of their first samples in the log.
    private var pieces: [Piece] = []
    /// The piece that each track grows by.
    private var newest: [TrackKey: Int] = [:]
    private var size = 0

    /// Bytes that may wait: two seconds of five hundred calls.
    private static let limit = 16 * 1_048_576

    init(folder: PartialFolder) { self.folder = folder }

    /// It is time to flush.
    var isFull: Bool { size >= Self.limit }

    mutating func add(_ audio: UnsafeRawBufferPointer, at place: Int64, of recording: RecordingID, track: Int) {
        let key = TrackKey(recording: recording, track: track)
        size += audio.count
        if let index = newest[key], pieces[index].end == place {
            pieces[index].bytes.append(contentsOf: audio)
        } else {
            newest[key] = pieces.count
            pieces.append(Piece(track: key, place: place, bytes: Array(audio)))
        }
    }

    /// Writes everything, and notes in each recording what is present now. Nothing waits afterwards.
    /// - Parameter aside: recordings of which a file cannot be written, where it is that file's trouble and nobody else's;
    ///   the rest of their pieces is not tried.
    /// - Throws: `.partial` where a track cannot be written for want of room, say: that piece and those after it are in no
    ///   file, and have to be read from the log again.
    mutating func flush(
        into partials: inout [RecordingID: Partial], aside: inout [RecordingID: RecordingError]
    ) throws(RecordingError) {
        let pieces = pieces
        discard()
        for piece in pieces {
            let recording = piece.track.recording
            // Out of the dictionary while it changes, or its arrays would be copied with every piece.
            guard aside[recording] == nil, var partial = partials.removeValue(forKey: recording) else { continue }
            // Also where the write fails: a file that had to be made anew has nothing of what was there.
            defer { partials[recording] = partial }
            do throws(FileFailure) {
                try write(piece, of: &partial)
            } catch {
                let trouble = RecordingError(
                    .partial,
                    "Audio of recording \(recording) cannot be written: \(error.text). It stays in the audio log and is "
                        + "tried again.",
                    errno: error.errno)
                guard error.isOfOneFile else { throw trouble }
                aside[recording] = trouble
                continue
            }
            partial.wrote(piece.place..<piece.end, track: piece.track.track)
        }
    }

    private func write(_ piece: Piece, of partial: inout Partial) throws(FileFailure) {
        let file = try open(&partial, track: piece.track.track)
        let track = partial.tracks[piece.track.track]
        let place = piece.place
        if let cipher = try folder.cipher(partial, track) {
            var bytes = piece.bytes
            var span = bytes.mutableSpan
            try span.withUnsafeMutableBytes { (buffer) throws(FileFailure) in try cipher.apply(to: buffer, at: place) }
            try bytes.span.withUnsafeBytes { (buffer) throws(FileFailure) in
                try file.write(buffer, at: place, calls: folder.calls)
            }
        } else {
            try piece.bytes.span.withUnsafeBytes { (buffer) throws(FileFailure) in
                try file.write(buffer, at: place, calls: folder.calls)
            }
        }
    }

    /// Makes the file where it is missing; what the recording had in one that somebody removed counts as missing then, never
    /// as silence.
    private func open(_ partial: inout Partial, track index: Int) throws(FileFailure) -> OpenFile {
        let path = folder.trackPath(partial, partial.tracks[index])
        do throws(FileFailure) {
            return try OpenFile(path, O_WRONLY)
        } catch  where error.errno == ENOENT {
            let file = try OpenFile(path, O_WRONLY | O_CREAT)
            partial.lost(track: index)
            return file
        }
    }

    /// Whether all of the tracks' files can be written; those that are missing are made.
    func open(_ partial: inout Partial) throws(FileFailure) {
        for index in partial.tracks.indices {
            _ = try open(&partial, track: index)
            _ = try folder.cipher(partial, partial.tracks[index])
        }
    }

    /// Forgets what waits: it is read from the log again.
    mutating func discard() {
        pieces = []
        newest = [:]
        size = 0
    }
}
