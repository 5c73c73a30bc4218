/// A date by which something is due, moved past the days that are not worked (遇节假日顺延).
public struct ShiftedDate: Sendable, Hashable {
    /// When it is due.
    public let date: CivilDate
    /// When it would be, were every day worked.
    public let nominal: CivilDate
    /// A day that was looked at is not settled by a notice yet.
    public let isProvisional: Bool

    /// - Parameter weekendsShift: whether an ordinary weekend counts as 节假日; without, only a holiday's days do.
    public init(date nominal: CivilDate, calendar: WorkingCalendar, weekendsShift: Bool) {
        self.nominal = nominal
        var date = nominal
        var provisional = calendar.isProvisional(date)
        while weekendsShift ? !calendar.isWorkingDay(date) : calendar.isHoliday(date) {
            date = date.adding(days: 1)
            provisional = provisional || calendar.isProvisional(date)
        }
        self.date = date
        isProvisional = provisional
    }

    /// A date that nothing moves.
    public init(unshifted date: CivilDate) {
        self.date = date
        nominal = date
        isProvisional = false
    }

    /// The same as something due: by the end of that day.
    public func due(in zone: ZoneOffsets) -> Due {
        Due(
            at: zone.end(of: date), date: date, endsDay: true, isProvisional: isProvisional, counted: [],
            shiftedFrom: nominal == date ? nil : nominal)
    }

    /// A day of each month, such as the 15th of publication (002 四); the month's last where it has fewer days.
    /// - Parameters:
    ///   - day: 1…31.
    ///   - month: 1…12.
    public init(day: Int, ofMonth month: Int, year: Int, calendar: WorkingCalendar, weekendsShift: Bool) {
        self.init(
            date: CivilDate(year: year, month: month, day: day), calendar: calendar, weekendsShift: weekendsShift)
    }
}
