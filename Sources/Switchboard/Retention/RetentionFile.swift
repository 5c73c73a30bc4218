import Calls
import Documents
import Norms
import Storage

/// The retention policy as it stood on the disk when it was read.
public struct RetentionFile: Sendable {
    public let path: String
    public let policy: RetentionPolicy
    /// What should be mended, though it stops nothing; one each, with its place.
    public let warnings: [DocumentError]

    /// - Throws: everything wrong with it, in the file's order.
    public init(path: String) throws(DocumentErrors) {
        self.path = path
        switch RosterSource.read(path) {
        case .text(let text, _):
            (policy, warnings) = try RetentionPolicy.decode(text, file: path, known: Self.vocabulary)
        case .unreadable(let why):
            let error = DocumentError(
                .unreadable, file: path, line: 0, column: 0, message: why,
                advice: "Name the retention policy (docs/retention.md)")
            throw DocumentErrors([error])
        }
    }

    /// What the conditions of its rules may say.
    package static var vocabulary: RetentionPolicy.Vocabulary {
        RetentionPolicy.Vocabulary(
            outcomes: Outcome.allCases.map(\.rawValue), marks: RecordingFilter.marks,
            purposes: [RecordingPlanned.usualPurpose, "consultation"], directions: Direction.allCases.map(\.rawValue))
    }
}
