import Foundation
import Media
import Testing

/// Reading catalogs, and every complaint about one.
@Suite struct PromptsCatalogTests {
    @Test func readsEntriesInOrder() throws {
        let folder = try PromptsFolder()
        try folder.write(
            catalog: """
                # The hotline's words.
                locale: zh-CN
                prompts:
                  - id: greeting
                    text: 您好
                    file: g/greeting.wav
                    voice: A. Speaker
                    licence: CC0-1.0
                  - text: "一"
                    id: digit.1
                    spoken: 幺
                """)
        let catalog = try folder.catalog()
        #expect(catalog.locale == "zh-CN")
        #expect(catalog.entries.map(\.id) == ["greeting", "digit.1"])
        #expect(catalog.entries.map(\.text) == ["您好", "一"])
        #expect(catalog.entries.map(\.words) == ["您好", "幺"])
        #expect(catalog.entries.map(\.file) == ["g/greeting.wav", "digit.1.wav"])
        #expect(catalog.entries[0].voice == "A. Speaker" && catalog.entries[0].licence == "CC0-1.0")
        #expect(catalog.entries[1].place.hasSuffix("catalog.yaml:9"))
        #expect(catalog.path(of: catalog.entries[0]) == folder.path + "/g/greeting.wav")
    }

    /// An entry, and what the complaint holds.
    @Test(arguments: [
        ("prompts: 5", "prompts must be a list"),
        ("promts: []", "unknown key \"promts\""),
        ("locale: zh-CN", "\"prompts\" is missing"),
        ("prompts:\n  - text: a", "catalog.yaml:2:5: \"id\" is missing"),
        ("prompts:\n  - id: a", "\"text\" is missing"),
        ("prompts:\n  - id: A B\n    text: x", "is no prompt id"),
        ("prompts:\n  - id: a\n    text: x\n    fiel: y", "unknown key \"fiel\" in prompt \"a\""),
        ("prompts:\n  - id: a\n    text: x\n    file: ../a.wav", "below the catalog's folder"),
        ("prompts:\n  - id: a\n    text: x\n    file: /etc/a.wav", "below the catalog's folder"),
        ("prompts:\n  - id: a\n    text: x\n    file: a.txt", "below the catalog's folder"),
        ("prompts:\n  - id: a\n    text: x\n    sha256: 12", "64 hex digits"),
        ("prompts:\n  - id: a\n    text: x\n  - id: a\n    text: y", "stands twice (first in line 2)"),
        ("prompts:\n  - id: a\n    text: x\n  - id: b\n    file: a.wav\n    text: y", "have the same file"),
        ("prompts: [", "not YAML"),
        ("", "empty"),
    ])
    func refuses(_ text: String, _ complaint: String) throws {
        let folder = try PromptsFolder()
        try folder.write(catalog: text)
        let error = #expect(throws: MediaError.self) { try folder.catalog() }
        #expect(error?.code == .prompt)
        #expect(error?.message.contains(complaint) == true, "\(error?.message ?? "none")")
    }

    @Test func aMissingCatalogIsNamed() throws {
        let folder = try PromptsFolder()
        let error = #expect(throws: MediaError.self) { try folder.catalog() }
        #expect(error?.message.contains(folder.path + "/catalog.yaml is not there") == true)
    }
}
