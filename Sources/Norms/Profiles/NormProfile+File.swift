import Documents

extension NormProfile {
    private static let mostRules = 300

    /// Reads a profile file (docs/norms.md).
    /// - Parameter file: its name, for messages.
    /// - Returns: the profile, and what should be mended though it stops nothing.
    /// - Throws: everything wrong with it, each with its place.
    public static func decode(
        _ text: String, file: String
    ) throws(DocumentErrors) -> (profile: NormProfile, warnings: [DocumentError]) {
        let node: Node
        do throws(DocumentError) {
            node = try Document.parse(text, file: file)
        } catch {
            throw DocumentErrors([error])
        }
        let diagnostics = Diagnostics()
        let reader = MappingReader(node, "the profile", diagnostics)
        let id = reader.string("id")
        if let id, !NormDecoder.isWord(id) {
            reader.complain(about: "id", "an id has letters, digits and `-`, at most 60, not \"\(id.prefix(60))\"")
        }
        let name = reader.string("name")
        let short = reader.string("short")
        let version = reader.string("version")
        let issuer = reader.string("issuer")
        let inForce = NormDecoder.inForce(reader) ?? .unknown
        let sources = Self.sources(reader)
        let clock = NormDecoder.clock(reader)
        let rings: RingClock.Reading = reader.choice("rings", default: .beforeNextRing)
        var decoder = NormDecoder(sources: sources)
        let penalties = Self.list(reader, "penalties", "penalty") { decoder.penalty($0) }
        let known = Set(penalties.map(\.id))
        let rules = Self.list(reader, "rules", "rule") { decoder.rule($0, penalties: known) }
        reader.finish()
        if rules.isEmpty, penalties.isEmpty, !diagnostics.hasErrors {
            reader.complain(about: "rules", .missingKey, "a profile has rules or penalties", advice: "Add `rules: …`")
        }
        try diagnostics.throwErrors()
        // What is missing has been complained about.
        guard let id, let name, let short, let version, let issuer else {
            throw DocumentErrors([node.error(.badValue, "the profile cannot be read")])
        }
        let profile = NormProfile(
            id: id, name: name, short: short, version: version, issuer: issuer, inForce: inForce, sources: sources,
            clock: clock, rings: rings, rules: rules, penalties: penalties)
        return (profile, diagnostics.warnings)
    }

    private static func sources(_ reader: MappingReader) -> [Source] {
        var keys: Set<String> = []
        return list(reader, "sources", "source", isRequired: true) { one in
            guard let key = one.string("key"), let title = one.string("title") else { return nil }
            if !keys.insert(key).inserted { one.complain(about: "key", "the source \"\(key)\" stands twice") }
            let evidence: NormEvidence = one.choice("evidence", default: .document)
            let address = one.optionalString("address")
            if evidence == .read || evidence == .thirdParty, address == nil {
                one.complain(
                    about: "address", .missingKey, "\"address\" is missing in \(one.place)",
                    advice: "Say where it was read")
            }
            return Source(key: key, title: title, evidence: evidence, address: address)
        }
    }

    private static func list<Item>(
        _ reader: MappingReader, _ key: String, _ what: String, isRequired: Bool = false,
        _ read: (MappingReader) -> Item?
    ) -> [Item] {
        guard let node = isRequired ? reader.node(key) : reader.optionalNode(key) else { return [] }
        guard let items = node.items, items.count <= mostRules else {
            reader.complain(about: key, "`\(key)` must be a list of at most \(mostRules)")
            return []
        }
        return items.enumerated().compactMap { index, item in
            let id = item.entries?.first { $0.key == "id" || $0.key == "key" }?.value.text
            let one = MappingReader(
                item, "\(what) \(id.map { "\"\($0.prefix(60))\"" } ?? String(index + 1))", reader.diagnostics)
            let value = read(one)
            one.finish()
            return value
        }
    }
}

/// Reads rules and penalties, and knows which ids are taken.
struct NormDecoder {
    private let sources: [NormProfile.Source]
    private var ids: Set<String> = []

    init(sources: [NormProfile.Source]) { self.sources = sources }

    static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 60
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    }

    /// What rules and penalties have in common.
    private struct Head {
        var id: String
        var items: [String]
        var source: String
        var clause: String
        var words: NormRule.Words
        var evidence: NormEvidence
    }

    private mutating func head(_ reader: MappingReader) -> Head? {
        let id = reader.string("id")
        if let id {
            if !Self.isWord(id) {
                reader.complain(about: "id", "an id has letters, digits and `-`, at most 60, not \"\(id.prefix(60))\"")
            } else if !ids.insert(id).inserted {
                reader.complain(about: "id", "the id \"\(id)\" is taken")
            }
        }
        let items = reader.strings("items")
        if items.isEmpty {
            reader.complain(
                about: "items", .missingKey, "\"items\" is missing in \(reader.place)",
                advice: "Name the items of norms/items.yaml that it answers")
        }
        for item in items where !NormItem.isID(item) {
            reader.complain(about: "items", "\"\(item.prefix(20))\" is no item", advice: "Write A2, A14-rings or B1")
        }
        let source = reader.optionalString("source") ?? (sources.count == 1 ? sources[0].key : nil)
        let document = sources.first { $0.key == source }
        if document == nil, !sources.isEmpty {
            reader.complain(
                about: "source",
                "`source` in \(reader.place) must be one of \(sources.map(\.key).joined(separator: ", "))",
                advice: source.map { Names.advice(for: $0, in: sources.map(\.key)) } ?? "")
        }
        let clause = reader.string("clause")
        let quote = reader.optionalString("quote")
        let paraphrase = reader.optionalString("paraphrase")
        let evidence = reader.optionalChoice("evidence", of: NormEvidence.self) ?? document?.evidence ?? .document
        if (quote == nil) == (paraphrase == nil) {
            reader.complain(
                about: "quote", .missingKey, "\(reader.place) needs `quote` or `paraphrase`, one of them",
                advice: "Quote the document; only where it was not at hand say what is known of it")
        }
        if paraphrase != nil, evidence == .document {
            reader.complain(about: "paraphrase", "a document at hand is quoted, not retold", advice: "Write `quote: …`")
        }
        guard let id, let source, let clause,
            let words = quote.map({ NormRule.Words.quote($0) }) ?? paraphrase.map({ .paraphrase($0) })
        else { return nil }
        return Head(id: id, items: items, source: source, clause: clause, words: words, evidence: evidence)
    }

    // MARK: - Rules

    mutating func rule(_ reader: MappingReader, penalties known: Set<String>) -> NormRule? {
        let head = head(reader)
        let measure = reader.optionalChoice("measure", of: NormMeasure.self)
        let notJudged = reader.optionalString("not_judged")
        if reader.has("measure") == reader.has("not_judged") {
            reader.complain(
                about: "measure", .missingKey, "\(reader.place) needs `measure` or `not_judged`, one of them",
                advice: "Where no measure of the telephone system can judge it, say why with `not_judged`")
        }
        let limit = reader.optionalMapping("limit").flatMap { Self.limit($0) }
        let start = reader.optionalChoice("start", of: NormStart.self)
        let isStated = reader.bool("start_stated", default: true)
        let scope = reader.optionalMapping("scope").map { Self.scope($0) } ?? NormScope()
        let prolongation = reader.optionalMapping("extension").map { Self.prolongation($0) }
        let penalties = reader.strings("penalties")
        for penalty in penalties where !known.contains(penalty) {
            reader.complain(
                about: "penalties", "there is no penalty \"\(penalty.prefix(60))\" in this profile",
                advice: Names.advice(for: penalty, in: known.sorted()))
        }
        let excludes = reader.strings("excludes")
        let inForce = Self.inForce(reader)
        let anomaly = reader.optionalString("anomaly")
        let note = reader.optionalString("note")
        if let measure, let unit = limit?.unit, !measure.units.contains(unit) {
            let units = measure.units.map { NormAmount(2, $0).description.dropFirst(2) }.joined(separator: ", ")
            reader.complain(
                about: "limit",
                "\(measure.rawValue) is not measured in \(NormAmount(2, unit).description.dropFirst(2))",
                advice: units.isEmpty ? "It has no figure: leave the figure out" : "It is measured in \(units)")
        }
        if measure != nil, case .within = limit, start == nil {
            reader.complain(
                about: "start", .missingKey, "\(reader.place) has a limit and no start event",
                advice: "Add `start`; where the document does not name it, choose one and add `start_stated: false`")
        }
        guard let head, measure != nil || notJudged != nil else { return nil }
        if case .quote(let quote) = head.words, let limit {
            Self.compare(limit.figures, quote, reader, limit.description)
        }
        return NormRule(
            id: head.id, items: head.items, source: head.source, clause: head.clause, words: head.words,
            evidence: head.evidence,
            judgement: measure.map { .measured($0) } ?? .notJudged(notJudged ?? ""), scope: scope, limit: limit,
            start: start, isStartStated: isStated, excludes: excludes, prolongation: prolongation,
            penalties: penalties, inForce: inForce, anomaly: anomaly, note: note)
    }

    private static func compare(_ figures: [String], _ quote: String, _ reader: MappingReader, _ what: String) {
        guard !figures.isEmpty, !figures.contains(where: { quote.contains($0) }) else { return }
        reader.diagnostics.add(
            warning: reader.node.error(
                .badValue, "the quotation of \(reader.place) does not contain its figure, \(what)",
                advice: "Compare it with the document"))
    }

    private static func limit(_ reader: MappingReader) -> NormLimit? {
        let keys = ["within", "ahead", "at_least", "every", "weekly", "monthly_by"].filter { reader.has($0) }
        guard keys.count == 1, let key = keys.first else {
            reader.complain(
                about: "within",
                "\(reader.place) must have one of `within`, `ahead`, `at_least`, `every`, `weekly`, `monthly_by`")
            return nil
        }
        defer { reader.finish() }
        if key == "monthly_by" {
            let shift: NormLimit.Shift = reader.choice("shift", default: .none)
            return reader.int(key, in: 1...31).map { .monthlyBy($0, shift) }
        }
        guard let text = reader.string(key) else { return nil }
        switch key {
        case "within":
            if text == "same_day" { return .sameDay }
            if text == "at_once" { return .atOnce }
            if let amount = NormAmount(text) { return .within(amount) }
        case "ahead": if let amount = NormAmount(text) { return .ahead(amount) }
        case "at_least": if let amount = NormAmount(text) { return .atLeast(amount) }
        case "every": if let term = Term(text), term.count > 0 { return .every(term) }
        default: if let index = NormLimit.weekdays.firstIndex(of: text) { return .weekly(index + 1) }
        }
        reader.complain(
            about: key, "`\(key)` in \(reader.place) cannot be \"\(text.prefix(40))\"",
            advice: key == "weekly"
                ? "Write monday … sunday"
                : "Write e.g. 4 rings, 45 minutes, 10 working days, 95 percent\(key == "within" ? ", same_day or at_once" : "")"
        )
        return nil
    }

    private static func scope(_ reader: MappingReader) -> NormScope {
        var scope = NormScope()
        scope.orders = choices(reader, "orders")
        scope.customers = choices(reader, "customers")
        scope.areas = choices(reader, "areas")
        scope.severities = choices(reader, "severities")
        scope.channels = choices(reader, "channels")
        scope.kinds = reader.strings("kinds")
        reader.finish()
        return scope
    }

    private static func choices<Choice>(_ reader: MappingReader, _ key: String) -> [Choice]
    where Choice: RawRepresentable<String> & CaseIterable {
        let names = Choice.allCases.map(\.rawValue)
        return reader.strings(key).compactMap { text in
            if let choice = Choice(rawValue: text) { return choice }
            reader.complain(
                about: key, "`\(key)` knows no \"\(text.prefix(40))\"",
                advice: Names.advice(for: text, in: names, otherwise: "Known: \(names.joined(separator: ", "))"))
            return nil
        }
    }

    private static func prolongation(_ reader: MappingReader) -> NormRule.Prolongation {
        let approvedBy = reader.strings("approved_by")
        let total = amount(reader, "total")
        let addition = amount(reader, "addition")
        let told = reader.bool("customer_told_first", default: false)
        let when = reader.optionalString("when")
        reader.finish()
        return NormRule.Prolongation(
            approvedBy: approvedBy, total: total, addition: addition, isCustomerToldFirst: told, when: when)
    }

    private static func amount(_ reader: MappingReader, _ key: String) -> NormAmount? {
        guard let text = reader.optionalString(key) else { return nil }
        if let amount = NormAmount(text), amount.term != nil { return amount }
        reader.complain(
            about: key, "`\(key)` in \(reader.place) must be a time, not \"\(text.prefix(40))\"",
            advice: "Write 30 working days")
        return nil
    }

    static func inForce(_ reader: MappingReader) -> NormInForce? {
        guard let text = reader.optionalString("in_force") else { return nil }
        switch text {
        case "publication": return .onPublication
        case "unknown": return .unknown
        default:
            if let date = CivilDate(text) { return .from(date) }
            reader.complain(
                about: "in_force", "`in_force` in \(reader.place) is no date: \"\(text.prefix(40))\"",
                advice: "Write 2010-01-01, `publication` where it holds from its publication, or `unknown`")
            return nil
        }
    }

    static func clock(_ reader: MappingReader) -> ClockRules {
        var rules = ClockRules()
        guard let one = reader.optionalMapping("clock") else { return rules }
        rules.startDay = one.choice("start_day", default: rules.startDay)
        rules.lastDay = one.choice("last_day", default: rules.lastDay)
        rules.running = one.choice("hours_run", default: rules.running)
        rules.receipt = one.choice("received", default: rules.receipt)
        rules.dayEnd = one.choice("day_ends", default: rules.dayEnd)
        for text in one.strings("business_hours") {
            guard let span = OpeningHours.Span(text), !rules.businessHours.contains(where: { $0.overlaps(span) }) else {
                one.complain(
                    about: "business_hours", "\"\(text.prefix(40))\" are no business hours, or overlap others",
                    advice: "Write [\"08:30-12:00\", \"14:00-17:30\"]")
                continue
            }
            rules.businessHours.append(span)
        }
        rules.businessHours.sort()
        one.finish()
        return rules
    }

    // MARK: - Penalties

    mutating func penalty(_ reader: MappingReader) -> NormPenalty? {
        let head = head(reader)
        let trigger = reader.optionalChoice("trigger", of: NormPenalty.Trigger.self)
        if trigger == nil, !reader.has("trigger") {
            reader.complain(
                about: "trigger", .missingKey, "\"trigger\" is missing in \(reader.place)", advice: "Add `trigger: …`")
        }
        let who = reader.string("who")
        let amount = Self.amount(reader)
        let per = reader.optionalChoice("per", of: NormPenalty.Per.self)
        let sanction = reader.optionalString("sanction")
        let anomaly = reader.optionalString("anomaly")
        let note = reader.optionalString("note")
        guard let head, let trigger, let who, let amount else { return nil }
        if case .quote(let quote) = head.words {
            for figure in amount.figures { Self.compare([String(figure)], quote, reader, amount.description) }
        }
        return NormPenalty(
            id: head.id, items: head.items, source: head.source, clause: head.clause, words: head.words,
            evidence: head.evidence, trigger: trigger, who: who, amount: amount, per: per, sanction: sanction,
            anomaly: anomaly, note: note)
    }

    /// `yuan: 50`, `yuan_at_least: 800`, `yuan_from: 100` with `yuan_to: 200`, `times: 2`, or none.
    private static func amount(_ reader: MappingReader) -> NormPenalty.Amount? {
        let sums = 1...1_000_000
        let exactly = reader.optionalInt("yuan", in: sums)
        let least = reader.optionalInt("yuan_at_least", in: sums)
        let from = reader.optionalInt("yuan_from", in: sums)
        let to = reader.optionalInt("yuan_to", in: sums)
        let times = reader.optionalInt("times", in: 2...10)
        var found: [NormPenalty.Amount] = []
        if let exactly { found.append(.exactly(exactly)) }
        if let least { found.append(.atLeast(least)) }
        if let times { found.append(.times(times)) }
        switch (from, to) {
        case (let from?, let to?) where from < to: found.append(.range(from, to))
        case (nil, nil): break
        default:
            reader.complain(
                about: from == nil ? "yuan_to" : "yuan_from",
                "`yuan_from` and `yuan_to` come together, the lesser first")
            return nil
        }
        guard found.count <= 1 else {
            reader.complain(
                about: "yuan", "\(reader.place) has more than one sum",
                advice: "Write one of `yuan`, `yuan_at_least`, `yuan_from` with `yuan_to`, `times`")
            return nil
        }
        return found.first ?? .unstated
    }
}
