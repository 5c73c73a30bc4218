import Calls
import Foundation
import Logging
import Storage
import WorkOrders

/// Keeps other ticket stores told of our orders, and takes in what they say of them. What has not been told yet is what has no
/// reference in the store: an outage queues nothing that could be lost, and a restart forgets nothing.
public actor TicketDesk {
    /// A store with what is expected of it.
    public struct Settings: Sendable {
        public var store: any TicketStore
        /// Orders made before are not told.
        public var since: UTCTime
        /// Statuses after which nothing changes there.
        public var final: Set<String>

        public init(store: any TicketStore, since: UTCTime, final: Set<String>) {
            self.store = store
            self.since = since
            self.final = final
        }
    }

    /// How a store stands; keys as in docs/json.md.
    public struct Standing: Sendable, Codable {
        public var store: String
        /// Orders that it has not been told of, or has given no number yet.
        public var waiting: Int
        /// Orders that it refused, with what it said.
        public var refused: [String: String]
        /// Nil while it answers.
        public var failingSince: UTCTime?
        public var problem: String?

        enum CodingKeys: String, CodingKey {
            case store, waiting, refused
            case failingSince = "failing_since"
            case problem
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(store, forKey: .store)
            try fields.encode(waiting, forKey: .waiting)
            try fields.encode(refused, forKey: .refused)
            try fields.encode(failingSince, forKey: .failingSince)
            try fields.encode(problem, forKey: .problem)
        }
    }

    private struct State {
        var refused: [String: String] = [:]
        var failingSince: UTCTime?
        var problem: String?
        var failures = 0
        /// Not before this is it tried again, and not before these are tickets asked for. Unix µs.
        var tryAt: Int64 = 0
        var askAt: [String: Int64] = [:]
    }

    /// At once, and asked for in one look.
    private static let page = 500
    private static let mostAsked = 50
    /// A ticket is asked for so often. Microseconds.
    private static let askEvery: Int64 = 300_000_000

    private let settings: [Settings]
    private let store: Store
    private let time: any TimeSource
    private let alarm: @Sendable (_ kind: String, _ message: String?) -> Void
    private let log: Logger
    private var states: [String: State] = [:]

    /// - Parameter alarm: opens an alarm, or clears it where there is no message.
    public init(
        settings: [Settings], store: Store, time: any TimeSource, log: Logger,
        alarm: @escaping @Sendable (_ kind: String, _ message: String?) -> Void
    ) {
        self.settings = settings
        self.store = store
        self.time = time
        self.log = log
        self.alarm = alarm
    }

    /// One look at every store. To be called every few seconds.
    /// - Throws: `StorageError` where our own store is away.
    public func look() async throws {
        for one in settings {
            let now = time.now()
            guard (states[one.store.name]?.tryAt ?? 0) <= now.wall else { continue }
            do {
                try await listen(to: one)
                try await tell(one)
                try await ask(one)
                succeed(one)
            } catch let error as SwitchboardError {
                fail(one, error, at: now)
            }
        }
    }

    private func fail(_ one: Settings, _ error: SwitchboardError, at now: Instant) {
        let name = one.store.name
        var state = states[name] ?? State()
        state.failures += 1
        state.failingSince = state.failingSince ?? UTCTime(now)
        state.problem = error.message
        // 10 s, 20 s, … at most 5 minutes.
        state.tryAt = now.wall + min(300, 10 << Int64(min(state.failures - 1, 5))) * 1_000_000
        states[name] = state
        alarm("tickets.\(name)", "\(error.message); orders wait and are told when it is back")
    }

    private func succeed(_ one: Settings) {
        let name = one.store.name
        states[name, default: State()].failures = 0
        states[name]?.failingSince = nil
        states[name]?.problem = nil
        if states[name]?.refused.isEmpty == true {
            alarm("tickets.\(name)", nil)
        } else {
            let numbers = (states[name]?.refused.keys.sorted() ?? []).prefix(5).joined(separator: ", ")
            alarm("tickets.\(name)", "orders were refused: \(numbers); `tickets list` says why")
        }
    }

    /// Orders without a reference there, the oldest first.
    private func waiting(_ one: Settings) async throws -> [OrderSummary] {
        try await store.reader.orders(
            filter: OrderFilter(from: one.since, limit: Self.page, withoutExternal: one.store.name)
        ).reversed()
    }

    private func tell(_ one: Settings) async throws {
        let name = one.store.name
        for order in try await waiting(one) where states[name]?.refused[order.number] == nil {
            // The first step says what it is about: until then there is nothing to tell but for orders of a flow.
            do throws(SwitchboardError) {
                guard let state = try await one.store.create(Ticket(order)) else { continue }
                try await keep(state, of: order, in: name)
            } catch {
                guard error.code == .refused else { throw error }
                states[name, default: State()].refused[order.number] = error.message
                log.error(
                    "a ticket store refused an order",
                    metadata: ["store": "\(name)", "order": "\(order.number)", "error": "\(error.message)"])
            }
        }
    }

    private func listen(to one: Settings) async throws {
        for told in try await one.store.told() {
            var problem: String?
            if let order = try await store.reader.order(told.number) {
                do throws(SwitchboardError) {
                    try await keep(told.state, of: order, in: one.store.name)
                } catch {
                    problem = error.message
                }
            } else {
                problem = "there is no work order \(told.number.prefix(40))"
            }
            try await one.store.confirm(told, problem: problem)
        }
    }

    private func ask(_ one: Settings) async throws {
        guard one.store.answers else { return }
        let now = time.now()
        let name = one.store.name
        let open = try await store.reader.orders(
            filter: OrderFilter(from: one.since, limit: Self.page, withExternal: name)
        ).compactMap { order in order.external.first { $0.store == name }.map { (order, $0) } }
            .filter { !one.final.contains($0.1.status ?? "") && (states[name]?.askAt[$0.0.number] ?? 0) <= now.wall }
        for (order, known) in open.prefix(Self.mostAsked) {
            if let state = try await one.store.state(known.reference) {
                try await keep(state, of: order, in: name)
            }
            states[name, default: State()].askAt[order.number] = now.wall + Self.askEvery
        }
    }

    /// Writes down what is new.
    private func keep(_ state: TicketState, of order: OrderSummary, in name: String) async throws(SwitchboardError) {
        if let known = order.external.first(where: { $0.store == name }), known.reference == state.reference,
            known.status == state.status, known.changedAt == state.changedAt
        {
            return
        }
        do throws(StorageError) {
            try await store.record([
                .orderReferred(
                    OrderReferred(
                        order: order.orderID, at: time.now(), store: name, reference: state.reference,
                        status: state.status, changed: state.changedAt?.microseconds))
            ])
        } catch  where error.code == .conflict {
            throw SwitchboardError(
                .refused, "`\(state.reference.prefix(60))` of \(name) belongs to another order than \(order.number)")
        } catch {
            throw SwitchboardError(.tickets, "what \(name) says of order \(order.number) was not kept: \(error)")
        }
    }

    // MARK: - For people

    /// Takes what another store says of an order: pushed by it, or linked by a person.
    /// - Throws: `SwitchboardError` `.notFound`, `.argument`, `.refused` where the reference is another order's, `.tickets`.
    public func take(_ state: TicketState, of number: String, in name: String) async throws {
        guard settings.contains(where: { $0.store.name == name }) else {
            let known = settings.map(\.store.name).joined(separator: ", ")
            throw SwitchboardError(.notFound, "there is no ticket store `\(name.prefix(60))`. There are: \(known)")
        }
        guard let order = try await store.reader.order(number) else {
            throw SwitchboardError(.notFound, "there is no work order \(number.prefix(40))")
        }
        let checked: TicketState
        do throws(SwitchboardError) {
            checked = try state.checked()
        } catch {
            // Who says it here is somebody who can say it again.
            throw SwitchboardError(.argument, error.message)
        }
        try await keep(checked, of: order, in: name)
        states[name]?.refused[number] = nil
    }

    /// How every store stands.
    public func standings() async throws -> [Standing] {
        var standings: [Standing] = []
        for one in settings {
            let state = states[one.store.name] ?? State()
            standings.append(
                Standing(
                    store: one.store.name, waiting: try await waiting(one).count, refused: state.refused,
                    failingSince: state.failingSince, problem: state.problem))
        }
        return standings
    }

    /// Orders of a period beside what the other store says of them now.
    /// - Throws: `SwitchboardError` `.notFound`; `.tickets` where that store is away.
    public func reconcile(_ name: String, from: UTCTime, to: UTCTime) async throws -> TicketComparison {
        guard let one = settings.first(where: { $0.store.name == name }) else {
            throw SwitchboardError(.notFound, "there is no ticket store `\(name.prefix(60))`")
        }
        var comparison = TicketComparison(store: name, from: from, to: to)
        var before: OrderID?
        while true {
            let orders = try await store.reader.orders(
                filter: OrderFilter(from: from, to: to, limit: Self.page, before: before))
            for order in orders {
                let known = order.external.first { $0.store == name }
                var state = known.map {
                    TicketState(reference: $0.reference, status: $0.status, changedAt: $0.changedAt)
                }
                var isGone = false
                if let known, one.store.answers {
                    state = try await one.store.state(known.reference)
                    isGone = state == nil
                    if let state { try await keep(state, of: order, in: name) }
                }
                comparison.add(order, state: state, isGone: isGone, isFinal: { one.final.contains($0) })
            }
            guard orders.count == Self.page, let last = orders.last else { break }
            before = last.orderID
        }
        return comparison
    }
}

/// Orders of a period beside another store's; keys as in docs/json.md. Numbers, oldest first.
public struct TicketComparison: Sendable, Codable, Equatable {
    public var store: String
    public var from: UTCTime
    public var to: UTCTime
    public var orders = 0
    /// Both agree: closed here and final there, or open in both.
    public var agreeing = 0
    /// Without a number there.
    public var untold: [String] = []
    /// That store no longer knows its number.
    public var gone: [String] = []
    public var openHereFinalThere: [String] = []
    public var closedHereOpenThere: [String] = []

    enum CodingKeys: String, CodingKey {
        case store, from, to, orders, agreeing, untold, gone
        case openHereFinalThere = "open_here_final_there"
        case closedHereOpenThere = "closed_here_open_there"
    }

    init(store: String, from: UTCTime, to: UTCTime) {
        self.store = store
        self.from = from
        self.to = to
    }

    mutating func add(_ order: OrderSummary, state: TicketState?, isGone: Bool, isFinal: (String) -> Bool) {
        orders += 1
        if isGone { return gone.insert(order.number, at: 0) }
        guard let state else { return untold.insert(order.number, at: 0) }
        switch (order.closedAt != nil, isFinal(state.status ?? "")) {
        case (true, true), (false, false): agreeing += 1
        case (false, true): openHereFinalThere.insert(order.number, at: 0)
        case (true, false): closedHereOpenThere.insert(order.number, at: 0)
        }
    }
}
