import Documents
import Foundation

/// How a carrier's file of call records (话单) is to be read: which column is what. Read from a mapping file
/// (packaging/carrier-columns.yaml shows one).
public struct CarrierColumns: Sendable {
    let mapping: ColumnMapping
    /// The file has calls that nobody answered, too.
    public let listsUnanswered: Bool

    /// - Parameters:
    ///   - text: YAML.
    ///   - file: its name, for complaints.
    /// - Throws: everything that is wrong, with its place.
    public init(_ text: String, file: String) throws(DocumentErrors) {
        let root: Node
        do {
            root = try Document.parse(text, file: file)
        } catch {
            throw DocumentErrors([error])
        }
        let diagnostics = Diagnostics()
        let reader = MappingReader(root, "the mapping", diagnostics)
        listsUnanswered = reader.bool("lists_unanswered", default: false)
        mapping = ColumnMapping(reader, required: ["caller", "called", "begin", "seconds"])
        reader.finish()
        try diagnostics.throwErrors()
    }
}
