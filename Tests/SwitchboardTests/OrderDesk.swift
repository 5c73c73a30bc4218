import Calls
import Foundation
import Logging
import Norms
import Storage
import Switchboard
import Synchronization
import Testing

final class HandClock: TimeSource, Sendable {
    /// 2026-02-13 09:00 in Shanghai.
    private let wall = Mutex<Int64>(1_770_944_400_000_000)

    func now() -> Instant {
        let wall = wall.withLock { $0 }
        return Instant(wall: wall, mono: wall * 1000)
    }

    func pass(minutes: Int64) { wall.withLock { $0 += minutes * 60_000_000 } }
}

/// A real store, the shipped rules, a clock moved by hand.
struct OrderDesk {
    let clock = HandClock()
    let store: Store
    let book: OrderBook
    let watch: OrderWatch
    let penalties: PenaltyBook
    let folder: URL

    init(policy: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "hotline-orders-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try Store.open(
            folder: folder.path, identity: NodeIdentity(name: "test", number: 1, boot: "boot"), time: clock,
            random: { UInt64.random(in: .min ... .max) })
        let rules = try Self.rules(policy)
        let watch = OrderWatch(rules: rules, store: store, webhook: nil, time: clock, log: Logger(label: "test"))
        self.watch = watch
        book = OrderBook(rules: rules, store: store, time: clock, stepped: { watch.touch($0) })
        penalties = PenaltyBook(rules: rules, store: store, time: clock)
    }

    /// Read once: the rules do not change.
    private static let read = Mutex<[String: OrderRulebook]>([:])

    static func rules(_ policy: String) throws -> OrderRulebook {
        if let known = read.withLock({ $0[policy] }) { return known }
        let norms = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "norms")
        let rules = try OrderRulebook(norms: NormFolder(path: norms.path), policy: policy, zone: .fixed(28_800))
        read.withLock { $0[policy] = rules }
        return rules
    }

    func make(_ serial: Int, _ category: String = "complaint") async throws -> String {
        let number = "20260213-000\(serial)"
        try await store.record([
            .orderCreated(
                OrderCreated(
                    order: OrderID(high: 1, low: UInt64(serial)), at: clock.now(), number: number, code: "4711",
                    category: category, call: nil, caller: "13900001234", fields: [:]))
        ])
        return number
    }

    @discardableResult
    func step(
        _ number: String, _ step: String, _ role: String, _ fields: [String: String] = [:], unit: String? = nil,
        why: String? = nil, call: CallID? = nil
    ) async throws -> OrderLifeView {
        clock.pass(minutes: 1)
        return try await book.step(
            number,
            OrderStepRequest(
                step: step, by: workNumber("1001"), role: role, unit: unit, why: why, fields: fields,
                call: call))
    }

    func close() async throws {
        await store.close()
        try FileManager.default.removeItem(at: folder)
    }

    static let said = [
        "content": "抄表员两个月没有来", "channel": "telephone", "identity": "named", "customer": "王女士",
        "contact": "13900001234", "topic": "conduct",
    ]
}

/// What was refused, and why; nil where nothing was.
func refusal(_ work: () async throws -> Void) async throws -> String? {
    do {
        try await work()
        return nil
    } catch let error as SwitchboardError {
        #expect(error.code == .refused || error.code == .notFound)
        return error.message
    }
}
