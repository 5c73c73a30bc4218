/// Stretches of a timeline, ascending, disjoint and not touching each other. Audio comes in order, so that one
/// recording has one stretch unless something was lost.
package struct IntervalSet: Sendable, Hashable, Codable {
    /// `[from, to)`.
    package struct Interval: Sendable, Hashable {
        package var from: Int64
        package var to: Int64
    }
    package private(set) var intervals: [Interval] = []

    package init() {}

    /// Adds a stretch; an empty one changes nothing.
    package mutating func insert(_ from: Int64, _ to: Int64) {
        guard from < to else { return }
        if var last = intervals.last, from >= last.from {
            if from > last.to {
                intervals.append(Interval(from: from, to: to))
            } else if to > last.to {
                last.to = to
                intervals[intervals.count - 1] = last
            }
            return
        }
        let first = firstIndex(reaching: from)
        var end = first
        var merged = Interval(from: from, to: to)
        while end < intervals.count, intervals[end].from <= to {
            merged.from = min(merged.from, intervals[end].from)
            merged.to = max(merged.to, intervals[end].to)
            end += 1
        }
        intervals.replaceSubrange(first..<end, with: [merged])
    }

    /// The index of the first stretch that ends at or behind a place.
    package func firstIndex(reaching place: Int64) -> Int {
        var low = 0
        var high = intervals.count
        while low < high {
            let middle = (low + high) / 2
            if intervals[middle].to < place { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The end of the last stretch; 0 where there is none.
    package var end: Int64 { intervals.last?.to ?? 0 }

    /// What `[0, length)` lacks.
    package func missing(upTo length: Int64) -> IntervalSet {
        var missing = IntervalSet()
        var place: Int64 = 0
        for interval in intervals where interval.from < length {
            missing.insert(place, interval.from)
            place = max(place, interval.to)
        }
        missing.insert(place, length)
        return missing
    }

    package mutating func formUnion(_ other: IntervalSet) {
        for interval in other.intervals { insert(interval.from, interval.to) }
    }

    /// `[[from, to]]`, each multiplied.
    package func pairs(times factor: Int64) -> [[Int64]] { intervals.map { [$0.from * factor, $0.to * factor] } }

    package init(from decoder: any Decoder) throws {
        let pairs = try decoder.singleValueContainer().decode([[Int64]].self)
        for pair in pairs {
            guard pair.count == 2, 0 <= pair[0], pair[0] < pair[1] else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "not [from, to]: \(pair)"))
            }
            insert(pair[0], pair[1])
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(pairs(times: 1))
    }
}
