/// How a device's frames look.
package struct SoundFormat: Sendable, Hashable {
    /// Frames a second.
    package var rate: Int
    /// 1 or 2.
    package var channels: Int

    package init(rate: Int, channels: Int) {
        self.rate = rate
        self.channels = channels
    }
}

/// What a sound card went through, since it was first opened.
public struct SoundCardStatistics: Sendable, Codable, Hashable {
    /// One of the card's two directions.
    public struct Direction: Sendable, Codable, Hashable {
        /// Frames a second; 0 before the first opening.
        public var rate = 0
        public var channels = 0
        /// Frames moved.
        public var frames: UInt64 = 0
        /// How often the device ran over (capture) or dry (playback).
        public var xruns: UInt64 = 0
        /// Parts per million that the card's clock is fast, as measured; nil until enough is known.
        public var drift: Double?
        /// Parts per million by which the rate is changed now, to follow drift and distance.
        public var correction = 0.0
        /// Milliseconds that the sound stands in the timeline, on the average; nil while no leg uses it.
        public var timelineMilliseconds: Double?
        /// Milliseconds that it stands in the device, as the device says; nil where it does not.
        public var deviceMilliseconds: Double?
        /// Reads that found no samples.
        public var starved: UInt64 = 0
        /// How often the reader had to take up a new place.
        public var jumps: UInt64 = 0
        /// Of the last second, dB below the overload point, -127…0: mean power and highest sample.
        public var level = -127.0
        public var peak = -127.0

        public init() {}

        /// Takes over what is measured; what is counted stays.
        mutating func take(_ measured: Direction) {
            var next = measured
            next.rate = rate
            next.channels = channels
            next.frames = frames
            next.xruns = xruns
            self = next
        }

        /// Milliseconds from one end to the other: timeline and device.
        public var delayMilliseconds: Double? {
            guard let timelineMilliseconds else { return nil }
            return timelineMilliseconds + (deviceMilliseconds ?? 0)
        }
    }

    public var isOpen = false
    /// How often the devices were opened.
    public var openings: UInt64 = 0
    /// How often they were lost while they ran.
    public var losses: UInt64 = 0
    public var capture = Direction()
    public var playback = Direction()

    public init() {}
}
