import Calls
import Norms
import Storage

/// A call that comes in, from the offer to its end.
extension CallBuilder {
    /// How an order comes of a call.
    enum Intake: Sendable {
        case none
        /// An agent writes it.
        case agent
        /// The flow takes a voice message.
        case message
    }

    /// What the line is like when the call comes.
    struct Setting {
        var intake: Intake
        var isBusy: Bool
        /// The server takes no new calls.
        var isDraining: Bool
    }

    /// What came of a call.
    struct Taken {
        /// When an order is made, where one was wanted, and a place in the recording that tells of it.
        var orderAt: Int64?
        var message: (from: AudioPosition, to: AudioPosition)?
        /// Who wrote it.
        var agent: Int?
        var attitude: String?
        /// The caller's place is kept.
        var kept: Kept?
        /// When the talk was half over.
        var middle: Int64?
        /// The line broke while this agent talked.
        var broken: (agent: Int, at: Int64)?
    }

    mutating func takeIn(_ setting: Setting, _ shifts: inout Shifts) -> Taken {
        var source = caller == nil ? "from" : "p_asserted_identity"
        var called = "95598"
        if setting.intake == .none {
            // Gateways that say less than they should.
            if caller == nil, draw.chance(40) { source = "" }
            if draw.chance(1) { called = "" }
        }
        offer(source: source, called: called, peer: "192.0.2.10:5060")
        guard !setting.isDraining else {
            release(begin + 20_000, by: .flow, .draining, message: "503 sent")
            return Taken()
        }
        if setting.intake == .none {
            let refusal = draw.weighted(
                [(nil, 1000), (Outcome.overCapacity, setting.isBusy ? 60 : 5), (.blocked, 3), (.unrecordable, 1)]
                    as [(Outcome?, Int)])
            if let refusal {
                release(begin + 20_000, by: .flow, refusal, message: "486 sent")
                return Taken()
            }
        }
        let alerted = begin + draw.within(15_000...80_000)
        if setting.intake != .none || !draw.chance(1) { alert(alerted) }
        var ring = machineRing()
        if setting.intake == .none, draw.chance(12) {
            let gone = draw.chance(700) ? draw.within(150...950) : draw.within(1000...42_000)
            let by = draw.weighted([(ReleasedBy.caller, 920), (.network, 40), (.unknown, 40)])
            release(
                alerted + gone * 1000, by: by, .abandoned, message: by == .unknown ? "rings ceased" : "CANCEL received",
                q850: by == .network ? 102 : nil)
            return Taken()
        }
        if setting.intake != .none { ring = min(ring, 4000) }
        return answered(at: alerted + ring * 1000, milliseconds: ring, setting, &shifts)
    }

    /// The machine answers a second into the first ring; a slow line, or a full machine, later.
    private mutating func machineRing() -> Int64 {
        switch draw.below(1000) {
        case 0..<920: 1000 + draw.within(0...3)
        case 920..<975: draw.within(4000...14_900)
        case 975..<990: draw.within(15_000...19_999)
        case 990..<994: draw.pick([15_999, 16_000, 19_999, 20_000])
        default: draw.within(20_000...45_000)
        }
    }

    private mutating func answered(
        at: Int64, milliseconds: Int64, _ setting: Setting, _ shifts: inout Shifts
    ) -> Taken {
        let isRecorded = setting.intake != .none || !draw.chance(7)
        if isRecorded { planRecording(at - 4000) }
        answer(at, milliseconds: milliseconds, flow: LifeFlow.inbound)
        if setting.intake == .none, draw.chance(2) {
            release(at + 32 * Micro.second, by: .unknown, .notEstablished, message: "no ACK")
            return Taken()
        }
        establish(at + 20_000, leg: leg, role: .caller)
        startRecording(at + 25_000)
        note(at + 30_000, "prompt_started", ["play": "1"])
        var taken: Taken
        switch setting.intake {
        case .message: taken = leaveMessage(at: at + draw.within(12...40) * Micro.second, "service")
        case .agent: taken = askForPerson(at: at, setting, &shifts)
        case .none:
            taken = draw.chance(690) ? askForPerson(at: at, setting, &shifts) : serveByMachine(at: at)
        }
        let over = end ?? at
        let way = draw.weighted(
            [(RecordingEnd.measured, 930), (.finished, 55), (.failed, 8), (.unfinished, 7)])
        let spoken = (over - at) / 1000
        let share = draw.chance(10) ? (Int64(0), Int64(0)) : (draw.within(250...650), draw.within(150...350))
        stopRecording(over + 1000, way, talk: (spoken * share.0 / 1000, spoken * share.1 / 1000))
        return taken
    }

    /// The caller hears what was asked for, and nobody is asked for.
    private mutating func serveByMachine(at: Int64) -> Taken {
        note(at + 6 * Micro.second, "key", ["key": draw.pick(["1", "2", "3"]), "source": "rfc4733"])
        let over = at + draw.skewed(8...150) * Micro.second
        switch draw.below(1000) {
        case 0..<780: release(over, by: .caller, .completed, message: "BYE received", q850: 16)
        case 780..<880: release(over, by: .flow, .completed, message: "BYE sent")
        case 880..<930: release(over, by: .flow, .releasedAfterWait, message: "BYE sent")
        case 930..<960: release(over, by: .flow, .inactive, message: "BYE sent")
        case 960..<980: release(over, by: .network, .networkLost, message: "session timer expired")
        default: release(over, by: .unknown, .completed, message: "BYE received")
        }
        return Taken()
    }

    private mutating func askForPerson(at: Int64, _ setting: Setting, _ shifts: inout Shifts) -> Taken {
        let entered = at + draw.within(4...22) * Micro.second + draw.within(0...999_999)
        note(entered - 300_000, "key", ["key": "0", "source": "rfc4733"])
        let queue = draw.chance(setting.isBusy ? 700 : 350) ? "faults" : "service"
        switch hunt(queue, at: entered, isBusy: setting.isBusy, isSure: setting.intake == .agent, &shifts) {
        case .answered(let served):
            let talked = talk(served, wantsOrder: setting.intake == .agent, &shifts)
            var taken = Taken(agent: talked.agent)
            taken.middle = talked.from + (talked.to - talked.from) / 2
            if setting.intake == .agent {
                // Most orders are written while the caller waits for the number; some afterwards.
                taken.orderAt =
                    draw.chance(880)
                    ? talked.from + (talked.to - talked.from) * draw.within(500...900) / 1000
                    : (end ?? talked.to) + draw.within(20...1200) * Micro.second
                taken.attitude = talked.isAngry ? draw.pick(["angry", "angry", "determined"]) : nil
            } else if owesForm, draw.chance(900) {
                waiveForm(talked.agent, at: max(end ?? 0, talked.to) + draw.within(20...600) * Micro.second)
            }
            if talked.isBroken, owesForm, let caller {
                let at = end ?? talked.to
                let agent = Shifts.number(talked.agent)
                let due = clock.instant(at + 5 * Micro.minute)
                taken.broken = (talked.agent, at)
                add(at + 2000) { [call] in
                    .callBackAsked(
                        CallBackAsked(
                            call: call, at: $0, queue: queue, number: caller, dueAt: due,
                            dropped: CallBackAsked.Dropped(agent: agent)))
                }
            }
            return taken
        case .abandoned(let left):
            release(left + 1000, by: .caller, .completed, message: "BYE received", q850: 16)
            return Taken()
        case .left(let left, let exit):
            if setting.intake == .agent || exit != .key && draw.chance(250) {
                return leaveMessage(at: left + 5 * Micro.second, queue)
            }
            if draw.chance(600) {
                release(left + draw.within(2...20) * Micro.second, by: .caller, .completed, message: "BYE received")
            } else {
                release(left + 15 * Micro.second, by: .flow, .releasedAfterWait, message: "BYE sent")
            }
            return Taken()
        case .callBack(let kept):
            if let caller {
                let due = clock.instant(kept.askedAt + 2 * Micro.hour)
                add(kept.askedAt) { [call] in
                    .callBackAsked(
                        CallBackAsked(call: call, at: $0, queue: kept.queue, number: caller, dueAt: due))
                }
            } else {
                leaveQueue(
                    kept.queue, kept.enteredAt, at: kept.askedAt, .key, offers: 0, rings: 0, milliseconds: 0)
            }
            release(kept.askedAt + 6 * Micro.second, by: .caller, .completed, message: "BYE received", q850: 16)
            return Taken(kept: caller == nil ? nil : kept)
        }
    }

    /// The caller speaks after the tone.
    private mutating func leaveMessage(at: Int64, _ queue: String) -> Taken {
        let to = at + draw.within(8...60) * Micro.second
        var taken = Taken(orderAt: to + 2 * Micro.second)
        if let recording, let first = position(at), let last = position(to) {
            let message: MessageID = id(to)
            let due = clock.instant(to + Micro.hour)
            taken.message = (first, last)
            add(to) { [call, caller] in
                .messageLeft(
                    MessageLeft(
                        message: message, call: call, at: $0, queue: queue, caller: caller, recording: recording,
                        from: first, to: last, dueAt: due))
            }
            if draw.chance(930) {
                let by = Staff.workNumber(Staff.number(role: "agent", unit: nil, &draw))
                add(to + draw.skewed(60...9000) * Micro.second) {
                    .messageHeard(MessageHeard(message: message, at: $0, by: by))
                }
            }
        }
        release(to + 8 * Micro.second, by: draw.chance(700) ? .caller : .flow, .completed, message: "BYE received")
        return taken
    }
}
