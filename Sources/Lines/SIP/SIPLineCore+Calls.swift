import Calls
import Media

/// Calls that come in, calls that go out, and what happens within them.
extension SIPLineCore {
    // MARK: Incoming

    mutating func invited(_ message: SIPMessage, _ stack: SIPStack, _ context: SIPLineContext) {
        guard let source = message.source else {
            stack.respond(message.call, status: 500, SIPStack.Content())
            return
        }
        let now = context.time.now()
        var agent: WorkNumber?
        if phones?.claims(message) == true {
            switch phones?.judge(invite: message, at: now) {
            case .proven(let proven): agent = proven
            case .challenge(let challenge):
                var content = SIPStack.Content()
                content.challenge = challenge
                return reject(
                    message, .challenged, 401, "an agent's phone is asked for its password", stack, context, content)
            case .refused(let refusal):
                return reject(
                    message, refusal == .locked ? .locked : .badCredentials, 403,
                    "an agent's phone was not proved: \(refusal.rawValue)", stack, context)
            case nil: break
            }
        } else {
            guard admit(message, from: source, at: now, stack, context) else { return }
        }
        takeIn(message, from: source, agent: agent, stack, context)
    }

    /// Whether the trunk takes the call; if not, it was refused.
    private mutating func admit(
        _ message: SIPMessage, from source: Endpoint, at now: Instant, _ stack: SIPStack, _ context: SIPLineContext
    ) -> Bool {
        switch gate.judge(
            source: source.address, authorization: message.authorization, method: "INVITE",
            milliseconds: now.mono / 1_000_000)
        {
        case .admit: return true
        case .challenge(let challenge):
            var content = SIPStack.Content()
            content.challenge = challenge
            reject(message, .challenged, 401, "asked for a password", stack, context, content)
        case .refuse(let reason):
            let why = reason == .foreignSource ? "the source is not listed" : "wrong name or password"
            reject(message, reason, 403, why, stack, context)
        }
        return false
    }

    private mutating func takeIn(
        _ message: SIPMessage, from source: Endpoint, agent: WorkNumber?, _ stack: SIPStack, _ context: SIPLineContext
    ) {
        if isDraining {
            var content = SIPStack.Content()
            content.retryAfterSeconds = 60
            content.reason = SIPLegMachine.reasonHeader(ReleaseReason(cause: 41, text: ""))
            return reject(message, .draining, 503, "the line takes no new calls", stack, context, content)
        }
        let isTrusted = gate.trusts(source.address)
        guard message.hasContact, !message.hosts.contains("?"),
            isTrusted || message.hosts.allSatisfy(Self.canBeSentTo)
        else {
            return reject(
                message, .badAddress, 400, "Contact, Record-Route or maddr is missing, no SIP URI or a host name",
                stack, context)
        }
        guard !message.bodyRefused else {
            return reject(message, .oversized, 413, "the body is too long", stack, context)
        }
        guard message.body == nil || message.sdp != nil else {
            return reject(message, .badBody, 415, "the body is no SDP: \(message.contentType)", stack, context)
        }
        offer(message, from: source, isTrusted: isTrusted, agent: agent, stack, context)
    }

    private mutating func offer(
        _ message: SIPMessage, from source: Endpoint, isTrusted: Bool, agent: WorkNumber?, _ stack: SIPStack,
        _ context: SIPLineContext
    ) {
        let configuration = context.configuration
        let listener = message.listener
        let signalling = configuration.listen[listener].endpoint.address
        let family = message.sdp.flatMap(SDPNegotiator.family) ?? signalling.family
        // Read before a socket is opened for it: rubbish costs nothing.
        var trial = SDPDialog(
            negotiator: negotiator, id: 1,
            local: Endpoint(address: .unspecified(family), port: 9), nat: configuration.nat)
        if let sdp = message.sdp,
            case .failure(let error) = Result(catching: { () throws(MediaError) in try trial.answer(to: sdp) })
        {
            let status = SIPLegMachine.status(for: error)
            return reject(message, status == 488 ? .noCodec : .badSDP, status, error.message, stack, context)
        }
        let (call, id) = context.identifiers()
        let opened = open(id, call, family: family, signalling: signalling, peer: source, context)
        guard case .success(let local) = opened else {
            if case .failure(let error) = opened {
                reject(message, .noMedia, 503, error.message, stack, context)
            }
            return
        }
        var dialog = SDPDialog(negotiator: negotiator, id: sessionID(), local: local, nat: configuration.nat)
        var answer: (sdp: String, session: MediaSession)?
        if let sdp = message.sdp {
            switch Result(catching: { () throws(MediaError) in try dialog.answer(to: sdp) }) {
            case .success(let made): answer = made
            case .failure(let error):
                context.media.close(leg: id)
                return reject(message, .badSDP, SIPLegMachine.status(for: error), error.message, stack, context)
            }
        }
        var leg = Leg(
            call: call, number: message.call, machine: SIPLegMachine(incoming: dialog, answer: answer),
            listener: listener,
            contact: contact(
                listener: listener, peer: source, user: configuration.user, transport: message.transport, stack, context
            ),
            isTrusted: isTrusted)
        leg.agent = agent
        leg.sessionExpires = sessionExpires(message, configuration.sessionTimer)
        legs[id] = leg
        legOfNumber[message.call] = id
        // A trusted peer's host name is taken as text: looked up on the stack's thread, it would hold up every call.
        if configuration.nat || !message.hosts.allSatisfy(Self.canBeSentTo) {
            stack.pin(message.call, to: Self.url(source, message.transport))
        }
        context.statistics.withLock {
            $0.offered += 1
            $0.legs += 1
        }
        let parties = SIPCaller(message, trusted: isTrusted, rules: configuration.numbers)
        context.tell(
            .offered(
                Offer(
                    caller: parties.caller, callerRaw: parties.callerRaw, callerSource: parties.source,
                    called: parties.called, diversion: parties.diversion, peer: "\(source)",
                    protocolCallID: SIPCaller.clean(message.callID), agent: agent)),
            leg: id, call: call)
    }

    private mutating func reject(
        _ message: SIPMessage, _ reason: RejectedAttempt.Reason, _ status: Int, _ why: String, _ stack: SIPStack,
        _ context: SIPLineContext, _ content: SIPStack.Content = SIPStack.Content()
    ) {
        stack.respond(message.call, status: status, content)
        let now = context.time.now()
        let tellNow = rejections.mayTell(at: now)
        context.statistics.withLock { statistics in
            statistics.rejected[reason.rawValue, default: 0] += 1
            if reason == .badSDP || reason == .badBody || reason == .badAddress { statistics.malformed += 1 }
            if tellNow == nil { statistics.rejectionsUntold += 1 }
        }
        guard let untold = tellNow else { return }
        context.rejected(
            RejectedAttempt(
                at: now, line: context.configuration.name, reason: reason, status: status,
                peer: message.source.map { "\($0)" } ?? "?",
                caller: message.fromUser.isEmpty ? nil : SIPCaller.clean(message.fromUser),
                called: SIPCaller.clean(message.requestUser), protocolCallID: SIPCaller.clean(message.callID),
                message: why, untold: untold))
    }

    func options(_ message: SIPMessage, _ stack: SIPStack, _ context: SIPLineContext) {
        guard let source = message.source, message.call != 0 || gate.mayAsk(source.address) else {
            context.statistics.withLock { $0.rejected[RejectedAttempt.Reason.foreignSource.rawValue, default: 0] += 1 }
            return stack.answerNow(status: 403, SIPStack.Content())
        }
        // A peer that asks before it routes must hear that we drain (RFC 3261 §11.2).
        stack.answerNow(status: isDraining && message.call == 0 ? 503 : 200, SIPStack.Content())
    }

    // MARK: Outgoing

    mutating func dial(_ request: DialRequest, to target: SIPTarget, _ stack: SIPStack, _ context: SIPLineContext) {
        func fail(_ message: String) {
            context.tell(
                .released(by: LineRelease(cause: .failed, message: message)), leg: request.leg, call: request.call)
        }
        guard !isStopping, legs[request.leg] == nil, let listener = context.listener(for: target) else {
            return fail("the line is stopping")
        }
        let configuration = context.configuration
        let signalling = configuration.listen[listener].endpoint.address
        let opened = open(
            request.leg, request.call, family: signalling.family, signalling: signalling, peer: target.endpoint, context
        )
        guard case .success(let local) = opened else {
            if case .failure(let error) = opened { fail(error.message) }
            return
        }
        let dialog = SDPDialog(negotiator: negotiator, id: sessionID(), local: local, nat: configuration.nat)
        let user = NumberRules.cleaned(request.caller ?? configuration.user)
            .replacing("#", with: "%23")
        let own = address(listener: listener, peer: target.endpoint, context)
        var leg = Leg(
            call: request.call, number: 0, machine: SIPLegMachine(outgoing: dialog), listener: listener,
            contact: contact(
                listener: listener, peer: target.endpoint, user: user, transport: target.transport, stack, context),
            isTrusted: true)
        leg.url = target.url
        leg.caller = "<sip:\(user)@\(Self.host(own))>"
        if let name = request.username, let password = request.password {
            leg.credentials = SIPUser(name: name, password: password)
        }
        leg.timeoutMilliseconds = max(0, request.timeoutMilliseconds)
        leg.deadline = context.time.now().advanced(milliseconds: Int64(leg.timeoutMilliseconds))
        legs[request.leg] = leg
        feed(request.leg, .dial, stack, context)
    }

    mutating func responded(_ message: SIPMessage, _ stack: SIPStack, _ context: SIPLineContext) {
        if let branch = branchOfNumber[message.call] { return responded(message, on: branch, stack, context) }
        guard let id = legOfNumber[message.call], let leg = legs[id] else { return }
        if message.status == 401 || message.status == 407 {
            // A second challenge means that the password is wrong.
            if let credentials = leg.credentials, !leg.triedCredentials, !message.realm.isEmpty,
                message.scheme.lowercased() == "digest", !leg.machine.isOver
            {
                legs[id]?.triedCredentials = true
                stack.authenticate(
                    message.call, scheme: message.scheme, realm: message.realm, user: credentials.name,
                    password: credentials.password)
                return
            }
            // The stack would wait for a password; there is none, so the call is at its end.
            feed(
                id, .response(status: message.status, sdp: nil, reason: SIPCaller.clean(message.reason)), stack, context
            )
            stack.drop(message.call)
            feed(id, .ended(status: message.status, phrase: ""), stack, context)
            return
        }
        feed(
            id, .response(status: message.status, sdp: message.sdp, reason: SIPCaller.clean(message.reason)), stack,
            context)
    }

    // MARK: Within a call

    mutating func sessionChange(_ message: SIPMessage, _ stack: SIPStack, _ context: SIPLineContext) {
        let isUpdate = message.kind == .update
        guard let id = legOfNumber[message.call], let leg = legs[id] else {
            if isUpdate { stack.answerNow(status: 481, SIPStack.Content()) }
            return
        }
        guard takesTarget(message, of: leg, stack, context) else {
            if isUpdate {
                stack.answerNow(status: 400, SIPStack.Content())
            } else {
                stack.respond(message.call, status: 400, SIPStack.Content())
            }
            return
        }
        let strange = message.bodyRefused || (message.body != nil && message.sdp == nil)
        feed(
            id,
            isUpdate ? .update(sdp: message.sdp, strange: strange) : .reinvite(sdp: message.sdp, strange: strange),
            stack, context)
    }

    /// The stack has taken the target of a request within a call already (re-INVITE, UPDATE, REFER: its Contact). Where
    /// that is no numeric address, or NAT lies between, the call is pinned to where the request truly came from.
    /// - Returns: false where the request must be refused: a stranger's name would be looked up.
    func takesTarget(_ message: SIPMessage, of leg: Leg, _ stack: SIPStack, _ context: SIPLineContext) -> Bool {
        let isNumeric = message.hosts.allSatisfy(Self.canBeSentTo)
        if context.configuration.nat || !isNumeric, let source = message.source {
            stack.pin(message.call, to: Self.url(source, message.transport))
        }
        guard leg.isTrusted || isNumeric else {
            context.statistics.withLock { $0.malformed += 1 }
            return false
        }
        return true
    }

    func info(_ message: SIPMessage, _ context: SIPLineContext) {
        guard let id = legOfNumber[message.call], let leg = legs[id], !leg.machine.isOver, let body = message.body,
            let found = SIPParameters.infoKey(contentType: message.contentType, body: body), let key = Key(found.key)
        else { return }
        context.tell(.key(key, .info, milliseconds: found.milliseconds), leg: id, call: leg.call)
    }

    /// We refresh by UPDATE only; with a peer that neither takes it nor refreshes itself no timer is agreed on.
    private func sessionExpires(_ message: SIPMessage, _ timer: SIPSessionTimer) -> Int? {
        guard timer.expiresSeconds > 0, message.allowsUpdate || (message.supportsTimer && !message.asksUsToRefresh)
        else {
            return nil
        }
        // What the peer asks for holds for our own refreshes too.
        return message.expires > 0 ? max(timer.minimumSeconds, min(message.expires, timer.expiresSeconds)) : 0
    }

    // MARK: Addresses

    func open(
        _ id: LegID, _ call: CallID, family: IPAddress.Family, signalling: IPAddress, peer: Endpoint,
        _ context: SIPLineContext
    ) -> Result<Endpoint, MediaError> {
        let configuration = context.configuration
        let bind =
            configuration.rtp.first { $0.family == family }
            ?? (signalling.family == family ? signalling : .unspecified(family))
        return Result { () throws(MediaError) in
            let bound = try context.media.open(leg: id, call: call, address: bind)
            let told =
                configuration.advertised.first { $0.family == family }
                ?? (bound.address.isUnspecified
                    ? (peer.address.family == family ? LocalAddress.toward(peer) : nil) : bound.address)
            guard let told else {
                context.media.close(leg: id)
                throw MediaError(.socket, "no address to tell for media: set `advertised` or `rtp` for \(family)")
            }
            return Endpoint(address: told, port: bound.port)
        }
    }

    /// Our address as this peer should see it.
    func address(listener: Int, peer: Endpoint, _ context: SIPLineContext) -> IPAddress {
        let bound = context.configuration.listen[listener].endpoint.address
        if let told = context.configuration.advertised.first(where: { $0.family == bound.family }) { return told }
        return bound.isUnspecified ? LocalAddress.toward(peer) ?? bound : bound
    }

    func contact(
        listener: Int, peer: Endpoint, user: String, transport: SIPTransport, _ stack: SIPStack,
        _ context: SIPLineContext
    ) -> String {
        let own = Endpoint(
            address: address(listener: listener, peer: peer, context), port: stack.port(listener: listener))
        return "<sip:\(user)@\(own)" + (transport == .tcp ? ";transport=tcp>" : ">")
    }

    static func host(_ address: IPAddress) -> String {
        address.family == .v6 ? "[\(address)]" : "\(address)"
    }

    static func url(_ endpoint: Endpoint, _ transport: SIPTransport) -> String {
        "sip:\(endpoint)" + (transport == .tcp ? ";transport=tcp" : "")
    }

    /// Numeric and one party's: the stack would look a name up, wherever an attacker's name server is.
    private static func canBeSentTo(_ host: Substring) -> Bool {
        guard let address = IPAddress(host) else { return false }
        return !address.isUnspecified && !address.isGroup
    }
}
