import Calls
import Foundation
import Logging
import Norms
import Storage
import Switchboard
import Synchronization
import Testing

/// The agents' desk with a store and without telephones: restarts, call-backs of broken lines, handing over.
@Suite struct AgentDeskTests {
    /// What the desk did with calls.
    private final class Record: Sendable {
        let placed = Mutex<[OutboundCall]>([])
        let posted = Mutex<[String]>([])
    }

    /// A desk whose calls are only written down.
    private struct Bench {
        let store: Store
        let desk: AgentDesk
        let record = Record()

        var placed: [OutboundCall] { record.placed.withLock { $0 } }
        var posted: [String] { record.posted.withLock { $0 } }

        func close() async {
            desk.stop()
            await store.close()
        }

        init(folder: URL, now: Instant, _ change: (inout ConductRules) -> Void = { _ in }) throws {
            struct Still: TimeSource {
                let instant: Instant
                func now() -> Instant { instant }
            }
            let time = Still(instant: now)
            store = try Store.open(
                folder: folder.path, identity: NodeIdentity(name: "test", number: 1, boot: "boot"), time: time,
                random: { UInt64.random(in: .min ... .max) })
            var conduct = ConductRules()
            change(&conduct)
            func person(_ number: String, _ role: AgentRole = .agent) -> RosterAgent {
                RosterAgent(
                    agent: Agent(
                        number: workNumber(number), name: number, role: role, skills: ["service"]),
                    password: Secret("made-up-\(number)"))
            }
            let roster = Roster(
                agents: [person("1001"), person("1002"), person("8001", .shiftLeader)],
                queues: [
                    RosterQueue(
                        rules: QueueRules(name: "service", skill: "service"), callBackDueMilliseconds: 3_600_000)
                ], conduct: conduct)
            desk = AgentDesk(
                roster: roster,
                around: AgentDesk.Surroundings(
                    ringClock: RingClock(), store: store, identifiers: Identifiers(node: 1, time: time), time: time,
                    clock: try LocalClock(zone: "Asia/Shanghai"), log: Logger(label: "test"),
                    post: { [record] _, input in
                        if case .desk(.command(let command), _) = input {
                            record.posted.withLock { $0.append(String("\(command)".prefix { $0 != "(" })) }
                        }
                        return true
                    },
                    place: { [record] outbound, _, _ in
                        record.placed.withLock { $0.append(outbound) }
                        return CallID(high: 1, low: 77)
                    }))
        }
    }

    private func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hotline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    private func call(_ low: UInt64) -> CallID { CallID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0000 + low) }

    private func offered(_ low: UInt64, caller: String, at now: Instant) -> Fact {
        .callOffered(
            CallOffered(
                call: call(low), leg: LegID(high: 2, low: low), at: now, line: "trunk1", direction: .inbound,
                caller: caller, callerRaw: nil, callerSource: "from", called: "95598", diversion: nil, peer: "",
                protocolCallID: "x"))
    }

    @Test func callBacksKeptInPlaceAreTakenUpAgainAfterARestart() async throws {
        let folder = try folder()
        let before = Instant(wall: 1_795_000_000_000_000, mono: 900_000_000_000)
        let first = try Bench(folder: folder, now: before)
        for low in [1, 2] as [UInt64] {
            try await first.store.record([
                offered(low, caller: "1390000000\(low)", at: before),
                .queueEntered(
                    QueueEntered(
                        call: call(low), at: before.advanced(milliseconds: Int64(low) * 1000), queue: "service",
                        skill: "service", position: 1, priority: low == 2 ? ["repeat_caller"] : [])),
                .queueLeft(
                    QueueLeft(
                        call: call(low), at: before.advanced(milliseconds: 20_000), queue: "service", exit: .callBack,
                        waitMilliseconds: 1, offers: 0, rings: 0, ringMilliseconds: 0)),
                .callBackAsked(
                    CallBackAsked(
                        call: call(low), at: before.advanced(milliseconds: 20_000), queue: "service",
                        number: "1390000001\(low)")),
            ])
        }
        await first.close()

        // Ten minutes later, the machine was started anew: its monotonic clock began again.
        let after = Instant(wall: before.wall + 600_000_000, mono: 5_000_000_000)
        let second = try Bench(folder: folder, now: after)
        try await second.desk.resume(at: after)
        let waiting = try #require(second.desk.status.queues.first).waiting
        #expect(waiting.map(\.call) == [call(2), call(1)])
        #expect(waiting.map { after.milliseconds(since: $0.since) } == [598_000, 599_000])
        #expect(waiting.map(\.isCallBack) == [true, true])
        #expect(second.desk.keepsPlace(of: call(1)))
        // An agent comes to work: whoever stands first is called back.
        second.desk.phone(workNumber("1001"), isReachable: true)
        try second.desk.change(workNumber("1001"), .logIn, source: .api)
        #expect(second.placed.map(\.number) == ["13900000012"])
        #expect(second.placed.map(\.asking) == [call(2)])
        await second.close()
    }

    @Test func aTalkThatTheProgramsEndCutOffIsCalledBackAndItsFormIsOwed() async throws {
        let folder = try folder()
        let before = Instant(wall: 1_795_000_000_000_000, mono: 900_000_000_000)
        let first = try Bench(folder: folder, now: before)
        let leg = LegID(high: 3, low: 1)
        try await first.store.record([
            offered(1, caller: "13900000001", at: before),
            .agentOffered(
                AgentOffered(
                    call: call(1), leg: leg, at: before, agent: workNumber("1001"), purpose: .queue, queue: "service")),
            .offerEnded(
                OfferEnded(
                    call: call(1), leg: leg, at: before, agent: workNumber("1001"), outcome: .answered,
                    ringMilliseconds: 100, rings: 1)),
            .agentAnswered(
                AgentAnswered(
                    call: call(1), leg: leg, at: before, agent: workNumber("1001"), purpose: .queue, rings: 1,
                    ringMilliseconds: 100, summedRings: 1, summedRingMilliseconds: 100, basis: .nominal180)),
        ])
        await first.close()
        let after = before.advanced(milliseconds: 60_000)
        let second = try Bench(folder: folder, now: after)
        try await second.desk.resume(at: after)
        try await second.store.record([.serverNoted(ServerNoted(at: after, kind: "test", data: [:]))])
        let task = try #require(try await second.store.reader.callBack(of: call(1)))
        #expect(task.reason == .dropped)
        #expect(task.number == "13900000001")
        #expect(task.forAgent == workNumber("1001"))
        #expect(task.dueAt == UTCTime(after.advanced(milliseconds: 300_000)))
        #expect(try await second.store.reader.pendingForms().map(\.call) == [call(1)])
        await second.close()
    }

    private func dropped(_ low: UInt64, at now: Instant, follows: CallID? = nil) -> CallBackAsked {
        CallBackAsked(
            call: call(low), at: now, queue: "service", number: "1390000000\(low)",
            dropped: CallBackAsked.Dropped(agent: workNumber("1001"), follows: follows))
    }

    @Test func aBrokenLineIsOfferedOrDialledOnceTheAgentIsFree() async throws {
        let now = Instant(wall: 1_795_000_000_000_000, mono: 900_000_000_000)
        let offering = try Bench(folder: try folder(), now: now)
        try offering.desk.change(workNumber("1001"), .logIn, source: .api)
        offering.desk.keepDropped(dropped(1, at: now), at: now)
        #expect(offering.placed.isEmpty)

        let bench = try Bench(folder: try folder(), now: now) { $0.callBackDropped = .auto }
        let agent = workNumber("1001")
        let desk = bench.desk
        // Still in another call: not now.
        desk.handle(.logIn(agent, .api), at: now)
        desk.handle(.engaged(agent, call(9), .outbound), at: now)
        desk.keepDropped(dropped(1, at: now), at: now)
        desk.keepDropped(dropped(2, at: now, follows: call(1)), at: now)
        #expect(bench.placed.isEmpty)
        // Free: one after the other, each once.
        desk.handle(.disengaged(agent, call(9)), at: now)
        #expect(bench.placed.map(\.asking) == [call(1)])
        desk.handle(.engaged(agent, call(10), .callBack), at: now)
        desk.handle(.disengaged(agent, call(10)), at: now)
        #expect(bench.placed.map(\.asking) == [call(1), call(2)])
        #expect(bench.placed.map(\.isLast) == [false, true])
        #expect(bench.placed.map(\.role) == [.callBack, .callBack])
        desk.handle(.engaged(agent, call(11), .callBack), at: now)
        desk.handle(.disengaged(agent, call(11)), at: now)
        #expect(bench.placed.count == 2)
        // Free already: at once.
        desk.keepDropped(dropped(3, at: now), at: now)
        #expect(bench.placed.count == 3)
        // Made by hand meanwhile: not again.
        desk.handle(.engaged(agent, call(12), .outbound), at: now)
        desk.keepDropped(dropped(5, at: now), at: now)
        desk.taken(call(5))
        desk.handle(.disengaged(agent, call(12)), at: now)
        #expect(bench.placed.count == 3)
        // Asked for by the caller: the queue's own business.
        desk.keepDropped(CallBackAsked(call: call(4), at: now, queue: "service", number: "13900000004"), at: now)
        #expect(bench.placed.count == 3)
        await offering.close()
        await bench.close()
    }

    @Test func dueTimesAreThoseOfTheFile() async throws {
        let now = Instant(wall: 1_795_000_000_000_000, mono: 900_000_000_000)
        let bench = try Bench(folder: try folder(), now: now) { $0.callBackDroppedDueMilliseconds = 120_000 }
        #expect(bench.desk.due(dropped(1, at: now)) == now.advanced(milliseconds: 120_000))
        let asked = CallBackAsked(call: call(4), at: now, queue: "service", number: "13900000004")
        #expect(bench.desk.due(asked) == now.advanced(milliseconds: 3_600_000))
        await bench.close()
    }

    @Test func anAngryCallerIsMarkedAndHandedOverInOneStep() async throws {
        let now = Instant(wall: 1_795_000_000_000_000, mono: 900_000_000_000)
        let bench = try Bench(folder: try folder(), now: now)
        let desk = bench.desk
        let (agent, leader) = (workNumber("1001"), workNumber("8001"))
        desk.handle(.logIn(agent, .api), at: now)
        desk.handle(.engaged(agent, call(1), .transfer), at: now)
        func refused(_ wish: AgentDesk.TalkWish) -> SwitchboardError? {
            do {
                try desk.talk(agent, wish)
                return nil
            } catch {
                return error
            }
        }
        // Not angry enough, or not angry: nothing is done.
        for (mark, degree) in [(Switchboard.CallMark.angry, 1), (.angry, nil), (.wrongNumber, 3)]
            as [(Switchboard.CallMark, Int?)]
        {
            let error = refused(.mark(mark, degree: degree, note: nil, handOver: true))
            #expect(error?.code == .refused)
            #expect(error?.message.contains("degree 2") == true)
        }
        #expect(bench.posted.isEmpty)
        // Nobody leads the shift at the moment: the mark is noted all the same.
        #expect(refused(.mark(.angry, degree: 3, note: nil, handOver: true))?.code == .notFound)
        #expect(bench.posted == ["mark"])
        desk.handle(.phone(leader, isReachable: true), at: now)
        desk.handle(.logIn(leader, .api), at: now)
        #expect(refused(.mark(.angry, degree: 2, note: "停电", handOver: true)) == nil)
        #expect(bench.posted == ["mark", "mark", "transfer"])
        #expect(desk.role(of: leader) == .shiftLeader)
        #expect(desk.role(of: workNumber("7777")) == nil)
        await bench.close()
    }
}
