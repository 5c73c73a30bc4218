/// How far a sound card's clock is off CLOCK_MONOTONIC: the slope of its frame count over time, by least squares over
/// the last ten minutes. A pure value.
///
/// Lateness of the thread that counts is noise of some milliseconds in each count; over a minute it comes to a few
/// ppm. Where frames were lost a new stretch begins: stretches share the slope, not the offset.
package struct DriftMeter: Sendable {
    /// Counts are averaged over blocks of this length.
    private static let blockNanoseconds: Int64 = 2_000_000_000
    private static let mostBlocks = 300
    /// The sum of squared times about their middle, s², from which on the slope is told: 50 s in one stretch.
    private static let leastSpread = 4000.0

    private struct Block {
        var stretch: Int
        /// Sums of what was counted, from the stretch's first count on: seconds, seconds the card is ahead.
        var count = 0.0
        var time = 0.0
        var lead = 0.0
    }

    private let rate: Double
    private var blocks: [Block] = []
    private var stretch = 0
    private var origin: (time: Int64, frames: Int64)?
    private var blockEnd: Int64 = 0
    /// Parts per million that the card is fast; nil until about 50 s are known.
    package private(set) var partsPerMillion: Double?

    /// - Parameter rate: the card's nominal rate, frames a second.
    package init(rate: Int) {
        self.rate = Double(rate)
        blocks.reserveCapacity(Self.mostBlocks)
    }

    /// Frames were lost, or the count began anew.
    package mutating func interrupt() { origin = nil }

    /// So many frames have passed the card by now.
    /// - Parameter now: CLOCK_MONOTONIC, nanoseconds.
    package mutating func observe(frames: Int64, at now: Int64) {
        guard let origin else {
            origin = (now, frames)
            stretch += 1
            blockEnd = now + Self.blockNanoseconds
            append(Block(stretch: stretch))
            return
        }
        let time = Double(now - origin.time) / 1e9
        let lead = Double(frames - origin.frames) / rate - time
        if now >= blockEnd {
            partsPerMillion = slope().map { $0 * 1e6 } ?? partsPerMillion
            append(Block(stretch: stretch))
            blockEnd = now + Self.blockNanoseconds
        }
        blocks[blocks.count - 1].count += 1
        blocks[blocks.count - 1].time += time
        blocks[blocks.count - 1].lead += lead
    }

    private mutating func append(_ block: Block) {
        if blocks.count >= Self.mostBlocks { blocks.removeFirst() }
        blocks.append(block)
    }

    /// The slope that all stretches share, each about its own middle.
    private func slope() -> Double? {
        var spread = 0.0, product = 0.0
        var start = 0
        while start < blocks.count {
            var end = start
            while end < blocks.count, blocks[end].stretch == blocks[start].stretch { end += 1 }
            let counted = blocks[start..<end].filter { $0.count > 0 }
            if counted.count > 1 {
                let times = counted.map { $0.time / $0.count }
                let leads = counted.map { $0.lead / $0.count }
                let meanTime = times.reduce(0, +) / Double(times.count)
                let meanLead = leads.reduce(0, +) / Double(leads.count)
                for (time, lead) in zip(times, leads) {
                    spread += (time - meanTime) * (time - meanTime)
                    product += (time - meanTime) * (lead - meanLead)
                }
            }
            start = end
        }
        return spread >= Self.leastSpread ? product / spread : nil
    }
}
