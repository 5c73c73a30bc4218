import ArgumentParser
import Foundation
import Storage

/// The period of a report.
struct PeriodOptions: ParsableArguments {
    @Option(help: "From this time on, local unless it ends in Z or +08:00. Default: the present day's begin.")
    var from: TimeArgument?
    @Option(help: "Before this time. Default: now.")
    var to: TimeArgument?

    /// The period, and the present.
    /// - Throws: `ValidationError` where it ends before it begins.
    func resolved() throws -> (from: UTCTime, to: UTCTime, now: UTCTime) {
        let now = Self.now
        let (from, to) = (from?.time ?? Self.midnight(before: now), to?.time ?? now)
        guard from < to else { throw ValidationError("--from must lie before --to (default: now).") }
        return (from, to, now)
    }

    static var now: UTCTime {
        UTCTime(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded()))
    }

    /// The local day's begin.
    private static func midnight(before time: UTCTime) -> UTCTime {
        let local = time.microseconds + ScreenTime.offset(at: time) * 1_000_000
        let begin = UTCTime(microseconds: time.microseconds - local % 86_400_000_000)
        // A day on which the clock is changed begins with another offset than it has now.
        let change = ScreenTime.offset(at: time) - ScreenTime.offset(at: begin)
        return UTCTime(microseconds: begin.microseconds + change * 1_000_000)
    }

    static func heading(_ from: UTCTime, _ to: UTCTime) -> String {
        "\(ScreenTime.text(from)) to \(ScreenTime.text(to)) (\(ScreenTime.zone(at: from)))"
    }
}

extension Screen {
    /// `4/5 (80.0 %)`; `-` where there is nothing to judge.
    static func share(_ share: Share?) -> String {
        guard let share, let value = share.value else { return "-" }
        return "\(share.numerator)/\(share.denominator) (\(decimal(value * 100)) %)"
    }

    /// One digit after the point.
    static func decimal(_ value: Double) -> String {
        let tenths = Int64((value * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }

    /// `1:02:03`.
    static func clock(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        let digits = [seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(seconds / 3600):\(digits[0]):\(digits[1])"
    }

    /// `busy 1, no_answer 2`; `-` where there are none.
    static func counts(_ counts: [String: Int]) -> String {
        counts.isEmpty
            ? "-" : counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
