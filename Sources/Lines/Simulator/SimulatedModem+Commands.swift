/// The commands of V.250 and TS 27.007.
extension SimulatedModem {
    /// - Parameter lines: what the command has to tell before its result.
    mutating func perform(_ command: SimulatedCommand, _ lines: inout [String]) -> SimulatedResult {
        if let result = performBasic(command, &lines) { return result }
        if let result = performIdentity(command, &lines) { return result }
        if let result = performCard(command, &lines) { return result }
        if let result = performCall(command, &lines) { return result }
        if let result = performVendor(command, &lines) { return result }
        if let result = performPlain(command, &lines) { return result }
        return kind == .generic ? .unknown : .error
    }

    private mutating func performBasic(_ command: SimulatedCommand, _ lines: inout [String]) -> SimulatedResult? {
        let number = command.number() ?? 0
        switch command.name {
        case "E", "V":
            guard (0...1).contains(number) else { return .error }
            if command.name == "E" { values.echo = number == 1 } else { values.verbose = number == 1 }
        case "Q", "X", "L", "M", "&C", "&D", "&W", "&K": break
        case "I": lines += kind.identification
        case "Z", "&F": reset()
        case "S0":
            guard case .set = command.operation else {
                lines.append(
                    // Three digits.
                    String(String(1000 + values.autoAnswer).dropFirst()))
                return .ok
            }
            guard (0...255).contains(number) else { return .error }
            values.autoAnswer = number
        case let name where name.hasPrefix("S"): break
        case "A": return answer()
        case "H": return hangUp()
        case "D": return dial(command)
        default: return nil
        }
        return .ok
    }

    /// The settings of a fresh start; calls stay.
    private mutating func reset() {
        values = Volatile(hangUpControl: kind.hangUpControl)
        updateSpeech()
    }

    private mutating func performIdentity(_ command: SimulatedCommand, _ lines: inout [String]) -> SimulatedResult? {
        switch (command.name, command.operation) {
        case ("+CGMI", .execute), ("+GMI", .execute): lines.append(kind.manufacturer)
        case ("+CGMM", .execute), ("+GMM", .execute): lines.append(kind.model)
        case ("+CGMR", .execute), ("+GMR", .execute):
            lines.append(kind == .simcom ? "+CGMR: \(kind.revision)" : kind.revision)
        case ("+CGSN", .execute), ("+GSN", .execute): lines.append(ModemKind.imei)
        case ("+CGMI", .test), ("+CGMM", .test), ("+CGMR", .test), ("+CGSN", .test): break
        case ("+CMEE", _): return setting(command, &lines, \.errors, 0...2)
        case ("+CSQ", .execute): lines.append("+CSQ: \(registration.hasService ? settings.signal : 99),99")
        case ("+COPS", .read):
            lines.append(registration.hasService ? "+COPS: 0,0,\"CHINA MOBILE\",7" : "+COPS: 0")
        case ("+COPS", .set): return command.number() == 0 ? .ok : .notSupported
        case ("+CREG", _), ("+CEREG", _), ("+CGREG", _): return registrationCommand(command, &lines)
        case ("+CEER", .execute):
            lines.append("+CEER: \(lastCause?.text ?? "No cause information available")")
        default: return nil
        }
        return .ok
    }

    private mutating func registrationCommand(
        _ command: SimulatedCommand, _ lines: inout [String]
    ) -> SimulatedResult {
        let reports = values.registrationReports[command.name] ?? 0
        switch command.operation {
        case .read: lines.append("\(command.name): \(reports),\(registration.number)\(reports == 2 ? place : "")")
        case .test: lines.append("\(command.name): (0-2)")
        case .set:
            guard let number = command.number(), (0...2).contains(number) else { return .error }
            values.registrationReports[command.name] = number
        case .execute: return .error
        }
        return .ok
    }

    /// A setting that is a whole number of one parameter.
    mutating func setting(
        _ command: SimulatedCommand, _ lines: inout [String], _ path: WritableKeyPath<Volatile, Int>,
        _ range: ClosedRange<Int>
    ) -> SimulatedResult {
        switch command.operation {
        case .read: lines.append("\(command.name): \(values[keyPath: path])")
        case .test: lines.append("\(command.name): (\(range.lowerBound)-\(range.upperBound))")
        case .set:
            guard let number = command.number(), range.contains(number) else { return .error }
            values[keyPath: path] = number
        case .execute: return .error
        }
        return .ok
    }

    // MARK: - Card and functionality

    private mutating func performCard(_ command: SimulatedCommand, _ lines: inout [String]) -> SimulatedResult? {
        switch (command.name, command.operation) {
        case ("+CPIN", .read):
            guard let text = cardText else { return .noCard }
            lines.append("+CPIN: \(text)")
        case ("+CPIN", .set): return unlock(command.parameters)
        case ("+CIMI", .execute), ("+CCID", .execute), ("+QCCID", .execute):
            if let refusal = cardRefusal { return refusal }
            let isIdentity = command.name == "+CIMI"
            lines.append(isIdentity ? "001010000000001" : "\(command.name): 8986000000000000000F")
        case ("+CFUN", .read): lines.append("+CFUN: \(functionality)")
        case ("+CFUN", .test): lines.append("+CFUN: (0,1,4),(0,1)")
        case ("+CFUN", .set): return setFunctionality(command)
        default: return nil
        }
        return .ok
    }

    /// Why a command that needs an open card is refused; nil: it is not.
    var cardRefusal: SimulatedResult? {
        guard hasCard else { return .noCard }
        return switch lock {
        case .open: nil
        case .pin: .pinNeeded
        case .puk, .dead: .pukNeeded
        }
    }

    /// How often PIN and PUK may still be wrong.
    var attempts: (pin: Int, puk: Int) {
        switch lock {
        case .open: (3, 10)
        case .pin(let attempts): (attempts, 10)
        case .puk(let attempts): (0, attempts)
        case .dead: (0, 0)
        }
    }

    private mutating func unlock(_ parts: [String]) -> SimulatedResult {
        guard hasCard else { return .noCard }
        switch lock {
        case .open: return .notAllowed
        case .dead: return .equipment(13)
        case .pin(let attempts):
            guard parts.count == 1 else { return .error }
            guard parts[0] == settings.pin else {
                lock = attempts > 1 ? .pin(attempts: attempts - 1) : .puk(attempts: 10)
                return attempts > 1 ? .wrongPassword : .pukNeeded
            }
        case .puk(let attempts):
            guard parts.count == 2 else { return .pukNeeded }
            guard parts[0] == settings.puk else {
                lock = attempts > 1 ? .puk(attempts: attempts - 1) : .dead
                return .wrongPassword
            }
        }
        lock = .open
        schedule(.unlocked, after: 100)
        return .ok
    }

    /// What follows a right PIN, behind its OK.
    mutating func cardOpened() {
        sayCard()
        for text in kind.bootLines.after { say(text) }
        searchNetwork()
    }

    private mutating func setFunctionality(_ command: SimulatedCommand) -> SimulatedResult {
        guard let number = command.number(), [0, 1, 4].contains(number) else { return .error }
        if command.number(1) == 1 {
            guard number == 1 else { return .error }
            say(result: .ok)
            restart()
            return .silent
        }
        guard number != functionality else { return .ok }
        functionality = number
        if number == 1 {
            sayCard()
            searchNetwork()
        } else {
            loseNetwork(.none)
        }
        return .ok
    }

    // MARK: - What is only taken and told again

    /// Settings that change nothing here: name, values that are taken, value at the start.
    private static let plain: [String: (range: ClosedRange<Int>, start: String)] = [
        "+CLVL": (0...5, "3"), "+CMUT": (0...1, "0"), "+CSSN": (0...1, "0,0"), "+CLIR": (0...2, "0"),
        "+CSCS": (0...0, "\"GSM\""), "+CMGF": (0...1, "0"), "+CNMI": (0...3, "0,0,0,0,0"), "+CTZU": (0...3, "0"),
        "+CTZR": (0...2, "0"), "+IPR": (0...4_000_000, "115200"), "+IFC": (0...2, "0,0"), "+CMOD": (0...3, "0"),
        "+CSDVC": (1...3, "1"),
    ]

    private mutating func performPlain(_ command: SimulatedCommand, _ lines: inout [String]) -> SimulatedResult? {
        guard let known = Self.plain[command.name] else { return nil }
        switch command.operation {
        case .read: lines.append("\(command.name): \(values.plain[command.name] ?? known.start)")
        case .test: lines.append("\(command.name): (\(known.range.lowerBound)-\(known.range.upperBound))")
        case .set(let text):
            let isText = command.name == "+CSCS"
            guard isText || command.number().map(known.range.contains) == true else { return .error }
            values.plain[command.name] = text
        case .execute: return .error
        }
        return .ok
    }
}
