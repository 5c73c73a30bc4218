import Foundation

/// Where simulated modems have their ports, their sound and their recordings.
struct SimulatorFolder {
    let path: String
    private let isTemporary: Bool

    /// - Parameter named: nil: a folder of its own, short enough for the sound server's socket.
    /// - Throws: where it cannot be made.
    init(_ named: String?) throws {
        let url =
            named.map { URL(fileURLWithPath: $0) }
            ?? FileManager.default.temporaryDirectory.appendingPathComponent(
                "hotline-modems-\(UUID().uuidString.prefix(8))")
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw CommandError("\(url.path): cannot be made: \(error.localizedDescription)")
        }
        path = url.standardizedFileURL.path
        isTemporary = named == nil
    }

    /// A temporary folder goes, unless somebody heard something in it.
    func remove() {
        guard isTemporary else { return }
        do {
            let kept = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".wav") }
            guard kept.isEmpty else {
                print("recordings are in \(path)")
                return
            }
            try FileManager.default.removeItem(atPath: path)
        } catch {
            FileHandle.standardError.write(Data("hotline modem simulate: \(path) stays behind: \(error)\n".utf8))
        }
    }
}
