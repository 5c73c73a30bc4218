import AudioLog
import Testing

@Suite struct CRC32CTests {
    /// RFC 3720 appendix B.4, and the check value of the CRC catalogue.
    static let known: [([UInt8], UInt32)] = [
        (Array("123456789".utf8), 0xE306_9283),
        (Array(repeating: 0, count: 32), 0x8A91_36AA),
        (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        (Array((0..<32).reversed()), 0x113F_DB5C),
        ([], 0),
    ]

    @Test(arguments: known)
    func knownValues(bytes: [UInt8], expected: UInt32) {
        var crc = CRC32C()
        crc.update(bytes.span.bytes)
        #expect(crc.value == expected)
    }

    @Test func inPiecesAsInOne() {
        let bytes = (0..<997).map { UInt8(truncatingIfNeeded: $0 &* 131) }
        var whole = CRC32C()
        whole.update(bytes.span.bytes)
        for cut in [0, 1, 3, 7, 8, 9, 63, 500, 990, 997] {
            var pieces = CRC32C()
            pieces.update(bytes.span.bytes.extracting(0..<cut))
            pieces.update(bytes.span.bytes.extracting(cut..<bytes.count))
            #expect(pieces.value == whole.value)
        }
    }
}
