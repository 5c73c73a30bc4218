/// Whom a leg heard, and whether what it heard is what was said: by the marks in the voices, then sample by sample.
package struct BridgeJudge: Sendable {
    package struct Verdict: Sendable, Hashable, Codable {
        /// The legs that were heard, with their marks; none: nobody.
        package var legs: [Int] = []
        package var marks = 0
        /// Samples compared from the first mark to the last, and those that are another.
        package var compared = 0
        package var differing = 0
        /// Of these, samples of what was said that were left out or doubled between two marks.
        package var shifts = 0
        /// From a mark's sending to its arrival, milliseconds; nil where it is not known.
        package var delayMs: Double?
    }

    private let voice: Voice

    package init(voice: Voice) { self.voice = voice }

    /// - Parameters:
    ///   - range: the places looked at; bridged talk may begin late and end early.
    ///   - sent: when a leg sent its sample of that number, on the clock of arrivals; nil where it is not known.
    package func judge(
        _ heard: Timeline, in range: Range<Int>? = nil, sent: (_ leg: Int, _ number: Int) -> Int64?
    ) -> Verdict {
        var verdict = Verdict()
        var previous: (place: Int, leg: Int, number: Int)?
        var delays: [Double] = []
        let range = range?.clamped(to: 0..<heard.count) ?? 0..<heard.count
        for place in marks(heard, range) {
            guard let mark = Mark.read(heard.bytes[place...]) else { continue }
            let number = mark.period * Voice.period
            verdict.marks += 1
            if !verdict.legs.contains(mark.leg) { verdict.legs.append(mark.leg) }
            if let arrival = heard.arrival(of: place), let at = sent(mark.leg, number) {
                delays.append(Double(arrival - at) / 1e6)
            }
            if let previous, previous.leg == mark.leg, number > previous.number {
                compare(heard, from: previous, to: place, number: number, &verdict)
            }
            previous = (place, mark.leg, number)
        }
        delays.sort()
        verdict.delayMs = delays.isEmpty ? nil : delays[delays.count / 2]
        return verdict
    }

    private func compare(
        _ heard: Timeline, from: (place: Int, leg: Int, number: Int), to place: Int, number: Int,
        _ verdict: inout Verdict
    ) {
        let shift = (place - from.place) - (number - from.number)
        verdict.shifts += abs(shift)
        let count = min(place - from.place, number - from.number)
        let first = voice.bytes(leg: from.leg, from.number..<from.number + count)
        guard shift != 0 else {
            for index in 0..<count where heard.present[from.place + index] == 1 {
                verdict.compared += 1
                if heard.bytes[from.place + index] != first[index] { verdict.differing += 1 }
            }
            return
        }
        // Something was left out or put in: what is equal from either mark on is what was said, the rest is not.
        func isSaid(_ place: Int, _ byte: UInt8) -> Bool { heard.present[place] == 0 || heard.bytes[place] == byte }
        let last = voice.bytes(leg: from.leg, number - count..<number)
        let ahead = (0..<count).first { !isSaid(from.place + $0, first[$0]) } ?? count
        let behind = (0..<count - ahead).first { !isSaid(place - 1 - $0, last[count - 1 - $0]) } ?? count - ahead
        verdict.compared += count
        verdict.differing += count - ahead - behind
    }

    private func marks(_ heard: Timeline, _ range: Range<Int>) -> [Int] {
        var places: [Int] = []
        var at = range.lowerBound
        while at + Mark.length <= range.upperBound {
            guard let found = heard.bytes[at..<range.upperBound].position(of: Mark.beginning) else { break }
            places.append(found)
            at = found + Mark.length
        }
        return places
    }
}
