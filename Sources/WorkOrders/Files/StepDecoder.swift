import Documents

/// The steps of a life.
struct StepDecoder {
    typealias Rules = OrderLifeRules
    let vocabulary: OrderVocabulary
    let states: [String]
    /// Those that are not final.
    let open: [String]
    let clocks: [String]
    let conditions: ConditionDecoder

    /// What happens: of a step as a whole, or of one case.
    private struct Outcome {
        var to: String?
        var starts: [Rules.Start]
        var stops: [String]
        var sets: [OrderCondition.Term]
        var notify: [String]
    }

    func read(_ reader: MappingReader, _ id: String) -> Rules.Step? {
        let title = reader.string("title")
        let from = reader.strings("from")
        if from.isEmpty { reader.complain(about: "from", .missingKey, "\(reader.place) needs `from`") }
        if from != ["any"] { reader.check(from, of: "from", in: states + [Rules.unborn], what: "state") }
        let by = reader.strings("by")
        if by.isEmpty { reader.complain(about: "by", .missingKey, "\(reader.place) needs `by`: who may do it") }
        if by != ["any"] {
            for word in by { vocabulary.check(role: word, of: "by", reader, mayBeOwner: true) }
        }
        var needs: [Rules.Need] = []
        let always = fields(reader, "needs")
        if !always.isEmpty { needs.append(Rules.Need(fields: always, condition: .always)) }
        for one in reader.list("needs_when", what: "need") {
            needs.append(Rules.Need(fields: fields(one, "fields"), condition: conditions.read(one, "when")))
            one.finish()
        }
        let whole = outcome(reader)
        let cases = cases(reader, whole)
        let step = Rules.Step(
            id: id, title: title ?? id, from: from == ["any"] ? open : from, by: by == ["any"] ? [] : by,
            only: guards(reader, "only"), never: guards(reader, "never"), needs: needs,
            takes: fields(reader, "takes"), whyIsNeeded: reader.bool("why", default: false),
            wantsRecording: reader.bool("recording", default: false), cases: cases,
            effect: reader.optionalChoice("effect"), follows: reader.strings("follows"),
            clause: reader.optionalString("clause"))
        checkEffect(step, reader)
        if step.wantsRecording, !step.takes.contains("recording"),
            !step.needs.contains(where: { $0.fields.contains("recording") })
        {
            reader.complain(
                about: "recording", "\(reader.place) wants a recording and takes none", advice: "Add it to `takes`")
        }
        reader.finish()
        return title == nil ? nil : step
    }

    private func cases(_ reader: MappingReader, _ whole: Outcome) -> [Rules.Case] {
        guard reader.has("cases") else {
            return [Rules.Case(.always, whole.to, whole.starts, whole.stops, whole.sets, whole.notify)]
        }
        if whole.to != nil { reader.complain(about: "to", "`to` stands in the cases where there are cases") }
        let list = reader.list("cases", what: "case")
        return list.enumerated().map { index, one in
            let condition = conditions.read(one, "when")
            let own = outcome(one)
            if !one.has("when"), index < list.count - 1 {
                one.complain(about: "when", "\(one.place) has no `when`, so that the cases after it are never reached")
            }
            one.finish()
            return Rules.Case(
                condition, own.to, whole.starts + own.starts, whole.stops + own.stops, whole.sets + own.sets,
                whole.notify + own.notify)
        }
    }

    private func outcome(_ reader: MappingReader) -> Outcome {
        let to = reader.optionalString("to")
        if let to { reader.check([to], of: "to", in: states, what: "state") }
        let stops = reader.strings("stops")
        reader.check(stops, of: "stops", in: clocks, what: "clock")
        let notify = reader.strings("notify")
        for word in notify { vocabulary.check(role: word, of: "notify", reader, mayBeOwner: true) }
        let sets = reader.stringMap("set").map { key, value, _ in
            reader.check([key], of: "set", in: vocabulary.fields.keys, what: "field")
            if let field = vocabulary.fields[key], let objection = vocabulary.objection(to: value, for: field) {
                reader.complain(about: "set", "`set`: \(key) \(objection)")
            }
            return OrderCondition.Term(key, [value])
        }
        return Outcome(to: to, starts: starts(reader), stops: stops, sets: sets, notify: notify)
    }

    /// Names of clocks, or mappings of `clock` and `when`.
    private func starts(_ reader: MappingReader) -> [Rules.Start] {
        guard let node = reader.optionalNode("starts") else { return [] }
        return (node.items ?? [node]).enumerated().compactMap { index, item in
            if let text = item.text {
                reader.check([text], of: "starts", in: clocks, what: "clock")
                return Rules.Start(clock: text, condition: .always)
            }
            let one = MappingReader(item, "\(reader.place), start \(index + 1)", reader.diagnostics)
            let clock = one.string("clock")
            let condition = conditions.read(one, "when")
            if let clock { one.check([clock], of: "clock", in: clocks, what: "clock") }
            one.finish()
            return clock.map { Rules.Start(clock: $0, condition: condition) }
        }
    }

    private func guards(_ reader: MappingReader, _ key: String) -> [Rules.Guard] {
        reader.list(key, what: key).compactMap { one in
            let because = one.string("because")
            let condition = conditions.read(one, "when")
            if !one.has("when") { one.complain(about: "when", .missingKey, "\(one.place) needs `when`") }
            one.finish()
            return because.map { Rules.Guard(condition: condition, because: $0) }
        }
    }

    private func fields(_ reader: MappingReader, _ key: String) -> [String] {
        let names = reader.strings(key)
        reader.check(names, of: key, in: vocabulary.fields.keys, what: "field")
        return names
    }

    /// Effects rest on fields that must be there.
    private func checkEffect(_ step: Rules.Step, _ reader: MappingReader) {
        let wanted: [String]
        switch step.effect {
        case nil: return
        case .askExtension: wanted = ["until"]
        case .grantExtension: wanted = []
        case .merge: wanted = ["into"]
        case .absorb: wanted = ["duplicate"]
        case .link: wanted = ["link"]
        case .acknowledge: wanted = ["clock", "alarm"]
        case .prove: wanted = ["proves", "recording"]
        }
        let always = step.needs.filter { $0.condition.terms.isEmpty }.flatMap(\.fields)
        for field in wanted where !always.contains(field) {
            reader.complain(about: "needs", .missingKey, "\(reader.place): its effect needs the field \(field)")
        }
    }
}

extension OrderLifeRules.Case {
    fileprivate init(
        _ condition: OrderCondition, _ to: String?, _ starts: [OrderLifeRules.Start], _ stops: [String],
        _ sets: [OrderCondition.Term], _ notify: [String]
    ) {
        self.init(condition: condition, to: to, starts: starts, stops: stops, sets: sets, notify: notify)
    }
}
