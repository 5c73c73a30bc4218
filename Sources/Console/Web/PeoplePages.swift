import Access
import Calls
import Foundation
import Hummingbird
import Storage
import Switchboard

/// Who may use the console: entered, changed, invited.
struct PeoplePages: Sendable {
    let pages: Pages
    let orders: OrderBook?
    private var people: People { pages.people }

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("people") { request, context in list(link: nil, complaint: nil, request, context) }
        group.get("people/:name") { request, context in
            let name = try context.part("name")
            guard let person = people.person(name) else {
                throw Problem(.notFound, "there is nobody named \(quoted(name))")
            }
            return edit(person, isNew: false, complaint: nil, request, context)
        }
        group.post("people") { request, context in
            let form = try await pages.form(request, context)
            let person = try Person(
                name: form["name"].lowercased(), title: form.text("title", most: 40) ?? "",
                roles: PeopleAPI.roles(form.all("role")), orderRoles: Set(form.all("order_role")),
                unit: form.text("unit", most: 60), workNumber: form.text("work_number", most: 12),
                isActive: form["inactive"].isEmpty)
            let isNew = people.person(person.name) == nil
            do {
                if !form["is_new"].isEmpty, !isNew {
                    throw AccessError(.argument, pages.word("people_taken", context))
                }
                try await people.set(person, by: try context.person.name)
            } catch let error as AccessError where [.argument, .refused].contains(error.code) {
                return edit(
                    person, isNew: !form["is_new"].isEmpty, complaint: pages.said(error.message, context), request,
                    context)
            }
            guard isNew else { return pages.go("/people?done=person") }
            return list(link: try await people.invite(person.name), complaint: nil, request, context)
        }
        group.post("people/:name/invitation") { request, context in
            _ = try await pages.form(request, context)
            return list(link: try await people.invite(try context.part("name")), complaint: nil, request, context)
        }
    }

    private func list(
        link: String?, complaint: String?, _ request: Request, _ context: ConsoleContext
    ) -> Response {
        pages.render(
            "people", title: "nav_people",
            [
                "people": people.all.map { person in
                    [
                        "name": person.name, "title": person.title, "unit": title(ofDepartment: person.unit),
                        "work_number": person.workNumber ?? "", "active": person.isActive,
                        "roles": person.roles.map { pages.word("role_\($0.rawValue)", context) }.sorted()
                            .joined(separator: "、"),
                    ] as [String: Any]
                },
                "link": link.map { "/welcome/\($0)" } ?? "", "complaint": complaint ?? "",
                "form": form(Person(name: "", title: "", roles: []), isNew: true, context),
            ], request, context)
    }

    private func edit(
        _ person: Person, isNew: Bool, complaint: String?, _ request: Request, _ context: ConsoleContext
    ) -> Response {
        pages.render(
            "person", title: "nav_people",
            ["form": form(person, isNew: isNew, context), "complaint": complaint ?? "", "name": person.name],
            status: complaint == nil ? .ok : .badRequest, request, context)
    }

    private func title(ofDepartment id: String?) -> String {
        id.map { orders?.rules.library.vocabulary.departments[$0] ?? $0 } ?? ""
    }

    private func form(_ person: Person, isNew: Bool, _ context: ConsoleContext) -> [String: Any] {
        let vocabulary = orders?.rules.library.vocabulary
        return [
            "name": person.name, "person_title": person.title, "work_number": person.workNumber ?? "", "is_new": isNew,
            "inactive": !person.isActive,
            "roles": Role.allCases.map { role in
                [
                    "value": role.rawValue, "label": pages.word("role_\(role.rawValue)", context),
                    "checked": person.roles.contains(role),
                ] as [String: Any]
            },
            "order_roles": (vocabulary?.roles ?? [:]).sorted { $0.key < $1.key }
                .filter { !["agent", "shift_leader", "department"].contains($0.key) }.map { id, role in
                    ["value": id, "label": role.title, "checked": person.orderRoles.contains(id)] as [String: Any]
                },
            "units": (vocabulary?.departments ?? [:]).sorted { $0.key < $1.key }.map { id, title in
                ["value": id, "label": title, "selected": person.unit == id] as [String: Any]
            },
        ]
    }
}
