import Calls

/// Adds up one queue's passages. The arithmetic of the report stands here, whatever engine reads the rows.
struct QueueTally {
    /// What the report needs of one passage.
    struct Passage {
        var isRefused: Bool
        /// Nil: waiting.
        var exit: QueueExit?
        /// To the answer, or to leaving without one.
        var waitMilliseconds: Int64?
        var offers: Int?
        /// People's, summed over the hunt.
        var rings: Int?
        var ringMilliseconds: Int64?
        var isApologised: Bool
    }

    private let question: QueueReportQuestion
    private var entered = 0
    private var waiting = 0
    private var exits: [QueueExit: Int] = [:]
    private var refused: [QueueExit: Int] = [:]
    private var shortAbandoned = 0
    private var answeredInTime = 0
    private var answeredWaits: [Int64] = []
    private var abandonedWaits: [Int64] = []
    private var summedRings: [Int: Int] = [:]
    private var judged = 0
    private var withinRings = 0
    private var apologised = 0
    private var apologisedWhenOwed = 0

    init(_ question: QueueReportQuestion) { self.question = question }

    mutating func add(_ passage: Passage) {
        guard !passage.isRefused else {
            if let exit = passage.exit { refused[exit, default: 0] += 1 }
            return
        }
        entered += 1
        if passage.isApologised { apologised += 1 }
        guard let exit = passage.exit else {
            waiting += 1
            return
        }
        exits[exit, default: 0] += 1
        switch exit {
        case .answered: addAnswered(passage)
        case .abandoned:
            guard let wait = passage.waitMilliseconds else { return }
            abandonedWaits.append(wait)
            if wait < question.shortAbandonMilliseconds { shortAbandoned += 1 }
        default: break
        }
    }

    private mutating func addAnswered(_ passage: Passage) {
        if let wait = passage.waitMilliseconds {
            answeredWaits.append(wait)
            if wait <= question.answerWithinMilliseconds { answeredInTime += 1 }
        }
        // Where no agent's phone rang, a norm about people's rings has nothing to judge.
        guard let offers = passage.offers, offers > 0, let ring = passage.ringMilliseconds else { return }
        summedRings[passage.rings ?? 0, default: 0] += 1
        judged += 1
        guard let limit = question.ringLimitMilliseconds else { return }
        if ring < limit {
            withinRings += 1
        } else if passage.isApologised {
            apologisedWhenOwed += 1
        }
    }

    func figures(queue: String?) -> QueueFigures {
        let answered = exits[.answered] ?? 0
        let limit = question.ringLimitMilliseconds
        let within = question.answerWithinMilliseconds
        let owed = limit.map { _ in judged - withinRings }
        func counted(_ counts: [QueueExit: Int], _ kinds: some Sequence<QueueExit>) -> [String: Int] {
            Dictionary(uniqueKeysWithValues: kinds.map { ($0.rawValue, counts[$0] ?? 0) })
        }
        return QueueFigures(
            queue: queue, entered: entered, answered: answered, abandoned: exits[.abandoned] ?? 0,
            shortAbandoned: shortAbandoned, waiting: waiting, exits: counted(exits, QueueExit.allCases),
            refused: counted(refused, QueueExit.refusals),
            serviceLevelOfAnswered: Share(
                "service_level_of_answered/1", answeredInTime, of: answered, limitMilliseconds: within),
            serviceLevelOfOffered: Share(
                "service_level_of_offered/1", answeredInTime, of: entered - shortAbandoned, limitMilliseconds: within),
            answeredWait: Spread(of: answeredWaits), abandonedWait: Spread(of: abandonedWaits),
            summedRings: summedRings.sorted { $0.key < $1.key }.map { .init(rings: $0.key, calls: $0.value) },
            summedRingsWithin: limit.map {
                Share("summed_rings_within/1", withinRings, of: judged, limitMilliseconds: $0)
            },
            apologies: QueueFigures.Apologies(
                owed: owed, played: apologised,
                whenOwed: owed.map {
                    Share("apology_when_owed/1", apologisedWhenOwed, of: $0, limitMilliseconds: limit)
                }))
    }
}
