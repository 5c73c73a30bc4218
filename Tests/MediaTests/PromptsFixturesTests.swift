import Documents
import Foundation
import Media
import Testing

/// The shipped audio is what its lists say: other rooms' tests correlate against it.
@Suite struct PromptsFixturesTests {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func manifest() throws -> [Node] {
        let path = root + "/audio-fixtures/MANIFEST.yaml"
        let document = try Document.parse(String(contentsOfFile: path, encoding: .utf8), file: path)
        return try #require(document.entries?.first { $0.key == "fixtures" }?.value.items)
    }

    static func samples(_ file: String) throws -> [Int16] {
        try AudioFile(reading: root + "/audio-fixtures/" + file).samples
    }

    @Test func everyFixtureIsListedAndOfItsKind() throws {
        var listed: [String] = []
        for node in try Self.manifest() {
            func text(_ key: String) -> String? { node.entries?.first { $0.key == key }?.value.text }
            let file = try #require(text("file"))
            listed.append(file)
            let audio = try AudioFile(reading: Self.root + "/audio-fixtures/" + file)
            #expect(text("rate") == "8000" && audio.rate == 8000, "\(file)")
            #expect(text("channels") == "1" && audio.channels == 1, "\(file)")
            #expect(text("frames") == "\(audio.frames)", "\(file)")
            #expect(text("licence") != nil && text("origin") != nil && text("content") != nil, "\(file)")
            let level = PromptLevel.speechLevel(audio.samples)
            if text("kind") == "silence" { #expect(level == -100) } else { #expect(abs(level + 18) < 0.5, "\(file)") }
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.root + "/audio-fixtures")
        #expect(files.filter { $0.hasSuffix(".wav") }.sorted() == listed.sorted())
    }

    @Test func tonesHoldTheirFrequencyAlone() throws {
        for (file, frequency) in [("tone-1000.wav", 1000.0), ("tone-440.wav", 440.0)] {
            let samples = Array(try Self.samples(file).prefix(8000))
            #expect(abs(PromptsFolder.share(of: frequency, in: samples) - 5824 / 32_767) < 0.001)
            #expect(PromptsFolder.share(of: frequency + 100, in: samples) < 0.001)
        }
    }

    @Test func theHopsAreMadeByTheirFormula() throws {
        var state = 0x5A5
        var phase = 0.0
        var made: [Int16] = []
        for _ in 0..<500 {
            let step = 2 * Double.pi * Double(400 + 40 * (state % 64)) / 8000
            for _ in 0..<160 {
                made.append(Int16((5824 * sin(phase) + 0.5).rounded(.down)))
                phase += step
                if phase >= 2 * .pi { phase -= 2 * .pi }
            }
            for _ in 0..<11 { state = state >> 1 | ((state ^ state >> 2) & 1) << 10 }
        }
        let shipped = try Self.samples("hops.wav")
        let furthest = zip(shipped, made).map { abs(Int($0) - Int($1)) }.max()
        #expect(shipped.count == made.count && furthest ?? .max <= 1)
    }

    /// A stretch of 100 ms is found where it was taken from, and nowhere else.
    @Test func aStretchOfTheHopsIsFoundAtOnePlace() throws {
        let samples = try Self.samples("hops.wav").map { Float($0) }
        for start in [0, 47_003] {
            let part = samples[start..<start + 800]
            let energy = part.reduce(0) { $0 + $1 * $1 }
            var others: Float = 0
            // Steps of 9 samples still meet every period of these tones somewhere.
            for place in stride(from: 0, to: samples.count - 800, by: 9) where abs(place - start) > 160 {
                var sum: Float = 0
                for (left, right) in zip(samples[place..<place + 800], part) { sum += left * right }
                others = max(others, abs(sum) / energy)
            }
            #expect(others < 0.7, "\(others) at \(start)")
        }
    }

    @Test func theShippedPromptsAreSound() throws {
        let catalog = try PromptCatalog(folder: Self.root + "/prompts/zh-CN")
        let store = try PromptStore(catalog: catalog)
        #expect(store.ids.count == catalog.entries.count && store.faults.isEmpty)
        // The hash is checked by `hotline prompts check`; this room has no SHA-256.
        let findings = PromptCheck(sha256: { _ in "" }).findings(in: catalog)
            .filter { $0.kind != .altered && $0.kind != .stale }
        #expect(findings == [])
    }
}
