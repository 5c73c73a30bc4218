import Calls
import Evidence
import Foundation

extension Fact {
    /// The name of the fact in the journal. Stable: changing one makes old journals unreadable.
    public var typeName: String {
        switch self {
        case .callOffered: "call_offered"
        case .callAlerted: "call_alerted"
        case .callAnswered: "call_answered"
        case .legEstablished: "leg_established"
        case .callNoted: "call_noted"
        case .callReleased: "call_released"
        case .recordingPlanned: "recording_planned"
        case .recordingStarted: "recording_started"
        case .recordingStopped: "recording_stopped"
        case .recordingFinished: "recording_finished"
        case .recordingFailed: "recording_failed"
        case .orderCreated: "order_created"
        case .orderLinked: "order_linked"
        case .orderStepped: "order_stepped"
        case .orderCallLinked: "order_call_linked"
        case .orderAlarmed: "order_alarmed"
        case .penaltyProposed: "penalty_proposed"
        case .penaltyDecided: "penalty_decided"
        case .orderReferred: "order_referred"
        case .dutyDone: "duty_done"
        case .normBroken: "norm_broken"
        case .outageAnnounced: "outage_announced"
        case .outageWithdrawn: "outage_withdrawn"
        case .noticeSet: "notice_set"
        case .serverNoted: "server_noted"
        case .queueEntered: "queue_entered"
        case .queueLeft: "queue_left"
        case .agentOffered: "agent_offered"
        case .agentAlerted: "agent_alerted"
        case .offerEnded: "offer_ended"
        case .agentAnswered: "agent_answered"
        case .agentLeft: "agent_left"
        case .agentHeld: "agent_held"
        case .agentChanged: "agent_changed"
        case .announced: "announced"
        case .apologyPlayed: "apology_played"
        case .transferred: "transferred"
        case .segmentBegan: "segment_began"
        case .callMarked: "call_marked"
        case .rated: "rated"
        case .messageLeft: "message_left"
        case .messageHeard: "message_heard"
        case .callBackAsked: "call_back_asked"
        case .callBackEnded: "call_back_ended"
        case .numberBlocked: "number_blocked"
        case .numberUnblocked: "number_unblocked"
        case .rosterLoaded: "roster_loaded"
        case .callReported: "call_reported"
        case .formOwed: "form_owed"
        case .formWaived: "form_waived"
        case .anchorMade: "anchor_made"
        case .anchorSent: "anchor_sent"
        case .recordingNoted: "recording_noted"
        case .personSet: "person_set"
        case .accessNoted: "access_noted"
        case .sampleDrawn: "sample_drawn"
        case .reviewSubmitted: "review_submitted"
        case .reviewAppealed: "review_appealed"
        case .appealDecided: "appeal_decided"
        case .recordingMeasured: "recording_measured"
        case .recordingReplayed: "recording_replayed"
        case .recordingAlarm: "recording_alarm"
        case .transcriptAsked: "transcript_asked"
        case .transcriptMade: "transcript_made"
        case .transcriptFailed: "transcript_failed"
        case .qaFlagged: "qa_flagged"
        case .carrierImported: "carrier_imported"
        case .holdPlaced: "hold_placed"
        case .holdReleased: "hold_released"
        case .recordingArchived: "recording_archived"
        case .recordingDeleted: "recording_deleted"
        case .recordingRemoved: "recording_removed"
        case .personalDataErased: "personal_data_erased"
        case .recordingPaused: "recording_paused"
        case .recordingResumed: "recording_resumed"
        case .recordingImported: "recording_imported"
        }
    }

    /// The fact's fields in canonical bytes, as the journal keeps them. Fields without a value are absent.
    /// - Throws: `EvidenceError` with code `.notCanonical`; no fact of today holds anything that could cause it.
    package func canonical() throws(EvidenceError) -> [UInt8] {
        switch self {
        case .callOffered(let fact): try CanonicalEncoder.encode(fact)
        case .callAlerted(let fact): try CanonicalEncoder.encode(fact)
        case .callAnswered(let fact): try CanonicalEncoder.encode(fact)
        case .legEstablished(let fact): try CanonicalEncoder.encode(fact)
        case .callNoted(let fact): try CanonicalEncoder.encode(fact)
        case .callReleased(let fact): try CanonicalEncoder.encode(fact)
        case .recordingPlanned(let fact): try CanonicalEncoder.encode(fact)
        case .recordingStarted(let fact): try CanonicalEncoder.encode(fact)
        case .recordingStopped(let fact): try CanonicalEncoder.encode(fact)
        case .recordingFinished(let fact): try CanonicalEncoder.encode(fact)
        case .recordingFailed(let fact): try CanonicalEncoder.encode(fact)
        case .orderCreated(let fact): try CanonicalEncoder.encode(fact)
        case .orderLinked(let fact): try CanonicalEncoder.encode(fact)
        case .orderStepped(let fact): try CanonicalEncoder.encode(fact)
        case .orderCallLinked(let fact): try CanonicalEncoder.encode(fact)
        case .orderAlarmed(let fact): try CanonicalEncoder.encode(fact)
        case .penaltyProposed(let fact): try CanonicalEncoder.encode(fact)
        case .penaltyDecided(let fact): try CanonicalEncoder.encode(fact)
        case .orderReferred(let fact): try CanonicalEncoder.encode(fact)
        case .dutyDone(let fact): try CanonicalEncoder.encode(fact)
        case .normBroken(let fact): try CanonicalEncoder.encode(fact)
        case .outageAnnounced(let fact): try CanonicalEncoder.encode(fact)
        case .outageWithdrawn(let fact): try CanonicalEncoder.encode(fact)
        case .noticeSet(let fact): try CanonicalEncoder.encode(fact)
        case .serverNoted(let fact): try CanonicalEncoder.encode(fact)
        case .queueEntered(let fact): try CanonicalEncoder.encode(fact)
        case .queueLeft(let fact): try CanonicalEncoder.encode(fact)
        case .agentOffered(let fact): try CanonicalEncoder.encode(fact)
        case .agentAlerted(let fact): try CanonicalEncoder.encode(fact)
        case .offerEnded(let fact): try CanonicalEncoder.encode(fact)
        case .agentAnswered(let fact): try CanonicalEncoder.encode(fact)
        case .agentLeft(let fact): try CanonicalEncoder.encode(fact)
        case .agentHeld(let fact): try CanonicalEncoder.encode(fact)
        case .agentChanged(let fact): try CanonicalEncoder.encode(fact)
        case .announced(let fact): try CanonicalEncoder.encode(fact)
        case .apologyPlayed(let fact): try CanonicalEncoder.encode(fact)
        case .transferred(let fact): try CanonicalEncoder.encode(fact)
        case .segmentBegan(let fact): try CanonicalEncoder.encode(fact)
        case .callMarked(let fact): try CanonicalEncoder.encode(fact)
        case .rated(let fact): try CanonicalEncoder.encode(fact)
        case .messageLeft(let fact): try CanonicalEncoder.encode(fact)
        case .messageHeard(let fact): try CanonicalEncoder.encode(fact)
        case .callBackAsked(let fact): try CanonicalEncoder.encode(fact)
        case .callBackEnded(let fact): try CanonicalEncoder.encode(fact)
        case .numberBlocked(let fact): try CanonicalEncoder.encode(fact)
        case .numberUnblocked(let fact): try CanonicalEncoder.encode(fact)
        case .rosterLoaded(let fact): try CanonicalEncoder.encode(fact)
        case .callReported(let fact): try CanonicalEncoder.encode(fact)
        case .formOwed(let fact): try CanonicalEncoder.encode(fact)
        case .formWaived(let fact): try CanonicalEncoder.encode(fact)
        case .anchorMade(let fact): try CanonicalEncoder.encode(fact)
        case .anchorSent(let fact): try CanonicalEncoder.encode(fact)
        case .recordingNoted(let fact): try CanonicalEncoder.encode(fact)
        case .personSet(let fact): try CanonicalEncoder.encode(fact)
        case .accessNoted(let fact): try CanonicalEncoder.encode(fact)
        case .sampleDrawn(let fact): try CanonicalEncoder.encode(fact)
        case .reviewSubmitted(let fact): try CanonicalEncoder.encode(fact)
        case .reviewAppealed(let fact): try CanonicalEncoder.encode(fact)
        case .appealDecided(let fact): try CanonicalEncoder.encode(fact)
        case .recordingMeasured(let fact): try CanonicalEncoder.encode(fact)
        case .recordingReplayed(let fact): try CanonicalEncoder.encode(fact)
        case .recordingAlarm(let fact): try CanonicalEncoder.encode(fact)
        case .transcriptAsked(let fact): try CanonicalEncoder.encode(fact)
        case .transcriptMade(let fact): try CanonicalEncoder.encode(fact)
        case .transcriptFailed(let fact): try CanonicalEncoder.encode(fact)
        case .qaFlagged(let fact): try CanonicalEncoder.encode(fact)
        case .carrierImported(let fact): try CanonicalEncoder.encode(fact)
        case .holdPlaced(let fact): try CanonicalEncoder.encode(fact)
        case .holdReleased(let fact): try CanonicalEncoder.encode(fact)
        case .recordingArchived(let fact): try CanonicalEncoder.encode(fact)
        case .recordingDeleted(let fact): try CanonicalEncoder.encode(fact)
        case .recordingRemoved(let fact): try CanonicalEncoder.encode(fact)
        case .personalDataErased(let fact): try CanonicalEncoder.encode(fact)
        case .recordingPaused(let fact): try CanonicalEncoder.encode(fact)
        case .recordingResumed(let fact): try CanonicalEncoder.encode(fact)
        case .recordingImported(let fact): try CanonicalEncoder.encode(fact)
        }
    }

    /// Reads a fact back from its journal event.
    /// - Throws: `StorageError` with code `.corrupt` for an unknown type or fields that do not fit it.
    package init(event: JournalEvent) throws(StorageError) {
        let data = Data(event.data.bytes)
        func read<Body: Decodable>(_ type: Body.Type) throws(StorageError) -> Body {
            do {
                return try JSONDecoder().decode(type, from: data)
            } catch {
                throw StorageError(
                    .corrupt, "journal event \(event.id) is no readable \(event.type)", underlying: "\(error)")
            }
        }
        switch event.type {
        case "call_offered": self = .callOffered(try read(CallOffered.self))
        case "call_alerted": self = .callAlerted(try read(CallAlerted.self))
        case "call_answered": self = .callAnswered(try read(CallAnswered.self))
        case "leg_established": self = .legEstablished(try read(LegEstablished.self))
        case "call_noted": self = .callNoted(try read(CallNoted.self))
        case "call_released": self = .callReleased(try read(CallReleased.self))
        case "recording_planned": self = .recordingPlanned(try read(RecordingPlanned.self))
        case "recording_started": self = .recordingStarted(try read(RecordingStarted.self))
        case "recording_stopped": self = .recordingStopped(try read(RecordingStopped.self))
        case "recording_finished": self = .recordingFinished(try read(RecordingFinished.self))
        case "recording_failed": self = .recordingFailed(try read(RecordingFailed.self))
        case "order_created": self = .orderCreated(try read(OrderCreated.self))
        case "order_linked": self = .orderLinked(try read(OrderLinked.self))
        case "order_stepped": self = .orderStepped(try read(OrderStepped.self))
        case "order_call_linked": self = .orderCallLinked(try read(OrderCallLinked.self))
        case "order_alarmed": self = .orderAlarmed(try read(OrderAlarmed.self))
        case "penalty_proposed": self = .penaltyProposed(try read(PenaltyProposed.self))
        case "penalty_decided": self = .penaltyDecided(try read(PenaltyDecided.self))
        case "order_referred": self = .orderReferred(try read(OrderReferred.self))
        case "duty_done": self = .dutyDone(try read(DutyDone.self))
        case "norm_broken": self = .normBroken(try read(NormBroken.self))
        case "outage_announced": self = .outageAnnounced(try read(OutageAnnounced.self))
        case "outage_withdrawn": self = .outageWithdrawn(try read(OutageWithdrawn.self))
        case "notice_set": self = .noticeSet(try read(NoticeSet.self))
        case "server_noted": self = .serverNoted(try read(ServerNoted.self))
        case "queue_entered": self = .queueEntered(try read(QueueEntered.self))
        case "queue_left": self = .queueLeft(try read(QueueLeft.self))
        case "agent_offered": self = .agentOffered(try read(AgentOffered.self))
        case "agent_alerted": self = .agentAlerted(try read(AgentAlerted.self))
        case "offer_ended": self = .offerEnded(try read(OfferEnded.self))
        case "agent_answered": self = .agentAnswered(try read(AgentAnswered.self))
        case "agent_left": self = .agentLeft(try read(AgentLeft.self))
        case "agent_held": self = .agentHeld(try read(AgentHeld.self))
        case "agent_changed": self = .agentChanged(try read(AgentChanged.self))
        case "announced": self = .announced(try read(Announced.self))
        case "apology_played": self = .apologyPlayed(try read(ApologyPlayed.self))
        case "transferred": self = .transferred(try read(Transferred.self))
        case "segment_began": self = .segmentBegan(try read(SegmentBegan.self))
        case "call_marked": self = .callMarked(try read(CallMarked.self))
        case "rated": self = .rated(try read(Rated.self))
        case "message_left": self = .messageLeft(try read(MessageLeft.self))
        case "message_heard": self = .messageHeard(try read(MessageHeard.self))
        case "call_back_asked": self = .callBackAsked(try read(CallBackAsked.self))
        case "call_back_ended": self = .callBackEnded(try read(CallBackEnded.self))
        case "number_blocked": self = .numberBlocked(try read(NumberBlocked.self))
        case "number_unblocked": self = .numberUnblocked(try read(NumberUnblocked.self))
        case "roster_loaded": self = .rosterLoaded(try read(RosterLoaded.self))
        case "call_reported": self = .callReported(try read(CallReported.self))
        case "form_owed": self = .formOwed(try read(FormOwed.self))
        case "form_waived": self = .formWaived(try read(FormWaived.self))
        case "anchor_made": self = .anchorMade(try read(AnchorMade.self))
        case "anchor_sent": self = .anchorSent(try read(AnchorSent.self))
        case "recording_noted": self = .recordingNoted(try read(RecordingNoted.self))
        case "person_set": self = .personSet(try read(PersonSet.self))
        case "access_noted": self = .accessNoted(try read(AccessNoted.self))
        case "sample_drawn": self = .sampleDrawn(try read(SampleDrawn.self))
        case "review_submitted": self = .reviewSubmitted(try read(ReviewSubmitted.self))
        case "review_appealed": self = .reviewAppealed(try read(ReviewAppealed.self))
        case "appeal_decided": self = .appealDecided(try read(AppealDecided.self))
        case "recording_measured": self = .recordingMeasured(try read(RecordingMeasured.self))
        case "recording_replayed": self = .recordingReplayed(try read(RecordingReplayed.self))
        case "recording_alarm": self = .recordingAlarm(try read(RecordingAlarmChanged.self))
        case "transcript_asked": self = .transcriptAsked(try read(TranscriptAsked.self))
        case "transcript_made": self = .transcriptMade(try read(TranscriptMade.self))
        case "transcript_failed": self = .transcriptFailed(try read(TranscriptFailed.self))
        case "qa_flagged": self = .qaFlagged(try read(QAFlagged.self))
        case "carrier_imported": self = .carrierImported(try read(CarrierImported.self))
        case "hold_placed": self = .holdPlaced(try read(HoldPlaced.self))
        case "hold_released": self = .holdReleased(try read(HoldReleased.self))
        case "recording_archived": self = .recordingArchived(try read(RecordingArchived.self))
        case "recording_deleted": self = .recordingDeleted(try read(RecordingDeleted.self))
        case "recording_removed": self = .recordingRemoved(try read(RecordingRemoved.self))
        case "personal_data_erased": self = .personalDataErased(try read(PersonalDataErased.self))
        case "recording_paused": self = .recordingPaused(try read(RecordingPaused.self))
        case "recording_resumed": self = .recordingResumed(try read(RecordingResumed.self))
        case "recording_imported": self = .recordingImported(try read(RecordingImported.self))
        default:
            throw StorageError(
                .corrupt, "journal event \(event.id) has the type '\(event.type)', which this version does not know")
        }
    }

    /// What the fact is about, for finding it again.
    package var subjects: FactSubjects {
        switch self {
        case .callOffered(let fact): FactSubjects(call: fact.call)
        case .callAlerted(let fact): FactSubjects(call: fact.call)
        case .callAnswered(let fact): FactSubjects(call: fact.call)
        case .legEstablished(let fact): FactSubjects(call: fact.call)
        case .callNoted(let fact): FactSubjects(call: fact.call)
        case .callReleased(let fact): FactSubjects(call: fact.call)
        case .recordingPlanned(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .recordingStarted(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .recordingStopped(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .recordingFinished(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .recordingFailed(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .orderCreated(let fact): FactSubjects(call: fact.call, order: fact.order)
        case .orderLinked(let fact): FactSubjects(recording: fact.recording, order: fact.order)
        case .orderStepped(let fact): FactSubjects(order: fact.order)
        case .orderCallLinked(let fact): FactSubjects(call: fact.call, order: fact.order)
        case .orderAlarmed(let fact): FactSubjects(order: fact.order)
        case .normBroken(let fact): FactSubjects(call: fact.call)
        case .penaltyProposed(let fact): FactSubjects(order: fact.order)
        case .penaltyDecided(let fact): FactSubjects(order: fact.order)
        case .orderReferred(let fact): FactSubjects(order: fact.order)
        case .queueEntered(let fact): FactSubjects(call: fact.call)
        case .queueLeft(let fact): FactSubjects(call: fact.call)
        case .agentOffered(let fact): FactSubjects(call: fact.call)
        case .agentAlerted(let fact): FactSubjects(call: fact.call)
        case .offerEnded(let fact): FactSubjects(call: fact.call)
        case .agentAnswered(let fact): FactSubjects(call: fact.call)
        case .agentLeft(let fact): FactSubjects(call: fact.call)
        case .agentHeld(let fact): FactSubjects(call: fact.call)
        case .announced(let fact): FactSubjects(call: fact.call)
        case .apologyPlayed(let fact): FactSubjects(call: fact.call)
        case .transferred(let fact): FactSubjects(call: fact.call)
        case .segmentBegan(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .callMarked(let fact): FactSubjects(call: fact.call)
        case .rated(let fact): FactSubjects(call: fact.call)
        case .messageLeft(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .callBackAsked(let fact): FactSubjects(call: fact.call)
        case .callBackEnded(let fact): FactSubjects(call: fact.call)
        case .callReported(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .formOwed(let fact): FactSubjects(call: fact.call)
        case .formWaived(let fact): FactSubjects(call: fact.call)
        case .recordingNoted(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .recordingMeasured(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .recordingReplayed(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .recordingAlarm(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .holdPlaced(let fact): FactSubjects(call: fact.call, recording: fact.recording, order: fact.order)
        case .holdReleased(let fact): FactSubjects(call: fact.call, recording: fact.recording, order: fact.order)
        case .recordingArchived(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .recordingDeleted(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .recordingRemoved(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .personalDataErased(let fact): FactSubjects(call: fact.call)
        case .recordingPaused(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .recordingResumed(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .recordingImported(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .transcriptAsked(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .transcriptMade(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .transcriptFailed(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .reviewSubmitted(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .reviewAppealed(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .appealDecided(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .qaFlagged(let fact): FactSubjects(call: fact.call, recording: fact.recording)
        case .serverNoted, .agentChanged, .messageHeard, .numberBlocked, .numberUnblocked, .rosterLoaded, .anchorMade,
            .anchorSent, .carrierImported, .dutyDone, .outageAnnounced, .outageWithdrawn, .personSet, .accessNoted,
            .sampleDrawn, .noticeSet:
            FactSubjects()
        }
    }
}

/// The things that a fact is about.
package struct FactSubjects: Sendable, Hashable {
    package var call: CallID?
    package var recording: RecordingID?
    package var order: OrderID?

    package init(call: CallID? = nil, recording: RecordingID? = nil, order: OrderID? = nil) {
        self.call = call
        self.recording = recording
        self.order = order
    }
}
