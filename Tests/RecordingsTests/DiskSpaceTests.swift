import Recordings
import Testing

@Suite struct DiskSpaceTests {
    @Test func daysLast() throws {
        let space = DiskSpace(freeBytes: 1_000_000_000_000, totalBytes: 2_000_000_000_000)
        #expect(space.freeFraction == 0.5)
        #expect(space.days(bytesPerDay: 1_000_000_000) == 1000)
        #expect(space.days(bytesPerDay: 0) == nil)
        // 100 hours of calls a day in FLAC: 3.8 GB.
        let days = try #require(space.days(callHoursPerDay: 100, format: .flac))
        #expect(abs(days - 262) < 1)
    }

    @Test func asksTheFileSystem() throws {
        let folder = try TestFolder()
        let space = try DiskSpace(of: folder.path)
        #expect(space.totalBytes > 0 && space.freeBytes > 0 && space.freeBytes <= space.totalBytes)
        let error = #expect(throws: RecordingError.self) { try DiskSpace(of: folder.path + "/nothing") }
        #expect(error?.code == .folder)
    }
}
