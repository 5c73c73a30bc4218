import Calls

/// A call as an audit looks at it: what stands in the store's rows, flat. All instants are Unix time in microseconds, UTC.
public struct AuditCall: Sendable, Hashable {
    /// One wait in a queue, or a refusal at its door.
    public struct Passage: Sendable, Hashable {
        public var queue: String
        public var isRefused: Bool
        public var enteredAt: Int64
        /// From asking for a person to the answer, or to leaving; nil while waiting. Milliseconds.
        public var waitMilliseconds: Int64?
        /// Nil while waiting.
        public var exit: QueueExit?
        /// Phones that were rung for it.
        public var offers: Int?
        /// Their ringing, summed over the hunt. Milliseconds.
        public var ringMilliseconds: Int64?
        /// Who answered.
        public var agent: String?
        /// An apology for the wait was spoken.
        public var isApologised: Bool
        /// Stands before others as a key customer (`queue_passages.priority` has `key_customer`).
        public var isKeyCustomer: Bool

        public init(
            queue: String, isRefused: Bool, enteredAt: Int64, waitMilliseconds: Int64?, exit: QueueExit?, offers: Int?,
            ringMilliseconds: Int64?, agent: String?, isApologised: Bool, isKeyCustomer: Bool
        ) {
            self.queue = queue
            self.isRefused = isRefused
            self.enteredAt = enteredAt
            self.waitMilliseconds = waitMilliseconds
            self.exit = exit
            self.offers = offers
            self.ringMilliseconds = ringMilliseconds
            self.agent = agent
            self.isApologised = isApologised
            self.isKeyCustomer = isKeyCustomer
        }
    }

    /// A conversation of an agent with the caller: an offer that was answered.
    public struct Talk: Sendable, Hashable {
        public var agent: String
        public var answeredAt: Int64
        /// Nil while it lasts, or where its end was lost.
        public var leftAt: Int64?
        /// `caller`, `agent`, `flow`, `supervisor`, `network`, `unknown`; nil as above. Whose leg ended first is `agent`
        /// also where the agent's own line broke, and `caller` wherever the call was over before the leg: `leftMessage` and
        /// the call's `releasedBy` tell these apart.
        public var leftBy: String?
        /// What that rests on: `BYE received`, `BYE sent`, … (`agent_offers.left_message`); nil as above.
        public var leftMessage: String?
        /// The agent handed the caller over: nobody hung up.
        public var isTransferred: Bool
        /// The machine began to say greeting, unit and work number, in this order, when the agent came
        /// (`isWholeAnnouncement` of the journal's event `announced` of this call and agent, the first at or after
        /// `answeredAt`).
        public var isAnnounced: Bool

        public init(
            agent: String, answeredAt: Int64, leftAt: Int64?, leftBy: String?, leftMessage: String?,
            isTransferred: Bool, isAnnounced: Bool
        ) {
            self.agent = agent
            self.answeredAt = answeredAt
            self.leftAt = leftAt
            self.leftBy = leftBy
            self.leftMessage = leftMessage
            self.isTransferred = isTransferred
            self.isAnnounced = isAnnounced
        }

        /// Whether what the machine said in an agent's stead has greeting, unit and work number, in this order.
        /// - Parameter items: the event's own: these words, or the prompts that say them.
        public static func isWholeAnnouncement(_ items: [String]) -> Bool {
            var due = announcement[...]
            for item in items {
                if let next = due.first, next.contains(item) { due.removeFirst() }
            }
            return due.isEmpty
        }

        private static let announcement: [[String]] = [
            ["greeting", "greeting.hello"], ["unit", "unit.name"], ["work_number", "agent.number_is"],
        ]
    }

    /// What an agent said of the call: `nuisance`, `angry`, `wrong_number`, ….
    public struct Mark: Sendable, Hashable {
        public var mark: String
        public var agent: String
        /// Of anger: 1…3; nil where none was given.
        public var degree: Int?
        public var at: Int64

        public init(mark: String, agent: String, degree: Int?, at: Int64) {
            self.mark = mark
            self.agent = agent
            self.degree = degree
            self.at = at
        }
    }

    /// A call back that was asked for in this call, or owed because its line broke.
    public struct CallBack: Sendable, Hashable {
        public var askedAt: Int64
        public var dueAt: Int64?
        /// The last try; nil while none ended.
        public var endedAt: Int64?
        public var isReached: Bool?
        public var attempts: Int
        public var agent: String?

        public init(
            askedAt: Int64, dueAt: Int64?, endedAt: Int64?, isReached: Bool?, attempts: Int, agent: String?
        ) {
            self.askedAt = askedAt
            self.dueAt = dueAt
            self.endedAt = endedAt
            self.isReached = isReached
            self.attempts = attempts
            self.agent = agent
        }
    }

    /// A work order that was made in this call (`order_calls.role` is `created`).
    public struct Order: Sendable, Hashable {
        /// `complaint`, `consultation`, … (`orders.category`).
        public var category: String
        /// The degree of the customer's attitude that the order notes (field `attitude` of the last step that gives it, else
        /// of the form); nil where it notes none.
        public var attitude: String?
        /// When the customer was promised to be called: its first step `promise` or `send_on` (`happened_wall`).
        public var promisedAt: Int64?
        /// When that was done: the first step after it that is `answer`, or `relay` with `reached` = `reached`
        /// (`happened_wall`).
        public var calledAt: Int64?

        public init(category: String, attitude: String? = nil, promisedAt: Int64? = nil, calledAt: Int64? = nil) {
            self.category = category
            self.attitude = attitude
            self.promisedAt = promisedAt
            self.calledAt = calledAt
        }
    }

    public struct Recording: Sendable, Hashable {
        public var id: RecordingID
        /// Finished, and not deleted since.
        public var isFinished: Bool
        /// Milliseconds; nil until stopped.
        public var lengthMilliseconds: Int64?
        /// Speech on the caller's channel, and on all channels; nil until measured. Milliseconds.
        public var callerTalkMilliseconds: Int64?
        public var talkMilliseconds: Int64?

        public init(
            id: RecordingID, isFinished: Bool, lengthMilliseconds: Int64?, callerTalkMilliseconds: Int64?,
            talkMilliseconds: Int64?
        ) {
            self.id = id
            self.isFinished = isFinished
            self.lengthMilliseconds = lengthMilliseconds
            self.callerTalkMilliseconds = callerTalkMilliseconds
            self.talkMilliseconds = talkMilliseconds
        }
    }

    public var id: CallID
    public var line: String
    public var isInbound: Bool
    /// Nil where withheld, or not given; `callerSource` says which.
    public var caller: String?
    public var callerSource: String
    public var called: String
    public var offeredAt: Int64
    public var ringingAt: Int64?
    public var answeredAt: Int64?
    /// Of the line, until the machine or a person took it. Milliseconds, nil where it was not answered.
    public var ringMilliseconds: Int64?
    public var rings: Int?
    public var releasedAt: Int64?
    public var releasedBy: String?
    /// `completed`, `abandoned`, …; nil while it runs.
    public var outcome: String?
    public var passages: [Passage] = []
    public var talks: [Talk] = []
    public var marks: [Mark] = []
    /// Marks of which somebody was told who has to look (`nuisance`).
    public var reportedMarks: Set<String> = []
    public var callBack: CallBack?
    public var recordings: [Recording] = []
    public var orders: [Order] = []
    /// Numbers of all work orders that the call belongs to, in whatever role.
    public var orderNumbers: [String] = []

    public init(
        id: CallID, line: String, isInbound: Bool, caller: String?, callerSource: String, called: String,
        offeredAt: Int64, ringingAt: Int64?, answeredAt: Int64?, ringMilliseconds: Int64?, rings: Int?,
        releasedAt: Int64?, releasedBy: String?, outcome: String?
    ) {
        self.id = id
        self.line = line
        self.isInbound = isInbound
        self.caller = caller
        self.callerSource = callerSource
        self.called = called
        self.offeredAt = offeredAt
        self.ringingAt = ringingAt
        self.answeredAt = answeredAt
        self.ringMilliseconds = ringMilliseconds
        self.rings = rings
        self.releasedAt = releasedAt
        self.releasedBy = releasedBy
        self.outcome = outcome
    }
}
