import Calls
import Foundation
import Storage
import Switchboard
import WorkOrders

/// What the form of a new order asks: for each category what the first step of its life wants, as the data say it.
struct IntakeForm: Sendable {
    /// What a call makes an order of.
    struct Category: Sendable {
        var id: String
        /// Before the first step.
        var life: OrderLife
        var accept: OrderLifeRules.Step

        /// Fields in the life's order: what is always needed, what may be, what is taken. The call's own recording is
        /// linked by itself.
        var fields: [(key: String, isNeeded: Bool)] {
            let always = accept.needs.filter(\.condition.terms.isEmpty).flatMap(\.fields)
            let sometimes = accept.needs.filter { !$0.condition.terms.isEmpty }.flatMap(\.fields)
            var known: Set<String> = ["recording"]
            return (always.map { ($0, true) } + (sometimes + accept.takes).map { ($0, false) })
                .filter { known.insert($0.0).inserted }
        }
    }

    /// What somebody typed, to be shown again.
    struct Typed: Sendable {
        var category = ""
        var role = ""
        var fields: [String: String] = [:]
        /// Fields that are needed and were not given.
        var missing: Set<String> = []

        init() {}

        init(_ form: Form) {
            category = form["category"]
            role = form["role"]
            fields = form.typed(beginning: "field_")
        }
    }

    let categories: [Category]
    private let inputs: OrderInputs

    /// - Parameter roles: those in which the person may do steps; what none of them accepts is not offered.
    init(_ rules: OrderRulebook, roles: Set<String>, pages: Pages) {
        inputs = OrderInputs(pages: pages, library: rules.library)
        categories = Self.order.compactMap { category in
            guard let known = rules.library.life(of: category.rawValue), let accept = known.acceptance,
                let life = OrderLife(rules: known, policy: rules.policy, category: category.rawValue)
            else { return nil }
            let doers = life.doers(of: accept)
            guard doers.isEmpty || !roles.isDisjoint(with: doers) else { return nil }
            return Category(id: category.rawValue, life: life, accept: accept)
        }
    }

    /// As they are offered.
    private static let order: [OrderCategory] = [
        .complaint, .report, .fault, .business, .consultation, .suggestion, .information, .callback,
    ]

    func category(_ id: String) -> Category? { categories.first { $0.id == id } }

    /// Those of a person's roles that accept orders of some category, the agent's first.
    func roles(of all: Set<String>) -> [String] {
        let doers = categories.map { $0.life.doers(of: $0.accept) }
        return all.filter { role in doers.contains { $0.isEmpty || $0.contains(role) } }.sorted()
    }

    func title(ofRole id: String) -> String { inputs.library.vocabulary.roles[id]?.title ?? id }

    func title(of field: String) -> String { inputs.title(of: field) }

    /// What the form sent for a category; fields of other categories, which it had hidden, are left out.
    /// - Throws: `Problem` 400 for what is too long, or no time.
    func values(of form: Form, for category: Category) throws -> [String: String] {
        let known = Set(category.fields.map(\.key))
        return try inputs.values(of: form).filter { known.contains($0.key) }
    }

    // MARK: drawing

    /// Every category's fields, each once: those of the chosen one are shown, in its order.
    /// - Parameter presets: what the call itself, or the utility's system, says.
    func rows(_ typed: Typed, presets: [String: String], _ language: Language) -> [[String: Any]] {
        let chosen = category(typed.category)
        var keys: [String] = []
        for category in [chosen].compactMap(\.self) + categories {
            keys += category.fields.map(\.key).filter { !keys.contains($0) }
        }
        let needed = Set((chosen?.fields ?? []).filter(\.isNeeded).map(\.key))
        let shown = Set((chosen?.fields ?? []).map(\.key))
        return keys.map { key in
            let isText = inputs.library.vocabulary.fields[key]?.kind == .text
            // What a category asks first is what the caller has to say.
            let isLong = isText && categories.contains { $0.fields.first?.key == key }
            var row = inputs.fields(
                of: OrderInputs.Wanted(
                    key: key, id: "f-\(key)", isNeeded: needed.contains(key), typed: typed.fields[key],
                    preset: accepted(presets[key], for: key), isLong: isLong), language)
            row["in"] = places(of: key)
            row["is_hidden"] = !shown.contains(key)
            row["is_missing"] = typed.missing.contains(key)
            row["cell"] = isLong ? "col-12" : "col-sm-6"
            row["hints"] = hints(of: key, chosen?.id, language)
            return row
        }
    }

    /// Another system's word is taken where the vocabulary lets it stand.
    private func accepted(_ preset: String?, for key: String) -> String? {
        guard let preset, let field = inputs.library.vocabulary.fields[key], field.kind != .instant,
            inputs.library.vocabulary.objection(to: preset, for: field) == nil
        else { return nil }
        return preset
    }

    /// For the page's script, which shows the fields of the category that is chosen: `complaint=1n fault=3`, the field's place
    /// in each, and whether it is needed there.
    private func places(of key: String) -> String {
        categories.compactMap { category in
            guard let index = category.fields.firstIndex(where: { $0.key == key }) else { return nil }
            return "\(category.id)=\(index + 1)\(category.fields[index].isNeeded ? "n" : "")"
        }.joined(separator: " ")
    }

    /// When a field is needed after all, by category.
    private func hints(of key: String, _ chosen: String?, _ language: Language) -> [[String: Any]] {
        categories.flatMap { category in
            category.accept.needs.filter { !$0.condition.terms.isEmpty && $0.fields.contains(key) }.map { need in
                let terms = need.condition.terms.map { term in
                    let values = term.values.map { inputs.word(ofValue: $0, language) }.joined(separator: " / ")
                    return "\(inputs.title(of: term.key))：\(values)"
                }
                return [
                    "in": "\(category.id)=1", "is_hidden": category.id != chosen,
                    "text": inputs.pages.site.words[language, "desk_needed_where"] + " " + terms.joined(separator: "；"),
                ] as [String: Any]
            }
        }
    }
}
