import AudioLog
import Calls
import Glibc

/// Takes the audio log apart: one pass over each segment moves every recording's audio into files of its own. A segment
/// goes when all that it held is durable elsewhere.
///
/// Writing a block twice changes nothing, so that a pass which failed, or which a crash cut short, is simply made again.
struct Demultiplexer {
    /// Where the reading of a segment goes on from when what came after cannot be written.
    struct Checkpoint {
        var segment: LogSegment
        var ended: Int
        var errors: Int
        var read: UInt64
        var damaged: UInt64
        var torn: UInt64
    }

    /// A recording that is ready to be finished.
    struct Ended: Sendable {
        var partial: Partial
        /// No end was written.
        var isInterrupted: Bool
    }

    let folder: PartialFolder
    private let calls: DiskCalls
    /// How long a segment waits for its recordings to be confirmed before they are made durable as partial files.
    private let segmentLifetimeMilliseconds: Int64
    var segments: [UInt64: LogSegment] = [:]
    var partials: [RecordingID: Partial] = [:]
    /// Changed since they were last made durable.
    private var unsaved = Set<RecordingID>()
    /// Given to the finisher.
    private(set) var handedOver = Set<RecordingID>()
    /// Ended in the log, to be given to the finisher after the pass.
    private var justEnded: [RecordingID] = []
    /// Of an earlier run, waiting until all of its segments are read.
    private var leftOver = Set<RecordingID>()
    private var confirmed: ConfirmedLog
    /// Confirmed ones of which a file cannot be removed, told.
    private var removalTold = Set<RecordingID>()
    var tracks: TrackWriter
    var stuck: StuckRecordings
    /// Segments are read once more for these alone.
    var only: Set<RecordingID>?

    private(set) var bytesRead: UInt64 = 0
    private(set) var bytesDamaged: UInt64 = 0
    /// In the last blocks of an earlier run's segments, which were never written to their end.
    private(set) var bytesTorn: UInt64 = 0
    /// When an earlier run wrote to its segments last, in microseconds of Unix time; nil where it left none.
    private(set) var oldWrittenAt: Int64?
    /// Problems not yet told to anyone.
    var errors: [RecordingError] = []

    private static let windowSize = 1_048_576 + AudioLogScanner.sufficientWindow

    /// - Parameter stuckRetryMilliseconds: the wait between tries of what cannot be written while the rest can.
    init(folder: PartialFolder, segmentLifetimeMilliseconds: Int64, stuckRetryMilliseconds: Int64) {
        self.folder = folder
        calls = folder.calls
        tracks = TrackWriter(folder: folder)
        self.segmentLifetimeMilliseconds = segmentLifetimeMilliseconds
        stuck = StuckRecordings(retryMilliseconds: stuckRetryMilliseconds)
        confirmed = ConfirmedLog(folder: folder.path, calls: folder.calls)
    }

    /// Its part of them.
    var statistics: RecordingStatistics {
        var statistics = RecordingStatistics()
        statistics.segments = segments.count
        statistics.open = partials.count - handedOver.count
        statistics.bytesRead = bytesRead
        statistics.bytesDamaged = bytesDamaged
        statistics.bytesTorn = bytesTorn
        return statistics
    }
    /// Something published has not been read; a failing segment counts.
    var hasUnread: Bool { segments.values.contains { $0.scanner.offset < $0.flushed } }
    var hasSealed: Bool { segments.values.contains { $0.isRead } }
    /// There is audio that is tried again later.
    var hasStuck: Bool { !stuck.recordings.isEmpty }

    mutating func takeErrors() -> [RecordingError] {
        defer { errors = [] }
        return errors + stuck.takeErrors()
    }

    // MARK: the log grows

    /// Notes how far the writer has come.
    mutating func advance(_ progress: AudioLogProgress, now: Instant) {
        var segment = segments[progress.sequence] ?? LogSegment(path: progress.path)
        segment.flushed = max(segment.flushed, progress.flushedBytes)
        if progress.isSealed && !segment.isSealed {
            segment.isSealed = true
            segment.sealedAt = now
        }
        segments[progress.sequence] = segment
    }

    /// Reads what is new in all segments.
    /// - Returns: recordings to be finished now.
    mutating func read(now: Instant) -> [Ended] {
        tryStuck(now: now)
        for sequence in segments.keys.sorted() {
            guard let segment = segments[sequence], !segment.isRead else { continue }
            guard segment.scanner.offset < segment.flushed || segment.isSealed else { continue }
            do throws(RecordingError) {
                try read(segment, sequence: sequence)
                segments[sequence]?.failureTold = false
            } catch {
                if !segment.failureTold { errors.append(error) }
                segments[sequence]?.failureTold = true
                // What a later segment tells of the end of a recording is not true before this one is taken apart.
                if error.code == .partial { break }
            }
        }
        return handOver()
    }

    /// As far as everything read was written, too: the next pass goes on there.
    private mutating func read(_ found: LogSegment, sequence: UInt64) throws(RecordingError) {
        var segment = found
        var kept = checkpoint(segment)
        do throws(RecordingError) {
            try read(&segment, sequence: sequence) { (demultiplexer, segment) throws(RecordingError) in
                try demultiplexer.flush()
                kept = demultiplexer.checkpoint(segment)
            }
            segments[sequence] = segment
        } catch {
            let failure = error
            if failure.code != .partial {
                // What could be read is taken all the same.
                do throws(RecordingError) {
                    try flush()
                    kept = checkpoint(segment)
                } catch {
                    // Then it is read again, together with what cannot be read now: that is the failure that is told.
                }
            }
            tracks.discard()
            go(back: kept, sequence: sequence)
            throw failure
        }
    }

    func checkpoint(_ segment: LogSegment) -> Checkpoint {
        Checkpoint(
            segment: segment, ended: justEnded.count, errors: errors.count, read: bytesRead, damaged: bytesDamaged,
            torn: bytesTorn)
    }

    private mutating func go(back kept: Checkpoint, sequence: UInt64) {
        segments[sequence] = kept.segment
        justEnded.removeSubrange(kept.ended...)
        errors.removeSubrange(kept.errors...)
        count(as: kept)
    }

    /// What was read since then does not count.
    mutating func count(as kept: Checkpoint) {
        bytesRead = kept.read
        bytesDamaged = kept.damaged
        bytesTorn = kept.torn
    }

    private mutating func handOver() -> [Ended] {
        var ended: [Ended] = []
        let waitsForOld = segments.values.contains { $0.isOld && !$0.isRead }
        for recording in justEnded where !leftOver.contains(recording) && !stuck.recordings.contains(recording) {
            guard let partial = partials[recording], handedOver.insert(recording).inserted else { continue }
            ended.append(Ended(partial: partial, isInterrupted: false))
        }
        justEnded = []
        if !waitsForOld {
            for recording in leftOver.sorted() where !stuck.recordings.contains(recording) {
                guard let partial = partials[recording], handedOver.insert(recording).inserted else { continue }
                ended.append(Ended(partial: partial, isInterrupted: partial.isOpen))
            }
            leftOver.formIntersection(stuck.recordings)
        }
        return ended
    }

    /// - Parameter flush: called where much waits to be written, and at the end.
    mutating func read(
        _ segment: inout LogSegment, sequence: UInt64,
        flush: (inout Demultiplexer, LogSegment) throws(RecordingError) -> Void
    ) throws(RecordingError) {
        let file: OpenFile
        do throws(FileFailure) {
            file = try OpenFile(segment.path, O_RDONLY)
        } catch {
            throw RecordingError(.segment, "The audio log cannot be read: \(error.text)", errno: error.errno)
        }
        let size = min(UInt64(Self.windowSize), max(1, segment.flushed - segment.scanner.offset))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(size), alignment: 8)
        defer { buffer.deallocate() }
        while true {
            let base = segment.scanner.offset
            let wanted = Int(min(UInt64(buffer.count), segment.flushed - base))
            let count: Int
            do throws(FileFailure) {
                count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: Int64(base))
            } catch {
                throw RecordingError(.segment, "The audio log cannot be read: \(error.text)", errno: error.errno)
            }
            guard count == wanted else {
                throw RecordingError(
                    .segment, "\(segment.path) ends before byte \(segment.flushed), where its writer had come to.")
            }
            let reachesEnd = base + UInt64(count) == segment.flushed
            let window = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            try take(window, base: base, isFinal: reachesEnd && segment.isSealed, from: &segment, sequence: sequence)
            bytesRead += segment.scanner.offset - base
            if reachesEnd {
                segment.isRead = segment.isSealed
                return try flush(&self, segment)
            }
            if tracks.isFull { try flush(&self, segment) }
            guard segment.scanner.offset > base else {
                throw RecordingError(.segment, "\(segment.path) cannot be read beyond byte \(base).")
            }
        }
    }

    private mutating func take(
        _ window: UnsafeRawBufferPointer, base: UInt64, isFinal: Bool, from segment: inout LogSegment, sequence: UInt64
    ) throws(RecordingError) {
        while true {
            let before = segment.scanner
            switch segment.scanner.next(in: window.bytes, base: base, isFinal: isFinal) {
            case .more:
                if isFinal { noteMissing(in: &segment) }
                return
            case .header:
                continue
            case .skipped(let skip):
                note(skip, in: &segment)
            case .block(let block, let payload):
                if let only, !only.contains(block.recording) { continue }
                if block.flags.contains(.sealed) {
                    let opened: [UInt8]?
                    do throws(RecordingError) {
                        opened = try open(window, payload: payload, in: &segment)
                    } catch {
                        // The next pass begins with this block again.
                        segment.scanner = before
                        throw error
                    }
                    guard let audio = opened else { continue }
                    audio.span.withUnsafeBytes { take(block, payload: $0, from: &segment, sequence: sequence) }
                } else {
                    take(
                        block, payload: UnsafeRawBufferPointer(rebasing: window[payload]), from: &segment,
                        sequence: sequence)
                }
            }
        }
    }

    /// The audio of a sealed block; nil where it is not what was written: then it is missing, and told like other damage.
    private mutating func open(
        _ window: UnsafeRawBufferPointer, payload: Range<Int>, in segment: inout LogSegment
    ) throws(RecordingError) -> [UInt8]? {
        var opener = segment.opener ?? SegmentOpener(keys: folder.keys, path: segment.path)
        defer { segment.opener = opener }
        do throws(RecordingError) {
            if let audio = try opener.open(window, payload: payload, header: segment.scanner.header) { return audio }
        } catch {
            throw RecordingError(
                .segment, "The audio log cannot be read: \(error.message). What it holds waits for its key.",
                errno: error.errno)
        }
        bytesDamaged += UInt64(payload.count)
        segment.isDamaged = true
        if !segment.sealDamageTold, only == nil {
            segment.sealDamageTold = true
            errors.append(
                RecordingError(
                    .segment,
                    "\(segment.path): encrypted audio is not what was written; what is missing is listed as gaps. The "
                        + "segment is kept with the ending .damaged."))
        }
        return nil
    }

    private mutating func note(_ skip: AudioLogScanner.Skip, in segment: inout LogSegment) {
        // Told when it was read first.
        if skip.reason == .unwritten || only != nil { return }
        let count = skip.bytes.upperBound - skip.bytes.lowerBound
        // A killed process leaves its last block unfinished; that is no damage.
        if skip.reason == .torn && segment.isOld {
            bytesTorn += count
            return
        }
        bytesDamaged += count
        segment.isDamaged = true
        errors.append(
            RecordingError(
                .segment,
                "\(segment.path): bytes \(skip.bytes.lowerBound) to \(skip.bytes.upperBound) are damaged; what is "
                    + "missing is listed as gaps. The segment is kept with the ending .damaged."))
    }

    /// Blocks can also be gone without a byte that is out of place.
    private mutating func noteMissing(in segment: inout LogSegment) {
        guard segment.scanner.missingBlocks > 0, only == nil else { return }
        if !segment.isDamaged {
            errors.append(
                RecordingError(
                    .segment,
                    "\(segment.path): \(segment.scanner.missingBlocks) blocks are missing; they are listed as gaps. The "
                        + "segment is kept with the ending .damaged."))
        }
        segment.isDamaged = true
    }

    private mutating func take(
        _ block: AudioLogBlock, payload: UnsafeRawBufferPointer, from segment: inout LogSegment, sequence: UInt64
    ) {
        if confirmed.contains(block.recording) { return }
        segment.recordings.insert(block.recording)
        // Out of the dictionary while it changes, or its arrays would be copied with every block.
        var partial =
            partials.removeValue(forKey: block.recording)
            ?? Partial(
                recording: block.recording, call: block.call, key: folder.keys?.currentID)
        defer { partials[block.recording] = partial }
        if segment.isOld { leftOver.insert(block.recording) }
        unsaved.insert(block.recording)
        partial.lastSegment = max(partial.lastSegment, sequence)
        switch block.kind {
        case .start:
            if let start = AudioLogStart(reading: payload.bytes) { partial.begin(start) }
        case .gap:
            partial.extend(to: block.end)
        case .end:
            partial.end(at: block.position)
            justEnded.append(block.recording)
        case .audio:
            guard let track = partial.track(of: block) else {
                segment.isDamaged = true
                if only != nil { return }
                errors.append(
                    RecordingError(
                        .codec,
                        "Recording \(block.recording) has audio of codec \(block.codec), which this version cannot "
                            + "decode; it is silent there. \(segment.path) is kept with the ending .damaged."))
                return
            }
            partial.extend(to: block.end)
            if stuck.recordings.contains(block.recording) { return }
            tracks.add(
                payload, at: block.position.units / partial.tracks[track].unit, of: block.recording, track: track)
        }
    }

    // MARK: segments go

    /// Removes the sealed segments that are no longer needed: at once those whose recordings are all confirmed, the
    /// others when they have waited long enough, after making durable what they hold. Those stay of which a recording's audio
    /// cannot be written.
    mutating func retire(now: Instant) {
        let read = segments.filter { $0.value.isRead && $0.value.recordings.isDisjoint(with: stuck.recordings) }
        guard !read.isEmpty else { return }
        let isDue = read.values.contains { segment in
            segment.isOld
                || now.milliseconds(since: segment.sealedAt ?? now) >= segmentLifetimeMilliseconds
        }
        var leaving = isDue ? read : read.filter { $0.value.recordings.allSatisfy { partials[$0] == nil } }
        guard !leaving.isEmpty else { return }
        do throws(RecordingError) {
            let needed = leaving.values.reduce(into: Set<RecordingID>()) { $0.formUnion($1.recordings) }
            let saved = try save(needed.intersection(unsaved))
            if !saved.isEmpty { try folder.sync() }
            unsaved.subtract(saved)
            leaving = leaving.filter { $0.value.recordings.isDisjoint(with: stuck.recordings) }
            for (sequence, segment) in leaving.sorted(by: { $0.key < $1.key }) {
                try remove(segment)
                segments[sequence] = nil
            }
            try forgetConfirmed()
        } catch {
            // Tried again with every pass, told once.
            if !leaving.values.contains(where: \.failureTold) { errors.append(error) }
            for sequence in leaving.keys { segments[sequence]?.failureTold = true }
        }
    }

    private func remove(_ segment: LogSegment) throws(RecordingError) {
        do throws(FileFailure) {
            if segment.isDamaged {
                // Sequence numbers may begin anew when the folder was empty; what was kept before stays.
                var name = segment.path + ".damaged"
                var number = 2
                while try Files.kind(name) != nil {
                    name = segment.path + ".damaged-\(number)"
                    number += 1
                }
                try Files.rename(segment.path, to: name)
            } else {
                try Files.remove(segment.path)
            }
        } catch {
            throw RecordingError(.segment, "A segment cannot be removed: \(error.text)", errno: error.errno)
        }
    }

    private mutating func forgetConfirmed() throws(RecordingError) {
        do throws(FileFailure) {
            // First the removals of the partial files, then what stands for them.
            try Files.syncFolder(folder.path, calls: calls)
            try confirmed.forget(before: segments.keys.min())
        } catch {
            throw RecordingError(.partial, error.text, errno: error.errno)
        }
    }

    // MARK: recordings go

    /// The recordings are journalled: their partial files can go.
    /// - Returns: those of which a file cannot be removed yet.
    /// - Throws: where nobody's could be confirmed.
    mutating func confirm(_ recordings: [RecordingID]) throws(RecordingError) -> [RecordingID] {
        let known = recordings.filter { handedOver.contains($0) }.compactMap { partials[$0] }
        do throws(FileFailure) {
            let new = known.filter { !confirmed.contains($0.recording) }
            try confirmed.add(new.map { ($0.recording, $0.lastSegment) })
        } catch {
            throw RecordingError(
                .partial, "Confirmed recordings cannot be noted: \(error.text)", errno: error.errno)
        }
        var left: [RecordingID] = []
        for partial in known {
            // What it has in the log is needed by nobody any more.
            unsaved.remove(partial.recording)
            stuck.forget(partial.recording)
            do throws(FileFailure) {
                try folder.remove(partial)
            } catch {
                left.append(partial.recording)
                guard removalTold.insert(partial.recording).inserted else { continue }
                errors.append(
                    RecordingError(
                        .partial, "A partial file of a confirmed recording cannot be removed: \(error.text)",
                        errno: error.errno))
                continue
            }
            partials[partial.recording] = nil
            handedOver.remove(partial.recording)
            removalTold.remove(partial.recording)
        }
        return left
    }

    /// An owner had these journalled before they could be taken out of the log: there is nothing more to be made.
    mutating func waive(_ recordings: Set<RecordingID>) {
        handedOver.formUnion(recordings.intersection(stuck.recordings))
    }

    // MARK: after a crash

    /// Takes over what an earlier run left: its partial files, and every segment in the folder of the audio log.
    /// `read` then takes them apart, and hands over all recordings once the last segment is read.
    mutating func adopt(audioLogFolder: String) throws(RecordingError) {
        let contents = try folder.load()
        errors += contents.errors
        do throws(FileFailure) {
            try confirmed.load()
            for partial in contents.partials {
                if confirmed.contains(partial.recording) {
                    try folder.remove(partial)
                } else {
                    partials[partial.recording] = partial
                    leftOver.insert(partial.recording)
                }
            }
            for name in try Files.names(in: audioLogFolder) {
                guard let sequence = AudioLogSegmentHeader.sequence(fileName: name), segments[sequence] == nil else {
                    continue
                }
                var segment = LogSegment(path: "\(audioLogFolder)/\(name)")
                segment.flushed = UInt64(try OpenFile(segment.path, O_RDONLY).length())
                oldWrittenAt = max(oldWrittenAt ?? .min, try Files.writtenAt(segment.path))
                segment.isSealed = true
                segment.isOld = true
                segments[sequence] = segment
            }
        } catch {
            throw RecordingError(.folder, "The audio log cannot be taken over: \(error.text)", errno: error.errno)
        }
    }
}
