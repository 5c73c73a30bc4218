import Calls
import Evidence
import Foundation
import Logging
import Storage

/// Tells another program what happened, out of the journal: calls that ended, recordings that are ready or missing, orders that were
/// made, norms that were broken.
///
/// What is told lies in the journal until it is delivered: while the other side is away nothing is given up, and nothing is lost
/// when the server stops. A message is told at least once; its id is that of the event, so that one that comes twice is known.
/// Messages come in the journal's order. Where it stands is kept in a file, and each batch that was delivered is noted in the
/// journal (`webhook_told`).
public actor WebhookFeed {
    /// Where the feed stands in each chain: what comes after it has to be told.
    struct Place: Codable, Equatable {
        var chains: [String: Int64]
    }

    /// So many events are read at once.
    private static let batch = 2000

    private let store: Store
    private let path: String
    private let send: @Sendable (WebhookMessage) async throws(SwitchboardError) -> Void
    private let time: any TimeSource
    private var place: Place?

    /// - Parameter path: of the file that keeps its place; made when it is not there, and then what is in the journal already is
    ///   told to nobody.
    public init(_ target: WebhookTarget, store: Store, path: String, time: any TimeSource) {
        self.init(store: store, path: path, time: time) { (message) throws(SwitchboardError) in
            try await target.send(message)
        }
    }

    package init(
        store: Store, path: String, time: any TimeSource,
        send: @escaping @Sendable (WebhookMessage) async throws(SwitchboardError) -> Void
    ) {
        self.store = store
        self.path = path
        self.time = time
        self.send = send
    }

    /// Tells what has come since the last look. To be called every few seconds; a look ends at the first message that cannot be
    /// delivered, and the next begins with that.
    /// - Returns: how many messages were delivered.
    /// - Throws: `SwitchboardError` `.webhook` where the other side is away, `.configuration` where the file cannot be read or
    ///   written; `StorageError`.
    @discardableResult
    public func look() async throws -> Int {
        var told = 0
        var place = try await begin()
        for head in try await store.reader.heads() {
            var at = place.chains[head.chain] ?? 0
            while at < head.sequence {
                let records = try await store.reader.journal(
                    chain: head.chain, after: at, through: head.sequence, limit: Self.batch)
                guard !records.isEmpty else { break }
                let before = at
                var delivered = 0
                do {
                    for record in records {
                        if let message = try Self.message(record) {
                            try await send(message)
                            delivered += 1
                        }
                        at = record.sealed.sequence
                    }
                } catch {
                    // What was delivered is delivered.
                    if at > before { try await keep(&place, head.chain, at, delivered) }
                    throw error
                }
                try await keep(&place, head.chain, at, delivered)
                told += delivered
            }
        }
        return told
    }

    private func begin() async throws -> Place {
        if let place { return place }
        let found: Place
        if let data = FileManager.default.contents(atPath: path) {
            do {
                found = try JSONDecoder().decode(Place.self, from: data)
            } catch {
                throw SwitchboardError(
                    .configuration, "\(path) cannot be read (\(error)): remove it, and what comes from now on is told")
            }
        } else {
            // Whoever begins to listen today is not told of yesterday.
            let heads = try await store.reader.heads()
            found = Place(chains: Dictionary(heads.map { ($0.chain, $0.sequence) }, uniquingKeysWith: max))
            try write(found)
        }
        place = found
        return found
    }

    private func keep(_ place: inout Place, _ chain: String, _ at: Int64, _ delivered: Int) async throws {
        place.chains[chain] = at
        try write(place)
        self.place = place
        guard delivered > 0 else { return }
        try await store.record([
            .serverNoted(
                ServerNoted(
                    at: time.now(), kind: "webhook_told",
                    data: ["chain": chain, "through": "\(at)", "messages": "\(delivered)"]))
        ])
    }

    private func write(_ place: Place) throws {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            try encoder.encode(place).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw SwitchboardError(.configuration, "\(path) cannot be written: \(error.localizedDescription)")
        }
    }

    // MARK: what is told

    private static let types: Set<String> = [
        "call_released", "recording_finished", "recording_failed", "order_created", "norm_broken", "recording_alarm",
    ]

    /// - Returns: nil for what nobody is told of, and for events whose body was erased.
    static func message(_ record: JournalRecord) throws -> WebhookMessage? {
        guard types.contains(record.type), let body = record.sealed.body else { return nil }
        let event = try JournalEvent(body: body)
        let id = "event/\(event.id)"
        switch try Fact(event: event) {
        case .callReleased(let fact): return WebhookMessage(id: id, of: CallEnded(fact))
        case .recordingFinished(let fact): return WebhookMessage(id: id, of: RecordingReady(fact))
        case .recordingFailed(let fact):
            return WebhookMessage(
                id: id,
                of: RecordingMissing(
                    recording: fact.recording, call: fact.call, message: fact.message, at: UTCTime(fact.at)))
        case .recordingAlarm(let fact) where fact.isOpen && fact.kind == .missingRecording:
            return WebhookMessage(
                id: id,
                of: RecordingMissing(
                    recording: fact.recording, call: fact.call, message: fact.message, at: UTCTime(fact.at)))
        case .orderCreated(let fact): return WebhookMessage(id: id, of: OrderCreatedMessage(fact))
        case .normBroken(let fact): return WebhookMessage(id: id, of: NormBrokenMessage(fact))
        default: return nil
        }
    }
}

// No numbers, names or codes: who is told asks the API for what it may know. Keys as in docs/json.md.

private struct CallEnded: Encodable {
    var type = "call_ended"
    var call: CallID
    var outcome: String
    var releasedBy: String
    var at: UTCTime

    enum CodingKeys: String, CodingKey {
        case type
        case call = "call_id"
        case outcome
        case releasedBy = "released_by"
        case at
    }

    init(_ fact: CallReleased) {
        call = fact.call
        outcome = fact.outcome.rawValue
        releasedBy = fact.releasedBy.rawValue
        at = UTCTime(fact.at)
    }
}

private struct RecordingReady: Encodable {
    var type = "recording_ready"
    var recording: RecordingID
    var call: CallID
    var format: String
    var lengthMilliseconds: Int64
    var sha256: String
    var at: UTCTime

    enum CodingKeys: String, CodingKey {
        case type
        case recording = "recording_id"
        case call = "call_id"
        case format
        case lengthMilliseconds = "length_ms"
        case sha256, at
    }

    init(_ fact: RecordingFinished) {
        recording = fact.recording
        call = fact.call
        format = fact.format
        lengthMilliseconds = fact.rate > 0 ? fact.frames * 1000 / Int64(fact.rate) : 0
        sha256 = fact.sha256
        at = UTCTime(fact.at)
    }
}

private struct RecordingMissing: Encodable {
    var type = "recording_missing"
    var recording: RecordingID?
    var call: CallID?
    var message: String
    var at: UTCTime

    enum CodingKeys: String, CodingKey {
        case type
        case recording = "recording_id"
        case call = "call_id"
        case message, at
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(type, forKey: .type)
        try fields.encode(recording, forKey: .recording)
        try fields.encode(call, forKey: .call)
        try fields.encode(message, forKey: .message)
        try fields.encode(at, forKey: .at)
    }
}

private struct OrderCreatedMessage: Encodable {
    var type = "order_created"
    var order: String
    var category: String
    var call: CallID?
    var at: UTCTime

    enum CodingKeys: String, CodingKey {
        case type, order, category
        case call = "call_id"
        case at
    }

    init(_ fact: OrderCreated) {
        order = fact.number
        category = fact.category
        call = fact.call
        at = UTCTime(fact.at)
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(type, forKey: .type)
        try fields.encode(order, forKey: .order)
        try fields.encode(category, forKey: .category)
        try fields.encode(call, forKey: .call)
        try fields.encode(at, forKey: .at)
    }
}

private struct NormBrokenMessage: Encodable {
    var type = "norm_broken"
    var call: CallID
    var rule: String
    var profile: String
    var count: Int
    var measured: Int64?
    var agent: String?
    var at: UTCTime

    enum CodingKeys: String, CodingKey {
        case type
        case call = "call_id"
        case rule, profile, count
        case measured = "measured_ms"
        case agent, at
    }

    init(_ breach: NormBroken) {
        call = breach.call
        rule = breach.rule
        profile = breach.profile
        count = breach.count
        measured = breach.measured
        agent = breach.agent
        at = UTCTime(breach.at)
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(type, forKey: .type)
        try fields.encode(call, forKey: .call)
        try fields.encode(rule, forKey: .rule)
        try fields.encode(profile, forKey: .profile)
        try fields.encode(count, forKey: .count)
        try fields.encode(measured, forKey: .measured)
        try fields.encode(agent, forKey: .agent)
        try fields.encode(at, forKey: .at)
    }

}
