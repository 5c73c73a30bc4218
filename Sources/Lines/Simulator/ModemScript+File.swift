import Documents
import Foundation
import Media

extension ModemScript {
    /// A file that is longer is refused.
    private static let mostBytes = 1 << 20

    /// Reads a script and the WAV files that it names, which stand beside it.
    /// - Throws: `LineError` with code `.script` and every complaint, one a line, with file, line and column.
    package init(file path: String) throws(LineError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LineError(.script, "\(path): is not there or cannot be read; name a modem script (modems/scripts)")
        }
        guard data.count <= Self.mostBytes, let text = String(data: data, encoding: .utf8) else {
            throw LineError(.script, "\(path): is no UTF-8 text of at most \(Self.mostBytes) bytes; save it as such")
        }
        let folder = (path as NSString).deletingLastPathComponent
        try self.init(text: text, file: path) { name throws(MediaError) in
            let place = name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
            return try Self.samples(of: place)
        }
    }

    /// - Parameter read: 8,000 samples a second of a file that the script names.
    /// - Throws: `LineError` with code `.script`.
    package init(
        text: String, file: String, read: @escaping (String) throws(MediaError) -> [Int16]
    ) throws(LineError) {
        let diagnostics = Diagnostics()
        let root: Node
        do throws(DocumentError) {
            root = try Document.parse(text, file: file)
        } catch {
            throw LineError(.script, error.description)
        }
        let decoder = ModemScriptDecoder(diagnostics: diagnostics, read: read)
        let script = decoder.decode(
            root, name: ((file as NSString).lastPathComponent as NSString).deletingPathExtension)
        guard !diagnostics.hasErrors else {
            throw LineError(.script, diagnostics.errors.map(\.description).joined(separator: "\n"))
        }
        self = script
    }

    /// Only what a telephone carries: other rates and more channels are refused, not converted behind one's back.
    private static func samples(of path: String) throws(MediaError) -> [Int16] {
        let audio = try AudioFile(reading: path)
        guard audio.rate == 8000, audio.channels == 1 else {
            throw MediaError(
                .audioFile,
                "\(path): \(audio.rate) Hz in \(audio.channels) channels; the far end speaks 8,000 Hz, mono")
        }
        return audio.samples
    }
}
