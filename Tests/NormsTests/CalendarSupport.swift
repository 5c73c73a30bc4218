import Foundation
import Norms
import Testing

/// The checkout, and what it ships.
enum Checkout {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The text of a file of the checkout.
    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }
}

/// The calendar that is shipped.
func shippedCalendar() throws -> WorkingCalendar { try calendar.get() }

/// Read once for all tests.
private let calendar = Result {
    try WorkingCalendar.decode(try Checkout.text("norms/calendar-cn.yaml"), file: "calendar-cn.yaml")
}

/// A day as written; one that is none fails the test.
func day(_ text: String) -> CivilDate {
    if let day = CivilDate(text) { return day }
    Issue.record("\(text) is no day")
    return CivilDate(dayNumber: 0)
}

extension ZoneOffsets {
    static let shanghai = ZoneOffsets.fixed(28_800)

    /// A zone of the tz database.
    static func named(_ name: String) throws -> ZoneOffsets {
        let zone = try #require(TimeZone(identifier: name))
        return ZoneOffsets { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0) / 1_000_000)) }
    }

    /// `2026-02-13 10:30:00` on the wall.
    func text(_ wall: Int64) -> String {
        let time = civil(wall)
        let clock = [time.hour, time.minute, time.second].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(CivilDate(time)) \(clock.joined(separator: ":"))"
    }
}

/// Numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
