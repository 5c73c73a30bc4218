import Calls

// What the exchange writes down about what callers leave behind, by the rules of Facts.swift.

/// The caller left a voice message; durable before that is confirmed to the caller.
public struct MessageLeft: Sendable, Codable, Hashable {
    public var message: MessageID
    public var call: CallID
    public var at: Instant
    public var queue: String
    /// Normalised number; nil where withheld.
    public var caller: String?
    /// The recording of the call, in which the message is a stretch.
    public var recording: RecordingID
    public var from: AudioPosition
    public var to: AudioPosition
    /// By when somebody must have dealt with it. Its monotonic part means nothing.
    public var dueAt: Instant?

    public init(
        message: MessageID, call: CallID, at: Instant, queue: String, caller: String? = nil, recording: RecordingID,
        from: AudioPosition, to: AudioPosition, dueAt: Instant? = nil
    ) {
        self.message = message
        self.call = call
        self.at = at
        self.queue = queue
        self.caller = caller
        self.recording = recording
        self.from = from
        self.to = to
        self.dueAt = dueAt
    }
}

/// Somebody listened to a voice message.
public struct MessageHeard: Sendable, Codable, Hashable {
    public var message: MessageID
    public var at: Instant
    public var by: WorkNumber

    public init(message: MessageID, at: Instant, by: WorkNumber) {
        self.message = message
        self.at = at
        self.by = by
    }
}

/// The caller asked to be called back, or is to be because the line broke.
public struct CallBackAsked: Sendable, Codable, Hashable {
    /// The line broke while an agent talked to the caller.
    public struct Dropped: Sendable, Codable, Hashable {
        /// Whose task it is.
        public var agent: WorkNumber
        /// What broke was a call-back itself: the call that it was made for. Nothing follows upon this one.
        public var follows: CallID?

        public init(agent: WorkNumber, follows: CallID? = nil) {
            self.agent = agent
            self.follows = follows
        }
    }

    public var call: CallID
    public var at: Instant
    /// The queue that was waited in; empty where there was none.
    public var queue: String
    /// Normalised number to call.
    public var number: String
    /// By when. Its monotonic part means nothing.
    public var dueAt: Instant?
    /// Nil: the caller asked for it.
    public var dropped: Dropped?

    public init(
        call: CallID, at: Instant, queue: String, number: String, dueAt: Instant? = nil, dropped: Dropped? = nil
    ) {
        self.call = call
        self.at = at
        self.queue = queue
        self.number = number
        self.dueAt = dueAt
        self.dropped = dropped
    }
}

/// A call-back is over.
public struct CallBackEnded: Sendable, Codable, Hashable {
    /// The call that asked.
    public var call: CallID
    public var at: Instant
    /// The call that was placed; nil where none was.
    public var made: CallID?
    public var reached: Bool
    /// Who spoke, or closed it by hand.
    public var by: WorkNumber?

    public init(call: CallID, at: Instant, made: CallID? = nil, reached: Bool, by: WorkNumber? = nil) {
        self.call = call
        self.at = at
        self.made = made
        self.reached = reached
        self.by = by
    }
}
