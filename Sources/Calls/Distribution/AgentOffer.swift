/// Names one offer; rises by one within one distributor's life.
public struct OfferID: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    public let raw: UInt64

    public init(_ raw: UInt64) { self.raw = raw }

    public var description: String { String(raw) }

    public static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }

    public init(from decoder: any Decoder) throws { raw = try decoder.singleValueContainer().decode(UInt64.self) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(raw)
    }
}

/// One caller offered to one agent: that agent's phone is to ring.
public struct AgentOffer: Sendable, Hashable {
    public var id: OfferID
    /// The waiting call; with a call-back, the call in which it was asked for, which is over by now.
    public var call: CallID
    public var agent: WorkNumber
    /// The queue's name.
    public var queue: String
    /// Offered to a duty phone outside the opening hours.
    public var isDuty: Bool
    /// The number to call back, once the agent has answered; nil where the caller is on the line.
    public var number: String?

    /// Nobody is on the line yet: the agent answers first, then the caller is called back.
    public var isCallBack: Bool { number != nil }

    public init(
        id: OfferID, call: CallID, agent: WorkNumber, queue: String, isDuty: Bool = false, number: String? = nil
    ) {
        self.id = id
        self.call = call
        self.agent = agent
        self.queue = queue
        self.isDuty = isDuty
        self.number = number
    }

    /// What the agent's leg is for.
    public var purpose: AgentPurpose { isCallBack ? .callBack : isDuty ? .duty : .queue }
}

/// One offer as it went.
public struct OfferRecord: Sendable, Hashable {
    public var agent: WorkNumber
    public var outcome: OfferOutcome
    /// From the phone's first alerting (180) to the offer's end; nil where it never rang.
    public var ringMilliseconds: Int64?

    public init(agent: WorkNumber, outcome: OfferOutcome, ringMilliseconds: Int64?) {
        self.agent = agent
        self.outcome = outcome
        self.ringMilliseconds = ringMilliseconds
    }
}
