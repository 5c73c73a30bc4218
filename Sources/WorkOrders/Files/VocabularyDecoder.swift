import Documents

/// `kind: vocabulary`.
enum VocabularyDecoder {
    static func read(_ reader: MappingReader) -> OrderVocabulary {
        var words = OrderVocabulary(roles: [:], fields: [:], departments: [:], options: [:], alarms: [:], items: [:])
        _ = reader.string("version")
        for department in reader.stringMap("departments") {
            if !MappingReader.isName(department.key) {
                reader.complain(about: "departments", "\"\(department.key.prefix(60))\" is no name for a department")
            }
            words.departments[department.key] = department.value
        }
        let roles = reader.named("roles", what: "role")
        for (id, role) in roles {
            guard let title = role.string("title") else { continue }
            words.roles[id] = OrderVocabulary.Role(
                id: id, title: title, unitField: role.optionalString("unit"),
                decidesPenalties: role.bool("decides_penalties", default: false))
        }
        for (id, field) in reader.named("fields", what: "field") { words.fields[id] = read(field, id) }
        for (id, role) in roles {
            if let unit = words.roles[id]?.unitField, words.fields[unit]?.kind != .department {
                role.complain(
                    about: "unit", .unknownName, "the unit of role \"\(id)\" must be a field of type department")
            }
            role.finish()
        }
        for (id, option) in reader.named("options", what: "option") {
            words.options[id] = Self.option(option, id, words)
        }
        alarms(reader, &words)
        reader.finish()
        return words
    }

    private static func read(_ reader: MappingReader, _ id: String) -> OrderVocabulary.Field? {
        let title = reader.string("title")
        let type = reader.string("type")
        let values = reader.strings("values")
        let namesReported = reader.bool("names_reported", default: false)
        let kind: OrderVocabulary.Kind?
        switch type {
        case "text": kind = .text
        case "yes_no": kind = .choice(["yes", "no"])
        case "choice":
            kind = .choice(values)
            if values.isEmpty { reader.complain(about: "values", "a choice needs `values`") }
        case "department": kind = .department
        case "departments": kind = .departments
        case "instant": kind = .instant
        case "number": kind = .number
        case "order": kind = .order
        case "item": kind = .item
        default:
            kind = nil
            let known = ["text", "yes_no", "choice", "department", "departments", "instant", "number", "order", "item"]
            if let type {
                reader.complain(
                    about: "type", "there is no type \"\(type.prefix(60))\"",
                    advice: Names.advice(for: type, in: known, otherwise: "Known: \(known.joined(separator: ", "))"))
            }
        }
        if type != "choice", !values.isEmpty { reader.complain(about: "values", "`values` are for a choice") }
        reader.finish()
        guard let title, let kind else { return nil }
        return OrderVocabulary.Field(id: id, title: title, kind: kind, namesReported: namesReported)
    }

    private static func option(
        _ reader: MappingReader, _ id: String, _ words: OrderVocabulary
    ) -> OrderVocabulary.Option? {
        let title = reader.string("title")
        let values = reader.strings("values")
        let preset = reader.string("default")
        let isRole = reader.bool("role", default: false)
        if values.isEmpty { reader.complain(about: "values", "an option needs `values`") }
        if isRole { reader.check(values, of: "values", in: words.roles.keys, what: "role") }
        if let preset, !values.contains(preset) {
            reader.complain(about: "default", "`default` must be one of \(values.joined(separator: ", "))")
        }
        reader.finish()
        guard let title, let preset else { return nil }
        return OrderVocabulary.Option(id: id, title: title, values: values, preset: preset, isRole: isRole)
    }

    private static func alarms(_ reader: MappingReader, _ words: inout OrderVocabulary) {
        guard let sets = reader.mapping("alarms") else { return }
        for entry in sets.node.entries ?? [] {
            var ids: Set<String> = []
            words.alarms[entry.key] = sets.list(entry.key, what: "alarm").compactMap { one in
                let id = one.name("id")
                let share = one.optionalInt("share", in: 1...99)
                let after = one.optionalMilliseconds("after", in: 0...(366 * 86_400_000))
                let to = one.string("to")
                let channel = one.string("channel")
                if (share == nil) == (after == nil) {
                    one.complain(about: "share", "an alarm has either `share` (1 to 99) or `after`")
                }
                if let id, !ids.insert(id).inserted { one.complain(about: "id", "the id \"\(id)\" is taken") }
                if let to {
                    one.check([to], of: "to", in: words.roles.keys + [OrderLifeRules.ownerWord], what: "role")
                }
                if let channel {
                    one.check([channel], of: "channel", in: ["console", "phone", "message"], what: "channel")
                }
                one.finish()
                guard let id, let to, let channel,
                    let moment = share.map({ OrderVocabulary.Alarm.Moment.share($0) })
                        ?? after.map({ .after($0) })
                else { return nil }
                return OrderVocabulary.Alarm(id: id, moment: moment, to: to, channel: channel)
            }
        }
        sets.finish()
        if words.alarms["default"] == nil {
            reader.complain(about: "alarms", .missingKey, "`alarms` needs a set named default")
        }
    }
}

/// `kind: taxonomy`.
enum TaxonomyDecoder {
    static func read(_ reader: MappingReader, _ words: OrderVocabulary) -> OrderTaxonomy? {
        let id = reader.name("id")
        let title = reader.string("title")
        let version = reader.string("version")
        let clause = reader.string("clause")
        var ids: Set<String> = []
        var topics: [String] = []
        if case .choice(let values) = words.fields["topic"]?.kind { topics = values }
        let classes = reader.named("classes", what: "class").compactMap { id, one -> OrderTaxonomy.Class? in
            let title = one.string("title")
            let items = one.named("items", what: "item").compactMap { id, item -> OrderTaxonomy.Item? in
                let title = item.string("title")
                let topic = item.string("topic")
                let parts = item.strings("parts")
                if let topic { item.check([topic], of: "topic", in: topics, what: "topic") }
                if !ids.insert(id).inserted { item.complain(about: "title", "the item \"\(id)\" stands twice") }
                item.finish()
                guard let title, let topic else { return nil }
                return OrderTaxonomy.Item(id: id, title: title, topic: topic, parts: parts)
            }
            if items.isEmpty { one.complain(about: "items", "a class needs items") }
            one.finish()
            guard let title else { return nil }
            return OrderTaxonomy.Class(id: id, title: title, items: items)
        }
        if classes.isEmpty { reader.complain(about: "classes", "a taxonomy needs classes") }
        reader.finish()
        guard let id, let title, let version, let clause else { return nil }
        return OrderTaxonomy(id: id, title: title, version: version, clause: clause, classes: classes)
    }
}
