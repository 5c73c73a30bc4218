import Media
import Testing

/// A network and two clocks in virtual time: a sender's packets arrive when the test says, ticks are pulled every
/// 20 ms of ours.
struct Wire: ~Copyable {
    /// Codes that are loud, and never the idle code, so that every sample's origin can be told.
    static func code(_ sample: Int) -> UInt8 { UInt8(1 + sample % 61) }
    /// Quiet codes: A-law's smallest magnitudes.
    static func quietCode(_ sample: Int) -> UInt8 { sample % 2 == 0 ? 0xD4 : 0x54 }

    var buffer: JitterBuffer
    var output: [UInt8] = []
    var kinds: [Pulled] = []
    private let tick = UnsafeMutablePointer<UInt8>.allocate(capacity: 160)

    init(minimum: Int = 40, maximum: Int = 200) { buffer = JitterBuffer(minimumDelay: minimum, maximumDelay: maximum) }
    deinit { tick.deallocate() }

    mutating func insert(
        _ sequence: Int, at timestamp: UInt32, count: Int = 160, marker: Bool = false, from sample: Int? = nil,
        quiet: Bool = false
    ) {
        let first = sample ?? Int(timestamp)
        let payload = (first..<first + count).map { quiet ? Self.quietCode($0) : Self.code($0) }
        payload.withUnsafeBytes {
            buffer.insert(sequence: Int64(sequence), timestamp: timestamp, marker: marker, payload: $0)
        }
    }

    @discardableResult
    mutating func pull(keep: Bool = true) -> Pulled {
        tick.update(repeating: 0, count: 160)
        let pulled = buffer.pull(into: tick, quietBelow: 64)
        if keep {
            kinds.append(pulled)
            output += UnsafeBufferPointer(start: tick, count: 160)
        }
        return pulled
    }

    /// Whether each code is the one behind its predecessor's.
    static func isUnbroken(_ codes: some Collection<UInt8>) -> Bool {
        zip(codes, codes.dropFirst()).allSatisfy { $1 == ($0 == 61 ? 1 : $0 + 1) }
    }

    /// A packet whose content is of no account, without the cost of making it.
    private static let loudPayload = (0..<160).map(code)
    private static let quietPayload = (0..<160).map(quietCode)
    mutating func insertAny(_ sequence: Int, quiet: Bool) {
        (quiet ? Self.quietPayload : Self.loudPayload).withUnsafeBytes {
            buffer.insert(
                sequence: Int64(sequence), timestamp: UInt32(truncatingIfNeeded: sequence * 160), marker: false,
                payload: $0)
        }
    }

    /// The samples that were really sent, in the order in which they were played.
    var heard: [UInt8] { output.filter { $0 != 0xD5 } }
}

@Suite struct JitterBufferTests {
    func codes(_ range: Range<Int>) -> [UInt8] { range.map(Wire.code) }

    @Test(arguments: [80, 160, 240, 320, 400, 480])
    func packetsOfAnyLengthComeOutWhole(length: Int) {
        var wire = Wire()
        var due = 0
        var sequence = 0
        for tick in 0..<200 {
            while due <= tick * 160, due + length <= 24_000 {
                wire.insert(sequence, at: UInt32(due), count: length)
                sequence += 1
                due += length
            }
            wire.pull()
        }
        let output = wire.output
        let heard = wire.heard
        let lost = wire.kinds.prefix(100).filter { $0.first == .lost || $0.second == .lost }.count
        // 40 ms of waiting, then everything without a gap.
        #expect(output.prefix(320).allSatisfy { $0 == 0xD5 })
        #expect(Array(output.dropFirst(320).prefix(due)) == codes(0..<due))
        #expect(heard.count == due)
        #expect(lost == 0)
    }

    @Test func silenceBeforeTheFirstPacketAndAfterTheLast() {
        var wire = Wire()
        for _ in 0..<3 { #expect(wire.pull() == .silence) }
        wire.insert(0, at: 0)
        for _ in 0..<3 { #expect(wire.pull() == .audio) }
        // It may be late: so long it is concealed, then it is silence.
        for _ in 0..<3 { #expect(wire.pull() == .lost) }
        for _ in 0..<50 { #expect(wire.pull() == .silence) }
    }

    @Test func whatIsLostIsMissingAndNothingElse() {
        var wire = Wire()
        for tick in 0..<100 {
            if tick % 10 != 5 { wire.insert(tick, at: UInt32(tick * 160)) }
            wire.pull()
        }
        let kinds = wire.kinds
        let output = wire.output
        for tick in 0..<98 {
            #expect(kinds[tick + 2] == (tick % 10 == 5 ? .lost : .audio))
            if tick % 10 != 5 {
                #expect(Array(output[(tick + 2) * 160..<(tick + 3) * 160]) == codes(tick * 160..<tick * 160 + 160))
            }
        }
    }

    @Test func halfATickCanBeLost() {
        var wire = Wire()
        for tick in 0..<20 {
            for half in 0..<2 where !(tick == 10 && half == 1) {
                wire.insert(tick * 2 + half, at: UInt32(tick * 160 + half * 80), count: 80)
            }
            wire.pull()
        }
        #expect(wire.kinds[12] == Pulled(.audio, .lost))
        #expect(wire.kinds.filter { $0 == .audio }.count == 19)
    }

    @Test func reorderedInTimeIsPutRight() {
        var wire = Wire()
        for tick in stride(from: 0, to: 100, by: 2) {
            wire.insert(tick + 1, at: UInt32((tick + 1) * 160))
            wire.insert(tick, at: UInt32(tick * 160))
            wire.pull()
            wire.pull()
        }
        let heard = wire.heard
        #expect(heard.count > 95 * 160)
        // The first packet seen sets the clock; the one before it is played as well, in its place.
        #expect(Array(heard.prefix(9000)) == codes(0..<9000))
        #expect(wire.buffer.counters.reordered == 50)
        #expect(wire.buffer.counters.late == 0)
    }

    @Test func aPauseOfTheSenderIsNoLoss() {
        var wire = Wire()
        // Half a second of talk, a second of nothing, talk again with a marker; numbers go on without a gap.
        var sequence = 0
        for tick in 0..<150 {
            if !(25..<75).contains(tick) {
                wire.insert(sequence, at: UInt32(tick * 160), marker: tick == 75)
                sequence += 1
            }
            wire.pull()
        }
        let kinds = wire.kinds
        let lost = kinds.filter { $0.first == .lost }.count
        #expect(lost <= 3, "only until it was clear that nothing comes")
        #expect(kinds[30..<75].allSatisfy { $0.first == .silence })
        #expect(Array(wire.output[77 * 160..<78 * 160]) == codes(75 * 160..<76 * 160))
        #expect(wire.buffer.counters.jumps == 0)
    }

    @Test func eventsInBetweenAreNoLoss() {
        var wire = Wire()
        for tick in 0..<60 {
            if (20..<30).contains(tick) {
                wire.buffer.noteOther(sequence: Int64(tick))
            } else {
                wire.insert(tick, at: UInt32(tick * 160))
            }
            wire.pull()
        }
        let lost = wire.kinds.filter { $0.first == .lost }.count
        #expect(lost == 0)
        #expect(wire.heard.count == 48 * 160)
    }

    @Test func timestampAndSequenceWrapAround() {
        var wire = Wire()
        let start = UInt32(0xFFFF_FFFF) - 1599
        for tick in 0..<100 {
            wire.insert(65_500 + tick, at: start &+ UInt32(tick * 160), from: tick * 160)
            wire.pull()
        }
        #expect(wire.heard == codes(0..<98 * 160))
        #expect(wire.buffer.counters.jumps == 0)
        #expect(wire.kinds.allSatisfy { $0 == .audio })
    }

    @Test func aStallOfTheNetworkLosesNothingWithinTheLimit() {
        var wire = Wire()
        // Packets 50…56 all come with packet 57: 140 ms late.
        for tick in 0..<100 {
            if tick == 57 { for late in 50..<57 { wire.insert(late, at: UInt32(late * 160)) } }
            if !(50..<57).contains(tick) { wire.insert(tick, at: UInt32(tick * 160)) }
            wire.pull()
        }
        let heard = wire.heard
        #expect(heard == codes(0..<heard.count), "every sample, in order")
        #expect(wire.buffer.counters.late == 0)
        #expect(wire.buffer.counters.stretched == 1)
        let delay = wire.buffer.delayMilliseconds
        #expect(delay >= 120 && delay <= 200)
    }

    @Test func aStallBeyondTheLimitLosesTheOldest() {
        var wire = Wire()
        for tick in 0..<150 {
            if tick == 75 { for late in 50..<75 { wire.insert(late, at: UInt32(late * 160)) } }
            if !(50..<75).contains(tick) { wire.insert(tick, at: UInt32(tick * 160)) }
            wire.pull()
        }
        let counters = wire.buffer.counters
        #expect(counters.late > 10)
        let delay = wire.buffer.delayMilliseconds
        #expect(delay <= 200)
        #expect(counters.droppedLoud == 0)
        // The gap apart, everything is in order; and the stream is on time again.
        let heard = wire.heard
        #expect(Wire.isUnbroken(heard.prefix(48 * 160)))
        #expect(Wire.isUnbroken(heard.suffix(60 * 160)))
        #expect(wire.kinds.suffix(60).allSatisfy { $0 == .audio })
    }

    @Test func theDelayGrowsWithJitterAndShrinksWhenItIsOver() {
        var wire = Wire()
        var dice = Dice(4)
        var arrivals: [(tick: Int, sequence: Int)] = []
        for sequence in 0..<3000 {
            // The first minute is calm, ten seconds are not, then it is calm again.
            let jitter = (1000..<1500).contains(sequence) ? Int.random(in: 0...5, using: &dice) : 0
            arrivals.append((sequence + jitter, sequence))
        }
        arrivals.sort { $0.tick == $1.tick ? $0.sequence < $1.sequence : $0.tick < $1.tick }
        var next = 0
        var delays: [Int] = []
        for tick in 0..<3000 {
            while next < arrivals.count, arrivals[next].tick <= tick {
                let sequence = arrivals[next].sequence
                // Half a second of talk, half a second of quiet.
                wire.insert(sequence, at: UInt32(sequence * 160), quiet: sequence / 25 % 2 == 1)
                next += 1
            }
            wire.pull(keep: false)
            delays.append(wire.buffer.delayMilliseconds)
        }
        #expect(delays[990] <= 60)
        #expect(delays[1450] >= 100)
        #expect(delays[1450] <= 200)
        #expect(delays[2990] <= 60, "after the jitter is over, the delay goes back")
        #expect(wire.buffer.counters.late < 30)
        #expect(wire.buffer.counters.droppedLoud == 0)
    }

    /// Clocks differ: an hour at 200 ppm is 720 ms. Talk is never cut; quiet ticks are left out or repeated.
    @Test(arguments: [200.0, -200.0])
    func anotherClockNeitherCutsTalkNorGrowsTheDelay(ppm: Double) {
        var wire = Wire()
        var sequence = 0
        var worst = 0
        var lost = 0
        for tick in 0..<180_000 {
            // The sender's time in samples.
            let sent = Double(tick * 160) * (1 + ppm / 1_000_000)
            while Double(sequence * 160) <= sent {
                // Two seconds of talk, one of quiet.
                wire.insertAny(sequence, quiet: sequence % 150 >= 100)
                sequence += 1
            }
            let pulled = wire.pull(keep: false)
            if pulled != .audio { lost += 1 }
            worst = max(worst, wire.buffer.delayMilliseconds)
        }
        let counters = wire.buffer.counters
        let expected = Int(abs(ppm) * 180_000 / 1_000_000)
        #expect(worst <= 80)
        #expect(counters.droppedLoud == 0)
        #expect(counters.late == 0)
        #expect(counters.overflow == 0)
        #expect(lost == 0)
        let adjusted = Int(ppm > 0 ? counters.droppedQuiet : counters.repeated)
        #expect(abs(adjusted - expected) <= 3)
        #expect((ppm > 0 ? counters.repeated : counters.droppedQuiet) <= 1)
    }

    @Test func aFastClockWithoutAnyPauseIsHeldAtTheLimit() {
        var wire = Wire()
        var sequence = 0
        for tick in 0..<20_000 {
            let sent = Double(tick * 160) * 1.005
            while Double(sequence * 160) <= sent {
                wire.insertAny(sequence, quiet: false)
                sequence += 1
            }
            wire.pull(keep: false)
        }
        #expect(wire.buffer.delayMilliseconds <= 260)
        #expect(wire.buffer.counters.droppedLoud > 50)
        #expect(wire.buffer.counters.late == 0)
    }

    @Test func aBurstBeyondTheBufferDropsTheOldest() {
        var wire = Wire()
        for sequence in 0..<200 { wire.insert(sequence, at: UInt32(sequence * 160)) }
        let counters = wire.buffer.counters
        #expect(counters.overflow > 150)
        for _ in 0..<30 { wire.pull() }
        let heard = wire.heard
        #expect(heard.count <= 320 * 8)
        #expect(heard == codes(200 * 160 - heard.count..<200 * 160), "the newest is what is kept")
    }

    @Test func aNewStreamFollowsTheOldOneWithoutACut() {
        var wire = Wire()
        for tick in 0..<20 {
            wire.insert(tick, at: UInt32(tick * 160))
            wire.pull()
        }
        wire.buffer.restart()
        for tick in 20..<40 {
            wire.insert(70_000 + tick, at: UInt32(3_000_000_000) + UInt32(tick * 160), from: tick * 160)
            wire.pull()
        }
        for _ in 0..<2 { wire.pull() }
        #expect(wire.heard == codes(0..<40 * 160))
        #expect(wire.buffer.counters.late == 0)
    }

    @Test(arguments: [Int64(8_000_000), -8_000_000, 40_000, -40_000])
    func aTimestampThatJumpsIsFollowed(by jump: Int64) {
        var wire = Wire()
        for tick in 0..<200 {
            let timestamp = UInt32(truncatingIfNeeded: 100_000_000 + Int64(tick * 160) + (tick >= 100 ? jump : 0))
            wire.insert(tick, at: timestamp, from: tick * 160)
            wire.pull()
        }
        #expect(wire.buffer.counters.jumps == 1)
        let heard = wire.heard
        #expect(heard.count > 190 * 160, "no more than a few packets to be sure of it")
        #expect(Wire.isUnbroken(heard.suffix(15_000)))
        #expect(Wire.isUnbroken(heard.prefix(98 * 160)))
        let strays = wire.buffer.counters.strays + wire.buffer.counters.late
        #expect(strays <= 3)
    }

    @Test func aMarkerAfterAPauseIsBelievedAtOnce() {
        var wire = Wire()
        for tick in 0..<20 {
            wire.insert(tick, at: UInt32(tick * 160))
            wire.pull()
        }
        for _ in 0..<30 { wire.pull() }
        // The device's clock stood still while it was on hold.
        for tick in 20..<40 {
            wire.insert(tick, at: UInt32(tick * 160), marker: tick == 20)
            wire.pull()
        }
        for _ in 0..<4 { wire.pull() }
        #expect(wire.heard == codes(0..<40 * 160))
    }

    @Test func aSingleStrayChangesNothing() {
        var wire = Wire()
        for tick in 0..<100 {
            wire.insert(tick, at: UInt32(tick * 160))
            if tick % 10 == 9 { wire.insert(tick + 1, at: UInt32(tick * 160) &+ 0x4000_0000, marker: true) }
            wire.pull()
        }
        #expect(wire.heard == codes(0..<98 * 160))
        #expect(wire.buffer.counters.strays == 10)
        #expect(wire.buffer.counters.jumps == 0)
    }

    @Test func skippedTicksAreGone() {
        var wire = Wire()
        for tick in 0..<20 {
            wire.insert(tick, at: UInt32(tick * 160))
            wire.pull()
        }
        for tick in 20..<25 { wire.insert(tick, at: UInt32(tick * 160)) }
        wire.buffer.skip(ticks: 5)
        for tick in 25..<40 {
            wire.insert(tick, at: UInt32(tick * 160))
            wire.pull()
        }
        #expect(wire.heard == codes(0..<18 * 160) + codes(23 * 160..<38 * 160))
        wire.buffer.skip(ticks: .max)
        wire.buffer.skip(ticks: -1)
        #expect(wire.pull().first != .audio)
    }

    @Test func anotherLawIsTurnedInto() {
        var wire = Wire()
        wire.insert(0, at: 0)
        wire.buffer.configure(codec: .pcmu)
        for _ in 0..<3 { wire.pull() }
        let expected = codes(0..<160).map { G711.uLaw(G711.linear(aLaw: $0)) }
        #expect(Array(wire.output.suffix(160)) == expected)
        #expect(wire.output.first == G711.uLaw(G711.linear(aLaw: 0xD5)))
    }

    @Test func resetIsNew() {
        var wire = Wire()
        for tick in 0..<50 { wire.insert(tick, at: UInt32(tick * 160)) }
        wire.pull()
        wire.buffer.reset()
        #expect(wire.buffer.counters == JitterBuffer.Counters())
        for _ in 0..<100 { #expect(wire.pull() == .silence) }
    }

    @Test func noiseNeitherCrashesNorGrowsTheDelay() {
        var wire = Wire()
        var dice = Dice(8)
        for _ in 0..<20_000 {
            let payload = [UInt8](repeating: 1, count: Int.random(in: 0...1500, using: &dice))
            let sequence = Int64(Int32.random(in: -70_000...700_000, using: &dice))
            let timestamp =
                dice.chance(0.5)
                ? UInt32.random(in: 0...UInt32.max, using: &dice) : UInt32.random(in: 0...20_000, using: &dice)
            let marker = dice.chance(0.5)
            payload.withUnsafeBytes {
                wire.buffer.insert(sequence: sequence, timestamp: timestamp, marker: marker, payload: $0)
            }
            if dice.chance(0.05) { wire.buffer.restart() }
            if dice.chance(0.05) { wire.buffer.noteOther(sequence: sequence) }
            if dice.chance(0.5) { wire.pull(keep: false) }
        }
        var ticks = 0
        while wire.pull(keep: false) != .silence { ticks += 1 }
        #expect(ticks < 40, "at most what the longest delay holds")
    }
}
