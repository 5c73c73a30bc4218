import Norms

/// For how much of a period the hotline could be reached: the server ran, and one line at least was in order (docs/audit.md,
/// Lines).
public struct LineJudge: Sendable {
    private let context: AuditContext

    public init(_ context: AuditContext) { self.context = context }

    static let unknown = "nothing is known of the server's running"

    /// - Parameter events: the server's own words, from the first on, by time.
    /// - Returns: the time open of the time known, and an item for each stretch in which nobody could be reached.
    public func judge(_ events: [AuditServerEvent]) -> (span: AuditFigure.Span?, items: [AuditItem]) {
        let end = min(context.to, context.asOf)
        guard let first = events.first(where: { if case .started = $0.kind { true } else { false } }), first.at < end
        else { return (nil, [AuditItem(.duty("line"), .notJudged(Self.unknown), at: context.from)]) }
        let begin = max(context.from, first.at)
        var state = State()
        var closedSince: Int64?
        var closed: [(from: Int64, to: Int64)] = []
        for event in events where event.at <= end {
            let was = state.isOpen
            let heard = state.heard
            state.take(event)
            // A start without a stop before it: the server was gone since it was last heard of.
            switch event.kind {
            case .started where was && state.isOpen: if let heard { closed.append((heard, event.at)) }
            case .opening where was, .started where was: closedSince = heard
            default: if was, !state.isOpen { closedSince = event.at }
            }
            if !was, state.isOpen, let since = closedSince {
                closed.append((since, event.at))
                closedSince = nil
            }
        }
        if let since = closedSince { closed.append((since, end)) }
        let within = closed.map { (from: max($0.from, begin), to: min($0.to, end)) }.filter { $0.from < $0.to }
        let lost = within.reduce(0) { $0 + ($1.to - $1.from) / 1000 }
        let total = max(0, end - begin) / 1000
        let items = within.map { stretch in
            AuditItem(
                .duty("line"), .shown, at: stretch.from, milliseconds: (stretch.to - stretch.from) / 1000,
                done: stretch.to)
        }
        return (AuditFigure.Span(numerator: total - lost, denominator: total), items)
    }

    private struct State {
        var isRunning = false
        /// By line, what is wrong with it.
        var alarms: [String: Int] = [:]
        /// When it was last heard of.
        var heard: Int64?

        var isOpen: Bool { isRunning && alarms.contains { $0.value == 0 } }

        mutating func take(_ event: AuditServerEvent) {
            heard = event.at
            switch event.kind {
            case .started(let lines):
                isRunning = true
                alarms = Dictionary(lines.map { ($0, 0) }, uniquingKeysWith: { first, _ in first })
            case .opening, .stopped: isRunning = false
            // What the start did not name is no line: the server has alarms of its own.
            case .lineDown(let line): if let count = alarms[line] { alarms[line] = count + 1 }
            case .lineUp(let line): if let count = alarms[line] { alarms[line] = max(0, count - 1) }
            case .alive: break
            }
        }
    }
}
