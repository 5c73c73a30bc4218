/// One command out of a command line (ITU-T V.250 §5.2 to §5.4).
struct SimulatedCommand: Sendable, Equatable {
    enum Operation: Sendable, Equatable {
        /// `ATA`, `AT+CSQ`
        case execute
        /// `AT+CREG?`
        case read
        /// `AT+CREG=?`
        case test
        /// `AT+CREG=1`, `ATE0`, `ATD10086;`
        case set(String)
    }

    /// In capitals, extended ones with their sign: `E`, `&F`, `D`, `+CREG`, `^DSCI`.
    var name: String
    var operation: Operation

    /// The parts of a `set` between commas, outside quotes and without them; empty for other operations.
    var parameters: [String] {
        guard case .set(let text) = operation else { return [] }
        var parts = [""]
        var isQuoted = false
        for character in text {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: parts.append("")
            default: parts[parts.count - 1].append(character)
            }
        }
        return parts
    }

    /// A parameter as a whole number; nil where it is missing or something else.
    func number(_ index: Int = 0) -> Int? {
        let parts = parameters
        guard parts.indices.contains(index) else { return nil }
        return Int(parts[index])
    }

    /// Takes a line after its `AT` apart; nil where it is no list of commands.
    static func split(_ line: Substring) -> [SimulatedCommand]? {
        var rest = line.drop { $0 == " " }
        var commands: [SimulatedCommand] = []
        while let first = rest.first {
            guard commands.count < 32 else { return nil }
            if first == ";" || first == " " {
                rest.removeFirst()
            } else if "+^*$".contains(first) {
                commands.append(extended(&rest))
            } else if let command = basic(&rest) {
                commands.append(command)
            } else {
                return nil
            }
        }
        return commands
    }

    private static func extended(_ rest: inout Substring) -> SimulatedCommand {
        var text = ""
        var isQuoted = false
        while let character = rest.first, isQuoted || character != ";" {
            if character == "\"" { isQuoted.toggle() }
            text.append(character)
            rest.removeFirst()
        }
        let name = text.prefix { $0 != "=" && $0 != "?" }.uppercased()
        let tail = text.dropFirst(name.count)
        let operation: Operation =
            switch tail {
            case "": .execute
            case "?": .read
            case "=?": .test
            default: .set(String(tail.dropFirst()))
            }
        return SimulatedCommand(name: name, operation: operation)
    }

    private static func basic(_ rest: inout Substring) -> SimulatedCommand? {
        guard let first = rest.popFirst() else { return nil }
        var name = first.uppercased()
        if name == "D" {
            // Everything up to the end or the `;` that makes it a call for speech; the `;` is kept.
            var number = rest.prefix { $0 != ";" }
            rest.removeFirst(number.count)
            if rest.first == ";" { number += String(rest.removeFirst()) }
            return SimulatedCommand(name: "D", operation: .set(String(number)))
        }
        if name == "&" {
            guard let second = rest.popFirst() else { return nil }
            name += second.uppercased()
        }
        guard name.allSatisfy({ $0 == "&" || $0.isASCII && $0.isLetter }) else { return nil }
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest.removeFirst(digits.count)
        if name == "S" {
            name += digits
            if rest.first == "?" {
                rest.removeFirst()
                return SimulatedCommand(name: name, operation: .read)
            }
            guard rest.popFirst() == "=" else { return nil }
            let value = rest.prefix { $0.isASCII && $0.isNumber }
            rest.removeFirst(value.count)
            return SimulatedCommand(name: name, operation: .set(String(value)))
        }
        return SimulatedCommand(name: name, operation: digits.isEmpty ? .execute : .set(String(digits)))
    }
}
