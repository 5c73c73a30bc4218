import Calls
import Norms
import Storage

/// Which calls are under way, as far as they were told: what a start finds cut off after the program ended.
struct OpenCalls {
    struct One {
        var leg: LegID
        var direction: Direction
        var caller: String?
        var recording: RecordingID?
        var recordingStart: Int64?
        /// Agents' legs that are not over, in the order in which they were offered.
        var legs: [Leg] = []
        var lastSeen: Int64
        var isReleased = false
    }

    struct Leg {
        var leg: LegID
        var agent: WorkNumber
        var purpose: AgentPurpose
        var isEnded = false
        var isAnswered = false
    }

    /// A wait in a queue that is not over; a kept place outlives its call.
    struct Passage {
        var queue: String
        var enteredAt: Int64
        var offers = 0
        var rings = 0
        var milliseconds: Int64 = 0
    }

    private(set) var calls: [CallID: One] = [:]
    private(set) var passages: [CallID: Passage] = [:]
    /// Of these nothing is told any more.
    private var lost: Set<CallID> = []
    private var recordings: Set<RecordingID> = []
    private var told: Set<CallID> = []

    func isLost(_ call: CallID) -> Bool { lost.contains(call) }

    /// Whether a step can name the recording.
    func isKnown(_ recording: RecordingID?) -> Bool { recording.map(recordings.contains) ?? false }

    /// Whether an order can be linked to the call.
    func isTold(_ call: CallID) -> Bool { told.contains(call) }

    mutating func lose(_ call: CallID) { lost.insert(call) }

    /// Calls that are under way, in the order of their ids.
    var running: [(call: CallID, one: One)] {
        calls.filter { !$0.value.isReleased }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Agents' legs that are not over, of calls that are over too.
    var openLegs: [(call: CallID, leg: Leg)] {
        calls.sorted { $0.key < $1.key }.flatMap { call, one in one.legs.map { (call, $0) } }
    }

    /// Waits that are cut off with their calls; places that are kept for a call back are taken up again.
    var cutPassages: [(call: CallID, passage: Passage)] {
        passages.filter { calls[$0.key]?.isReleased == false }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The program ended: nothing that was under way is told any more.
    mutating func loseAll() { lost.formUnion(calls.keys) }

    mutating func forgetAll() {
        for (call, _) in cutPassages { passages[call] = nil }
        calls = [:]
    }

    mutating func observe(_ fact: Fact) {
        switch fact {
        case .callOffered(let fact):
            told.insert(fact.call)
            calls[fact.call] = One(
                leg: fact.leg, direction: fact.direction, caller: fact.caller, lastSeen: fact.at.wall)
        case .recordingPlanned(let fact):
            recordings.insert(fact.recording)
            calls[fact.call]?.recording = fact.recording
            see(fact.call, fact.at)
        case .recordingStarted(let fact):
            calls[fact.call]?.recordingStart = fact.at.wall
            see(fact.call, fact.at)
        case .recordingStopped(let fact): calls[fact.call]?.recording = nil
        case .queueEntered(let fact): passages[fact.call] = Passage(queue: fact.queue, enteredAt: fact.at.wall)
        case .queueLeft(let fact): passages[fact.call] = nil
        case .agentOffered(let fact):
            calls[fact.call]?.legs.append(Leg(leg: fact.leg, agent: fact.agent, purpose: fact.purpose))
            see(fact.call, fact.at)
        case .offerEnded(let fact): offerEnded(fact)
        case .agentAnswered(let fact):
            change(fact.call, fact.leg) { $0.isAnswered = true }
            see(fact.call, fact.at)
        case .agentLeft(let fact):
            calls[fact.call]?.legs.removeAll { $0.leg == fact.leg }
            tidy(fact.call)
        case .callNoted(let fact): see(fact.call, fact.at)
        case .callReleased(let fact):
            calls[fact.call]?.isReleased = true
            tidy(fact.call)
        default: break
        }
    }

    private mutating func offerEnded(_ fact: OfferEnded) {
        see(fact.call, fact.at)
        if fact.outcome == .answered {
            change(fact.call, fact.leg) { $0.isEnded = true }
        } else {
            calls[fact.call]?.legs.removeAll { $0.leg == fact.leg }
            passages[fact.call]?.rings += fact.rings ?? 0
            passages[fact.call]?.milliseconds += fact.ringMilliseconds ?? 0
            passages[fact.call]?.offers += 1
            tidy(fact.call)
        }
    }

    private mutating func change(_ call: CallID, _ leg: LegID, _ body: (inout Leg) -> Void) {
        guard var one = calls[call], let index = one.legs.firstIndex(where: { $0.leg == leg }) else { return }
        body(&one.legs[index])
        calls[call] = one
    }

    private mutating func see(_ call: CallID, _ at: Instant) {
        if let seen = calls[call]?.lastSeen, seen < at.wall { calls[call]?.lastSeen = at.wall }
    }

    /// A call that is over, all its legs with it, is under way no more.
    private mutating func tidy(_ call: CallID) {
        if let one = calls[call], one.isReleased, one.legs.isEmpty { calls[call] = nil }
    }
}
