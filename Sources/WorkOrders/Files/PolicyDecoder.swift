import Documents
import Norms

/// `kind: policy`. Limits and extensions are rules of the norm profile, by their ids: what a document says stands once.
struct PolicyDecoder {
    let library: OrderLibrary
    /// The policy's; nil where it is not known, which has been complained about.
    private var profile: NormProfile?

    static func read(_ reader: MappingReader, _ library: OrderLibrary, _ profiles: [NormProfile]) -> OrderPolicy? {
        var decoder = PolicyDecoder(library: library)
        return decoder.read(reader, profiles)
    }

    private init(library: OrderLibrary) { self.library = library }

    private mutating func read(_ reader: MappingReader, _ profiles: [NormProfile]) -> OrderPolicy? {
        let id = reader.name("id")
        let title = reader.string("title")
        let version = reader.string("version")
        let profileID = reader.string("profile")
        if let profileID {
            reader.check([profileID], of: "profile", in: profiles.map(\.id), what: "norm profile")
            profile = profiles.first { $0.id == profileID }
        }
        let routing = reader.optionalString("routing")
        if let routing { reader.check([routing], of: "routing", in: library.routings.keys, what: "routing") }
        let options = options(reader)
        let limits = limits(reader)
        var extensions: [String: OrderPolicy.Extension] = [:]
        for (category, one) in reader.named("extensions", what: "extension") {
            let known = library.lives.values.flatMap(\.categories)
            reader.check([category], of: "extensions", in: known, what: "category")
            extensions[category] = prolongation(one)
        }
        reader.finish()
        guard let id, let title, let version, let profile else { return nil }
        let policy = OrderPolicy(
            id: id, title: title, version: version, profile: profile.citation, routing: routing, options: options,
            limits: limits,
            extensions: extensions)
        for life in library.lives.values.sorted(by: { $0.id < $1.id }) {
            for problem in OrderLifeCheck(life, policy: policy).problems() {
                reader.complain(about: "options", .badLife, "under this policy, \(life.id): \(problem.message)")
            }
        }
        return policy
    }

    private func options(_ reader: MappingReader) -> [String: String] {
        var options: [String: String] = [:]
        for (key, value, _) in reader.stringMap("options") {
            reader.check([key], of: "options", in: library.vocabulary.options.keys, what: "option")
            if let option = library.vocabulary.options[key] {
                reader.check([value], of: "options", in: option.values, what: "value of \(key)")
            }
            options[key] = value
        }
        return options
    }

    private func limits(_ reader: MappingReader) -> [String: OrderLimit] {
        guard let all = reader.optionalMapping("limits") else { return [:] }
        let names = limitNames
        var limits: [String: OrderLimit] = [:]
        for entry in all.node.entries ?? [] {
            all.check([entry.key], of: entry.key, in: names, what: "limit")
            if entry.value.entries == nil {
                limits[entry.key] = all.string(entry.key).flatMap { limit(ofRule: $0, entry.key, all) }
            } else {
                limits[entry.key] = all.mapping(entry.key).flatMap { ownLimit($0) }
            }
        }
        all.finish()
        return limits
    }

    private func rule(_ id: String, _ key: String, _ reader: MappingReader) -> NormRule? {
        guard let profile else { return nil }
        reader.check([id], of: key, in: profile.rules.map(\.id), what: "rule of \(profile.id)")
        return profile.rule(id)
    }

    private func limit(ofRule id: String, _ key: String, _ reader: MappingReader) -> OrderLimit? {
        guard let rule = rule(id, key, reader) else { return nil }
        let term: Term?
        switch rule.limit {
        case .within(let amount): term = amount.term
        case .sameDay: term = Term(0, .days)
        default: term = nil
        }
        guard let term else {
            reader.complain(
                about: key,
                "`\(key)`: the rule \(id) gives no time that could be counted (\(rule.limit?.description ?? "no limit"))",
                advice: "Leave it out, or give a limit of your own")
            return nil
        }
        return OrderLimit(term, rule: id, clause: Self.citation(rule))
    }

    private static func citation(_ rule: NormRule) -> String { "\(rule.source) \(rule.clause)" }

    /// The utility's own decision where no document says anything: `limit` and `clause`.
    private func ownLimit(_ reader: MappingReader) -> OrderLimit? {
        let text = reader.string("limit")
        let clause = reader.string("clause")
        reader.finish()
        guard let text, let clause else { return nil }
        guard let term = OrderLimit.term(text) else {
            reader.complain(
                about: "limit", "\"\(text.prefix(60))\" is no limit",
                advice: "Write 1 hour, 45 minutes, 10 working days, 6 months or same day")
            return nil
        }
        return OrderLimit(term, clause: clause)
    }

    /// `rule`, and the `grounds` that its words come to.
    private func prolongation(_ reader: MappingReader) -> OrderPolicy.Extension? {
        let id = reader.string("rule")
        let grounds = reader.strings("grounds")
        if case .choice(let known) = library.vocabulary.fields["ground"]?.kind {
            reader.check(grounds, of: "grounds", in: known, what: "ground")
        }
        reader.finish()
        guard let id, let rule = rule(id, "rule", reader) else { return nil }
        guard let prolongation = rule.prolongation else {
            reader.complain(about: "rule", "the rule \(id) knows no extension", advice: "Leave it out")
            return nil
        }
        func limit(_ amount: NormAmount?) -> OrderLimit? {
            amount?.term.map { OrderLimit($0, rule: id, clause: Self.citation(rule)) }
        }
        return OrderPolicy.Extension(
            total: limit(prolongation.total), addition: limit(prolongation.addition),
            isCustomerToldFirst: prolongation.isCustomerToldFirst, grounds: grounds, clause: Self.citation(rule))
    }

    /// Every name under which a limit may stand.
    private var limitNames: [String] {
        var names: Set<String> = []
        for life in library.lives.values {
            for category in life.categories {
                for clock in life.clocks {
                    names.insert("\(category).\(clock.limit)")
                    guard let varies = clock.varies, case .choice(let values) = life.vocabulary.fields[varies]?.kind
                    else { continue }
                    for value in values { names.insert("\(category).\(clock.limit).\(value)") }
                }
                for duty in life.steps.flatMap(\.follows) { names.insert("\(category).\(duty)") }
            }
        }
        return names.sorted()
    }
}
