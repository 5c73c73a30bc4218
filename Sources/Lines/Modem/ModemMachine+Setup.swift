import Calls

/// From the first AT to a line that takes calls: identification, SIM, initial commands, network.
extension ModemMachine {
    private var steps: [ModemProfile.Step] {
        profile.initial + profile.ring.interval + profile.keys.enable + profile.audio.atStart
    }

    // MARK: - Identification

    mutating func probed(_ outcome: ATOutcome, _ now: Instant) {
        guard stage == .probing, case .answered = outcome else { return }
        stage = .identifying
        identify(0, now)
    }

    private mutating func identify(_ index: Int, _ now: Instant) {
        guard profile.identify.indices.contains(index) else {
            identified(now)
            return
        }
        var question = command(profile.identify[index])
        question.takesAnyLine = true
        send(question, .identify(index), now)
    }

    mutating func identity(_ index: Int, _ outcome: ATOutcome, _ now: Instant) {
        guard stage == .identifying else { return }
        if case .answered(.ok, let lines) = outcome {
            // Some tell their serial number (IMEI) as well, which is nobody's business.
            let told = lines.filter { line in !line.split(whereSeparator: { !$0.isNumber }).contains { $0.count > 9 } }
            identity += told.prefix(8).map { String(SIPCaller.clean($0).prefix(64)) }
        }
        identify(index + 1, now)
    }

    private mutating func identified(_ now: Instant) {
        statistics.model = identity.isEmpty ? nil : identity.joined(separator: " ")
        let known = identity.contains { line in
            profile.matches.contains { line.lowercased().contains($0.lowercased()) }
        }
        guard known || profile.matches.isEmpty else {
            let answer = identity.isEmpty ? "nothing" : "\"\(identity.joined(separator: " ").prefix(128))\""
            setupFailed(
                "the modem calls itself \(answer), which is none of profile \(profile.id)'s "
                    + "(\(profile.matches.joined(separator: ", "))); choose another profile", now)
            return
        }
        stage = .sim
        askSIM(now)
    }

    /// The field that a question was about.
    private static func field(_ query: ModemProfile.Query, of lines: [String]) -> ATFields.Field? {
        lines.lazy.compactMap { ATFields($0, after: query.prefix)?[query.field] }.first
    }

    // MARK: - SIM

    private static var simRetryMilliseconds: Int64 { 10_000 }

    mutating func askSIM(_ now: Instant) {
        guard stage == .sim else { return }
        send(command(profile.sim.query.command, prefixes: [profile.sim.query.prefix]), .sim, now)
    }

    mutating func simState(_ outcome: ATOutcome, _ now: Instant) {
        guard stage == .sim else { return }
        guard case .answered(.ok, let lines) = outcome,
            let state = Self.field(profile.sim.query, of: lines)?.text
        else {
            if case .answered(let result, _) = outcome {
                raise(
                    .sim,
                    "\(configuration.port): no SIM card answers (\(result.text)); put one in, or look to its contacts")
            }
            set(.sim, Self.simRetryMilliseconds, now)
            return
        }
        switch state {
        case "READY":
            isPINSpent = false
            clear(.sim)
            clear(.pin)
            stage = .preparing
            initial(0, now)
            return
        case "SIM PIN":
            clear(.sim)
            if isPINSpent {
                raise(
                    .pin,
                    "\(configuration.port): the SIM refused the PIN; it is not given again, lest the SIM lock itself. "
                        + "Enter the right one with a telephone, set it in the configuration and start anew")
            } else if configuration.pin == nil {
                raise(.pin, "\(configuration.port): the SIM wants a PIN; set one for line \(configuration.name)")
            } else if let attempts = profile.sim.attempts {
                send(command(attempts.command, prefixes: [attempts.prefix]), .pinAttempts, now)
                return
            } else {
                givePIN(now)
                return
            }
        case "SIM PUK", "SIM PUK2", "PH-SIM PUK":
            raise(
                .sim,
                "\(configuration.port): the SIM is locked and wants its PUK (\(state)); unlock it with a telephone")
        default:
            raise(.sim, "\(configuration.port): the SIM cannot be used (\(SIPCaller.clean(state).prefix(32)))")
        }
        set(.sim, Self.simRetryMilliseconds, now)
    }

    mutating func pinAttempts(_ outcome: ATOutcome, _ now: Instant) {
        guard stage == .sim, let query = profile.sim.attempts else { return }
        var left: Int?
        if case .answered(.ok, let lines) = outcome { left = Self.field(query, of: lines)?.number }
        guard let left, left >= 3 else {
            raise(
                .pin,
                "\(configuration.port): the PIN is not given: of its three attempts "
                    + (left.map { "\($0) are left" } ?? "nobody knows how many are left")
                    + ". Enter the right one with a telephone, which sets the count back")
            set(.sim, Self.simRetryMilliseconds, now)
            return
        }
        givePIN(now)
    }

    private mutating func givePIN(_ now: Instant) {
        guard let pin = configuration.pin else { return }
        // Spent from now on: whatever becomes of the answer, it is not given twice.
        isPINSpent = true
        send(command(profile.sim.enterPIN.replacing("%", with: pin)), .pin, now)
    }

    mutating func pinGiven(_ now: Instant) {
        guard stage == .sim else { return }
        // The state says what became of it; a SIM takes a moment after the PIN.
        set(.sim, 1000, now)
    }

    mutating func simRemoved(_ now: Instant) {
        guard stage == .ready || stage == .preparing || stage == .sim else { return }
        raise(.sim, "\(configuration.port): the SIM card was pulled; put it back")
        if stage != .sim {
            // A running call is judged by what the modem says of it.
            stage = .sim
            set(.sim, Self.simRetryMilliseconds, now)
        }
    }

    mutating func simInserted(_ now: Instant) {
        // At once where it was missed; the state is asked, not believed.
        if stage == .sim { set(.sim, 500, now) }
    }

    // MARK: - Initial commands

    private mutating func initial(_ index: Int, _ now: Instant) {
        guard steps.indices.contains(index) else {
            becameReady(now)
            return
        }
        send(command(steps[index].command), .initial(index), now)
    }

    mutating func initialised(_ index: Int, _ outcome: ATOutcome, _ now: Instant) {
        guard stage == .preparing, steps.indices.contains(index) else { return }
        let step = steps[index]
        if !outcome.isOK {
            guard step.isOptional else {
                // A time-out has its own way.
                if case .answered(let result, _) = outcome {
                    setupFailed("the modem refused \(step.command): \(result.text.prefix(64))", now)
                }
                return
            }
            refusedSteps.append(step)
        }
        initial(index + 1, now)
    }

    private mutating func becameReady(_ now: Instant) {
        stage = .ready
        backoff = 0
        clear(.unresponsive)
        set(.grace, profile.registration.graceMilliseconds, now)
        askRegistration(now)
        askSignal(now)
        // A call may stand that belongs to nobody: of a program that ended in mid-call.
        send(command(profile.callList.command, prefixes: [profile.callList.prefix]), .list(call: 0), now)
        if current == nil { set(.cardProbe, 0, now) }
        if let rings = early, now.milliseconds(since: rings.last) < Int64(profile.ring.givenUpAfterMilliseconds) {
            beginIncoming(rings, now)
        }
        early = nil
    }

    // MARK: - Network

    mutating func askRegistration(_ now: Instant) {
        guard stage == .ready else { return }
        for (index, query) in profile.registration.queries.enumerated() {
            send(command(query.command, prefixes: [query.prefix]), .registration(index), now)
        }
        let every = profile.registration.everyMilliseconds
        set(.registration, isRegistered ? every : min(every, 5000), now)
    }

    /// Reads `+CREG: <n>,<stat>,…` and the unsolicited `+CREG: <stat>,"<area>",…`.
    mutating func registration(_ index: Int, line: String, _ now: Instant) {
        guard profile.registration.queries.indices.contains(index),
            let fields = ATFields(line, after: profile.registration.queries[index].prefix),
            let state = fields[2]?.number ?? fields[1]?.number
        else { return }
        let was = isRegistered
        registrations[index] = state
        judgeRegistration(isOverdue: false, now)
        if isRegistered, !was, stage == .ready {
            send(command("AT+COPS?", prefixes: ["+COPS:"]), .networkOperator, now)
            // What was refused for want of a network is tried once more.
            for (index, step) in refusedSteps.enumerated() { send(command(step.command), .repeated(index), now) }
            refusedSteps = []
        }
    }

    /// At home or roaming (3GPP TS 27.007 §7.2).
    var isRegistered: Bool { registrations.values.contains { $0 == 1 || $0 == 5 } }

    mutating func judgeRegistration(isOverdue: Bool, _ now: Instant) {
        let states = registrations.values
        statistics.registration =
            states.contains(1)
            ? "registered"
            : states.contains(5)
                ? "roaming" : states.contains(3) ? "denied" : states.contains(2) ? "searching" : "none"
        if isRegistered {
            timers[.grace] = nil
            clear(.registration)
        } else if stage == .ready {
            if states.contains(3), !states.contains(where: { $0 == 2 }) {
                timers[.grace] = nil
                raise(.registration, "the network denies the SIM of line \(configuration.name); ask the carrier")
            } else if isOverdue {
                raise(
                    .registration,
                    "line \(configuration.name) has no network; look to the antenna and the carrier's coverage")
            } else if timers[.grace] == nil, alarms[.registration] == nil {
                set(.grace, profile.registration.graceMilliseconds, now)
            }
        }
    }

    mutating func networkOperator(_ outcome: ATOutcome) {
        guard case .answered(.ok, let lines) = outcome else { return }
        let name = lines.lazy.compactMap { ATFields($0, after: "+COPS:")?[3]?.text }.first
        statistics.networkOperator = name.map { String(SIPCaller.clean($0).prefix(64)) }
    }

    mutating func askSignal(_ now: Instant) {
        guard stage == .ready || stage == .sim else { return }
        send(command(profile.signal.query.command, prefixes: [profile.signal.query.prefix]), .signal, now)
        set(.signal, profile.signal.everyMilliseconds, now)
    }

    mutating func signal(_ outcome: ATOutcome) {
        guard case .answered(.ok, let lines) = outcome,
            let level = Self.field(profile.signal.query, of: lines)?.number
        else { return }
        // 3GPP TS 27.007 §8.5: 0…31 in steps of 2 dB from -113 dBm; 99 is not known.
        statistics.signalDBm = (0...31).contains(level) ? -113 + 2 * level : nil
    }
}
