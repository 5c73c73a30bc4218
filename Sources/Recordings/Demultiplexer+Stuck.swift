import AudioLog
import Calls

// One recording's trouble is nobody else's.

extension Demultiplexer {
    /// Reads the segments of those whose files could not be written once more, for them alone.
    mutating func tryStuck(now: Instant) {
        let due = stuck.due(now: now)
        guard !due.isEmpty else { return }
        // First of all whether it is worth it: the segments of a long call are gigabytes of everybody's.
        let tried = due.filter { isWritable($0) }
        stuck.keep(due.subtracting(tried))
        defer { stuck.settle() }
        only = tried
        defer { only = nil }
        for (sequence, found) in segments.sorted(by: { $0.key < $1.key }) {
            let wanted = found.recordings.intersection(tried).subtracting(stuck.recordings)
            guard !wanted.isEmpty else { continue }
            var segment = found
            segment.scanner = AudioLogScanner()
            // As far, and in the same way, as it was read: the rest is read as ever.
            segment.flushed = found.scanner.offset
            segment.isSealed = found.isRead
            let before = checkpoint(found)
            do throws(RecordingError) {
                try read(&segment, sequence: sequence) { (demultiplexer, _) throws(RecordingError) in
                    try demultiplexer.flush()
                }
            } catch {
                // Nor can it be read, or there is no room for anybody.
                tracks.discard()
                stuck.keep(wanted)
                if !found.retryFailureTold { errors.append(error) }
                segments[sequence]?.retryFailureTold = true
                count(as: before)
                continue
            }
            segments[sequence]?.retryFailureTold = false
            count(as: before)
        }
    }

    /// Recordings of which audio cannot be written yet, by what is known of them.
    var waiting: [Ended] {
        stuck.recordings.subtracting(handedOver).sorted().compactMap { recording in
            partials[recording].map { Ended(partial: $0, isInterrupted: $0.isOpen) }
        }
    }

    mutating func flush() throws(RecordingError) {
        var aside: [RecordingID: RecordingError] = [:]
        defer { stuck.add(aside) }
        try tracks.flush(into: &partials, aside: &aside)
    }

    private mutating func isWritable(_ recording: RecordingID) -> Bool {
        guard var partial = partials[recording] else { return false }
        // What was in a file that had to be made anew is missing, whatever comes after.
        defer { partials[recording] = partial }
        do throws(FileFailure) {
            try tracks.open(&partial)
            try folder.save(partial)
        } catch {
            return false
        }
        return true
    }

    /// Makes the partial files of recordings durable, and sets aside those of which one cannot be written.
    mutating func save(_ recordings: Set<RecordingID>) throws(RecordingError) -> Set<RecordingID> {
        var saved = Set<RecordingID>()
        for partial in recordings.sorted().compactMap({ partials[$0] }) {
            do throws(FileFailure) {
                try folder.save(partial)
                saved.insert(partial.recording)
            } catch {
                let trouble = RecordingError(
                    .partial,
                    "Recording \(partial.recording) cannot be saved: \(error.text). It stays in the audio log.",
                    errno: error.errno)
                guard error.isOfOneFile else { throw trouble }
                stuck.add([partial.recording: trouble])
            }
        }
        return saved
    }
}
