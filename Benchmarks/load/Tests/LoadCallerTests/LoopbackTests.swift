import Foundation
import LoadCaller
import Testing

/// The program itself at both ends: one that answers, one that calls. Times are not judged: what counts is counted.
@Suite struct LoopbackTests {
    private struct Report: Decodable {
        struct Calls: Decodable {
            var answered: Int
            var failed: Int
        }
        struct Streams: Decodable {
            var received: Int
            var missing: Int
        }
        struct Audio: Decodable {
            var keysSent: Int

            enum CodingKeys: String, CodingKey {
                case keysSent = "keys_sent"
            }
        }
        var calls: Calls
        var streams: Streams
        var audio: Audio
    }

    private var program: URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent(
            "hotline-load")
    }

    private func start(_ arguments: [String], input: Pipe, output: Pipe, error: Pipe) throws -> Process {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = error
        try process.run()
        return process
    }

    /// The line that begins so.
    private func line(_ beginning: String, of pipe: Pipe) -> String? {
        var bytes = Data()
        while true {
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            bytes.append(more)
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            if let found = lines.dropLast().first(where: { $0.hasPrefix(beginning) }) { return String(found) }
        }
    }

    @Test(.timeLimit(.minutes(3))) func callsAreAnsweredHeardAndOver() throws {
        try #require(FileManager.default.fileExists(atPath: program.path), "\(program.path)")
        let (input, told) = (Pipe(), Pipe())
        let far = try start(
            ["--serve", "8", "--bind", "127.0.0.1"], input: input, output: Pipe(), error: told)
        // Also where something is thrown before its input ends.
        defer { if far.isRunning { far.terminate() } }
        let serving = try #require(line("serving at ", of: told))
        let address = serving.dropFirst("serving at ".count)
        let answer = Pipe()
        let near = try start(
            [
                "--to", "sip:95598@\(address)", "--calls", "8", "--rate", "20/s", "--steady", "1s", "--settle", "500ms",
                "--digits", "5@200ms,#@700ms", "--floor", "0s", "--json", "-",
            ], input: Pipe(), output: answer, error: Pipe())
        let json = answer.fileHandleForReading.readDataToEndOfFile()
        near.waitUntilExit()
        let report = try JSONDecoder().decode(Report.self, from: json)
        #expect((report.calls.answered, report.calls.failed) == (8, 0))
        #expect(report.streams.missing == 0)
        #expect(report.streams.received > 8 * 50)
        #expect(report.audio.keysSent == 16)
        try input.fileHandleForWriting.close()
        far.waitUntilExit()
    }

    @Test func timersComeInTheirOrder() {
        var queue = TimerQueue<Int>()
        var random = SeededRandom(state: 9)
        let times = (0..<500).map { _ in Int64.random(in: 0..<100, using: &random) }
        for (index, time) in times.enumerated() { queue.add(index, at: time) }
        #expect(queue.take(at: -1) == nil)
        var taken: [Int64] = []
        while let item = queue.take(at: 1000) { taken.append(times[item]) }
        #expect(taken == times.sorted())
        #expect(queue.next == nil)
    }
}
