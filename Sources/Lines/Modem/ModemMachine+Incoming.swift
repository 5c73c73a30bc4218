import Calls
import Media

/// A call that comes in: its rings, its offer, its answer.
extension ModemMachine {
    /// RINGs may cross the answer: so soon after it they are the same call's.
    private static var crossingMilliseconds: Int64 { 1500 }
    /// How long a call may wait for the sound card.
    private static var cardWaitMilliseconds: Int64 { 2000 }

    // MARK: - RING

    mutating func rang(_ now: Instant) {
        statistics.rings += 1
        guard stage == .ready || current != nil else {
            early = early?.counted(at: now) ?? Rings(at: now)
            return
        }
        guard let call = current else {
            beginIncoming(Rings(at: now), now)
            return
        }
        switch call.phase {
        case .ringing:
            current?.rings?.again(at: now)
            set(.givenUp, profile.ring.givenUpAfterMilliseconds, now)
            tellRings()
        case .connected, .talking:
            guard let since = call.connectedAt, now.milliseconds(since: since) > Self.crossingMilliseconds else {
                return
            }
            knocks(nil, now)
        case .preparing, .dialling:
            // The modem cannot ring and dial at once: what rings is another call.
            knocks(nil, now)
        case .answering, .releasing: break
        }
    }

    mutating func beginIncoming(_ rings: Rings, _ now: Instant) {
        serial += 1
        let (call, leg) = newIdentifiers()
        current = ModemCall(serial: serial, call: call, leg: leg, number: nil, phase: .ringing, rings: rings)
        set(.caller, profile.ring.callerWaitMilliseconds, now)
        set(.givenUp, profile.ring.givenUpAfterMilliseconds, rings.last)
        wantCard(now)
        if card != .open { set(.cardWait, Self.cardWaitMilliseconds, now) }
    }

    mutating func callerKnown(_ fields: ATFields, _ now: Instant) {
        if let call = current, call.phase == .ringing, !call.isOffered {
            current?.caller = fields
            offer(now)
        } else if let waiting, !waiting.isOffered {
            self.waiting?.caller = fields
            offerWaiting(now)
        }
        // Otherwise it is said again with every RING, and known already.
    }

    /// Tells the call with the instant of its first RING.
    mutating func offer(_ now: Instant) {
        timers[.caller] = nil
        guard let call = current, call.phase == .ringing, !call.isOffered, let rings = call.rings else { return }
        current?.isOffered = true
        statistics.calls += 1
        tell(.offered(offer(call.caller, isWaiting: false)), call.leg, call.call, at: rings.first)
        tell(.alerted(.modem), call.leg, call.call, at: rings.first)
        tellRings()
        if isDraining {
            turnAway(LineRelease(cause: .refused, message: "the line takes no new calls"), now)
        }
    }

    mutating func tellRings() {
        guard let call = current, call.isOffered, let rings = call.rings else { return }
        let first = rings.count - rings.untold.count + 1
        for (offset, at) in rings.untold.enumerated() {
            tell(.rang(count: first + offset), call.leg, call.call, at: at)
        }
        current?.rings?.untold = []
    }

    /// `"13800138000",129,,,,0` as an offer.
    func offer(_ fields: ATFields?, isWaiting: Bool) -> Offer {
        var raw = fields?[1].map { SIPCaller.clean($0.text) } ?? ""
        // International (3GPP TS 24.008 §10.5.4.7), written without its plus.
        if fields?[2]?.number == 145, !raw.isEmpty, !raw.hasPrefix("+") { raw = "+" + raw }
        // CLI validity (27.007 §7.6): 1, the caller withholds it.
        let isWithheld = !isWaiting && fields?[6]?.number == 1
        return Offer(
            caller: raw.isEmpty || isWithheld ? nil : configuration.rules.normalise(raw),
            callerRaw: raw.isEmpty ? nil : raw, callerSource: "clip", called: configuration.number, diversion: nil,
            peer: configuration.port, protocolCallID: "", isWaiting: isWaiting)
    }

    mutating func ringsCeased(_ now: Instant) {
        guard let call = current, call.phase == .ringing, let rings = call.rings else { return }
        if !call.isOffered { offer(now) }
        guard current?.phase == .ringing else { return }
        // The modem may think that it still rings; nobody does.
        remoteEnd(
            LineRelease(
                cause: .carrierLost,
                message: "RING ceased after \(rings.count), none for \(profile.ring.givenUpAfterMilliseconds) ms"), now)
    }

    // MARK: - Answer

    mutating func answer(_ leg: LegID, _ now: Instant) {
        guard let call = current, call.leg == leg, call.phase == .ringing, !call.isAnswerWanted else { return }
        current?.isAnswerWanted = true
        proceed(now)
    }

    /// Goes on with a call that waits for the sound card: media, then ATA or ATD.
    mutating func proceed(_ now: Instant) {
        guard let call = current, card == .open, !call.hasMedia,
            (call.phase == .ringing && call.isAnswerWanted) || call.phase == .preparing
        else { return }
        current?.hasMedia = true
        act(.openMedia(call.leg, call.call))
    }

    mutating func mediaOpened(_ leg: LegID, _ now: Instant) {
        guard let call = current, call.leg == leg else { return }
        switch call.phase {
        case .ringing:
            current?.phase = .answering
            timers[.givenUp] = nil
            timers[.caller] = nil
            let answer = ATCommand(
                profile.answer.command, endsWithCall: true, timeoutMilliseconds: profile.answer.timeoutMilliseconds,
                isUrgent: true)
            send(answer, .answer(call: call.serial), now)
        case .preparing: dialNow(call, now)
        case .answering, .dialling, .connected, .talking, .releasing: break
        }
    }

    mutating func mediaFailed(_ leg: LegID, _ why: String, _ now: Instant) {
        guard let call = current, call.leg == leg, call.phase != .releasing else { return }
        let release = LineRelease(cause: .failed, message: "no media: \(why.prefix(200))")
        if call.phase == .preparing { finish(call, release, now) } else { hangUp(release, now) }
    }

    mutating func answerDone(_ serial: Int, _ outcome: ATOutcome, _ now: Instant) {
        guard let call = current, call.serial == serial, call.phase == .answering else { return }
        switch outcome {
        case .answered(.ok, _), .answered(.connect, _):
            if profile.answer.okMeansConnected {
                connected(now)
            } else {
                set(.list, profile.callList.settingUpMilliseconds, now)
            }
        case .answered(.noCarrier, _):
            remoteEnd(LineRelease(cause: .carrierLost, message: ATResult.noCarrier.text), now)
        case .answered, .timedOut, .dropped:
            hangUp(LineRelease(cause: .failed, message: "\(profile.answer.command): \(outcome.text.prefix(64))"), now)
        }
    }

    // MARK: - Connected

    mutating func connected(_ now: Instant) {
        guard let call = current, call.phase == .answering || call.phase == .dialling else { return }
        current?.phase = .connected
        current?.connectedAt = now
        timers[.dialLimit] = nil
        statistics.answered += 1
        tell(.answered, call.leg, call.call, at: now)
        set(.list, profile.callList.everyMilliseconds, now)
        switchAudioOn(now)
    }

    mutating func switchAudioOn(_ now: Instant) {
        guard let call = current, call.phase == .connected else { return }
        guard profile.audio.whenConnected.indices.contains(call.audioStep) else {
            act(.configureMedia(call.leg, .sound(keysInBand: profile.keys.reported == nil)))
            return
        }
        let step = profile.audio.whenConnected[call.audioStep]
        send(command(step.command), .audioOn(call: call.serial, step: call.audioStep), now)
    }

    mutating func audioSwitched(_ serial: Int, _ step: Int, _ outcome: ATOutcome, _ now: Instant) {
        guard let call = current, call.serial == serial, call.phase == .connected, call.audioStep == step else {
            return
        }
        if outcome.isOK || profile.audio.whenConnected[step].isOptional {
            current?.audioStep += 1
            current?.audioAttempts = 0
            switchAudioOn(now)
        } else if call.audioAttempts + 1 < profile.audio.attempts {
            current?.audioAttempts += 1
            set(.audio, 300, now)
        } else {
            let command = profile.audio.whenConnected[step].command
            hangUp(LineRelease(cause: .failed, message: "no audio: \(command): \(outcome.text.prefix(64))"), now)
        }
    }

    mutating func mediaConfigured(_ leg: LegID, _ now: Instant) {
        guard let call = current, call.leg == leg, call.phase == .connected else { return }
        current?.phase = .talking
        tell(
            .established(.sound(keysInBand: profile.keys.reported == nil)), call.leg, call.call, at: now)
    }
}

extension Rings {
    /// Itself with one more.
    fileprivate func counted(at now: Instant) -> Rings {
        var rings = self
        rings.again(at: now)
        return rings
    }
}
