extension NormCoverage {
    /// The page docs/norms-coverage.md, with a line feed at its end. The same profiles give the same bytes.
    public var markdown: String {
        var lines = [
            "# Norms: what is covered", "",
            "Made by `hotline norms coverage` from `norms/*.yaml`; do not edit. A test compares it with what the command gives.",
            "",
            "Every item of the catalogue (`norms/items.yaml`: the source documents A1 to A14, the public norms B) with the rules that",
            "answer it, the measure each is judged by, and the test suites that show limit, quotation and data. [S] read in the source",
            "named, [G] general knowledge, [D] derived. What the measures mean stands at the end; how profiles are written, in",
            "[norms.md](norms.md).", "",
        ]
        lines += summary
        for section in items.sections {
            lines += ["", "## \(section.id). \(Self.cell(section.title))", ""]
            lines += ["| item | demand | rule | measure | test |", "|---|---|---|---|---|"]
            lines += rows.filter { $0.item.section == section.id }.map(line)
        }
        lines += notJudged + anomalies + measures
        return lines.joined(separator: "\n") + "\n"
    }

    private var summary: [String] {
        let rules = profiles.flatMap(\.rules)
        let judged = rules.count { $0.measure != nil }
        let held = rows.count { $0.answers.isEmpty && $0.item.heldBy != nil }
        let apart = rows.count { $0.item.notApplicable != nil }
        let anomalies = profiles.reduce(0) { $0 + $1.anomalies.count }
        return [
            "| what | how many |", "|---|---|", "| items | \(rows.count) |",
            "| answered by rules or penalties | \(rows.count { !$0.answers.isEmpty }) |",
            "| held by the program without a rule | \(held) |", "| not applicable | \(apart) |",
            "| unaccounted for | \(gaps.count) |", "| profiles | \(profiles.count) |", "| rules | \(rules.count) |",
            "| of them judged by a measure | \(judged) |",
            "| of them not judged, with the reason | \(rules.count - judged) |",
            "| penalties and rewards | \(profiles.reduce(0) { $0 + $1.penalties.count }) |",
            "| anomalies kept as written | \(anomalies) |",
        ]
    }

    private func line(_ row: Row) -> String {
        var rules = row.answers.map { answer in
            "`\(answer.id)` \(answer.clause)\(answer.limit.isEmpty ? "" : ": \(answer.limit)")"
        }
        var measures = row.answers.map { answer in answer.measure.map { "`\($0)`" } ?? "not judged" }
        if let held = row.item.heldBy {
            rules.append(held)
            if measures.isEmpty { measures.append("held by the program") }
        }
        if let reason = row.item.notApplicable {
            rules.append(reason)
            measures.append("not applicable")
        }
        var seen: Set<String> = []
        let cells = [
            row.item.id, Self.cell(row.item.text), rules.map(Self.cell).joined(separator: "<br>"),
            measures.filter { seen.insert($0).inserted }.joined(separator: "<br>"),
            row.tests.map { "`\($0)`" }.joined(separator: " "),
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }

    private var notJudged: [String] {
        var lines = [
            "", "## Rules that are not judged", "",
            "No measure of the telephone system can judge these, for the reason given.",
            "", "| rule | clause | reason |", "|---|---|---|",
        ]
        for profile in profiles {
            for rule in profile.rules {
                guard case .notJudged(let reason) = rule.judgement else { continue }
                lines.append("| `\(rule.id)` | \(Self.cell("\(rule.source) \(rule.clause)")) | \(Self.cell(reason)) |")
            }
        }
        return lines
    }

    private var anomalies: [String] {
        var lines = [
            "", "## Anomalies", "", "What is odd in a document is kept as written, and said.", "", "| rule | anomaly |",
            "|---|---|",
        ]
        for profile in profiles {
            lines += profile.anomalies.map { "| `\($0.id)` | \(Self.cell($0.text)) |" }
        }
        return lines
    }

    private var measures: [String] {
        let used = Dictionary(grouping: profiles.flatMap(\.rules).compactMap(\.measure)) { $0 }.mapValues(\.count)
        var lines = [
            "", "## Measures", "", "| measure | 中文 | what is counted | of | rules |", "|---|---|---|---|---|",
        ]
        for measure in NormMeasure.allCases {
            lines.append(
                "| `\(measure.rawValue)` | \(measure.chinese) | \(Self.cell(measure.definition)) | \(measure.subject.rawValue) "
                    + "| \(used[measure] ?? 0) |")
        }
        return lines
    }

    /// Text within a cell of a table.
    private static func cell(_ text: String) -> String {
        text.map { character in
            switch character {
            case "|": "\\|"
            case "\n": " "
            case "<": "&lt;"
            default: String(character)
            }
        }.joined()
    }
}
