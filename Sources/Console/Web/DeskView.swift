import Calls
import Norms
import Storage
import Switchboard

/// One agent's desk at one moment: what the page shows, and what its stream says of it.
struct DeskMoment: Sendable {
    var now: Instant
    var agent: DistributorStatus.AgentStatus
    /// The call that rings or that the agent is in; nil too for the instant until it is written down.
    var call: CallDetail?
    /// Calls whose form the agent owes, the oldest first.
    var forms: [PendingForm]
    /// When call and forms were read, CLOCK_MONOTONIC nanoseconds.
    fileprivate var readAt: Int64

    /// The agent's own leg of the call, the latest of several.
    var leg: AgentLegSummary? { call?.agents.last { $0.agent == agent.agent.number } }

    /// How the caller came to people: the last stay in a queue.
    var passage: QueuePassage? { call?.queue.last { !$0.refused } }

    /// Since when the agent speaks, or the phone rings.
    var since: UTCTime? { leg?.answeredAt ?? leg?.alertedAt ?? leg?.offeredAt ?? agent.since.map { UTCTime($0) } }

    func milliseconds(since time: UTCTime?) -> Int64? {
        time.map { max(0, (UTCTime(now).microseconds - $0.microseconds) / 1000) }
    }

    /// Nominal rings of the agent's phone; nil where it does not ring.
    func rings(_ clock: RingClock) -> Int? {
        guard agent.state == .ringing else { return nil }
        let began = leg?.alertedAt ?? agent.since.map { UTCTime($0) }
        return milliseconds(since: began).map { clock.ring(atMilliseconds: $0) }
    }

    /// How long the caller waits, or waited, for a person.
    var waitMilliseconds: Int64? {
        passage.flatMap { $0.waitMilliseconds ?? milliseconds(since: $0.enteredAt) }
    }
}

/// What the stream of one's own desk says once a second. The keys say nothing but whether a part of the page is another than
/// it was.
struct DeskView: Encodable, Sendable {
    var stateKey: String
    var callKey: String
    var formsKey: String
    var state: String
    var stateMilliseconds: Int64?
    var call: CallID?
    var callMilliseconds: Int64?
    var waitMilliseconds: Int64?
    var rings: Int?

    init(_ moment: DeskMoment, rings clock: RingClock) {
        let agent = moment.agent
        stateKey =
            "\(agent.state.rawValue) \(agent.since?.wall ?? 0) \(agent.next?.rawValue ?? "") \(agent.isReachable) "
            + (agent.reason ?? "")
        callKey =
            "\(agent.call?.description ?? "") \(agent.state == .ringing) \(moment.call?.marks.count ?? 0) "
            + "\(moment.call?.queue.count ?? 0) \(moment.leg?.answeredAt?.microseconds ?? 0)"
        formsKey = moment.forms.map(\.call.description).joined(separator: " ")
        state = agent.state.rawValue
        stateMilliseconds = moment.milliseconds(since: agent.since.map { UTCTime($0) })
        call = agent.call
        callMilliseconds = agent.call == nil ? nil : moment.milliseconds(since: moment.since)
        waitMilliseconds = moment.waitMilliseconds
        rings = moment.rings(clock)
    }

    enum CodingKeys: String, CodingKey {
        case stateKey = "state_key"
        case callKey = "call_key"
        case formsKey = "forms_key"
        case state
        case stateMilliseconds = "state_ms"
        case call
        case callMilliseconds = "call_ms"
        case waitMilliseconds = "wait_ms"
        case rings
    }
}

/// Reads one agent's desk.
struct DeskReader: Sendable {
    private static let quick: Int64 = 2_000_000_000

    let desk: AgentDesk?
    let reader: StoreReader
    let owed: OwedWork
    let time: any TimeSource

    /// - Parameter last: the moment before: what has not changed since, and is young, is not read again.
    /// - Returns: nil for somebody who is not in the agents' file.
    func moment(of number: WorkNumber, last: DeskMoment? = nil) async throws -> DeskMoment? {
        let now = time.now()
        guard let agent = desk?.status.agents.first(where: { $0.agent.number == number }) else { return nil }
        if let last, last.agent.call == agent.call, last.agent.state == agent.state,
            now.mono - last.readAt < Self.quick
        {
            return DeskMoment(now: now, agent: agent, call: last.call, forms: last.forms, readAt: last.readAt)
        }
        var call: CallDetail?
        if let id = agent.call { call = try await reader.call(id) }
        return DeskMoment(
            now: now, agent: agent, call: call, forms: try await owed.forms(of: number), readAt: now.mono)
    }
}
