/// What was heard, sample after sample: each packet's payload at the place that its timestamp gives it. Missing packets
/// leave absent samples behind. Where the timestamps were set anew, what follows is put behind what is there.
package struct Timeline: Sendable {
    /// Encoded samples; absent ones are 0.
    package private(set) var bytes: [UInt8] = []
    /// 1 where a sample was received.
    package private(set) var present: [UInt8] = []
    /// Place of each packet's first sample and its arrival, ordered by place.
    package private(set) var packets: [(place: Int, arrival: Int64)] = []

    /// A jump of the timestamps that is believed: 30 s.
    static let furthest = 240_000

    /// - Parameters:
    ///   - notes: in the order of arrival.
    ///   - audio: the kept payloads, one behind the other.
    package init(_ notes: UnsafeBufferPointer<PacketNote>, audio: UnsafeBufferPointer<UInt8>) {
        guard let begin = notes.first else { return }
        bytes.reserveCapacity(audio.count)
        present.reserveCapacity(audio.count)
        packets.reserveCapacity(notes.count)
        var grid = StreamFigures.Grid(begin)
        var base = 0
        var from = 0
        var isOrdered = true
        for note in notes {
            guard note.isKept else { break }
            let offset = grid.offset(note)
            if grid.isLeft(by: note, offset: offset) {
                grid = StreamFigures.Grid(note)
                base = bytes.count
                grid.last = 0
            } else {
                grid.last = offset
            }
            let length = Int(note.length)
            defer { from += length }
            guard from + length <= audio.count else { break }
            let place = base + grid.samples(note)
            // Before the first packet's place, or far beyond all that was heard: not to be placed.
            guard place >= 0, place <= bytes.count + Self.furthest else { continue }
            grow(to: place + length)
            for index in 0..<length {
                bytes[place + index] = audio[from + index]
                present[place + index] = 1
            }
            if let last = packets.last, last.place > place { isOrdered = false }
            packets.append((place, note.arrival))
        }
        if !isOrdered { packets.sort { $0.place < $1.place } }
    }

    /// For tests, and for audio without packets.
    package init(_ bytes: [UInt8], from arrival: Int64 = 0) {
        self.bytes = bytes
        present = [UInt8](repeating: 1, count: bytes.count)
        packets = stride(from: 0, to: bytes.count, by: 160).map { ($0, arrival + Int64($0) * 125_000) }
    }

    private mutating func grow(to count: Int) {
        guard count > bytes.count else { return }
        bytes.append(contentsOf: repeatElement(0, count: count - bytes.count))
        present.append(contentsOf: repeatElement(0, count: count - present.count))
    }

    package var count: Int { bytes.count }

    /// The place that was heard at a moment: that of the first packet which arrived then or later; the end where none
    /// did.
    package func place(at moment: Int64) -> Int {
        packets.first { $0.arrival >= moment }?.place ?? count
    }

    /// When the packet arrived in which a place lies; nil where there is none.
    package func arrival(of place: Int) -> Int64? {
        var (low, high) = (0, packets.count)
        while low < high {
            let middle = (low + high) / 2
            if packets[middle].place <= place { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? packets[low - 1].arrival : nil
    }
}
