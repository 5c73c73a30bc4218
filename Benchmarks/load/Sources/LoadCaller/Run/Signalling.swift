import CLoad
import Glibc
import Synchronization

/// The one thread of SIP: a socket, all calls' machines, and their deadlines. After `run` has returned its records may be
/// read.
final class Signalling: @unchecked Sendable {
    private enum Owner {
        case call(Int)
        case registration(Int)
    }

    private enum Due {
        case machine(Int)
        case registration(Int)
        case hangUp(Int)
        case impatience(Int)
    }

    private enum Machine {
        case none
        case caller(CallerMachine)
        case phone(PhoneMachine)
    }

    private struct Leg {
        var machine = Machine.none
        var sockets: PortPairs.Pair?
        var isClosing = false
    }

    let progress: Progress
    private let plan: Plan
    private let table: LegTable
    private let clock: RunClock
    private let server: Endpoint
    let local: Endpoint
    private let descriptor: Int32
    private let inbox = Inbox(size: SIPMessage.longest)
    private let callPrefix = SIPText.word(12)
    private var pairs: PortPairs
    private var legs: [Leg]
    private(set) var records: [LegRecord]
    private var registrations: [RegistrationMachine] = []
    private var owners: [String: Owner] = [:]
    private var timers = TimerQueue<Due>()
    private var closing: [Int] = []
    private var phoneOfUser: [String: Int] = [:]
    private var legOfPhone: [Int?]
    private var nextPhoneLeg: Int
    private var beganAt: Int64?
    private var nextCall = 0
    private var isReleasing = false
    private var stopAt: Int64?

    private(set) var malformed = 0
    private(set) var strangers = 0
    private(set) var sendErrors = 0
    private(set) var error: LoadError?
    /// How late INVITEs were sent.
    let lateness = Histogram()

    /// - Parameter server: where requests go.
    /// - Throws: `LoadError` where no socket can be had.
    init(_ plan: Plan, table: LegTable, clock: RunClock, server: Endpoint, progress: Progress) throws(LoadError) {
        self.plan = plan
        self.table = table
        self.clock = clock
        self.server = server
        self.progress = progress
        guard let address = plan.bind ?? Sockets.sourceAddress(towards: server) else {
            throw LoadError("there is no way to \(server)")
        }
        guard let descriptor = try Sockets.bound(Endpoint(address: address, port: plan.sipPort)) else {
            throw LoadError("the port for SIP is in use")
        }
        self.descriptor = descriptor
        local = Sockets.local(descriptor)
        load_receive_buffer(descriptor, 8 << 20)
        _ = load_stamp(descriptor)
        pairs = PortPairs(address: address, range: plan.ports)
        legs = [Leg](repeating: Leg(), count: table.count)
        records = (0..<table.count).map { LegRecord(role: $0 < plan.calls ? .caller : .phone) }
        legOfPhone = [Int?](repeating: nil, count: plan.phones.count)
        nextPhoneLeg = plan.calls
        for (index, phone) in plan.phones.enumerated() {
            phoneOfUser[phone.user] = index
            registrations.append(
                RegistrationMachine(
                    .init(
                        server: server, domain: plan.target.host, user: phone.user, password: phone.password,
                        local: local)))
        }
    }

    deinit { close(descriptor) }

    /// Datagrams that the SIP socket lost.
    var drops: Int64 { load_drops(descriptor) }

    func run() {
        _ = load_name_thread("load-sip")
        // A message may wait for packets, which have their moment. Being more polite is never refused.
        _ = load_set_nice(Int32(min(19, (plan.nice ?? 0) + 5)))
        for index in registrations.indices {
            owners[registrations[index].callID] = .registration(index)
            // Twenty milliseconds apart: a start of shift, not a storm.
            timers.add(.registration(index), at: load_monotonic() + Int64(index) * 5_000_000)
        }
        while !progress.isDone.load(ordering: .acquiring) {
            let now = load_monotonic()
            place(at: now)
            while let due = timers.take(at: now) { meet(due, at: now) }
            release(at: now)
            closeStopped()
            finish(at: now)
            wait(from: now)
            receive()
        }
    }

    private func wait(from now: Int64) {
        var deadline = now + 20_000_000
        if let next = timers.next { deadline = min(deadline, next) }
        if let beganAt, nextCall < plan.calls { deadline = min(deadline, due(nextCall, beganAt)) }
        _ = load_wait(descriptor, deadline)
    }

    // MARK: Placing and releasing

    private func due(_ call: Int, _ begin: Int64) -> Int64 { begin + Int64(Double(call) / plan.rate * 1e9) }

    private func place(at now: Int64) {
        guard progress.mayCall.load(ordering: .acquiring) else { return }
        let begin = beganAt ?? now
        beganAt = begin
        // A storm that fell behind is made up for in steps, so that answers are read in between.
        var budget = 32
        while nextCall < plan.calls, due(nextCall, begin) <= now, budget > 0 {
            budget -= 1
            let call = nextCall
            nextCall += 1
            invite(call, due: due(call, begin))
        }
    }

    private func invite(_ call: Int, due: Int64) {
        let user = Self.number(plan.from, plus: call)
        records[call].user = user
        let callID = "\(callPrefix)-\(call)"
        records[call].callID = callID
        let pair: PortPairs.Pair
        do throws(LoadError) {
            pair = try pairs.open()
        } catch {
            self.error = self.error ?? error
            records[call].end = .failed(error.message)
            records[call].overAt = load_monotonic() - clock.monotonic
            progress.failed.wrappingAdd(1, ordering: .releasing)
            progress.over.wrappingAdd(1, ordering: .releasing)
            return
        }
        legs[call].sockets = pair
        table.legs[call].descriptor = pair.rtp
        owners[callID] = .call(call)
        let offer = SDP.offer(local: Endpoint(address: local.address, port: pair.port), laws: plan.laws)
        var machine = CallerMachine(
            .init(
                server: server, target: plan.target, user: user, local: local, offer: offer, laws: plan.laws,
                callID: callID))
        let now = load_monotonic()
        lateness.add(now - due)
        records[call].invitedAt = now - clock.monotonic
        let actions = machine.begin(at: now)
        legs[call].machine = .caller(machine)
        progress.placed.wrappingAdd(1, ordering: .releasing)
        timers.add(.impatience(call), at: now + plan.patience)
        perform(actions, call, at: now)
    }

    /// A number so many higher, as long as before where it has room.
    static func number(_ first: String, plus: Int) -> String {
        guard let value = Int(first) else { return first + String(plus) }
        let text = String(value + plus)
        return String(repeating: "0", count: max(0, first.count - text.count)) + text
    }

    private func release(at now: Int64) {
        guard !isReleasing, progress.mayRelease.load(ordering: .acquiring) else { return }
        isReleasing = true
        let rate = plan.releaseRate ?? plan.rate
        for call in 0..<plan.calls { timers.add(.hangUp(call), at: now + Int64(Double(call) / rate * 1e9)) }
    }

    private func hangUp(_ leg: Int, at now: Int64) {
        switch legs[leg].machine {
        case .none: return
        case .caller(var machine):
            guard machine.state != .over, machine.state != .leaving else { return }
            records[leg].wasReleased = true
            records[leg].releasedAt = records[leg].releasedAt ?? now - clock.monotonic
            let actions = machine.hangUp(at: now)
            legs[leg].machine = .caller(machine)
            perform(actions, leg, at: now)
        case .phone(var machine):
            guard machine.state != .over, machine.state != .leaving else { return }
            records[leg].wasReleased = true
            let actions = machine.hangUp(at: now)
            legs[leg].machine = .phone(machine)
            perform(actions, leg, at: now)
        }
    }

    // MARK: Deadlines

    private func meet(_ due: Due, at now: Int64) {
        switch due {
        case .hangUp(let leg): hangUp(leg, at: now)
        case .impatience(let call):
            if records[call].answeredAt == nil, records[call].end == nil {
                hangUp(call, at: now)
                records[call].wasReleased = false
            }
        case .machine(let leg):
            switch legs[leg].machine {
            case .none: return
            case .caller(var machine):
                guard let next = machine.next, next <= now else { return }
                let actions = machine.tick(at: now)
                legs[leg].machine = .caller(machine)
                perform(actions, leg, at: now)
            case .phone(var machine):
                guard let next = machine.next, next <= now else { return }
                let actions = machine.tick(at: now)
                legs[leg].machine = .phone(machine)
                perform(actions, leg, at: now)
            }
        case .registration(let index):
            if registrations[index].state == .idle {
                perform(registrations[index].begin(at: now), registration: index)
            } else if let next = registrations[index].next, next <= now {
                perform(registrations[index].tick(at: now), registration: index)
            }
        }
    }

    // MARK: Messages

    private func receive() {
        while true {
            let count = inbox.receive(descriptor)
            for place in 0..<count {
                let wall = inbox.arrival(place)
                let now = load_monotonic()
                let at = wall < 0 ? now - clock.monotonic : wall - clock.wall
                guard !inbox.isTruncated(place), let message = SIPMessage(inbox.bytes(place)) else {
                    malformed += 1
                    continue
                }
                take(message, from: Endpoint(inbox.source(place)), arrivedAt: at, now: now)
            }
            if count < Inbox.capacity { return }
        }
    }

    private func take(_ message: SIPMessage, from source: Endpoint, arrivedAt: Int64, now: Int64) {
        switch owners[message.callID] {
        case .registration(let index):
            perform(registrations[index].take(message, at: now), registration: index)
        case .call(let leg):
            let actions: [SIPAction]
            switch legs[leg].machine {
            case .none: return
            case .caller(var machine):
                actions = machine.take(message, from: source, at: now)
                records[leg].repeats = machine.repeats
                legs[leg].machine = .caller(machine)
            case .phone(var machine):
                actions = machine.take(message, from: source, at: now)
                legs[leg].machine = .phone(machine)
            }
            perform(actions, leg, at: now, arrivedAt: arrivedAt)
        case nil: stranger(message, from: source, arrivedAt: arrivedAt, now: now)
        }
    }

    private func stranger(_ message: SIPMessage, from source: Endpoint, arrivedAt: Int64, now: Int64) {
        guard case .request(let method, let uri) = message.start else {
            strangers += 1
            return
        }
        func answer(_ status: Int, _ phrase: String) {
            put(SIPText.response(to: message, status, phrase, tag: SIPText.word(8)), to: source)
        }
        switch method {
        case "ACK": return
        case "OPTIONS": answer(200, "OK")
        case "INVITE":
            let phone = SIPURI(uri).flatMap { phoneOfUser[$0.user] }
            guard phone != nil || plan.serves > 0 else { return answer(404, "Not found") }
            ring(message, phone: phone, from: source, arrivedAt: arrivedAt, now: now, answer)
        default:
            strangers += 1
            answer(481, "No such call")
        }
    }

    private func ring(
        _ message: SIPMessage, phone: Int?, from source: Endpoint, arrivedAt: Int64, now: Int64,
        _ answer: (Int, String) -> Void
    ) {
        if let busy = phone.flatMap({ legOfPhone[$0] }), records[busy].end == nil { return answer(486, "Busy here") }
        guard nextPhoneLeg < table.count else { return answer(486, "No leg left") }
        guard let session = SDP.session(message.body, laws: plan.laws) else { return answer(488, "Not acceptable") }
        let pair: PortPairs.Pair
        do throws(LoadError) {
            pair = try pairs.open()
        } catch {
            self.error = self.error ?? error
            return answer(500, "No port")
        }
        let user = phone.map { plan.phones[$0].user } ?? plan.target.user
        let media = Endpoint(address: local.address, port: pair.port)
        let rung = PhoneMachine.ring(
            message, from: source, user: user, local: local, media: media, session: session,
            answerAfter: phone == nil ? 0 : plan.answerAfter, at: now)
        guard let (machine, actions) = rung else {
            close(pair.rtp)
            close(pair.rtcp)
            return answer(400, "Bad request")
        }
        let leg = nextPhoneLeg
        nextPhoneLeg += 1
        if let phone { legOfPhone[phone] = leg }
        legs[leg].sockets = pair
        table.legs[leg].descriptor = pair.rtp
        table.legs[leg].keyCount = 0
        legs[leg].machine = .phone(machine)
        owners[message.callID] = .call(leg)
        records[leg].user = user
        records[leg].callID = message.callID
        records[leg].invitedAt = arrivedAt
        perform(actions, leg, at: now)
    }

    // MARK: Actions

    private func put(_ bytes: [UInt8], to endpoint: Endpoint) {
        if !Sockets.send(descriptor, bytes, to: endpoint) { sendErrors += 1 }
    }

    private func perform(_ actions: [SIPAction], registration index: Int) {
        for case .send(let bytes, let endpoint) in actions { put(bytes, to: endpoint) }
        if let next = registrations[index].next { timers.add(.registration(index), at: next) }
        var (good, bad) = (0, 0)
        for registration in registrations {
            switch registration.state {
            case .registered: good += 1
            case .failed: bad += 1
            default: break
            }
        }
        progress.registered.store(good, ordering: .releasing)
        progress.notRegistered.store(bad, ordering: .releasing)
    }

    private func perform(_ actions: [SIPAction], _ leg: Int, at now: Int64, arrivedAt: Int64? = nil) {
        let moment = arrivedAt ?? now - clock.monotonic
        for action in actions {
            switch action {
            case .send(let bytes, let endpoint): put(bytes, to: endpoint)
            case .ringing: records[leg].ringingAt = moment
            case .early(let session): listen(leg, session)
            case .answered(let session): talk(leg, session, at: moment, now: now)
            case .over(let end): over(leg, end, at: moment)
            }
        }
        let next: Int64? =
            switch legs[leg].machine {
            case .none: nil
            case .caller(let machine): machine.next
            case .phone(let machine): machine.next
            }
        if let next { timers.add(.machine(leg), at: next) }
    }

    private func listen(_ leg: Int, _ session: SDP.Session) {
        table.legs[leg].earlyRemote = session.remote.socketAddress
        table.legs[leg].payloadType = session.law.payloadType
        records[leg].law = session.law
        table.command(leg, LegCommand.early)
    }

    private func talk(_ leg: Int, _ session: SDP.Session, at moment: Int64, now: Int64) {
        records[leg].answeredAt = moment
        table.legs[leg].remote = session.remote.socketAddress
        table.legs[leg].eventType = session.eventType ?? 255
        if records[leg].law == nil {
            records[leg].law = session.law
            table.legs[leg].payloadType = session.law.payloadType
        }
        if !plan.takesAnySource, let pair = legs[leg].sockets {
            table.legs[leg].isConnected = Sockets.connect(pair.rtp, to: session.remote)
            if plan.sendsRaw {
                let own = Endpoint(address: local.address, port: pair.port)
                table.setRawHeader(leg, RawSender.header(from: own, to: session.remote, payload: 172))
            }
        }
        table.command(leg, LegCommand.talk)
        if records[leg].role == .caller {
            progress.answered.wrappingAdd(1, ordering: .releasing)
            if let hold = plan.hold { timers.add(.hangUp(leg), at: now + hold) }
        } else {
            progress.phonesUp.wrappingAdd(1, ordering: .releasing)
        }
    }

    private func over(_ leg: Int, _ end: CallEnd, at moment: Int64) {
        guard records[leg].end == nil else { return }
        records[leg].end = end
        records[leg].overAt = moment
        if table.command(of: leg) == LegCommand.idle {
            shut(leg)
        } else {
            table.command(leg, LegCommand.stop)
            closing.append(leg)
        }
        if records[leg].role == .caller {
            if records[leg].answeredAt == nil { progress.failed.wrappingAdd(1, ordering: .releasing) }
            progress.over.wrappingAdd(1, ordering: .releasing)
        }
    }

    private func closeStopped() {
        closing.removeAll { leg in
            guard table.hasStopped(leg) else { return false }
            shut(leg)
            return true
        }
    }

    private func shut(_ leg: Int) {
        guard let pair = legs[leg].sockets else { return }
        records[leg].drops = max(0, load_drops(pair.rtp))
        close(pair.rtp)
        close(pair.rtcp)
        legs[leg].sockets = nil
    }

    // MARK: The end

    /// Once all callers are gone, phones that are still up are hung up, registrations are taken back, and that is it.
    private func finish(at now: Int64) {
        let allOver = nextCall == plan.calls && progress.over.load(ordering: .relaxed) == plan.calls
        guard (allOver && beganAt != nil) || progress.mustStop.load(ordering: .acquiring) else { return }
        if stopAt == nil {
            stopAt = now + 5_000_000_000
            // The server lets go of the phones by itself; who is still there after two seconds is hung up.
            for leg in plan.calls..<table.count { timers.add(.hangUp(leg), at: now + 2_000_000_000) }
            if progress.mustStop.load(ordering: .acquiring) {
                for call in 0..<plan.calls { timers.add(.hangUp(call), at: now) }
            }
        }
        guard let stopAt else { return }
        let phonesUp = (plan.calls..<nextPhoneLeg).contains { records[$0].end == nil }
        let callsUp = (0..<nextCall).contains { records[$0].end == nil }
        if !phonesUp, !callsUp {
            for index in registrations.indices where registrations[index].state == .registered {
                perform(registrations[index].remove(at: now), registration: index)
            }
        }
        let isRemoved = !registrations.contains { $0.state == .registered || $0.state == .removing }
        if (!phonesUp && !callsUp && isRemoved && closing.isEmpty) || now >= stopAt {
            progress.isDone.store(true, ordering: .releasing)
        }
    }
}
