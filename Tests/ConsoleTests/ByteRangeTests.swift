import Console
import Testing

/// The Range header (RFC 9110 14), of a file of 1,000 bytes.
@Suite struct ByteRangeTests {
    @Test(arguments: [
        ("bytes=0-499", ByteRange.part(0..<500)), ("bytes=500-999", .part(500..<1000)),
        ("bytes=500-", .part(500..<1000)), ("bytes=-300", .part(700..<1000)), ("bytes=0-0", .part(0..<1)),
        ("bytes=-1", .part(999..<1000)), ("bytes=999-", .part(999..<1000)),
        // Beyond the end is cut, and a suffix longer than the file is all of it.
        ("bytes=990-2000", .part(990..<1000)), ("bytes=-5000", .part(0..<1000)), ("bytes=0-", .part(0..<1000)),
        ("BYTES=0-9", .part(0..<10)), ("bytes= 0-9 ", .part(0..<10)),
        // Numbers that no file reaches, nor an integer of 64 bits.
        ("bytes=0-99999999999999999999999", .part(0..<1000)), ("bytes=99999999999999999999999-", .unsatisfiable),
        ("bytes=-99999999999999999999999", .part(0..<1000)), ("bytes=9223372036854775807-", .unsatisfiable),
        ("bytes=1000-", .unsatisfiable), ("bytes=1000-1001", .unsatisfiable), ("bytes=-0", .unsatisfiable),
    ]) func isRead(header: String, range: ByteRange) {
        #expect(ByteRange(header, length: 1000) == range)
    }

    @Test(arguments: [
        "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=1-2-3", "bytes=0x1-2", "bytes=+1-2",
        "bytes=--5", "bytes=1.5-2", "bytes=1-2,4-5", "bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-,0-", "items=0-5", "bytes 0-5",
        "bytes=١-٢", "bytes=0-5;drop", "=0-5", "bytes=0 - 5", String(repeating: "9", count: 5000),
        "bytes=" + String(repeating: "0", count: 200) + "-1",
    ]) func whatIsNoSingleByteRangeGetsTheWhole(header: String) {
        #expect(ByteRange(header, length: 1000) == .whole)
    }

    @Test func anEmptyFileHasNoPart() {
        #expect(ByteRange(nil, length: 0) == .whole)
        #expect(ByteRange("bytes=0-", length: 0) == .unsatisfiable)
        #expect(ByteRange("bytes=-5", length: 0) == .unsatisfiable)
    }
}
