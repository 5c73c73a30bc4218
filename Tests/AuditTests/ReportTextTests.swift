import Audit
import Norms
import Testing

/// Cells as text.
@Suite struct ReportTextTests {
    private let text = ReportText(zone: ReportSample.shanghai)

    @Test(
        arguments: [
            (0, "0:00:00.000", "0.000"), (16_000, "0:00:16.000", "16.000"), (93_796_007, "26:03:16.007", "93796.007"),
            (-5_001, "-0:00:05.001", "-5.001"), (Int64.min, "-2562047788015:12:55.808", "-9223372036854775.808"),
        ] as [(Int64, String, String)])
    func durations(milliseconds: Int64, shown: String, plain: String) {
        #expect(text.shown(.milliseconds(milliseconds)) == shown)
        #expect(text.plain(.milliseconds(milliseconds)) == plain)
    }

    /// 100 % is said only where all is kept, and 0 % only where nothing is.
    @Test(
        arguments: [
            (11, 12, "91.67%", "0.916667"), (1, 3, "33.33%", "0.333333"), (2, 3, "66.67%", "0.666667"),
            (1, 8, "12.50%", "0.125000"), (0, 7, "0.00%", "0.000000"), (7, 7, "100.00%", "1.000000"),
            (12_345, 100_000, "12.35%", "0.123450"), (99_999, 100_000, "99.999%", "0.999990"),
            (1, 1_000_000, "0.0001%", "0.000001"), (999_999, 1_000_000, "99.9999%", "0.999999"),
            (3, 2, "150.00%", "1.500000"),
            (9_000_000_000_000_000_000, 9_000_000_000_000_000_001, "100.000000000%", "1.000000"),
        ] as [(Int64, Int64, String, String)])
    func shares(part: Int64, whole: Int64, shown: String, plain: String) {
        #expect(text.shown(.share(part, of: whole)) == shown)
        #expect(text.plain(.share(part, of: whole)) == plain)
    }

    @Test func ofNothingThereIsNoShare() {
        #expect(text.shown(.share(0, of: 0)) == "–")
        #expect(text.plain(.share(0, of: 0)) == "")
    }

    @Test(
        arguments: [
            (ReportSample.moment, "2026-11-22 11:04:05.020", "2026-11-22T11:04:05.020+08:00"),
            (ReportSample.moment - 20_000, "2026-11-22 11:04:05", "2026-11-22T11:04:05+08:00"),
            (ReportSample.moment - 20_001, "2026-11-22 11:04:04.999", "2026-11-22T11:04:04.999+08:00"),
            (-1, "1970-01-01 07:59:59.999", "1970-01-01T07:59:59.999+08:00"),
        ] as [(Int64, String, String)])
    func instants(wall: Int64, shown: String, plain: String) {
        #expect(text.shown(.instant(wall)) == shown)
        #expect(text.plain(.instant(wall)) == plain)
    }

    /// The hour that comes twice when a clock is put back is told apart in what programs read.
    @Test func instantsHaveTheOffsetOfTheirTime() {
        let change = ReportSample.moment
        let text = ReportText(zone: ZoneOffsets { $0 < change ? 7200 : -12_600 })
        #expect(text.plain(.instant(change - 1)) == "2026-11-22T05:04:05.019+02:00")
        #expect(text.plain(.instant(change)) == "2026-11-21T23:34:05.020-03:30")
    }

    @Test func whatIsEmptyIsADashForPeople() {
        #expect(text.shown(.empty) == "–")
        #expect(text.shown(.text("")) == "–")
        #expect(text.plain(.empty) == "")
    }
}
