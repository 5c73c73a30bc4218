import Documents
import Norms

/// `hours`, `closed` and `open` of a queue.
extension RosterDecoder {
    private static let weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    /// A list of dates longer than this is a mistake in the years.
    private static let mostDays = 366

    func hours(_ reader: MappingReader) -> OpeningHours {
        let weekly = weekly(reader)
        var closed: Set<CivilDate> = []
        for item in items(reader, "closed") { closed.formUnion(dates(item)) }
        var hours = OpeningHours(weekly: weekly, closed: closed)
        for item in items(reader, "open") {
            guard let (date, spans) = opened(item, weekly: weekly) else { continue }
            if closed.contains(date) {
                diagnostics.add(
                    error: item.error(
                        .duplicate, "\(date) is both closed and open in \(reader.place)",
                        advice: "Keep it in one of the two lists"))
            } else if hours.open.updateValue(spans, forKey: date) != nil {
                diagnostics.add(
                    error: item.error(
                        .duplicate, "\(date) stands twice in open of \(reader.place)",
                        advice: "Write all its times in one entry, separated by commas"))
            }
        }
        if weekly == nil, !hours.open.isEmpty, !reader.has("hours"), let node = reader.optionalNode("open") {
            warn(
                at: node, .doubtful, "\(reader.place) has no hours: it is always open, and on these dates less",
                advice: "Give it `hours`, or leave `open` out")
        }
        return hours
    }

    /// Nil where the key is missing: always open.
    private func weekly(_ reader: MappingReader) -> [Int: [OpeningHours.Span]]? {
        guard reader.has("hours") else { return nil }
        let nodes = items(reader, "hours")
        if nodes.isEmpty {
            reader.complain(
                about: "hours", "hours of \(reader.place) are empty",
                advice: "Write e.g. `- mon-fri 08:00-18:00`, or leave `hours` out: always open")
        }
        var table: [Int: [(span: OpeningHours.Span, line: Int)]] = [:]
        for node in nodes {
            let parts = (node.text ?? "").split { $0 == " " || $0 == "\t" }
            guard parts.count == 2 else {
                diagnostics.add(
                    error: node.error(
                        .badValue, "\"\((node.text ?? node.kindName).prefix(60))\" are no opening hours",
                        advice: "Write days and times, e.g. `mon-fri 08:00-12:00,13:00-18:00`"))
                continue
            }
            guard let days = days(parts[0], node), let spans = spans(parts[1], node) else { continue }
            for day in days {
                for span in spans {
                    if let other = table[day]?.first(where: { $0.span.overlaps(span) }) {
                        diagnostics.add(
                            error: node.error(
                                .collision,
                                "\(Self.weekdays[day - 1]) \(span) overlaps \(other.span) of line \(other.line)",
                                advice: "Let each time of a day be named once"))
                    } else {
                        table[day, default: []].append((span, node.position.line))
                    }
                }
            }
        }
        return table.mapValues { $0.map(\.span).sorted() }
    }

    /// `mon-fri`, `sat,sun`, `daily`: 1 (Monday) … 7 (Sunday).
    private func days(_ text: Substring, _ node: Node) -> [Int]? {
        if text == "daily" { return Array(1...7) }
        var found: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            let numbers = ends.compactMap { end in Self.weekdays.firstIndex(of: String(end)).map { $0 + 1 } }
            guard (1...2).contains(ends.count), numbers.count == ends.count else {
                let wrong = ends.first { !Self.weekdays.contains(String($0)) } ?? part
                return complain(
                    node, "\"\(part.prefix(40))\" are no weekdays",
                    Names.advice(
                        for: String(wrong), in: Self.weekdays,
                        otherwise: "Use mon, tue, wed, thu, fri, sat, sun, ranges such as mon-fri, or daily"))
            }
            let range = (numbers[0], numbers[numbers.count - 1])
            guard range.0 <= range.1 else {
                return complain(
                    node, "the weekdays \(part) go backwards", "The week begins with mon: write e.g. `sat,sun,mon`")
            }
            found += Array(range.0...range.1)
        }
        guard Set(found).count == found.count else {
            return complain(node, "\(text.prefix(60)) names a weekday twice", "Name it once")
        }
        return found
    }

    /// `08:00-12:00,13:00-18:00`.
    private func spans(_ text: Substring, _ node: Node) -> [OpeningHours.Span]? {
        var found: [OpeningHours.Span] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count == 2, let from = OpeningHours.Span.minute(ends[0]),
                let to = OpeningHours.Span.minute(ends[1])
            else {
                return complain(
                    node, "\"\(part.prefix(40))\" are no times", "Write e.g. 08:00-18:00, from 00:00 to 24:00")
            }
            guard let span = OpeningHours.Span(from: from, to: to) else {
                return complain(
                    node, "the times \(part) go backwards",
                    "Past midnight, write two: until 24:00, and from 00:00 on the next day")
            }
            if let other = found.first(where: { $0.overlaps(span) }) {
                return complain(node, "\(span) overlaps \(other)", "Let each time of a day be named once")
            }
            found.append(span)
        }
        return found.sorted()
    }

    /// `2026-10-01`, or `2026-10-01..2026-10-08`, both ends in it.
    private func dates(_ node: Node) -> [CivilDate] {
        let text = node.text ?? node.kindName
        guard let range = CivilDate.ends(of: text) else {
            let _: Never? = complain(
                node, "\"\(text.prefix(40))\" is no date", "Write 2026-10-01, or 2026-10-01..2026-10-08")
            return []
        }
        guard range.first <= range.last, range.last.dayNumber - range.first.dayNumber < Self.mostDays else {
            let _: Never? = complain(
                node, "the dates \(text.prefix(40)) go backwards, or over more than a year", "Write the earlier first")
            return []
        }
        return (range.first.dayNumber...range.last.dayNumber).map { CivilDate(dayNumber: $0) }
    }

    /// `2026-10-10 08:00-17:00`, or `2026-10-10`: as on a Monday, which is what a shifted working day (调休) is.
    private func opened(
        _ node: Node, weekly: [Int: [OpeningHours.Span]]?
    ) -> (CivilDate, [OpeningHours.Span])? {
        let text = node.text ?? node.kindName
        let parts = text.split { $0 == " " || $0 == "\t" }
        guard (1...2).contains(parts.count), let date = CivilDate(parts[0]) else {
            return complain(
                node, "\"\(text.prefix(60))\" is no date with times", "Write 2026-10-10 or `2026-10-10 08:00-17:00`")
        }
        if parts.count == 2 { return spans(parts[1], node).map { (date, $0) } }
        guard let weekly else { return (date, [.wholeDay]) }
        guard let monday = weekly[1] else {
            return complain(
                node, "\(date) has no times, and Monday has none to take",
                "Write them behind it: `\(date) 08:00-17:00`")
        }
        return (date, monday)
    }

    private func complain<Value>(_ node: Node, _ message: String, _ advice: String) -> Value? {
        diagnostics.add(error: node.error(.badValue, message, advice: advice))
        return nil
    }
}
