import Calls
import Norms
import Recordings
import Storage

/// What the rules would have done now; keys as in docs/json.md.
public struct RetentionPlan: Sendable, Codable {
    /// A recording that would go, or be moved.
    public struct Item: Sendable, Hashable, Codable {
        public var recording: RecordingID
        public var call: CallID
        public var file: String
        public var bytes: Int64
        public var action: RetentionDecision.Action
        public var rule: String
        public var reason: String
        /// Until when the rules kept it, or keep what is only moved.
        public var keepUntil: UTCTime?

        enum CodingKeys: String, CodingKey {
            case recording = "recording_id"
            case call = "call_id"
            case file
            case bytes
            case action
            case rule
            case reason
            case keepUntil = "keep_until"
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(recording, forKey: .recording)
            try fields.encode(call, forKey: .call)
            try fields.encode(file, forKey: .file)
            try fields.encode(bytes, forKey: .bytes)
            try fields.encode(action, forKey: .action)
            try fields.encode(rule, forKey: .rule)
            try fields.encode(reason, forKey: .reason)
            try fields.encode(keepUntil, forKey: .keepUntil)
        }
    }

    public struct Count: Sendable, Hashable, Codable {
        public var recordings = 0
        public var bytes: Int64 = 0

        mutating func add(_ bytes: Int64) {
            recordings += 1
            self.bytes += bytes
        }
    }

    /// Items listed at most; all are counted.
    public static let mostItems = 10_000

    /// Name and version.
    public var policy: String
    public var at: UTCTime
    /// Finished recordings that were looked at.
    public var recordings = 0
    public var kept = Count()
    /// Of those kept, by a hold.
    public var held = Count()
    public var archive = Count()
    public var delete = Count()
    /// Why the kept ones are kept: how many by rule.
    public var keptBy: [String: Int] = [:]
    /// The first of those that go or move, oldest first.
    public var items: [Item] = []

    init(policy: String, at: UTCTime) {
        self.policy = policy
        self.at = at
    }

    enum CodingKeys: String, CodingKey {
        case policy
        case at
        case recordings
        case kept
        case held
        case archive
        case delete
        case keptBy = "kept_by"
        case items
    }

    mutating func add(_ recording: RetentionRecording, _ decision: RetentionDecision) {
        let bytes = recording.bytes ?? 0
        recordings += 1
        switch decision.action {
        case .keep:
            kept.add(bytes)
            if decision.rule == "hold" { held.add(bytes) }
            keptBy[decision.rule, default: 0] += 1
            return
        case .archive: archive.add(bytes)
        case .delete: delete.add(bytes)
        }
        guard items.count < Self.mostItems else { return }
        items.append(
            Item(
                recording: recording.id, call: recording.callID, file: recording.file ?? "", bytes: bytes,
                action: decision.action, rule: decision.rule, reason: decision.reason,
                keepUntil: decision.keepUntil.map { UTCTime(microseconds: $0) }))
    }
}

/// Decides about every finished recording. Reads only; beside a running server or without one.
public struct RetentionPlanner: Sendable {
    private let reader: StoreReader
    private let policy: RetentionPolicy
    private let clock: LocalClock

    public init(reader: StoreReader, policy: RetentionPolicy, clock: LocalClock) {
        self.reader = reader
        self.policy = policy
        self.clock = clock
    }

    /// - Throws: `StorageError`, `CancellationError`.
    public func plan(at now: UTCTime) async throws -> RetentionPlan {
        var plan = RetentionPlan(policy: policy.citation, at: now)
        var last: RecordingID?
        while case let page = try await page(after: last, at: now), !page.isEmpty {
            for (recording, decision) in page { plan.add(recording, decision) }
            last = page.last?.recording.id
        }
        return plan
    }

    /// Some of them, from the oldest to the newest, with what is decided; none after the last.
    package func page(
        after last: RecordingID?, at now: UTCTime
    ) async throws -> [(recording: RetentionRecording, decision: RetentionDecision)] {
        try Task.checkCancellation()
        return try await reader.retentionRecordings(after: last, limit: 500).map { recording in
            (recording, decide(recording.subject, at: now))
        }
    }

    func decide(_ subject: RetentionSubject, at now: UTCTime) -> RetentionDecision {
        policy.decide(subject, now: now.microseconds, offsetSeconds: clock.offsetSeconds(at: now))
    }

    func decideErasure(_ subject: RetentionSubject, at now: UTCTime) -> RetentionDecision {
        policy.decideErasure(subject, now: now.microseconds, offsetSeconds: clock.offsetSeconds(at: now))
    }
}

/// What a run has done; keys as in docs/json.md.
public struct RetentionReport: Sendable, Codable {
    public var at: UTCTime
    public var archived = RetentionPlan.Count()
    public var deleted = RetentionPlan.Count()
    /// Calls whose numbers and keys went with their last recording.
    public var callsErased = 0
    /// Due, and left for the next run: the day's budget was spent.
    public var left = RetentionPlan.Count()
    /// What removing files has freed.
    public var freedBytes: Int64 = 0
    /// What could not be done, in words; tried again by the next run.
    public var failures: [String] = []

    public init(at: UTCTime) { self.at = at }

    enum CodingKeys: String, CodingKey {
        case at
        case archived
        case deleted
        case callsErased = "calls_erased"
        case left
        case freedBytes = "freed_bytes"
        case failures
    }
}
