import Calls
import Foundation
import Storage
import Switchboard
import Synchronization
import Testing

/// What other programs are told out of the journal: in order, at least once, over restarts.
@Suite struct WebhookFeedTests {
    /// What came, and whether it is taken.
    private final class Other: Sendable {
        let bodies = Mutex<[(id: String, body: String)]>([])
        let isAway = Mutex(false)

        func take(_ message: WebhookMessage) throws(SwitchboardError) {
            if isAway.withLock({ $0 }) { throw SwitchboardError(.webhook, "away") }
            bodies.withLock { $0.append((message.id, String(decoding: message.body, as: UTF8.self))) }
        }

        var types: [String] {
            bodies.withLock { bodies in
                bodies.map { String($0.body.firstMatch(of: #/"type":"(\w+)"/#)?.1 ?? "?") }
            }
        }
    }

    private func feed(_ desk: OrderDesk, _ other: Other) -> WebhookFeed {
        WebhookFeed(store: desk.store, path: desk.folder.appending(path: "events.json").path, time: desk.clock) {
            (message) throws(SwitchboardError) in try other.take(message)
        }
    }

    private func call(_ desk: OrderDesk, _ serial: UInt64) async throws {
        let (call, leg, recording) = (
            CallID(high: 7, low: serial), LegID(high: 9, low: serial), RecordingID(high: 8, low: serial)
        )
        let at = desk.clock.now()
        try await desk.store.record([
            .callOffered(
                CallOffered(
                    call: call, leg: leg, at: at, line: "trunk1", direction: .inbound, caller: "13900001111",
                    callerRaw: nil, callerSource: "from", called: "95598", diversion: nil, peer: "",
                    protocolCallID: "x")),
            .recordingPlanned(
                RecordingPlanned(
                    recording: recording, call: call, at: at,
                    channels: [.init(index: 0, leg: leg, role: "caller", tap: "received")])),
            .recordingStarted(RecordingStarted(recording: recording, call: call, at: at)),
            .recordingStopped(
                RecordingStopped(recording: recording, call: call, at: at, length: AudioPosition(milliseconds: 1000))),
            .callReleased(
                CallReleased(
                    call: call, at: at, releasedBy: .caller,
                    evidence: ReleaseEvidence(firstLeg: nil, message: "BYE received"), outcome: .completed,
                    statistics: [:])),
            .recordingFinished(
                RecordingFinished(
                    recording: recording, call: call, at: at, file: "a\(serial).flac", format: "flac", rate: 8000,
                    frames: 8000, bytes: 10, sha256: String(repeating: "a", count: 64), gaps: [], recovered: false)),
        ])
    }

    @Test func whatComesAfterTheBeginIsToldInOrderOnce() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let other = Other()
        try await call(desk, 1)
        let feed = feed(desk, other)
        // Whoever begins to listen today is not told of yesterday.
        #expect(try await feed.look() == 0)
        try await call(desk, 2)
        let order = try await desk.make(1)
        try await desk.store.record([
            .normBroken(
                NormBroken(
                    call: CallID(high: 7, low: 2), at: desk.clock.now(), rule: "yq-rings", profile: "yongqiang@1",
                    count: 2, measured: 21_000, agent: "1001")),
            .recordingAlarm(
                RecordingAlarmChanged(
                    at: desk.clock.now(), kind: .missingRecording, subject: "x", isOpen: true,
                    call: CallID(high: 7, low: 1), message: "no recording")),
        ])
        #expect(try await feed.look() == 5)
        #expect(
            other.types == ["call_ended", "recording_ready", "order_created", "norm_broken", "recording_missing"])
        let bodies = other.bodies.withLock { $0 }
        #expect(Set(bodies.map(\.id)).count == 5 && bodies.allSatisfy { $0.id.hasPrefix("event/") })
        #expect(bodies[1].body.contains(#""length_ms":1000"#) && bodies[2].body.contains(order))
        // No numbers, no codes.
        #expect(!bodies.contains { $0.body.contains("13900001111") || $0.body.contains("4711") })
        #expect(try await feed.look() == 0)
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }

    @Test func whileTheOtherSideIsAwayNothingIsLostNorToldTwice() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let other = Other()
        #expect(try await feed(desk, other).look() == 0)
        try await call(desk, 1)
        other.isAway.withLock { $0 = true }
        for _ in 0..<3 {
            await #expect(throws: SwitchboardError.self) { try await feed(desk, other).look() }
        }
        try await call(desk, 2)
        other.isAway.withLock { $0 = false }
        // Another server, which knows the file alone.
        #expect(try await feed(desk, other).look() == 4)
        #expect(try await feed(desk, other).look() == 0)
        #expect(other.types == ["call_ended", "recording_ready", "call_ended", "recording_ready"])
        #expect(Set(other.bodies.withLock { $0.map(\.id) }).count == 4)
        try await desk.close()
    }

    @Test func aFileThatCannotBeReadIsTold() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        try Data("{".utf8).write(to: desk.folder.appending(path: "events.json"))
        let error = await #expect(throws: SwitchboardError.self) { try await feed(desk, Other()).look() }
        #expect(error?.code == .configuration && error?.message.contains("events.json") == true)
        try await desk.close()
    }
}
