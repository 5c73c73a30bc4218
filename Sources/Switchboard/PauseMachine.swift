import Calls

/// The pausing of a call's recordings, as a value: what is wanted, what the media thread was told, what it said.
///
/// One command is under way at a time; what is wanted meanwhile follows on its confirmation, so that each stretch of
/// silence has one author and one who ended it. A pause in a pause only goes on: the time is counted anew by the owner.
struct PauseMachine: Sendable, Hashable {
    /// Who wants silence, and for how long at most.
    struct Pause: Sendable, Hashable {
        var by: PauseOrigin
        var agent: WorkNumber?
        var reason: String
        var limitMilliseconds: Int64
    }

    struct End: Sendable, Hashable {
        var by: PauseEnd
        var agent: WorkNumber?
    }

    enum Command: Sendable, Hashable {
        case pause, resume
    }

    private enum Phase: Sendable, Hashable {
        case running, pausing, paused, resuming
    }

    /// A key that began in the pause may be told so long after its end.
    static let lateKeyMilliseconds: Int64 = 200

    private var phase = Phase.running
    /// Wanted in the end; nil: that the recording goes on.
    private var wanted: Pause?
    /// Of the stretch of silence that goes on, or was the last; nil: there was none.
    private(set) var pause: Pause?
    /// What ended it.
    private(set) var end: End?
    private var endedAt: Instant?

    var isWanted: Bool { wanted != nil }

    /// What is said and keyed now is not kept, or may not have been.
    func masks(at now: Instant) -> Bool {
        if wanted != nil || phase != .running { return true }
        guard let endedAt else { return false }
        return now.milliseconds(since: endedAt) < Self.lateKeyMilliseconds
    }

    /// - Returns: what to tell the media thread now.
    mutating func begin(_ pause: Pause) -> Command? {
        wanted = pause
        guard phase == .running else { return nil }
        self.pause = pause
        phase = .pausing
        return .pause
    }

    /// - Returns: what to tell the media thread now.
    mutating func stop(_ end: End) -> Command? {
        guard wanted != nil else { return nil }
        wanted = nil
        if phase != .resuming { self.end = end }
        guard phase == .paused else { return nil }
        phase = .resuming
        return .resume
    }

    /// The media thread says that the call's own recording is silent from here on, or no longer.
    /// - Returns: what to tell the media thread now.
    mutating func told(isPaused: Bool, at now: Instant) -> Command? {
        switch (phase, isPaused) {
        case (.pausing, true):
            phase = .paused
            guard wanted == nil else { return nil }
            phase = .resuming
            return .resume
        case (.resuming, false):
            phase = .running
            endedAt = now
            guard let wanted else { return nil }
            pause = wanted
            phase = .pausing
            return .pause
        // Each change is told once.
        case (.running, _), (.paused, _), (.pausing, false), (.resuming, true): return nil
        }
    }

    /// The command that the media thread has not confirmed, to be given again.
    var pending: Command? {
        switch phase {
        case .pausing: .pause
        case .resuming: .resume
        case .running, .paused: nil
        }
    }
}
