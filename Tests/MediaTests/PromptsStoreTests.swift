import Foundation
import Media
import Testing

/// The prompts as the media thread has them.
@Suite struct PromptsStoreTests {
    static let text = "prompts:\n  - {id: one, text: 一}\n  - {id: two, text: 二}\n"

    @Test func holdsEveryPromptInBothLaws() throws {
        let folder = try PromptsFolder()
        try folder.write(catalog: Self.text)
        let one = PromptsFolder.tone(440, seconds: 0.1)
        let two = PromptsFolder.tone(900, seconds: 0.2006)
        try folder.write("one.wav", one)
        try folder.write("two.wav", two)
        let store = try PromptStore(catalog: folder.catalog())
        #expect(store.ids == ["one", "two"] && store.faults.isEmpty)
        for (id, samples, milliseconds) in [("one", one, 100), ("two", two, 201)] {
            let index = try #require(store.index(of: id))
            let aLaw = store.bytes(index, codec: .pcma).elementsEqual(samples.map(G711.aLaw))
            let uLaw = store.bytes(index, codec: .pcmu).elementsEqual(samples.map(G711.uLaw))
            #expect(aLaw && uLaw, "\(id)")
            #expect(store.milliseconds(of: index) == milliseconds)
        }
        #expect(store.text(of: try #require(store.index(of: "two"))) == "二")
    }

    @Test func knowsNothingElse() throws {
        let folder = try PromptsFolder()
        try folder.write(catalog: Self.text)
        try folder.write("one.wav", PromptsFolder.tone())
        try folder.write("two.wav", PromptsFolder.tone())
        let store = try PromptStore(catalog: folder.catalog())
        #expect(store.index(of: "three") == nil)
        for index in [-1, 2, Int32.max, Int32.min] {
            #expect(store.bytes(PromptIndex(index), codec: .pcma).isEmpty)
            #expect(store.milliseconds(of: PromptIndex(index)) == 0)
            #expect(store.text(of: PromptIndex(index)) == nil)
        }
    }

    @Test func anEmptyCatalogIsAStore() throws {
        let folder = try PromptsFolder()
        try folder.write(catalog: "prompts: []")
        #expect(try PromptStore(catalog: folder.catalog()).ids.isEmpty)
    }

    /// What is wrong with the second file, and what the complaint holds.
    @Test(arguments: [
        ("missing", "cannot be read as audio"), ("rate", "16000 Hz"), ("stereo", "2 channels"), ("empty", "0 frames"),
        ("garbage", "cannot be read as audio"),
    ])
    func refusesOrFallsBack(_ fault: String, _ complaint: String) throws {
        let folder = try PromptsFolder()
        try folder.write(catalog: Self.text)
        let tone = PromptsFolder.tone()
        try folder.write("one.wav", tone)
        switch fault {
        case "rate": try folder.write("two.wav", tone, rate: 16_000)
        case "stereo": try folder.write("two.wav", tone, channels: 2)
        case "empty": try folder.write("two.wav", [])
        case "garbage": try "RIFF?".write(toFile: folder.path + "/two.wav", atomically: true, encoding: .utf8)
        default: break
        }
        let catalog = try folder.catalog()
        let error = #expect(throws: MediaError.self) { try PromptStore(catalog: catalog) }
        #expect(error?.code == .prompt)
        #expect(error?.message.contains("catalog.yaml:3: prompt `two`") == true, "\(error?.message ?? "none")")
        #expect(error?.message.contains(complaint) == true, "\(error?.message ?? "none")")

        let store = try PromptStore(catalog: catalog, missing: .fallbackTone)
        #expect(store.faults.map(\.id) == ["two"] && store.faults.map(\.text) == ["二"])
        #expect(store.milliseconds(of: try #require(store.index(of: "one"))) == 500)
        #expect(store.milliseconds(of: try #require(store.index(of: "two"))) == 300)
    }

    @Test func aPromptCanBeReplaced() throws {
        let folder = try PromptsFolder()
        try folder.write(catalog: Self.text)
        let (one, two, new) = (
            PromptsFolder.tone(440), PromptsFolder.tone(900), PromptsFolder.tone(1200, seconds: 0.1006)
        )
        try folder.write("one.wav", one)
        try folder.write("two.wav", two)
        let store = try PromptStore(catalog: folder.catalog())
        let index = try #require(store.index(of: "two"))
        #expect(store.plays(two, as: index) && !store.plays(new, as: index))
        try store.replace("two", with: new)
        #expect(store.index(of: "two") == index && store.plays(new, as: index) && !store.plays(two, as: index))
        #expect(store.milliseconds(of: index) == 101)
        #expect(store.bytes(index, codec: .pcmu) == new.map(G711.uLaw))
        #expect(store.plays(one, as: try #require(store.index(of: "one"))))
        #expect(throws: MediaError.self) { try store.replace("three", with: new) }
        #expect(throws: MediaError.self) { try store.replace("one", with: []) }
    }
}
