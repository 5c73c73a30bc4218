/// A work order's spoken number: the local date and a serial within it, `20261122-0007`. The serial has four digits
/// and widens past 9999; gaps are allowed, repetition is not.
public struct OrderNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Eight digits, YYYYMMDD, local time.
    public let date: String
    /// 1….
    public let serial: Int

    /// Nil where the date is not eight digits or the serial is below one.
    public init?(date: String, serial: Int) {
        guard date.utf8.count == 8, date.utf8.allSatisfy({ (48...57).contains($0) }), serial >= 1 else { return nil }
        self.date = date
        self.serial = serial
    }

    /// Reads `20261122-0007`, and the same with the dash left out as a caller keys it; nil for anything else.
    public init?(_ text: String) {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        guard (12...18).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        guard text.utf8.count == digits.count || (text.utf8.count == digits.count + 1 && text.dropFirst(8).first == "-")
        else { return nil }
        guard let serial = Int(String(decoding: digits.dropFirst(8), as: UTF8.self)) else { return nil }
        self.init(date: String(decoding: digits.prefix(8), as: UTF8.self), serial: serial)
    }

    public var description: String {
        let text = String(serial)
        return "\(date)-\(String(repeating: "0", count: max(0, 4 - text.utf8.count)))\(text)"
    }

    public static func < (left: Self, right: Self) -> Bool {
        left.date == right.date ? left.serial < right.serial : left.date < right.date
    }
}

/// The code given to a caller with the number: a number alone opens nothing (anyone can count), number and code do.
public enum OrderCode {
    /// Four digits from random bits.
    public static func make(random: UInt64) -> String {
        let value = String(random % 10_000)
        return String(repeating: "0", count: 4 - value.utf8.count) + value
    }
}

/// What an order is about. The names are stable: they stand in flows, in the store and in reports.
public enum OrderCategory: String, Sendable, Codable, CaseIterable {
    /// 故障报修 (002 三 规范 5).
    case fault
    /// 投诉 (002 五).
    case complaint
    /// 举报 (002 五).
    case report
    /// 咨询 (002 五).
    case consultation
    /// 业务受理 (002 服务内容 1).
    case business
    /// 意见、建议 (000-A 第十七条).
    case suggestion
    /// Asked for a person; nobody could be reached, a message was left.
    case callback
    /// 信息: somebody tells what the utility should know, and wants nothing.
    case information
}

/// Where an order stands, coarsely: each state of its life (`OrderLife`) is one of these.
public enum OrderStatus: String, Sendable, Codable, CaseIterable {
    case created
    case dispatched
    case replied
    case closed
}
