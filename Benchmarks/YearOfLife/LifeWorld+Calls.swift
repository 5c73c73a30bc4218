import Calls
import Storage

/// Somebody is to be called back.
struct CallBackTask {
    /// The call in which it was asked for.
    var call: CallID
    var number: String
    /// Whose task it is; nil: whoever the queue chooses.
    var agent: WorkNumber?
    /// The place that was kept.
    var kept: CallBuilder.Kept?
    var tries = 0
}

extension LifeWorld {
    /// Withheld, one of late that calls again, or anybody.
    private func caller(_ draw: inout Draw, isOrder: Bool) -> String? {
        if draw.chance(isOrder ? 14 : 32) { return nil }
        if !lastCallers.isEmpty, draw.chance(isOrder ? 70 : 120) { return draw.pick(lastCallers) }
        return Words.telephone(&draw)
    }

    mutating func takeCall(_ plan: CallPlan, at: Int64) {
        var draw = Draw(seed: year.seed, .call, plan.index)
        guard let line = server.line(&draw) else {
            // No line is in order: whoever called tries again later.
            return agenda.put(.call(plan), at: at + 11 * Micro.minute + draw.within(0...Micro.hour))
        }
        let caller = caller(&draw, isOrder: plan.order != nil)
        var builder = CallBuilder(draw, clock, line: line, direction: .inbound, caller: caller, begin: at)
        var intake = CallBuilder.Intake.none
        if let order = plan.order {
            intake = order.channel == "voice_mailbox" || order.category == "callback" ? .message : .agent
        }
        let day = Int((at - days.begin(0)) / Micro.day)
        // Whoever wants an order and is refused calls again.
        if server.isDraining, plan.order != nil { agenda.put(.call(plan), at: at + 30 * Micro.minute) }
        let taken = builder.takeIn(
            CallBuilder.Setting(
                intake: intake, isBusy: days.storms.contains(day), isDraining: server.isDraining), &shifts)
        put(builder)
        guard !server.isDraining else { return }
        if let order = plan.order {
            let made = taken.orderAt ?? (builder.end ?? at) + 2 * Micro.minute
            var intake = OrderIntake(plan: order)
            (intake.caller, intake.call, intake.recording) = (caller, builder.call, builder.recording)
            (intake.agent, intake.attitude, intake.message) = (taken.agent, taken.attitude, taken.message)
            agenda.put(.order(intake), at: made)
        }
        if let kept = taken.kept, let caller {
            let task = CallBackTask(call: builder.call, number: caller, kept: kept)
            agenda.put(.callBack(task), at: kept.askedAt + draw.skewed(2 * Micro.minute...4 * Micro.hour))
        }
        if let broken = taken.broken, let caller {
            let task = CallBackTask(call: builder.call, number: caller, agent: Shifts.number(broken.agent))
            agenda.put(.callBack(task), at: broken.at + draw.skewed(40 * Micro.second...50 * Micro.minute))
        }
        // A crash comes while somebody talks.
        if let due = server.crashesDue.last, at >= due, let middle = taken.middle {
            server.crashesDue.removeLast()
            let until = middle + draw.within(2 * Micro.minute...9 * Micro.minute)
            agenda.put(.server(ServerChange(at: middle, kind: .crashed(until: until))), at: middle)
        }
    }

    // MARK: - Calls back

    mutating func callBack(_ task: CallBackTask, at: Int64) {
        callsPlaced += 1
        var draw = Draw(seed: year.seed, .outgoing, callsPlaced)
        if task.kept != nil, open.passages[task.call] == nil, task.tries == 0 { return }
        // Some are forgotten, some closed by hand.
        let course = task.tries > 0 ? 0 : draw.weighted([(0, 900), (1, 40), (2, 60)])
        guard course != 2 else { return }
        var task = task
        guard course == 0, let line = server.line(&draw),
            let agent = task.agent ?? shifts.idle(at: at, except: [], &draw).map({ Shifts.number($0.agent) })
        else {
            let by = Staff.workNumber(Staff.number(role: "supervisor", unit: nil, &draw))
            leave(task.kept, task.call, at: at, offers: 0, milliseconds: 0)
            tell(
                [.callBackEnded(CallBackEnded(call: task.call, at: clock.instant(at), reached: false, by: by))], at: at)
            return
        }
        let isReached = draw.chance(840)
        var builder = CallBuilder(draw, clock, line: line, direction: .outbound, caller: task.number, begin: at)
        let placed = builder.place(
            by: agent, role: "call_back", isReached: isReached, seconds: draw.skewed(20...400), recording: .measured)
        put(builder)
        if let agent = Int(agent.text) { shifts.engage(agent, until: placed.to + 20 * Micro.second) }
        // Reached is told with the answer, in vain with the end.
        leave(task.kept, task.call, at: placed.from, offers: 1, milliseconds: 2000)
        let ended = CallBackEnded(
            call: task.call, at: clock.instant(placed.from), made: builder.call, reached: isReached, by: agent)
        agenda.put(
            .unit(LifeUnit(at: clock.instant(placed.from), facts: [.callBackEnded(ended)]), builder.call),
            at: placed.from)
        if !isReached, task.tries < 2, draw.chance(550) {
            task.tries += 1
            task.kept = nil
            agenda.put(.callBack(task), at: placed.to + draw.skewed(10 * Micro.minute...8 * Micro.hour))
        }
    }

    /// The kept place ends.
    private mutating func leave(
        _ kept: CallBuilder.Kept?, _ call: CallID, at: Int64, offers: Int, milliseconds: Int64
    ) {
        guard let kept else { return }
        let left = QueueLeft(
            call: call, at: clock.instant(at), queue: kept.queue, exit: .callBack,
            waitMilliseconds: (at - kept.enteredAt) / 1000, offers: offers, rings: offers,
            ringMilliseconds: milliseconds)
        agenda.put(.unit(LifeUnit(at: clock.instant(at), facts: [.queueLeft(left)]), nil), at: at)
    }
}
