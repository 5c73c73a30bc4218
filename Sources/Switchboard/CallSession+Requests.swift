import CallFlow
import Calls
import Media

/// What a call asks of its driver, in parts.
extension CallSession {
    /// What an order is made from.
    package struct OrderRequest: Sendable, Hashable {
        package var category: String
        package var fields: [String: String]
        package var caller: String?
        package var recording: RecordingID
        /// The voice message's stretch of the recording.
        package var messageFrom: AudioPosition?
        package var messageTo: AudioPosition?
    }

    /// What a voice message in an inbox is made from.
    package struct MessageRequest: Sendable, Hashable {
        package var queue: String
        package var caller: String?
        package var recording: RecordingID
        package var from: AudioPosition
        package var to: AudioPosition
    }

    /// What a report to the shift leaders is made from.
    package struct ReportRequest: Sendable, Hashable {
        package var mark: CallMark
        package var by: WorkNumber
        package var queue: String?
        package var caller: String?
        package var note: String?
        package var recording: RecordingID
        package var from: AudioPosition
        package var to: AudioPosition
    }

    /// What a telephone exchange says without words.
    package enum LineTone: Sendable, Hashable {
        case ringBack
        /// Whom we called is engaged.
        case busy
        /// Whom we called was not reached.
        case congestion
    }

    /// Something to be said on a leg.
    package struct Play: Sendable, Hashable {
        package var id: PlayID
        package var items: [SpeechItem]
        package var bargeIn: KeySet = .none
        /// Begins again until it is stopped.
        package var loops = false
    }
}
