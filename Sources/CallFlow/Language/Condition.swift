import Documents

/// One condition of a branch. All conditions of a case must hold.
struct Condition: Sendable {
    private enum Test: Sendable {
        case oneOf([String])
        case present(Bool)
        /// Whole numbers, both ends included.
        case between(Int, Int)
        /// Minutes since midnight, from inclusive, to exclusive; from > to runs over midnight.
        case timeOfDay(Int, Int)
        /// ISO 8601: 1 Monday … 7 Sunday.
        case weekdays(Set<Int>)
    }

    private let variable: String
    private let test: Test
    /// For drawings.
    let label: String
    /// The variable read, with where it stands; nil for the clock's own.
    let reads: Template?

    private static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// Reads every condition that a case states.
    static func decode(_ reader: MappingReader) -> [Condition] {
        var result: [Condition] = []
        let equals = reader.optionalString("equals").map { [$0] }
        let oneOf = reader.optionalStrings("one_of")
        let present = reader.optionalBool("present")
        let from = reader.optionalInt("from", in: -1_000_000_000...1_000_000_000)
        let to = reader.optionalInt("to", in: -1_000_000_000...1_000_000_000)
        let hasTest = ["equals", "one_of", "present", "from", "to"].contains { reader.has($0) }
        if let name = reader.optionalString("variable"), let node = reader.optionalNode("variable") {
            let reads = Template.isName(name) ? Template("${\(name)}", node, reader.diagnostics) : nil
            if reads == nil {
                reader.complain(about: "variable", "\"\(name.prefix(60))\" in \(reader.place) is no variable's name")
            }
            func add(_ test: Test, _ label: String) {
                result.append(Condition(variable: name, test: test, label: label, reads: reads))
            }
            if let values = equals ?? oneOf { add(.oneOf(values), "\(name) is \(values.joined(separator: " or "))") }
            if let present { add(.present(present), "\(name) is \(present ? "set" : "not set")") }
            if from != nil || to != nil {
                add(
                    .between(from ?? .min, to ?? .max),
                    "\(name) is \(from.map { "from \($0) " } ?? "")\(to.map { "to \($0)" } ?? "on")")
            }
            if !hasTest {
                reader.complain(
                    about: "variable", .missingKey, "\(reader.place) tests nothing of \(name)",
                    advice: "Add `equals`, `one_of`, `present`, or `from` and `to`")
            }
        } else if hasTest {
            reader.complain(
                about: "variable", .missingKey, "\(reader.place) names no variable", advice: "Add `variable: name`")
        }
        if let text = reader.optionalString("time") {
            if let (from, to) = times(text) {
                result.append(
                    Condition(variable: "time.minutes", test: .timeOfDay(from, to), label: "time \(text)", reads: nil))
            } else {
                reader.complain(
                    about: "time", "\"\(text.prefix(40))\" in \(reader.place) is no range of times",
                    advice: "Write \"08:00-18:00\"; \"22:00-06:00\" runs over midnight")
            }
        }
        if let names = reader.optionalStrings("weekdays") {
            let numbers = names.compactMap { name -> Int? in
                if let index = days.firstIndex(of: name) { return index + 1 }
                reader.complain(
                    about: "weekdays", "\"\(name.prefix(20))\" in \(reader.place) is no weekday",
                    advice: "Write \(days.joined(separator: ", "))")
                return nil
            }
            result.append(
                Condition(
                    variable: "time.weekday", test: .weekdays(Set(numbers)), label: names.joined(separator: "/"),
                    reads: nil))
        }
        return result
    }

    private static func times(_ text: String) -> (Int, Int)? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { part -> Int? in
            let fields = part.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count == 2,
                fields.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (48...57).contains($0) } }),
                let hour = Int(fields[0]), let minute = Int(fields[1]), minute < 60, hour * 60 + minute <= 1440
            else { return nil }
            return hour * 60 + minute
        }
        guard parts.count == 2, let from = parts[0], let to = parts[1], from != to else { return nil }
        return (from, to)
    }

    static let presence = ["", "1"]

    /// Values that make the condition hold, and values that do not.
    var samples: (variable: String, values: [String]) {
        let values: [String] =
            switch test {
            case .oneOf(let values): values + ["other"]
            case .present: Self.presence
            case .between(let from, let to):
                [from, to].filter { $0 != .min && $0 != .max }.map(String.init) + ["-2000000000"]
            case .timeOfDay(let from, let to): [String(from), String(to % 1440)]
            case .weekdays: (1...7).map(String.init)
            }
        return (variable, values)
    }

    /// Leaves those values of the variable with which the condition holds, or fails.
    func narrow(_ domains: inout [String: [String]], holding: Bool) {
        domains[variable] = (domains[variable] ?? [""]).filter { holds([variable: $0]) == holding }
    }

    func holds(_ variables: [String: String]) -> Bool {
        let value = variables[variable] ?? ""
        switch test {
        case .oneOf(let values): return values.contains(value)
        case .present(let wanted): return value.isEmpty != wanted
        case .between(let from, let to): return Int(value).map { $0 >= from && $0 <= to } ?? false
        case .timeOfDay(let from, let to):
            guard let minutes = Int(value) else { return false }
            return from < to ? minutes >= from && minutes < to : minutes >= from || minutes < to
        case .weekdays(let days): return Int(value).map(days.contains) ?? false
        }
    }
}
