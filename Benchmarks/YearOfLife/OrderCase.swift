import Calls
import Norms
import WorkOrders

/// An order of the year that is to be made: what it is about, and how it comes in.
struct OrderPlan: Sendable {
    /// From 0 over the year.
    var index: Int
    var category: String
    var channel: String
    /// Who asks; nil where nobody knows.
    var caller: String?
}

/// One order while it lives, with what is to become of it.
struct OrderCase {
    let plan: OrderPlan
    let id: OrderID
    let number: String
    let createdAt: Int64
    let caller: String?
    /// The call in which it was taken.
    let call: CallID?
    let recording: RecordingID?
    var life: OrderLife
    var draw: Draw
    let traits: OrderTraits

    /// The step that leads on, once it was decided on.
    var main: PlannedStep?
    /// What is done beside it, the next first.
    var side: [PlannedStep] = []
    /// When what led to the state was done.
    var since: Int64
    /// How often each step was done.
    var done: [String: Int] = [:]
    /// Nothing is done any more beyond so many steps: whoever has it forgot it.
    var stepsUntilForgotten: Int?
    /// Recordings and calls that the order holds, each with its role.
    var links: Set<String> = []
    /// When it is looked at for alarms next.
    var alarmAt: Int64?
    /// Alarms that were told.
    var told: Set<OrderAlarm.Key> = []
    /// Penalties as they were last proposed.
    var proposals: [PenaltyProposal] = []

    func times(_ step: String) -> Int { done[step, default: 0] }
}

/// A step that will be written down at a set time.
struct PlannedStep {
    /// What is beside a step's own fields.
    enum Kind {
        case plain
        /// Another order hears of it: `link`, or `merge` and `convert`.
        case other(Int)
    }

    var step: String
    var by: OrderActor
    var happenedAt: Int64
    var enteredAt: Int64
    var why: String?
    var fields: [String: String]
    /// The call in which it was done, and its recording.
    var call: CallID?
    var recording: RecordingID?
    var kind = Kind.plain
}

/// What a path wants to do next.
struct NextStep {
    /// A call that the step is made by.
    enum Spoken {
        /// By the department or the hotline, with the customer.
        case contact, visit
        /// The call in which the order was taken goes on.
        case intake
    }

    var step: String
    var happenedAt: Int64
    var fields: [String: String] = [:]
    var why: String?
    /// The role that does it; nil: whoever usually does.
    var role: String?
    var spoken: Spoken?
    /// Whether somebody was spoken with.
    var isReached = true
    /// The moment is one on which a limit turns, and stays.
    var isExact = false
    /// It was done in the call, and is written down with it.
    var isAtOnce = false
}

/// What was drawn of an order when it was made.
struct OrderTraits: Sendable {
    var customer: String
    var contact: String?
    var isNamed: Bool
    var place: String
    var account: String
    var topic: String
    var item: String?
    var severity: String
    /// Known when it is taken, not later.
    var isGravityKnown: Bool
    var attitude: String?
    var isDiscipline: Bool
    var reported: String?
    var isTrue: Bool
    var breach: String?
    var wantsExtension: Bool
    var area: String
    var responsibility: String
    var supply: String
    var isKeyCustomer: Bool
    var body: String?
}
