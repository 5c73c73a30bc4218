import Norms

/// Which orders a rule is about. What an order does not say is not guessed: then the rule's items are not judged.
struct OrderScope: Sendable {
    enum Answer: Sendable, Hashable {
        case no
        case yes
        /// A reason, as reports count by.
        case unknown(String)

        /// Both must hold; of two reasons the first.
        func and(_ other: @autoclosure () -> Answer) -> Answer {
            switch self {
            case .no: .no
            case .yes: other()
            case .unknown: other() == .no ? .no : self
            }
        }
    }

    private let scope: NormScope
    /// Without `written`.
    private let kinds: [String]
    /// The answer is to be in writing, which is a matter of how it is judged.
    let wantsWriting: Bool
    /// 低压 covers homes where the document has no figure of its own for them (001 2.10).
    private let lowVoltageHasHomes: Bool
    /// The document has a figure for customers at 10 kV, however many supplies they have.
    private let knowsTenKilovolt: Bool

    init(_ rule: NormRule, in profile: NormProfile) {
        let named = Self.customers(of: rule.measure, in: profile)
        scope = rule.scope
        kinds = rule.scope.kinds.filter { $0 != "written" }
        wantsWriting = rule.scope.kinds.contains("written")
        lowVoltageHasHomes = !named.contains(.residential)
        knowsTenKilovolt = named.contains(.tenKilovolt) || named.contains(.highVoltage)
    }

    /// The customers that a document's rules on a measure tell apart.
    private static func customers(of measure: NormMeasure?, in profile: NormProfile) -> Set<NormCustomer> {
        Set(profile.rules.filter { $0.measure == measure }.flatMap(\.scope.customers))
    }

    func admits(_ timeline: OrderTimeline) -> Answer {
        guard admitsType(timeline) else { return .no }
        return channel(timeline).and(severity(timeline)).and(kind(timeline)).and(customer(timeline)).and(area(timeline))
    }

    /// Whether it is about no more than a rule without severities and kinds, and sets some apart.
    func isNarrower(than other: OrderScope) -> Bool {
        let (one, all) = (scope, other.scope)
        guard all.severities.isEmpty, all.kinds.isEmpty, !(one.severities.isEmpty && one.kinds.isEmpty) else {
            return false
        }
        return one.channels == all.channels && one.customers == all.customers && one.areas == all.areas
            && (all.orders.isEmpty || !one.orders.isEmpty && one.orders.allSatisfy(all.orders.contains))
    }

    // MARK: - Parts

    private func admitsType(_ timeline: OrderTimeline) -> Bool {
        if scope.orders.isEmpty { return true }
        if let type = timeline.type, scope.orders.contains(type) { return true }
        return timeline.isPetition && scope.orders.contains(.petition)
    }

    private static let outside: Set<NormChannel> = [.regulator, .government, .other]

    private func channel(_ timeline: OrderTimeline) -> Answer {
        guard !scope.channels.isEmpty else { return .yes }
        let channel: NormChannel
        switch timeline.known["channel"] {
        // What names no channel was made in a call.
        case nil, "telephone", "voice_mailbox": channel = .hotline
        case "letter": channel = .letter
        case "visit": channel = .visit
        case "web": channel = .web
        case "box": channel = .mailbox
        case "external_body":
            if Self.outside.isSubset(of: scope.channels) { return .yes }
            guard let body = timeline.known["external_body"], !body.isEmpty else {
                return Self.outside.isDisjoint(with: scope.channels) ? .no : .unknown(OrderReason.body)
            }
            channel = Self.body(body)
        default: return .unknown(OrderReason.channel)
        }
        return scope.channels.contains(channel) ? .yes : .no
    }

    /// By the number or the name that the field holds.
    private static func body(_ text: String) -> NormChannel {
        if ["12398", "监管", "監管", "电监", "電監", "能源局"].contains(where: text.contains) { return .regulator }
        if ["12345", "政府"].contains(where: text.contains) { return .government }
        return .other
    }

    private func severity(_ timeline: OrderTimeline) -> Answer {
        guard !scope.severities.isEmpty else { return .yes }
        if scope.severities.contains(timeline.severity) { return .yes }
        // 遇到特殊情况或重大问题时: one or the other (000-P 5).
        return scope.kinds.contains("special") && timeline.isExtended ? .yes : .no
    }

    private func kind(_ timeline: OrderTimeline) -> Answer {
        guard !kinds.isEmpty else { return .yes }
        var unknown = false
        for kind in kinds {
            switch holds(kind, timeline) {
            case true?: return .yes
            case false?: break
            case nil: unknown = true
            }
        }
        return unknown ? .unknown(OrderReason.kind) : .no
    }

    /// Nil: an order does not say.
    private func holds(_ kind: String, _ timeline: OrderTimeline) -> Bool? {
        switch kind {
        case "named": return timeline.known["identity"] == "named"
        case "customer_owned": return timeline.known["responsibility"] == "customer"
        // Before the triage it may still be either.
        case "utility", "unknown": return timeline.responsibility.map { $0 == kind } ?? true
        case "special": return timeline.severity == .major || timeline.isExtended
        case "over_level": return timeline.known["channel"] == "external_body"
        // 一般 and 重要 are what 性质 grades.
        case "ordinary": return timeline.severity == .ordinary
        case "important", "complex": return timeline.severity != .ordinary
        default: return nil
        }
    }

    private func customer(_ timeline: OrderTimeline) -> Answer {
        guard !scope.customers.isEmpty else { return .yes }
        var unknown: String?
        for customer in scope.customers {
            switch holds(customer, timeline) {
            case .yes: return .yes
            case .no: break
            case .unknown(let reason): unknown = reason
            }
        }
        return unknown.map { .unknown($0) } ?? .no
    }

    private func holds(_ customer: NormCustomer, _ timeline: OrderTimeline) -> Answer {
        if customer == .key {
            if let key = timeline.known["key_customer"] { return key == "yes" ? .yes : .no }
            return timeline.kind == .application ? .no : .unknown(OrderReason.keyCustomer)
        }
        guard let supply = timeline.known["supply"] else { return .unknown(OrderReason.supply) }
        switch customer {
        case .residential, .tenKilovolt: return supply == customer.rawValue ? .yes : .no
        case .nonResidential: return supply == "residential" ? .no : .yes
        case .lowVoltage:
            return supply == "low_voltage" || lowVoltageHasHomes && supply == "residential" ? .yes : .no
        case .highVoltage: return supply == "low_voltage" || supply == "residential" ? .no : .yes
        case .highVoltageSingle, .highVoltageDual:
            if supply == "ten_kilovolt" { return knowsTenKilovolt ? .no : .unknown(OrderReason.supplies) }
            return supply == customer.rawValue ? .yes : .no
        case .key: return .no
        }
    }

    private func area(_ timeline: OrderTimeline) -> Answer {
        guard !scope.areas.isEmpty else { return .yes }
        guard let area = timeline.known["area"].flatMap(NormArea.init) else { return .unknown(OrderReason.area) }
        return scope.areas.contains(area) ? .yes : .no
    }
}
