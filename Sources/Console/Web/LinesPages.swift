import Access
import Hummingbird

/// The lines: how each is, and what the metrics count of them.
struct LinesPages: Sendable {
    let operation: OperationPages
    let sources: ConsoleSources

    private var pages: Pages { operation.pages }

    /// Families of the metrics about the trunk and agents' phones, and about the sound of all lines.
    private static let ofTrunk = ["hotline_sip_", "hotline_phone_"]
    private static let ofMedia = ["hotline_media_", "hotline_rtp_"]
    private static let ofModems = "hotline_modem_"

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("operation/lines") { request, context in
            let families = sources.metrics()
            let modems = families.filter { $0.name.hasPrefix(Self.ofModems) }
            let names = modems.flatMap(\.samples).compactMap { $0.labels.first { $0.0 == "line" }?.1 }
                .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            let trunk = rows(families, Self.ofTrunk, context)
            let media = rows(families, Self.ofMedia, context)
            let lines = sources.lines()
            return operation.render(
                "operation-lines", .lines,
                [
                    "lines": lines.map { Self.row($0, pages, context) }, "no_lines": lines.isEmpty,
                    "trunk": trunk, "has_trunk": !trunk.isEmpty, "media": media, "has_media": !media.isEmpty,
                    "has_modems": !names.isEmpty, "modem_names": names.map { ["name": $0] },
                    "modems": modems.map { family in
                        [
                            "title": title(family, context),
                            "values": names.map { name in
                                [
                                    "value": family.samples.first { $0.labels.contains { $0.1 == name } }.map(
                                        Self.value) ?? ""
                                ]
                            },
                        ] as [String: Any]
                    },
                ], request, context)
        }
    }

    /// A line as pages show it.
    static func row(_ line: LineState, _ pages: Pages, _ context: ConsoleContext) -> [String: Any] {
        [
            "name": line.name, "is_up": line.isUp, "state": pages.word(line.isUp ? "board_up" : "board_down", context),
            "detail": pages.said(line.detail, context),
        ]
    }

    /// Counters of families whose names begin so, one a sample.
    private func rows(
        _ families: [MetricFamily], _ prefixes: [String], _ context: ConsoleContext
    ) -> [[String: Any]] {
        families.filter { family in prefixes.contains { family.name.hasPrefix($0) } }.flatMap { family in
            family.samples.map { sample in
                [
                    "title": title(family, context), "label": sample.labels.map(\.1).joined(separator: ", "),
                    "value": Self.value(sample),
                ]
            }
        }
    }

    /// In the reader's language, or the metrics' own help where there is no word.
    private func title(_ family: MetricFamily, _ context: ConsoleContext) -> String {
        let key = "metric_" + family.name.dropFirst("hotline_".count)
        return pages.site.words[context.language][key] ?? family.help
    }

    private static func value(_ sample: MetricFamily.Sample) -> String { PrometheusText.number(sample.value) }
}
