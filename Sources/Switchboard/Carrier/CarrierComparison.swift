import Calls
import Storage

/// The carrier's records beside our own calls: which of them never reached us, and which of ours the carrier does not
/// know (`hotline carrier compare --json`, docs/json.md). Pure.
public struct CarrierComparison: Sendable, Hashable, Encodable {
    /// A record of the carrier's.
    public struct Record: Sendable, Hashable, Encodable {
        public var caller: String?
        public var called: String
        public var beganAt: UTCTime
        public var seconds: Int

        enum CodingKeys: String, CodingKey {
            case caller
            case called
            case beganAt = "began_at"
            case seconds
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(caller, forKey: .caller)
            try fields.encode(called, forKey: .called)
            try fields.encode(beganAt, forKey: .beganAt)
            try fields.encode(seconds, forKey: .seconds)
        }
    }

    /// A call of ours.
    public struct Call: Sendable, Hashable, Encodable {
        public var id: CallID
        public var caller: String?
        public var called: String
        public var offeredAt: UTCTime
        public var answeredAt: UTCTime?

        enum CodingKeys: String, CodingKey {
            case id = "call_id"
            case caller
            case called
            case offeredAt = "offered_at"
            case answeredAt = "answered_at"
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(id, forKey: .id)
            try fields.encode(caller, forKey: .caller)
            try fields.encode(called, forKey: .called)
            try fields.encode(offeredAt, forKey: .offeredAt)
            try fields.encode(answeredAt, forKey: .answeredAt)
        }
    }

    /// How far the carrier's clock may be from ours.
    public static let windowMicroseconds: Int64 = 60_000_000
    /// A call may ring so long before the carrier's record, which may begin with the answer.
    private static let ringMicroseconds: Int64 = 600_000_000

    public let from: UTCTime
    public let to: UTCTime
    public let records: Int
    public let matched: Int
    /// The carrier's, by time.
    public let neverReached: [Record]
    /// Ours, by time.
    public let unknownToCarrier: [Call]

    enum CodingKeys: String, CodingKey {
        case from
        case to
        case records
        case matched
        case neverReached = "never_reached"
        case unknownToCarrier = "unknown_to_carrier"
    }

    /// What calls are to be read for records of a period.
    public static func margin(_ from: UTCTime, _ to: UTCTime) -> (from: UTCTime, to: UTCTime) {
        (
            UTCTime(microseconds: from.microseconds - windowMicroseconds - ringMicroseconds),
            UTCTime(microseconds: to.microseconds + windowMicroseconds)
        )
    }

    /// - Parameters:
    ///   - records: of the period, by time.
    ///   - calls: of the period and its margin, by the time of their offer.
    ///   - listsUnanswered: the carrier's records have unanswered calls, too.
    public init(
        from: UTCTime, to: UTCTime, records: [CarrierImported.Record], calls: [CarrierCall], listsUnanswered: Bool
    ) {
        struct Pair {
            var record: Int
            var call: Int
            var cost: Int64
        }
        var pairs: [Pair] = []
        var first = 0
        for (index, record) in records.enumerated() {
            let earliest = record.began - Self.windowMicroseconds - Self.ringMicroseconds
            while first < calls.count, calls[first].offeredAt.microseconds < earliest { first += 1 }
            var place = first
            while place < calls.count, calls[place].offeredAt.microseconds <= record.began + Self.windowMicroseconds {
                if let cost = Self.cost(record, calls[place]) {
                    pairs.append(Pair(record: index, call: place, cost: cost))
                }
                place += 1
            }
        }
        // The nearest find each other first; equal ones in order of time.
        pairs.sort { ($0.cost, $0.record, $0.call) < ($1.cost, $1.record, $1.call) }
        var recordIsMet = Array(repeating: false, count: records.count)
        var callIsMet = Array(repeating: false, count: calls.count)
        for pair in pairs where !recordIsMet[pair.record] && !callIsMet[pair.call] {
            recordIsMet[pair.record] = true
            callIsMet[pair.call] = true
        }
        self.from = from
        self.to = to
        self.records = records.count
        matched = recordIsMet.count { $0 }
        neverReached = records.indices.filter { !recordIsMet[$0] }.map { index in
            Record(
                caller: records[index].caller, called: records[index].called,
                beganAt: UTCTime(microseconds: records[index].began), seconds: records[index].seconds)
        }
        unknownToCarrier = calls.indices.filter { index in
            let call = calls[index]
            return !callIsMet[index] && call.offeredAt >= from && call.offeredAt < to
                && (listsUnanswered || call.answeredAt != nil)
        }.map { index in
            let call = calls[index]
            return Call(
                id: call.id, caller: call.caller, called: call.called, offeredAt: call.offeredAt,
                answeredAt: call.answeredAt)
        }
    }

    /// How far apart they are in microseconds; nil where they cannot be the same.
    private static func cost(_ record: CarrierImported.Record, _ call: CarrierCall) -> Int64? {
        let moments = [call.offeredAt.microseconds, call.answeredAt?.microseconds].compactMap(\.self)
        guard let apart = moments.map({ abs($0 - record.began) }).min(), apart <= windowMicroseconds else {
            return nil
        }
        guard let theirs = record.caller, let ours = call.caller else {
            // A number withheld from us may stand in the carrier's record. Who shows a number is preferred.
            return isSame(record.called, call.called) ? apart + windowMicroseconds : nil
        }
        return isSame(theirs, ours) ? apart : nil
    }

    /// The same number, with or without its area code.
    private static func isSame(_ one: String, _ other: String) -> Bool {
        if one == other { return true }
        let (short, long) = one.count < other.count ? (one, other) : (other, one)
        return short.count >= 5 && long.hasSuffix(short)
    }
}
