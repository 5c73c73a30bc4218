import Calls
import Media

/// The state of a SIP line's thread: its legs and what stands around them. Actions of the legs' machines are performed
/// here, on the stack and on the media engine.
struct SIPLineCore {
    struct Leg {
        var call: CallID
        /// The stack's number of the call.
        var number: UInt32
        var machine: SIPLegMachine
        var listener: Int
        /// Our Contact towards this peer.
        var contact: String
        var isTrusted: Bool
        /// Seconds between refreshes (RFC 4028); nil: no timer; 0: as configured.
        var sessionExpires: Int? = 0
        /// The agent whose phone it is, proved by digest or dialled as such.
        var agent: WorkNumber?
        /// The Event of a transfer that waits for its end.
        var referEvent: String?
        // Outbound only.
        /// As the stack takes it.
        var url = ""
        /// Where a phone's requests go whatever it says.
        var route = ""
        var caller = ""
        var credentials: SIPUser?
        var triedCredentials = false
        var deadline: Instant?
        var timeoutMilliseconds = 0
    }

    let gate: SIPGate
    let negotiator: SDPNegotiator
    var legs: [LegID: Leg] = [:]
    var legOfNumber: [UInt32: LegID] = [:]
    /// Legs that ring on an agent's phones.
    var forks: [LegID: Fork] = [:]
    var branchOfNumber: [UInt32: ForkBranch] = [:]
    /// nil: no phones register here.
    var phones: PhoneDesk?
    var isDraining = false
    var isStopping = false
    var registrations: SIPRegistrations
    var rejections = SIPRejections()
    /// The next `o=` session id; from a random beginning, so that a restart does not repeat one.
    private var nextSession: UInt64

    init(configuration: SIPLineConfiguration, secret: String, sessionSeed: UInt64) {
        let digest = SIPDigest(
            users: configuration.admission.users, realm: configuration.admission.realm, secret: secret, md5: md5Hex)
        gate = SIPGate(configuration.admission, trusted: configuration.trusted, digest: digest)
        negotiator = SDPNegotiator(codecs: configuration.codecs, telephoneEvent: configuration.telephoneEvent)
        registrations = SIPRegistrations(configuration.registrations)
        phones = configuration.phones.map {
            PhoneDesk($0, nat: configuration.nat, secret: secret + "phones", md5: md5Hex)
        }
        nextSession = sessionSeed >> 2
    }

    /// After `stop`: nothing is left to wait for.
    var isQuiet: Bool { isStopping && legs.isEmpty && forks.isEmpty && registrations.isQuiet }

    mutating func sessionID() -> UInt64 {
        nextSession &+= 1
        return nextSession
    }

    // MARK: What comes in

    mutating func perform(_ command: SIPCommand, _ stack: SIPStack, _ context: SIPLineContext) {
        switch command {
        case .leg(let id, .release(let reason)) where forks[id] != nil && legs[id] == nil:
            feed(fork: id, .release(reason), stack, context)
        case .leg(let id, let event): feed(id, event, stack, context)
        case .dial(let request, .address(let target)): dial(request, to: target, stack, context)
        case .dial(let request, .agent(let agent)): dial(request, agent: agent, stack, context)
        case .phones(let users): changePhones(users, context)
        case .transferEnded(let id, let status): transferEnded(id, status: status, stack)
        case .drain: isDraining = true
        case .stop:
            isDraining = true
            isStopping = true
            for id in legs.keys {
                feed(id, .release(ReleaseReason(cause: 41, text: "Server stopping")), stack, context)
            }
            for id in Array(forks.keys) {
                feed(fork: id, .release(ReleaseReason(cause: 41, text: "Server stopping")), stack, context)
            }
            registrations.end(stack)
        }
    }

    mutating func receive(_ message: SIPMessage, _ stack: SIPStack, _ context: SIPLineContext) {
        count(message, context)
        switch message.kind {
        case .wake: registrations.begin(stack, context)
        case .tick: tick(stack, context)
        case .invite: invited(message, stack, context)
        case .options: options(message, stack, context)
        case .registered: registrations.heard(message, stack, context)
        case .register: registering(message, stack, context)
        case .refer: referred(message, stack, context)
        case .reinvite, .update: sessionChange(message, stack, context)
        case .info: info(message, context)
        case .response: responded(message, stack, context)
        case .prack: break
        case .ack: feed(message, .ack(sdp: message.sdp), stack, context)
        case .cancel: feed(message, .cancelled(reason: SIPCaller.clean(message.reason)), stack, context)
        case .bye: feed(message, .bye(reason: SIPCaller.clean(message.reason)), stack, context)
        case .sent: feed(message, .sent(message.status), stack, context)
        case .trouble: feed(message, .trouble(status: message.status, phrase: message.phrase), stack, context)
        case .ending: feed(message, .ending(phrase: message.phrase), stack, context)
        case .ended:
            feed(message, .ended(status: message.status, phrase: SIPCaller.clean(message.phrase)), stack, context)
            registrations.lost(message.call, context)
        }
    }

    mutating func feed(
        _ message: SIPMessage, _ event: SIPLegMachine.Event, _ stack: SIPStack, _ context: SIPLineContext
    ) {
        if let id = legOfNumber[message.call] {
            feed(id, event, stack, context)
        } else if let branch = branchOfNumber[message.call] {
            feed(fork: branch.leg, .branch(branch.index, event), stack, context)
        }
    }

    mutating func feed(_ id: LegID, _ event: SIPLegMachine.Event, _ stack: SIPStack, _ context: SIPLineContext) {
        guard var leg = legs[id] else { return }
        let actions = leg.machine.handle(event)
        legs[id] = leg
        for action in actions where !perform(action, id, stack, context) {
            feed(id, .mediaFailed, stack, context)
            return
        }
    }

    // MARK: What goes out

    /// - Returns: false where the media engine refused; what follows must not be done.
    mutating func perform(
        _ action: SIPLegMachine.Action, _ id: LegID, _ stack: SIPStack, _ context: SIPLineContext
    ) -> Bool {
        guard let leg = legs[id] else { return true }
        switch action {
        case .respond(let status, let sdp, let reason):
            stack.respond(leg.number, status: status, content(leg, status: status, sdp: sdp, reason: reason))
        case .answerNow(let status, let sdp):
            stack.answerNow(status: status, content(leg, status: status, sdp: sdp, reason: nil))
        case .invite(let sdp):
            var content = SIPStack.Content()
            content.contact = leg.contact
            content.sdp = sdp
            let number = stack.invite(listener: leg.listener, target: leg.url, from: leg.caller, content)
            if let number {
                legs[id]?.number = number
                legOfNumber[number] = id
                context.statistics.withLock { $0.dialled += 1 }
            } else {
                feed(id, .ended(status: 503, phrase: "every place of the stack is taken"), stack, context)
            }
        case .cancel(let reason): stack.cancel(leg.number, reason: reason)
        case .bye(let reason): stack.bye(leg.number, reason: reason)
        case .configure(let session):
            guard
                case .success = Result(catching: { () throws(MediaError) in
                    try context.media.configure(leg: id, session: session)
                })
            else { return false }
        case .tell(let told): context.tell(told.kind, leg: id, call: leg.call)
        case .forget:
            legs[id] = nil
            legOfNumber[leg.number] = nil
        }
        let open = legs.values.count { !$0.machine.isOver }
        context.statistics.withLock { $0.legs = open }
        return true
    }

    private func content(_ leg: Leg, status: Int, sdp: String?, reason: String?) -> SIPStack.Content {
        var content = SIPStack.Content()
        // Only what makes or keeps a dialog carries our address (RFC 3261 §12.1.1).
        if status < 300 { content.contact = leg.contact }
        content.sdp = sdp
        content.reason = reason
        content.sessionExpires = leg.sessionExpires
        content.takesRefer = leg.agent != nil
        return content
    }

    /// Legs whose end was never told, when the stack is gone.
    mutating func abandon(_ context: SIPLineContext) {
        for (id, leg) in legs where !leg.machine.isOver {
            let release = LineRelease(cause: .local, message: "line stopped before the peer answered")
            context.tell(.released(by: release), leg: id, call: leg.call)
        }
        for (id, fork) in forks where fork.machine.isAwaitingAnswer {
            let release = LineRelease(cause: .local, message: "line stopped before the phone answered")
            context.tell(.released(by: release), leg: id, call: fork.call)
        }
        legs = [:]
        forks = [:]
        legOfNumber = [:]
        branchOfNumber = [:]
        context.statistics.withLock { $0.legs = 0 }
    }

    private mutating func tick(_ stack: SIPStack, _ context: SIPLineContext) {
        let now = context.time.now()
        for (id, leg) in legs {
            guard let deadline = leg.deadline, leg.machine.isAwaitingAnswer, deadline <= now else { continue }
            legs[id]?.deadline = nil
            feed(id, .timedOut(milliseconds: leg.timeoutMilliseconds), stack, context)
        }
        for (id, fork) in forks {
            guard let deadline = fork.deadline, fork.machine.isAwaitingAnswer, deadline <= now else { continue }
            forks[id]?.deadline = nil
            feed(fork: id, .timedOut(milliseconds: fork.timeoutMilliseconds), stack, context)
        }
        expirePhones(at: now, context)
        registrations.tick(stack, context)
        let counters = stack.counters
        context.statistics.withLock { statistics in
            statistics.backlogRefused = counters.backlog_refused
            statistics.oversized = counters.cut + counters.body_refused
        }
    }

    private func count(_ message: SIPMessage, _ context: SIPLineContext) {
        let method: String
        switch message.kind {
        case .invite: method = "INVITE"
        case .reinvite: method = "re-INVITE"
        case .update: method = "UPDATE"
        case .info: method = "INFO"
        case .options: method = "OPTIONS"
        case .register: method = "REGISTER"
        case .refer: method = "REFER"
        case .bye: method = "BYE"
        case .cancel: method = "CANCEL"
        case .prack: method = "PRACK"
        case .ack: method = "ACK"
        default: return
        }
        context.statistics.withLock { $0.requests[method, default: 0] += 1 }
    }
}

extension SIPLegMachine.Told {
    var kind: LineEvent.Kind {
        switch self {
        case .alerted(let alerting): .alerted(alerting.basis)
        case .answered: .answered
        case .progress(let status, let early): .progress(status: status, early: early)
        case .established(let session): .established(session)
        case .held(let held): .held(held)
        case .sessionChanged(let session): .sessionChanged(session)
        case .released(let release): .released(by: release)
        }
    }
}
