import Foundation
import Media
import Testing

/// Rendering through a command, taking recordings, and the catalog that stays as people wrote it.
@Suite struct PromptsBuilderTests {
    static let text = """
        # Words of the hotline.
        prompts:
          # The first thing heard.
          - id: greeting
            text: 您好   # two characters
            file: greeting.wav

          - id: long
            text: >-
              请按一
              报修
            sha256: "\(String(repeating: "0", count: 64))"
            voice: old

          # Numbers.
          - {id: digit.1, text: 一}

        """
    let builder = PromptBuilder(sha256: PromptsFolder.digest)

    /// A voice that copies a file instead of speaking.
    static func voice(copying source: String) -> VoiceCommand {
        VoiceCommand(
            arguments: ["cp", source, "{out}"], voice: "x", credit: "model voice", licence: "CC0-1.0")
    }

    static func folder() throws -> (PromptsFolder, VoiceCommand) {
        let folder = try PromptsFolder()
        try folder.write(catalog: text)
        try FileManager.default.createDirectory(atPath: folder.path + "/.raw", withIntermediateDirectories: true)
        try folder.write(
            ".raw/source.wav", PromptsFolder.tone(500, seconds: 0.8, level: 0.05, rate: 24_000), rate: 24_000)
        return (folder, voice(copying: folder.path + "/.raw/source.wav"))
    }

    @Test func rendersWhatIsMissingOnce() throws {
        let (folder, voice) = try Self.folder()
        var catalog = try folder.catalog()
        #expect(try builder.plan(for: catalog, voice: voice).map(\.id) == ["greeting", "long", "digit.1"])
        let milliseconds = try builder.render("greeting", of: &catalog, voice: voice)
        #expect(abs(milliseconds - 950) < 20)
        let file = try AudioFile(reading: folder.path + "/greeting.wav")
        #expect(file.rate == 8000 && file.channels == 1)
        #expect(abs(PromptLevel.speechLevel(file.samples) - PromptLevel.target) < 0.6)
        #expect(try builder.plan(for: folder.catalog(), voice: voice).map(\.id) == ["long", "digit.1"])
        #expect(
            try builder.plan(for: catalog, voice: voice, asked: ["greeting"]).first
                == .init(id: "greeting", reason: .asked))
        #expect(throws: MediaError.self) { try builder.plan(for: catalog, voice: voice, asked: ["greting"]) }
    }

    @Test func theCatalogKeepsItsWordsAndOrder() throws {
        let (folder, voice) = try Self.folder()
        var catalog = try folder.catalog()
        _ = try builder.render("greeting", of: &catalog, voice: voice)
        _ = try builder.render("long", of: &catalog, voice: voice)
        let text = try folder.catalogText()
        let greeting = try #require(catalog.entries.first)
        #expect(greeting.voice == "model voice" && greeting.licence == "CC0-1.0")
        let expected = Self.text
            .replacing(
                "    file: greeting.wav\n",
                with: """
                        file: greeting.wav
                        voice: "model voice"
                        licence: "CC0-1.0"
                        sha256: "\(greeting.sha256 ?? "")"
                        text_sha256: "\(greeting.textSHA256 ?? "")"

                    """
            )
            .replacing(
                "    sha256: \"\(String(repeating: "0", count: 64))\"\n    voice: old\n",
                with: """
                        sha256: "\(catalog.entries[1].sha256 ?? "")"
                        voice: "model voice"
                        licence: "CC0-1.0"
                        text_sha256: "\(catalog.entries[1].textSHA256 ?? "")"

                    """
            )
        #expect(text == expected)
        #expect(PromptCheck(sha256: PromptsFolder.digest).findings(in: catalog).map(\.kind) == [.missing])
    }

    @Test func aChangedTextIsRenderedAnewUnlessAPersonSaidIt() throws {
        let (folder, voice) = try Self.folder()
        var catalog = try folder.catalog()
        _ = try builder.render("greeting", of: &catalog, voice: voice)
        let recording = AudioFile(samples: PromptsFolder.tone(600, seconds: 1, rate: 48_000), rate: 48_000)
        _ = try builder.install(recording, as: "long", of: &catalog, voice: "A. Speaker", licence: "proprietary")
        try folder.write(
            catalog: folder.catalogText()
                .replacing("您好 ", with: "您们好 ").replacing("报修", with: "故障报修"))
        catalog = try folder.catalog()
        #expect(
            try builder.plan(for: catalog, voice: voice)
                == [.init(id: "greeting", reason: .textChanged), .init(id: "digit.1", reason: .missing)])
        let kinds = PromptCheck(sha256: PromptsFolder.digest).findings(in: catalog).map(\.kind)
        #expect(kinds == [.stale, .stale, .missing])
    }

    @Test func anEntryInOneLineCannotBeEdited() throws {
        let (folder, voice) = try Self.folder()
        var catalog = try folder.catalog()
        let error = #expect(throws: MediaError.self) { try builder.render("digit.1", of: &catalog, voice: voice) }
        #expect(error?.message.contains("one `key: value` a line") == true, "\(error?.message ?? "none")")
        #expect(try folder.catalogText() == Self.text)
    }

    /// Commands that fail, and what the complaint holds.
    @Test(arguments: [
        (["no-such-voice-program"], 10, "is it installed"),
        (["false"], 10, "status 1"),
        (["ls", "/nonexistent-folder"], 10, "nonexistent-folder"),
        (["true"], 10, "wrote no file"),
        (["sleep", "20"], 1, "took more than 1 s"),
        (["cp", "/etc/hostname", "{out}"], 10, "cannot be read as audio"),
    ])
    func aFailingCommandChangesNothing(_ arguments: [String], _ limit: Int, _ complaint: String) throws {
        let (folder, _) = try Self.folder()
        var catalog = try folder.catalog()
        let voice = VoiceCommand(arguments: arguments, voice: "", credit: "c", licence: "l", timeoutSeconds: limit)
        let error = #expect(throws: MediaError.self) { try builder.render("greeting", of: &catalog, voice: voice) }
        #expect(error?.message.contains(complaint) == true, "\(error?.message ?? "none")")
        #expect(try folder.catalogText() == Self.text)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/greeting.wav"))
    }

    @Test func wordsOfATemplate() throws {
        #expect(
            try VoiceCommand.words(of: "say  -o {out} --voice '{voice}' \"{text}\" ''")
                == ["say", "-o", "{out}", "--voice", "{voice}", "{text}", ""])
        for bad in ["", "  ", "say {text}", "say {out}", "say \"{text} {out}"] {
            #expect(throws: MediaError.self) { try VoiceCommand.words(of: bad) }
        }
    }

    @Test func aTextIsOneArgumentWhateverItHolds() throws {
        let folder = try PromptsFolder()
        let voice = VoiceCommand(arguments: ["touch", "{text}", "{out}"], voice: "", credit: "", licence: "")
        let text = folder.path + "/a b; $(echo c) '\"{voice}"
        try voice.render(text, to: folder.path + "/out.wav")
        #expect(FileManager.default.fileExists(atPath: text))
    }

    @Test func recordingsThatCannotServeAreRefused() throws {
        let (folder, _) = try Self.folder()
        var catalog = try folder.catalog()
        let slow = AudioFile(samples: PromptsFolder.tone(rate: 6000), rate: 6000)
        let silent = AudioFile(samples: Array(repeating: 0, count: 8000), rate: 8000)
        for audio in [slow, silent] {
            #expect(throws: MediaError.self) {
                try builder.install(audio, as: "greeting", of: &catalog, voice: "v", licence: "l")
            }
        }
        let good = AudioFile(samples: PromptsFolder.tone(), rate: 8000)
        #expect(throws: MediaError.self) {
            try builder.install(good, as: "none", of: &catalog, voice: "v", licence: "l")
        }
        #expect(try folder.catalogText() == Self.text)
    }
}
