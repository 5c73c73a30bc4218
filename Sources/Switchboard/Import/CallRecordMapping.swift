import Calls
import Documents
import Foundation

/// How another telephone system's file of call records (CDR) is to be read, so that its recordings find their calls. Read
/// from a mapping file (`imports/` has those of Asterisk, FreePBX and FreeSWITCH; docs/exchange.md tells the keys).
public struct CallRecordMapping: Sendable {
    /// How a record names its recording.
    enum Match: String, Sendable, CaseIterable {
        /// By the file's name, with or without its ending, or by its path below the folder.
        case name
        /// By a part of the file's name between `-`, `_` and spaces, such as Asterisk's unique id.
        case part
    }

    private static let required = ["file", "caller", "called", "begin", "seconds"]
    private static let optional = ["answered", "id", "disposition", "agent", "direction"]
    /// Whose voice a channel of a stereo file may carry.
    private static let roles = ["caller", "agent", "customer", "system"]

    /// What the recordings are marked with.
    public let system: String
    let columns: ColumnMapping
    let match: Match
    /// Where the files lay on the other machine: taken off names that are whole paths. Without a slash at its end.
    let strip: String?
    /// Of the left and the right channel.
    let channels: [String]
    let direction: Direction
    /// What stands in the column `direction`, and what it means.
    let directions: [String: Direction]
    /// Dispositions of calls that were answered; empty: every record is one.
    let answered: Set<String>
    /// Whether a file much shorter or longer than its record says is refused.
    let checksLength: Bool

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
        system = reader.string("system") ?? ""
        let isPlain = system.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (48...57).contains(byte) || byte == 45
        }
        if reader.has("system"), !isPlain || !(1...32).contains(system.utf8.count) {
            reader.complain(about: "system", "system must be 1 to 32 lower-case letters, digits and dashes")
        }
        match = reader.choice("match", default: .name)
        var strip = reader.optionalString("strip")
        if let given = strip, !given.hasPrefix("/") || given.contains("..") {
            reader.complain(about: "strip", "strip must be a whole path, such as /var/spool/asterisk/monitor")
        }
        while let given = strip, given.count > 1, given.hasSuffix("/") { strip = String(given.dropLast()) }
        self.strip = strip
        channels = reader.strings("channels", default: ["caller", "agent"])
        if channels.count != 2 || !channels.allSatisfy(Self.roles.contains) {
            reader.complain(
                about: "channels", "channels must be two of \(Self.roles.joined(separator: ", ")): left, right")
        }
        direction = reader.choice("direction", default: .inbound)
        var directions: [String: Direction] = [:]
        for (word, text, node) in reader.stringMap("directions") {
            if let direction = Direction(rawValue: text) {
                directions[word] = direction
            } else {
                diagnostics.add(error: node.error(.badValue, "\(word) must be inbound, outbound or internal"))
            }
        }
        self.directions = directions
        answered = Set(reader.strings("answered"))
        checksLength = reader.bool("check_length", default: true)
        columns = ColumnMapping(reader, required: Self.required, optional: Self.optional)
        if !answered.isEmpty, !columns.has("disposition") {
            reader.complain(about: "answered", "answered needs the column disposition")
        }
        if !directions.isEmpty, !columns.has("direction") {
            reader.complain(about: "directions", "directions needs the column direction")
        }
        reader.finish()
        try diagnostics.throwErrors()
    }
}
