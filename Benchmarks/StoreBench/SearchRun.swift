import Calls
import Foundation
import Storage

/// Asks for every filter and every pair, in every order, and keeps the times.
struct SearchRun {
    let reader: StoreReader
    let rounds: Int
    /// `none`, `common` (newest first only), `all`.
    let pairs: String
    let json: String

    /// Milliseconds.
    struct Figure: Encodable {
        var name: String
        var sort: String
        var what: String
        var found: String
        var median: Double
        var p95: Double
        var worst: Double
    }

    func run() async throws {
        let floor = try await times { _ = try await reader.recording(RecordingID(high: 1, low: 1)) }
        say("floor (one look-up that finds nothing): \(show(floor))")
        var singles: [Figure] = []
        for one in [SearchCase(kind: "", name: "(nothing)") { _ in }] + SearchCase.all {
            singles += try await measure(one.name, one.change, sorts: Self.sorts, tenth: true)
        }
        table(singles)
        var paired: [Figure] = []
        if pairs != "none" {
            for (index, one) in SearchCase.all.enumerated() {
                for other in SearchCase.all[(index + 1)...] where other.kind != one.kind {
                    let change: (inout RecordingFilter) -> Void = { filter in
                        one.change(&filter)
                        other.change(&filter)
                    }
                    paired += try await measure(
                        "\(one.name) + \(other.name)", change,
                        sorts: pairs == "all" ? Self.sorts : [Self.sorts[0]], tenth: false)
                }
            }
        }
        summary("single filters", singles)
        if !paired.isEmpty { summary("pairs", paired) }
        guard !json.isEmpty else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try encoder.encode(singles + paired).write(to: URL(fileURLWithPath: json))
    }

    private static let sorts: [(RecordingSort, Bool)] = [
        (.time, true), (.time, false), (.length, true), (.length, false), (.rings, true), (.rings, false),
    ]

    private func measure(
        _ name: String, _ change: (inout RecordingFilter) -> Void, sorts: [(RecordingSort, Bool)], tenth: Bool
    ) async throws -> [Figure] {
        var figures: [Figure] = []
        for (sort, descending) in sorts {
            var filter = RecordingFilter(limit: 50, sort: sort, descending: descending)
            change(&filter)
            var page = try await reader.recordingPage(filter)
            figures.append(
                figure(
                    name, filter, "first page", "\(page.recordings.count)",
                    try await times { [filter] in _ = try await reader.recordingPage(filter) }))
            guard tenth else { continue }
            var pages = 1
            while pages < 10, let next = page.next {
                filter.cursor = next
                page = try await reader.recordingPage(filter)
                pages += 1
            }
            if pages == 10 {
                figures.append(
                    figure(
                        name, filter, "tenth page", "\(page.recordings.count)",
                        try await times { [filter] in _ = try await reader.recordingPage(filter) }))
            }
        }
        var filter = RecordingFilter(limit: 50)
        change(&filter)
        let count = try await reader.recordingCount(filter)
        figures.append(
            figure(
                name, filter, "count", count.description,
                try await times { [filter] in _ = try await reader.recordingCount(filter) }))
        return figures
    }

    private func figure(
        _ name: String, _ filter: RecordingFilter, _ what: String, _ found: String, _ times: [Double]
    ) -> Figure {
        Figure(
            name: name, sort: what == "count" ? "" : "\(filter.sort.rawValue) \(filter.descending ? "desc" : "asc")",
            what: what,
            found: found, median: times[times.count / 2], p95: times[min(times.count - 1, times.count * 95 / 100)],
            worst: times[times.count - 1])
    }

    /// Sorted milliseconds of the rounds.
    private func times(_ body: () async throws -> Void) async throws -> [Double] {
        var times: [Double] = []
        let clock = ContinuousClock()
        for _ in 0..<rounds {
            let start = clock.now
            try await body()
            let spent = (clock.now - start).components
            times.append(Double(spent.seconds) * 1000 + Double(spent.attoseconds) / 1e15)
        }
        return times.sorted()
    }

    private func show(_ times: [Double]) -> String {
        String(format: "median %.2f, worst %.2f ms", times[times.count / 2], times[times.count - 1])
    }

    private func table(_ figures: [Figure]) {
        for figure in figures {
            let times = String(format: "%8.2f %8.2f %8.2f", figure.median, figure.p95, figure.worst)
            say(
                "\(times)  \(padded(figure.found, 8))\(padded(figure.what, 12))\(padded(figure.sort, 13))\(figure.name)"
            )
        }
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func summary(_ title: String, _ figures: [Figure]) {
        for what in ["first page", "tenth page", "count"] {
            let those = figures.filter { $0.what == what }
            let medians = those.map(\.median).sorted()
            guard let worst = medians.last else { continue }
            let within = medians.filter { $0 < 50 }.count
            let middle = medians[medians.count / 2]
            let late = medians[min(medians.count - 1, medians.count * 95 / 100)]
            say("\(title), \(what): \(medians.count) questions, \(within) of them under 50 ms")
            say(String(format: "their medians: median %.2f, p95 %.2f, worst %.2f ms", middle, late, worst))
            table(Array(those.sorted { $0.median > $1.median }.prefix(12)))
        }
    }

    private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
