import Calls

/// What becomes of calls.
extension SimulatedModem {
    func call(_ serial: Int) -> SimulatedCall? { calls.first { $0.serial == serial } }

    mutating func change(_ serial: Int, to state: SimulatedCall.State) {
        guard let place = calls.firstIndex(where: { $0.serial == serial }), calls[place].state != state else { return }
        calls[place].state = state
        if state == .active, calls[place].activeSince == nil { calls[place].activeSince = now }
        sayState(of: calls[place])
        updateSpeech()
    }

    /// A call is answered, by this side or the other.
    mutating func connect(_ serial: Int) {
        guard let call = call(serial), call.state != .active else { return }
        cancel { $0 == .ring(serial: serial) }
        let isNew = call.activeSince == nil
        change(serial, to: .active)
        guard isNew else { return }
        if kind == .simcom { say("VOICE CALL: BEGIN") }
        if call.isIncoming {
            tell(.answered(serial: serial))
        } else if values.connectedNumber == 1 {
            say("+COLP: \"\(call.number ?? "")\",\(call.numberType)")
            say(result: .ok)
        }
    }

    /// A call is over.
    /// - Parameter byNetwork: the driver is told by a line of its own; otherwise by its command's answer.
    mutating func end(_ serial: Int, cause: SimulatedCause, byNetwork: Bool) {
        guard let place = calls.firstIndex(where: { $0.serial == serial }) else { return }
        let call = calls.remove(at: place)
        cancel { $0 == .ring(serial: serial) }
        lastCause = cause
        sayEnd(of: call)
        updateSpeech()
        if kind == .simcom, !calls.contains(where: { $0.state == .active }) { values.usbAudio = 0 }
        if byNetwork {
            sayWhy(call, cause)
        } else {
            tell(.endedHere(serial: serial, wasAnswered: call.activeSince != nil))
        }
        // The second caller goes on ringing as the first one (TS 22.030 §6.5.5).
        if let waiting = calls.first, calls.count == 1, waiting.state == .waiting {
            change(waiting.serial, to: .incoming)
            ring(waiting.serial)
        }
    }

    /// SIMCom tells an end by its length, `HHMMSS`, and a call that nobody answered by time and number.
    private mutating func sayEnd(of call: SimulatedCall) {
        if kind == .quectel, values.callStates == 1 { say(stateLine(call, 6)) }
        guard kind == .simcom else { return }
        if values.callList == 1 { say(listLine(call, state: 6)) }
        guard let since = call.activeSince else { return }
        let seconds = max(0, now.milliseconds(since: since) / 1000)
        let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60]
        say("VOICE CALL: END: " + parts.map { ($0 < 10 ? "0" : "") + String($0) }.joined())
    }

    private mutating func sayWhy(_ call: SimulatedCall, _ cause: SimulatedCause) {
        let wasAnswered = call.activeSince != nil
        if kind == .simcom, call.isIncoming, !wasAnswered {
            return say("MISSED_CALL: \(clock) \(call.number ?? "")")
        }
        // A waiting caller who gives up has no line of his own: the list of calls is asked.
        guard call.state != .waiting else { return }
        switch cause {
        case .busy where !wasAnswered: say(result: .busy)
        case .noAnswer where !wasAnswered && !call.isIncoming: say(result: .noAnswer)
        default: say(result: .noCarrier)
        }
    }

    /// The network's local time, eight hours before UTC, as `10:11AM`.
    private var clock: String {
        let minutes = Int(((now.wall / 60_000_000 + 480) % 1440 + 1440) % 1440)
        let hour = minutes / 60
        let shown = hour % 12 == 0 ? 12 : hour % 12
        let minute = minutes % 60
        return "\(shown < 10 ? "0" : "")\(shown):\(minute < 10 ? "0" : "")\(minute)\(hour < 12 ? "AM" : "PM")"
    }

    // MARK: - Lists and states

    /// TS 27.007 §7.18; state 6 is SIMCom's word for a call that has ended.
    func listLine(_ call: SimulatedCall, state: Int? = nil) -> String {
        "+CLCC: \(call.index),\(call.isIncoming ? 1 : 0),\(state ?? call.state.rawValue),0,0,"
            + "\"\(call.number ?? "")\",\(call.numberType)"
    }

    mutating func sayState(of call: SimulatedCall) {
        switch kind {
        case .quectel:
            // `^DSCI`'s own numbers: 1 held, 2 dialling, 3 connected, 4 incoming, 5 waiting, 6 ended, 7 alerting.
            guard values.callStates == 1 else { return }
            let state =
                switch call.state {
                case .held: 1
                case .dialling: 2
                case .active: 3
                case .incoming: 4
                case .waiting: 5
                case .alerting: 7
                }
            say(stateLine(call, state))
        case .simcom: if values.callList == 1 { say(listLine(call)) }
        case .generic: break
        }
    }

    private func stateLine(_ call: SimulatedCall, _ state: Int) -> String {
        "^DSCI: \(call.index),\(call.isIncoming ? 1 : 0),\(state),0,\(call.number ?? ""),\(call.numberType)"
    }

    // MARK: - Speech

    /// Whether the sound card is connected to the call, as the driver has set it.
    private var speechIsSwitchedOn: Bool {
        switch kind {
        // Only port 2 is the USB sound card; 0 and 1 are serial ports.
        case .quectel: values.voiceOverUSB.isOn == 1 && values.voiceOverUSB.port == 2
        case .simcom: values.usbAudio == 1
        case .generic: true
        }
    }

    mutating func updateSpeech() {
        let flows = speechIsSwitchedOn && calls.contains { $0.state == .active }
        guard flows != speech else { return }
        speech = flows
        tell(.speech(flows))
    }
}
