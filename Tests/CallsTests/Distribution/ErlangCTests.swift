import Calls
import Testing

/// The distributor's waits against the formula that every call centre plans its staff by.
@Suite struct ErlangCTests {
    struct LoadCase: Sendable, CustomTestStringConvertible {
        let agents: Int
        let utilisation: Double
        let seed: UInt64

        var testDescription: String { "c = \(agents), ρ = \(utilisation)" }
    }

    @Test(arguments: [
        LoadCase(agents: 5, utilisation: 0.7, seed: 95_598), LoadCase(agents: 10, utilisation: 0.85, seed: 95_599),
        LoadCase(agents: 20, utilisation: 0.9, seed: 95_600),
    ])
    func weeksOfCallsWaitAsErlangCSays(load: LoadCase) {
        let theory = ErlangC(
            agents: load.agents, load: load.utilisation * Double(load.agents), meanServiceSeconds: 180)
        var mean: [Double] = []
        var waits: [Double] = []
        var level: [Double] = []
        for week in 0..<CallWeek.weeks {
            var simulated = CallWeek(theory, seed: load.seed &+ UInt64(week) &* 1_000_003)
            for batch in simulated.run() {
                let count = Double(batch.count)
                mean.append(Double(batch.reduce(0, +)) / 1000 / count)
                waits.append(Double(batch.count { $0 > 0 }) / count)
                level.append(Double(batch.count { $0 <= 20_000 }) / count)
            }
        }
        expect(mean, near: theory.meanWaitSeconds, "mean wait, s", load)
        expect(waits, near: theory.waits, "P(wait > 0)", load)
        expect(level, near: theory.serviceLevel(withinSeconds: 20), "P(wait ≤ 20 s)", load)
    }

    /// The formula's value lies within the 99.9 % confidence interval of the batch means, and the interval is narrow
    /// enough to mean something.
    private func expect(_ batches: [Double], near value: Double, _ what: String, _ load: LoadCase) {
        let count = Double(batches.count)
        let mean = batches.reduce(0, +) / count
        let variance = batches.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        // Student's t for 39 and more degrees of freedom is at most 3.56 at 99.9 %, two-sided.
        let half = 3.56 * (variance / count).squareRoot()
        let text = "\(load): \(what): measured \(mean) ± \(half), formula \(value)"
        #expect(abs(mean - value) <= half, "\(text)")
        #expect(half <= CallWeek.widest * value, "too wide: \(text)")
    }

    @Test func theFormulaIsTheKnownOne() {
        // Textbook: 10 agents, 8 Erlang: C = 0.409.
        let known = ErlangC(agents: 10, load: 8, meanServiceSeconds: 180)
        #expect(abs(known.waits - 0.4092) < 0.0001)
        #expect(abs(known.meanWaitSeconds - 36.83) < 0.01)
        #expect(abs(known.serviceLevel(withinSeconds: 20) - 0.6723) < 0.0001)
        // One agent: C = ρ.
        #expect(abs(ErlangC(agents: 1, load: 0.6, meanServiceSeconds: 1).waits - 0.6) < 1e-12)
        #expect(abs(exponential(-3) - 0.049_787_068_367_863_94) < 1e-13)
        #expect(abs(logarithm(0.049_787_068_367_863_94) + 3) < 1e-13)
    }
}

/// A week of calls through a distributor: a discrete-event simulation with a virtual clock. Every phone is answered at
/// once; nobody gives up.
struct CallWeek {
    /// How many are simulated a load case.
    static let weeks = 5
    /// Half of a confidence interval, by the value itself, that still means something.
    static let widest = 0.3
    private static let week: Int64 = 7 * 24 * 3_600_000_000
    /// The first day fills the system; the other six are cut into this many batches.
    private static let batches = 8

    private var distributor: Distributor
    private var random: SplitMix
    private let theory: ErlangC
    /// Microseconds.
    private var clock: Int64 = 0
    private var due = Agenda()
    private var waits: [(at: Int64, milliseconds: Int64)] = []

    init(_ theory: ErlangC, seed: UInt64) {
        self.theory = theory
        random = SplitMix(seed: seed)
        let agents = (0..<theory.agents).map { Agent(number: agent(String(1001 + $0)), name: "") }
        distributor = Distributor(agents: agents, queues: [QueueRules(name: "q")], ringCycleMilliseconds: 5000)
        for agent in agents {
            feed(.phone(agent.number, isReachable: true))
            feed(.logIn(agent.number, .code))
        }
    }

    /// - Returns: the waits in milliseconds, by batch, in the order of entering.
    mutating func run() -> [[Int64]] {
        var serial: UInt64 = 0
        var arrival = exponential(mean: theory.meanServiceSeconds / theory.load)
        while arrival < Self.week || !due.isEmpty {
            if let next = due.first, next.at <= arrival || arrival >= Self.week {
                due.removeFirst()
                clock = next.at
                feed(next.event)
            } else {
                serial += 1
                clock = arrival
                feed(.enter(Waiting(call: call(serial), queue: "q")))
                arrival += exponential(mean: theory.meanServiceSeconds / theory.load)
            }
        }
        var result = [[Int64]](repeating: [], count: Self.batches)
        let day: Int64 = 24 * 3_600_000_000
        for wait in waits where wait.at >= day {
            let batch = Int((wait.at - day) * Int64(Self.batches) / (Self.week - day))
            result[min(batch, Self.batches - 1)].append(wait.milliseconds)
        }
        return result
    }

    private mutating func feed(_ event: Distributor.Event) {
        for action in distributor.handle(event, at: Instant(wall: clock, mono: clock * 1000)) {
            switch action {
            case .offer(let offer): feed(.answered(offer.id))
            case .connect(let offer, let wait, _):
                waits.append((clock - wait * 1000, wait))
                let end = clock + exponential(mean: theory.meanServiceSeconds)
                due.insert(.init(at: end, event: .released(offer.agent, offer.call)))
            default: break
            }
        }
    }

    /// Microseconds.
    private mutating func exponential(mean seconds: Double) -> Int64 {
        Int64(-logarithm(random.unit()) * seconds * 1_000_000)
    }
}

/// What happens when, the next first: a binary heap.
private struct Agenda {
    struct Entry {
        let at: Int64
        let event: Distributor.Event
    }

    private var entries: [Entry] = []

    var first: Entry? { entries.first }
    var isEmpty: Bool { entries.isEmpty }

    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var index = entries.count - 1
        while index > 0, entries[index].at < entries[(index - 1) / 2].at {
            entries.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    mutating func removeFirst() {
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var index = 0
        while true {
            let children = [2 * index + 1, 2 * index + 2].filter { $0 < entries.count }
            guard let least = children.min(by: { entries[$0].at < entries[$1].at }),
                entries[least].at < entries[index].at
            else { return }
            entries.swapAt(index, least)
            index = least
        }
    }
}
