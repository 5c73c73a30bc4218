import Calls
import Norms
import Storage

extension Retention {
    /// Gathers what belongs to a number to be handed out, and journals that each of its recordings was.
    /// - Parameters:
    ///   - by: who asks for it.
    ///   - reason: for the journal.
    /// - Throws: as `PersonBook.find`.
    public func export(_ number: String, reason: String, by: WorkNumber) async throws -> PersonReport {
        let reason = try Self.checked(reason: reason)
        let report = try await PersonBook(reader: store.reader).find(number)
        let now = time.now()
        let facts: [Fact] = report.recordings.map(\.found.recording).filter { $0.state == .finished }.map { recording in
            .recordingReplayed(
                RecordingReplayed(
                    recording: recording.id, call: recording.callID, at: now, token: "api", by: by,
                    format: recording.format ?? "flac", channel: "both", reason: reason))
        }
        for first in stride(from: 0, to: facts.count, by: 100) {
            try await store.record(Array(facts[first..<min(first + 100, facts.count)]))
        }
        return report
    }

    /// Erases what there is of a person: recordings, notes, messages, numbers, keys, orders' texts. A call goes as a whole
    /// or not at all: what is held, what the law wants kept and what is still needed stays, and is told with its reason.
    /// - Parameters:
    ///   - reason: for the journal, where it stays: without the number.
    ///   - by: who does it.
    ///   - isDryRun: nothing is changed.
    /// - Throws: `SwitchboardError`: `.argument`; `.refused` where no policy says what the law wants kept, or another run
    ///   is under way; `StorageError`.
    public func erase(
        _ number: String, reason: String, by: WorkNumber, isDryRun: Bool
    ) async throws -> PersonErasure {
        let number = try PersonBook.checked(number)
        let reason = try Self.checked(reason: reason)
        guard !reason.contains(number) else {
            throw SwitchboardError(.argument, "the reason stays in the journal: leave the number out of it")
        }
        let erasure = Erasure(
            retention: self, planner: try planner(), number: number, reason: reason, by: by,
            now: UTCTime(time.now()), report: PersonErasure(isDryRun: isDryRun))
        return try await exclusively { try await erasure.finished() }
    }
}

/// One erasure on its way through a person's data.
private struct Erasure {
    let retention: Retention
    let planner: RetentionPlanner
    let number: String
    let reason: String
    let by: WorkNumber
    let now: UTCTime
    var report: PersonErasure

    private var reader: StoreReader { retention.store.reader }

    /// Runs to its end.
    func finished() async throws -> PersonErasure {
        var erasure = self
        try await erasure.run()
        guard !report.isDryRun else { return erasure.report }
        let removed = try await retention.removeDue()
        erasure.report.freedBytes = removed.freed
        erasure.report.failures = removed.failures
        return erasure.report
    }

    private mutating func run() async throws {
        let index = try await reader.person(number)
        report.more = index.isCut
        var orders = index.orders
        for call in index.calls { try await take(call, &orders) }
        for order in orders { try await take(order) }
        try await takeBlocked(index)
        for place in index.carrierImports { try await takeCarrierRecords(place, index) }
    }

    /// - Parameter orders: of the person; those of the call are taken out.
    private mutating func take(_ call: CallID, _ orders: inout [PersonIndex.Order]) async throws {
        guard let subject = try await reader.retentionSubject(of: call) else { return }
        let recordings = try await reader.retentionRecordings(of: call)
        let own = orders.filter { order in subject.orders.contains { $0.number == order.number } }
        orders.removeAll { own.contains($0) }
        let finished = recordings.filter { $0.state == .finished }
        var item = PersonErasure.Item(
            kind: "call", subject: call.description, recordings: finished.count,
            bytes: finished.reduce(0) { $0 + ($1.bytes ?? 0) })
        if let staying = try await staying(call, subject, recordings) {
            (item.stays, item.until) = (staying.reason, staying.keepUntil.map { UTCTime(microseconds: $0) })
            report.stays.append(item)
            return
        }
        let wish = RetentionDecision(action: .delete, keepUntil: nil, rule: "person", reason: reason)
        var facts: [Fact] = finished.compactMap { recording in
            retention.deletion(of: recording, cause: .person, wish, by: by).map { .recordingDeleted($0) }
        }
        facts.append(
            .personalDataErased(
                PersonalDataErased(
                    at: retention.time.now(), call: call, orders: own.map(\.id), reason: reason, by: by)))
        try await record(facts, item)
    }

    /// What keeps a call, or one of its recordings; nil: nothing.
    private func staying(
        _ call: CallID, _ subject: RetentionSubject, _ recordings: [RetentionRecording]
    ) async throws -> RetentionDecision? {
        let decisions = ([subject] + recordings.filter { $0.state == .finished }.map(\.subject)).map {
            planner.decideErasure($0, at: now)
        }
        // Without an end is longer than any.
        let stays = decisions.filter { $0.action == .keep }
        if let longest = stays.max(by: { ($0.keepUntil ?? .max) < ($1.keepUntil ?? .max) }) { return longest }
        if recordings.contains(where: { [.planned, .started, .stopped].contains($0.state) }) {
            return RetentionDecision(
                action: .keep, keepUntil: nil, rule: "call_open", reason: "a recording of it is not finished")
        }
        let open = try await reader.callBacks(filter: CallBackFilter(call: call, openOnly: true, limit: 1))
        guard open.isEmpty else {
            return RetentionDecision(
                action: .keep, keepUntil: nil, rule: "call_back_open", reason: "the caller is still to be called back")
        }
        return nil
    }

    /// An order that no call of the person's has taken with it.
    private mutating func take(_ order: PersonIndex.Order) async throws {
        guard let known = try await reader.order(order.number) else { return }
        // One that belongs to a call stays or goes with that call.
        if let call = known.callID, try await reader.retentionSubject(of: call) != nil { return }
        var item = PersonErasure.Item(kind: "order", subject: order.number, recordings: 0, bytes: 0)
        let subject = RetentionSubject(
            recordedAt: known.createdAt.microseconds, outcome: Outcome.completed.rawValue,
            orders: [
                RetentionSubject.Order(
                    number: known.number, category: known.category, createdAt: known.createdAt.microseconds,
                    isClosed: known.status == "closed")
            ])
        let decision = planner.decideErasure(subject, at: now)
        guard decision.action == .delete else {
            (item.stays, item.until) = (decision.reason, decision.keepUntil.map { UTCTime(microseconds: $0) })
            return report.stays.append(item)
        }
        try await record(
            [
                .personalDataErased(
                    PersonalDataErased(at: retention.time.now(), orders: [order.id], reason: reason, by: by))
            ], item)
    }

    private mutating func takeBlocked(_ index: PersonIndex) async throws {
        guard !index.blocked.isEmpty else { return }
        var item = PersonErasure.Item(kind: "blocked_number", subject: number, recordings: 0, bytes: 0)
        if try await reader.isBlocked(number: number, at: now) {
            item.stays = "the number is blocked; take it off the list first"
            return report.stays.append(item)
        }
        try await record(
            [
                .personalDataErased(
                    PersonalDataErased(
                        at: retention.time.now(), events: index.blockEvents, reason: reason, by: by))
            ], item)
    }

    /// The carrier's records came many at a time: those of others are written down again.
    private mutating func takeCarrierRecords(_ place: JournalPlace, _ index: PersonIndex) async throws {
        guard var fact = try await reader.carrierRecords(of: place) else { return }
        let own = fact.records.filter { $0.caller == number || $0.called == number }
        guard let latest = own.map(\.began).max() else { return }
        var item = PersonErasure.Item(
            kind: "carrier_records", subject: "\(place.chain) \(place.sequence)", recordings: 0, bytes: 0)
        let subject = RetentionSubject(recordedAt: latest, outcome: Outcome.completed.rawValue)
        let decision = planner.decideErasure(subject, at: now)
        guard decision.action == .delete else {
            (item.stays, item.until) = (decision.reason, decision.keepUntil.map { UTCTime(microseconds: $0) })
            return report.stays.append(item)
        }
        fact.records.removeAll { own.contains($0) }
        var facts: [Fact] = [
            .personalDataErased(
                PersonalDataErased(at: retention.time.now(), events: [place], reason: reason, by: by))
        ]
        if !fact.records.isEmpty { facts.append(.carrierImported(fact)) }
        try await record(facts, item)
    }

    /// Writes it down, unless it is a dry run. Where the store refuses it, for a hold that was placed meanwhile, it stays.
    private mutating func record(_ facts: [Fact], _ item: PersonErasure.Item) async throws {
        var item = item
        if !report.isDryRun {
            do throws(StorageError) {
                try await retention.store.record(facts)
            } catch {
                guard error.code == .conflict else { throw error }
                item.stays = error.message
            }
        }
        if item.stays == nil { report.erased.append(item) } else { report.stays.append(item) }
    }
}
