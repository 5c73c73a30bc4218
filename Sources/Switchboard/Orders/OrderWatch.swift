import Calls
import Logging
import Storage
import Synchronization
import WorkOrders

/// Tells whoever is responsible that an order's clock nears its limit or is past it: each alarm once, as a fact and through
/// the webhook. What is due follows from the orders alone, so that a restart, or a clock that was put right, loses nothing and
/// tells nothing twice.
public actor OrderWatch {
    /// How many orders are read at once.
    private static let page = 200
    /// An order that could not be read is looked at again after this. Microseconds.
    private static let retryAfter: Int64 = 60_000_000

    private let rules: OrderRulebook
    private let store: Store
    private let webhook: WebhookQueue?
    private let time: any TimeSource
    private let log: Logger
    /// When each open order is to be looked at next.
    private var next: [String: Int64] = [:]
    private var isFilled = false
    private let touched = Mutex<Set<String>>([])

    /// - Parameter webhook: told of each alarm; nil: the journal and the commands alone tell of it.
    public init(rules: OrderRulebook, store: Store, webhook: WebhookQueue?, time: any TimeSource, log: Logger) {
        self.rules = rules
        self.store = store
        self.webhook = webhook
        self.time = time
        self.log = log
    }

    /// A step has changed an order. Any thread, never waits.
    public nonisolated func touch(_ number: String) { touched.withLock { _ = $0.insert(number) } }

    /// One look at everything that is due. To be called every few seconds.
    /// - Returns: how many alarms were told.
    /// - Throws: `StorageError` where the store is away: the next look goes on from there.
    @discardableResult
    public func look() async throws -> Int {
        let now = time.now()
        if !isFilled { try await fill(now) }
        for number in touched.withLock({ set in
            defer { set.removeAll() }
            return set
        }) { next[number] = 0 }
        var told = 0
        for number in next.filter({ $0.value <= now.wall }).keys.sorted() {
            told += try await look(at: number, now)
        }
        return told
    }

    /// All open orders, at the start: what became due while nobody looked is told now.
    private func fill(_ now: Instant) async throws {
        for status in OrderStatus.allCases where status != .closed {
            var before: OrderID?
            while true {
                let orders = try await store.reader.orders(
                    filter: OrderFilter(status: status.rawValue, limit: Self.page, before: before))
                for order in orders where order.state != nil { next[order.number] = 0 }
                guard orders.count == Self.page, let last = orders.last else { break }
                before = last.orderID
            }
        }
        isFilled = true
    }

    private func look(at number: String, _ now: Instant) async throws -> Int {
        guard let order = try await store.reader.order(number) else {
            next[number] = nil
            return 0
        }
        let life: OrderLife
        do {
            life = try rules.life(of: order)
        } catch {
            // Its rules are not those of this server: whoever opens it is told why.
            log.error("an order's clocks cannot be read", metadata: ["error": "\(error)"])
            next[number] = nil
            return 0
        }
        guard !life.isFinal else {
            next[number] = nil
            return 0
        }
        let due = life.alarms(at: now.wall, deadline: rules.deadline).filter { alarm in
            !order.alarms.contains {
                $0.clock == alarm.key.clock && $0.since.microseconds == alarm.key.since && $0.alarm == alarm.key.alarm
            }
        }
        if !due.isEmpty {
            do throws(StorageError) {
                try await store.record(due.map { .orderAlarmed(OrderAlarmed($0, order: order.orderID, at: now)) })
            } catch {
                next[number] = now.wall + Self.retryAfter
                throw error
            }
            for alarm in due {
                let title = life.rules.clock(alarm.key.clock)?.title ?? alarm.key.clock
                webhook?.post(OrderAlarmMessage(alarm, title: title, order: number, at: now).webhookMessage)
            }
        }
        next[number] = life.nextAlarm(after: now.wall, deadline: rules.deadline)
        return due.count
    }
}

extension OrderAlarmed {
    init(_ alarm: OrderAlarm, order: OrderID, at now: Instant) {
        self.init(
            order: order, at: now, clock: alarm.key.clock, since: alarm.key.since, alarm: alarm.key.alarm,
            moment: alarm.at, due: alarm.due.at, isWarning: alarm.isWarning, role: alarm.to.role, unit: alarm.to.unit,
            channel: alarm.channel)
    }
}

/// What a webhook is told of an order's alarm; keys as in docs/json.md.
struct OrderAlarmMessage: Encodable {
    var type = "order_alarm"
    var order: String
    var clock: String
    var title: String
    var alarm: String
    var warning: Bool
    var dueAt: UTCTime
    var role: String
    var unit: String?
    var channel: String
    var at: UTCTime

    init(_ alarm: OrderAlarm, title: String, order: String, at: Instant) {
        self.order = order
        clock = alarm.key.clock
        self.title = title
        self.alarm = alarm.key.alarm
        warning = alarm.isWarning
        dueAt = UTCTime(microseconds: alarm.due.at)
        role = alarm.to.role
        unit = alarm.to.unit
        channel = alarm.channel
        self.at = UTCTime(at)
    }

    enum CodingKeys: String, CodingKey {
        case type, order, clock, title, alarm, warning
        case dueAt = "due_at"
        case role, unit, channel, at
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(type, forKey: .type)
        try fields.encode(order, forKey: .order)
        try fields.encode(clock, forKey: .clock)
        try fields.encode(title, forKey: .title)
        try fields.encode(alarm, forKey: .alarm)
        try fields.encode(warning, forKey: .warning)
        try fields.encode(dueAt, forKey: .dueAt)
        try fields.encode(role, forKey: .role)
        try fields.encode(unit, forKey: .unit)
        try fields.encode(channel, forKey: .channel)
        try fields.encode(at, forKey: .at)
    }

    /// Its id is the same whenever the same alarm is told.
    var webhookMessage: WebhookMessage {
        WebhookMessage(id: "order/\(order)/\(clock)/\(alarm)/\(dueAt.microseconds)", of: self)
    }
}
