import Calls
import Media

/// What the modem says, handed to where it belongs.
extension ModemMachine {
    mutating func finished(_ purpose: Purpose, _ command: ATCommand, _ outcome: ATOutcome, _ now: Instant) {
        if outcome == .timedOut { askWhetherAlive(purpose, now) }
        switch purpose {
        case .probe: probed(outcome, now)
        case .identify(let index): identity(index, outcome, now)
        case .sim: simState(outcome, now)
        case .pinAttempts: pinAttempts(outcome, now)
        case .pin: pinGiven(now)
        case .initial(let index): initialised(index, outcome, now)
        case .registration(let index):
            if case .answered(.ok, let lines) = outcome, let line = lines.first {
                registration(index, line: line, now)
            }
        case .networkOperator: networkOperator(outcome)
        case .signal: signal(outcome)
        case .list(let serial): listed(serial, outcome, now)
        case .answer(let serial): answerDone(serial, outcome, now)
        case .dial(let serial): dialDone(serial, outcome, now)
        case .audioOn(let serial, let step): audioSwitched(serial, step, outcome, now)
        case .hangUp(let serial, let step): hungUp(serial, step, command, outcome, now)
        case .leftover(let step): if !outcome.isOK { hangUpLeftover(step + 1, now) }
        case .cause(let serial): causeKnown(serial, outcome, now)
        case .refuseWaiting: waitingRefused(command, outcome, now)
        // Whether they were carried out changes nothing.
        case .audioOff, .key, .repeated, .alive: break
        }
    }

    mutating func unsolicited(_ line: String, _ now: Instant) {
        if profile.ring.patterns.contains(where: { $0.fits(line) }) {
            rang(now)
        } else if let fields = ATFields(line, after: profile.ring.callerPrefix) {
            callerKnown(fields, now)
        } else if let fields = ATFields(line, after: profile.waiting.prefix) {
            callWaiting(fields, now)
        } else if let report = profile.keys.reported, let fields = ATFields(line, after: report) {
            keyReported(fields, now)
        } else if profile.answer.connected.contains(where: { $0.fits(line) }), current?.phase == .answering {
            connected(now)
        } else if profile.dial.connected.contains(where: { $0.fits(line) }), current?.phase == .dialling {
            connected(now)
        } else if profile.dial.alerting.contains(where: { $0.fits(line) }), current?.phase == .dialling {
            farEndAlerts(now)
        } else if let pattern = profile.ended.first(where: { $0.fits(line) }) {
            // The line itself may hold a number.
            ended(pattern.text, cause: .carrierLost, q850: nil, now)
        } else if profile.sim.removed.contains(where: { $0.fits(line) }) {
            simRemoved(now)
        } else if profile.sim.inserted.contains(where: { $0.fits(line) }) {
            simInserted(now)
        } else if profile.reset.started.contains(where: { $0.fits(line) }) {
            modemStarted(now)
        } else if let index = profile.registration.queries.firstIndex(where: { line.hasPrefix($0.prefix) }) {
            registration(index, line: line, now)
        }
        // Everything else is news of no call: messages, time, temperature.
    }

    /// NO CARRIER and its like, unasked.
    mutating func callResult(_ result: ATResult, _ now: Instant) {
        switch result {
        case .noCarrier: ended(result.text, cause: .carrierLost, q850: nil, now)
        case .busy: ended(result.text, cause: .rejected, q850: 17, now)
        case .noAnswer: ended(result.text, cause: .rejected, q850: 19, now)
        case .noDialtone: ended(result.text, cause: .failed, q850: nil, now)
        case .connect, .ok, .error, .equipmentError, .messageError: break
        }
    }

    private mutating func keyReported(_ fields: ATFields, _ now: Instant) {
        guard let call = current, call.phase == .talking || call.phase == .connected, let text = fields[1]?.text
        else { return }
        let character: Character?
        switch profile.keys.form {
        case .key: character = text.uppercased().first
        case .code:
            character =
                Int(text).flatMap { UInt8(exactly: $0) }.map { Character(UnicodeScalar($0)) }?
                .uppercased().first
        }
        guard let character, let key = Key(character) else { return }
        statistics.keysReceived += 1
        // How long it was pressed the modem does not say.
        tell(.key(key, .modem, milliseconds: 0), call.leg, call.call, at: now)
    }

    mutating func sendKeys(_ leg: LegID, _ keys: [Key], _ now: Instant) {
        guard let call = current, call.leg == leg, call.phase == .talking else { return }
        for key in keys {
            statistics.keysSent += 1
            send(command(profile.keys.send.replacing("%", with: String(key.character))), .key, now)
        }
    }
}
