import Calls
import Storage
import Switchboard
import Testing

/// An order holds many calls and recordings, each with its role; what has no recording is shown as unproven, until one is
/// given.
@Suite struct OrderCallsTests {
    private func call(_ desk: OrderDesk, _ serial: UInt64, recorded: Bool = true) async throws -> (CallID, RecordingID)
    {
        let (call, recording) = (CallID(high: 7, low: serial), RecordingID(high: 8, low: serial))
        let leg = LegID(high: 9, low: serial)
        let now = desk.clock.now()
        var facts: [Fact] = [
            .callOffered(
                CallOffered(
                    call: call, leg: leg, at: now, line: "trunk1", direction: .outbound, caller: "95598",
                    callerRaw: nil, callerSource: "from", called: "13900001234", diversion: nil, peer: "",
                    protocolCallID: "x\(serial)"))
        ]
        if recorded {
            facts.append(
                .recordingPlanned(
                    RecordingPlanned(
                        recording: recording, call: call, at: now,
                        channels: [
                            RecordingPlanned.Channel(index: 0, leg: leg, role: "customer", tap: "received"),
                            RecordingPlanned.Channel(index: 1, leg: leg, role: "agent", tap: "sent"),
                        ])))
        }
        try await desk.store.record(facts)
        return (call, recording)
    }

    @Test func callsAndRecordingsHaveRoles() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let number = try await desk.make(1)
        let unit = "power_station"
        let (intake, spoken) = try await call(desk, 1)
        var life = try await desk.step(number, "accept", "agent", OrderDesk.said, call: intake)
        #expect(life.unproven.isEmpty && life.calls.map(\.id) == [intake] && life.calls.map(\.role) == ["call"])
        try await desk.step(number, "audit", "shift_leader", ["verdict": "passed"])
        try await desk.step(number, "dispatch", "shift_leader", ["department": "power_station"])
        try await desk.step(number, "receive", "department", unit: unit)
        // The contact has a call, which was not recorded: linked, and unproven.
        let (silent, _) = try await call(desk, 2, recorded: false)
        life = try await desk.step(number, "contact", "department", ["reached": "reached"], unit: unit, call: silent)
        #expect(life.unproven.map(\.step) == ["contact"] && life.unproven.map(\.number) == [5])
        #expect(life.calls.contains { $0.id == silent && $0.role == "contact" })

        // A recording that belongs to it is found later.
        let (second, contact) = try await call(desk, 3)
        let wrong = try await refusal {
            try await desk.step(number, "prove", "agent", ["proves": "4", "recording": contact.description])
        }
        #expect(wrong?.contains("5 contact") == true)
        life = try await desk.step(number, "prove", "agent", ["proves": "5", "recording": contact.description])
        #expect(life.unproven.isEmpty)
        let order = try #require(try await desk.store.reader.order(number))
        #expect(
            order.recordings.map(\.id) == [spoken, contact] && order.recordings.map(\.role) == ["call", "contact"])
        #expect(order.calls.map(\.id) == [intake, silent, second])
        let again = try await refusal {
            try await desk.step(number, "prove", "agent", ["proves": "5", "recording": contact.description])
        }
        #expect(again?.contains("None does") == true)
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }

    @Test func aCallMustBeThereAndFit() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let number = try await desk.make(1)
        let none = try await refusal {
            try await desk.step(number, "accept", "agent", OrderDesk.said, call: CallID(high: 1, low: 99))
        }
        #expect(none?.contains("no call") == true)
        let (one, _) = try await call(desk, 1)
        let (_, other) = try await call(desk, 2)
        var fields = OrderDesk.said
        fields["recording"] = other.description
        let apart = try await refusal { try await desk.step(number, "accept", "agent", fields, call: one) }
        #expect(apart?.contains("is not of call") == true)
        #expect(try await desk.store.reader.order(number)?.steps.isEmpty == true)
        try await desk.close()
    }
}
