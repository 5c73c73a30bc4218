import Calls

/// Recordings of which a file cannot be written, though others' can: somebody else's file, a key that is gone. Their audio stays
/// in the audio log, whose segments stay with it, and they are finished once it is written; nobody else waits for them.
struct StuckRecordings {
    private(set) var recordings = Set<RecordingID>()
    /// Those whose trouble was told.
    private var told = Set<RecordingID>()
    private var errors: [RecordingError] = []
    /// The last try.
    private var triedAt: Instant?
    private let retryMilliseconds: Int64

    /// - Parameter retryMilliseconds: the wait between tries.
    init(retryMilliseconds: Int64) { self.retryMilliseconds = retryMilliseconds }

    mutating func add(_ troubles: [RecordingID: RecordingError]) {
        for (recording, error) in troubles.sorted(by: { $0.key < $1.key }) {
            recordings.insert(recording)
            if told.insert(recording).inserted { errors.append(error) }
        }
    }

    /// Not known to be better: nothing new to be told.
    mutating func keep(_ recordings: Set<RecordingID>) { self.recordings.formUnion(recordings) }

    /// Its file was made after all.
    mutating func forget(_ recording: RecordingID) {
        recordings.remove(recording)
        told.remove(recording)
    }

    /// A try is over: what gets stuck again after it is told again.
    mutating func settle() { told.formIntersection(recordings) }

    /// Those to be tried now, which do not count as stuck any more; empty before their time.
    mutating func due(now: Instant) -> Set<RecordingID> {
        guard !recordings.isEmpty else {
            triedAt = nil
            return []
        }
        guard let last = triedAt else {
            triedAt = now
            return []
        }
        guard now.milliseconds(since: last) >= retryMilliseconds else { return [] }
        triedAt = now
        defer { recordings = [] }
        return recordings
    }

    /// Problems not yet told to anyone, each recording's once.
    mutating func takeErrors() -> [RecordingError] {
        defer { errors = [] }
        return errors
    }
}
