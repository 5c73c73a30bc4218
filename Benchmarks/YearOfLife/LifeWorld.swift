import Calls
import Norms
import Storage
import WorkOrders

/// The year while it is lived: what is to come, and how everything stands.
struct LifeWorld {
    /// What happens at a moment.
    enum Entry {
        /// A day begins: its calls and orders are set.
        case day(Int)
        /// The next shift of a day comes to work.
        case shift(day: Int, number: Int)
        case call(CallPlan)
        case order(OrderIntake)
        /// The step that leads an order on.
        case step(Int)
        /// Something beside it.
        case beside(Int)
        /// A clock of an order may have something to tell.
        case alarm(Int)
        /// Somebody decides a penalty.
        case penalty(OrderID, PenaltyProposal)
        /// Something is told; of a call where it names one.
        case unit(LifeUnit, CallID?)
        /// Whoever asked for it is called back.
        case callBack(CallBackTask)
        /// The server starts, stops, fails, or a line does.
        case server(ServerChange)
    }

    /// A call that will come in.
    struct CallPlan {
        /// From 0 over the year.
        var index: Int
        var order: OrderPlan?
    }

    let year: YearOfLife
    let clock: LifeClock
    let days: YearDays
    let context: OrderContext
    let end: Int64
    var agenda = Agenda<Entry>()
    /// What was told and not handed over yet.
    var ready: [LifeUnit] = []

    var shifts: Shifts
    var server: ServerState
    var open = OpenCalls()

    var cases: [Int: OrderCase] = [:]
    /// Open orders of a caller, the oldest first.
    var ordersOfCaller: [String: [Int]] = [:]
    var openFaults: [Int] = []
    var openCallbacks: [Int] = []
    /// Callers of late, among whom some call again.
    var lastCallers: [String] = []
    /// Orders of a local date so far.
    var serials: [String: Int] = [:]
    var callsPlanned = 0
    var ordersPlanned = 0
    var callsPlaced = 0

    init(_ year: YearOfLife) {
        self.year = year
        var draw = Draw(seed: year.seed, .year)
        days = YearDays(
            year: year.year, calls: year.calls, orders: year.orders, calendar: year.calendar, zone: year.zone,
            draw: &draw)
        (clock, end) = (LifeClock(begin: year.period.from), year.period.to)
        context = OrderContext(
            library: year.rules, policy: year.policy, profile: year.profile,
            deadline: year.profile.clock(calendar: year.calendar, zone: year.zone).orderDeadline,
            office: OfficeHours(calendar: year.calendar, zone: year.zone))
        server = ServerState(year, days)
        shifts = Shifts(callsOfYear: year.calls)
    }

    /// Sets what is known from the first day on.
    mutating func begin() {
        for change in server.plan { agenda.put(.server(change), at: change.at) }
        for day in 0..<days.count { agenda.put(.day(day), at: days.begin(day) + 20 * Micro.second) }
        planDuties()
        planOutages()
    }

    /// - Returns: what was told since; nil where the year is over.
    mutating func advance() throws -> [LifeUnit]? {
        while ready.count < 300, let (at, entry) = agenda.next(), at < end { try handle(entry, at: at) }
        guard !ready.isEmpty else { return nil }
        defer { ready.removeAll(keepingCapacity: true) }
        return ready
    }

    private mutating func handle(_ entry: Entry, at: Int64) throws {
        if case .server(let change) = entry { return handle(change) }
        if let until = server.downUntil {
            // Nobody calls, and nobody writes anything down.
            switch entry {
            case .unit(_, let call?):
                open.lose(call)
            case .unit(let unit, nil): agenda.put(.unit(unit, nil), at: until + 1000)
            default: agenda.put(entry, at: until + 1000)
            }
            return
        }
        switch entry {
        case .day(let day): planDay(day)
        case .shift(let day, let number): changeShift(day, number, at: at)
        case .call(let plan): takeCall(plan, at: at)
        case .order(let intake): try makeOrder(intake, at: at)
        case .step(let index): try doStep(index, at: at)
        case .beside(let index): try doBeside(index, at: at)
        case .alarm(let index): tellAlarms(index, at: at)
        case .penalty(let order, let proposal): decide(order, proposal, at: at)
        case .callBack(let task): callBack(task, at: at)
        case .unit(let unit, let call):
            if let call, open.isLost(call) { return }
            // What waited for the server to come back is told then; its own instants stay.
            tell(unit.facts, at: at)
        case .server: break
        }
    }

    mutating func tell(_ facts: [Fact], at: Int64) {
        for fact in facts { open.observe(fact) }
        ready.append(LifeUnit(at: clock.instant(at), facts: facts))
    }

    /// Sets everything that a call will tell.
    mutating func put(_ builder: CallBuilder) {
        for unit in builder.units { agenda.put(.unit(unit, builder.call), at: unit.at.wall) }
    }

    // MARK: - Days

    /// By category: over the year, on holidays, in a storm.
    private static let categories: [(String, Int, Int, Int)] = [
        ("fault", 370, 420, 860), ("consultation", 235, 150, 40), ("complaint", 150, 200, 55), ("business", 90, 20, 2),
        ("callback", 45, 80, 20), ("information", 40, 50, 15), ("suggestion", 32, 30, 4), ("report", 38, 50, 4),
    ]

    private static let channels: [String: [(String, Int)]] = [
        "fault": [("telephone", 950), ("voice_mailbox", 20), ("web", 30)],
        "complaint": [
            ("telephone", 680), ("voice_mailbox", 30), ("letter", 70), ("visit", 50), ("web", 80), ("box", 20),
            ("external_body", 70),
        ],
        "report": [
            ("telephone", 560), ("voice_mailbox", 30), ("letter", 160), ("visit", 40), ("web", 100), ("box", 60),
            ("external_body", 50),
        ],
        "suggestion": [("telephone", 600), ("letter", 120), ("web", 180), ("box", 100)],
        "callback": [("telephone", 1000)],
    ]

    private mutating func planDay(_ day: Int) {
        var draw = Draw(seed: year.seed, .day, day)
        for number in Shifts.hours.indices {
            let at = year.zone.instant(days.date(day), minute: Shifts.hours[number].0 * 60) + 30 * Micro.second
            agenda.put(.shift(day: day, number: number), at: at)
        }
        let isHoliday = year.calendar.isHoliday(days.date(day)) || year.calendar.isWorkedWeekend(days.date(day))
        let isStorm = days.storms.contains(day)
        var byCall: [OrderPlan] = []
        for _ in 0..<days.orders[day] {
            let category = draw.weighted(Self.categories.map { ($0.0, isStorm ? $0.3 : isHoliday ? $0.2 : $0.1) })
            let channel = draw.weighted(Self.channels[category] ?? [("telephone", 920), ("web", 80)])
            let order = OrderPlan(index: ordersPlanned, category: category, channel: channel)
            ordersPlanned += 1
            let isConverted = category != "callback" && draw.chance(12)
            if !isConverted, channel == "telephone" || channel == "voice_mailbox", byCall.count < days.calls[day] {
                byCall.append(order)
                continue
            }
            let at = channel == "web" ? days.moment(day, &draw) : days.officeMoment(day, &draw)
            agenda.put(.order(OrderIntake(plan: order, isConverted: isConverted)), at: at)
        }
        for number in 0..<days.calls[day] {
            var at = days.moment(day, &draw)
            // Somebody calls just when the server is taken down for work on it.
            if number == 0, let draining = server.draining(on: day, days) { at = draining + Micro.minute }
            let order = number >= days.calls[day] - byCall.count ? byCall[days.calls[day] - 1 - number] : nil
            agenda.put(.call(CallPlan(index: callsPlanned, order: order)), at: at)
            callsPlanned += 1
        }
    }

    private mutating func changeShift(_ day: Int, _ number: Int, at: Int64) {
        let changes = shifts.change(day: day, shift: number, isStorm: days.storms.contains(day))
        let instant = clock.instant(at)
        guard !changes.isEmpty else { return }
        tell(
            changes.map {
                .agentChanged(
                    AgentChanged(
                        at: instant, agent: $0.agent, state: $0.isComing ? .available : .loggedOut, source: .code))
            }, at: at)
    }
}
