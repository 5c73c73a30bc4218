import Foundation
import Storage

/// Keeps two imports off one data folder.
public final class ImportLock: Sendable {
    private let lock: FileLock

    /// - Throws: `SwitchboardError` with code `.refused` where another import runs, or the file cannot be made.
    public init(_ folder: DataFolder) throws(SwitchboardError) {
        let path = "\(folder.path)/import.lock"
        do {
            lock = try FileLock(path)
        } catch {
            switch error {
            case .held: throw SwitchboardError(.refused, "another import into \(folder.path) is going on")
            case .failed(let number):
                throw SwitchboardError(
                    .refused, "\(path) cannot be opened and locked: \(String(cString: strerror(number)))")
            }
        }
    }
}
