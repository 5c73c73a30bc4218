import Calls
import Dispatch
import Media
import Synchronization

/// A line without any telephone: a headset on an ALSA device and a keyboard. What the person does comes in by `call`,
/// `press` and `hangUp`; everything happens in order on a queue of the line's own.
public final class ConsoleLine: Line {
    public let name: String
    private let core: ConsoleCore

    /// - Parameters:
    ///   - caller: the number the person is taken to call from, if any; `called` the one they dial.
    ///   - told: what the person should know; on the line's queue.
    public init(
        name: String, caller: String?, called: String, card: SoundCardConfiguration, media: any MediaControl,
        identifiers: @escaping @Sendable () -> (CallID, LegID), time: any TimeSource,
        events: @escaping @Sendable (LineEvent) -> Void, told: @escaping @Sendable (ConsoleNotice) -> Void
    ) {
        self.name = name
        core = ConsoleCore(
            name: name, machine: ConsoleMachine(caller: caller, called: called), media: media,
            identifiers: identifiers, time: time, events: events, told: told)
        core.open(card)
    }

    // MARK: - The person

    public func call() { core.call() }
    public func press(_ key: Key) { core.post(.press(key)) }
    public func hangUp() { core.post(.hangUp) }

    /// Ends the call and waits until that is told.
    public func stop() {
        core.post(.drain)
        core.post(.hangUp)
        core.finish()
    }

    // MARK: - The exchange

    public func ring(leg: LegID, alerting: Alerting) { core.post(.ring(leg)) }
    public func answer(leg: LegID) { core.post(.answer(leg)) }
    public func refuse(leg: LegID, _ refusal: Refusal) { core.post(.refuse(leg)) }
    public func release(leg: LegID, reason: ReleaseReason) { core.post(.release(leg)) }
    public func drain() { core.post(.drain) }

    /// - Throws: `LineError` with code `.target`, always: nobody can be called at a console.
    public func dial(_ request: DialRequest) throws(LineError) {
        throw LineError(.target, "line \(name) is a console: it calls, and cannot be called")
    }
}

/// Runs a console's machine on one queue.
private final class ConsoleCore: Sendable {
    private let name: String
    private let queue = DispatchQueue(label: "console")
    private let machine: Mutex<ConsoleMachine>
    private let card = Mutex<SoundCard?>(nil)
    private let media: any MediaControl
    private let identifiers: @Sendable () -> (CallID, LegID)
    private let time: any TimeSource
    private let events: @Sendable (LineEvent) -> Void
    private let told: @Sendable (ConsoleNotice) -> Void

    init(
        name: String, machine: ConsoleMachine, media: any MediaControl,
        identifiers: @escaping @Sendable () -> (CallID, LegID), time: any TimeSource,
        events: @escaping @Sendable (LineEvent) -> Void, told: @escaping @Sendable (ConsoleNotice) -> Void
    ) {
        self.name = name
        self.machine = Mutex(machine)
        self.media = media
        self.identifiers = identifiers
        self.time = time
        self.events = events
        self.told = told
    }

    func open(_ configuration: SoundCardConfiguration) {
        // Weak: the card's thread must not keep the line that owns the card.
        let made = SoundCard(configuration: configuration, time: time) { [weak self] event in
            if case .lost(let reason) = event { self?.post(.audioLost(reason)) }
        }
        card.withLock { $0 = made }
    }

    func call() {
        let (call, leg) = identifiers()
        post(.call(call, leg))
    }

    func post(_ event: ConsoleMachine.Event) {
        queue.async { self.handle(event) }
    }

    func finish() {
        queue.sync {}
        card.withLock { $0?.close() }
    }

    private func handle(_ event: ConsoleMachine.Event) {
        let (actions, call, leg) = machine.withLock { machine in
            let actions = machine.handle(event)
            return (actions, machine.call, machine.leg)
        }
        for action in actions {
            switch action {
            case .openAudio: card.withLock { $0?.open() }
            case .closeAudio: card.withLock { $0?.close() }
            case .notice(let notice): told(notice)
            case .tell(let kind):
                guard let call, let leg else { continue }
                events(LineEvent(leg: leg, call: call, line: name, at: time.now(), kind: kind))
            case .openMedia:
                guard let call, let leg, let card = card.withLock({ $0 }) else { continue }
                do throws(MediaError) {
                    try media.open(leg: leg, call: call, card: card)
                    try media.configure(leg: leg, session: ConsoleMachine.session)
                } catch {
                    // What was to be told after it would be untrue.
                    return handle(.mediaRefused("\(error)"))
                }
            }
        }
    }
}
