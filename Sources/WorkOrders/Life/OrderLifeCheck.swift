/// Looks for orders that could be lost: in a life's rules alone, or as a policy uses them.
public struct OrderLifeCheck: Sendable {
    /// What is wrong with what.
    public struct Problem: Sendable, Hashable {
        public enum Kind: String, Sendable, Hashable { case life, state, clock, step }

        public var kind: Kind
        /// The id of the state, clock or step; the life's otherwise.
        public var subject: String
        /// The key of the file to look at.
        public var key: String
        public var message: String
        public var advice = ""
    }

    /// One way from a state to a state.
    private struct Edge {
        var step: Int
        var chosen: Int
        var from: String
        var to: String
        var starts: [String]
        var stops: [String]
    }

    private let rules: OrderLifeRules
    private let policy: OrderPolicy?
    private var edges: [Edge] = []
    private var reached: Set<String> = []

    /// - Parameter policy: nil: what any policy could do is possible.
    public init(_ rules: OrderLifeRules, policy: OrderPolicy?) {
        self.rules = rules
        self.policy = policy
        for (number, step) in rules.steps.enumerated() {
            for from in step.from where isPossible(step, in: from) {
                for (index, one) in step.cases.enumerated() where isPossible(one.condition, in: from) {
                    edges.append(
                        Edge(
                            step: number, chosen: index, from: from, to: one.to ?? from,
                            starts: one.starts.map(\.clock),
                            stops: one.stops))
                    // What certainly fits leaves nothing for the cases after it.
                    if one.condition.terms.allSatisfy({ decided($0, in: from) == true }) { break }
                }
            }
        }
        reached = reach(from: [OrderLifeRules.unborn]) { _ in true }
    }

    /// Everything found, in no order.
    public func problems() -> [Problem] {
        var problems: [Problem] = []
        if !edges.contains(where: { $0.from == OrderLifeRules.unborn && rules.steps[$0.step].id == "accept" }) {
            problems.append(
                Problem(
                    kind: .life, subject: rules.id, key: "steps", message: "no step `accept` from `new`",
                    advice: "An order's life begins with it"))
        }
        for (number, step) in rules.steps.enumerated()
        where step.id != "accept" && step.from.contains(OrderLifeRules.unborn)
            && edges.contains(where: { $0.step == number })
        {
            problems.append(
                Problem(kind: .step, subject: step.id, key: "from", message: "only `accept` may be from `new`"))
        }
        problems += states() + clocks() + units()
        // Cases depend on no policy's limits; once is enough.
        if policy == nil { problems += rules.steps.compactMap { uncovered($0) } }
        return problems
    }

    private func states() -> [Problem] {
        var problems: [Problem] = []
        let ends = Set(rules.states.filter(\.isFinal).map(\.id))
        // Going on under another number is no end of a life's own.
        let leaving = canReach(
            edges.filter { ends.contains($0.to) && rules.steps[$0.step].effect != .merge }.map(\.from))
        for state in rules.states {
            if !reached.contains(state.id) {
                // A state that another policy uses is no fault of this one.
                guard policy == nil else { continue }
                problems.append(
                    Problem(
                        kind: .state, subject: state.id, key: "title", message: "state \"\(state.id)\" is never reached"
                    ))
            } else if !state.isFinal, !leaving.contains(state.id) {
                problems.append(
                    Problem(
                        kind: .state, subject: state.id, key: "title",
                        message: "from state \"\(state.id)\" no final state is reached",
                        advice: "Add a step that leads out"))
            }
        }
        return problems
    }

    private func clocks() -> [Problem] {
        var problems: [Problem] = []
        for clock in rules.clocks {
            func problem(_ message: String, _ advice: String = "") {
                problems.append(
                    Problem(kind: .clock, subject: clock.id, key: "title", message: message, advice: advice))
            }
            let starting = edges.filter { edge in
                reached.contains(edge.from) && edge.starts.contains(clock.id)
            }
            let stopping = edges.filter { $0.stops.contains(clock.id) }
            if starting.isEmpty {
                if policy == nil { problem("clock \"\(clock.id)\" is never started") }
                continue
            }
            let stoppable = canReach(stopping.map(\.from))
            let running = reach(from: Set(starting.map(\.to))) { !$0.stops.contains(clock.id) }
            let caught = running.filter { rules.state($0)?.isFinal != true && !stoppable.contains($0) }.sorted()
            if let first = caught.first {
                problem(
                    "clock \"\(clock.id)\" may run in state \"\(first)\", from which no step stops it",
                    "Stop it with a step on the way")
            }
        }
        return problems
    }

    /// Whether every state of a unit is come to with the unit named.
    private func units() -> [Problem] {
        let all = Set(rules.vocabulary.roles.values.compactMap(\.unitField))
        var known: [String: Set<String>] = [OrderLifeRules.unborn: []]
        var changed = true
        while changed {
            changed = false
            for edge in edges {
                guard var fields = known[edge.from] else { continue }
                let step = rules.steps[edge.step]
                for need in step.needs where need.condition.terms.isEmpty {
                    fields.formUnion(need.fields.filter(all.contains))
                }
                fields.formUnion((chosen(edge).sets.map(\.key) + excluded(edge)).filter(all.contains))
                let before = known[edge.to] ?? all
                let after = before.intersection(fields)
                if known[edge.to] == nil || after != before {
                    known[edge.to] = after
                    changed = true
                }
            }
        }
        return rules.states.compactMap { state in
            guard let owner = state.owner, let fields = known[state.id] else { return nil }
            let field = role(owner).flatMap { rules.vocabulary.roles[$0]?.unitField }
            guard let field, !fields.contains(field) else { return nil }
            return Problem(
                kind: .state, subject: state.id, key: "owner",
                message: "state \"\(state.id)\" belongs to \(owner), but is come to without the field \(field)",
                advice: "Let a step before it need that field")
        }
    }

    /// Fields that are known in a case because an earlier one takes the order where they are not.
    private func excluded(_ edge: Edge) -> [String] {
        let cases = rules.steps[edge.step].cases
        let own = Set(cases[edge.chosen].condition.terms)
        return cases[..<edge.chosen].compactMap { earlier in
            let missing = earlier.condition.terms.filter { $0.values == [OrderCondition.unset] }
            let others = earlier.condition.terms.filter { $0.values != [OrderCondition.unset] }
            return missing.count == 1 && others.allSatisfy(own.contains) ? missing[0].key : nil
        }
    }

    /// A step whose cases leave something out.
    private func uncovered(_ step: OrderLifeRules.Step) -> Problem? {
        guard step.cases.last?.condition.terms.isEmpty != true else { return nil }
        let needed = Set(step.needs.filter { $0.condition.terms.isEmpty }.flatMap(\.fields))
        var choices: [(key: String, values: [String])] = []
        for key in Set(step.cases.flatMap { $0.condition.terms.map(\.key) }).sorted() {
            var values: [String]
            let written = step.cases.flatMap { one in one.condition.terms.filter { $0.key == key }.flatMap(\.values) }
            if key == "state" {
                values = step.from
            } else if key.hasPrefix("profile.") {
                values = rules.vocabulary.options[String(key.dropFirst(8))]?.values ?? []
            } else if key.hasPrefix("clock.") {
                values = ["yes", "no"]
            } else if key == "category" {
                values = rules.categories
            } else if case .choice(let all) = rules.vocabulary.fields[key]?.kind {
                values = all
                if !needed.contains(key) { values.append(OrderCondition.unset) }
            } else {
                // Anything that nobody wrote stands for everything else.
                values = written + ["\u{0}"]
                if !needed.contains(key) { values.append(OrderCondition.unset) }
            }
            choices.append((key, values))
        }
        var picked: [String: String] = [:]
        func covered(_ index: Int) -> Bool {
            guard index < choices.count else { return step.cases.contains { $0.condition.holds { picked[$0] } } }
            return choices[index].values.allSatisfy { value in
                picked[choices[index].key] = value
                return covered(index + 1)
            }
        }
        guard !covered(0) else { return nil }
        let left = picked.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        return Problem(
            kind: .step, subject: step.id, key: "cases", message: "step \"\(step.id)\" has no case for \(left)",
            advice: "Add one, or a last case without `when`")
    }

    // MARK: - Ways

    private func chosen(_ edge: Edge) -> OrderLifeRules.Case { rules.steps[edge.step].cases[edge.chosen] }

    /// States reached, those begun from among them.
    private func reach(from start: Set<String>, _ isTaken: (Edge) -> Bool) -> Set<String> {
        var reached = start
        var changed = true
        while changed {
            changed = false
            for edge in edges where reached.contains(edge.from) && isTaken(edge) && reached.insert(edge.to).inserted {
                changed = true
            }
        }
        return reached
    }

    /// States from which one of these is reached.
    private func canReach(_ goals: [String]) -> Set<String> {
        var leading = Set(goals)
        var changed = true
        while changed {
            changed = false
            for edge in edges where leading.contains(edge.to) && leading.insert(edge.from).inserted { changed = true }
        }
        return leading
    }

    private func isPossible(_ step: OrderLifeRules.Step, in state: String) -> Bool {
        step.only.allSatisfy { isPossible($0.condition, in: state) }
            && !step.never.contains { one in
                one.condition.terms.allSatisfy { decided($0, in: state) == true }
            }
    }

    private func isPossible(_ condition: OrderCondition, in state: String) -> Bool {
        condition.terms.allSatisfy { decided($0, in: state) != false }
    }

    /// Whether a term holds, where that can be known.
    private func decided(_ term: OrderCondition.Term, in state: String) -> Bool? {
        if term.key == "state" { return term.values.contains(state) }
        guard let policy, term.key.hasPrefix("profile.") else { return nil }
        let option = String(term.key.dropFirst(8))
        return (policy.options[option] ?? rules.vocabulary.options[option]?.preset).map { term.values.contains($0) }
    }

    private func role(_ word: String) -> String? {
        guard word.first == "$" else { return word }
        let option = String(word.dropFirst())
        return policy?.options[option] ?? rules.vocabulary.options[option]?.preset
    }
}
