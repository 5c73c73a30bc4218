import Calls
import Evidence
import Foundation
import Logging
import Storage
import Switchboard

/// Makes each local day's anchor once the day is over, journals it, and sends it off the machine until it is taken.
struct AnchorKeeper: Sendable {
    let store: Store
    let alarms: Alarms
    let clock: LocalClock
    let time: any TimeSource
    let node: String
    let folder: DataFolder
    let ways: AnchorWays
    let log: Logger

    /// A day is anchored so long after its end, ms: what was finished at its end is in the journal by then.
    static let graceMilliseconds: Int64 = 5 * 60_000
    /// Days that are anchored belatedly, and anchors that are sent belatedly, at most.
    static let mostDays = 31

    /// Runs until cancelled.
    func run() async {
        var delivery = AnchorDelivery(ways: ways.ways)
        // What has not left yet is looked for at the start, and whenever an anchor was made.
        var isPrimed = false
        var seen: Set<String> = []
        let sender = AnchorSender(ways: ways)
        let (outcomes, continuation) = AsyncStream.makeStream(of: Step.self)
        await withDiscardingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    continuation.yield(.tick)
                    do {
                        try await Task.sleep(for: .seconds(10))
                    } catch {
                        break  // the server stops
                    }
                }
                continuation.finish()
            }
            for await step in outcomes {
                let now = time.now()
                var actions: [AnchorDelivery.Action] = []
                switch step {
                case .tick:
                    do {
                        let isNew = try await makeDueAnchors(at: now)
                        if isNew || !isPrimed {
                            for anchor in try await latestAnchors() where seen.insert(anchor.fingerprint).inserted {
                                delivery.add(
                                    fingerprint: anchor.fingerprint, anchor: Array(anchor.anchor.utf8),
                                    delivered: anchor.delivered)
                            }
                            isPrimed = true
                        }
                        alarms.clear("anchor")
                    } catch {
                        alarms.raise("anchor", "the day's anchor cannot be made: \(error)")
                    }
                    actions = delivery.tick(at: now.mono / 1_000_000)
                case .ended(let sent):
                    store.submit([.anchorSent(sent)])
                    actions =
                        delivery.ended(
                            sent.way, failure: sent.delivered ? nil : sent.message, at: now.mono / 1_000_000)
                        + delivery.tick(at: now.mono / 1_000_000)
                }
                for action in actions { perform(action, sender, &group, continuation) }
            }
        }
    }

    private enum Step: Sendable {
        case tick
        case ended(AnchorSent)
    }

    private func perform(
        _ action: AnchorDelivery.Action, _ sender: AnchorSender, _ group: inout DiscardingTaskGroup,
        _ continuation: AsyncStream<Step>.Continuation
    ) {
        switch action {
        case .send(let way, let fingerprint, let anchor, let attempt):
            group.addTask {
                let outcome = await sender.send(anchor, by: way)
                continuation.yield(
                    .ended(
                        AnchorSent(
                            at: time.now(), fingerprint: fingerprint, way: way, attempt: attempt,
                            delivered: outcome.delivered, message: outcome.message)))
                log.info(
                    "anchor sent",
                    metadata: [
                        "anchor.way": "\(way.rawValue)", "anchor.delivered": "\(outcome.delivered)",
                        "anchor.message": "\(outcome.message)",
                    ])
            }
        case .raiseAlarm(let way, let failures, let message):
            alarms.raise(
                "anchor_\(way.rawValue)",
                "anchors have not left the machine by \(way.rawValue), \(failures) attempts: \(message). "
                    + "Check `evidence.anchor_\(way.rawValue)`; they are sent again every hour at least")
        case .clearAlarm(let way): alarms.clear("anchor_\(way.rawValue)")
        }
    }

    /// Oldest first.
    private func latestAnchors() async throws -> [AnchorSummary] {
        try await store.reader.anchors(filter: AnchorFilter(limit: Self.mostDays)).reversed()
    }

    /// - Returns: whether one was made.
    private func makeDueAnchors(at now: Instant) async throws -> Bool {
        // Facts in the spool are in no chain yet.
        guard store.statistics.spooled == 0 else { return false }
        let last = try await store.reader.anchors(filter: AnchorFilter(limit: 1)).first
        let days = clock.finishedDays(
            after: last?.date, at: now, graceMilliseconds: Self.graceMilliseconds, atMost: Self.mostDays)
        for day in days { try await make(day) }
        return !days.isEmpty
    }

    private func make(_ day: LocalDay) async throws {
        let basis = try await store.reader.anchorBasis(
            from: UTCTime(microseconds: day.from), to: UTCTime(microseconds: day.to))
        let now = time.now()
        let anchor = try Anchor(
            heads: basis.heads,
            day: AnchoredDay(
                date: day.date, zone: clock.zoneName, from: day.from, to: day.to, leafHashes: basis.leafHashes),
            wall: now.wall, node: node, privateKey: try AnchorKey.loadOrMake(folder))
        // Journalled before it is sent: what an auditor keeps is always in the journal as well.
        try await store.record([
            .anchorMade(AnchorMade(at: now, anchor: anchor, leafHashes: basis.leafHashes))
        ])
        log.notice(
            "anchor made", metadata: ["anchor.day": "\(day.date)", "anchor.fingerprint": "\(anchor.fingerprint)"])
    }
}
