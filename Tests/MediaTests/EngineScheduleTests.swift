import Media
import Testing

@Suite struct EngineScheduleTests {
    /// When it is asked, in milliseconds, and what is due.
    @Test func ticksAreMadeUpForOrSkipped() {
        var schedule = TickSchedule(first: 20_000_000)
        let rows: [(at: Int64, run: Int, skipped: Int, next: Int64)] = [
            (0, 0, 0, 20), (19, 0, 0, 20), (20, 1, 0, 40), (20, 0, 0, 40), (59, 1, 0, 60), (60, 1, 0, 80),
            (119, 2, 0, 120), (200, 5, 0, 220), (320, 5, 1, 340), (60_000, 5, 2979, 60_020), (60_020, 1, 0, 60_040),
        ]
        for row in rows {
            let due = schedule.due(at: row.at * 1_000_000)
            #expect(due.run == row.run, "at \(row.at)")
            #expect(due.skipped == row.skipped, "at \(row.at)")
            #expect(schedule.next == row.next * 1_000_000, "at \(row.at)")
        }
    }

    @Test func latenessIsThatOfTheOldest() {
        var schedule = TickSchedule(first: 20_000_000)
        #expect(schedule.due(at: 75_000_000).lateness == 55_000_000)
    }
}
