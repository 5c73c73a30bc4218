import Foundation
import Storage

/// Whether a server holds a data folder.
enum RunningServer {
    /// The holder's process number as its lock file names it; nil where the folder is free. 0: it cannot be read.
    static func process(_ folder: DataFolder) -> Int? {
        guard FileLock.isHeld(folder.lock) else { return nil }
        let text: String
        do {
            text = try String(contentsOfFile: folder.lock, encoding: .utf8)
        } catch {
            return 0
        }
        return Int(text.prefix { $0 != "\n" }) ?? 0
    }
}
