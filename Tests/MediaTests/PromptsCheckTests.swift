import Foundation
import Media
import Testing

/// Each fault is found, and named with file and advice; a sound catalog has none.
@Suite struct PromptsCheckTests {
    static func findings(
        _ samples: [Int16]?, rate: Int = 8000, channels: Int = 1, text: String = "您好", entry: String = "",
        extra: String? = nil
    ) throws -> [PromptFinding] {
        let folder = try PromptsFolder()
        if let samples { try folder.write("a.wav", samples, rate: rate, channels: channels) }
        if let extra { try folder.write(extra, PromptsFolder.tone()) }
        let path = folder.path + "/a.wav"
        let digest = PromptsFolder.digest(FileManager.default.contents(atPath: path).map(Array.init) ?? [])
        let keys = entry.isEmpty ? "    sha256: \"\(digest)\"\n    voice: A\n    licence: CC0-1.0\n" : entry
        try folder.write(catalog: "prompts:\n  - id: a\n    text: \"\(text)\"\n\(keys)")
        return try PromptCheck(maximumSeconds: 5, sha256: PromptsFolder.digest).findings(in: folder.catalog())
    }

    static let sound = PromptLevel.normalise(AudioFile(samples: PromptsFolder.tone(), rate: 8000))

    @Test func aSoundPromptHasNone() throws {
        #expect(try Self.findings(Self.sound) == [])
    }

    @Test func findsEachFault() throws {
        let square = (0..<8000).map { Int16($0 / 8 % 2 == 0 ? 32_767 : -32_768) }
        let long = PromptsFolder.tone(seconds: 5.5, level: 0.18)
        let digits = "    sha256: \"\(String(repeating: "0", count: 64))\"\n    voice: A\n    licence: CC0-1.0\n"
        let stale = "    text_sha256: \"\(String(repeating: "0", count: 64))\"\n    voice: A\n    licence: CC0-1.0\n"
        let cases: [(String, [PromptFinding], [PromptFinding.Kind])] = try [
            ("missing", Self.findings(nil), [.missing]),
            ("rate", Self.findings(Self.sound, rate: 16_000), [.wrongRate]),
            ("channels", Self.findings(Self.sound + Self.sound, channels: 2), [.wrongChannels]),
            ("silent", Self.findings(Array(repeating: 3, count: 4000)), [.silent]),
            ("clipped", Self.findings(square), [.clipped, .level]),
            ("quiet", Self.findings(PromptsFolder.tone(level: 0.02)), [.level]),
            ("long", Self.findings(long, text: "今天下午三点到五点停电"), [.tooLong]),
            ("length", Self.findings(Self.sound, text: "请按一请按二请按三请按四请按五"), [.length]),
            ("altered", Self.findings(Self.sound, entry: digits), [.altered]),
            ("stale", Self.findings(Self.sound, entry: stale), [.unhashed, .stale]),
            ("text", Self.findings(Self.sound, text: " "), [.emptyText]),
            ("credit", Self.findings(Self.sound, entry: "    voice: A\n"), [.unhashed, .uncredited]),
            ("unlisted", Self.findings(Self.sound, extra: "b.wav"), [.unlisted]),
        ]
        for (name, findings, kinds) in cases {
            #expect(findings.map(\.kind) == kinds, "\(name)")
            for finding in findings {
                #expect(!finding.message.isEmpty && !finding.advice.isEmpty)
                #expect(finding.file == (finding.kind == .unlisted ? "b.wav" : "a.wav"))
                #expect(finding.kind == .unlisted || finding.place?.hasSuffix("catalog.yaml:2") == true)
            }
        }
        let found = Set(cases.flatMap(\.2))
        #expect(Set(PromptFinding.Kind.allCases).subtracting(found) == [.unreadable])
    }

    @Test func aFileThatIsNoAudioIsUnreadable() throws {
        let folder = try PromptsFolder()
        try folder.write(catalog: "prompts:\n  - {id: a, text: 您好}\n")
        try "text".write(toFile: folder.path + "/a.wav", atomically: true, encoding: .utf8)
        let findings = try PromptCheck(sha256: PromptsFolder.digest).findings(in: folder.catalog())
        #expect(findings.map(\.kind) == [.unreadable] && findings.map(\.severity) == [.error])
    }
}
