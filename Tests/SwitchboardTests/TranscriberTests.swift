import Calls
import Foundation
import Glibc
import Logging
import Storage
import Switchboard
import Synchronization
import Testing

/// Transcripts of real files by a program of the test's, and by a server of its own.
@Suite struct TranscriberTests {
    /// What a transcriber needs, and what it raised.
    private final class Desk: Sendable {
        let transcriber: Transcriber
        private let told: Told

        /// Alarms: `+kind`, `-kind`, in order.
        var raised: [String] { told.entries.withLock { $0 } }

        private final class Told: Sendable { let entries = Mutex<[String]>([]) }

        init(
            _ archive: Archive, _ engine: TranscriptSettings.Engine, timeout: Int = 20, limit: Int = 100,
            words: String = "complaint: [投诉]\ninjury: [触电]\n"
        ) throws {
            var rhythm = Transcriber.Rhythm()
            rhythm.lookMilliseconds = 5
            let told = Told()
            self.told = told
            transcriber = Transcriber(
                store: archive.store, folder: archive.folder.recordings,
                settings: TranscriptSettings(
                    engine: engine, language: "zh", timeoutSeconds: timeout, queueLimit: limit,
                    keywords: try TranscriptKeywords(words, file: "k.yaml")), time: archive.time,
                log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), rhythm: rhythm
            ) { kind, message in
                told.entries.withLock { $0.append((message == nil ? "-" : "+") + kind) }
            }
        }

        /// Works until `isDone`, looked at every few milliseconds.
        func run(_ isDone: @escaping @Sendable () async throws -> Bool) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.transcriber.run() }
                group.addTask {
                    for _ in 0..<6000 {
                        if try await isDone() { return }
                        try await Task.sleep(for: .milliseconds(5))
                    }
                    Issue.record("it never came to an end")
                }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    /// Writes a program; the file's path is its last argument.
    private func program(_ archive: Archive, _ body: String, name: String = "fake") throws -> String {
        let path = "\(archive.folder.path)/\(name)"
        try "#!/bin/sh\nfor file; do :; done\n\(body)\n".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    private func ask(_ archive: Archive, _ index: Int = 0) async throws -> RecordingID {
        let call = archive.calls[index]
        try await archive.store.record([
            .transcriptAsked(
                TranscriptAsked(recording: call.recording, call: call.call, at: archive.time.now()))
        ])
        return call.recording
    }

    private func line(_ from: Int, _ to: Int, _ text: String) -> String {
        #"echo '{"from_ms": \#(from), "to_ms": \#(to), "text": "\#(text)", "confidence": 0.9}'"#
    }

    @Test func aProgramIsAskedAndItsWordsAreKept() async throws {
        let archive = try await Archive(calls: 1)
        let id = try await ask(archive)
        let path = try program(
            archive,
            """
            echo '{"engine": "fake 1", "model": "m"}'
            \(line(1000, 2500, "我要投诉"))
            words="$1 $(wc -c < "$file") $(wc -c) $HOTLINE_TRANSCRIPT_LANGUAGE $(awk '{print $41}' /proc/$$/stat)"
            echo "{\\"from_ms\\": 3000, \\"to_ms\\": 4000, \\"text\\": \\"$words\\"}"
            echo "$file" >> "\(archive.folder.path)/files"
            """)
        let desk = try Desk(archive, .command([path, "--flag"]))
        let reader = archive.store.reader
        try await desk.run { try await reader.transcript(id)?.state == .made }
        let transcript = try #require(try await reader.transcript(id))
        #expect(transcript.engine == "fake 1")
        #expect(transcript.model == "m")
        #expect(transcript.language == "zh")
        // The caller's side alone: the other one holds our own prompts.
        #expect(transcript.channels.map(\.index) == [0])
        // A mono file of 12 s as argument and as input; and the program runs at SCHED_IDLE (5).
        #expect(transcript.channels[0].segments.map(\.text) == ["我要投诉", "--flag 192044 192044 zh 5"])
        #expect(transcript.channels[0].segments.map(\.role) == ["caller", "caller"])
        #expect(transcript.channels[0].segments[0].confidence == 900)
        #expect(transcript.flags.map(\.flag) == [.complaint])
        #expect(transcript.flags.map(\.positionMilliseconds) == [1000])
        #expect(desk.transcriber.statistics.made == 1)
        #expect(desk.transcriber.statistics.flags == 1)
        // What it was given is gone.
        let file = try String(contentsOfFile: "\(archive.folder.path)/files", encoding: .utf8)
            .trimmingCharacters(in: .newlines)
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(try await reader.verifyEvidence().ok)
        await archive.store.close()
    }

    @Test func anAgentsSideIsHeardFromWhereTheAgentSpeaks() async throws {
        let archive = try await Archive(calls: 1)
        let call = archive.calls[0]
        try await archive.store.record([
            .segmentBegan(
                SegmentBegan(
                    recording: call.recording, call: call.call, at: call.start.advanced(milliseconds: 7000),
                    position: AudioPosition(milliseconds: 6000), channel: 1, role: "agent",
                    agent: WorkNumber("1001")))
        ])
        let id = try await ask(archive)
        let path = try program(
            archive, "\(line(500, 1500, "投诉请按二"))\n\(line(5900, 7500, "您好"))\n\(line(8000, 9000, "没有触电吧"))")
        let desk = try Desk(archive, .command([path]))
        let reader = archive.store.reader
        try await desk.run { try await reader.transcript(id)?.state == .made }
        let transcript = try #require(try await reader.transcript(id))
        #expect(transcript.channels.map(\.index) == [0, 1])
        #expect(transcript.channels[0].segments.map(\.text) == ["投诉请按二", "您好", "没有触电吧"])
        // What our own prompt says is no speech of anybody's.
        #expect(transcript.channels[1].segments.map(\.text) == ["您好", "没有触电吧"])
        #expect(transcript.channels[1].segments.map(\.role) == ["agent", "agent"])
        #expect(transcript.flags.map { "\($0.word) \($0.role)" } == ["投诉 caller", "触电 caller", "触电 agent"])
        await archive.store.close()
    }

    struct Bad: Sendable {
        var body: String
        var words: String
        /// Seconds; long, where something else is to go wrong before.
        var timeout = 60
    }

    @Test(arguments: [
        Bad(body: "echo oh 'dear\u{1B}[31m' >&2; exit 3", words: "ended with 3: oh dear [31m"),
        Bad(body: "echo Loading model", words: "line 1 of the answer is no JSON object: Loading model"),
        Bad(body: #"printf '{"from_ms":0,"to_ms":1,"text":"\303\050"}'"#, words: "line 1 of the answer is no UTF-8"),
        Bad(body: "kill -9 $$", words: "was ended by signal 9"),
        Bad(body: "head -c 8000000 /dev/zero; sleep 60", words: "wrote more than 4194304 bytes"),
        Bad(body: "sleep 60", words: "took more than 1 s", timeout: 1),
        Bad(body: "trap '' TERM; while :; do sleep 1; done", words: "took more than 1 s", timeout: 1),
        Bad(body: "head -c 8000000 /dev/zero >&2; exit 1", words: "ended with 1"),
    ])
    func whatGoesWrongIsWrittenDown(bad: Bad) async throws {
        let archive = try await Archive(calls: 1)
        let id = try await ask(archive)
        let desk = try Desk(archive, .command([try program(archive, bad.body)]), timeout: bad.timeout)
        let reader = archive.store.reader
        try await desk.run { try await reader.transcript(id)?.attempts == 1 }
        let transcript = try #require(try await reader.transcript(id))
        #expect(transcript.state == .asked)
        #expect(transcript.failure?.contains(bad.words) == true, "\(transcript.failure ?? "-")")
        await archive.store.close()
    }

    @Test func afterFiveTriesItIsGivenUpUntilItIsAskedForAgain() async throws {
        let archive = try await Archive(calls: 1)
        let id = try await ask(archive)
        let path = try program(archive, "exit 1")
        let desk = try Desk(archive, .command([path]))
        let (reader, time) = (archive.store.reader, archive.time)
        try await desk.run {
            time.move(milliseconds: 60_000)
            return try await reader.transcript(id)?.state == .givenUp
        }
        #expect(try await reader.transcript(id)?.attempts == 5)
        #expect(desk.raised == ["+transcripts_given_up"])
        #expect(desk.transcriber.statistics.givenUp == 1)
        _ = try program(archive, line(0, 1000, "好了"))
        try await desk.transcriber.ask(id, by: WorkNumber("9001"))
        try await desk.run { try await reader.transcript(id)?.state == .made }
        #expect(desk.raised == ["+transcripts_given_up", "-transcripts_given_up"])
        await archive.store.close()
    }

    @Test func aProgramThatIsNotThereIsWaitedForAcrossARestart() async throws {
        let archive = try await Archive(calls: 1)
        let id = try await ask(archive)
        let path = "\(archive.folder.path)/fake"
        let first = try Desk(archive, .command([path]))
        let (reader, time) = (archive.store.reader, archive.time)
        try await first.run {
            time.move(milliseconds: 1000)
            return first.raised == ["+transcripts"]
        }
        #expect(try await reader.transcript(id)?.attempts == 0)
        // Another run of the program finds it where it was left.
        _ = try program(archive, line(0, 1000, "好了"))
        let second = try Desk(archive, .command([path]))
        try await second.run { try await reader.transcript(id)?.state == .made }
        #expect(second.raised.isEmpty)
        await archive.store.close()
    }

    @Test func aStopEndsTheProgramAndLeavesTheRecordingInTheQueue() async throws {
        let archive = try await Archive(calls: 1)
        let id = try await ask(archive)
        let note = "\(archive.folder.path)/child"
        let path = try program(archive, "sleep 300 & echo $! > \(note).new; mv \(note).new \(note); wait")
        let desk = try Desk(archive, .command([path]), timeout: 300)
        try await desk.run { FileManager.default.fileExists(atPath: note) }
        let child = try #require(
            Int32(try String(contentsOfFile: note, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)))
        // What it started itself is gone as well; a zombie waits for its parent of the moment.
        let isGone = !FileManager.default.fileExists(atPath: "/proc/\(child)/stat")
        let state = isGone ? "" : try String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
        #expect(isGone || state.contains(") Z "), "\(state)")
        #expect(try await archive.store.reader.transcript(id)?.attempts == 0)
        #expect(try await archive.store.reader.transcript(id)?.state == .asked)
        await archive.store.close()
    }

    @Test func moreThanMayWaitAreNotAskedFor() async throws {
        let archive = try await Archive(calls: 3)
        let path = try program(archive, line(0, 1000, "好了"))
        let desk = try Desk(archive, .command([path]), limit: 2)
        let facts = archive.calls.map { desk.transcriber.asked($0.recording, of: $0.call, at: archive.time.now()) }
        #expect(facts.map { $0 != nil } == [true, true, false])
        #expect(desk.raised == ["+transcripts_queue"])
        #expect(desk.transcriber.statistics.passedOver == 1)
        try await archive.store.record(facts.compactMap(\.self))
        try await desk.run { desk.transcriber.statistics.made == 2 && desk.transcriber.statistics.waiting == 0 }
        #expect(desk.raised == ["+transcripts_queue", "-transcripts_queue"])
        await archive.store.close()
    }

    @Test func aFileThatIsGoneIsAFailedTry() async throws {
        let archive = try await Archive(calls: 1)
        let id = try await ask(archive)
        try FileManager.default.removeItem(atPath: archive.path(0))
        let desk = try Desk(archive, .command([try program(archive, "exit 0")]))
        let reader = archive.store.reader
        try await desk.run { try await reader.transcript(id)?.attempts == 1 }
        await #expect { try await desk.transcriber.ask(RecordingID(high: 1, low: 2), by: nil) } throws: {
            ($0 as? SwitchboardError)?.code == .notFound
        }
        await archive.store.close()
    }

    @Test func aServerIsAskedAndItsTroubleWaitedFor() async throws {
        let archive = try await Archive(calls: 1)
        let id = try await ask(archive)
        let answer = #"{"from_ms": 10, "to_ms": 20, "text": "停电"}"#
        let server = try SmallServer([
            .init("503 Service Unavailable"), .init("429 Too Many Requests"), .init("200 OK", body: Array(answer.utf8)),
        ])
        let desk = try Desk(archive, .url("http://127.0.0.1:\(server.port)/asr"))
        let (reader, time) = (archive.store.reader, archive.time)
        try await desk.run {
            time.move(milliseconds: 1000)
            return try await reader.transcript(id)?.state == .made
        }
        #expect(server.requests.count == 3)
        let request = try #require(server.requests.last)
        #expect(request.head.hasPrefix("POST /asr HTTP/1.1\r\n"))
        #expect(request.head.lowercased().contains("content-type: audio/wav"))
        #expect(request.head.lowercased().contains("x-hotline-language: zh"))
        #expect(request.body.count == 192_044)
        #expect(request.body.starts(with: Array("RIFF".utf8)))
        let transcript = try #require(try await reader.transcript(id))
        #expect(transcript.engine == "127.0.0.1")
        #expect(transcript.attempts == 0)
        #expect(transcript.channels[0].segments.map(\.text) == ["停电"])
        await archive.store.close()
    }

    @Test(arguments: [
        (SmallServer.Answer("400 Bad Request", body: Array("not\u{7} mono".utf8)), "status 400: not mono"),
        (SmallServer.Answer("302 Found", headers: "Location: http://127.0.0.1:9/\r\n"), "status 302"),
        (SmallServer.Answer("200 OK", body: [UInt8](repeating: 32, count: 5_000_000)), "more than 4194304 bytes"),
        (SmallServer.Answer("200 OK", body: [0xFF, 0xFE]), "line 1 of the answer is no UTF-8"),
        (SmallServer.Answer("", isSilent: true), "no answer within 1 s"),
    ])
    func whatAServerGetsWrongIsWrittenDown(answer: SmallServer.Answer, words: String) async throws {
        let archive = try await Archive(calls: 1)
        let id = try await ask(archive)
        let server = try SmallServer([answer])
        let desk = try Desk(archive, .url("http://127.0.0.1:\(server.port)/"), timeout: 1)
        let reader = archive.store.reader
        try await desk.run { try await reader.transcript(id)?.attempts == 1 }
        let failure = try await reader.transcript(id)?.failure
        #expect(failure?.contains(words) == true, "\(failure ?? "-")")
        await archive.store.close()
    }
}
