import Glibc

/// Tells talk from silence, tick by tick, against a noise floor that it learns.
///
/// The floor is the least of the smoothed level over the last three seconds: talk has pauses within that time, so it does
/// not lift the floor; a steady noise (an engine, a line's hum, also a tone) does, and is silence thereafter. Talk
/// begins after three loud ticks on end and ends after fifteen quiet ones.
///
/// A value; belongs to the media thread; no allocation.
package struct TalkDetector: Sendable {
    /// Talk stands out from the floor by so many dB, and never lies below `least`.
    static let margin: Float = 10
    static let least: Float = -50
    private static let ticksToBegin = 3
    static let ticksToEnd = 15
    private static let ticksPerBucket = 19

    /// The last tick's level, dBov.
    package private(set) var level = LevelMeter.floor
    /// Whether someone talks.
    package private(set) var isTalk = false
    /// The level from which a tick is loud, dBov.
    package private(set) var threshold = TalkDetector.least
    /// The mean magnitude below which a tick is certainly quiet.
    package private(set) var quietMagnitude = 64

    private var smoothed: Float = -127
    /// Until three seconds were heard, a quiet line is assumed.
    private var minima = SIMD8<Float>(repeating: -60)
    private var bucket = 0
    private var ticks = 0
    private var run = 0

    package init() { updateThreshold() }

    /// Measures one tick.
    /// - Returns: whether someone talks.
    package mutating func measure(_ samples: UnsafePointer<Int16>, count: Int) -> Bool {
        let decibels = LevelMeter.decibels(samples, count: count)
        level = Int(decibels.rounded())
        smoothed = decibels > smoothed ? decibels : smoothed + (decibels - smoothed) * 0.4
        minima[bucket] = min(minima[bucket], smoothed)
        ticks += 1
        if ticks >= Self.ticksPerBucket {
            ticks = 0
            bucket = (bucket + 1) & 7
            minima[bucket] = 0
            updateThreshold()
        }
        let isLoud = decibels >= threshold
        if isLoud == isTalk {
            run = 0
        } else {
            run += 1
            if run >= (isTalk ? Self.ticksToEnd : Self.ticksToBegin) {
                isTalk.toggle()
                run = 0
            }
        }
        return isTalk
    }

    /// The noise floor, dBov, between -70 and -20.
    package var floor: Float { max(-70, min(-20, minima.min())) }

    private mutating func updateThreshold() {
        threshold = max(Self.least, floor + Self.margin)
        // 6 dB below the threshold; noise has a mean magnitude of about 0.8 of its effective value.
        quietMagnitude = Int(0.8 * 32_768 * powf(10, (threshold - 6) / 20))
    }
}

/// Reports talk and silence as `watchSilence` asks for it.
package struct SilenceWatch: Sendable {
    private var limit: Int?
    private var quiet = 0
    private var wasTalk = false
    private var told = false

    package init() {}

    /// - Parameter afterMilliseconds: of silence; nil ends the watch.
    package mutating func set(afterMilliseconds: Int?) {
        limit = afterMilliseconds.map { max(20, $0) }
        quiet = 0
        wasTalk = false
        told = false
    }

    /// One tick of 20 ms went by.
    package mutating func tick(isTalk: Bool, into events: inout ReceiveEventRing) {
        guard let limit else { return }
        defer { wasTalk = isTalk }
        guard !isTalk else {
            if !wasTalk { events.append(.talkStarted) }
            // Silence counts from the last loud tick, not from the moment at which it was sure.
            quiet = (TalkDetector.ticksToEnd - 1) * 20
            told = false
            return
        }
        quiet += 20
        if quiet >= limit, !told {
            told = true
            events.append(.silent(milliseconds: quiet))
        }
    }
}
