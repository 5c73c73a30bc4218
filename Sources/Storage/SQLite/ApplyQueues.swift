import Calls
import GRDB

// Facts about queues, and about what callers leave behind: messages, wishes to be called back, blocked numbers.

extension FactApplier {
    func apply(_ fact: QueueEntered) throws {
        try db.run(
            QueueSQL.enter,
            [
                chain, sequence, fact.call.blob, boot, fact.queue, fact.skill, fact.position,
                try canonicalText(fact.priority), fact.at.wall, fact.at.mono,
            ])
    }

    func apply(_ fact: QueueLeft) throws {
        let changed = try db.run(
            QueueSQL.leave,
            [
                fact.at.wall, fact.at.mono, boot, fact.exit.rawValue, fact.waitMilliseconds, fact.offers, fact.rings,
                fact.ringMilliseconds, fact.call.blob, fact.queue,
            ])
        guard changed == 0 else { return }
        try requireCall(fact.call)
        guard QueueExit.refusals.contains(fact.exit) else {
            throw conflict("call \(fact.call) does not wait in queue \(fact.queue)")
        }
        try db.run(
            QueueSQL.refuse,
            [
                chain, sequence, fact.call.blob, boot, fact.queue, fact.at.wall, fact.at.mono, fact.exit.rawValue,
                fact.waitMilliseconds, fact.offers, fact.rings, fact.ringMilliseconds,
            ])
    }

    func apply(_ fact: ApologyPlayed) throws {
        try db.run(
            QueueSQL.apologise,
            [
                chain, sequence, fact.call.blob, fact.owed ? 1 : 0, fact.position?.units, fact.at.wall, fact.at.mono,
            ])
    }

    func apply(_ fact: MessageLeft) throws {
        let changed = try db.run(
            QueueSQL.insertMessage,
            [
                fact.message.blob, fact.queue, fact.caller, fact.from.units, fact.to.units, fact.at.wall, fact.at.mono,
                fact.dueAt?.wall, fact.dueAt?.mono, fact.recording.blob, fact.call.blob,
            ])
        if changed == 0 { throw conflict("there is no recording \(fact.recording) of call \(fact.call)") }
    }

    func apply(_ fact: MessageHeard) throws {
        let changed = try db.run(
            QueueSQL.hearMessage, [fact.at.wall, fact.at.mono, fact.by.text, fact.message.blob])
        // Only the first hearing takes a message out of the inbox; later ones stand in the journal.
        if changed == 0, try db.row(QueueSQL.messageCall, [fact.message.blob]) == nil {
            throw conflict("there is no message \(fact.message)")
        }
    }

    func apply(_ fact: CallBackAsked) throws {
        let changed = try db.run(
            QueueSQL.askCallBack,
            [
                fact.call.blob, fact.queue, fact.number, fact.at.wall, fact.at.mono, fact.dueAt?.wall,
                fact.dueAt?.mono,
                (fact.dropped == nil ? CallBackReason.asked : .dropped).rawValue, fact.dropped?.agent.text,
                fact.dropped?.follows?.blob,
            ])
        if changed == 0 { throw conflict("the caller of call \(fact.call) was called back already") }
    }

    func apply(_ fact: CallBackEnded) throws {
        let changed = try db.run(
            QueueSQL.endCallBack,
            [
                fact.at.wall, fact.at.mono, fact.reached ? 1 : 0, fact.made?.blob, fact.by?.text, fact.call.blob,
            ])
        if changed == 0 { throw conflict("no call-back of call \(fact.call) is to be made") }
    }

    func apply(_ fact: NumberBlocked) throws {
        // The latest word on a number stands alone.
        try db.run(QueueSQL.unblock, [fact.at.wall, fact.at.mono, fact.by.text, fact.number])
        try db.run(
            QueueSQL.block,
            [
                fact.number, chain, sequence, fact.at.wall, fact.at.mono, fact.until?.wall, fact.until?.mono,
                fact.by.text, fact.reason,
            ])
    }

    func apply(_ fact: NumberUnblocked) throws {
        let changed = try db.run(QueueSQL.unblock, [fact.at.wall, fact.at.mono, fact.by.text, fact.number])
        if changed == 0 { throw conflict("the number \(fact.number) is not blocked") }
    }

    func apply(_ fact: RosterLoaded) throws {
        try db.run(
            QueueSQL.insertRoster,
            [chain, sequence, fact.file, fact.sha256, fact.agents, fact.queues, fact.at.wall, fact.at.mono])
    }
}
