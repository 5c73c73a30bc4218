import Calls
import Dispatch
import Media
import Synchronization

/// What the line's thread and the callers share.
final class ModemLineContext: Sendable {
    let configuration: ModemLineConfiguration
    let media: any MediaControl
    let identifiers: @Sendable () -> (CallID, LegID)
    let time: any TimeSource
    let events: @Sendable (LineEvent) -> Void
    let alarms: @Sendable (LineAlarm) -> Void
    let card: ModemCard
    let statistics = Mutex(ModemLineStatistics())
    private let mailbox: ModemMailbox
    private let thread = Mutex<ModemThread?>(nil)
    /// Signalled when the thread is at its end.
    private let ended = DispatchSemaphore(value: 0)

    init(
        configuration: ModemLineConfiguration, media: any MediaControl,
        identifiers: @escaping @Sendable () -> (CallID, LegID), time: any TimeSource,
        events: @escaping @Sendable (LineEvent) -> Void, alarms: @escaping @Sendable (LineAlarm) -> Void,
        card: (@escaping @Sendable (SoundCardEvent) -> Void) -> ModemCard
    ) {
        let mailbox = ModemMailbox()
        self.configuration = configuration
        self.media = media
        self.identifiers = identifiers
        self.time = time
        self.events = events
        self.alarms = alarms
        self.mailbox = mailbox
        self.card = card { event in mailbox.post(.card(event)) }
    }

    func start() throws(LineError) {
        try configuration.check()
        try mailbox.open(line: configuration.name)
        // The thread keeps the context until its end.
        let started = try ModemThread.start(name: "modem") { [self] in
            var core = ModemLineCore(context: self, mailbox: mailbox)
            core.run()
            ended.signal()
        }
        thread.withLock { $0 = started }
    }

    func stop(limitMilliseconds: Int) {
        guard mailbox.post(.stop) else { return }
        if ended.wait(timeout: .now() + .milliseconds(max(0, limitMilliseconds))) == .timedOut {
            mailbox.abandon()
            ended.wait()
        }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    @discardableResult
    func post(_ event: ModemMachine.Event) -> Bool { mailbox.post(event) }
}
