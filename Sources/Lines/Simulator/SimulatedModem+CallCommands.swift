/// Commands about calls (V.250 §6.3, TS 27.007 §6 and §7).
extension SimulatedModem {
    mutating func performCall(_ command: SimulatedCommand, _ lines: inout [String]) -> SimulatedResult? {
        switch (command.name, command.operation) {
        case ("+CHUP", .execute): return hangUpAll()
        case ("+CVHU", _): return setting(command, &lines, \.hangUpControl, 0...2)
        case ("+CRC", _): return setting(command, &lines, \.cring, 0...1)
        case ("+COLP", _): return setting(command, &lines, \.connectedNumber, 0...1)
        case ("+CLIP", .read):
            lines.append("+CLIP: \(values.clip),\(registration.hasService ? 1 : 2)")
        case ("+CLIP", _): return setting(command, &lines, \.clip, 0...1)
        case ("+CCWA", _): return callWaitingCommand(command, &lines)
        case ("+CLCC", .execute): list(&lines)
        case ("+CLCC", _):
            guard kind == .simcom else { return .error }
            return setting(command, &lines, \.callList, 0...1)
        case ("+CPAS", .execute):
            let isRinging = calls.contains { $0.state == .incoming }
            lines.append("+CPAS: \(isRinging ? 3 : calls.isEmpty ? 0 : 4)")
        case ("+CHLD", .test): lines.append("+CHLD: (0,1,1x,2,2x,3)")
        case ("+CHLD", .set(let text)): return hold(text)
        case ("+VTS", .set): return sendKeys(command)
        case ("+VTS", .test): lines.append("+VTS: (0-9,A-D,*,#)")
        case ("+VTD", _): return setting(command, &lines, \.toneTenths, 0...255)
        default: return nil
        }
        return .ok
    }

    private func list(_ lines: inout [String]) {
        // The data connection stands in Quectel's list, in mode 1 (manual, AT+CLCC, example).
        if kind == .quectel, registration.hasService { lines.append("+CLCC: 1,0,0,1,0,\"\",128") }
        lines += calls.map { listLine($0) }
    }

    private mutating func callWaitingCommand(
        _ command: SimulatedCommand, _ lines: inout [String]
    ) -> SimulatedResult {
        switch command.operation {
        case .read: lines.append("+CCWA: \(values.waitingReports)")
        case .test: lines.append("+CCWA: (0,1)")
        case .execute: return .error
        case .set:
            guard let reports = command.number(), (0...1).contains(reports) else { return .error }
            if command.parameters.count > 1 {
                guard let mode = command.number(1), (0...2).contains(mode) else { return .error }
                // Anything but the reports is a matter of the network's.
                guard registration.hasService else { return cardRefusal ?? .noService }
                if mode == 2 { lines.append("+CCWA: \(callWaiting ? 1 : 0),1") } else { callWaiting = mode == 1 }
            }
            values.waitingReports = reports
        }
        return .ok
    }

    // MARK: - Answer and end

    mutating func answer() -> SimulatedResult {
        guard let call = calls.first(where: { $0.state == .incoming }) else { return .noCarrier }
        connect(call.serial)
        return .ok
    }

    mutating func hangUp() -> SimulatedResult {
        guard values.hangUpControl != 1 else { return .ok }
        return hangUpAll()
    }

    private mutating func hangUpAll() -> SimulatedResult {
        let ended = kind.hangUpEndsAll ? calls : calls.filter { $0.state != .waiting && $0.state != .held }
        // Those behind first, so that none of them moves up and rings.
        for call in ended.reversed() { end(call.serial, cause: .normal, byNetwork: false) }
        return .ok
    }

    /// TS 22.030 §6.5.5: 0 refuses the second caller or ends held calls, 1 ends the active call and takes the other,
    /// 1x ends call x, 2 changes between both.
    private mutating func hold(_ text: String) -> SimulatedResult {
        guard !calls.isEmpty else { return .notAllowed }
        let active = calls.filter { $0.state == .active }
        let others = calls.filter { $0.state == .waiting || $0.state == .held }
        switch text {
        case "0":
            guard let other = others.first(where: { $0.state == .waiting }) ?? others.first else { return .notAllowed }
            end(other.serial, cause: .busy, byNetwork: false)
        case "1":
            guard let other = others.first else {
                return active.isEmpty ? .notAllowed : hangUpAll()
            }
            connect(other.serial)
            for call in active { end(call.serial, cause: .normal, byNetwork: false) }
        case "2":
            guard let other = others.first else { return .notAllowed }
            for call in active { change(call.serial, to: .held) }
            connect(other.serial)
        default:
            guard text.count > 1, text.first == "1", let index = Int(text.dropFirst()),
                let call = calls.first(where: { $0.index == index })
            else { return .notSupported }
            end(call.serial, cause: .normal, byNetwork: false)
        }
        return .ok
    }

    // MARK: - Dial and keys

    mutating func dial(_ command: SimulatedCommand) -> SimulatedResult {
        guard case .set(let text) = command.operation, text.hasSuffix(";") else { return .noCarrier }
        let number = text.dropLast().filter { !" -TPtp".contains($0) }
        guard (1...40).contains(number.count),
            number.enumerated().allSatisfy({ index, digit in
                digit.isASCII && digit.isNumber || "*#".contains(digit) || index == 0 && digit == "+"
            })
        else { return .error }
        if let refusal = cardRefusal { return refusal }
        guard registration.hasService else { return kind == .generic ? .noService : .noCarrier }
        guard calls.isEmpty else { return .notAllowed }
        let serial = takeOutgoingSerial()
        let call = SimulatedCall(
            serial: serial, index: freeIndex, isIncoming: false, state: .dialling, number: number, clip: .none,
            ringEvery: 0)
        calls.append(call)
        sayState(of: call)
        tell(.dialled(serial: serial, number: number))
        // With `+COLP=1` the answer waits for the far end.
        return values.connectedNumber == 1 ? .silent : .ok
    }

    private mutating func sendKeys(_ command: SimulatedCommand) -> SimulatedResult {
        guard calls.contains(where: { $0.state == .active }) else { return .notAllowed }
        guard let keys = command.parameters.first, (1...29).contains(keys.count),
            keys.allSatisfy({ "0123456789*#ABCD".contains($0) })
        else { return .error }
        var tenths = values.toneTenths
        if command.parameters.count > 1 {
            guard let number = command.number(1), (0...255).contains(number) else { return .error }
            tenths = number
        }
        for key in keys { tell(.keySent(key, milliseconds: max(1, tenths) * 100)) }
        return .ok
    }
}
