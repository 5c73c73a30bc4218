import Documents

/// `kind: routing` and `kind: repeats`.
enum RoutingDecoder {
    static func read(_ reader: MappingReader, _ library: OrderLibrary) -> OrderRouting? {
        let id = reader.name("id")
        let title = reader.string("title")
        let version = reader.string("version")
        let departments = library.vocabulary.departments.keys
        let conditions = ConditionDecoder(
            vocabulary: library.vocabulary, categories: OrderCategory.allCases.map(\.rawValue))
        var ids: Set<String> = ["confidential"]
        let readers = reader.list("rules", what: "rule")
        let rules = readers.enumerated().compactMap { index, one -> OrderRouting.Rule? in
            let id = one.name("id")
            let condition = conditions.read(one, "when")
            let to = one.strings("to")
            let copies = one.strings("copy")
            let duty = one.string("duty")
            let clause = one.string("clause")
            if let id, !ids.insert(id).inserted { one.complain(about: "id", "the id \"\(id)\" is taken") }
            if to.isEmpty { one.complain(about: "to", .missingKey, "\(one.place) sends orders to nobody") }
            one.check(to, of: "to", in: departments, what: "department")
            one.check(copies, of: "copy", in: departments, what: "department")
            if one.has("when") == (index == readers.count - 1) {
                one.complain(
                    about: "when",
                    !one.has("when")
                        ? "\(one.place) has no `when`, so that the rules after it are never reached"
                        : "\(one.place) is the last and has a `when`: what it does not fit would go nowhere")
            }
            one.finish()
            guard let id, let duty, let clause else { return nil }
            return OrderRouting.Rule(
                id: id, condition: condition, to: to, copies: copies, duty: duty, clause: clause)
        }
        if readers.isEmpty { reader.complain(about: "rules", .missingKey, "a routing needs `rules`") }
        let secret = reader.mapping("confidential")
        let confidential = secret?.strings("to") ?? []
        let clause = secret?.string("clause")
        secret?.check(confidential, of: "to", in: departments, what: "department")
        if let secret, Set(confidential).count < 2 {
            secret.complain(
                about: "to", "`to` must name two departments: the one may be the one that the report is about")
        }
        secret?.finish()
        reader.finish()
        guard let id, let title, let version, let clause else { return nil }
        return OrderRouting(
            id: id, title: title, version: version, rules: rules, confidential: confidential,
            confidentialClause: clause)
    }

    static func repeats(_ reader: MappingReader) -> RepeatRules? {
        _ = reader.string("version")
        let days = reader.int("window_days", in: 1...366)
        let warn = reader.int("warn_at", in: 2...1000)
        let escalate = reader.int("escalate_at", in: 2...1000)
        let clause = reader.string("clause")
        reader.finish()
        guard let days, let warn, let escalate, let clause else { return nil }
        if escalate < warn { reader.complain(about: "escalate_at", "`escalate_at` is less than `warn_at`") }
        return RepeatRules(window: days * 86_400_000, warnAt: warn, escalateAt: escalate, clause: clause)
    }
}
