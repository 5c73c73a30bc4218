import Documents

extension RetentionPolicy {
    /// The words that conditions may use; what they mean is the exchange's affair.
    public struct Vocabulary: Sendable {
        public var outcomes: [String]
        public var marks: [String]
        public var purposes: [String]
        public var directions: [String]

        public init(outcomes: [String], marks: [String], purposes: [String], directions: [String]) {
            self.outcomes = outcomes
            self.marks = marks
            self.purposes = purposes
            self.directions = directions
        }
    }

    private static let mostRules = 200

    /// Reads a policy file (docs/retention.md).
    /// - Parameters:
    ///   - file: its name, for messages.
    ///   - known: what conditions may say.
    /// - Returns: the policy, and what should be mended though it stops nothing.
    /// - Throws: everything wrong with it, each with its place.
    public static func decode(
        _ text: String, file: String, known: Vocabulary
    ) throws(DocumentErrors) -> (policy: RetentionPolicy, warnings: [DocumentError]) {
        let node: Node
        do throws(DocumentError) {
            node = try Document.parse(text, file: file)
        } catch {
            throw DocumentErrors([error])
        }
        let diagnostics = Diagnostics()
        let reader = MappingReader(node, "the retention policy", diagnostics)
        let name = reader.string("name")
        let version = reader.string("version")
        var decoder = RuleDecoder(known: known)
        let otherwise = reader.mapping("otherwise").flatMap { decoder.rule($0, id: "otherwise") }
        let minima = decoder.rules(reader, "minimum", takesClosed: false)
        let rules = decoder.rules(reader, "rules", takesClosed: true)
        let assumed = RuleDecoder.period(reader, "assume_closed_after", isRequired: true)
        let archive = RuleDecoder.period(reader, "archive_after", isRequired: false)
        let callData: CallData = reader.choice("call_data", default: .keep)
        reader.finish()
        if minima.isEmpty, !diagnostics.hasErrors {
            diagnostics.add(
                warning: node.error(
                    .missingKey, "no `minimum` is given: whatever a person wishes erased goes at once",
                    advice: "State the law's least period, with its clause"))
        }
        try diagnostics.throwErrors()
        // What is missing has been complained about.
        guard let name, let version, let otherwise, let assumed else {
            throw DocumentErrors([node.error(.badValue, "the retention policy cannot be read")])
        }
        let policy = RetentionPolicy(
            name: name, version: version, rules: rules, otherwise: otherwise, minima: minima,
            assumeClosedAfter: assumed, archiveAfter: archive, callData: callData)
        return (policy, diagnostics.warnings)
    }

    /// Reads rules, and knows which ids are taken.
    private struct RuleDecoder {
        let known: Vocabulary
        private var ids: Set<String> = ["hold", "call_open", "unheard", "order_open", "person"]

        init(known: Vocabulary) { self.known = known }

        mutating func rules(_ reader: MappingReader, _ key: String, takesClosed: Bool) -> [Rule] {
            guard let node = reader.optionalNode(key) else { return [] }
            guard let items = node.items else {
                reader.complain(about: key, "`\(key)` must be a list of rules, each with `id`, `keep` and `clause`")
                return []
            }
            guard items.count <= mostRules else {
                reader.complain(about: key, "`\(key)` has more than \(mostRules) rules")
                return []
            }
            return items.enumerated().compactMap { index, item in
                let one = MappingReader(item, "\(key) \(index + 1)", reader.diagnostics)
                guard let id = one.string("id") else { return nil }
                let rule = rule(one, id: id)
                if !takesClosed, rule?.start == .closed {
                    one.complain(about: "from", "a minimum counts from the recording itself: leave `from` out")
                }
                return rule
            }
        }

        mutating func rule(_ reader: MappingReader, id: String) -> Rule? {
            let isWord =
                !id.isEmpty && id.utf8.count <= 40
                && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
            if !isWord {
                reader.complain(
                    about: "id", "an id has letters, digits, `-` and `_`, at most 40, not \"\(id.prefix(60))\"")
            } else if !ids.insert(id).inserted {
                reader.complain(about: "id", "the id \"\(id)\" is taken: by another rule, or by the program itself")
            }
            let keep = Self.period(reader, "keep", isRequired: true)
            let start: Start = reader.choice("from", default: .recorded)
            let clause = reader.string("clause")
            var conditions = Conditions()
            if id != "otherwise" {
                conditions.categories = words(reader, "category", nil)
                conditions.outcomes = words(reader, "outcome", known.outcomes)
                conditions.marks = words(reader, "mark", known.marks)
                conditions.purposes = words(reader, "purpose", known.purposes)
                conditions.directions = words(reader, "direction", known.directions)
            }
            reader.finish()
            guard let keep, let clause else { return nil }
            return Rule(id: id, conditions: conditions, keep: keep, start: start, clause: clause)
        }

        /// - Parameter allowed: nil: any word.
        private func words(_ reader: MappingReader, _ key: String, _ allowed: [String]?) -> [String] {
            guard let words = reader.optionalStrings(key) else { return [] }
            if words.isEmpty {
                reader.complain(about: key, "`\(key)` is an empty list, which no recording fits: leave it out")
            }
            guard let allowed else { return words }
            for word in words where !allowed.contains(word) {
                reader.complain(
                    about: key, "`\(key)` knows no \"\(word.prefix(60))\"",
                    advice: Names.advice(for: word, in: allowed, otherwise: "Known: \(allowed.joined(separator: ", "))")
                )
            }
            return words
        }

        static func period(_ reader: MappingReader, _ key: String, isRequired: Bool) -> CalendarPeriod? {
            guard let text = isRequired ? reader.string(key) : reader.optionalString(key) else { return nil }
            if let period = CalendarPeriod(text) { return period }
            reader.complain(
                about: key, "`\(key)` in \(reader.place) must be a period, not \"\(text.prefix(60))\"",
                advice: "Write 90 days, 6 months or 3 years")
            return nil
        }
    }
}
