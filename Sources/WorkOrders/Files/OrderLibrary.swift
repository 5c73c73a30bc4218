import Documents
import Norms

/// A data file's name, for messages, and its text.
public struct OrderFile: Sendable, Hashable {
    public var name: String
    public var text: String

    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

/// All that is known about orders as data: `norms/orders/*.yaml` (docs/orders.md).
public struct OrderLibrary: Sendable, Hashable {
    public internal(set) var vocabulary: OrderVocabulary
    /// By id.
    public internal(set) var lives: [String: OrderLifeRules] = [:]
    public internal(set) var taxonomies: [String: OrderTaxonomy] = [:]
    public internal(set) var routings: [String: OrderRouting] = [:]
    public internal(set) var policies: [String: OrderPolicy] = [:]
    public internal(set) var repeats: RepeatRules?

    /// The life that orders of a category have.
    public func life(of category: String) -> OrderLifeRules? {
        lives.values.first { $0.categories.contains(category) }
    }

    /// Reads and checks everything: the files' own form, names across files, and each life by itself and under each policy.
    /// - Parameter profiles: those whose rules policies name.
    /// - Throws: everything wrong, each with file, line and key.
    public static func decode(
        _ files: [OrderFile], profiles: [NormProfile]
    ) throws(DocumentErrors) -> OrderLibrary {
        var decoder = LibraryDecoder(profiles: profiles)
        decoder.read(files)
        guard let library = decoder.library, decoder.problems.isEmpty else {
            throw DocumentErrors(decoder.problems)
        }
        return library
    }
}

extension DocumentError.Code {
    /// A name that no file defines.
    public static let unknownName = DocumentError.Code("unknown_name")
    /// A life that an order could be caught in, or lost.
    public static let badLife = DocumentError.Code("bad_life")
}

/// Reads the files in the order in which they need each other.
struct LibraryDecoder {
    let profiles: [NormProfile]
    let diagnostics = Diagnostics()
    var library: OrderLibrary?

    private enum Kind: String, CaseIterable {
        case vocabulary, taxonomy, common, life, routing, repeats, policy
    }

    private struct Source {
        var kind: Kind
        var reader: MappingReader
    }

    /// Sorted by file and place, each once: what is wrong in the common steps would be said for every life.
    var problems: [DocumentError] {
        var seen: Set<DocumentError> = []
        return diagnostics.errors.filter { seen.insert($0).inserted }
            .sorted { ($0.file, $0.line, $0.column, $0.message) < ($1.file, $1.line, $1.column, $1.message) }
    }

    mutating func read(_ files: [OrderFile]) {
        var sources: [Source] = []
        for file in files {
            do throws(DocumentError) {
                let node = try Document.parse(file.text, file: file.name)
                let reader = MappingReader(node, "the file", diagnostics)
                guard let kind = reader.optionalChoice("kind", of: Kind.self) else {
                    if !reader.has("kind") {
                        reader.complain(
                            about: "kind", .missingKey, "\"kind\" is missing",
                            advice: "Write `kind:` and one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
                    }
                    continue
                }
                sources.append(Source(kind: kind, reader: reader))
            } catch {
                diagnostics.add(error: error)
            }
        }
        func all(_ kind: Kind) -> [MappingReader] { sources.filter { $0.kind == kind }.map(\.reader) }
        let vocabularies = all(.vocabulary)
        guard let first = vocabularies.first else {
            if !diagnostics.hasErrors {
                diagnostics.add(
                    error: DocumentError(
                        .missingKey, file: files.first?.name ?? "norms/orders", line: 0, column: 0,
                        message: "no file is `kind: vocabulary`"))
            }
            return
        }
        only(one: vocabularies, "vocabulary")
        var library = OrderLibrary(vocabulary: VocabularyDecoder.read(first))
        for reader in all(.taxonomy) {
            guard let taxonomy = TaxonomyDecoder.read(reader, library.vocabulary) else { continue }
            if library.taxonomies.updateValue(taxonomy, forKey: taxonomy.id) != nil { taken(reader, "taxonomy") }
            for item in taxonomy.items { library.vocabulary.items["\(taxonomy.id)/\(item.id)"] = item.topic }
        }
        only(one: all(.common), "common")
        let policies = all(.policy)
        for reader in all(.life) {
            let decoder = LifeDecoder(vocabulary: library.vocabulary, common: all(.common).first, reader: reader)
            guard let life = decoder.read() else { continue }
            if library.lives.updateValue(life, forKey: life.id) != nil { taken(reader, "life") }
        }
        all(.common).first?.finishAll()
        for reader in all(.routing) {
            guard let routing = RoutingDecoder.read(reader, library) else { continue }
            if library.routings.updateValue(routing, forKey: routing.id) != nil { taken(reader, "routing") }
        }
        only(one: all(.repeats), "repeats")
        library.repeats = all(.repeats).first.flatMap { RoutingDecoder.repeats($0) }
        for reader in policies {
            guard let policy = PolicyDecoder.read(reader, library, profiles) else { continue }
            if library.policies.updateValue(policy, forKey: policy.id) != nil { taken(reader, "policy") }
        }
        self.library = library
    }

    private func taken(_ reader: MappingReader, _ kind: String) {
        reader.complain(about: "id", "the id is taken by another \(kind)")
    }

    private func only(one readers: [MappingReader], _ kind: String) {
        for reader in readers.dropFirst() { reader.complain(about: "kind", "there can be one \(kind) file only") }
    }
}

extension MappingReader {
    /// Common steps are read once for each life; their keys have been asked for by then.
    fileprivate func finishAll() { finish() }
}
