import Calls
import Storage
import Switchboard
import Testing

/// What a call broke is written down when it has ended, once, and its recording is found by it.
@Suite struct BreachWatchTests {
    /// A call that an agent ended: the customer hangs up first (002 服务规范 2).
    private func call(_ desk: OrderDesk, _ serial: UInt64, endedBy: ReleasedBy) async throws -> CallID {
        let (call, recording) = (CallID(high: 7, low: serial), RecordingID(high: 8, low: serial))
        let (leg, phone) = (LegID(high: 9, low: serial), LegID(high: 10, low: serial))
        func at(_ seconds: Int64) -> Instant {
            let now = desk.clock.now()
            return Instant(wall: now.wall + seconds * 1_000_000, mono: now.mono + seconds * 1_000_000_000)
        }
        let message = endedBy == .agent ? "BYE received" : "BYE sent"
        try await desk.store.record([
            .callOffered(
                CallOffered(
                    call: call, leg: leg, at: at(0), line: "trunk1", direction: .inbound, caller: "1390000000\(serial)",
                    callerRaw: nil, callerSource: "from", called: "95598", diversion: nil, peer: "",
                    protocolCallID: "x\(serial)")),
            .callAlerted(CallAlerted(call: call, at: at(0), basis: .nominal180)),
            .callAnswered(
                CallAnswered(
                    call: call, at: at(1), rings: 1, ringMilliseconds: 1000, basis: .nominal180, flowVersion: "test")),
            .recordingPlanned(
                RecordingPlanned(
                    recording: recording, call: call, at: at(1),
                    channels: [RecordingPlanned.Channel(index: 0, leg: leg, role: "caller", tap: "received")])),
            .agentOffered(
                AgentOffered(
                    call: call, leg: phone, at: at(2), agent: workNumber("1001"), purpose: .queue, queue: "service")),
            .agentAnswered(
                AgentAnswered(
                    call: call, leg: phone, at: at(4), agent: workNumber("1001"), purpose: .queue,
                    queue: "service", rings: 1,
                    ringMilliseconds: 1000, summedRings: 1, summedRingMilliseconds: 1000, waitMilliseconds: 3000,
                    basis: .nominal180)),
            .agentLeft(
                AgentLeft(
                    call: call, leg: phone, at: at(60), agent: workNumber("1001"), by: endedBy, message: message)),
            .callReleased(
                CallReleased(
                    call: call, at: at(60), releasedBy: endedBy,
                    evidence: ReleaseEvidence(firstLeg: nil, message: message), outcome: .completed, statistics: [:])),
        ])
        return call
    }

    @Test func aBreachIsWrittenDownOnceAndFound() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let rules = try OrderDesk.rules("yongqiang")
        let watch = BreachWatch(rules: rules, store: desk.store, time: desk.clock)
        let bad = try await call(desk, 1, endedBy: .agent)
        let good = try await call(desk, 2, endedBy: .caller)
        // Not while facts may still come in.
        #expect(try await watch.look() == 0)
        desk.clock.pass(minutes: 2)
        #expect(try await watch.look() == 1)
        #expect(try await watch.look() == 0)
        func found(_ rule: String) async throws -> [CallID] {
            var filter = RecordingFilter()
            try RecordingParameters.set("norm_broken", to: rule, in: &filter)
            return try await desk.store.reader.recordingPage(filter).recordings.map(\.recording.callID)
        }
        #expect(try await found("yq-hang-up") == [bad])
        #expect(try await found("any") == [bad])
        #expect(try await found("yq-rings").isEmpty && bad != good)
        // A server that starts anew judges the last hour again, and writes nothing twice.
        let again = BreachWatch(rules: rules, store: desk.store, time: desk.clock)
        #expect(try await again.look() == 0)
        let filter = RecordingFilter()
        #expect(try await desk.store.reader.recordingPage(filter).recordings.count == 2)
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }
}
