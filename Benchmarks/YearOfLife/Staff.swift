import Calls

/// Who works at the hotline and in the departments: synthetic work numbers.
enum Staff {
    static let agents = 1001...1040
    static let shiftLeaders = ["1901", "1902", "1903"]
    static let supervisors = ["1951", "1952"]
    static let director = "1960"

    /// Work numbers of a role that takes no calls; of a department or crew its own.
    static func number(role: String, unit: String?, _ draw: inout Draw) -> String {
        switch role {
        case "agent": return String(agents.lowerBound + draw.below(agents.count))
        case "shift_leader": return draw.pick(shiftLeaders)
        case "supervisor": return draw.pick(supervisors)
        case "hotline_director": return director
        case "marketing": return draw.pick(["1971", "1972"])
        case "leader": return "1981"
        case "company": return "1985"
        case "discipline": return "1991"
        default:
            // The sum of its letters keeps a unit's people apart from another's.
            let own = (unit ?? role).unicodeScalars.reduce(0) { $0 + Int($1.value) } % 80
            return String(2000 + own * 10 + draw.below(3))
        }
    }

    static func workNumber(_ text: String) -> WorkNumber {
        // Written above, in digits.
        guard let number = WorkNumber(text) else { preconditionFailure("\(text) is no work number") }
        return number
    }
}

/// Which agents are at work, and until when each is engaged.
struct Shifts {
    /// An agent's coming or going, to be told.
    struct Change {
        var agent: WorkNumber
        var isComing: Bool
    }

    private(set) var present: [Int] = []
    private var engaged: [Int: Int64] = [:]
    private let callsOfYear: Int

    init(callsOfYear: Int) { self.callsOfYear = callsOfYear }

    /// Begin of each shift of a day, by local hour, and how many are at work in it where the hotline is a large one.
    static let hours = [(0, 5), (8, 14), (16, 11)]

    /// The next shift comes, some of the last stay.
    mutating func change(day: Int, shift: Int, isStorm: Bool) -> [Change] {
        let usual = max(4, Self.hours[shift].1 * min(callsOfYear, 100_000) / 100_000)
        let size = usual * (isStorm ? 2 : 1)
        let first = day * 7 + shift * 13
        let next = (0..<size).map { Staff.agents.lowerBound + (first + $0) % Staff.agents.count }
        let going = present.filter { !next.contains($0) }.map { Change(agent: Self.number($0), isComing: false) }
        let coming = next.filter { !present.contains($0) }.map { Change(agent: Self.number($0), isComing: true) }
        present = next
        return going + coming
    }

    /// - Parameter among: agents who are not to be tried again.
    /// - Returns: one who is idle then, or whoever is idle first with that moment.
    func idle(at wall: Int64, except tried: [Int], _ draw: inout Draw) -> (agent: Int, at: Int64)? {
        let candidates = present.filter { !tried.contains($0) }
        guard !candidates.isEmpty else { return nil }
        let free = candidates.filter { engaged[$0, default: 0] <= wall }
        if !free.isEmpty { return (draw.pick(free), wall) }
        let times = candidates.map { (agent: $0, at: engaged[$0, default: 0]) }
        return times.min { ($0.at, $0.agent) < ($1.at, $1.agent) }
    }

    mutating func engage(_ agent: Int, until wall: Int64) { engaged[agent] = max(engaged[agent, default: 0], wall) }

    static func number(_ agent: Int) -> WorkNumber { Staff.workNumber(String(agent)) }
}
