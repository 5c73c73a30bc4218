/// Between one card's frames and the two timelines: mono, 8,000 a second, by the media thread's clock.
///
/// No device is in it: frames come in and go out, with the time as an argument (CLOCK_MONOTONIC, nanoseconds). Used by
/// one thread, the card's. It allocates only when it is made.
package struct SoundBridge: ~Copyable {
    /// Frames taken through the resampler at once.
    private static let piece = 960
    /// Samples read from the playback timeline at once (5 ms): so much is left out where they are late.
    private static let grain = 40
    /// A lost stretch is made up for up to here, samples; beyond, the reader takes up a new place.
    private static let longestRepair = 480_000.0

    private let link: SoundLinkPointer
    private let captureFormat: SoundFormat
    private let playbackFormat: SoundFormat
    private var fromCard: StreamResampler
    private var toCard: StreamResampler
    private let mono: UnsafeMutablePointer<Int16>
    private let resampled: UnsafeMutablePointer<Int16>
    private let waiting: UnsafeMutablePointer<Int16>
    private var waitingStart = 0
    private var waitingCount = 0

    private var captureControl: RateControl
    private var playbackControl: RateControl
    private var captureTicks = TickPhase()
    private var playbackTicks = TickPhase()
    private var capturePlacing: Int64 = -1
    private var playbackStart: Int64 = -1
    private var playbackPlacing: Int64 = -1
    private var isCaptureTorn = false
    private var isPlaybackTorn = false
    private var captureDrift: DriftMeter
    private var playbackDrift: DriftMeter
    private var captureLevel = RunningLevel(rate: 8000)
    private var playbackLevel: RunningLevel
    private var capturedFrames: Int64 = 0

    /// - Throws: `MediaError` with code `.limit` where there is no memory for the resamplers.
    package init(link: SoundLinkPointer, capture: SoundFormat, playback: SoundFormat) throws(MediaError) {
        let fromCard = try StreamResampler(from: capture.rate, to: 8000)
        let toCard = try StreamResampler(from: 8000, to: playback.rate)
        self.fromCard = fromCard
        self.toCard = toCard
        self.link = link
        captureFormat = capture
        playbackFormat = playback
        // The distance is measured after the card's thread has written, against the reader's place by the clock, which
        // is on the average half a period and a tick behind what the target means.
        captureControl = RateControl(setpoint: Double(link.pointee.capture.target + 240))
        playbackControl = RateControl(setpoint: Double(link.pointee.playback.target + 80))
        captureDrift = DriftMeter(rate: capture.rate)
        playbackDrift = DriftMeter(rate: playback.rate)
        playbackLevel = RunningLevel(rate: playback.rate)
        mono = .allocate(capacity: Self.piece)
        mono.initialize(repeating: 0, count: Self.piece)
        // At the lowest rate of a card, 8,000, and the control's limit.
        resampled = .allocate(capacity: 2 * Self.piece)
        resampled.initialize(repeating: 0, count: 2 * Self.piece)
        waiting = .allocate(capacity: Self.grain)
        waiting.initialize(repeating: 0, count: Self.grain)
        link.pointee.capture.beginWriting()
    }

    deinit {
        link.pointee.capture.endWriting()
        mono.deallocate()
        resampled.deallocate()
        waiting.deallocate()
    }

    // MARK: - From the card

    /// Frames have come from the card: all that it had by `now`. Of a stereo card, the left channel is heard.
    package mutating func captured(_ frames: UnsafePointer<Int16>, count: Int, at now: Int64) {
        followReader(at: now)
        if isCaptureTorn {
            isCaptureTorn = false
            mendCapture(before: count, at: now)
        }
        let channels = captureFormat.channels
        var taken = 0
        while taken < count {
            let part = min(Self.piece, count - taken)
            for index in 0..<part { mono[index] = frames[(taken + index) * channels] }
            store(part)
            taken += part
        }
        capturedFrames += Int64(count)
        captureDrift.observe(frames: capturedFrames, at: now)
        guard link.pointee.capture.distance != nil, let reader = captureTicks.position(at: now) else { return }
        let distance = Double(link.pointee.capture.written) - reader
        fromCard.adjust(partsPerMillion: captureControl.update(distance: distance, at: now))
    }

    /// The card has lost frames; the next ones come after them.
    package mutating func captureLost() {
        isCaptureTorn = true
        captureDrift.interrupt()
    }

    private mutating func store(_ count: Int) {
        var start = 0
        while start < count {
            let moved = fromCard.process(
                mono + start, count: count - start, into: resampled, room: 2 * Self.piece)
            captureLevel.add(resampled, count: moved.written)
            link.pointee.capture.write(resampled, count: moved.written)
            start += moved.read
            if moved.read == 0, moved.written == 0 { return }
        }
    }

    /// Where the media thread reads, by the clock; anew where it took up another place.
    private mutating func followReader(at now: Int64) {
        let placing = link.pointee.capture.placings
        if placing != capturePlacing {
            capturePlacing = placing
            captureTicks.reset()
            captureControl.restart(drift: captureDrift.partsPerMillion)
        }
        captureTicks.observe(link.pointee.capture.position, at: now)
    }

    /// Silence for the time that was lost, so that what comes now stands where it belongs.
    private mutating func mendCapture(before count: Int, at now: Int64) {
        guard link.pointee.capture.distance != nil, let reader = captureTicks.position(at: now) else { return }
        let coming = Double(count) * 8000 / Double(captureFormat.rate)
        let missing = captureControl.setpoint - (Double(link.pointee.capture.written) + coming - reader)
        guard missing >= 1, missing < Self.longestRepair else { return }
        link.pointee.capture.writeSilence(count: Int(missing))
        captureControl.relock()
    }

    // MARK: - To the card

    /// Fills in the next `count` frames for the card, the same in all channels; silence where there is nothing to play.
    package mutating func fill(_ frames: UnsafeMutablePointer<Int16>, count: Int, at now: Int64) {
        followWriter(at: now)
        if isPlaybackTorn {
            isPlaybackTorn = false
            mendPlayback(before: count, at: now)
        }
        let channels = playbackFormat.channels
        var made = 0
        while made < count {
            let part = min(Self.piece, count - made)
            make(part, after: count - made - part)
            playbackLevel.add(mono, count: part)
            for index in 0..<part {
                for channel in 0..<channels { frames[(made + index) * channels + channel] = mono[index] }
            }
            made += part
        }
        let placing = link.pointee.playback.placings
        if placing != playbackPlacing {
            playbackPlacing = placing
            playbackTicks.reset()
            playbackTicks.observe(link.pointee.playback.written, at: now)
            playbackControl.restart(drift: playbackDrift.partsPerMillion.map { -$0 })
        }
        guard let distance = playbackDistance(at: now) else { return }
        toCard.adjust(partsPerMillion: playbackControl.update(distance: distance, at: now))
    }

    /// The card ran dry; what is filled in now is heard after a pause.
    package mutating func playbackLost() {
        isPlaybackTorn = true
        playbackDrift.interrupt()
    }

    /// So many of the frames filled in have left the card by `now`.
    package mutating func played(frames: Int64, at now: Int64) { playbackDrift.observe(frames: frames, at: now) }

    /// Puts `count` frames into `mono`.
    /// - Parameter more: frames that are made right after these.
    private mutating func make(_ count: Int, after more: Int) {
        var made = 0
        while made < count {
            if waitingCount == 0 {
                let left = Double(count - made + more) * 8000 / Double(playbackFormat.rate)
                if !link.pointee.playback.read(
                    into: waiting, count: Self.grain, ahead: max(0, Int(left) - Self.grain))
                {
                    waiting.update(repeating: 0, count: Self.grain)
                }
                waitingStart = 0
                waitingCount = Self.grain
            }
            let moved = toCard.process(
                waiting + waitingStart, count: waitingCount, into: mono + made, room: count - made)
            waitingStart += moved.read
            waitingCount -= moved.read
            made += moved.written
        }
    }

    /// Where the media thread writes, by the clock; anew where a leg has begun.
    private mutating func followWriter(at now: Int64) {
        let start = link.pointee.playback.starts
        if start != playbackStart {
            playbackStart = start
            playbackTicks.reset()
        }
        playbackTicks.observe(link.pointee.playback.written, at: now)
    }

    private func playbackDistance(at now: Int64) -> Double? {
        guard link.pointee.playback.distance != nil, let writer = playbackTicks.position(at: now) else { return nil }
        return writer - Double(link.pointee.playback.position - Int64(waitingCount))
    }

    /// Leaves out what would have been heard in the pause, so that the rest is heard when it should be.
    private mutating func mendPlayback(before count: Int, at now: Int64) {
        guard let distance = playbackDistance(at: now) else { return }
        let going = Double(count) * 8000 / Double(playbackFormat.rate)
        let late = distance - going - playbackControl.setpoint
        guard late >= 1, late < Self.longestRepair else { return }
        link.pointee.playback.skip(count: Int(late))
        playbackControl.relock()
    }

    // MARK: - What is known

    /// Writes what is known of the two ways into a card's statistics.
    package func report(into statistics: inout SoundCardStatistics) {
        statistics.capture.drift = captureDrift.partsPerMillion
        statistics.playback.drift = playbackDrift.partsPerMillion
        statistics.capture.correction = captureControl.correction
        statistics.playback.correction = playbackControl.correction
        statistics.capture.level = captureLevel.rms
        statistics.capture.peak = captureLevel.highest
        statistics.playback.level = playbackLevel.rms
        statistics.playback.peak = playbackLevel.highest
        statistics.capture.timelineMilliseconds = captureControl.smoothed.map { $0 / 8 }
        statistics.playback.timelineMilliseconds = playbackControl.smoothed.map { $0 / 8 }
        statistics.capture.starved = link.pointee.capture.starved
        statistics.playback.starved = link.pointee.playback.starved
        statistics.capture.jumps = link.pointee.capture.jumps
        statistics.playback.jumps = link.pointee.playback.jumps
    }
}
