/// Every item of the catalogue beside the rules that answer it (docs/norms-coverage.md).
public struct NormCoverage: Sendable {
    /// Something that the catalogue and the profiles leave open.
    public struct Gap: Sendable, Hashable, CustomStringConvertible {
        /// The item, rule or measure.
        public let id: String
        public let message: String

        public var description: String { "\(id): \(message)" }
    }

    /// A rule or a penalty that answers an item.
    public struct Answer: Sendable, Hashable {
        public let profile: String
        public let id: String
        /// `002 三 服务规范 1`.
        public let clause: String
        /// `within 4 rings`; empty where there is no figure.
        public let limit: String
        /// The measure's name; `penalty`; nil: not judged.
        public let measure: String?
        /// Why it is not judged.
        public let reason: String?
        /// Test suites.
        public let tests: [String]
    }

    /// An item with what answers it.
    public struct Row: Sendable, Hashable {
        public let item: NormItem
        public let answers: [Answer]

        /// Suites of its rules, and its own.
        public var tests: [String] { unique(item.tests + answers.flatMap(\.tests)) }
    }

    public let items: NormItems
    public let profiles: [NormProfile]
    public let rows: [Row]

    public init(items: NormItems, profiles: [NormProfile]) {
        self.items = items
        self.profiles = profiles
        var answers: [String: [Answer]] = [:]
        for profile in profiles {
            for rule in profile.rules {
                let answer = Self.answer(rule, profile, items)
                for item in rule.items { answers[item, default: []].append(answer) }
            }
            for penalty in profile.penalties {
                let answer = Answer(
                    profile: profile.id, id: penalty.id, clause: "\(penalty.source) \(penalty.clause)",
                    limit: penalty.amount == .unstated ? "" : penalty.amount.description, measure: "penalty",
                    reason: nil, tests: ["ShippedProfileTests"])
                for item in penalty.items { answers[item, default: []].append(answer) }
            }
        }
        rows = items.items.map { Row(item: $0, answers: answers[$0.id] ?? []) }
    }

    private static func answer(_ rule: NormRule, _ profile: NormProfile, _ items: NormItems) -> Answer {
        var limit = rule.limit?.description ?? ""
        if let total = rule.prolongation?.total { limit += ", at most \(total) in all" }
        var tests = rule.measure.flatMap { items.tests[$0] } ?? []
        switch rule.limit {
        case .within(let amount)? where amount.unit == .rings: tests.append("RingClockTests")
        case .within(let amount)? where amount.term != nil: tests.append("NormLimitTests")
        case .sameDay?, .monthlyBy?: tests.append("NormLimitTests")
        default: break
        }
        var reason: String?
        if case .notJudged(let why) = rule.judgement { reason = why }
        return Answer(
            profile: profile.id, id: rule.id, clause: "\(rule.source) \(rule.clause)", limit: limit,
            measure: rule.measure?.rawValue, reason: reason, tests: unique(tests + ["ShippedProfileTests"]))
    }

    /// What is unaccounted for: items without an answer, rules that answer nothing known, ids used twice. Empty for what
    /// is shipped.
    public var gaps: [Gap] {
        var gaps: [Gap] = []
        for row in rows where row.answers.isEmpty && row.item.heldBy == nil && row.item.notApplicable == nil {
            gaps.append(
                Gap(id: row.item.id, message: "no rule answers it, and it is neither `held_by` nor `not_applicable`"))
        }
        for row in rows where !row.answers.isEmpty && row.item.notApplicable != nil {
            gaps.append(Gap(id: row.item.id, message: "it is `not_applicable`, and \(row.answers[0].id) answers it"))
        }
        let known = Set(items.items.map(\.id))
        var owners: [String: String] = [:]
        var profileIDs: Set<String> = []
        for profile in profiles {
            if !profileIDs.insert(profile.id).inserted {
                gaps.append(Gap(id: profile.id, message: "two profiles have this id"))
            }
            let entries = profile.rules.map { ($0.id, $0.items) } + profile.penalties.map { ($0.id, $0.items) }
            for (id, named) in entries {
                for item in named where !known.contains(item) {
                    gaps.append(Gap(id: id, message: "it answers \(item), which is no item of the catalogue"))
                }
                if let other = owners.updateValue(profile.id, forKey: id), other != profile.id {
                    gaps.append(Gap(id: id, message: "it stands in \(other) and in \(profile.id)"))
                }
            }
        }
        return gaps
    }

    /// Every test suite that is named.
    public var tests: [String] {
        unique(items.tests.values.flatMap { $0 } + rows.flatMap(\.tests)).sorted()
    }
}

/// The elements in order, each once.
private func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
}
