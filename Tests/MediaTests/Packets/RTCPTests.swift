import Calls
import Media
import Testing

@Suite struct RTCPTests {
    func build(
        sender: RTCPSenderInfo?, block: RTCPReportBlock?, cname: String = "a@b", bye: Bool = false,
        wall: Int64 = 1_700_000_000_500_000
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: RTCPBuilder.capacity)
        let text = Array(cname.utf8)
        let length = bytes.withUnsafeMutableBytes { buffer in
            text.withUnsafeBytes {
                RTCPBuilder.write(
                    ssrc: 0x0102_0304, sender: sender, block: block, cname: $0, bye: bye, wall: wall, into: buffer)
            }
        }
        return Array(bytes.prefix(length))
    }

    @Test func aSenderReportByteByByte() {
        var block = RTCPReportBlock(ssrc: 0x1112_1314)
        block.fractionLost = 64
        block.cumulativeLost = -2
        block.highestSequence = 0x0001_0203
        block.jitter = 80
        block.lastSenderReport = 0x2122_2324
        block.delaySinceLastSenderReport = 0x3132_3334
        let bytes = build(sender: RTCPSenderInfo(packets: 500, octets: 80_000, timestamp: 160), block: block)
        #expect(
            bytes == [
                // SR, one block, 13 words.
                0x81, 200, 0, 12, 1, 2, 3, 4,
                // 1,700,000,000.5 s Unix + 2,208,988,800 s = 0xE8FE6F80, half a second.
                0xE8, 0xFE, 0x6F, 0x80, 0x80, 0, 0, 0, 0, 0, 0, 160, 0, 0, 1, 0xF4, 0, 1, 0x38, 0x80,
                0x11, 0x12, 0x13, 0x14, 64, 0xFF, 0xFF, 0xFE, 0, 1, 2, 3, 0, 0, 0, 80, 0x21, 0x22, 0x23, 0x24,
                0x31, 0x32, 0x33, 0x34,
                // SDES, one chunk: CNAME "a@b", closed and filled up.
                0x81, 202, 0, 3, 1, 2, 3, 4, 1, 3, 0x61, 0x40, 0x62, 0, 0, 0,
            ])
    }

    @Test func aReceiverReportWithBye() {
        let bytes = build(sender: nil, block: nil, cname: "ab", bye: true)
        #expect(
            bytes == [
                0x80, 201, 0, 1, 1, 2, 3, 4, 0x81, 202, 0, 3, 1, 2, 3, 4, 1, 2, 0x61, 0x62, 0, 0, 0, 0,
                0x81, 203, 0, 1, 1, 2, 3, 4,
            ])
    }

    @Test func aLongNameIsCutAndAShortBufferRefused() {
        #expect(build(sender: nil, block: nil, cname: String(repeating: "x", count: 400)).count == 8 + 268)
        var short = [UInt8](repeating: 0, count: RTCPBuilder.capacity - 1)
        let length = short.withUnsafeMutableBytes {
            RTCPBuilder.write(
                ssrc: 1, sender: nil, block: nil, cname: UnsafeRawBufferPointer(start: nil, count: 0), bye: true,
                wall: 0,
                into: $0)
        }
        #expect(length == 0)
    }

    @Test func theRoundTripComesFromLSRAndDLSR() {
        var receiver = RTCPReceiver()
        let sent: Int64 = 1_700_000_000_000_000
        var block = RTCPReportBlock(ssrc: 77)
        block.fractionLost = 128
        block.lastSenderReport = UInt32(truncatingIfNeeded: RTCPBuilder.ntp(wall: sent) >> 16)
        // The far end held it for 2 s; it comes back 2.150 s after its sending.
        block.delaySinceLastSenderReport = 2 << 16
        let bytes = build(sender: RTCPSenderInfo(packets: 1, octets: 1, timestamp: 1), block: block)
        let believed = bytes.withUnsafeBytes {
            receiver.receive($0, ourSSRC: 77, at: Instant(wall: sent + 2_150_000, mono: 9))
        }
        #expect(believed)
        #expect(abs((receiver.roundTripMilliseconds ?? 0) - 150) < 0.05)
        #expect(receiver.remoteFractionLost == 0.5)
        #expect(receiver.lastSenderReport?.ssrc == 0x0102_0304)
        #expect(!receiver.saidBye)
    }

    @Test func blocksAboutOthersAndImpossibleDelaysArePassedOver() {
        var receiver = RTCPReceiver()
        let other = build(sender: nil, block: RTCPReportBlock(ssrc: 1), bye: true)
        _ = other.withUnsafeBytes { receiver.receive($0, ourSSRC: 77, at: instant(0)) }
        #expect(receiver.lastBlock == nil)
        #expect(receiver.saidBye)
        var block = RTCPReportBlock(ssrc: 77)
        block.lastSenderReport = 12_345
        block.delaySinceLastSenderReport = .max
        let wrong = build(sender: nil, block: block)
        _ = wrong.withUnsafeBytes { receiver.receive($0, ourSSRC: 77, at: instant(0)) }
        #expect(receiver.lastBlock != nil)
        #expect(receiver.roundTripMilliseconds == nil)
    }

    @Test func brokenCompoundsAreRefusedWhole() {
        let good = build(
            sender: RTCPSenderInfo(packets: 1, octets: 1, timestamp: 1), block: RTCPReportBlock(ssrc: 77), bye: true)
        for length in 0..<good.count {
            var receiver = RTCPReceiver()
            let believed = good.prefix(length).withUnsafeBytes { receiver.receive($0, ourSSRC: 77, at: instant(0)) }
            // Where a packet within the compound ends, the rest is a whole compound still.
            let isWhole = length == 52 || length == 52 + 16
            #expect(believed == isWhole, "prefix of \(length)")
            if !isWhole { #expect(receiver.lastBlock == nil) }
        }
        for (offset, value): (Int, UInt8) in [(0, 0x41), (0, 0xA1), (1, 202), (1, 72), (3, 11), (3, 255), (52, 0x01)] {
            var bytes = good
            bytes[offset] = value
            var receiver = RTCPReceiver()
            let believed = bytes.withUnsafeBytes { receiver.receive($0, ourSSRC: 77, at: instant(0)) }
            #expect(!believed, "byte \(offset) = \(value)")
            #expect(receiver.malformed == 1)
        }
        // More blocks promised than there are: the ones that are there count, nothing is read behind them.
        var greedy = good
        greedy[0] = 0x9F
        var receiver = RTCPReceiver()
        let believed = greedy.withUnsafeBytes { receiver.receive($0, ourSSRC: 77, at: instant(0)) }
        #expect(believed)
        #expect(receiver.lastBlock?.ssrc == 77)
    }

    @Test func noiseIsHarmless() {
        var dice = Dice(5)
        var receiver = RTCPReceiver()
        let good = build(sender: RTCPSenderInfo(packets: 1, octets: 1, timestamp: 1), block: RTCPReportBlock(ssrc: 77))
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...6, using: &dice) {
                bytes[Int.random(in: 0..<bytes.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
            }
            bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &dice)))
            _ = bytes.withUnsafeBytes { receiver.receive($0, ourSSRC: 77, at: instant(0)) }
        }
        #expect(receiver.received + receiver.malformed == 20_000)
        #expect(receiver.malformed > 5000)
    }
}
