import Calls

/// How calls end, and who is told of it.
extension ModemMachine {
    /// A modem says in several lines that a call has ended: so soon after an end they are the same one's.
    private static var echoMilliseconds: Int64 { 1000 }

    // MARK: - By us

    mutating func release(_ leg: LegID, cause: LineRelease.Cause, _ now: Instant) {
        if let waiting, waiting.leg == leg {
            refuseWaiting(waiting, now)
            return
        }
        guard let call = current, call.leg == leg, call.phase != .releasing else { return }
        let release = LineRelease(cause: cause, message: "")
        // Nothing was dialled yet.
        if call.phase == .preparing {
            finish(call, LineRelease(cause: cause, message: "released before the modem dialled"), now)
        } else {
            hangUp(release, now)
        }
    }

    /// A new call that the line itself does not take.
    mutating func turnAway(_ release: LineRelease, _ now: Instant) {
        statistics.turnedAway += 1
        hangUp(release, now)
    }

    /// - Parameter release: told when the modem has done it; an empty message becomes the command that did.
    mutating func hangUp(_ release: LineRelease, _ now: Instant) {
        guard let call = current, call.phase != .releasing else { return }
        if call.phase == .ringing, !call.isOffered { offer(now) }
        guard current?.phase != .releasing else { return }
        current?.phase = .releasing
        current?.release = release
        stopCallTimers()
        // Dialling is given up with any character; an answer is waited for.
        perform(channel.cancel(.dial(call: call.serial), abort: true), now)
        hangUp(call.serial, step: 0, now)
    }

    private mutating func hangUp(_ serial: Int, step: Int, _ now: Instant) {
        send(command(profile.hangUp[step], isUrgent: true), .hangUp(call: serial, step: step), now)
    }

    mutating func hungUp(_ serial: Int, _ step: Int, _ command: ATCommand, _ outcome: ATOutcome, _ now: Instant) {
        guard let call = current, call.serial == serial, call.phase == .releasing, var release = call.release else {
            return
        }
        if !outcome.isOK, profile.hangUp.indices.contains(step + 1) {
            hangUp(serial, step: step + 1, now)
            return
        }
        if release.message.isEmpty { release.message = "\(command.text) sent" }
        if !outcome.isOK { release.message += ", which the modem did not confirm: \(outcome.text.prefix(64))" }
        finish(call, release, now)
        // Where it was not confirmed the list says whether somebody is still there.
        if !outcome.isOK {
            send(
                self.command(profile.callList.command, prefixes: [profile.callList.prefix]), .list(call: 0), now)
        }
    }

    // MARK: - By the far end, or the network

    mutating func ended(_ message: String, cause: LineRelease.Cause, q850: Int?, _ now: Instant) {
        early = nil
        guard let call = current else {
            sharpenEnding(message, cause, q850)
            return
        }
        switch call.phase {
        case .releasing:
            guard var release = call.release else { return }
            if release.message.isEmpty { release.message = "hung up, then \(message)" }
            perform(channel.cancel(.hangUp(call: call.serial, step: 0)), now)
            finish(call, release, now)
        case .preparing: break
        case .ringing, .answering, .dialling, .connected, .talking:
            // A word late, of the call before.
            if call.phase == .ringing, let lastEnd, now.milliseconds(since: lastEnd) < Self.echoMilliseconds {
                sharpenEnding(message, cause, q850)
                return
            }
            let mayBeOther =
                waiting != nil || lastWaitingEnd.map { now.milliseconds(since: $0) < 3000 } ?? false
            if mayBeOther, call.phase == .connected || call.phase == .talking {
                if call.suspected == nil { current?.suspected = (message, now) }
                askList(now)
                return
            }
            if call.phase == .ringing, !call.isOffered { offer(now) }
            guard current?.phase == call.phase else { return }
            remoteEnd(LineRelease(cause: cause, q850: q850, message: message), now)
        }
    }

    /// The modem says in a second word what the first left open: BUSY or NO CARRIER after a change of state.
    private mutating func sharpenEnding(_ message: String, _ cause: LineRelease.Cause, _ q850: Int?) {
        guard let last = endings.keys.max(), var ending = endings[last], ending.release.cause == .carrierLost,
            ATResult(message) != nil, ATResult(ending.release.message) == nil
        else { return }
        ending.release = LineRelease(cause: cause, q850: q850, message: message)
        endings[last] = ending
    }

    /// The call is over; its reason is asked before its end is told, with the instant at which it came.
    mutating func remoteEnd(_ release: LineRelease, _ at: Instant) {
        guard let call = current else { return }
        if call.phase == .ringing || (call.phase == .answering && !call.isOutgoing) { statistics.missed += 1 }
        perform(channel.cancel(.answer(call: call.serial)), at)
        perform(channel.cancel(.dial(call: call.serial)), at)
        guard let cause = profile.cause else {
            finish(call, release, at)
            return
        }
        endings[call.serial] = ModemEnding(call: call.call, leg: call.leg, at: at, release: release)
        leave(call, at)
        var question = command(cause.command, prefixes: [cause.prefix], isUrgent: true)
        question.timeoutMilliseconds = min(question.timeoutMilliseconds, 3000)
        send(question, .cause(call: call.serial), at)
    }

    mutating func causeKnown(_ serial: Int, _ outcome: ATOutcome, _ now: Instant) {
        guard var ending = endings.removeValue(forKey: serial) else { return }
        if let cause = profile.cause, case .answered(.ok, let lines) = outcome,
            let line = lines.first(where: { $0.hasPrefix(cause.prefix) })
        {
            if let number = Self.q850(line, cause) { ending.release.q850 = number }
            ending.release.reason = String(SIPCaller.clean(line).prefix(200))
        }
        tell(.released(by: ending.release), ending.leg, ending.call, at: ending.at)
        stopIfQuiet()
    }

    /// The Q.850 number in what the modem says of the reason.
    package static func q850(_ line: String, _ cause: ModemProfile.Cause) -> Int? {
        guard let fields = ATFields(line, after: cause.prefix) else { return nil }
        if let field = cause.field, let number = fields[field]?.number, (1...127).contains(number) { return number }
        let text = line.lowercased()
        // The longest text that fits says most.
        return cause.texts.filter { text.contains($0.key) }.max { $0.key.count < $1.key.count }?.value
    }

    // MARK: - Afterwards

    /// Tells the end and lets the call go.
    mutating func finish(_ call: ModemCall, _ release: LineRelease, _ at: Instant) {
        if call.phase == .ringing, !call.isOffered {
            // The port went before its number was known.
            offer(at)
        }
        leave(call, at)
        tell(.released(by: release), call.leg, call.call, at: at)
        stopIfQuiet()
    }

    /// Nothing of the call is left on the modem.
    private mutating func leave(_ call: ModemCall, _ now: Instant) {
        current = nil
        lastEnd = now
        stopCallTimers()
        if let waiting {
            end(waiting, LineRelease(cause: .refused, message: "the call before it ended first"), now)
        }
        if call.connectedAt != nil {
            for step in profile.audio.whenReleased where stage == .ready || stage == .sim || stage == .preparing {
                send(command(step.command), .audioOff, now)
            }
        }
        releaseCard(now)
    }

    private mutating func stopCallTimers() {
        for timer: Timer in [.caller, .givenUp, .dialLimit, .list, .audio, .cardWait, .cardLost] {
            timers[timer] = nil
        }
    }
}
