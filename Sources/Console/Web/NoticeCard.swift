import Calls
import Hummingbird
import Storage
import Switchboard

/// The storm notice on the page of outages: what callers hear now, and the form that switches it.
struct NoticeCard: Sendable {
    /// The one that there is on the page.
    static let name = "storm"
    private static let inputs = ["prompt", "until", "why"]

    let pages: Pages
    /// Nil: there are no notices here, and no card.
    let notices: Notices?

    /// Carries out what the card's form says.
    /// - Throws: `Problem` 400, `SwitchboardError`, `StorageError`.
    func set(_ form: Form, _ context: ConsoleContext) async throws {
        var until: UTCTime?
        if !form["until"].isEmpty {
            guard let time = pages.site.moment(form["until"]) else {
                throw Problem(.badRequest, "\(quoted(form["until"])): 2026-11-28T09:30")
            }
            until = time
        }
        guard let why = try form.text("why", most: 500) else {
            throw Problem(.badRequest, pages.word("notice_why_missing", context))
        }
        try await here.set(
            Self.name, prompt: form["prompt"], until: until, by: try context.doer(nil) { $0 }, why: why)
    }

    /// - Throws: as `set`.
    func clear(_ form: Form, _ context: ConsoleContext) async throws {
        try await here.clear(
            Self.name, by: try context.doer(nil) { $0 }, why: try form.text("why", most: 500) ?? "")
    }

    private var here: Notices {
        get throws {
            guard let notices else { throw Problem(.notFound, "there are no notices here") }
            return notices
        }
    }

    /// What was typed, to be shown again.
    func entered(_ form: Form) -> [String: String] {
        Dictionary(uniqueKeysWithValues: Self.inputs.map { ($0, form[$0]) })
    }

    /// What the card shows.
    /// - Parameters:
    ///   - complaint: what is wrong with what was typed.
    ///   - entered: what was typed.
    func fields(
        complaint: String? = nil, entered: [String: String] = [:], _ context: ConsoleContext
    ) -> [String: Any] {
        guard let notices else { return [:] }
        let now = pages.time.now()
        let record = notices.records(at: now).first { $0.name == Self.name }
        let choices = notices.choices
        // Whoever changes the words of one that is on keeps its end. As browsers write it, to the minute.
        let end = record.flatMap { $0.isOn ? $0.until : nil }
        let minute = pages.site.time(end).replacing(" ", with: "T").prefix(16)
        let chosen = entered["prompt"] ?? record?.prompt ?? ""
        var card: [String: Any] = [
            "on": record?.isOn ?? false, "heard": notices.isHeard(Self.name), "complaint": complaint ?? "",
            "has_choices": !choices.isEmpty,
            "choices": choices.map { choice in
                ["value": choice.id, "text": choice.words, "selected": choice.id == chosen] as [String: Any]
            },
            "e_until": entered["until"] ?? String(minute), "e_why": entered["why"] ?? "",
        ]
        if let record {
            card["prompt"] = record.prompt ?? ""
            card["text"] = record.prompt.flatMap { notices.words(of: $0) } ?? ""
            card["set_at"] = pages.site.time(record.setAt)
            card["until"] = pages.site.time(record.until)
            card["by"] = record.by
            card["why_said"] = record.why
            card["was_set"] = true
            card["ended"] = record.prompt != nil && record.until.map { $0 <= UTCTime(now) } ?? false
        }
        return ["notice": card]
    }
}
