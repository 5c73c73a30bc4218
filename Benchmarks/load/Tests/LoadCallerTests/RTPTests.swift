import LoadCaller
import Testing

@Suite struct RTPTests {
    private func parsed(_ bytes: [UInt8]) -> RTPPacket? { bytes.withUnsafeBytes { RTPPacket($0) } }

    @Test func whatIsWrittenIsRead() throws {
        var bytes = [UInt8](repeating: 0xD5, count: 172)
        bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            RTPPacket.write(
                payloadType: 8, marker: true, sequence: 0xFFFE, timestamp: 0x8000_0001, ssrc: 0xDEAD_BEEF, to: base)
        }
        let packet = try #require(parsed(bytes))
        #expect(packet.payloadType == 8)
        #expect(packet.marker)
        #expect(packet.sequence == 0xFFFE)
        #expect(packet.timestamp == 0x8000_0001)
        #expect(packet.ssrc == 0xDEAD_BEEF)
        #expect(packet.payload == 12..<172)
    }

    @Test func sourcesExtensionAndPaddingAreNoPayload() throws {
        var bytes: [UInt8] = [0xB1, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 0xBE, 0xDE, 0, 1, 9, 9, 9, 9]
        bytes += [1, 2, 3] + [0, 0, 3]
        #expect(try #require(parsed(bytes)).payload == 24..<27)
    }

    @Test func rubbishIsRefused() {
        #expect(parsed([]) == nil)
        #expect(parsed([UInt8](repeating: 0x80, count: 11)) == nil)
        #expect(parsed([UInt8](repeating: 0, count: 172)) == nil)
        // RTCP, an extension beyond the end, padding beyond the beginning.
        #expect(parsed([0x80, 200] + [UInt8](repeating: 0, count: 26)) == nil)
        #expect(parsed([0x90, 8] + [UInt8](repeating: 0xFF, count: 16)) == nil)
        #expect(parsed([0xA0, 8] + [UInt8](repeating: 0xFF, count: 16)) == nil)
        var random = SeededRandom(state: 4733)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if let packet = parsed(bytes) { #expect(packet.payload.upperBound <= bytes.count) }
        }
    }

    @Test func aKeyIsEightPacketsWithThreeEnds() {
        var event = TelephoneEvent(event: 5, timestamp: 1000, ticks: 6)
        var packets: [TelephoneEvent.Packet] = []
        while !event.isOver { packets.append(event.next()) }
        #expect(packets.map(\.duration) == [160, 320, 480, 640, 800, 960, 960, 960])
        #expect(packets.map(\.isEnd) == [false, false, false, false, false, true, true, true])
        #expect(packets.map(\.marker) == [true] + [Bool](repeating: false, count: 7))
        #expect(packets.allSatisfy { $0.timestamp == 1000 })
        #expect(packets[0].payload == (5, 0x0A, 0, 160))
        #expect(packets[7].payload == (5, 0x8A, 3, 0xC0))
    }

    /// The checksum over the header is 0xFFFF where it is right (RFC 1071).
    @Test func aRawDatagramHasARightHeader() {
        let header = RawSender.header(
            from: loopback(33_000), to: Endpoint(address: 0xC0A8_FF01, port: 16_384), payload: 172)
        #expect(header.count == 28)
        var sum = stride(from: 0, to: 20, by: 2).reduce(0) { $0 + Int(header[$1]) << 8 + Int(header[$1 + 1]) }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        #expect(sum == 0xFFFF)
        #expect(Array(header[2..<4]) == [0, 200])
        #expect(Array(header[12...]) == [127, 0, 0, 1, 192, 168, 255, 1, 0x80, 0xE8, 0x40, 0, 0, 180, 0, 0])
    }

    @Test func keysHaveNumbers() {
        #expect("0159*#AD".map { TelephoneEvent.number(of: $0) } == [0, 1, 5, 9, 10, 11, 12, 15])
        #expect(TelephoneEvent.number(of: "E") == nil)
        #expect(TelephoneEvent.number(of: "٣") == nil)
    }
}
