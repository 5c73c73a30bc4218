import Media
import Testing

@Suite struct TalkTests {
    @Test func levelsAreThoseOfRFC6464() {
        let square = (0..<160).map { $0 % 2 == 0 ? Int16.max : Int16.min }
        #expect(abs(LevelMeter.decibels(square, count: 160)) < 0.01)
        #expect(LevelMeter.decibels([Int16](repeating: 0, count: 160), count: 160) == -127)
        #expect(abs(LevelMeter.decibels([Int16](repeating: 328, count: 160), count: 160) + 40) < 0.02)
        #expect(LevelMeter.decibels([], count: 0) == -127)
    }

    /// One tick of noise at a level.
    func noise(_ decibels: Double, _ dice: inout Dice) -> [Int16] {
        // A uniform distribution's effective value is its peak over the root of three.
        var peak = 32_768 * 1.732
        for _ in 0..<Int(-decibels) { peak *= 0.891_250_938 }
        return (0..<160).map { _ in Int16(max(-32_768, min(32_767, Double.random(in: -peak...peak, using: &dice)))) }
    }

    /// The ticks at which talk began and ended.
    func turns(_ levels: [Double]) -> [Int] {
        var detector = TalkDetector()
        var dice = Dice(2)
        var was = false
        var turns: [Int] = []
        for (tick, level) in levels.enumerated() {
            let isTalk = detector.measure(noise(level, &dice), count: 160)
            if isTalk != was { turns.append(tick) }
            was = isTalk
        }
        return turns
    }

    func levels(_ runs: [(Int, Double)]) -> [Double] { runs.flatMap { [Double](repeating: $1, count: $0) } }

    @Test func talkBeginsAfterThreeTicksAndEndsAfterFifteen() {
        #expect(turns(levels([(100, -65), (50, -25), (100, -65)])) == [102, 164])
    }

    @Test func clicksAreNotTalkAndPausesDoNotEndIt() {
        #expect(turns(levels([(100, -65), (2, -10), (50, -65), (1, -5), (50, -65)])).isEmpty)
        #expect(turns(levels([(100, -65), (30, -25), (12, -65), (30, -25), (50, -65)])) == [102, 186])
    }

    @Test func aSteadyNoiseIsLearnedAndTalkStandsOutOfIt() {
        let room = levels([(400, -38), (60, -18), (100, -38)])
        let turns = turns(room)
        // Before it is learned, the noise may pass for talk; after that only talk does.
        let learned = turns.filter { $0 >= 300 }
        #expect(learned == [402, 474])
    }

    @Test func quietTalkOnAQuietLineIsHeard() {
        #expect(turns(levels([(100, -70), (50, -44), (100, -70)])) == [102, 164])
    }

    @Test func talkWithPausesDoesNotBecomeTheFloor() {
        // Twenty seconds: 400 ms of talk, 160 ms of pause, again and again.
        let talk = levels([(100, -60)] + (0..<36).flatMap { _ in [(20, -22.0), (8, -58.0)] } + [(100, -60)])
        #expect(turns(talk).count == 2)
    }

    func watch(_ talk: [Bool], after: Int?) -> [ReceiveEvent] {
        var watch = SilenceWatch()
        var ring = ReceiveEventRing()
        watch.set(afterMilliseconds: after)
        for isTalk in talk { watch.tick(isTalk: isTalk, into: &ring) }
        return ring.drain()
    }

    @Test func silenceIsToldOnceAfterEachTalk() {
        let quiet = [Bool](repeating: false, count: 200)
        let talk = [Bool](repeating: true, count: 10)
        #expect(watch(quiet, after: 2000) == [.silent(milliseconds: 2000)])
        #expect(
            watch(quiet + talk + quiet, after: 2000) == [
                .silent(milliseconds: 2000), .talkStarted, .silent(milliseconds: 2000),
            ])
        // Talk under way counts as a beginning.
        #expect(watch(talk, after: 2000) == [.talkStarted])
        #expect(watch(quiet + talk, after: nil).isEmpty)
        #expect(watch(quiet, after: -5) == [.silent(milliseconds: 20)])
    }

    @Test func theRingOfEventsIsBounded() {
        var ring = ReceiveEventRing()
        for index in 0..<40 { ring.append(.silent(milliseconds: index)) }
        #expect(ring.overflow == 8)
        let events = ring.drain()
        #expect(events.count == ReceiveEventRing.capacity)
        #expect(events.first == .silent(milliseconds: 0))
        ring.append(.active)
        #expect(ring.drain() == [.active])
    }
}
