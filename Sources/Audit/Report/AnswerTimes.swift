import Calls
import Norms

/// Adds up how soon callers were answered, by hour of the day, by day, by agent and by line: the hour and the day, local, in
/// which the call was offered.
public struct AnswerTimes: Sendable {
    private let limits: Limits
    private let zone: ZoneOffsets
    private var total = PassageTally()
    private var hours = [PassageTally](repeating: PassageTally(), count: 24)
    /// By the days' numbers.
    private var days: [Int: PassageTally] = [:]
    private var agents: [String: AnswerTally] = [:]
    private var lines: [String: LineTally] = [:]

    /// Where the profile has no limit on the time until an answer: the trade's own usual reading.
    private static let usualAnswer: Int64 = 20_000

    /// - Parameters:
    ///   - context: rings and times are counted against the profile's own limits: those of its first rule on
    ///     `agent_answer_rings`, and of its first on `agent_answer_time`, that has one.
    ///   - shortAbandonMilliseconds: whoever gives up before this was not offered to the agents in earnest.
    public init(_ context: AuditContext, shortAbandonMilliseconds: Int64 = 5000) {
        let profile = context.profile
        var within = Self.usualAnswer
        for rule in profile.rules(on: .agentAnswerTime) {
            guard case .within(let amount)? = rule.limit, amount.unit == .seconds else { continue }
            within = Int64(amount.count) * 1000
            break
        }
        limits = Limits(
            answerWithin: within, shortAbandon: shortAbandonMilliseconds,
            ringRule: profile.rules(on: .agentAnswerRings).first {
                $0.isKept(answeredAfter: 0, rings: context.rings, reading: profile.rings) != nil
            }, rings: context.rings, reading: profile.rings)
        zone = context.clock.zone
    }

    /// Only inbound calls count.
    public mutating func add(_ call: AuditCall) {
        guard call.isInbound else { return }
        if !call.isTurnedAway { lines[call.line, default: LineTally()].add(call) }
        guard !call.passages.isEmpty else { return }
        let local = zone.civil(call.offeredAt)
        let day = CivilDate(local).dayNumber
        for passage in call.passages {
            total.add(passage, limits)
            hours[local.hour].add(passage, limits)
            days[day, default: PassageTally()].add(passage, limits)
            lines[call.line, default: LineTally()].passages.add(passage, limits)
            if passage.exit == .answered, !passage.isRefused, let agent = passage.agent {
                agents[agent, default: AnswerTally()].add(passage, limits)
            }
        }
    }

    /// Those of the time right after.
    mutating func append(_ later: AnswerTimes) {
        total.append(later.total)
        for hour in hours.indices { hours[hour].append(later.hours[hour]) }
        for (day, tally) in later.days { days[day, default: PassageTally()].append(tally) }
        for (agent, tally) in later.agents { agents[agent, default: AnswerTally()].append(tally) }
        for (line, tally) in later.lines { lines[line, default: LineTally()].append(tally) }
    }

    /// What was added so far.
    public var figures: AnswerFigures {
        AnswerFigures(
            answerWithinMilliseconds: limits.answerWithin, shortAbandonMilliseconds: limits.shortAbandon,
            ringLimit: limits.ringRule?.limit, total: total.figures(limits),
            hours: hours.indices.map { .init(hour: $0, passages: hours[$0].figures(limits)) },
            days: days.sorted { $0.key < $1.key }.map {
                .init(date: CivilDate(dayNumber: $0.key), passages: $0.value.figures(limits))
            },
            agents: agents.sorted { $0.key < $1.key }.map { .init(agent: $0.key, answers: $0.value.figures(limits)) },
            lines: lines.sorted { $0.key < $1.key }.map { $0.value.figures($0.key, limits) })
    }
}

private struct Limits: Sendable {
    let answerWithin: Int64
    let shortAbandon: Int64
    let ringRule: NormRule?
    let rings: RingClock
    let reading: RingClock.Reading

    func figures(ringing milliseconds: [Int64]) -> AnswerFigures.Ringing {
        var counts: [Int: Int] = [:]
        for ring in milliseconds { counts[max(1, rings.ring(atMilliseconds: ring)), default: 0] += 1 }
        let within = ringRule.map { rule in
            milliseconds.count { rule.isKept(answeredAfter: $0, rings: rings, reading: reading) == true }
        }
        return AnswerFigures.Ringing(
            spread: AuditSpread(of: milliseconds),
            rings: counts.sorted { $0.key < $1.key }.map { .init(ring: $0.key, answers: $0.value) },
            withinLimit: within.map {
                .init("rings_within/1", $0, of: milliseconds.count)
            })
    }
}

private struct AnswerTally: Sendable {
    private(set) var answered = 0
    private(set) var inTime = 0
    private var rings: [Int64] = []
    private var waits: [Int64] = []

    /// - Parameter passage: one that was answered.
    mutating func add(_ passage: AuditCall.Passage, _ limits: Limits) {
        answered += 1
        if let wait = passage.waitMilliseconds {
            waits.append(wait)
            if wait <= limits.answerWithin { inTime += 1 }
        }
        if passage.offers ?? 0 > 0, let ring = passage.ringMilliseconds { rings.append(ring) }
    }

    mutating func append(_ later: AnswerTally) {
        answered += later.answered
        inTime += later.inTime
        rings += later.rings
        waits += later.waits
    }

    func figures(_ limits: Limits) -> AnswerFigures.Answers {
        AnswerFigures.Answers(
            answered: answered, ringing: limits.figures(ringing: rings), wait: AuditSpread(of: waits),
            inTime: .init("service_level_of_answered/1", inTime, of: answered))
    }
}

private struct PassageTally: Sendable {
    private var answers = AnswerTally()
    private var entered = 0
    private var abandoned = 0
    private var shortAbandoned = 0
    private var leftOtherwise = 0
    private var open = 0
    private var refused = 0

    mutating func add(_ passage: AuditCall.Passage, _ limits: Limits) {
        guard !passage.isRefused else {
            refused += 1
            return
        }
        entered += 1
        switch passage.exit {
        case nil: open += 1
        case .answered: answers.add(passage, limits)
        case .abandoned:
            abandoned += 1
            if let wait = passage.waitMilliseconds, wait < limits.shortAbandon { shortAbandoned += 1 }
        default: leftOtherwise += 1
        }
    }

    mutating func append(_ later: PassageTally) {
        answers.append(later.answers)
        entered += later.entered
        abandoned += later.abandoned
        shortAbandoned += later.shortAbandoned
        leftOtherwise += later.leftOtherwise
        open += later.open
        refused += later.refused
    }

    func figures(_ limits: Limits) -> AnswerFigures.Passages {
        AnswerFigures.Passages(
            entered: entered, abandoned: abandoned, shortAbandoned: shortAbandoned, leftOtherwise: leftOtherwise,
            open: open, refused: refused, answers: answers.figures(limits),
            inTimeOfOffered: .init("service_level_of_offered/1", answers.inTime, of: entered - shortAbandoned),
            abandonment: .init("abandonment/1", abandoned, of: entered),
            abandonmentInEarnest: .init(
                "abandonment_in_earnest/1", abandoned - shortAbandoned, of: entered - shortAbandoned))
    }
}

private struct LineTally: Sendable {
    var passages = PassageTally()
    private var offered = 0
    private var answered = 0
    private var rings: [Int64] = []

    mutating func add(_ call: AuditCall) {
        offered += 1
        guard call.answeredAt != nil else { return }
        answered += 1
        if let ring = call.ringMilliseconds { rings.append(ring) }
    }

    mutating func append(_ later: LineTally) {
        passages.append(later.passages)
        offered += later.offered
        answered += later.answered
        rings += later.rings
    }

    func figures(_ line: String, _ limits: Limits) -> AnswerFigures.Line {
        AnswerFigures.Line(
            line: line, offered: offered, answered: answered, ringing: limits.figures(ringing: rings),
            passages: passages.figures(limits))
    }
}
