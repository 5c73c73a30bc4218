import Synchronization

/// Linear samples at 8,000 a second on a timeline without holes, from one writing to one reading thread; neither ever
/// waits.
///
/// The reader goes on by the clock, whether samples were there or not: what comes late is passed over, so that a
/// stutter does not turn into a delay. It stands `target` samples behind the writer when it begins; whoever of the two
/// follows a sound card keeps the distance there by changing its rate (`RateControl`). Only where the distance leaves
/// all bounds does the reader jump, and that is counted. No sample is read twice, and none from before the writer's
/// last beginning.
package struct SampleTimeline: ~Copyable {
    /// 2.048 s.
    package static let capacity = 16_384
    private static let mask = Int64(capacity - 1)
    /// Further from its target than this, samples (250 ms), the reader takes up a new place.
    package static let bound: Int64 = 2000
    /// A reader that has found nothing for so long, samples (1 s), while the writer goes on, takes up a new place too.
    package static let patience: Int64 = 8000
    /// A larger target would let the writer come round to the reader.
    package static let largestTarget: Int64 = 8000

    /// Where the reader begins behind the writer, samples.
    package let target: Int64
    private let samples: UnsafeMutablePointer<Int16>
    private let writer = Atomic<Int64>(0)
    private let reader = Atomic<Int64>(0)
    private let isFollowing = Atomic<Bool>(false)
    private let starvedCount = Atomic<UInt64>(0)
    private let jumpCount = Atomic<UInt64>(0)
    /// Where the writer began last, how often it did, and whether it has ended.
    private let floor = Atomic<Int64>(0)
    private let startCount = Atomic<Int64>(0)
    private let isEnded = Atomic<Bool>(false)
    /// The reader's own: the beginning it follows, the end of what it has read, samples in vain since.
    private let followedStart = Atomic<Int64>(-1)
    private let readUpTo = Atomic<Int64>(0)
    private let starvedFor = Atomic<Int64>(0)
    private let placingCount = Atomic<Int64>(0)

    /// - Parameter target: the reader's distance behind the writer, samples, 0…`largestTarget`; what jitter of the two
    ///   threads it covers.
    package init(target: Int64) {
        self.target = max(0, min(Self.largestTarget, target))
        samples = .allocate(capacity: Self.capacity)
        samples.initialize(repeating: 0, count: Self.capacity)
    }

    deinit { samples.deallocate() }

    /// The reader's distance behind the writer, samples; negative where it ran ahead. nil while nobody reads.
    package var distance: Int64? {
        guard isFollowing.load(ordering: .acquiring) else { return nil }
        return writer.load(ordering: .acquiring) &- reader.load(ordering: .acquiring)
    }

    /// Reads that found no samples though the writer had begun.
    package var starved: UInt64 { starvedCount.load(ordering: .relaxed) }

    /// How often the reader had to take up a new place.
    package var jumps: UInt64 { jumpCount.load(ordering: .relaxed) }

    /// The end of what was written, samples from the first.
    package var written: Int64 { writer.load(ordering: .acquiring) }

    /// Where the reader stands, samples from the first.
    package var position: Int64 { reader.load(ordering: .acquiring) }

    /// How often the writer has begun.
    package var starts: Int64 { startCount.load(ordering: .acquiring) }

    /// How often the reader has taken up a place, at its beginning or in a jump. Read it before `position`.
    package var placings: Int64 { placingCount.load(ordering: .acquiring) }

    // MARK: - The writing thread

    /// What was written before is no longer read; the reader takes up its place anew.
    package func beginWriting() {
        floor.store(writer.load(ordering: .relaxed), ordering: .releasing)
        isEnded.store(false, ordering: .releasing)
        startCount.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }

    /// Nothing more comes: a reader that finds nothing does not starve.
    package func endWriting() { isEnded.store(true, ordering: .releasing) }

    /// Puts samples at the end.
    /// - Parameter count: at most `capacity`.
    package func write(_ source: UnsafePointer<Int16>, count: Int) {
        let position = writer.load(ordering: .relaxed)
        let start = Int(position & Self.mask)
        let first = min(count, Self.capacity - start)
        (samples + start).update(from: source, count: first)
        samples.update(from: source + first, count: count - first)
        writer.store(position &+ Int64(count), ordering: .releasing)
    }

    /// Puts silence at the end, for time that was lost.
    /// - Parameter count: what is beyond `capacity` only moves the place.
    package func writeSilence(count: Int) {
        guard count > 0 else { return }
        let position = writer.load(ordering: .relaxed)
        let start = Int(position & Self.mask)
        let kept = min(count, Self.capacity)
        let first = min(kept, Self.capacity - start)
        (samples + start).update(repeating: 0, count: first)
        samples.update(repeating: 0, count: kept - first)
        writer.store(position &+ Int64(count), ordering: .releasing)
    }

    // MARK: - The reading thread

    /// The next read takes up its place anew.
    package func beginReading() { isFollowing.store(false, ordering: .releasing) }

    /// Nobody reads any more.
    package func endReading() { isFollowing.store(false, ordering: .releasing) }

    /// Takes the next samples, or passes over their time.
    /// - Parameter ahead: samples that are going to be read right after these; a new place leaves room for them.
    /// - Returns: false where they were not there in time; `out` is left alone then.
    package func read(into out: UnsafeMutablePointer<Int16>, count: Int, ahead: Int = 0) -> Bool {
        let start = startCount.load(ordering: .acquiring)
        let written = writer.load(ordering: .acquiring)
        let floor = floor.load(ordering: .acquiring)
        let reach = target &+ Int64(count &+ ahead)
        var position = reader.load(ordering: .relaxed)
        var isPlaced = false
        if !isFollowing.load(ordering: .relaxed) || followedStart.load(ordering: .relaxed) != start {
            // Nothing is there to begin with: the place is taken up when it is.
            isFollowing.store(false, ordering: .releasing)
            guard written >= floor &+ reach else { return false }
            position = written &- reach
            followedStart.store(start, ordering: .relaxed)
            isPlaced = true
        }
        let distance = written &- position
        // One that ran ahead of a writer who stands still has nowhere to go; it starves.
        let isAhead =
            distance < target &- Self.bound || starvedFor.load(ordering: .relaxed) >= Self.patience
        let canReturn = written &- reach >= readUpTo.load(ordering: .relaxed)
        if distance > target &+ Int64(count &+ ahead) &+ Self.bound || (isAhead && canReturn) {
            jumpCount.wrappingAdd(1, ordering: .relaxed)
            position = max(floor, written &- reach)
            isPlaced = true
        }
        let end = position &+ Int64(count)
        let isThere = position >= floor && end <= written
        if isThere {
            let start = Int(position & Self.mask)
            let first = min(count, Self.capacity - start)
            out.update(from: samples + start, count: first)
            (out + first).update(from: samples, count: count - first)
            readUpTo.store(end, ordering: .relaxed)
            starvedFor.store(0, ordering: .relaxed)
        } else {
            starvedFor.wrappingAdd(Int64(count), ordering: .relaxed)
            if !isEnded.load(ordering: .relaxed) { starvedCount.wrappingAdd(1, ordering: .relaxed) }
        }
        reader.store(end, ordering: .releasing)
        if isPlaced {
            // After the position: who sees the new number sees the new place.
            placingCount.wrappingAdd(1, ordering: .releasing)
            isFollowing.store(true, ordering: .releasing)
        }
        return isThere
    }

    /// Passes over time.
    package func skip(count: Int) {
        guard isFollowing.load(ordering: .relaxed) else { return }
        reader.store(reader.load(ordering: .relaxed) &+ Int64(count), ordering: .releasing)
    }
}
