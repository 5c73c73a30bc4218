import Synchronization

/// What the signalling thread and whoever waits for it tell each other.
package final class Progress: Sendable {
    let registered = Atomic<Int>(0)
    let notRegistered = Atomic<Int>(0)
    let placed = Atomic<Int>(0)
    let answered = Atomic<Int>(0)
    /// Over before the answer.
    let failed = Atomic<Int>(0)
    let over = Atomic<Int>(0)
    let phonesUp = Atomic<Int>(0)
    let isDone = Atomic<Bool>(false)
    /// Wishes.
    let mayCall = Atomic<Bool>(false)
    let mayRelease = Atomic<Bool>(false)
    let mustStop = Atomic<Bool>(false)
    init() {}
}

/// One leg's course. Times are nanoseconds since the run began; nil: it did not come so far.
package struct LegRecord: Sendable {
    package enum Role: String, Sendable, Codable {
        case caller, phone
    }
    package var role: Role
    package var user = ""
    package var callID = ""
    package var invitedAt: Int64?
    package var ringingAt: Int64?
    package var answeredAt: Int64?
    package var releasedAt: Int64?
    package var overAt: Int64?
    package var end: CallEnd?
    package var law: G711.Law?
    package var repeats = 0
    package var drops: Int64 = 0
    /// Our own hanging-up had begun when it ended.
    package var wasReleased = false
}
