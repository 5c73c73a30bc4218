import Calls
import Foundation
import Storage
import WorkOrders

/// The fields of orders' forms, drawn by what the vocabulary says that each holds: for steps of an order that is there, and for
/// one that is made of a call. Their template is `order-input`.
struct OrderInputs: Sendable {
    /// What a form wants of one field.
    struct Wanted {
        var key: String
        /// For the label; unique on the page.
        var id: String
        var isNeeded: Bool
        /// What was typed already.
        var typed: String?
        /// What stands there before anything is typed.
        var preset: String?
        /// A text of some length is expected.
        var isLong = false
    }

    let pages: Pages
    let library: OrderLibrary

    private var vocabulary: OrderVocabulary { library.vocabulary }

    func title(of key: String) -> String { vocabulary.fields[key]?.title ?? key }

    /// A choice's value in words, where there are some.
    func word(ofValue value: String, _ language: Language) -> String {
        pages.site.words[language]["value_\(value)"] ?? value
    }

    /// What the template wants.
    func fields(of wanted: Wanted, _ language: Language) -> [String: Any] {
        let value = wanted.typed ?? wanted.preset ?? ""
        var fields: [String: Any] = [
            "key": wanted.key, "input_id": wanted.id, "label": title(of: wanted.key), "needed": wanted.isNeeded,
            "value": value, "rows": wanted.isLong ? 3 : 1, "is_choice": false, "is_instant": false,
            "is_number": false, "is_text": false, "options": [[String: Any]](), "groups": [[String: Any]](),
            "is_missing": false, "is_hidden": false, "in": "", "cell": "", "hints": [[String: Any]](),
        ]
        func option(_ id: String, _ label: String) -> [String: Any] {
            ["value": id, "label": label, "selected": id == value]
        }
        switch vocabulary.fields[wanted.key]?.kind {
        case .choice(let values):
            fields["is_choice"] = true
            fields["options"] = values.map { option($0, word(ofValue: $0, language)) }
        case .department:
            fields["is_choice"] = true
            fields["options"] = vocabulary.departments.sorted { $0.key < $1.key }.map { option($0.key, $0.value) }
        case .item:
            fields["is_choice"] = true
            fields["groups"] = library.taxonomies.values.sorted { $0.id < $1.id }.flatMap { taxonomy in
                taxonomy.classes.map { kind in
                    [
                        "label": "\(taxonomy.title) · \(kind.title)",
                        "options": kind.items.map { option("\(taxonomy.id)/\($0.id)", $0.title) },
                    ] as [String: Any]
                }
            }
        case .instant: fields["is_instant"] = true
        case .number: fields["is_number"] = true
        default: fields["is_text"] = true
        }
        return fields
    }

    /// What a form sent as `field_…`, as a step takes it; empty ones are left out.
    /// - Throws: `Problem` 400 for what is too long, or no time.
    func values(of form: Form) throws -> [String: String] {
        var values = try form.fields(beginning: "field_")
        for (key, text) in values where vocabulary.fields[key]?.kind == .instant {
            guard let moment = pages.site.moment(text) else {
                throw Problem(.badRequest, "\(quoted(key)): 2026-11-28T09:30")
            }
            values[key] = String(moment.microseconds)
        }
        return values
    }
}
