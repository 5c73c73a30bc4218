import Calls
import Norms
import Storage

/// A word of the server's own life.
struct ServerChange: Sendable {
    enum Kind: Sendable {
        case started
        case draining
        case stopped(until: Int64)
        case crashed(until: Int64)
        /// After a crash: what was cut off is told.
        case recovered
        case alarm(kind: String)
        case alarmOver(kind: String)
        case clock
    }

    var at: Int64
    var kind: Kind
}

/// How the server stands, and what is planned for it: four stops by night, two crashes by day while somebody talks, a
/// registration lost now and then, once both.
struct ServerState: Sendable {
    /// What is known from the first day on.
    private(set) var plan: [ServerChange] = []
    /// Moments after which the next talk is cut off by a crash, the next last.
    var crashesDue: [Int64] = []
    var downUntil: Int64?
    var isDraining = false
    /// It has begun to start.
    var isOpening = false
    /// What is wrong, and how often at once.
    var alarms: [String: Int] = [:]
    private var drainings: [Int64] = []

    static let lines = ["trunk1", "trunk2"]

    init(_ year: YearOfLife, _ days: YearDays) {
        var draw = Draw(seed: year.seed, .server)
        let last = days.count - 1
        plan.append(ServerChange(at: days.begin(0) + 5 * Micro.second, kind: .started))
        for quarter in 0..<4 {
            let day = min(last, quarter * days.count / 4 + 20 + draw.below(50))
            let draining = days.begin(day) + 3 * Micro.hour + draw.within(0...Micro.hour)
            drainings.append(draining)
            let stopped = draining + 3 * Micro.minute
            let started = stopped + draw.within(2 * Micro.minute...14 * Micro.minute)
            plan.append(ServerChange(at: draining, kind: .draining))
            plan.append(ServerChange(at: stopped, kind: .stopped(until: started)))
            plan.append(ServerChange(at: started, kind: .started))
        }
        for half in 0..<2 {
            let day = min(last, half * days.count / 2 + 60 + draw.below(90))
            crashesDue.insert(days.begin(day) + 9 * Micro.hour, at: 0)
        }
        for _ in 0..<9 {
            let from = days.begin(draw.below(last)) + draw.within(0...Micro.day)
            let length = draw.skewed(20 * Micro.second...5 * Micro.hour)
            alarm(draw.pick(Self.lines) + ".registration", from: from, to: from + length)
        }
        // The carrier's own fault: both trunks, for twenty minutes together.
        let both = days.begin(draw.below(last)) + 14 * Micro.hour
        alarm("trunk1.registration", from: both, to: both + 50 * Micro.minute)
        alarm("trunk2.registration", from: both + 30 * Micro.minute, to: both + 90 * Micro.minute)
        let disk = days.begin(draw.below(last)) + 11 * Micro.hour
        alarm("disk_space", from: disk, to: disk + 2 * Micro.hour)
        for day in stride(from: 1, to: days.count, by: 30) {
            plan.append(ServerChange(at: days.begin(day) + 2 * Micro.minute, kind: .clock))
        }
    }

    private mutating func alarm(_ kind: String, from: Int64, to: Int64) {
        plan.append(ServerChange(at: from, kind: .alarm(kind: kind)))
        plan.append(ServerChange(at: to, kind: .alarmOver(kind: kind)))
    }

    /// When the server begins to stop on a day; nil where it does not.
    func draining(on day: Int, _ days: YearDays) -> Int64? {
        drainings.first { $0 >= days.begin(day) && $0 < days.begin(day + 1) }
    }

    /// The line that a call comes by; nil where none is in order.
    func line(_ draw: inout Draw) -> String? {
        func isUp(_ line: String) -> Bool { alarms["\(line).registration", default: 0] == 0 }
        let usual = draw.chance(800) ? Self.lines[0] : Self.lines[1]
        return isUp(usual) ? usual : Self.lines.first(where: isUp)
    }
}

extension LifeWorld {
    mutating func handle(_ change: ServerChange) {
        let at = change.at
        func note(_ kind: String, _ data: [String: String] = [:]) -> Fact {
            .serverNoted(ServerNoted(at: clock.instant(at), kind: kind, data: data))
        }
        switch change.kind {
        case .started:
            // After a crash, what was cut off has been told in between.
            if !server.isOpening { tell([note("opening")], at: at) }
            server.isOpening = false
            server.downUntil = nil
            server.isDraining = false
            let roster = RosterLoaded(
                at: clock.instant(at), file: "roster.yaml", sha256: String(repeating: "c4", count: 32),
                agents: Staff.agents.count + 9, queues: 2)
            tell([.rosterLoaded(roster)], at: at)
            tell(
                [
                    note(
                        "started",
                        [
                            "sip": "192.0.2.1:5060", "flow": LifeFlow.inbound,
                            "lines": ServerState.lines.joined(separator: " "),
                        ])
                ], at: at)
            // A start knows nothing of what was wrong before: what is still wrong is found again.
            for kind in server.alarms.filter({ $0.value > 0 }).keys.sorted() {
                tell([note("alarm", ["kind": kind, "message": "\(kind) failed"])], at: at)
            }
        case .draining:
            server.isDraining = true
            tell([note("draining", ["calls": String(open.running.count)])], at: at)
        case .stopped(let until):
            stopCalls(at: at)
            tell([note("stopped")], at: at)
            server.downUntil = until
        case .crashed(let until):
            open.loseAll()
            server.downUntil = until
            agenda.put(
                .server(ServerChange(at: until - 2 * Micro.second, kind: .recovered)), at: until - 2 * Micro.second)
            agenda.put(.server(ServerChange(at: until, kind: .started)), at: until)
        case .recovered:
            server.isOpening = true
            tell([note("opening")], at: at)
            tellRecovery(at: at)
        case .alarm(let kind):
            server.alarms[kind, default: 0] += 1
            guard server.downUntil == nil, server.alarms[kind] == 1 else { return }
            tell([note("alarm", ["kind": kind, "message": "\(kind) failed"])], at: at)
        case .alarmOver(let kind):
            server.alarms[kind, default: 1] -= 1
            guard server.downUntil == nil, server.alarms[kind] == 0 else { return }
            tell([note("alarm_over", ["kind": kind, "message": "\(kind) failed"])], at: at)
        case .clock:
            if server.downUntil == nil { tell([note("clock", ["source": "chrony", "offset_us": "140"])], at: at) }
        }
    }

    /// The operator's stop ends what did not end by itself.
    private mutating func stopCalls(at: Int64) {
        let instant = clock.instant(at - Micro.second)
        var facts: [Fact] = []
        for (call, one) in open.running {
            facts.append(
                .callReleased(
                    CallReleased(
                        call: call, at: instant, releasedBy: .supervisor,
                        evidence: ReleaseEvidence(firstLeg: one.leg, message: "BYE sent", q850: 41), outcome: .stopped,
                        statistics: [:])))
            facts += stopped(one, call, at: at - Micro.second, told: at, isRecovered: false)
        }
        for (call, leg) in open.openLegs { facts += ended(leg, of: call, at: instant, by: .caller, "BYE sent") }
        for (call, passage) in open.cutPassages { facts.append(left(passage, call, at: instant, until: at)) }
        open.loseAll()
        open.forgetAll()
        if !facts.isEmpty { tell(facts, at: at) }
    }

    private func ended(
        _ leg: OpenCalls.Leg, of call: CallID, at: Instant, by: ReleasedBy, _ message: String
    ) -> [Fact] {
        var facts: [Fact] = []
        if !leg.isEnded {
            facts.append(.offerEnded(OfferEnded(call: call, leg: leg.leg, at: at, agent: leg.agent, outcome: .failed)))
        }
        if leg.isAnswered {
            facts.append(
                .agentLeft(AgentLeft(call: call, leg: leg.leg, at: at, agent: leg.agent, by: by, message: message)))
        }
        return facts
    }

    private func left(_ passage: OpenCalls.Passage, _ call: CallID, at: Instant, until: Int64) -> Fact {
        .queueLeft(
            QueueLeft(
                call: call, at: at, queue: passage.queue, exit: .interrupted,
                waitMilliseconds: max(0, (until - passage.enteredAt) / 1000), offers: passage.offers,
                rings: passage.rings, ringMilliseconds: passage.milliseconds))
    }

    /// What a start says of the run before it, as the exchange does.
    private mutating func tellRecovery(at: Int64) {
        let message = "the program ended in mid-call; found at the next start"
        let now = clock.instant(at)
        var facts: [Fact] = []
        let running = open.running
        for (call, one) in running {
            facts += stopped(one, call, at: one.lastSeen, told: at, isRecovered: true)
            facts.append(
                .callReleased(
                    CallReleased(
                        call: call, at: clock.instant(one.lastSeen), releasedBy: .unknown,
                        evidence: ReleaseEvidence(firstLeg: one.leg, message: message), outcome: .interrupted,
                        statistics: [:])))
        }
        if !facts.isEmpty {
            facts.append(
                .serverNoted(
                    ServerNoted(
                        at: now, kind: "recovered",
                        data: [
                            "recordings": String(running.count), "interrupted": String(running.count),
                            "torn_bytes": "0", "damaged_bytes": "0",
                        ])))
        }
        for (call, passage) in open.cutPassages {
            facts.append(left(passage, call, at: now, until: open.calls[call]?.lastSeen ?? at))
        }
        for (call, leg) in open.openLegs {
            facts += ended(leg, of: call, at: now, by: .unknown, message)
            guard leg.isAnswered, leg.purpose == .queue || leg.purpose == .transfer else { continue }
            facts.append(.formOwed(FormOwed(call: call, at: now, agent: leg.agent)))
            guard let number = open.calls[call]?.caller else { continue }
            facts.append(
                .callBackAsked(
                    CallBackAsked(
                        call: call, at: now, queue: "service", number: number,
                        dueAt: clock.instant(at + 5 * Micro.minute), dropped: CallBackAsked.Dropped(agent: leg.agent))))
        }
        for agent in shifts.present.sorted() {
            facts.append(
                .agentChanged(
                    AgentChanged(
                        at: now, agent: Shifts.number(agent), state: .loggedOut, source: .restart)))
            facts.append(
                .agentChanged(
                    AgentChanged(
                        at: now, agent: Shifts.number(agent), state: .available, source: .restart)))
        }
        open.forgetAll()
        if !facts.isEmpty { tell(facts, at: at) }
    }

    /// A recording that ends with the call has a file all the same.
    private func stopped(
        _ one: OpenCalls.One, _ call: CallID, at: Int64, told: Int64, isRecovered: Bool
    ) -> [Fact] {
        guard let recording = one.recording, let start = one.recordingStart else { return [] }
        let end = max(start, at)
        let milliseconds = (end - start) / 1000
        var draw = Draw(seed: year.seed, .server, Int(truncatingIfNeeded: recording.low))
        return [
            .recordingStopped(
                RecordingStopped(
                    recording: recording, call: call, at: clock.instant(end),
                    length: AudioPosition(milliseconds: milliseconds))),
            .recordingFinished(
                RecordingFinished(
                    recording: recording, call: call, at: clock.instant(told), file: "cut/\(call).flac",
                    format: "flac", rate: 8000, frames: milliseconds * 8, bytes: milliseconds * 5,
                    sha256: draw.hex(64), gaps: [], recovered: isRecovered)),
        ]
    }
}
