import Documents

/// Chooses the next step by what is known.
///
///     open:
///       verb: branch
///       cases:
///         - {variable: call.late, equals: "true", next: apologise}
///         - {time: "08:00-18:00", weekdays: [mon, tue, wed, thu, fri], next: day}
///       otherwise: night
struct BranchVerb: Verb {
    static let name = "branch"
    private let cases: [Case]
    private let otherwise: Target

    struct Case: Sendable {
        let conditions: [Condition]
        let next: Target
        let label: String
    }

    init?(_ step: StepReader) {
        var cases: [Case] = []
        if let node = step.reader.node("cases") {
            if let items = node.items, !items.isEmpty {
                cases = items.compactMap { Self.decode($0, step) }
            } else {
                step.reader.complain(
                    about: "cases", "cases in \(step.reader.place) must be a list of cases",
                    advice: "Write `- {variable: …, equals: …, next: …}`")
            }
        }
        guard let otherwise = step.target("otherwise") else { return nil }
        self.cases = cases
        self.otherwise = otherwise
    }

    private static func decode(_ node: Node, _ step: StepReader) -> Case? {
        let reader = MappingReader(node, "\(step.reader.place), case", step.diagnostics)
        defer { reader.finish() }
        let conditions = Condition.decode(reader)
        let nested = StepReader(reader: reader, name: step.name)
        if conditions.isEmpty, !step.diagnostics.hasErrors {
            reader.complain(
                about: "next", "\(reader.place) has no condition", advice: "Name a `variable`, a `time` or `weekdays`")
        }
        guard let next = nested.target("next") else { return nil }
        return Case(conditions: conditions, next: next, label: conditions.map(\.label).joined(separator: " and "))
    }

    var exits: [Exit] {
        cases.map { Exit($0.label, $0.next, .automatic) } + [Exit("otherwise", otherwise, .automatic)]
    }
    var conditions: [Condition] { cases.flatMap(\.conditions) }
    var templates: [Template] { cases.flatMap { $0.conditions.compactMap(\.reads) } }
    var needs: Need { .nothing }

    /// For the walker: values, of those given, with which the way of this number is taken, the cases in their order and
    /// `otherwise` last; nil where there are none.
    func values(taking way: Int, from samples: [String: [String]]) -> [String: String]? {
        var domains = samples
        if way < cases.count {
            for condition in cases[way].conditions { condition.narrow(&domains, holding: true) }
        }
        var tries = 0
        return Self.failing(cases.prefix(way), domains, &tries)?.compactMapValues(\.first)
    }

    /// Narrows the values so that none of the cases holds: one of its conditions must fail. Gives up after many tries.
    private static func failing(
        _ cases: ArraySlice<Case>, _ domains: [String: [String]], _ tries: inout Int
    ) -> [String: [String]]? {
        tries += 1
        guard !domains.values.contains([]), tries <= 10_000 else { return nil }
        guard let first = cases.first else { return domains }
        for condition in first.conditions {
            var narrowed = domains
            condition.narrow(&narrowed, holding: false)
            if let result = failing(cases.dropFirst(), narrowed, &tries) { return result }
        }
        return nil
    }

    mutating func enter(_ state: inout FlowState) {
        let match = cases.first { $0.conditions.allSatisfy { $0.holds(state.variables) } }
        state.go(to: match?.next ?? otherwise)
    }
}
