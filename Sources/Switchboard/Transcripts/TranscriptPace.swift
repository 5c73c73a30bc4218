import Calls

/// When the next transcript is tried: a value; time comes in with each event.
///
/// Two kinds of failure are kept apart. Where the recogniser is away (no such program, no connection, status 5xx), nothing
/// is wrong with the recording: all wait, 1 s, 2 s, 4 s … at most 5 minutes, for as long as it takes, and then another one
/// is tried first. Where a try with one recording fails, that one waits, 1 minute, 2, 4 …, and is given up after
/// `mostAttempts`; others go on. A recording at which the recogniser is away while it answers for others is at fault itself.
package struct TranscriptPace: Sendable {
    package enum Failure: Sendable, Hashable {
        case recogniserAway(String)
        case recording(String)
        /// Trying again would come to the same.
        case hopeless(String)
    }

    package enum Action: Sendable, Hashable {
        /// To be written down.
        case failed(attempt: Int, isGivenUp: Bool, message: String)
        /// The recogniser was away several times in a row.
        case raiseAway(message: String)
        case clearAway
        case raiseGivenUp(message: String)
        /// None that was given up is left.
        case clearGivenUp
    }

    package static let mostAttempts = 5
    private static let first: Int64 = 1000
    private static let longest: Int64 = 300_000
    private static let firstOfRecording: Int64 = 60_000
    /// Failures in a row until the alarm.
    private static let alarmAfter = 3

    private var awayInARow = 0
    private var isAlarmed = false
    /// Milliseconds of the monotonic clock.
    private var pausedUntil: Int64 = .min
    private var later: [RecordingID: Int64] = [:]
    /// At these the recogniser was away since it last answered.
    private var unanswered: Set<RecordingID> = []
    /// At these it was away, and it answered for others since.
    private var suspected: Set<RecordingID> = []
    /// In this run of the program.
    private var givenUp: Set<RecordingID> = []

    package init() {}

    /// The first of those that wait whose time has come.
    package func next(of pending: [PendingJob], at now: Int64) -> PendingJob? {
        guard now >= pausedUntil else { return nil }
        return pending.first { (later[$0.recording] ?? .min) <= now }
    }

    /// Somebody asks for it again.
    package mutating func asked(_ recording: RecordingID) -> [Action] {
        forget(recording)
        return settle(recording)
    }

    package mutating func made(_ recording: RecordingID) -> [Action] {
        forget(recording)
        return settle(recording) + answered()
    }

    private mutating func forget(_ recording: RecordingID) {
        later[recording] = nil
        unanswered.remove(recording)
        suspected.remove(recording)
    }

    /// - Parameter attempts: failed ones before this.
    package mutating func failed(
        _ recording: RecordingID, attempts: Int, by failure: Failure, at now: Int64
    ) -> [Action] {
        switch failure {
        case .recogniserAway(let message) where suspected.contains(recording):
            return failed(recording, attempts: attempts, by: .recording(message), at: now)
        case .recogniserAway(let message):
            let pause = min(Self.first << Int64(min(awayInARow, 20)), Self.longest)
            awayInARow += 1
            pausedUntil = now + pause
            later[recording] = pausedUntil + pause
            unanswered.insert(recording)
            guard awayInARow >= Self.alarmAfter, !isAlarmed else { return [] }
            isAlarmed = true
            return [.raiseAway(message: message)]
        case .recording(let message):
            let attempt = attempts + 1
            guard attempt < Self.mostAttempts else { return giveUp(recording, attempt, message) + answered() }
            later[recording] = now + Self.firstOfRecording << Int64(attempts)
            return [.failed(attempt: attempt, isGivenUp: false, message: message)] + answered()
        case .hopeless(let message): return giveUp(recording, attempts + 1, message)
        }
    }

    private mutating func giveUp(_ recording: RecordingID, _ attempt: Int, _ message: String) -> [Action] {
        forget(recording)
        givenUp.insert(recording)
        let others = givenUp.count > 1 ? " (and \(givenUp.count - 1) more)" : ""
        return [
            .failed(attempt: attempt, isGivenUp: true, message: message),
            .raiseGivenUp(message: "recording \(recording)\(others) has no transcript: \(message)"),
        ]
    }

    private mutating func settle(_ recording: RecordingID) -> [Action] {
        guard givenUp.remove(recording) != nil, givenUp.isEmpty else { return [] }
        return [.clearGivenUp]
    }

    /// The recogniser is there.
    private mutating func answered() -> [Action] {
        awayInARow = 0
        pausedUntil = .min
        suspected.formUnion(unanswered)
        unanswered = []
        guard isAlarmed else { return [] }
        isAlarmed = false
        return [.clearAway]
    }
}

/// A recording whose transcript is to be made.
package struct PendingJob: Sendable, Hashable {
    package var recording: RecordingID
    package var call: CallID
    /// Failed tries so far.
    package var attempts: Int

    package init(recording: RecordingID, call: CallID, attempts: Int) {
        self.recording = recording
        self.call = call
        self.attempts = attempts
    }
}
