import Calls

/// A call that we place.
extension ModemMachine {
    mutating func dial(_ request: DialRequest, number: String, _ now: Instant) {
        func refused(_ why: String) -> LineRelease { LineRelease(cause: .failed, message: why) }
        let release: LineRelease? =
            isStopping
            ? refused("the line is stopping")
            : stage != .ready
                ? refused("the modem is not ready (\(stage.rawValue))")
                : current != nil || waiting != nil ? refused("the modem has a call already") : nil
        if let release {
            tell(.released(by: release), request.leg, request.call, at: now)
            return
        }
        serial += 1
        current = ModemCall(serial: serial, call: request.call, leg: request.leg, number: number, phase: .preparing)
        current?.timeoutMilliseconds = max(0, min(request.timeoutMilliseconds, 600_000))
        wantCard(now)
        if card != .open { set(.cardWait, 2000, now) }
        proceed(now)
    }

    mutating func dialNow(_ call: ModemCall, _ now: Instant) {
        guard let number = call.number else { return }
        current?.phase = .dialling
        statistics.dialled += 1
        set(.dialLimit, call.timeoutMilliseconds, now)
        let command = ATCommand(
            profile.dial.command.replacing("%", with: number), endsWithCall: true,
            timeoutMilliseconds: profile.dial.timeoutMilliseconds, isUrgent: true)
        send(command, .dial(call: call.serial), now)
    }

    mutating func dialDone(_ serial: Int, _ outcome: ATOutcome, _ now: Instant) {
        guard let call = current, call.serial == serial, call.phase == .dialling else { return }
        switch outcome {
        case .answered(.ok, _): set(.list, profile.callList.settingUpMilliseconds, now)
        case .answered(.connect, _): connected(now)
        case .answered(let result, _) where result.isOfCall: callResult(result, now)
        case .answered, .timedOut, .dropped:
            hangUp(LineRelease(cause: .failed, message: "the modem did not dial: \(outcome.text.prefix(64))"), now)
        }
    }

    mutating func farEndAlerts(_ now: Instant) {
        guard let call = current, call.phase == .dialling, !call.isAlertingTold else { return }
        current?.isAlertingTold = true
        tell(.progress(status: 180, early: false), call.leg, call.call, at: now)
    }

    mutating func dialLimit(_ now: Instant) {
        guard let call = current, call.phase == .dialling else { return }
        hangUp(
            LineRelease(
                cause: .rejected, q850: 19, message: "hung up, no answer within \(call.timeoutMilliseconds) ms"), now)
    }

    // MARK: - The modem's own list of calls

    mutating func askList(_ now: Instant) {
        guard let call = current else { return }
        send(
            command(profile.callList.command, prefixes: [profile.callList.prefix]), .list(call: call.serial), now)
        let isSettingUp = call.phase == .dialling || call.phase == .answering
        set(
            .list, isSettingUp ? profile.callList.settingUpMilliseconds : profile.callList.everyMilliseconds, now)
    }

    mutating func listed(_ serial: Int, _ outcome: ATOutcome, _ now: Instant) {
        guard case .answered(.ok, let lines) = outcome else { return }
        // Id, direction, state, mode 0 for voice (27.007 §7.18).
        let states = lines.compactMap { line -> Int? in
            guard let fields = ATFields(line, after: profile.callList.prefix), fields[4]?.number ?? 0 == 0 else {
                return nil
            }
            return fields[3]?.number
        }
        guard serial != 0 else {
            if current == nil, states.contains(where: { (0...3).contains($0) }) { hangUpLeftover(0, now) }
            return
        }
        guard let call = current, call.serial == serial else { return }
        switch call.phase {
        case .dialling:
            if states.contains(0) {
                connected(now)
            } else if states.contains(2) || states.contains(3) {
                current?.absences = 0
                if states.contains(3) { farEndAlerts(now) }
            } else {
                absent(now)
            }
        case .answering:
            if states.contains(0) { connected(now) }
        case .connected, .talking:
            if states.contains(0) || states.contains(1) {
                current?.absences = 0
                // It was the waiting call that ended.
                current?.suspected = nil
                if !states.contains(5), let waiting, waiting.isOffered { waitingGone(waiting, now) }
            } else if let suspected = call.suspected {
                remoteEnd(LineRelease(cause: .carrierLost, message: suspected.message), suspected.at)
            } else {
                absent(now)
            }
        case .ringing, .preparing, .releasing: break
        }
    }

    /// The call is missing in the list; one time may be a moment between two states.
    private mutating func absent(_ now: Instant) {
        current?.absences += 1
        guard let absences = current?.absences else { return }
        if absences >= 2 {
            remoteEnd(LineRelease(cause: .carrierLost, message: "gone from the modem's list of calls"), now)
        } else {
            set(.list, profile.callList.settingUpMilliseconds, now)
        }
    }

    /// A call that belongs to nobody here: somebody would sit in a dead call.
    mutating func hangUpLeftover(_ step: Int, _ now: Instant) {
        guard current == nil, profile.hangUp.indices.contains(step) else { return }
        send(command(profile.hangUp[step], isUrgent: true), .leftover(step: step), now)
    }
}
