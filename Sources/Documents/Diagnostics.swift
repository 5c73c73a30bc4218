/// Collects what is wrong in a data file, so that its author sees every complaint at once and not one a run.
///
/// A reference, because readers of nested mappings share it; used by one thread.
public final class Diagnostics {
    private var collectedErrors: [DocumentError] = []
    private var collectedWarnings: [DocumentError] = []
    /// Complaints beyond this many are counted only: a file of garbage gives no megabytes of messages.
    private static let most = 200
    /// Errors that were not kept.
    public private(set) var suppressed = 0

    public init() {}

    /// Sorted by place.
    public var errors: [DocumentError] { Self.sorted(collectedErrors) }
    /// Sorted by place. A warning stops nothing.
    public var warnings: [DocumentError] { Self.sorted(collectedWarnings) }
    public var hasErrors: Bool { !collectedErrors.isEmpty }

    public func add(error: DocumentError) {
        guard collectedErrors.count < Self.most else {
            suppressed += 1
            return
        }
        collectedErrors.append(error)
    }

    public func add(warning: DocumentError) {
        guard collectedWarnings.count < Self.most else {
            suppressed += 1
            return
        }
        collectedWarnings.append(warning)
    }

    /// Throws everything collected, where there is an error.
    public func throwErrors() throws(DocumentErrors) {
        guard hasErrors else { return }
        throw DocumentErrors(errors)
    }

    private static func sorted(_ problems: [DocumentError]) -> [DocumentError] {
        problems.sorted { ($0.line, $0.column, $0.message) < ($1.line, $1.column, $1.message) }
    }
}
