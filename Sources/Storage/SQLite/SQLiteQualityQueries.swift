import Audit
import Calls
import GRDB
import Quality

extension SQLiteQueries {
    /// Candidates that one drawing looks at, at most.
    private static let mostCandidates = 200_000

    func reviewCandidates(
        from: UTCTime, to: UTCTime, agent: String?
    ) async throws(StorageError) -> [Sampling.Candidate] {
        try await read("looking for conversations") { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(sql: QualitySQL.candidates),
                arguments: [from.microseconds, to.microseconds, agent, Self.mostCandidates + 1])
            var found: [Sampling.Candidate] = []
            while let row = try rows.next() {
                found.append(
                    Sampling.Candidate(
                        recording: try row.identifier("recording"), call: try row.identifier("call"),
                        agent: row["agent"], isBreach: row["breach"] == 1, isSevere: row["severe"] == 1))
            }
            guard found.count <= Self.mostCandidates else {
                throw StorageError(
                    .argument, "more than \(Self.mostCandidates) conversations: choose a shorter period, or one agent")
            }
            return found
        }
    }

    func reviewTasks(reviewer: String?, limit: Int) async throws(StorageError) -> [ReviewTask] {
        try await read("listing what is to be scored") { db in
            try db.rows(QualitySQL.openParts, [reviewer, try Self.checked(limit: limit)]).map { row in
                ReviewTask(
                    sample: try row.identifier("sample"), kind: try row.requiredWord("kind"),
                    scorecard: row["scorecard"], drawnAt: UTCTime(microseconds: row["drawn_wall"]),
                    recording: try row.identifier("recording"), call: try row.identifier("call"),
                    offeredAt: UTCTime(microseconds: row["offered_wall"]), agent: row["agent"],
                    reviewer: row["reviewer"])
            }
        }
    }

    func samples(limit: Int) async throws(StorageError) -> [SampleSummary] {
        try await read("listing samples") { db in
            try db.rows(QualitySQL.samples, [try Self.checked(limit: limit)]).map { row in
                SampleSummary(
                    id: try row.identifier("id"), drawnAt: UTCTime(microseconds: row["drawn_wall"]),
                    drawnBy: row["drawn_by"],
                    kind: try row.requiredWord("kind"), scorecard: row["scorecard"],
                    from: UTCTime(microseconds: row["from_wall"]), to: UTCTime(microseconds: row["to_wall"]),
                    count: row["count"], agent: row["agent"], seed: row["seed"], candidates: row["candidates"],
                    parts: row["parts"])
            }
        }
    }

    func reviews(_ filter: ReviewFilter) async throws(StorageError) -> [ReviewSummary] {
        try await read("listing reviews") { db in
            var conditions = Conditions()
            conditions.add("agent = ?", filter.agent)
            conditions.add("reviewer = ?", filter.reviewer)
            conditions.add("recording = ?", filter.recording?.blob)
            conditions.add("state = ?", filter.state?.rawValue)
            conditions.add("scorecard = ?", filter.scorecard)
            conditions.add("submitted_wall >= ?", filter.from?.microseconds)
            conditions.add("submitted_wall < ?", filter.to?.microseconds)
            conditions.add("calibration = ?", filter.isCalibration.map { $0 ? 1 : 0 })
            conditions.add("reviews.id < ?", filter.before?.blob)
            let sql = conditions.statement(
                QualitySQL.reviews, order: QualitySQL.newestFirst, limit: try Self.checked(limit: filter.limit))
            return try Row.fetchAll(db, sql: sql, arguments: conditions.arguments).map(Self.review)
        }
    }

    func review(_ id: ReviewID) async throws(StorageError) -> ReviewDetail? {
        try await read("reading a review") { db in
            guard let row = try db.row("\(QualitySQL.reviews) WHERE reviews.id = ?", [id.blob]) else { return nil }
            let answers = Dictionary(
                grouping: try db.rows(QualitySQL.answers, [id.blob]), by: { $0["revision"] as Int })
            let revisions = try db.rows(QualitySQL.revisions, [id.blob]).map { row in
                let number: Int = row["revision"]
                return ReviewDetail.Revision(
                    number: number, at: UTCTime(microseconds: row["at_wall"]), by: row["by_name"], why: row["why"],
                    score: row["score"], isFailed: row["failed"] == 1,
                    answers: try (answers[number] ?? []).map(Self.answer))
            }
            return ReviewDetail(summary: try Self.review(row), revisions: revisions)
        }
    }

    func reviewRows(
        from: UTCTime, to: UTCTime, scorecard: String, agent: String?
    ) async throws(StorageError) -> [QualityReport.Row] {
        try await read("reading reviews") { db in
            var rows: [QualityReport.Row] = []
            var last: ReviewID?
            let cursor = try Row.fetchCursor(
                db.cachedStatement(sql: QualitySQL.rows),
                arguments: [from.microseconds, to.microseconds, scorecard, agent])
            while let row = try cursor.next() {
                let id: ReviewID = try row.identifier("id")
                if id != last {
                    last = id
                    rows.append(
                        QualityReport.Row(
                            agent: row["agent"], reviewer: row["reviewer"],
                            conversation:
                                "\(try row.identifier("recording", RecordingKind.self))/\(row["agent"] as String)",
                            isCalibration: row["calibration"] == 1, score: row["score"], isFailed: row["failed"] == 1,
                            isCritical: row["critical"] == 1, state: try row.requiredWord("state"), answers: []))
                }
                let value: Int? = row["value"]
                let scale: Int = row["scale"]
                let verdict: Measured.Verdict? = try row.word("verdict")
                let usual = verdict.flatMap { Scorecard.usualAnswer(to: $0, scale: scale) }
                rows[rows.count - 1].answers.append(
                    QualityReport.Row.Answer(
                        item: row["item"], value: value, scale: scale,
                        isOverruled: usual.map { $0.value != value } ?? false))
            }
            return rows
        }
    }

    func conversation(
        _ id: RecordingID, asOf: UTCTime
    ) async throws(StorageError) -> RecordedConversation? {
        try await read("reading a conversation") { db in
            guard let row = try db.row(QualitySQL.recording, [id.blob]) else { return nil }
            let callID: CallID = try row.identifier("call")
            let offered: Int64 = row["offered_wall"]
            var found: AuditCall?
            try AuditReading.calls(
                db, AuditReading.Stretch(from: offered, to: offered + 1), asOf: asOf.microseconds, withSpeech: true
            ) { call, _ in
                if call.id == callID { found = call }
            }
            guard let call = found else { return nil }
            let sound = try db.row(QualitySQL.sound, [id.blob]).flatMap { row -> Conversation.Sound? in
                guard let caller: Int64 = row["caller_ms"], let talk: Int64 = row["talk_ms"] else { return nil }
                return Conversation.Sound(
                    length: row["length_ms"], silence: row["silence_ms"], overTalk: row["overtalk_ms"],
                    callerTalk: caller, talk: talk)
            }
            return RecordedConversation(
                recording: id, startedAt: row["started_wall"],
                isFinished: row["state"] == RecordingState.finished.rawValue, call: call, sound: sound)
        }
    }

    private static func review(_ row: Row) throws -> ReviewSummary {
        ReviewSummary(
            id: try row.identifier("id"), recording: try row.identifier("recording"), call: try row.identifier("call"),
            offeredAt: UTCTime(microseconds: row["offered_wall"]), agent: row["agent"], scorecard: row["scorecard"],
            version: row["version"], sample: try row.optionalIdentifier("sample"),
            isCalibration: row["calibration"] == 1, reviewer: row["reviewer"],
            submittedAt: UTCTime(microseconds: row["submitted_wall"]), revision: row["revision"], score: row["score"],
            isFailed: row["failed"] == 1, isCritical: row["critical"] == 1, state: try row.requiredWord("state"),
            appealUntil: UTCTime(microseconds: row["appeal_until_wall"]), appealedAt: row.time("appealed"),
            appealedBy: row["appealed_by"], appealedWhy: row["appealed_why"], decidedAt: row.time("decided"),
            decidedBy: row["decided_by"], decidedWhy: row["decided_why"])
    }

    private static func answer(_ row: Row) throws -> ReviewDetail.Answer {
        let verdict: Measured.Verdict? = try row.word("verdict")
        return ReviewDetail.Answer(
            item: row["item"], value: row["value"], points: row["points"], scale: row["scale"], note: row["note"],
            position: row["position_ms"],
            measured: try verdict.map {
                Measured($0, amount: row["amount"], unit: try row.word("unit"), why: row["measured_why"])
            })
    }
}
