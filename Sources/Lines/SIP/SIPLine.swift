import CSofiaSIP
import Calls
import Dispatch
import Media
import Synchronization

/// A SIP trunk: UDP and TCP, IPv4 and IPv6, one thread of its own on which everything happens and all events are told.
public final class SIPLine: Line {
    public var name: String { context.configuration.name }
    let context: SIPLineContext

    /// - Parameters:
    ///   - identifiers: makes the ids of an incoming call and its first leg; called on the line's thread.
    ///   - events: told what happens on legs, in order, on the line's thread; returns at once.
    ///   - rejected: told of calls refused before they became a leg, at most 20 a second, on the line's thread.
    ///   - phones: told when an agent's phone registers first, or the last contact is gone, on the line's thread.
    public init(
        configuration: SIPLineConfiguration, media: any MediaControl,
        identifiers: @escaping @Sendable () -> (CallID, LegID), time: any TimeSource,
        events: @escaping @Sendable (LineEvent) -> Void, rejected: @escaping @Sendable (RejectedAttempt) -> Void,
        phones: @escaping @Sendable (WorkNumber, Bool) -> Void = { _, _ in }
    ) {
        context = SIPLineContext(
            configuration: configuration, media: media, identifiers: identifiers, time: time, events: events,
            rejected: rejected, phones: phones)
    }

    /// Binds the sockets and starts the line's thread. Once only.
    /// - Returns: what is bound, with true ports, in the order of the configuration, each transport apart.
    /// - Throws: `LineError` with code `.configuration` (what is missing or contradicts itself) or `.start` (what could
    ///   not be bound and why).
    public func start() throws(LineError) -> [SIPListen] { try context.start() }

    /// Ends all calls (BYE, CANCEL or 503), takes back registrations, waits for the peers' words at most
    /// `limitMilliseconds`, then closes the sockets. Blocks until then: not for the cooperative pool, nor for the
    /// line's own callbacks. Further calls do nothing.
    public func stop(limitMilliseconds: Int = 4000) { context.stop(limitMilliseconds: limitMilliseconds) }

    /// The counters so far. Any thread.
    public func statistics() -> SIPLineStatistics { context.statistics.withLock { $0 } }

    public func ring(leg: LegID, alerting: Alerting) { context.post(.leg(leg, .ring(alerting))) }
    public func answer(leg: LegID) { context.post(.leg(leg, .answer)) }
    public func refuse(leg: LegID, _ refusal: Refusal) { context.post(.leg(leg, .refuse(refusal))) }
    public func release(leg: LegID, reason: ReleaseReason) { context.post(.leg(leg, .release(reason))) }
    public func drain() { context.post(.drain) }

    /// - Throws: `LineError` with code `.target` where the target cannot be called from here, `.stopped`.
    public func dial(_ request: DialRequest) throws(LineError) {
        if request.target.hasPrefix("agent:") { return try dialAgent(request) }
        let target = try SIPTarget(request.target)
        guard context.listener(for: target) != nil else {
            throw LineError(
                .target, "line \(name): no listening address of the family and transport of \(request.target)")
        }
        guard context.post(.dial(request, .address(target))) else {
            throw LineError(.stopped, "line \(name) is not running: it cannot call \(request.target)")
        }
    }
}

extension SIPLine {
    /// Takes other agents' phones from now on; contacts of those who are gone are dropped.
    /// - Parameter users: one for each agent; the name is the work number.
    public func setPhones(_ users: [SIPUser]) { context.post(.phones(users)) }

    public func transferEnded(leg: LegID, status: Int) { context.post(.transferEnded(leg, status: status)) }

    /// A phone that is not registered is told by `.released` with the status 404.
    private func dialAgent(_ request: DialRequest) throws(LineError) {
        guard context.configuration.phones != nil else {
            throw LineError(.unreachable, "line \(name): no agents' phones register here")
        }
        let number = String(request.target.dropFirst("agent:".count))
        guard let agent = WorkNumber(number) else {
            throw LineError(.target, "line \(name): `\(number.prefix(20))` is no work number")
        }
        guard context.post(.dial(request, .agent(agent))) else {
            throw LineError(.stopped, "line \(name) is not running: it cannot call \(request.target)")
        }
    }
}

/// Whom to call.
enum SIPDialTarget: Sendable {
    case address(SIPTarget)
    case agent(WorkNumber)
}

/// Something to do on the line's thread.
enum SIPCommand: Sendable {
    case leg(LegID, SIPLegMachine.Event)
    case dial(DialRequest, SIPDialTarget)
    case phones([SIPUser])
    case transferEnded(LegID, status: Int)
    case drain
    case stop
}

/// What the line's thread and the callers share.
final class SIPLineContext: Sendable {
    let configuration: SIPLineConfiguration
    let media: any MediaControl
    let identifiers: @Sendable () -> (CallID, LegID)
    let time: any TimeSource
    let events: @Sendable (LineEvent) -> Void
    let rejected: @Sendable (RejectedAttempt) -> Void
    let phones: @Sendable (WorkNumber, Bool) -> Void
    let statistics = Mutex(SIPLineStatistics())
    /// What is registered, for other threads to read.
    let contacts = Mutex([WorkNumber: [PhoneRegistry.Binding]]())
    /// Locked by the line's thread alone, but for its making and its end.
    private let core: Mutex<SIPLineCore>
    private let mailbox = Mutex(Mailbox())
    /// Signalled when the last call is over after `stop`.
    private let quiet = DispatchSemaphore(value: 0)

    private struct Mailbox {
        var commands: [SIPCommand] = []
        /// The stack's address as a number: pointers do not cross between threads here, only within the lock.
        var stack: UInt?
        var ran = false
    }

    init(
        configuration: SIPLineConfiguration, media: any MediaControl,
        identifiers: @escaping @Sendable () -> (CallID, LegID), time: any TimeSource,
        events: @escaping @Sendable (LineEvent) -> Void, rejected: @escaping @Sendable (RejectedAttempt) -> Void,
        phones: @escaping @Sendable (WorkNumber, Bool) -> Void
    ) {
        self.phones = phones
        self.configuration = configuration
        self.media = media
        self.identifiers = identifiers
        self.time = time
        self.events = events
        self.rejected = rejected
        var random = SystemRandomNumberGenerator()
        let secret = (0..<4).map { _ in String(random.next(), radix: 16) }.joined()
        core = Mutex(SIPLineCore(configuration: configuration, secret: secret, sessionSeed: random.next()))
    }

    func start() throws(LineError) -> [SIPListen] {
        try configuration.check()
        let first = mailbox.withLock { box in
            defer { box.ran = true }
            return !box.ran
        }
        guard first else { throw LineError(.start, "line \(configuration.name) was started before") }
        let urls = configuration.listen.map { configuration.url(of: $0) }
        var error = [CChar](repeating: 0, count: 512)
        // The stack's thread holds the context until `stop`.
        let held = Unmanaged.passRetained(self)
        let pointer = SIPStack.start(
            urls: urls, userAgent: configuration.userAgent, timer: configuration.sessionTimer,
            phones: configuration.phones != nil, context: held.toOpaque(),
            error: &error)
        guard let pointer else {
            held.release()
            let why = error.withUnsafeBufferPointer {
                String(decoding: $0.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            }
            throw LineError(.start, "line \(configuration.name): \(why); see who holds the port, or change `listen`")
        }
        let stack = SIPStack(pointer: pointer)
        let bound = configuration.listen.enumerated().flatMap { index, listen in
            listen.transports.map { transport in
                let port = stack.port(listener: index)
                return SIPListen(Endpoint(address: listen.endpoint.address, port: port), transports: [transport])
            }
        }
        let address = UInt(bitPattern: pointer)
        mailbox.withLock { $0.stack = address }
        hotline_sip_wake(pointer)
        return bound
    }

    func stop(limitMilliseconds: Int) {
        guard post(.stop) else { return }
        _ = quiet.wait(timeout: .now() + .milliseconds(max(0, limitMilliseconds)))
        // Nobody can wake the stack from here on, so that it can be taken apart.
        let stack = mailbox.withLock { box in
            defer { box.stack = nil }
            return box.stack
        }
        guard let stack, let pointer = OpaquePointer(bitPattern: stack) else { return }
        hotline_sip_stop(pointer)
        hotline_sip_destroy(pointer)
        core.withLock { $0.abandon(self) }
        Unmanaged.passUnretained(self).release()
    }

    /// - Returns: false where the line does not run.
    @discardableResult
    func post(_ command: SIPCommand) -> Bool {
        mailbox.withLock { box in
            guard let stack = box.stack.flatMap(OpaquePointer.init(bitPattern:)) else { return false }
            box.commands.append(command)
            hotline_sip_wake(stack)
            return true
        }
    }

    /// On the line's thread.
    func handle(_ message: SIPMessage, stack: SIPStack) {
        let commands = mailbox.withLock { box in
            defer { box.commands.removeAll(keepingCapacity: true) }
            return box.commands
        }
        let nothingLeft = core.withLock { core in
            // In the order of their making: what was commanded before the message came is done before it.
            for command in commands { core.perform(command, stack, self) }
            core.receive(message, stack, self)
            return core.isQuiet
        }
        if nothingLeft { quiet.signal() }
    }

    func listener(for target: SIPTarget) -> Int? {
        configuration.listen.firstIndex {
            $0.endpoint.address.family == target.endpoint.address.family && $0.transports.contains(target.transport)
        }
    }

    func tell(_ kind: LineEvent.Kind, leg: LegID, call: CallID) {
        events(LineEvent(leg: leg, call: call, line: configuration.name, at: time.now(), kind: kind))
    }
}

extension SIPLineConfiguration {
    /// - Throws: `LineError.configuration` that names the key.
    func check() throws(LineError) {
        func fail(_ why: String) -> LineError { LineError(.configuration, "line \(name): \(why)") }
        guard !listen.isEmpty, listen.count <= Int(HOTLINE_SIP_ENDPOINTS) else {
            throw fail("`listen` needs 1 to \(HOTLINE_SIP_ENDPOINTS) addresses")
        }
        guard listen.allSatisfy({ !$0.transports.isEmpty }) else { throw fail("`listen` names no transport") }
        guard !admission.sources.isEmpty || !admission.users.isEmpty else {
            throw fail("`admission` names neither sources nor users, so that nobody could call")
        }
        guard !admission.realm.contains("\""), admission.users.allSatisfy({ !$0.name.contains("\"") }) else {
            throw fail("`admission` holds a quotation mark in a realm or name")
        }
        if let phones { try check(phones) }
        guard !codecs.isEmpty else { throw fail("`codecs` is empty") }
        for family in [IPAddress.Family.v4, .v6] {
            guard advertised.count(where: { $0.family == family }) <= 1, rtp.count(where: { $0.family == family }) <= 1
            else { throw fail("`advertised` and `rtp` take one address of each family") }
        }
        guard !advertised.contains(where: { $0.isUnspecified || $0.isGroup }) else {
            throw fail("`advertised` must be an address that peers can send to")
        }
    }

    private func check(_ phones: SIPPhones) throws(LineError) {
        func fail(_ why: String) -> LineError { LineError(.configuration, "line \(name): `phones` \(why)") }
        guard !phones.allow.isEmpty else { throw fail("names no network, so that no phone could register") }
        // A trunk user's answer must not pass for an agent's.
        guard !phones.realm.isEmpty, !phones.realm.contains("\""), phones.realm != admission.realm else {
            throw fail("needs a realm of its own, without quotation marks")
        }
        guard phones.minimumExpiresSeconds >= 1, phones.maximumExpiresSeconds >= phones.minimumExpiresSeconds,
            phones.maximumExpiresSeconds <= 86_400
        else { throw fail("needs 1 <= minimum <= maximum <= 86400 seconds of registration") }
        let lockout = phones.lockout
        guard (1...100).contains(lockout.failures), lockout.windowMilliseconds > 0, lockout.lockMilliseconds > 0,
            lockout.maximumLockMilliseconds >= lockout.lockMilliseconds,
            lockout.maximumLockMilliseconds <= 604_800_000
        else { throw fail("needs 1 to 100 failures, a window, and a first lock that is no longer than the longest") }
    }

    /// The URL by which the stack is told to listen: the advertised address for Via and Contact, `maddr` to bind.
    func url(of listen: SIPListen) -> String {
        let bind = listen.endpoint.address
        let told = advertised.first { $0.family == bind.family }
        let host = Endpoint(address: told ?? bind, port: listen.endpoint.port).description
        var url = "sip:\(host)"
        // A list of transports makes the stack read what is not there: none means both.
        if listen.transports.count == 1 { url += ";transport=\(listen.transports[0].rawValue)" }
        if let told, told != bind { url += ";maddr=" + (bind.family == .v6 ? "[\(bind)]" : "\(bind)") }
        return url
    }
}
