import Foundation
import Glibc

/// A text-to-speech program, run once a prompt. No shell stands between: the template's words become the program's
/// arguments as they are.
public struct VoiceCommand: Sendable, Hashable {
    /// Program and arguments. In each, `{text}`, `{out}` and `{voice}` stand for the words to say, the WAV file to
    /// write and the voice.
    public var arguments: [String]
    /// What `{voice}` stands for.
    public var voice: String
    /// What the catalog says of audio made with it: model and voice.
    public var credit: String
    /// SPDX identifier of what that audio may be used under.
    public var licence: String
    /// The program is stopped after so long.
    public var timeoutSeconds: Int

    public init(arguments: [String], voice: String, credit: String, licence: String, timeoutSeconds: Int = 120) {
        self.arguments = arguments
        self.voice = voice
        self.credit = credit
        self.licence = licence
        self.timeoutSeconds = timeoutSeconds
    }

    /// Splits a template written in one line at its blanks; single or double quotes keep blanks in a word.
    /// - Throws: `MediaError` with code `.prompt` for an open quote, no program, or a missing `{text}` or `{out}`.
    public static func words(of template: String) throws(MediaError) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in template {
            if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if character == " " || character == "\t" {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let done = word { words.append(done) }
        guard quote == nil, !words.isEmpty else {
            throw MediaError(.prompt, "the voice command `\(template)` is empty or has an open quote")
        }
        for needed in ["{text}", "{out}"] where !words.contains(where: { $0.contains(needed) }) {
            throw MediaError(.prompt, "the voice command `\(template)` lacks \(needed)")
        }
        return words
    }

    /// Says `text` into a WAV file. Blocking, at most `timeoutSeconds` and a few seconds.
    /// - Throws: `MediaError` with code `.prompt`: cannot be started, failed (with the end of what it printed), took
    ///   too long, wrote no file.
    public func render(_ text: String, to path: String) throws(MediaError) {
        let words = arguments.map {
            $0.replacing("{out}", with: path).replacing("{voice}", with: voice).replacing("{text}", with: text)
        }
        let program = words.first ?? ""
        let log = path + ".log"
        guard FileManager.default.createFile(atPath: log, contents: nil),
            let output = FileHandle(forWritingAtPath: log)
        else { throw MediaError(.prompt, "\(log): cannot be written; check the temporary folder") }
        defer { unlink(log) }
        let process = Process()
        // env finds the program on the PATH.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        // A file, not a pipe: however much it prints, nobody has to read along.
        process.standardOutput = output
        process.standardError = output
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        do {
            try process.run()
        } catch {
            throw MediaError(.prompt, "the voice command `\(program)` cannot be started: \(error)")
        }
        if ended.wait(timeout: .now() + .seconds(timeoutSeconds)) == .timedOut {
            process.terminate()
            if ended.wait(timeout: .now() + .seconds(2)) == .timedOut {
                kill(process.processIdentifier, SIGKILL)
                ended.wait()
            }
            throw MediaError(
                .prompt, "the voice command `\(program)` took more than \(timeoutSeconds) s and was stopped")
        }
        let status = process.terminationStatus
        let printed = FileManager.default.contents(atPath: log).map { String(decoding: $0.suffix(800), as: UTF8.self) }
        guard status == 0 else {
            let advice = status == 127 ? "; is it installed and on the PATH?" : ""
            throw MediaError(
                .prompt, "the voice command `\(program)` ended with status \(status)\(advice): \(printed ?? "")")
        }
        guard FileManager.default.fileExists(atPath: path) else {
            throw MediaError(.prompt, "the voice command `\(program)` ended well but wrote no file: \(printed ?? "")")
        }
    }
}
