import Norms
import Storage

/// A profile as JSON and for a terminal.
struct ProfileAnswer: Encodable {
    let profile: NormProfile
    let rules: [NormRule]
    let penalties: [NormPenalty]

    init(_ profile: NormProfile, rules: [NormRule], penalties: [NormPenalty]) {
        self.profile = profile
        self.rules = rules
        self.penalties = penalties
    }

    private enum Key: String, CodingKey {
        case id, name, short, version, issuer, sources, clock, rings, rules, penalties, key, title, evidence, address
        case items, source, clause, quote, paraphrase, measure, scope, limit, start, excludes, total, addition, when
        case anomaly, note, trigger, who, amount, per, sanction
        case `extension`
        case inForce = "in_force"
        case notJudged = "not_judged"
        case startStated = "start_stated"
        case approvedBy = "approved_by"
        case customerToldFirst = "customer_told_first"
        case startDay = "start_day"
        case lastDay = "last_day"
        case hoursRun = "hours_run"
        case received
        case dayEnds = "day_ends"
        case businessHours = "business_hours"
        case citation
    }

    func encode(to encoder: any Encoder) throws {
        var top = encoder.container(keyedBy: Key.self)
        try top.encode(profile.id, forKey: .id)
        try top.encode(profile.name, forKey: .name)
        try top.encode(profile.short, forKey: .short)
        try top.encode(profile.version, forKey: .version)
        try top.encode(profile.citation, forKey: .citation)
        try top.encode(profile.issuer, forKey: .issuer)
        try top.encode(profile.inForce.description, forKey: .inForce)
        try top.encode(profile.rings.rawValue, forKey: .rings)
        var sources = top.nestedUnkeyedContainer(forKey: .sources)
        for source in profile.sources {
            var one = sources.nestedContainer(keyedBy: Key.self)
            try one.encode(source.key, forKey: .key)
            try one.encode(source.title, forKey: .title)
            try one.encode(source.evidence.rawValue, forKey: .evidence)
            try one.encode(source.address, forKey: .address)
        }
        var clock = top.nestedContainer(keyedBy: Key.self, forKey: .clock)
        try clock.encode(profile.clock.startDay.rawValue, forKey: .startDay)
        try clock.encode(profile.clock.lastDay.rawValue, forKey: .lastDay)
        try clock.encode(profile.clock.running.rawValue, forKey: .hoursRun)
        try clock.encode(profile.clock.receipt.rawValue, forKey: .received)
        try clock.encode(profile.clock.dayEnd.rawValue, forKey: .dayEnds)
        try clock.encode(profile.clock.businessHours.map(\.description), forKey: .businessHours)
        var list = top.nestedUnkeyedContainer(forKey: .rules)
        for rule in rules { try encode(rule, to: list.nestedContainer(keyedBy: Key.self)) }
        var sums = top.nestedUnkeyedContainer(forKey: .penalties)
        for penalty in penalties { try encode(penalty, to: sums.nestedContainer(keyedBy: Key.self)) }
    }

    private func encode(_ words: NormRule.Words, to container: inout KeyedEncodingContainer<Key>) throws {
        var quote: String?
        var paraphrase: String?
        switch words {
        case .quote(let text): quote = text
        case .paraphrase(let text): paraphrase = text
        }
        try container.encode(quote, forKey: .quote)
        try container.encode(paraphrase, forKey: .paraphrase)
    }

    private func encode(_ rule: NormRule, to container: KeyedEncodingContainer<Key>) throws {
        var one = container
        try one.encode(rule.id, forKey: .id)
        try one.encode(rule.items, forKey: .items)
        try one.encode(rule.source, forKey: .source)
        try one.encode(rule.clause, forKey: .clause)
        try encode(rule.words, to: &one)
        try one.encode(rule.evidence.rawValue, forKey: .evidence)
        try one.encode(rule.measure?.rawValue, forKey: .measure)
        var reason: String?
        if case .notJudged(let why) = rule.judgement { reason = why }
        try one.encode(reason, forKey: .notJudged)
        try one.encode(rule.scope.text, forKey: .scope)
        try one.encode(rule.limit?.description, forKey: .limit)
        try one.encode(rule.start?.rawValue, forKey: .start)
        try one.encode(rule.isStartStated, forKey: .startStated)
        try one.encode(rule.excludes, forKey: .excludes)
        if let more = rule.prolongation {
            var nested = one.nestedContainer(keyedBy: Key.self, forKey: .extension)
            try nested.encode(more.approvedBy, forKey: .approvedBy)
            try nested.encode(more.total?.description, forKey: .total)
            try nested.encode(more.addition?.description, forKey: .addition)
            try nested.encode(more.isCustomerToldFirst, forKey: .customerToldFirst)
            try nested.encode(more.when, forKey: .when)
        } else {
            try one.encodeNil(forKey: .extension)
        }
        try one.encode(rule.penalties, forKey: .penalties)
        try one.encode((rule.inForce ?? profile.inForce).description, forKey: .inForce)
        try one.encode(rule.anomaly, forKey: .anomaly)
        try one.encode(rule.note, forKey: .note)
    }

    private func encode(_ penalty: NormPenalty, to container: KeyedEncodingContainer<Key>) throws {
        var one = container
        try one.encode(penalty.id, forKey: .id)
        try one.encode(penalty.items, forKey: .items)
        try one.encode(penalty.source, forKey: .source)
        try one.encode(penalty.clause, forKey: .clause)
        try encode(penalty.words, to: &one)
        try one.encode(penalty.evidence.rawValue, forKey: .evidence)
        try one.encode(penalty.trigger.rawValue, forKey: .trigger)
        try one.encode(penalty.who, forKey: .who)
        try one.encode(penalty.amount.description, forKey: .amount)
        try one.encode(penalty.per?.rawValue, forKey: .per)
        try one.encode(penalty.sanction, forKey: .sanction)
        try one.encode(penalty.anomaly, forKey: .anomaly)
        try one.encode(penalty.note, forKey: .note)
    }

    /// For a terminal.
    var lines: [String] {
        var lines = ["\(profile.name) (\(profile.short), \(profile.citation))", "issuer    \(profile.issuer)"]
        lines += ["in force  \(profile.inForce)"]
        for source in profile.sources {
            let address = source.address.map { ", \($0)" } ?? ""
            lines.append("source    \(source.key) \(source.title) [\(source.evidence.rawValue)\(address)]")
        }
        for rule in rules { lines += [""] + text(rule) }
        for penalty in penalties { lines += [""] + text(penalty) }
        return lines
    }

    private func text(_ rule: NormRule) -> [String] {
        var lines = ["\(rule.id)  \(rule.source) \(rule.clause)  [\(rule.items.joined(separator: ", "))]"]
        lines += words(rule.words)
        switch rule.judgement {
        case .measured(let measure): lines.append("  measure    \(measure.rawValue) (\(measure.chinese))")
        case .notJudged(let why): lines.append("  not judged \(why)")
        }
        if !rule.scope.text.isEmpty { lines.append("  about      \(rule.scope.text)") }
        if let limit = rule.limit {
            let start = rule.start.map { ", from \($0.rawValue)\(rule.isStartStated ? "" : " (not stated)")" } ?? ""
            lines.append("  limit      \(limit)\(start)")
        }
        if !rule.excludes.isEmpty { lines.append("  excludes   \(rule.excludes.joined(separator: "; "))") }
        if let more = rule.prolongation {
            var parts = [
                more.approvedBy.isEmpty
                    ? "nobody is named who approves" : "by \(more.approvedBy.joined(separator: ", "))"
            ]
            if let total = more.total { parts.append("\(total) in all") }
            if let addition = more.addition { parts.append("\(addition) more") }
            if more.isCustomerToldFirst { parts.append("the customer is told first") }
            if let when = more.when { parts.append(when) }
            lines.append("  extension  \(parts.joined(separator: "; "))")
        }
        if !rule.penalties.isEmpty { lines.append("  penalty    \(rule.penalties.joined(separator: ", "))") }
        if let inForce = rule.inForce { lines.append("  in force   \(inForce)") }
        if rule.evidence != .document { lines.append("  evidence   \(rule.evidence.rawValue)") }
        if let anomaly = rule.anomaly { lines.append("  anomaly    \(anomaly)") }
        if let note = rule.note { lines.append("  note       \(note)") }
        return lines
    }

    private func text(_ penalty: NormPenalty) -> [String] {
        var lines = ["\(penalty.id)  \(penalty.source) \(penalty.clause)  [\(penalty.items.joined(separator: ", "))]"]
        lines += words(penalty.words)
        let per = penalty.per.map { " per \($0.rawValue)" } ?? ""
        lines.append("  penalty    \(penalty.trigger.rawValue): \(penalty.amount)\(per), \(penalty.who)")
        if let sanction = penalty.sanction { lines.append("  sanction   \(sanction)") }
        if let anomaly = penalty.anomaly { lines.append("  anomaly    \(anomaly)") }
        if let note = penalty.note { lines.append("  note       \(note)") }
        return lines
    }

    private func words(_ words: NormRule.Words) -> [String] {
        switch words {
        case .quote(let text): ["  “\(text.split(separator: "\n").joined(separator: " "))”"]
        case .paraphrase(let text): ["  (not quoted) \(text)"]
        }
    }
}
