import Calls
import Foundation
import Storage
import Testing

/// Reports to shift leaders, call-backs of broken lines, forms owed after calls, places kept for call-backs.
@Suite struct ConductTests {
    @Test func aReportIsUnheardUntilSomebodyAcknowledgesIt() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = AgentScenario(0)
        try await store.record(one.whole + [one.conduct[0]])
        let reader = store.reader
        // The caller's voice message was heard; the report stands before it.
        #expect(try await reader.messages().map(\.id) == [one.report, one.message])
        #expect(try await reader.messages(filter: MessageFilter(kind: .voice)).map(\.id) == [one.message])
        #expect(try await reader.unheardMessages() == 1)
        #expect(try await reader.unheardReports() == 1)
        let report = try #require(try await reader.messages(filter: MessageFilter(kind: .report)).first)
        #expect(report.role == .shiftLeader)
        #expect(report.agent == one.two)
        #expect(report.caller == one.base.caller)
        #expect(report.mark == "nuisance")
        #expect(report.note == "辱骂")
        #expect(report.leftAt == UTCTime(one.at(61_000)))
        #expect(report.recording == one.base.recording)
        #expect(report.heardAt == nil)
        let json = try JSONTests.json([report])
        for key in [#""kind" : "report""#, #""role" : "shift_leader""#, #""agent" : "1002""#, #""heard_by" : null"#] {
            #expect(json.contains(key), "\(key) in \(json)")
        }
        try await store.record([
            .messageHeard(MessageHeard(message: one.report, at: one.at(90_000), by: workNumber("8001")))
        ])
        #expect(try await reader.unheardReports() == 0)
        #expect(try await reader.message(one.report)?.heardBy == workNumber("8001"))
        #expect(try await reader.verifyEvidence().ok)
        // A report of a call that was never recorded contradicts the tables.
        var stray = one.conduct[0]
        if case .callReported(var fact) = stray {
            fact.recording = Scenario(9).recording
            stray = .callReported(fact)
        }
        await #expect(throws: StorageError.self) { try await store.record([stray]) }
        await store.close()
    }

    @Test func aBrokenLineIsATaskOfItsAgent() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        let one = Scenario(0)
        try await store.record([
            one.offered,
            .callBackAsked(
                CallBackAsked(
                    call: one.call, at: one.at(5000), queue: "", number: one.caller, dueAt: one.at(305_000),
                    dropped: CallBackAsked.Dropped(agent: workNumber("1001"), follows: Scenario(7).call))),
        ])
        let task = try #require(try await store.reader.callBack(of: one.call))
        #expect(task.reason == .dropped)
        #expect(task.forAgent == workNumber("1001"))
        #expect(task.follows == Scenario(7).call)
        #expect(task.state == .open)
        #expect(task.dueAt == UTCTime(one.at(305_000)))
        #expect(try await store.reader.callBacks(filter: CallBackFilter(openOnly: true)) == [task])
        #expect(try await store.reader.callBack(of: Scenario(7).call) == nil)
        // It is nobody's place in a queue.
        #expect(try await store.reader.openAgentStates().places.isEmpty)
        await store.close()
    }

    @Test func aFormIsOwedUntilAnOrderIsMadeOrLinkedOrTheAgentSaysWhyNone() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        func owed(_ index: Int, _ agent: String = "1001") -> Fact {
            .formOwed(
                FormOwed(call: Scenario(index).call, at: Scenario(index).at(20_000), agent: workNumber(agent)))
        }
        func pending() async throws -> [String] {
            try await store.reader.pendingForms().map { form in
                let index = (0..<6).first { Scenario($0).call == form.call } ?? -1
                return "\(index) \(form.agent)"
            }
        }
        for index in 0..<6 { try await store.record([Scenario(index).offered, Scenario(index).planned]) }
        try await store.record([owed(0), owed(1), owed(2), owed(3, "1002")])
        #expect(try await pending() == ["0 1001", "1 1001", "2 1001", "3 1002"])
        // Made for the call.
        try await store.record([Scenario(0).created])
        #expect(try await pending() == ["1 1001", "2 1001", "3 1002"])
        // Linked: an order of another call, to this call's recording.
        try await store.record([
            .orderLinked(
                OrderLinked(
                    order: Scenario(0).order, at: Scenario(1).at(30_000), recording: Scenario(1).recording, role: "call"
                ))
        ])
        #expect(try await pending() == ["2 1001", "3 1002"])
        let waived = Fact.formWaived(
            FormWaived(
                call: Scenario(2).call, at: Scenario(2).at(40_000), by: workNumber("1001"), reason: "咨询已答复"))
        try await store.record([waived])
        #expect(try await pending() == ["3 1002"])
        // Once.
        await #expect(throws: StorageError.self) { try await store.record([waived]) }
        // Served again in the same call: whoever was last writes it up.
        try await store.record([owed(3, "1003")])
        #expect(try await pending() == ["3 1003"])
        // The call has its order already, by being made in it, or by a link.
        try await store.record([Scenario(4).created, owed(4), owed(1)])
        #expect(try await pending() == ["3 1003"])
        await #expect(throws: StorageError.self) { try await store.record([owed(9)]) }
        #expect(try await store.reader.verifyEvidence().ok)
        await store.close()
        // It outlives the program.
        let again = try Store.test(folder, seed: 2)
        #expect(try await again.reader.pendingForms().map(\.call) == [Scenario(3).call])
        await again.close()
    }

    @Test func placesKeptForCallBacksAreFoundInTheOrderOfEntering() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        // Entered in the order 0, 1, 2; asked in the order 2, 1, 0.
        for index in 0..<3 {
            let one = Scenario(index, caller: "1390000000\(index)")
            try await store.record([
                one.offered,
                .queueEntered(
                    QueueEntered(
                        call: one.call, at: one.at(1000), queue: "faults", skill: index == 1 ? "fault" : nil,
                        position: 1, priority: index == 2 ? ["key_customer"] : [])),
                .queueLeft(
                    QueueLeft(
                        call: one.call, at: one.at(9000 - Int64(index) * 2500), queue: "faults", exit: .callBack,
                        waitMilliseconds: 5000, offers: 0, rings: 0, ringMilliseconds: 0)),
                .callBackAsked(
                    CallBackAsked(
                        call: one.call, at: one.at(9000 - Int64(index) * 2500), queue: "faults",
                        number: "1390000001\(index)")),
            ])
        }
        var places = try await store.reader.openAgentStates().places
        #expect(places.map(\.call) == (0..<3).map { Scenario($0).call })
        #expect(places.map(\.number) == (0..<3).map { "1390000001\($0)" })
        #expect(places.map(\.caller) == (0..<3).map { "1390000000\($0)" })
        #expect(places.map(\.skill) == [nil, "fault", nil])
        #expect(places.map(\.priority) == [[], [], ["key_customer"]])
        #expect(places.map(\.enteredAt) == (0..<3).map { Scenario($0).at(1000) })
        try await store.record([
            .callBackEnded(CallBackEnded(call: Scenario(1).call, at: Scenario(1).at(20_000), reached: false))
        ])
        places = try await store.reader.openAgentStates().places
        #expect(places.map(\.call) == [0, 2].map { Scenario($0).call })
        await store.close()
    }
}
