/// Which days are worked (工作日): Monday to Friday, but for public holidays (法定节假日) and the weekend days that are
/// worked in exchange (调休). Facts come from a file (`norms/calendar-cn.yaml`, docs/norms.md).
public struct WorkingCalendar: Sendable, Hashable {
    /// What one notice announces.
    public struct Year: Sendable, Hashable {
        public let year: Int
        /// Addresses of the notices.
        public let sources: [String]
        /// By name, in the file's order.
        public let holidays: [Holiday]
        /// Weekend days that are worked.
        public let worked: [CivilDate]
    }

    /// One holiday of one year.
    public struct Holiday: Sendable, Hashable {
        /// 春节.
        public let name: String
        /// Its days, weekends among them.
        public let days: [CivilDate]
    }

    public let name: String
    public let version: String
    /// In order, without a gap.
    public let years: [Year]
    /// From this day on no notice is known: what is said of a day is Monday to Friday alone.
    public let provisionalFrom: CivilDate
    private let off: [CivilDate: String]
    private let worked: Set<CivilDate>

    /// - Parameters:
    ///   - years: without a gap; a day is named once.
    ///   - provisionalFrom: the first day that a later notice may still change.
    public init(name: String, version: String, years: [Year], provisionalFrom: CivilDate) {
        self.name = name
        self.version = version
        self.years = years.sorted { $0.year < $1.year }
        self.provisionalFrom = provisionalFrom
        var off: [CivilDate: String] = [:]
        for holiday in years.flatMap(\.holidays) { for day in holiday.days { off[day] = holiday.name } }
        self.off = off
        worked = Set(years.flatMap(\.worked))
    }

    /// Monday to Friday, every day provisional: where no calendar is to be had.
    public static let weekdaysOnly = WorkingCalendar(
        name: "Monday to Friday", version: "0", years: [], provisionalFrom: CivilDate(dayNumber: 0))

    public func isWorkingDay(_ date: CivilDate) -> Bool {
        if worked.contains(date) { return true }
        return off[date] == nil && date.weekday <= 5
    }

    /// Whether a notice gives the day off: a holiday's days, weekends in it among them; an ordinary weekend is none.
    public func isHoliday(_ date: CivilDate) -> Bool { off[date] != nil }

    /// 春节; nil on other days.
    public func holiday(_ date: CivilDate) -> String? { off[date] }

    /// A weekend day that is worked (调休上班).
    public func isWorkedWeekend(_ date: CivilDate) -> Bool { worked.contains(date) }

    /// Whether a notice still to come, or one before the first year known, may say otherwise of the day.
    public func isProvisional(_ date: CivilDate) -> Bool {
        guard let first = years.first?.year else { return true }
        return date >= provisionalFrom || date.year < first
    }

    /// `国务院办公厅放假安排@2026-1`.
    public var citation: String { "\(name)@\(version)" }

    /// The day itself where it is worked, or the next that is.
    public func workingDay(onOrAfter date: CivilDate) -> CivilDate {
        var date = date
        while !isWorkingDay(date) { date = date.adding(days: 1) }
        return date
    }
}
