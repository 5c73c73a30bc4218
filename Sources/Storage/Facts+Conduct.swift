import Calls

// What the exchange writes down about callers' conduct (002 服务规范 7, 8) and about what an agent owes after a call, by the
// rules of Facts.swift.

/// Somebody of a role has to look at a call: an item of the inbox, unheard until one of them acknowledged it
/// (`MessageHeard`).
public struct CallReported: Sendable, Codable, Hashable {
    public var message: MessageID
    public var call: CallID
    public var at: Instant
    /// Who has to look at it.
    public var role: AgentRole
    /// Who reports.
    public var by: WorkNumber
    /// The mark that is reported: `nuisance`.
    public var mark: String
    /// The queue that the caller came from; nil where from none.
    public var queue: String?
    /// Normalised number; nil where withheld.
    public var caller: String?
    public var note: String?
    /// The recording of the call, and the stretch of it that led to the report.
    public var recording: RecordingID
    public var from: AudioPosition
    public var to: AudioPosition

    public init(
        message: MessageID, call: CallID, at: Instant, role: AgentRole, by: WorkNumber, mark: String,
        queue: String? = nil, caller: String? = nil, note: String? = nil, recording: RecordingID, from: AudioPosition,
        to: AudioPosition
    ) {
        self.message = message
        self.call = call
        self.at = at
        self.role = role
        self.by = by
        self.mark = mark
        self.queue = queue
        self.caller = caller
        self.note = note
        self.recording = recording
        self.from = from
        self.to = to
    }
}

/// An agent served a caller and has the form of a work order to fill in: until an order is made for or linked to the call,
/// or the agent says that none is needed. Where the call has an order already, nothing is owed.
public struct FormOwed: Sendable, Codable, Hashable {
    public var call: CallID
    public var at: Instant
    /// Who served the caller last.
    public var agent: WorkNumber

    public init(call: CallID, at: Instant, agent: WorkNumber) {
        self.call = call
        self.at = at
        self.agent = agent
    }
}

/// The agent says that the call needs no order.
public struct FormWaived: Sendable, Codable, Hashable {
    public var call: CallID
    public var at: Instant
    public var by: WorkNumber
    public var reason: String

    public init(call: CallID, at: Instant, by: WorkNumber, reason: String) {
        self.call = call
        self.at = at
        self.by = by
        self.reason = reason
    }
}
