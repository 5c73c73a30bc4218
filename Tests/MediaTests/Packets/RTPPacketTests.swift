import Media
import Testing

@Suite struct RTPPacketTests {
    func parse(_ bytes: [UInt8]) -> RTPPacket? { bytes.withUnsafeBytes { RTPPacket($0) } }

    @Test func readsEveryField() throws {
        let packet = try #require(
            parse(
                Datagram(
                    marker: true, payloadType: 101, sequence: 0xFFFE, timestamp: 0xFEDC_BA98, ssrc: 0xCAFE_BABE,
                    payload: [1, 2, 3]
                ).bytes))
        #expect(packet.marker)
        #expect(packet.payloadType == 101)
        #expect(packet.sequence == 0xFFFE)
        #expect(packet.timestamp == 0xFEDC_BA98)
        #expect(packet.ssrc == 0xCAFE_BABE)
        #expect(packet.payloadOffset == 12)
        #expect(packet.payloadLength == 3)
    }

    @Test(
        arguments: [
            // CSRCs, words of extension, padding, payload's offset and length; nil: refused.
            (0, nil, nil, 20, 12, 20), (1, nil, nil, 20, 16, 20), (15, nil, nil, 20, 72, 20), (0, 0, nil, 20, 16, 20),
            (0, 5, nil, 20, 36, 20), (2, 3, UInt8(4), 20, 36, 20), (0, nil, UInt8(1), 20, 12, 20),
            (0, nil, UInt8(200), 0, 12, 0), (15, 40, UInt8(7), 0, 236, 0),
        ] as [(Int, Int?, UInt8?, Int, Int, Int)])
    func findsThePayload(
        csrcs: Int, words: Int?, padding: UInt8?, payload: Int, offset: Int, length: Int
    ) throws {
        let datagram = Datagram(
            padding: padding, csrcs: [UInt32](repeating: 7, count: csrcs),
            extension: words.map { (0xBEDE, [UInt32](repeating: 9, count: $0)) },
            payload: [UInt8](repeating: 0x55, count: payload))
        let packet = try #require(parse(datagram.bytes))
        #expect(packet.payloadOffset == offset)
        #expect(packet.payloadLength == length)
    }

    @Test func refusesWhatIsNoRTP() {
        let good = Datagram(csrcs: [1, 2], extension: (1, [3, 4, 5]), payload: [0, 1, 2]).bytes
        // Everything before the payload's beginning is too short, whatever it says of itself.
        for length in 0..<36 { #expect(parse(Array(good.prefix(length))) == nil, "prefix of \(length) bytes") }
        #expect(parse(Array(good.prefix(36))) != nil)
        for version: UInt8 in [0, 1, 3] { #expect(parse(Datagram(version: version, payload: [1]).bytes) == nil) }
        var padded = Datagram(padding: 4, payload: [1, 2]).bytes
        padded[padded.count - 1] = 7
        #expect(parse(padded) == nil, "padding longer than what there is")
        padded[padded.count - 1] = 0
        #expect(parse(padded) == nil, "padding that does not count itself")
        var extended = Datagram(extension: (0, [1])).bytes
        extended[14] = 0xFF
        extended[15] = 0xFF
        #expect(parse(extended) == nil, "an extension beyond the end")
    }

    @Test func noiseNeverLeadsBeyondTheDatagram() {
        var dice = Dice(1)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...80, using: &dice)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) }
            if count > 0 { bytes[0] = bytes[0] & 0x3F | 0x80 }
            guard let packet = parse(bytes) else { continue }
            #expect(packet.payloadOffset >= 12)
            #expect(packet.payloadLength >= 0)
            #expect(packet.payloadOffset + packet.payloadLength <= count)
        }
    }

    @Test func writesWhatItReads() throws {
        let header = RTPPacket(
            payloadType: 8, marker: true, sequence: 65_535, timestamp: 4_000_000_000, ssrc: 0x8000_0001)
        var bytes = [UInt8](repeating: 0xEE, count: 15)
        bytes.withUnsafeMutableBytes { buffer in
            if let base = buffer.baseAddress { header.write(to: base) }
        }
        #expect(
            bytes == [
                0x80, 0x88, 0xFF, 0xFF, 0xEE, 0x6B, 0x28, 0x00, 0x80, 0x00, 0x00, 0x01, 0xEE, 0xEE, 0xEE,
            ])
        let back = try #require(parse(bytes))
        #expect(back.sequence == header.sequence)
        #expect(back.timestamp == header.timestamp)
        #expect(back.ssrc == header.ssrc)
        #expect(back.payloadLength == 3)
    }
}
