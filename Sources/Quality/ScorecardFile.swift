import Documents
import Norms

extension Scorecard {
    private static let mostItems = 130
    private static let mostPoints = 100
    private static let mostSteps = 10

    /// Reads a scorecard's file (docs/quality.md).
    /// - Parameters:
    ///   - file: its name, for messages.
    ///   - profiles: those that it may refer to.
    /// - Throws: everything wrong with it, each with its place.
    public static func decode(
        _ text: String, file: String, profiles: [NormProfile]
    ) throws(DocumentErrors) -> Scorecard {
        let node: Node
        do throws(DocumentError) {
            node = try Document.parse(text, file: file)
        } catch {
            throw DocumentErrors([error])
        }
        let diagnostics = Diagnostics()
        let reader = MappingReader(node, "the scorecard", diagnostics)
        let id = reader.string("id")
        if let id, !isWord(id) { reader.complain(about: "id", "an id has small letters, digits and `-`, at most 60") }
        let version = reader.string("version")
        let title = words(reader, "title")
        let profileID = reader.string("profile")
        let profile = profiles.first { $0.id == profileID }
        if let profileID, profile == nil {
            reader.complain(
                about: "profile", .unknownName, "there is no norm profile \"\(profileID.prefix(60))\"",
                advice: Names.advice(
                    for: profileID, in: profiles.map(\.id),
                    otherwise: "There are: \(profiles.map(\.id).joined(separator: ", "))"))
        }
        let pass = reader.int("pass", in: 0...100)
        let days = reader.int("appeal_days", in: 0...60)
        var seen: Set<String> = []
        var groups: [Group] = []
        for one in reader.list("groups", what: "group") {
            if let group = group(one, profile, &seen) { groups.append(group) }
        }
        reader.finish()
        if groups.isEmpty, !diagnostics.hasErrors {
            reader.complain(about: "groups", .missingKey, "a scorecard has groups of items", advice: "Add `groups: …`")
        }
        if seen.count > mostItems {
            reader.complain(about: "groups", "a scorecard has \(mostItems) items at most, not \(seen.count)")
        }
        try diagnostics.throwErrors()
        // What is missing has been complained about.
        guard let id, let version, let title, let profileID, let pass, let days else {
            throw DocumentErrors([node.error(.badValue, "the scorecard cannot be read")])
        }
        return Scorecard(
            id: id, version: version, title: title, profile: profileID, pass: pass, appealDays: days, groups: groups)
    }

    private static func group(_ reader: MappingReader, _ profile: NormProfile?, _ seen: inout Set<String>) -> Group? {
        let id = reader.string("id")
        let title = words(reader, "title")
        var items: [Item] = []
        for one in reader.list("items", what: "item") {
            if let item = item(one, profile, &seen) { items.append(item) }
        }
        reader.finish()
        guard let id, let title else { return nil }
        return Group(id: id, words: title, items: items)
    }

    private static func item(_ reader: MappingReader, _ profile: NormProfile?, _ seen: inout Set<String>) -> Item? {
        let id = reader.string("id")
        if let id {
            if !isWord(id) { reader.complain(about: "id", "an id has small letters, digits and `-`, at most 60") }
            if !seen.insert(id).inserted { reader.complain(about: "id", "the item \"\(id)\" stands twice") }
        }
        let clause = reader.string("clause")
        let text = words(reader, "text")
        let points = reader.int("points", in: 1...mostPoints)
        let scale = reader.int("scale", in: 1...mostSteps, default: 1)
        let isCritical = reader.bool("critical", default: false)
        let source = source(reader, profile)
        reader.finish()
        guard let id, let clause, let text, let points else { return nil }
        return Item(
            id: id, clause: clause, words: text, points: points, scale: scale, isCritical: isCritical, source: source)
    }

    /// `rule: yq-rings`, or `figure: over_talk` with `at_most: 5` or `at_least: …`.
    private static func source(_ reader: MappingReader, _ profile: NormProfile?) -> Source? {
        let rule = reader.optionalString("rule")
        let figure: SoundFigure? = reader.optionalChoice("figure")
        let least = reader.optionalInt("at_least", in: 0...100)
        let most = reader.optionalInt("at_most", in: 0...100)
        if let rule {
            if figure != nil {
                reader.complain(
                    about: "figure", "an item has a `rule` or a `figure`, not both", advice: "Leave one out")
            }
            if let profile, profile.rule(rule)?.measure?.subject != .call {
                let known = profile.rules.filter { $0.measure?.subject == .call }.map(\.id)
                reader.complain(
                    about: "rule", .unknownName,
                    "\(profile.id) has no rule \"\(rule.prefix(60))\" that is judged of calls",
                    advice: Names.advice(for: rule, in: known, otherwise: "There are: \(known.joined(separator: ", "))")
                )
            }
            return .rule(rule)
        }
        guard let figure else {
            if least != nil || most != nil {
                reader.complain(
                    about: least != nil ? "at_least" : "at_most", "a bound belongs to a `figure`",
                    advice: "Name one of \(SoundFigure.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return nil
        }
        if least != nil, most != nil {
            reader.complain(about: "at_most", "a figure has `at_least` or `at_most`, not both", advice: "Leave one out")
        }
        if figure == .longestSilence, least != nil {
            reader.complain(
                about: "at_least", "no silence is too short: `longest_silence` has `at_most`, in seconds",
                advice: "Write `at_most: …`")
        }
        return .figure(figure, least.map { .atLeast($0) } ?? most.map { .atMost($0) })
    }

    /// `{zh: …, en: …}`.
    private static func words(_ reader: MappingReader, _ key: String) -> Words? {
        guard let words = reader.mapping(key) else { return nil }
        let chinese = words.string("zh")
        let english = words.string("en")
        words.finish()
        guard let chinese, let english else { return nil }
        return Words(chinese: chinese, english: english)
    }

    private static func isWord(_ text: String) -> Bool {
        (1...60).contains(text.utf8.count)
            && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }
}
