import Calls
import Glibc
import Media

/// The line's thread: feeds the machine with what comes and performs what it wants.
struct ModemLineCore: ~Copyable {
    private let context: ModemLineContext
    private let mailbox: ModemMailbox
    private var machine: ModemMachine
    private var port: SerialPort?
    /// Bytes that the port did not take yet.
    private var unwritten: [UInt8] = []
    private var isOver = false

    /// A modem that takes nothing for so many bytes hangs.
    private static var unwrittenLimit: Int { 16_384 }

    init(context: ModemLineContext, mailbox: ModemMailbox) {
        self.context = context
        self.mailbox = mailbox
        machine = ModemMachine(configuration: context.configuration, identifiers: context.identifiers)
    }

    /// Returns after `stop`.
    mutating func run() {
        handle(.start)
        while !isOver {
            wait()
            let (events, isAbandoned) = mailbox.take()
            for event in events where !isOver { handle(event) }
            if isAbandoned, !isOver { handle(.portLost("the line was stopped before the modem answered")) }
            if isAbandoned { isOver = true }
            if !isOver { readPort() }
            if !isOver, let event = flush() { handle(event) }
            if !isOver, let deadline = machine.deadline, deadline <= context.time.now() { handle(.tick) }
        }
        mailbox.shut()
        port = nil
        context.card.close()
    }

    private mutating func wait() {
        var descriptors = [pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0)]
        if let descriptor = port?.descriptor {
            let events = Int16(POLLIN) | (unwritten.isEmpty ? 0 : Int16(POLLOUT))
            descriptors.append(pollfd(fd: descriptor, events: events, revents: 0))
        }
        var milliseconds: Int32 = -1
        if let deadline = machine.deadline {
            // Rounded up: too early would be a turn for nothing.
            let left = max(0, deadline.mono - context.time.now().mono)
            milliseconds = Int32(min((left + 999_999) / 1_000_000, 60_000))
        }
        // Interrupted or not: the turn finds out what there is.
        _ = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
    }

    private mutating func readPort() {
        // Bounded, so that a port that never falls silent does not keep commands waiting.
        for _ in 0..<16 {
            guard let transfer = port?.read() else { return }
            switch transfer {
            case .bytes(let bytes): handle(.received(bytes))
            case .none: return
            case .lost(let why):
                handle(.portLost(why))
                return
            }
        }
    }

    private mutating func flush() -> ModemMachine.Event? {
        guard !unwritten.isEmpty, let transfer = port?.write(unwritten[...]) else { return nil }
        unwritten = []
        switch transfer {
        // A full port is found out by the commands that have no answer.
        case .bytes(let rest): if rest.count <= Self.unwrittenLimit { unwritten = rest }
        case .none: break
        case .lost(let why): return .portLost(why)
        }
        return nil
    }

    private mutating func handle(_ event: ModemMachine.Event) {
        // What an action brings about is handled after those that follow it.
        var events = [event]
        while !events.isEmpty {
            for action in machine.handle(events.removeFirst(), at: context.time.now()) {
                if let result = perform(action) { events.append(result) }
            }
        }
        let statistics = machine.statistics
        context.statistics.withLock { $0 = statistics }
    }

    private mutating func perform(_ action: ModemMachine.Action) -> ModemMachine.Event? {
        switch action {
        case .openPort: return openPort()
        case .closePort:
            port = nil
            unwritten = []
        case .write(let bytes):
            unwritten += bytes
            return flush()
        case .openCard: context.card.open()
        case .closeCard: context.card.close()
        case .openMedia(let leg, let call):
            let opened = Result { () throws(MediaError) in
                try context.media.open(leg: leg, call: call, card: context.card.soundCard)
            }
            if case .failure(let error) = opened { return .mediaFailed(leg, error.message) }
            return .mediaOpened(leg)
        case .configureMedia(let leg, let session):
            let configured = Result { () throws(MediaError) in
                try context.media.configure(leg: leg, session: session)
            }
            if case .failure(let error) = configured { return .mediaFailed(leg, error.message) }
            return .mediaConfigured(leg)
        case .tell(let event): context.events(event)
        case .alarm(let alarm): context.alarms(alarm)
        case .quiet: isOver = true
        }
        return nil
    }

    private mutating func openPort() -> ModemMachine.Event {
        port = nil
        unwritten = []
        do throws(LineError) {
            port = try SerialPort(path: context.configuration.port, baudRate: context.configuration.baudRate)
            return .opened
        } catch {
            return .openFailed(error.message)
        }
    }
}
