import Calls

/// A second call that knocks while one stands: it is offered as waiting and can only be refused.
extension ModemMachine {
    /// What is said of a call that was just refused is no new one.
    private static var crossingMilliseconds: Int64 { 3000 }

    mutating func callWaiting(_ fields: ATFields, _ now: Instant) {
        // An answer to a question about the setting bears no number.
        guard fields[1]?.isQuoted ?? false else { return }
        knocks(fields, now)
    }

    /// - Parameter fields: the caller's number; nil where a RING alone said it.
    mutating func knocks(_ fields: ATFields?, _ now: Instant) {
        guard let call = current, call.phase != .releasing else { return }
        // In a call that rings itself a second RING is its own.
        if waiting != nil {
            if !(waiting?.isOffered ?? true), let fields {
                waiting?.caller = fields
                offerWaiting(now)
            }
            set(.waitingGone, profile.waiting.givenUpAfterMilliseconds, now)
            return
        }
        if let lastWaitingEnd, now.milliseconds(since: lastWaitingEnd) < Self.crossingMilliseconds { return }
        let (id, leg) = newIdentifiers()
        waiting = ModemWaitingCall(call: id, leg: leg, at: now, caller: fields)
        statistics.waiting += 1
        set(.waitingGone, profile.waiting.givenUpAfterMilliseconds, now)
        if fields == nil {
            set(.waitingCaller, profile.ring.callerWaitMilliseconds, now)
        } else {
            offerWaiting(now)
        }
    }

    mutating func offerWaiting(_ now: Instant) {
        timers[.waitingCaller] = nil
        guard let call = waiting, !call.isOffered else { return }
        waiting?.isOffered = true
        tell(.offered(offer(call.caller, isWaiting: true)), call.leg, call.call, at: call.at)
        if isDraining { refuseWaiting(call, now) }
    }

    mutating func refuseWaiting(_ call: ModemWaitingCall, _ now: Instant) {
        guard !(waiting?.isRefused ?? true) else { return }
        waiting?.isRefused = true
        // The command would end a call that rings: there the waiting one is left to ring.
        guard let current, current.phase == .connected || current.phase == .talking else {
            end(call, LineRelease(cause: .refused, message: "left to ring: another call is being set up"), now)
            return
        }
        send(command(profile.waiting.refuse, isUrgent: true), .refuseWaiting, now)
    }

    mutating func waitingRefused(_ command: ATCommand, _ outcome: ATOutcome, _ now: Instant) {
        guard let call = waiting, call.isRefused else { return }
        statistics.waitingRefused += 1
        let message = outcome.isOK ? "\(command.text) sent" : "\(command.text): \(outcome.text.prefix(64))"
        end(call, LineRelease(cause: .refused, message: message), now)
    }

    mutating func waitingGone(_ now: Instant) {
        if let waiting { waitingGone(waiting, now) }
    }

    mutating func waitingGone(_ call: ModemWaitingCall, _ now: Instant) {
        guard !call.isRefused else { return }
        if !call.isOffered { offerWaiting(now) }
        end(call, LineRelease(cause: .carrierLost, message: "the waiting call ceased"), now)
    }

    mutating func end(_ call: ModemWaitingCall, _ release: LineRelease, _ now: Instant) {
        guard waiting != nil else { return }
        if !call.isOffered {
            tell(.offered(offer(call.caller, isWaiting: true)), call.leg, call.call, at: call.at)
        }
        waiting = nil
        lastWaitingEnd = now
        timers[.waitingCaller] = nil
        timers[.waitingGone] = nil
        tell(.released(by: release), call.leg, call.call, at: now)
        stopIfQuiet()
    }
}
