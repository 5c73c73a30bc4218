import Calls
import Foundation
import Logging
import Storage
import Switchboard
import Synchronization
import Testing

/// Other ticket stores: nothing is lost while one is away, nothing is told twice, and what differs is found.
@Suite struct TicketTests {
    /// A store that does as it is told.
    private final class Pretended: TicketStore {
        let name = "oa"
        let answers = true
        struct State {
            var isAway = false
            var refuses: Set<String> = []
            var created: [Ticket] = []
            var tickets: [String: TicketState] = [:]
        }
        let state = Mutex(State())

        func create(_ ticket: Ticket) async throws(SwitchboardError) -> TicketState? {
            let answer = state.withLock { state -> Result<TicketState, SwitchboardError> in
                if state.isAway { return .failure(SwitchboardError(.tickets, "away")) }
                if state.refuses.contains(ticket.number) {
                    return .failure(SwitchboardError(.refused, "no such category"))
                }
                state.created.append(ticket)
                let made = TicketState(reference: "T-\(ticket.number)", status: "open")
                state.tickets[made.reference] = made
                return .success(made)
            }
            return try answer.get()
        }

        func state(_ reference: String) async throws(SwitchboardError) -> TicketState? {
            let answer = state.withLock { state -> Result<TicketState?, SwitchboardError> in
                state.isAway ? .failure(SwitchboardError(.tickets, "away")) : .success(state.tickets[reference])
            }
            return try answer.get()
        }
    }

    private func tickets(
        _ desk: OrderDesk, _ other: any TicketStore, alarms: Alarms = Alarms()
    ) -> TicketDesk {
        TicketDesk(
            settings: [.init(store: other, since: UTCTime(microseconds: 0), final: ["closed"])], store: desk.store,
            time: desk.clock, log: Logger(label: "test")
        ) { alarms.take($0, $1) }
    }

    private final class Alarms: Sendable {
        let open = Mutex<[String: String]>([:])

        func take(_ kind: String, _ message: String?) { open.withLock { $0[kind] = message } }
    }

    @Test func anOutageLosesNothing() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let (other, alarms) = (Pretended(), Alarms())
        let tickets = tickets(desk, other, alarms: alarms)
        let one = try await desk.make(1)
        other.state.withLock { $0.isAway = true }
        try await tickets.look()
        let two = try await desk.make(2)
        try await tickets.look()
        var standing = try #require(try await tickets.standings().first)
        #expect(standing.waiting == 2 && standing.problem == "away" && standing.failingSince != nil)
        #expect(alarms.open.withLock { $0["tickets.oa"] }?.contains("away") == true)

        // Back: told in the order in which they were made, once each; another desk, as after a restart, tells nothing again.
        other.state.withLock { $0.isAway = false }
        try await tickets.look()
        #expect(other.state.withLock { $0.created.isEmpty })  // it waits before it tries again
        desk.clock.pass(minutes: 1)
        try await tickets.look()
        #expect(other.state.withLock { $0.created.map(\.number) } == [one, two])
        #expect(alarms.open.withLock { $0["tickets.oa"] } == nil)
        try await self.tickets(desk, other).look()
        #expect(other.state.withLock { $0.created.count } == 2)
        let order = try #require(try await desk.store.reader.order(one))
        #expect(order.external.map(\.reference) == ["T-\(one)"] && order.external[0].status == "open")
        standing = try #require(try await tickets.standings().first)
        #expect(standing.waiting == 0 && standing.problem == nil)
        #expect(try await desk.store.reader.verifyEvidence().ok)
        try await desk.close()
    }

    @Test func whatIsRefusedIsToldAndTheRestGoesOn() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let (other, alarms) = (Pretended(), Alarms())
        let tickets = tickets(desk, other, alarms: alarms)
        let (one, two) = (try await desk.make(1), try await desk.make(2))
        other.state.withLock { $0.refuses = [one] }
        try await tickets.look()
        #expect(other.state.withLock { $0.created.map(\.number) } == [two])
        let standing = try #require(try await tickets.standings().first)
        #expect(standing.refused == [one: "no such category"] && standing.waiting == 1)
        #expect(alarms.open.withLock { $0["tickets.oa"] }?.contains(one) == true)
        // Linked by hand: nothing waits.
        try await tickets.take(TicketState(reference: "X1"), of: one, in: "oa")
        try await tickets.look()
        #expect(try await tickets.standings().first?.waiting == 0)
        #expect(alarms.open.withLock { $0["tickets.oa"] } == nil)
        let wrong = try await refusal {
            try await tickets.take(TicketState(reference: "X1"), of: one, in: "ao")
        }
        #expect(wrong?.contains("oa") == true)
        try await desk.close()
    }

    /// 000-J 9: what a report is about is for nobody else's store.
    @Test func confidentialOrdersGoOutBare() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let other = Pretended()
        let tickets = tickets(desk, other)
        let (open, secret) = (try await desk.make(1), try await desk.make(2, "report"))
        try await desk.step(open, "accept", "agent", OrderDesk.said)
        try await desk.step(secret, "accept", "agent", OrderDesk.said)
        try await tickets.look()
        let told = other.state.withLock { $0.created }
        #expect(told[0].caller == "13900001234" && told[0].fields["content"] == OrderDesk.said["content"])
        #expect(told[1].caller == nil && told[1].fields.isEmpty && told[1].isConfidential)
        try await desk.close()
    }

    @Test func statusesComeBackAndDifferencesAreFound() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let other = Pretended()
        let tickets = tickets(desk, other)
        let (one, two, three) = (try await desk.make(1), try await desk.make(2), try await desk.make(3))
        other.state.withLock { $0.refuses = [three] }
        try await tickets.look()
        let changed = try #require(UTCTime("2026-02-13T02:00:00Z"))
        other.state.withLock { state in
            state.tickets["T-\(one)"] = TicketState(reference: "T-\(one)", status: "closed", changedAt: changed)
            state.tickets["T-\(two)"] = nil
        }
        desk.clock.pass(minutes: 6)
        try await tickets.look()
        let order = try #require(try await desk.store.reader.order(one))
        #expect(order.external[0].status == "closed" && order.external[0].changedAt == changed)
        let found = try await tickets.reconcile(
            "oa", from: UTCTime(microseconds: 0), to: UTCTime(microseconds: desk.clock.now().wall))
        #expect(found.orders == 3 && found.agreeing == 0)
        #expect(found.openHereFinalThere == [one] && found.gone == [two] && found.untold == [three])
        try await desk.close()
    }

    @Test func throughAFolder() async throws {
        let desk = try OrderDesk(policy: "yongqiang")
        let place = desk.folder.appending(path: "tickets")
        let tickets = tickets(desk, FolderTicketStore(name: "archive", folder: place.path))
        let one = try await desk.make(1)
        try await tickets.look()
        let out = try Data(contentsOf: place.appending(path: "out/\(one).json"))
        #expect(try JSONDecoder().decode(Ticket.self, from: out).number == one)
        func say(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: place.appending(path: "in/\(name)"), options: .atomic)
        }
        try say(
            "1.json",
            #"{"number": "\#(one)", "reference": "A-1", "status": "open", "changed_at": "2026-02-13T02:00:00Z"}"#)
        try say("2.json", #"{"number": "20260213-0099", "reference": "A-2"}"#)
        try say("3.json", "[")
        try say("4.json", #"{"number": "\#(one)", "reference": "\#(String(repeating: "x", count: 300))"}"#)
        try await tickets.look()
        let order = try #require(try await desk.store.reader.order(one))
        #expect(order.external.map(\.reference) == ["A-1"])
        let files = FileManager.default
        #expect(!files.fileExists(atPath: place.appending(path: "out/\(one).json").path))
        #expect(try files.contentsOfDirectory(atPath: place.appending(path: "in").path).isEmpty)
        #expect(files.fileExists(atPath: place.appending(path: "done/1.json").path))
        let why = try ["2", "3", "4"].map {
            try String(contentsOf: place.appending(path: "bad/\($0).json.txt"), encoding: .utf8)
        }
        #expect(why[0].contains("no work order") && why[1].contains("not {") && why[2].contains("reference"))
        try await desk.close()
    }
}
