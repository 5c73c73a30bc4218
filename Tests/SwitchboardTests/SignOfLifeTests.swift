import Switchboard
import Testing

@Suite struct SignOfLifeTests {
    @Test func onlySilenceIsBroken() {
        var sign = SignOfLife()
        let second: Int64 = 1_000_000_000
        // A busy hour needs none.
        for minute in 0..<60 {
            let due = sign.isDue(events: UInt64(minute), at: Int64(minute) * 60 * second)
            #expect(!due)
        }
        // A silent one gets one every five minutes; the sign itself is an event, and no more than that.
        var events: UInt64 = 59
        var given: [Int64] = []
        for ten in 0..<360 {
            let now = (3540 + Int64(ten) * 10) * second
            if sign.isDue(events: events, at: now) {
                given.append((now / second - 3540) / 10)
                events += 1
            }
        }
        #expect(given.count == 11 && given.first == 30)
        #expect(zip(given, given.dropFirst()).allSatisfy { $1 - $0 <= 31 })
    }
}
