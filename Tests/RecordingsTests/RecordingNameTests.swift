import Calls
import Recordings
import Testing

@Suite struct RecordingNameTests {
    @Test(arguments: [
        (0 as Int64, "1970/01/01/19700101T000000Z", "1970-01-01T00:00:00.000Z"),
        (951_782_399_999_999, "2000/02/28/20000228T235959Z", "2000-02-28T23:59:59.999Z"),
        (951_782_400_000_000, "2000/02/29/20000229T000000Z", "2000-02-29T00:00:00.000Z"),
        (1_709_164_800_000_000, "2024/02/29/20240229T000000Z", "2024-02-29T00:00:00.000Z"),
        (1_767_225_599_000_000, "2025/12/31/20251231T235959Z", "2025-12-31T23:59:59.000Z"),
        (1_795_317_165_500_000, "2026/11/22/20261122T031245Z", "2026-11-22T03:12:45.500Z"),
        (4_107_542_400_000_000, "2100/03/01/21000301T000000Z", "2100-03-01T00:00:00.000Z"),
        (-1, "1969/12/31/19691231T235959Z", "1969-12-31T23:59:59.999Z"),
    ])
    func utc(wall: Int64, path: String, text: String) {
        let call = TestCall(1).call
        let name = RecordingName(start: Instant(wall: wall, mono: 0), call: call)
        #expect("\(name.folder)/\(name.stem)" == "\(path)-\(call)")
        #expect(name.startText == text)
    }

    /// Any clock value makes a name, none a crash.
    @Test func extremes() {
        for wall in [Int64.min, -62_167_219_200_000_001, .max] {
            let name = RecordingName(start: Instant(wall: wall, mono: 0), call: TestCall(1).call)
            #expect(name.folder.split(separator: "/").count == 3)
        }
    }
}
