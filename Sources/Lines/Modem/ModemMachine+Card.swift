import Calls
import Media

/// The sound card: open while a call is there, looked at now and then while none is.
extension ModemMachine {
    enum CardState: Sendable, Hashable {
        case closed, opening, open
        /// Wanted, and not there.
        case missing
    }

    private static var probeEveryMilliseconds: Int64 { 60_000 }
    private static var probeMissingMilliseconds: Int64 { 10_000 }
    private static var probeLimitMilliseconds: Int64 { 5000 }
    private static var settleMilliseconds: Int64 { 300 }
    /// A call without the card is released after so long: nobody may sit in a dead call.
    private static var lostLimitMilliseconds: Int64 { 10_000 }

    mutating func wantCard(_ now: Instant) {
        isProbingCard = false
        timers[.cardProbe] = nil
        timers[.cardProbeLimit] = nil
        if card == .closed { openCard(now) }
    }

    /// A card that was just closed needs a moment, lest it pass over both commands and tell nothing.
    private mutating func openCard(_ now: Instant) {
        card = .opening
        let since = cardClosedAt.map { now.milliseconds(since: $0) } ?? Self.settleMilliseconds
        if since < Self.settleMilliseconds {
            set(.cardOpen, Self.settleMilliseconds - since, now)
        } else {
            act(.openCard)
        }
    }

    mutating func releaseCard(_ now: Instant) {
        timers[.cardOpen] = nil
        if card != .closed {
            act(.closeCard)
            cardClosedAt = now
        }
        card = .closed
        set(
            .cardProbe, alarms[.audio] == nil ? Self.probeEveryMilliseconds : Self.probeMissingMilliseconds, now)
    }

    mutating func probeCard(_ now: Instant) {
        guard current == nil, card == .closed, stage == .ready || stage == .sim else { return }
        isProbingCard = true
        set(.cardProbeLimit, Self.probeLimitMilliseconds, now)
        openCard(now)
    }

    mutating func cardTold(_ event: SoundCardEvent, _ now: Instant) {
        // A word that crossed the closing.
        guard card != .closed else { return }
        switch event {
        case .opened:
            card = .open
            statistics.cardOpened += 1
            timers[.cardWait] = nil
            timers[.cardLost] = nil
            clear(.audio)
            if isProbingCard { probed(now) } else { proceed(now) }
        case .lost(let reason):
            if card == .open { statistics.cardLost += 1 }
            card = .missing
            raise(
                .audio,
                "line \(configuration.name): the sound card (\(configuration.card.capture), "
                    + "\(configuration.card.playback)) cannot be used: \(reason.prefix(200)). New calls are not taken "
                    + "until it is back; `hotline doctor` lists the cards")
            if isProbingCard {
                probed(now)
                return
            }
            guard let call = current else { return }
            switch call.phase {
            case .ringing, .preparing: if timers[.cardWait] == nil { set(.cardWait, 2000, now) }
            case .answering, .dialling, .connected, .talking:
                if timers[.cardLost] == nil { set(.cardLost, Self.lostLimitMilliseconds, now) }
            case .releasing: break
            }
        }
    }

    private mutating func probed(_ now: Instant) {
        isProbingCard = false
        timers[.cardProbeLimit] = nil
        releaseCard(now)
    }

    /// The call waited for the card in vain.
    mutating func cardWaitOver(_ now: Instant) {
        guard let call = current, card != .open else { return }
        if card == .opening {
            cardTold(.lost(reason: "the devices do not open"), now)
            timers[.cardWait] = nil
        }
        let release = LineRelease(cause: .failed, message: "no sound card: a call would be silent")
        switch call.phase {
        case .ringing: turnAway(release, now)
        case .preparing: finish(call, release, now)
        case .answering, .dialling, .connected, .talking, .releasing: break
        }
    }

    mutating func cardLostTooLong(_ now: Instant) {
        guard let call = current, card != .open, call.phase != .releasing else { return }
        hangUp(
            LineRelease(
                cause: .failed, message: "the sound card was lost for \(Self.lostLimitMilliseconds / 1000) s"), now)
    }
}
