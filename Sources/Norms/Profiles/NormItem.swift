import Documents

/// One demand of the source documents and public norms, as the catalogue counts them (`norms/items.yaml`): what a rule
/// answers, or why none does.
public struct NormItem: Sendable, Hashable {
    /// `A2`, `A14-rings`, `B1`.
    public var id: String
    /// The catalogue's section: `A1`.
    public var section: String
    /// What is demanded, in short, with document and clause: `… 002 服务规范 1.`
    public var text: String
    /// Where it is data or behaviour of the program rather than a rule of a profile: what that is.
    public var heldBy: String?
    /// Why the program has nothing for it.
    public var notApplicable: String?
    /// Names of test suites that show it.
    public var tests: [String]

    /// `A` or `B` with a number, and a word behind a dash.
    static func isID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let head = parts.first, let letter = head.first, letter == "A" || letter == "B",
            let number = Int(head.dropFirst()), (1...999).contains(number)
        else { return false }
        return parts.count == 1 || NormDecoder.isWord(String(parts[1]))
    }
}

/// All items, and what is known of each measure's tests.
public struct NormItems: Sendable, Hashable {
    public var sections: [(id: String, title: String)] { titles.map { ($0.id, $0.title) } }
    private let titles: [Section]
    public let items: [NormItem]
    /// Names of test suites, by measure.
    public let tests: [NormMeasure: [String]]

    private struct Section: Sendable, Hashable {
        let id: String
        let title: String
    }

    /// Reads the catalogue.
    /// - Throws: everything wrong with it, each with its place.
    public static func decode(_ text: String, file: String) throws(DocumentErrors) -> NormItems {
        let node: Node
        do throws(DocumentError) {
            node = try Document.parse(text, file: file)
        } catch {
            throw DocumentErrors([error])
        }
        let diagnostics = Diagnostics()
        let reader = MappingReader(node, "the catalogue", diagnostics)
        var tests: [NormMeasure: [String]] = [:]
        for entry in reader.optionalNode("tests")?.entries ?? [] {
            guard let measure = NormMeasure(rawValue: entry.key) else {
                diagnostics.add(
                    error: entry.value.error(
                        .badValue, "there is no measure \"\(entry.key.prefix(60))\"",
                        advice: Names.advice(for: entry.key, in: NormMeasure.allCases.map(\.rawValue))))
                continue
            }
            tests[measure] = (entry.value.items ?? [entry.value]).compactMap(\.text)
        }
        var titles: [Section] = []
        var items: [NormItem] = []
        var ids: [String: Int] = [:]
        for node in reader.node("sections")?.items ?? [] {
            let section = MappingReader(node, "a section", diagnostics)
            guard let id = section.string("id"), let title = section.string("title") else { continue }
            titles.append(Section(id: id, title: title))
            for item in section.node("items")?.items ?? [] {
                let one = MappingReader(item, "an item of \(id)", diagnostics)
                guard let item = Self.item(one, section: id) else { continue }
                if let first = ids.updateValue(one.node.position.line, forKey: item.id) {
                    one.complain(about: "id", "the item \(item.id) stands twice, first in line \(first)")
                }
                items.append(item)
            }
            section.finish()
        }
        reader.finish()
        try diagnostics.throwErrors()
        return NormItems(titles: titles, items: items, tests: tests)
    }

    private static func item(_ reader: MappingReader, section: String) -> NormItem? {
        let id = reader.string("id")
        let text = reader.string("text")
        let heldBy = reader.optionalString("held_by")
        let notApplicable = reader.optionalString("not_applicable")
        let tests = reader.strings("tests")
        reader.finish()
        if let id, !NormItem.isID(id) { reader.complain(about: "id", "\"\(id.prefix(20))\" is no item") }
        if heldBy != nil, notApplicable != nil {
            reader.complain(about: "not_applicable", "what the program holds is applicable: leave one of the two out")
        }
        if heldBy != nil, tests.isEmpty {
            reader.complain(
                about: "tests", .missingKey, "\"tests\" is missing in \(reader.place)",
                advice: "Name the test suite that shows what `held_by` says")
        }
        guard let id, let text else { return nil }
        return NormItem(
            id: id, section: section, text: text, heldBy: heldBy, notApplicable: notApplicable,
            tests: tests)
    }
}
