import Calls
import Media

/// Agents' phones: what they register, how they are rung, what they ask for.
extension SIPLineCore {
    /// A leg that rings on several contacts of one agent.
    struct Fork {
        var call: CallID
        var agent: WorkNumber
        var machine: SIPForkMachine
        /// One a contact; the stack's numbers come as they are dialled.
        var branches: [Leg]
        var deadline: Instant?
        var timeoutMilliseconds: Int
    }

    /// A dialog of a fork, by the stack's number.
    struct ForkBranch {
        var leg: LegID
        var index: Int
    }

    // MARK: REGISTER

    mutating func registering(_ message: SIPMessage, _ stack: SIPStack, _ context: SIPLineContext) {
        guard phones != nil else { return stack.answerNow(status: 405, SIPStack.Content()) }
        guard !isStopping else {
            context.statistics.withLock { $0.phonesRefused[PhoneRefusal.stopping.rawValue, default: 0] += 1 }
            return stack.answerNow(status: 503, SIPStack.Content())
        }
        let ours = context.configuration.listen.indices.map { index in
            Endpoint(
                address: context.configuration.listen[index].endpoint.address, port: stack.port(listener: index))
        }
        guard let answer = phones?.register(message, at: context.time.now(), isOurs: { Self.isOurs($0, ours) })
        else { return }
        var content = SIPStack.Content()
        content.contact = answer.contact
        content.challenge = answer.challenge
        content.minimumExpires = answer.minimumExpires
        stack.answerNow(status: answer.status, content)
        publishPhones(answer.agent.map { [$0] } ?? [], context) { statistics in
            if let refusal = answer.refusal {
                statistics.phonesRefused[refusal.rawValue, default: 0] += 1
            } else {
                statistics.phoneRegistrations += 1
            }
        }
        if let agent = answer.agent, let isReachable = answer.isReachable { context.phones(agent, isReachable) }
    }

    /// Whether requests sent there would come back to this line. A line bound to every address of the machine is not
    /// where every phone on the same port is: the kernel knows its own addresses, which it reaches from themselves.
    private static func isOurs(_ contact: Endpoint, _ bound: [Endpoint]) -> Bool {
        bound.contains { own in
            guard own.port == contact.port else { return false }
            return own.address == contact.address
                || (own.address.isUnspecified && LocalAddress.toward(contact) == contact.address)
        }
    }

    mutating func expirePhones(at now: Instant, _ context: SIPLineContext) {
        guard let expired = phones?.expire(at: now), !expired.changed.isEmpty else { return }
        publishPhones(expired.changed, context)
        for agent in expired.unreachable { context.phones(agent, false) }
    }

    mutating func changePhones(_ users: [SIPUser], _ context: SIPLineContext) {
        guard let gone = phones?.change(users) else { return }
        publishPhones(gone, context)
        for agent in gone { context.phones(agent, false) }
    }

    /// Only what changed: a flood of REGISTERs must not pay for every agent each time.
    private func publishPhones(
        _ changed: [WorkNumber], _ context: SIPLineContext, _ change: (inout SIPLineStatistics) -> Void = { _ in }
    ) {
        guard let phones else { return }
        let now = context.time.now()
        let bindings = changed.map { ($0, phones.registry.bindings(of: $0, at: now)) }
        context.contacts.withLock { contacts in
            for (agent, standing) in bindings { contacts[agent] = standing.isEmpty ? nil : standing }
        }
        context.statistics.withLock { statistics in
            change(&statistics)
            for (agent, standing) in bindings {
                statistics.phoneContacts[agent] = standing.isEmpty ? nil : standing.count
            }
            statistics.phoneLocks = phones.locks
        }
    }

    // MARK: Ringing them

    /// Rings every contact of an agent; the first to answer becomes the leg.
    mutating func dial(
        _ request: DialRequest, agent: WorkNumber, _ stack: SIPStack, _ context: SIPLineContext
    ) {
        func fail(_ status: Int?, _ message: String) {
            context.tell(
                .released(by: LineRelease(cause: .failed, status: status, message: message)), leg: request.leg,
                call: request.call)
        }
        guard !isStopping, legs[request.leg] == nil, forks[request.leg] == nil else {
            return fail(nil, "the line is stopping")
        }
        let now = context.time.now()
        let bindings = phones?.registry.bindings(of: agent, at: now) ?? []
        guard let first = bindings.first else { return fail(404, "no phone of agent \(agent) is registered") }
        let configuration = context.configuration
        let signalling = configuration.listen[first.listener].endpoint.address
        let reached = bindings.filter { $0.contact.endpoint.address.family == first.contact.endpoint.address.family }
        let opened = open(
            request.leg, request.call, family: signalling.family, signalling: signalling,
            peer: first.contact.endpoint, context)
        guard case .success(let local) = opened else {
            if case .failure(let error) = opened { fail(nil, error.message) }
            return
        }
        let user = NumberRules.cleaned(request.caller ?? configuration.user).replacing("#", with: "%23")
        let branches = reached.map { binding in
            let peer = binding.contact.endpoint
            let dialog = SDPDialog(negotiator: negotiator, id: sessionID(), local: local, nat: configuration.nat)
            var leg = Leg(
                call: request.call, number: 0, machine: SIPLegMachine(outgoing: dialog), listener: binding.listener,
                contact: contact(
                    listener: binding.listener, peer: peer, user: user, transport: binding.contact.transport, stack,
                    context), isTrusted: false)
            leg.url = binding.contact.target
            leg.route = Self.url(peer, binding.contact.transport)
            leg.agent = agent
            leg.caller = "<sip:\(user)@\(Self.host(address(listener: binding.listener, peer: peer, context)))>"
            return leg
        }
        let timeout = max(0, request.timeoutMilliseconds)
        forks[request.leg] = Fork(
            call: request.call, agent: agent, machine: SIPForkMachine(branches.map(\.machine)), branches: branches,
            deadline: now.advanced(milliseconds: Int64(timeout)), timeoutMilliseconds: timeout)
        feed(fork: request.leg, .dial, stack, context)
    }

    mutating func feed(
        fork id: LegID, _ event: SIPForkMachine.Event, _ stack: SIPStack, _ context: SIPLineContext
    ) {
        guard var fork = forks[id] else { return }
        let actions = fork.machine.handle(event)
        forks[id] = fork
        var failed = false
        for action in actions {
            switch action {
            case .branch(let index, let action): perform(action, branch: index, of: id, stack, context)
            case .win(let index, let machine): won(id, by: index, machine)
            case .leg(let action): failed = failed || !perform(action, id, stack, context)
            case .tell(let told): context.tell(told.kind, leg: id, call: fork.call)
            }
        }
        if forks[id]?.machine.isDone == true { forks[id] = nil }
        if failed { feed(id, .mediaFailed, stack, context) }
    }

    private mutating func won(_ id: LegID, by index: Int, _ machine: SIPLegMachine) {
        guard var leg = forks[id]?.branches[index] else { return }
        leg.machine = machine
        legs[id] = leg
        legOfNumber[leg.number] = id
        branchOfNumber[leg.number] = nil
    }

    private mutating func perform(
        _ action: SIPLegMachine.Action, branch index: Int, of id: LegID, _ stack: SIPStack, _ context: SIPLineContext
    ) {
        guard let branch = forks[id]?.branches[index] else { return }
        switch action {
        case .invite(let sdp):
            var content = SIPStack.Content()
            content.contact = branch.contact
            content.sdp = sdp
            // Telephones offer a transfer only where Allow names REFER.
            content.takesRefer = true
            let number = stack.invite(
                listener: branch.listener, target: branch.url, from: branch.caller, content)
            guard let number else {
                return feed(
                    fork: id, .branch(index, .ended(status: 503, phrase: "every place of the stack is taken")), stack,
                    context)
            }
            forks[id]?.branches[index].number = number
            branchOfNumber[number] = ForkBranch(leg: id, index: index)
            // What its answers name as Contact is not looked up, and behind NAT not reached.
            stack.pin(number, to: branch.route)
            context.statistics.withLock { $0.dialled += 1 }
        case .cancel(let reason): stack.cancel(branch.number, reason: reason)
        case .bye(let reason): stack.bye(branch.number, reason: reason)
        case .forget: branchOfNumber[branch.number] = nil
        // A dialog that has not won answers nothing and has no media.
        case .respond, .answerNow, .configure, .tell: break
        }
    }

    /// A response on a dialog that still rings; phones are never asked for a password twice: a challenge is a refusal.
    mutating func responded(
        _ message: SIPMessage, on branch: ForkBranch, _ stack: SIPStack, _ context: SIPLineContext
    ) {
        feed(
            fork: branch.leg,
            .branch(
                branch.index,
                .response(status: message.status, sdp: message.sdp, reason: SIPCaller.clean(message.reason))), stack,
            context)
        guard message.status == 401 || message.status == 407 else { return }
        stack.drop(message.call)
        feed(fork: branch.leg, .branch(branch.index, .ended(status: message.status, phrase: "")), stack, context)
    }

    // MARK: REFER

    /// RFC 3515: taken from an agent's phone within its call, and nobody else.
    mutating func referred(_ message: SIPMessage, _ stack: SIPStack, _ context: SIPLineContext) {
        // Everybody else's REFER the stack has refused with 405.
        guard let id = legOfNumber[message.call], let leg = legs[id], leg.agent != nil, !leg.machine.isOver else {
            return stack.answerNow(status: 403, SIPStack.Content())
        }
        // One at a time: the end that is told must be that of the transfer asked for.
        guard leg.referEvent == nil else { return stack.answerNow(status: 491, SIPStack.Content()) }
        let target = String(SIPCaller.clean(SIPParameters.unescaped(message.referUser)).prefix(64))
        guard takesTarget(message, of: leg, stack, context), !target.isEmpty, !message.cut else {
            return stack.answerNow(status: 400, SIPStack.Content())
        }
        stack.answerNow(status: 202, SIPStack.Content())
        legs[id]?.referEvent = message.referEvent
        stack.notify(message.call, event: message.referEvent, state: "active;expires=120", status: 100)
        context.tell(
            .transferAsked(target: target, replaces: SIPParameters.replaces(message.referHeaders)), leg: id,
            call: leg.call)
    }

    /// The final word on a transfer.
    mutating func transferEnded(_ id: LegID, status: Int, _ stack: SIPStack) {
        guard let leg = legs[id], let event = leg.referEvent, !leg.machine.isOver else { return }
        legs[id]?.referEvent = nil
        stack.notify(leg.number, event: event, state: "terminated;reason=noresource", status: status)
    }
}
