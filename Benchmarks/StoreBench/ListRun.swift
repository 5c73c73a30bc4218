import Calls
import Storage

/// The list of calls as `hotline calls list` asks for it: of one day, one caller, one work order, each with other values in
/// every round, so that what the first one read does not help the next.
struct ListRun {
    let reader: StoreReader
    let rounds: Int

    private static let day: Int64 = 86_400_000_000

    func run() async throws {
        guard let newest = try await reader.calls(filter: CallFilter(limit: 1)).first else {
            throw BenchError("there are no calls in the store")
        }
        let orders = try await reader.orders(filter: OrderFilter(limit: 1000))
        guard !orders.isEmpty else { throw BenchError("there are no work orders in the store") }
        let last = newest.offeredAt.microseconds
        var samples: [CallSummary] = []
        for round in 0..<rounds {
            let before = UTCTime(microseconds: last - Int64(round + 1) * 5 * Self.day)
            samples += try await reader.calls(filter: CallFilter(to: before, limit: 1))
        }
        guard !samples.isEmpty else { throw BenchError("the store's calls are of less than five days") }
        try await tell("newest 100") { _ in CallFilter() }
        try await tell("a day's first 100 of the newest") { round in
            let from = last - Int64(round + 1) * 3 * Self.day
            return CallFilter(from: UTCTime(microseconds: from), to: UTCTime(microseconds: from + Self.day))
        }
        try await tell("a caller's") { round in CallFilter(caller: samples[round % samples.count].caller) }
        try await tell("an order's") { round in
            CallFilter(order: orders[orders.count * round / rounds].number)
        }
        try reader.close()
    }

    private func tell(_ what: String, _ filter: (Int) -> CallFilter) async throws {
        let clock = ContinuousClock()
        var times: [Duration] = []
        var rows = 0
        for round in 0..<rounds {
            let filter = filter(round)
            let begin = clock.now
            rows += try await reader.calls(filter: filter).count
            times.append(clock.now - begin)
        }
        times.sort()
        func milliseconds(_ time: Duration) -> String {
            let tenths = Int((time / .microseconds(1)) / 100)
            return "\(tenths / 10).\(tenths % 10) ms"
        }
        print(
            "\(what): median \(milliseconds(times[times.count / 2])), worst \(milliseconds(times[times.count - 1])) of "
                + "\(rounds) rounds, \(rows) calls")
    }
}
