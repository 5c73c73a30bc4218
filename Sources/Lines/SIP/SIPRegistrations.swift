import Calls

/// The registrations at carriers: made at the start, made again after a failure, taken back at the end. The stack
/// refreshes what stands.
struct SIPRegistrations {
    private enum State {
        case idle
        /// The stack's number, and whether the password was given already.
        case asking(UInt32, tried: Bool)
        case standing(UInt32)
        case waiting(until: Instant)
        case ending(UInt32)
        case ended
    }

    /// After a failure.
    static let pauseMilliseconds: Int64 = 30_000

    private let wanted: [SIPRegistration]
    private var states: [State]

    init(_ wanted: [SIPRegistration]) {
        self.wanted = wanted
        states = wanted.map { _ in .idle }
    }

    /// Nothing is waited for at the end.
    var isQuiet: Bool {
        states.allSatisfy { state in
            switch state {
            case .asking, .standing, .ending: false
            case .idle, .waiting, .ended: true
            }
        }
    }

    mutating func begin(_ stack: SIPStack, _ context: SIPLineContext) {
        for index in wanted.indices { if case .idle = states[index] { ask(index, stack, context) } }
    }

    mutating func tick(_ stack: SIPStack, _ context: SIPLineContext) {
        let now = context.time.now()
        for index in wanted.indices {
            if case .waiting(let until) = states[index], until <= now { ask(index, stack, context) }
        }
    }

    mutating func end(_ stack: SIPStack) {
        for index in wanted.indices {
            switch states[index] {
            case .asking(let number, _):
                stack.drop(number)
                states[index] = .ended
            case .standing(let number):
                stack.unregister(number)
                states[index] = .ending(number)
            default: states[index] = .ended
            }
        }
    }

    /// A registrar's final response.
    mutating func heard(_ message: SIPMessage, _ stack: SIPStack, _ context: SIPLineContext) {
        guard let index = index(of: message.call) else { return }
        switch (states[index], message.status) {
        case (.ending, 401), (.ending, 407), (.asking(_, tried: false), 401), (.asking(_, tried: false), 407),
            (.standing, 401), (.standing, 407):
            // A refresh may be challenged anew; a second refusal in a row is final.
            if case .ending = states[index] {} else { states[index] = .asking(message.call, tried: true) }
            guard !message.realm.isEmpty, message.scheme.lowercased() == "digest" else {
                return fail(index, message.call, stack, context)
            }
            let user = wanted[index].credentials
            stack.authenticate(
                message.call, scheme: message.scheme, realm: message.realm, user: user.name, password: user.password)
        case (.ending, _):
            stack.drop(message.call)
            states[index] = .ended
            tell(index, false, context)
        case (_, 200..<300):
            states[index] = .standing(message.call)
            tell(index, true, context)
        default: fail(index, message.call, stack, context)
        }
    }

    /// The stack gave the registration up.
    mutating func lost(_ number: UInt32, _ context: SIPLineContext) {
        guard let index = index(of: number) else { return }
        if case .ending = states[index] {
            states[index] = .ended
        } else {
            states[index] = .waiting(until: context.time.now().advanced(milliseconds: Self.pauseMilliseconds))
        }
        tell(index, false, context)
    }

    private mutating func ask(_ index: Int, _ stack: SIPStack, _ context: SIPLineContext) {
        let wish = wanted[index]
        let listener = context.configuration.listen.firstIndex { listen in
            listen.transports.contains(wish.registrar.lowercased().contains(";transport=tcp") ? .tcp : .udp)
        }
        let user = SIPParameters.user(ofAddress: wish.addressOfRecord) ?? context.configuration.user
        guard let listener,
            let number = stack.register(
                listener: listener, registrar: wish.registrar, addressOfRecord: "<\(wish.addressOfRecord)>",
                contact: contact(listener, user: user, stack, context), expires: wish.expiresSeconds)
        else {
            states[index] = .waiting(until: context.time.now().advanced(milliseconds: Self.pauseMilliseconds))
            return
        }
        states[index] = .asking(number, tried: false)
        tell(index, false, context)
    }

    private func contact(_ listener: Int, user: String, _ stack: SIPStack, _ context: SIPLineContext) -> String {
        let bound = context.configuration.listen[listener].endpoint.address
        let told = context.configuration.advertised.first { $0.family == bound.family } ?? bound
        let host = told.family == .v6 ? "[\(told)]" : "\(told)"
        return "<sip:\(user)@\(host):\(stack.port(listener: listener))>"
    }

    private mutating func fail(_ index: Int, _ number: UInt32, _ stack: SIPStack, _ context: SIPLineContext) {
        stack.drop(number)
        states[index] = .waiting(until: context.time.now().advanced(milliseconds: Self.pauseMilliseconds))
        tell(index, false, context)
    }

    private func tell(_ index: Int, _ standing: Bool, _ context: SIPLineContext) {
        context.statistics.withLock { $0.registered[wanted[index].addressOfRecord] = standing }
    }

    private func index(of number: UInt32) -> Int? {
        states.firstIndex { state in
            switch state {
            case .asking(let own, _), .standing(let own), .ending(let own): own == number
            case .idle, .waiting, .ended: false
            }
        }
    }
}
