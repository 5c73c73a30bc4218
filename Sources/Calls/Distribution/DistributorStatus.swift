/// How queues and agents stand at one moment, for screens: sorted by name and number, the waiting in their order.
public struct DistributorStatus: Sendable, Hashable {
    public struct Waiter: Sendable, Hashable {
        public var call: CallID
        /// From 1; kept places count.
        public var position: Int
        public var since: Instant
        /// The skill needed, resolved.
        public var skill: String?
        public var caller: String?
        public var priority: QueuePriority
        /// The agent whose phone rings for the caller.
        public var offeredTo: WorkNumber?
        /// Served by the duty phones.
        public var isDuty: Bool
        /// A place kept for a call-back.
        public var isCallBack: Bool
    }

    public struct Queue: Sendable, Hashable {
        public var name: String
        public var isOpen: Bool
        public var isDraining: Bool
        /// No longer configured; goes with the last caller.
        public var isRemoved: Bool
        public var waiting: [Waiter]
        /// Agents at work for the queue's skill: present, with a registered phone, in a call or not.
        public var serving: Int
        /// The running mean of talk and wrap-up.
        public var meanHandlingMilliseconds: Int64

        /// How many wait on the line.
        public var callers: Int { waiting.count { !$0.isCallBack } }

        /// How long the caller on the line who came first has waited; nil where nobody waits.
        public func longestWaitMilliseconds(at now: Instant) -> Int64? {
            waiting.lazy.filter { !$0.isCallBack }.map(\.since).min().map { now.milliseconds(since: $0) }
        }
    }

    public struct AgentStatus: Sendable, Hashable {
        public var agent: Agent
        public var state: AgentState
        /// Since when in that state; nil where the agent never was in another.
        public var since: Instant?
        /// Why the agent is away.
        public var reason: String?
        /// The end of the last call, or the log-in: the longest idle is offered the next caller.
        public var idleSince: Instant?
        /// The call that rings or that the agent is in; the latest of several.
        public var call: CallID?
        /// That call's queue, where it came from one.
        public var queue: String?
        public var purpose: AgentPurpose?
        public var isReachable: Bool
        /// The phone is left alone for a moment, because it was busy, refused or was not reached.
        public var isResting: Bool
        /// What the agent becomes when the call is over, where that is not the usual.
        public var next: AgentState?
        /// Offers missed in a row.
        public var misses: Int
    }

    public var queues: [Queue]
    public var agents: [AgentStatus]
    public var isEmergency: Bool
}

extension Distributor {
    /// A picture of the moment. Its cost grows with all who wait and all agents.
    public var status: DistributorStatus {
        DistributorStatus(
            queues: queues.keys.sorted().compactMap { name in queues[name].map { status(name, $0) } },
            agents: desks.keys.sorted().compactMap { number in desks[number].map { status(number, $0) } },
            isEmergency: isEmergency)
    }

    private func status(_ name: String, _ book: QueueBook) -> DistributorStatus.Queue {
        let waiting = book.line.places.enumerated().compactMap { index, place in
            callers[place.call].map { caller in
                DistributorStatus.Waiter(
                    call: place.call, position: index + 1, since: caller.since, skill: caller.waiting.skill,
                    caller: caller.waiting.caller, priority: caller.waiting.priority,
                    offeredTo: caller.offer.flatMap { offers[$0]?.offer.agent }, isDuty: caller.isDuty,
                    isCallBack: caller.number != nil)
            }
        }
        return DistributorStatus.Queue(
            name: name, isOpen: book.isOpen, isDraining: book.isDraining, isRemoved: book.isRemoved, waiting: waiting,
            serving: serving(book.rules.skill), meanHandlingMilliseconds: Int64(book.meanMilliseconds))
    }

    private func status(_ number: WorkNumber, _ desk: AgentDesk) -> DistributorStatus.AgentStatus {
        let engagement = desk.engagements.last
        let offer = desk.offer.flatMap { offers[$0]?.offer }
        return DistributorStatus.AgentStatus(
            agent: desk.agent, state: desk.state, since: desk.since, reason: desk.reason, idleSince: desk.idleSince,
            call: engagement?.call ?? offer?.call, queue: engagement?.queue ?? offer?.queue,
            purpose: engagement?.purpose ?? offer?.purpose, isReachable: reachable.contains(number),
            isResting: desk.isResting, next: desk.next, misses: desk.misses)
    }
}
