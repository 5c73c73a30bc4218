import Calls
import Foundation
import GRDB

/// Changes the tables by one fact. The same code serves the writer and the verification, which derives the tables
/// anew from the journal; so it reads nothing but the fact, its event and the tables.
struct FactApplier {
    let db: Database
    let node: String
    let boot: String
    /// The event's place in the journal: the key of rows that one event makes.
    let chain: String
    let sequence: Int64
    /// Takes in what the index of recordings says no longer; whoever ends the group of facts refreshes it.
    let stale: StaleRecordings

    /// - Throws: `StorageError` with code `.conflict`, or GRDB's `DatabaseError`, where the tables contradict the fact.
    func apply(_ fact: Fact) throws {
        switch fact {
        case .callOffered(let fact): try apply(fact)
        case .callAlerted(let fact): try apply(fact)
        case .callAnswered(let fact): try apply(fact)
        case .legEstablished(let fact): try apply(fact)
        case .callNoted(let fact): try apply(fact)
        case .callReleased(let fact): try apply(fact)
        case .recordingPlanned(let fact): try apply(fact)
        case .recordingStarted(let fact): try apply(fact)
        case .recordingStopped(let fact): try apply(fact)
        case .recordingFinished(let fact): try apply(fact)
        case .recordingFailed(let fact): try apply(fact)
        case .orderCreated(let fact): try apply(fact)
        case .orderLinked(let fact): try apply(fact)
        case .orderStepped(let fact): try apply(fact)
        case .orderCallLinked(let fact): try apply(fact)
        case .orderAlarmed(let fact): try apply(fact)
        case .penaltyProposed(let fact): try apply(fact)
        case .penaltyDecided(let fact): try apply(fact)
        case .orderReferred(let fact): try apply(fact)
        case .dutyDone(let fact): try apply(fact)
        case .normBroken(let fact): try apply(fact)
        case .outageAnnounced(let fact): try apply(fact)
        case .outageWithdrawn(let fact): try apply(fact)
        case .noticeSet(let fact): try apply(fact)
        case .queueEntered(let fact): try apply(fact)
        case .queueLeft(let fact): try apply(fact)
        case .agentOffered(let fact): try apply(fact)
        case .agentAlerted(let fact): try apply(fact)
        case .offerEnded(let fact): try apply(fact)
        case .agentAnswered(let fact): try apply(fact)
        case .agentLeft(let fact): try apply(fact)
        case .agentHeld(let fact): try apply(fact)
        case .agentChanged(let fact): try apply(fact)
        case .apologyPlayed(let fact): try apply(fact)
        case .transferred(let fact): try apply(fact)
        case .segmentBegan(let fact): try apply(fact)
        case .callMarked(let fact): try apply(fact)
        case .rated(let fact): try apply(fact)
        case .messageLeft(let fact): try apply(fact)
        case .messageHeard(let fact): try apply(fact)
        case .callBackAsked(let fact): try apply(fact)
        case .callBackEnded(let fact): try apply(fact)
        case .numberBlocked(let fact): try apply(fact)
        case .numberUnblocked(let fact): try apply(fact)
        case .rosterLoaded(let fact): try apply(fact)
        case .callReported(let fact): try apply(fact)
        case .formOwed(let fact): try apply(fact)
        case .formWaived(let fact): try apply(fact)
        case .anchorMade(let fact): try apply(fact)
        case .anchorSent(let fact): try apply(fact)
        case .recordingNoted(let fact): try apply(fact)
        case .personSet(let fact): try apply(fact)
        case .accessNoted(let fact): try apply(fact)
        case .sampleDrawn(let fact): try apply(fact)
        case .reviewSubmitted(let fact): try apply(fact)
        case .reviewAppealed(let fact): try apply(fact)
        case .appealDecided(let fact): try apply(fact)
        case .recordingMeasured(let fact): try apply(fact)
        case .recordingReplayed(let fact): try apply(fact)
        case .recordingAlarm(let fact): try apply(fact)
        case .transcriptAsked(let fact): try apply(fact)
        case .transcriptMade(let fact): try apply(fact)
        case .transcriptFailed(let fact): try apply(fact)
        case .qaFlagged(let fact): try apply(fact)
        case .carrierImported(let fact): try apply(fact)
        case .holdPlaced(let fact): try apply(fact)
        case .holdReleased(let fact): try apply(fact)
        case .recordingArchived(let fact): try apply(fact)
        case .recordingDeleted(let fact): try apply(fact)
        case .recordingRemoved(let fact): try apply(fact)
        case .personalDataErased(let fact): try apply(fact)
        case .recordingPaused(let fact): try apply(fact)
        case .recordingResumed(let fact): try apply(fact)
        case .recordingImported(let fact): try apply(fact)
        case .announced(let fact): try apply(fact)
        // The timeline is its only place.
        case .serverNoted: break
        }
        try index(fact)
    }

    func conflict(_ what: String) -> StorageError { StorageError(.conflict, what) }

    private func apply(_ fact: CallOffered) throws {
        try db.run(
            CallSQL.insert,
            [
                fact.call.blob, node, boot, fact.line, fact.direction.rawValue, fact.caller, fact.callerRaw,
                fact.callerSource, fact.called, fact.diversion, fact.peer, fact.protocolCallID, fact.at.wall,
                fact.at.mono,
            ])
        // The role is a first word; the leg's establishment has the last one.
        let role: LegRole = fact.direction == .inbound ? .caller : .customer
        try db.run(CallSQL.insertLeg, [fact.leg.blob, fact.call.blob, role.rawValue, fact.line])
    }

    private func apply(_ fact: CallAlerted) throws {
        let changed = try db.run(
            CallSQL.alert, [fact.at.wall, fact.at.mono, fact.basis.rawValue, fact.call.blob])
        // Ring 1 began with the first alerting; a second one (183 after 180) stays on the timeline only.
        if changed == 0 { try requireCall(fact.call) }
    }

    private func apply(_ fact: CallAnswered) throws {
        let changed = try db.run(
            CallSQL.answer,
            [
                fact.at.wall, fact.at.mono, fact.rings, fact.ringMilliseconds, fact.basis.rawValue, fact.flowVersion,
                fact.rawRings, fact.call.blob,
            ])
        guard changed == 0 else { return }
        try requireCall(fact.call)
        throw conflict("call \(fact.call) is answered already")
    }

    private func apply(_ fact: LegEstablished) throws {
        try db.run(
            CallSQL.establishLeg,
            [
                fact.leg.blob, fact.call.blob, fact.role.rawValue, fact.line, fact.codec, fact.rate, fact.at.wall,
                fact.at.mono,
            ])
        // The update part of the statement passes over a leg of another call.
        if db.changesCount == 0 { throw conflict("leg \(fact.leg) belongs to another call than \(fact.call)") }
    }

    private func apply(_ fact: CallNoted) throws {
        switch fact.kind {
        case "prompt_started":
            let changed = try db.run(CallSQL.firstPrompt, [fact.at.wall, fact.at.mono, fact.call.blob])
            if changed == 0 { try requireCall(fact.call) }
        case "key":
            try requireCall(fact.call, changed: db.run(CallSQL.key, [fact.data["key"] ?? "", fact.call.blob]))
        default: try requireCall(fact.call)
        }
    }

    private func apply(_ fact: CallReleased) throws {
        let changed = try db.run(
            CallSQL.release,
            [
                fact.at.wall, fact.at.mono, fact.releasedBy.rawValue, try canonicalText(fact.evidence),
                fact.outcome.rawValue, try canonicalText(fact.statistics), fact.rawRings, fact.call.blob,
            ])
        guard changed == 0 else { return }
        try requireCall(fact.call)
        throw conflict("call \(fact.call) is released already: a call ends once")
    }

    func requireCall(_ call: CallID, changed: Int = 0) throws {
        if changed == 0, try db.row(CallSQL.exists, [call.blob]) == nil {
            throw conflict("there is no call \(call)")
        }
    }
}
