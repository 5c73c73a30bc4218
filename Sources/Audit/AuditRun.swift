import Calls
import Norms

/// One audit while it reads: everything of a period goes in, once, in any order; figures come out. The same rows, profile and
/// moment give the same run, once its breaches are sorted.
public struct AuditRun: Sendable {
    public let context: AuditContext
    /// One a rule that has a measure, in the profile's order.
    public private(set) var figures: [AuditFigure]
    public private(set) var answers: AnswerTimes
    public private(set) var statistics: AuditStatistics
    public private(set) var penalties: [AuditPenalty] = []
    private let calls: [(figure: Int, judge: CallJudge)]
    private let orders: [(figure: Int, judge: OrderJudge)]
    private let duties: [(figure: Int, judge: DutyJudge)]
    private let lines: [Int]
    private let knowledge: OrderKnowledge

    /// - Parameter knowledge: what rules about orders rest on beside the rows.
    public init(_ context: AuditContext, knowledge: OrderKnowledge = OrderKnowledge()) {
        self.context = context
        self.knowledge = knowledge
        let rules = context.profile.rules.filter { $0.measure != nil }
        figures = rules.map { AuditFigure(rule: $0) }
        answers = AnswerTimes(context)
        statistics = AuditStatistics(zone: context.clock.zone)
        calls = rules.enumerated().compactMap { index, rule in CallJudge(rule, context).map { (index, $0) } }
        orders = rules.enumerated().compactMap { index, rule in OrderJudge(rule, context, knowledge).map { (index, $0) }
        }
        duties = rules.enumerated().compactMap { index, rule in DutyJudge(rule, context).map { (index, $0) } }
        lines = rules.indices.filter { rules[$0].measure == .lineOpen }
        for index in rules.indices where rules[index].measure?.subject == .flow {
            figures[index].add(
                AuditItem(.duty("flow"), .notJudged("`hotline flow check` judges the flow in use"), at: context.from))
        }
    }

    /// Whether a rule looks at who speaks how long.
    public var needsSpeech: Bool { figures.contains { $0.rule.measure == .callerTalkShare } }

    /// The same audit before anything was added, for a stretch of its period: what several have read side by side is put
    /// together by `append`. Its judges are its own: threads share no object that is counted at every call.
    public var emptied: AuditRun {
        var empty = AuditRun(context, knowledge: knowledge)
        empty.figures = figures.map { AuditFigure(rule: $0.rule) }
        return empty
    }

    /// Calls and orders beside those that were added here.
    /// - Parameter later: made by `emptied` of this run.
    public mutating func append(_ later: AuditRun) {
        for index in figures.indices { figures[index].append(later.figures[index]) }
        answers.append(later.answers)
        statistics.append(later.statistics)
        penalties += later.penalties
    }

    /// Breaches in the order of time, whatever order they came in.
    public mutating func sortBreaches() {
        for index in figures.indices { figures[index].sortBreaches() }
    }

    /// - Parameter call: with its recordings.
    public mutating func add(_ call: AuditCall) { add(call) { call.recordings.map(\.id) } }

    /// - Parameter recordings: reads the ids of the call's recordings; asked once, where something is broken, which few
    ///   calls have.
    public mutating func add(_ call: AuditCall, recordings: () throws -> [RecordingID]) rethrows {
        var breaches: [(figure: Int, item: AuditItem)] = []
        for (index, judge) in calls {
            judge.forEach(in: call) { item in
                if item.verdict == .broken { breaches.append((index, item)) } else { figures[index].add(item) }
            }
            if let span = judge.span(of: call) { figures[index].add(span) }
        }
        if !breaches.isEmpty {
            var trail = AuditItem.Trail()
            trail.recordings = try recordings().map(\.description)
            trail.orders = call.orderNumbers
            for (figure, item) in breaches {
                var item = item
                item.trail = trail
                figures[figure].add(item)
            }
        }
        answers.add(call)
        statistics.add(call)
    }

    public mutating func add(_ order: AuditOrder) {
        let recordings = order.recordings
        let timeline = OrderTimeline(order, knowledge)
        for (index, judge) in orders {
            judge.forEach(in: timeline) { item in
                guard item.verdict == .broken else { return figures[index].add(item) }
                var item = item
                item.trail.recordings = recordings.map(\.id)
                figures[index].add(item)
            }
        }
        statistics.add(timeline)
    }

    /// - Parameters:
    ///   - deeds: of all rules, whenever they were done, up to the moment.
    ///   - outages: those that begin in the period.
    public mutating func add(deeds: [AuditDeed], outages: [AuditOutage]) {
        for (index, judge) in duties {
            for item in judge.items(deeds: deeds, outages: outages) { figures[index].add(item) }
        }
    }

    /// - Parameter events: the server's own words, from the first on, by time.
    public mutating func add(server events: [AuditServerEvent]) {
        guard !lines.isEmpty else { return }
        let (span, items) = LineJudge(context).judge(events)
        for index in lines {
            figures[index].span = span
            for item in items { figures[index].add(item) }
        }
    }

    /// A penalty of the profile's; others are passed over.
    public mutating func add(_ penalty: AuditPenalty) {
        if context.profile.penalty(penalty.id) != nil { penalties.append(penalty) }
    }
}
