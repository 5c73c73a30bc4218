import Foundation
import Testing

extension Integration {
    /// Recordings over a live socket.
    @Suite struct ReplayTests {
        /// A server on stored calls.
        private func withStored(
            _ count: Int = 1, seconds: Int = 12, more: String = "",
            _ body: (RunningServer, StoredCalls) async throws -> Void
        ) async throws {
            let stored = try await StoredCalls(count, seconds: seconds)
            var options = ServerOptions()
            options.more = more + StoredCalls.noDailyCheck
            let server = try await RunningServer.start(options, scratch: stored.scratch)
            do { try await body(server, stored) } catch {
                print("the server's last words:\n\(server.log)")
                if server.isRunning { try await server.kill() }
                throw error
            }
            #expect(try await server.stop() == 0, "\(server.log)")
        }

        @Test(.timeLimit(.minutes(2))) func theStoredFileIsServedWholeAndInParts() async throws {
            try await withStored { server, stored in
                let one = stored.calls[0]
                let path = "recordings/\(one.recording)/audio"
                let size = one.bytes.count
                let whole = try await server.fetch(path)
                #expect(whole.status == 200)
                #expect(whole.body == one.bytes)
                #expect(whole.headers["content-type"] == "audio/flac")
                #expect(whole.headers["etag"] == "\"\(one.sha256)\"")
                #expect(whole.headers["accept-ranges"] == "bytes")
                #expect(whole.headers["content-length"] == "\(size)")
                #expect(whole.headers["cache-control"] == "private, no-store")
                let head = try await server.fetch(path, ["--head"])
                #expect(head.status == 200 && head.headers["content-length"] == "\(size)")
                #expect(head.headers["etag"] == "\"\(one.sha256)\"" && head.body.count < 2000)

                let parts: [(String, Range<Int>)] = [
                    ("0-99", 0..<100), ("100-199", 100..<200), ("-50", size - 50..<size), ("1000-", 1000..<size),
                    ("0-\(size * 2)", 0..<size), ("-\(size * 2)", 0..<size),
                    ("0-99999999999999999999999999", 0..<size),
                ]
                for (range, part) in parts {
                    let answer = try await server.fetch(path, ["-H", "Range: bytes=\(range)"])
                    #expect(answer.status == 206, "\(range)")
                    #expect(answer.body == Array(one.bytes[part]), "\(range)")
                    #expect(
                        answer.headers["content-range"] == "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)",
                        "\(range)")
                }
                for range in ["\(size)-", "99999999999999999999999999-", "-0"] {
                    let answer = try await server.fetch(path, ["-H", "Range: bytes=\(range)"])
                    #expect(answer.status == 416, "\(range)")
                    #expect(answer.headers["content-range"] == "bytes */\(size)")
                    #expect(answer.headers["content-type"]?.hasPrefix("application/problem+json") == true)
                }
                // What is no single range of bytes gets all of it, and never more than one copy.
                let many = (0..<1500).map { "\($0)-" }.joined(separator: ",")
                for range in [
                    "bytes=\(many)", "bytes=5-2", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=", "x",
                ] {
                    let answer = try await server.fetch(path, ["-H", "Range: \(range)"])
                    #expect(answer.status == 200 && answer.body.count == size, "\(range.prefix(30)) \(answer.status)")
                }
                // If-Range: the part for the same version, the whole for another.
                let first = ["-H", "Range: bytes=0-9", "-H"]
                #expect(try await server.fetch(path, first + ["If-Range: \"\(one.sha256)\""]).status == 206)
                #expect(try await server.fetch(path, first + ["If-Range: \"other\""]).status == 200)
                #expect(try await server.fetch(path, first + ["If-Range: W/\"\(one.sha256)\""]).status == 200)
                #expect(
                    try await server.fetch(path, first + ["If-Range: Sun, 22 Nov 2026 03:04:05 GMT"]).status == 200)
                #expect(try await server.fetch(path, ["-H", "If-None-Match: \"\(one.sha256)\""]).status == 304)
            }
        }

        @Test(.timeLimit(.minutes(2))) func nothingElseIsGivenOut() async throws {
            try await withStored { server, stored in
                let one = stored.calls[0]
                let path = "recordings/\(one.recording)/audio"
                #expect(try await server.fetch(path, authorised: false).status == 401)
                #expect(
                    try await server.fetch(path, ["-H", "Authorization: Bearer 0000"], authorised: false).status == 401)
                let unknown = "019b0000-0000-7000-8000-000000000000"
                for what in ["audio", "peaks", "events", "silence"] {
                    let answer = try await server.fetch("recordings/\(unknown)/\(what)")
                    #expect(answer.status == 404, "\(what)")
                    #expect(answer.detail.contains(unknown))
                }
                for id in [
                    "..%2f..%2fapi.token", "..", "%2e%2e", "%00", one.file.replacing("/", with: "%2f"), "1",
                    "\(one.recording)%00", String(repeating: "a", count: 5000),
                ] {
                    let answer = try await server.fetch("recordings/\(id)/audio")
                    #expect([400, 404].contains(answer.status), "\(id.prefix(40)) \(answer.status)")
                    #expect(!answer.text.contains(server.token))
                }
                #expect([400, 404].contains(try await server.fetch("recordings/../../../api.token").status))
                for query in [
                    "format=mp3", "channel=middle", "by=10%2001", "reason=" + String(repeating: "x", count: 600),
                ] {
                    let answer = try await server.fetch("\(path)?\(query)")
                    #expect(answer.status == 400, "\(query.prefix(20))")
                }
            }
        }

        @Test(.timeLimit(.minutes(2))) func otherFormsAreMadeOnceAndServedInParts() async throws {
            try await withStored { server, stored in
                let path = "recordings/\(stored.calls[0].recording)/audio"
                // Ten at once; one is made.
                let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                    for _ in 0..<10 { group.addTask { try await server.fetch("\(path)?format=wav") } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers.allSatisfy { $0.status == 200 && $0.body == answers[0].body })
                #expect(Set(answers.map { $0.headers["etag"] }).count == 1)
                #expect(answers[0].headers["content-type"] == "audio/wav")
                let size = answers[0].body.count
                #expect(size > 12 * 32_000)
                let part = try await server.fetch("\(path)?format=wav", ["-H", "Range: bytes=1000-1999"])
                #expect(part.status == 206 && part.body == Array(answers[0].body[1000..<2000]))
                #expect(part.headers["content-range"] == "bytes 1000-1999/\(size)")
                let left = try await server.fetch("\(path)?format=wav&channel=left")
                #expect(left.status == 200 && left.body.count < size * 6 / 10)
                // The same samples as the left channel of both.
                let (mono, stereo) = (left.body.suffix(1000), answers[0].body.suffix(2000))
                let picked = stride(from: stereo.startIndex, to: stereo.endIndex, by: 4).flatMap {
                    (place: Int) -> [UInt8] in
                    [stereo[place], stereo[place + 1]]
                }
                #expect(Array(mono) == picked)
                let opus = try await server.fetch("\(path)?format=opus")
                #expect(opus.status == 200 && opus.body.count < size / 4)
                #expect(opus.body.starts(with: Array("OggS".utf8)))
                #expect(opus.headers["content-disposition"]?.hasSuffix(".opus\"") == true)
                let again = try await server.fetch("\(path)?format=opus")
                #expect(again.headers["etag"] == opus.headers["etag"] && again.body == opus.body)
                let right = try await server.fetch("\(path)?channel=right")
                #expect(right.body.starts(with: Array("fLaC".utf8)) && right.headers["content-type"] == "audio/flac")
                let cache = server.data.appendingPathComponent("cache").path
                #expect(try FileManager.default.contentsOfDirectory(atPath: cache).count == 4)
            }
        }

        @Test(.timeLimit(.minutes(2))) func theCacheKeepsItsBound() async throws {
            // Each WAV takes 0.38 MB; room for two.
            try await withStored(4, more: "replay:\n  cache_size: 1\n") { server, stored in
                for call in stored.calls {
                    #expect(try await server.fetch("recordings/\(call.recording)/audio?format=wav").status == 200)
                }
                let cache = server.data.appendingPathComponent("cache").path
                let names = try FileManager.default.contentsOfDirectory(atPath: cache).sorted()
                #expect(names.count == 2)
                #expect(
                    names.allSatisfy { name in stored.calls.suffix(2).contains { name.contains("\($0.recording)") } })
                // What left is made again.
                #expect(
                    try await server.fetch("recordings/\(stored.calls[0].recording)/audio?format=wav").status == 200)
            }
        }

        @Test(.timeLimit(.minutes(2))) func damageIsReportedAndNotServedAsWhole() async throws {
            try await withStored(3) { server, stored in
                try Data(stored.calls[0].bytes.prefix(5000)).write(to: stored.path(0))
                try FileManager.default.removeItem(at: stored.path(1))
                for (index, word) in [(0, "5000 bytes"), (1, "gone")] {
                    for query in ["", "?format=wav"] {
                        let answer = try await server.fetch("recordings/\(stored.calls[index].recording)/audio\(query)")
                        #expect(answer.status == 500)
                        #expect(answer.detail.contains(word), "\(answer.detail)")
                    }
                }
                #expect(try await server.fetch("recordings/\(stored.calls[2].recording)/audio").status == 200)
                let metrics = try await server.get("/metrics").body
                #expect(metrics.contains("hotline_recording_alarms{kind=\"altered\"} 1"))
                #expect(metrics.contains("hotline_recording_alarms{kind=\"missing_file\"} 1"))
                #expect(metrics.contains("hotline_recording_alarms{kind=\"gaps\"} 0"))
                // The right length with the wrong bytes in it: nothing can be made of it, and that is told.
                var bytes = stored.calls[2].bytes
                for place in bytes.count / 2..<bytes.count { bytes[place] = 0 }
                try Data(bytes).write(to: stored.path(2))
                let answer = try await server.fetch("recordings/\(stored.calls[2].recording)/audio?format=wav")
                #expect(answer.status == 500, "\(answer.detail)")
                let (code, _) = try await server.ask(["evidence", "verify"])
                #expect(code == 0)
            }
        }

        @Test(.timeLimit(.minutes(2))) func peaksSilenceAndEventsAreAnswered() async throws {
            try await withStored { server, stored in
                let one = stored.calls[0]
                let fine = try await server.fetch("recordings/\(one.recording)/peaks")
                #expect(fine.status == 200 && fine.headers["content-type"] == "application/octet-stream")
                // 96,000 samples: 375 pixels of two channels.
                #expect(fine.body.count == 24 + 375 * 4)
                #expect(
                    Array(fine.body.prefix(24)) == [
                        2, 0, 0, 0, 1, 0, 0, 0, 0x40, 0x1F, 0, 0, 0, 1, 0, 0, 119, 1, 0, 0, 2, 0, 0, 0,
                    ])
                let coarse = try await server.fetch("recordings/\(one.recording)/peaks?samples_per_pixel=25600")
                #expect(coarse.body.count == 24 + 4 * 4)
                for samples in ["0", "100", "-256", "x", "99999999999999999999"] {
                    let answer = try await server.fetch(
                        "recordings/\(one.recording)/peaks?samples_per_pixel=\(samples)")
                    #expect(answer.status == 400, "\(samples)")
                }
                let silence = try await server.fetch("recordings/\(one.recording)/silence").object
                #expect(silence["length_ms"] as? Int == 12_000)
                #expect(silence["overtalk_share"] as? Double == 1)
                #expect(silence["silence_share"] as? Double == 0)
                let channels = try #require(silence["channels"] as? [[String: Any]])
                #expect(channels.map { $0["role"] as? String } == ["caller", "system"])
                #expect(channels.map { $0["talk_share"] as? Double } == [1, 1])
                let level = try #require(channels[1]["level_dbfs"] as? Double)
                #expect(abs(level + 21.28) < 0.1)
                let events = try await server.fetch("recordings/\(one.recording)/events").object
                #expect(events["length_ms"] as? Int == 12_000)
                let list = try #require(events["events"] as? [[String: Any]])
                let released = try #require(list.first { $0["kind"] as? String == "call_released" })
                #expect(released["position_ms"] as? Int == 12_000)
                #expect(released["position_basis"] as? String == "clock")
                #expect((events["segments"] as? [[String: Any]])?.count == 2)
            }
        }

        @Test(.timeLimit(.minutes(2))) func everyReplayIsJournalledOnceAMinute() async throws {
            try await withStored { server, stored in
                let one = stored.calls[0]
                let path = "recordings/\(one.recording)/audio"
                // Neither a look at the head nor a refusal is a replay.
                _ = try await server.fetch(path, ["--head"])
                _ = try await server.fetch(path, ["-H", "Range: bytes=99999999-"])
                #expect(
                    try await server.show(one.call.description).timeline.allSatisfy { $0.kind != "recording_replayed" })
                for _ in 0..<4 {
                    _ = try await server.fetch(
                        "\(path)?reason=%E6%8A%95%E8%AF%89&by=1001", ["-H", "Range: bytes=0-99"])
                }
                _ = try await server.fetch(path)
                let replays = try await server.show(one.call.description).timeline
                    .filter { $0.kind == "recording_replayed" }
                #expect(replays.count == 2)
                #expect(replays[0].data?["reason"] == "投诉")
                #expect(replays[0].data?["by"] == "1001" && replays[0].data?["token"] == "api")
                #expect(replays[1].data?["by"] == nil)
            }
        }

        @Test(.timeLimit(.minutes(2))) func aRunningCallsRecordingIsNotYetThere() async throws {
            var options = ServerOptions(answerAfter: "200ms")
            options.more = StoredCalls.noDailyCheck
            try await withServer(options) { server in
                var caller = try RawCaller(port: server.port, id: "replay")
                #expect(try caller.call(mediaPort: UInt16(await Ports.shared.take(2)), within: 10) == 200)
                try await caller.talk(milliseconds: 1500)
                let running = try #require(try await server.calls().first?.recordings.first)
                let early = try await server.fetch("recordings/\(running.id)/audio")
                #expect(early.status == 409)
                #expect(early.detail.contains("not finished"), "\(early.detail)")
                #expect(try await server.fetch("recordings/\(running.id)/events").status == 200)
                #expect(caller.hangUp() == 200)
                let row = try #require(try await server.finishedCalls(1).first)
                let recording = try #require(row.recordings.first)
                let audio = try await server.fetch("recordings/\(recording.id)/audio")
                #expect(audio.status == 200 && audio.headers["etag"] == "\"\(recording.sha256 ?? "")\"")
                let silence = try await server.fetch("recordings/\(recording.id)/silence").object
                #expect((silence["length_ms"] as? Int ?? 0) > 1000)
                let (code, text) = try await server.ask(["recordings", "reconcile", "--all", "--json"])
                #expect(code == 0, "\(text)")
                #expect(text.contains("\"ok\" : true") && text.contains("\"hashed\" : 1"), "\(text)")
                try await server.expectVerified(recordings: 1)
            }
        }

        /// A file larger than all the memory that the server may take for it.
        @Test(.timeLimit(.minutes(5))) func fourHoursPlayWithoutBeingLoaded() async throws {
            try await withStored(seconds: 14_400) { server, stored in
                let one = stored.calls[0]
                let size = one.bytes.count
                #expect(size > 60_000_000)
                _ = try await server.fetch("recordings/\(one.recording)/audio", ["-H", "Range: bytes=0-99"])
                let before = server.residentKilobytes
                let end = try await server.fetch("recordings/\(one.recording)/audio", ["-H", "Range: bytes=-1000"])
                #expect(end.body == Array(one.bytes.suffix(1000)))
                let whole = try await server.fetch("recordings/\(one.recording)/audio")
                #expect(whole.body.count == size)
                #expect(server.residentKilobytes - before < 40_000, "\(server.residentKilobytes - before) kB more")
            }
        }
    }
}
