/// So many of a unit, as a norm gives it.
public struct NormAmount: Sendable, Hashable, CustomStringConvertible {
    /// What is counted.
    public enum Unit: String, Sendable, Hashable, CaseIterable {
        case rings
        case seconds
        case minutes
        case hours
        case days
        case workingDays = "working_days"
        case months
        case years
        case percent

        static let time: [Unit] = [.seconds, .minutes, .hours, .days, .workingDays, .months, .years]
    }

    /// 1…100,000.
    public let count: Int
    public let unit: Unit

    public init(_ count: Int, _ unit: Unit) {
        self.count = count
        self.unit = unit
    }

    /// Reads `4 rings`, `10 working days`, `95 percent`; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].utf8.count <= 6, parts[0].utf8.allSatisfy({ (48...57).contains($0) }),
            let count = Int(parts[0]), (1...100_000).contains(count)
        else { return nil }
        let name = String(parts[1].map { $0 == "-" || $0 == " " ? "_" : $0 })
        guard let unit = Unit(rawValue: name) ?? Unit(rawValue: name + "s") else { return nil }
        if unit == .percent, count > 100 { return nil }
        if let counted = Term.Unit(rawValue: unit.rawValue), count > Term.most(counted) { return nil }
        self.init(count, unit)
    }

    /// The same as a term that `DueClock` counts; nil for rings, seconds and shares.
    public var term: Term? {
        switch unit {
        case .rings, .seconds, .percent: nil
        case .minutes: Term(count, .minutes)
        case .hours: Term(count, .hours)
        case .days: Term(count, .days)
        case .workingDays: Term(count, .workingDays)
        case .months: Term(count, .months)
        case .years: Term(count, .years)
        }
    }

    /// As it is read.
    public var description: String {
        let name = unit.rawValue.map { $0 == "_" ? " " : String($0) }.joined()
        return "\(count) \(count == 1 && unit != .percent ? String(name.dropLast()) : name)"
    }
}

/// What a rule allows.
public enum NormLimit: Sendable, Hashable, CustomStringConvertible {
    /// At most so much after the start event.
    case within(NormAmount)
    /// On the day of the start event (当日).
    case sameDay
    /// Without delay (即刻、立即): nothing is counted; how long it took is shown.
    case atOnce
    /// At least so long before the start event.
    case ahead(NormAmount)
    /// At least this share.
    case atLeast(NormAmount)
    /// Once in each period.
    case every(Term)
    /// On this day of each week, 1 (Monday) … 7.
    case weekly(Int)
    /// By this day of each month, 1…31.
    case monthlyBy(Int, Shift)

    /// What moves a date of the month (遇节假日顺延).
    public enum Shift: String, Sendable, Hashable, CaseIterable {
        case none
        /// Holidays that a notice gives, but not an ordinary weekend.
        case holidays
        /// Whatever is not worked.
        case weekends
    }

    public static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

    public var description: String {
        switch self {
        case .within(let amount): "within \(amount)"
        case .sameDay: "on the same day"
        case .atOnce: "at once"
        case .ahead(let amount): "\(amount) ahead"
        case .atLeast(let amount): "at least \(amount)"
        case .every(let term): "every \(term)"
        case .weekly(let day): "every \(Self.weekdays[min(max(day, 1), 7) - 1])"
        case .monthlyBy(let day, let shift):
            "by day \(day) of the month\(shift == .none ? "" : ", shifted past \(shift.rawValue)")"
        }
    }

    /// The units that it uses, for what a measure allows.
    var unit: NormAmount.Unit? {
        switch self {
        case .within(let amount), .ahead(let amount), .atLeast(let amount): amount.unit
        case .sameDay, .atOnce, .every, .weekly, .monthlyBy: nil
        }
    }

    /// Ways to write the limit's figure in a quotation, Arabic or Chinese; empty where there is no figure.
    var figures: [String] {
        switch self {
        case .within(let amount), .ahead(let amount), .atLeast(let amount):
            Self.figures(amount.count, Term.Unit(rawValue: amount.unit.rawValue))
        case .every(let term): Self.figures(term.count, term.unit)
        case .sameDay: ["当日", "當日", "当天", "當天"]
        case .weekly(let day): ["星期" + ["一", "二", "三", "四", "五", "六", "日"][min(max(day, 1), 7) - 1]]
        case .monthlyBy(let day, _): Self.figures(day, nil)
        case .atOnce: []
        }
    }

    private static let digits = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"]

    private static func figures(_ count: Int, _ unit: Term.Unit?) -> [String] {
        var texts = [String(count)]
        if count <= 10 { texts.append(digits[count]) }
        if count == 2 { texts += ["两", "兩"] }
        if unit == .months, count == 6 { texts.append("半年") }
        if unit == .months, count == 1 { texts += ["每月", "月督"] }
        if unit == .days, count == 1 { texts += ["每日", "日统计"] }
        if unit == .days, count == 7 { texts += ["每周", "周通报"] }
        return texts
    }
}
