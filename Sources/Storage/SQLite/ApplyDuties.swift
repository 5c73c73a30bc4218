import Calls
import GRDB

// What orders lead to, and duties that recur.

extension FactApplier {
    func apply(_ fact: OrderCallLinked) throws {
        try requireOrder(fact.order)
        try db.run(OrderSQL.insertCall, [fact.order.blob, fact.call.blob, fact.role])
    }

    func apply(_ fact: OrderAlarmed) throws {
        try db.run(
            DutySQL.insertAlarm,
            [
                fact.order.blob, fact.clock, fact.since, fact.alarm, fact.moment, fact.due, fact.isWarning ? 1 : 0,
                fact.role, fact.unit, fact.channel, fact.at.wall, fact.at.mono,
            ])
    }

    func apply(_ fact: PenaltyProposed) throws {
        let changed = try db.run(
            DutySQL.propose,
            [
                fact.order.blob, fact.penalty, fact.profile, fact.clause, fact.trigger, fact.who, fact.unit, fact.least,
                fact.most, fact.count, fact.isPerPerson ? 1 : 0, fact.factor, fact.factorPenalty, fact.sanction,
                fact.anomaly, fact.because, fact.at.wall, fact.at.mono,
            ])
        // Once decided it stays.
        if changed == 0 { throw conflict("the penalty \(fact.penalty) of this order was decided already") }
    }

    func apply(_ fact: PenaltyDecided) throws {
        let changed = try db.run(
            DutySQL.decide,
            [
                fact.at.wall, fact.at.mono, fact.by, fact.role, fact.unit, fact.yuan, fact.persons, fact.why,
                fact.order.blob, fact.penalty,
            ])
        if changed == 0 { throw conflict("no penalty \(fact.penalty) of this order waits for a decision") }
    }

    func apply(_ fact: OrderReferred) throws {
        try requireOrder(fact.order)
        try db.run(
            DutySQL.refer,
            [
                fact.order.blob, fact.store, fact.reference, fact.status, fact.changed, fact.at.wall, fact.at.mono,
            ])
    }

    func apply(_ fact: NormBroken) throws {
        try db.run(
            DutySQL.insertBreach,
            [
                fact.call.blob, fact.rule, fact.profile, fact.count, fact.measured, fact.agent, fact.at.wall,
                fact.at.mono,
            ])
    }

    func apply(_ fact: DutyDone) throws {
        try db.run(
            DutySQL.insertDeed,
            [
                chain, sequence, fact.profile, fact.rule, fact.subject, fact.happened, fact.at.wall, fact.at.mono,
                fact.by, fact.note, fact.evidence,
            ])
    }

    func apply(_ fact: OutageAnnounced) throws {
        try db.run(
            DutySQL.insertOutage,
            [
                fact.outage.blob, fact.kind, fact.area, fact.begins, fact.ends, fact.reason, fact.text, fact.prompt,
                fact.announced,
                fact.at.wall, fact.at.mono, fact.by,
            ])
    }

    func apply(_ fact: OutageWithdrawn) throws {
        let changed = try db.run(
            DutySQL.withdraw, [fact.at.wall, fact.at.mono, fact.by, fact.why, fact.outage.blob])
        if changed == 0 { throw conflict("no outage \(fact.outage) is announced") }
    }

    func apply(_ fact: NoticeSet) throws {
        try db.run(
            DutySQL.setNotice,
            [chain, sequence, fact.notice, fact.prompt, fact.until, fact.at.wall, fact.at.mono, fact.by, fact.why])
    }

    private func requireOrder(_ order: OrderID) throws {
        guard try db.row(OrderSQL.lastStep, [order.blob]) != nil else {
            throw conflict("there is no work order \(order)")
        }
    }
}
