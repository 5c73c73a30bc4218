import Calls
import GRDB

// Facts about agents: their legs go offered → alerted → answered → left, and an offer ends once, whatever its outcome.

extension FactApplier {
    func apply(_ fact: AgentOffered) throws {
        try db.run(
            AgentSQL.offer,
            [
                fact.leg.blob, fact.call.blob, node, boot, fact.agent.text, fact.purpose.rawValue, fact.queue,
                fact.at.wall, fact.at.mono,
            ])
    }

    func apply(_ fact: AgentAlerted) throws {
        let changed = try db.run(
            AgentSQL.alert, [fact.at.wall, fact.at.mono, fact.leg.blob, fact.call.blob, fact.agent.text])
        // Ring 1 began with the first alerting; another phone of the same agent's stays on the timeline only.
        if changed == 0 { try requireOffer(fact.leg, fact.call, fact.agent) }
    }

    func apply(_ fact: OfferEnded) throws {
        let changed = try db.run(
            AgentSQL.end,
            [
                fact.at.wall, fact.at.mono, fact.outcome.rawValue, fact.rings, fact.ringMilliseconds, fact.leg.blob,
                fact.call.blob, fact.agent.text,
            ])
        guard changed == 0 else { return }
        try requireOffer(fact.leg, fact.call, fact.agent)
        throw conflict("the offer on leg \(fact.leg) is over already: an offer ends once")
    }

    func apply(_ fact: AgentAnswered) throws {
        let changed = try db.run(
            AgentSQL.answer,
            [
                fact.at.wall, fact.at.mono, fact.rings, fact.ringMilliseconds, fact.summedRings,
                fact.summedRingMilliseconds, fact.waitMilliseconds, fact.basis.rawValue, fact.leg.blob,
                fact.call.blob, fact.agent.text,
            ])
        guard changed > 0 else {
            try requireOffer(fact.leg, fact.call, fact.agent)
            throw conflict("leg \(fact.leg) is answered already")
        }
        guard let queue = fact.queue else { return }
        try db.run(QueueSQL.answer, [fact.at.wall, fact.at.mono, fact.agent.text, fact.call.blob, queue])
    }

    func apply(_ fact: Announced) throws {
        try requireCall(fact.call)
        guard let agent = fact.agent else { return }
        try db.run(
            AgentSQL.announce, [fact.at.wall, try canonicalText(fact.items), fact.call.blob, agent.text])
    }

    func apply(_ fact: AgentLeft) throws {
        let changed = try db.run(
            AgentSQL.leave,
            [
                fact.at.wall, fact.at.mono, boot, fact.by.rawValue, fact.message, fact.leg.blob, fact.call.blob,
                fact.agent.text,
            ])
        guard changed > 0 else {
            try requireOffer(fact.leg, fact.call, fact.agent)
            throw conflict("the agent's leg \(fact.leg) ended already: a leg ends once")
        }
        // Nobody can take back a caller after the own leg is gone.
        try db.run(AgentSQL.resume, [fact.at.wall, fact.at.mono, boot, nil, fact.leg.blob])
    }

    func apply(_ fact: AgentHeld) throws {
        try requireOffer(fact.leg, fact.call, fact.agent)
        // Saying the same twice is no contradiction; the timeline has it.
        let isHeld = try db.row(AgentSQL.isHeld, [fact.leg.blob]) != nil
        if fact.isHeld, !isHeld {
            try db.run(
                AgentSQL.hold,
                [
                    chain, sequence, fact.call.blob, fact.leg.blob, boot, fact.at.wall, fact.at.mono,
                    fact.position?.units,
                ])
        } else if !fact.isHeld {
            try db.run(
                AgentSQL.resume, [fact.at.wall, fact.at.mono, boot, fact.position?.units, fact.leg.blob])
        }
    }

    func apply(_ fact: AgentChanged) throws {
        // A restart may give the instant at which the program before was last alive: whose boot that was, the event
        // does not say.
        let boot = fact.source == .restart ? nil : boot
        try db.run(
            AgentSQL.change,
            [
                fact.agent.text, chain, sequence, boot, fact.at.wall, fact.at.mono, fact.state.rawValue, fact.reason,
                fact.source.rawValue,
            ])
    }

    func apply(_ fact: Transferred) throws {
        try db.run(
            AgentSQL.transfer,
            [
                chain, sequence, fact.call.blob, fact.from.text, fact.to, fact.kind, fact.completed ? 1 : 0,
                fact.position?.units, fact.at.wall, fact.at.mono,
            ])
    }

    func apply(_ fact: SegmentBegan) throws {
        let changed = try db.run(
            AgentSQL.segment,
            [
                fact.channel, fact.position.units, fact.role, fact.agent?.text, fact.recording.blob, fact.call.blob,
            ])
        if changed == 0 { throw conflict("there is no recording \(fact.recording) of call \(fact.call)") }
    }

    func apply(_ fact: CallMarked) throws {
        try db.run(
            AgentSQL.mark,
            [
                chain, sequence, fact.call.blob, fact.by.text, fact.mark, fact.degree, fact.note, fact.at.wall,
                fact.at.mono,
            ])
    }

    func apply(_ fact: Rated) throws {
        try db.run(
            AgentSQL.rate,
            [fact.call.blob, fact.agent.text, fact.score, fact.order, fact.at.wall, fact.at.mono])
    }

    private func requireOffer(_ leg: LegID, _ call: CallID, _ agent: WorkNumber) throws {
        if try db.row(AgentSQL.exists, [leg.blob, call.blob, agent.text]) == nil {
            throw conflict("call \(call) was not offered to agent \(agent) on leg \(leg)")
        }
    }
}
