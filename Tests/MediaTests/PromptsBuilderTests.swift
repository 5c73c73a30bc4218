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

    private func install(
        _ audio: AudioFile, as id: String, of catalog: inout PromptCatalog, voice: String = "v",
        keeping note: PromptVersions.Note? = nil
    ) throws -> PromptBuilder.Installed {
        let entry = try #require(catalog.entries.first { $0.id == id })
        return try builder.install(
            PreparedPrompt(audio, as: entry), as: id, of: &catalog, voice: voice, licence: "proprietary", keeping: note)
    }

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
        let milliseconds = try builder.render("greeting", of: &catalog, voice: voice).milliseconds
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
        _ = try install(recording, as: "long", of: &catalog, voice: "A. Speaker")
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
                try install(audio, as: "greeting", of: &catalog)
            }
        }
        let good = AudioFile(samples: PromptsFolder.tone(), rate: 8000)
        #expect(throws: MediaError.self) {
            try builder.install(
                PreparedPrompt(good, as: try #require(catalog.entries.first)), as: "none", of: &catalog, voice: "v",
                licence: "l")
        }
        #expect(try folder.catalogText() == Self.text)
    }

    @Test func whatWasThereIsKeptAndCanBeBroughtBack() throws {
        let (folder, voice) = try Self.folder()
        var catalog = try folder.catalog()
        let first = try builder.render("greeting", of: &catalog, voice: voice)
        let bytes = FileManager.default.contents(atPath: folder.path + "/greeting.wav")
        let low = AudioFile(samples: PromptsFolder.tone(300, seconds: 1), rate: 8000)
        let second = try install(
            low, as: "greeting", of: &catalog, voice: "A. Speaker", keeping: .init(by: "ops", at: 1_795_316_645_000_000)
        )
        #expect(second.formerSHA256 == first.sha256 && second.sha256 != first.sha256)
        let version = try #require(PromptVersions(catalog).all(of: "greeting").first)
        #expect(version.name == "greeting~20261122T030405Z~\(first.sha256.prefix(12))")
        #expect(version.voice == "model voice" && version.licence == "CC0-1.0" && version.replacedBy == "ops")
        // Neither is one of the catalog's files, nor of another prompt.
        let kinds = PromptCheck(sha256: PromptsFolder.digest).findings(in: catalog).map(\.kind)
        #expect(!kinds.contains(.unlisted) && !kinds.contains(.altered))
        #expect(PromptVersions(catalog).all(of: "greet").isEmpty)

        let back = try builder.bringBack(
            version.name, as: "greeting", of: &catalog, keeping: .init(by: "ops", at: 1_795_316_646_000_000))
        #expect(back.sha256 == first.sha256 && back.samples == first.samples)
        #expect(FileManager.default.contents(atPath: folder.path + "/greeting.wav") == bytes)
        let entry = try #require(catalog.entries.first)
        #expect(entry.voice == "model voice" && entry.sha256 == first.sha256)
        // Back and forth: each is kept once.
        let other = try #require(PromptVersions(catalog).all(of: "greeting").first { $0.sha256 == second.sha256 })
        for _ in 0..<3 {
            for name in [other.name, version.name] {
                _ = try builder.bringBack(
                    name, as: "greeting", of: &catalog, keeping: .init(by: "ops", at: 1_795_316_647_000_000))
            }
        }
        #expect(PromptVersions(catalog).all(of: "greeting").count == 2)
    }

    @Test func aVersionThatIsNotAsItWasKeptIsRefused() throws {
        let (folder, voice) = try Self.folder()
        var catalog = try folder.catalog()
        _ = try builder.render("greeting", of: &catalog, voice: voice)
        let note = PromptVersions.Note(by: "ops", at: 1_795_316_645_000_000)
        let low = AudioFile(samples: PromptsFolder.tone(300, seconds: 1), rate: 8000)
        _ = try install(low, as: "greeting", of: &catalog, keeping: note)
        let version = try #require(PromptVersions(catalog).all(of: "greeting").first)
        let text = try folder.catalogText()
        for name in ["", "greeting", "../greeting", "\(version.name).wav", ".."] {
            #expect(throws: MediaError.self) {
                try builder.bringBack(name, as: "greeting", of: &catalog, keeping: note)
            }
        }
        try folder.write(".earlier/\(version.name).wav", PromptsFolder.tone())
        let error = #expect(throws: MediaError.self) {
            try builder.bringBack(version.name, as: "greeting", of: &catalog, keeping: note)
        }
        #expect(error?.message.contains("not as it was kept") == true, "\(error?.message ?? "none")")
        #expect(try folder.catalogText() == text)
    }

    /// What a hand-written entry did not have is not there after it was brought back either.
    @Test func anUncreditedFileComesBackUncredited() throws {
        let (folder, _) = try Self.folder()
        try folder.write("greeting.wav", PromptsFolder.tone(seconds: 0.7))
        var catalog = try folder.catalog()
        let note = PromptVersions.Note(by: "ops", at: 1_795_316_645_000_000)
        _ = try install(
            AudioFile(samples: PromptsFolder.tone(300), rate: 8000), as: "greeting", of: &catalog, keeping: note)
        let version = try #require(PromptVersions(catalog).all(of: "greeting").first)
        _ = try builder.bringBack(version.name, as: "greeting", of: &catalog, keeping: note)
        let entry = try #require(catalog.entries.first)
        #expect(entry.voice == nil && entry.licence == nil && entry.textSHA256 == nil)
        #expect(entry.sha256 == version.sha256)
        let expected = Self.text.replacing(
            "    file: greeting.wav\n", with: "    file: greeting.wav\n    sha256: \"\(version.sha256)\"\n")
        #expect(try folder.catalogText() == expected)
    }

    /// Texts that YAML takes for ends of lines, or for the end of everything, stay texts.
    @Test(arguments: ["a\u{2028}b", "a\u{85}b", "x\u{FEFF}x", "x\u{FFFF}", "\u{202E}x", "\"\\'#: {}", "王\u{7F}"])
    func aVoiceMayBeNamedAnything(_ voice: String) throws {
        let (folder, _) = try Self.folder()
        var catalog = try folder.catalog()
        let audio = AudioFile(samples: PromptsFolder.tone(), rate: 8000)
        _ = try install(audio, as: "greeting", of: &catalog, voice: voice)
        _ = try install(audio, as: "long", of: &catalog, voice: voice)
        #expect(try folder.catalog().entries.prefix(2).map(\.voice) == [voice, voice])
        #expect(try folder.catalog().entries.map(\.line) == catalog.entries.map(\.line))
    }

    @Test func aClippedRecordingIsRefusedAndAClippedVoiceIsNot() throws {
        let (folder, _) = try Self.folder()
        var catalog = try folder.catalog()
        for rate in [8000, 16_000, 44_100, 48_000] {
            let loud = PromptsFolder.tone(200, level: 1, rate: rate).map {
                Int16(max(-32_768, min(32_767, Int($0) * 2)))
            }
            let error = #expect(throws: MediaError.self) {
                try install(AudioFile(samples: loud, rate: rate), as: "greeting", of: &catalog)
            }
            #expect(error?.message.contains("lower level") == true, "\(rate): \(error?.message ?? "none")")
            // As loud as can be, but whole.
            let whole = AudioFile(samples: PromptsFolder.tone(400, level: 1, rate: rate), rate: rate)
            #expect(PreparedPrompt(whole, as: try #require(catalog.entries.first)).refusal == nil, "\(rate)")
            try folder.write(".raw/loud.wav", loud, rate: rate)
            _ = try builder.render("long", of: &catalog, voice: Self.voice(copying: folder.path + "/.raw/loud.wav"))
        }
    }
}
