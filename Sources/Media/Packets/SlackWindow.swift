/// How early packets came, over the last eight seconds: the least and the most, in samples; negative is late.
///
/// Sixteen buckets of half a second, so that neither sorting nor a history of packets is needed.
struct SlackWindow: Sendable {
    private static let ticksPerBucket = 25
    /// Before so many ticks the window says nothing about the stream.
    private static let ticksToSettle = 100

    private var leasts = SIMD16<Int32>(repeating: .max)
    private var mosts = SIMD16<Int32>(repeating: .min)
    private var bucket = 0
    private var ticks = 0
    private var age = 0

    /// One packet came so many samples before its time.
    mutating func note(_ samples: Int64) {
        let value = Int32(clamping: max(-1 << 24, min(1 << 24, samples)))
        leasts[bucket] = min(leasts[bucket], value)
        mosts[bucket] = max(mosts[bucket], value)
    }

    /// A tick went by.
    mutating func tick() {
        age = min(age + 1, Self.ticksToSettle)
        ticks += 1
        guard ticks >= Self.ticksPerBucket else { return }
        ticks = 0
        bucket = (bucket + 1) & 15
        leasts[bucket] = .max
        mosts[bucket] = .min
    }

    /// The delay was changed: what came earlier would now have been so many samples earlier.
    mutating func shift(by samples: Int64) {
        let value = Int32(clamping: max(-1 << 24, min(1 << 24, samples)))
        leasts.replace(with: leasts &+ value, where: leasts .!= SIMD16(repeating: .max))
        mosts.replace(with: mosts &+ value, where: mosts .!= SIMD16(repeating: .min))
    }

    /// Another clock: nothing is known of it.
    mutating func restart() { self = SlackWindow() }

    var isSettled: Bool { age >= Self.ticksToSettle }

    /// The latest a packet came; nil where none did.
    var least: Int64? {
        let value = leasts.min()
        return value == .max ? nil : Int64(value)
    }

    /// The earliest a packet came; nil where none did.
    var most: Int64? {
        let value = mosts.max()
        return value == .min ? nil : Int64(value)
    }

    /// The earliest a packet came in the last half to whole second.
    var recentMost: Int64? {
        let value = max(mosts[bucket], mosts[(bucket + 15) & 15])
        return value == .min ? nil : Int64(value)
    }
}
