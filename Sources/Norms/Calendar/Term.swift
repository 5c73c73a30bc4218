/// A limit in time as norms give it: so many of a unit.
public struct Term: Sendable, Hashable, CustomStringConvertible {
    /// What is counted.
    public enum Unit: String, Sendable, Hashable, CaseIterable, Codable {
        case minutes
        case hours
        /// 天、日: calendar days.
        case days
        /// 工作日: by the calendar of holidays.
        case workingDays = "working_days"
        /// 月: months of the calendar, to the day of the same number.
        case months
        case years

        /// 工作日.
        public var chinese: String {
            switch self {
            case .minutes: "分钟"
            case .hours: "小时"
            case .days: "日"
            case .workingDays: "工作日"
            case .months: "个月"
            case .years: "年"
            }
        }
    }

    /// 0…36,500; of minutes 0…52,560,000, of hours 0…876,000.
    public let count: Int
    public let unit: Unit

    /// Counts beyond a hundred years are cut there, those below nothing are nothing.
    public init(_ count: Int, _ unit: Unit) {
        self.count = min(max(count, 0), Self.most(unit))
        self.unit = unit
    }

    /// Reads `10 working days`, `1 hour`, `45 minutes`, `6 months`; also `working-days` and `working_days`. Nil for
    /// anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let unit = Self.unit(parts[1]) else { return nil }
        guard parts[0].utf8.count <= 8, parts[0].utf8.allSatisfy({ (48...57).contains($0) }),
            let count = Int(parts[0]), count <= Self.most(unit)
        else { return nil }
        self.init(count, unit)
    }

    /// Reads `working days`, `working-days`, `working_days`, `hour`, …
    public static func unit(_ text: some StringProtocol) -> Unit? {
        let name = String(text.map { $0 == "-" || $0 == " " ? "_" : $0 })
        return Unit(rawValue: name) ?? Unit(rawValue: name + "s")
    }

    /// The most of a unit that is counted: a hundred years.
    public static func most(_ unit: Unit) -> Int {
        switch unit {
        case .minutes: 52_560_000
        case .hours: 876_000
        case .days, .workingDays: 36_500
        case .months: 1200
        case .years: 100
        }
    }

    /// As it is read: `10 working days`.
    public var description: String {
        let name = unit == .workingDays ? "working days" : unit.rawValue
        return "\(count) \(count == 1 ? String(name.dropLast()) : name)"
    }
}
