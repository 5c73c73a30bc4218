import Calls
import Testing

@Suite struct IdentifierTests {
    @Test func carriesVersionVariantNodeAndTime() {
        var generator = IdentifierGenerator(node: 513)
        let id: CallID = generator.next(wallMicroseconds: 1_795_000_000_123_456, random: 0x1234_5678_9ABC_DEF0)
        let text = id.description
        #expect(text.utf8.count == 36)
        #expect(text[text.index(text.startIndex, offsetBy: 14)] == "7")
        #expect("89ab".contains(text[text.index(text.startIndex, offsetBy: 19)]))
        #expect(id.node == 513)
        #expect(id.milliseconds == 1_795_000_000_123)
    }

    @Test func risesWithinAMillisecondAndWhenTheClockStepsBack() {
        var generator = IdentifierGenerator(node: 1)
        var last: CallID = generator.next(wallMicroseconds: 5_000_000, random: .max)
        for step in 0..<10_000 {
            // The wall clock steps back by a second after a while; the ids go on rising.
            let wall: Int64 = step < 5000 ? 5_000_000 : 4_000_000
            let next: CallID = generator.next(wallMicroseconds: wall, random: UInt64(step))
            #expect(last < next)
            last = next
        }
    }

    @Test func readsWhatItWrites() throws {
        var generator = IdentifierGenerator(node: 0xFFFF)
        for seed in 0..<200 as Range<UInt64> {
            let id: LegID = generator.next(
                wallMicroseconds: Int64(seed) * 977_777, random: seed &* 0x9E37_79B9_7F4A_7C15)
            #expect(LegID(id.description) == id)
            #expect(LegID(id.description.uppercased()) == id)
            #expect(LegID(bytes: id.bytes) == id)
            #expect(id.node == 0xFFFF)
        }
    }

    @Test(arguments: [
        "", "0", "0192f5a0-0000-7000-8000-00000000000", "0192f5a0-0000-7000-8000-0000000000000",
        "0192f5a0-0000-7000-8000-00000000000g", "0192f5a0x0000-7000-8000-000000000000",
        "0192f5a000007000800000000000000000000", "电电电电电电电电电电电电",
    ])
    func refusesWhatIsNoUUID(_ text: String) {
        #expect(CallID(text) == nil)
    }

    @Test func theBeginningOfATextStandsForAllThatBeginSo() throws {
        let id = try #require(CallID("0192f5a0-1234-7abc-8def-0123456789ab"))
        let text = id.description
        for count in 1...36 {
            let range = try #require(CallID.range(beginning: String(text.prefix(count))))
            #expect(range.contains(id))
            #expect(range.lowerBound.description.hasPrefix(text.prefix(count)))
            #expect(range.upperBound.description.hasPrefix(text.prefix(count)))
        }
        #expect(CallID.range(beginning: text) == id...id)
        #expect(CallID.range(beginning: "0192F5A0-1") == CallID.range(beginning: "0192f5a0-1"))
        let range = try #require(CallID.range(beginning: "0192f5a0"))
        #expect(range.lowerBound == CallID("0192f5a0-0000-0000-0000-000000000000"))
        #expect(range.upperBound == CallID("0192f5a0-ffff-ffff-ffff-ffffffffffff"))
        for text in ["", "0192f5a01", "0192-", "g", "-", "0192f5a0-1234-7abc-8def-0123456789ab0", "电"] {
            #expect(CallID.range(beginning: text) == nil, "\(text)")
        }
    }

    @Test func refusesAWrongNumberOfBytes() {
        #expect(CallID(bytes: [UInt8](repeating: 1, count: 15)) == nil)
        #expect(CallID(bytes: [UInt8](repeating: 1, count: 17)) == nil)
    }
}

@Suite struct InstantTests {
    @Test func millisecondsAreRoundedDownOnBothSides() {
        let start = Instant(wall: 0, mono: 1_000_000_000)
        #expect(Instant(wall: 0, mono: 1_000_999_999).milliseconds(since: start) == 0)
        #expect(Instant(wall: 0, mono: 1_001_000_000).milliseconds(since: start) == 1)
        #expect(Instant(wall: 0, mono: 999_999_999).milliseconds(since: start) == -1)
        #expect(start.advanced(milliseconds: 20_000).milliseconds(since: start) == 20_000)
        #expect(start.advanced(milliseconds: 2).wall == 2000)
    }

    @Test func aTickIsTwentyMillisecondsAtEveryRate() {
        #expect(AudioPosition.tick.milliseconds == 20)
        #expect(AudioPosition.tick.samples(rate: 8000) == 160)
        #expect(AudioPosition.tick.samples(rate: 16_000) == 320)
        #expect(AudioPosition(samples: 160, rate: 8000) == .tick)
        #expect(AudioPosition(milliseconds: 60_000).seconds == 60)
    }
}
