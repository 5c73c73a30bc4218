import CallFlow
import Calls
import Foundation
import Lines
import Media
import Norms
import Storage
import Switchboard
import Testing

/// Notices that callers hear while they are on, with a clock moved by hand and a real store.
@Suite struct NoticesTests {
    private static let prompts = [
        "notice.storm": "受恶劣天气影响，部分地区停电。", "notice.flood": "因洪水停电。", "notice.recording": "本次通话将被录音。",
        "hello": "您好",
    ]
    private static let leader = workNumber("8001")

    /// A store that can be opened again, and the notices in it.
    private final class Hotline {
        let clock = HandClock()
        let folder: URL
        private(set) var store: Store
        private(set) var notices: Notices
        private let reads: @Sendable (String) -> Bool

        init(reads: @escaping @Sendable (String) -> Bool = { $0 == "notice.storm" }) throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "hotline-notices-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            self.reads = reads
            store = try Self.open(folder, clock)
            notices = Notices(store: store, prompts: NoticesTests.prompts, reads: reads, time: clock)
        }

        private static func open(_ folder: URL, _ clock: HandClock) throws -> Store {
            try Store.open(
                folder: folder.path, identity: NodeIdentity(name: "test", number: 1, boot: "boot"), time: clock,
                random: { UInt64.random(in: .min ... .max) })
        }

        /// - Returns: what cannot be said any more.
        func restart(prompts: [String: String] = NoticesTests.prompts) async throws -> [String] {
            await store.close()
            store = try Self.open(folder, clock)
            notices = Notices(store: store, prompts: prompts, reads: reads, time: clock)
            return try await notices.load()
        }

        func close() async throws {
            await store.close()
            try FileManager.default.removeItem(at: folder)
        }

        /// What a call that begins now knows of notices.
        var variables: [String: String] { notices.variables(at: clock.now()) }

        func minutes(_ minutes: Int64) -> UTCTime {
            UTCTime(microseconds: clock.now().wall + minutes * 60_000_000)
        }
    }

    @Test func itIsOnForTheNextCallAndOffForTheOneAfter() async throws {
        let hotline = try Hotline()
        #expect(try await hotline.notices.load() == [])
        #expect(hotline.variables == [:] && hotline.notices.records(at: hotline.clock.now()) == [])

        try await hotline.notices.set("storm", prompt: "notice.storm", until: nil, by: Self.leader, why: "台风")
        #expect(hotline.variables == ["notice.storm": "notice.storm"])
        hotline.clock.pass(minutes: 60 * 24 * 40)
        #expect(hotline.variables == ["notice.storm": "notice.storm"])
        try await hotline.notices.set("storm", prompt: "notice.flood", until: nil, by: Self.leader, why: "")
        #expect(hotline.variables == ["notice.storm": "notice.flood"])

        hotline.clock.pass(minutes: 1)
        try await hotline.notices.clear("storm", by: workNumber("8002"), why: "抢修完毕")
        #expect(hotline.variables == [:])
        let record = try #require(hotline.notices.records(at: hotline.clock.now()).first)
        #expect(record.name == "storm" && !record.isOn && record.prompt == nil)
        #expect(record.by == "8002" && record.why == "抢修完毕" && record.setAt == UTCTime(hotline.clock.now()))

        let history = try await hotline.store.reader.noticeHistory(at: hotline.minutes(0), limit: 10)
        #expect(history.map(\.prompt) == [nil, "notice.flood", "notice.storm"])
        #expect(history.map(\.why) == ["抢修完毕", "", "台风"] && history.allSatisfy { !$0.isOn })
        let report = try await hotline.store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        try await hotline.close()
    }

    @Test func itEndsByItself() async throws {
        let hotline = try Hotline()
        try await hotline.notices.set(
            "storm", prompt: "notice.storm", until: hotline.minutes(30), by: Self.leader, why: "台风")
        hotline.clock.pass(minutes: 29)
        #expect(hotline.variables == ["notice.storm": "notice.storm"])
        #expect(try await hotline.store.reader.notices(at: hotline.minutes(0)).map(\.isOn) == [true])
        hotline.clock.pass(minutes: 1)
        #expect(hotline.variables == [:])
        #expect(hotline.notices.records(at: hotline.clock.now()).map(\.isOn) == [false])
        #expect(try await hotline.store.reader.notices(at: hotline.minutes(0)).map(\.isOn) == [false])
        // What is over is not on, and cannot be taken back.
        let refused = try await refusal {
            try await hotline.notices.clear("storm", by: Self.leader, why: "")
        }
        #expect(refused?.contains("not on") == true)
        try await hotline.close()
    }

    @Test func aRestartChangesNothing() async throws {
        let hotline = try Hotline()
        try await hotline.notices.set(
            "storm", prompt: "notice.flood", until: hotline.minutes(30), by: Self.leader, why: "洪水")
        let before = hotline.notices.records(at: hotline.clock.now())
        hotline.clock.pass(minutes: 10)
        #expect(try await hotline.restart() == [])
        #expect(hotline.notices.records(at: hotline.clock.now()) == before)
        #expect(hotline.variables == ["notice.storm": "notice.flood"])
        hotline.clock.pass(minutes: 20)
        #expect(hotline.variables == [:])

        try await hotline.notices.set("storm", prompt: "notice.storm", until: nil, by: Self.leader, why: "")
        hotline.clock.pass(minutes: 1)
        try await hotline.notices.clear("storm", by: Self.leader, why: "")
        #expect(try await hotline.restart() == [])
        #expect(hotline.variables == [:])

        // The prompt is gone from the catalog: nobody is told nothing in its place, and it can be taken back.
        try await hotline.notices.set("storm", prompt: "notice.storm", until: nil, by: Self.leader, why: "")
        #expect(try await hotline.restart(prompts: ["notice.flood": "因洪水停电。"]) == ["notice.storm"])
        #expect(hotline.variables == [:])
        hotline.clock.pass(minutes: 1)
        try await hotline.notices.clear("storm", by: Self.leader, why: "")
        let report = try await hotline.store.reader.verifyEvidence()
        #expect(report.ok, "\(report)")
        try await hotline.close()
    }

    @Test func whatCannotBeIsRefusedWithWhatThereIs() async throws {
        let hotline = try Hotline()
        func refused(
            _ name: String = "storm", _ prompt: String = "notice.storm", until: UTCTime? = nil, why: String = ""
        ) async throws -> String? {
            try await refusal {
                try await hotline.notices.set(name, prompt: prompt, until: until, by: Self.leader, why: why)
            }
        }
        #expect(hotline.notices.choices.map(\.id) == ["notice.flood", "notice.storm"])
        for prompt in ["hello", "notice.recording", "notice.sotrm", "", "'; DROP TABLE notices; --", "\u{202E}x"] {
            let message = try await refused("storm", prompt)
            #expect(message?.contains("notice.flood, notice.storm") == true, "\(prompt)")
        }
        #expect(try await refused("strom")?.contains("\"storm\"") == true)
        #expect(try await refused("outage")?.contains("There is storm") == true)
        #expect(try await refused(until: hotline.minutes(0))?.contains("past") == true)
        #expect(try await refused(until: UTCTime(microseconds: .max))?.contains("30 days") == true)
        #expect(try await refused(until: hotline.minutes(30 * 24 * 60)) == nil)
        #expect(try await refused(why: String(repeating: "长", count: 700))?.contains("longer") == true)
        #expect(
            try await refusal { try await hotline.notices.clear("rain", by: Self.leader, why: "") }?
                .contains("no notice") == true)
        #expect(hotline.notices.isHeard("storm"))
        try await hotline.close()

        let deaf = try Hotline(reads: { _ in false })
        let message = try await refusal {
            try await deaf.notices.set("storm", prompt: "notice.storm", until: nil, by: Self.leader, why: "")
        }
        #expect(message?.contains("does not say") == true && !deaf.notices.isHeard("storm"))
        try await deaf.close()
    }

    /// What the configuration gives, a notice that goes before it, and a call that keeps what it began with.
    @Test func aCallHearsWhatHeldWhenItBegan() async throws {
        let hotline = try Hotline()
        // Internal: it need not lead to a person.
        let text = """
            flow: test
            internal: true
            start: begin
            variables: {notice.storm: ""}
            steps:
              begin: {verb: answer, next: hello}
              hello: {verb: play, prompts: [hello], next: storm}
              storm: {verb: play, prompts: ["${notice.storm}"], next: again}
              again: {verb: hangup, prompts: ["${notice.storm}", hello]}
            """
        let (loaded, diagnostics) = Flow.load(
            text: text, file: "test.yaml", prompts: ["hello", "notice.storm", "notice.flood", "notice.usual"])
        try diagnostics.throwErrors()
        let flow = try #require(loaded)
        #expect(flow.reads("notice.storm") && !flow.reads("notice.outage"))
        let settings = SessionSettings(
            ringClock: RingClock(), answerOnRing: 1, answerAfterMilliseconds: 1000, alerting: .ringing,
            apologiseAfterRings: 4, apologiseReading: .beforeNextRing, flow: flow, flowVersion: "test@1",
            variables: ["notice.storm": "notice.usual"])
        func begin() -> CallSession {
            var session = CallSession(
                call: stageCall, leg: callerLeg, recording: stageRecording, line: "trunk1",
                offer: Offer(
                    caller: nil, callerRaw: nil, callerSource: "from", called: "95598", diversion: nil,
                    peer: "192.0.2.7:5060", protocolCallID: "abc"),
                settings: settings, variables: hotline.variables)
            _ = session.begin(at: at(0))
            return session
        }
        func heard(_ session: CallSession) throws -> [String] {
            var stage = try Stage(flow: flowText)
            stage.session = session
            stage.actions = []
            stage.establish()
            for round in 0..<3 {
                guard let last = stage.plays.last else { break }
                stage.media(.playFinished(last.id), at: 2000 + Int64(round) * 100)
            }
            return stage.plays.flatMap(\.items).map { item in
                if case .prompt(let id) = item { id } else { "" }
            }
        }
        let before = begin()
        try await hotline.notices.set("storm", prompt: "notice.storm", until: nil, by: Self.leader, why: "台风")
        let during = begin()
        hotline.clock.pass(minutes: 1)
        try await hotline.notices.set("storm", prompt: "notice.flood", until: nil, by: Self.leader, why: "")
        hotline.clock.pass(minutes: 1)
        try await hotline.notices.clear("storm", by: Self.leader, why: "")
        let after = begin()
        #expect(try heard(before) == ["hello", "notice.usual", "notice.usual", "hello"])
        #expect(try heard(during) == ["hello", "notice.storm", "notice.storm", "hello"])
        #expect(try heard(after) == ["hello", "notice.usual", "notice.usual", "hello"])
        try await hotline.close()
    }
}
