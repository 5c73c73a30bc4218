import Calls

/// The world on the other side of a simulated modem, as its script says: who calls when, what is said and pressed,
/// what breaks.
///
/// A value with virtual time. What the modem tells goes in, what the network does and the far end says comes out.
package struct ScriptedFarEnd: Sendable {
    package enum Output: Sendable, Equatable {
        case network(SimulatedNetworkEvent)
        case fault(SimulatedFault)
        /// Behind what is still being said; 8,000 samples a second.
        case say([Int16])
        /// The far end falls silent.
        case hush
        case record(String)
        case endRecord
        case report(SimulatorEvent.Kind)
    }

    enum Job: Sendable, Equatable {
        case call(Int)
        case step(serial: Int)
        case giveUp(serial: Int)
        case leave(serial: Int)
        case key(serial: Int, Character)
        case listenedEnough(serial: Int)
        case waitingGone(serial: Int)
        case alerting(serial: Int)
        case outcome(serial: Int, ScriptedAnswer.Outcome)
        case fault(Int)
    }

    private struct Timer: Sendable {
        var due: Instant
        var order: Int
        var job: Job
    }

    /// The call that is going on.
    struct Current: Sendable {
        let serial: Int
        /// As reported; incoming calls as the script counts them.
        let number: Int
        /// The script's call; nil where the hotline dialled.
        let scripted: ScriptedCall?
        let conversation: ScriptedConversation
        var rings = 0
        var rangAt: Instant?
        var answeredAt: Instant?
        var step = 0
        var listening: Listening?
    }

    struct Listening: Sendable {
        let quiet: Int64
        let ends: Instant
        var heardSomething = false
        var silentSince: Instant?
    }

    let script: ModemScript
    /// The script ends with its last call, whatever else it says.
    let once: Bool
    var now = Instant(wall: 0, mono: 0)
    var outputs: [Output] = []
    var current: Current?
    var waiting: Int?
    /// What was heard last.
    var isLoud = false
    /// Everything the script had is over.
    package private(set) var isFinished = false
    /// What was not as the script expects.
    package private(set) var failures: [String] = []

    private var timers: [Timer] = []
    private var order = 0
    private var nextSerial = 1
    private var dialled = 0
    private var faultsLeft: Int
    private var callsAreOver = false
    private var calledAgain = false

    package init(_ script: ModemScript, once: Bool) {
        self.script = script
        self.once = once
        faultsLeft = script.faults.count
    }

    /// When `advance` has something to do next; nil: never.
    package var nextDue: Instant? { timers.first?.due }

    // MARK: - Events

    package mutating func happened(_ happening: SimulatedHappening, at instant: Instant) -> [Output] {
        event(at: instant) { $0.take(happening) }
    }

    /// What the far end hears became loud, or silent.
    package mutating func heard(isLoud: Bool, at instant: Instant) -> [Output] {
        event(at: instant) { $0.listen(isLoud) }
    }

    package mutating func advance(to instant: Instant) -> [Output] { event(at: instant) { _ in } }

    private mutating func event(at instant: Instant, _ body: (inout Self) -> Void) -> [Output] {
        outputs = []
        while let timer = timers.first, timer.due <= instant {
            timers.removeFirst()
            now = timer.due
            run(timer.job)
        }
        now = instant
        body(&self)
        defer { outputs = [] }
        return outputs
    }

    mutating func schedule(_ job: Job, after milliseconds: Int64) {
        order += 1
        let timer = Timer(due: now.advanced(milliseconds: milliseconds), order: order, job: job)
        let place = timers.firstIndex { ($0.due.mono, $0.order) > (timer.due.mono, timer.order) } ?? timers.endIndex
        timers.insert(timer, at: place)
    }

    private mutating func run(_ job: Job) {
        switch job {
        case .call(let number): call(number)
        case .step(let serial): if current?.serial == serial { runStep() }
        case .giveUp(let serial): giveUp(serial)
        case .leave(let serial): if current?.serial == serial { leave() }
        case .key(let serial, let key):
            if current?.serial == serial { outputs.append(.network(.key(key))) }
        case .listenedEnough(let serial): listenedEnough(serial)
        case .waitingGone(let serial): waitingGone(serial)
        case .alerting(let serial):
            if current?.serial == serial { outputs.append(.network(.alerting(serial: serial))) }
        case .outcome(let serial, let outcome): decide(serial, outcome)
        case .fault(let index):
            faultsLeft -= 1
            report(.fault(script.faults[index].fault))
            outputs.append(.fault(script.faults[index].fault))
            finishIfOver()
        }
    }

    // MARK: - From the modem

    private mutating func take(_ happening: SimulatedHappening) {
        switch happening {
        case .ready: begin()
        case .rang(let serial, let count): rang(serial, count)
        case .answered(let serial): answered(serial)
        case .endedHere(let serial, let wasAnswered): endedHere(serial, wasAnswered)
        case .notDelivered(let serial, let isBusy): notDelivered(serial, isBusy)
        case .lost(let serial): lost(serial)
        case .dialled(let serial, let number): dial(serial, number)
        case .keySent(let key, _): report(.keyReceived(key))
        case .speech(let flows): report(.speech(flows))
        case .restarted: report(.restarted)
        }
    }

    private mutating func begin() {
        report(.ready)
        for (index, fault) in script.faults.enumerated() {
            if case .at(let moment) = fault.moment { schedule(.fault(index), after: moment) }
        }
        if let first = script.calls.first {
            schedule(.call(1), after: first.after)
        } else {
            callsAreOver = true
        }
        finishIfOver()
    }

    private mutating func rang(_ serial: Int, _ count: Int) {
        if serial == waiting { return }
        guard var call = current, call.serial == serial, let scripted = call.scripted else { return }
        call.rings = count
        if call.rangAt == nil { call.rangAt = now }
        current = call
        report(.ringing(call: call.number, from: scripted.from, count: count))
        if count == 1 { scheduleFaults(of: call.number, since: .ring) }
        if count >= scripted.rings { schedule(.giveUp(serial: serial), after: (scripted.ringEvery ?? 5000) * 4 / 5) }
    }

    private mutating func answered(_ serial: Int) {
        if serial == waiting { return report(.waitingAnswered) }
        guard var call = current, call.serial == serial else { return }
        call.answeredAt = now
        current = call
        let after = call.rangAt.map { now.milliseconds(since: $0) } ?? 0
        report(.answered(call: call.number, rings: call.rings, milliseconds: after))
        if let expectation = call.scripted?.expectation { judge(expectation, call, answeredAfter: after) }
        scheduleFaults(of: call.number, since: .answer)
        converse()
    }

    private mutating func endedHere(_ serial: Int, _ wasAnswered: Bool) {
        if serial == waiting {
            waiting = nil
            return report(wasAnswered ? .waitingGone : .waitingRefused)
        }
        guard let call = current, call.serial == serial else { return }
        report(wasAnswered ? .hungUp(call: call.number, by: .hotline) : .refused(call: call.number))
        finish(call, hungUpBy: wasAnswered ? .hotline : nil)
    }

    private mutating func notDelivered(_ serial: Int, _ isBusy: Bool) {
        if serial == waiting {
            waiting = nil
            return report(.waitingRefused)
        }
        guard let call = current, call.serial == serial else { return }
        report(.notDelivered(call: call.number, isBusy: isBusy))
        finish(call, hungUpBy: nil)
    }

    private mutating func lost(_ serial: Int) {
        if serial == waiting {
            waiting = nil
            return
        }
        guard let call = current, call.serial == serial else { return }
        report(.lost(call: call.number))
        finish(call, hungUpBy: nil)
    }

    private mutating func scheduleFaults(of call: Int, since: ScriptedFault.Since) {
        for (index, fault) in script.faults.enumerated() {
            if case .during(call, since, let after) = fault.moment { schedule(.fault(index), after: after) }
        }
    }

    // MARK: - Calls that come in

    private mutating func call(_ number: Int) {
        // The hotline is dialling: the caller tries again a little later.
        guard current == nil else { return schedule(.call(number), after: 1000) }
        let scripted = script.calls[number - 1]
        let serial = takeSerial()
        current = Current(
            serial: serial, number: number, scripted: scripted, conversation: scripted.conversation)
        outputs.append(
            .network(.call(serial: serial, from: scripted.from, clip: scripted.clip, ringEvery: scripted.ringEvery)))
    }

    mutating func takeSerial() -> Int {
        defer { nextSerial += 1 }
        return nextSerial
    }

    private mutating func giveUp(_ serial: Int) {
        guard let call = current, call.serial == serial, call.answeredAt == nil else { return }
        report(.gaveUp(call: call.number, rings: call.rings))
        outputs.append(.network(.farEnded(serial: serial, cause: .normal)))
        finish(call, hungUpBy: nil)
    }

    /// The far end hangs up.
    mutating func leave() {
        guard let call = current else { return }
        report(.hungUp(call: call.number, by: .caller))
        outputs.append(.network(.farEnded(serial: call.serial, cause: .normal)))
        finish(call, hungUpBy: .caller)
    }

    // MARK: - Calls that go out

    private mutating func dial(_ serial: Int, _ number: String) {
        dialled += 1
        let call = script.calls.count + dialled
        report(.dialled(call: call, number: number))
        // Somebody is calling in at this moment, or nobody is there.
        guard current == nil, let answer = script.answers.dropFirst(dialled - 1).first ?? script.answers.last else {
            schedule(.outcome(serial: serial, .noCarrier), after: 500)
            return
        }
        current = Current(serial: serial, number: call, scripted: nil, conversation: answer.conversation)
        if answer.outcome == .answer || answer.outcome == .noAnswer {
            schedule(.alerting(serial: serial), after: min(1000, answer.after / 2))
        }
        schedule(.outcome(serial: serial, answer.outcome), after: answer.after)
    }

    private mutating func decide(_ serial: Int, _ outcome: ScriptedAnswer.Outcome) {
        guard let call = current, call.serial == serial else {
            if outcome == .noCarrier { outputs.append(.network(.farEnded(serial: serial, cause: .outOfOrder))) }
            return
        }
        report(.outcome(call: call.number, outcome))
        switch outcome {
        case .answer:
            current?.answeredAt = now
            outputs.append(.network(.farAnswered(serial: serial)))
            return converse()
        case .busy: outputs.append(.network(.farEnded(serial: serial, cause: .busy)))
        case .noAnswer: outputs.append(.network(.farEnded(serial: serial, cause: .noAnswer)))
        case .noCarrier: outputs.append(.network(.farEnded(serial: serial, cause: .outOfOrder)))
        }
        finish(call, hungUpBy: nil)
    }

    // MARK: - Ends

    private mutating func judge(_ expectation: ScriptedExpectation, _ call: Current, answeredAfter: Int64) {
        if expectation.noAnswer { fail("call \(call.number) was answered") }
        if let limit = expectation.answeredWithin, answeredAfter > limit {
            fail("call \(call.number) was answered after \(answeredAfter) ms, later than \(limit) ms")
        }
        if let limit = expectation.answeredAfter, answeredAfter < limit {
            fail("call \(call.number) was answered after \(answeredAfter) ms, earlier than \(limit) ms")
        }
    }

    private mutating func finish(_ call: Current, hungUpBy party: ScriptedExpectation.Party?) {
        current = nil
        outputs.append(.hush)
        if call.answeredAt != nil, call.conversation.record != nil { outputs.append(.endRecord) }
        if let expectation = call.scripted?.expectation {
            if call.answeredAt == nil, expectation.answeredWithin != nil || expectation.answeredAfter != nil {
                fail("call \(call.number) was not answered")
            }
            if let wanted = expectation.hungUpBy, wanted != party {
                fail("call \(call.number) was not ended by the \(wanted.rawValue)")
            }
        }
        if let scripted = call.scripted {
            scheduleNext(after: call.number, scripted, wasHungUp: party == .hotline)
        }
        finishIfOver()
    }

    private mutating func scheduleNext(after number: Int, _ scripted: ScriptedCall, wasHungUp: Bool) {
        if wasHungUp, scripted.whenHungUp == .again, !calledAgain {
            calledAgain = true
            return schedule(.call(number), after: scripted.after)
        }
        calledAgain = false
        if wasHungUp, scripted.whenHungUp == .stop {
            callsAreOver = true
        } else if number < script.calls.count {
            schedule(.call(number + 1), after: script.calls[number].after)
        } else if script.repeats, !once {
            schedule(.call(1), after: script.calls[0].after)
        } else {
            callsAreOver = true
        }
    }

    private mutating func finishIfOver() {
        guard !isFinished, callsAreOver, current == nil else { return }
        let isOver =
            if once {
                script.calls.isEmpty ? dialled >= script.answers.count && faultsLeft == 0 : true
            } else {
                script.answers.isEmpty && faultsLeft == 0
            }
        guard isOver else { return }
        isFinished = true
        report(.finished)
    }

    private mutating func fail(_ text: String) {
        failures.append(text)
        report(.expectationFailed(text))
    }

    mutating func report(_ kind: SimulatorEvent.Kind) { outputs.append(.report(kind)) }
}
