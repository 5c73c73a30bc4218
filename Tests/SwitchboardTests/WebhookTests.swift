import Calls
import Logging
import Storage
import Switchboard
import Synchronization
import Testing

@Suite struct WebhookTests {
    /// Tries and pauses, in order.
    private final class Diary: Sendable {
        let entries = Mutex<[String]>([])
        func note(_ entry: String) { entries.withLock { $0.append(entry) } }
        var all: [String] { entries.withLock { $0 } }
    }

    /// Runs a queue until so much is settled.
    private func run(_ queue: WebhookQueue, until settled: Int) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await queue.run() }
            group.addTask {
                while queue.statistics.delivered + queue.statistics.lost < settled, !Task.isCancelled {
                    try? await Task.sleep(for: .milliseconds(2))  // cancelled: the other one ended first
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func queue(
        _ diary: Diary, tries: Int = 100, waiting: Int = 1000,
        _ send: @escaping @Sendable (WebhookMessage, Int) throws(SwitchboardError) -> Void
    ) -> WebhookQueue {
        var pace = WebhookQueue.Pace()
        pace.mostTries = tries
        pace.mostWaiting = waiting
        pace.sleep = { diary.note("wait \($0)") }
        let attempts = Mutex<[String: Int]>([:])
        return WebhookQueue(pace: pace, log: Logger(label: "test")) { (message) throws(SwitchboardError) in
            let attempt = attempts.withLock { attempts in
                attempts[message.id, default: 0] += 1
                return attempts[message.id] ?? 0
            }
            diary.note("send \(message.id)")
            try send(message, attempt)
        }
    }

    @Test func aFailureIsTriedAgainWithLongerPauses() async {
        let diary = Diary()
        let queue = queue(diary) { (message, attempt) throws(SwitchboardError) in
            if message.id == "a", attempt < 4 { throw SwitchboardError(.webhook, "away") }
        }
        queue.post(WebhookMessage(id: "a", body: []))
        queue.post(WebhookMessage(id: "b", body: []))
        await run(queue, until: 2)
        // The second waits for the first: what opened is told before what cleared.
        #expect(
            diary.all == [
                "send a", "wait 1000", "send a", "wait 2000", "send a", "wait 4000", "send a", "send b",
            ])
        #expect(queue.statistics.delivered == 2)
        #expect(queue.statistics.failures == 3)
        #expect(queue.statistics.waiting == 0)
    }

    @Test func thePauseIsBoundedAndTheMessageGivenUp() async {
        let diary = Diary()
        let queue = queue(diary, tries: 12) { (_, _) throws(SwitchboardError) in
            throw SwitchboardError(.webhook, "away")
        }
        queue.post(WebhookMessage(id: "a", body: []))
        await run(queue, until: 1)
        let pauses = diary.all.filter { $0.hasPrefix("wait") }
        #expect(pauses.suffix(3) == ["wait 256000", "wait 300000", "wait 300000"])
        #expect(pauses.count == 11)
        #expect(queue.statistics.lost == 1)
    }

    @Test func aFullQueueCountsWhatItLoses() async {
        let queue = queue(Diary(), waiting: 2) { (_, _) throws(SwitchboardError) in }
        for id in ["a", "b", "c"] { queue.post(WebhookMessage(id: id, body: [])) }
        #expect(queue.statistics.waiting == 2)
        #expect(queue.statistics.lost == 1)
        await run(queue, until: 3)
        #expect(queue.statistics.delivered == 2)
    }

    @Test(arguments: ["ftp://192.0.2.1/x", "nowhere", ""]) func whatIsNoURLIsRefused(url: String) async {
        await #expect { try await WebhookTarget(url: url).send(WebhookMessage(id: "a", body: [])) } throws: {
            ($0 as? SwitchboardError)?.code == .webhook
        }
    }

    @Test func theMessagesFormStandsStill() throws {
        let message = AlarmMessage(
            isOpen: true, kind: "disk", message: "10 MB free", at: UTCTime(at(0)), openedAt: UTCTime(at(0)),
            node: "node1"
        ).webhookMessage
        #expect(
            String(decoding: message.body, as: UTF8.self) == """
                {"at":"2026-11-18T11:06:40.000000Z","call_id":null,"kind":"disk","message":"10 MB free",\
                "node":"node1","opened_at":"2026-11-18T11:06:40.000000Z","recording_id":null,"state":"opened",\
                "subject":null,"type":"alarm"}
                """)
        #expect(message.id == "node1/disk//\(zero.wall)/opened")
    }
}
