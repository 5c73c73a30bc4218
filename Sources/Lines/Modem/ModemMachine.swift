import Calls
import Media

/// A modem line as a value: the port's life, the modem's, the SIM's, its calls and its sound card. Bytes, commands and
/// time go in; what is to be done comes out. It knows modems only by their profile.
package struct ModemMachine: Sendable {
    package enum Event: Sendable {
        /// Once, before everything else.
        case start
        case opened
        case openFailed(String)
        /// The port was open and is gone.
        case portLost(String)
        case received([UInt8])
        /// `deadline` has come.
        case tick
        case answer(LegID)
        case refuse(LegID)
        case release(LegID)
        case dial(DialRequest, number: String)
        case sendKeys(LegID, [Key])
        case drain
        case stop
        case card(SoundCardEvent)
        case mediaOpened(LegID)
        case mediaConfigured(LegID)
        case mediaFailed(LegID, String)
    }

    package enum Action: Sendable {
        /// Answered by `opened` or `openFailed`.
        case openPort
        case closePort
        case write([UInt8])
        case openCard
        case closeCard
        /// Answered by `mediaOpened` or `mediaFailed`.
        case openMedia(LegID, CallID)
        /// Answered by `mediaConfigured` or `mediaFailed`.
        case configureMedia(LegID, MediaSession)
        case tell(LineEvent)
        case alarm(LineAlarm)
        /// After `stop`: nothing is left to wait for.
        case quiet
    }

    enum Stage: String, Sendable {
        case closed, opening, probing, identifying, sim, preparing, ready, resetting, stopped
    }

    /// What a command was for. A call's commands bear its serial number: what comes late belongs to nobody.
    enum Purpose: Sendable, Hashable {
        case probe
        /// Whether it still answers.
        case alive
        case identify(Int)
        case sim, pinAttempts, pin
        case initial(Int)
        case repeated(Int)
        case registration(Int)
        case networkOperator, signal
        case list(call: Int)
        case answer(call: Int)
        case dial(call: Int)
        case audioOn(call: Int, step: Int)
        case audioOff
        case hangUp(call: Int, step: Int)
        case leftover(step: Int)
        case cause(call: Int)
        case refuseWaiting
        case key
    }

    enum Timer: Sendable, Hashable {
        case retry, reset, sim, registration, grace, signal
        case caller, givenUp, dialLimit, list, audio
        case waitingCaller, waitingGone
        case cardOpen, cardProbe, cardProbeLimit, cardWait, cardLost
    }

    package let configuration: ModemLineConfiguration
    let profile: ModemProfile
    private let identifiers: @Sendable () -> (CallID, LegID)
    var channel: ATChannel<Purpose>
    var stage = Stage.closed { didSet { statistics.state = stage.rawValue } }
    var timers: [Timer: Instant] = [:]
    var alarms: [LineAlarm.Kind: String] = [:]
    /// Milliseconds to the next attempt at the port.
    var backoff: Int64 = 0
    var wasOpen = false
    /// Answers to the identification.
    var identity: [String] = []
    /// Optional commands that were refused, sent again once there is a network.
    var refusedSteps: [ModemProfile.Step] = []
    /// The PIN was given and not yet accepted.
    var isPINSpent = false
    var registrations: [Int: Int] = [:]
    /// Rings that came before everything was prepared.
    var early: Rings?
    var current: ModemCall?
    var waiting: ModemWaitingCall?
    /// Calls whose release waits for the modem's reason.
    var endings: [Int: ModemEnding] = [:]
    var serial = 0
    var lastEnd: Instant?
    var lastWaitingEnd: Instant?
    var card = CardState.closed
    var isProbingCard = false
    var cardClosedAt: Instant?
    var isDraining = false
    var isStopping = false
    package internal(set) var statistics = ModemLineStatistics()
    private var out: [Action] = []

    /// - Parameter identifiers: makes the ids of an incoming call and its leg.
    package init(
        configuration: ModemLineConfiguration, identifiers: @escaping @Sendable () -> (CallID, LegID)
    ) {
        self.configuration = configuration
        profile = configuration.profile
        self.identifiers = identifiers
        channel = ATChannel(
            unsolicited: configuration.profile.unsolicited, timeoutLimit: configuration.profile.times.unresponsiveAfter)
    }

    /// When `tick` is wanted; nil: nothing is waited for.
    package var deadline: Instant? {
        [timers.values.min(), channel.deadline].compactMap(\.self).min()
    }

    /// - Returns: what is to be done, in order.
    package mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        switch event {
        case .start: openPort(now)
        case .opened: opened(now)
        case .openFailed(let why), .portLost(let why): portLost(why, now)
        case .received(let bytes):
            guard stage != .closed, stage != .opening, stage != .stopped else { break }
            perform(channel.received(bytes, at: now), now)
        case .tick: tick(now)
        case .answer(let leg): answer(leg, now)
        case .refuse(let leg): release(leg, cause: .refused, now)
        case .release(let leg): release(leg, cause: .local, now)
        case .dial(let request, let number): dial(request, number: number, now)
        case .sendKeys(let leg, let keys): sendKeys(leg, keys, now)
        case .drain: isDraining = true
        case .stop: stop(now)
        case .card(let event): cardTold(event, now)
        case .mediaOpened(let leg): mediaOpened(leg, now)
        case .mediaConfigured(let leg): mediaConfigured(leg, now)
        case .mediaFailed(let leg, let why): mediaFailed(leg, why, now)
        }
        statistics.commands = channel.sent
        statistics.timeouts = channel.timeouts
        statistics.strays = channel.strays
        statistics.cutLines = channel.cut
        statistics.legs = (current == nil ? 0 : 1) + (waiting == nil ? 0 : 1) + endings.count
        defer { out = [] }
        return out
    }

    // MARK: - Acting

    mutating func act(_ action: Action) { out.append(action) }

    mutating func tell(_ kind: LineEvent.Kind, _ leg: LegID, _ call: CallID, at instant: Instant) {
        act(.tell(LineEvent(leg: leg, call: call, line: configuration.name, at: instant, kind: kind)))
    }

    mutating func newIdentifiers() -> (CallID, LegID) { identifiers() }

    /// Raises an alarm; one that stands is raised again only with another message.
    mutating func raise(_ kind: LineAlarm.Kind, _ message: String) {
        guard alarms[kind] != message else { return }
        alarms[kind] = message
        act(.alarm(LineAlarm(line: configuration.name, kind: kind, message: message)))
    }

    mutating func clear(_ kind: LineAlarm.Kind) {
        guard alarms.removeValue(forKey: kind) != nil else { return }
        act(.alarm(LineAlarm(line: configuration.name, kind: kind, message: nil)))
    }

    mutating func set(_ timer: Timer, _ milliseconds: some BinaryInteger, _ now: Instant) {
        timers[timer] = now.advanced(milliseconds: Int64(milliseconds))
    }

    mutating func send(_ command: ATCommand, _ purpose: Purpose, _ now: Instant) {
        perform(channel.send(command, purpose, at: now), now)
    }

    mutating func command(_ text: String, prefixes: [String] = [], isUrgent: Bool = false) -> ATCommand {
        ATCommand(
            text, prefixes: prefixes, timeoutMilliseconds: profile.times.commandMilliseconds, isUrgent: isUrgent)
    }

    mutating func perform(_ actions: [ATChannel<Purpose>.Action], _ now: Instant) {
        for action in actions {
            switch action {
            case .write(let bytes): act(.write(bytes))
            case .finished(let purpose, let command, let outcome): finished(purpose, command, outcome, now)
            case .unsolicited(let line): unsolicited(line, now)
            case .callResult(let result): callResult(result, now)
            case .unresponsive: unresponsive(now)
            }
        }
    }

    // MARK: - Time

    private mutating func tick(_ now: Instant) {
        perform(channel.tick(at: now), now)
        // A timer may set or remove another: what is due is asked anew each time.
        while let due = timers.filter({ $0.value <= now }).min(by: { $0.value < $1.value })?.key {
            timers[due] = nil
            fire(due, now)
        }
    }

    private mutating func fire(_ timer: Timer, _ now: Instant) {
        switch timer {
        case .retry: openPort(now)
        case .reset: reopen("the modem was reset", now)
        case .sim: askSIM(now)
        case .registration: askRegistration(now)
        case .grace: judgeRegistration(isOverdue: true, now)
        case .signal: askSignal(now)
        case .caller: offer(now)
        case .givenUp: ringsCeased(now)
        case .dialLimit: dialLimit(now)
        case .list: askList(now)
        case .audio: switchAudioOn(now)
        case .waitingCaller: offerWaiting(now)
        case .waitingGone: waitingGone(now)
        case .cardOpen: if card == .opening { act(.openCard) }
        case .cardProbe: probeCard(now)
        case .cardProbeLimit: cardTold(.lost(reason: "the devices do not open"), now)
        case .cardWait: cardWaitOver(now)
        case .cardLost: cardLostTooLong(now)
        }
    }

    // MARK: - The end

    private mutating func stop(_ now: Instant) {
        guard !isStopping else { return }
        isDraining = true
        isStopping = true
        if let waiting { refuseWaiting(waiting, now) }
        if current != nil { hangUp(LineRelease(cause: .local, message: "the line is stopped"), now) }
        stopIfQuiet()
    }

    mutating func stopIfQuiet() {
        guard isStopping, stage != .stopped, current == nil, waiting == nil, endings.isEmpty else { return }
        stage = .stopped
        timers = [:]
        if card != .closed {
            card = .closed
            act(.closeCard)
        }
        act(.closePort)
        act(.quiet)
    }
}
