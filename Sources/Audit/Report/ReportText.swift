import Norms

/// Cells as text: one way for people, and one for programs.
public struct ReportText: Sendable {
    private let zone: ZoneOffsets

    /// - Parameter zone: of the instants.
    public init(zone: ZoneOffsets) { self.zone = zone }

    /// For people. Durations are hours, minutes and seconds (`26:03:16.000`), shares per cent, instants local time
    /// (`2026-11-22 11:04:05.020`), and what is empty is a dash.
    public func shown(_ cell: ReportDocument.Cell) -> String {
        switch cell {
        case .text(let text), .breach(let text): text.isEmpty ? Self.nothing : text
        case .integer(let number): String(number)
        case .milliseconds(let milliseconds): Self.duration(milliseconds)
        case .share(let part, of: let whole): Self.percent(part, of: whole) ?? Self.nothing
        case .instant(let wall): local(wall, between: " ")
        case .empty: Self.nothing
        }
    }

    /// For programs. Durations are seconds (`93796.000`), shares fractions of 1 with six digits, instants ISO 8601 with
    /// the zone's offset, and what is empty is the empty text.
    public func plain(_ cell: ReportDocument.Cell) -> String {
        switch cell {
        case .text(let text), .breach(let text): text
        case .integer(let number): String(number)
        case .milliseconds(let milliseconds): Self.point(Int128(milliseconds), digits: 3)
        case .share(let part, of: let whole):
            Self.scaled(part, of: whole, digits: 6).map { Self.point($0, digits: 6) } ?? ""
        case .instant(let wall): local(wall, between: "T") + offset(wall)
        case .empty: ""
        }
    }

    /// For a cell in which there is nothing.
    static let nothing = "–"

    /// `26:03:16.000`.
    static func duration(_ milliseconds: Int64) -> String {
        let all = milliseconds.magnitude
        let seconds = all / 1000
        let parts = [seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
        return "\(milliseconds < 0 ? "-" : "")\(seconds / 3600):\(parts[0]):\(parts[1]).\(padded(all % 1000, 3))"
    }

    /// `97.33%`; nil of a whole of 0.
    static func percent(_ part: Int64, of whole: Int64) -> String? {
        let digits = percentDigits(part, of: whole)
        return scaled(part, of: whole, digits: digits + 2).map { point($0, digits: digits) + "%" }
    }

    /// Behind the point: two, and more where two would say that all is kept, or nothing, when it is not so.
    package static func percentDigits(_ part: Int64, of whole: Int64) -> Int {
        for digits in 2..<9 {
            guard let value = scaled(part, of: whole, digits: digits + 2) else { return 2 }
            let all = scaled(1, of: 1, digits: digits + 2)
            if (value != 0 || part == 0) && (value != all || part == whole) { return digits }
        }
        return 9
    }

    /// A fraction in units of 10 to the power of −digits, rounded half away from 0; nil of a whole that is not above 0.
    private static func scaled(_ part: Int64, of whole: Int64, digits: Int) -> Int128? {
        guard whole > 0 else { return nil }
        let unit = (0..<digits).reduce(Int128(1)) { power, _ in power * 10 }
        let value = (Int128(part.magnitude) * unit * 2 + Int128(whole)) / (Int128(whole) * 2)
        return part < 0 ? -value : value
    }

    /// A number with a point so many digits before its end.
    private static func point(_ number: Int128, digits: Int) -> String {
        let text = padded(number.magnitude, digits + 1)
        return "\(number < 0 ? "-" : "")\(text.dropLast(digits)).\(text.suffix(digits))"
    }

    /// Local time; milliseconds where they are not zero.
    private func local(_ wall: Int64, between separator: String) -> String {
        let time = zone.civil(wall)
        let date = "\(Self.padded(time.year, 4))-\(Self.padded(time.month, 2))-\(Self.padded(time.day, 2))"
        let clock = "\(Self.padded(time.hour, 2)):\(Self.padded(time.minute, 2)):\(Self.padded(time.second, 2))"
        let milliseconds = (wall % 1_000_000 + 1_000_000) % 1_000_000 / 1000
        return date + separator + clock + (milliseconds == 0 ? "" : "." + Self.padded(milliseconds, 3))
    }

    private func offset(_ wall: Int64) -> String {
        let seconds = zone.offset(at: wall)
        let minutes = abs(seconds) / 60
        return "\(seconds < 0 ? "-" : "+")\(Self.padded(minutes / 60, 2)):\(Self.padded(minutes % 60, 2))"
    }

    private static func padded(_ number: some BinaryInteger, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
