import ArgumentParser
import Calls
import Foundation
import Recordings
import Storage

/// `hotline demo`: one real call from end to end, and what it left behind.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show a whole call on this machine: server, SIP, speech, keys, recording, work order.",
        discussion: """
            Starts a server on loopback in a temporary data folder, calls it over UDP with a recorded voice that \
            reports a fault, and tells step by step what happened. Ends by itself in under a minute; exit status 0 \
            where everything was in order.
            """)

    @Option(help: ArgumentHelp("Data folder to use and keep.", valueName: "dir"))
    var data: String?

    @Flag(help: "The call comes by a simulated 4G modem, whose sound card is an ALSA device.")
    var modem = false

    @Flag(help: "Keep the temporary data folder, to look around in it.")
    var keep = false

    /// A synthetic number.
    static let caller = "13800001234"
    /// Through `flows/power-hotline.yaml`: greeting, unit and recording notice are heard, the menu is cut short by 2, a
    /// fault report; the message begins after the beep and ends with `#`; the caller hangs up when the order's number and
    /// code were told.
    static let script = "wwwwwwwww 2 Wps# wwwwwwwwwwwwwwwww h"

    func run() async throws {
        let share = try ShareFolder()
        let speech = try Self.speech(in: share)
        let folder =
            data.map { URL(fileURLWithPath: $0) }
            ?? FileManager.default.temporaryDirectory.appendingPathComponent(
                "hotline-demo-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let isKept = keep || data != nil
        defer {
            if !isKept {
                do { try FileManager.default.removeItem(at: folder) } catch {
                    FileHandle.standardError.write(Data("hotline demo: \(folder.path) stays behind: \(error)\n".utf8))
                }
            }
        }
        say("A call to the hotline, on this machine alone", "")
        if modem {
            let demo = DemoModem(share: share, folder: folder, say: say)
            return try await finish(try await demo.run(), folder: folder, isKept: isKept)
        }
        let server = try await DemoServer.start(data: folder)
        say("server", "ready; SIP on \(server.sip) (UDP and TCP), web on http://\(server.http)/healthz")
        let story: DemoStory
        do {
            story = try await call(server, speech: speech, folder: folder)
        } catch {
            _ = try await server.stop()
            throw error
        }
        try await finish((story, try await server.stop()), folder: folder, isKept: isKept)
    }

    /// - Parameter end: the story, and the server's exit code.
    private func finish(_ end: (story: DemoStory, code: Int32?), folder: URL, isKept: Bool) async throws {
        let (story, code) = end
        say("server", code == 0 ? "stopped in order" : "did not stop in order (\(code.map(String.init) ?? "killed"))")
        say("", "")
        for line in story.commands(folder: folder.path, isKept: isKept) { print(line) }
        guard story.isInOrder, code == 0 else { throw ExitCode(1) }
    }

    private func call(_ server: DemoServer, speech: String, folder: URL) async throws -> DemoStory {
        var options = CallerOptions(target: "sip:95598@\(server.sip);transport=udp")
        options.from = Self.caller
        options.script = try CallScript(Self.script)
        options.say = speech
        options.limitMilliseconds = 50_000
        say("caller", "\(Self.caller) dials 95598; RTP in A-law, keys as RFC 4733 events")
        let report = try await TestCaller(options).place()
        for line in report.lines.dropFirst() { print("            \(line.dropFirst(2))") }
        guard report.outcome == .answered else {
            throw CommandError("the call was not answered; the server's log is \(server.log.path)")
        }
        let story = try await DemoStory.read(folder: folder)
        for (head, text) in story.lines { say(head, text) }
        return story
    }

    private func say(_ head: String, _ text: String) {
        let padded = head + String(repeating: " ", count: max(0, 12 - head.count))
        print(text.isEmpty ? head : "\(padded)\(text)")
        fflush(nil)
    }

    /// The caller who reports a fault, of the shipped speech.
    private static func speech(in share: ShareFolder) throws -> String {
        let folder = share.path + "/audio-fixtures"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".wav") }.sorted()
        guard let name = names.first(where: { $0.contains("fault") }) ?? names.first else {
            throw CommandError("\(folder) holds no WAV of a caller's speech")
        }
        return "\(folder)/\(name)"
    }
}
