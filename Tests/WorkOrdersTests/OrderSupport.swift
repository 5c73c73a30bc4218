import Foundation
import Norms
import Testing
import WorkOrders

/// The library as it is shipped.
enum Shipped {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "norms/orders")

    static func files() throws -> [OrderFile] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }
        return try names.sorted().map { name in
            OrderFile(name: name, text: try String(contentsOf: folder.appending(path: name), encoding: .utf8))
        }
    }

    /// The norm profiles that shipped policies name.
    static func profiles() throws -> [NormProfile] { try readProfiles.get() }

    private static let readProfiles = Result {
        let ids = ["dazu", "guangde", "marketing", "supply-station", "yongqiang", "zhejiang"]
        return try ids.map { id -> NormProfile in
            let file = folder.deletingLastPathComponent().appending(path: "\(id).yaml")
            return try NormProfile.decode(String(contentsOf: file, encoding: .utf8), file: "\(id).yaml").profile
        }
    }

    static let library = Result { try OrderLibrary.decode(files(), profiles: profiles()) }

    static func life(_ category: String, _ policy: String) throws -> OrderLife {
        let library = try library.get()
        let rules = try #require(library.life(of: category))
        let policy = try #require(library.policies[policy])
        return try #require(OrderLife(rules: rules, policy: policy, category: category))
    }
}

/// A calendar without holidays where every day is worked: nothing here is about counting.
let plainDeadline: OrderDeadline = { limit, from in
    let minute: Int64 = 60_000_000
    let count = Int64(limit.term.count)
    switch limit.term.unit {
    case .minutes: return OrderDue(at: from + count * minute)
    case .hours: return OrderDue(at: from + count * 60 * minute)
    case .days, .workingDays:
        let day = 1440 * minute
        return OrderDue(at: (from / day + count + 1) * day, endsDay: true)
    case .months: return OrderDue(at: from + count * 30 * 1440 * minute, endsDay: true)
    case .years: return OrderDue(at: from + count * 365 * 1440 * minute, endsDay: true)
    }
}

/// Walks one order through its life; its clock goes by the minute.
struct Walk {
    var life: OrderLife
    /// Unix µs, UTC: 2026-02-13 00:00.
    var now: Int64 = 20_497 * 86_400_000_000
    var actions: [OrderAction] = []

    init(_ category: String, _ policy: String) throws { life = try Shipped.life(category, policy) }

    static let people: [String: OrderActor] = [
        "agent": OrderActor(name: "1001", role: "agent"),
        "leader": OrderActor(name: "1002", role: "shift_leader"),
        "supervisor": OrderActor(name: "1003", role: "supervisor"),
        "director": OrderActor(name: "1004", role: "hotline_director"),
        "station": OrderActor(name: "1101", role: "department", unit: "power_station"),
        "party": OrderActor(name: "1102", role: "department", unit: "party_office"),
        "crew": OrderActor(name: "1201", role: "crew", unit: "repair_centre"),
        "marketing": OrderActor(name: "1301", role: "marketing"),
        "boss": OrderActor(name: "1401", role: "leader"),
        "company": OrderActor(name: "1501", role: "company"),
        "discipline": OrderActor(name: "1601", role: "discipline"),
    ]

    mutating func wait(minutes: Int64) { now += minutes * 60_000_000 }

    /// A minute later somebody does a step.
    @discardableResult
    mutating func step(
        _ step: String, _ who: String, _ fields: [String: String] = [:], why: String? = nil, happened: Int64? = nil
    ) throws -> [OrderAction] {
        wait(minutes: 1)
        let by = try #require(Self.people[who])
        actions = try life.apply(
            OrderEvent(
                step: step, by: by, happenedAt: happened ?? now, enteredAt: now, why: why, fields: fields),
            deadline: plainDeadline)
        return actions
    }

    /// The code of the refusal; nil where it was done.
    mutating func refused(
        _ step: String, _ who: String, _ fields: [String: String] = [:], why: String? = nil, happened: Int64? = nil
    ) throws -> OrderRefusal? {
        let before = life
        do {
            try self.step(step, who, fields, why: why, happened: happened)
            return nil
        } catch let refusal as OrderRefusal {
            #expect(life == before, "a refused step changed the order")
            return refusal
        }
    }

    var running: [String] { life.clocks(at: now, deadline: plainDeadline).map(\.id).sorted() }

    func clock(_ id: String) -> OrderClockView? {
        life.clocks(at: now, deadline: plainDeadline).first { $0.id == id }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same on every run.
struct OrderDice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
