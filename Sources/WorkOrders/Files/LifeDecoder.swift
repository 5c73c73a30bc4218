import Documents

/// `kind: life`, with the states, clocks and steps of the `kind: common` file in it.
struct LifeDecoder {
    typealias Rules = OrderLifeRules
    let vocabulary: OrderVocabulary
    let common: MappingReader?
    let reader: MappingReader

    /// A file's entry and what it is called.
    private typealias Entry = (id: String, reader: MappingReader)

    func read() -> Rules? {
        let before = reader.diagnostics.errors.count
        let id = reader.name("id")
        let title = reader.string("title")
        let version = reader.string("version")
        let categories = reader.strings("categories")
        reader.check(categories, of: "categories", in: OrderCategory.allCases.map(\.rawValue), what: "category")
        if categories.isEmpty { reader.complain(about: "categories", .missingKey, "a life needs `categories`") }
        _ = common?.optionalString("version")
        let stateEntries = entries("states", "state")
        let clockEntries = entries("clocks", "clock")
        let stepEntries = entries("steps", "step")
        reader.finish()

        let stateNames = stateEntries.map(\.id)
        let clockNames = clockEntries.map(\.id)
        let conditions = ConditionDecoder(
            vocabulary: vocabulary, states: [Rules.unborn] + stateNames, clocks: clockNames, categories: categories)
        let states = stateEntries.compactMap { state($0.reader, $0.id) }
        let clocks = clockEntries.compactMap { clock($0.reader, $0.id, conditions, stepEntries.map(\.id)) }
        let open = states.filter { !$0.isFinal }.map(\.id)
        let decoder = StepDecoder(
            vocabulary: vocabulary, states: stateNames, open: open, clocks: clockNames, conditions: conditions)
        let steps = stepEntries.compactMap { decoder.read($0.reader, $0.id) }
        // What cannot be read is not judged: one mistake shall not look like ten.
        guard let id, let title, let version, reader.diagnostics.errors.count == before else { return nil }
        let rules = Rules(
            id: id, title: title, version: version, categories: categories, vocabulary: vocabulary, states: states,
            clocks: clocks, steps: steps)
        check(rules, ["state": stateEntries, "clock": clockEntries, "step": stepEntries])
        return rules
    }

    /// The life's own, then the common ones.
    private func entries(_ key: String, _ what: String) -> [Entry] {
        var seen: Set<String> = []
        let all = reader.named(key, what: what) + (common?.named(key, what: what) ?? [])
        return all.filter { entry in
            if seen.insert(entry.id).inserted { return true }
            entry.reader.complain(about: "title", "\(what) \"\(entry.id)\" stands in the common file too")
            return false
        }
    }

    private func check(_ rules: Rules, _ entries: [String: [Entry]]) {
        for problem in OrderLifeCheck(rules, policy: nil).problems() {
            let place = entries[problem.kind.rawValue]?.first { $0.id == problem.subject }?.reader ?? reader
            place.complain(about: problem.key, .badLife, "\(rules.id): \(problem.message)", advice: problem.advice)
        }
    }

    private func state(_ reader: MappingReader, _ id: String) -> Rules.State? {
        let title = reader.string("title")
        let isFinal = reader.bool("final", default: false)
        let owner = reader.optionalString("owner")
        let status: OrderStatus? = reader.optionalChoice("status")
        if status == nil, !reader.has("status") {
            reader.complain(
                about: "status", .missingKey, "\"status\" is missing in \(reader.place)",
                advice: "Write one of \(OrderStatus.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        if let owner { check(owner, of: "owner", reader, mayBeOwner: false) }
        if owner == nil, !isFinal {
            reader.complain(
                about: "owner", .missingKey, "\(reader.place) has no owner: nobody would have the order",
                advice: "Add `owner:` with a role, or `final: true`")
        }
        if owner != nil, isFinal {
            reader.complain(about: "owner", "\(reader.place) is final: nobody has anything to do, leave `owner` out")
        }
        reader.finish()
        guard let title, let status, (owner == nil) == isFinal else { return nil }
        return Rules.State(id: id, title: title, owner: owner, isFinal: isFinal, status: status)
    }

    private func clock(
        _ reader: MappingReader, _ id: String, _ conditions: ConditionDecoder, _ steps: [String]
    ) -> Rules.Clock? {
        let title = reader.string("title")
        let owner = reader.string("owner")
        let limit = reader.string("limit", default: id)
        let varies = reader.optionalString("varies")
        let dueField = reader.optionalString("due")
        let judgedBy = reader.strings("judged_by")
        let alarms = reader.string("alarms", default: "default")
        if let owner { check(owner, of: "owner", reader, mayBeOwner: true) }
        if let varies {
            if case .choice = vocabulary.fields[varies]?.kind {
            } else {
                reader.complain(about: "varies", .unknownName, "`varies` must be a field that is a choice")
            }
        }
        if let dueField, vocabulary.fields[dueField]?.kind != .instant {
            reader.complain(about: "due", .unknownName, "`due` must be a field that is an instant")
        }
        reader.check(judgedBy, of: "judged_by", in: steps, what: "step")
        reader.check([alarms], of: "alarms", in: vocabulary.alarms.keys + ["none"], what: "set of alarms")
        let clock = Rules.Clock(
            id: id, title: title ?? id, owner: owner ?? "", limit: limit, varies: varies, dueField: dueField,
            condition: conditions.read(reader, "when"), isRequired: reader.bool("required", default: false),
            isOnce: reader.bool("once", default: false),
            isExtendable: reader.bool("extendable", default: false), judgedBy: judgedBy,
            alarms: alarms == "none" ? nil : alarms, clause: reader.optionalString("clause"))
        reader.finish()
        return title == nil || owner == nil ? nil : clock
    }

    private func check(_ word: String, of key: String, _ reader: MappingReader, mayBeOwner: Bool) {
        vocabulary.check(role: word, of: key, reader, mayBeOwner: mayBeOwner)
    }
}

extension OrderVocabulary {
    /// Complains about a word that is no role, no `$OPTION` of roles, and not `owner` where that is allowed.
    func check(role word: String, of key: String, _ reader: MappingReader, mayBeOwner: Bool) {
        if mayBeOwner, word == OrderLifeRules.ownerWord { return }
        if word.first == "$" {
            let known = options.values.filter(\.isRole).map(\.id)
            return reader.check([String(word.dropFirst())], of: key, in: known, what: "option that is a role,")
        }
        reader.check([word], of: key, in: roles.keys, what: "role")
    }
}
