import Calls
import Foundation
import Media
import Storage
import Switchboard
import Testing

/// Prompts of a running server looked through, replaced and brought back.
@Suite struct PromptDeskTests {
    /// A folder of prompts with a desk over it, and a store that it journals to.
    private struct Bench {
        let orders: OrderDesk
        let folder: String
        let prompts: PromptStore
        let desk: PromptDesk

        init(mayWrite: Bool = true) throws {
            orders = try OrderDesk(policy: "yongqiang")
            folder = orders.folder.path + "/prompts"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let catalog = """
                prompts:
                  - id: greeting.hello
                    text: 您好
                    voice: "a voice"
                    licence: "CC0-1.0"
                  - id: menu.main
                    text: 故障报修，请按二。
                  - {id: flat, text: 一}

                """
            try catalog.write(toFile: folder + "/catalog.yaml", atomically: true, encoding: .utf8)
            for id in ["greeting.hello", "menu.main", "flat"] {
                try AudioFile(samples: Self.tone(1), rate: 8000).writeWAV(to: "\(folder)/\(id).wav")
            }
            prompts = try PromptStore(catalog: PromptCatalog(folder: folder))
            desk = PromptDesk(
                folder: folder, isShipped: false, prompts: prompts, store: orders.store, time: orders.clock,
                mayWrite: { _ in mayWrite })
        }

        static func tone(
            _ seconds: Double, peak: Double = 0.178, rate: Int = 8000, frequency: Double = 500
        ) -> [Int16] {
            (0..<Int(seconds * Double(rate))).map {
                Int16(
                    max(-32_768, min(32_767, peak * 32_767 * sin(2 * .pi * frequency * Double($0) / Double(rate)))))
            }
        }

        /// A file as somebody would send it.
        func file(_ samples: [Int16], rate: Int = 8000, channels: Int = 1) throws -> [UInt8] {
            let path = "\(folder)/.sent.wav"
            defer { unlink(path) }
            try AudioFile(samples: samples, rate: rate, channels: channels).writeWAV(to: path)
            return try bytes(path)
        }

        func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

        /// The bodies of the facts about prompts, as text.
        func journalled() async throws -> [String] {
            // A store in which nothing was written down has no chain.
            guard let head = try await orders.store.reader.heads().first else { return [] }
            return try await orders.store.reader.journal(chain: head.chain, after: 0, through: head.sequence)
                .map { String(decoding: $0.sealed.body ?? [], as: UTF8.self) }
                .filter { $0.contains("prompt_replaced") }
        }
    }

    private func code(_ work: () async throws -> Void) async -> (SwitchboardError.Code, String)? {
        do {
            try await work()
            return nil
        } catch let error as SwitchboardError {
            return (error.code, error.message)
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    @Test func promptsAreListedWithWhatIsWrongWithThem() async throws {
        let bench = try Bench()
        let all = try await bench.desk.all()
        #expect(all.map(\.id) == ["greeting.hello", "menu.main", "flat"])
        #expect(all[0].milliseconds == 1000 && all[0].voice == "a voice" && all[0].kind == "speech")
        #expect(all.allSatisfy { $0.isPlayed && $0.sha256?.utf8.count == 64 })
        #expect(all[0].findings.map(\.kind) == ["unhashed"])
        #expect(all[1].findings.map(\.kind) == ["unhashed", "uncredited"])
        #expect(try await bench.desk.one("menu.main") == all[1])
        #expect(
            try await bench.desk.audio(of: "menu.main", version: nil) == bench.bytes(bench.folder + "/menu.main.wav"))
        // A file that somebody changes beside the server is seen, and that calls do not hear it yet.
        try AudioFile(samples: Bench.tone(2), rate: 8000).writeWAV(to: bench.folder + "/menu.main.wav")
        let changed = try await bench.desk.one("menu.main")
        #expect(changed.milliseconds == 2000 && !changed.isPlayed)
        unlink(bench.folder + "/menu.main.wav")
        let gone = try await bench.desk.one("menu.main")
        #expect(gone.findings.map(\.kind) == ["missing"] && gone.findings[0].isError && gone.sha256 == nil)
        for id in ["", "menu", "MENU.MAIN", "../catalog", "menu.main\u{0}", "%2e%2e"] {
            #expect(await code { _ = try await bench.desk.one(id) }?.0 == .notFound)
            #expect(await code { _ = try await bench.desk.audio(of: id, version: nil) }?.0 == .notFound)
            #expect(await code { _ = try await bench.desk.versions(of: id) }?.0 == .notFound)
        }
        #expect(await code { _ = try await bench.desk.audio(of: "menu.main", version: nil) }?.0 == .notFound)
        try await bench.orders.close()
    }

    @Test func aRecordingIsTakenPlayedKeptAndJournalled() async throws {
        let bench = try Bench()
        let former = try bench.bytes(bench.folder + "/greeting.hello.wav")
        let formerHash = try #require(try await bench.desk.one("greeting.hello").sha256)
        // Stereo at 48,000: one side alone, and quiet.
        let quiet = Bench.tone(1.5, peak: 0.02, rate: 48_000, frequency: 700)
        let sent = try bench.file(quiet.flatMap { [$0, 0] }, rate: 48_000, channels: 2)
        let verdict = try await bench.desk.check(sent, as: "greeting.hello")
        #expect(verdict.isAccepted && verdict.rate == 48_000 && verdict.channels == 2 && verdict.findings.isEmpty)
        #expect(abs((verdict.level ?? 0) + 37) < 1 && verdict.target == -18)
        #expect(abs((verdict.milliseconds ?? 0) - 1650) < 20)
        // Looking changes nothing.
        #expect(try bench.bytes(bench.folder + "/greeting.hello.wav") == former)
        #expect(try await bench.journalled().isEmpty)

        let replaced = try await bench.desk.replace(
            "greeting.hello", with: sent, voice: " 李\u{2028}明 ", licence: "proprietary", by: "ops")
        #expect(replaced.isPlayed && replaced.milliseconds == verdict.milliseconds && replaced.findings.isEmpty)
        #expect(replaced.formerSHA256 == formerHash && replaced.sha256 != replaced.formerSHA256)
        // The file, the catalog and what calls hear are the same.
        let file = try AudioFile(reading: bench.folder + "/greeting.hello.wav")
        let index = try #require(bench.prompts.index(of: "greeting.hello"))
        #expect(bench.prompts.plays(file.samples, as: index))
        #expect(abs(PromptLevel.speechLevel(file.samples) - PromptLevel.target) < 1)
        let now = try await bench.desk.one("greeting.hello")
        #expect(now.sha256 == replaced.sha256 && now.voice == "李\u{2028}明" && now.isPlayed && now.findings.isEmpty)
        let facts = try await bench.journalled()
        #expect(facts.count == 1)
        for text in ["\"ops\"", "greeting.hello", replaced.sha256, formerHash] {
            #expect(facts[0].contains(text), "\(text)")
        }

        // And back, byte for byte.
        let version = try #require(try await bench.desk.versions(of: "greeting.hello").first)
        #expect(version.sha256 == formerHash && version.replacedBy == "ops" && version.voice == "a voice")
        #expect(try await bench.desk.audio(of: "greeting.hello", version: version.name) == former)
        let back = try await bench.desk.bringBack("greeting.hello", version: version.name, by: "boss")
        #expect(back.isPlayed && back.sha256 == formerHash && back.formerSHA256 == replaced.sha256)
        #expect(try bench.bytes(bench.folder + "/greeting.hello.wav") == former)
        #expect(try await bench.desk.one("greeting.hello").voice == "a voice")
        #expect(try await bench.desk.versions(of: "greeting.hello").map(\.sha256) == [replaced.sha256])
        #expect(try await bench.journalled().count == 2)
        for name in ["", "..", version.name + "x", "../\(version.name)", "menu.main~x"] {
            #expect(
                await code { _ = try await bench.desk.bringBack("greeting.hello", version: name, by: "ops") }?.0
                    == .notFound)
            #expect(
                await code { _ = try await bench.desk.audio(of: "greeting.hello", version: name) }?.0 == .notFound)
        }
        // Of another prompt.
        #expect(
            await code { _ = try await bench.desk.bringBack("menu.main", version: version.name, by: "ops") }?.0
                == .notFound)
        #expect(try await bench.orders.store.reader.verifyEvidence().ok)
        try await bench.orders.close()
    }

    @Test(arguments: ["silent", "clipped", "unreadable", "long", "empty", "slow", "fast", "cut", "huge"])
    func whatCannotServeIsRefusedAndSaysWhatToDo(_ fault: String) async throws {
        let bench = try Bench()
        let sent: [UInt8]
        let kind: String
        switch fault {
        case "silent": (sent, kind) = (try bench.file([Int16](repeating: 1, count: 8000)), "silent")
        case "clipped": (sent, kind) = (try bench.file(Bench.tone(1, peak: 4)), "clipped")
        case "unreadable": (sent, kind) = (Array("<script>alert(1)</script>".utf8), "unreadable")
        case "long": (sent, kind) = (try bench.file(Bench.tone(301)), "too_long")
        case "empty": (sent, kind) = ([], "")
        case "slow": (sent, kind) = (try bench.file(Bench.tone(1, rate: 6000), rate: 6000), "wrong_rate")
        case "fast": (sent, kind) = (try bench.file(Bench.tone(1, rate: 192_000), rate: 192_000), "wrong_rate")
        case "cut": (sent, kind) = (Array(try bench.file(Bench.tone(1)).prefix(40)), "")
        default: (sent, kind) = ([UInt8](repeating: 0, count: PromptDesk.mostBytes + 1), "")
        }
        let before = try bench.bytes(bench.folder + "/catalog.yaml")
        let refused = await code {
            _ = try await bench.desk.replace(
                "greeting.hello", with: sent, voice: "v", licence: "proprietary", by: "ops")
        }
        #expect(refused?.0 == .argument && refused?.1.isEmpty == false, "\(String(describing: refused))")
        // The name of a file that only the server knows tells nobody anything.
        #expect(refused?.1.contains("/tmp") == false)
        if !kind.isEmpty {
            let verdict = try await bench.desk.check(sent, as: "greeting.hello")
            #expect(!verdict.isAccepted && verdict.findings.contains { $0.kind == kind && $0.isError }, "\(verdict)")
        }
        #expect(try bench.bytes(bench.folder + "/catalog.yaml") == before)
        #expect(!FileManager.default.fileExists(atPath: bench.folder + "/.earlier"))
        #expect(try await bench.journalled().isEmpty)
        #expect(try await bench.desk.all().allSatisfy(\.isPlayed))
        try await bench.orders.close()
    }

    @Test func aLongRecordingIsTakenWithAWarning() async throws {
        let bench = try Bench()
        let sent = try bench.file(Bench.tone(70))
        let verdict = try await bench.desk.check(sent, as: "menu.main")
        #expect(verdict.isAccepted && verdict.findings.map(\.kind) == ["too_long", "length"])
        let replaced = try await bench.desk.replace(
            "menu.main", with: sent, voice: "v", licence: "proprietary", by: "ops")
        #expect(replaced.findings.map(\.kind) == ["too_long", "length"])
        try await bench.orders.close()
    }

    @Test func whatIsNotNamedOrCannotBeWrittenDownIsRefused() async throws {
        let bench = try Bench()
        let sent = try bench.file(Bench.tone(1))
        for (voice, licence) in [
            ("", "l"), (" \n", "l"), ("v", ""), ("a\u{7}", "l"), (String(repeating: "v", count: 101), "l"),
        ] {
            let refused = await code {
                _ = try await bench.desk.replace(
                    "greeting.hello", with: sent, voice: voice, licence: licence, by: "ops")
            }
            #expect(refused?.0 == .argument, "\(voice) \(licence)")
        }
        // An entry in one line cannot be edited in place.
        let flat = await code {
            _ = try await bench.desk.replace("flat", with: sent, voice: "v", licence: "l", by: "ops")
        }
        #expect(flat?.0 == .refused && flat?.1.contains("one `key: value` a line") == true)
        #expect(
            await code { _ = try await bench.desk.replace("none", with: sent, voice: "v", licence: "l", by: "ops") }?.0
                == .notFound)
        #expect(await code { _ = try await bench.desk.check(sent, as: "../x") }?.0 == .notFound)
        try await bench.orders.close()
    }

    @Test func aFolderThatMayNotBeWrittenIsToldAndLeftAlone() async throws {
        let bench = try Bench(mayWrite: false)
        let place = await bench.desk.place()
        #expect(place.folder == bench.folder && !place.isWritable && !place.isShipped)
        let sent = try bench.file(Bench.tone(1))
        let before = try bench.bytes(bench.folder + "/greeting.hello.wav")
        let refused = await code {
            _ = try await bench.desk.replace("greeting.hello", with: sent, voice: "v", licence: "l", by: "ops")
        }
        #expect(refused?.0 == .refused && refused?.1.contains("prompts.folder") == true)
        #expect(try await bench.desk.check(sent, as: "greeting.hello").isAccepted)
        #expect(try bench.bytes(bench.folder + "/greeting.hello.wav") == before)
        #expect(try await bench.journalled().isEmpty)
        try await bench.orders.close()
    }

    /// A prompt that came into the catalog after the start is replaced, and heard after the next one.
    @Test func aPromptThatTheServerDidNotStartWithIsHeardLater() async throws {
        let bench = try Bench()
        let path = bench.folder + "/catalog.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8) + "  - id: new\n    text: 新\n"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let replaced = try await bench.desk.replace(
            "new", with: try bench.file(Bench.tone(0.5)), voice: "v", licence: "l", by: "ops")
        #expect(!replaced.isPlayed && replaced.formerSHA256 == nil)
        #expect(try await bench.desk.one("new").isPlayed == false)
        #expect(try await bench.journalled().count == 1)
        try await bench.orders.close()
    }
}
