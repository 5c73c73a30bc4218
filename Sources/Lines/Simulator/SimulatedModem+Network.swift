import Calls

/// Card, registration, and what comes from the network.
extension SimulatedModem {
    var cardIsReady: Bool { hasCard && lock == .open }

    /// As `+CPIN?` and the lines after a start tell it; nil: no card.
    var cardText: String? {
        guard hasCard else { return nil }
        return switch lock {
        case .open: "READY"
        case .pin: "SIM PIN"
        case .puk: "SIM PUK"
        case .dead: "PH-NET PUK"
        }
    }

    /// By itself. Quectel says `NOT READY` where there is no card, SIMCom another word, and TS 27.007 nothing at all.
    mutating func sayCard() {
        switch kind {
        case .generic: break
        case .quectel: say("+CPIN: \(cardText ?? "NOT READY")")
        case .simcom: say(cardText.map { "+CPIN: \($0)" } ?? "+SIMCARD: NOT AVAILABLE")
        }
    }

    // MARK: - Registration

    mutating func searchNetwork() {
        guard isUp, cardIsReady, hasCoverage, functionality == 1 else { return }
        setRegistration(.searching)
        cancel { $0 == .register }
        schedule(.register, after: settings.registersAfter)
    }

    mutating func register() {
        guard isUp, cardIsReady, hasCoverage, functionality == 1 else { return }
        setRegistration(settings.registration)
        tellReady()
    }

    /// Calls end with the network.
    mutating func loseNetwork(_ state: SimulatedModemSettings.Registration) {
        cancel { $0 == .register }
        for call in calls {
            end(call.serial, cause: .outOfOrder, byNetwork: true)
            tell(.lost(serial: call.serial))
        }
        setRegistration(state)
    }

    private mutating func setRegistration(_ state: SimulatedModemSettings.Registration) {
        guard registration != state else { return }
        registration = state
        for name in ["+CREG", "+CGREG", "+CEREG"] {
            guard let reports = values.registrationReports[name], reports > 0 else { continue }
            say("\(name): \(state.number)\(reports == 2 ? place : "")")
        }
    }

    /// Location area, cell and technology (7: E-UTRAN), where there is service.
    var place: String { registration.hasService ? ",\"1A2B\",\"1C3D4E5\",7" : "" }

    // MARK: - Calls

    mutating func take(_ event: SimulatedNetworkEvent) {
        switch event {
        case .call(let serial, let from, let clip, let ringEvery):
            incoming(serial, from: from, clip: clip, ringEvery: ringEvery)
        case .farEnded(let serial, let cause): end(serial, cause: cause, byNetwork: true)
        case .alerting(let serial): change(serial, to: .alerting)
        case .farAnswered(let serial): connect(serial)
        case .key(let key): hear(key)
        }
    }

    private mutating func incoming(
        _ serial: Int, from number: String?, clip: CallerNumberStyle, ringEvery: Int64?
    ) {
        guard isUp, registration.hasService, functionality == 1 else {
            return tell(.notDelivered(serial: serial, isBusy: false))
        }
        let isFirst = calls.isEmpty
        guard isFirst || callWaiting && calls.count == 1 && calls[0].state == .active else {
            return tell(.notDelivered(serial: serial, isBusy: true))
        }
        let call = SimulatedCall(
            serial: serial, index: freeIndex, isIncoming: true, state: isFirst ? .incoming : .waiting, number: number,
            clip: clip, ringEvery: ringEvery ?? ownRingInterval)
        calls.append(call)
        sayState(of: call)
        if isFirst {
            ring(serial)
        } else {
            tell(.rang(serial: serial, count: 1))
            if values.waitingReports == 1 { say("+CCWA: \"\(number ?? "")\",\(call.numberType),1") }
        }
    }

    /// The number of the next voice call: Quectel counts the data connection as a call, too (manual, AT+CLCC).
    var freeIndex: Int {
        var index = kind == .quectel ? 2 : 1
        while calls.contains(where: { $0.index == index }) { index += 1 }
        return index
    }

    /// Quectel: the pulse's and the pause's length of `QCFG="urc/ri/ring"`.
    private var ownRingInterval: Int64 {
        guard kind == .quectel, let pulse = Int64(values.ringPulses[2]), let pause = Int64(values.ringPulses[3])
        else { return kind.ringInterval }
        return max(500, min(20_000, pulse + pause))
    }

    mutating func ring(_ serial: Int) {
        guard let place = calls.firstIndex(where: { $0.serial == serial && $0.state == .incoming }) else { return }
        calls[place].rings += 1
        let call = calls[place]
        let number = values.clip == 1 && call.clip != .none ? clipLine(call) : nil
        if let number, call.clip == .beforeRing { say(number) }
        if values.cring == 1 { say("+CRING: VOICE") } else { say(result: .ring) }
        if let number, call.clip == .afterRing { say(number) }
        tell(.rang(serial: serial, count: call.rings))
        if values.autoAnswer > 0, call.rings >= values.autoAnswer { return connect(serial) }
        schedule(.ring(serial: serial), after: call.ringEvery)
    }

    /// TS 27.007 §7.6; the last number tells whether the number is valid (0), withheld (1) or not available (2).
    private func clipLine(_ call: SimulatedCall) -> String {
        let validity = call.number == nil ? 1 : 0
        let middle = kind == .simcom ? "\"\",,\"\"" : ",,"
        return "+CLIP: \"\(call.number ?? "")\",\(call.numberType),\(middle),\(validity)"
    }

    private mutating func hear(_ key: Character) {
        guard calls.contains(where: { $0.state == .active }), values.keyReports == 1, let code = key.asciiValue else {
            return
        }
        switch kind {
        case .quectel: say("+QTONEDET: \(code)")
        case .simcom: say("+RXDTMF: \(key)")
        case .generic: break
        }
    }
}
