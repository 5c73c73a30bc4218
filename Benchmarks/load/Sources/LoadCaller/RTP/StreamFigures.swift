/// What one received stream was like, from the notes of its packets. Pure: the same notes give the same figures.
///
/// A packet's lateness is its time of arrival against the grid that its own timestamps make (8 a millisecond), where
/// the packet that was earliest against the grid lies at 0: so the two clocks' distance does not count, and a stream
/// that is late as a whole is not called late here, but in the time to the first packet.
///
/// A new grid begins with another SSRC, and where the timestamps were set anew: by a marked packet that is more than
/// 20 ms off, or by one that is more than half a second early. How often stands in `restarts`, so that nobody mends
/// lateness by new timestamps.
package struct StreamFigures: Sendable, Hashable {
    package var received = 0
    /// Sequence numbers that never came, between the first and the last.
    package var missing = 0
    package var duplicates = 0
    /// Packets that came after one with a higher number.
    package var outOfOrder = 0
    /// Times between one arrival and the next above 30 ms, above 60 ms, and the greatest (nanoseconds).
    package var gaps30 = 0
    package var gaps60 = 0
    package var longestGap: Int64 = 0
    package var restarts = 0
    /// Arrivals, nanoseconds since the run began.
    package var first: Int64 = 0
    package var last: Int64 = 0
    /// Of each packet in the order of arrival, nanoseconds.
    package var lateness: [Int64] = []

    package init() {}

    package static let offGrid: Int64 = 20_000_000
    package static let early: Int64 = 500_000_000

    package init(_ notes: UnsafeBufferPointer<PacketNote>) {
        guard let begin = notes.first else { return }
        received = notes.count
        first = begin.arrival
        lateness.reserveCapacity(notes.count)
        var numbers = SequenceNumbers()
        var grid = Grid(begin)
        var gridFrom = 0
        var earliest: Int64 = 0
        var previous = begin.arrival
        func close() {
            for index in gridFrom..<lateness.count { lateness[index] -= earliest }
        }
        for note in notes {
            numbers.take(note)
            let gap = note.arrival - previous
            previous = note.arrival
            if gap > 30_000_000 { gaps30 += 1 }
            if gap > 60_000_000 { gaps60 += 1 }
            longestGap = max(longestGap, gap)
            var offset = grid.offset(note)
            if grid.isLeft(by: note, offset: offset) {
                close()
                restarts += 1
                gridFrom = lateness.count
                grid = Grid(note)
                offset = 0
                earliest = 0
            }
            grid.last = offset
            earliest = min(earliest, offset)
            lateness.append(offset)
        }
        close()
        last = previous
        numbers.finish()
        (missing, duplicates, outOfOrder) = (numbers.missing, numbers.duplicates, numbers.outOfOrder)
    }

    /// The grid of 20 ms that a stretch of a stream lies on.
    package struct Grid: Sendable {
        let ssrc: UInt32
        let timestamp: UInt32
        let arrival: Int64
        /// The last packet's offset.
        var last: Int64 = 0

        init(_ note: PacketNote) {
            ssrc = note.ssrc
            timestamp = note.timestamp
            arrival = note.arrival
        }

        /// Samples since the grid began; negative before it.
        func samples(_ note: PacketNote) -> Int { Int(Int32(bitPattern: note.timestamp &- timestamp)) }

        /// How much later than the grid says, nanoseconds.
        func offset(_ note: PacketNote) -> Int64 { note.arrival - arrival - Int64(samples(note)) * 125_000 }

        func isLeft(by note: PacketNote, offset: Int64) -> Bool {
            note.ssrc != ssrc || (note.marker && abs(offset - last) > StreamFigures.offGrid)
                || offset - last < -StreamFigures.early
        }
    }
}

/// Counts what is missing, doubled and late by sequence numbers (RFC 3550 A.1), over all sources of a stream.
struct SequenceNumbers {
    private(set) var missing = 0
    private(set) var duplicates = 0
    private(set) var outOfOrder = 0
    private var ssrc: UInt32?
    private var lowest = 0
    private var highest = 0
    private var distinct = 0
    /// The last 1,024 numbers, by their remainder; another number where the place is empty.
    private var seen = [Int](repeating: .min, count: 1024)

    mutating func take(_ note: PacketNote) {
        guard ssrc == note.ssrc else {
            finish()
            ssrc = note.ssrc
            lowest = Int(note.sequence)
            highest = lowest
            distinct = 1
            seen = [Int](repeating: .min, count: 1024)
            seen[lowest & 1023] = lowest
            return
        }
        let step = Int(Int16(bitPattern: note.sequence &- UInt16(truncatingIfNeeded: highest)))
        let number = highest + step
        let place = number & 1023
        if seen[place] == number {
            duplicates += 1
            return
        }
        seen[place] = number
        distinct += 1
        if step < 0 { outOfOrder += 1 }
        lowest = min(lowest, number)
        highest = max(highest, number)
    }

    mutating func finish() {
        guard ssrc != nil else { return }
        missing += max(0, highest - lowest + 1 - distinct)
        ssrc = nil
    }
}
