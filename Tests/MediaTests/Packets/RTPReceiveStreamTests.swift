import Media
import Testing

@Suite struct RTPReceiveStreamTests {
    let tick = 20 * milliseconds

    func packet(_ sequence: Int, ssrc: UInt32 = 1, timestamp: UInt32? = nil) -> RTPPacket {
        RTPPacket(
            payloadType: 8, sequence: UInt16(truncatingIfNeeded: sequence),
            timestamp: timestamp ?? UInt32(truncatingIfNeeded: sequence * 160), ssrc: ssrc)
    }

    @Test func sequenceNumbersGoOnBeyondTheWrap() {
        var stream = RTPReceiveStream()
        var numbers: [Int64] = []
        for sequence in 65_500..<65_700 {
            guard
                case .accepted(let extended) = stream.receive(
                    packet(sequence), carriesAudio: true, at: Int64(sequence) * tick)
            else { return #expect(Bool(false), "packet \(sequence) was not accepted") }
            numbers.append(extended)
        }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 })
        #expect(stream.lost == 0)
        let block = stream.report(lastSenderReport: nil, at: 0)
        #expect(block?.highestSequence == UInt32(0x1_0000 + 163))
    }

    @Test func lossDuplicatesAndReorderingAreCountedApart() {
        var stream = RTPReceiveStream()
        // 4 and 7 never come; 5 comes twice; 2 comes late, twice.
        var verdicts: [RTPReceiveStream.Verdict] = []
        for sequence in [0, 1, 3, 2, 2, 5, 5, 6, 8, 9] {
            verdicts.append(stream.receive(packet(sequence), carriesAudio: true, at: Int64(sequence) * tick))
        }
        #expect(verdicts.filter { $0 == .duplicate }.count == 2)
        #expect(stream.lost == 2)
        #expect(stream.duplicate == 2)
        let block = stream.report(lastSenderReport: nil, at: 0)
        #expect(block?.cumulativeLost == 2)
        #expect(block?.fractionLost == UInt8(2 * 256 / 10))
        // The next interval has none.
        for sequence in 10..<20 { _ = stream.receive(packet(sequence), carriesAudio: true, at: Int64(sequence) * tick) }
        let next = stream.report(lastSenderReport: nil, at: 0)
        #expect(next?.cumulativeLost == 2)
        #expect(next?.fractionLost == 0)
    }

    @Test func packetsBeforeTheFirstBelongToo() {
        var stream = RTPReceiveStream()
        _ = stream.receive(packet(0), carriesAudio: true, at: 0)
        #expect(stream.receive(packet(-1), carriesAudio: true, at: 0) == .accepted(0x1_0000 - 1))
        #expect(stream.receive(packet(-1), carriesAudio: true, at: 0) == .duplicate)
        #expect(stream.lost == 0)
    }

    @Test func strangersBetweenTheTruePacketsChangeNothing() {
        var stream = RTPReceiveStream()
        for sequence in 0..<100 {
            let at = Int64(sequence) * tick
            let verdict = stream.receive(packet(sequence), carriesAudio: true, at: at)
            #expect(verdict == .accepted(0x1_0000 + Int64(sequence)))
            // Another SSRC, consecutive in itself; and our SSRC with a guess of the number.
            #expect(stream.receive(packet(30_000 + sequence, ssrc: 2), carriesAudio: true, at: at) == .probation)
            #expect(stream.receive(packet(40_000 + sequence * 7), carriesAudio: true, at: at) == .probation)
        }
        #expect(stream.restarts == 0)
        #expect(stream.ssrc == 1)
    }

    @Test func aNewStreamTakesOverWithItsSecondPacket() {
        var stream = RTPReceiveStream()
        for sequence in [0, 1, 3] {
            _ = stream.receive(packet(sequence), carriesAudio: true, at: Int64(sequence) * tick)
        }
        #expect(stream.receive(packet(500, ssrc: 9), carriesAudio: true, at: 4 * tick) == .probation)
        #expect(stream.receive(packet(501, ssrc: 9), carriesAudio: true, at: 5 * tick) == .restarted(0x1_0000 + 501))
        #expect(stream.ssrc == 9)
        // What the old stream lost is not forgotten.
        #expect(stream.lost == 1)
        // The same SSRC with another sequence, after a pause: at once.
        #expect(
            stream.receive(packet(20_000, ssrc: 9), carriesAudio: true, at: 50 * tick) == .restarted(0x1_0000 + 20_000))
    }

    @Test func jitterIsThatOfRFC3550() {
        var stream = RTPReceiveStream()
        var dice = Dice(3)
        var expected = 0.0
        var transit: Double?
        for sequence in 0..<2000 {
            // Whole units of 125 µs, so that the reference needs no rounding.
            let delay = Int64.random(in: 0...240, using: &dice)
            let arrival = Int64(sequence) * 160 + 400 + delay
            _ = stream.receive(packet(sequence), carriesAudio: true, at: arrival * 125_000)
            let now = Double(arrival - Int64(sequence) * 160)
            if let transit { expected += (abs(now - transit) - expected) / 16 }
            transit = now
        }
        #expect(abs(stream.jitterMilliseconds - expected / 8) < 0.15)
        #expect(expected / 8 > 5)
    }

    @Test func reportsNameTheLastSenderReport() {
        var stream = RTPReceiveStream()
        #expect(stream.report(lastSenderReport: nil, at: 0) == nil)
        _ = stream.receive(packet(0, ssrc: 5), carriesAudio: true, at: 0)
        var control = RTCPReceiver()
        var report = [UInt8](repeating: 0, count: 28)
        report[0] = 0x80
        report[1] = 200
        report[3] = 6
        report.replaceSubrange(4..<8, with: UInt32(5).networkBytes)
        report.replaceSubrange(8..<12, with: UInt32(0xAAAA_1111).networkBytes)
        report.replaceSubrange(12..<16, with: UInt32(0x2222_BBBB).networkBytes)
        let believed = report.withUnsafeBytes { control.receive($0, ourSSRC: 1, at: instant(1000 * milliseconds)) }
        #expect(believed)
        let block = stream.report(lastSenderReport: control.lastSenderReport, at: 3500 * milliseconds)
        #expect(block?.lastSenderReport == 0x1111_2222)
        #expect(block?.delaySinceLastSenderReport == UInt32(163_840))
    }
}
