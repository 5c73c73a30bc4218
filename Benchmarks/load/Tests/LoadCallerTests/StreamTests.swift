import LoadCaller
import Testing

@Suite struct StreamTests {
    @Test func aSteadyStreamHasNothingMissingAndIsNeverLate() {
        let result = figures(steadyNotes(500))
        #expect(result.received == 500)
        #expect(result.missing == 0)
        #expect(result.restarts == 0)
        #expect(result.gaps30 == 0)
        #expect(result.longestGap == 20 * milliseconds)
        #expect(result.lateness.allSatisfy { $0 == 0 })
    }

    @Test func anEmptyStreamIsNothing() { #expect(figures([]) == StreamFigures()) }

    @Test func whatNeverCameIsCountedAlsoOverTheNumbersEnd() {
        var notes = steadyNotes(200)
        notes.remove(at: 35)
        notes.removeSubrange(100..<103)
        let result = figures(notes)
        #expect(result.missing == 4)
        #expect(result.gaps30 == 2)
        #expect(result.gaps60 == 1)
        #expect(result.longestGap == 80 * milliseconds)
    }

    @Test func doublesAndStragglersAreNotMissing() {
        var notes = steadyNotes(100)
        notes.insert(notes[10], at: 11)
        notes.swapAt(50, 51)
        let result = figures(notes)
        #expect((result.missing, result.duplicates, result.outOfOrder) == (0, 1, 1))
    }

    /// The earliest packet against the grid lies at 0, wherever in the stream it is.
    @Test func latenessIsMeasuredFromTheEarliestPacket() {
        var notes = steadyNotes(100)
        for index in notes.indices where index != 60 { notes[index].arrival += 5 * milliseconds }
        notes[70].arrival += 7 * milliseconds
        let lateness = figures(notes).lateness
        #expect(lateness[60] == 0)
        #expect(lateness[0] == 5 * milliseconds)
        #expect(lateness[70] == 12 * milliseconds)
    }

    /// A machine that stood still for 200 ms and made up for it.
    @Test func aBurstAfterAStandstillIsLateAndNoNewGrid() {
        var notes = steadyNotes(100)
        for index in 50..<60 { notes[index].arrival = Int64(60) * 20 * milliseconds }
        let result = figures(notes)
        #expect(result.restarts == 0)
        #expect(result.lateness[50] == 200 * milliseconds)
        #expect(result.lateness[59] == 20 * milliseconds)
        #expect(result.lateness[60] == 0)
    }

    @Test func newTimestampsAreANewGridAndAreCounted() {
        var notes = steadyNotes(100)
        for index in 40..<100 { notes[index].timestamp &-= 80_000 }
        notes[40].marker = true
        for index in 70..<100 { notes[index].ssrc = 8 }
        let result = figures(notes)
        #expect(result.restarts == 2)
        #expect(result.missing == 0)
        #expect(result.lateness.allSatisfy { $0 == 0 })
    }

    /// A pause with timestamps that go on is a gap and no lateness.
    @Test func silenceBetweenTalkSpurtsIsNotLate() {
        var notes = steadyNotes(100)
        for index in 50..<100 {
            notes[index].arrival += 400 * milliseconds
            notes[index].timestamp &+= 3200
        }
        notes[50].marker = true
        let result = figures(notes)
        #expect(result.restarts == 0)
        #expect(result.lateness.allSatisfy { $0 == 0 })
        #expect(result.longestGap == 420 * milliseconds)
    }

    @Test func percentilesAreMeasuredValues() {
        let spread = Spread((1...1000).map { Int64($0) * milliseconds })
        #expect((spread.p50, spread.p99, spread.p999, spread.max) == (500, 990, 999, 1000))
        #expect(Spread([Int64]()).count == 0)
        let histogram = Histogram()
        for value in 1...1000 { histogram.add(Int64(value) * milliseconds) }
        histogram.add(-5)
        let other = Histogram()
        other.add(9000 * milliseconds)
        histogram.add(other)
        #expect(abs(histogram.at(0.5) - 500) < 1.02)
        #expect(abs(histogram.at(0.99) - 990) < 1.02)
        #expect(histogram.maximum == 9000)
        #expect(histogram.count == 1002)
    }
}
