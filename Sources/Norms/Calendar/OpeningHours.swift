/// When a queue, or an office, is open (服务时间): a weekly table, and dates that differ from it. Local time; pure.
public struct OpeningHours: Sendable, Hashable {
    /// Part of a day, in minutes since midnight.
    public struct Span: Sendable, Hashable, Comparable, CustomStringConvertible {
        /// 0…1439, the first minute in it.
        public let from: Int
        /// 1…1440, the first minute after it.
        public let to: Int

        /// nil where it is empty or goes backwards, or beyond the day.
        public init?(from: Int, to: Int) {
            guard from >= 0, from < to, to <= 1440 else { return nil }
            self.from = from
            self.to = to
        }

        /// `08:00-18:00`; nil for anything else.
        public init?(_ text: String) {
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Self.minute($0) }
            guard ends.count == 2, let from = ends[0], let to = ends[1] else { return nil }
            self.init(from: from, to: to)
        }

        /// Minutes since midnight of `08:00` … `24:00`; nil for anything else.
        public static func minute(_ text: Substring) -> Int? {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2,
                parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (48...57).contains($0) } }),
                let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= 1440
            else { return nil }
            return hour * 60 + minute
        }

        public static let wholeDay = Span(unchecked: 0, 1440)

        private init(unchecked from: Int, _ to: Int) {
            self.from = from
            self.to = to
        }

        public func contains(_ minute: Int) -> Bool { from <= minute && minute < to }

        public func overlaps(_ other: Span) -> Bool { from < other.to && other.from < to }

        public static func < (left: Self, right: Self) -> Bool { (left.from, left.to) < (right.from, right.to) }

        /// `08:00-18:00`.
        public var description: String { "\(Self.clock(from))-\(Self.clock(to))" }

        private static func clock(_ minute: Int) -> String {
            func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
            return "\(two(minute / 60)):\(two(minute % 60))"
        }
    }

    /// The next time that an open queue closes, or a closed one opens.
    public struct Change: Sendable, Hashable {
        public let date: CivilDate
        /// Minutes since midnight, 0…1439.
        public let minute: Int
        /// Whether it opens then.
        public let isOpen: Bool
        /// Seconds from the time asked about, by a wall clock that is not put forward or back meanwhile. Where one is,
        /// ask again when they are over.
        public let seconds: Int
    }

    /// By weekday, 1 (Monday) … 7 (Sunday), sorted, not overlapping; a weekday that is missing is closed. Nil: always
    /// open, but for `closed`.
    public var weekly: [Int: [Span]]?
    /// Closed all day.
    public var closed: Set<CivilDate>
    /// Dates with hours of their own, whatever the weekday has.
    public var open: [CivilDate: [Span]]

    public init(weekly: [Int: [Span]]? = nil, closed: Set<CivilDate> = [], open: [CivilDate: [Span]] = [:]) {
        self.weekly = weekly
        self.closed = closed
        self.open = open
    }

    /// Open day and night, all year (24 小时服务).
    public static let always = OpeningHours()

    public func isOpen(_ time: CivilTime) -> Bool { isOpen(CivilDate(time), minute: time.minuteOfDay) }

    /// - Parameter minute: since midnight, 0…1439.
    public func isOpen(_ date: CivilDate, minute: Int) -> Bool { spans(date).contains { $0.contains(minute) } }

    /// What holds on a date: closed dates go before open ones, those before the week.
    public func spans(_ date: CivilDate) -> [Span] {
        if closed.contains(date) { return [] }
        if let spans = open[date] { return spans }
        guard let weekly else { return [.wholeDay] }
        return weekly[date.weekday] ?? []
    }

    /// Days that are looked ahead for a change: more than any list of dates in a row covers.
    static let horizon = 400

    /// The first change later than `time`; nil where none comes within 400 days.
    public func nextChange(after time: CivilTime) -> Change? {
        let today = CivilDate(time)
        let now = isOpen(time)
        for ahead in 0...Self.horizon {
            let date = CivilDate(dayNumber: today.dayNumber + ahead)
            let spans = spans(date)
            // Midnight is a boundary too: yesterday's last span may not go on.
            let boundaries = Set([0] + spans.flatMap { [$0.from, $0.to] }).filter { $0 < 1440 }.sorted()
            for minute in boundaries where ahead > 0 || minute > time.minuteOfDay {
                let isOpen = spans.contains { $0.contains(minute) }
                guard isOpen != now else { continue }
                let minutes = ahead * 1440 + minute - time.minuteOfDay
                return Change(date: date, minute: minute, isOpen: isOpen, seconds: minutes * 60 - time.second)
            }
        }
        return nil
    }
}
