import Evidence
import Foundation

/// The key that signs a store's anchors: an Ed25519 seed in the data folder, readable by its owner alone. Losing it
/// harms no anchor made before; a new one only means a new public key for the auditor.
public enum AnchorKey {
    /// Reads the key, or makes one at the first use.
    /// - Returns: 32 bytes for `Anchor(heads:wall:node:privateKey:)`.
    /// - Throws: `StorageError` with code `.folder` where the file cannot be read, made or understood.
    public static func loadOrMake(_ folder: DataFolder) throws(StorageError) -> [UInt8] {
        let path = folder.anchorKey
        if !FileManager.default.fileExists(atPath: path) {
            var generator = SystemRandomNumberGenerator()
            let seed = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            try make(path, seed)
        }
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let digits = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
            guard let seed = Hexadecimal.bytes(digits), seed.count == 32 else {
                throw StorageError(.folder, "\(path) holds no Ed25519 seed (64 hexadecimal digits)")
            }
            return seed
        } catch let error as StorageError {
            throw error
        } catch {
            throw StorageError(.folder, "\(path) cannot be read", underlying: "\(error)")
        }
    }

    /// Written under another name first, so that two programs at once do not read half a key.
    private static func make(_ path: String, _ seed: [UInt8]) throws(StorageError) {
        let partial = "\(path).\(getpid())"
        let content = Data((Hexadecimal.text(seed) + "\n").utf8)
        let files = FileManager.default
        guard files.createFile(atPath: partial, contents: content, attributes: [.posixPermissions: 0o600]) else {
            throw StorageError(.folder, "\(partial) cannot be made")
        }
        // A link fails where the name exists: whoever came first made the key.
        let linked = link(partial, path) == 0 || errno == EEXIST
        let failure = errno
        unlink(partial)
        guard linked else { throw StorageError(.folder, "\(path) cannot be made", underlying: systemMessage(failure)) }
        try synchronizeFolder(folder(of: path))
    }

    private static func folder(of path: String) -> String { (path as NSString).deletingLastPathComponent }
}
