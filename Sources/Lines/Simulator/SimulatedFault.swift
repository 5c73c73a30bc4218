/// What can go wrong with a modem while it is watched. Durations in milliseconds.
package enum SimulatedFault: Sendable, Equatable {
    case cardRemoved
    case cardBack
    case networkLost
    case networkBack
    /// No command is answered for so long; nil: until `AT+CFUN=1,1`, the only thing it still listens to.
    case hang(Int64?)
    /// So many random bytes.
    case garbage(Int)
    /// Answers take so many times as long for a while.
    case slow(factor: Int64, milliseconds: Int64)
    /// Radio loss: running calls end, and the network stays.
    case noCarrier
    /// The USB device goes away for so long. The runner's part: the machine only loses power.
    case usbGone(Int64)
}

extension SimulatedModem {
    mutating func take(_ fault: SimulatedFault) {
        switch fault {
        case .cardRemoved: removeCard()
        case .cardBack: insertCard()
        case .networkLost:
            hasCoverage = false
            loseNetwork(.searching)
        case .networkBack:
            hasCoverage = true
            searchNetwork()
        case .hang(let duration):
            isHung = true
            wakesOnReset = duration == nil
            if let duration { schedule(.wakeUp, after: duration) }
        case .garbage(let count): send(randomBytes(count))
        case .slow(let factor, let duration):
            slowness = factor
            schedule(.quicken, after: duration)
        case .noCarrier:
            for call in calls {
                end(call.serial, cause: .outOfOrder, byNetwork: true)
                tell(.lost(serial: call.serial))
            }
        case .usbGone: shutDown()
        }
    }

    private mutating func removeCard() {
        hasCard = false
        loseNetwork(.none)
        switch kind {
        case .quectel:
            say("+CPIN: NOT READY")
            if values.cardReports == 1 { say("+QSIMSTAT: 1,0") }
        case .simcom: say("+SIMCARD: NOT AVAILABLE")
        case .generic: break
        }
    }

    private mutating func insertCard() {
        hasCard = true
        if settings.pin != nil, lock == .open { lock = .pin(attempts: 3) }
        guard isUp else { return }
        if kind == .quectel, values.cardReports == 1 { say("+QSIMSTAT: 1,1") }
        sayCard()
        if cardIsReady {
            for text in kind.bootLines.after { say(text) }
            searchNetwork()
        }
    }
}
