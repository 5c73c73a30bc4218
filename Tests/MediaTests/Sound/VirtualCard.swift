import Media

/// A link with its memory.
final class LinkBox {
    let link = SoundLinkPointer.allocate(capacity: 1)

    init(_ link: consuming SoundLink = SoundLink()) { self.link.initialize(to: link) }

    deinit {
        link.deinitialize(count: 1)
        link.deallocate()
    }
}

/// A sound card whose clock is off, the thread that serves it with lateness of its own, and the media thread's ticks:
/// all of one line's time, in virtual time. Both directions of the card run by the same crystal.
///
/// A burst of 5 ms stands at the start of each `markTicks`-th tick in what the ticks give, and in the air at each
/// `markTicks`-th multiple of 20 ms of true time; where they come out is noted.
struct VirtualCard: ~Copyable {
    /// What happens besides drift and jitter.
    struct Mishaps {
        /// Every so many seconds the card's thread is away for `lumpMilliseconds`; 0: never.
        var lumpSeconds = 0
        var lumpMilliseconds = 200
        /// Every so many seconds `skippedTicks` ticks are left out; 0: never.
        var skipSeconds = 0
        var skippedTicks = 8
        /// The capture device holds so many milliseconds, then it runs over.
        var captureBufferMilliseconds = 200
    }

    static let markTicks = 500
    private static let nanosecond = 1e-9

    let rate: Int
    let channels: Int
    let speed: Double
    let jitterMilliseconds: Double
    let mishaps: Mishaps
    let link: SoundLinkPointer
    private(set) var bridge: SoundBridge
    private var random: SplitMix64

    // The card.
    private var captured: Int64 = 0
    private var captureOrigin = 0.0
    private var queue: [Int16] = []
    private var queueStart: Int64 = 0
    private var written: Int64 = 0
    private var playOrigin = 0.0
    private var isPlaybackDry = false
    private(set) var captureXruns = 0
    private(set) var playbackXruns = 0

    // What was noted, seconds: when marks left and when they were found.
    private(set) var heardAtTicks: [Double] = []
    private(set) var heardInAir: [Double] = []
    private(set) var missedTicks = 0
    private(set) var missedAfterSettling = 0
    private var tickQuiet = 0
    private var airQuiet = 0
    /// Seconds after which the control has to have settled.
    let settled = 60.0

    /// - Parameter box: outlives the card.
    init(
        _ box: LinkBox, rate: Int, channels: Int, partsPerMillion: Double, jitterMilliseconds: Double,
        mishaps: Mishaps = Mishaps(),
        seed: UInt64
    ) throws {
        self.rate = rate
        self.channels = channels
        speed = 1 + partsPerMillion * 1e-6
        self.jitterMilliseconds = jitterMilliseconds
        self.mishaps = mishaps
        link = box.link
        let format = SoundFormat(rate: rate, channels: channels)
        bridge = try SoundBridge(link: link, capture: format, playback: format)
        random = SplitMix64(seed)
    }

    // MARK: - The run

    /// Lets `seconds` pass.
    mutating func run(seconds: Double) {
        var tick = 0
        // Not in step with the card's periods.
        let tickPhase = 0.0073
        var skipped = 0
        var nextWake = 0.0
        var nextLump = Double(mishaps.lumpSeconds)
        var nextSkip = Double(mishaps.skipSeconds) + 3
        link.pointee.begin()
        let buffer = UnsafeMutablePointer<Int16>.allocate(capacity: rate * channels)
        defer { buffer.deallocate() }
        let samples = UnsafeMutablePointer<Int16>.allocate(capacity: 160)
        defer { samples.deallocate() }
        while true {
            let tickTime = Double(tick) * 0.02 + tickPhase
            if min(tickTime, nextWake) >= seconds { return }
            if tickTime <= nextWake {
                if mishaps.skipSeconds > 0, tickTime >= nextSkip {
                    nextSkip += Double(mishaps.skipSeconds)
                    tick += mishaps.skippedTicks
                    skipped = mishaps.skippedTicks
                    continue
                }
                if skipped > 0 { link.pointee.skip(ticks: skipped) }
                skipped = 0
                serveTick(tick, at: tickTime, samples)
                tick += 1
            } else {
                serveCard(at: nextWake, buffer)
                var pause = 0.02 + random.unit() * jitterMilliseconds / 1000
                if mishaps.lumpSeconds > 0, nextWake >= nextLump {
                    nextLump += Double(mishaps.lumpSeconds)
                    pause += Double(mishaps.lumpMilliseconds) / 1000
                }
                nextWake += pause
            }
        }
    }

    private mutating func serveTick(_ tick: Int, at time: Double, _ samples: UnsafeMutablePointer<Int16>) {
        if link.pointee.take(into: samples) {
            for index in 0..<160 {
                if abs(Int(samples[index])) > 4000 {
                    if tickQuiet > 800 { heardAtTicks.append(time + Double(index) / 8000) }
                    tickQuiet = 0
                } else {
                    tickQuiet += 1
                }
            }
        } else {
            missedTicks += 1
            if time > settled { missedAfterSettling += 1 }
            tickQuiet += 160
        }
        for index in 0..<160 { samples[index] = tick % Self.markTicks == 0 && index < 40 ? 16_000 : 0 }
        link.pointee.give(samples)
    }

    // MARK: - The card and its thread

    private mutating func serveCard(at time: Double, _ buffer: UnsafeMutablePointer<Int16>) {
        let now = Int64(time * 1e9)
        drain(time, now, buffer)
        feed(time, now, buffer)
    }

    private mutating func drain(_ time: Double, _ now: Int64, _ buffer: UnsafeMutablePointer<Int16>) {
        let frames = Int64((time - captureOrigin) * Double(rate) * speed)
        let count = Int(frames - captured)
        if count > rate * mishaps.captureBufferMilliseconds / 1000 {
            captureXruns += 1
            bridge.captureLost()
            captureOrigin = time
            captured = 0
            return
        }
        guard count > 0 else { return }
        for index in 0..<count {
            // The true time in which this frame was in the air.
            let air = captureOrigin + Double(captured + Int64(index)) / (Double(rate) * speed)
            let sinceMark = air.truncatingRemainder(dividingBy: Double(Self.markTicks) * 0.02)
            let sample: Int16 = sinceMark < 0.005 ? 16_000 : 0
            buffer[index * channels] = sample
            // What the right channel hears is not ours.
            if channels > 1 { buffer[index * channels + 1] = 9000 }
        }
        captured = frames
        bridge.captured(buffer, count: count, at: now)
    }

    private mutating func feed(_ time: Double, _ now: Int64, _ buffer: UnsafeMutablePointer<Int16>) {
        play(until: time)
        if isPlaybackDry {
            playbackXruns += 1
            bridge.playbackLost()
            isPlaybackDry = false
            playOrigin = time
            written = 0
            queueStart = 0
        }
        let played = queueStart
        bridge.played(frames: played, at: now)
        let wanted = rate * 80 / 1000 - queue.count
        guard wanted > 0 else { return }
        bridge.fill(buffer, count: wanted, at: now)
        for index in 0..<wanted {
            if channels > 1, buffer[index * channels] != buffer[index * channels + 1] { airQuiet = .min / 2 }
            queue.append(buffer[index * channels])
        }
        written += Int64(wanted)
    }

    /// What the card has played by now is in the air; marks in it are noted.
    private mutating func play(until time: Double) {
        let due = Int64((time - playOrigin) * Double(rate) * speed)
        var count = Int(due - queueStart)
        if count > queue.count {
            count = queue.count
            isPlaybackDry = queueStart > 0
        }
        for index in 0..<count {
            if abs(Int(queue[index])) > 4000 {
                if airQuiet > rate / 10 {
                    heardInAir.append(playOrigin + Double(queueStart + Int64(index)) / (Double(rate) * speed))
                }
                airQuiet = 0
            } else {
                airQuiet += 1
            }
        }
        queue.removeFirst(count)
        queueStart += Int64(count)
    }

    // MARK: - What is read from it

    /// How late each mark was found, seconds: by the ticks, and in the air. Marks of the settling time are left out.
    var delays: (capture: [Double], playback: [Double]) {
        let every = Double(Self.markTicks) * 0.02
        return (
            heardAtTicks.filter { $0 > settled }.map { $0.truncatingRemainder(dividingBy: every) },
            heardInAir.filter { $0 > settled }.map { ($0 - 0.0073).truncatingRemainder(dividingBy: every) }
        )
    }

    var statistics: SoundCardStatistics {
        var statistics = SoundCardStatistics()
        bridge.report(into: &statistics)
        return statistics
    }
}

/// Seeded: what failed once fails again.
struct SplitMix64 {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// 0..<1.
    mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}
