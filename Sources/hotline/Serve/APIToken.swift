import Foundation
import Storage

/// The secret that opens the running server's API to whoever may read the data folder.
enum APIToken {
    /// The token that is there, or a new one: 32 random bytes in hex, readable by the owner alone.
    /// - Throws: `CommandError` where the file can be neither read nor made.
    static func read(_ folder: DataFolder) throws -> String {
        do {
            if FileManager.default.fileExists(atPath: folder.apiToken) {
                let text = try String(contentsOfFile: folder.apiToken, encoding: .utf8)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
                guard text.utf8.count >= 32 else {
                    throw CommandError("\(folder.apiToken) holds no token; remove it, and the next start makes one")
                }
                return text
            }
            var random = SystemRandomNumberGenerator()
            let token = (0..<4).map { _ in hexadecimal(random.next()) }.joined()
            guard
                FileManager.default.createFile(
                    atPath: folder.apiToken, contents: Data((token + "\n").utf8), attributes: [.posixPermissions: 0o600]
                )
            else { throw CommandError("\(folder.apiToken) cannot be written") }
            return token
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError("\(folder.apiToken) cannot be read: \(error.localizedDescription)")
        }
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}

extension Server {
    /// Leaves the web side's address where commands on the same data folder find it.
    func publish(httpPort: Int) {
        let host = configuration.httpHost.contains(":") ? "[\(configuration.httpHost)]" : configuration.httpHost
        let file = DataFolder(dataFolder).httpAddress
        do {
            try Data("\(host):\(httpPort)\n".utf8).write(to: URL(fileURLWithPath: file))
            alarms.clear("http_address")
        } catch {
            alarms.raise(
                "http_address", "\(file) cannot be written, and commands to agents do not find the server: \(error)")
        }
    }
}
