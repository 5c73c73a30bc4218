import Documents

extension WorkingCalendar {
    private static let mostYears = 200

    /// Reads a calendar file (docs/norms.md).
    /// - Parameter file: its name, for messages.
    /// - Throws: everything wrong with it, each with its place.
    public static func decode(_ text: String, file: String) throws(DocumentErrors) -> WorkingCalendar {
        let node: Node
        do throws(DocumentError) {
            node = try Document.parse(text, file: file)
        } catch {
            throw DocumentErrors([error])
        }
        let diagnostics = Diagnostics()
        let reader = MappingReader(node, "the calendar", diagnostics)
        let name = reader.string("name")
        let version = reader.string("version")
        let from = reader.string("provisional_from")
        let provisionalFrom = from.flatMap { CivilDate($0) }
        if from != nil, provisionalFrom == nil {
            reader.complain(
                about: "provisional_from", "`provisional_from` must be a date", advice: "Write 2026-12-29")
        }
        var decoder = YearDecoder(diagnostics: diagnostics)
        let years = decoder.years(reader)
        reader.finish()
        if let provisionalFrom, let last = years.last?.year, provisionalFrom.year > last {
            reader.complain(
                about: "provisional_from",
                "`provisional_from` lies beyond \(last), the last year that is announced here",
                advice: "Days that no notice has settled are provisional")
        }
        try diagnostics.throwErrors()
        // What is missing has been complained about.
        guard let name, let version, let provisionalFrom else {
            throw DocumentErrors([node.error(.badValue, "the calendar cannot be read")])
        }
        return WorkingCalendar(name: name, version: version, years: years, provisionalFrom: provisionalFrom)
    }

    /// Reads years, and knows which days are taken.
    private struct YearDecoder {
        let diagnostics: Diagnostics
        private var taken: [CivilDate: Int] = [:]

        init(diagnostics: Diagnostics) { self.diagnostics = diagnostics }

        mutating func years(_ reader: MappingReader) -> [Year] {
            guard let node = reader.node("years") else { return [] }
            guard let entries = node.entries, !entries.isEmpty, entries.count <= mostYears else {
                reader.complain(
                    about: "years", "`years` must be a mapping of years to what was announced for each",
                    advice: "Write `2026:` and below it `source`, `off` and `work`")
                return []
            }
            var years: [Year] = []
            for entry in entries {
                guard entry.key.utf8.count == 4, let year = Int(entry.key), (2000...2199).contains(year) else {
                    diagnostics.add(
                        error: entry.value.error(
                            .badValue, "\"\(entry.key.prefix(20))\" is no year", advice: "Write a year such as 2026"))
                    continue
                }
                if let last = years.last?.year, year != last + 1 {
                    diagnostics.add(
                        error: entry.value.error(
                            .badValue, "the year \(year) follows \(last)",
                            advice: "Years stand in order, and none is left out: its days would be counted wrongly"))
                }
                years.append(self.year(year, MappingReader(entry.value, "the year \(year)", diagnostics)))
            }
            return years
        }

        private mutating func year(_ year: Int, _ reader: MappingReader) -> Year {
            let sources = reader.optionalStrings("source") ?? []
            if sources.isEmpty {
                reader.complain(
                    about: "source", .missingKey, "\"source\" is missing in \(reader.place)",
                    advice: "Add the address of the notice")
            }
            var holidays: [Holiday] = []
            if let off = reader.node("off") {
                if off.entries == nil {
                    reader.complain(about: "off", "`off` must be a mapping of holidays to their days")
                }
                for entry in off.entries ?? [] {
                    holidays.append(Holiday(name: entry.key, days: days(entry.value, of: year)))
                }
            }
            let worked = reader.optionalNode("work").map { days($0, of: year, worked: true) } ?? []
            reader.finish()
            return Year(year: year, sources: sources, holidays: holidays, worked: worked)
        }

        private mutating func days(_ node: Node, of year: Int, worked: Bool = false) -> [CivilDate] {
            (node.items ?? [node]).flatMap { item -> [CivilDate] in
                guard let text = item.text, let ends = CivilDate.ends(of: text) else {
                    complain(
                        item, "\"\(item.text?.prefix(40) ?? "")\" is no date",
                        "Write 2026-10-01, or 2026-10-01..2026-10-08")
                    return []
                }
                guard ends.first <= ends.last, ends.last.dayNumber - ends.first.dayNumber < 31 else {
                    complain(item, "the dates \(text) go backwards, or over more than a month", "")
                    return []
                }
                return (ends.first.dayNumber...ends.last.dayNumber).compactMap { number in
                    day(CivilDate(dayNumber: number), item, of: year, worked: worked)
                }
            }
        }

        private mutating func day(_ day: CivilDate, _ node: Node, of year: Int, worked: Bool) -> CivilDate? {
            // A year's notice begins with the days around its New Year.
            guard day.year == year || (day.year == year - 1 && day.month == 12) else {
                complain(
                    node, "\(day) is not of the year \(year)", "Write the days of \(year), and of December before it")
                return nil
            }
            if worked, day.weekday <= 5 {
                complain(node, "\(day) is no weekend day: it is worked anyway", "Leave it out of `work`")
                return nil
            }
            if let other = taken.updateValue(node.position.line, forKey: day) {
                complain(node, "\(day) stands twice, first in line \(other)", "A day is off or worked, once")
                return nil
            }
            return day
        }

        private func complain(_ node: Node, _ message: String, _ advice: String) {
            diagnostics.add(error: node.error(.badValue, message, advice: advice))
        }
    }
}
