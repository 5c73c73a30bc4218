import Calls
import Documents

extension RosterDecoder {
    func queues(_ nodes: [Node]) -> [RosterQueue] {
        var lines: [String: Int] = [:]
        return nodes.compactMap { node in
            let written = node.entries?.first { $0.key == "name" }?.value.text
            let reader = MappingReader(node, written.map { "queue \"\($0.prefix(32))\"" } ?? "a queue", diagnostics)
            let queue = queue(reader)
            guard let name = queue?.rules.name else { return nil }
            if let first = lines.updateValue(reader.position(of: "name").line, forKey: name) {
                reader.complain(
                    about: "name", .duplicate, "the queue \"\(name)\" stands in line \(first) already",
                    advice: "Give each queue a name of its own")
            }
            return queue
        }
    }

    private func queue(_ reader: MappingReader) -> RosterQueue? {
        defer { reader.finish() }
        let name = reader.string("name")
        if let name, !Self.isIdentifier(name) {
            reader.complain(
                about: "name", "\"\(name.prefix(40))\" is no name of a queue",
                advice: "Use a–z, 0–9, `_` and `-`, at most 32")
        }
        var rules = QueueRules(name: name ?? "")
        rules.skill = reader.optionalNode("skill").flatMap { reference($0, "skill", in: skills, list: "skills") }
        rules.ringsPerAgent = reader.int("rings_per_agent", in: 1...20, default: rules.ringsPerAgent)
        rules.missesUntilAway = reader.int("misses_until_away", in: 0...100, default: rules.missesUntilAway)
        rules.wrapUpMilliseconds = milliseconds(reader, "wrap_up", 0...3_600_000) ?? rules.wrapUpMilliseconds
        rules.maximumLength = reader.optionalInt("maximum_length", in: 1...10_000)
        rules.maximumWaitMilliseconds = milliseconds(reader, "maximum_wait", 1000...86_400_000)
        rules.waitsWithoutAgents = reader.bool("waits_without_agents", default: rules.waitsWithoutAgents)
        rules.announceEveryMilliseconds = milliseconds(reader, "announce_every", 5000...3_600_000)
        rules.expectedTalkMilliseconds =
            milliseconds(reader, "expected_talk", 1000...7_200_000) ?? rules.expectedTalkMilliseconds
        rules.reachMilliseconds = milliseconds(reader, "reach", 1000...60_000) ?? rules.reachMilliseconds
        rules.retryMilliseconds = milliseconds(reader, "retry", 0...600_000) ?? rules.retryMilliseconds
        rules.duty = duty(reader)
        let hours = hours(reader)
        if !rules.duty.isEmpty, hours.weekly == nil, hours.closed.isEmpty, let node = reader.optionalNode("duty") {
            warn(
                at: node, .doubtful, "the duty phones of \(reader.place) never ring: it is always open",
                advice: "Give it `hours`, or leave `duty` out")
        }
        var queue = RosterQueue(rules: rules, hours: hours)
        queue.messageDueMilliseconds = milliseconds(reader, "message_due", 60_000...2_592_000_000)
        queue.callBackDueMilliseconds = milliseconds(reader, "call_back_due", 60_000...2_592_000_000)
        queue.serviceLevelSeconds =
            seconds(reader, "service_level", 1000...3_600_000) ?? queue.serviceLevelSeconds
        queue.shortAbandonSeconds = seconds(reader, "short_abandon", 0...600_000) ?? queue.shortAbandonSeconds
        queue.apologyAfterRings = reader.int("apology_after_rings", in: 1...20, default: queue.apologyAfterRings)
        queue.announce = announce(reader) ?? queue.announce
        return name == nil ? nil : queue
    }

    private func duty(_ reader: MappingReader) -> [WorkNumber] {
        var found: [WorkNumber] = []
        for item in items(reader, "duty") {
            guard let number = item.text.flatMap({ WorkNumber($0) }), isKnown(number) else {
                let text = item.text ?? item.kindName
                diagnostics.add(
                    error: item.error(
                        .unknownName, "duty agent \"\(text.prefix(20))\" of \(reader.place) is not in this file",
                        advice: Names.advice(
                            for: text, in: knownNumbers, otherwise: "Write the work number of one of `agents`")))
                continue
            }
            guard !found.contains(number) else {
                diagnostics.add(
                    error: item.error(.duplicate, "duty agent \(number) of \(reader.place) is named twice"))
                continue
            }
            found.append(number)
        }
        return found
    }

    private func announce(_ reader: MappingReader) -> [Announcement]? {
        guard reader.has("announce") else { return nil }
        let nodes = items(reader, "announce")
        let names = Announcement.allCases.map(\.rawValue)
        if nodes.count == 1, nodes[0].text == "none" { return [] }
        var found: [Announcement] = []
        for item in nodes {
            guard let text = item.text, let announcement = Announcement(rawValue: text) else {
                let text = item.text ?? item.kindName
                diagnostics.add(
                    error: item.error(
                        .badValue, "announce in \(reader.place) knows no \"\(text.prefix(40))\"",
                        advice: Names.advice(
                            for: text, in: names,
                            otherwise: "Write a list of \(names.joined(separator: ", ")), or `none` alone")))
                continue
            }
            guard !found.contains(announcement) else {
                diagnostics.add(
                    error: item.error(.duplicate, "announce in \(reader.place) names \(text) twice"))
                continue
            }
            found.append(announcement)
        }
        if found != Announcement.allCases.filter(found.contains), let first = nodes.first {
            warn(
                at: first, .doubtful, "announce in \(reader.place) is not in the order of the norm",
                advice: "Greeting first, then unit name, then work number (002 服务规范 1)")
        }
        return found
    }

    private func milliseconds(_ reader: MappingReader, _ key: String, _ range: ClosedRange<Int>) -> Int64? {
        reader.optionalMilliseconds(key, in: range).map { Int64($0) }
    }

    private func seconds(_ reader: MappingReader, _ key: String, _ range: ClosedRange<Int>) -> Int? {
        guard let milliseconds = reader.optionalMilliseconds(key, in: range) else { return nil }
        guard milliseconds.isMultiple(of: 1000) else {
            reader.complain(about: key, "\(key) in \(reader.place) must be whole seconds")
            return nil
        }
        return milliseconds / 1000
    }
}
