import Foundation
import Media

/// The file that a test caller says, as a prompt store of one prompt (or none).
enum SpokenFile {
    /// - Parameters:
    ///   - path: any audio file; what is not 8 kHz mono is converted.
    ///   - folder: for the converted file.
    static func store(_ path: String?, in folder: URL) throws -> PromptStore {
        guard let path else {
            return try PromptStore(catalog: PromptCatalog(folder: folder.path, locale: "und", entries: []))
        }
        var audio = try AudioFile(reading: path)
        if audio.rate != PromptLevel.rate || audio.channels != 1 {
            audio = AudioFile(samples: PromptLevel.normalise(audio), rate: PromptLevel.rate)
        }
        guard !audio.samples.isEmpty else { throw CommandError("\(path): there is nothing in it to say") }
        try audio.writeWAV(to: folder.appendingPathComponent("say.wav").path)
        let entry = PromptCatalog.Entry(
            id: "say", text: path, spoken: nil, file: "say.wav", voice: nil, licence: nil, sha256: nil,
            textSHA256: nil, place: path, line: 1)
        return try PromptStore(catalog: PromptCatalog(folder: folder.path, locale: "und", entries: [entry]))
    }
}
