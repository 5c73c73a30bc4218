import Access
import Calls
import Foundation
import Hummingbird
import Storage
import Switchboard

/// Recordings: found, and heard.
struct RecordingPages: Sendable {
    let pages: Pages
    let reader: StoreReader
    /// Nil: nothing is scored here.
    let reviews: ReviewDesk?
    let reasonIsRequired: Bool

    private static let pageSize = 25
    /// What the search form asks for; the rest of the API's parameters may stand in the address all the same.
    private static let shown = [
        "from_day", "to_day", "caller", "agent", "order", "category", "text", "norm_broken", "mark", "length", "rings",
        "sort",
    ]

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("recordings") { request, context in try await list(request, context) }
        group.get("recordings/:id") { request, context in try await show(request, context) }
    }

    // MARK: the list

    private func list(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let asked = Self.asked(request)
        var fields: [String: Any] = [:]
        for name in Self.shown { fields["q_\(name)"] = asked.first { $0.name == name }?.value ?? "" }
        for name in ["mark", "sort", "category"] {
            let value = asked.first { $0.name == name }?.value ?? ""
            if !value.isEmpty { fields["\(name)_is_\(value.filter { $0.isLetter || $0 == "_" })"] = true }
        }
        let filter: RecordingFilter
        do {
            filter = try self.filter(asked)
        } catch let error as Problem where error.status == .badRequest {
            fields["complaint"] = pages.said(error.detail, context)
            return pages.render(
                "recordings", title: "recordings_title", fields, status: .badRequest, request, context)
        }
        let page = try await pages.gate.page(filter, for: context.asker)
        let query = asked.filter { $0.name != "cursor" }.map { "\($0.name)=\(Self.escaped($0.value))" }
        let seesNumbers = try Rights.reach(of: context.person, .seeContacts) == .all
        fields["rows"] = page.recordings.map { row(for: $0, seesNumbers: seesNumbers, query, context) }
        fields["is_empty"] = page.recordings.isEmpty
        fields["next"] = page.next.map { next in
            "/recordings?" + (query + ["cursor=\(next.description)"]).joined(separator: "&")
        }
        fields["is_later_page"] = filter.cursor != nil
        fields["first"] = "/recordings?" + query.joined(separator: "&")
        return pages.render("recordings", title: "recordings_title", fields, request, context)
    }

    private func row(
        for found: FoundRecording, seesNumbers: Bool, _ query: [String], _ context: ConsoleContext
    ) -> [String: Any] {
        let recording = found.recording
        let outcome = found.outcome.map { pages.word("outcome_\($0.rawValue)", context) } ?? ""
        return [
            "href": Self.address(recording.id, query, at: found.cursor),
            "at": pages.site.time(recording.plannedAt), "caller": Self.number(found.caller, seesNumbers),
            "agents": found.answeredBy.map(\.text).joined(separator: "、"),
            "length": recording.seconds.map { Self.length($0) } ?? "",
            "rings": found.rings.map(String.init) ?? "", "outcome": outcome,
            "orders": recording.orders.map { ["number": $0] },
            "marks": (found.marks + found.flags).map { ["word": pages.word("mark_\($0)", context)] },
            "state": recording.state == .finished ? "" : pages.word("state_\(recording.state.rawValue)", context),
        ]
    }

    /// A caller's number; of those who need not know it, the end alone.
    static func number(_ number: String?, _ isSeen: Bool) -> String {
        guard let number else { return "" }
        return isSeen ? number : "•••" + number.suffix(4)
    }

    static func length(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        let (minutes, rest) = (whole / 60, whole % 60)
        return "\(minutes):\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func asked(_ request: Request) -> [(name: String, value: String)] {
        request.uri.queryParameters.map { (String($0.key), String($0.value).trimmingCharacters(in: .whitespaces)) }
            .filter { !$0.0.isEmpty && !$0.1.isEmpty && $0.0 != "done" }
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// - Throws: `Problem` 400 with what is wrong.
    private func filter(_ asked: [(name: String, value: String)]) throws -> RecordingFilter {
        var filter = RecordingFilter(limit: Self.pageSize)
        for (name, value) in asked {
            switch name {
            case "from_day":
                guard let day = pages.site.day(value) else {
                    throw Problem(.badRequest, "\(quoted(value)): 2026-11-28")
                }
                filter.from = day
            case "to_day":
                guard let day = pages.site.day(value, after: 1) else {
                    throw Problem(.badRequest, "\(quoted(value)): 2026-11-28")
                }
                filter.to = day
            case "limit": continue
            default:
                do throws(StorageError) {
                    try RecordingParameters.set(name, to: value, in: &filter)
                } catch {
                    throw Problem(.badRequest, error.message)
                }
            }
        }
        do throws(StorageError) {
            try RecordingParameters.check(filter)
        } catch {
            throw Problem(.badRequest, error.message)
        }
        return filter
    }

    // MARK: one of them

    private func show(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let id = try context.recordingID()
        let person = try context.person
        try await pages.gate.check(person, .hearRecordings, recording: id)
        guard let detail = try await reader.recordingDetail(id) else {
            throw Problem(.notFound, "there is no recording \(id)")
        }
        let found = detail.found
        let recording = found.recording
        let asked = Self.asked(request)
        let (previous, next) = try await neighbours(asked, context)
        let query = asked.filter { !["at", "cursor"].contains($0.name) }.map { "\($0.name)=\(Self.escaped($0.value))" }
        var orders: [[String: Any]] = []
        for number in recording.orders where try await pages.gate.sees(person, order: number) {
            orders.append(["number": number])
        }
        let mayNote = try await may(person, .noteRecordings, id)
        return pages.render(
            "recording", title: "recording_title",
            [
                "id": id.description, "at": pages.site.time(recording.plannedAt),
                "caller": Self.number(found.caller, Rights.reach(of: person, .seeContacts) == .all),
                "agents": found.answeredBy.map(\.text).joined(separator: "、"), "line": found.line,
                "rings": found.rings.map(String.init) ?? "",
                "outcome": found.outcome.map { pages.word("outcome_\($0.rawValue)", context) } ?? "",
                "released_by": found.releasedBy.map { pages.word("by_\($0.rawValue)", context) } ?? "",
                "length": recording.seconds.map { Self.length($0) } ?? "",
                "length_ms": recording.seconds.map { Int(($0 * 1000).rounded()) } ?? 0,
                "is_finished": recording.state == .finished,
                "state": pages.word("state_\(recording.state.rawValue)", context),
                "sha256": recording.sha256 ?? "", "orders": orders,
                "marks": detail.marks.map { ["word": pages.word("mark_\($0.mark)", context)] },
                "reason_required": reasonIsRequired, "may_note": mayNote,
                "scores": try await scores(person, recording), "reviews": try await given(id, context),
                "previous": previous.map { Self.address($0.0, query, at: $0.1) } ?? "",
                "next": next.map { Self.address($0.0, query, at: $0.1) } ?? "",
                "has_previous": previous != nil, "has_next": next != nil,
                "words_json": try DataBlock.text(pages.site.words[context.language, of: "player"]),
                "back": "/recordings?" + query.joined(separator: "&"),
            ], request, context)
    }

    /// The agents whose part in it this person may score.
    private func scores(_ person: Person, _ recording: RecordingSummary) async throws -> [[String: Any]] {
        guard let reviews, recording.state == .finished, recording.purpose == RecordingPlanned.usualPurpose else {
            return []
        }
        guard try await may(person, .scoreRecordings, recording.id) else { return [] }
        return try await reviews.agents(in: recording.id)
            .filter { $0 != person.workNumber && pages.gate.concerns($0, person, .scoreRecordings) }
            .map { ["number": $0] }
    }

    /// What was scored of it, as far as this person may know.
    private func given(_ id: RecordingID, _ context: ConsoleContext) async throws -> [[String: Any]] {
        guard reviews != nil, Rights.allows(try context.person, .seeScores) else { return [] }
        var filter = ReviewFilter(limit: 50)
        filter.recording = id
        return try await pages.gate.visible(try await reader.reviews(filter), to: context.asker).map { review in
            [
                "href": "/quality/reviews/\(review.id)", "agent": review.agent,
                "score": pages.share(review.score),
                "state": pages.word("review_\(review.state.rawValue)", context),
            ]
        }
    }

    private func may(_ person: Person, _ right: Right, _ id: RecordingID) async throws -> Bool {
        do {
            try await pages.gate.check(person, right, recording: id)
            return true
        } catch let problem as Problem where problem.status == .forbidden {
            return false
        }
    }

    /// A recording's page, which knows where in which list it was found.
    private static func address(_ id: RecordingID, _ query: [String], at place: RecordingCursor?) -> String {
        let all = query + (place.map { ["at=\($0)"] } ?? [])
        return "/recordings/\(id)" + (all.isEmpty ? "" : "?" + all.joined(separator: "&"))
    }

    /// The results before and after this one in the list that it was opened from, with their places there.
    private func neighbours(
        _ asked: [(name: String, value: String)], _ context: ConsoleContext
    ) async throws -> (previous: (RecordingID, RecordingCursor?)?, next: (RecordingID, RecordingCursor?)?) {
        var filter: RecordingFilter
        do {
            filter = try self.filter(asked.filter { !["at", "cursor"].contains($0.name) })
        } catch let problem as Problem where problem.status == .badRequest {
            return (nil, nil)
        }
        guard let place = asked.first(where: { $0.name == "at" }).flatMap({ RecordingCursor($0.value) }),
            place.belongs(to: filter)
        else { return (nil, nil) }
        // Some may be withheld.
        filter.limit = 5
        filter.cursor = place
        let next = try await pages.gate.page(filter, for: context.asker).recordings.first
        filter.descending.toggle()
        filter.cursor = place.reversed
        let previous = try await pages.gate.page(filter, for: context.asker).recordings.first
        return (
            previous.map { ($0.recording.id, $0.cursor?.reversed) }, next.map { ($0.recording.id, $0.cursor) }
        )
    }
}
