import Documents
import Foundation
import Norms
import Testing

/// Which days are worked, as the shipped file has it.
@Suite struct WorkingCalendarTests {
    @Test func knowsWhatWasAnnouncedFor2026() throws {
        let calendar = try shippedCalendar()
        // norms.md F, from the notice of 2025-11-04.
        for text in ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"] {
            let day = CivilDate(text) ?? CivilDate(dayNumber: 0)
            #expect(calendar.isWorkingDay(day) && calendar.isWorkedWeekend(day) && day.weekday > 5, "\(text)")
        }
        #expect(calendar.holiday(day("2026-02-15")) == "春节")
        #expect(!calendar.isWorkingDay(day("2026-10-07")) && calendar.isWorkingDay(day("2026-10-08")))
        // An ordinary weekend is off without being a holiday.
        #expect(!calendar.isWorkingDay(day("2026-08-15")) && !calendar.isHoliday(day("2026-08-15")))
        // The Spring Festival of 2020 was prolonged while it lasted.
        #expect(!calendar.isWorkingDay(day("2020-01-31")) && calendar.isWorkingDay(day("2020-02-03")))
        #expect(calendar.citation == "国务院办公厅放假安排@2026-1")
    }

    @Test func hasEveryYearWithItsNotice() throws {
        let calendar = try shippedCalendar()
        #expect(calendar.years.map(\.year) == Array(2007...2026))
        for year in calendar.years {
            #expect(year.sources.allSatisfy { $0.contains("gov.cn/") } && !year.sources.isEmpty)
            #expect(year.holidays.flatMap(\.days).count >= 10, "\(year.year)")
        }
    }

    @Test func whatNoNoticeHasSettledIsProvisional() throws {
        let calendar = try shippedCalendar()
        #expect(calendar.isProvisional(day("2027-01-01")))
        // The notice of a year moves days of the December before it.
        #expect(calendar.isProvisional(day("2026-12-31")))
        #expect(!calendar.isProvisional(day("2026-12-28")))
        #expect(!calendar.isProvisional(day("2007-01-01")))
        #expect(calendar.isProvisional(CivilDate(year: 2006, month: 12, day: 31)))
        #expect(WorkingCalendar.weekdaysOnly.isProvisional(day("2026-03-02")))
        // Beyond the notices Monday to Friday is all that is known.
        #expect(calendar.isWorkingDay(day("2027-01-01")) && !calendar.isWorkingDay(day("2027-01-02")))
    }

    @Test func complaintsNamePlaceAndKey() throws {
        let text = """
            name: x
            version: 1
            provisional_from: 2029-01-01
            years:
              2026:
                source: https://example.invalid
                off:
                  元旦: 2026-01-01..2026-01-03
                  春节: [2026-02-30, 2026-01-03]
                work: [2026-01-05, 2026-01-04, 2025-11-30]
                wrok: 1
              2028:
                off: 5
            """
        do {
            _ = try WorkingCalendar.decode(text, file: "c.yaml")
            Issue.record("taken")
        } catch {
            let said = error.description
            for part in [
                "c.yaml:3:19: `provisional_from` lies beyond 2028", "c.yaml:9:12: \"2026-02-30\" is no date",
                "c.yaml:9:24: 2026-01-03 stands twice, first in line 8", "c.yaml:10:12: 2026-01-05 is no weekend day",
                "c.yaml:10:36: 2025-11-30 is not of the year 2026", "unknown key \"wrok\"", "Did you mean \"work\"?",
                "the year 2028 follows 2026", "\"source\" is missing in the year 2028",
                "`off` must be a mapping of holidays",
            ] {
                #expect(said.contains(part), "\(part)\n\(said)")
            }
        }
    }

    private static let python = Checkout.root.appendingPathComponent(".build/chinesecalendar/bin/python3").path

    /// `scripts/setup test` fetches the package; where PyPI is out of reach this test is left out.
    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: python),
            "left out: the PyPI package chinesecalendar is not there (scripts/setup test)"))
    func everyDayFrom2007To2026IsThatOfChinesecalendar() throws {
        let calendar = try shippedCalendar()
        let first = day("2007-01-01").dayNumber
        let days = (first...(day("2026-12-31").dayNumber)).map { CivilDate(dayNumber: $0) }
        let input = days.map { "\($0) \(calendar.isWorkingDay($0) ? 1 : 0)\n" }.joined()
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("days-\(UUID().uuidString)")
        try input.write(to: file, atomically: true, encoding: .utf8)
        defer { _ = unlink(file.path) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python)
        process.arguments = [Checkout.root.appendingPathComponent("scripts/calendar-check").path]
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(said == "7305 days, 0 differences\n")
        #expect(process.terminationStatus == 0)
    }
}
