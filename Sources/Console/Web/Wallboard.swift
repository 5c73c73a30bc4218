import Calls
import Foundation
import Norms
import Storage
import Switchboard

/// What is going on at this moment, as the wallboard shows it and `GET /api/v1/wallboard` answers.
struct WallboardView: Encodable, Sendable {
    struct Call: Encodable, Sendable {
        enum State: String, Encodable, Sendable { case ringing, flow, waiting, talking }

        var id: CallID
        var line: String
        var state: State
        var offeredAt: UTCTime
        /// Since when it has been so.
        var since: UTCTime
        /// Nominal rings so far, or until the answer.
        var rings: Int?
        var agent: String?

        enum CodingKeys: String, CodingKey {
            case id, line, state
            case offeredAt = "offered_at"
            case since, rings, agent
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(id, forKey: .id)
            try fields.encode(line, forKey: .line)
            try fields.encode(state, forKey: .state)
            try fields.encode(offeredAt, forKey: .offeredAt)
            try fields.encode(since, forKey: .since)
            try fields.encode(rings, forKey: .rings)
            try fields.encode(agent, forKey: .agent)
        }
    }

    struct Queue: Encodable, Sendable {
        var name: String
        var open: Bool
        var waiting: Int
        var longestWait: Int64?
        var serving: Int

        enum CodingKeys: String, CodingKey {
            case name, open, waiting
            case longestWait = "longest_wait_ms"
            case serving
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(name, forKey: .name)
            try fields.encode(open, forKey: .open)
            try fields.encode(waiting, forKey: .waiting)
            try fields.encode(longestWait, forKey: .longestWait)
            try fields.encode(serving, forKey: .serving)
        }
    }

    struct Agent: Encodable, Sendable {
        var number: String
        var name: String
        var state: String
        var since: UTCTime?
        var reachable: Bool

        enum CodingKeys: String, CodingKey { case number, name, state, since, reachable }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(number, forKey: .number)
            try fields.encode(name, forKey: .name)
            try fields.encode(state, forKey: .state)
            try fields.encode(since, forKey: .since)
            try fields.encode(reachable, forKey: .reachable)
        }
    }

    /// A rule of the hotline's profile, today.
    struct Figure: Encodable, Sendable {
        var rule: String
        var clause: String
        var words: String
        var kept: Int
        var broken: Int
        /// `kept`, `broken`, `shown`, `not_judged`.
        var conclusion: String
    }

    /// An open order whose clock runs out soonest.
    struct Due: Encodable, Sendable {
        var order: String
        var clock: String
        var dueAt: UTCTime
        var late: Bool
        var owner: String

        enum CodingKeys: String, CodingKey {
            case order, clock
            case dueAt = "due_at"
            case late, owner
        }
    }

    /// A notice that callers hear.
    struct Notice: Encodable, Sendable {
        var notice: String
        var prompt: String
        var words: String
        var since: UTCTime
        var until: UTCTime?

        enum CodingKeys: String, CodingKey { case notice, prompt, words, since, until }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(notice, forKey: .notice)
            try fields.encode(prompt, forKey: .prompt)
            try fields.encode(words, forKey: .words)
            try fields.encode(since, forKey: .since)
            try fields.encode(until, forKey: .until)
        }
    }

    var at: UTCTime
    var status: String
    var alarms: [String]
    /// Those that are on.
    var notices: [Notice]
    var calls: [Call]
    var queues: [Queue]
    var agents: [Agent]
    var unheardMessages: Int
    var figures: [Figure]
    var due: [Due]
    var lines: [Line]
    /// Bytes free for recordings; null where the disk cannot be asked.
    var diskFree: Int64?

    struct Line: Encodable, Sendable {
        var name: String
        /// `up`, `down`.
        var state: String
        var detail: String
    }

    enum CodingKeys: String, CodingKey {
        case at, status, alarms, notices, calls, queues, agents
        case unheardMessages = "unheard_messages"
        case figures, due, lines
        case diskFree = "disk_free_bytes"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(at, forKey: .at)
        try fields.encode(status, forKey: .status)
        try fields.encode(alarms, forKey: .alarms)
        try fields.encode(notices, forKey: .notices)
        try fields.encode(calls, forKey: .calls)
        try fields.encode(queues, forKey: .queues)
        try fields.encode(agents, forKey: .agents)
        try fields.encode(unheardMessages, forKey: .unheardMessages)
        try fields.encode(figures, forKey: .figures)
        try fields.encode(due, forKey: .due)
        try fields.encode(lines, forKey: .lines)
        try fields.encode(diskFree, forKey: .diskFree)
    }
}

/// Reads what is going on, for however many look at it: once a second at most, the slower figures once in half a minute.
actor Wallboard {
    private static let slow: Int64 = 30_000_000_000
    private static let quick: Int64 = 900_000_000
    /// Open orders that are looked at for their clocks.
    private static let mostOrders = 300
    private static let shownOrders = 8

    private let reader: StoreReader
    private let desk: AgentDesk?
    private let notices: Notices?
    private let orders: OrderBook?
    private let audits: AuditOffice?
    private let site: Site
    private let rings: RingClock
    private let health: @Sendable () -> Health
    private let lines: @Sendable () -> [WallboardView.Line]
    private let diskFree: @Sendable () -> Int64?
    private let time: any TimeSource
    private var view: (at: Int64, view: WallboardView)?
    private var slowly: (at: Int64, figures: [WallboardView.Figure], due: [WallboardView.Due])?

    init(sources: ConsoleSources, site: Site) {
        reader = sources.reader
        desk = sources.desk
        notices = sources.notices
        orders = sources.orders
        audits = sources.audits
        self.site = site
        rings = sources.rings
        health = sources.health
        lines = {
            sources.lines().map { WallboardView.Line(name: $0.name, state: $0.isUp ? "up" : "down", detail: $0.detail) }
        }
        diskFree = sources.diskFree
        time = sources.time
    }

    func now() async throws -> WallboardView {
        let now = time.now()
        if let view, now.mono - view.at < Self.quick { return view.view }
        if slowly == nil || now.mono - (slowly?.at ?? 0) >= Self.slow {
            let old = slowly
            // Others who ask meanwhile are shown the last ones.
            slowly = (now.mono, old?.figures ?? [], old?.due ?? [])
            slowly = (now.mono, try await figures(now), try await due(now))
        }
        let health = health()
        let status = desk?.status
        let fresh = WallboardView(
            at: UTCTime(now), status: health.status, alarms: health.findings,
            notices: notices(now), calls: try await calls(status, now), queues: queues(status, now),
            agents: agents(status),
            unheardMessages: try await reader.unheardMessages(), figures: slowly?.figures ?? [],
            due: slowly?.due ?? [], lines: lines(), diskFree: diskFree())
        view = (now.mono, fresh)
        return fresh
    }

    private func notices(_ now: Instant) -> [WallboardView.Notice] {
        (notices?.records(at: now) ?? []).filter(\.isOn).map { record in
            let prompt = record.prompt ?? ""
            return WallboardView.Notice(
                notice: record.name, prompt: prompt, words: notices?.words(of: prompt) ?? "", since: record.setAt,
                until: record.until)
        }
    }

    private func calls(_ status: DistributorStatus?, _ now: Instant) async throws -> [WallboardView.Call] {
        let talking = Dictionary(
            (status?.agents ?? []).compactMap { agent in
                [.talking, .hold].contains(agent.state) ? agent.call.map { ($0, agent) } : nil
            }, uniquingKeysWith: { first, _ in first })
        let waiting = Dictionary(
            (status?.queues ?? []).flatMap(\.waiting).filter { !$0.isCallBack }.map { ($0.call, $0.since) },
            uniquingKeysWith: { first, _ in first })
        return try await reader.unreleasedCalls().map { call in
            let state: WallboardView.Call.State
            let since: Instant
            if let agent = talking[call.call] {
                (state, since) = (.talking, agent.since ?? call.answeredAt ?? call.offeredAt)
            } else if let began = waiting[call.call] {
                (state, since) = (.waiting, began)
            } else if let answered = call.answeredAt {
                (state, since) = (.flow, answered)
            } else {
                (state, since) = (.ringing, call.ringingAt ?? call.offeredAt)
            }
            let rang = call.ringingAt.map { (call.answeredAt ?? now).milliseconds(since: $0) }
            return WallboardView.Call(
                id: call.call, line: call.line, state: state, offeredAt: UTCTime(call.offeredAt),
                since: UTCTime(since), rings: rang.map { rings.ring(atMilliseconds: $0) },
                agent: talking[call.call]?.agent.number.text)
        }
    }

    private func queues(_ status: DistributorStatus?, _ now: Instant) -> [WallboardView.Queue] {
        (status?.queues ?? []).map { queue in
            WallboardView.Queue(
                name: queue.name, open: queue.isOpen && !queue.isDraining, waiting: queue.callers,
                longestWait: queue.longestWaitMilliseconds(at: now), serving: queue.serving)
        }
    }

    private func agents(_ status: DistributorStatus?) -> [WallboardView.Agent] {
        (status?.agents ?? []).map { agent in
            WallboardView.Agent(
                number: agent.agent.number.text, name: agent.agent.name, state: agent.state.rawValue,
                since: agent.since.map { UTCTime($0) }, reachable: agent.isReachable)
        }
    }

    /// The hotline's own profile over today.
    private func figures(_ now: Instant) async throws -> [WallboardView.Figure] {
        guard let audits, let profile = orders?.rules.profile, let today = site.day(site.today(now)) else { return [] }
        let report = try await audits.report(
            profile,
            AuditOffice.Question(
                from: today.microseconds, to: now.wall, asOf: UTCTime(now), mostBreaches: 0))
        return report.run.figures.filter { $0.all > 0 }.map { figure in
            WallboardView.Figure(
                rule: figure.rule.id, clause: figure.rule.clause, words: figure.rule.words.text, kept: figure.kept,
                broken: figure.broken, conclusion: figure.conclusion.rawValue)
        }
    }

    private func due(_ now: Instant) async throws -> [WallboardView.Due] {
        guard let orders else { return [] }
        var filter = OrderFilter(limit: Self.mostOrders)
        filter.isOpen = true
        var all: [WallboardView.Due] = []
        for order in try await reader.orders(filter: filter) {
            // An order of other rules, or of erased steps, has no clocks that could be read.
            guard let life = try? orders.rules.life(of: order) else { continue }
            guard
                let clock = life.clocks(at: now.wall, deadline: orders.rules.deadline).first(where: { $0.due != nil }),
                let due = clock.due
            else { continue }
            all.append(
                WallboardView.Due(
                    order: order.number, clock: clock.title, dueAt: UTCTime(microseconds: due.at),
                    late: due.at < now.wall, owner: clock.owner?.unit ?? clock.owner?.role ?? ""))
        }
        return Array(all.sorted { $0.dueAt < $1.dueAt }.prefix(Self.shownOrders))
    }
}

/// A line as the wallboard shows it.
public struct LineState: Sendable {
    public var name: String
    public var isUp: Bool
    /// In words: what is wrong, or how well it is heard.
    public var detail: String

    public init(name: String, isUp: Bool, detail: String) {
        self.name = name
        self.isUp = isUp
        self.detail = detail
    }
}
