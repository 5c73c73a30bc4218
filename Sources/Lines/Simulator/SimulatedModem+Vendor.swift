/// Commands of the vendors' own. A modem does not know the other vendor's.
extension SimulatedModem {
    mutating func performVendor(_ command: SimulatedCommand, _ lines: inout [String]) -> SimulatedResult? {
        switch kind {
        case .quectel: performQuectel(command, &lines)
        case .simcom: performSIMCom(command, &lines)
        case .generic: nil
        }
    }

    private mutating func performQuectel(_ command: SimulatedCommand, _ lines: inout [String]) -> SimulatedResult? {
        switch (command.name, command.operation) {
        case ("+QPCMV", .read): lines.append("+QPCMV: \(values.voiceOverUSB.isOn),\(values.voiceOverUSB.port)")
        case ("+QPCMV", .test): lines.append("+QPCMV: (0,1),(0-2)")
        case ("+QPCMV", .set):
            guard let isOn = command.number(), (0...1).contains(isOn) else { return .error }
            if command.parameters.count > 1 {
                guard let port = command.number(1), (0...2).contains(port) else { return .error }
                values.voiceOverUSB.port = port
            }
            values.voiceOverUSB.isOn = isOn
            updateSpeech()
        case ("+QPINC", .set), ("+QPINC", .read):
            lines.append("+QPINC: \"SC\",\(attempts.pin),\(attempts.puk)")
        case ("+QTONEDET", _): return setting(command, &lines, \.keyReports, 0...1)
        case ("^DSCI", _): return setting(command, &lines, \.callStates, 0...1)
        case ("+QSIMSTAT", .read): lines.append("+QSIMSTAT: \(values.cardReports),\(hasCard ? 1 : 0)")
        case ("+QSIMSTAT", _): return setting(command, &lines, \.cardReports, 0...1)
        case ("+QCFG", .set): return configure(command.parameters, &lines)
        case ("+QINDCFG", .set), ("+QURCCFG", .set), ("+QAUDMOD", .set), ("+QSIMDET", .set), ("+QDAI", .set),
            ("+QRXGAIN", .set), ("+QMIC", .set), ("+QEEC", .set), ("+QSIDET", .set):
            values.plain[command.name] = command.parameters.joined(separator: ",")
        case ("+QAUDMOD", .read), ("+QSIMDET", .read), ("+QSIDET", .read):
            lines.append("\(command.name): \(values.plain[command.name] ?? "0")")
        case ("+QNWINFO", .execute):
            lines.append(
                registration.hasService
                    ? "+QNWINFO: \"FDD LTE\",\"46000\",\"LTE BAND 3\",1300" : "+QNWINFO: No Service")
        default: return nil
        }
        return .ok
    }

    /// `AT+QCFG="name"[,value …]` (Quectel QCFG AT Commands Manual): without values it is a question.
    private mutating func configure(_ parts: [String], _ lines: inout [String]) -> SimulatedResult {
        let name = parts[0].lowercased()
        guard name == "urc/ri/ring" else {
            guard ["ims", "usbcfg", "nwscanmode", "urc/ri/other", "urc/delay", "volte_disable"].contains(name)
            else { return .error }
            if parts.count == 1 {
                lines.append("+QCFG: \"\(name)\",\(values.plain["+QCFG \(name)"] ?? "1")")
            } else {
                values.plain["+QCFG \(name)"] = parts.dropFirst().joined(separator: ",")
            }
            return .ok
        }
        guard parts.count > 1 else {
            let pulses = values.ringPulses
            lines.append(
                "+QCFG: \"urc/ri/ring\",\"\(pulses[0])\",\(pulses[1]),\(pulses[2]),\(pulses[3]),\"\(pulses[4])\",\(pulses[5])"
            )
            return .ok
        }
        let numbers = parts.dropFirst(2).prefix(3)
        guard parts.count <= 7, ["off", "pulse", "always", "auto", "wave"].contains(parts[1]),
            zip(numbers, [1...2000, 1...10_000, 1...10_000]).allSatisfy({ text, range in
                Int(text).map(range.contains) == true
            })
        else { return .error }
        for (index, part) in parts.dropFirst().enumerated() { values.ringPulses[index] = part }
        return .ok
    }

    private var soundIsThere: Bool {
        calls.contains { call in
            guard call.state == .active, let since = call.activeSince else { return false }
            return now.milliseconds(since: since) >= settings.soundMilliseconds
        }
    }

    private mutating func performSIMCom(_ command: SimulatedCommand, _ lines: inout [String]) -> SimulatedResult? {
        switch (command.name, command.operation) {
        case ("+CPCMREG", .set):
            // The sound card is connected for one call, and only a moment after that call stands (audio application
            // note).
            guard let number = command.number(), (0...1).contains(number) else { return .error }
            guard number == 0 || soundIsThere else { return .error }
            values.usbAudio = number
            updateSpeech()
        case ("+SPIC", .execute): lines.append("+SPIC: \(attempts.pin),\(attempts.puk),0,10")
        case ("+CPCMREG", _): return setting(command, &lines, \.usbAudio, 0...1)
        case ("+DDET", _): return setting(command, &lines, \.keyReports, 0...1)
        case ("+CPCMFRM", .set), ("+CPCMBANDWIDTH", .set), ("+CMICGAIN", .set), ("+COUTGAIN", .set), ("+CTXVOL", .set),
            ("+CRXVOL", .set), ("+CECM", .set), ("+CNSN", .set), ("+SIDET", .set), ("+MORING", .set), ("+CNMP", .set):
            values.plain[command.name] = command.parameters.joined(separator: ",")
        case ("+CPCMFRM", .read), ("+CECM", .read), ("+CNMP", .read):
            lines.append("\(command.name): \(values.plain[command.name] ?? "0")")
        case ("+CPSI", .read):
            lines.append(
                registration.hasService
                    ? "+CPSI: LTE,Online,460-00,0x1A2B,30000000,100,EUTRAN-BAND3,1300,5,5,-94,-850,-540,15"
                    : "+CPSI: NO SERVICE,Online")
        default: return nil
        }
        return .ok
    }
}
