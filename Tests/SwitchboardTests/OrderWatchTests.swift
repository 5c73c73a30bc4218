import Calls
import Logging
import Storage
import Switchboard
import Testing

/// Whoever is responsible is told that an order's time runs out: once, whatever happens to the server or its clock.
@Suite struct OrderWatchTests {
    @Test func eachAlarmIsToldOnce() async throws {
        let desk = try OrderDesk(policy: "dazu")
        let number = try await desk.make(1)
        try await desk.step(number, "accept", "agent", OrderDesk.said)
        try await desk.step(number, "audit", "shift_leader", ["verdict": "passed"])
        #expect(try await desk.watch.look() == 0)
        // One hour to dispatch it (000-G 第十四条), alarms at 66 hundredths of it, at its end, 30 minutes and 2 hours after.
        desk.clock.pass(minutes: 39)
        #expect(try await desk.watch.look() == 0)
        desk.clock.pass(minutes: 1)
        #expect(try await desk.watch.look() == 1)
        #expect(try await desk.watch.look() == 0)
        var told = try #require(try await desk.store.reader.order(number)).alarms
        #expect(told.map(\.clock) == ["dispatch"] && told[0].warning && told[0].role == "shift_leader")
        #expect(told[0].channel == "phone" && told[0].alarm == "early")

        // A server that starts anew knows what was told, and what became due while nobody looked.
        desk.clock.pass(minutes: 60)
        let rules = try OrderDesk.rules("dazu")
        let after = OrderWatch(
            rules: rules, store: desk.store, webhook: nil, time: desk.clock, log: Logger(label: "test"))
        #expect(try await after.look() == 2)
        told = try #require(try await desk.store.reader.order(number)).alarms
        #expect(told.map(\.alarm) == ["early", "overdue", "supervisor"] && !told[1].warning)
        #expect(told[2].role == "supervisor")
        // A clock that is put back tells nothing again.
        desk.clock.pass(minutes: -90)
        #expect(try await after.look() == 0)
        desk.clock.pass(minutes: 90)
        #expect(try await after.look() == 0)

        // Done: the clock is over, and its last alarm never comes.
        try await desk.step(number, "dispatch", "shift_leader", ["department": "power_station"])
        desk.clock.pass(minutes: 180)
        desk.watch.touch(number)
        _ = try await desk.watch.look()
        told = try #require(try await desk.store.reader.order(number)).alarms
        #expect(told.filter { $0.clock == "dispatch" }.count == 3)
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }

    @Test func whatIsAcknowledgedIsNotTold() async throws {
        let desk = try OrderDesk(policy: "dazu")
        let number = try await desk.make(1)
        try await desk.step(number, "accept", "agent", OrderDesk.said)
        try await desk.step(number, "audit", "shift_leader", ["verdict": "passed"])
        desk.clock.pass(minutes: 45)
        try await desk.step(number, "acknowledge", "shift_leader", ["clock": "dispatch", "alarm": "early"])
        #expect(try await desk.watch.look() == 0)
        try await desk.close()
    }
}
