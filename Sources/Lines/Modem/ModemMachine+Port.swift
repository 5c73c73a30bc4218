import Calls

/// The port's life, and what is done about a modem that hangs.
extension ModemMachine {
    /// The longest pause between two attempts at the port.
    static var backoffLimit: Int64 { 60_000 }

    mutating func openPort(_ now: Instant) {
        guard stage != .stopped else { return }
        stage = .opening
        act(.openPort)
    }

    mutating func opened(_ now: Instant) {
        guard stage == .opening else { return }
        if wasOpen { statistics.reopened += 1 }
        wasOpen = true
        clear(.port)
        prepare(now)
    }

    /// Begins from the beginning with a modem that may be in any state.
    mutating func prepare(_ now: Instant) {
        stage = .probing
        identity = []
        refusedSteps = []
        registrations = [:]
        let retries = max(0, profile.times.unresponsiveAfter - 1)
        send(
            ATCommand("AT", timeoutMilliseconds: profile.times.probeMilliseconds, retries: retries), .probe, now)
    }

    mutating func portLost(_ why: String, _ now: Instant) {
        guard stage != .stopped, stage != .closed else { return }
        statistics.portFailures += 1
        let isOpen = stage != .opening
        // A port that vanishes in a reset is what a reset does.
        if stage != .resetting { raise(.port, why) }
        abandon("the port is gone", now)
        if isOpen { act(.closePort) }
        retryLater(now)
    }

    /// Closes the port and opens it after a pause.
    mutating func reopen(_ why: String, _ now: Instant) {
        guard stage != .stopped else { return }
        abandon(why, now)
        act(.closePort)
        retryLater(now)
    }

    /// A command had no answer: a modem that hangs is found out before the next one is due.
    mutating func askWhetherAlive(_ purpose: Purpose, _ now: Instant) {
        guard purpose != .probe, purpose != .alive else { return }
        send(
            ATCommand(
                "AT", timeoutMilliseconds: profile.times.probeMilliseconds, retries: profile.times.unresponsiveAfter,
                isUrgent: true), .alive, now)
    }

    /// The modem answers no more.
    mutating func unresponsive(_ now: Instant) {
        guard stage != .resetting, stage != .stopped, stage != .closed, stage != .opening else { return }
        raise(
            .unresponsive,
            "\(configuration.port): the modem does not answer; it is reset with \(profile.reset.command). Where that "
                + "does not help, pull its USB plug; see that the port is the one for AT commands")
        reset("the modem does not answer", now)
    }

    /// Nothing can be heard or done before the modem has started again.
    private mutating func reset(_ why: String, _ now: Instant) {
        abandon(why, now)
        guard stage != .stopped else { return }
        statistics.resets += 1
        stage = .resetting
        act(.write(Array((profile.reset.command + "\r").utf8)))
        set(.reset, profile.reset.waitMilliseconds, now)
    }

    /// The modem said that it has started: of itself, or after our reset.
    mutating func modemStarted(_ now: Instant) {
        switch stage {
        case .ready, .preparing, .sim, .resetting:
            abandon("the modem started anew", now)
            guard stage != .stopped else { return }
            prepare(now)
        case .closed, .opening, .probing, .identifying, .stopped: break
        }
    }

    /// Calls end, commands are dropped, timers stop; the stage is the caller's matter.
    private mutating func abandon(_ why: String, _ now: Instant) {
        let dropped = channel.reset()
        timers = timers.filter { [.cardOpen, .cardLost, .cardProbeLimit].contains($0.key) }
        early = nil
        if let call = current {
            // What was being hung up is over as wanted, as far as anybody can know.
            let release = call.release ?? LineRelease(cause: .failed, message: why)
            finish(call, release, now)
        }
        if let waiting { end(waiting, LineRelease(cause: .failed, message: why), now) }
        for action in dropped {
            if case .finished(.cause(let serial), _, let outcome) = action { causeKnown(serial, outcome, now) }
        }
        statistics.registration = "none"
        statistics.signalDBm = nil
        stopIfQuiet()
    }

    private mutating func retryLater(_ now: Instant) {
        guard stage != .stopped else { return }
        stage = .closed
        backoff = backoff == 0 ? 1000 : min(Self.backoffLimit, backoff * 2)
        set(.retry, backoff, now)
    }

    /// The modem refused what cannot be done without.
    mutating func setupFailed(_ why: String, _ now: Instant) {
        raise(.unresponsive, "\(configuration.port): \(why)")
        reopen(why, now)
    }
}
