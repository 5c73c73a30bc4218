import Access
import Calls
import Foundation
import Hummingbird
import Storage
import Switchboard

/// The inbox in a browser: voice messages heard and dealt with, reports acknowledged, callers called back.
struct InboxPages: Sendable {
    let pages: Pages
    let inbox: Inbox
    let calls: OutboundAPI

    /// What is open comes first, so that more than these are what was dealt with long ago.
    private static let most = 100

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("inbox") { request, context in try await show(nil, request, context) }
        group.post("inbox/:message/heard") { request, context in
            _ = try await pages.form(request, context)
            let message = try await message(context)
            try await inbox.hear(message.id, by: try context.doer(nil) { $0 })
            return pages.go("/inbox?done=\(message.kind == .report ? "acknowledged" : "heard")")
        }
        group.post("inbox/:message/call") { request, context in
            _ = try await pages.form(request, context)
            let message = try await message(context)
            return try await call(request, context) { agent in
                guard let number = message.caller else {
                    throw Problem(.badRequest, pages.word("inbox_no_number", context))
                }
                return try await calls.place(agent: agent, role: .contact, number: number, for: context.asker?.person)
            }
        }
        group.post("inbox/callbacks/:call") { request, context in
            _ = try await pages.form(request, context)
            let asking = try context.callID()
            return try await call(request, context) { agent in
                try await calls.place(agent: agent, role: .callBack, asking: asking, for: context.asker?.person)
            }
        }
    }

    /// A message that this person may know of.
    private func message(_ context: ConsoleContext) async throws -> MessageSummary {
        let id = try MessageID(given: try context.part("message"), as: "message")
        guard let found = try await inbox.list(MessageFilter(ids: id...id, limit: 1), for: context.asker).first else {
            throw Problem(.notFound, "there is no message \(quoted(id.description))")
        }
        return found
    }

    /// Has the asker's own phone ring for a call to somebody.
    private func call(
        _ request: Request, _ context: ConsoleContext, _ place: (WorkNumber) async throws -> CallID
    ) async throws -> Response {
        let person = try context.person
        guard Rights.allows(person, .placeCalls), let agent = person.workNumber.flatMap({ WorkNumber($0) }) else {
            throw Problem(.forbidden, pages.word("desk_no_number", context))
        }
        do {
            _ = try await place(agent)
            return pages.go("/inbox?done=calling")
        } catch let problem as Problem where [.badRequest, .conflict].contains(problem.status) {
            return try await show(pages.said(problem.detail, context), request, context)
        } catch let error as SwitchboardError
            where [.refused, .notFound, .outsideHours, .unavailable].contains(error.code)
        {
            return try await show(pages.said(error.message, context), request, context)
        }
    }

    // MARK: what is shown

    private func show(_ complaint: String?, _ request: Request, _ context: ConsoleContext) async throws -> Response {
        let isAll = request.uri.queryParameters.get("all") == "1"
        let messages = try await inbox.list(
            MessageFilter(unheardOnly: !isAll, limit: Self.most), for: context.asker)
        let callBacks = try await inbox.callBacks(
            CallBackFilter(openOnly: !isAll, limit: Self.most), for: context.asker)
        let now = UTCTime(pages.time.now())
        return pages.render(
            "inbox", title: "nav_inbox",
            [
                "is_all": isAll, "complaint": complaint ?? "", "here": isAll ? "/inbox?all=1" : "/inbox",
                "no_messages": messages.isEmpty, "no_call_backs": callBacks.isEmpty,
                "messages": messages.map { row($0, now, context) },
                "call_backs": callBacks.map { row($0, now, context) },
            ], status: complaint == nil ? .ok : .badRequest, request, context)
    }

    private func row(_ message: MessageSummary, _ now: UTCTime, _ context: ConsoleContext) -> [String: Any] {
        let isVoice = message.kind == .voice
        let role = (context.asker?.person?.actor).flatMap { inbox.desk?.role(of: $0) }
        return [
            "id": message.id.description, "call": message.callID.description, "is_voice": isVoice,
            "kind": pages.word("inbox_\(message.kind.rawValue)", context), "at": pages.site.time(message.leftAt),
            "due": pages.site.time(message.dueAt),
            "is_late": message.heardAt == nil && message.dueAt.map { $0 < now } ?? false,
            "caller": message.caller ?? "", "queue": message.queue, "agent": message.agent?.text ?? "",
            "mark": message.mark.map { pages.word("mark_\($0)", context) } ?? "", "note": message.note ?? "",
            "length": RecordingPages.length(
                Double(message.toMilliseconds - message.fromMilliseconds) / 1000),
            "audio": message.file == nil ? "" : audio(message, context),
            "heard": message.heardAt == nil ? "" : pages.site.time(message.heardAt),
            "heard_by": message.heardBy?.text ?? "", "is_open": message.heardAt == nil,
            "may_hear": isVoice || role == .shiftLeader || role == .supervisor,
        ]
    }

    /// The message's part of its recording (Media Fragments URI 1.0, 4.2.1).
    private func audio(_ message: MessageSummary, _ context: ConsoleContext) -> String {
        func seconds(_ milliseconds: Int64) -> String { "\(milliseconds / 1000).\(milliseconds / 100 % 10)" }
        // What for is plain: nobody is asked.
        let reason = pages.word("inbox_reason", context).addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        return "/api/v1/recordings/\(message.recording)/audio?reason=\(reason ?? "inbox")"
            + "#t=\(seconds(message.fromMilliseconds)),\(seconds(message.toMilliseconds))"
    }

    private func row(_ callBack: CallBackSummary, _ now: UTCTime, _ context: ConsoleContext) -> [String: Any] {
        [
            "call": callBack.callID.description, "at": pages.site.time(callBack.askedAt),
            "due": pages.site.time(callBack.dueAt),
            "is_late": callBack.state == .open && callBack.dueAt.map { $0 < now } ?? false,
            "number": callBack.number, "queue": callBack.queue,
            "reason": pages.word("inbox_\(callBack.reason.rawValue)", context),
            "for_agent": callBack.forAgent?.text ?? "", "attempts": callBack.attempts,
            "state": pages.word("inbox_state_\(callBack.state.rawValue)", context),
            "is_open": callBack.state != .reached, "by": callBack.by?.text ?? "",
        ]
    }
}
