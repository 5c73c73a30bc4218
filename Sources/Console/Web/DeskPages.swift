import Access
import Calls
import Foundation
import Hummingbird
import Norms
import Storage
import Switchboard

/// An agent's own desk: state, the call of the moment, forms owed.
struct DeskPages: Sendable {
    let pages: Pages
    private let desk: AgentDesk?
    private let reader: StoreReader
    private let desks: DeskReader
    private let rings: RingClock
    /// How many streams are open.
    private let streams = OpenStreams(most: 200)

    /// More forms than these are not listed: the oldest come first.
    private static let shownForms = 20

    init(pages: Pages, sources: ConsoleSources) {
        self.pages = pages
        desk = sources.desk
        reader = sources.reader
        rings = sources.rings
        desks = DeskReader(
            desk: sources.desk, reader: sources.reader,
            owed: OwedWork(exchange: sources.exchange, reader: sources.reader), time: sources.time)
    }

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("desk") { request, context in try await show(nil, [:], request, context) }
        group.post("desk/state") { request, context in
            try await done(["reason"], request, context) { form, number in
                guard let wish = try Self.wish(form) else {
                    throw Problem(.badRequest, pages.word("desk_state_unknown", context))
                }
                try present().change(number, wish, source: .api)
            }
        }
        group.post("desk/mark") { request, context in
            try await done(["mark", "degree", "note"], request, context) { form, number in
                try present().talk(number, try mark(form, context))
            }
        }
        group.get("live/desk") { request, context in try await live(context) }
    }

    private func present() throws -> AgentDesk {
        guard let desk else { throw Problem(.notFound, "the server has no agents: set `agents.file`") }
        return desk
    }

    /// Whose desk it is; nil for somebody without a work number.
    private func number(_ context: ConsoleContext) throws -> WorkNumber? {
        try context.person.workNumber.flatMap { WorkNumber($0) }
    }

    // MARK: what is asked for

    /// Does what a form asks for; what is refused is told on the same page, with what was typed.
    private func done(
        _ inputs: [String], _ request: Request, _ context: ConsoleContext,
        _ doing: (Form, WorkNumber) throws -> Void
    ) async throws -> Response {
        let form = try await pages.form(request, context)
        guard let number = try number(context) else {
            throw Problem(.forbidden, pages.word("desk_no_number", context))
        }
        let complaint: String
        do {
            try doing(form, number)
            return pages.go("/desk")
        } catch let problem as Problem where problem.status == .badRequest {
            complaint = pages.said(problem.detail, context)
        } catch let error as SwitchboardError where [.refused, .notFound].contains(error.code) {
            complaint = pages.said(error.message, context)
        }
        var typed = Dictionary(uniqueKeysWithValues: inputs.map { ($0, form.typed($0)) })
        typed["hand_over"] = form["hand_over"]
        return try await show(complaint, typed, request, context)
    }

    private static func wish(_ form: Form) throws -> AgentDesk.Wish? {
        switch form["state"] {
        case "available": .logIn
        case "ready": .ready
        case "away": .away(reason: try form.text("reason", most: 100) ?? "")
        case "logged_out": .logOut
        default: nil
        }
    }

    private func mark(_ form: Form, _ context: ConsoleContext) throws -> AgentDesk.TalkWish {
        guard let mark = Switchboard.CallMark(rawValue: form["mark"]) else {
            throw Problem(.badRequest, pages.word("desk_mark_unknown", context))
        }
        let degree = mark == .angry ? Int(form["degree"]) : nil
        if mark == .angry {
            guard let degree, Switchboard.CallMark.degrees.contains(degree) else {
                throw Problem(.badRequest, pages.word("desk_degree_needed", context))
            }
        }
        return .mark(
            mark, degree: degree, note: try form.text("note", most: 500), handOver: !form["hand_over"].isEmpty)
    }

    /// What may be asked for now, as the API takes it.
    private static func wishes(_ state: AgentState) -> [String] {
        switch state {
        case .loggedOut: ["available"]
        case .available, .ringing, .talking, .hold: ["away", "logged_out"]
        case .wrapUp: ["ready", "away", "logged_out"]
        case .away: ["ready", "logged_out"]
        }
    }

    // MARK: the page

    private func show(
        _ complaint: String?, _ typed: [String: String], _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        var fields: [String: Any] = ["complaint": complaint ?? "", "has_desk": false]
        if let number = try number(context), let moment = try await desks.moment(of: number) {
            let view = DeskView(moment, rings: rings)
            fields["has_desk"] = true
            fields["state"] = state(moment, view, typed, context)
            fields["call"] = call(moment, view, typed, context)
            fields["forms_key"] = view.formsKey
            fields["has_forms"] = !moment.forms.isEmpty
            fields["more_forms"] = max(0, moment.forms.count - Self.shownForms)
            fields["has_more_forms"] = moment.forms.count > Self.shownForms
            fields["forms"] = try await forms(moment, context)
        }
        return pages.render(
            "desk", title: "nav_desk", fields, status: complaint == nil ? .ok : .badRequest, request, context)
    }

    private func state(
        _ moment: DeskMoment, _ view: DeskView, _ typed: [String: String], _ context: ConsoleContext
    ) -> [String: Any] {
        let agent = moment.agent
        let wishes = Self.wishes(agent.state)
        let isInCall = agent.call != nil
        return [
            "key": view.stateKey, "id": agent.state.rawValue,
            "title": pages.word("agent_\(agent.state.rawValue)", context),
            "number": agent.agent.number.text, "name": agent.agent.name, "reason": agent.reason ?? "",
            "next": agent.next.map { pages.word("agent_\($0.rawValue)", context) } ?? "",
            "for": span(view.stateMilliseconds), "is_unreachable": !agent.isReachable,
            "may_pause": wishes.contains("away"), "typed_reason": typed["reason"] ?? "", "is_in_call": isInCall,
            "wishes": wishes.filter { $0 != "away" }.map { wish in
                ["value": wish, "label": pages.word("desk_wish_\(wish)", context), "is_main": wish != "logged_out"]
                    as [String: Any]
            },
        ]
    }

    private func call(
        _ moment: DeskMoment, _ view: DeskView, _ typed: [String: String], _ context: ConsoleContext
    ) -> [String: Any] {
        guard let id = moment.agent.call else { return ["key": view.callKey, "is_there": false] }
        let summary = moment.call?.summary
        let caller = summary?.caller
        var fields = DeskFacts(pages: pages, desk: desk).fields(moment.call, passage: moment.passage, context)
        fields.merge([
            "key": view.callKey, "is_there": true, "id": id.description,
            "caller": caller ?? pages.word("desk_withheld", context),
            "is_ringing": moment.agent.state == .ringing, "is_held": moment.agent.state == .hold,
            "purpose": moment.agent.purpose.map { pages.word("desk_purpose_\($0.rawValue)", context) } ?? "",
            "since": pages.site.time(moment.since), "for": span(view.callMilliseconds),
            "queue": moment.agent.queue ?? moment.passage?.queue ?? "", "wait": span(view.waitMilliseconds),
            "rings": view.rings.map { String($0) } ?? "", "may_mark": moment.agent.state != .ringing,
            "is_marking": typed["mark"] != nil, "typed_note": typed["note"] ?? "",
            "hands_over": !(typed["hand_over"] ?? "").isEmpty,
            "mark_choices": Switchboard.CallMark.allCases.map { mark in
                choice(mark.rawValue, "mark_\(mark.rawValue)", typed["mark"], context)
            },
            "degrees": Switchboard.CallMark.degrees.map {
                choice("\($0)", "desk_degree_\($0)", typed["degree"], context)
            },
        ]) { $1 }
        return fields
    }

    private func choice(_ value: String, _ word: String, _ chosen: String?, _ context: ConsoleContext) -> [String: Any]
    {
        ["value": value, "label": pages.word(word, context), "selected": value == chosen]
    }

    private func forms(_ moment: DeskMoment, _ context: ConsoleContext) async throws -> [[String: Any]] {
        var rows: [[String: Any]] = []
        for form in moment.forms.prefix(Self.shownForms) {
            let caller = try await reader.call(form.call)?.summary.caller
            rows.append([
                "id": form.call.description, "at": pages.site.time(form.owedAt),
                "caller": caller ?? pages.word("desk_withheld", context),
            ])
        }
        return rows
    }

    private func span(_ milliseconds: Int64?) -> String {
        milliseconds.map { RecordingPages.length(Double($0 / 1000)) } ?? ""
    }

    // MARK: as it changes

    private func live(_ context: ConsoleContext) async throws -> Response {
        guard let cookie = context.sessionToken else { throw Problem(.unauthorized, "sign in first") }
        guard let number = try number(context) else {
            throw Problem(.notFound, pages.word("desk_no_number", context))
        }
        guard let place = streams.take() else {
            throw Problem(.serviceUnavailable, "too many desks are open: close some windows")
        }
        return place.events(DeskMoment?.none) { moment in
            // Whoever loses the session, the right or the desk is shown nothing more.
            guard let (person, _) = pages.people.session(cookie, counts: false), Rights.allows(person, .agentSelf),
                person.workNumber == number.text, let fresh = try await desks.moment(of: number, last: moment)
            else { return nil }
            moment = fresh
            return Array("data: \(try DataBlock.text(DeskView(fresh, rings: rings)))\n\n".utf8)
        }
    }
}

/// What is told of a call in words, at the desk and beside its form.
struct DeskFacts: Sendable {
    let pages: Pages
    let desk: AgentDesk?

    func fields(_ call: CallDetail?, passage: QueuePassage?, _ context: ConsoleContext) -> [String: Any] {
        var priority = passage?.priority ?? []
        if let caller = call?.summary.caller, desk?.isKeyCustomer(caller) == true, !priority.contains("key_customer") {
            priority.append("key_customer")
        }
        return [
            "skill": passage?.skill ?? "", "raw": call?.callerRaw ?? "",
            "priorities": priority.map { ["id": $0, "text": pages.word("desk_priority_\($0)", context)] },
            "marks": (call?.marks ?? []).map { mark in
                let degree = mark.degree.map { pages.word("desk_degree_\($0)", context) }
                let words = [pages.word("mark_\(mark.mark)", context), degree, mark.note].compactMap { $0 }
                return ["text": words.joined(separator: " · ")]
            },
            "has_marks": call?.marks.isEmpty == false,
        ]
    }
}
