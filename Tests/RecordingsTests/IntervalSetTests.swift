import Recordings
import Testing

@Suite struct IntervalSetTests {
    /// Against a plain set of numbers.
    @Test func likeASetOfNumbers() {
        var random = SeededGenerator(seed: 21)
        for _ in 0..<500 {
            var intervals = IntervalSet()
            var numbers = Set<Int64>()
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                let from = Int64.random(in: 0..<60, using: &random)
                let to = from + Int64.random(in: -2...15, using: &random)
                intervals.insert(from, to)
                if from < to { numbers.formUnion(from..<to) }
            }
            let found = intervals.intervals
            #expect(found.flatMap { Array($0.from..<$0.to) } == numbers.sorted())
            #expect(zip(found, found.dropFirst()).allSatisfy { $0.to < $1.from })
            let missing = intervals.missing(upTo: 50)
            #expect(missing.intervals.flatMap { Array($0.from..<$0.to) } == (0..<50).filter { !numbers.contains($0) })
            for place in 0..<80 as Range<Int64> {
                #expect(intervals.firstIndex(reaching: place) == found.firstIndex { $0.to >= place } ?? found.count)
            }
        }
    }

    @Test func audioInOrderStaysOneStretch() {
        var intervals = IntervalSet()
        for block in 0..<10_000 as Range<Int64> { intervals.insert(block * 1600, block * 1600 + 1600) }
        #expect(intervals.pairs(times: 6) == [[0, 96_000_000]])
    }
}
