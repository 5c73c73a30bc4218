import Calls
import Documents
import Lines

extension DocumentError.Code {
    /// A name or number that stands twice.
    static let duplicate = DocumentError.Code("duplicate")
    /// A name that leads nowhere in the file.
    static let unknownName = DocumentError.Code("unknown_name")
    /// Two things that would be dialled alike.
    static let collision = DocumentError.Code("collision")
    /// A secret that others may read, or guess.
    static let exposed = DocumentError.Code("exposed")
    /// What works, but not as one would think.
    static let doubtful = DocumentError.Code("doubtful")
}

extension Roster {
    /// Reads a roster's text.
    /// - Parameters:
    ///   - file: its name, for messages.
    ///   - isPublic: everybody on the machine may read the file.
    ///   - read: gives the text of a file that the roster names.
    /// - Throws: everything wrong with it, in the file's order. No message holds a secret.
    package static func decode(
        _ text: String, file: String, isPublic: Bool = false, numbers: NumberRules = .china,
        read: (String) -> RosterSource
    ) throws(DocumentErrors) -> (roster: Roster, warnings: [DocumentError]) {
        let root: Node
        do throws(DocumentError) {
            root = try Document.parse(text, file: file)
        } catch {
            throw DocumentErrors([error])
        }
        let diagnostics = Diagnostics()
        // The decoder reads files as it goes, and the closure that does so does not outlive it.
        let roster = withoutActuallyEscaping(read) { read in
            var decoder = RosterDecoder(diagnostics: diagnostics, isPublic: isPublic, numbers: numbers, read: read)
            return decoder.roster(MappingReader(root, "the agents' file", diagnostics))
        }
        try diagnostics.throwErrors()
        return (roster, diagnostics.warnings)
    }
}

/// Reads the sections of the agents' file; what is wrong is collected, so that one run shows every error.
struct RosterDecoder {
    let diagnostics: Diagnostics
    let isPublic: Bool
    let numbers: NumberRules
    let read: (String) -> RosterSource

    /// Declared names, with which every reference is compared.
    var departments: [String] = []
    var skills: [String] = []
    /// Where each work number stands.
    private var agentLines: [WorkNumber: Int] = [:]
    /// The first secret that stands in the file itself.
    private var firstSecret: Node?

    init(
        diagnostics: Diagnostics, isPublic: Bool, numbers: NumberRules, read: @escaping (String) -> RosterSource
    ) {
        self.diagnostics = diagnostics
        self.isPublic = isPublic
        self.numbers = numbers
        self.read = read
    }

    /// What could be read; it is of use only where there are no errors.
    mutating func roster(_ reader: MappingReader) -> Roster {
        departments = names(reader, "departments") { text in
            Self.isPlain(text, most: 40) ? nil : "a name of 1 to 40 characters"
        }
        skills = names(reader, "skills") { text in
            Self.isIdentifier(text) ? nil : "a name of a–z, 0–9, `_` and `-`, at most 32"
        }
        let agents = list(reader, "agents", "agents").compactMap { agent($0) }
        let codes = codes(reader)
        let queues = queues(list(reader, "queues", "queues"))
        let conduct = conduct(reader)
        let customers = keyCustomers(reader)
        reader.finish()

        checkCollisions(reader, agents: agents, codes: codes)
        if !agents.isEmpty, !agents.contains(where: { $0.agent.role == .shiftLeader }) {
            warn(
                at: reader.optionalNode("agents") ?? reader.node, .doubtful, "nobody is a shift leader",
                advice: "Give somebody `role: shift_leader`: callers that an agent cannot help go there "
                    + "(002 服务规范 7, 8)")
        }
        for queue in queues {
            guard let skill = queue.rules.skill, !agents.contains(where: { $0.agent.skills.contains(skill) }) else {
                continue
            }
            warn(
                at: reader.optionalNode("queues") ?? reader.node, .doubtful,
                "nobody has the skill \"\(skill)\" of the queue \"\(queue.rules.name)\"",
                advice: "Add it to the skills of an agent")
        }
        if isPublic, let firstSecret {
            warn(
                at: firstSecret, .exposed, "this file holds secrets, and everybody on the machine may read it",
                advice: "`chmod 600 \(firstSecret.file)`, or use `password_file` and `pin_file`")
        }
        return Roster(
            agents: agents, queues: queues, codes: codes, conduct: conduct, keyCustomers: customers.numbers,
            keyCustomerRemarks: customers.remarks,
            departments: departments, skills: skills)
    }

    // MARK: - Agents

    private mutating func agent(_ node: Node) -> RosterAgent? {
        let written = node.entries?.first { $0.key == "number" }?.value.text
        let reader = MappingReader(node, written.map { "agent \"\($0.prefix(20))\"" } ?? "an agent", diagnostics)
        let number = number(reader)
        let name = reader.string("name")
        if let name, !Self.isPlain(name, most: 40) {
            reader.complain(about: "name", "name in \(reader.place) must have 1 to 40 characters, none of them control")
        }
        let role = reader.choice("role", default: AgentRole.agent)
        let department = reader.optionalNode("department").flatMap {
            reference($0, "department", in: departments, list: "departments")
        }
        let skills = Set(
            items(reader, "skills").compactMap { reference($0, "skill", in: self.skills, list: "skills") })
        let password = secret(reader, "password", isRequired: true) { text in
            if text.unicodeScalars.count < 8 { return "must have at least 8 characters" }
            if !Self.isPlain(text, most: 128) { return "must have at most 128 characters, none of them control" }
            return text == written ? "must not be the work number" : nil
        }
        let pin = secret(reader, "pin", isRequired: false) { text in
            (4...8).contains(text.utf8.count) && Self.isDigits(text) ? nil : "must have 4 to 8 digits"
        }
        reader.finish()
        guard let number, let name, let password else { return nil }
        return RosterAgent(
            agent: Agent(number: number, name: name, role: role, department: department ?? "", skills: skills),
            password: password, pin: pin)
    }

    private mutating func number(_ reader: MappingReader) -> WorkNumber? {
        guard let text = reader.string("number") else { return nil }
        guard let number = WorkNumber(text) else {
            reader.complain(
                about: "number", "\"\(text.prefix(40))\" is no work number", advice: "Use 1 to 12 letters and digits")
            return nil
        }
        let line = reader.position(of: "number").line
        if let first = agentLines[number] {
            reader.complain(
                about: "number", .duplicate, "the work number \(number) is taken in line \(first)",
                advice: "Give each agent a number of their own")
        } else {
            agentLines[number] = line
        }
        return number
    }

    /// `password` or `password_file`, `pin` or `pin_file`.
    /// - Parameter wrong: what a secret must be and is not; nil where it is right.
    private mutating func secret(
        _ reader: MappingReader, _ key: String, isRequired: Bool, wrong: (String) -> String?
    ) -> Secret? {
        let inline = reader.optionalNode(key)
        let named = reader.optionalString("\(key)_file")
        if let inline, named == nil {
            guard let text = reader.optionalString(key) else { return nil }
            if firstSecret == nil { firstSecret = inline }
            if text.hasPrefix("example-") {
                warn(
                    at: inline, .exposed, "the \(key) of \(reader.place) is one of the example",
                    advice: "Choose another before a phone can reach this machine")
            }
            guard let wrong = wrong(text) else { return Secret(text) }
            reader.complain(about: key, "the \(key) of \(reader.place) \(wrong)")
            return nil
        }
        guard let named else {
            // A file's name that is no text has been complained about.
            if isRequired, reader.optionalNode("\(key)_file") == nil {
                diagnostics.add(
                    error: reader.node.error(
                        .missingKey, "\(reader.place) has no \(key)", advice: "Add `\(key)_file: …` or `\(key): …`"))
            }
            return nil
        }
        if inline != nil {
            reader.complain(
                about: key, "\(reader.place) has both \(key) and \(key)_file", advice: "Keep `\(key)_file`")
            return nil
        }
        switch read(named) {
        case .unreadable(let why):
            reader.complain(
                about: "\(key)_file", .unreadable, "\(named): \(why)", advice: "Name a file with the \(key)")
            return nil
        case .text(let text, let isPublic):
            let line = String(text.prefix { !$0.isNewline })
            if isPublic, let node = reader.optionalNode("\(key)_file") {
                warn(
                    at: node, .exposed, "everybody on the machine may read \(named)", advice: "`chmod 600 \(named)`")
            }
            guard let wrong = wrong(line) else { return Secret(line) }
            reader.complain(
                about: "\(key)_file", "the \(key) in the first line of \(named) \(wrong)", advice: "Mend that file")
            return nil
        }
    }

    // MARK: - Feature codes

    private func codes(_ reader: MappingReader) -> FeatureCodes {
        guard let section = reader.optionalMapping("feature_codes") else { return .standard }
        defer { section.finish() }
        var codes: [FeatureCode: String] = [:]
        for code in FeatureCode.allCases {
            guard let text = section.optionalString(code.rawValue) else {
                codes[code] = section.optionalNode(code.rawValue) == nil ? code.standard : nil
                continue
            }
            if text == "none" { continue }
            guard (2...6).contains(text.utf8.count), text.utf8.allSatisfy(Self.isKey) else {
                section.complain(
                    about: code.rawValue, "\(code.rawValue): \"\(text.prefix(20))\" is no feature code",
                    advice: "Use 2 to 6 of the keys 0–9, `*` and `#`, in quotes, e.g. \"\(code.standard)\"; "
                        + "`none` switches it off")
                continue
            }
            codes[code] = text
        }
        // A code that begins like another one could not be told from it before the last key.
        for code in FeatureCode.allCases {
            for other in FeatureCode.allCases where other != code {
                guard let keys = codes[code], let longer = codes[other], longer.hasPrefix(keys),
                    longer != keys || code.rawValue < other.rawValue
                else { continue }
                let about = section.has(other.rawValue) ? other : code
                section.complain(
                    about: about.rawValue, .collision,
                    longer == keys
                        ? "\(code.rawValue) and \(other.rawValue) have the same code \"\(keys)\""
                        : "the code \"\(longer)\" of \(other.rawValue) begins with \"\(keys)\" of \(code.rawValue)",
                    advice: "Choose codes of which none begins with another")
            }
        }
        return FeatureCodes(codes: codes)
    }

    // MARK: - Conduct

    private func conduct(_ reader: MappingReader) -> ConductRules {
        var rules = ConductRules()
        guard let section = reader.optionalMapping("conduct") else { return rules }
        defer { section.finish() }
        rules.handOverFrom = section.int("hand_over_from", in: CallMark.degrees, default: rules.handOverFrom)
        rules.callBackDropped = section.choice("callback_dropped", default: rules.callBackDropped)
        rules.callBackDroppedDueMilliseconds =
            section.optionalMilliseconds("callback_dropped_due", in: 60_000...86_400_000).map { Int64($0) }
            ?? rules.callBackDroppedDueMilliseconds
        return rules
    }

    private func checkCollisions(_ reader: MappingReader, agents: [RosterAgent], codes: FeatureCodes) {
        let nodes = reader.optionalNode("agents")?.items ?? []
        for node in nodes {
            guard let value = node.entries?.first(where: { $0.key == "number" })?.value, let number = value.text else {
                continue
            }
            for code in FeatureCode.allCases {
                guard let keys = codes.codes[code], number.hasPrefix(keys) else { continue }
                diagnostics.add(
                    error: value.error(
                        .collision,
                        "the work number \(number.prefix(20)) begins with the feature code \"\(keys)\" (\(code.rawValue))",
                        advice: "Let feature codes begin with `*`"))
            }
        }
    }

    // MARK: - Key customers

    /// In characters.
    private static let longestRemark = 200

    /// Numbers, and the remarks of those that have one.
    private func keyCustomers(_ reader: MappingReader) -> (numbers: Set<String>, remarks: [String: String]) {
        var found: Set<String> = []
        var remarks: [String: String] = [:]
        for item in items(reader, "key_customers") {
            guard let text = item.text, let number = customer(text) else {
                diagnostics.add(
                    error: item.error(
                        .badValue, "\"\((item.text ?? item.kindName).prefix(40))\" is no telephone number",
                        advice: "Write it as it is dialled, in quotes"))
                continue
            }
            found.insert(number)
        }
        guard let named = reader.optionalString("key_customers_file") else { return (found, remarks) }
        switch read(named) {
        case .unreadable(let why):
            reader.complain(
                about: "key_customers_file", .unreadable, "\(named): \(why)",
                advice: "Name a file with one number a line")
        case .text(let text, _):
            for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            {
                // A number, and after `#` whose it is.
                let written = line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
                if written.isEmpty { continue }
                if let number = customer(written) {
                    found.insert(number)
                    let remark = line.drop { $0 != "#" }.drop { $0 == "#" || $0.isWhitespace }
                    if !remark.isEmpty { remarks[number] = String(remark.prefix(Self.longestRemark)) }
                } else {
                    diagnostics.add(
                        error: DocumentError(
                            .badValue, file: named, line: index + 1, column: 1,
                            message: "\"\(written.prefix(40))\" is no telephone number",
                            advice: "Write one number a line, and remarks behind `#`"))
                }
            }
        }
        return (found, remarks)
    }

    private func customer(_ text: String) -> String? { Self.customer(text, numbers) }

    /// A telephone number as offers carry it; nil for what is none.
    static func customer(_ text: String, _ numbers: NumberRules) -> String? {
        guard let number = numbers.normalise(text) else { return nil }
        let digits = number.hasPrefix("+") ? number.dropFirst() : number[...]
        return (3...20).contains(digits.utf8.count) && isDigits(digits) ? number : nil
    }

    // MARK: - Parts

    /// A list of mappings that must be there and not be empty.
    private func list(_ reader: MappingReader, _ key: String, _ what: String) -> [Node] {
        guard let node = reader.node(key) else { return [] }
        guard let items = node.items, !items.isEmpty else {
            reader.complain(about: key, "\(key) must be a list with at least one entry", advice: "Write `- …` lines")
            return []
        }
        return items
    }

    /// Declared names, each once.
    private func names(_ reader: MappingReader, _ key: String, wanted: (String) -> String?) -> [String] {
        var lines: [String: Int] = [:]
        return items(reader, key).compactMap { item in
            guard let text = item.text else {
                diagnostics.add(error: item.error(.badValue, "\(key) must hold names, not \(item.kindName)"))
                return nil
            }
            if let wanted = wanted(text) {
                diagnostics.add(error: item.error(.badValue, "\(key): \"\(text.prefix(40))\" must be \(wanted)"))
                return nil
            }
            if let first = lines.updateValue(item.position.line, forKey: text) {
                diagnostics.add(
                    error: item.error(.duplicate, "\(key): \"\(text)\" stands in line \(first) already"))
                return nil
            }
            return text
        }
    }

    /// A name that must be one of those declared.
    func reference(_ node: Node, _ what: String, in known: [String], list: String) -> String? {
        guard let text = node.text else {
            diagnostics.add(error: node.error(.badValue, "a \(what) must be a text, not \(node.kindName)"))
            return nil
        }
        guard known.contains(text) else {
            diagnostics.add(
                error: node.error(
                    .unknownName, "unknown \(what) \"\(text.prefix(40))\"",
                    advice: Names.advice(for: text, in: known, otherwise: "Add it to `\(list):` at the top")))
            return nil
        }
        return text
    }

    /// The items of a list, a single value as a list of one; empty where the key is missing.
    func items(_ reader: MappingReader, _ key: String) -> [Node] {
        reader.optionalNode(key).map { $0.items ?? [$0] } ?? []
    }

    func warn(at node: Node, _ code: DocumentError.Code, _ message: String, advice: String) {
        diagnostics.add(warning: node.error(code, message, advice: advice))
    }

    /// Whether the number is an agent's of this file.
    func isKnown(_ number: WorkNumber) -> Bool { agentLines[number] != nil }

    var knownNumbers: [String] { agentLines.keys.sorted().map(\.text) }

    static func isIdentifier(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 || $0 == 45 }
    }

    private static func isPlain(_ text: String, most: Int) -> Bool {
        (1...most).contains(text.unicodeScalars.count)
            && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    static func isDigits(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { (48...57).contains($0) }
    }

    private static func isKey(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || byte == UInt8(ascii: "*") || byte == UInt8(ascii: "#")
    }
}
