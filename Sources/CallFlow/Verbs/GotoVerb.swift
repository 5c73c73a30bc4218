/// Goes to another step; with a limit, so many times in a call, and then elsewhere.
///
///     again: {verb: goto, next: main, limit: 3, exceeded: bye}
struct GotoVerb: Verb {
    static let name = "goto"
    private let next: Target
    private let limit: (count: Int, exceeded: Target)?
    private let step: String

    init?(_ step: StepReader) {
        self.step = step.name
        let next = step.target("next")
        let count = step.reader.optionalInt("limit", in: 1...100)
        let exceeded = step.optionalTarget("exceeded")
        if (count == nil) != (exceeded == nil) {
            step.reader.complain(
                about: count == nil ? "exceeded" : "limit",
                "\(step.reader.place) has only one of `limit` and `exceeded`", advice: "Write both, or neither")
        }
        guard let next else { return nil }
        self.next = next
        limit = if let count, let exceeded { (count, exceeded) } else { nil }
    }

    var exits: [Exit] {
        guard let limit else { return [Exit("next", next, .automatic)] }
        return [Exit("up to \(limit.count) times", next, .limited), Exit("then", limit.exceeded, .automatic)]
    }
    var needs: Need { .nothing }

    mutating func enter(_ state: inout FlowState) {
        guard let limit else { return state.go(to: next) }
        let passes = state.passes[step, default: 0] + 1
        state.passes[step] = passes
        state.go(to: passes > limit.count ? limit.exceeded : next)
    }
}
