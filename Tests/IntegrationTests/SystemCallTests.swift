import Foundation
import Testing

extension Integration {
    /// What the media thread asks of the kernel, as the kernel counts it: the larger part of a call's cost is there.
    @Suite(.server(ServerOptions(flow: "listening.yaml", answerAfter: "0ms", more: "rtp:\n  threads: 1\n")))
    struct SystemCallTests {
        /// The most that a call may ask for in a tick: its packets in, its packet out, and a twentieth for RTCP.
        static let perLegAndTick = 2.05
        /// The most that the thread itself may in a tick: its sleep (so few calls have one turn), RTCP's look, a bell for
        /// events.
        static let perTick = 6.0

        @Test(.timeLimit(.minutes(2))) func aCallAsksTwiceATickAndTheThreadHardly() async throws {
            let server = try RunningServer.shared
            let calls = 10
            let sipp = Sipp.speaking(calls, caller: "13800000601", to: server, milliseconds: 12_000, pause: 12_000)
            let running = try await sipp.start(in: server.scratch)
            let allTalk = try await eventually(within: 10) {
                try await server.metric("hotline_media_legs") == Double(calls)
            }
            #expect(allTalk)

            let counts = try await server.trace(thread: "media", seconds: 5)
            let ticks = Double(counts["clock_nanosleep"] ?? 0)
            // Of 250; the tracer makes the thread slow, and a tick that is made up for has no sleep of its own.
            try #require(ticks > 100, "\(counts)")
            let received = Double(counts["recvmmsg"] ?? 0)
            let sent = Double(counts["sendto"] ?? 0) + Double(counts["sendmsg"] ?? 0) + Double(counts["sendmmsg"] ?? 0)
            #expect(received > 0 && sent > 0, "\(counts)")
            let all = Double(counts.values.reduce(0, +))
            // Ticks made up for ask as well: counted by what is sent, one packet a leg and tick.
            let run = max(ticks, sent / Double(calls))
            #expect(all <= run * (Double(calls) * Self.perLegAndTick + Self.perTick), "\(counts)")
            // Nothing of the kind that waits or asks for memory.
            for name in ["futex", "mmap", "munmap", "brk", "madvise", "openat", "fsync", "fdatasync"] {
                #expect(counts[name] ?? 0 == 0, "\(name): \(counts)")
            }
            let result = try await running.finish(seconds: 60)
            #expect(result.successful == calls, "\(result.said)")
        }
    }

    /// What the store asks of the kernel while calls come.
    @Suite(.server(ServerOptions(flow: "listening.yaml", answerAfter: "0ms"))) struct StoreCallTests {
        /// A savepoint for each group of facts once had SQLite keep every page that it touched, in a temporary file a commit:
        /// half of what a call's set-up took.
        @Test(.timeLimit(.minutes(2))) func aCommitMakesNoTemporaryFile() async throws {
            let server = try RunningServer.shared
            let calls = 60
            let sipp = Sipp.speaking(
                calls, caller: "13800000603", to: server, milliseconds: 1000, pause: 1000, rate: 20)
            let running = try await sipp.start(in: server.scratch)
            let isBusy = try await eventually(within: 10) { try await server.metric("hotline_media_legs") > 5 }
            #expect(isBusy)
            let before = try await server.metric("hotline_store_commits_total")
            let opened = try await server.opened(seconds: 2)
            #expect(try await server.metric("hotline_store_commits_total") > before + 5)
            #expect(opened.contains { $0.contains("partials/") || $0.contains("recordings/") }, "\(opened)")
            #expect(opened.filter { $0.contains("etilqs_") }.isEmpty, "\(opened)")
            let result = try await running.finish(seconds: 60)
            #expect(result.successful == calls, "\(result.said)")
        }
    }

    /// The disk of recordings at its worst.
    @Suite struct SlowDiskTests {
        /// The ring between the media thread and the disk holds four seconds of all calls that may be; the disk stands
        /// still for longer.
        @Test(.timeLimit(.minutes(2))) func aDiskThatStandsStillHoldsNoCallUpAndIsTold() async throws {
            try await withServer(
                ServerOptions(maxCalls: 20, flow: "listening.yaml", answerAfter: "0ms", more: StoredCalls.noDailyCheck)
            ) { server in
                let calls = 20.0
                let sipp = Sipp.speaking(
                    Int(calls), caller: "13800000602", to: server, milliseconds: 24_000, pause: 26_000, rate: 20)
                let running = try await sipp.start(in: server.scratch)
                let allTalk = try await eventually(within: 10) {
                    try await server.metric("hotline_media_legs") == calls
                }
                #expect(allTalk)
                let sent = try await server.metric("hotline_rtp_sent_total")
                let began = ContinuousClock.now
                _ = try await server.trace(
                    thread: "audio-log", seconds: 15, options: ["-e", "inject=pwrite64:delay_enter=15s"])
                let seconds = (ContinuousClock.now - began) / .seconds(1)
                // Packets left all the while; a busy machine may skip ticks, one that waited for its disk would send hardly any.
                let left = try await server.metric("hotline_rtp_sent_total") - sent
                #expect(left > seconds * calls * 50 * 0.9, "\(left) packets in \(seconds) s")
                #expect(try await server.metric("hotline_tap_frames_lost_total") > calls * 2 * 50)

                let result = try await running.finish(seconds: 60)
                #expect(result.successful == Int(calls), "\(result.said)")
                let rows = try await server.finishedCalls(Int(calls), within: 60)
                // The recording is as long as the talk: what is missing in it is silence, listed as a gap, and an alarm.
                for row in rows {
                    let length = try #require(row.recordings.first?.seconds)
                    #expect(length > 25 && length < 28, "\(length)")
                }
                let (code, said) = try await server.ask(["recordings", "reconcile", "--json"])
                #expect(code == 1 && said.contains("\"gaps\" : \(Int(calls))"), "\(said)")
                #expect(
                    try await server.get("/metrics").body.contains(
                        "hotline_recording_alarms{kind=\"gaps\"} \(Int(calls))"))
                #expect(try await server.stop() == 0, "\(server.log)")
            }
        }
    }
}

extension Sipp {
    /// Callers who say a tone, wait, and hang up.
    /// - Parameters:
    ///   - milliseconds: how long the tone is.
    ///   - pause: milliseconds until they hang up.
    ///   - rate: calls a second; nil: as sipp does by itself.
    fileprivate static func speaking(
        _ calls: Int, caller: String, to server: RunningServer, milliseconds: Int, pause: Int, rate: Int? = nil
    ) -> Sipp {
        var pcap = Pcap()
        pcap.tone(1000, milliseconds: milliseconds)
        var sipp = Sipp(scenario: "caller-speaks-and-hangs-up", target: server.sip)
        sipp.keys = ["caller": caller]
        sipp.files = ["tone.pcap": Data(pcap.bytes)]
        sipp.calls = calls
        if let rate { sipp.rate = rate }
        sipp.pause = pause
        return sipp
    }
}

extension RunningServer {
    /// One number of `/metrics`.
    func metric(_ name: String) async throws -> Double {
        let lines = try await get("/metrics").body.split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("\(name) ") }, "no \(name)")
        return try #require(line.split(separator: " ").last.flatMap { Double($0) }, "\(line)")
    }

    /// What the process opens in a while, a line each, as strace says it.
    func opened(seconds: Double) async throws -> [String] {
        let list = scratch.folder.appendingPathComponent("strace-opened.txt")
        try await trace(
            ["-f", "-e", "trace=openat", "-o", list.path, "-p", "\(pid)"], seconds: seconds)
        return Child.text(list).split(separator: "\n").map(String.init)
    }

    /// Runs strace for a while.
    private func trace(_ options: [String], seconds: Double) async throws {
        // A child inherits that its thread blocks signals, and strace, unlike other peers, keeps it so.
        let unblocked =
            "import os,signal,sys; signal.pthread_sigmask(signal.SIG_SETMASK, []); "
            + "os.execvp(sys.argv[1], sys.argv[1:])"
        let child = try Child(
            "strace", program: "python3", arguments: ["-c", unblocked, "strace", "-qq"] + options,
            folder: scratch.folder)
        try await Task.sleep(for: .seconds(seconds))
        child.signal(SIGTERM)
        // A call that it delays is over first.
        _ = try await child.wait(seconds: seconds + 10)
    }

    /// Counts a thread's system calls by strace.
    /// - Parameter options: what else strace is to do with them.
    func trace(thread: String, seconds: Double, options: [String] = [])
        async throws -> [String: Int]
    {
        let tasks = "/proc/\(pid)/task"
        let found = try FileManager.default.contentsOfDirectory(atPath: tasks).first { task in
            Child.text(URL(fileURLWithPath: "\(tasks)/\(task)/comm")).trimmingCharacters(in: .newlines) == thread
        }
        let task = try #require(found, "the server has no thread \(thread)")
        let table = scratch.folder.appendingPathComponent("strace-\(thread).txt")
        try await trace(["-c", "-o", table.path, "-p", task] + options, seconds: seconds)
        var counts: [String: Int] = [:]
        // % time, seconds, usecs/call, calls, perhaps errors, syscall.
        for line in Child.text(table).split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 5, Double(fields[0]) != nil, let calls = Int(fields[3]), let name = fields.last,
                name != "total"
            else { continue }
            counts[String(name)] = calls
        }
        try #require(!counts.isEmpty, "strace told nothing")
        return counts
    }
}
