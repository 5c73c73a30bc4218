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
        case .serverNoted: "server_noted"
        }
    }

    /// The fact's fields, as the journal keeps them. Fields without a value are absent.
    /// - Throws: `EvidenceError` with code `.notCanonical`; no fact of today holds anything that could cause it.
    package func canonical() throws(EvidenceError) -> CanonicalValue {
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
        case .serverNoted(let fact): try CanonicalEncoder.encode(fact)
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
        case "server_noted": self = .serverNoted(try read(ServerNoted.self))
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
        case .serverNoted: FactSubjects()
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
