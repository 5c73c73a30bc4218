import Access
import Calls
import Foundation
import Hummingbird
import Storage
import Switchboard

/// The wallboard: the page, and its stream of server-sent events.
struct WallboardPages: Sendable {
    let pages: Pages
    let board: Wallboard
    /// How many streams are open.
    private let streams = OpenStreams(most: 200)

    init(pages: Pages, board: Wallboard) {
        self.pages = pages
        self.board = board
    }

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("/") { request, context in
            let words = pages.site.words[context.language].filter {
                $0.key.hasPrefix("board_") || $0.key.hasPrefix("agent_")
            }
            let (json, now) = (try DataBlock.text(words), try DataBlock.text(try await moment(in: context.language)))
            let person = try context.person
            return pages.render(
                "wallboard", title: "board_title",
                [
                    "words_json": json, "now_json": now, "sees_orders": Rights.allows(person, .seeOrders),
                    "may_inbox": Rights.allows(person, .inbox),
                    "is_agent": person.workNumber != nil && Rights.allows(person, .agentSelf),
                    "work_number": person.workNumber ?? "",
                ], request, context)
        }
        group.get("live/wallboard") { request, context in
            guard let cookie = context.sessionToken else { throw Problem(.unauthorized, "sign in first") }
            guard let place = streams.take() else {
                throw Problem(.serviceUnavailable, "too many look at the wallboard: close some windows")
            }
            let language = context.language
            return place.events([UInt8]()) { last in
                guard pages.people.session(cookie, counts: false) != nil else { return nil }
                let view = Array(try DataBlock.text(try await moment(in: language)).utf8)
                // A comment keeps proxies from closing what is silent.
                let said = view == last ? Array(": \n\n".utf8) : Array("data: ".utf8) + view + Array("\n\n".utf8)
                last = view
                return said
            }
        }
    }

    /// What alarms and lines say in a language.
    private func moment(in language: Language) async throws -> WallboardView {
        func said(_ message: String) -> String { pages.site.words.said(message, language) }
        var view = try await board.now()
        view.alarms = view.alarms.map(said)
        for index in view.lines.indices { view.lines[index].detail = said(view.lines[index].detail) }
        return view
    }
}
