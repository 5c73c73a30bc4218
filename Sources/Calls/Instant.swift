/// One moment, on two clocks. Durations are always derived from two instants, never stored.
///
/// `mono` alone is compared and subtracted; it means something only within one boot of one node, which the journal
/// keeps beside it.
public struct Instant: Hashable, Comparable, Sendable, Codable {
    /// Unix time in microseconds, UTC.
    public var wall: Int64
    /// CLOCK_MONOTONIC in nanoseconds.
    public var mono: Int64

    public init(wall: Int64, mono: Int64) {
        self.wall = wall
        self.mono = mono
    }

    public static func < (left: Self, right: Self) -> Bool { left.mono < right.mono }

    /// Whole milliseconds from `earlier` to this instant, rounded down; negative where it lies before.
    public func milliseconds(since earlier: Instant) -> Int64 {
        let nanoseconds = mono - earlier.mono
        return nanoseconds >= 0 ? nanoseconds / 1_000_000 : -((-nanoseconds + 999_999) / 1_000_000)
    }

    /// The instant `milliseconds` later, on both clocks.
    public func advanced(milliseconds: Int64) -> Instant {
        Instant(wall: wall + milliseconds * 1000, mono: mono + milliseconds * 1_000_000)
    }
}

/// Where instants come from. The real one reads the kernel's clocks; tests move theirs by hand.
public protocol TimeSource: Sendable {
    /// The present moment on both clocks. Any thread; never blocks or allocates.
    func now() -> Instant
}

/// A place on an audio timeline, or a length, in 1/48,000 s: one unit fits 8, 16 and 48 kHz without fractions.
public struct AudioPosition: Hashable, Comparable, Sendable, Codable {
    public static let unitsPerSecond: Int64 = 48_000
    /// One media tick of 20 ms.
    public static let tick = AudioPosition(units: 960)
    public static let zero = AudioPosition(units: 0)

    public var units: Int64

    public init(units: Int64) { self.units = units }

    public init(milliseconds: Int64) { units = milliseconds * 48 }

    /// The position after `samples` at `rate` samples a second (a divisor of 48,000).
    public init(samples: Int64, rate: Int64) { units = samples * (Self.unitsPerSecond / rate) }

    /// Whole milliseconds, rounded down.
    public var milliseconds: Int64 { units / 48 }

    /// Seconds, for people.
    public var seconds: Double { Double(units) / Double(Self.unitsPerSecond) }

    /// The sample index at `rate` samples a second (a divisor of 48,000).
    public func samples(rate: Int64) -> Int64 { units / (Self.unitsPerSecond / rate) }

    public static func < (left: Self, right: Self) -> Bool { left.units < right.units }
    public static func + (left: Self, right: Self) -> Self { Self(units: left.units + right.units) }
    public static func - (left: Self, right: Self) -> Self { Self(units: left.units - right.units) }

    public init(from decoder: any Decoder) throws { units = try decoder.singleValueContainer().decode(Int64.self) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(units)
    }
}
