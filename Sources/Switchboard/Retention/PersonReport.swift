import Calls
import Storage

/// What the store has of a person, by the telephone number; keys as in docs/json.md.
public struct PersonReport: Sendable, Encodable {
    public var number: String
    /// Calls from and to the number, and those in which it was given.
    public var calls: [CallDetail]
    /// With notes.
    public var recordings: [RecordingDetail]
    public var transcripts: [Transcript]
    public var orders: [OrderSummary]
    public var messages: [MessageSummary]
    public var callBacks: [CallBackSummary]
    public var blocked: [BlockedNumber]
    public var carrierRecords: [CarrierRecordView]
    /// There is more than was looked for.
    public var more: Bool

    enum CodingKeys: String, CodingKey {
        case number
        case calls
        case recordings
        case transcripts
        case orders
        case messages
        case callBacks = "call_backs"
        case blocked
        case carrierRecords = "carrier_records"
        case more
    }

    /// Nothing is known of the number.
    public var isEmpty: Bool {
        calls.isEmpty && orders.isEmpty && blocked.isEmpty && carrierRecords.isEmpty
    }
}

/// A carrier's record as it is shown: a key without a value is null.
public struct CarrierRecordView: Sendable, Encodable {
    public let record: CarrierImported.Record

    enum CodingKeys: String, CodingKey { case caller, called, began, seconds }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(record.caller, forKey: .caller)
        try fields.encode(record.called, forKey: .called)
        try fields.encode(record.began, forKey: .began)
        try fields.encode(record.seconds, forKey: .seconds)
    }
}

/// What an erasure has done, or would do; keys as in docs/json.md.
public struct PersonErasure: Sendable, Codable {
    /// One thing of the person's.
    public struct Item: Sendable, Hashable, Codable {
        /// `call` (with its recordings, messages, notes and orders), `order`, `blocked_number`, `carrier_records`.
        public var kind: String
        /// An id, an order's number, or the journal's place.
        public var subject: String
        public var recordings: Int
        public var bytes: Int64
        /// Why it stays; nil: it goes.
        public var stays: String?
        /// Until when, where that can be told.
        public var until: UTCTime?

        enum CodingKeys: String, CodingKey {
            case kind
            case subject
            case recordings
            case bytes
            case stays
            case until
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(kind, forKey: .kind)
            try fields.encode(subject, forKey: .subject)
            try fields.encode(recordings, forKey: .recordings)
            try fields.encode(bytes, forKey: .bytes)
            try fields.encode(stays, forKey: .stays)
            try fields.encode(until, forKey: .until)
        }
    }

    /// Nothing was changed.
    public var isDryRun: Bool
    public var erased: [Item] = []
    public var stays: [Item] = []
    public var freedBytes: Int64 = 0
    /// Files that could not be removed yet; tried again daily and at the next start.
    public var failures: [String] = []
    /// There is more than was looked for: erase again.
    public var more = false

    public init(isDryRun: Bool) { self.isDryRun = isDryRun }

    enum CodingKeys: String, CodingKey {
        case isDryRun = "dry_run"
        case erased
        case stays
        case freedBytes = "freed_bytes"
        case failures
        case more
    }
}

/// Gathers what belongs to a number. Reads only; beside a running server or without one.
public struct PersonBook: Sendable {
    private let reader: StoreReader

    public init(reader: StoreReader) { self.reader = reader }

    /// - Parameter number: as calls show it, 3 to 20 digits.
    /// - Throws: `SwitchboardError` with code `.argument`; `StorageError`.
    public func find(_ number: String) async throws -> PersonReport {
        let index = try await reader.person(try Self.checked(number))
        var report = PersonReport(
            number: number, calls: [], recordings: [], transcripts: [], orders: [], messages: [], callBacks: [],
            blocked: index.blocked, carrierRecords: index.carrierRecords.map(CarrierRecordView.init), more: index.isCut)
        for id in index.calls {
            guard let call = try await reader.call(id) else { continue }
            report.calls.append(call)
            for recording in call.summary.recordings {
                if let detail = try await reader.recordingDetail(recording.id) { report.recordings.append(detail) }
                if let transcript = try await reader.transcript(recording.id) { report.transcripts.append(transcript) }
            }
            report.messages += try await reader.messages(filter: MessageFilter(call: id, limit: 1000))
            if let callBack = try await reader.callBack(of: id) { report.callBacks.append(callBack) }
        }
        for order in index.orders {
            if let found = try await reader.order(order.number) { report.orders.append(found) }
        }
        return report
    }

    static func checked(_ number: String) throws(SwitchboardError) -> String {
        guard PlainNumber.fits(number) else {
            throw SwitchboardError(.argument, "a number has 3 to 20 digits, as calls show it")
        }
        return number
    }
}
